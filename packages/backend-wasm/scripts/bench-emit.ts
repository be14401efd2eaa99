// Throughput of emitted kernels on one thread, as ratios to a memory copy of the same number of elements run between
// them: SELU, a chain of 30 functions, the 81-tap blur, row softmax, a sum. Prints; asserts nothing.
// node --conditions=source scripts/bench-emit.ts [unroll]
import type { Kernel } from "@weft/ir";
import { emitKernel, kernelArgs } from "../src/emit/index.ts";
import { loadStencils } from "../src/stencils.ts";
import { KernelBuilder } from "../testing/build.ts";
import { instantiate, writeArgs } from "../testing/harness.ts";

const stencils = loadStencils("relaxed");
export const memory = new WebAssembly.Memory({ initial: 2000, maximum: 65536, shared: true });
const view = new DataView(memory.buffer);
new Float32Array(memory.buffer).forEach((_, i, all) => (all[i] = ((i * 7919) % 1000) / 250 - 2));
const [, , argument] = process.argv;
const unroll = argument === undefined ? undefined : Number(argument);

export interface Case {
  readonly name: string;
  readonly kernel: Kernel;
  readonly dims: readonly number[];
  readonly params: readonly number[];
  readonly pointers: readonly number[];
  readonly points: number;
  readonly chunk: number;
  readonly elements: number;
}

// Not at equal offsets within a page: loads would wait for stores that only look alike.
const IN = 1 << 16;
const OUT = (64 << 20) + 1088;
let nextArgs = 1024;

export function runner(of: Case): { run: () => void; emitMs: number; bytes: number } {
  const t0 = performance.now();
  const bytes = emitKernel(of.kernel, { stencils, shared: true, unroll });
  const emitMs = performance.now() - t0;
  const k = instantiate(bytes, memory);
  const args = nextArgs;
  nextArgs = (nextArgs + kernelArgs(of.kernel).bytes + 63) & ~63;
  writeArgs(view, args, of.kernel, of.pointers, of.dims, of.params);
  return {
    emitMs,
    bytes: bytes.length,
    run: () => {
      for (let begin = 0; begin < of.points; begin += of.chunk)
        k(args, begin, Math.min(of.points, begin + of.chunk), 0);
    },
  };
}

function selu(n: number): Case {
  const b = new KernelBuilder();
  const i = b.axis("n");
  const [x, y] = [b.buffer("f32"), b.buffer("f32", "write")];
  const at = b.at(0, [1, i]);
  const value = b.load(x, at);
  const [alpha, scale] = [b.param("f32"), b.param("f32")];
  const tail = b.apply("f32", "sub", b.apply("f32", "mul", alpha, b.apply("f32", "exp", value)), alpha);
  const chosen = b.apply("f32", "select", b.apply("mask", "gt", value, b.constant("f32", 0)), value, tail);
  b.over(i).map([], b.store(y, at, b.apply("f32", "mul", scale, chosen)));
  return {
    name: `selu ${n}`,
    kernel: b.build(),
    dims: [n],
    params: [1.6732632423543772, 1.0507009873554805],
    pointers: [IN, OUT],
    points: n,
    chunk: 16384,
    elements: n,
  };
}

function copy(n: number): Case {
  const b = new KernelBuilder();
  const i = b.axis("n");
  const [x, y] = [b.buffer("f32"), b.buffer("f32", "write")];
  b.over(i).map([], b.store(y, b.at(0, [1, i]), b.load(x, b.at(0, [1, i]))));
  return {
    name: `copy ${n}`,
    kernel: b.build(),
    dims: [n],
    params: [],
    pointers: [IN, OUT],
    points: n,
    chunk: 16384,
    elements: n,
  };
}

function chain30(n: number): Case {
  const b = new KernelBuilder();
  const i = b.axis("n");
  const [x, y, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
  const at = b.at(0, [1, i]);
  type Fn = Parameters<KernelBuilder["apply"]>[1];
  const f = (fn: Fn, ...args: number[]): number => b.apply("f32", fn, ...args);
  const [u, v] = [b.load(x, at), b.load(y, at)];
  const [half, five] = [b.constant("f32", 0.5), b.constant("f32", 1.25)];
  const fn = (name: Fn, fallback: Fn): Fn => (stencils.has(`${name}_f32`) ? name : fallback);
  const c = f(fn("sin", "exp"), f("add", f("mul", u, v), half));
  const d = f("mul", c, five);
  const j = f(fn("tanh", "exp"), f("mul", f(fn("log", "exp"), f("add", f("abs", f("sub", d, u)), five)), half));
  const k = f("add", j, v);
  const p = f("div", u, f("sqrt", f("add", f("mul", k, k), five)));
  const t = f("select", b.apply("mask", "gt", p, half), f("exp", f("neg", p)), p);
  const w = f("min", f("max", t, c), d);
  const z = f("mul", f(fn("cos", "exp"), w), t);
  const zz = f("sub", z, j);
  const l = f(fn("log", "exp"), f("add", f("abs", f("add", f("mul", zz, w), z)), five));
  b.over(i).map([], b.store(out, at, f("add", f("mul", l, zz), u)));
  return {
    name: `chain of 30, ${n}`,
    kernel: b.build(),
    dims: [n],
    params: [],
    pointers: [IN, 32 << 20, OUT],
    points: n,
    chunk: 16384,
    elements: n,
  };
}

function blur(): Case {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const [x, w, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
  let sum = -1;
  for (let tap = 0; tap < 81; tap++) {
    const product = b.apply(
      "f32",
      "mul",
      b.load(x, b.at(`t${tap}`, ["stride", r], [1, c])),
      b.load(w, b.at(`w${tap}`)),
    );
    sum = tap === 0 ? product : b.apply("f32", "add", sum, product);
  }
  b.over(r, c).map([], b.store(out, b.at(0, ["cols", r], [1, c]), sum));
  const [rows, cols] = [465, 708];
  const stride = 716;
  const dims: Record<string, number> = { rows, cols, stride };
  for (let tap = 0; tap < 81; tap++)
    [dims[`t${tap}`], dims[`w${tap}`]] = [Math.floor(tap / 9) * stride + (tap % 9), tap];
  return {
    name: "blur 81 taps",
    kernel: b.build(),
    dims: b.values(dims),
    params: [],
    pointers: [IN, 32 << 20, OUT],
    points: rows * cols,
    chunk: 32768,
    elements: rows * cols,
  };
}

function softmax(rows: number, cols: number): Case {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
  const at = b.at(0, ["cols", r], [1, c]);
  const value = b.load(x, at);
  const weight = b.apply("f32", "exp", b.apply("f32", "sub", value, b.result("f32", 0, 0)));
  b.over(r)
    .reduce([c], [{ monoid: "max", lane: "f32", inputs: [value] }])
    .reduce([c], [{ monoid: "sum", lane: "f32", inputs: [weight] }])
    .map([c], b.store(out, at, b.apply("f32", "div", weight, b.result("f32", 1, 0))));
  return {
    name: `softmax ${rows}x${cols}`,
    kernel: b.build(),
    dims: b.values({ rows, cols }),
    params: [],
    pointers: [IN, OUT],
    points: rows,
    chunk: 32,
    elements: rows * cols,
  };
}

function sum(n: number, cube: boolean): Case {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("leaf")];
  const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
  const value = b.load(x, b.at(0, ["leaf", r], [1, c]));
  const input = cube ? b.apply("f32", "mul", b.apply("f32", "mul", value, value), value) : value;
  b.over(r)
    .reduce([c], [{ monoid: "sum", lane: "f32", inputs: [input] }])
    .map([], b.store(out, b.at(0, [1, r]), b.result("f32", 0, 0)));
  const leaf = 16384;
  return {
    name: `sum${cube ? " of cubes" : ""} ${n}`,
    kernel: b.build(),
    dims: b.values({ rows: Math.floor(n / leaf), leaf }),
    params: [],
    pointers: [IN, OUT],
    points: Math.floor(n / leaf),
    chunk: 1,
    elements: n,
  };
}

function columnSum(rows: number, cols: number): Case {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
  b.over(c)
    .reduce([r], [{ monoid: "sum", lane: "f32", inputs: [b.load(x, b.at(0, ["cols", r], [1, c]))] }])
    .map([], b.store(out, b.at(0, [1, c]), b.result("f32", 0, 0)));
  return {
    name: `column sum ${rows}x${cols}`,
    kernel: b.build(),
    dims: b.values({ rows, cols }),
    params: [],
    pointers: [IN, OUT],
    points: cols,
    chunk: 256,
    elements: rows * cols,
  };
}

export const CASES: readonly Case[] = [
  copy(1e5),
  copy(1e6),
  selu(1e5),
  selu(1e6),
  chain30(1e5),
  blur(),
  softmax(4096, 1024),
  sum(1e7, false),
  sum(1e7, true),
  columnSum(1024, 4096),
];

function main(): void {
  const prepared = CASES.map((of) => ({ of, ...runner(of), times: [] as number[] }));
  const rounds = 25;
  for (const { run } of prepared) for (let i = 0; i < 20; i++) run();
  for (let round = 0; round < rounds; round++) {
    for (const { run, times } of prepared) {
      const t0 = performance.now();
      run();
      times.push(performance.now() - t0);
    }
  }
  const nanoseconds = prepared.map(({ of, times }) => (Math.min(...times) * 1e6) / of.elements);
  prepared.forEach(({ of, emitMs, bytes }, i) => {
    const ratio = nanoseconds[i] / nanoseconds[0];
    console.log(
      `${of.name.padEnd(22)} ${ratio.toFixed(2).padStart(8)} copies   ${nanoseconds[i].toFixed(3)} ns an element   ${bytes} bytes, first emission ${emitMs.toFixed(2)} ms`,
    );
  });
  for (let i = 0; i < 200; i++) emitKernel(selu(7).kernel, { stencils, shared: true });
  const t0 = performance.now();
  for (let i = 0; i < 100; i++) emitKernel(prepared[2].of.kernel, { stencils, shared: true });
  console.log(`warm emission of SELU: ${((performance.now() - t0) / 100).toFixed(3)} ms`);
}

if (import.meta.main) main();

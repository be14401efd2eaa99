// Evaluation over two devices: what overlaps, what waits, what a fault poisons, and that nothing is left half done.
import type { Aval, Node } from "@weft/ir";
import {
  aval,
  DeviceError,
  DisposedError,
  leaf,
  NO_PARAMS,
  OutOfMemoryError,
  own,
  record,
  SyncReadError,
} from "@weft/ir";
import { describe, expect, test } from "vitest";
import { readValue, uploadValue } from "../data.ts";
import { evaluate, isOnHost } from "../evaluate.ts";
import { overlap } from "../sim/clock.ts";
import { SimBackend } from "../sim/backend.ts";
import { evictCached, liveArrays } from "../stats.ts";
import type { Duo, DuoOptions } from "../testing/duo.ts";
import { createDuo } from "../testing/duo.ts";
import { f32, matmul, number, op, sum } from "../testing/operations.ts";
import { pairOf } from "./pair.ts";

/** Products belong on the GPU, everything else on the processor: there each launch costs what ten do here. */
const CPU_SPEED = {
  launchNs: 20_000,
  compileNs: 0,
  rate: { light: 0.02, heavy: 0.02, gemm: 0.001, gather: 1, scatter: 1 },
} as const;
const GPU_SPEED = {
  launchNs: 200_000,
  compileNs: 0,
  submitNs: 20_000,
  readNs: 20_000,
  rate: { light: 0.004, heavy: 0.004, gemm: 0.05, gather: 1, scatter: 1 },
} as const;
const duoOf = (options: DuoOptions = {}): Duo =>
  createDuo({ ...options, cpu: { speed: CPU_SPEED, ...options.cpu }, gpu: { speed: GPU_SPEED, ...options.gpu } });

function array(backend: SimBackend, of: Aval, value: (i: number) => number = (i) => (i % 5) / 4 - 0.5): Node {
  const node = leaf(
    of,
    uploadValue(
      backend,
      of,
      Float32Array.from({ length: of.size }, (_, i) => value(i)),
    ),
  );
  own(node);
  return node;
}
const owned = (node: Node): Node => {
  own(node);
  return node;
};
async function read(node: Node): Promise<number[]> {
  const into = new Float32Array(node.aval.size);
  if (node.value === null) throw new Error("no value");
  await readValue(node.value, new Uint8Array(into.buffer));
  return [...into];
}
const total = async (node: Node): Promise<number> => (await read(node)).reduce((a, b) => a + b, 0);

/** Many small loops: each step sums all of x and gives the sum back to it. */
function loops(x: Node, turns: number): Node {
  let y = x;
  for (let i = 0; i < turns; i++) y = op("mul", op("sub", op("sin", y), op("mul", sum(y), number(0.001))), number(0.9));
  return y;
}
/** The same numbers, computed here. */
function loopsHere(x: readonly number[], turns: number): number {
  let y = [...x];
  for (let i = 0; i < turns; i++) {
    const s = y.reduce((a, b) => a + b, 0);
    y = y.map((value) => (Math.sin(value) - s * 0.001) * 0.9);
  }
  return y.reduce((a, b) => a + b, 0);
}

/** Nothing is left but results that are kept while there is room, and those can go. */
function expectEmpty({ cpu, gpu }: Duo): void {
  for (const device of [cpu, gpu]) {
    expect(liveArrays(device)).toEqual([]);
    evictCached(device);
    expect(device.memory().live).toBe(0);
  }
}

describe("both devices", () => {
  test("a program whose halves suit different devices runs on both at once", async () => {
    const duo = duoOf();
    const x = array(duo.cpu, f32(64));
    const m = array(duo.cpu, f32(32, 32));
    const products = owned(matmul(matmul(m, m), m));
    const small = owned(loops(x, 40));
    const result = owned(op("add", sum(products), sum(small)));
    evaluate([products, small, result], duo.pair);
    const [value] = await read(result);
    const n = 32;
    const data = Array.from({ length: n * n }, (_, i) => (i % 5) / 4 - 0.5);
    const product = (a: readonly number[], b: readonly number[]): number[] =>
      a.map((_, at) =>
        Array.from({ length: n }, (__, k) => a[Math.floor(at / n) * n + k] * b[k * n + (at % n)]).reduce(
          (p, q) => p + q,
          0,
        ),
      );
    const expected =
      product(product(data, data), data).reduce((a, b) => a + b, 0) +
      loopsHere(
        Array.from({ length: 64 }, (_, i) => (i % 5) / 4 - 0.5),
        40,
      );
    expect(value).toBeCloseTo(expected, 2);
    const busy = (device: string): number =>
      duo.clock.log
        .filter((span) => span.device === device && span.seq > 0)
        .reduce((time, { from, to }) => time + to - from, 0);
    // each did a good part, and the shorter part ran beside the longer one but for what joins the two
    const shorter = Math.min(busy("wasm"), busy("webgpu"));
    expect(shorter).toBeGreaterThan(1);
    expect(overlap(duo.clock.log, "wasm", "webgpu")).toBeGreaterThan(0.9 * shorter);
    // the GPU was handed its work before the processor had done its own
    const runs = duo.clock.log.filter(({ seq }) => seq > 0);
    const begun = (device: string): number =>
      Math.min(...runs.filter((span) => span.device === device).map(({ from }) => from));
    const ended = Math.max(...runs.filter(({ device, seq }) => device === "wasm" && seq === 1).map(({ to }) => to));
    expect(begun("webgpu")).toBeLessThan(ended);
  });

  test("a value that both read is sent once, and so is a result that comes back", async () => {
    const duo = duoOf();
    const m = array(duo.cpu, f32(32, 32));
    const one = matmul(m, m);
    const two = matmul(one, array(duo.cpu, f32(32, 16)));
    const results = [sum(loops(one, 2)), op("sub", sum(loops(one, 3)), sum(two))].map(owned);
    evaluate(results, duo.pair);
    for (const result of results) await read(result);
    const sent = (lane: string): string[] => duo.clock.log.filter((span) => span.lane === lane).map(({ name }) => name);
    // the results lie on the processor: only the two products came from the GPU, each once though two read the first
    expect(sent("webgpu transfer up").sort()).toEqual(["2048 bytes", "4096 bytes"]);
    expect(sent("webgpu transfer down").sort()).toEqual(["2048 bytes", "4096 bytes"]);
  });

  test("software adapters are not used unless that is allowed, and never beside the processor", async () => {
    const make = (): Duo => duoOf({ gpu: { speed: { ...GPU_SPEED, kind: "gpu-software" } } });
    const refused = make();
    const product = (duo: Duo): Node => owned(sum(matmul(array(duo.cpu, f32(32, 32)), array(duo.cpu, f32(32, 32)))));
    const here = product(refused);
    evaluate([here], refused.pair);
    expect(here.value?.backend).toBe(refused.cpu);
    const allowed = make();
    allowed.pair.software = true;
    const there = product(allowed);
    evaluate([there], allowed.pair);
    expect(allowed.gpu.counters().runs).toBe(1);
    expect(await read(there)).toEqual(await read(here));
  });

  test("two devices that can block give values at once", () => {
    const duo = duoOf({ gpu: { canBlock: true } });
    const m = array(duo.cpu, f32(32, 32));
    const y = owned(sum(matmul(m, m)));
    evaluate([y], duo.pair);
    expect(y.value?.ticket).not.toBeNull();
  });
});

describe("waiting", () => {
  test("what reads results that are on their way waits for them, on one device and on both", async () => {
    const duo = duoOf();
    const m = array(duo.cpu, f32(32, 32));
    const first = owned(loops(matmul(m, m), 2));
    evaluate([first], duo.pair);
    expect(first.value?.backend).toBe(duo.cpu);
    expect(first.value?.ticket?.state).toBe("queued");
    // on the processor alone, under its own name and under auto
    const second = owned(op("mul", first, number(2)));
    evaluate([second], duo.cpu);
    const third = owned(op("add", second, first));
    evaluate([third], duo.pair);
    const fourth = owned(matmul(third, m));
    evaluate([fourth], duo.pair);
    expect(isOnHost([third], duo.pair)).toBe(false);
    expect(() => third.value?.ticket?.help()).toThrow(SyncReadError);
    expect(() => third.value?.ticket?.help()).toThrow("use await x.data() or await deviceGet(tree)");
    const [a, b, c] = [await read(first), await read(second), await read(third)];
    expect(b).toEqual(a.map((value) => Math.fround(value * 2)));
    expect(c).toEqual(a.map((value, i) => Math.fround(b[i] + value)));
    expect(await total(fourth)).not.toBeNaN();
    // it has arrived: from now on it can be read at once
    expect(isOnHost([third], duo.pair)).toBe(true);
    third.value?.ticket?.help();
  });

  test("inputs that are let go of while a run still waits are given back after it, and not before", async () => {
    const duo = duoOf();
    const m = array(duo.cpu, f32(32, 32));
    const x = array(duo.cpu, f32(32, 32), () => 1);
    const y = owned(op("add", loops(matmul(m, m), 2), x));
    evaluate([y], duo.pair);
    const before = duo.cpu.memory().live;
    m.value?.release();
    x.value?.release();
    // the product was handed over; what is added later is needed yet
    expect(duo.cpu.memory().live).toBeGreaterThan(before - 2 * 4096);
    const value = await total(y);
    expect(value).not.toBeNaN();
    y.value?.release();
    expectEmpty(duo);
    expect(() => evaluate([op("neg", x)], duo.pair)).toThrow(DisposedError);
  });

  test("a loop that never awaits queues its turns behind one another, and all of them end", async () => {
    const turns = 20;
    const once = async (awaits: boolean): Promise<number[]> => {
      const duo = duoOf();
      const m = array(duo.cpu, f32(32, 32), (i) => ((i % 7) - 3) / 30);
      let x = array(duo.cpu, f32(32, 32));
      for (let i = 0; i < turns; i++) {
        const before = x;
        // to the GPU and back in every turn
        x = owned(op("sin", loops(matmul(x, m), 1)));
        evaluate([x], duo.pair);
        before.value?.release();
        if (awaits) await x.value?.ticket?.wait();
        else expect(() => x.value?.ticket?.help()).toThrow(SyncReadError);
      }
      expect(duo.pair.counters.plans).toBeLessThanOrEqual(2);
      const values = await read(x);
      expect([duo.gpu.counters().runs, duo.cpu.counters().runs]).toEqual([turns, turns]);
      for (const node of [x, m]) node.value?.release();
      expectEmpty(duo);
      return values;
    };
    expect(await once(false)).toEqual(await once(true));
  });

  test("results that are let go of before they are there are given back once they are", async () => {
    const duo = duoOf();
    const m = array(duo.cpu, f32(32, 32));
    const y = owned(loops(matmul(m, m), 2));
    const ticket = evaluate([y], duo.pair);
    y.value?.release();
    m.value?.release();
    await ticket?.wait();
    expectEmpty(duo);
  });
});

describe("faults", () => {
  /** a: products on the GPU. b: loops on the processor. c reads both, d reads b, e reads a on the GPU. */
  function program(duo: Duo): Record<"a" | "b" | "c" | "d" | "e", Node> {
    const m = array(duo.cpu, f32(32, 32));
    const x = array(duo.cpu, f32(64));
    const a = owned(matmul(m, m));
    const b = owned(loops(x, 3));
    const c = owned(op("add", sum(loops(a, 2)), sum(b)));
    const d = owned(op("neg", b));
    const e = owned(matmul(a, m));
    return { a, b, c, d, e };
  }
  const states = async (nodes: Readonly<Record<string, Node>>): Promise<string> => {
    const found: string[] = [];
    for (const [name, node] of Object.entries(nodes))
      found.push(
        `${name} ${await read(node).then(
          () => "there",
          (error: Error) => error.constructor.name,
        )}`,
      );
    return found.join(", ");
  };
  const run = (duo: Duo): Record<string, Node> => {
    const nodes = program(duo);
    evaluate(Object.values(nodes), duo.pair);
    return nodes;
  };

  test("without one everything is there", async () => {
    expect(await states(run(duoOf()))).toBe("a there, b there, c there, d there, e there");
  });

  test("a run that fails on the GPU fails what reads it, on either device", async () => {
    expect(await states(run(duoOf({ gpuFaults: [{ at: 1, fault: "trap" }] })))).toBe(
      "a DeviceError, b there, c DeviceError, d there, e DeviceError",
    );
  });

  test("a run that fails on the processor fails what reads it, and the GPU's results are there", async () => {
    expect(await states(run(duoOf({ cpuFaults: [{ at: 1, fault: "trap" }] })))).toBe(
      "a there, b DeviceError, c DeviceError, d DeviceError, e there",
    );
  });

  test("a device that is lost fails what was there, and later evaluations work", async () => {
    const duo = duoOf({ gpuFaults: [{ at: 1, fault: "lost" }] });
    const nodes = run(duo);
    expect(await states(nodes)).toBe("a DeviceError, b there, c DeviceError, d there, e DeviceError");
    // readers of what failed fail with its error, at once or later
    const reader = owned(op("add", nodes.c, nodes.d));
    evaluate([reader], duo.pair);
    await expect(read(reader)).rejects.toThrow("the device was lost during run 1");
    expect(await states(run(duo))).toBe("a there, b there, c there, d there, e there");
  });

  test("a transfer that fails fails what reads what it carries", async () => {
    class Flaky extends SimBackend {
      failing = true;
      override async read(...args: Parameters<SimBackend["read"]>): Promise<void> {
        if (this.failing) throw new DeviceError("flaky: the cable was pulled");
        await super.read(...args);
      }
    }
    const { cpu, gpu, clock } = duoOf();
    const flaky = new Flaky({ profile: gpu.profile, clock, canBlock: false });
    const duo: Duo = { clock, cpu, gpu: flaky, pair: pairOf(cpu, flaky) };
    const nodes = program(duo);
    const ticket = evaluate(Object.values(nodes), duo.pair);
    await expect(nodes.c.value?.ticket?.wait()).rejects.toThrow("flaky: the cable was pulled");
    await expect(ticket?.wait()).rejects.toThrow("the cable was pulled");
    flaky.failing = false;
    expect(await states(nodes)).toBe("a there, b there, c DeviceError, d there, e there");
  });

  test("too little memory on one device is an error at once, and nothing is half done", () => {
    for (const [side, limits] of [
      ["gpu", { totalBytes: 9000 }],
      ["cpu", { totalBytes: 9000 }],
    ] as const) {
      const duo = duoOf({ [side]: { limits } });
      const m = array(duo.cpu, f32(32, 32));
      const before = [duo.cpu.memory().live, duo.gpu.memory().live];
      const y = owned(loops(matmul(matmul(m, m), matmul(m, op("add", m, number(1)))), 2));
      expect(() => evaluate([y], duo.pair)).toThrow(OutOfMemoryError);
      expect(() => evaluate([y], duo.pair)).toThrow(side === "gpu" ? "do not fit on webgpu" : "do not fit on wasm");
      expect([duo.cpu.memory().live, duo.gpu.memory().live]).toEqual(before);
      expect([duo.cpu.counters().runs, duo.gpu.counters().runs]).toEqual([0, 0]);
      expect(y.value).toBeNull();
    }
  });

  test("arrays of a third device are refused by name", () => {
    const duo = duoOf();
    const other = duoOf({ cpu: { speed: { ...CPU_SPEED, id: "elsewhere" } } });
    const x = array(other.cpu, f32(4));
    expect(() => evaluate([op("neg", x)], duo.pair)).toThrow(
      "auto: an array lies on elsewhere, and parts are placed on wasm and webgpu; move it with devicePut",
    );
  });
});

test("what a GPU refuses to compile goes to the processor", async () => {
  class Picky extends SimBackend {
    override compile(...args: Parameters<SimBackend["compile"]>): ReturnType<SimBackend["compile"]> {
      if (args[0].steps.some(({ kind }) => kind === "gemm"))
        throw new DeviceError("picky: no window makes this small enough to bind");
      return super.compile(...args);
    }
  }
  const { cpu, gpu, clock } = duoOf();
  const picky = new Picky({ profile: gpu.profile, clock, canBlock: false });
  const m = array(cpu, f32(32, 32));
  const y = owned(sum(matmul(m, m)));
  evaluate([y], pairOf(cpu, picky));
  expect(y.value?.backend).toBe(cpu);
  expect(await total(y)).not.toBeNaN();
  // asked for on the GPU itself, it is an error
  const z = owned(sum(matmul(m, record("neg", NO_PARAMS, [m]))));
  const there = leaf(aval("float32", [32, 32]), uploadValue(picky, aval("float32", [32, 32]), new Float32Array(1024)));
  expect(() => evaluate([owned(matmul(there, there))], picky)).toThrow("picky: no window");
  expect(z.value).toBeNull();
});

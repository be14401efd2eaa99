// float16 on the adapter, exhaustively and in both forms: every half is loaded as its value and stored as its bits, and
// float32 of every kind is rounded as ir rounds it, to the bit. array<f16> is tested where the adapter has shader-f16.
import { halfBits, halfValue, roundHalf } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import type { Memory } from "../../testing/dawn.ts";
import { openAdapter, report, runWgsl } from "../../testing/dawn.ts";
import { emitWgsl } from "./index.ts";

const adapter = await openAdapter();
if (adapter !== null && !adapter.f16) report(`${adapter.name} has no shader-f16: array<f16> is emitted, not run`);
const forms = [false, ...(adapter?.f16 === true ? [true] : [])];

/** A map from one storage to another, by a function or as it is. */
function mapping(from: "f16" | "f32", to: "f16" | "f32", rounds: boolean) {
  const b = new KernelBuilder();
  const i = b.axis("n");
  const value = b.load(b.buffer(from), b.at(0, [1, i]));
  const out = b.buffer(to, "write");
  b.over(i).map([], b.store(out, b.at(0, [1, i]), rounds ? b.apply("f32", "roundHalf", value) : value));
  return b;
}
async function run(b: KernelBuilder, input: Memory, output: Memory, f16: boolean): Promise<Memory> {
  if (adapter === null) return output;
  const results = await runWgsl(
    adapter,
    b.build(),
    { dims: b.values({ n: input.length }), params: [], buffers: [input, output] },
    { f16, offset: 1 },
  );
  return results[1];
}

const word = new DataView(new ArrayBuffer(4));
function above(x: number, units: number): number {
  word.setFloat32(0, x);
  word.setInt32(0, word.getInt32(0) + units);
  return word.getFloat32(0);
}
/** Every half, the middle to the next one and what lies beside it; no float32 that an adapter may flush. */
function samples(): Float32Array {
  const values: number[] = [
    0,
    Infinity,
    NaN,
    65536,
    1e10,
    3e38,
    1e-30,
    2 ** -25,
    above(2 ** -25, 1),
    above(2 ** -25, -1),
  ];
  for (let i = 0; i < 0x7c00; i++) {
    const [x, next] = [halfValue(i), i === 0x7bff ? 65536 : halfValue(i + 1)];
    const middle = (x + next) / 2;
    values.push(x, above(middle, -1), middle, above(middle, 1));
  }
  return Float32Array.from([...values, ...values.map((x) => -x)]);
}

describe.skipIf(adapter === null)("float16", () => {
  describe.each(forms)("with array<f16>: %s", (f16) => {
    it("loads every half", async () => {
      const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
      const wide = await run(mapping("f16", "f32", false), new Float16Array(bits.buffer), new Float32Array(65536), f16);
      const wrong = [...bits].filter((half) => !Object.is(wide[half], halfValue(half)));
      expect(wrong).toEqual([]);
    });

    it("stores the nearest half", async () => {
      const input = samples();
      const halves = await run(mapping("f32", "f16", false), input, new Float16Array(input.length), f16);
      const bits = new Uint16Array(halves.buffer);
      const wrong: string[] = [];
      input.forEach((x, i) => {
        const [got, wanted] = [bits[i], halfBits(x)];
        if (got !== wanted && !(Number.isNaN(x) && (got & 0x7fff) === wanted))
          wrong.push(`${x}: ${got.toString(16)} instead of ${wanted.toString(16)}`);
      });
      expect(wrong.slice(0, 8)).toEqual([]);
    });

    it("rounds to halves in float32", async () => {
      const input = samples();
      const rounded = await run(mapping("f32", "f32", true), input, new Float32Array(input.length), f16);
      const wrong: string[] = [];
      input.forEach((x, i) => {
        if (!Object.is(rounded[i], roundHalf(x))) wrong.push(`${x}: ${rounded[i]} instead of ${roundHalf(x)}`);
      });
      expect(wrong.slice(0, 8)).toEqual([]);
    });
  });
});

describe("the forms of float16 storage", () => {
  const kernel = mapping("f16", "f16", false).build();
  const code = (f16: boolean): string => emitWgsl(kernel, { f16, subgroups: false, maxStorageBuffers: 8 }).code;

  it("is array<f16> with shader-f16, one point an invocation", () => {
    expect(code(true)).toContain("enable f16;");
    expect(code(true)).toContain("var<storage, read_write> b1: array<f16>;");
    expect(code(true)).not.toContain("atomic");
  });

  it("is two halves a word without, and whole words are written at once", () => {
    expect(code(false)).not.toMatch(/\bf16\b/);
    expect(code(false)).toContain("var<storage, read> b0: array<u32>;");
    expect(code(false)).toContain("var<storage, read_write> b1: array<atomic<u32>>;");
    expect(code(false)).toContain("atomicStore(&b1[(first0 >> 1u) + 1u], word0[1]);");
  });

  it("asks for nothing where a kernel has no halves", () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    b.over(i).map([], b.store(b.buffer("f32", "write"), b.at(0, [1, i]), b.constant("f32", 1)));
    expect(emitWgsl(b.build(), { f16: true, subgroups: false, maxStorageBuffers: 8 }).code).not.toContain("f16");
  });
});

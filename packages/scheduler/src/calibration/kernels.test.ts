// The exercises of calibration do what they are said to do, in range, on the interpreter.
import { describe, expect, test } from "vitest";
import type { Step } from "@weft/ir";
import { STORAGE_BYTES, verifyKernel } from "@weft/ir";
import { createInterpreter } from "../interpreter/index.ts";
import type { Exercise } from "./kernels.ts";
import { gemm, heavy, light, moved, repeated, stream, tiny, unseen } from "./kernels.ts";

const EXERCISES: Readonly<Record<string, Exercise>> = {
  tiny: tiny(),
  stream: stream(true),
  light: light(),
  heavy: heavy(),
  gather: moved("gather"),
  scatter: moved("scatter"),
  gemm: gemm(() => 0),
};

/** Runs an exercise once and returns the buffers as float32. */
function run({ bytes, prepare, step }: Exercise): Float32Array[] {
  const device = createInterpreter();
  const buffers = bytes.map((size) => device.alloc(size));
  for (const one of [...prepare, step])
    device.run(device.compile(repeated(one, bytes.length, 1)), { buffers, slots: [] }).help();
  return buffers.map((buffer) => {
    const into = new Float32Array(buffer.bytes / 4);
    device.readSync(buffer, new Uint8Array(into.buffer));
    return into;
  });
}

describe("exercises", () => {
  test.for(Object.entries(EXERCISES))("%s stays in its buffers", ([, { bytes, prepare, step }]) => {
    const check = (one: Step): void => {
      if (one.kind !== "kernel") return;
      const lengths = one.places.map(({ buffer }, i) => bytes[buffer] / STORAGE_BYTES[one.kernel.buffers[i].storage]);
      verifyKernel(one.kernel, { dims: one.dims as number[], lengths });
    };
    expect(() => [...prepare, step].forEach(check)).not.toThrow();
  });

  test("what is worked on is neither zero nor beyond float32", () => {
    for (const exercise of [light(), heavy(), tiny()]) {
      const [from, to] = run(exercise);
      expect(new Set(from.subarray(0, 16)).size).toBe(16);
      expect(to.every(Number.isFinite)).toBe(true);
      expect(new Set(to.subarray(1, 9)).size).toBeGreaterThan(1);
    }
  });

  test("gathering and scattering are permutations, inverse to each other, without runs", () => {
    const [from, places, gathered] = run(moved("gather"));
    const [, , scattered] = run(moved("scatter"));
    const index = new Int32Array(places.buffer);
    expect(new Set(index).size).toBe(index.length);
    expect([...index.subarray(0, 64)].every((place, i) => i === 0 || Math.abs(place - index[i - 1]) > 1024)).toBe(true);
    expect(gathered.every((x, i) => x === from[index[i]])).toBe(true);
    expect(from.every((x, i) => scattered[index[i]] === x)).toBe(true);
  });

  test("every unseen kernel has a key of its own", () => {
    const keys = [1, 2, 3].map((number) => {
      const step = unseen(number);
      return step.kind === "kernel" ? step.key : "";
    });
    expect(new Set(keys).size).toBe(3);
  });
});

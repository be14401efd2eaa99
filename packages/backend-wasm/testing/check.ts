// Compares emitted kernels with the interpreter in every build, memory and unrolling, whole and cut at odd places.
import type { Kernel, Lane, StorageType } from "@weft/ir";
import { expect } from "vitest";
import type { RunOptions } from "./harness.ts";
import { pointsOf, runEmitted } from "./harness.ts";
import type { KernelInputs, Memory } from "./interpreter.ts";
import { interpret } from "./interpreter.ts";

export const LANE: Record<StorageType, Lane> = {
  bool: "mask",
  i32: "i32",
  u32: "u32",
  f16: "f32",
  f32: "f32",
  f64: "f64",
};
export const STORAGES: readonly StorageType[] = ["bool", "i32", "u32", "f16", "f32", "f64"];

let seed = 1;
export const random = (): number => (seed = Math.imul(seed, 1103515245) + 12345) >>> 8;

export function memoryOf(storage: StorageType, length: number, fill: (i: number) => number): Memory {
  if (storage === "bool") return Uint8Array.from({ length }, (_, i) => (fill(i) === 0 ? 0 : 1));
  if (storage === "i32") return Int32Array.from({ length }, (_, i) => fill(i));
  if (storage === "u32") return Uint32Array.from({ length }, (_, i) => fill(i));
  if (storage === "f16") return Float16Array.from({ length }, (_, i) => fill(i));
  if (storage === "f32") return Float32Array.from({ length }, (_, i) => fill(i));
  return Float64Array.from({ length }, (_, i) => fill(i));
}

export const noise = (storage: StorageType, length: number): Memory =>
  memoryOf(
    storage,
    length,
    () => (storage === "u32" ? random() % 100 : (random() % 200) - 100) * (storage.startsWith("f") ? 0.25 : 1),
  );
export const blank = (storage: StorageType, length: number): Memory => memoryOf(storage, length, () => 0);
const bitsOf = (memory: Memory): Uint8Array => new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
const clone = (inputs: KernelInputs): KernelInputs => ({
  ...inputs,
  buffers: inputs.buffers.map((buffer) => buffer.slice()),
});

function expectClose(actual: Memory, expected: Memory, tolerance: number): void {
  // what is near the middle between two halves may round to either
  const allowed = expected instanceof Float16Array ? Math.max(tolerance, 2 ** -10) : tolerance;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i], expected[i]];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= allowed * (1 + Math.abs(b)))) throw new Error(`element ${i}: ${a} instead of ${b}`);
  }
}

/** Runs every build, memory and unrolling against the interpreter, and odd cuts against the whole. */
export function check(kernel: Kernel, inputs: KernelInputs, tolerance = 1e-5): readonly Memory[] {
  const expected = clone(inputs);
  interpret(kernel, expected);
  const points = pointsOf(kernel, inputs.dims);
  const cuts = [1, 2, 7, 11, 23, 64].filter((cut) => cut < points);
  for (const build of ["base", "relaxed"] as const) {
    for (const unroll of [undefined, 1, 2]) {
      const options: RunOptions = { build, unroll, shared: build === "relaxed" };
      const whole = runEmitted(kernel, clone(inputs), options);
      whole.forEach((memory, i) => expectClose(memory, expected.buffers[i], tolerance));
      const pieces = runEmitted(kernel, clone(inputs), { ...options, cuts: [...cuts, points] });
      pieces.forEach((memory, i) => expect(bitsOf(memory)).toEqual(bitsOf(whole[i])));
    }
  }
  return expected.buffers;
}

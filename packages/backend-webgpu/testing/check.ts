// Compares generated kernels on the adapter with the interpreter of Kernels, in every variant and with offset windows.
import type { Kernel, Lane, StorageType } from "@weft/ir";
import { emitWgsl, walksOf, wideBuffers } from "../src/wgsl/index.ts";
import type { Adapter, KernelInputs, Memory, RunOptions } from "./dawn.ts";
import { memoryOf, runWgsl } from "./dawn.ts";
import { interpreted } from "./oracle.ts";

export const LANE = { bool: "mask", i32: "i32", u32: "u32", f16: "f32", f32: "f32" } as const satisfies Partial<
  Record<StorageType, Lane>
>;
export type GpuStorage = keyof typeof LANE;
export const STORAGES = ["bool", "i32", "u32", "f16", "f32"] as const satisfies readonly GpuStorage[];

let seed = 1;
export const random = (): number => (seed = Math.imul(seed, 1103515245) + 12345) >>> 8;

export const noise = (storage: GpuStorage, length: number): Memory =>
  memoryOf(
    storage,
    length,
    () =>
      (storage === "u32" ? random() % 100 : (random() % 200) - 100) *
      (storage === "f32" || storage === "f16" ? 0.25 : 1),
  );
export const blank = (storage: GpuStorage, length: number): Memory => memoryOf(storage, length, () => 0);

const clone = (inputs: KernelInputs): KernelInputs => ({
  ...inputs,
  buffers: inputs.buffers.map((buffer) => buffer.slice()),
});

export function expectClose(actual: Memory, expected: Memory, tolerance: number, where: () => string): void {
  // what is near the middle between two halves may round to either
  const allowed = expected instanceof Float16Array ? Math.max(tolerance, 2 ** -10) : tolerance;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i], expected[i]];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= allowed * (1 + Math.abs(b))))
      throw new Error(`element ${i}: ${a} instead of ${b}\n${where()}`);
  }
}

/** Throws where a variant differs from the interpreter. */
export async function check(
  adapter: Adapter | null,
  kernel: Kernel,
  inputs: KernelInputs,
  tolerance = 1e-5,
): Promise<readonly Memory[]> {
  const expected = interpreted(kernel, inputs);
  // without an adapter the suite is skipped before it comes here
  if (adapter === null) return expected;
  const forms: RunOptions[] = [{ offset: 0 }, { offset: 3 }, { variant: "group", offset: 3 }];
  if (adapter.subgroups && kernel.phases.some(({ kind }) => kind === "reduce"))
    forms.push({ variant: "group", subgroups: true });
  if (adapter.f16 && kernel.buffers.some(({ storage }) => storage === "f16"))
    forms.push({ f16: true, offset: 3 }, { f16: true, variant: "group" });
  const walks = walksOf(kernel, [...inputs.dims], "point");
  if (walks !== null) forms.push({ walks });
  for (const offset of [0, 8]) {
    const bases = kernel.buffers.map(() => offset);
    const wide = wideBuffers(kernel, [...inputs.dims], bases);
    if (wide !== null) forms.push({ offset, wide });
  }
  for (const form of forms) {
    const actual = await runWgsl(adapter, kernel, clone(inputs), form);
    const text = (): string => emitWgsl(kernel, { f16: false, subgroups: false, maxStorageBuffers: 64, ...form }).code;
    actual.forEach((memory, i) =>
      expectClose(memory, expected[i], tolerance, () => `buffer ${i}, ${JSON.stringify(form)}\n${text()}`),
    );
  }
  return expected;
}

// What tests of the whole device share: segments of handmade kernels, their values worked out in JavaScript, and
// buffers in and out. Used by tests only.
import type { Backend, Buffer, DimValue, ParamValue, Segment, Step } from "@weft/ir";

import type { WasmBackend } from "../../src/backend.ts";
import type { WasmProgram } from "../../src/program.ts";
import { reverse, scale } from "./handmade.ts";

/** A place at a buffer's beginning. */
export const at = (buffer: number): { buffer: number; offset: number } => ({ buffer, offset: 0 });

/** A step of a handmade kernel. */
export function kernelStep(
  which: typeof scale,
  places: readonly number[],
  dims: readonly DimValue[],
  params: readonly ParamValue[],
  points: number,
  work = points * 8,
): Step {
  return { kind: "kernel", kernel: which.kernel, key: which.key, dims, params, places: places.map(at), points, work };
}

export const segment = (steps: readonly Step[], buffers: number, slots = 0): Segment => ({ steps, buffers, slots });

/** Ten steps that read each other's chunks: from buffer 0 through 1 and 2 to 1. */
export function chain(n: number): Segment {
  const steps = [kernelStep(scale, [0, 1], [3], [1.5], n)];
  for (let i = 0; i < 4; i++) {
    steps.push(kernelStep(reverse, [1, 2], [n], [], n), kernelStep(scale, [2, 1], [i], [1.25], n));
  }
  steps.push({ kind: "copy", from: at(1), to: at(2), bytes: n * 4 });
  return segment(steps, 3);
}

/** What `chain` makes of its input. */
export function chainModel(input: Float32Array): Float32Array {
  let values = input.map((x) => Math.fround(x * 1.5) + 3);
  for (let i = 0; i < 4; i++) values = values.toReversed().map((x) => Math.fround(x * 1.25) + i);
  return values;
}

export function floatsOf(backend: Backend, buffer: Buffer): Float32Array {
  const result = new Float32Array(buffer.bytes / 4);
  backend.readSync(buffer, new Uint8Array(result.buffer));
  return result;
}

export const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 1000) / 7);

export function buffersOf(backend: Backend, n: number, count: number): Buffer[] {
  return Array.from({ length: count }, () => backend.alloc(n * 4));
}

/** One step that scales buffer 0 into buffer 1 by slot 0, plus slot 1. */
export function scaleProgram(backend: WasmBackend, n: number, work = n * 8): WasmProgram {
  const dims = [{ base: 0, terms: [{ slot: 1, coef: 1 }] }];
  return backend.compile(segment([kernelStep(scale, [0, 1], dims, [{ slot: 0 }], n, work)], 2, 2));
}

/** Waits, letting events in, until the condition holds; throws if it does not come to. */
export async function untilTrue(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 4000 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  if (!condition()) throw new Error(`waited in vain until ${condition.toString()}`);
}

export async function lanesReady(backend: WasmBackend): Promise<void> {
  await untilTrue(() => backend.counters().lanesReady === backend.threads);
}

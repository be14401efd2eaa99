// Runs emitted kernels in tests: lays buffers out in a memory with guard bytes around each, cuts the grid, and returns
// what the buffers hold afterwards.
import type { Kernel } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import { emitKernel, kernelArgs } from "../src/emit/index.ts";
import type { Build } from "../src/stencils.ts";
import { loadStencils } from "../src/stencils.ts";
import type { KernelInputs, Memory } from "./interpreter.ts";

const GUARD = 0xa5;
/** Not a multiple of 16: nothing may depend on alignment. */
const GAP = 72;

export interface RunOptions {
  readonly build?: Build;
  readonly shared?: boolean;
  readonly unroll?: number;
  /** Ends of the ranges the grid is cut into, ascending; the last is the number of points. */
  readonly cuts?: readonly number[];
}

export function pointsOf(kernel: Kernel, dims: readonly number[]): number {
  return kernel.grid.reduce((points, axis) => {
    const { size } = kernel.axes[axis];
    return points * ("lit" in size ? size.lit : dims[size.dim]);
  }, 1);
}

export const memories = {
  create: (pages: number, shared: boolean): WebAssembly.Memory =>
    shared
      ? new WebAssembly.Memory({ initial: pages, maximum: 65536, shared })
      : new WebAssembly.Memory({ initial: pages }),
};

export type Callable = (args: number, begin: number, end: number, scratch: number) => void;

export function instantiate(bytes: Uint8Array, memory: WebAssembly.Memory): Callable {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), {
    env: { memory },
  });
  return instance.exports.k as Callable;
}

/** Writes the arguments of a kernel at `at`. */
export function writeArgs(
  view: DataView,
  at: number,
  kernel: Kernel,
  pointers: readonly number[],
  dims: readonly number[],
  params: readonly number[],
): void {
  const layout = kernelArgs(kernel);
  pointers.forEach((pointer, i) => view.setUint32(at + layout.pointer(i), pointer, true));
  dims.forEach((dim, i) => view.setInt32(at + layout.dim(i), dim, true));
  params.forEach((param, i) => {
    const cell = at + layout.param(i);
    const lane = kernel.params[i];
    if (lane === "f64") view.setFloat64(cell, param, true);
    else if (lane === "f32") view.setFloat32(cell, param, true);
    else if (lane === "mask") view.setInt32(cell, param === 0 ? 0 : -1, true);
    else view.setInt32(cell, param | 0, true);
  });
}

/** The buffers after running the emitted kernel; throws if a byte around them changed. */
export function runEmitted(kernel: Kernel, inputs: KernelInputs, options: RunOptions = {}): Memory[] {
  const { build = "base", shared = false, unroll } = options;
  const bytes = emitKernel(kernel, { stencils: loadStencils(build), shared, unroll });
  const args = 1024;
  let end = args + kernelArgs(kernel).bytes + GAP;
  const pointers = inputs.buffers.map((buffer) => {
    const at = (end + 7) & ~7;
    end = at + buffer.byteLength + GAP;
    return at;
  });
  const memory = memories.create(Math.ceil((end + 64) / 65536), shared);
  const all = new Uint8Array(memory.buffer);
  all.fill(GUARD);
  writeArgs(new DataView(memory.buffer), args, kernel, pointers, inputs.dims, inputs.params);
  inputs.buffers.forEach((buffer, i) =>
    all.set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength), pointers[i]),
  );
  const k = instantiate(bytes, memory);
  const before = all.slice(0, end);
  let begin = 0;
  for (const cut of options.cuts ?? [pointsOf(kernel, inputs.dims)]) {
    k(args, begin, cut, 0);
    begin = cut;
  }
  const inBuffer = new Uint8Array(end);
  inputs.buffers.forEach((buffer, i) => {
    if (kernel.buffers[i].access !== "read") inBuffer.fill(1, pointers[i], pointers[i] + buffer.byteLength);
  });
  for (let i = 0; i < end; i++)
    if (inBuffer[i] === 0 && all[i] !== before[i])
      throw new Error(`byte ${i} changed outside of the outputs (buffers at ${pointers.join()})`);
  return inputs.buffers.map((buffer, i) => {
    const copy = all.slice(pointers[i], pointers[i] + buffer.length * STORAGE_BYTES[kernel.buffers[i].storage]);
    return new (buffer.constructor as new (bytes: ArrayBufferLike) => Memory)(copy.buffer);
  });
}

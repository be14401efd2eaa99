// Where a kernel's arguments lie: u32 pointers, i32 dims, then params in cells of 8 bytes. The one place that
// knows; the backend writes such structs and the emitted code reads them.
import type { Kernel } from "@weft/ir";

/** Byte offsets into the arguments of one kernel. Structs are aligned to 8 bytes. */
export interface KernelArgs {
  readonly bytes: number;
  /** A u32 byte address. */
  pointer(buffer: number): number;
  /** An i32. */
  dim(id: number): number;
  /** f64 takes the whole cell, f32, i32 and u32 its first four bytes, a mask is an i32: 0 or −1. */
  param(slot: number): number;
}

/**
 * The layout of a kernel's arguments.
 * @example kernelArgs(kernel).param(0) // where the first run-time scalar is written
 */
export function kernelArgs(kernel: Kernel): KernelArgs {
  const dims = kernel.buffers.length * 4;
  const params = (dims + kernel.dims * 4 + 7) & ~7;
  return {
    bytes: params + kernel.params.length * 8,
    pointer: (buffer) => buffer * 4,
    dim: (id) => dims + id * 4,
    param: (slot) => params + slot * 8,
  };
}

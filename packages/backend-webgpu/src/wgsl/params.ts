// The uniform struct of a kernel: number of points, constants that WGSL cannot spell, base offsets, dims, params.
import type { Kernel, Lane } from "@weft/ir";
import { InternalError } from "@weft/ir";

const FIXED = ["points: u32", "zero: u32", "inf: f32", "nan: f32"] as const;
const MEMBER: Record<Lane, string> = { mask: "u32", i32: "i32", u32: "u32", f32: "f32", f64: "f64" };

/** The declaration of the struct. `zero` is 0 but compilers cannot know, which makes it a barrier (`opaque`). */
export function paramStruct({ buffers, dims, params }: Kernel): string {
  const members = [
    ...FIXED,
    ...buffers.map((_, i) => `o${i}: i32`),
    ...Array.from({ length: dims }, (_, i) => `d${i}: i32`),
    ...params.map((lane, i) => `p${i}: ${MEMBER[lane]}`),
  ];
  return `struct Params { ${members.join(", ")} }\n@group(0) @binding(0) var<uniform> P: Params;`;
}

export const paramWords = ({ buffers, dims, params }: Kernel): number =>
  FIXED.length + buffers.length + dims + params.length;

/** Product of the grid's extents. */
export function pointsOf({ axes, grid }: Kernel, dims: ArrayLike<number>): number {
  let points = 1;
  for (const axis of grid) {
    const { size } = axes[axis];
    points *= "lit" in size ? size.lit : dims[size.dim];
  }
  return points;
}

export function writeParams(
  kernel: Kernel,
  words: DataView,
  dims: ArrayLike<number>,
  params: readonly number[],
  baseOffsets: readonly number[],
): void {
  if (dims.length < kernel.dims || params.length < kernel.params.length || baseOffsets.length < kernel.buffers.length)
    throw new InternalError(
      `kernel: ${dims.length} dims, ${params.length} params, ${baseOffsets.length} buffers; ` +
        `expected ${kernel.dims}, ${kernel.params.length}, ${kernel.buffers.length}`,
    );
  words.setUint32(0, pointsOf(kernel, dims), true);
  words.setUint32(4, 0, true);
  words.setUint32(8, 0x7f800000, true);
  words.setUint32(12, 0x7fc00000, true);
  let at = 16;
  for (let i = 0; i < kernel.buffers.length; i++, at += 4) words.setInt32(at, baseOffsets[i], true);
  for (let i = 0; i < kernel.dims; i++, at += 4) words.setInt32(at, dims[i], true);
  kernel.params.forEach((lane, i) => {
    if (lane === "f32") words.setFloat32(at, params[i], true);
    else words.setInt32(at, lane === "mask" ? Number(params[i] !== 0) : params[i] | 0, true);
    at += 4;
  });
}

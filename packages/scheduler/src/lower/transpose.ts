// Materialised transposes: recognises a kernel that only moves a matrix (or a batch of them) so that rows become
// columns, and says so in the terms of the transpose template. Small ones stay kernels.
import type { Affine, BuiltKernel, Dim, DimValue } from "@weft/ir";

/** Bytes from which strided reads fall out of the caches and the tiled template pays. */
export const TRANSPOSE_BYTES = 32 * 1024;

export interface TransposeForm {
  readonly batch: number;
  readonly rows: number;
  readonly cols: number;
  readonly base: DimValue;
  readonly batchStride: number;
  readonly rowStride: number;
}

/** The transpose that this kernel is, or null. Its first buffer is read, its second written. */
export function transposeOf({ kernel, dims, grid }: BuiltKernel): TransposeForm | null {
  const [load] = kernel.nodes;
  const [phase] = kernel.phases;
  if (
    kernel.nodes.length !== 1 ||
    kernel.phases.length !== 1 ||
    load.op !== "load" ||
    load.guard !== null ||
    phase.stores.length !== 1
  )
    return null;
  if (grid.length < 2 || grid.length > 3 || phase.axes.length > 0) return null;
  const value = (dim: Dim): DimValue => ("lit" in dim ? dim.lit : dims[dim.dim]);
  const coefs = (at: Affine): number[] | null => {
    const found = kernel.grid.map(() => 0);
    for (const { coef, of } of at.terms) {
      const place = "axis" in of ? kernel.grid.indexOf(of.axis) : -1;
      const number = value(coef);
      if (place < 0 || typeof number !== "number") return null;
      found[place] = number;
    }
    return found;
  };
  const from = coefs(load.at);
  const to = coefs(phase.stores[0].at);
  if (from === null || to === null || value(phase.stores[0].at.base) !== 0) return null;
  const [batch, cols, rows] = grid.length === 2 ? [1, ...grid] : grid;
  const [batchStride, colStride, rowStride] = grid.length === 2 ? [0, ...from] : from;
  const plain = grid.length === 2 ? [rows, 1] : [rows * cols, rows, 1];
  if (colStride !== 1 || rowStride < 2 || to.some((stride, i) => stride !== plain[i])) return null;
  return { batch, rows, cols, base: value(load.at.base), batchStride, rowStride };
}

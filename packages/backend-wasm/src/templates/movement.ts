// Plans transpositions, copies and fills: one step each, over the kernels in assembly/kernels.ts. Refuses sources without
// unit stride along their columns: other views are kernels of their own.
import type { TemplatePlan } from "./template.ts";
import { ceilDivide, grainOf } from "./template.ts";

/** target[batch, column, row] = source[batch, row, column]; strides count elements, the columns' is 1. */
export interface TransposeShape {
  readonly elementBytes: 1 | 4 | 8;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly batchStride: number;
}

/** Byte addresses; the target is contiguous and does not overlap the source. */
export interface MovePointers {
  readonly source: number;
  readonly target: number;
}

/** What an item transposes (rows, and bytes of each) and the bytes an item copies or fills, as in assembly/kernels.ts. */
const ITEM_ROWS = 1024;
const ITEM_BYTES = 128;
const RUN = 65536;
const ARG_WORDS = 16;

/**
 * Plans a batched transposition.
 *
 * @example
 * planTranspose({ elementBytes: 4, batch: 1, rows: 3, columns: 5, rowStride: 5, batchStride: 0 }).steps[0].fn; // "transpose_32"
 */
export function planTranspose(shape: TransposeShape): TemplatePlan<MovePointers> {
  const { elementBytes, batch, rows, columns, rowStride, batchStride } = shape;
  const elements = batch * rows * columns;
  const items = batch * ceilDivide(rows, ITEM_ROWS) * ceilDivide(columns * elementBytes, ITEM_BYTES);
  const bytes = 2 * elements * elementBytes;
  const step = { fn: `transpose_${elementBytes * 8}`, items, grain: grainOf(items, 0, bytes), flops: 0, bytes };
  return {
    tempBytes: 0,
    argWords: ARG_WORDS,
    steps: elements === 0 ? [] : [step],
    writeArgs: (words, at, { source, target }) => {
      words[at] = source;
      words[at + 1] = target;
      words[at + 2] = rows;
      words[at + 3] = columns;
      words[at + 4] = rowStride;
      words[at + 5] = batchStride;
    },
  };
}

/** Plans a copy of bytes between places that do not overlap. */
export function planCopy(bytes: number): TemplatePlan<MovePointers> {
  const items = ceilDivide(bytes, RUN);
  return {
    tempBytes: 0,
    argWords: ARG_WORDS,
    steps: bytes === 0 ? [] : [{ fn: "copy", items, grain: grainOf(items, 0, 2 * bytes), flops: 0, bytes: 2 * bytes }],
    writeArgs: (words, at, { source, target }) => {
      words[at] = source;
      words[at + 1] = target;
      words[at + 2] = bytes;
    },
  };
}

/** Plans writing the same 32 bits `count` times; the bits come with the address. */
export function planFill32(count: number): TemplatePlan<{ readonly target: number; readonly bits: number }> {
  const bytes = count * 4;
  const items = ceilDivide(bytes, RUN);
  return {
    tempBytes: 0,
    argWords: ARG_WORDS,
    steps: count === 0 ? [] : [{ fn: "fill32", items, grain: grainOf(items, 0, bytes), flops: 0, bytes }],
    writeArgs: (words, at, { target, bits }) => {
      words[at] = target;
      words[at + 1] = bytes;
      words[at + 2] = bits;
    },
  };
}

// Movement kernels: batched transposition of matrices, copies and fills. Each export is one step's kernel over the items
// [begin, end); the argument words are written by src/templates/movement.ts. Strides count elements and may be negative.
import { transposeTile32, transposeTile64, transposeTile8 } from "./kernels-tiles";

/** Rows of the result one item writes: a cache line of the source, for all element sizes but the smallest. */
const BLOCK: i32 = 16;

/** @inline */
function word(args: usize, index: i32): i32 {
  return load<i32>(args + (<usize>index << 2));
}

/** @inline */
function transposeTile<T>(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  if (sizeof<T>() == 4) transposeTile32(from, fromStride, to, toStride);
  else if (sizeof<T>() == 8) transposeTile64(from, fromStride, to, toStride);
  else transposeTile8(from, fromStride, to, toStride);
}

function transposeElements<T>(rows: i32, columns: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  for (let row = 0; row < rows; row++) {
    let target = to;
    for (let column = 0; column < columns; column++) {
      store<T>(target, load<T>(from + <usize>column * sizeof<T>()));
      target += toStride;
    }
    from += fromStride;
    to += sizeof<T>();
  }
}

/** A square of at most BLOCK × BLOCK elements, tile by tile along the rows of the result. */
function transposeBlock<T>(rows: i32, columns: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const side: i32 = sizeof<T>() == 1 ? 8 : <i32>(16 / sizeof<T>());
  const wholeRows = rows - (rows % side);
  const wholeColumns = columns - (columns % side);
  for (let column = 0; column < wholeColumns; column += side) {
    let source = from + <usize>column * sizeof<T>();
    let target = to + <usize>column * toStride;
    for (let row = 0; row < wholeRows; row += side) {
      transposeTile<T>(source, fromStride, target, toStride);
      source += <usize>side * fromStride;
      target += <usize>side * sizeof<T>();
    }
  }
  const rightFrom = from + <usize>wholeColumns * sizeof<T>();
  const rightTo = to + <usize>wholeColumns * toStride;
  transposeElements<T>(wholeRows, columns - wholeColumns, rightFrom, fromStride, rightTo, toStride);
  const belowFrom = from + <usize>wholeRows * fromStride;
  const belowTo = to + <usize>wholeRows * sizeof<T>();
  transposeElements<T>(rows - wholeRows, columns, belowFrom, fromStride, belowTo, toStride);
}

/**
 * target[batch, column, row] = source[batch, row, column]. Items: (batch item, block of BLOCK columns).
 * Words: source, target, rows, columns, row stride, batch stride.
 */
function transpose<T>(args: usize, begin: i32, end: i32): void {
  const rows = word(args, 2);
  const columns = word(args, 3);
  const fromStride = <usize>word(args, 4) * sizeof<T>();
  const batchStride = <usize>word(args, 5) * sizeof<T>();
  const toStride = <usize>rows * sizeof<T>();
  const blocks = (columns + BLOCK - 1) / BLOCK;
  for (let item = begin; item < end; item++) {
    const batchItem = <usize>(item / blocks);
    const column = (item % blocks) * BLOCK;
    const width = min(BLOCK, columns - column);
    let from = load<usize>(args) + batchItem * batchStride + <usize>column * sizeof<T>();
    let to = load<usize>(args, 4) + (batchItem * <usize>columns + <usize>column) * toStride;
    for (let row = 0; row < rows; row += BLOCK) {
      transposeBlock<T>(min(BLOCK, rows - row), width, from, fromStride, to, toStride);
      from += <usize>BLOCK * fromStride;
      to += <usize>BLOCK * sizeof<T>();
    }
  }
}

export function transpose_8(args: usize, begin: i32, end: i32, _scratch: usize): void {
  transpose<i8>(args, begin, end);
}

export function transpose_32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  transpose<i32>(args, begin, end);
}

export function transpose_64(args: usize, begin: i32, end: i32, _scratch: usize): void {
  transpose<i64>(args, begin, end);
}

/** The bytes one item of copy or fill32 writes. */
const RUN: usize = 65536;

/** Words: source, target, bytes. Items: runs of RUN bytes. */
export function copy(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const from = <usize>begin * RUN;
  const bytes = min<usize>(load<usize>(args, 8), <usize>end * RUN) - from;
  memory.copy(load<usize>(args, 4) + from, load<usize>(args) + from, bytes);
}

/** Words: target, bytes (a multiple of 4), the 32 bits to write. Items: runs of RUN bytes. */
export function fill32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const from = <usize>begin * RUN;
  const bytes = min<usize>(load<usize>(args, 4), <usize>end * RUN) - from;
  const value = v128.load32_splat(args, 8);
  const target = load<usize>(args) + from;
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    v128.store(target + at, value);
    v128.store(target + at, value, 16);
    v128.store(target + at, value, 32);
    v128.store(target + at, value, 48);
  }
  for (; at < bytes; at += 4) v128.store_lane<i32>(target + at, value, 0);
}

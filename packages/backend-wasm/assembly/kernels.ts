// Movement kernels: batched transposition of matrices, copies and fills. Each export is one step's kernel over the items
// [begin, end); the argument words are written by src/templates/movement.ts. Strides count elements and may be negative.
import { transposeTile32, transposeTile64, transposeTile8 } from "./kernels-tiles";

/** Bytes of a source row one item reads: two cache lines, which the hardware fetches together. */
const ITEM_BYTES: i32 = 128;
/** Source rows of an item. */
const ITEM_ROWS: i32 = 1024;
/** The side of a block in bytes: each line of source and target is touched once, as a whole. */
const LINE: i32 = 64;

/** @inline */
function word(args: usize, index: i32): i32 {
  return load<i32>(args + ((<usize>index) << 2));
}

/** @inline */
function transposeTile<T>(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  if (sizeof<T>() == 4) transposeTile32(from, fromStride, to, toStride);
  else if (sizeof<T>() == 8) transposeTile64(from, fromStride, to, toStride);
  else transposeTile8(from, fromStride, to, toStride);
}

function transposeElements<T>(
  rows: i32,
  columns: i32,
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
): void {
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

/** A square of at most a line's elements a side. */
function transposeBlock<T>(rows: i32, columns: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const side: i32 = sizeof<T>() == 1 ? 8 : <i32>(16 / sizeof<T>());
  const wholeRows = rows - (rows % side);
  const wholeColumns = columns - (columns % side);
  for (let row = 0; row < wholeRows; row += side) {
    let source = from + <usize>row * fromStride;
    let target = to + <usize>row * sizeof<T>();
    for (let column = 0; column < wholeColumns; column += side) {
      transposeTile<T>(source, fromStride, target, toStride);
      source += <usize>side * sizeof<T>();
      target += <usize>side * toStride;
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
 * A whole square by way of scratch, which holds its result row by row: rows a power of two apart would push each other out
 * of the cache between the tiles of one line.
 */
function transposeWhole<T>(from: usize, fromStride: usize, to: usize, toStride: usize, scratch: usize): void {
  const line: i32 = LINE / sizeof<T>();
  transposeBlock<T>(line, line, from, fromStride, scratch, LINE);
  for (let row = 0; row < line; row++) {
    v128.store(to, v128.load(scratch));
    v128.store(to, v128.load(scratch, 16), 16);
    v128.store(to, v128.load(scratch, 32), 32);
    v128.store(to, v128.load(scratch, 48), 48);
    scratch += LINE;
    to += toStride;
  }
}

/**
 * target[batch, column, row] = source[batch, row, column]. Items: (batch item, ITEM_ROWS rows, ITEM_BYTES of columns).
 * Words: source, target, rows, columns, row stride, batch stride.
 */
function transpose<T>(args: usize, begin: i32, end: i32, scratch: usize): void {
  const rows = word(args, 2);
  const columns = word(args, 3);
  const fromStride = <usize>word(args, 4) * sizeof<T>();
  const batchStride = <usize>word(args, 5) * sizeof<T>();
  const toStride = <usize>rows * sizeof<T>();
  const line: i32 = LINE / sizeof<T>();
  const itemColumns: i32 = ITEM_BYTES / sizeof<T>();
  const across = (columns + itemColumns - 1) / itemColumns;
  const down = (rows + ITEM_ROWS - 1) / ITEM_ROWS;
  for (let item = begin; item < end; item++) {
    const first = (item % across) * itemColumns;
    const rest = item / across;
    const top = (rest % down) * ITEM_ROWS;
    const batchItem = <usize>(rest / down);
    const last = min(columns, first + itemColumns);
    const from = load<usize>(args) + batchItem * batchStride;
    const to = load<usize>(args, 4) + batchItem * <usize>columns * toStride;
    const bottom = min(rows, top + ITEM_ROWS);
    for (let row = top; row < bottom; row += line) {
      const height = min(line, bottom - row);
      for (let column = first; column < last; column += line) {
        const width = min(line, last - column);
        const source = from + <usize>row * fromStride + <usize>column * sizeof<T>();
        const target = to + <usize>column * toStride + <usize>row * sizeof<T>();
        if (height == line && width == line) transposeWhole<T>(source, fromStride, target, toStride, scratch);
        else transposeBlock<T>(height, width, source, fromStride, target, toStride);
      }
    }
  }
}

export function transpose_8(args: usize, begin: i32, end: i32, scratch: usize): void {
  transpose<i8>(args, begin, end, scratch);
}

export function transpose_32(args: usize, begin: i32, end: i32, scratch: usize): void {
  transpose<i32>(args, begin, end, scratch);
}

export function transpose_64(args: usize, begin: i32, end: i32, scratch: usize): void {
  transpose<i64>(args, begin, end, scratch);
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

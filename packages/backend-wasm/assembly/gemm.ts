// The matrix unit: packed and direct products, matrix-vector products and the register-only peak. Compiled with -O2
// at most, for -O3 regroups the unrolled tiles and spills. Each export is one step's kernel: it works through the items
// [begin, end) and touches only its arguments, its operands and its own scratch.
//
// Blocking after Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication (2008): panels of B, blocks of
// k, blocks of rows. Every boundary comes from the arguments, so how the items are shared out cannot change a bit.
import {
  A,
  A_BATCH,
  A_K,
  A_ROW,
  B,
  B_BATCH,
  B_COLUMN,
  B_K,
  BLOCK_K,
  BLOCK_M,
  BLOCK_N,
  C,
  K,
  M,
  MODE,
  N,
  PACK_A,
  PACK_N,
  PANELS,
  PARTIALS,
  SPLIT_K,
  BATCH,
  stride,
  word,
  ceilDivide,
  pointer,
} from "./gemm-args";
import { packPanels, packRows, PANEL_ROW } from "./gemm-pack";
import { packed, strided, TILE_ROWS } from "./generated-gemm";

export {
  gemm_sum_f32,
  gemm_sum_f64,
  gemm_sum_i32,
  gemv_axpy_f32,
  gemv_axpy_f64,
  gemv_axpy_i32,
  gemv_dot_f32,
  gemv_dot_f64,
  gemv_dot_i32,
} from "./gemm-vector";
export { peak_f32, peak_f64 } from "./gemm-peak";

// Where B's panels come from: packed by an earlier step; packed here, block by block (1); or read from B itself, which
// then has unit stride along its columns.
const FROM_TEMP: i32 = 0;
const IN_PLACE: i32 = 2;

/** Scratch: an edge tile, then packed rows of A, then the packed block of B. */
const SCRATCH_A: usize = 1024;
const SCRATCH_B: usize = 260 * 1024;
/** Rows of packed A lie a little further apart, so that they do not share cache sets. */
const ROW_PADDING: usize = 64;
/** Strips of A packed at a time, just before their use, so that they do not push B out of the second-level cache. */
const GROUP_STRIPS: i32 = 8;

// Without fused multiply-add a product needs a register, and so do integers.
/** @inline */
function tileRows<T extends number>(): i32 {
  return isFloat<T>() ? TILE_ROWS : min(TILE_ROWS, 5);
}

/** Copies or adds the used corner of an edge tile. */
function putEdge<T extends number>(rows: i32, columns: i32, tile: usize, c: usize, ldc: usize, accumulate: bool): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const offset = <usize>column * sizeof<T>();
      const value = load<T>(tile + offset);
      store<T>(c + offset, accumulate ? <T>(load<T>(c + offset) + value) : value);
    }
    tile += PANEL_ROW;
    c += ldc;
  }
}

/** One strip of A's rows, in the first-level cache, over all panels of B's block, in the second. C is met row by row. */
function multiplyStrip<T extends number>(
  rows: i32,
  columns: i32,
  kc: i32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  panelStride: usize,
  last: usize,
  c: usize,
  ldc: usize,
  accumulate: bool,
  edge: usize,
): void {
  const width: i32 = <i32>(PANEL_ROW / sizeof<T>());
  for (; columns >= width; columns -= width) {
    if (ldb == PANEL_ROW) packed<T>(rows, kc, a, lda, b, ldb, c, ldc, accumulate);
    else strided<T>(rows, kc, a, lda, b, ldb, c, ldc, accumulate);
    b += panelStride;
    c += PANEL_ROW;
  }
  if (columns > 0) {
    packed<T>(rows, kc, a, lda, last, PANEL_ROW, edge, PANEL_ROW, false);
    putEdge<T>(rows, columns, edge, c, ldc, accumulate);
  }
}

/**
 * Items: (split of k, batch item, column block, row block), the last fastest. T is the element, Bits the integer of its
 * size. C's blocks are stored by the first block of k and added to by the later ones.
 */
/** @inline */
function multiply<T extends number, Bits>(args: usize, begin: i32, end: i32, scratch: usize): void {
  const m = word(args, M);
  const n = word(args, N);
  const k = word(args, K);
  const batch = word(args, BATCH);
  const blockM = word(args, BLOCK_M);
  const blockN = word(args, BLOCK_N);
  const blockK = word(args, BLOCK_K);
  const splitK = word(args, SPLIT_K);
  const mode = word(args, MODE);
  const packA = word(args, PACK_A) != 0;
  const aRow = stride<T>(args, A_ROW);
  const aK = stride<T>(args, A_K);
  const bK = stride<T>(args, B_K);
  const bColumn = stride<T>(args, B_COLUMN);
  const width: i32 = <i32>(PANEL_ROW / sizeof<T>());
  const panels = ceilDivide(n, width);
  const ldc = <usize>n * sizeof<T>();
  const rowBlocks = ceilDivide(m, blockM);
  const columnBlocks = ceilDivide(n, blockN);
  for (let item = begin; item < end; item++) {
    const row = (item % rowBlocks) * blockM;
    let rest = item / rowBlocks;
    const column = (rest % columnBlocks) * blockN;
    rest /= columnBlocks;
    const batchItem = rest % batch;
    const split = rest / batch;
    const rows = min(blockM, m - row);
    const columns = min(blockN, n - column);
    const a = pointer(args, A) + <usize>batchItem * stride<T>(args, A_BATCH) + <usize>row * aRow;
    const b = pointer(args, B) + <usize>batchItem * stride<T>(args, B_BATCH) + <usize>column * bColumn;
    const temp = pointer(args, PANELS) + <usize>batchItem * <usize>k * <usize>panels * PANEL_ROW;
    const c =
      pointer(args, splitK < k ? PARTIALS : C) +
      (<usize>split * <usize>batch + <usize>batchItem) * <usize>m * ldc +
      <usize>row * ldc +
      <usize>column * sizeof<T>();
    const start = split * splitK;
    const stop = min(k, start + splitK);
    let from = start;
    do {
      const kc = min(blockK, stop - from);
      let blockB = b + <usize>from * bK;
      const panelBytes = <usize>kc * PANEL_ROW;
      const edgePanel = columns / width;
      let panelStride = panelBytes;
      let ldb = PANEL_ROW;
      let last: usize;
      if (mode == IN_PLACE) {
        last = scratch + SCRATCH_B;
        if (columns % width != 0) {
          packPanels<Bits>(kc, columns % width, blockB + <usize>edgePanel * PANEL_ROW, bK, bColumn, last);
        }
        panelStride = PANEL_ROW;
        ldb = bK;
      } else {
        if (mode == FROM_TEMP) {
          blockB = temp + <usize>from * <usize>panels * PANEL_ROW + <usize>(column / width) * panelBytes;
        } else {
          packPanels<Bits>(kc, columns, blockB, bK, bColumn, scratch + SCRATCH_B);
          blockB = scratch + SCRATCH_B;
        }
        last = blockB + <usize>edgePanel * panelBytes;
      }
      const packedRow = <usize>kc * sizeof<T>() + ROW_PADDING;
      // Columns of A are read in runs as long as scratch allows, for each element of a run lies in the same page.
      const groupStrips =
        aK == sizeof<T>() ? GROUP_STRIPS : <i32>((SCRATCH_B - SCRATCH_A) / packedRow / <usize>tileRows<T>());
      const groupRows = groupStrips * tileRows<T>();
      for (let group = 0; group < rows; group += groupRows) {
        const height = min(groupRows, rows - group);
        let groupA = a + <usize>from * aK + <usize>group * aRow;
        let lda = aRow;
        if (packA) {
          lda = packedRow;
          packRows<Bits>(height, kc, groupA, aRow, aK, scratch + SCRATCH_A, lda);
          groupA = scratch + SCRATCH_A;
        }
        let target = c + <usize>group * ldc;
        for (let strip = 0; strip < height; strip += tileRows<T>()) {
          const used = min(tileRows<T>(), height - strip);
          const add = from > start;
          multiplyStrip<T>(used, columns, kc, groupA, lda, blockB, ldb, panelStride, last, target, ldc, add, scratch);
          groupA += <usize>used * lda;
          target += <usize>used * ldc;
        }
      }
      from += blockK;
    } while (from < stop);
  }
}

/**
 * Packs the whole of B into temp. Items: (batch item, block of k, group of columns), the last fastest. A block of k
 * holds its panels one after another: temp[batch, block of k, panel, kc, 32 bytes].
 */
/** @inline */
function pack<Bits>(args: usize, begin: i32, end: i32): void {
  const n = word(args, N);
  const k = word(args, K);
  const blockK = word(args, BLOCK_K);
  const packN = word(args, PACK_N);
  const bK = stride<Bits>(args, B_K);
  const bColumn = stride<Bits>(args, B_COLUMN);
  const width: i32 = <i32>(PANEL_ROW / sizeof<Bits>());
  const panels = ceilDivide(n, width);
  const blocks = ceilDivide(k, blockK);
  const groups = ceilDivide(n, packN);
  for (let item = begin; item < end; item++) {
    const column = (item % groups) * packN;
    const rest = item / groups;
    const from = (rest % blocks) * blockK;
    const batchItem = rest / blocks;
    const kc = min(blockK, k - from);
    const source =
      pointer(args, B) + <usize>batchItem * stride<Bits>(args, B_BATCH) + <usize>from * bK + <usize>column * bColumn;
    const target =
      pointer(args, PANELS) +
      (<usize>batchItem * <usize>k + <usize>from) * <usize>panels * PANEL_ROW +
      <usize>(column / width) * <usize>kc * PANEL_ROW;
    packPanels<Bits>(kc, min(packN, n - column), source, bK, bColumn, target);
  }
}

export function gemm_pack_32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  pack<i32>(args, begin, end);
}

export function gemm_pack_64(args: usize, begin: i32, end: i32, _scratch: usize): void {
  pack<i64>(args, begin, end);
}

export function gemm_f32(args: usize, begin: i32, end: i32, scratch: usize): void {
  multiply<f32, i32>(args, begin, end, scratch);
}

export function gemm_f64(args: usize, begin: i32, end: i32, scratch: usize): void {
  multiply<f64, i64>(args, begin, end, scratch);
}

export function gemm_i32(args: usize, begin: i32, end: i32, scratch: usize): void {
  multiply<i32, i32>(args, begin, end, scratch);
}

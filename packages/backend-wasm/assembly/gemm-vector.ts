// Matrix-vector products, bound by memory: the dot form reads rows of unit stride along k, the axpy form columns of unit
// stride along m. The vector is the B operand with one column. Items: (split of k, batch item, row block).
import {
  A,
  A_BATCH,
  A_K,
  A_ROW,
  B,
  B_BATCH,
  B_K,
  BATCH,
  BLOCK_K,
  BLOCK_M,
  C,
  ceilDivide,
  K,
  M,
  N,
  PARTIALS,
  pointer,
  SPLIT_K,
  stride,
  word,
} from "./gemm-args";
import { madd, sumLanes } from "./gemm-madd";

/** The dot products of four rows with x, into or onto y. */
function dotRows4<T extends number>(kc: i32, a0: usize, lda: usize, x: usize, y: usize, accumulate: bool): void {
  const a1 = a0 + lda;
  const a2 = a1 + lda;
  const a3 = a2 + lda;
  const lanes: i32 = 16 / sizeof<T>();
  let p0 = i32x4.splat(0),
    p1 = i32x4.splat(0),
    p2 = i32x4.splat(0),
    p3 = i32x4.splat(0);
  let q0 = i32x4.splat(0),
    q1 = i32x4.splat(0),
    q2 = i32x4.splat(0),
    q3 = i32x4.splat(0);
  let at: usize = 0;
  let v: v128;
  for (let count = kc / (4 * lanes); count != 0; count--) {
    v = v128.load(x + at);
    p0 = madd<T>(v128.load(a0 + at), v, p0);
    p1 = madd<T>(v128.load(a1 + at), v, p1);
    p2 = madd<T>(v128.load(a2 + at), v, p2);
    p3 = madd<T>(v128.load(a3 + at), v, p3);
    v = v128.load(x + at, 16);
    q0 = madd<T>(v128.load(a0 + at, 16), v, q0);
    q1 = madd<T>(v128.load(a1 + at, 16), v, q1);
    q2 = madd<T>(v128.load(a2 + at, 16), v, q2);
    q3 = madd<T>(v128.load(a3 + at, 16), v, q3);
    v = v128.load(x + at, 32);
    p0 = madd<T>(v128.load(a0 + at, 32), v, p0);
    p1 = madd<T>(v128.load(a1 + at, 32), v, p1);
    p2 = madd<T>(v128.load(a2 + at, 32), v, p2);
    p3 = madd<T>(v128.load(a3 + at, 32), v, p3);
    v = v128.load(x + at, 48);
    q0 = madd<T>(v128.load(a0 + at, 48), v, q0);
    q1 = madd<T>(v128.load(a1 + at, 48), v, q1);
    q2 = madd<T>(v128.load(a2 + at, 48), v, q2);
    q3 = madd<T>(v128.load(a3 + at, 48), v, q3);
    at += 64;
  }
  let s0 = sumLanes<T>(v128.add<T>(p0, q0));
  let s1 = sumLanes<T>(v128.add<T>(p1, q1));
  let s2 = sumLanes<T>(v128.add<T>(p2, q2));
  let s3 = sumLanes<T>(v128.add<T>(p3, q3));
  for (let count = kc % (4 * lanes); count != 0; count--) {
    const scalar = load<T>(x + at);
    s0 = (s0 + load<T>(a0 + at) * scalar) as T;
    s1 = (s1 + load<T>(a1 + at) * scalar) as T;
    s2 = (s2 + load<T>(a2 + at) * scalar) as T;
    s3 = (s3 + load<T>(a3 + at) * scalar) as T;
    at += sizeof<T>();
  }
  put<T>(y, s0, accumulate);
  put<T>(y + sizeof<T>(), s1, accumulate);
  put<T>(y + 2 * sizeof<T>(), s2, accumulate);
  put<T>(y + 3 * sizeof<T>(), s3, accumulate);
}

/** One row in the same order of additions as four. */
function dotRow<T extends number>(kc: i32, a: usize, x: usize, y: usize, accumulate: bool): void {
  const lanes: i32 = 16 / sizeof<T>();
  let p = i32x4.splat(0),
    q = i32x4.splat(0);
  let at: usize = 0;
  for (let count = kc / (4 * lanes); count != 0; count--) {
    p = madd<T>(v128.load(a + at), v128.load(x + at), p);
    q = madd<T>(v128.load(a + at, 16), v128.load(x + at, 16), q);
    p = madd<T>(v128.load(a + at, 32), v128.load(x + at, 32), p);
    q = madd<T>(v128.load(a + at, 48), v128.load(x + at, 48), q);
    at += 64;
  }
  let sum = sumLanes<T>(v128.add<T>(p, q));
  for (let count = kc % (4 * lanes); count != 0; count--) {
    sum = (sum + load<T>(a + at) * load<T>(x + at)) as T;
    at += sizeof<T>();
  }
  put<T>(y, sum, accumulate);
}

/** @inline */
function put<T extends number>(y: usize, value: T, accumulate: bool): void {
  store<T>(y, accumulate ? <T>(load<T>(y) + value) : value);
}

/** A strided vector is gathered into scratch, BLOCK_K elements at a time; a contiguous one is read where it is. */
function dotForm<T extends number>(args: usize, begin: i32, end: i32, scratch: usize): void {
  const m = word(args, M);
  const k = word(args, K);
  const batch = word(args, BATCH);
  const blockM = word(args, BLOCK_M);
  const splitK = word(args, SPLIT_K);
  const aRow = stride<T>(args, A_ROW);
  const bK = stride<T>(args, B_K);
  const gather = bK != sizeof<T>();
  const blockK = gather ? word(args, BLOCK_K) : splitK;
  const rowBlocks = ceilDivide(m, blockM);
  for (let item = begin; item < end; item++) {
    const row = (item % rowBlocks) * blockM;
    const rest = item / rowBlocks;
    const batchItem = <usize>(rest % batch);
    const split = rest / batch;
    const rows = min(blockM, m - row);
    const start = split * splitK;
    const stop = min(k, start + splitK);
    const a = pointer(args, A) + batchItem * stride<T>(args, A_BATCH) + <usize>row * aRow;
    const b = pointer(args, B) + batchItem * stride<T>(args, B_BATCH);
    const c =
      pointer(args, splitK < k ? PARTIALS : C) +
      ((<usize>split * <usize>batch + batchItem) * <usize>m + <usize>row) * sizeof<T>();
    let from = start;
    do {
      const kc = min(blockK, stop - from);
      let x = b + <usize>from * bK;
      if (gather) {
        let target = scratch;
        for (let count = kc; count != 0; count--) {
          store<T>(target, load<T>(x));
          target += sizeof<T>();
          x += bK;
        }
        x = scratch;
      }
      let source = a + <usize>from * sizeof<T>();
      let y = c;
      let left = rows;
      for (; left >= 4; left -= 4) {
        dotRows4<T>(kc, source, aRow, x, y, from > start);
        source += 4 * aRow;
        y += 4 * sizeof<T>();
      }
      for (; left > 0; left--) {
        dotRow<T>(kc, source, x, y, from > start);
        source += aRow;
        y += sizeof<T>();
      }
      from += blockK;
    } while (from < stop);
  }
}

/** y += eight columns of A, each times its element of x. */
function axpyColumns8<T extends number>(rows: i32, a0: usize, lda: usize, x: usize, ldx: usize, y: usize): void {
  const a1 = a0 + lda,
    a2 = a1 + lda,
    a3 = a2 + lda,
    a4 = a3 + lda,
    a5 = a4 + lda,
    a6 = a5 + lda,
    a7 = a6 + lda;
  const x1 = x + ldx,
    x2 = x1 + ldx,
    x3 = x2 + ldx,
    x4 = x3 + ldx,
    x5 = x4 + ldx,
    x6 = x5 + ldx,
    x7 = x6 + ldx;
  const v0 = v128.load_splat<T>(x),
    v1 = v128.load_splat<T>(x1),
    v2 = v128.load_splat<T>(x2);
  const v3 = v128.load_splat<T>(x3),
    v4 = v128.load_splat<T>(x4),
    v5 = v128.load_splat<T>(x5);
  const v6 = v128.load_splat<T>(x6),
    v7 = v128.load_splat<T>(x7);
  const lanes: i32 = 16 / sizeof<T>();
  let at: usize = 0;
  for (let count = rows / lanes; count != 0; count--) {
    let sum = v128.load(y + at);
    sum = madd<T>(v128.load(a0 + at), v0, sum);
    sum = madd<T>(v128.load(a1 + at), v1, sum);
    sum = madd<T>(v128.load(a2 + at), v2, sum);
    sum = madd<T>(v128.load(a3 + at), v3, sum);
    sum = madd<T>(v128.load(a4 + at), v4, sum);
    sum = madd<T>(v128.load(a5 + at), v5, sum);
    sum = madd<T>(v128.load(a6 + at), v6, sum);
    sum = madd<T>(v128.load(a7 + at), v7, sum);
    v128.store(y + at, sum);
    at += 16;
  }
  for (let count = rows % lanes; count != 0; count--) {
    let sum = load<T>(y + at);
    sum = (sum + load<T>(a0 + at) * load<T>(x)) as T;
    sum = (sum + load<T>(a1 + at) * load<T>(x1)) as T;
    sum = (sum + load<T>(a2 + at) * load<T>(x2)) as T;
    sum = (sum + load<T>(a3 + at) * load<T>(x3)) as T;
    sum = (sum + load<T>(a4 + at) * load<T>(x4)) as T;
    sum = (sum + load<T>(a5 + at) * load<T>(x5)) as T;
    sum = (sum + load<T>(a6 + at) * load<T>(x6)) as T;
    sum = (sum + load<T>(a7 + at) * load<T>(x7)) as T;
    store<T>(y + at, sum);
    at += sizeof<T>();
  }
}

/** y += one column of A times one element of x. */
function axpyColumn<T extends number>(rows: i32, a: usize, x: usize, y: usize): void {
  const lanes: i32 = 16 / sizeof<T>();
  const v = v128.load_splat<T>(x);
  let at: usize = 0;
  for (let count = rows / lanes; count != 0; count--) {
    v128.store(y + at, madd<T>(v128.load(a + at), v, v128.load(y + at)));
    at += 16;
  }
  for (let count = rows % lanes; count != 0; count--) {
    store<T>(y + at, (load<T>(y + at) + load<T>(a + at) * load<T>(x)) as T);
    at += sizeof<T>();
  }
}

/** A block of y stays in the first-level cache while the columns of A pass by. */
function axpyForm<T extends number>(args: usize, begin: i32, end: i32): void {
  const m = word(args, M);
  const k = word(args, K);
  const batch = word(args, BATCH);
  const blockM = word(args, BLOCK_M);
  const splitK = word(args, SPLIT_K);
  const aK = stride<T>(args, A_K);
  const bK = stride<T>(args, B_K);
  const rowBlocks = ceilDivide(m, blockM);
  for (let item = begin; item < end; item++) {
    const row = (item % rowBlocks) * blockM;
    const rest = item / rowBlocks;
    const batchItem = <usize>(rest % batch);
    const split = rest / batch;
    const rows = min(blockM, m - row);
    const start = split * splitK;
    let left = min(splitK, k - start);
    let a = pointer(args, A) + batchItem * stride<T>(args, A_BATCH) + <usize>row * sizeof<T>() + <usize>start * aK;
    let x = pointer(args, B) + batchItem * stride<T>(args, B_BATCH) + <usize>start * bK;
    const y =
      pointer(args, splitK < k ? PARTIALS : C) +
      ((<usize>split * <usize>batch + batchItem) * <usize>m + <usize>row) * sizeof<T>();
    memory.fill(y, 0, <usize>rows * sizeof<T>());
    for (; left >= 8; left -= 8) {
      axpyColumns8<T>(rows, a, aK, x, bK, y);
      a += 8 * aK;
      x += 8 * bK;
    }
    for (; left > 0; left--) {
      axpyColumn<T>(rows, a, x, y);
      a += aK;
      x += bK;
    }
  }
}

/** C = the sum of the partial products of all splits, in order. Items: runs of SUM_RUN elements of C[batch, m, n]. */
const SUM_RUN: i32 = 4096;

function sumPartials<T extends number>(args: usize, begin: i32, end: i32): void {
  const total = word(args, BATCH) * word(args, M) * word(args, N);
  const splits = ceilDivide(word(args, K), word(args, SPLIT_K));
  const bytes = <usize>total * sizeof<T>();
  for (let item = begin; item < end; item++) {
    const offset = <usize>(item * SUM_RUN) * sizeof<T>();
    const count = <usize>min(SUM_RUN, total - item * SUM_RUN) * sizeof<T>();
    const from = pointer(args, PARTIALS) + offset;
    const to = pointer(args, C) + offset;
    let at: usize = 0;
    for (; at + 16 <= count; at += 16) {
      let source = from + at;
      let sum = v128.load(source);
      for (let split = 1; split < splits; split++) {
        source += bytes;
        sum = v128.add<T>(sum, v128.load(source));
      }
      v128.store(to + at, sum);
    }
    for (; at < count; at += sizeof<T>()) {
      let source = from + at;
      let sum = load<T>(source);
      for (let split = 1; split < splits; split++) {
        source += bytes;
        sum = (sum + load<T>(source)) as T;
      }
      store<T>(to + at, sum);
    }
  }
}

export function gemv_dot_f32(args: usize, begin: i32, end: i32, scratch: usize): void {
  dotForm<f32>(args, begin, end, scratch);
}

export function gemv_dot_f64(args: usize, begin: i32, end: i32, scratch: usize): void {
  dotForm<f64>(args, begin, end, scratch);
}

export function gemv_dot_i32(args: usize, begin: i32, end: i32, scratch: usize): void {
  dotForm<i32>(args, begin, end, scratch);
}

export function gemv_axpy_f32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  axpyForm<f32>(args, begin, end);
}

export function gemv_axpy_f64(args: usize, begin: i32, end: i32, _scratch: usize): void {
  axpyForm<f64>(args, begin, end);
}

export function gemv_axpy_i32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  axpyForm<i32>(args, begin, end);
}

export function gemm_sum_f32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  sumPartials<f32>(args, begin, end);
}

export function gemm_sum_f64(args: usize, begin: i32, end: i32, _scratch: usize): void {
  sumPartials<f64>(args, begin, end);
}

export function gemm_sum_i32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  sumPartials<i32>(args, begin, end);
}

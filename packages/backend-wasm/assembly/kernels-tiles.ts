// Register transpositions shared by the packing of matrices and by the transposition kernels. Strides are in bytes.

// 4 × 4 elements of 32 bits.
/** @inline */
export function transposeTile32(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + fromStride);
  const r2 = v128.load(from + fromStride * 2);
  const r3 = v128.load(from + fromStride * 3);
  const t0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const t3 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(t0, t2, 0, 2));
  v128.store(to + toStride, v128.shuffle<i64>(t0, t2, 1, 3));
  v128.store(to + toStride * 2, v128.shuffle<i64>(t1, t3, 0, 2));
  v128.store(to + toStride * 3, v128.shuffle<i64>(t1, t3, 1, 3));
}

// 2 × 2 elements of 64 bits.
/** @inline */
export function transposeTile64(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + fromStride);
  v128.store(to, v128.shuffle<i64>(r0, r1, 0, 2));
  v128.store(to + toStride, v128.shuffle<i64>(r0, r1, 1, 3));
}

// 8 × 8 elements of 8 bits: three rounds of interleaving, of bytes, of pairs and of fours.
/** @inline */
export function transposeTile8(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const p0 = bytes(v128.load64_zero(from), v128.load64_zero(from + fromStride));
  const p1 = bytes(v128.load64_zero(from + fromStride * 2), v128.load64_zero(from + fromStride * 3));
  const p2 = bytes(v128.load64_zero(from + fromStride * 4), v128.load64_zero(from + fromStride * 5));
  const p3 = bytes(v128.load64_zero(from + fromStride * 6), v128.load64_zero(from + fromStride * 7));
  const low0 = v128.shuffle<i16>(p0, p1, 0, 8, 1, 9, 2, 10, 3, 11);
  const low1 = v128.shuffle<i16>(p2, p3, 0, 8, 1, 9, 2, 10, 3, 11);
  const high0 = v128.shuffle<i16>(p0, p1, 4, 12, 5, 13, 6, 14, 7, 15);
  const high1 = v128.shuffle<i16>(p2, p3, 4, 12, 5, 13, 6, 14, 7, 15);
  pair(to, toStride, v128.shuffle<i32>(low0, low1, 0, 4, 1, 5));
  pair(to + toStride * 2, toStride, v128.shuffle<i32>(low0, low1, 2, 6, 3, 7));
  pair(to + toStride * 4, toStride, v128.shuffle<i32>(high0, high1, 0, 4, 1, 5));
  pair(to + toStride * 6, toStride, v128.shuffle<i32>(high0, high1, 2, 6, 3, 7));
}

/** @inline */
function bytes(x: v128, y: v128): v128 {
  return v128.shuffle<i8>(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** @inline */
function pair(to: usize, toStride: usize, x: v128): void {
  v128.store_lane<i64>(to, x, 0);
  v128.store_lane<i64>(to + toStride, x, 1);
}

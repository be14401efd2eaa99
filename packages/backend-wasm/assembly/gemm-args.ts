// The argument words every matrix kernel shares; src/templates/gemm.ts writes them. Strides count elements.

/** @inline */
export function word(args: usize, index: i32): i32 {
  return load<i32>(args + ((<usize>index) << 2));
}

/** @inline */
export function pointer(args: usize, index: i32): usize {
  return load<usize>(args + ((<usize>index) << 2));
}

// A stride in bytes; negative ones wrap, as all addresses do.
/** @inline */
export function stride<T>(args: usize, index: i32): usize {
  return <usize>word(args, index) * sizeof<T>();
}

export const A: i32 = 0;
export const B: i32 = 1;
export const C: i32 = 2;
export const PANELS: i32 = 3;
export const BATCH: i32 = 4;
export const M: i32 = 5;
export const N: i32 = 6;
export const K: i32 = 7;
export const A_BATCH: i32 = 8;
export const A_ROW: i32 = 9;
export const A_K: i32 = 10;
export const B_BATCH: i32 = 11;
export const B_K: i32 = 12;
export const B_COLUMN: i32 = 13;
export const BLOCK_M: i32 = 14;
export const BLOCK_N: i32 = 15;
export const BLOCK_K: i32 = 16;
export const SPLIT_K: i32 = 17;
export const MODE: i32 = 18;
export const PACK_A: i32 = 19;
export const PACK_N: i32 = 20;
export const PARTIALS: i32 = 21;

/** @inline */
export function ceilDivide(x: i32, y: i32): i32 {
  return x / y + i32(x % y != 0);
}

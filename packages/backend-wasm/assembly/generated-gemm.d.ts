// What scripts/generate-gemm.ts writes: the register tiles, C[rows, 32 bytes] (+)= A[rows, kc] · B[kc, 32 bytes].
// A's rows have unit stride along k and lie `lda` bytes apart; all strides are in bytes.

/** The most rows a tile can have. */
export const TILE_ROWS: i32;

/** B's rows are adjacent (a packed panel); `ldb` is not read. */
export function packed<T>(
  rows: i32,
  kc: i32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  accumulate: bool,
): void;

/** B's rows lie `ldb` bytes apart. */
export function strided<T>(
  rows: i32,
  kc: i32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  accumulate: bool,
): void;

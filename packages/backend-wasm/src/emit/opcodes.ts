// The WebAssembly opcodes the emitter writes, by their specification names. Numbers only: no encoding.

/** Value types. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** One-byte instructions. */
export const OP = {
  block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, return: 0x0f,
  drop: 0x1a, select: 0x1b,
  localGet: 0x20, localSet: 0x21, localTee: 0x22,
  i32Load: 0x28, i32Load8U: 0x2d,
  i32Const: 0x41,
  i32Eqz: 0x45, i32Eq: 0x46, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32GtU: 0x4b, i32GeS: 0x4e, i32GeU: 0x4f,
  i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32DivU: 0x6e, i32RemU: 0x70, i32And: 0x71, i32Or: 0x72, i32Shl: 0x74,
} as const;

/** Vector instructions, written after the prefix 0xfd. */
export const SIMD = {
  load: 0, load32Splat: 9, load64Splat: 10, store: 11, const: 12, shuffle: 13,
  i32x4Splat: 17,
  i32x4ExtractLane: 27, i32x4ReplaceLane: 28,
  i32x4Eq: 55, i32x4LtS: 57, i32x4GtS: 59, i32x4GeS: 63,
  f32x4Eq: 65, f32x4Ne: 66, f32x4Gt: 68, f32x4Lt: 67,
  f64x2Eq: 71, f64x2Ne: 72, f64x2Lt: 73, f64x2Gt: 74,
  not: 77, and: 78, andnot: 79, or: 80, xor: 81, bitselect: 82, anyTrue: 83,
  load8Lane: 84, load16Lane: 85, load32Lane: 86, load64Lane: 87,
  store8Lane: 88, store16Lane: 89, store32Lane: 90, store64Lane: 91,
  load32Zero: 92, load64Zero: 93,
  i8x16NarrowI16x8S: 101,
  i16x8NarrowI32x4S: 133, i16x8ExtendLowI8x16U: 137,
  i32x4Neg: 161, i32x4AllTrue: 163, i32x4ExtendLowI16x8U: 169,
  i32x4Shl: 171, i32x4ShrU: 173, i32x4Add: 174, i32x4Sub: 177, i32x4Mul: 181,
  i64x2ExtendLowI32x4S: 199, i64x2ExtendHighI32x4S: 200,
  f64x2Div: 243,
  i32x4TruncSatF64x2UZero: 253, f64x2ConvertLowI32x4U: 255,
} as const;

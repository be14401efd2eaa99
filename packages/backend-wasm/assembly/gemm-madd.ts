// The one multiply-add of the matrix unit: fused where the build has relaxed SIMD, so that the register-only peak and
// the products measure the same instruction.

/** @inline */
export function madd<T>(x: v128, y: v128, z: v128): v128 {
  if (isFloat<T>()) {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(x, y, z);
  }
  return v128.add<T>(v128.mul<T>(x, y), z);
}

// The sum of a vector's lanes, pairwise.
/** @inline */
export function sumLanes<T extends number>(x: v128): T {
  const first = (v128.extract_lane<T>(x, 0) + v128.extract_lane<T>(x, 1)) as T;
  if (sizeof<T>() == 8) return first;
  return (first + ((v128.extract_lane<T>(x, 2) + v128.extract_lane<T>(x, 3)) as T)) as T;
}

// The gauges of the bench: a loop of multiply-adds that never leaves the registers, and a plain memory copy.
// They know nothing of the engine: what it reaches is told as a ratio to them, measured in the same rounds.

/** 2 FLOP × 4 lanes × 12 accumulators × steps. Returns a value so that nothing is optimised away. */
export function peakF32(steps: i32, factor: f32, term: f32): f32 {
  // as parameters: constants would be made anew at each use
  const x = f32x4.splat(factor);
  const y = f32x4.splat(term);
  let a0 = x,
    a1 = x,
    a2 = x,
    a3 = x,
    a4 = x,
    a5 = x,
    a6 = x,
    a7 = x,
    a8 = x,
    a9 = x,
    a10 = x,
    a11 = x;
  for (let i = 0; i < steps; i++) {
    a0 = f32x4.relaxed_madd(a0, x, y);
    a1 = f32x4.relaxed_madd(a1, x, y);
    a2 = f32x4.relaxed_madd(a2, x, y);
    a3 = f32x4.relaxed_madd(a3, x, y);
    a4 = f32x4.relaxed_madd(a4, x, y);
    a5 = f32x4.relaxed_madd(a5, x, y);
    a6 = f32x4.relaxed_madd(a6, x, y);
    a7 = f32x4.relaxed_madd(a7, x, y);
    a8 = f32x4.relaxed_madd(a8, x, y);
    a9 = f32x4.relaxed_madd(a9, x, y);
    a10 = f32x4.relaxed_madd(a10, x, y);
    a11 = f32x4.relaxed_madd(a11, x, y);
  }
  const s = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  const t = f32x4.add(s, f32x4.add(f32x4.add(a8, a9), f32x4.add(a10, a11)));
  return f32x4.extract_lane(t, 0) + f32x4.extract_lane(t, 1) + f32x4.extract_lane(t, 2) + f32x4.extract_lane(t, 3);
}

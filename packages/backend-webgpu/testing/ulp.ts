// Units in the last place of float32 between what a device gave and the float64 reference, with the two liberties
// that GPUs have: subnormal numbers may be taken and given as zero, and −0 may be 0.

const view = new DataView(new ArrayBuffer(4));
export const bitsOf = (x: number): number => (view.setFloat32(0, x), view.getUint32(0));
export const fromBits = (bits: number): number => (view.setUint32(0, bits), view.getFloat32(0));

const SMALLEST = 2 ** -126;
const LARGEST = 3.4028234663852886e38;

const ulpAt = (x: number): number => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);

/** The distance of `actual` from `exact` in units of the last place; infinite for a wrong special value. */
export function ulpError(actual: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(actual) ? 0 : Infinity;
  if (Number.isNaN(actual)) return Infinity;
  const rounded = Math.fround(exact);
  if (actual === rounded) return 0;
  if (Math.abs(exact) < SMALLEST && Math.abs(actual) <= SMALLEST)
    return actual === 0 || Math.sign(actual) === Math.sign(exact) ? 0 : Infinity;
  if (Math.abs(rounded) === Infinity || Math.abs(actual) === Infinity) {
    // the neighbour of an infinity is the largest number
    const clamped = Math.min(Math.abs(exact), 2 ** 128);
    const got = Math.min(Math.abs(actual), 2 ** 128);
    return Math.sign(actual) === Math.sign(exact) && Math.min(clamped, got) >= LARGEST * 0.999
      ? Math.abs(got - clamped) / 2 ** 104
      : Infinity;
  }
  return Math.abs(actual - exact) / ulpAt(exact);
}

/** Where an argument is subnormal: the reference of it and of zero, whichever is nearer. */
export function leastError(actual: number, reference: (...args: number[]) => number, args: readonly number[]): number {
  let best = ulpError(actual, reference(...args));
  const flushed = args.map((x) => (x !== 0 && Math.abs(x) < SMALLEST ? (x < 0 ? -0 : 0) : x));
  if (flushed.some((x, i) => x !== args[i])) {
    for (let choice = 1; choice < 1 << args.length; choice++)
      best = Math.min(best, ulpError(actual, reference(...args.map((x, i) => ((choice >> i) & 1 ? flushed[i] : x)))));
  }
  // either sign of zero is allowed
  if (best > 0 && args.some((x) => x === 0))
    best = Math.min(best, ulpError(actual, reference(...args.map((x) => (x === 0 ? -x : x)))));
  return best;
}

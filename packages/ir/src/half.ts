// Half precision on JavaScript numbers: rounding, and to and from the 16 bits in memory. Plain arithmetic, because not
// every host has Float16Array; it is the oracle of the devices' own conversions. Knows nothing of arrays.

const double = new DataView(new ArrayBuffer(8));
/** The exponent of a normal float64 above 0. */
function exponentOf(x: number): number {
  double.setFloat64(0, x);
  return ((double.getUint16(0) >> 4) & 0x7ff) - 1023;
}

const SMALLEST_NORMAL = 2 ** -14;
/** Half the way from the largest number to the next power of two: from here on numbers round to infinity. */
const OVERFLOW = 65520;

/**
 * The nearest float16, ties to even; what is too large becomes infinite.
 * @example roundHalf(0.1) // 0.0999755859375
 */
export function roundHalf(x: number): number {
  const a = Math.abs(x);
  if (!(a < OVERFLOW)) return a >= OVERFLOW ? Math.sign(x) * Infinity : x;
  const spacing = a < SMALLEST_NORMAL ? 2 ** -24 : 2 ** (exponentOf(a) - 10);
  // adding 1.5·2^52 spacings leaves no digit below one spacing, and rounds as IEEE does
  const magic = spacing * 6755399441055744;
  const rounded = a + magic - magic;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

/**
 * The 16 bits of the nearest float16. Every NaN is the quiet one.
 * @example halfBits(1) // 0x3c00
 */
export function halfBits(x: number): number {
  const value = roundHalf(x);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const a = Math.abs(value);
  if (Number.isNaN(a)) return 0x7e00;
  if (a === Infinity) return sign | 0x7c00;
  if (a < SMALLEST_NORMAL) return sign | (a * 2 ** 24);
  const exponent = exponentOf(a);
  return sign | ((exponent + 15) << 10) | (a * 2 ** (10 - exponent) - 1024);
}

/**
 * The number that 16 bits stand for.
 * @example halfValue(0x3c00) // 1
 */
export function halfValue(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

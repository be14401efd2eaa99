// Decimal digits of floats, as NumPy's dragon4 finds them (Steele and White 1990; Ryan Juckett's account of 2014): the
// shortest that identify a number among those of its own dtype, cut after so many, or filled up with the digits of the
// exact binary value. Owns one number's text; refuses NaN and infinities.

/** The dtypes whose numbers have digits after the point. */
export type FloatName = "float16" | "float32" | "float64";

/** Bits of the significand behind the first, and the exponent of the smallest subnormal number. */
const WIDTHS = {
  float16: { bits: 10, least: -24 },
  float32: { bits: 23, least: -149 },
  float64: { bits: 52, least: -1074 },
} as const;

/** How many digits are wanted: behind the point, or behind the first digit. -1 sets no bound. */
export interface Wanted {
  readonly from: "point" | "first";
  /** No more than these; the last is rounded, ties to even. */
  readonly most: number;
  /** No fewer than these, if the exact value has them. */
  readonly least: number;
}

/** d₀.d₁d₂… × 10^exponent. */
interface Decimal {
  readonly digits: readonly number[];
  readonly exponent: number;
}

const scaleExponent = new DataView(new ArrayBuffer(8));
/** ⌊log₂ a⌋ of a float64 above 0. */
function binaryExponent(a: number): number {
  if (a < 2 ** -1022) return binaryExponent(a * 2 ** 60) - 60;
  scaleExponent.setFloat64(0, a);
  return ((scaleExponent.getUint16(0) >> 4) & 0x7ff) - 1023;
}

/** The digits of a number above 0 of a dtype. */
function digitsOf(a: number, dtype: FloatName, { from, most, least }: Wanted): Decimal {
  const { bits, least: lowest } = WIDTHS[dtype];
  const exponent = Math.max(binaryExponent(a) - bits, lowest);
  const significand = exponent < -1000 ? (a * 2 ** 1000) / 2 ** (exponent + 1000) : a / 2 ** exponent;
  // the neighbour below a power of two is half as far away as the one above
  const uneven = significand === 2 ** bits && exponent > lowest ? 1n : 0n;
  const even = significand % 2 === 0;
  // value / scale is the number, below / scale and above / scale half the way to its neighbours
  let value = BigInt(significand) << (1n + uneven);
  let scale = 1n << (1n + uneven);
  let below = 1n;
  if (exponent > 0) {
    value <<= BigInt(exponent);
    below <<= BigInt(exponent);
  } else scale <<= BigInt(-exponent);

  let place = Math.ceil(Math.log10(a) - 0.69);
  if (from === "point" && most >= 0) place = Math.max(place, 1 - most);
  if (place > 0) scale *= 10n ** BigInt(place);
  else {
    const factor = 10n ** BigInt(-place);
    value *= factor;
    below *= factor;
  }
  if (value >= scale) place++;
  else {
    value *= 10n;
    below *= 10n;
  }
  const cut = (count: number): number => (from === "point" ? -count : place - count);
  const last = most < 0 ? -Infinity : cut(most);
  const first = least < 0 ? place : Math.min(place, cut(least));

  const digits: number[] = [];
  let start = place - 1;
  for (;;) {
    place--;
    const digit = Number(value / scale);
    value %= scale;
    const low = even ? value <= below : value < below;
    const high = even ? value + (below << uneven) >= scale : value + (below << uneven) > scale;
    if (!((low || high) && place <= first) && place !== last) {
      digits.push(digit);
      value *= 10n;
      below *= 10n;
      continue;
    }
    const twice = value * 2n;
    const down = low === high ? twice < scale || (twice === scale && digit % 2 === 0) : low;
    digits.push(digit);
    if (down) break;
    // carry
    let at = digits.length - 1;
    while (at >= 0 && digits[at] === 9) at--;
    digits.length = at + 1;
    if (at >= 0) digits[at]++;
    else {
      digits.push(1);
      start++;
    }
    break;
  }
  return { digits, exponent: start };
}

const negative = (x: number): boolean => x < 0 || Object.is(x, -0);
const trimmed = (fraction: string): string => fraction.replace(/0+$/, "");

/** [sign and whole part, fraction without zeros at its end] of a finite number. */
export function positional(x: number, dtype: FloatName, most: number, least: number): readonly [string, string] {
  const sign = negative(x) ? "-" : "";
  if (x === 0) return [`${sign}0`, ""];
  const { digits, exponent } = digitsOf(Math.abs(x), dtype, { from: "point", most, least });
  const text = digits.join("");
  if (exponent < 0) return [`${sign}0`, trimmed("0".repeat(-exponent - 1) + text)];
  return [sign + text.slice(0, exponent + 1).padEnd(exponent + 1, "0"), trimmed(text.slice(exponent + 1))];
}

/** [sign and first digit, fraction without zeros at its end, exponent] of a finite number. */
export function scientific(
  x: number,
  dtype: FloatName,
  most: number,
  least: number,
): readonly [string, string, number] {
  const sign = negative(x) ? "-" : "";
  if (x === 0) return [`${sign}0`, "", 0];
  const wanted = { from: "first", most: most < 0 ? -1 : most + 1, least: least < 0 ? -1 : least + 1 } as const;
  const { digits, exponent } = digitsOf(Math.abs(x), dtype, wanted);
  return [sign + String(digits[0]), trimmed(digits.slice(1).join("")), exponent];
}

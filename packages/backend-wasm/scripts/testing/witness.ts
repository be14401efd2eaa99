/**
 * Test support: exact arithmetic. Evaluates the transcendental functions in fixed-point BigInt with 320
 * fraction bits, and measures the error of a float in units in the last place of the true value. Serves
 * finite float64 arguments of at least 2^-120 in magnitude; special values are the tests' own business.
 */

/** mantissa · 2^exponent. */
export interface Real {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 320;
const BIG = BigInt(BITS);
const ONE = 1n << BIG;

const view = new DataView(new ArrayBuffer(8));

/** The exact value of a finite float64. */
export function exact(x: number): Real {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 2047n);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = field === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n === 1n ? -magnitude : magnitude, exponent: Math.max(field, 1) - 1075 };
}

function shifted(value: bigint, by: number): bigint {
  return by >= 0 ? value << BigInt(by) : value >> BigInt(-by);
}

function fixed(x: number): bigint {
  const { mantissa, exponent } = exact(x);
  return shifted(mantissa, exponent + BITS);
}

const real = (value: bigint): Real => ({ mantissa: value, exponent: -BITS });
const times = (a: bigint, b: bigint): bigint => (a * b) >> BIG;
const over = (a: bigint, b: bigint): bigint => (a << BIG) / b;

function squareRoot(value: bigint): bigint {
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** atanh(1/n) in `bits` fraction bits. */
function inverseTangent(n: bigint, bits: bigint, alternate: bigint): bigint {
  let power = (1n << bits) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (alternate * power) / (n * n);
  }
  return sum;
}

const LN2 = 2n * inverseTangent(3n, BIG, 1n);
const PI_BITS = 1600n;
const PI_LONG = 16n * inverseTangent(5n, PI_BITS, -1n) - 4n * inverseTangent(239n, PI_BITS, -1n);
const PI = PI_LONG >> (PI_BITS - BIG);
const TWO_OVER_ROOT_PI = over(2n * ONE, squareRoot(PI << BIG));

function expSmall(r: bigint): bigint {
  const reduced = r >> 12n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = times(term, reduced) / k;
    sum += term;
  }
  for (let k = 0; k < 12; k++) sum = times(sum, sum);
  return sum;
}

function expReal(x: bigint): Real {
  const n = (2n * x + LN2) / (2n * LN2);
  return { mantissa: expSmall(x - n * LN2), exponent: Number(n) - BITS };
}

const expFixed = (x: bigint): bigint => {
  const { mantissa, exponent } = expReal(x);
  return shifted(mantissa, exponent + BITS);
};

function logReal(value: Real): bigint {
  const length = value.mantissa.toString(2).length;
  const m = shifted(value.mantissa, BITS - length);
  const s = over(m - ONE, m + ONE);
  const z = times(s, s);
  let power = s;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = times(power, z);
  }
  return 2n * sum + BigInt(value.exponent + length) * LN2;
}

function sinCos(x: number): { sin: bigint; cos: bigint } {
  const { mantissa, exponent } = exact(x);
  const long = shifted(mantissa, exponent + Number(PI_BITS));
  const n = (4n * long + PI_LONG) / (2n * PI_LONG) - (4n * long + PI_LONG < 0n ? 1n : 0n);
  const r = (2n * long - n * PI_LONG) >> (PI_BITS + 1n - BIG);
  const z = times(r, r);
  const series = (first: bigint, start: bigint): bigint => {
    let term = first;
    let sum = first;
    for (let k = start; term !== 0n && term !== -1n; k += 2n) {
      term = -times(term, z) / (k * (k + 1n));
      sum += term;
    }
    return sum;
  };
  const s = series(r, 2n);
  const c = series(ONE, 1n);
  const turns: readonly { sin: bigint; cos: bigint }[] = [
    { sin: s, cos: c },
    { sin: c, cos: -s },
    { sin: -s, cos: -c },
    { sin: -c, cos: s },
  ];
  return turns[Number(((n % 4n) + 4n) % 4n)];
}

function erfFixed(x: bigint): bigint {
  const z = times(x, x);
  let term = x;
  let sum = x;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = -times(term, z) / k;
    sum += term / (2n * k + 1n);
  }
  return times(sum, TWO_OVER_ROOT_PI);
}

/** The functions of one argument. */
export const WITNESS = {
  exp: (x: number): Real => expReal(fixed(x)),
  expm1: (x: number): Real => real(expFixed(fixed(x)) - ONE),
  log: (x: number): Real => real(logReal(exact(x))),
  log1p: (x: number): Real => real(logReal(real(ONE + fixed(x)))),
  logistic: (x: number): Real => {
    const e = expReal(fixed(x));
    const sum = ONE + shifted(e.mantissa, e.exponent + BITS);
    return { mantissa: over(e.mantissa, sum), exponent: e.exponent };
  },
  tanh: (x: number): Real => {
    const e = expFixed(2n * fixed(x));
    return real(over(e - ONE, e + ONE));
  },
  sqrt: (x: number): Real => real(squareRoot(fixed(x) << BIG)),
  rsqrt: (x: number): Real => real(squareRoot((ONE * ONE * ONE) / fixed(x))),
  sin: (x: number): Real => real(sinCos(x).sin),
  cos: (x: number): Real => real(sinCos(x).cos),
  erf: (x: number): Real => real(erfFixed(fixed(x))),
} as const satisfies Record<string, (x: number) => Real>;

/** x^y of positive x. */
export function powWitness(x: number, y: number): Real {
  const { mantissa, exponent } = exact(y);
  return expReal(shifted(logReal(exact(x)) * mantissa, exponent));
}

/** The angle of (x, y) for positive operands, from the tangent of a guess. */
export function atan2Witness(y: number, x: number, guess: number): Real {
  const { sin, cos } = sinCos(guess);
  // tan(θ − guess) to first order: the guess is good to 2^-40, so the square does not matter.
  const numerator = fixed(y) * cos - fixed(x) * sin;
  return real(fixed(guess) + (numerator << BIG) / (fixed(x) * cos + fixed(y) * sin));
}

/** The number whose erf is y, from a guess that is nearly right. */
export function erfInvWitness(y: number, guess: number): Real {
  const x = fixed(guess);
  const slope = times(TWO_OVER_ROOT_PI, expFixed(-times(x, x)));
  return real(x - over(erfFixed(x) - fixed(y), slope));
}

/** |result − truth| in units in the last place of the truth, for a format of `digits` bits. */
export function ulpError(result: number, truth: Real, digits: 24 | 53): number {
  const magnitude = truth.mantissa < 0n ? -truth.mantissa : truth.mantissa;
  const top = magnitude === 0n ? -2000 : magnitude.toString(2).length + truth.exponent;
  const unit = Math.max(top - digits, digits === 24 ? -149 : -1074);
  const limit = digits === 24 ? 128 : 1024;
  if (top > limit) return result === (truth.mantissa < 0n ? -Infinity : Infinity) ? 0 : Infinity;
  if (!Number.isFinite(result)) return Infinity;
  const given = exact(result);
  const low = Math.min(given.exponent, truth.exponent);
  const difference = shifted(given.mantissa, given.exponent - low) - shifted(truth.mantissa, truth.exponent - low);
  // Thirty-two more bits than units, so that the quotient has a fraction.
  const scaled = shifted(difference < 0n ? -difference : difference, low - unit + 32);
  return Number(scaled) / 2 ** 32;
}

/** The float64 next to a real number (for comparisons with float32 results). */
export function toNumber(value: Real): number {
  const magnitude = value.mantissa < 0n ? -value.mantissa : value.mantissa;
  const length = magnitude.toString(2).length;
  const top = Number(shifted(value.mantissa, 60 - length));
  return top * 2 ** Math.max(value.exponent + length - 60, -1000) * 2 ** Math.min(value.exponent + length + 940, 0);
}

// Checks of every result against plain float64 code that shares nothing with the engine.

/** What a check found: the largest error and what was allowed. */
export interface Check {
  readonly what: string;
  readonly error: number;
  readonly bound: number;
}

export const passed = ({ error, bound }: Check): boolean => error <= bound;

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

/** Largest |y − selu(x)| in float64. */
export function checkSelu(x: ArrayLike<number>, y: ArrayLike<number>): Check {
  let error = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = SCALE * (x[i] > 0 ? x[i] : ALPHA * Math.exp(x[i]) - ALPHA);
    error = worst(error, y[i] - expected);
  }
  return { what: `SELU against float64, ${x.length.toLocaleString("en")} elements, absolute`, error, bound: 1e-6 };
}

/** Keeps NaN: a NaN error must fail the check. */
const worst = (error: number, difference: number): number =>
  Number.isNaN(difference) ? Infinity : Math.max(error, Math.abs(difference));

/** Largest difference of two lists of numbers, relative to 1 + the expected value. */
export function checkClose(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, bound: number): Check {
  let error = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; i++)
    error = worst(error, (actual[i] - expected[i]) / (1 + Math.abs(expected[i])));
  return { what, error, bound };
}

/**
 * Sampled entries of A·x in float64 against the device's: |err| ≤ 2·√K·2⁻²⁴·(|A|·|x|), the bound of a random-walk
 * rounding error (BUILD.md); returned as a ratio to that bound.
 */
export function checkProducts(
  rows: readonly ArrayLike<number>[],
  vectors: readonly ArrayLike<number>[],
  value: (row: number, vector: number) => number,
): Check {
  let error = 0;
  rows.forEach((row, r) => {
    vectors.forEach((vector, v) => {
      let sum = 0;
      let scale = 0;
      for (let k = 0; k < row.length; k++) {
        sum += row[k] * vector[k];
        scale += Math.abs(row[k] * vector[k]);
      }
      error = worst(error, (value(r, v) - sum) / (2 * Math.sqrt(row.length) * 2 ** -24 * scale));
    });
  });
  return {
    what: `matrix·vectors against float64, ${rows.length * vectors.length} sampled entries, relative to the rounding bound`,
    error,
    bound: 1,
  };
}

/** The blur in float64: a direct double loop with clamped coordinates. */
export function checkBlur(
  pixels: ArrayLike<number>,
  height: number,
  width: number,
  blurred: ArrayLike<number>,
  sigma: number,
  size: number,
): Check {
  const half = (size - 1) / 2;
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((a, b) => a + b) ** 2;
  let error = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const row = Math.min(Math.max(y + i - half, 0), height - 1) * width;
        for (let j = 0; j < size; j++)
          sum += weights[i] * weights[j] * pixels[row + Math.min(Math.max(x + j - half, 0), width - 1)];
      }
      error = worst(error, blurred[y * width + x] - sum / total);
    }
  }
  return {
    what: `blur against float64, ${(height * width).toLocaleString("en")} pixels, absolute`,
    error,
    bound: 2e-6,
  };
}

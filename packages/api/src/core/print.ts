// Arrays as text by NumPy's rules (its documentation of array2string and printoptions, of NumPy 2.4, at the defaults: precision
// 8, threshold 1000, 3 edge items, 75 columns). Owns formatting of host data; refuses to fetch any.
import type { ServedDType } from "@weft/ir";
import { isFloat, roundHalf, sizeOf } from "@weft/ir";
import type { HostArray } from "./host.ts";

const PRECISION = 8;
const THRESHOLD = 1000;
const EDGE = 3;
const WIDTH = 75;
/** Arrays with a magnitude from here on are written with exponents: 10 to the dtype's decimal digits, at most 8. */
const EXPONENT_FROM = { float16: 1e3, float32: 1e6, float64: 1e8 } as const;
/** The same for numbers alone. */
const SCALAR_EXPONENT_FROM = { float16: 1e3, float32: 1e6, float64: 1e16 } as const;

/** How one kind of element is written; all results of one format have equal width. */
type Format = (value: number) => string;

// Floats ---------------------------------------------------------------------------------------------------------

/** The narrow floats: a value's nearest one, and how many digits every decimal keeps in it, and its numbers at most have. */
const NARROW = {
  float16: { fit: roundHalf, smallestNormal: 2 ** -14, kept: 3, most: 5 },
  float32: { fit: Math.fround, smallestNormal: 2 ** -126, kept: 6, most: 9 },
} as const;
type FloatName = "float16" | "float32" | "float64";
/** How numbers that are no floats are measured: in float64. */
const floatName = (dtype: ServedDType): FloatName => (dtype === "float16" || dtype === "float32" ? dtype : "float64");
/** What {@link shortest} found in the array that is being printed: every number is asked for several times. */
const found = new Map<number, number>();

/** The double whose shortest digits are the shortest that identify x in its dtype. */
function shortest(x: number, dtype: ServedDType): number {
  if ((dtype !== "float16" && dtype !== "float32") || x === 0) return x;
  const { fit, smallestNormal, kept, most } = NARROW[dtype];
  // every decimal of 6 digits survives float32 (of 3 float16), so a shorter one shows as 6 digits with zeros at the end
  const a = Math.abs(x);
  const known = found.get(a);
  if (known !== undefined) return x < 0 ? -known : known;
  for (let digits = a < smallestNormal ? 1 : kept; digits <= most; digits++) {
    if (fit(Number(a.toExponential(digits - 1))) !== a) continue;
    const y = Number(rounded(a, digits - 1, (n) => a.toExponential(n)));
    found.set(a, y);
    return x < 0 ? -y : y;
  }
  return x; // infinities and NaN
}

/** Decimal text of |x| cut to `precision` fraction digits; exact ties go to the even digit, as in Dragon4. */
function rounded(x: number, precision: number, text: (digits: number) => string): string {
  const result = text(precision);
  // a tie shows as a last digit of 5; the many digits that prove one are dear
  if (!/5(?:e|$)/.test(text(precision + 1))) return result;
  const [mantissa, exponent = ""] = result.split("e");
  const longer = text(precision + 30).split("e")[0];
  const dot = longer.indexOf(".") + 1 + precision;
  if (!/^50*$/.test(longer.slice(dot)) || Number(longer[dot - 1]) % 2 !== 0) return result;
  return (
    longer.slice(0, dot) +
    (exponent === ""
      ? ""
      : mantissa === longer.slice(0, dot)
        ? `e${exponent}`
        : `e${text(precision + 30).split("e")[1]}`)
  );
}

const trimZeros = (fraction: string): string => fraction.replace(/0+$/, "");

/** [sign and integer part, fraction without trailing zeros] of x with at most 8 fraction digits. */
function positional(x: number, dtype: ServedDType, precision: number): readonly [string, string] {
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const y = Math.abs(shortest(x, dtype));
  const [mantissa, exponent] = y.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const point = Number(exponent) + 1;
  if (digits.length - point <= precision) {
    if (point <= 0) return [`${sign}0`, trimZeros("0".repeat(-point) + digits)];
    return [sign + digits.slice(0, point).padEnd(point, "0"), trimZeros(digits.slice(point))];
  }
  const a = Math.abs(x);
  const [whole, fraction] = rounded(a, precision, (n) => a.toFixed(n)).split(".");
  return [sign + whole, trimZeros(fraction)];
}

/** [sign and first digit, fraction without trailing zeros, exponent with its sign and two digits or more]. */
function scientific(x: number, dtype: ServedDType): readonly [string, string, string] {
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  let text = Math.abs(shortest(x, dtype)).toExponential();
  if (text.split("e")[0].length - 2 > PRECISION)
    text = rounded(Math.abs(x), PRECISION, (n) => Math.abs(x).toExponential(n));
  const [mantissa, exponent] = text.split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  return [sign + whole, trimZeros(fraction), exponent[0] + exponent.slice(1).padStart(2, "0")];
}

const longest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);
const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");

/** Whether numbers of these magnitudes are written with exponents. */
function wantsExponents(finite: readonly number[], dtype: ServedDType): boolean {
  let most = 0;
  let least = Infinity;
  for (const x of finite) {
    if (x === 0) continue;
    const a = Math.abs(x);
    most = Math.max(most, a);
    least = Math.min(least, a);
  }
  if (most === 0) return false;
  const name = floatName(dtype);
  const fit = (y: number): number => (name === "float64" ? y : NARROW[name].fit(y));
  return most >= EXPONENT_FROM[name] || least < fit(1e-4) || fit(most / least) > 1000;
}

function floatFormat(values: readonly number[], dtype: ServedDType): Format {
  const finite = values.filter((x) => Number.isFinite(x));
  let left = 0;
  let right = 0;
  let write: Format = special;
  if (finite.length > 0 && wantsExponents(finite, dtype)) {
    const parts = finite.map((x) => scientific(x, dtype));
    const precision = longest(parts.map(([, fraction]) => fraction));
    const exponents = longest(parts.map(([, , exponent]) => exponent)) - 1;
    left = longest(parts.map(([whole]) => whole));
    right = exponents + 2 + precision;
    write = (x) => {
      const [, shortFraction, exponent] = scientific(x, dtype);
      // a mantissa that is filled up shows the digits of the stored number, not zeros
      const digits =
        shortFraction.length < precision && x !== 0
          ? rounded(Math.abs(x), precision, (n) => Math.abs(x).toExponential(n))
              .split("e")[0]
              .split(".")
          : null;
      const [whole, fraction] = [scientific(x, dtype)[0], digits === null ? shortFraction : digits[1]];
      return `${whole.padStart(left)}.${fraction.padEnd(precision, "0")}e${exponent[0]}${exponent.slice(1).padStart(exponents, "0")}`;
    };
  } else if (finite.length > 0) {
    const parts = finite.map((x) => positional(x, dtype, PRECISION));
    left = longest(parts.map(([whole]) => whole));
    right = longest(parts.map(([, fraction]) => fraction));
    write = (x) => {
      const [whole, fraction] = positional(x, dtype, PRECISION);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    };
  }
  if (finite.length !== values.length) {
    const offset = right + 1;
    const negative = values.some((x) => x === -Infinity) ? 1 : 0;
    left = Math.max(left, 3 - offset, 3 + negative - offset);
  }
  return (x) => (Number.isFinite(x) ? write(x) : special(x).padStart(left + right + 1));
}

/** A number alone, as NumPy's scalars print: all its digits, an exponent below 1e−4 and for large ones. */
function scalarText(x: number, dtype: ServedDType): string {
  if (dtype === "bool") return x === 0 ? "False" : "True";
  if (!isFloat(dtype)) return String(x);
  if (!Number.isFinite(x)) return special(x);
  const a = Math.abs(x);
  if (a === 0 || (a >= 1e-4 && a < SCALAR_EXPONENT_FROM[floatName(dtype)])) {
    const [whole, fraction] = positional(x, dtype, 100);
    return `${whole}.${fraction === "" ? "0" : fraction}`;
  }
  const [mantissa, exponent] = shortest(x, dtype).toExponential().split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

// Layout ---------------------------------------------------------------------------------------------------------

/** The positions along an axis that are shown; −1 stands for the gap. */
function shown(n: number, summarise: boolean): number[] {
  if (!summarise || n <= 2 * EDGE) return Array.from({ length: n }, (_, i) => i);
  return [0, 1, 2, -1, n - 3, n - 2, n - 1];
}

/**
 * The text of an array, as str(x) in NumPy: columns aligned, `...` in arrays of more than 1000 elements, lines of at
 * most 75 columns.
 * @example formatArray(Float32Array.of(1, 2.5), [2], "float32") // "[1.  2.5]"
 */
export function formatArray(data: HostArray, shape: readonly number[], dtype: ServedDType): string {
  found.clear();
  if (shape.length === 0) return scalarText(data[0], dtype);
  if (sizeOf(shape) === 0) return "[]";
  const summarise = data.length > THRESHOLD;
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];

  const visible: number[] = [];
  const gather = (axis: number, offset: number): void => {
    if (axis === shape.length) visible.push(data[offset]);
    else for (const i of shown(shape[axis], summarise)) if (i >= 0) gather(axis + 1, offset + i * strides[axis]);
  };
  gather(0, 0);

  let format: Format;
  if (dtype === "bool") format = (x) => (x === 0 ? "False" : " True");
  else if (isFloat(dtype)) format = floatFormat(visible, dtype);
  else {
    const width = longest(visible.map(String));
    format = (x) => String(x).padStart(width);
  }

  const layout = (axis: number, offset: number, indent: string, width: number): string => {
    if (axis === shape.length) return format(data[offset]);
    const places = shown(shape[axis], summarise);
    const element = (i: number): string =>
      i < 0 ? "..." : layout(axis + 1, offset + i * strides[axis], `${indent} `, width - 1);
    if (axis < shape.length - 1)
      return `[${places.map(element).join(`${"\n".repeat(shape.length - 1 - axis)}${indent}`)}]`;
    let text = "";
    let line = indent;
    places.forEach((i, at) => {
      const word = element(i);
      if (line.length + word.length > width - 1 && line.length > indent.length) {
        text += `${line.trimEnd()}\n`;
        line = indent;
      }
      line += at === places.length - 1 ? word : `${word} `;
    });
    return `[${(text + line).slice(indent.length)}]`;
  };
  return layout(0, 0, " ", WIDTH);
}

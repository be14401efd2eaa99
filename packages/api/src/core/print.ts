// Arrays as text by NumPy's rules (its documentation of array2string and printoptions, of NumPy 2.4, at the defaults: precision
// 8, threshold 1000, 3 edge items, 75 columns). Owns formatting of host data; refuses to fetch any. decimal.ts has the digits.
import type { DType, ServedDType } from "@weft/ir";
import { isFloat, roundHalf, sizeOf } from "@weft/ir";
import type { FloatName } from "./decimal.ts";
import { positional, scientific } from "./decimal.ts";
import type { HostArray } from "./host.ts";

const PRECISION = 8;
const THRESHOLD = 1000;
const EDGE = 3;
const WIDTH = 75;
/** Arrays with a magnitude from here on are written with exponents: 10 to the dtype's decimal digits, at most 8. */
const EXPONENT_FROM = { float16: 1e3, float32: 1e6, float64: 1e8 } as const;
/** The same for numbers alone. */
const SCALAR_EXPONENT_FROM = { float16: 1e3, float32: 1e6, float64: 1e16 } as const;
/** How a number of each dtype is rounded to it. */
const FIT = { float16: roundHalf, float32: Math.fround, float64: (x: number): number => x } as const;

/** How one kind of element is written; all results of one format have equal width. */
type Format = (value: number) => string;

// Floats ---------------------------------------------------------------------------------------------------------

const longest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);
const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");
const exponentText = (exponent: number, digits = 2): string =>
  (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(digits, "0");

/** Whether numbers of these magnitudes are written with exponents. Compares in the dtype, as NumPy does. */
function wantsExponents(finite: readonly number[], dtype: FloatName): boolean {
  let most = 0;
  let least = Infinity;
  for (const x of finite) {
    if (x === 0) continue;
    const a = Math.abs(x);
    most = Math.max(most, a);
    least = Math.min(least, a);
  }
  const fit = FIT[dtype];
  return most !== 0 && (most >= EXPONENT_FROM[dtype] || least < fit(1e-4) || fit(most / least) > 1000);
}

/** Each number's text is asked for once, however often it stands in the array. */
function remembering<T>(f: (x: number) => T): (x: number) => T {
  const known = new Map<number, T>();
  return (x) => {
    if (x === 0) return f(x); // a Map has one place for both zeros
    let text = known.get(x);
    if (text === undefined) known.set(x, (text = f(x)));
    return text;
  };
}

function floatFormat(values: readonly number[], dtype: FloatName): Format {
  const finite = values.filter((x) => Number.isFinite(x));
  let left = 0;
  let right = 0;
  let write: Format = special;
  if (finite.length > 0 && wantsExponents(finite, dtype)) {
    const parts = finite.map(remembering((x) => scientific(x, dtype, PRECISION, -1)));
    const precision = longest(parts.map(([, fraction]) => fraction));
    const exponents = longest(parts.map(([, , exponent]) => exponentText(exponent))) - 1;
    left = longest(parts.map(([whole]) => whole));
    right = exponents + 2 + precision;
    // a fraction that is filled up shows the digits of the exact value, not zeros
    write = remembering((x) => {
      const [whole, fraction, exponent] = scientific(x, dtype, precision, precision);
      return `${whole.padStart(left)}.${fraction.padEnd(precision, "0")}e${exponentText(exponent, exponents)}`;
    });
  } else if (finite.length > 0) {
    const parts = finite.map(remembering((x) => positional(x, dtype, PRECISION, -1)));
    left = longest(parts.map(([whole]) => whole));
    right = longest(parts.map(([, fraction]) => fraction));
    write = remembering((x) => {
      const [whole, fraction] = positional(x, dtype, PRECISION, 0);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    });
  }
  if (finite.length !== values.length) {
    const offset = right + 1;
    const sign = values.includes(-Infinity) ? 1 : 0;
    left = Math.max(left, 3 - offset, 3 + sign - offset);
  }
  return (x) => (Number.isFinite(x) ? write(x) : special(x).padStart(left + right + 1));
}

/** A number alone, as NumPy's scalars print: all its digits, an exponent below 1e−4 and for large ones. */
function scalarText(x: number, dtype: ServedDType): string {
  if (dtype === "bool") return x === 0 ? "False" : "True";
  if (!isFloat(dtype)) return String(x);
  if (!Number.isFinite(x)) return special(x);
  const a = Math.abs(x);
  const name = dtype as FloatName;
  if (a === 0 || (a >= 1e-4 && a < SCALAR_EXPONENT_FROM[name])) {
    const [whole, fraction] = positional(x, name, -1, -1);
    return `${whole}.${fraction === "" ? "0" : fraction}`;
  }
  const [whole, fraction, exponent] = scientific(x, name, -1, -1);
  return `${whole}${fraction === "" ? "" : "."}${fraction}e${exponentText(exponent)}`;
}

// Layout ---------------------------------------------------------------------------------------------------------

/** The positions along an axis that are shown; −1 stands for the gap. */
function shown(n: number, summarise: boolean): number[] {
  if (!summarise || n <= 2 * EDGE) return Array.from({ length: n }, (_, i) => i);
  return [0, 1, 2, -1, n - 3, n - 2, n - 1];
}

function formatOf(visible: readonly number[], dtype: ServedDType, scalar: boolean): Format {
  if (dtype === "bool") return (x) => (x === 0 ? "False" : scalar ? "True" : " True");
  if (isFloat(dtype)) return floatFormat(visible, dtype as FloatName);
  const width = longest(visible.map(String));
  return (x) => String(x).padStart(width);
}

/** What stands around an array: between elements, how far lines are indented, and what follows the last bracket. */
interface Surroundings {
  readonly separator: string;
  readonly prefix: number;
  readonly suffix: number;
}

/** NumPy's array2string. */
function arrayText(data: HostArray, shape: readonly number[], dtype: ServedDType, around: Surroundings): string {
  if (sizeOf(shape) === 0) return "[]";
  const { separator } = around;
  const bare = separator.trimEnd();
  const summarise = data.length > THRESHOLD;
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];

  const visible: number[] = [];
  const gather = (axis: number, offset: number): void => {
    if (axis === shape.length) visible.push(data[offset]);
    else for (const i of shown(shape[axis], summarise)) if (i >= 0) gather(axis + 1, offset + i * strides[axis]);
  };
  gather(0, 0);
  const format = formatOf(visible, dtype, shape.length === 0);

  const layout = (axis: number, offset: number, indent: string, width: number): string => {
    if (axis === shape.length) return format(data[offset]);
    const places = shown(shape[axis], summarise);
    const element = (i: number): string =>
      i < 0 ? "..." : layout(axis + 1, offset + i * strides[axis], `${indent} `, width - 1);
    if (axis < shape.length - 1)
      return `[${places.map(element).join(`${bare}${"\n".repeat(shape.length - 1 - axis)}${indent}`)}]`;
    const room = width - Math.max(bare.length, 1);
    let text = "";
    let line = indent;
    places.forEach((i, at) => {
      const word = element(i);
      if (line.length + word.length > room && line.length > indent.length) {
        text += `${line.trimEnd()}\n`;
        line = indent;
      }
      line += at === places.length - 1 ? word : word + separator;
    });
    return `[${(text + line).slice(indent.length)}]`;
  };
  return layout(0, 0, " ".repeat(around.prefix + 1), WIDTH - around.suffix);
}

/**
 * The text of an array, as str(x) in NumPy: columns aligned, `...` in arrays of more than 1000 elements, lines of at
 * most 75 columns.
 * @example formatArray(Float32Array.of(1, 2.5), [2], "float32") // "[1.  2.5]"
 */
export function formatArray(data: HostArray, shape: readonly number[], dtype: ServedDType): string {
  if (shape.length === 0) return scalarText(data[0], dtype);
  return arrayText(data, shape, dtype, { separator: " ", prefix: 0, suffix: 0 });
}

/** A shape as Python writes a tuple. */
const tuple = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/**
 * The text of an array as repr(x) in NumPy, for a class of that name: commas, the dtype where the numbers do not imply
 * it, the shape where they do not show it.
 * @example formatRepr(Float32Array.of(1, 2.5), [2], "float32", "array") // "array([1. , 2.5], dtype=float32)"
 */
export function formatRepr(data: HostArray, shape: readonly number[], dtype: ServedDType, name: string): string {
  const prefix = `${name}(`;
  const text = prefix + arrayText(data, shape, dtype, { separator: ", ", prefix: prefix.length, suffix: 1 });
  const size = sizeOf(shape);
  const extras: string[] = [];
  if ((size === 0 && shape.length !== 1) || size > THRESHOLD) extras.push(`shape=${tuple(shape)}`);
  if ((dtype !== "bool" && dtype !== "float64") || size === 0) extras.push(`dtype=${dtype}`);
  if (extras.length === 0) return `${text})`;
  const last = `${extras.join(", ")})`;
  const column = text.length + 1 - (text.lastIndexOf("\n") + 1);
  return `${text},${column + last.length + 1 > WIDTH ? `\n${" ".repeat(prefix.length)}` : " "}${last}`;
}

/** `float32[3,4]`, as messages name an array, with a star where its dtype yields to others. */
export const formatLabel = ({ dtype, weakType, shape }: Label): string =>
  `${dtype}${weakType && dtype !== "bool" ? "*" : ""}[${shape.join(",")}]`;
interface Label {
  readonly dtype: DType;
  readonly weakType: boolean;
  readonly shape: readonly number[];
}

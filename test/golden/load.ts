// Reads test/golden/data: cases with their bit patterns decoded into typed arrays, and distances in units in the
// last place. Knows nothing of our API (support.ts does), so that it can be tested by itself.
import { readText } from "../support/files.ts";

/** The sections generate.py writes, one JSON file each. */
export const SECTIONS = [
  "random",
  "promotion",
  "indexing",
  "gradients",
  "elementwise",
  "reductions",
  "printing",
  "nn",
  "creation",
  "halves",
  "degenerate",
  "options",
  "structure",
] as const;

export type Section = (typeof SECTIONS)[number];

export type GoldenData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** An array of a case: bfloat16 is widened to Float32Array, bool is Uint8Array, complex is re, im. */
export interface GoldenArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: GoldenData;
}

/** An argument as JSON has it: {"input": i}, {"key": seed}, {"float": "nan"}, or plain JSON. */
export type GoldenArgument =
  | null
  | boolean
  | number
  | string
  | readonly GoldenArgument[]
  | { readonly [tag: string]: GoldenArgument };

export type IndexPart =
  | readonly ["slice", number | null, number | null, number | null]
  | readonly ["int", number]
  | readonly ["newaxis"]
  | readonly ["ellipsis"]
  | readonly ["array" | "mask", { readonly input: number }];

/** One case of a section; README.md says what each field means. */
export interface GoldenCase {
  readonly name: string;
  readonly fn: string;
  readonly args: readonly GoldenArgument[];
  readonly options: { readonly [name: string]: GoldenArgument } | undefined;
  readonly inputs: readonly GoldenArray[];
  readonly ulp: number;
  /** An absolute distance that is allowed too; 0 where none is. */
  readonly atol: number;
  /** One array, or the parts where the function returns a list; empty where nothing is computed (printing, promotion). */
  readonly outputs: readonly GoldenArray[];
  readonly isList: boolean;
  readonly keyData: boolean;
  readonly wrt: readonly number[];
  readonly cotangent: GoldenArray | undefined;
  readonly gradients: readonly GoldenArray[];
  readonly index: readonly IndexPart[];
  readonly types: readonly string[];
  readonly dtype: string;
  readonly weak: boolean;
  readonly str: string;
  readonly repr: string;
  readonly jaxRepr: string | undefined;
}

interface RawArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bits: readonly string[];
}

interface RawCase {
  readonly name: string;
  readonly fn: string;
  readonly args: readonly GoldenArgument[];
  readonly options?: { readonly [name: string]: GoldenArgument };
  readonly inputs: readonly RawArray[];
  readonly ulp: number;
  readonly atol?: number;
  readonly output?: RawArray;
  readonly outputs?: readonly RawArray[];
  readonly keyData?: boolean;
  readonly wrt?: readonly number[];
  readonly cotangent?: RawArray;
  readonly gradients?: readonly RawArray[];
  readonly index?: readonly IndexPart[];
  readonly types?: readonly string[];
  readonly dtype?: string;
  readonly weak?: boolean;
  readonly str?: string;
  readonly repr?: string;
  readonly jaxRepr?: string;
}

const words32 = (bits: readonly string[]): Uint32Array => Uint32Array.from(bits, (word) => Number.parseInt(word, 16));

function words64(bits: readonly string[]): BigUint64Array {
  return BigUint64Array.from(bits, (word) => BigInt(`0x${word}`));
}

/** Decodes hexadecimal words, one an element, into the typed array of a dtype. */
export function decodeBits(dtype: string, bits: readonly string[]): GoldenData {
  switch (dtype) {
    case "float32":
    case "complex64":
      return new Float32Array(words32(bits).buffer);
    case "float64":
    case "complex128":
      return new Float64Array(words64(bits).buffer);
    case "int32":
      return new Int32Array(words32(bits).buffer);
    case "uint32":
      return words32(bits);
    case "int16":
      return Int16Array.from(words32(bits));
    case "uint16":
      return Uint16Array.from(words32(bits));
    case "int8":
      return Int8Array.from(words32(bits));
    case "bool":
    case "uint8":
      return Uint8Array.from(words32(bits));
    case "float16":
      return new Float16Array(Uint16Array.from(words32(bits)).buffer);
    case "bfloat16":
      return new Float32Array(words32(bits).map((word) => (word << 16) >>> 0).buffer);
    default:
      throw new Error(`golden: no decoder for dtype ${dtype}`);
  }
}

const decode = (raw: RawArray): GoldenArray => ({
  dtype: raw.dtype,
  shape: raw.shape,
  data: decodeBits(raw.dtype, raw.bits),
});

function toCase(raw: RawCase): GoldenCase {
  return {
    name: raw.name,
    fn: raw.fn,
    args: raw.args,
    options: raw.options,
    inputs: raw.inputs.map(decode),
    ulp: raw.ulp,
    atol: raw.atol ?? 0,
    outputs: (raw.output ? [raw.output] : (raw.outputs ?? [])).map(decode),
    isList: raw.outputs !== undefined,
    keyData: raw.keyData ?? false,
    wrt: raw.wrt ?? [],
    cotangent: raw.cotangent && decode(raw.cotangent),
    gradients: (raw.gradients ?? []).map(decode),
    index: raw.index ?? [],
    types: raw.types ?? [],
    dtype: raw.dtype ?? "",
    weak: raw.weak ?? false,
    str: raw.str ?? "",
    repr: raw.repr ?? "",
    jaxRepr: raw.jaxRepr,
  };
}

// read at import, so that suites can list their cases at once; decoded when asked for
const texts = new Map<Section, string>(
  await Promise.all(
    SECTIONS.map(
      async (section) => [section, await readText(new URL(`./data/${section}.json`, import.meta.url))] as const,
    ),
  ),
);

/**
 * The cases of one section, decoded.
 * @example loadGolden("random").filter((golden) => golden.fn === "random.uniform")
 */
export function loadGolden(section: Section): readonly GoldenCase[] {
  const file = JSON.parse(texts.get(section) as string) as { readonly cases: readonly RawCase[] };
  return file.cases.map(toCase);
}

const float32Word = new Int32Array(1);
const float32Value = new Float32Array(float32Word.buffer);
const float16Word = new Int16Array(1);
const float16Value = new Float16Array(float16Word.buffer);
const float64Word = new BigInt64Array(1);
const float64Value = new Float64Array(float64Word.buffer);

function ordered32(value: number): number {
  float32Value[0] = value;
  const word = float32Word[0];
  return word < 0 ? -(word & 0x7fffffff) : word;
}

function ordered16(value: number): number {
  float16Value[0] = value;
  const word = float16Word[0];
  return word < 0 ? -(word & 0x7fff) : word;
}

function ordered64(value: number): bigint {
  float64Value[0] = value;
  const word = float64Word[0];
  return word < 0n ? -(word & 0x7fffffffffffffffn) : word;
}

/**
 * How many representable numbers lie from a to b: 0 for NaN against NaN and for +0 against −0, Infinity for NaN
 * against a number. The width is float32's, or another on request.
 */
export function ulpDistance(a: number, b: number, width: 16 | 32 | 64 = 32): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  if (width === 16) return Math.abs(ordered16(a) - ordered16(b));
  if (width === 32) return Math.abs(ordered32(a) - ordered32(b));
  const distance = ordered64(a) - ordered64(b);
  return Number(distance < 0n ? -distance : distance);
}

const MAX_LISTED = 6;
const SMALLEST_NORMAL = 2 ** -126;

export interface CompareOptions {
  /** Takes a denormal where zero is expected: XLA's CPU code flushes them. */
  readonly flushed?: boolean;
  /** Takes elements that lie so near, however many units apart. */
  readonly atol?: number;
  /**
   * The device computes as WGSL allows: denormals may become zero, and zeros may lose their sign. The smallest normal
   * number may too, since a half of it on the way is a denormal.
   */
  readonly wgsl?: boolean;
}

/**
 * Throws unless every element lies within `ulp` units in the last place of the expected one. At 0 the bits must be
 * equal, the sign of zero included. Integers must be equal always. The kind of the arrays must be the same.
 */
export function expectWithinUlp(
  actual: ArrayLike<number>,
  expected: GoldenData,
  ulp: number,
  options: CompareOptions = {},
): void {
  if (actual.constructor !== expected.constructor) {
    throw new Error(`expected a ${expected.constructor.name}, got a ${String(actual.constructor?.name)}`);
  }
  if (actual.length !== expected.length) throw new Error(`expected ${expected.length} elements, got ${actual.length}`);
  const width = expected instanceof Float64Array ? 64 : expected instanceof Float16Array ? 16 : 32;
  const isFloat = width !== 32 || expected instanceof Float32Array;
  const wrong: string[] = [];
  let count = 0;
  for (let i = 0; i < expected.length; i++) {
    const got = actual[i];
    const wanted = expected[i];
    if (Object.is(got, wanted)) continue;
    if (options.flushed && wanted === 0 && Math.abs(got) < SMALLEST_NORMAL) continue;
    if (options.wgsl && isFloat && Math.abs(wanted) <= SMALLEST_NORMAL && Math.abs(got) <= SMALLEST_NORMAL) continue;
    if (options.atol !== undefined && options.atol > 0 && Math.abs(got - wanted) <= options.atol) continue;
    const distance = isFloat ? ulpDistance(got, wanted, width) : Infinity;
    // An exact result has the expected sign of zero; a rounded one may lose it.
    if (isFloat && distance <= ulp && ulp > 0) continue;
    count++;
    if (wrong.length < MAX_LISTED)
      wrong.push(
        `[${i}] ${Object.is(got, -0) ? "-0" : got} instead of ${Object.is(wanted, -0) ? "-0" : wanted} (${distance} ulp)`,
      );
  }
  if (count > 0)
    throw new Error(`${count} of ${expected.length} elements differ by more than ${ulp} ulp: ${wrong.join("; ")}`);
}

// Arrays as text (README.md): `f32[2,3]e7` is a recipe, `f32*[3]=1,nan,-0` lists elements. arrays.py is the same in
// Python; both give the same bits. Knows nothing of our API.
import type { GoldenData } from "./load.ts";

/** What a text means. Truth values are bytes, halves a Float16Array. */
export interface TextArray {
  readonly dtype: string;
  readonly weak: boolean;
  readonly shape: readonly number[];
  readonly data: GoldenData;
}

const DTYPES: Readonly<Record<string, string>> = {
  bool: "bool",
  i8: "int8",
  u8: "uint8",
  i16: "int16",
  u16: "uint16",
  i32: "int32",
  u32: "uint32",
  f16: "float16",
  f32: "float32",
  f64: "float64",
  c64: "complex64",
  c128: "complex128",
  key: "key",
};

const TEXT = /^(?<name>\w+?)(?<weak>\*?)\[(?<dims>[\d,]*)\](?:=(?<listed>.*)|(?<distribution>[a-z])(?<seed>\d+))$/u;

/** One 32-bit word an element: murmur3's finalizer over seed and position. */
function mixed(seed: number, count: number): Uint32Array {
  const first = Math.imul(seed, 0x9e3779b9) + 1;
  return Uint32Array.from({ length: count }, (_, i) => {
    let h = (first + Math.imul(i, 0x85ebca6b)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  });
}

/** The place of each word among all. */
function order(words: Uint32Array): number[] {
  const places = new Array<number>(words.length);
  [...words.keys()].sort((a, b) => words[a] - words[b] || a - b).forEach((at, place) => (places[at] = place));
  return places;
}

const each =
  (of: (h: number) => number) =>
  (words: Uint32Array): number[] =>
    Array.from(words, of);

/** arrays.py says what each is for. */
const DISTRIBUTIONS: Readonly<Record<string, (words: Uint32Array) => number[]>> = {
  e: each((h) => ((h % 64) - 32) / 8),
  p: each((h) => ((h % 32) + 1) / 8),
  u: each((h) => (2 * (h % 32) - 31) / 32),
  q: each((h) => (2 * (h % 32) + 1) / 64),
  g: each((h) => 1 + ((h % 32) + 1) / 16),
  i: each((h) => (h % 19) - 9),
  n: each((h) => h % 4),
  b: each((h) => h % 2),
  d: (words) => order(words).map((place) => place / 2 - 1),
  s: (words) =>
    order(words)
      .sort((a, b) => a - b)
      .map((place) => place / 2 - 1),
  r: each((h) => (h >>> 8) / 2 ** 22 - 2),
};

const NAMES: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const numberOf = (text: string): number => NAMES[text] ?? Number(text);

function store(dtype: string, values: readonly number[]): GoldenData {
  switch (dtype) {
    case "float32":
    case "complex64":
      return Float32Array.from(values);
    case "float64":
    case "complex128":
      return Float64Array.from(values);
    case "float16":
      return Float16Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "uint32":
    case "key":
      return Uint32Array.from(values);
    case "int16":
      return Int16Array.from(values);
    case "uint16":
      return Uint16Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "bool":
    case "uint8":
      return Uint8Array.from(values);
    default:
      throw new Error(`golden: no dtype ${dtype}`);
  }
}

/**
 * The array of a text.
 * @example parseArray("f32[2]=0.5,-0").data // Float32Array [0.5, -0]
 */
export function parseArray(text: string): TextArray {
  const found = TEXT.exec(text)?.groups;
  if (!found) throw new Error(`golden: no array: ${text}`);
  const dtype = DTYPES[found.name];
  const shape = found.dims === "" ? [] : found.dims.split(",").map(Number);
  const count = shape.reduce((product, n) => product * n, 1);
  let values: number[] = [];
  if (found.distribution === undefined) {
    for (const part of found.listed === "" ? [] : found.listed.split(",")) {
      const [one, times = "1"] = part.split("x");
      for (let i = 0; i < Number(times); i++) values.push(numberOf(one));
    }
  } else {
    values = DISTRIBUTIONS[found.distribution](mixed(Number(found.seed), count));
    if (found.distribution === "i" && dtype.startsWith("uint")) values = values.map((x) => x + 9);
  }
  return { dtype, weak: found.weak === "*", shape, data: store(dtype, values) };
}

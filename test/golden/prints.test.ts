// Text of 1,500 random arrays of every dtype: String(x) is NumPy's str, util.inspect's form its repr (prints.py).
import { numpy as np } from "@weft/api";
import { describe, expect, test } from "vitest";
import { readText } from "../support/files.ts";
import { decodeBits } from "./load.ts";

type Row = readonly [dtype: string, shape: readonly number[], words: string, str: string, repr: string];
const { cases } = JSON.parse(await readText(new URL("./data/prints.json", import.meta.url))) as {
  readonly cases: readonly Row[];
};

interface Printed {
  reshape(shape: readonly number[]): Printed;
  [INSPECT](): string;
}
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const array = np.array as unknown as (x: unknown, options: { readonly dtype: string }) => Printed;

const DIGITS: { readonly [dtype: string]: number } = {
  float16: 4,
  float32: 8,
  float64: 16,
  int32: 8,
  uint32: 8,
  bool: 2,
};
/** The array of a row: all its words, or so many that the shape is filled. */
function toArray([dtype, shape, words]: Row): Printed {
  const digits = DIGITS[dtype];
  const distinct = Array.from({ length: words.length / digits }, (_, i) => words.slice(i * digits, (i + 1) * digits));
  const size = shape.reduce((product, n) => product * n, 1);
  const all = size > 40 ? Array.from({ length: size }, (_, i) => distinct[(i * i + 3 * i) % 40]) : distinct;
  return array(decodeBits(dtype, all), { dtype }).reshape(shape);
}

describe("printing of random arrays", () => {
  const dtypes = Object.keys(DIGITS);
  test.each(dtypes)("%s", (dtype) => {
    const rows = cases.filter((row) => row[0] === dtype);
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows) {
      const x = toArray(row);
      expect([String(x), x[INSPECT]()]).toEqual([row[3], row[4]]);
    }
  });
});

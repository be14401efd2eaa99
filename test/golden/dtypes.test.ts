// The dtype of every function of one or two operands, and whether it is weak, over all mixes of dtypes (dtypes.py).
import type { DType } from "@weft/ir";
import { record, WeftError } from "@weft/ir";
import { NDArray } from "@weft/api";
import * as api from "@weft/api";
import { describe, expect, test } from "vitest";
import { readText } from "../support/files.ts";

type Row = readonly [fn: string, args: readonly unknown[], results: string];
const { cases } = JSON.parse(await readText(new URL("./data/dtypes.json", import.meta.url))) as {
  readonly cases: readonly [
    readonly [one: readonly (readonly string[])[], two: readonly (readonly string[])[]],
    ...Row[],
  ];
};
const [[ONE, TWO], ...rows] = cases;

const { numpy: np } = api;
const SPACES = { np, lax: api.lax, nn: api.nn } as unknown as {
  readonly [space: string]: { readonly [fn: string]: (...args: readonly unknown[]) => unknown };
};
const DTYPES: { readonly [letter: string]: DType } = { b: "bool", i: "int32", u: "uint32", h: "float16", f: "float32" };
const LETTERS = Object.fromEntries(Object.entries(DTYPES).map(([letter, dtype]) => [dtype, letter]));
/** Operands by the names that arguments give them, and their shapes. */
const SHAPED: { readonly [name: string]: readonly [which: number, shape: readonly number[]] } = {
  x: [0, [2, 2]],
  y: [1, [2, 2]],
  r: [0, [3]],
  s: [1, [3]],
  t: [1, []],
  v: [0, []],
  q: [0, [1, 2]],
};
const NUMBERS: { readonly [text: string]: number | boolean } = { "1": 1, "2.5": 2.5, true: true };
const ROWS = /\.(?:vander|polyder|polyint|polyadd|polysub|polyval|diagflat|cross|ediff1d|vdot)$/;

function operand(code: string, shape: readonly number[]): unknown {
  if (code in NUMBERS) return NUMBERS[code];
  const strong = np.ones(shape, DTYPES[code[0]]);
  if (!code.endsWith("*")) return strong;
  return new NDArray(record("convert", { dtype: DTYPES[code[0]], weakness: "weak" }, [strong.node]));
}

function shapeFor(fn: string, name: string): readonly number[] {
  const [, shape] = SHAPED[name];
  if (name !== "x" && name !== "y") return shape;
  if ((fn === "np.matvec" && name === "y") || (fn === "np.vecmat" && name === "x")) return [2];
  return ROWS.test(fn) ? [3] : shape;
}

const letters = (result: unknown): string =>
  Array.isArray(result)
    ? result.map(letters).join(",")
    : result instanceof NDArray
      ? `${LETTERS[result.dtype]}${result.weakType ? "*" : ""}`
      : "?";

function resultOf(fn: string, args: readonly unknown[], mix: readonly string[]): string {
  const put = (value: unknown): unknown => {
    if (typeof value === "string" && value in SHAPED) return operand(mix[SHAPED[value][0]], shapeFor(fn, value));
    if (Array.isArray(value)) return value.map(put);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, put(one)]))
      : value;
  };
  const [space, name] = fn.split(".");
  try {
    return letters(SPACES[space][name](...args.map(put)));
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    return "!";
  }
}

/**
 * Where ours gives a result and JAX refuses: JS numbers have one type, so lax takes 1 where floats are due; polynomials and
 * grids take numbers, as NumPy's do, and so does standardize; truth values are classes, and have Kronecker products.
 */
const MORE = new Set([
  "np.polyadd",
  "np.polysub",
  "np.polyval",
  "np.polyder",
  "np.polyint",
  "np.meshgrid",
  "np.kron",
  "nn.oneHot",
  "nn.standardize",
]);
const takesMore = (fn: string, args: readonly unknown[], mix: readonly string[]): boolean =>
  MORE.has(fn) || (fn.startsWith("lax.") && [...mix, ...args.map(String)].some((code) => /^[\d.]+$/.test(code)));
/** Where numbers meet no array, and are weak float32 here whether they are integer-valued or not (SEMANTICS 5.1). */
const isAlone = (fn: string, args: readonly unknown[], mix: readonly string[]): boolean =>
  (fn === "np.where" && args[2] === 1 && mix[1] === "1") ||
  (["np.nanToNum", "np.ediff1d", "np.heaviside", "np.fullLike"].includes(fn) && mix[0] in NUMBERS && mix.length > 1);
/** Refused, where JAX gives something: deviations have no integer dtype, and a number is no 4 elements. */
const REFUSED = new Set(['np.var ["x",{"axis":0,"dtype":"int32"}]', 'lax.reshape ["x",[4]]']);

const usesY = (value: unknown): boolean =>
  typeof value === "string"
    ? SHAPED[value]?.[0] === 1
    : Array.isArray(value)
      ? value.some(usesY)
      : typeof value === "object" && value !== null && Object.values(value).some(usesY);

describe("dtypes of results", () => {
  test.each(rows.map((row) => [`${row[0]} ${JSON.stringify(row[1])}`, row] as const))(
    "%s",
    (title, [fn, args, results]) => {
      const expected = results.split(" ");
      const mixes = args.some(usesY) ? TWO : ONE;
      expect(mixes.length).toBe(expected.length);
      const wrong = mixes.flatMap((mix, i) => {
        const got = resultOf(fn, args, mix);
        if (expected[i] === "!" && takesMore(fn, args, mix)) return [];
        return got === expected[i] || isAlone(fn, args, mix) || (got === "!" && REFUSED.has(title))
          ? []
          : [`${mix.join(" ")}: ${got} for ${expected[i]}`];
      });
      expect(wrong).toEqual([]);
    },
  );
});

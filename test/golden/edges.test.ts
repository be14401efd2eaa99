// Elementwise functions at special numbers (edges.py): values, gradients by vjp and tangents by jvp against JAX's. Where
// JAX's float32 is no measure its float64 is taken too; where neither is one, NOT_FOLLOWED says what ours is instead.
import type { NDArray } from "@weft/api";
import * as api from "@weft/api";
import { describe, expect, test } from "vitest";
import { readText } from "../support/files.ts";
import { ulpDistance } from "./load.ts";

type Fn = (...args: readonly unknown[]) => NDArray;
/** Places and what float64 gives there. */
type Places = readonly [at: readonly number[], words: string];
interface Row {
  readonly name: string;
  readonly fn: string;
  readonly grid: string;
  readonly args: readonly unknown[];
  readonly y: string;
  readonly dy: readonly string[];
  readonly jvp?: readonly string[];
  readonly y64?: Places;
  readonly dx64?: Places;
  readonly dy64?: Places;
}
const { cases } = JSON.parse(await readText(new URL("./data/edges.json", import.meta.url))) as {
  readonly cases: readonly [{ readonly grids: { readonly [name: string]: readonly string[] } }, ...Row[]];
};
const [{ grids }, ...rows] = cases;

const words = (text: string): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(text.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));
const floats = (text: string): Float32Array => new Float32Array(words(text).buffer);

const { numpy: np, vjp, jvp } = api;
const SPACES = { np, lax: api.lax, nn: api.nn } as unknown as {
  readonly [space: string]: { readonly [name: string]: Fn };
};

const ULP = 32;
/** Denormals and what is near them: JAX flushes them, on the way too. */
const SMALL = 2 ** -124;
/** Absolute distances that are allowed: where one unit of a result in [½, 1] becomes a part of a small derivative. */
const ATOL: { readonly [fn: string]: number } = {
  tanh: 3e-7,
  sigmoid: 2e-7,
  logistic: 2e-7,
  softSign: 1e-9,
  hardSilu: 1e-8,
  hardSwish: 1e-8,
  gelu: 1e-30,
  squareplus: 3e-8,
  celu: 4e-20,
  logaddexp2: 2e-8,
};
/** Relative distances, where x² is a denormal on the way. */
const RTOL: { readonly [fn: string]: number } = { arctan2: 1e-5, atan2: 1e-5, hypot: 1e-5 };

const infinite = (x: number): boolean => Math.abs(x) === Infinity;
/** Points at which a derivative is not JAX's, and why. The value is JAX's everywhere. */
const NOT_FOLLOWED: { readonly [fn: string]: (x: number, y: number) => boolean } = {
  // JAX's formula cancels near 0 (−69718 at 1e−12 in forward mode); ours is −π²x/3
  sinc: (x) => Math.abs(x) < 1e-3,
  // outside the domain: the value is NaN, and so is our derivative, where JAX has −1
  log1mexp: (x) => x < 0,
  // JAX replaces infinities by 0 before it subtracts, so that 1 and ∞ give the slopes e and 1; ours are 0 and 1
  logaddexp: (x, y) => infinite(x) || infinite(y) || (x === y && Math.abs(x) > 1e10),
  logaddexp2: (x, y) => infinite(x) || infinite(y) || (x === y && Math.abs(x) > 1e10),
  // JAX's vjp multiplies an unmasked NaN by 0; ours is what its jvp gives
  hypot: (x, y) => infinite(x) || infinite(y),
  // JAX differentiates the significand alone: 1 whatever the exponent; ours is 2ᵏ
  ldexp: () => true,
  // 1 / α is a denormal, which JAX flushes
  celu: (_x, alpha) => Math.abs(alpha) > 1e30,
  // √x² of x = ±1e−20 is 0 in JAX, whose square is flushed
  squareplus: (x) => Math.abs(x) === Math.fround(1e-20),
};

function distances(
  fn: string,
  got: Float32Array,
  wanted: readonly (readonly [at: readonly number[] | null, values: Float32Array])[],
  follows: (i: number) => boolean,
): string[] {
  const wrong: string[] = [];
  got.forEach((value, i) => {
    if (!follows(i)) return;
    const candidates = wanted.flatMap(([at, values]) =>
      at === null ? [values[i]] : at.includes(i) ? [values[at.indexOf(i)]] : [],
    );
    const near = (want: number): boolean =>
      ulpDistance(value, want) <= ULP ||
      (Math.abs(value) < SMALL && Math.abs(want) < SMALL) ||
      Math.abs(value - want) <= Math.max(ATOL[fn] ?? 0, (RTOL[fn] ?? 0) * Math.abs(want));
    if (!candidates.some(near)) wrong.push(`[${i}] ${value} instead of ${candidates.join(" or ")}`);
  });
  return wrong;
}

function check(row: Row): void {
  const [space, fn] = row.fn.split(".");
  const grid = grids[row.grid];
  const points = [
    floats(grid[0]),
    grid.length === 1
      ? floats(grid[0])
      : row.grid === "whole"
        ? new Int32Array(words(grid[1]).buffer)
        : floats(grid[1]),
  ];
  const operands: { readonly [name: string]: NDArray } = {
    x: np.array(points[0]),
    y: np.array(points[1]),
    k: np.array(points[1]),
  };
  const wrt = row.args.filter((arg) => arg === "x" || arg === "y") as readonly string[];
  const f = (...given: NDArray[]): NDArray =>
    SPACES[space][fn](
      ...row.args.map((arg) =>
        typeof arg !== "string" ? arg : wrt.includes(arg) ? given[wrt.indexOf(arg)] : operands[arg],
      ),
    );
  const primals = wrt.map((name) => operands[name]);

  const [y, pullback] = vjp(f as (x: NDArray) => NDArray, primals as [NDArray]);
  const gradients: readonly NDArray[] = pullback(np.ones(y.shape));
  const expected = (word: string, places: Places | undefined) => [
    [null, floats(word)] as const,
    ...(places ? [[places[0], floats(places[1])] as const] : []),
  ];
  const values = (x: NDArray): Float32Array => x.dataSync() as Float32Array;
  const follows = (i: number): boolean => NOT_FOLLOWED[fn]?.(points[0][i], points[1][i]) !== true;

  const wrong: Record<string, string[]> = {
    value: distances(fn, values(y), expected(row.y, row.y64), (i) =>
      fn !== "squareplus" && fn !== "celu" ? true : follows(i),
    ),
  };
  wrt.forEach((name, i) => {
    const wanted = [
      ...expected(row.dy[i], name === "x" ? row.dx64 : row.dy64),
      ...(row.jvp ? expected(row.jvp[i], undefined) : []),
    ];
    wrong[`vjp by ${name}`] = distances(fn, values(gradients[i]), wanted, follows);
    const one = (t: NDArray): NDArray => f(...primals.map((primal, j) => (j === i ? t : primal)));
    const [, tangent] = jvp(one, [primals[i]], [np.ones(primals[i].shape)]);
    wrong[`jvp by ${name}`] = distances(fn, values(tangent), wanted, follows);
  });
  expect(Object.fromEntries(Object.entries(wrong).filter(([, list]) => list.length > 0))).toEqual({});
}

describe("elementwise functions at special numbers", () => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_name, row) => check(row));
});

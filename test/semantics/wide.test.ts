// Joins of very many parts, in every form that users have for them: what is written piece by piece, many to a kernel.
import type { NDArray } from "@weft/api";
import { grad, jit, numpy as np, vmap } from "@weft/api";
import { expect, test } from "vitest";

const PARTS = 300;
const x = np.arange(PARTS + 2, { dtype: "float32" });
const numbers = (count: number, of: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => of(i));
const parts = (of: (i: number) => NDArray): NDArray[] => Array.from({ length: PARTS }, (_, i) => of(i));
const pair = (y: NDArray, i: number): NDArray => y.slice([i, i + 2]);
/** i and i + 1 of every part. */
const pairs = numbers(2 * PARTS, (i) => (i >> 1) + (i & 1));

test.each<[string, () => NDArray, readonly number[]]>([
  ["slices", () => np.concatenate(parts((i) => pair(x, i))), pairs],
  ["slices side by side", () => np.hstack(parts((i) => pair(x, i))), pairs],
  [
    "strided slices, backwards",
    () => np.concatenate(parts((i) => x.slice([i + 1, i > 0 ? i - 1 : null, -1]))),
    [...numbers(2 * PARTS, (i) => (i >> 1) + 1 - (i & 1))],
  ],
  ["rows", () => np.stack(parts((i) => pair(x, i))).ravel(), pairs],
  [
    "columns",
    () =>
      np
        .stack(
          parts((i) => pair(x, i)),
          1,
        )
        .T.ravel(),
    pairs,
  ],
  ["numbers", () => np.stack(parts((i) => x.slice(i))), numbers(PARTS, (i) => i)],
  [
    "products",
    () => np.concatenate(parts((i) => pair(x, 1).mul(i))),
    numbers(2 * PARTS, (i) => (i >> 1) * (1 + (i & 1))),
  ],
  ["arrays", () => np.concatenate(parts((i) => np.array([i, i + 1]))), pairs],
  [
    "parts of several sizes",
    () => np.concatenate(parts((i) => x.slice([i, i + 1 + (i % 3 === 0 ? 1 : 0)]))),
    numbers(PARTS, (i) => i).flatMap((i) => (i % 3 === 0 ? [i, i + 1] : [i])),
  ],
  ["one part again and again", () => np.concatenate(parts(() => pair(x, 5))), numbers(2 * PARTS, (i) => 5 + (i & 1))],
])("a join of many: %s", (_, join, expected) => {
  expect(join().tolist()).toEqual(expected);
  expect(jit(join)().tolist()).toEqual(expected);
});

test("a join of many under vmap, and its gradient", () => {
  const join = (y: NDArray): NDArray => np.concatenate(parts((i) => pair(y, i)));
  const both = vmap(join)(np.stack([x, x.mul(2)]));
  expect(both.tolist()).toEqual([pairs, pairs.map((value) => 2 * value)]);
  const weights = np.array(numbers(2 * PARTS, (i) => i));
  // what stands at i is read first by part i and second by part i − 1
  const expected = numbers(PARTS + 2, (i) => (i < PARTS ? 2 * i : 0) + (i > 0 && i <= PARTS ? 2 * i - 1 : 0));
  expect(grad((y: NDArray) => join(y).mul(weights).sum())(x).tolist()).toEqual(expected);
  expect(jit(grad((y: NDArray) => join(y).mul(weights).sum()))(x).tolist()).toEqual(expected);
});

test("a block of many", () => {
  const rows = numbers(20, (i) => i).map((i) => numbers(20, (j) => j).map((j) => np.array([[20 * i + j]])));
  expect(np.block(rows).ravel().tolist()).toEqual(numbers(400, (i) => i));
});

test("a chain of slices at places that differ from call to call", () => {
  const chain = (first: number): number[] => {
    let y: NDArray = x;
    for (let i = 0; i < 40; i++) y = i === 20 ? y.slice([first, first + 100]) : y.slice([1, null]);
    return y.tolist() as number[];
  };
  for (const first of [3, 90]) expect(chain(first)).toEqual(numbers(81, (i) => i + 39 + first));
});

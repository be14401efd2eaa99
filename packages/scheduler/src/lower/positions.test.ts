// Index maps of arrays with more places than 31 bits number: what the interpreter finds there, where digits vanish, and
// what is refused at plan time.
import type { Node } from "@weft/ir";
import { IndexError, record } from "@weft/ir";
import { expect, test } from "vitest";
import { createInterpreter } from "../interpreter/index.ts";
import { lowered } from "../testing/lowering.ts";
import { IndexSpace } from "./index-map.ts";

const iota = (n: number): Node => record("iota", { n, dtype: "float32" }, [], [0, 1]);
const reshape = (x: Node, shape: readonly number[]): Node => record("reshape", { shape }, [x]);
const slice = (x: Node, start: number, size: number, stride = 1): Node =>
  record("slice", { sizes: [size], strides: [stride] }, [x], [start]);
const find = (x: Node): number[] => Array.from(lowered([], [x]).run([])[0].data);

test("an iota counts to 2³² and beyond", () => {
  expect(find(slice(iota(3e9), 2_999_999_744, 2))).toEqual([2_999_999_744, 2_999_999_744]);
  expect(find(slice(iota(2 ** 32), 2 ** 32 - 1, 1))).toEqual([2 ** 32]);
  expect(find(slice(iota(5e9), 4_999_999_488, 1))).toEqual([4_999_999_488]);
});

test("digits divide without a sign", () => {
  const turned = record("transpose", { perm: [1, 0] }, [reshape(iota(4e9), [40_000, 100_000])]);
  expect(find(slice(reshape(turned, [4e9]), 3_999_999_999, 1))).toEqual([4e9]);
});

test("a diagonal has no digits, forwards and backwards", () => {
  const space = new IndexSpace();
  for (const n of [7, 46_342, 100_000]) {
    const i = space.of(space.axis(n, 0));
    const along = space.scale(i, n + 1);
    const back = space.scale(i, -(n + 1), n * n - 1);
    const across = space.scale(i, n - 1, n - 1);
    const reversed = space.scale(i, -1, n - 1);
    const place = (form: typeof i) => [space.digit(form, n, null, n * n - 1), space.digit(form, 1, n, n * n - 1)];
    expect(place(along)).toEqual([i, i]);
    expect(place(back)).toEqual([reversed, reversed]);
    expect(place(across)).toEqual([i, reversed]);
  }
});

test("what 32 bits do not tell apart is refused before anything is compiled", () => {
  const turned = record("transpose", { perm: [1, 0] }, [reshape(iota(6e9), [2e9, 3])]);
  expect(() => lowered([], [slice(reshape(turned, [6e9]), 5, 2)])).toThrow(IndexError);
  const narrow = { ...createInterpreter(), serves: (storage: string) => storage !== "f64" };
  expect(() => lowered([], [slice(iota(5e9), 0, 1)], narrow)).toThrow(/5000000000.*4294967296/u);
});

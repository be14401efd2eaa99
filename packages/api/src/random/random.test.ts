// random: how draws are asked for, and what they refuse. Values stand in test/golden.
import { expect, it } from "vitest";
import { ArgumentError, DTypeError, jit, numpy as np, random, ShapeError, WeftError } from "../index.ts";
import type { NDArray } from "../index.ts";

const key = random.key(0);
const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;
function message(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(WeftError);
    return `${(error as Error).name} ${(error as Error).message}`;
  }
  throw new Error("nothing was thrown");
}

it("draws take their parameters by position or by name", () => {
  const same = (a: NDArray, b: NDArray): void => expect(a.tolist()).toEqual(b.tolist());
  same(random.normal(key, [3]), random.normal({ key, shape: 3 }));
  same(random.uniform(key, [3], null, -1, 1), random.uniform(key, { shape: [3], minval: -1, maxval: 1 }));
  same(random.randint(key, [3], 0, 10), random.randint(key, { shape: [3], minval: 0, maxval: 10, dtype: null }));
  same(random.bernoulli(key, 0.5, null, "low"), random.bernoulli(key));
  same(random.truncatedNormal(key, -1, 1, null, "float32"), random.truncatedNormal(key, { lower: -1, upper: 1 }));
  expect(random.split(key, { num: [2, 3] }).shape).toEqual([2, 3]);
});

it("a shape of null is that of the parameters, which broadcast", () => {
  const [row, column] = [np.ones([3]), np.ones([2, 1])];
  expect(random.truncatedNormal(key, row.neg(), column).shape).toEqual([2, 3]);
  expect(random.triangular(key, 0, row, column.mul(2)).shape).toEqual([2, 3]);
  expect(random.bernoulli(key, row.mul(0.5)).shape).toEqual([3]);
  expect(random.geometric(key, column.mul(0.5), [2, 4]).shape).toEqual([2, 4]);
  expect(random.categorical(key, np.zeros([1, 4]), { shape: [5] }).shape).toEqual([5]);
  expect(() => random.pareto(key, row, [2])).toThrow(ShapeError);
  expect(() => random.rayleigh(key, column, [3])).toThrow(ShapeError);
  expect(() => random.categorical(key, np.zeros([2, 4]), -1, [5])).toThrow(ShapeError);
});

it("what is no key, and a second name for the one algorithm, are refused by name", () => {
  expect(message(() => loosely(random.keyData)(5))).toBe(
    "DTypeError random.keyData: keys: expected a random key, got 5; make one with random.key(seed)",
  );
  expect(message(() => random.keyData(np.ones([2])))).toContain("random.keyData: float32[2] is no random key");
  expect(message(() => random.normal(np.zeros([3], "uint32")))).toContain(
    "random.normal: uint32[3]: expected two words",
  );
  expect(message(() => random.normal(random.split(key)))).toContain("random.normal: got an array of keys of shape [2]");
  expect(message(() => loosely(random.key)(0, { impl: "rbg" }))).toBe(
    'ArgumentError random.key: impl: expected "threefry2x32", got "rbg"',
  );
  expect(message(() => random.key(0, { impl: "threefry2x32", dtype: "threefry2x32" }))).toContain("give one of them");
  expect(message(() => random.key(1.5))).toContain("DTypeError random.key: a seed is an integer");
  expect(message(() => loosely(random.PRNGKey)(0, { dtype: null }))).toContain("no option dtype");
});

it("a uniform number of 0 counts as 1 trial, as in JAX, and not as the longest wait", () => {
  const shape = [103_010];
  const seven = random.key(7);
  expect(random.uniform(seven, shape).slice(-1).item()).toBe(0);
  const last = (p: number | NDArray): unknown => random.geometric(seven, p, shape).slice([-3]).tolist();
  expect(last(0.5)).toEqual([3, 1, 1]);
  expect(last(0.01)).toEqual([153, 40, 1]);
  expect(last(0.9)).toEqual([1, 1, 1]);
  expect(last(np.full(shape, 0.01))).toEqual([153, 40, 1]);
  expect(jit((p: NDArray) => random.geometric(seven, p, shape).slice(-1))(0.01).item()).toBe(1);
  expect(random.geometric(seven, 0.01, shape, "uint32").slice(-1).item()).toBe(1);
});

it("dtypes, modes and options that a draw has not are refused by name", () => {
  expect(() => random.bits(key, [2], "int32")).toThrow(DTypeError);
  expect(() => random.randint(key, [2], 0, 5, "float32")).toThrow("random.randint: dtype float32");
  expect(() => random.normal(key, [2], "int32")).toThrow("random.normal: dtype int32");
  expect(() => random.geometric(key, 0.5, [2], "float32")).toThrow("random.geometric: dtype float32");
  expect(() => random.rademacher(key, [2], "bool")).toThrow(DTypeError);
  expect(() => random.bernoulli(key, np.ones([2], "int32"))).toThrow("random.bernoulli: int32[2]: a probability");
  expect(() => random.categorical(key, np.ones([2], "int32"))).toThrow("random.categorical: int32[2]: logits");
  expect(() => loosely(random.gumbel)(key, [2], null, "bogus")).toThrow(ArgumentError);
  expect(() => loosely(random.bernoulli)(key, 0.5, [2], "highest")).toThrow(ArgumentError);
  expect(() => loosely(random.categorical)(key, np.zeros([4]), { replace: false })).toThrow("need sorting");
  expect(() => loosely(random.normal)(key, [2], { outSharding: "x" })).toThrow("random.normal: outSharding");
  expect(() => loosely(random.normal)(key, { size: [2] })).toThrow("no option size");
  expect(() => loosely(random.normal)(key, [2], "float32", 1)).toThrow(ArgumentError);
  expect(() => random.normal(key, [-1])).toThrow(ShapeError);
});

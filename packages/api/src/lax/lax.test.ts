// lax: strictness, and the functions that are compositions here.
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, grad, jit, lax, numpy as np, random, ShapeError, vmap } from "../index.ts";
import type { NDArray } from "../index.ts";

describe("strictness", () => {
  test("no broadcasting, no promotion", () => {
    expect(() => lax.add(np.ones([2]), np.ones([1, 2]))).toThrow(ShapeError);
    expect(() => lax.add(np.ones([2]), np.ones([2], "int32"))).toThrow("float32[2], int32[2]");
    expect(() => lax.mul(np.ones([2], "int32"), 0.5)).toThrow(DTypeError);
    expect(() => lax.floor(np.ones([2], "int32"))).toThrow(DTypeError);
    expect(lax.add(np.ones([2], "int32"), 1).dtype).toBe("int32");
    expect(lax.max(2, np.array([1, 3])).tolist()).toEqual([2, 3]);
  });

  test("is JAX's for each operation", () => {
    const [f, i, b] = [np.ones([2, 3]), np.ones([2, 3], "int32"), np.ones([2, 3], "bool")];
    const u = i.astype("uint32");
    const one = np.ones([]);
    const wrong: readonly (readonly [() => unknown, typeof DTypeError | typeof ShapeError, string])[] = [
      [() => lax.abs(u), DTypeError, "lax.abs: uint32[2,3]: expected signed numbers"],
      [() => lax.populationCount(b), DTypeError, "lax.populationCount: bool[2,3]: expected integers"],
      [() => lax.clz(f), DTypeError, "lax.clz: float32[2,3]: expected integers"],
      [() => lax.shiftLeft(b, b), DTypeError, "lax.shiftLeft: bool[2,3]"],
      [() => lax.bitwiseNot(f), DTypeError, "lax.bitwiseNot: float32[2,3]: expected bool or integers"],
      [() => lax.square(b), DTypeError, "lax.square: bool[2,3]: expected numbers"],
      [() => lax.pow(i, i), DTypeError, "lax.pow: int32[2,3]: expected floats"],
      [() => lax.pow(f, b), DTypeError, "lax.pow: bool[2,3]: expected numbers"],
      [() => lax.integerPow(i, -1), DTypeError, "lax.integerPow: int32[2,3]: integers have no negative powers"],
      [() => lax.eq(f, i), DTypeError, "lax.eq: float32[2,3], int32[2,3]: expected one dtype"],
      [() => lax.select(b, f, one), ShapeError, "lax.select: float32[], float32[2,3]: expected equal shapes"],
      [() => lax.select(b.slice(0), f, f), ShapeError, "lax.select: bool[3], float32[2,3], float32[2,3]"],
      [() => lax.select(f, f, f), DTypeError, "lax.select: float32[2,3]: expected integers"],
      [() => lax.selectN(b, f, f, f), DTypeError, "lax.selectN: bool[2,3]: a bool chooses between at most 2 cases"],
      [() => lax.selectN(1), ShapeError, "lax.selectN: expected at least one case"],
      [() => lax.clamp(0, 2, f), ShapeError, "lax.clamp: float32[], float32[], float32[2,3]"],
      [() => lax.clamp(np.zeros([3]), f, 2), ShapeError, "lax.clamp: float32[3], float32[2,3]"],
      [() => lax.round(i), DTypeError, "lax.round: int32[2,3]: expected floats"],
    ];
    for (const [call, Class, text] of wrong) {
      expect(call).toThrow(Class);
      expect(call).toThrow(text);
    }
  });
});

describe("parameters", () => {
  const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;

  test("lax.round takes its method by position and by name", () => {
    const x = np.array([0.5, 1.5, 2.5, -0.5]);
    const { TO_NEAREST_EVEN, AWAY_FROM_ZERO } = lax.RoundingMethod;
    expect(lax.round(x).tolist()).toEqual([1, 2, 3, -1]);
    expect(lax.round(x, { roundingMethod: AWAY_FROM_ZERO }).tolist()).toEqual([1, 2, 3, -1]);
    expect(lax.round(x, TO_NEAREST_EVEN).tolist()).toEqual([0, 2, 2, -0]);
    expect(lax.round(x, { roundingMethod: 1 }).tolist()).toEqual([0, 2, 2, -0]);
    expect(() => loosely(lax.round)(x, 2)).toThrow("lax.round: roundingMethod: expected one of 0, 1, got 2");
    expect(() => loosely(lax.round)(x, "even")).toThrow(ArgumentError);
  });

  test("lax.mul converts its operands to outDtype, as JAX does", () => {
    const x = np.array([1.5, 2.5]);
    expect(lax.mul(x, x, { outDtype: "int32" }).tolist()).toEqual([1, 4]);
    const large = np.array([100000], "int32");
    expect(lax.mul(large, large, { outDtype: "float32" }).tolist()).toEqual([1e10]);
    expect(lax.mul(np.array([300], "float16"), 300, { outDtype: "float32" }).tolist()).toEqual([90000]);
    expect(lax.mul(x, np.array([3, 2], "int32"), { outDtype: "float32" }).tolist()).toEqual([4.5, 5]);
    expect(lax.mul(np.array([3, 0], "int32"), 2, { outDtype: "bool" }).tolist()).toEqual([true, false]);
    const slope = grad((a: NDArray) => lax.mul(a, np.array([3, 2], "int32"), { outDtype: "float32" }).sum())(x);
    expect(slope.tolist()).toEqual([3, 2]);
    expect(() => loosely(lax.mul)(x, x, { outDtype: "float33" })).toThrow("lax.mul: dtype float33");
    expect(() => loosely(lax.mul)(x, x, "float32")).toThrow("lax.mul: expected at most 2 arguments");
  });

  test("hints are checked; nothing else is taken", () => {
    const x = np.array([1, 2]);
    const withHint = loosely(lax.exp)(x, { accuracy: "highest" });
    expect(withHint.tolist()).toEqual(lax.exp(x).tolist());
    expect(() => loosely(lax.exp)(x, { accuracy: "bogus" })).toThrow("lax.exp: accuracy");
    expect(() => loosely(lax.erf)(x, { accuracy: null })).toThrow("lax.erf: there is no option accuracy");
    expect(() => loosely(lax.add)(x, x, x)).toThrow("lax.add: expected at most 2 arguments (x, y), got 3");
    expect(() => loosely(lax.integerPow)(x, 1.5)).toThrow("lax.integerPow: y: expected an integer, got 1.5");
    expect(lax.clamp({ min: 1.5, x, max: 3 }).tolist()).toEqual([1.5, 2]);
  });

  test("what chooses may be an integer", () => {
    const [x, y, z] = [np.array([0, 1, 2]), np.array([10, 11, 12]), np.array([20, 21, 22])];
    expect(lax.selectN(np.array([-1, 1, 5], "int32"), x, y, z).tolist()).toEqual([0, 11, 22]);
    expect(lax.selectN(np.array([0, 1, 7], "uint32"), x, y).tolist()).toEqual([0, 11, 12]);
    expect(lax.select(np.array([0, 1, 2], "int32"), x, y).tolist()).toEqual([10, 1, 2]);
    expect(lax.select(true, x, y).tolist()).toEqual([0, 1, 2]);
  });

  test("stopGradient and optimizationBarrier take trees", () => {
    const tree = { w: np.array([1, 2]), b: [np.ones([], "int32"), 3], none: null };
    const stopped = lax.stopGradient(tree);
    expect(stopped.w.tolist()).toEqual([1, 2]);
    expect(stopped.b[1].dtype).toBe("float32");
    expect(stopped.none).toBe(null);
    expect(grad((a: NDArray) => lax.stopGradient({ a }).a.mul(a))(3).item()).toBe(3);
    const held = lax.optimizationBarrier([tree.w, tree]);
    expect(held[1].b[0].dtype).toBe("int32");
    expect(held[0].tolist()).toEqual([1, 2]);
    expect(lax.optimizationBarrier(tree.w).tolist()).toEqual([1, 2]);
    expect(lax.stopGradient(random.key(1)).dtype).toBe("key");
    expect(lax.optimizationBarrier([])).toEqual([]);
    expect(() => loosely(lax.stopGradient)({ w: "x" })).toThrow('lax.stopGradient: the argument.w is the string "x"');
    expect(() => loosely(lax.optimizationBarrier)(tree.w, tree.w)).toThrow("expected at most 1 argument");
  });
});

describe("compositions", () => {
  test("erfc keeps its digits in the tail, and the derivative", () => {
    const x = np.array([-3, 0.5, 2, 5, 9], { dtype: "float64" });
    const expected = [
      1.9999779095030015, 0.4795001221869535, 0.004677734981047266, 1.537459794428035e-12, 4.13703174651381e-37,
    ];
    const values = lax.erfc(x).tolist() as number[];
    values.forEach((value, i) => expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-14));
    expect(grad((a: NDArray) => lax.erfc(a).sum())(np.array([2])).item()).toBeCloseTo(
      (-2 / Math.sqrt(Math.PI)) * Math.exp(-4),
      7,
    );
  });

  test("dynamicUpdateSlice clamps, batches and differentiates", () => {
    const x = np.arange(12, { dtype: "float32" }).reshape([3, 4]);
    const piece = np.array([[50, 60]]);
    expect(lax.dynamicUpdateSlice(x, piece, [9, 1]).slice(2).tolist()).toEqual([8, 50, 60, 11]);
    const rows = vmap((i: NDArray) => lax.dynamicUpdateSlice(x, piece, [i, 0]).slice("...", 0))(np.arange(3));
    expect(rows.tolist()).toEqual([
      [50, 4, 8],
      [0, 50, 8],
      [0, 4, 50],
    ]);
    expect(grad((p: NDArray) => lax.dynamicUpdateSlice(x, p, [0, 1]).mul(x).sum())(piece).tolist()).toEqual([[1, 2]]);
  });

  test("dynamicSlice takes numbers and arrays, jitted or not", () => {
    const x = np.arange(10);
    const part = (i: NDArray | number): NDArray => lax.dynamicSlice(x, [i], [3]);
    expect(part(8).tolist()).toEqual([7, 8, 9]);
    expect(jit(part)(np.array(4, { dtype: "int32" })).tolist()).toEqual([4, 5, 6]);
    expect(lax.dynamicIndexInDim(x, 2, { keepdims: false }).item()).toBe(2);
  });

  test("bit counts", () => {
    const x = np.array([0, 1, -1, 2 ** 30], { dtype: "int32" });
    expect(lax.populationCount(x).tolist()).toEqual([0, 1, 32, 1]);
    expect(lax.clz(x).tolist()).toEqual([32, 31, 0, 1]);
  });
});

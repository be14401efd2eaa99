// lax: strictness, and the functions that are compositions here.
import { describe, expect, test } from "vitest";
import { DTypeError, grad, jit, lax, numpy as np, ShapeError, vmap } from "../index.ts";
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

// numpy's families against plain loops and NumPy's rules, where the golden data has no case.
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, IndexError, jit, numpy as np, random, ShapeError, vmap } from "../index.ts";
import type { NDArray } from "../index.ts";

const cube = np.arange(24, { dtype: "float32" }).reshape([2, 3, 4]);

describe("arithmetic", () => {
  test("bool operands are or, and, and refuse the rest", () => {
    const x = np.array([true, false]);
    expect(np.add(x, x).dtype).toBe("bool");
    expect(np.multiply(x, true).tolist()).toEqual([true, false]);
    expect(() => np.subtract(x, x)).toThrow(DTypeError);
    expect(() => np.negative(x)).toThrow("logicalNot");
  });

  test("power keeps integers and refuses their negative powers", () => {
    const x = np.array([2, -3], { dtype: "int32" });
    expect(np.power(x, 5).tolist()).toEqual([32, -243]);
    expect(np.power(x, x.abs()).tolist()).toEqual([4, -27]);
    expect(() => np.power(x, -1)).toThrow(DTypeError);
    expect(np.power(np.array([0.5, NaN]), 0).tolist()).toEqual([1, 1]);
  });

  test("options stand for positionals", () => {
    expect(np.round(np.array([1.26]), { decimals: 1 }).item()).toBeCloseTo(1.3, 6);
    expect(np.squeeze(np.ones([1, 2, 1]), { axis: -1 }).shape).toEqual([1, 2]);
    expect(np.clip(np.array([1, 5]), { max: 3 }).tolist()).toEqual([1, 3]);
    expect(() => np.sum(cube, { axes: 0 } as unknown as { axis: number })).toThrow("axes");
  });
});

describe("contraction", () => {
  test("matmul broadcasts leading axes like the loop", () => {
    const left = np.arange(12, { dtype: "float32" }).reshape([3, 1, 2, 2]);
    const right = np.arange(16, { dtype: "float32" }).reshape([4, 2, 2]);
    const product = np.matmul(left, right);
    expect(product.shape).toEqual([3, 4, 2, 2]);
    for (const [i, j] of [
      [0, 0],
      [2, 3],
      [1, 2],
    ]) {
      expect(product.slice(i, j).tolist()).toEqual(np.matmul(left.slice(i, 0), right.slice(j)).tolist());
    }
    expect(np.matmul(right, np.ones([2])).shape).toEqual([4, 2]);
    expect(np.matmul(np.ones([2]), right).shape).toEqual([4, 2]);
    expect(() => np.matmul(left, np.ones([3, 2]))).toThrow("float32[3,1,2,2], float32[3,2]");
  });

  test("einsum agrees with what its letters say", () => {
    const square = np.arange(9, { dtype: "float32" }).reshape([3, 3]);
    expect(np.einsum("ii->i", square).tolist()).toEqual([0, 4, 8]);
    expect(np.einsum("ii", square).item()).toBe(12);
    expect(np.einsum("...j,j", cube, np.ones([4])).tolist()).toEqual(np.sum(cube, -1).tolist());
    expect(np.einsum("abc,ab,c->bc", cube, np.ones([2, 3]), np.ones([4])).tolist()).toEqual(np.sum(cube, 0).tolist());
    expect(np.einsum("ij,jk,kl->il", square, square, square).tolist()).toEqual(
      np.matmul(square, np.matmul(square, square)).tolist(),
    );
    expect(np.einsum("iij->ji", np.ones([2, 2, 3])).shape).toEqual([3, 2]);
    expect(() => np.einsum("ij,jk->ik", square, np.ones([2, 2]))).toThrow(ShapeError);
    expect(() => np.einsum("ij->k", square)).toThrow(ShapeError);
  });

  test("diagonals off the middle, of any two axes", () => {
    const x = np.arange(12).reshape([3, 4]);
    expect(np.diagonal(x, 1).tolist()).toEqual([1, 6, 11]);
    expect(np.diagonal(x, { offset: -1 }).tolist()).toEqual([4, 9]);
    expect(np.diagonal(x, 9).shape).toEqual([0]);
    expect(np.trace(cube, 0, 1, 2).tolist()).toEqual([15, 51]);
    expect(vmap((row: NDArray) => np.diag(row))(np.ones([2, 3])).shape).toEqual([2, 3, 3]);
  });
});

describe("reduction", () => {
  test("where, initial and empty axes", () => {
    const mask = np.array([true, false, true, false]);
    expect(np.mean(cube, { axis: [0, 1], where: mask }).tolist()).toEqual([10, NaN, 12, NaN]);
    expect(np.max(np.zeros([0]), { initial: 3 }).item()).toBe(3);
    expect(() => np.max(np.zeros([0]))).toThrow(ShapeError);
    expect(() => np.max(cube, { where: mask })).toThrow(ArgumentError);
    expect(np.sum(np.array([true, true])).dtype).toBe("int32");
    expect(np.average(np.array([1, 3]), { weights: np.array([3, 1]), returned: true }).map((x) => x.item())).toEqual([
      1.5, 4,
    ]);
    expect(np.nanvar(np.array([1, NaN, 3]), { ddof: 1 }).item()).toBe(2);
    expect(np.nanargmax(np.array([NaN, NaN])).item()).toBe(-1);
  });

  test("the place before keepdims, ddof and initial is out's, as in JAX", () => {
    const x = np.array([1, 2, 3, 4, 5]);
    expect(np.sum(x, 0, null, null, true).tolist()).toEqual([15]);
    expect(np.nansum(x, 0, null, null, true).tolist()).toEqual([15]);
    expect(np.prod(x, 0, null, null, true, 2).tolist()).toEqual([240]);
    expect(np.mean(x, 0, null, null, true).tolist()).toEqual([3]);
    expect(np.max(x, 0, null, true, 7).tolist()).toEqual([7]);
    expect(np.any(x, 0, null, true).tolist()).toEqual([true]);
    expect(np.var(x, 0, null, null, 1).item()).toBe(2.5);
    expect(np.nanvar(x, 0, null, null, 1, true).tolist()).toEqual([2.5]);
    expect(np.std(x, 0, null, null, 1, true).tolist()).toEqual([Math.fround(Math.sqrt(2.5))]);
    expect(() => np.sum(x, 0, null, true as unknown as null)).toThrow(/^np\.sum: out: /u);
    expect(() => np.var(x, 0, null, 1 as unknown as null)).toThrow(/^np\.var: out: /u);
  });

  test("axes are checked by name", () => {
    expect(() => np.sum(cube, 3)).toThrow(IndexError);
    expect(() => np.sum(cube, [0, -3])).toThrow("twice");
  });
});

describe("joining", () => {
  test("insertion, removal, blocks", () => {
    const x = np.array([1, 2, 3]);
    expect(np.insert(x, 1, 9).tolist()).toEqual([1, 9, 2, 3]);
    expect(np.delete(x, [0, -1]).tolist()).toEqual([2]);
    expect(
      np.block([
        [np.ones([1, 1]), np.zeros([1, 2])],
        [np.zeros([2, 1]), np.ones([2, 2])],
      ]).shape,
    ).toEqual([3, 3]);
    expect(np.split(np.arange(6), [2, 3]).map((part) => part.tolist())).toEqual([[0, 1], [2], [3, 4, 5]]);
    expect(np.select([np.array([true, false, false]), np.array([true, true, false])], [1, 2], 3).tolist()).toEqual([
      1, 2, 3,
    ]);
    expect(np.trapezoid(np.array([1, 2, 3]), { x: np.array([0, 1, 3]) }).item()).toBe(6.5);
    expect(() => np.split(x, 2)).toThrow("arraySplit");
  });
});

describe("types", () => {
  test("limits and casts are NumPy's", () => {
    expect(np.finfo("float32").max).toBe(3.4028234663852886e38);
    expect(np.finfo(np.float64).eps).toBe(Number.EPSILON);
    expect(np.iinfo("uint32").max).toBe(4294967295);
    expect(np.canCast("int32", "float32")).toBe(false);
    expect(np.canCast("int32", "float64")).toBe(true);
    expect(np.isdtype("float32", ["integral", "real floating"])).toBe(true);
    expect(np.promoteTypes("uint32", "int32")).toBe("int32");
  });
});

describe("polynomials and statistics", () => {
  test("deviations of many elements far from 0 keep their digits", () => {
    const x = random.uniform(random.key(0), [100_000]).add(1e6);
    const data = Float64Array.from(x.dataSync() as Float32Array);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.29, 2);
    const near = (found: NDArray, expected: number): void => {
      for (const value of found.ravel().tolist() as number[])
        expect(Math.abs(value / expected - 1), String(value)).toBeLessThan(1e-4);
    };
    near(np.std(x), Math.sqrt(variance));
    near(jit((y: NDArray) => np.std(y))(x), Math.sqrt(variance));
    near(np.var(x), variance);
    near(np.nanvar(x), variance);
    near(np.nanstd(x, { ddof: 1 }), Math.sqrt((variance * 1e5) / (1e5 - 1)));
    near(np.std(x, { where: x.greater(0) }), Math.sqrt(variance));
    near(np.cov(x, { ddof: 0 }), variance);
    near(vmap((y: NDArray) => np.std(y))(np.stack([x, x])), Math.sqrt(variance));
    near(np.std(np.stack([x, x], 1), 0), Math.sqrt(variance));
  });

  test("agree with NumPy", () => {
    expect(np.polyval(np.array([1, 0, 2]), 3).item()).toBe(11);
    expect(np.polyder(np.array([3, 2, 1])).tolist()).toEqual([6, 2]);
    expect(np.polyint(np.array([6, 2]), { k: 5 }).tolist()).toEqual([3, 2, 5]);
    expect(np.polyadd(np.array([1, 2, 3]), np.array([1])).tolist()).toEqual([1, 2, 4]);
    expect(
      np
        .cov(
          np.array([
            [1, 2, 3],
            [1, 0, -1],
          ]),
        )
        .tolist(),
    ).toEqual([
      [1, -1],
      [-1, 1],
    ]);
    expect(
      np
        .corrcoef(
          np.array([
            [1, 2, 3],
            [4, 2, 0],
          ]),
        )
        .tolist(),
    ).toEqual([
      [1, -1],
      [-1, 1],
    ]);
    expect((np.gradient(np.array([1, 4, 9, 16])) as NDArray).tolist()).toEqual([3, 4, 6, 7]);
    expect(np.unravelIndex(np.array([7, 11], "int32"), [3, 4]).map((x) => x.tolist())).toEqual([
      [1, 2],
      [3, 3],
    ]);
    expect(np.ravelMultiIndex([np.array([1], "int32"), 9], [3, 4], "clip").tolist()).toEqual([7]);
    expect(np.choose(np.array([0, 1, 9], "int32"), [np.array([1, 2, 3]), 0], { mode: "clip" }).tolist()).toEqual([
      1, 0, 0,
    ]);
  });
});

// Indexing: what the golden section does not hold, that is errors, keys, computed places, updates under transformations.
import { describe, expect, test } from "vitest";
import { grad, IndexError, jit, numpy as np, random, ShapeError, vmap } from "../index.ts";
import type { NDArray } from "../index.ts";

const table = (): NDArray => np.arange(12).reshape([3, 4]);

describe("slice", () => {
  test.each([
    [[3], "out of range"],
    [[0, 0, 0], "3 indices for 2 axes"],
    [[[5, 2]], "np.array"],
    [[[0, 1, 2, 3]], "np.array"],
    [[1.5], "integer"],
    [["a:b"], "no index"],
    [[[0, 2, 0]], "step"],
    [["...", "..."], "once"],
  ] as const)("%j throws an IndexError", (indices, text) => {
    expect(() => table().slice(...(indices as unknown as number[]))).toThrow(IndexError);
    expect(() => table().slice(...(indices as unknown as number[]))).toThrow(text);
  });

  test("a computed place is read, from the end if negative", () => {
    const last = np.array(-1, { dtype: "int32" });
    expect(table().slice(last).tolist()).toEqual([8, 9, 10, 11]);
    expect(table().slice("...", last).tolist()).toEqual([3, 7, 11]);
    expect(vmap((i: NDArray) => table().slice(i, i))(np.arange(3)).tolist()).toEqual([0, 5, 10]);
    expect(
      jit((x: NDArray, i: NDArray) => x.slice([1, 3], i))(table(), np.array(2, { dtype: "int32" })).tolist(),
    ).toEqual([6, 10]);
  });

  test("keys move as arrays do", () => {
    const keys = random.split(random.key(1), 4);
    expect(keys.reshape([2, 2]).slice(1, 0).shape).toEqual([]);
    expect(random.keyData(np.flip(keys).slice(0)).tolist()).toEqual(random.keyData(keys.slice(-1)).tolist());
    expect(np.concatenate([keys, keys]).shape).toEqual([8]);
  });
});

describe("at", () => {
  test("changes only the region", () => {
    const x = np.array([-0, 1, 2, 3]);
    expect(x.at([1, 3]).set(9).tolist()).toEqual([-0, 9, 9, 3]);
    expect(
      x
        .at([null, null, -2])
        .add(np.array([10, 20]))
        .tolist(),
    ).toEqual([-0, 21, 2, 13]);
    expect(x.at(-1).mul(2).at(0).max(5).tolist()).toEqual([5, 1, 2, 6]);
    expect(
      x
        .at(np.array(2, { dtype: "int32" }))
        .set(7)
        .tolist(),
    ).toEqual([-0, 1, 7, 3]);
    expect(x.at([2, 2, 1]).set(7).tolist()).toEqual([-0, 1, 2, 3]);
    expect(
      x
        .at([1])
        .apply((part) => np.negative(part))
        .tolist(),
    ).toEqual([-0, -1, -2, -3]);
  });

  test("differentiates in the array and in the values", () => {
    const gradient = grad(
      (x: NDArray, v: NDArray) =>
        x
          .at([0, 2])
          .set(v)
          .mul(np.array([1, 2, 3]))
          .sum(),
      { argnums: [0, 1] },
    );
    const [dx, dv] = gradient(np.array([1, 2, 3]), np.array(5));
    expect(dx.tolist()).toEqual([0, 0, 3]);
    expect(dv.tolist()).toEqual(3);
  });

  test("values that do not broadcast throw", () => {
    expect(() =>
      table()
        .at(0)
        .set(np.ones([3])),
    ).toThrow(ShapeError);
  });
});

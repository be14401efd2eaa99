// Indexing: what the golden section does not hold, that is errors, keys, computed places, updates under transformations.
import { describe, expect, test } from "vitest";
import { ArgumentError, grad, IndexError, jit, numpy as np, random, ShapeError, vmap } from "../index.ts";
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

describe("take", () => {
  const line = np.arange(4);
  const at = (i: number): NDArray => np.array(i, { dtype: "int32" });

  // jnp.take of jnp.arange(4.0) and of other dtypes
  test("a place outside is filled, as in JAX, whether it is a number or computed", () => {
    const x = np.arange(4, { dtype: "float32" });
    for (const i of [10, -5, 2 ** 40]) expect(np.take(x, i).item()).toBeNaN();
    for (const i of [10, -5]) {
      expect(np.take(x, at(i)).item()).toBeNaN();
      expect(jit((place: NDArray) => np.take(x, place))(i).item()).toBeNaN();
    }
    expect(np.take(x, -1).item()).toBe(3);
    expect(np.take(line, 10).item()).toBe(-2147483648);
    expect(np.take(line.astype("uint32"), 10).item()).toBe(4294967295);
    expect(np.take(np.array([false, false]), 10).item()).toBe(true);
    expect(np.take(x, 10, { fillValue: 7 }).item()).toBe(7);
    expect(np.take(line, 10, { fillValue: 2.7 }).item()).toBe(2);
    expect(np.take(line.reshape(2, 2), 5, 1, null, "fill", false, true, -1).tolist()).toEqual([-1, -1]);
  });

  test("modes", () => {
    const x = np.arange(6).reshape(2, 3);
    for (const place of [(i: number) => i, at]) {
      expect(np.take(x, place(5), { axis: 1, mode: "clip" }).tolist()).toEqual([2, 5]);
      expect(np.take(x, place(-1), { axis: 1, mode: "clip" }).tolist()).toEqual([0, 3]);
      expect(np.take(x, place(-4), { axis: 1, mode: "wrap" }).tolist()).toEqual([2, 5]);
      expect(np.take(x, place(7), { axis: 1, mode: "wrap" }).tolist()).toEqual([1, 4]);
      expect(x.take(place(1), 0, { mode: "fill" }).tolist()).toEqual([3, 4, 5]);
    }
    expect(np.take(x, 5, { mode: "raise" }).item()).toBe(5);
    expect(() => np.take(x, 6, { mode: "raise" })).toThrow(IndexError);
    expect(() => np.take(x, at(5), { mode: "raise" })).toThrow(ArgumentError);
    expect(() => np.take(x, 0, { mode: "bogus" as never })).toThrow('np.take: mode: expected one of "fill"');
    expect(() => np.take(x, 0, { fillValue: [1, 2] })).not.toThrow();
    expect(() => np.take(x, 9, { fillValue: [1, 2] })).toThrow("np.take: fillValue");
    expect(() => np.take(x, np.array(0.5), { mode: "wrap" })).toThrow(IndexError);
    expect(() => np.take(np.ones([0]), 0)).toThrow("np.take: float32[0]");
    expect(() => x.take(0, { axes: 0 } as never)).toThrow("x.take: there is no option axes; did you mean axis?");
  });

  test("has the derivative of the element that was read, and none where it was filled", () => {
    const f = (i: number) =>
      grad((x: NDArray) => np.take(x.mul(x), at(i), { fillValue: 0 }).sum())(np.array([1, 2, 3]));
    expect(f(1).tolist()).toEqual([0, 4, 0]);
    expect(f(-1).tolist()).toEqual([0, 0, 6]);
    expect(f(9).tolist()).toEqual([0, 0, 0]);
    expect(vmap((i: NDArray) => np.take(np.array([1, 2]), i, { fillValue: 9 }))(np.arange(4)).tolist()).toEqual([
      1, 2, 9, 9,
    ]);
  });
});

describe("at", () => {
  // x = jnp.arange(4.0); x.at[10].set(9, mode="clip") and so on
  test("places outside, by mode", () => {
    const x = np.array([0, 1, 2, 3]);
    const at = (i: number): NDArray => np.array(i, { dtype: "int32" });
    for (const place of [(i: number) => i, at]) {
      expect(x.at(place(10)).set(9, { mode: "clip" }).tolist()).toEqual([0, 1, 2, 9]);
      expect(x.at(place(-9)).set(9, { mode: "clip" }).tolist()).toEqual([9, 1, 2, 3]);
      expect(x.at(place(10)).set(9, { mode: "fill" }).tolist()).toEqual([0, 1, 2, 3]);
      expect(x.at(place(-9)).add(5, { mode: "drop" }).tolist()).toEqual([0, 1, 2, 3]);
      expect(x.at(place(-1)).set(9, { mode: "drop", wrapNegativeIndices: false }).tolist()).toEqual([0, 1, 2, 3]);
      expect(x.at(place(10)).get({ mode: "fill" }).item()).toBeNaN();
      expect(x.at(place(10)).get({ mode: "drop", fillValue: 3 }).item()).toBe(3);
      expect(x.at(place(-9)).get({ mode: "clip" }).item()).toBe(0);
      expect(x.at(place(2)).get({ mode: "fill", fillValue: 3 }).item()).toBe(2);
      expect(x.at(place(1)).apply(np.negative, { mode: "drop", uniqueIndices: true }).tolist()).toEqual([0, -1, 2, 3]);
      expect(x.at(place(7)).apply(np.negative, { mode: "drop" }).tolist()).toEqual([0, 1, 2, 3]);
    }
    expect(x.at(at(10)).set(9).tolist()).toEqual([0, 1, 2, 3]);
    expect(x.at(at(10)).get().item()).toBe(3);
    expect(np.ones([1]).at(3).set(2, { mode: "drop" }).tolist()).toEqual([1]);
  });

  test("errors name what was called", () => {
    const x = np.ones([2, 3]);
    const wrong = (value: unknown): never => value as never;
    expect(() => x.slice(5)).toThrow(/^x\.slice: float32\[2,3\]: index 5/u);
    expect(() => x.slice(wrong({ axis: 0 }))).toThrow(/^x\.slice: there is no option axis/u);
    expect(() => x.at(5).set(1)).toThrow(/^x\.at\(…\)\.set: float32\[2,3\]: index 5/u);
    expect(() => x.at(0).add(np.ones([2]))).toThrow(/^x\.at\(…\)\.add: /u);
    expect(() => x.at(0).mul(wrong("1"))).toThrow(/^x\.at\(…\)\.mul: /u);
    expect(() => x.at(0).max(1, wrong({ mode: "bogus" }))).toThrow(/^x\.at\(…\)\.max: mode: expected one of/u);
    expect(() => x.at(0).set(1, wrong({ modes: 1 }))).toThrow("there is no option modes; did you mean mode?");
    expect(() => x.at(0).set(1, wrong(2))).toThrow(ArgumentError);
    expect(() => x.at(0).apply(wrong(1))).toThrow("x.at(…).apply: func: expected a function, got 1");
    expect(() => x.at(0).get(wrong({ fill_value: 1 }))).toThrow("did you mean fillValue?");
    expect(() => x.at(9).get()).toThrow(IndexError);
    expect(() => x.at(wrong({ i: 0 }))).toThrow(/^x\.at: there is no option i/u);
    const own = new Error("mine");
    const failing = (): never => {
      throw own;
    };
    expect(() => x.at(0).apply(failing)).toThrow(own);
    expect(
      x
        .at(0)
        .set(1, undefined as never)
        .tolist(),
    ).toEqual(x.tolist());
  });

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

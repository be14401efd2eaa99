// float16 for users: what comes in and goes out, promotion, sums that keep float32's digits, transformations.
import { describe, expect, test } from "vitest";
import type { NDArray } from "../index.ts";
import { grad, jit, numpy as np, nn, random, valueAndGrad, vmap } from "../index.ts";

const halves = (...values: number[]): number[] => Array.from(Float16Array.from(values));

describe("float16 in and out", () => {
  test("data is a Float16Array, a Float16Array is data", async () => {
    const x = np.array(Float16Array.of(1, 0.1, -65504));
    expect([x.dtype, x.nbytes]).toEqual(["float16", 6]);
    expect(await x.data()).toEqual(Float16Array.of(1, 0.1, -65504));
    expect(x.dataSync()).toBeInstanceOf(Float16Array);
    expect([x.tolist(), x.slice(1).item()]).toEqual([halves(1, 0.1, -65504), Math.f16round(0.1)]);
    expect(
      np
        .array(
          [
            [1, 2],
            [3, 0.1],
          ],
          "float16",
        )
        .tolist(),
    ).toEqual([halves(1, 2), halves(3, 0.1)]);
    expect(np.array([true, false]).astype("float16").tolist()).toEqual([1, 0]);
  });

  test("conversions round to the nearest, ties to even, and overflow to infinity", () => {
    const x = np.array([2049, 2051, 65519, 65520, 1e-8, NaN]);
    expect(x.astype("float16").tolist()).toEqual([2048, 2052, 65504, Infinity, 0, NaN]);
    // in a kernel as in memory
    expect(x.astype("float16").astype("float32").sub(x).dataSync().slice(0, 2)).toEqual(Float32Array.of(-1, 1));
    expect(jit((y: NDArray) => y.astype("float16").astype("float32"))(x).tolist()).toEqual([
      2048,
      2052,
      65504,
      Infinity,
      0,
      NaN,
    ]);
    expect(np.array([1.5, -2.5, 65504], "float16").astype("int32").tolist()).toEqual([1, -2, 65504]);
    expect(np.array([0.1], "float64").astype("float16").item()).toBe(Math.f16round(0.1));
  });

  test("arrays of odd length, views and slices of every offset", () => {
    for (const n of [1, 2, 3, 5, 7, 33, 100]) {
      const values = Array.from({ length: n }, (_, i) => i / 8);
      const x = np.array(values, "float16");
      expect(x.tolist()).toEqual(values);
      expect(np.flip(x).add(0).tolist()).toEqual(values.toReversed());
      for (let from = 0; from < Math.min(n, 4); from++)
        expect(x.slice([from]).mul(2).tolist()).toEqual(values.slice(from).map((y) => 2 * y));
      expect(np.concatenate([x, x]).tolist()).toEqual([...values, ...values]);
      expect(x.slice([null, null, 3]).add(1).tolist()).toEqual(values.filter((_, i) => i % 3 === 0).map((y) => y + 1));
    }
    const square = np.reshape(np.arange(35, { dtype: "float16" }), [5, 7]);
    expect(square.T.add(0).tolist()).toEqual(
      Array.from({ length: 7 }, (_, i) => Array.from({ length: 5 }, (__, j) => 7 * j + i)),
    );
  });

  test("errors name the dtype and what is there", () => {
    expect(() => np.array([1], "bfloat16")).toThrow(
      "dtype bfloat16 is not available; use one of bool, int32, uint32, float16, float32, float64",
    );
    expect(() => random.gumbel(random.key(0), [2], "uint32")).toThrow(
      "random.gumbel: dtype uint32: expected float16, float32 or float64",
    );
    expect(() => random.normal(random.key(0), [2], "int32")).toThrow(
      "random.normal: dtype int32: expected float16, float32 or float64",
    );
  });
});

describe("float16 arithmetic", () => {
  const x = np.array([0.5, 1, 3], "float16");

  test("promotes as JAX promotes", () => {
    expect([x.add(1).dtype, x.mul(0.1).dtype, x.add(true).dtype, x.add(np.array([1, 2, 3], "int32")).dtype]).toEqual([
      "float16",
      "float16",
      "float16",
      "float16",
    ]);
    expect([
      x.add(np.ones([3])).dtype,
      x.add(np.ones([3], "float64")).dtype,
      np.resultType("float16", "float32"),
    ]).toEqual(["float32", "float64", "float32"]);
    // a number takes float16 before it is used
    expect(x.mul(0.1).tolist()).toEqual(halves(...Array.from(x.dataSync(), (y) => y * Math.f16round(0.1))));
  });

  test("sums of any length are float32's, rounded once", () => {
    const tens = np.full([70_000], 10, "float16");
    expect([np.sum(tens).item(), np.mean(tens).item(), np.var(tens).item(), np.std(tens).item()]).toEqual([
      Infinity,
      10,
      0,
      0,
    ]);
    const tenths = np.full([70_000], 0.1, "float16");
    expect(np.sum(tenths).item()).toBe(Math.f16round(70_000 * Math.f16round(0.1)));
    expect(np.sum(np.full([3, 40_000], 1 / 64, "float16"), 1).tolist()).toEqual([625, 625, 625]);
    expect(np.prod(np.array([300, 300, 0.001], "float16")).item()).toBe(Math.f16round(90_000 * Math.f16round(0.001)));
    expect([np.max(tenths).item(), np.argmax(np.array([1, 3, 2], "float16")).item()]).toEqual([Math.f16round(0.1), 1]);
  });

  test("products sum in float32", () => {
    const [a, b] = [np.full([3, 5000], 1, "float16"), np.full([5000, 2], 0.5, "float16")];
    const product = np.matmul(a, b);
    expect([product.dtype, ...new Set(product.dataSync())]).toEqual(["float16", 2500]);
    const long = np.full([100_000], 1, "float16");
    expect(np.dot(long, np.full([100_000], 0.01, "float16")).item()).toBe(Math.f16round(100_000 * Math.f16round(0.01)));
  });

  test("grad, vmap and jit go through it", () => {
    const f = (y: NDArray): NDArray => np.sum(np.sin(y).mul(y));
    const [value, slope] = valueAndGrad(f)(x);
    expect([value.dtype, slope.dtype]).toEqual(["float16", "float16"]);
    const wide = grad(f)(x.astype("float32")).dataSync();
    slope
      .dataSync()
      .forEach((s, i) => expect(Math.abs(s - wide[i])).toBeLessThanOrEqual(2 ** -10 * (1 + Math.abs(wide[i]))));
    expect(jit(f)(x).item()).toBe(f(x).item());
    expect(vmap((y: NDArray) => y.mul(y).add(1))(x).tolist()).toEqual([1.25, 2, 10]);
    expect(Array.from(nn.softmax(x).dataSync()).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 2);
  });
});

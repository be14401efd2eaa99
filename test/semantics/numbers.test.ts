// SEMANTICS 5.1: JS numbers mean the same inside and outside of transformations. One table of operations, each run
// plainly, under jit, under jit of jit, as an unmapped argument of vmap, inside grad, and as jit's argument there.
import type { DType, NDArray } from "@weft/api";
import { DTypeError, grad, IndexError, jit, jvp, lax, numpy as np, vjp, vmap } from "@weft/api";
import { describe, expect, test } from "vitest";

type Operand = NDArray | number;
type Binary = (x: NDArray, n: Operand) => NDArray;

const operands: readonly [DType, () => NDArray][] = [
  ["float32", () => np.array([1, 2, 3])],
  ["float64", () => np.array([1, 2, 3], "float64")],
  ["int32", () => np.array([1, 2, 3], "int32")],
  ["uint32", () => np.array([1, 2, 3], "uint32")],
  ["bool", () => np.array([true, false, true])],
];
const operations: readonly [string, Binary][] = [
  ["add", (x, n) => np.add(x, n)],
  ["subtract, number first", (x, n) => np.subtract(n, x)],
  ["multiply", (x, n) => np.multiply(x, n)],
  ["divide", (x, n) => np.divide(x, n)],
  ["maximum", (x, n) => np.maximum(x, n)],
  ["less", (x, n) => np.less(x, n)],
  ["where", (x, n) => np.where(x.greater(1), x, n)],
  ["of two numbers", (x, n) => np.add(np.multiply(n, n), x)],
  ["power", (x, n) => np.power(x.astype("float32"), n)],
  ["full", (_x, n) => np.full([2], n)],
];
const numbers = [3, 2.5, 0, -0] as const;

/** What a value or an error looks like from outside. */
function outcome(run: () => NDArray): unknown {
  try {
    const made = run();
    return [made.dtype, made.tolist()];
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

describe.each(operations)("%s", (_name, f) => {
  test.each(operands)("with %s", (_dtype, make) => {
    for (const n of numbers) {
      const wanted = outcome(() => f(make(), n));
      const jitted = jit(f as (x: NDArray, n: NDArray) => NDArray);
      expect(
        outcome(() => jitted(make(), n)),
        `jit, ${n}`,
      ).toEqual(wanted);
      expect(
        outcome(() => jit((x: NDArray, k: NDArray) => jitted(x, k))(make(), n)),
        `jit of jit, ${n}`,
      ).toEqual(wanted);
      expect(
        outcome(() => jit((x: NDArray) => f(x, n))(make())),
        `a number written inside jit, ${n}`,
      ).toEqual(wanted);
      const aux = (run: () => NDArray): NDArray =>
        grad((_z: NDArray): [NDArray, NDArray] => [_z, run()], { hasAux: true })(1)[1];
      expect(
        outcome(() => aux(() => f(make(), n))),
        `inside grad, ${n}`,
      ).toEqual(wanted);
      expect(
        outcome(() => aux(() => jitted(make(), n))),
        `jit inside grad, ${n}`,
      ).toEqual(wanted);
      const mapped = (g: Binary): NDArray =>
        vmap((x: NDArray, k: number) => g(x, k), [0, null])(np.stack([make(), make()]), n).slice(1);
      expect(
        outcome(() => mapped(f)),
        `vmap, ${n}`,
      ).toEqual(wanted);
      expect(
        outcome(() => mapped((x, k) => jitted(x, k as number))),
        `jit inside vmap, ${n}`,
      ).toEqual(wanted);
    }
  });
});

describe("at the boundaries of traces", () => {
  const ints = (): NDArray => np.array([1, 2, 3], "int32");
  test("integers stay integers, reals make float32", () => {
    const f = jit((x: NDArray, n: NDArray) => x.add(n));
    expect([f(ints(), 1).dtype, f(ints(), 1.5).dtype, f(ints(), 1).tolist(), f(ints(), 1.5).tolist()]).toEqual([
      "int32",
      "float32",
      [2, 3, 4],
      [2.5, 3.5, 4.5],
    ]);
  });

  test("as an index, a start, a shift", () => {
    const x = np.array([10, 20, 30]);
    expect(jit((y: NDArray, i: NDArray) => np.take(y, i))(x, 2).item()).toBe(30);
    expect(jit((y: NDArray, i: NDArray) => lax.dynamicSlice(y, [i], [2]))(x, 1).tolist()).toEqual([20, 30]);
    expect(jit((y: NDArray, i: NDArray) => np.roll(y, i))(x, 1).tolist()).toEqual([30, 10, 20]);
    expect(() => jit((y: NDArray, i: NDArray) => np.take(y, i))(x, 0.5)).toThrow(IndexError);
    expect(() => np.take(x, 0.5)).toThrow(IndexError);
  });

  test("products of numbers do not overflow as integers would", () => {
    expect(jit((n: NDArray) => np.multiply(n, n))(100000).item()).toBe(1e10);
    expect(jit((n: NDArray) => [n, n.weakType] as [NDArray, boolean])(3).map((x) => x.item())).toEqual([3, true]);
  });

  test("out of an integer's range", () => {
    expect(() => ints().add(2 ** 31)).toThrow(DTypeError);
    expect(() => ints().add(2 ** 31)).toThrow(/2147483648.*int32.*astype/);
    expect(() => jit((x: NDArray) => x.add(2 ** 31))(ints())).toThrow(DTypeError);
  });

  test("differentiated numbers are float32, and so are their derivatives", () => {
    const square = (x: NDArray): NDArray => x.mul(x);
    const found = [
      grad(square)(3),
      jit(grad(square))(3),
      grad(jit(square))(3),
      jvp(square, [3], [1])[1],
      vjp(square, [3])[1](1)[0],
      jit((n: NDArray) => grad(square)(n))(3),
    ];
    expect(found.map((g) => [g.item(), g.dtype])).toEqual(found.map(() => [6, "float32"]));
    // an integer array times a differentiated number is a float
    expect(grad((n: NDArray) => ints().mul(n).sum())(2).item()).toBe(6);
    expect(grad((n: NDArray) => jit((k: NDArray) => ints().mul(k).sum())(n))(2).item()).toBe(6);
  });

  test("gradients have the dtypes of their arguments where dtypes mix", () => {
    const f = (x: NDArray, y: NDArray): NDArray =>
      np.where(x.greater(1), x.mul(y), np.concatenate([x, y, ints()]).slice([2, 5])).sum();
    const [x, y] = [np.array([1, 2, 3]), np.array([4, 5, 6], "float64")];
    for (const g of [
      grad(f, { argnums: [0, 1] }),
      jit(grad(f, { argnums: [0, 1] })),
      grad(jit(f) as typeof f, { argnums: [0, 1] }),
    ]) {
      expect(g(x, y).map((d) => [d.dtype, d.tolist()])).toEqual([
        ["float32", [0, 5, 7]],
        ["float64", [0, 2, 3]],
      ]);
    }
  });
});

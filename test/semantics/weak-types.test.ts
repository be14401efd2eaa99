// Weak types where functions meet transformations: what is weak outside of jit, grad and vmap is weak inside, and
// derivatives are as weak as what they belong to. Single functions stand in test/golden/dtypes.test.ts.
import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  lax,
  linearize,
  nn,
  numpy as np,
  valueAndGrad,
  vjp,
  vmap,
} from "@weft/api";
import type { NDArray } from "@weft/api";
import { describe, expect, test } from "vitest";

const typeOf = ({ dtype, weakType }: NDArray): string => `${dtype}${weakType ? "*" : ""}`;
const scalar = (value: number, dtype: "float16" | "float32" = "float32"): NDArray => np.full([], value, dtype);
const weakArray = (): NDArray => np.full([3], 0.5);
const strong = (): NDArray => np.array([0.5, 1, 2]);

describe("truth values", () => {
  const cases: readonly (readonly [string, (x: NDArray) => NDArray, string])[] = [
    ["a comparison of weak operands is weak", (x) => np.less(x, 2), "bool*"],
    ["and so is a strict one", (x) => lax.lt(x, lax.fullLike(x, 1)), "bool*"],
    ["not of an array compared with a constant of its dtype", (x) => np.logicalNot(x), "bool"],
    ["nor what was reduced", (x) => np.any(np.less(x, 2)), "bool"],
    ["two of them promote to a strong one", (x) => np.logicalAnd(np.less(x, 2), np.greater(x, 0)), "bool"],
    ["a choice does not depend on what chooses", (x) => np.where(np.less(x, 2), scalar(1, "float16"), 2), "float16"],
    ["it keeps its place among numbers", (x) => np.add(np.less(x, 2), np.array([1, 2, 3], "int32")), "int32"],
    ["as an operand of floats it is not weak", (x) => np.exp(np.less(x, 2)), "float32"],
  ];
  test.each(cases)("%s", (_, f, expected) => {
    expect(typeOf(f(weakArray()))).toBe(expected);
    expect(typeOf(jit(f)(weakArray()))).toBe(expected);
  });
  test("numbers alone are compared as weak ones, by vmap of numbers too", () => {
    expect(typeOf(np.equal(1.5, 0.5))).toBe("bool*");
    expect(typeOf(jit((x: NDArray, y: NDArray) => np.equal(x, y))(1.5, 0.5))).toBe("bool*");
    expect(typeOf(np.equal(true, 0.5))).toBe("bool*");
    expect(typeOf(np.equal(true, false))).toBe("bool");
    expect(typeOf(vmap((x: NDArray) => np.greater(x, 0))(weakArray()))).toBe("bool*");
  });
});

describe("constants of an operand's dtype", () => {
  test.each([
    ["deg2rad", np.deg2rad],
    ["degrees", np.degrees],
    ["sinc", np.sinc],
    ["hypot", (x: NDArray | number) => np.hypot(x, x)],
    ["logaddexp2", (x: NDArray | number) => np.logaddexp2(x, x)],
    ["heaviside", (x: NDArray | number) => np.heaviside(x, x)],
  ] as const)("%s of scalars is weak, of weak arrays not", (_, f) => {
    expect(typeOf(f(0.5))).toBe("float32*");
    expect(typeOf(jit((x: NDArray) => f(x))(0.5))).toBe("float32*");
    expect(typeOf(f(weakArray()))).toBe("float32");
    expect(typeOf(jit((x: NDArray) => f(x))(weakArray()))).toBe("float32");
  });
});

describe("derivatives", () => {
  const square = (x: NDArray): NDArray => x.mul(x);
  const product = (x: NDArray): NDArray => np.sum(x.mul(strong()));
  test("a gradient is as weak as its argument", () => {
    expect(typeOf(grad(square)(2.5))).toBe("float32*");
    expect(typeOf(grad(product)(2.5))).toBe("float32*");
    expect(typeOf(grad(square)(scalar(2.5)))).toBe("float32");
    expect(typeOf(grad(product)(strong()))).toBe("float32");
    expect(typeOf(grad((x: NDArray) => np.sum(square(x)))(weakArray()))).toBe("float32*");
    expect(typeOf(jit(grad(square))(2.5))).toBe("float32*");
    expect(typeOf(vmap(grad(square))(weakArray()))).toBe("float32*");
    const { a, b } = grad((p: { a: NDArray; b: NDArray }) => p.a.mul(p.b))({ a: 2.5, b: scalar(2) });
    expect([a, b].map(typeOf)).toEqual(["float32*", "float32"]);
    expect(valueAndGrad(square)(2.5).map(typeOf)).toEqual(["float32*", "float32*"]);
    expect(typeOf(grad((_x: NDArray) => scalar(1))(2.5))).toBe("float32*");
  });
  test("so that an update by it stays weak, and a narrow dtype narrow", () => {
    const g = grad(square)(2.5);
    expect(typeOf(np.subtract(2.5, g.mul(0.1)))).toBe("float32*");
    expect(typeOf(scalar(1, "float16").mul(g))).toBe("float16");
  });
  test("a tangent is as weak as its value, and matrices of derivatives follow", () => {
    expect(jvp(square, [2.5], [1]).map(typeOf)).toEqual(["float32*", "float32*"]);
    expect(jvp(product, [2.5], [1]).map(typeOf)).toEqual(["float32", "float32"]);
    expect(typeOf(linearize(square, [2.5])[1](1))).toBe("float32*");
    expect(vjp(square, [2.5])[1](1).map(typeOf)).toEqual(["float32*"]);
    expect([jacfwd(square)(2.5), jacfwd(product)(2.5)].map(typeOf)).toEqual(["float32*", "float32"]);
    expect([jacrev(square)(2.5), jacrev(product)(2.5)].map(typeOf)).toEqual(["float32*", "float32*"]);
    expect(typeOf(hessian((x: NDArray) => square(x).mul(x))(2.5))).toBe("float32*");
  });
});

describe("what JAX refuses in nn", () => {
  const { sigmoid, silu, swish, glu, logSigmoid, log1mexp, softmax, logSoftmax } = nn;
  const whole = (): NDArray => np.array([1, 2], "int32");
  test.each(Object.entries({ sigmoid, silu, swish, glu }))("%s of integers and truth values", (name, f) => {
    for (const x of [whole(), np.array([1, 2], "uint32"), np.array([true, false]), new Int32Array(2)])
      expect(() => f(x)).toThrow(`nn.${name}: `);
    expect(() => f(whole())).toThrow("expected floats");
    expect(() => jit((x: NDArray) => f(x))(whole())).toThrow("expected floats");
    expect(typeOf(f([1, 2]))).toBe("float32");
  });
  test.each(Object.entries({ logSigmoid, log1mexp, softmax, logSoftmax }))("%s of truth values", (name, f) => {
    expect(() => f([true, false])).toThrow(`nn.${name}: bool[2]: expected numbers`);
    expect(f(whole()).dtype).toBe("float32");
  });
});

test.each([true, false])("sums of truth values count with promoteIntegers %s", (promoteIntegers) => {
  const x = np.array([true, false, true]);
  expect([np.sum(x, { promoteIntegers }), np.prod(x, { promoteIntegers })].map(typeOf)).toEqual(["int32", "int32"]);
  expect(np.sum(x, { promoteIntegers }).item()).toBe(2);
  expect(np.prod(x, { promoteIntegers }).item()).toBe(0);
  expect(jit((y: NDArray) => np.sum(y, { promoteIntegers }))(x).item()).toBe(2);
  expect(typeOf(np.sum(np.array([1, 2], "uint32"), { promoteIntegers }))).toBe("uint32");
});

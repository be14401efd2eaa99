// What options of products, of comparisons and of introspection do (values from JAX), and what these functions refuse by
// name.
import { ArgumentError, DTypeError, IndexError, ShapeError, WeftError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { grad, jit, type NDArray, numpy as np, vmap } from "../index.ts";

const any = (x: unknown): never => x as never;
type Refusal = readonly [call: () => unknown, error: new (message: string) => Error, text: string];
const refuses = (cases: readonly Refusal[]): void =>
  it.each(cases.map(([call, error, text], i) => ({ i, call, error, text })))(
    "refuses $i: $text",
    ({ call, error, text }) => {
      expect(call).toThrow(error);
      expect(call).toThrow(WeftError);
      expect(call).toThrow(text);
    },
  );

const a = np.array(
  [
    [1, 2],
    [3, 4],
  ],
  "int32",
);
const b = np.array(
  [
    [5, 6],
    [7, 8],
  ],
  "int32",
);
/** Its products with itself do not fit its dtype. */
const half = np.full([2, 2], 300, "float16");

describe("preferredElementType", () => {
  const wide = { preferredElementType: np.float32 } as const;
  // jnp.dot(a, b, preferred_element_type=jnp.float32), and so on
  const cases: readonly [string, (x: NDArray, y: NDArray) => NDArray, unknown, unknown][] = [
    [
      "dot",
      (x, y) => np.dot(x, y, wide),
      [
        [19, 22],
        [43, 50],
      ],
      [
        [180000, 180000],
        [180000, 180000],
      ],
    ],
    [
      "matmul",
      (x, y) => np.matmul(x, y, wide),
      [
        [19, 22],
        [43, 50],
      ],
      [
        [180000, 180000],
        [180000, 180000],
      ],
    ],
    [
      "inner",
      (x, y) => np.inner(x, y, wide),
      [
        [17, 23],
        [39, 53],
      ],
      [
        [180000, 180000],
        [180000, 180000],
      ],
    ],
    ["vdot", (x, y) => np.vdot(x, y, wide), 70, 360000],
    ["tensordot", (x, y) => np.tensordot(x, y, wide), 70, 360000],
    ["vecdot", (x, y) => np.vecdot(x, y, wide), [17, 53], [180000, 180000]],
  ];
  it.each(cases)("of %s computes in a wider dtype", (_, f, integers, floats) => {
    expect(f(a, b).dtype).toBe("float32");
    expect(f(a, b).tolist()).toEqual(integers);
    expect(f(half, half).tolist()).toEqual(floats);
    expect(jit(f)(half, half).tolist()).toEqual(floats);
  });
  it("rounds to a narrower one, and is batched", () => {
    const x = np.array([0.1, 0.2]);
    expect(np.dot(x, x, { preferredElementType: "float16" }).dtype).toBe("float16");
    expect(np.dot(2, 3, { preferredElementType: "int32" }).dtype).toBe("int32");
    const rows = vmap((row: NDArray) => np.dot(row, row, wide))(half);
    expect(rows.tolist()).toEqual([180000, 180000]);
  });
});

describe("products", () => {
  it("take hints of precision, and axes by name", () => {
    expect(np.matmul(a, b, { precision: "highest" }).tolist()).toEqual(np.matmul(a, b).tolist());
    expect(np.vecdot(a, b, { axis: 0 }).tolist()).toEqual([26, 44]);
    expect(np.trace(a, { offset: 1 }).item()).toBe(2);
    expect(np.trace(a, { dtype: "float16" }).dtype).toBe("float16");
    expect(np.trace(a, -1, 0, 1, "bool").item()).toBe(true);
    expect(np.tensordot(a, b, { axes: [0, [1]] }).tolist()).toEqual([
      [23, 31],
      [34, 46],
    ]);
  });
  refuses([
    [() => np.dot(a, any("text")), DTypeError, "np.dot: "],
    [() => np.dot(a, b, any({ precision: "bogus" })), ArgumentError, "np.dot: precision: "],
    [() => np.matmul(a, b, any({ out: a })), ArgumentError, "np.matmul: out: "],
    [() => np.matmul(a, 2), ShapeError, "np.matmul: "],
    [() => np.matvec(np.ones([3]), np.ones([3])), ShapeError, "np.matvec: "],
    [() => np.vecmat(np.ones([3]), np.ones([3])), ShapeError, "np.vecmat: "],
    [() => np.vecdot(np.ones([3]), np.ones([4])), ShapeError, "np.vecdot: "],
    [() => np.inner(a, np.ones([3])), ShapeError, "np.inner: "],
    [() => np.tensordot(a, b, any([1])), ArgumentError, "np.tensordot: axes: "],
    [() => np.tensordot(a, b, any("2")), ArgumentError, "np.tensordot: axes: "],
    [
      () =>
        np.tensordot(a, b, [
          [0, 0],
          [0, 1],
        ]),
      IndexError,
      "np.tensordot: ",
    ],
    [() => np.tensordot(a, b, 3), IndexError, "np.tensordot: "],
    [() => np.outer(a, b, any(a)), ArgumentError, "np.outer: out: "],
    [() => np.trace(a, 0.5), IndexError, "np.trace: offset: "],
    [() => np.trace(a, { dtype: any("bogus") }), DTypeError, "np.trace: "],
    [() => np.diagonal(np.ones([3])), ShapeError, "np.diagonal: "],
    [() => np.cross(a, b, { axis: any("z") }), IndexError, "np.cross: axis: "],
    [() => np.kron(a, any({ c: b })), ArgumentError, "np.kron: "],
    [() => np.dot(a, b, { preferredElementType: any("int64") }), DTypeError, "np.dot: "],
    [() => np.dot(a, b, { preferredElementType: "float16" }), DTypeError, "np.dot: "],
  ]);
});

describe("closeness", () => {
  it("takes tolerances that are arrays or traced", () => {
    // jnp.isclose(jnp.array([1, inf, nan]), jnp.array([1.05, inf, nan]), jnp.array([.1, 0, 0]), 0, True)
    const x = np.array([1, Infinity, NaN]);
    expect(np.isclose(x, [1.05, Infinity, NaN], np.array([0.1, 0, 0]), 0, true).tolist()).toEqual([true, true, true]);
    const close = jit((y: NDArray, rtol: NDArray) => np.isclose(y, 1.05, { rtol }));
    expect(close(np.array([1, 2]), np.array(0.1)).tolist()).toEqual([true, false]);
    expect(np.isclose(Infinity, 1, Infinity).item()).toBe(true);
    expect(np.isclose(a, a).dtype).toBe("bool");
    expect(np.allclose(x, x, { equalNan: true }).item()).toBe(true);
    expect(np.allclose(x, x).item()).toBe(false);
    expect(np.allclose(x, [1.05, Infinity, NaN], np.array([0.1, 0, 0]), 0, true).item()).toBe(true);
    expect(np.allclose(x, [1.05, Infinity, NaN], np.array([0.01, 0, 0]), 0, true).item()).toBe(false);
    expect(np.allclose([1, 2], [1.1, 2.4], 0, np.array([0.15, 0.5])).item()).toBe(true);
    const all = jit((y: NDArray, atol: NDArray) => np.allclose(y, [1.1, 2.4], { rtol: 0, atol }));
    expect([0.5, 0.2].map((atol) => all(np.array([1, 2]), np.array(atol)).item())).toEqual([true, false]);
    expect(np.arrayEqual([1, NaN], [1, NaN], { equalNan: true }).item()).toBe(true);
    expect(np.arrayEquiv(np.ones([2, 2]), 1).item()).toBe(true);
  });
  it("has no derivative", () => {
    const f = (x: NDArray): NDArray => np.where(np.isclose(x, 1), x, 0).sum();
    expect(grad(f)(np.array([1, 2])).tolist()).toEqual([1, 0]);
  });
  refuses([
    [() => np.isclose(a, b, any(null)), DTypeError, "np.isclose: "],
    [() => np.isclose(a, b, { rtol: any("small") }), DTypeError, "np.isclose: "],
    [() => np.allclose(a, b, { equalNan: any(1) }), ArgumentError, "np.allclose: equalNan: "],
    [() => np.allclose(a, np.ones([3])), ShapeError, "np.allclose: "],
    [() => np.arrayEqual(a, b, any({ rtol: 1 })), ArgumentError, "np.arrayEqual: "],
    [() => np.arrayEquiv(a, any(new Date())), DTypeError, "np.arrayEquiv: "],
  ]);
});

describe("dtypes", () => {
  it("belong to classes, which are their names", () => {
    expect(np.issubdtype(np.integer, np.number)).toBe(true);
    expect(np.issubdtype(np.ones([1]).dtype, np.floating)).toBe(true);
    expect(np.issubdtype("uint8", np.signedinteger)).toBe(false);
    expect(np.issubdtype(np.number, np.integer)).toBe(false);
    expect(np.issubdtype("bool", np.number)).toBe(false);
    expect(np.issubdtype("bool", np.generic)).toBe(true);
    expect(np.isdtype("int32", ["bool", "integral"])).toBe(true);
  });
  it("are cast as NumPy casts them", () => {
    expect(np.canCast("int32", "float32")).toBe(false);
    expect(np.canCast("int32", "float32", "same_kind")).toBe(true);
    expect(np.canCast("float32", "float16", { casting: "same_kind" })).toBe(true);
    expect(np.canCast("float32", "int32", { casting: "same_kind" })).toBe(false);
    expect(np.canCast("float32", "int32", "unsafe")).toBe(true);
  });
  it("are asked for by functions and methods alike", () => {
    expect(np.astype([1.7, -1.7], null).dtype).toBe("float32");
    expect(np.array([1.7, -1.7]).astype("int32", { device: "wasm" }).tolist()).toEqual([1, -1]);
    expect(np.size(np.ones([2, 3, 4]), [0, 2])).toBe(8);
    expect([np.isscalar(2), np.isscalar("a"), np.isscalar(a), np.isscalar({})]).toEqual([true, true, false, false]);
    expect([np.iterable(a), np.iterable("ab"), np.iterable(np.array(1)), np.iterable(3)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(np.resultType(a, "float16")).toBe("float16");
  });
  it("that are not available are names, and refused wherever a dtype is asked for", () => {
    const calls: readonly [string, (dtype: never) => unknown][] = [
      ["np.ones", (dtype) => np.ones([2], { dtype })],
      ["np.full", (dtype) => np.full([2], 1, dtype)],
      ["np.array", (dtype) => np.array([1], { dtype })],
      ["np.arange", (dtype) => np.arange(3, { dtype })],
      ["np.linspace", (dtype) => np.linspace(0, 1, 3, { dtype })],
      ["np.sum", (dtype) => np.sum(a, { dtype })],
      ["x.astype", (dtype) => a.astype(dtype)],
    ];
    for (const absent of [np.int64, np.uint8, np.int16, np.complex64, np.bfloat16] as const)
      for (const [name, call] of calls) {
        expect(() => call(any(absent))).toThrow(DTypeError);
        expect(() => call(any(absent))).toThrow(`${name}: dtype ${absent} is not available`);
      }
  });
  refuses([
    [() => np.zeros([2], { dtype: any(np.int64) }), DTypeError, "np.zeros: "],
    [() => np.astype(a, any(undefined)), ArgumentError, "np.astype: dtype is missing"],
    [() => np.astype(a, any(a)), DTypeError, "write x.dtype"],
    [() => a.astype("int32", { device: "bogus" }), WeftError, "x.astype: "],
    [() => np.issubdtype(any(undefined), np.floating), ArgumentError, "np.issubdtype: arg1 is missing"],
    [() => np.issubdtype("float32", any("constructor")), DTypeError, "np.issubdtype: arg2: "],
    [() => np.isdtype(any("bogus"), "bool"), DTypeError, "np.isdtype: dtype: "],
    [() => np.isdtype("int32", any(["bool", 3])), DTypeError, "np.isdtype: kind: "],
    [() => np.canCast("int32", any("toString")), DTypeError, "np.canCast: to: "],
    [() => np.canCast("int32", "float32", any("bogus")), ArgumentError, "np.canCast: casting: "],
    [() => np.promoteTypes("int32", any(3)), DTypeError, "np.promoteTypes: b: "],
    [() => np.resultType(), ArgumentError, "np.resultType: "],
    [() => np.resultType(any("bogus")), DTypeError, "np.resultType: "],
    [() => np.finfo(any("constructor")), DTypeError, "np.finfo: dtype: "],
    [() => np.finfo("int32"), DTypeError, "np.finfo: int32 is no float"],
    [() => np.iinfo(any("bogus")), DTypeError, "np.iinfo: intType: "],
    [() => np.size(a, 2), IndexError, "np.size: "],
    [() => np.shape(any(undefined)), ArgumentError, "np.shape: a is missing"],
    [() => np.ndim(any("text")), DTypeError, "np.ndim: "],
  ]);
});

describe("statistics of several variables", () => {
  const v = np.array([
    [1, 2, 4],
    [3, 1, 2],
  ]);
  const fweights = [1, 2, 1];
  const aweights = np.array([0.5, 1, 2]);
  // jnp.cov(v, fweights=f, aweights=a), and so on
  const cases: readonly [string, NDArray, readonly (readonly number[])[]][] = [
    [
      "fweights",
      np.cov(v, { fweights }),
      [
        [1.58333337, -0.25],
        [-0.25, 0.91666669],
      ],
    ],
    [
      "aweights",
      np.cov(v, { aweights }),
      [
        [2.5, 0],
        [0, 0.71428573],
      ],
    ],
    [
      "both weights",
      np.cov(v, { fweights, aweights }),
      [
        [1.85714281, 0.21428572],
        [0.21428572, 0.64285713],
      ],
    ],
    [
      "weights and ddof",
      np.cov(v, { fweights, aweights, ddof: 0 }),
      [
        [1.28395057, 0.14814815],
        [0.14814815, 0.44444445],
      ],
    ],
    [
      "bias",
      np.cov(v, { bias: true }),
      [
        [1.55555558, -0.33333334],
        [-0.33333334, 0.66666669],
      ],
    ],
    [
      "rowvar",
      np.cov(v, { rowvar: false, ddof: 0 }),
      [
        [1, -0.5, -1],
        [-0.5, 0.25, 0.5],
        [-1, 0.5, 1],
      ],
    ],
    [
      "dtype",
      np.cov(v, { dtype: "float16" }),
      [
        [2.333984375, -0.5],
        [-0.5, 1],
      ],
    ],
    [
      "dtype of corrcoef",
      np.corrcoef(v, { dtype: "float16" }),
      [
        [1, -0.327392578125],
        [-0.327392578125, 1],
      ],
    ],
  ];
  it.each(cases)("take %s", (_, c, expected) => {
    expect(c.shape).toEqual([expected.length, expected.length]);
    expect(Array.from(c.sub(np.array(expected)).reshape(-1).dataSync(), Math.abs).every((one) => one < 1e-3)).toBe(
      true,
    );
    expect(np.allclose(c.astype("float32"), np.array(expected), 1e-3, 1e-6).item()).toBe(true);
  });
  it("have derivatives by weights, and are batched", () => {
    const slope = grad((w: NDArray) => np.cov(v, { aweights: w }).slice(0, 1))(aweights);
    expect(np.allclose(slope, [-1.14285707, 0.4285714, 0.07142857], 1e-5).item()).toBe(true);
    const rows = vmap((one: NDArray) => np.cov(one, { aweights }))(v);
    expect(np.allclose(rows, [2.5, 0.71428573]).item()).toBe(true);
  });
  it("do not lose digits far from 0 with weights", () => {
    const far = np.cov(v.add(1e5), { aweights });
    expect(
      np
        .allclose(
          far,
          [
            [2.5, 0],
            [0, 0.71428573],
          ],
          0.05,
          0.05,
        )
        .item(),
    ).toBe(true);
  });
  refuses([
    [() => np.cov(v, { fweights: [1.5, 2, 1] }), IndexError, "np.cov: "],
    [() => np.cov(v, { aweights: [1, 2] }), ShapeError, "np.cov: aweights: "],
    [() => np.cov(v, { fweights: np.ones([2, 3], "int32") }), ShapeError, "np.cov: fweights: "],
    [() => np.cov(v, { dtype: "int32" }), DTypeError, "np.cov: dtype: "],
    [() => np.cov(v, np.ones([2])), ShapeError, "np.cov: "],
    [() => np.cov(np.ones([2, 2, 2])), ShapeError, "np.cov: "],
    [() => np.cov(v, { ddof: any("abc") }), ArgumentError, "np.cov: ddof: "],
    [() => np.corrcoef(v, any({ bias: true })), ArgumentError, "np.corrcoef: "],
  ]);
});

describe("polynomials", () => {
  it("are integrated with constants that are arrays or traced", () => {
    expect(np.polyint(np.array([6, 2], "int32"), 2, np.array([1, 2])).tolist()).toEqual([1, 1, 1, 2]);
    expect(np.polyint([6, 2], { m: 2, k: 5 }).tolist()).toEqual([1, 1, 5, 5]);
    expect(grad((k: NDArray) => np.polyint([6, 2], 2, k).sum())(np.array([1, 2])).tolist()).toEqual([1, 1]);
    expect(np.polyint([6, 2], 0).tolist()).toEqual([6, 2]);
  });
  it("are derived m times, and evaluated by columns", () => {
    expect(np.polyder(np.array([1, 2, 3, 4], "int32"), 2).tolist()).toEqual([6, 4]);
    expect(np.polyder([1, 2], 5).shape).toEqual([0]);
    const several = np.array([
      [1, 2],
      [3, 4],
    ]);
    expect(np.polyval(several, np.array([1, 10]), { unroll: 2 }).tolist()).toEqual([4, 24]);
  });
  refuses([
    [() => np.polyint([1, 2], 2, [1, 2, 3]), ShapeError, "np.polyint: k: "],
    [() => np.polyint([1, 2], -1), ShapeError, "np.polyint: m: "],
    [() => np.polyint([1, 2], 1e9), ShapeError, "np.polyint: m: "],
    [() => np.polyder([1, 2], 1.5), IndexError, "np.polyder: m: "],
    [() => np.polyder(np.ones([2, 2])), ShapeError, "np.polyder: "],
    [() => np.polyval([1, 2], 3, any({ unroll: "x" })), ArgumentError, "np.polyval: unroll: "],
    [() => np.polyadd([1], any("text")), DTypeError, "np.polyadd: "],
  ]);
});

// lax: strictness, and the functions that are compositions here.
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  DTypeError,
  grad,
  IndexError,
  jit,
  lax,
  numpy as np,
  random,
  ShapeError,
  vmap,
} from "../index.ts";
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

describe("structure, slices and products", () => {
  const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;
  const x = np.arange(6, { dtype: "float32" }).reshape([2, 3]);
  const keys = random.split(random.key(0), 6);

  test("take their options by position and by name", () => {
    expect(lax.reshape(x, [3, 2], [1, 0]).tolist()).toEqual(lax.reshape(x, [3, 2], { dimensions: [1, 0] }).tolist());
    expect(lax.fullLike(x, 2, { shape: [2], dtype: "int32" }).tolist()).toEqual([2, 2]);
    expect(lax.sliceInDim(x, { startIndex: null, limitIndex: -1, axis: 1 }).tolist()).toEqual([
      [0, 1],
      [3, 4],
    ]);
    expect(lax.dot(x, x.T, { preferredElementType: "int32" }).dtype).toBe("int32");
    expect(
      lax.dotGeneral(
        x,
        x,
        [
          [1, 1],
          [[], []],
        ],
        null,
        "float64",
      ).dtype,
    ).toBe("float64");
    expect(lax.unstack(x, { axis: 1 }).map((part) => part.tolist())).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(lax.broadcastShapes([2, 1], [3])).toEqual([2, 3]);
    expect(lax.iota({ dtype: "int32", size: 2 }).tolist()).toEqual([0, 1]);
  });

  test("move keys as arrays", () => {
    const square = lax.reshape(keys, [2, 3], { dimensions: [0] });
    expect(square.shape).toEqual([2, 3]);
    const part = lax.dynamicIndexInDim(square, np.array(1, "int32"), { axis: 1, keepdims: false });
    expect(random.keyData(part).tolist()).toEqual(random.keyData(square.slice([], 1)).tolist());
    expect(lax.unstack(square)[1].shape).toEqual([3]);
    expect(lax.squeeze(lax.expandDims(keys, [0]), [0]).dtype).toBe("key");
  });

  test("a product in a wider dtype has its derivative", () => {
    const half = x.astype("float16");
    const slope = grad((a: NDArray) => lax.dot(a, half.T, { preferredElementType: "float32" }).sum())(half);
    expect([slope.dtype, slope.tolist()]).toEqual([
      "float16",
      [
        [3, 5, 7],
        [3, 5, 7],
      ],
    ]);
  });

  test("computed starts count from the end or not, jitted, mapped and differentiated", () => {
    const at = (allow: boolean) => (i: NDArray) =>
      lax.dynamicIndexInDim(x, i, 1, false, { allowNegativeIndices: allow });
    const places = np.array([-1, 0, 2], "int32");
    expect(vmap(at(true))(places).tolist()).toEqual([
      [2, 5],
      [0, 3],
      [2, 5],
    ]);
    expect(vmap(at(false))(places).slice(0).tolist()).toEqual([0, 3]);
    expect(jit(at(false))(np.array(-1, "int32")).tolist()).toEqual([0, 3]);
    const slope = grad((a: NDArray) =>
      lax.dynamicUpdateSlice(a, np.zeros([1, 1]), [0, np.array(-1, "int32")], { allowNegativeIndices: false }).sum(),
    )(x);
    expect(slope.tolist()).toEqual([
      [0, 1, 1],
      [1, 1, 1],
    ]);
    expect(
      lax
        .dynamicUpdateSlice(x, np.zeros([1, 1]), [-9, 9])
        .slice(0)
        .tolist(),
    ).toEqual([0, 1, 0]);
  });

  test("refuse what they do not take, by name", () => {
    const i = np.ones([2, 3], "int32");
    const wrong: readonly (readonly [() => unknown, new (...args: never[]) => Error, string])[] = [
      [() => loosely(lax.reshape)(x, [3, 2], { order: "F" }), ArgumentError, "lax.reshape: there is no option order"],
      [() => lax.reshape(x, [3, 2], [0]), ShapeError, "lax.reshape: float32[2,3]: [0] is no permutation of 2 axes"],
      [() => lax.reshape(x, [4]), ShapeError, "lax.reshape"],
      [() => loosely(lax.reshape)(x, "6"), ShapeError, "lax.reshape: newSizes: expected a shape"],
      [() => lax.full([2], x), ShapeError, "lax.full: float32[2,3]: the value must have rank 0"],
      [() => loosely(lax.full)([2], 1, { sharding: "x" }), ArgumentError, "lax.full: sharding"],
      [() => lax.iota("bool", 3), DTypeError, "lax.iota: dtype bool"],
      [() => lax.iota("int32", -1), ShapeError, "lax.iota: size: expected a size"],
      [() => lax.broadcastedIota("int32", [2, 3], 2), IndexError, "lax.broadcastedIota: axis 2 is out of range"],
      [() => lax.stack([x, i]), DTypeError, "lax.stack: float32[2,3], int32[2,3]: expected one dtype"],
      [() => lax.stack([]), ShapeError, "lax.stack: expected at least one array"],
      [() => lax.concatenate([x, i], 0), DTypeError, "lax.concatenate: float32[2,3], int32[2,3]"],
      [() => lax.concatenate([], 0), ShapeError, "lax.concatenate: expected at least one array"],
      [
        () =>
          lax.pad(x, 0, [
            [1, 1, -1],
            [0, 0, 0],
          ]),
        ShapeError,
        "lax.pad: paddingConfig: interior padding",
      ],
      [() => loosely(lax.pad)(x, 0, [[1, 1]]), ArgumentError, "lax.pad: paddingConfig: expected [lo, hi, interior]"],
      [
        () =>
          lax.pad(x, i.slice(0, 0), [
            [1, 1, 0],
            [0, 0, 0],
          ]),
        DTypeError,
        "lax.pad",
      ],
      [() => lax.collapse(x, 1, 0), IndexError, "lax.collapse: float32[2,3]: there are no axes from 1 up to 0"],
      [() => lax.split(x, [1, 1], 1), ShapeError, "lax.split: float32[2,3]: sizes [1,1] have 2 elements"],
      [() => lax.tile(x, [2]), ShapeError, "lax.tile: float32[2,3]: expected 2 repetitions, got 1"],
      [() => lax.expandDims(x, [0, 0]), IndexError, "lax.expandDims: axis 0 is named twice"],
      [() => lax.argmax(x, 0, "float32"), DTypeError, "lax.argmax: indexDtype float32"],
      [() => loosely(lax.reduceSum)(x, 0), IndexError, "lax.reduceSum: axes: expected a list of integers, got 0"],
      [() => lax.reduceSum(i.astype("bool"), [0]), DTypeError, "lax.reduceSum: bool[2,3]"],
      [() => lax.reduceOr(x, [0]), DTypeError, "lax.reduceOr: float32[2,3]: expected bool or integers"],
      [() => lax.slice(x, [0, 0], [2, 4]), IndexError, "lax.slice: float32[2,3]: [0, 4, 1] is no slice of axis 1"],
      [
        () => loosely(lax.slice)(x, [0, 0.5], [2, 3]),
        IndexError,
        "lax.slice: startIndices: expected a list of integers",
      ],
      [() => lax.indexInDim(x, 3, 1), IndexError, "lax.indexInDim: float32[2,3]: index 3 is out of range for axis 1"],
      [() => lax.dynamicSlice(x, [0, 1], [1, 4]), ShapeError, "a slice of 4 elements does not fit axis 1"],
      [() => lax.dynamicSlice(x, [0, 1.5], [1, 2]), IndexError, "lax.dynamicSlice: an index must be an integer"],
      [
        () => lax.dynamicSlice(x, [0, -1], [1, 2], { allowNegativeIndices: false }),
        IndexError,
        "lax.dynamicSlice: index -1 is out of range, because allowNegativeIndices is false",
      ],
      [
        () => lax.dynamicSlice(x, [0, 1], [1, 2], { allowNegativeIndices: [true] }),
        ArgumentError,
        "lax.dynamicSlice: allowNegativeIndices: expected true or false, or 2 of them",
      ],
      [() => lax.dynamicUpdateSlice(x, i, [0, 0]), DTypeError, "float32[2,3], int32[2,3]: expected one dtype"],
      [() => lax.dynamicUpdateSlice(x, 9, [0, 0]), ShapeError, "the update must have as many axes"],
      [() => lax.dot(x, x), ShapeError, "lax.dot: float32[2,3], float32[2,3]: the last axis of lhs"],
      [() => lax.dot(x, 2), ShapeError, "expected 1 or 2 axes each; give dimensionNumbers"],
      [() => loosely(lax.dot)(x, x.T, { precision: "bogus" }), ArgumentError, "lax.dot: precision"],
      [() => loosely(lax.dot)(x, x.T, { dimensionNumbers: [[1, 0]] }), ArgumentError, "lax.dot: dimensionNumbers"],
      [() => lax.dot(i, i.T, { preferredElementType: "float16" }), DTypeError, "is narrower than int32"],
      [() => lax.batchMatmul(x, x.reshape([1, 3, 2])), ShapeError, "lax.batchMatmul: float32[2,3], float32[1,3,2]"],
    ];
    for (const [call, Class, text] of wrong) {
      expect(call, text).toThrow(Class);
      expect(call).toThrow(text);
    }
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

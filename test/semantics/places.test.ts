// Axes, shapes and other integers that are given as arrays, where NumPy or JAX take them: what is not traced is read, once,
// where the call stands. Traced arrays are named by what traced them, everything else is refused as before.
import type { NDArray } from "@weft/api";
import { ConcretizationError, grad, IndexError, jit, nn, numpy as np, ShapeError, vmap, WeftError } from "@weft/api";
import { describe, expect, test } from "vitest";

const x = np.arange(24).astype("float32").reshape(2, 3, 4);
const ints = (...of: readonly number[]): NDArray => np.array(of, { dtype: "int32" });
const int = (of: number): NDArray => np.array(of, { dtype: "int32" });

/** A call with arrays, and the same one with JS numbers. */
const CALLS: readonly [name: string, arrays: () => NDArray | NDArray[], numbers: () => NDArray | NDArray[]][] = [
  ["transpose", () => np.transpose(x, ints(1, 0, 2)), () => np.transpose(x, [1, 0, 2])],
  ["transpose by an untyped array", () => np.transpose(x, np.array([2, 0, 1])), () => np.transpose(x, [2, 0, 1])],
  ["transpose by a typed array", () => np.transpose(x, Int32Array.of(2, 0, 1)), () => np.transpose(x, [2, 0, 1])],
  ["x.transpose", () => x.transpose(ints(1, 0, 2)), () => x.transpose(1, 0, 2)],
  ["permuteDims", () => np.permuteDims(x, ints(2, 1, 0)), () => np.permuteDims(x, [2, 1, 0])],
  ["moveaxis of one", () => np.moveaxis(x, int(0), int(1)), () => np.moveaxis(x, 0, 1)],
  ["moveaxis", () => np.moveaxis(x, ints(0, 1), ints(1, 2)), () => np.moveaxis(x, [0, 1], [1, 2])],
  ["rollaxis", () => np.rollaxis(x, int(2), int(0)), () => np.rollaxis(x, 2, 0)],
  ["swapaxes", () => np.swapaxes(x, int(2), int(-3)), () => np.swapaxes(x, 2, -3)],
  ["sum along one axis", () => np.sum(x, int(1)), () => np.sum(x, 1)],
  ["sum along several", () => np.sum(x, { axis: ints(0, -1) }), () => np.sum(x, [0, -1])],
  ["x.max along a list with arrays", () => x.max([int(0), 2]), () => x.max([0, 2])],
  ["argmax", () => np.argmax(x, int(1)), () => np.argmax(x, 1)],
  ["diff", () => np.diff(x, int(1), int(1)), () => np.diff(x, 1, 1)],
  ["expandDims", () => np.expandDims(x, ints(0, 1)), () => np.expandDims(x, [0, 1])],
  ["squeeze", () => np.squeeze(np.ones([1, 2, 1]), ints(0, 2)), () => np.squeeze(np.ones([1, 2, 1]), [0, 2])],
  ["reshape", () => np.reshape(x, ints(4, -1)), () => np.reshape(x, [4, -1])],
  ["x.reshape", () => x.reshape(ints(4, 6)), () => x.reshape(4, 6)],
  ["x.reshape with an array among the sizes", () => x.reshape(int(4), -1), () => x.reshape(4, -1)],
  ["zeros", () => np.zeros(ints(2, 3)), () => np.zeros([2, 3])],
  ["ones of one size", () => np.ones(int(3)), () => np.ones(3)],
  ["broadcastTo", () => np.broadcastTo(np.ones(3), ints(4, 3)), () => np.broadcastTo(np.ones(3), [4, 3])],
  ["flip", () => np.flip(x, ints(0, 1)), () => np.flip(x, [0, 1])],
  ["roll", () => np.roll(x, ints(1, 2), ints(0, 1)), () => np.roll(x, [1, 2], [0, 1])],
  ["tile", () => np.tile(np.ones(3), ints(2, 2)), () => np.tile(np.ones(3), [2, 2])],
  ["rot90", () => np.rot90(x, int(1), ints(0, 1)), () => np.rot90(x, 1, [0, 1])],
  ["eye", () => np.eye(int(3)), () => np.eye(3)],
  ["linspace", () => np.linspace(0, 1, int(3)), () => np.linspace(0, 1, 3)],
  ["stack", () => np.stack([x, x], int(1)), () => np.stack([x, x], 1)],
  ["split", () => np.split(x, ints(1, 2), int(1)), () => np.split(x, [1, 2], 1)],
  ["diagonal", () => np.diagonal(x, int(1)), () => np.diagonal(x, 1)],
  ["softmax", () => nn.softmax(x, ints(1, 2)), () => nn.softmax(x, [1, 2])],
];

describe("arrays of integers serve where JS integers do", () => {
  test.each(CALLS)("%s", (_, arrays, numbers) => {
    const [found, expected] = [arrays(), numbers()].map((value) => (Array.isArray(value) ? value : [value]));
    expect(found.map((one) => one.shape)).toEqual(expected.map((one) => one.shape));
    expect(found.map((one) => one.tolist())).toEqual(expected.map((one) => one.tolist()));
  });

  test("under jit, grad and vmap, where the array itself is not traced", () => {
    const order = ints(1, 0, 2);
    const permuted = (a: NDArray): NDArray => np.transpose(a, order).mul(2);
    expect(jit(permuted)(x).tolist()).toEqual(permuted(x).tolist());
    expect(grad((a: NDArray) => permuted(a).sum())(x).tolist()).toEqual(np.full([2, 3, 4], 2).tolist());
    expect(vmap((a: NDArray) => np.sum(a, int(0)))(x).tolist()).toEqual(np.sum(x, 1).tolist());
  });
});

describe("what is no list of integers is refused by name", () => {
  const traced =
    (use: (n: NDArray) => unknown): (() => unknown) =>
    () =>
      jit((n: NDArray) => {
        use(n);
        return n;
      })(ints(1, 0, 2));
  test.each<[string, () => unknown, new (...args: never[]) => Error]>([
    ["np.transpose: axes", traced((n) => np.transpose(x, n)), ConcretizationError],
    ["np.sum: axis", traced((n) => np.sum(x, n)), ConcretizationError],
    ["x.reshape: shape", traced((n) => x.reshape(n)), ConcretizationError],
    ["np.zeros: shape", traced((n) => np.zeros([n.slice(0), 2])), ConcretizationError],
    [
      "np.transpose: axes: expected a list of integers, got [1.5, 0, 2]",
      () => np.transpose(x, np.array([1.5, 0, 2])),
      IndexError,
    ],
    [
      "np.transpose: axes: expected integers along one axis, got the array int32[1,3]",
      () => np.transpose(x, ints(1, 0, 2).reshape(1, 3)),
      IndexError,
    ],
    [
      "np.sum: axis: expected integers along one axis, got the array bool[2]",
      () => np.sum(x, np.array([true, false])),
      IndexError,
    ],
    [
      "np.sum: axis: expected integers along one axis, got the array float32[5000]",
      () => np.sum(x, np.ones(5000)),
      IndexError,
    ],
    ["np.argmax: axis: expected an axis, an integer, got [0, 1]", () => np.argmax(x, ints(0, 1)), IndexError],
    [
      "np.zeros: shape: expected a shape, a size or a list of sizes, got [0.5]",
      () => np.zeros(np.array([0.5])),
      ShapeError,
    ],
    ["np.transpose: ", () => np.transpose(x, ints(0, 0, 1)), WeftError],
    ["np.sum: ", () => np.sum(x, int(3)), IndexError],
  ])("%s", (text, call, Class) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Class);
    expect((thrown as Error).message.slice(0, text.length)).toBe(text);
  });
});

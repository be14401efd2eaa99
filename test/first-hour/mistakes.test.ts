// Mistakes of a first hour: the class, and the part of the message that says what to do. After each of them the next
// operation works.
import type { NDArray } from "@weft/api";
import {
  ArgumentError,
  ConcretizationError,
  DTypeError,
  grad,
  hessian,
  IndexError,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  OutOfMemoryError,
  random,
  scope,
  ShapeError,
  TreeError,
  vmap,
} from "@weft/api";
import { afterEach, describe, expect, test } from "vitest";

/** A value the compiler would refuse, as JavaScript hands it over. */
const wrong = (value: unknown): never => value as never;

function expectThrow(f: () => unknown, kind: abstract new (...args: never[]) => Error, ...parts: string[]): void {
  let thrown: unknown = null;
  try {
    f();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(kind);
  for (const part of parts) expect((thrown as Error).message).toContain(part);
}

afterEach(() => {
  expect(grad((x: NDArray) => x.mul(x).sum())(np.arange(4).astype("float32").add(1)).tolist()).toEqual([2, 4, 6, 8]);
});

describe("sizes, shapes and axes", () => {
  test("what is no shape", () => {
    expectThrow(() => np.zeros(wrong(undefined)), ArgumentError, "np.zeros: shape is missing");
    expectThrow(() => np.zeros(wrong("3")), ShapeError, 'got "3"');
    expectThrow(() => np.ones([3, 4]).reshape(wrong(null)), ShapeError, "reshape: shape: expected a shape", "got null");
    expectThrow(() => np.ones([3, 4]).reshape(np.array([4, 2.5])), ShapeError, "reshape", "got [4, 2.5]");
    expectThrow(() => np.zeros([wrong(np.array([3]))]), ShapeError, "zeros", "a list of sizes");
    expect(np.zeros([np.array(3), 2]).shape).toEqual([3, 2]);
    expectThrow(() => np.zeros(3, wrong(4)), DTypeError, "dtype: expected a dtype, got 4", "one list");
    expectThrow(() => np.zeros([2 ** 30, 2 ** 30]), ShapeError, "more elements than an array can have");
  });

  test("what is no axis", () => {
    expectThrow(() => np.ones([3]).sum(wrong("0")), IndexError, "x.sum: axis", 'got "0"');
    expectThrow(() => grad((x: NDArray) => x.sum(), wrong({ argnums: "0" }))(np.ones([2])), IndexError, 'got "0"');
  });

  test("empty and whole-number arguments are named by the function that was called", () => {
    expectThrow(() => np.max(np.zeros([0])), ShapeError, "max: float32[0]", "initial");
    expectThrow(() => np.zeros([2, 0]).min(1), ShapeError, "min: float32[2,0]", "smallest");
    expect(np.zeros([0, 2]).max(1).shape).toEqual([0]);
    expectThrow(() => nn.oneHot([0, 1], 2.5), IndexError, "nn.oneHot", "2.5");
  });

  test("more than the host can read", () => {
    expectThrow(
      () => np.zeros([100_000, 100_000]).dataSync(),
      OutOfMemoryError,
      "float32[100000,100000]",
      "slice or reduce",
    );
    expect(np.zeros([100_000, 100_000]).slice([0, 2], [0, 2]).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("data", () => {
  test("bytes need a dtype", () => {
    for (const bytes of [new Uint8Array([1, 255]), new Uint8ClampedArray([1, 255]), new Int16Array([1, 255])]) {
      expectThrow(() => np.array(bytes), DTypeError, bytes.constructor.name, 'np.array(x, "float32")');
      expect(np.array(bytes, "float32").tolist()).toEqual([1, 255]);
    }
    expectThrow(() => np.ones([2]).add(new Uint8Array(2)), DTypeError, "add", "Uint8Array", "np.array(x");
  });

  test("lists that contain themselves, lists with holes", () => {
    const list: unknown[] = [1];
    list.push(list);
    expectThrow(() => np.array(wrong(list)), ShapeError, "contain itself");
    expectThrow(() => np.array(wrong(Object.assign([1], { 2: 3 }))), DTypeError, "undefined");
    expectThrow(() => np.array(wrong((function* () {})())), DTypeError, "got an object");
  });
});

describe("values that are traced", () => {
  test("operators name the argument", () => {
    expectThrow(
      () => jit((x: NDArray, n: number) => (n > 2 ? x : x.neg()))(np.ones([2]), 3),
      ConcretizationError,
      "jit(f)",
      "argument 1",
      "staticArgnums",
      "x.greater(0)",
    );
    expectThrow(() => jit((x: NDArray) => Math.sqrt(wrong(x)))(4), ConcretizationError, "argument 0");
    expectThrow(() => Math.sqrt(wrong(np.array(4))), TypeError, "x.item()");
    expect(
      jit((x: NDArray, n: number) => (n > 2 ? x : x.neg()), { staticArgnums: 1 })(np.ones([2]), 3).tolist(),
    ).toEqual([1, 1]);
  });

  test("sizes name the argument", () => {
    expectThrow(
      () => jit((n: number) => np.zeros([n]))(3),
      ConcretizationError,
      "zeros",
      "argument 0",
      "staticArgnums",
    );
    expectThrow(
      () => jit((x: NDArray, n: number) => x.reshape(n))(np.ones([3]), 3),
      ConcretizationError,
      "reshape",
      "argument 1",
    );
    expect(jit((n: number) => np.zeros([n]), { staticArgnums: 0 })(3).tolist()).toEqual([0, 0, 0]);
  });

  test("axes name the argument, and staticArgnums", () => {
    const uses: readonly [string, (x: NDArray, axis: number) => NDArray][] = [
      ["x.sum: axis", (x, axis) => x.sum(axis)],
      ["np.sum: axis", (x, axis) => np.sum(x, axis)],
      ["np.argmax: axis", (x, axis) => np.argmax(x, axis)],
      ["nn.softmax: axis", (x, axis) => nn.softmax(x, axis)],
      ["np.concatenate: axis", (x, axis) => np.concatenate([x, x], axis)],
      ["np.stack: axis", (x, axis) => np.stack([x, x], axis)],
      ["np.flip: axis", (x, axis) => np.flip(x, [axis])],
      ["np.transpose: axes", (x, axis) => np.transpose(x, [axis, 1])],
      ["np.expandDims: axis", (x, axis) => np.expandDims(x, axis)],
    ];
    const x = np.ones([2, 3]);
    for (const [name, use] of uses) {
      expectThrow(() => jit(use)(x, 0), ConcretizationError, name, "argument 1", "staticArgnums");
      expect(jit(use, { staticArgnums: 1 })(x, 0).tolist()).toEqual(use(x, 0).tolist());
    }
  });

  test("bounds of slices lead to dynamicSlice", () => {
    expectThrow(() => jit((x: NDArray, i: number) => x.slice([i, 3]))(np.arange(3), 1), IndexError, "lax.dynamicSlice");
    expect(jit((x: NDArray, i: number) => lax.dynamicSlice(x, [i], [2]))(np.arange(3), 1).tolist()).toEqual([1, 2]);
  });
});

describe("trees and functions", () => {
  test("results and arguments have their own advice", () => {
    expectThrow(() => jit((x: NDArray) => [x, "a"])(1), TreeError, "the result[1]", "return arrays, numbers");
    expectThrow(() => jit((x: NDArray, _mode: string) => x)(1, "fast"), TreeError, "staticArgnums");
    expectThrow(
      () =>
        vmap(([a]: NDArray[]) => a)([
          [1, 2],
          [3, 4],
        ] as never),
      ShapeError,
      "argument 0[0][0]",
      "np.array",
    );
    expectThrow(() => hessian((x: NDArray) => x.sum())(np.arange(3)), DTypeError, "hessian(f): argument 0 is int32[3]");
    expectThrow(
      () => hessian((_y: NDArray, x: NDArray) => x.sum(), 1)(1, np.arange(3)),
      DTypeError,
      "argument 1 is int32[3]",
    );
  });

  test("asynchronous functions are refused, and what they do later ends nothing", async () => {
    const body = async (x: NDArray): Promise<NDArray> => {
      await x.data();
      return x.add(np.ones([3])).add(np.ones([4]));
    };
    for (const run of [
      () => grad(body as never)(1 as never),
      () => jit(body)(1),
      () => vmap(body)(np.ones([2])),
      () => scope(() => body(np.ones([2]))),
    ]) {
      expectThrow(run, TreeError, "returned a Promise");
    }
    // an unhandled rejection would fail this file
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test("options of init are checked", async () => {
    await expect(init({ thread: 1 } as never)).rejects.toThrow("there is no option thread");
    await expect(init(wrong(3))).rejects.toThrow(ArgumentError);
    await expect(init({ build: "fast" } as never)).rejects.toThrow('expected one of "base", "relaxed", "auto"');
  });

  test("mistakes that were fine already stay so", () => {
    expectThrow(() => np.ones([3, 4]).add(np.ones([3])), ShapeError, "float32[3,4] and float32[3]");
    expectThrow(() => np.array(wrong(3n)), DTypeError, "Number(x)");
    expectThrow(() => np.arange(3).slice([0, 2, 4, 6]), IndexError, "np.array");
    expectThrow(() => vmap((a: NDArray) => a)(wrong(new Map())), TreeError, "Map");
    expectThrow(() => random.normal(wrong(0), [3]), DTypeError, "random.key");
    expectThrow(() => Number(np.arange(3)), TypeError, "x.mul(2)");
  });
});

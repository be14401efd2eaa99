// What goes wrong in functions under transformations: the class and text of the error, that nothing stays open or
// alive after it, and that the next call works.
import type { NDArray } from "@weft/api";
import {
  ArgumentError,
  checkLeaks,
  ConcretizationError,
  DTypeError,
  grad,
  hessian,
  IndexError,
  jacfwd,
  jit,
  jvp,
  linearize,
  memory,
  numpy as np,
  scope,
  ShapeError,
  TreeError,
  valueAndGrad,
  vjp,
  vmap,
} from "@weft/api";
import { describe, expect, test } from "vitest";

type Transform = (f: (x: NDArray) => NDArray) => (x: NDArray) => unknown;
const transforms: readonly [string, Transform][] = [
  ["grad", (f) => grad(f)],
  ["valueAndGrad", (f) => valueAndGrad(f)],
  ["grad of grad", (f) => grad((x: NDArray) => grad(f)(x).sum())],
  ["jvp", (f) => (x) => jvp(f, [x], [x])],
  ["vjp", (f) => (x) => vjp(f, [x])],
  ["linearize", (f) => (x) => linearize(f, [x])],
  ["jit", (f) => jit(f)],
  ["vmap", (f) => vmap(f)],
  ["jit of grad", (f) => jit(grad(f))],
  ["grad of jit", (f) => grad((x: NDArray) => jit(f)(x).sum())],
  ["vmap of jit of grad", (f) => (x) => vmap(jit(grad(f)))(np.stack([x, x]))],
  ["grad of vmap", (f) => grad((x: NDArray) => vmap(f)(x).sum())],
  ["jacfwd", (f) => jacfwd(f)],
  ["hessian", (f) => hessian(f)],
];

type ErrorClass = new (...args: never[]) => Error;
class UsersError extends Error {}
/** Faults that a function may have, after work that was already evaluated. */
const faults: readonly [string, (x: NDArray) => NDArray, ErrorClass, RegExp][] = [
  [
    "throws",
    () => {
      throw new UsersError("mine");
    },
    UsersError,
    /^mine$/,
  ],
  [
    "shapes",
    (x) => np.multiply(x.sum(), np.ones([7])).add(np.ones([5])),
    ShapeError,
    /add: float32\[7\].*float32\[5\]/,
  ],
  ["axes", (x) => x.sum(4), IndexError, /sum.*axis 4/],
  ["dtypes", (x) => x.astype("float23" as never), DTypeError, /float23/],
  ["no array", (x) => np.add(x, "three" as never), DTypeError, /add: a string/],
  ["a promise", (async (x: NDArray) => x) as unknown as (x: NDArray) => NDArray, TreeError, /Promise.*synchronous/],
  ["no tree", (() => new Map()) as unknown as (x: NDArray) => NDArray, TreeError, /Map/],
];

describe.each(transforms)("%s", (_name, transform) => {
  test.each(faults)("a function that goes wrong: %s", (_fault, fault, type, message) => {
    const x = np.array([1, 2, 3]);
    const before = memory().bytes;
    const run = (): unknown =>
      scope(() =>
        transform(function f(y: NDArray) {
          const work = np.sin(np.full([11], 2)).mul(np.cos(np.full([11], 1)));
          work.dataSync();
          y.mul(y);
          return fault(y);
        })(x),
      );
    const report = checkLeaks(() => {
      expect(run).toThrow(type);
      expect(run).toThrow(message);
    });
    expect(report.list).toEqual([]);
    expect(memory().bytes).toBe(before);
    // no scope is open: values drop their history, and everything works
    expect(grad((y: NDArray) => np.sum(y.mul(y)))(x).tolist()).toEqual([2, 4, 6]);
    expect(jit((y: NDArray) => y.mul(2))(x).tolist()).toEqual([2, 4, 6]);
    expect(vmap((y: NDArray) => y.mul(3))(x).tolist()).toEqual([3, 6, 9]);
    const y = x.mul(2);
    y.dataSync();
    expect(y.node.operands).toEqual([]);
  });
});

test("a fault in an inner transformation that the function catches leaves the outer one whole", () => {
  const f = (x: NDArray): NDArray => {
    for (const attempt of [
      () => jit((y: NDArray) => y.mul(Number(x.mul(y).item())))(2),
      () => vmap((y: NDArray) => y)(x),
      () => grad((y: NDArray) => np.stack([y, x]))(1),
    ]) {
      try {
        attempt();
        throw new Error("it should have failed");
      } catch (error) {
        expect(error).not.toHaveProperty("message", "it should have failed");
      }
    }
    return x.mul(jit((y: NDArray) => y.mul(x))(x));
  };
  expect(grad(f)(2).item()).toBe(12);
  expect(vmap(grad(f))(np.array([1, 2])).tolist()).toEqual([3, 12]);
  expect(jit(grad(f))(2).item()).toBe(12);
});

describe("messages", () => {
  const x = (): NDArray => np.array([1, 2, 3]);
  test.each<[string, () => unknown, ErrorClass, RegExp]>([
    [
      "a result that is no scalar",
      () =>
        grad(function f(y: NDArray) {
          return y;
        })(x()),
      ShapeError,
      /grad\(f\).*float32\[3\].*(jacrev|vjp)/,
    ],
    ["a result that is no float", () => grad((y: NDArray) => np.argmax(y))(x()), DTypeError, /int32\[\].*astype/],
    [
      "an argument that is no float",
      () => grad((p: { n: NDArray }) => p.n)({ n: np.array(1, "int32") }),
      DTypeError,
      /argument 0\.n is int32\[\].*allowInt/,
    ],
    ["argnums", () => grad((y: NDArray) => y, { argnums: 2 })(1), IndexError, /argnums 2.*1 argument/],
    [
      "tangents of another shape",
      () => jvp((y: NDArray) => y, [x()], [np.ones([2])]),
      ShapeError,
      /tangents\[0\].*float32\[3\].*float32\[2\]/,
    ],
    [
      "tangents of another dtype",
      () => jvp((y: NDArray) => y, [x()], [np.ones([3], "float64")]),
      DTypeError,
      /tangents\[0\].*float32\[3\].*float64\[3\].*astype/,
    ],
    [
      "tangents of another structure",
      () => jvp((p: { a: NDArray }) => p.a, [{ a: x() }], [{ b: x() }] as never),
      TreeError,
      /tangents/,
    ],
    ["too many tangents", () => jvp((y: NDArray) => y, [x()], [x(), x()] as never), TreeError, /tangents/],
    [
      "a cotangent of another shape",
      () => vjp((y: NDArray) => y.sum(), [x()])[1](x()),
      ShapeError,
      /cotangent.*float32\[\].*float32\[3\]/,
    ],
    [
      "a tangent for an integer",
      () => jvp((y: NDArray) => y, [np.array([1], "int32")], [np.array([1], "int32")]),
      DTypeError,
      /float0/,
    ],
    [
      "sizes that differ",
      () => vmap((a: NDArray, b: NDArray) => a.add(b))(x(), np.ones([4])),
      ShapeError,
      /argument 1.*argument 0/,
    ],
    ["no such axis", () => vmap((a: NDArray) => a, 3)(x()), IndexError, /argument 0.*axis 3/],
    ["outAxes out of range", () => vmap((a: NDArray) => a, 0, 1)(x()), IndexError, /outAxes.*axis 1/],
    ["outAxes null for a mapped result", () => vmap((a: NDArray) => a, 0, null)(x()), ShapeError, /outAxes/],
    ["inAxes that fit no argument", () => vmap((a: NDArray) => a, [0, 1])(x()), TreeError, /2 entries.*1 argument/],
    ["a string for an array", () => jit((a: unknown) => a)("text"), TreeError, /staticArgnums/],
    ["a function for an array", () => grad((a: NDArray) => a)((() => 1) as never), TreeError, /argument 0/],
    ["a function that is none", () => jit(np.array(1) as never), ArgumentError, /jit: fun: expected a function/],
    [
      "a branch on an array",
      () => jit((a: NDArray) => (Number(a) > 0 ? a : a.neg()))(1),
      ConcretizationError,
      /jit\(f\).*x\.greater\(0\)/,
    ],
    [
      "a length that is traced",
      () => jit((a: NDArray) => np.arange(a.item() as number))(3),
      ConcretizationError,
      /jit\(f\).*argument 0/,
    ],
  ])("%s", (_name, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });
});

describe("nothing is left alive", () => {
  const programs: readonly [string, (x: NDArray) => void][] = [
    ["grad", (x) => void grad((y: NDArray) => np.sin(y).mul(y).sum())(x).dataSync()],
    [
      "grad that reads",
      (x) =>
        void grad((y: NDArray) => {
          const h = np.sin(y);
          h.dataSync();
          return h.mul(y).sum();
        })(x).dataSync(),
    ],
    [
      "grad of grad",
      (x) => void grad((y: NDArray) => grad((z: NDArray) => np.sin(z).mul(z).sum())(y).sum())(x).dataSync(),
    ],
    [
      "jit, captures included",
      (x) => {
        const c = np.sin(x);
        using f = jit((y: NDArray) => y.mul(c));
        f(x).dataSync();
      },
    ],
    [
      "jit inside grad",
      (x) => {
        using f = jit((y: NDArray) => np.sin(y).mul(y).sum());
        grad((y: NDArray) => f(y))(x).dataSync();
      },
    ],
    [
      "vjp",
      (x) => {
        const [y, back] = vjp((z: NDArray) => np.sin(z).mul(z), [x]);
        y.dataSync();
        back(x)[0].dataSync();
        back.dispose();
      },
    ],
    [
      "linearize",
      (x) => {
        const [y, push] = linearize((z: NDArray) => np.sin(z).mul(z), [x]);
        y.dataSync();
        push(x).dataSync();
        push.dispose();
      },
    ],
    ["vmap of grad", (x) => void vmap(grad((y: NDArray) => np.sin(y).mul(y)))(x).dataSync()],
    ["hessian", (x) => void hessian((y: NDArray) => np.sin(y).mul(x).sum())(x).dataSync()],
  ];
  test.each(programs)("by %s", (_name, program) => {
    const x = np.array([1, 2, 3]);
    const before = memory().bytes;
    const report = checkLeaks(() => scope(() => program(x)));
    expect(report.list).toEqual([]);
    expect(memory().bytes).toBe(before);
  });
});

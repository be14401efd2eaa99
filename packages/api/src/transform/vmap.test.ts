// vmap: axes, prefixes, errors, escapes (SEMANTICS 1.4, 2.1, 2.4).
import { describe, expect, expectTypeOf, test } from "vitest";
import { ConcretizationError, EscapedValueError, IndexError, ShapeError, TreeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { wrapKey } from "../core/convert.ts";
import { add, array, full, matvec, multiply as mul, sin, sum } from "../numpy/index.ts";
import { grad } from "./grad.ts";
import { makeJaxpr } from "./inspect.ts";
import { jit } from "./jit.ts";
import { vmap } from "./vmap.ts";

const rows = (): NDArray =>
  array([
    [1, 2, 3],
    [4, 5, 6],
  ]);

describe("vmap", () => {
  test("over rows, columns, and one of two arguments", () => {
    expect(vmap((x: NDArray) => sum(x))(rows()).tolist()).toEqual([6, 15]);
    expect(vmap((x: NDArray) => sum(x), 1)(rows()).tolist()).toEqual([5, 7, 9]);
    expect(vmap((x: NDArray) => sum(x), -1)(rows()).tolist()).toEqual([5, 7, 9]);
    expect(vmap((x: NDArray, y: NDArray) => mul(x, y), [0, null])(rows(), array([1, 10, 100])).tolist()).toEqual([
      [1, 20, 300],
      [4, 50, 600],
    ]);
  });

  test("a matrix over many vectors is one product", () => {
    const batched = vmap((m: NDArray, v: NDArray) => matvec(m, v), [null, 0]);
    expect(
      batched(
        rows(),
        array([
          [1, 0, 0],
          [0, 1, 1],
        ]),
      ).tolist(),
    ).toEqual([
      [1, 4],
      [5, 11],
    ]);
    expect(String(makeJaxpr(batched)(rows(), array([[1, 0, 0]]))).match(/dotGeneral/g)).toHaveLength(1);
  });

  test("outAxes, broadcast of what does not depend, trees of results", () => {
    const f = (x: NDArray): { y: NDArray; c: NDArray } => ({ y: mul(x, 2), c: array([7, 8]) });
    const out = vmap(f, 0, { y: 1, c: 0 })(rows());
    expectTypeOf(out).toEqualTypeOf<{ y: NDArray; c: NDArray }>();
    expect([out.y.tolist(), out.c.tolist()]).toEqual([
      [
        [2, 8],
        [4, 10],
        [6, 12],
      ],
      [
        [7, 8],
        [7, 8],
      ],
    ]);
    expect(vmap(f, 0, { y: -1, c: null })(rows()).c.tolist()).toEqual([7, 8]);
    expect(() => vmap(f, 0, null)(rows())).toThrow(ShapeError);
    expect(() => vmap((x: NDArray) => sum(x), 0, 1)(rows())).toThrow(IndexError);
  });

  test("prefix trees of inAxes; null leaves pass as they are", () => {
    const f = (p: { w: NDArray; k: number }, [x]: NDArray[]): NDArray => add(mul(p.w, x), p.k);
    expect(vmap(f, [{ w: 0, k: null }, [1]])({ w: array([1, 2, 3]), k: 10 }, [rows()]).tolist()).toEqual([
      [11, 14],
      [14, 20],
      [19, 28],
    ]);
    expect(vmap((p: { w: NDArray; n: null }) => p.w)({ w: array([1]), n: null }).tolist()).toEqual([1]);
  });

  test.each([
    [
      "a number has no axis",
      () => vmap((p: { a: NDArray; b: NDArray }) => p.a)({ a: array([1]), b: 2 }),
      ShapeError,
      "argument 0.b is a number",
    ],
    ["rank 0 has no axis", () => vmap((x: NDArray) => x)(array(1)), ShapeError, "no axis 0"],
    [
      "sizes differ",
      () => vmap((x: NDArray, y: NDArray) => add(x, y))(array([1, 2]), array([1, 2, 3])),
      ShapeError,
      "equal sizes",
    ],
    ["nothing is mapped", () => vmap((x: NDArray) => x, null)(array([1])), ShapeError, "axisSize"],
    ["axis out of range", () => vmap((x: NDArray) => x, 2)(rows()), IndexError, "axis 2"],
    ["too many entries", () => vmap((x: NDArray) => x, [0, 0])(rows()), TreeError, "2 entries for 1 argument"],
    ["no prefix", () => vmap((x: NDArray) => x, [{ a: 0 }])(rows()), TreeError, "inAxes[0]"],
    ["not an axis", () => vmap((x: NDArray) => x, "0" as never)(rows()), TreeError, "integer or null"],
    ["a promise", () => vmap(async (x: NDArray) => x)(rows()), TreeError, "Promise"],
  ])("%s", (_name, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });

  test("axisSize repeats a function of nothing mapped", () => {
    expect(vmap((x: NDArray) => mul(x, 2), null, 0, { axisSize: 3 })(array([1])).tolist()).toEqual([[2], [2], [2]]);
  });

  test("everything by name", () => {
    expect(vmap((x: NDArray) => mul(x, 2), { inAxes: 1, outAxes: 0 })(rows()).tolist()).toEqual([
      [2, 8],
      [4, 10],
      [6, 12],
    ]);
    expect(() => vmap((x: NDArray) => x, { axis: 1 } as never)).toThrow("the options are inAxes, outAxes and axisSize");
  });

  test("nests, and composes with grad and jit in every order", () => {
    const f = (x: NDArray): NDArray => sum(mul(sin(x), x));
    const loop = [array([1, 2, 3]), array([4, 5, 6])].map((row) => grad(f)(row).tolist());
    const near = loop.map((row) => (row as number[]).map((x) => expect.closeTo(x, 5)));
    for (const g of [
      vmap(grad(f)),
      jit(vmap(grad(f))),
      vmap(jit(grad(f))),
      vmap(grad(jit(f))),
      grad((x: NDArray) => sum(vmap(f)(x))),
    ])
      expect(g(rows()).tolist()).toEqual(near);
    expect(vmap(vmap((x: NDArray) => mul(x, x)))(rows()).tolist()).toEqual([
      [1, 4, 9],
      [16, 25, 36],
    ]);
    expect(vmap((x: NDArray) => vmap((y: NDArray) => mul(x, y))(array([1, 10])))(array([1, 2])).tolist()).toEqual([
      [1, 10],
      [2, 20],
    ]);
  });

  test("keys map over their logical axes", () => {
    const keys = wrapKey(
      array(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        "uint32",
      ).node,
    );
    const out = vmap((key: NDArray) => [key, key.ndim] as [NDArray, number])(keys);
    expect([out[0].dtype, out[0].shape, out[0].node.aval.shape]).toEqual(["key", [3], [3, 2]]);
    expect(() => vmap((key: NDArray) => key, 1)(keys)).toThrow(IndexError);
  });

  test("zero lanes", () => {
    expect(vmap((x: NDArray) => mul(x, 2))(full([0, 3], 1)).shape).toEqual([0, 3]);
  });
});

describe("abstract values", () => {
  test("a traced value that escapes is refused when it is used and when it is read", () => {
    let leak: NDArray | null = null;
    vmap(function f(x: NDArray) {
      leak = mul(x, 2);
      return x;
    })(array([1, 2]));
    const escaped = leak as unknown as NDArray;
    expect(() => add(escaped, 1)).toThrow(EscapedValueError);
    expect(() => add(escaped, 1)).toThrow("vmap(f)");
    expect(() => escaped.item()).toThrow(EscapedValueError);
    expect(String(escaped)).toContain("which has returned");
  });

  test("reading inside is refused and names function, argument and the way out", () => {
    const read = (): unknown =>
      vmap(function f(p: { a: NDArray }) {
        return Number(mul(p.a, 2).item()) > 0 ? p.a : p.a;
      })({ a: array([1, 2]) });
    expect(read).toThrow(ConcretizationError);
    expect(read).toThrow(/vmap\(f\).*argument 0\.a.*lax\.cond/);
  });

  test("values that do not depend on an argument may be read", () => {
    expect(vmap((x: NDArray) => mul(x, array(3).item() as number))(array([1, 2])).tolist()).toEqual([3, 6]);
  });
});

// jvp, vjp, linearize, linearTranspose and Jacobians on trees; lifetimes of pullbacks (SEMANTICS 1.7, 4.3).
import { describe, expect, expectTypeOf, test } from "vitest";
import { DisposedError, DTypeError, NotDifferentiableError, ShapeError, TreeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { add, array, exp, matvec, multiply as mul, sin, sum } from "../numpy/index.ts";
import { checkLeaks, scope } from "../device/memory.ts";
import { hessian, jacfwd, jacrev } from "./jacobian.ts";
import { jit } from "./jit.ts";
import { jvp, linearize, linearTranspose, vjp } from "./linear.ts";

describe("jvp", () => {
  test("values and tangents of trees", () => {
    const f = (p: { a: NDArray; b: NDArray }): { y: NDArray; z: NDArray[] } => ({ y: mul(p.a, p.b), z: [p.a] });
    const [y, dy] = jvp(f, [{ a: array([1, 2]), b: array([3, 4]) }], [{ a: array([1, 1]), b: array([0, 1]) }]);
    expectTypeOf(dy).toEqualTypeOf<{ y: NDArray; z: NDArray[] }>();
    expect([y.y.tolist(), dy.y.tolist(), dy.z[0].tolist()]).toEqual([
      [3, 8],
      [3, 6],
      [1, 1],
    ]);
  });
  test("aux, integers and mismatches", () => {
    const [, dy, aux] = jvp((x: NDArray): [NDArray, string] => [mul(x, x), "aux"], [3], [1], { hasAux: true });
    expect([dy.item(), aux]).toEqual([6, "aux"]);
    const [, di] = jvp(
      (x: NDArray, i: NDArray) => [mul(x, 2), i],
      [1, array([1], "int32")] as [number, NDArray],
      [1, 0],
    );
    expect([di[0].item(), di[1].dtype, di[1].shape]).toEqual([2, "float0", [1]]);
    const f = (x: NDArray): NDArray => x;
    expect(() => jvp(f, [array([1, 2])], [array([1])])).toThrow(ShapeError);
    expect(() => jvp(f, [array([1, 2])], [array([1, 2], "float64")])).toThrow(DTypeError);
    expect(() => jvp(f, [array([1, 2])], [[array([1]), array([2])]] as never)).toThrow(TreeError);
    expect(() => jvp(f, array([1]) as never, [1])).toThrow("array of arguments");
  });
});

describe("vjp", () => {
  test("the pullback may be called again, and knows residuals after their handles are gone", async () => {
    const x = array([1, 2]);
    const [y, back] = vjp((a: NDArray) => mul(a, a), [x]);
    await y.data();
    x.dispose();
    y.dispose();
    expect(back(array([1, 1]))[0].tolist()).toEqual([2, 4]);
    expect(back(array([1, 10]))[0].tolist()).toEqual([2, 40]);
    back.dispose();
    expect(() => back(array([1, 1]))).toThrow(DisposedError);
  });

  test("integers get float0, unused arguments zeros", () => {
    const [, back] = vjp(
      (x: NDArray, i: NDArray, _unused: NDArray) => mul(x, i),
      [array([1, 2]), array([3, 4], "int32"), array([5])],
    );
    const [dx, di, du] = back(array([1, 1]));
    expect([dx.tolist(), di.dtype, di.shape, du.tolist()]).toEqual([[3, 4], "float0", [2], [0]]);
  });

  test("a pullback outlives the scope it was made in", () => {
    const back = scope(
      () => vjp((x: NDArray, i: NDArray) => mul(mul(x, x), i), [array([1, 2]), array([3, 4], "int32")])[1],
    );
    const [dx, di] = back(array([1, 1]));
    expect([dx.tolist(), di.dtype]).toEqual([[6, 16], "float0"]);
  });

  test("the structure of the cotangent is checked", () => {
    const [, back] = vjp((x: NDArray) => ({ y: x }), [1]);
    expect(() => back(array(1) as never)).toThrow(TreeError);
    expect(() => back({ y: array([1]) })).toThrow(ShapeError);
  });

  test("disposing everything leaves nothing", () => {
    const report = checkLeaks(() => {
      // the handles inside f are f's own: scope ends them
      const [dx, back] = scope(() => {
        const [, pull] = vjp((a: NDArray) => sum(mul(sin(a), a)), [array([1, 2, 3])]);
        return [pull(array(1))[0], pull];
      });
      expect(dx.dataSync()).toHaveLength(3);
      for (const handle of [dx, back]) handle.dispose();
    });
    expect(report.list).toEqual([]);
  });
});

describe("linearize and linearTranspose", () => {
  test("the pushforward agrees with jvp at many tangents", () => {
    const f = (x: NDArray): NDArray => exp(sin(x));
    const x = array([0.5, 1]);
    const [y, push] = linearize(f, [x]);
    for (const t of [array([1, 0]), array([0, 2])]) {
      const [v, dv] = jvp(f, [x], [t]);
      expect([y.tolist(), push(t).tolist()]).toEqual([v.tolist(), dv.tolist()]);
    }
  });
  test("transposes of linear functions, closures included", () => {
    const m = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const [ct] = linearTranspose((x: NDArray) => matvec(m, x), [array([0, 0, 0])])(array([1, 10]));
    expect(ct.tolist()).toEqual([41, 52, 63]);
    expect(() => linearTranspose((x: NDArray) => sin(x), [1])(1)).toThrow(NotDifferentiableError);
  });
});

describe("Jacobians", () => {
  const m = (): NDArray =>
    array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  test("forward and reverse agree on rectangular maps", () => {
    const f = (x: NDArray): NDArray => mul(matvec(m(), x), 2);
    const x = array([1, 2, 3]);
    expect(jacfwd(f)(x).tolist()).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
    expect(jacrev(f)(x).tolist()).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
  });
  test("trees of arguments and results", () => {
    const f = (p: { a: NDArray; b: NDArray }): { s: NDArray; v: NDArray } => ({
      s: sum(mul(p.a, p.b)),
      v: mul(p.a, 2),
    });
    const p = { a: array([1, 2]), b: array(3) };
    for (const jacobian of [jacfwd, jacrev]) {
      const j = jacobian(f)(p);
      expect([j.s.a.tolist(), j.s.b.tolist(), j.v.a.tolist(), j.v.b.tolist()]).toEqual([
        [3, 3],
        3,
        [
          [2, 0],
          [0, 2],
        ],
        [0, 0],
      ]);
    }
  });
  test("numbers, and what has no Jacobian", () => {
    const f = (x: NDArray): NDArray => mul(mul(x, x), x);
    expect([hessian(f)(2).item(), jacfwd(f)(2).item(), jacrev(f)(2).item()]).toEqual([12, 12, 12]);
    expect(() => jacfwd(f)(array([1], "int32"))).toThrow(DTypeError);
    expect(() => jacrev((x: NDArray) => x.greater(0))(array([1]))).toThrow("the result is bool[1]");
  });
  test("several arguments, aux, and a Hessian under jit", () => {
    const f = (x: NDArray, y: NDArray): NDArray => mul(x, y);
    const [jx, jy] = jacfwd(f, { argnums: [0, 1] })(array([1, 2]), array([3, 4]));
    expect([jx.tolist(), jy.tolist()]).toEqual([
      [
        [3, 0],
        [0, 4],
      ],
      [
        [1, 0],
        [0, 2],
      ],
    ]);
    const [j, aux] = jacrev((x: NDArray): [NDArray, string] => [mul(x, x), "aux"], { hasAux: true })(array([1, 2]));
    expect([j.tolist(), aux]).toEqual([
      [
        [2, 0],
        [0, 4],
      ],
      "aux",
    ]);
    const g = (x: NDArray): NDArray => sum(mul(mul(x, x), add(x, sum(x))));
    const expected = [
      [16, 6],
      [6, 26],
    ]; // of Σ xᵢ²(xᵢ + Σx) at [1, 2]: 6xᵢ + 2Σx + 4xᵢ on the diagonal, 2(xᵢ + xⱼ) off it
    expect(hessian(g)(array([1, 2])).tolist()).toEqual(expected);
    expect(jit(hessian(g))(array([1, 2])).tolist()).toEqual(expected);
  });
});

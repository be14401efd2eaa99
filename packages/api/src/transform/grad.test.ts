// grad, valueAndGrad and scopes: the programs of SEMANTICS 1.1, 1.3, 1.6 and 4.3.
import { describe, expect, expectTypeOf, test } from "vitest";
import { ArgumentError, DTypeError, IndexError, literal, aval, ShapeError, TreeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { wrap, wrapKey } from "../core/convert.ts";
import { add, array, cos, full, greater, multiply as mul, sin, sum } from "../numpy/index.ts";
import { grad, valueAndGrad } from "./grad.ts";
import { hessian, jacfwd, jacrev } from "./jacobian.ts";
import { linearize, jvp, vjp } from "./linear.ts";
import { vmap } from "./vmap.ts";

const cube = (x: NDArray): NDArray => mul(mul(x, x), x);

describe("grad", () => {
  test("of a sum of cubes is exact", () => {
    expect(grad((x: NDArray) => sum(cube(x)))(array([1, 2, 3, 4])).tolist()).toEqual([3, 12, 27, 48]);
  });

  test("of numbers, trees, several arguments", () => {
    expect(grad(cube)(3).item()).toBe(27);
    const f = (p: { w: NDArray; b: NDArray[] }, x: NDArray): NDArray => sum(add(mul(p.w, x), p.b[0]));
    const params = { w: array([1, 2]), b: [array([3, 4])] };
    const g = grad(f)(params, array([5, 6]));
    expectTypeOf(g).toEqualTypeOf<{ w: NDArray; b: NDArray[] }>();
    expect([g.w.tolist(), g.b[0].tolist()]).toEqual([
      [5, 6],
      [1, 1],
    ]);
    const [gx, gp] = grad(f, { argnums: [1, 0] })(params, array([5, 6]));
    expectTypeOf(gp).toEqualTypeOf<{ w: NDArray; b: NDArray[] }>();
    expect([gx.tolist(), gp.w.tolist()]).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect((grad(f, { argnums: -1 })(params, array([5, 6])) as NDArray).tolist()).toEqual([1, 2]);
    expect(() => grad(f, { argnums: 2 })(params, 1)).toThrow(IndexError);
    expect(() => grad(f, { argnum: 1 } as never)).toThrow("no option argnum");
  });

  test("an argument named twice is refused", () => {
    const f = (x: NDArray, y: NDArray): NDArray => mul(mul(x, x), y);
    const twice = [
      () => grad(f, { argnums: [0, 0] })(3, 4),
      () => grad(f, [0, -2])(3, 4),
      () => valueAndGrad(f, { argnums: [1, 0, 1] })(3, 4),
      () => jacfwd(f, [0, 0])(3, 4),
      () => jacrev(f, [1, -1])(3, 4),
      () => hessian(f, [0, 0])(3, 4),
    ];
    for (const call of twice) expect(call).toThrow(IndexError);
    expect(twice[1]).toThrow("grad(f): argnums [0, -2] name argument 0 twice");
  });

  test("lists are trees, not arrays", () => {
    const g = grad((xs: NDArray[]) => mul(xs[0], xs[1]))([2, 3]);
    expect(g.map((x) => x.item())).toEqual([3, 2]);
  });

  test("value, aux, and both", () => {
    const [y, g] = valueAndGrad(cube)(2);
    expect([y.item(), g.item()]).toEqual([8, 12]);
    const withAux = (x: NDArray): [NDArray, { seen: string; x: NDArray }] => [cube(x), { seen: "yes", x }];
    const [g2, aux] = grad(withAux, { hasAux: true })(2);
    expectTypeOf(aux).toEqualTypeOf<{ seen: string; x: NDArray }>();
    expect([g2.item(), aux.seen, aux.x.item()]).toEqual([12, "yes", 2]);
    const [[v], g3] = valueAndGrad(withAux, { hasAux: true })(2);
    expect([v.item(), g3.item()]).toEqual([8, 12]);
    expect(() => grad(cube, { hasAux: true } as never)(2)).toThrow(TreeError);
  });

  test("of constants, of the argument itself, of a number", () => {
    expect(grad((_x: NDArray) => array(3))(array([1, 2])).tolist()).toEqual([0, 0]);
    expect(grad((_x: NDArray) => 3)(1).item()).toBe(0);
    expect(grad((x: NDArray) => x)(7).item()).toBe(1);
  });

  test("refuses results that are no float scalars", () => {
    expect(() => grad((x: NDArray) => mul(x, 2))(array([1, 2]))).toThrow(ShapeError);
    expect(() => grad((x: NDArray) => mul(x, 2))(array([1, 2]))).toThrow("float32[2]");
    expect(() => grad((x: NDArray) => greater(x, 0))(1)).toThrow(DTypeError);
    expect(() => grad((x: NDArray) => [x, x])(1)).toThrow(ShapeError);
    expect(() => grad(async (x: NDArray) => x)(1)).toThrow("Promise");
    expect(() => grad(3 as never)).toThrow(ArgumentError);
  });

  test("integer, bool and key leaves need allowInt and get float0", () => {
    const f = (x: NDArray, i: NDArray): NDArray => mul(x, i);
    expect(() => grad(f, { argnums: 1 })(2, array(3, "int32"))).toThrow(DTypeError);
    expect(() => grad((p: { k: NDArray }) => p.k)({ k: wrapKey(array([0, 1], "uint32").node) })).toThrow(
      "argument 0.k is a random key",
    );
    const g = grad(f, { argnums: 1, allowInt: true })(2.5, array(3, "int32"));
    expect([g.dtype, g.shape]).toEqual(["float0", []]);
    expect(() => g.item()).toThrow(DTypeError);
    const [gx] = grad(f, { argnums: [0] })(2, array(3, "int32"));
    expect(gx.item()).toBe(3);
  });

  test("of float64 stays float64", () => {
    const g = grad((x: NDArray) => sum(sin(x)))(array([1], "float64"));
    expect([g.dtype, g.tolist()]).toEqual(["float64", [Math.cos(1)].map((x) => expect.closeTo(x, 14))]);
  });
});

describe("reading while differentiating (SEMANTICS 1.1)", () => {
  const reads: readonly [string, (x: NDArray) => NDArray][] = [
    ["of the argument", (x) => (x.item() === 2 ? cube(x) : x)],
    [
      "of an intermediate",
      (x) => {
        const h = mul(x, x);
        return Number(h.item()) > 0 ? mul(h, x) : h;
      },
    ],
    [
      "of the result",
      (x) => {
        const y = cube(x);
        return Number(y.item()) > 0 ? y : x;
      },
    ],
    [
      "by printing",
      (x) => {
        const h = mul(x, x);
        return `${h}` === "4.0" ? mul(h, x) : h;
      },
    ],
    [
      "of two, then both used",
      (x) => {
        const [a, b] = [mul(x, 1), mul(x, x)];
        a.item();
        b.item();
        return mul(a, b);
      },
    ],
  ];
  test.each(reads)("%s", (_name, f) => {
    expect(grad(f)(2).item()).toBe(12);
    expect(valueAndGrad(f)(2).map((x) => x.item())).toEqual([8, 12]);
    expect(jvp(f, [2], [1]).map((x) => x.item())).toEqual([8, 12]);
    const [y, back] = vjp(f, [2]);
    expect([y.item(), back(1)[0].item()]).toEqual([8, 12]);
    const [, push] = linearize(f, [2]);
    expect(push(1).item()).toBe(12);
  });

  test.each(reads.filter(([name]) => name !== "by printing"))("second derivatives %s", (_name, f) => {
    expect(grad(grad(f))(2).item()).toBe(12);
    expect(jvp(grad(f), [2], [1])[1].item()).toBe(12);
    expect(grad((x: NDArray) => jvp(f, [x], [1])[1])(2).item()).toBe(12);
  });

  test("a hundred thousand operations inside, none evaluated early", () => {
    const f = (x: NDArray): NDArray => {
      let y = x;
      for (let i = 0; i < 3000; i++) y = add(y, x);
      return y;
    };
    expect(grad(f)(2).item()).toBe(3001);
  });
});

describe("markers (SEMANTICS 1.3)", () => {
  test("an argument that is also closed over is two different things", () => {
    const x = array(3);
    expect(grad((a: NDArray) => mul(a, x))(x).item()).toBe(3);
    expect(grad((a: NDArray, b: NDArray) => mul(a, mul(b, b)), { argnums: 1 })(x, x).item()).toBe(18);
  });

  test("no perturbation confusion", () => {
    // d/dx [x · d/dy (x + y)] = 1
    expect(grad((x: NDArray) => mul(x, grad((y: NDArray) => add(x, y))(1)))(1).item()).toBe(1);
    expect(grad((x: NDArray) => mul(x, jvp((y: NDArray) => mul(x, y), [2], [1])[1]))(3).item()).toBe(6);
  });

  test("assigning an inner value outside differentiates with respect to the outer argument", () => {
    const f = (x: NDArray): NDArray => {
      let kept = x;
      grad((y: NDArray) => {
        kept = mul(x, x);
        return mul(y, x);
      })(2);
      return kept;
    };
    expect(grad(f)(3).item()).toBe(6);
  });

  test("a diff value that escapes is a plain array afterwards", () => {
    let leaked: NDArray | null = null;
    grad((x: NDArray) => {
      leaked = mul(x, 2);
      return x;
    })(4);
    expect(add(leaked as unknown as NDArray, 1).item()).toBe(9);
  });

  test("inner walks stop at their own start: a long outer history costs nothing", () => {
    const layer = (x: NDArray): NDArray => add(x, 1);
    const f = (x: NDArray): NDArray => {
      let y = x;
      for (let i = 0; i < 2000; i++) y = vmap(layer)(y);
      return sum(y);
    };
    expect(grad(f)(array([1, 2])).tolist()).toEqual([1, 1]);
  });
});

describe("higher derivatives", () => {
  test("sin, four times", () => {
    const f = (x: NDArray): NDArray => sin(x);
    expect(grad(grad(grad(grad(f))))(1).item()).toBeCloseTo(Math.sin(1), 6);
    expect(grad((x: NDArray) => sum(cos(x)))(full([2], 0)).tolist()).toEqual([-0, -0]);
  });
  test("literals of rules do not leak into weak types", () => {
    expect(grad((x: NDArray) => sum(mul(x, wrap(literal(aval("float32", []), 2)))))(array([1])).weakType).toBe(false);
  });
});

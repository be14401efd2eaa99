// The inferred types of transformations (SEMANTICS 6.5): what the compiler checks here, it checks for users.
import { describe, expectTypeOf, test } from "vitest";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import type { TypedArray } from "../core/host.ts";
import { grad, valueAndGrad } from "./grad.ts";
import { jacfwd } from "./jacobian.ts";
import { jit } from "./jit.ts";
import { jvp, vjp } from "./linear.ts";
import { vmap } from "./vmap.ts";

interface Params {
  w: NDArray;
  layers: { b: NDArray; scale: number }[];
  note?: null;
}
type Loosened = NDArray | number | TypedArray;

// never called: only their types matter
const loss = (params: Params, x: NDArray, _label?: string): NDArray => (params.layers.length > 0 ? x : params.w);
const predict = (params: Params, x: NDArray): { y: NDArray; n: number } => ({ y: x, n: params.layers.length });
const unary = (x: ArrayLike): NDArray => x as NDArray;

describe("inferred types", () => {
  test("grad and valueAndGrad", () => {
    const g = grad(loss);
    expectTypeOf(g).returns.toEqualTypeOf<{ w: NDArray; layers: { b: NDArray; scale: NDArray }[]; note?: null }>();
    expectTypeOf(g).parameter(1).toEqualTypeOf<Loosened>();
    expectTypeOf(g).parameter(2).toEqualTypeOf<string | undefined>();
    expectTypeOf(grad(loss, { argnums: 1 })).returns.toEqualTypeOf<NDArray>();
    expectTypeOf(grad(loss, { argnums: [1, 0] })).returns.toEqualTypeOf<
      [NDArray, { w: NDArray; layers: { b: NDArray; scale: NDArray }[]; note?: null }]
    >();
    expectTypeOf(valueAndGrad(loss, { argnums: 1 })).returns.toEqualTypeOf<[NDArray, NDArray]>();
    const withAux = (x: NDArray): [NDArray, Map<string, number>] => [x, new Map()];
    expectTypeOf(grad(withAux, { hasAux: true })).returns.toEqualTypeOf<[NDArray, Map<string, number>]>();
    expectTypeOf(valueAndGrad(withAux, { hasAux: true })).returns.toEqualTypeOf<
      [[NDArray, Map<string, number>], NDArray]
    >();
  });

  test("jit, vmap", () => {
    expectTypeOf(jit(predict)).returns.toEqualTypeOf<{ y: NDArray; n: NDArray }>();
    expectTypeOf(jit(predict))
      .parameter(0)
      .toEqualTypeOf<{ w: Loosened; layers: { b: Loosened; scale: number }[]; note?: null }>();
    expectTypeOf(vmap(predict, [null, 0])).returns.toEqualTypeOf<{ y: NDArray; n: NDArray }>();
  });

  test("jvp, vjp, Jacobians", () => {
    const forward = (p: Params, x: NDArray): unknown[] => {
      const out = jvp(predict, [p, x], [p, 1]);
      expectTypeOf(out[0]).toEqualTypeOf<{ y: NDArray; n: NDArray }>();
      expectTypeOf(out[1]).toEqualTypeOf<{ y: NDArray; n: NDArray }>();
      return out;
    };
    expectTypeOf(forward).returns.toEqualTypeOf<unknown[]>();
    const reverse = (p: Params, x: NDArray) =>
      vjp((a: NDArray, b: Params): NDArray => (b.layers.length > 0 ? a : x), [x, p])[1](x);
    expectTypeOf(reverse).returns.toEqualTypeOf<
      [NDArray, { w: NDArray; layers: { b: NDArray; scale: NDArray }[]; note?: null }]
    >();
    expectTypeOf(jacfwd((p: { a: NDArray; b: NDArray }) => ({ y: p.a }))).returns.toEqualTypeOf<{
      y: { a: NDArray; b: NDArray };
    }>();
  });

  test("functions of ArrayLike", () => {
    expectTypeOf(grad(unary)).toEqualTypeOf<(x: Loosened | boolean) => NDArray>();
    expectTypeOf(jit(unary)).parameter(0).toEqualTypeOf<Loosened | boolean>();
    expectTypeOf(vmap(unary)).returns.toEqualTypeOf<NDArray>();
  });
});

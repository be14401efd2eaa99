// What the compiler infers in programs people write without annotations. The assignments are the checks.
import type { NDArray } from "@weft/api";
import { grad, jit, numpy as np, valueAndGrad, vjp, vmap } from "@weft/api";
import { expect, expectTypeOf, test } from "vitest";

interface Params {
  w: NDArray;
  b: NDArray;
}
const params = (): Params => ({ w: np.ones([2]), b: np.ones([2]) });

test("a returned [value, params] is a pair, not an array of either", () => {
  const step = jit((p: Params, x: NDArray) => {
    const [value, g] = valueAndGrad((q: Params) => q.w.mul(x).add(q.b).sum())(p);
    return [value, { w: p.w.sub(g.w), b: p.b.sub(g.b) }];
  });
  const [value, next] = step(params(), np.array([2, 3]));
  expectTypeOf(value).toEqualTypeOf<NDArray>();
  expectTypeOf(next).toEqualTypeOf<{ w: NDArray; b: NDArray }>();
  expect([value.item(), next.w.tolist(), next.b.tolist()]).toEqual([7, [-1, -2], [0, 0]]);

  const [y, { s }] = vmap((v: NDArray) => [v.mul(2), { s: v }])(np.array([1, 2]));
  expect([y.tolist(), s.tolist()]).toEqual([
    [2, 4],
    [1, 2],
  ]);
  const [total, pullback, aux] = vjp((v: NDArray) => [v.sum(), { k: v }], [np.array([1, 2])], { hasAux: true });
  expect([total.item(), pullback(2)[0].tolist(), aux.k.tolist()]).toEqual([3, [2, 2], [1, 2]]);
});

test("aux needs no annotation", () => {
  const [[value, aux], g] = valueAndGrad((v: NDArray) => [v.sum(), { mean: v.mean(), label: "x" }], { hasAux: true })(
    np.array([1, 3]),
  );
  expectTypeOf(aux).toEqualTypeOf<{ mean: NDArray; label: string }>();
  expect([value.item(), aux.mean.item(), aux.label, g.tolist()]).toEqual([4, 2, "x", [1, 1]]);
});

test("argnums by position, as in JAX", () => {
  const f = (p: Params, x: NDArray): NDArray => p.w.mul(x).sum();
  const [gp, gx] = grad(f, [0, 1])(params(), np.array([2, 3]));
  expectTypeOf(gp).toEqualTypeOf<{ w: NDArray; b: NDArray }>();
  expect([gp.w.tolist(), gx.tolist()]).toEqual([
    [2, 3],
    [1, 1],
  ]);
  const last = grad(f, -1)(params(), np.array([2, 3]));
  expectTypeOf(last).toEqualTypeOf<NDArray>();
  expect(last.tolist()).toEqual([1, 1]);
  expect(grad(f, 1)(params(), 4).tolist()).toBe(2);
});

test("functions of generic functions type-check", () => {
  const timed = <A extends unknown[], R>(f: (...args: A) => R) => jit(f);
  const mapped: NDArray = vmap(np.dot, [null, 0])(np.ones([3]), np.ones([2, 3]));
  expect([timed((x: NDArray) => x.mul(2))(3).item(), mapped.tolist()]).toEqual([6, [3, 3]]);
});

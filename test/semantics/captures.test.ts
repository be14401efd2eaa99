// SEMANTICS 1.2 to 1.7: captures at every depth, what is differentiated, what may escape, and how long things live.
import type { NDArray } from "@weft/api";
import {
  ConcretizationError,
  DisposedError,
  EscapedValueError,
  grad,
  jit,
  jvp,
  lax,
  linearize,
  linearTranspose,
  makeJaxpr,
  NotDifferentiableError,
  numpy as np,
  scope,
  valueAndGrad,
  vjp,
  vmap,
} from "@weft/api";
import { describe, expect, test } from "vitest";

const mul = np.multiply;
const x3 = (): NDArray => np.array([1, 2, 3]);

describe("captures (1.2)", () => {
  test("through jit, vmap and inner derivatives, values of all levels at once", () => {
    // Σᵢ (xᵢ·w)·w over a vmap inside a jit inside a grad: 2wΣx
    const f = (w: NDArray): NDArray =>
      np.sum(jit((x: NDArray) => vmap((one: NDArray) => mul(mul(one, w), jit(() => w)()))(x))(x3()));
    expect(grad(f)(5).item()).toBe(60);
    expect(grad(grad(f))(5).item()).toBe(12);
    expect(vmap(grad(f))(np.array([1, 2])).tolist()).toEqual([12, 24]);
    expect(jit(vmap(grad(f)))(np.array([1, 2])).tolist()).toEqual([12, 24]);
    expect(vmap(grad(grad(f)))(np.array([1, 2])).tolist()).toEqual([12, 12]);
  });

  test("an inner derivative that closes over the outer argument", () => {
    // d/dw of d/dy (w²y³) at y = w: d/dw 3w⁴ = 12w³
    const inner = (w: NDArray): NDArray => grad((y: NDArray) => mul(mul(w, w), mul(y, mul(y, y))))(w);
    expect(grad(inner)(2).item()).toBe(96);
    expect(grad(jit(inner))(2).item()).toBe(96);
    expect(jvp(inner, [2], [1])[1].item()).toBe(96);
    expect(vmap(grad(inner))(np.array([1, 2])).tolist()).toEqual([12, 96]);
  });

  test("a jitted function whose capture belongs to a transformation is traced again for the next one", () => {
    let s = np.array(0);
    let traces = 0;
    const g = jit((y: NDArray) => {
      traces++;
      return mul(y, s);
    });
    const f = (x: NDArray): NDArray => {
      s = mul(x, 1);
      return mul(g(x), g(x));
    };
    // (x²)², whose derivative is 4x³
    expect([grad(f)(1).item(), grad(f)(2).item(), grad(f)(3).item()]).toEqual([4, 32, 108]);
    expect(traces).toBe(3);
    expect(vmap(f)(np.array([1, 2])).tolist()).toEqual([1, 16]);
    expect(vmap(grad(f))(np.array([1, 2])).tolist()).toEqual([4, 32]);
    expect(jit(grad(f))(3).item()).toBe(108);
    expect(grad(grad(f))(2).item()).toBe(48);
  });

  test("an entry of an inner scope does not outlive it, one of an outer scope serves inside", () => {
    let s = np.array(0);
    const g = jit((y: NDArray) => mul(y, s));
    const f = (x: NDArray): NDArray => {
      s = x;
      const outer = g(x);
      return mul(outer, grad((y: NDArray) => mul(g(y), y))(x));
    };
    // g(y) = x·y: f = x²·2x² and f' = 8x³
    expect(grad(f)(2).item()).toBe(64);
    expect(grad(f)(1).item()).toBe(8);
  });

  test("results of a call that do not depend on what is mapped stay unmapped, and what follows them", () => {
    const g = jit((a: NDArray, b: NDArray) => [mul(a, 2), mul(b, 3)] as const);
    const f = (a: NDArray, b: NDArray): NDArray[] => {
      const [p, q] = g(a, b);
      return [np.sin(q), mul(np.sin(q), p), g(q, p)[0], jit((c: NDArray) => np.cos(c))(q)];
    };
    const [a, b] = [np.array([1, 2], "float64"), np.array(0.5, "float64")];
    const [unmapped, both, again, called] = vmap(f, [0, null], [null, 0, null, null])(a, b);
    const q = Math.sin(1.5);
    const near = (value: number): number => expect.closeTo(value, 12) as number;
    expect([unmapped.tolist(), both.tolist(), again.tolist(), called.tolist()]).toEqual([
      near(q),
      [near(2 * q), near(4 * q)],
      near(3),
      near(Math.cos(1.5)),
    ]);
    expect(vmap(jit(f), [0, null])(a, b)[0].tolist()).toEqual([near(q), near(q)]);
    expect(
      vmap(
        grad((y: NDArray, z: NDArray) => g(y, z)[0], { argnums: [0, 1] }),
        [0, null],
      )(a, b).map((d) => d.tolist()),
    ).toEqual([
      [2, 2],
      [0, 0],
    ]);
  });
});

describe("what is differentiated (1.3)", () => {
  test("the argument, not what else happens to be the same array", () => {
    const x = np.array(3);
    expect(grad((a: NDArray) => mul(a, x))(x).item()).toBe(3);
    expect(jvp((a: NDArray) => mul(a, x), [x], [1])[1].item()).toBe(3);
    expect(vjp((a: NDArray) => mul(a, x), [x])[1](1)[0].item()).toBe(3);
    expect(grad((a: NDArray) => grad((b: NDArray) => mul(mul(a, b), x))(a))(x).item()).toBe(3);
  });

  test("the same array for two arguments, and twice in one", () => {
    const x = x3();
    const f = (a: NDArray, b: NDArray): NDArray => np.sum(mul(a, mul(b, b)));
    expect(grad(f, { argnums: [0, 1] })(x, x).map((g) => g.tolist())).toEqual([
      [1, 4, 9],
      [2, 8, 18],
    ]);
    expect(vjp(f, [x, x])[1](1).map((g) => g.tolist())).toEqual([
      [1, 4, 9],
      [2, 8, 18],
    ]);
    const g = grad((p: { a: NDArray; b: NDArray[] }) => f(p.a, p.b[0]))({ a: x, b: [x, x] });
    expect([g.a.tolist(), g.b[0].tolist(), g.b[1].tolist()]).toEqual([
      [1, 4, 9],
      [2, 8, 18],
      [0, 0, 0],
    ]);
  });

  test("perturbations are not confused", () => {
    // the classics: d/dx (x · d/dy (x·y)) = 2x, d/dx (x · d/dy (x + y)) = 1
    expect(grad((x: NDArray) => mul(x, grad((y: NDArray) => mul(x, y))(2)))(3).item()).toBe(6);
    expect(jvp((x: NDArray) => mul(x, jvp((y: NDArray) => np.add(x, y), [1], [1])[1]), [1], [1])[1].item()).toBe(1);
    expect(grad((x: NDArray) => mul(x, linearize((y: NDArray) => mul(x, y), [2])[1](1)))(3).item()).toBe(6);
    expect(grad((x: NDArray) => mul(x, vjp((y: NDArray) => mul(x, y), [2])[1](1)[0]))(3).item()).toBe(6);
    // a tangent that is itself a function of the outer argument
    expect(grad((x: NDArray) => jvp((y: NDArray) => mul(y, y), [x], [x])[1])(3).item()).toBe(12);
  });

  test("identities, constants, unused and integer arguments", () => {
    const f = (a: NDArray, _b: NDArray, i: NDArray): [NDArray, number, NDArray] => [a, 7, i];
    const i = np.array([1, 2], "int32");
    const [[y, seven], [dy, dSeven, dInt]] = jvp(f, [2, 3, i], [5, 1, 0]);
    expect([y.item(), seven.item(), dy.item(), dSeven.item(), dInt.dtype, dInt.shape]).toEqual([
      2,
      7,
      5,
      0,
      "float0",
      [2],
    ]);
    expect(grad((a: NDArray) => a)(2).item()).toBe(1);
    expect(grad((a: NDArray, b: NDArray) => b, { argnums: [0, 1] })(2, 3).map((g) => g.item())).toEqual([0, 1]);
    expect(grad((a: NDArray) => lax.stopGradient(a))(2).item()).toBe(0);
    expect(
      vmap((a: NDArray) => [a, np.ones([2]), 3] as [NDArray, NDArray, number])(np.array([1, 2])).map((one) =>
        one.tolist(),
      ),
    ).toEqual([
      [1, 2],
      [
        [1, 1],
        [1, 1],
      ],
      [3, 3],
    ]);
    expect(jit((a: NDArray, b: NDArray) => [b, a, a] as const)(1, 2).map((one) => one.item())).toEqual([2, 1, 1]);
  });
});

describe("gradients of integers (4.3)", () => {
  const f = (x: NDArray, i: NDArray): NDArray => np.sum(mul(x, i));
  const i = (): NDArray => np.array([3, 4, 5], "int32");
  const show = (gs: readonly NDArray[]): unknown[] => gs.map((g) => (g.dtype === "float0" ? g.shape : g.tolist()));
  test("float0 comes out of jit, vmap and both", () => {
    const g = grad(f, { argnums: [1, 0], allowInt: true });
    expect(show(g(x3(), i()))).toEqual([[3], [3, 4, 5]]);
    expect(show(jit(g)(x3(), i()))).toEqual([[3], [3, 4, 5]]);
    expect(show(jit(g)(x3(), i()))).toEqual([[3], [3, 4, 5]]);
    const rows = [np.ones([2, 3]), np.ones([2, 3], "int32")] as const;
    for (const mapped of [vmap(g), jit(vmap(g)), vmap(jit(g))])
      expect(show(mapped(...rows))).toEqual([
        [2, 3],
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
      ]);
    expect(show(jit((x: NDArray) => vjp(f, [x, i()])[1](1))(x3()))).toEqual([[3, 4, 5], [3]]);
    expect(show(jit((x: NDArray) => jvp((a: NDArray) => [a, i()] as const, [x], [x])[1])(x3()))).toEqual([
      [1, 2, 3],
      [3],
    ]);
    const alone = jit(grad((k: NDArray) => k.astype("float32").sum(), { allowInt: true }));
    expect(show([alone(i()), alone(i())])).toEqual([[3], [3]]);
    // as an aux value inside a derivative
    expect(
      show(grad((x: NDArray): [NDArray, NDArray] => [np.sum(x), jit(g)(x, i())[0]], { hasAux: true })(x3())),
    ).toEqual([[1, 1, 1], [3]]);
  });
});

describe("escapes and reading (1.4)", () => {
  test("a pullback made inside vmap is of no use outside", () => {
    let back: ((ct: NDArray) => readonly NDArray[]) | null = null;
    vmap(function f(x: NDArray) {
      [, back] = vjp((y: NDArray) => mul(y, y), [x]);
      return x;
    })(x3());
    expect(() => (back as unknown as (ct: number) => unknown)(1)).toThrow(EscapedValueError);
    expect(() => (back as unknown as (ct: number) => unknown)(1)).toThrow(/vmap\(f\).*argument 0.*[Rr]eturn it/);
  });

  test("a traced value of an outer transformation is no escape; one that is over is, everywhere", () => {
    let leak = np.array(0);
    const f = jit(function traced(x: NDArray) {
      leak = mul(x, 2);
      return vmap((y: NDArray) => mul(y, leak))(x3());
    });
    expect(f(2).tolist()).toEqual([4, 8, 12]);
    for (const use of [
      () => mul(leak, 1),
      () => grad((y: NDArray) => mul(y, leak))(1),
      () => vmap((y: NDArray) => mul(y, leak))(x3()),
      () => jit(() => mul(leak, 1))(),
      () => leak.item(),
      () => leak.tolist(),
    ]) {
      expect(use).toThrow(EscapedValueError);
      expect(use).toThrow("jit(traced)");
    }
    expect(String(leak)).toBe("NDArray(float32*[], traced in jit(traced), which has returned)");
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "jit inside grad",
      () =>
        grad((w: NDArray) =>
          jit(function body(x: NDArray) {
            return mul(x, w.item() as number).item() === 0 ? x : x;
          })(w),
        )(1),
      /item: .*jit\(body\).*argument 0.*staticArgnums/,
    ],
    [
      "vmap inside jit names vmap",
      () =>
        jit(function outer(x: NDArray) {
          return vmap(function inner(p: { a: NDArray }) {
            p.a.tolist();
            return p.a;
          })({ a: x });
        })(x3()),
      /tolist: .*vmap\(inner\).*argument 0\.a.*lax\.cond/,
    ],
    [
      "jit inside vmap, of the outer value, names vmap",
      () =>
        vmap(function outer(x: NDArray) {
          return jit(function inner(y: NDArray) {
            x.item();
            return y;
          })(1);
        })(x3()),
      /item: .*vmap\(outer\).*argument 0/,
    ],
    [
      "grad inside jit",
      () =>
        jit(function step(p: NDArray[]) {
          return grad((y: NDArray) => {
            y.dataSync();
            return y;
          })(p[1]);
        })([1, 2]),
      /dataSync: .*jit\(step\).*argument 0\[1\]/,
    ],
    ["a length that is an array", () => jit((x: NDArray) => np.ones([Number(x.item())]))(3), /item/],
  ])("reading in %s is refused; the next call works", (_name, run, message) => {
    expect(run).toThrow(ConcretizationError);
    expect(run).toThrow(message);
    expect(grad((x: NDArray) => mul(x, Number(x.item())))(3).item()).toBe(3);
    expect(jit((x: NDArray) => mul(x, 2))(3).item()).toBe(6);
  });

  test("assigning outwards from a derivative is allowed at every level", () => {
    let kept = np.array(0);
    const g = grad((x: NDArray) => {
      grad((y: NDArray) => {
        kept = mul(mul(x, x), y);
        return y;
      })(mul(x, 2));
      // kept = x²·2x, a function of x: 6x²
      return kept;
    })(3);
    expect([g.item(), kept.item(), mul(kept, 2).item()]).toEqual([54, 54, 108]);
  });
});

describe("omnistaging (1.5)", () => {
  test("constants made inside jit are part of the graph, also when they are read there", () => {
    const f = (x: NDArray): NDArray => {
      const c = np.ones([64, 64]).mul(2);
      return np.add(x, c.slice(0, 0).item() === 2 ? c : x);
    };
    const { graph } = makeJaxpr(f)(np.zeros([64, 64]));
    expect(graph.captures).toEqual([]);
    expect(
      jit(f)(np.zeros([64, 64]))
        .slice(3, 5)
        .item(),
    ).toBe(2);
  });

  test("vmap batches what depends on its arguments, and nothing else", () => {
    const jaxpr = String(makeJaxpr(vmap((x: NDArray) => mul(x, np.sum(np.sin(np.ones([32]))))))(x3()));
    expect(jaxpr).toMatch(/sin/);
    expect(jaxpr).not.toMatch(/\[3,32\]/);
  });
});

describe("linear maps and their lives (1.7)", () => {
  test("residuals outlive the handles of arguments, results and everything between", () => {
    const x = x3();
    const back = scope(() => vjp((a: NDArray) => mul(np.exp(a), a), [x])[1]);
    const push = scope(() => linearize((a: NDArray) => mul(a, mul(a, a)), [x])[1]);
    x.dispose();
    const near = (value: number): number => expect.closeTo(value, 3) as number;
    const wanted = [1, 2, 3].map((v) => near(Math.exp(v) * (v + 1)));
    expect(back(np.ones([3]))[0].tolist()).toEqual(wanted);
    expect(back(np.ones([3]))[0].tolist()).toEqual(wanted);
    expect(push(np.ones([3])).tolist()).toEqual([3, 12, 27]);
    back.dispose();
    back.dispose();
    push[Symbol.dispose]();
    expect(() => back(np.ones([3]))).toThrow(DisposedError);
    expect(() => back(np.ones([3]))).toThrow("vjp(f): the pullback");
    expect(() => push(np.ones([3]))).toThrow(DisposedError);
  });

  test("pullbacks are differentiable, mappable and jittable functions", () => {
    const [, back] = vjp((a: NDArray) => mul(a, mul(a, a)), [x3()]);
    expect(jit((ct: NDArray) => back(ct)[0])(np.ones([3])).tolist()).toEqual([3, 12, 27]);
    expect(vmap((ct: NDArray) => back(ct)[0])(np.eye(3)).tolist()).toEqual([
      [3, 0, 0],
      [0, 12, 0],
      [0, 0, 27],
    ]);
    expect(grad((ct: NDArray) => np.sum(mul(back(ct)[0], ct)))(np.ones([3])).tolist()).toEqual([6, 24, 54]);
    // made inside a derivative, the point is differentiated too
    expect(grad((x: NDArray) => vjp((a: NDArray) => mul(a, mul(a, a)), [x])[1](x)[0])(2).item()).toBe(36);
  });

  test("what is not linear does not transpose, and says so", () => {
    for (const f of [
      (x: NDArray) => mul(x, x),
      (x: NDArray) => np.divide(1, x),
      (x: NDArray) => np.divide(x, x),
      (x: NDArray) => np.dot(x, x),
      (x: NDArray) => np.where(x.greater(0), x, 0),
      (x: NDArray) => np.exp(x),
      jit((x: NDArray) => mul(x, x)) as (x: NDArray) => NDArray,
    ]) {
      const shape = f(x3()).shape;
      expect(() => linearTranspose(f, [x3()])(np.ones(shape))).toThrow(NotDifferentiableError);
      expect(() => linearTranspose(f, [x3()])(np.ones(shape))).toThrow("cannot be transposed");
    }
    expect(linearTranspose((x: NDArray) => np.dot(x, x3()), [x3()])(2)[0].tolist()).toEqual([2, 4, 6]);
    expect(
      linearTranspose(jit((x: NDArray) => mul(x, 2)) as (x: NDArray) => NDArray, [x3()])(x3())[0].tolist(),
    ).toEqual([2, 4, 6]);
  });

  test("a second derivative through valueAndGrad's value and gradient together", () => {
    // v·g = x³·3x² = 3x⁵ and its derivative is 15x⁴
    expect(
      grad((x: NDArray) => {
        const [v, g] = valueAndGrad((y: NDArray) => mul(y, mul(y, y)))(x);
        return mul(v, g);
      })(2).item(),
    ).toBe(240);
  });
});

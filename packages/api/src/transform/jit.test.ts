// jit: signatures, captures, scopes, statics, lifetimes (SEMANTICS 1.2, 1.5, 1.6, 5.1, 6.6).
import { describe, expect, expectTypeOf, test } from "vitest";
import { ConcretizationError, DisposedError, EscapedValueError, TreeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { wrap, wrapKey } from "../core/convert.ts";
import { add, array, full, multiply as mul, sin, sum } from "../numpy/index.ts";
import { checkLeaks } from "../device/memory.ts";
import { grad } from "./grad.ts";
import { evalShape, explain, makeJaxpr } from "./inspect.ts";
import { jit } from "./jit.ts";
import { ShapeDtypeStruct } from "./leaves.ts";
import { vmap } from "./vmap.ts";

/** f, and how often it was traced. */
function counted<A extends unknown[], R>(f: (...args: A) => R): { f: (...args: A) => R; count: () => number } {
  let traces = 0;
  return {
    f: (...args) => {
      traces++;
      return f(...args);
    },
    count: () => traces,
  };
}

describe("jit", () => {
  test("traces once a signature", () => {
    const { f, count } = counted((x: NDArray, p: { b: NDArray; a: NDArray }) => add(x, mul(p.a, p.b)));
    const g = jit(f);
    const run = (n: number): unknown => g(array([n]), { a: array([2]), b: array([3]) }).tolist();
    expect([run(1), run(2), count()]).toEqual([[7], [8], 1]);
    expect(g(array([1]), { b: array([3]), a: array([2]) }).tolist()).toEqual([7]);
    expect(count()).toBe(1);
    g(array([1, 2]), { a: array([2]), b: array([3]) });
    g(array([1], "float64"), { a: array([2]), b: array([3]) });
    expect(count()).toBe(3);
  });

  test("gives arrays where f gives numbers; trees in and out, with types", () => {
    const g = jit((p: { x: NDArray; n: null }) => ({ y: p.x, one: 1, list: [true, p.n] as const }));
    const out = g({ x: array([1]), n: null });
    expectTypeOf(out).toEqualTypeOf<{ y: NDArray; one: NDArray; list: readonly [NDArray, null] }>();
    expect([out.y.tolist(), out.one.item(), out.list[0].item(), out.list[1]]).toEqual([[1], 1, true, null]);
  });

  test("number arguments cost at most two traces and stay numbers", () => {
    const { f, count } = counted((x: NDArray, n: NDArray) => mul(x, n));
    const g = jit(f);
    for (let i = 0; i < 5; i++) expect(g(array([2]), i).tolist()).toEqual([2 * i]);
    expect(g(array([2]), 0.5).tolist()).toEqual([1]);
    expect(count()).toBe(2);
    const ints = g(array([2], "int32"), 3);
    expect([ints.dtype, ints.tolist()]).toEqual(["int32", [6]]);
  });

  test("static arguments are compared by value and seen as they are", () => {
    const { f, count } = counted((x: NDArray, o: { times: number; name: string }, g: (x: NDArray) => NDArray) => {
      let y = x;
      for (let i = 0; i < o.times; i++) y = g(y);
      return y;
    });
    const double = (x: NDArray): NDArray => mul(x, 2);
    const g = jit(f, { staticArgnums: [1, -1] });
    expect(g(array([1]), { times: 3, name: "a" }, double).tolist()).toEqual([8]);
    expect(g(array([1]), { name: "a", times: 3 }, double).tolist()).toEqual([8]);
    expect(count()).toBe(1);
    expect(g(array([1]), { times: 2, name: "a" }, double).tolist()).toEqual([4]);
    g(array([1]), { times: 2, name: "a" }, (x) => double(x));
    expect(count()).toBe(3);
    expect(() => jit(f)(array([1]), { times: 2, name: "a" }, double)).toThrow(TreeError);
    expect(() => jit(f)(array([1]), { times: 2, name: "a" }, double)).toThrow("staticArgnums");
  });

  test("reading an argument is refused, and nothing stays open", () => {
    const f = function f(x: NDArray): NDArray {
      return x.item() === 1 ? x : mul(x, 2);
    };
    expect(() => jit(f)(1)).toThrow(ConcretizationError);
    expect(() => jit(f)(1)).toThrow(/jit\(f\).*argument 0.*staticArgnums/);
    expect(() => jit(async (x: NDArray) => x)(1)).toThrow("Promise");
    expect(() => jit(() => "text")()).toThrow(TreeError);
    expect(array(1).item()).toBe(1);
  });

  test("donated arrays are gone after the call", () => {
    const g = jit((x: NDArray, y: NDArray) => add(x, y), { donateArgnums: 0 });
    const [x, y] = [array([1]), array([2])];
    expect(g(x, y).tolist()).toEqual([3]);
    expect([x.disposed, y.disposed]).toEqual([true, false]);
  });

  test("arguments that are pending, repeated, or passed through", () => {
    const g = jit((x: NDArray, y: NDArray) => [x, add(x, y), x] as const);
    const x = mul(array([1, 2]), 2);
    const [a, b, c] = g(x, x);
    expect([a.tolist(), b.tolist(), c.tolist()]).toEqual([
      [2, 4],
      [4, 8],
      [2, 4],
    ]);
    a.dispose();
    x.dispose();
    expect(c.tolist()).toEqual([2, 4]);
  });

  test("a result that is constant, and no arguments at all", () => {
    expect(jit(() => add(full([2], 1), 1))().tolist()).toEqual([2, 2]);
    expect(jit((_x: NDArray) => 5)(array([1])).item()).toBe(5);
  });

  test("functions of nothing but empty trees, inside and outside", () => {
    const g = jit((_x: NDArray) => [null, { x: undefined }, []] as const);
    expect(g(1)).toEqual([null, { x: undefined }, []]);
    expect(grad((x: NDArray) => (g(x).length === 3 ? mul(x, x) : x))(3).item()).toBe(6);
  });

  test("number arguments inside transformations", () => {
    const g = jit((x: NDArray, n: NDArray) => mul(x, n));
    expect(vmap((x: NDArray) => g(x, 3))(array([1, 2])).tolist()).toEqual([3, 6]);
    expect(vmap((x: NDArray, n: number) => g(x, n), [0, null])(array([1, 2], "int32"), 4).dtype).toBe("int32");
    expect(grad((x: NDArray) => g(x, 3))(2).item()).toBe(3);
    expect(jit((x: NDArray, n: NDArray) => grad((a: NDArray) => mul(g(a, n), a))(x))(2, 3).item()).toBe(12);
    expect(jit((n: NDArray) => grad((a: NDArray) => mul(a, a))(n))(3).item()).toBe(6);
  });

  test("keys go in and out", () => {
    const key = wrapKey(array([1, 2], "uint32").node);
    const out = jit((k: NDArray) => [k, k.dtype === "key" ? 1 : 0] as const)(key);
    expect([out[0].dtype, out[0].shape, out[1].item()]).toEqual(["key", [], 1]);
    expect([...out[0].node.aval.shape]).toEqual([2]);
  });

  test("the device is checked", () => {
    expect(() => jit((x: NDArray) => x, { device: "tpu" })).toThrow("there is no device tpu");
    expect(jit((x: NDArray) => x, { device: "wasm" })(1).item()).toBe(1);
  });

  test("calls return before the work is done, and errors of use come at once", async () => {
    const g = jit((x: NDArray) => sum(sin(x)));
    expect(await g(full([1000], 0)).data()).toEqual(Float32Array.of(0));
  });
});

describe("captures (SEMANTICS 1.2)", () => {
  test("gradients flow through what the body closes over", () => {
    const x0 = array([1, 2, 3]);
    expect(grad((w: NDArray) => sum(jit((x: NDArray) => mul(x, w))(x0)))(2).item()).toBe(6);
    expect(
      grad((w: NDArray) => sum(jit((x: NDArray) => mul(x, jit((y: NDArray) => mul(y, w))(w)))(x0)))(2).item(),
    ).toBe(24);
  });

  test("an entry that captured a transformation's value dies with it", () => {
    let s = array(0);
    const g = jit((y: NDArray) => mul(y, s));
    const f = (x: NDArray): NDArray => {
      s = x;
      return g(x);
    };
    expect([grad(f)(2).item(), grad(f)(5).item()]).toEqual([4, 10]);
    const h = vmap((x: NDArray) => {
      s = x;
      return g(add(x, 1));
    });
    expect([h(array([1, 2])).tolist(), h(array([3, 4])).tolist()]).toEqual([
      [2, 6],
      [12, 20],
    ]);
  });

  test("arrays closed over are read once and live with the function", () => {
    let w = array([10]);
    const g = jit((x: NDArray) => mul(x, w));
    expect(g(2).tolist()).toEqual([20]);
    w.dispose();
    w = array([99]);
    expect(g(3).tolist()).toEqual([30]);
    g.clearCache();
    expect(g(3).tolist()).toEqual([297]);
    expect(g.lower(3).graph.captures).toHaveLength(1);
    expect(explain((x: NDArray) => mul(x, w))(3)).toContain("captured");
  });

  test("dispose frees what was captured", () => {
    const report = checkLeaks(() => {
      const w = full([50], 2);
      const g = jit((x: NDArray) => mul(x, w));
      g(1).dispose();
      w.dispose();
      g.dispose();
      expect(() => g(1)).toThrow(DisposedError);
    });
    expect(report.list).toEqual([]);
  });

  test("a global entry traced inside a transformation serves outside too", () => {
    const { f, count } = counted((x: NDArray) => mul(x, x));
    const g = jit(f);
    expect(grad((x: NDArray) => g(x))(array(3)).item()).toBe(6);
    expect(g(array(4)).item()).toBe(16);
    expect(count()).toBe(1);
  });
});

describe("tracing", () => {
  test("everything made inside is staged (omnistaging)", () => {
    const graph = makeJaxpr((x: NDArray) => add(x, full([64], 1)))(full([64], 0)).graph;
    expect(graph.captures).toEqual([]);
    expect(graph.nodes.some((node) => node.prim === "broadcastInDim")).toBe(true);
  });

  test("a value of no argument may be read inside and is staged all the same", () => {
    const g = jit((x: NDArray) => {
      const c = add(full([2], 1), 1);
      return mul(x, c.tolist() instanceof Array ? c : x);
    });
    expect(g(array([3, 4])).tolist()).toEqual([6, 8]);
    expect(g.lower(array([3, 4])).graph.captures).toEqual([]);
  });

  test("a traced value that escapes is refused", () => {
    let leak: NDArray | null = null;
    jit((x: NDArray) => {
      leak = mul(x, 2);
      return x;
    })(array([1]));
    expect(() => add(leak as unknown as NDArray, 1)).toThrow(EscapedValueError);
    expect(() => jit((x: NDArray) => add(x, leak as unknown as NDArray))(array([1]))).toThrow(EscapedValueError);
    expect(() => jit((x: NDArray) => add(x, 1))(leak as unknown as NDArray)).toThrow(EscapedValueError);
    expect(() => grad((x: NDArray) => sum(x))(leak as unknown as NDArray)).toThrow(EscapedValueError);
    expect(() => vmap((x: NDArray) => add(x, 1))(leak as unknown as NDArray)).toThrow(EscapedValueError);
  });

  test("graphs print, shapes evaluate, compile works ahead", async () => {
    expect(String(makeJaxpr((x: NDArray) => mul(x, 2))(array([1])))).toBe(
      "{ lambda ; a:float32[1]. let\n    b:float32[1] = mul a 2:float32[]\n  in (b) }",
    );
    const shape = evalShape((x: NDArray) => ({ y: sum(x), n: 3 }), new ShapeDtypeStruct([2, 3], "float64"));
    expect([String(shape.y), String(shape.n)]).toEqual(["ShapeDtypeStruct(float64[])", "ShapeDtypeStruct(float32[])"]);
    const { f, count } = counted((x: NDArray) => sum(x));
    const g = jit(f);
    await g.compile(new ShapeDtypeStruct([3]));
    expect([g(array([1, 2, 3])).item(), count()]).toEqual([6, 1]);
  });

  test("jit inside jit inside grad inside jit", () => {
    const inner = jit((x: NDArray) => mul(x, x));
    const outer = jit((x: NDArray) => sum(mul(inner(x), inner(sin(x)))));
    const expected = grad((x: NDArray) => sum(mul(mul(x, x), mul(sin(x), sin(x)))))(array([1, 2])).tolist() as number[];
    expect(jit(grad(outer))(array([1, 2])).tolist()).toEqual(expected.map((x) => expect.closeTo(x, 5)));
  });

  test("instanceof holds for traced values", () => {
    jit((x: NDArray) => {
      expect(x).toBeInstanceOf(NDArray);
      return wrap(x.node);
    })(1);
    expect.assertions(1);
  });
});

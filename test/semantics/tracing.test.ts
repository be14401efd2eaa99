// What a transformed function is given and what it may return (API.md, "Leaves"): booleans are static, numbers and typed
// arrays are arrays, nested in trees too, and a forgotten return is an error. One table over all transformations.
import type { NDArray } from "@weft/api";
import {
  DTypeError,
  evalShape,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  lax,
  linearize,
  linearTranspose,
  makeJaxpr,
  numpy as np,
  random,
  TreeError,
  valueAndGrad,
  vjp,
  vmap,
} from "@weft/api";
import { describe, expect, test } from "vitest";

const x = (): NDArray => np.array([1, 2, 3]);
const ints = (): NDArray => np.array([1, 2, 3], "int32");
const forgetful = ((a: NDArray): void => {
  a.mul(2);
}) as unknown as (a: NDArray) => NDArray;

interface Options {
  readonly training: boolean;
}
const layer = (a: NDArray, o: Options): NDArray => (o.training ? a : a.mul(2));
const loss = (a: NDArray, o: Options): NDArray => layer(a, o).sum();

describe("booleans are static", () => {
  const runs: readonly [string, (o: Options) => unknown, trained: unknown, not: unknown][] = [
    ["jit", (o) => jit(layer)(x(), o).tolist(), [1, 2, 3], [2, 4, 6]],
    ["vmap", (o) => vmap(layer, [0, null])(x(), o).tolist(), [1, 2, 3], [2, 4, 6]],
    ["jit of vmap", (o) => jit(vmap(layer, [0, null]))(x(), o).tolist(), [1, 2, 3], [2, 4, 6]],
    ["vmap of jit", (o) => vmap(jit(layer), [0, null])(x(), o).tolist(), [1, 2, 3], [2, 4, 6]],
    ["grad", (o) => grad(loss)(x(), o).tolist(), [1, 1, 1], [2, 2, 2]],
    ["jit of grad", (o) => jit(grad(loss))(x(), o).tolist(), [1, 1, 1], [2, 2, 2]],
    ["grad of jit", (o) => grad(jit(loss))(x(), o).tolist(), [1, 1, 1], [2, 2, 2]],
    ["valueAndGrad", (o) => valueAndGrad(loss)(x(), o)[0].item(), 6, 12],
    ["jvp", (o) => jvp(layer, [x(), o], [x(), { training: 0 } as never])[1].tolist(), [1, 2, 3], [2, 4, 6]],
    ["vjp", (o) => vjp(layer, [x(), o])[1](x())[0].tolist(), [1, 2, 3], [2, 4, 6]],
    ["linearize", (o) => linearize(layer, [x(), o])[0].tolist(), [1, 2, 3], [2, 4, 6]],
    ["jacfwd", (o) => jacfwd(loss)(x(), o).tolist(), [1, 1, 1], [2, 2, 2]],
    ["jacrev", (o) => jacrev(loss)(x(), o).tolist(), [1, 1, 1], [2, 2, 2]],
    [
      "hessian",
      (o) =>
        hessian((a: NDArray, p: Options) => loss(a.mul(a), p))(x(), o)
          .sum()
          .item(),
      6,
      12,
    ],
    ["evalShape", (o) => evalShape((a: NDArray, p: Options) => (p.training ? a : a.sum()), x(), o).shape, [3], []],
    ["makeJaxpr", (o) => String(makeJaxpr(layer)(x(), o)).includes("mul"), false, true],
  ];
  test.each(runs)("%s", (_name, run, trained, not) => {
    expect(run({ training: true })).toEqual(trained);
    expect(run({ training: false })).toEqual(not);
  });

  test("each has a trace of its own, and only one", () => {
    let traces = 0;
    const f = jit((a: NDArray, o: { flags: boolean[]; scale: NDArray }) => {
      traces++;
      return o.flags[1] ? a : a.mul(o.scale);
    });
    const runs = [true, false, true, false].map((flag) => f(x(), { flags: [true, flag], scale: 2 }).tolist());
    expect(runs).toEqual([
      [1, 2, 3],
      [2, 4, 6],
      [1, 2, 3],
      [2, 4, 6],
    ]);
    expect(traces).toBe(2);
    f(x(), { flags: [false, true], scale: 3 });
    expect(traces).toBe(3);
  });

  test("beside static, donated and lone arguments, ahead of time, and as masks", async () => {
    expect(
      jit((a: NDArray, o: boolean, k: number) => (o ? a : a.mul(k)), { staticArgnums: 2 })(x(), false, 3).tolist(),
    ).toEqual([3, 6, 9]);
    expect(jit((a: NDArray, o: boolean) => (o ? a : a.mul(2)), { donateArgnums: 0 })(x(), false).tolist()).toEqual([
      2, 4, 6,
    ]);
    const f = jit(layer);
    await f.compile(x(), { training: false });
    expect(String(f.lower(x(), { training: false }))).toContain("mul");
    expect(f(x(), { training: false }).tolist()).toEqual([2, 4, 6]);
    expect(jit((a: NDArray, keep: boolean) => np.where(keep, a, 0))(x(), true).tolist()).toEqual([1, 2, 3]);
  });

  test("an array of bool is traced, and deciding on it is refused", () => {
    const f = jit((a: NDArray, o: NDArray) => np.where(o, a, a.mul(2)));
    expect([true, false].map((flag) => f(x(), np.array(flag)).tolist())).toEqual([
      [1, 2, 3],
      [2, 4, 6],
    ]);
    expect(() => jit((a: NDArray, o: NDArray) => (o.item<boolean>() ? a : a.mul(2)))(x(), np.array(true))).toThrow(
      /static/,
    );
    expect(() => linearTranspose((a: NDArray, o: boolean) => (o ? a : a.mul(2)), [x(), true])).toThrow(DTypeError);
    expect(() => jit((a: NDArray, o: { mode: string }) => (o.mode === "a" ? a : a.mul(2)))(x(), { mode: "a" })).toThrow(
      /argument \[1\]\.mode is the string "a".*staticArgnums/,
    );
  });
});

describe("a forgotten return", () => {
  const runs: readonly [string, () => unknown][] = [
    ["jit", () => jit(forgetful)(x())],
    ["vmap", () => vmap(forgetful)(x())],
    ["grad", () => grad(forgetful)(x())],
    ["valueAndGrad", () => valueAndGrad(forgetful)(x())],
    ["jvp", () => jvp(forgetful, [x()], [x()])],
    ["vjp", () => vjp(forgetful, [x()])],
    ["linearize", () => linearize(forgetful, [x()])],
    ["jacfwd", () => jacfwd(forgetful)(x())],
    ["jacrev", () => jacrev(forgetful)(x())],
    ["hessian", () => hessian(forgetful)(x())],
    ["evalShape", () => evalShape(forgetful, x())],
    ["makeJaxpr", () => makeJaxpr(forgetful)(x())],
  ];
  test.each(runs)("%s", (_name, run) => {
    expect(run).toThrow(TreeError);
    expect(run).toThrow(/the function returned undefined; return its result, or null/);
  });
  test("null is no result on purpose, and nothing within a result may be missing", () => {
    expect(jit((_a: NDArray) => null)(x())).toBe(null);
    expect(vmap((_a: NDArray) => null)(x())).toBe(null);
    expect(jit((a: NDArray) => [a, undefined])(x())[1]).toBe(undefined);
  });
});

describe("numbers and typed arrays are arrays", () => {
  const scaled = (a: NDArray, k: NDArray): NDArray => k.mul(a);
  const inTree = (a: NDArray, o: { readonly k: readonly NDArray[] }): NDArray => o.k[0].mul(a);
  const runs: readonly [string, () => NDArray, unknown][] = [
    ["vmap", () => vmap(scaled, [0, null])(x(), 2), [2, 4, 6]],
    ["vmap, in a tree", () => vmap(inTree, [0, null])(x(), { k: [2] }), [2, 4, 6]],
    [
      "vmap, a typed array",
      () => vmap(scaled, [0, null])(x(), Float32Array.of(2, 3)),
      [
        [2, 3],
        [4, 6],
        [6, 9],
      ],
    ],
    ["jit", () => jit(scaled)(x(), 2), [2, 4, 6]],
    ["grad", () => grad((a: NDArray, k: NDArray) => scaled(a, k).sum())(x(), 2), [2, 2, 2]],
    [
      "grad, in a tree",
      () => grad((a: NDArray, o: { k: NDArray[] }) => inTree(a, o).sum())(x(), { k: [2] }),
      [2, 2, 2],
    ],
    [
      "grad, a typed array",
      () => grad((a: NDArray, k: NDArray) => scaled(a, k).sum())(x(), Float32Array.of(2, 3, 4)),
      [2, 3, 4],
    ],
    ["valueAndGrad", () => valueAndGrad((a: NDArray, k: NDArray) => scaled(a, k).sum())(x(), 2)[0], 12],
    ["jvp", () => jvp(scaled, [x(), 2], [x(), 0])[1], [2, 4, 6]],
    ["jacfwd", () => jacfwd((a: NDArray, k: NDArray) => scaled(a, k).sum())(x(), 2), [2, 2, 2]],
    ["jacrev", () => jacrev((a: NDArray, k: NDArray) => scaled(a, k).sum())(x(), 2), [2, 2, 2]],
    ["hessian", () => hessian((a: NDArray, k: NDArray) => scaled(a.mul(a), k).sum())(x(), 2).sum(0), [4, 4, 4]],
    ["jit of grad", () => jit(grad((a: NDArray, k: NDArray) => scaled(a, k).sum()))(x(), 2), [2, 2, 2]],
    [
      "jit within grad, through its closure",
      () => grad((a: NDArray, k: NDArray) => jit((b: NDArray) => scaled(b, k).sum())(a))(x(), 2),
      [2, 2, 2],
    ],
  ];
  test.each(runs)("%s", (_name, run, expected) => expect(run().tolist()).toEqual(expected));

  test("of kind number, as in jit: integers keep integers", () => {
    const add = vmap((a: NDArray, k: NDArray) => a.add(k), [0, null]);
    expect([add(ints(), 2).dtype, add(ints(), 2.5).dtype, add(ints(), 2).tolist()]).toEqual([
      "int32",
      "float32",
      [3, 4, 5],
    ]);
    expect(() => add(ints(), 2 ** 31)).toThrow(/does not fit int32|2147483648/);
  });

  test("and still say how large, how often and along which axis", () => {
    expect(vmap((a: NDArray, k: number) => a.sum(k), [0, null])(np.ones([2, 3]), 0).tolist()).toEqual([3, 3]);
    expect(grad((a: NDArray, n: number) => np.ones([n, 2]).mul(a).sum())(2, 3).item()).toBe(6);
    expect(
      grad((a: NDArray, n: number) => {
        let y = a;
        for (let i = 0; i < n; i++) y = y.mul(2);
        return y.mul(n + 1).mul(Math.sqrt(n));
      })(1, 4).item(),
    ).toBe(16 * 5 * 2);
    expect(grad((a: NDArray, k: number) => np.reshape(a, [k, -1]).slice(0).sum())(np.ones([4]), 2).tolist()).toEqual([
      1, 1, 0, 0,
    ]);
  });

  test("returned beside the value they are what they were, and jit captures them", () => {
    const [, k] = grad((a: NDArray, n: NDArray): [NDArray, NDArray] => [a.sum(), n], { hasAux: true })(x(), 3);
    expect([k.item(), k.dtype, k.weakType, String(k)]).toEqual([3, "float32", true, "3.0"]);
    const add = jit((a: NDArray) => a.add(k));
    expect([add(ints()).dtype, add(ints()).tolist()]).toEqual(["int32", [4, 5, 6]]);
    expect(jit((a: NDArray, n: NDArray) => a.add(n))(ints(), k).dtype).toBe("int32");
  });

  test("what is no leaf is passed on untouched", () => {
    const config = { name: "a", act: (a: NDArray): NDArray => a.mul(2), rate: 0.5, when: new Date(0) };
    expect(
      grad((a: NDArray, c: typeof config) => {
        expect([c.name, c.when, c.act]).toEqual(["a", config.when, config.act]);
        return c.act(a).mul(c.rate).sum();
      })(x(), config).tolist(),
    ).toEqual([1, 1, 1]);
  });
});

describe("a JS integer that jit traced does what it does elsewhere", () => {
  const key = random.key(7);
  const words = (of: NDArray): unknown => random.keyData(of).tolist();
  const runs: readonly [string, (n: NDArray) => unknown][] = [
    ["random.foldIn", (n) => random.keyData(random.foldIn(key, n))],
    ["random.key", (n) => random.keyData(random.key(n))],
    ["lax.add", (n) => lax.add(ints(), n)],
    ["lax.mul, the number first", (n) => lax.mul(n, ints())],
    ["lax.shiftLeft", (n) => lax.shiftLeft(ints(), n)],
    ["lax.clamp", (n) => lax.clamp(0, ints(), n)],
    ["lax.pad", (n) => lax.pad(ints(), n, [[1, 1, 0]])],
    ["lax.full", (n) => lax.full([2], n, "int32")],
    ["lax.dynamicSlice", (n) => lax.dynamicSlice(ints(), [n], [1])],
    ["lax.eq", (n) => lax.eq(ints(), n)],
    ["np.ldexp", (n) => np.ldexp(1.5, n)],
    ["np.bitwiseAnd", (n) => np.bitwiseAnd(ints(), n)],
    ["random.randint", (n) => random.randint(key, [3], 0, n)],
  ];
  test.each(runs)("%s", (_name, f) => {
    for (const n of [2, 1]) {
      const [plain, jitted] = [f(n as unknown as NDArray) as NDArray, jit((k: NDArray) => f(k) as NDArray)(n)];
      expect([jitted.dtype, jitted.tolist()]).toEqual([plain.dtype, plain.tolist()]);
    }
  });
  test("seeds of all kinds", () => {
    for (const seed of [0, -1, 2 ** 31 - 1, -(2 ** 31)])
      expect(words(jit((n: NDArray) => random.key(n))(seed))).toEqual(words(random.key(seed)));
    for (const step of [0, 2 ** 31, 2 ** 32 - 1])
      expect(words(jit((n: NDArray) => random.foldIn(key, n))(step))).toEqual(words(random.foldIn(key, step)));
    expect(() => jit((n: NDArray) => random.foldIn(key, n))(-1)).toThrow(/-1 does not fit uint32/);
    expect(() => random.foldIn(key, -1)).toThrow(/-1 does not fit uint32/);
    expect(() => jit((n: NDArray) => random.key(n))(1.5)).toThrow(DTypeError);
    expect(() => jit((n: NDArray) => random.key(n))(2 ** 31)).toThrow(/2147483648 does not fit int32/);
    expect(() => random.key(1.5)).toThrow(DTypeError);
  });
});

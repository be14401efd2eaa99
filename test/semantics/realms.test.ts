// Values of another realm (a frame of the page, a context of Node's vm) count as what they are; what only looks like a
// typed array, an options object or a node of this library does not, and what stands on Object.prototype is no option.
import type { NDArray } from "@weft/api";
import {
  blockUntilReady,
  checkLeaks,
  devicePut,
  DTypeError,
  evalShape,
  grad,
  init,
  jit,
  jvp,
  makeJaxpr,
  memory,
  nn,
  numpy as np,
  random,
  scope,
  tree,
  TreeError,
  valueAndGrad,
  vmap,
  WeftError,
} from "@weft/api";
import { afterEach, describe, expect, test } from "vitest";
import { otherRealm } from "../support/realm.ts";

const foreign = otherRealm();
/** A value of the other realm, by whatever type the test needs. */
const made = <T>(expression: string): T => foreign(expression) as T;

describe("of another realm", () => {
  test.each([
    ["Float32Array", "float32"],
    ["Float64Array", "float64"],
    ["Int32Array", "int32"],
    ["Uint32Array", "uint32"],
  ])("a %s is an array wherever arrays are taken", async (name, dtype) => {
    const data = made<Float32Array>(`new ${name}([1, 2, 3])`);
    expect(data instanceof (globalThis as unknown as Record<string, () => unknown>)[name]).toBe(false);
    const x = np.array(data);
    expect([x.dtype, x.tolist()]).toEqual([dtype, [1, 2, 3]]);
    expect(np.ones([3]).add(data).tolist()).toEqual([2, 3, 4]);
    expect(np.array([data, data]).shape).toEqual([2, 3]);
    expect((await devicePut({ data }).data.data())[2]).toBe(3);
    expect(tree.leaves({ a: data }, { isLeaf: null })).toEqual([data]);
    expect(jit((y: NDArray) => y.mul(2))(data as unknown as NDArray).tolist()).toEqual([2, 4, 6]);
    expect(np.array(data, "float32").tolist()).toEqual([1, 2, 3]);
  });

  test("bytes and other small integers name the dtype to give", () => {
    for (const name of ["Uint8Array", "Uint8ClampedArray", "Int8Array", "Int16Array", "Uint16Array"]) {
      const data = made<Uint8Array>(`new ${name}([1, 2])`);
      expect(() => np.array(data)).toThrow(`a ${name} needs a dtype`);
      expect(np.array(data, "int32").tolist()).toEqual([1, 2]);
    }
    for (const name of ["BigInt64Array", "BigUint64Array"])
      expect(() => np.array(made(`new ${name}(2)`))).toThrow(`a ${name} has no dtype here`);
  });

  test("a large typed array is put in slices", async () => {
    const x = await devicePut(made<Float32Array>("new Float32Array(2 ** 20).fill(2)"));
    expect(np.sum(x).item()).toBe(2 ** 21);
  });

  test("nested lists, shapes, axes and indices", () => {
    expect(np.array(made<number[][]>("[[1, 2], [3, 4]]")).tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(np.array(made<boolean[]>("[true, false]")).dtype).toBe("bool");
    expect(np.zeros(made<number[]>("[2, 3]")).shape).toEqual([2, 3]);
    expect(np.ones([2, 3]).sum(made<number[]>("[0, 1]")).item()).toBe(6);
    expect(np.ones([2, 3]).transpose(made<number[]>("[1, 0]")).shape).toEqual([3, 2]);
    expect(np.arange(5).slice(made<[number, number]>("[1, 3]")).tolist()).toEqual([1, 2]);
  });

  test("options", async () => {
    const x = np.array([
      [1, 2],
      [3, 4],
    ]);
    expect(np.sum(x, made("{ axis: 0 }")).tolist()).toEqual([4, 6]);
    expect(np.sum(x, 0, made("{ keepdims: true }")).tolist()).toEqual([[4, 6]]);
    expect(x.mean(made<never>("{ axis: 1 }")).tolist()).toEqual([1.5, 3.5]);
    expect((np.linspace(0, 1, 2, made<never>("{ endpoint: false }")) as unknown as NDArray).tolist()).toEqual([0, 0.5]);
    expect(nn.softmax(x, made<never>("{ axis: 0 }")).shape).toEqual([2, 2]);
    expect(() => np.sum(x, made("{ axes: 0 }"))).toThrow("axes");
    const f = (y: NDArray): NDArray => y.sum();
    expect((grad(f, made<never>("{ argnums: 0 }"))(x) as NDArray).tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(vmap(f, made<number[]>("[0]"))(x).tolist()).toEqual([3, 7]);
    expect((await init(made("{}"))).missing).toEqual({});
    expect(tree.leaves({ a: [1] }, made("{ isLeaf: (x) => Array.isArray(x) }"))).toEqual([[1]]);
  });

  test("trees of arguments, of structures equal to this realm's", () => {
    type Params = { w: NDArray; b: NDArray[] };
    let traces = 0;
    const loss = jit(({ w, b: [b] }: Params): NDArray => {
      traces++;
      return w.mul(b).sum();
    });
    const own = { w: np.array([1, 2]), b: [np.array([3, 4])] };
    const other = Object.assign(made<Params>("{}"), { b: Object.assign(made<NDArray[]>("[]"), own.b), w: own.w });
    expect(loss(own).item()).toBe(11);
    expect(loss(other).item()).toBe(11);
    expect(traces).toBe(1);
    const [value, g] = valueAndGrad(loss)(other);
    expect([value.item(), g.w.tolist(), g.b[0].tolist()]).toEqual([11, [3, 4], [1, 2]]);
    expect(tree.structure(other).equals(tree.structure(own))).toBe(true);
    expect(tree.map((x: number) => x + 1, made<{ a: number }>("{ a: 1 }"))).toEqual({ a: 2 });
  });

  test("static arguments, equal by value", () => {
    let traces = 0;
    const f = jit(
      (x: NDArray, how: { to: number[] }): NDArray => {
        traces++;
        return x.reshape(how.to);
      },
      { staticArgnums: 1 },
    );
    expect(f(np.ones([6]), { to: [2, 3] }).shape).toEqual([2, 3]);
    expect(f(np.ones([6]), made("{ to: [2, 3] }")).shape).toEqual([2, 3]);
    expect(f(np.ones([6]), made("{ to: [3, 2] }")).shape).toEqual([3, 2]);
    expect(traces).toBe(2);
  });

  test("pictures", () => {
    const picture =
      typeof ImageData === "function"
        ? "new ImageData(new Uint8ClampedArray([1, 2, 3, 255]), 1, 1)"
        : "{ width: 1, height: 1, data: new Uint8ClampedArray([1, 2, 3, 255]) }";
    expect(np.array(made<ImageData>(picture)).tolist()).toEqual([[[1, 2, 3, 255]]]);
    expect(() => np.array(made<ImageData>("{ width: 1, height: 1, data: new Float32Array(4) }"))).toThrow(
      "ImageData with a Float32Array",
    );
  });

  test("what functions return: maps that hold arrays, promises", async () => {
    const kept = scope(() => {
      const map = made<Map<string, NDArray>>("new Map()");
      map.set("x", np.ones([3]).add(1));
      return map;
    });
    expect(kept.get("x")?.tolist()).toEqual([2, 2, 2]);
    const set = scope(() => made<Set<NDArray>>("new Set()").add(np.ones([2]).add(1)));
    expect([...set][0].tolist()).toEqual([2, 2]);
    const promise = made<() => Promise<number>>("() => Promise.resolve(1)");
    expect(promise() instanceof Promise).toBe(false);
    expect((await checkLeaks(promise)).arrays).toBe(0);
    expect(() => scope(promise as () => unknown)).toThrow("returned a Promise");
    expect(() => jit(promise as unknown as (x: NDArray) => NDArray)(np.ones([1]))).toThrow("returned a Promise");
  });

  test.each([
    ["new Date(0)", "Date"],
    ["new Map()", "Map"],
    ["new DataView(new ArrayBuffer(8))", "DataView"],
    ["new ArrayBuffer(8)", "ArrayBuffer"],
    ["new (class Layer { w = 1 })()", "Layer"],
  ])("%s is refused by its name, as this realm's is", (code, name) => {
    expect(() => np.array(made(code))).toThrow(DTypeError);
    expect(() => np.array(made(code))).toThrow(name);
    expect(() => grad((x: NDArray) => x)(made(code))).toThrow(WeftError);
    expect(() => grad((x: NDArray) => x)(made(code))).toThrow(name);
  });
});

describe("what only looks like something", () => {
  test.each([
    ["a typed array, by its tag", { [Symbol.toStringTag]: "Float32Array", length: 2, 0: 1, 1: 2 }],
    ["a typed array, by its prototype", Object.create(Float32Array.prototype)],
    ["a typed array, by its constructor", { constructor: Float32Array, length: 1 }],
    ["a node of this library", { prim: "add", operands: [], aval: { dtype: "float32", shape: [2] } }],
    ["a node, in full", { ...np.ones([2]).node, prim: "ones", operands: [] }],
    ["an array of this library", { node: np.ones([2]).node, isKey: false, shape: [2], dtype: "float32" }],
    ["a picture, by its tag", { [Symbol.toStringTag]: "constructor", width: 1, height: 1 }],
  ])("%s is refused", (_name, value) => {
    for (const use of [
      () => np.array(value as unknown as number),
      () => np.add(value as unknown as number, np.ones([2])),
      () => np.ones([2]).mul(value as unknown as number),
      () => np.array([value as unknown as number, 1]),
      () => np.where(np.ones([2]), value as unknown as number, 0),
    ]) {
      expect(use).toThrow(WeftError);
    }
  });

  test("an array of another copy of the library is named as one", () => {
    class NDArray {
      get [Symbol.for("weft.NDArray")](): true {
        return true;
      }
    }
    const other = new NDArray() as unknown as number;
    const words =
      /an NDArray of another copy of this library \(load it once, or pass np\.array\(await x\.data\(\)\)\)/u;
    expect(() => np.array(other)).toThrow(words);
    expect(() => np.add(other, 1)).toThrow(words);
    expect(() => np.array([other])).toThrow(words);
    expect(() => grad((x: number) => np.sum(x))(other)).toThrow(words);
    expect(() => np.zeros(other)).toThrow(words);
    expect(() => random.uniform(other as never)).toThrow(words);
  });
});

describe("what stands on Object.prototype", () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>;
  const names =
    "axis keepdims dtype where initial ddof endpoint num order mode fillValue indexing decimals shape device devices threads build maximumBytes auto argnums hasAux staticArgnums donateArgnums axisName axisSize outAxes inAxes isLeaf precision approximate temperature k size replace".split(
      " ",
    );
  afterEach(() => {
    for (const name of names) delete prototype[name];
  });

  const program = async (): Promise<unknown[]> => {
    const x = np.array([
      [1, 2],
      [3, 5],
    ]);
    const key = random.key(0);
    const f = (y: NDArray): NDArray => y.mul(y).sum();
    const results = [
      np.sum(x),
      np.sum(x, {}),
      np.mean(x, 0, {}),
      np.var(x),
      x.std(),
      np.max(x, {}),
      np.argmax(x),
      np.linspace(0, 1, 3),
      np.linspace(0, 1, 3, {}),
      np.stack([x, x]),
      np.reshape(x, [4], {}),
      np.full([2], 3),
      np.round(x),
      np.pad(x, 1),
      np.meshgrid([1, 2], [3])[0],
      nn.softmax(x),
      nn.gelu(x),
      random.uniform(key, [2]),
      random.normal(key, [2], {}),
      grad(f)(x),
      grad(f, {})(x),
      jit(f)(x),
      jit(f, {})(x),
      vmap(f)(x),
      vmap(f, 0, 0, {})(x),
      jvp(f, [x], [x])[1],
      devicePut({ x }, {}).x,
      await devicePut(new Float32Array([1])).ready(),
      await blockUntilReady(x),
    ].map((y) => [y.shape, y.dtype, y.tolist()]);
    const trees = [tree.map((n: number) => n, { a: [1] }), tree.leaves([1, [2]]), tree.flatten({ b: 1 }, {})[0]];
    const texts = [String(makeJaxpr(f)(x)), evalShape(f, x).shape];
    const { devices, missing, threads } = await init();
    const again = await init({});
    return [results, trees, texts, devices, missing, threads, again, Object.keys(memory())];
  };

  test.each([
    ["values", (name: string) => ({ value: name === "axis" ? 1 : "poison" })],
    ["numbers", () => ({ value: 1 })],
    [
      "getters that throw",
      () => ({
        get: () => {
          throw new Error("read");
        },
      }),
    ],
  ])("is nobody's option: enumerable %s", async (_name, descriptor) => {
    const expected = await program();
    for (const name of names)
      Object.defineProperty(prototype, name, { ...descriptor(name), enumerable: true, configurable: true });
    const actual = await program().finally(() => {
      for (const name of names) delete prototype[name];
    });
    expect(actual).toEqual(expected);
  });

  test("and neither is what an options object inherits", () => {
    class Options {
      axis = 0;
    }
    expect(() => np.sum(np.ones([2, 3]), new Options() as never)).toThrow(WeftError);
    expect(() => np.sum(np.ones([2, 3]), Object.create({ axis: 0 }) as never)).toThrow(WeftError);
    expect(np.sum(np.ones([2, 3]), Object.assign(Object.create(null) as object, { axis: 0 })).shape).toEqual([3]);
  });
});

describe("keys that mean something to the language", () => {
  const odd = (): Record<string, number> =>
    JSON.parse(
      '{"__proto__": 1, "constructor": 2, "prototype": 3, "toString": 4, "hasOwnProperty": 5, "then": 6, "length": 7}',
    ) as Record<string, number>;

  test("are keys of trees like any other", async () => {
    const [leaves, structure] = tree.flatten(odd());
    expect(leaves).toEqual([1, 2, 5, 7, 3, 6, 4]);
    const rebuilt = tree.unflatten(structure, leaves) as Record<string, number>;
    expect(JSON.stringify(rebuilt, Object.keys(odd()).sort())).toBe(JSON.stringify(odd(), Object.keys(odd()).sort()));
    expect(Object.getPrototypeOf(rebuilt)).toBe(Object.prototype);
    const total = (t: Record<string, NDArray>): NDArray =>
      Object.keys(t).reduce((sum, key) => sum.add(t[key].mul(t[key])), np.zeros([]));
    for (const g of [grad(total)(odd() as never), jit(grad(total))(odd() as never)]) {
      expect(Object.keys(g).sort()).toEqual(Object.keys(odd()).sort());
      for (const key of Object.keys(g)) expect(g[key].item(), key).toBe(2 * odd()[key]);
      expect(Object.getPrototypeOf(g)).toBe(Object.prototype);
    }
    const mapped = vmap((t: Record<string, NDArray>) => t)(tree.map(() => np.arange(2), odd()) as never);
    expect(Object.keys(mapped).sort()).toEqual(Object.keys(odd()).sort());
    const put = await devicePut(
      tree.map(() => new Float32Array(2 ** 18).fill(2), odd()) as unknown as Record<string, Float32Array>,
    );
    expect(Object.keys(put).sort()).toEqual(Object.keys(odd()).sort());
    expect(np.sum(put.__proto__ as unknown as NDArray).item()).toBe(2 ** 19);
  });

  test("are parts of static arguments like any other", () => {
    let traces = 0;
    const f = jit(
      (x: NDArray, how: object): NDArray => {
        traces++;
        return x.add(Object.keys(how).length);
      },
      { staticArgnums: 1 },
    );
    const x = np.ones([1]);
    const statics = [
      odd(),
      {},
      JSON.parse('{"__proto__": 1}') as object,
      JSON.parse('{"__proto__": 2}') as object,
      { constructor: 1 },
      { constructor: Array },
      ["__proto__"],
      [],
      [undefined],
      [null],
      [[]],
      new Int32Array([1, 2]),
      new Float32Array([1, 2]),
      [1, 2],
    ];
    for (const one of statics) f(x, one);
    expect(traces).toBe(statics.length);
    for (const one of [odd(), {}, JSON.parse('{"__proto__": 1}') as object, [], new Int32Array([1, 2]), [1, 2]])
      f(x, one);
    expect(traces).toBe(statics.length);
  });

  test("constructors as data do not make a registered class of an object", () => {
    class Pair {
      a: unknown;
      constructor(a: unknown) {
        this.a = a;
      }
    }
    tree.register(
      Pair,
      (pair) => [[pair.a], null],
      (_aux, [a]) => new Pair(a),
    );
    expect(tree.leaves({ constructor: Pair, a: 1 })).toEqual([1, Pair]);
    expect(tree.leaves(Object.assign(Object.create(null) as object, { constructor: 3, a: 1 }))).toEqual([1, 3]);
    expect(tree.leaves(new Pair(4))).toEqual([4]);
    class Triple extends Pair {}
    // exactly the class, as in JAX
    expect(() => grad((x: NDArray) => x)(new Triple(1) as never)).toThrow("an instance of Triple");
  });

  // oxlint-disable-next-line no-sparse-arrays -- this is what is tested
  const holes: readonly unknown[] = [[1, , 3], [,], Object.assign([1], { length: 1e9 }), { a: [[1, , 2]] }];
  test.each(holes.map((value, i) => [i, value]))("holes are refused at once, by their place (%i)", (_i, value) => {
    expect(() => tree.flatten(value)).toThrow(TreeError);
    expect(() => tree.flatten(value)).toThrow(/is an array with a hole at [01]; write null or undefined/u);
    expect(() => jit((x: NDArray) => x)(value as never)).toThrow(/hole at [01]/u);
    const f = jit((x: NDArray, _how: unknown) => x, { staticArgnums: 1 });
    expect(() => f(np.ones([1]), value)).toThrow("): static argument 1 is an array with a hole");
    expect(() => np.array(value as never)).toThrow(WeftError);
    if (Array.isArray(value)) expect(() => np.array([np.ones([2]), ...value.slice(0, 2)] as never)).toThrow(WeftError);
  });

  test("symbols and what contains itself are refused", () => {
    const loop: unknown[] = [];
    loop.push({ loop });
    const f = jit((x: NDArray, _how: unknown) => x, { staticArgnums: 1 });
    expect(() => f(np.ones([1]), loop)).toThrow("): static argument 1 contains itself");
    expect(() => f(np.ones([1]), { [Symbol("s")]: 1 })).toThrow("has the key Symbol(s); keys are strings");
    expect(() => tree.leaves({ a: { [Symbol("s")]: 1 } })).toThrow("has the key Symbol(s); keys are strings");
    const shared = [1];
    expect(() => f(np.ones([1]), [shared, shared])).not.toThrow();
  });

  const registering = (type: unknown) => (): void =>
    tree.register(
      type as never,
      () => [[], null],
      () => ({}),
    );

  test.each([
    ["Object", Object],
    ["another realm's Object", made<ObjectConstructor>("Object")],
    ["Array", Array],
    ["another realm's Array", made<ArrayConstructor>("Array")],
    ["NDArray", np.ones([1]).constructor],
    ["Float32Array", Float32Array],
    ["Uint8Array", Uint8Array],
  ])("tree.register(%s) is refused", (_name, type) => {
    const register = registering(type);
    expect(register).toThrow(TreeError);
    expect(register).toThrow(/containers already|leaves, whatever/u);
    expect(tree.leaves({ a: [1] })).toEqual([1]);
  });

  test.each([
    ["a number", 5],
    ["null", null],
    ["an arrow function", () => 1],
    ["an object", {}],
  ])("tree.register of %s is refused", (_name, type) => {
    const register = registering(type);
    expect(register).toThrow(WeftError);
    expect(register).toThrow("expected a class");
  });
});

describe("in text", () => {
  test.each([
    ["text + x", (x: NDArray) => `loss: ${"" + (("loss: " as unknown as number) + (x as unknown as number))}`],
    ["x + text", (x: NDArray) => (x as unknown as string) + "!"],
    ["x + 1", (x: NDArray) => (x as unknown as number) + 1],
    ["x * 2", (x: NDArray) => (x as unknown as number) * 2],
    ["x < 2", (x: NDArray) => (x as unknown as number) < 2],
    [
      "x += text",
      (x: NDArray) => {
        let y: unknown = x;
        y = (y as string) + "s";
        return y;
      },
    ],
  ])("%s names the way", (_name, use) => {
    const x = np.array([1, 2]);
    expect(() => use(x)).toThrow("`${x}`");
    expect(() => use(x)).toThrow("x.mul(2)");
    expect(() => jit((y: NDArray) => (use(y), y))(x)).toThrow("`${x}`");
    expect(`loss: ${x}`).toBe("loss: [1. 2.]");
    expect("loss: ".concat(x as unknown as string)).toBe("loss: [1. 2.]");
  });
});

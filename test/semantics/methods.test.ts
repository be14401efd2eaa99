// Methods of public objects against values that nobody means to give them, and what they say: an error of ours that names
// the method as it was called, and nothing left on a device. Functions have the same in bad-values.test.ts.
import {
  memory,
  grad,
  init,
  jit,
  linearize,
  linearTranspose,
  NDArray,
  numpy as np,
  profiler,
  random,
  vjp,
} from "@weft/api";
import { ArgumentError, DisposedError, DTypeError, IndexError, ShapeError, WeftError } from "@weft/api";
import { describe, expect, it, test } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- declarations are for errors and tests, and no part of the public API
import { signatureOf } from "../../packages/api/src/core/define.ts";
import { attackTarget, BAD } from "./bad-values.ts";

const loosely = (f: unknown): ((...args: readonly unknown[]) => unknown) => f as never;
const NAMES = Object.keys(BAD);
/** A sixth of the table for each, in turn, so that all of it is used; WEFT_ATTACK=all uses it whole. */
const SHARE = process.env.WEFT_ATTACK === "all" ? 1 : 6;
const valuesFor = (index: number): string[] => NAMES.filter((_, i) => (i + index) % SHARE === 0);
const matrix = (): NDArray =>
  np.array([
    [1, 2],
    [3, 4],
  ]);
const one = (): NDArray => np.array([1.5]);

/** The declared methods and getters of a prototype. */
const declaredOf = (prototype: object): [string, PropertyDescriptor][] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
    ([, { value, get }]) => signatureOf(value) !== undefined || signatureOf(get) !== undefined,
  );
const ARRAY = declaredOf(NDArray.prototype);
const REGION = declaredOf(Object.getPrototypeOf(matrix().at(0)) as object);

/** What the package itself calls: no part of what users are shown, or of the language's protocols. */
const OWN = ["constructor", "node", "disposed", "arrive", "is", "end", "disownNode", "abandon", "label", "text"].concat(
  ["evaluable", "plainNumber", "shape", "dtype", "ndim", "size", "nbytes", "device", "weakType"],
);

describe("methods of arrays and regions", () => {
  it("are declared, all of them", () => {
    expect(ARRAY.length).toBeGreaterThan(45);
    expect(REGION.length).toBe(14);
    const declared = ARRAY.map(([name]) => name);
    expect(
      Object.getOwnPropertyNames(NDArray.prototype)
        .filter((name) => !declared.includes(name))
        .sort(),
    ).toEqual([...OWN].sort());
  });

  it("answer or refuse whatever they are given", async () => {
    const findings: string[] = [];
    let errors = 0;
    const objects: readonly [string, typeof ARRAY, () => object][] = [
      ["x", ARRAY, matrix],
      ["x.at(…)", REGION, () => matrix().at(0)],
    ];
    for (const [object, methods, make] of objects) {
      for (const [i, [key, { value, get }]] of methods.entries()) {
        const { name, params } = signatureOf(value ?? get) as NonNullable<ReturnType<typeof signatureOf>>;
        expect(name).toBe(`${object}.${key}`);
        const call = (args: readonly unknown[]): unknown => loosely(value ?? get).apply(make(), args as unknown[]);
        const outcome = await attackTarget({ name, params, call }, valuesFor(i));
        errors += outcome.errors;
        findings.push(...outcome.findings.map((found) => `${found.call}: ${found.what}`));
      }
    }
    expect(findings).toEqual([]);
    expect(errors).toBeGreaterThan(500);
  }, 60_000);
});

const gone = (): NDArray => {
  const x = one();
  x.dispose();
  return x;
};
const key = random.key(0);
const { add } = NDArray.prototype;
const traced =
  <T>(f: (x: NDArray) => T): (() => unknown) =>
  () =>
    jit((x: NDArray) => (f(x), x))(np.ones([2]));

describe("errors name the method that was called", () => {
  test.each<[string, (x: NDArray) => unknown, new (...args: never[]) => Error]>([
    ["x.add: ", (x) => loosely(x.add.bind(x))("a"), DTypeError],
    ["x.add: expected at most 1 argument (y), got 2", (x) => loosely(x.add.bind(x))(1, 2), ArgumentError],
    ["x.add: y is missing", (x) => loosely(x.add.bind(x))(), ArgumentError],
    ["x.mul: float32[2,2]", (x) => x.mul([1, 2, 3]), ShapeError],
    ["x.neg: expected { out, where }, got 5", (x) => loosely(x.neg.bind(x))(5), ArgumentError],
    ["x.sum: there is no option axes; did you mean axis?", (x) => x.sum({ axes: 0 } as never), ArgumentError],
    ["x.sum: ", (x) => x.sum(5), IndexError],
    ["x.flatten: order: expected one of", (x) => x.flatten("Z" as never), ArgumentError],
    ["x.reshape: float32[2,2]", (x) => x.reshape(3, 3), ShapeError],
    ["x.reshape: shape was given twice", (x) => x.reshape(4, { shape: [4] } as never), ArgumentError],
    ["x.reshape: shape: expected a shape", (x) => x.reshape(null as never), ShapeError],
    ["x.transpose: float32[2,2]", (x) => x.transpose(0, 0), ShapeError],
    ["x.expandDims: axis is missing", (x) => loosely(x.expandDims.bind(x))(), ArgumentError],
    ["x.slice: ", (x) => x.slice(7), IndexError],
    ["x.slice: ", (x) => loosely(x.slice.bind(x))({}), WeftError],
    ["x.slice: ", (x) => loosely(x.slice.bind(x))(0, {}), WeftError],
    ["x.at(…).get: ", (x) => (loosely(x.at.bind(x))({}) as ReturnType<typeof x.at>).get(), WeftError],
    ["x.at(…).set: ", (x) => x.at(0).set([1, 2, 3]), ShapeError],
    ["x.at(…).set: values is missing", (x) => loosely(x.at(0).set.bind(x.at(0)))(), ArgumentError],
    ["x.at(…).mul: ", (x) => x.at(9).mul(2), IndexError],
    ["x.item: float32[2,2] has 4 elements", (x) => x.item(), ShapeError],
    ["x.item: expected no argument, got 0", (x) => loosely(x.item.bind(x))(0), ArgumentError],
    [
      "x.dataSync: there is no option into; it takes none",
      (x) => loosely(x.dataSync.bind(x))({ into: 1 }),
      ArgumentError,
    ],
    [
      "x.toString: there is no option precision; it takes none",
      (x) => loosely(x.toString.bind(x))({ precision: 3 }),
      ArgumentError,
    ],
    ["x.dispose: expected no argument", (x) => loosely(x.dispose.bind(x))(true), ArgumentError],
    ["x.tolist: key[]: random keys have no numbers", () => key.tolist(), DTypeError],
    ["x.mT: float32[1]", () => one().mT, ShapeError],
    ["x.add: it was called without the object", () => loosely(add)(1), ArgumentError],
    ["x.item: float32[1]: this array was disposed", () => gone().item(), DisposedError],
    ["x.T: float32[1]: this array was disposed", () => gone().T, DisposedError],
    ["x.shape: float32[1]: this array was disposed", () => gone().shape, DisposedError],
    ["x.nbytes: float32[1]: this array was disposed", () => gone().nbytes, DisposedError],
    ["x.device: float32[1]: this array was disposed", () => gone().device, DisposedError],
    ["np.ravel: float32[1]: this array was disposed", () => np.ravel(gone()), DisposedError],
    ["x.item: float32[2] is traced by jit(", traced((x) => x.item()), WeftError],
    ["x.toJSON: float32[2] is traced by jit(", traced((x) => JSON.stringify(x)), WeftError],
  ])("%s", (text, call, Class) => {
    let thrown: unknown;
    try {
      call(matrix());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Class);
    expect((thrown as Error).message.slice(0, text.length)).toBe(text);
    // and the stack begins where it was called
    const frames = (thrown as Error).stack?.split("\n").filter((line) => /^\s+at (?!JSON)/u.test(line));
    expect(frames?.[0]).toContain("methods.test.ts");
  });

  test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error]>([
    [
      "x.data: expected no argument, got {",
      () => loosely(one().data.bind(one()))({}) as Promise<unknown>,
      ArgumentError,
    ],
    ["x.data: float32[1]: this array was disposed", () => gone().data(), DisposedError],
    ["x.data: key[]: random keys have no numbers", () => key.data(), DTypeError],
    ["x.ready: float32[1]: this array was disposed", () => gone().ready(), DisposedError],
    [
      "x.ready: expected no argument, got 5",
      () => loosely(one().ready.bind(one()))(5) as Promise<unknown>,
      ArgumentError,
    ],
    ["init: expected {", () => loosely(init)({}, {}) as Promise<unknown>, ArgumentError],
    ["profiler.trace: f: expected a function", () => profiler.trace(5 as never), ArgumentError],
  ])("%s, by a promise", async (text, call, Class) => {
    const thrown: unknown = await call().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Class);
    expect((thrown as Error).message.slice(0, text.length)).toBe(text);
    expect((thrown as Error).stack).toContain("methods.test.ts");
  });
});

describe("what transformations return", () => {
  const double = (x: NDArray): NDArray => x.mul(2);
  const jitted = jit(double);
  const [, back] = vjp(double, [one()]);
  const [, push] = linearize(double, [one()]);
  const ended = jit(double);
  ended.dispose();
  test.each<[string, () => unknown]>([
    ["jit(double).clearCache: expected no argument, got 5", () => loosely(jitted.clearCache)(5)],
    ["jit(double).dispose: expected no argument, got {  }", () => loosely(jitted.dispose)({})],
    ["jit(double).lower: argument [0]", () => jitted.lower("a")],
    ["jit(double).lower: the jitted function was disposed", () => ended.lower(one())],
    ["vjp(double): the pullback: expected at most 1 argument, got 2", () => loosely(back)(one(), one())],
    ["vjp(double): the pullback.dispose: expected no argument, got 1", () => loosely(back.dispose)(1)],
    ["linearize(double): the pushforward.dispose: expected no argument", () => loosely(push.dispose)(1)],
    ["linearTranspose(double): expected at most 1", () => loosely(linearTranspose(double, [one()]))(one(), one())],
    ["grad(double): argument", () => loosely(grad(double))("a")],
    ["profiler.counters: expected no argument, got 1", () => loosely(profiler.counters)(1)],
    ["memory: expected no argument, got {  }", () => loosely(memory)({})],
    [
      "np.matrixTranspose: expected at most 1 argument (x), got 2",
      () => loosely(np.matrixTranspose)(np.ones([2, 2]), {}),
    ],
  ])("%s", (text, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WeftError);
    expect((thrown as Error).message.slice(0, text.length)).toBe(text);
  });

  test("compile rejects by its name", async () => {
    await expect(jitted.compile("a")).rejects.toThrow("jit(double).compile: argument [0]");
    await expect(ended.compile(one())).rejects.toThrow("jit(double).compile: the jitted function was disposed");
  });

  test("a function of the user's that fails keeps its error, by a promise too", async () => {
    await expect(profiler.trace(async () => np.ones([2]).add(await Promise.resolve([1, 2, 3])))).rejects.toThrow(
      /^x\.add: /u,
    );
  });
});

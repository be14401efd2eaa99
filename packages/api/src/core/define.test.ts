import { ArgumentError, DTypeError, IndexError, InternalError, ShapeError, WeftError } from "@weft/ir";
import { describe, expect, expectTypeOf, it } from "vitest";
import { blockUntilReady, deviceGet, devicePut, init, memory, type NDArray, numpy as np, toCanvas } from "../index.ts";
import { alias, define, entry, signatureOf } from "./define.ts";
import type { ArrayLike } from "./convert.ts";
import {
  array,
  arrays,
  axes,
  callback,
  choice,
  dtype,
  flag,
  integer,
  hint,
  named,
  nullable,
  out,
  refused,
  rest,
  size,
} from "./kinds.ts";

const pick = define(
  "np.pick",
  [
    array("a"),
    axes("axis", null),
    dtype("dtype", null),
    out,
    flag("keepdims", false),
    named(choice("C", "F")("order", "C")),
  ],
  (a, axis, dtype, _out, keepdims, order) => [a, axis, dtype, keepdims, order] as const,
);
const wrong = (x: unknown): never => x as never;
const loosely = (f: unknown): ((...args: readonly unknown[]) => unknown) => f as never;
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(WeftError);
    return `${(error as Error).name} ${(error as Error).message}`;
  }
  throw new Error("nothing was thrown");
};

describe("arguments", () => {
  it("come by position or by name, in any split", () => {
    const all = [1, 0, "int32", true, "F"];
    expect(pick(1)).toEqual([1, null, null, false, "C"]);
    expect(pick(1, 0, "int32", null, true, { order: "F" })).toEqual(all);
    expect(pick(1, 0, { dtype: "int32", keepdims: true, order: "F" })).toEqual(all);
    expect(pick(1, { axis: 0, dtype: "int32", keepdims: true, order: "F" })).toEqual(all);
    expect(pick({ a: 1, axis: 0, dtype: "int32", keepdims: true, order: "F" })).toEqual(all);
    expect(pick(1, undefined, undefined, undefined, true)).toEqual([1, null, null, true, "C"]);
    expect(pick(1, { axis: undefined, keepdims: undefined })).toEqual([1, null, null, false, "C"]);
    expect(pick(1, 0, undefined, undefined, undefined, undefined as never)).toEqual([1, 0, null, false, "C"]);
    expect(loosely(np.exp)(0, undefined)).toMatchObject({ shape: [] });
  });

  it("have the names and types of their declaration", () => {
    expectTypeOf(pick).toBeCallableWith(1, 0, "int32", null, true, { order: "F" });
    expectTypeOf(pick).toBeCallableWith({ a: 1 });
    // @ts-expect-error -- keepdims in the place of out
    expect(() => pick(1, 0, "int32", true)).toThrow("np.pick: out");
    // @ts-expect-error -- no such option
    expect(() => pick(1, { keepdim: true })).toThrow(ArgumentError);
    // @ts-expect-error -- order has no place
    expect(() => pick(1, 0, "int32", null, true, "F")).toThrow(ArgumentError);
    // @ts-expect-error -- the array is missing
    expect(() => pick({ axis: 0 })).toThrow(ArgumentError);
  });

  it("that are too many, unknown, given twice or missing are refused by name", () => {
    expect(message(() => loosely(np.add)(1, 2, 3))).toBe(
      "ArgumentError np.add: expected at most 2 arguments (x, y), got 3; out, where are given by name, in one object at the end",
    );
    expect(message(() => [1, 2].map(np.exp as never))).toContain("as a callback write (x) => np.exp(x)");
    expect(message(() => pick(1, wrong({ keepdim: true })))).toBe(
      "ArgumentError np.pick: there is no option keepdim; did you mean keepdims? (it takes a, axis, dtype, keepdims, order)",
    );
    expect(message(() => pick(1, wrong({ dtyp_e: 1 })))).toContain("did you mean dtype?");
    expect(message(() => pick(1, wrong({ zzz: 1 })))).not.toContain("did you mean");
    expect(message(() => loosely(pick)(1, 0, { axis: 1 }))).toBe(
      "ArgumentError np.pick: axis was given twice, by position and by name",
    );
    expect(message(() => loosely(pick)())).toBe(
      "ArgumentError np.pick: a is missing (a, axis, dtype, keepdims, order)",
    );
    expect(message(() => loosely(np.add)(1))).toContain("np.add: y is missing (x, y)");
    expect(message(() => loosely(np.add)())).toContain("np.add: x is missing");
    expect(message(() => loosely(np.add)(1, undefined))).toContain("np.add: y is missing");
  });

  it("of the wrong kind name the parameter, what was expected and what came", () => {
    expect(message(() => pick(1, wrong(1.5)))).toBe(
      "IndexError np.pick: axis: expected an axis or a list of axes, integers, got 1.5",
    );
    expect(message(() => pick(1, wrong([0, "x"])))).toContain("IndexError np.pick: axis");
    expect(message(() => pick(1, 0, wrong("float33")))).toContain("DTypeError np.pick: dtype float33 is not available");
    expect(message(() => pick(1, 0, wrong(4)))).toContain("DTypeError np.pick: dtype: expected a dtype, got 4");
    expect(message(() => pick(1, { keepdims: wrong(1) }))).toBe(
      "ArgumentError np.pick: keepdims: expected true or false, got 1",
    );
    expect(message(() => pick(1, { order: wrong("bogus") }))).toBe(
      'ArgumentError np.pick: order: expected one of "C", "F", got "bogus"',
    );
    expect(message(() => pick(1, { keepdims: wrong(null) }))).toContain("got null");
    expect(message(() => pick(1, wrong(np.zeros([2, 2]))))).toContain(
      "integers along one axis, got the array float32[2,2]",
    );
    expect(message(() => pick(1, { keepdims: wrong(np.zeros([])) }))).toContain("float32[]; read it with item() first");
  });

  it("are own properties of an options object", () => {
    const inherited = Object.create({ axis: 0 }) as object;
    expect(() => pick(1, wrong(inherited))).toThrow(IndexError); // no plain object: a wrong axis
    Object.defineProperty(Object.prototype, "axis", { value: 0, configurable: true, enumerable: true });
    let given: readonly unknown[];
    try {
      given = pick(1, { keepdims: true });
    } finally {
      delete (Object.prototype as { axis?: number }).axis;
    }
    expect(given).toEqual([1, null, null, true, "C"]);
    expect(message(() => pick(1, JSON.parse('{"__proto__": 1}') as never))).toContain("no option __proto__");
    expect(message(() => pick(1, wrong({ constructor: 1 })))).toContain("no option constructor");
  });

  it("may be any number, or options of a function without them", () => {
    const grid = define("np.grid", [rest(integer("n")), named(flag("sparse", false))], (n, sparse) => [...n, sparse]);
    expect(grid()).toEqual([false]);
    expect(grid(1, 2, { sparse: true })).toEqual([1, 2, true]);
    expect(message(() => grid(1, wrong("x")))).toContain("IndexError np.grid: n");
    expect(message(() => grid(1, wrong({ n: 2 })))).toContain("no option n");
    expect((np.exp as (x: ArrayLike, o: object) => NDArray)(0, {}).item()).toBe(1);
    expect(message(() => loosely(np.exp)(0, { axis: 0 }))).toContain("np.exp: there is no option axis");
    expect(message(() => loosely(np.exp)(0, { where: true }))).toContain(
      "np.exp: where: elementwise functions take no mask",
    );
    expect((np.exp as (x: ArrayLike, o: object) => NDArray)(0, { where: null, out: null }).item()).toBe(1);
  });

  it("of every kind", () => {
    const f = define(
      "f",
      [
        arrays("xs"),
        size("n", 0),
        nullable(size("m", 3)),
        hint("precision", null),
        refused("mode", "low", "only this one"),
      ],
      (xs, n, m) => [xs.length, n, m],
    );
    expect(f([1, 2])).toEqual([2, 0, 3]);
    expect(f(np.zeros([3, 2]), 1, null, "highest", "low")).toEqual([3, 1, null]);
    expect(message(() => f(wrong(3)))).toContain("DTypeError f: xs: expected a JS array of arrays, got 3");
    expect(message(() => f([], -1))).toContain("ShapeError f: n: expected a size");
    expect(message(() => f([], 1, 2, wrong("bogus")))).toContain("ArgumentError f: precision");
    expect(message(() => f([], { mode: wrong("high") }))).toBe('ArgumentError f: mode: only this one (got "high")');
  });
});

describe("errors", () => {
  const inner = define("inner", [array("a")], () => {
    throw new ShapeError("reduceSum: float32[3]: no");
  });
  const outer = define("outer", [array("a")], (a) => inner(a));

  it("name the function that was called, whatever it calls", () => {
    expect(message(() => inner(1))).toBe("ShapeError inner: float32[3]: no");
    expect(message(() => outer(1))).toBe("ShapeError outer: float32[3]: no");
    expect(message(() => alias("second", outer)(1))).toBe("ShapeError second: float32[3]: no");
    expect(message(() => np.amax(np.zeros([0])))).toContain("np.amax: float32[0]");
    const two = np.zeros([2, 2]);
    const called: readonly [string, () => unknown][] = [
      ["np.sum", () => np.sum(two, 5)],
      ["np.mean", () => np.mean(two, 5)],
      ["np.nanmax", () => np.nanmax(two, 5)],
      ["np.average", () => np.average(two, 5)],
      ["np.take", () => np.take(two, 0.5)],
      ["np.take", () => np.take(two, 0, 5)],
      ["np.take", () => np.take(two, wrong("a"))],
      ["np.split", () => np.split(two, 2, 5)],
      ["np.tril", () => np.tril(np.zeros([]))],
    ];
    for (const [name, call] of called) expect(message(call).split(" ")[1], name).toBe(`${name}:`);
    const bare = define("bare", [array("a")], () => {
      throw new DTypeError("float32[3]: expected: integers");
    });
    expect(message(() => bare(1))).toBe("DTypeError bare: float32[3]: expected: integers");
  });

  it("have a stack that begins with their class, their message and the caller", () => {
    const error = (function caller(): Error {
      try {
        outer(1);
      } catch (thrown) {
        return thrown as Error;
      }
      throw new Error("nothing was thrown");
    })();
    const lines = (error.stack as string).split("\n");
    expect(lines[0]).toBe("ShapeError: outer: float32[3]: no");
    if ("captureStackTrace" in Error) expect(lines[1]).toMatch(/caller.*define\.test\.ts|define\.test\.ts.*caller/u);
    expect(new IndexError("x").stack).toMatch(/^IndexError: x|^(?!WeftError)/u);
    expect(Object.keys(error)).toEqual([]);
  });

  it("of the user's functions stay theirs", () => {
    const apply = define("apply", [callback<(x: number) => unknown>()("f")], (f) => f(1));
    const own = new TypeError("mine");
    const thrower = (): never => {
      throw own;
    };
    expect(() => apply(thrower)).toThrow(own);
    expect(own.message).toBe("mine");
    expect(message(() => apply(() => outer(1)))).toBe("ShapeError outer: float32[3]: no");
    expect(apply((x) => x + 1)).toBe(2);
    expect(message(() => apply(wrong(3)))).toBe("ArgumentError apply: f: expected a function, got 3");
  });

  it("of the language from inside are ours to answer for", () => {
    const broken = define("broken", [array("a")], () => (undefined as never as { x: number }).x);
    expect(() => broken(1)).toThrow(InternalError);
    expect(message(() => broken(1))).toContain("InternalError broken: Cannot read");
  });

  it("of promises are named as well", async () => {
    const later = define("later", [array("a"), flag("b", false)], async () => {
      await Promise.resolve();
      throw new ShapeError("evaluation: no");
    });
    await expect(later(1)).rejects.toThrow("later: no");
  });

  it("of promises have a stack with the caller in it", async () => {
    const calls: readonly [string, () => unknown][] = [
      ["toCanvas", () => toCanvas(np.ones([2, 2]), wrong({}))],
      ["deviceGet", () => deviceGet(wrong([new Date()]))],
      ["blockUntilReady", () => blockUntilReady(wrong({ a: new Map() }))],
      ["devicePut", () => devicePut(np.ones([1]), wrong("bogus"))],
      ["init", () => init({ maximumBytes: -1 })],
      ["init", () => init({ devices: wrong("webgpu") })],
      ["init", () => init(wrong({ bogus: 1 }))],
    ];
    for (const [name, call] of calls) {
      const error = await (async (): Promise<Error> => {
        try {
          await call();
        } catch (thrown) {
          return thrown as Error;
        }
        throw new Error(`${name} threw nothing`);
      })();
      expect(error).toBeInstanceOf(WeftError);
      const lines = (error.stack as string).split("\n");
      expect(lines[0]).toBe(`${error.name}: ${error.message}`);
      expect(error.message).toMatch(new RegExp(`^${name}: (?!${name})`, "u"));
      // a runner moves files, so that frames of the library may stand above
      if ("captureStackTrace" in Error) expect(lines.slice(1).join(), name).toContain("define.test.ts");
    }
  });

  it("of a call stack that is full do not blame the library", () => {
    const full = define("full", [array("a")], () => {
      throw new RangeError("Maximum call stack size exceeded");
    });
    expect(message(() => full(1))).toMatch(/^WeftError full: the call stack is full: a function calls itself/u);
  });

  it("of JavaScript's operators begin at the caller", () => {
    const x = np.ones([2]) as unknown as number;
    for (const operation of [
      () => x * 2,
      () => `${"loss: "}${"" + x}`,
      () => x < 1,
      () => +x,
      () => x - 1,
      () => x ** 2,
    ]) {
      let error = new Error("nothing was thrown");
      try {
        operation();
      } catch (thrown) {
        error = thrown as Error;
      }
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain("`${x}` in text");
      if ("captureStackTrace" in Error) expect((error.stack as string).split("\n")[1]).toContain("define.test.ts");
    }
  });

  it("leave nothing on the device", () => {
    const before = memory();
    const list = new Float32Array(1e5);
    for (let i = 0; i < 20; i++) {
      expect(() => np.add(list, np.ones([3]))).toThrow(ShapeError);
      expect(() => np.where(list, new Float32Array(7), 1)).toThrow(ShapeError);
      expect(() => np.sum(list, 1)).toThrow(IndexError);
    }
    expect(memory().bytes).toBeLessThan(before.bytes + 1e5);
  });

  it("of what a public function returns begin at the caller too", () => {
    const returned = entry("returned", () => {
      throw new ShapeError("pullback: no");
    });
    try {
      returned();
    } catch (error) {
      expect((error as Error).message).toBe("pullback: no");
      if ("captureStackTrace" in Error)
        expect(((error as Error).stack as string).split("\n")[1]).toContain("define.test.ts");
    }
    expect(returned.name).toBe("returned");
  });
});

it("a declaration can be looked at", () => {
  expect(signatureOf(pick)?.params.map(({ name, how }) => `${name} ${how}`)).toEqual([
    "a required",
    "axis optional",
    "dtype optional",
    "out optional",
    "keepdims optional",
    "order named",
  ]);
  expect(signatureOf(np.sum)?.name).toBe("np.sum");
  expect(np.sum.name).toBe("sum");
  expect(signatureOf(() => 1)).toBeUndefined();
});

// The device at hand: init, moving trees, several roots as one plan, the flush rule, other backends.
import { afterEach, describe, expect, test } from "vitest";
import type { Node } from "@weft/ir";
import { ArgumentError, DeviceError, OutOfMemoryError, SyncReadError, TreeError, WeftError } from "@weft/ir";
import { createWasmBackend } from "@weft/backend-wasm";
import { createInterpreter } from "@weft/scheduler";
import { NDArray } from "../core/array.ts";
import { add, array, full, multiply as mul, sin, sum } from "../numpy/index.ts";
import { grad } from "../transform/grad.ts";
import { jit } from "../transform/jit.ts";
import { vmap } from "../transform/vmap.ts";
import { defaultDevice, devices, useBackend } from "./devices.ts";
import { init } from "./init.ts";
import { blockUntilReady, checkLeaks, deviceGet, memory, scope } from "./memory.ts";
import { devicePut } from "./put.ts";

/** How many nodes an evaluation of this node would walk over. */
function historyOf(node: Node): number {
  const seen = new Set<Node>();
  const stack = [node];
  while (stack.length > 0) {
    const top = stack.pop() as Node;
    if (seen.has(top)) continue;
    seen.add(top);
    if (top.value === null) stack.push(...top.operands);
  }
  return seen.size;
}

describe("options of init", () => {
  const bad: readonly [unknown, new (message: string) => Error, string][] = [
    [5, ArgumentError, "init: expected { threads, build, maximumBytes, devices, auto }, got 5"],
    [null, ArgumentError, "got null"],
    ["webgpu", ArgumentError, 'got "webgpu"'],
    [["webgpu"], ArgumentError, "init: expected {"],
    [new Map(), ArgumentError, "an object of Map"],
    [Object.create({ threads: 2 }), ArgumentError, "init: expected {"],
    [
      { thread: 2 },
      ArgumentError,
      "init: there is no option thread; did you mean threads? (it takes threads, build, maximumBytes, devices, auto)",
    ],
    [{ threads: 0 }, DeviceError, "init: threads: expected at least 1"],
    [{ threads: -1 }, DeviceError, "init: threads: expected at least 1"],
    [{ threads: 1.5 }, ArgumentError, "init: threads: expected a whole number of threads, got 1.5"],
    [{ threads: NaN }, ArgumentError, "got NaN"],
    [{ threads: Infinity }, ArgumentError, "got Infinity"],
    [{ threads: "4" }, ArgumentError, 'got "4"'],
    [{ threads: [2] }, ArgumentError, "init: threads"],
    [{ threads: 4n }, ArgumentError, "init: threads"],
    [{ build: "fast" }, ArgumentError, 'init: build: expected one of "base", "relaxed", "auto", got "fast"'],
    [{ build: "constructor" }, ArgumentError, "init: build"],
    [{ build: true }, ArgumentError, "init: build"],
    [{ maximumBytes: -1 }, DeviceError, "init: maximumBytes: expected at least 1 byte, got -1"],
    [{ maximumBytes: 0 }, DeviceError, "init: maximumBytes"],
    [{ maximumBytes: NaN }, ArgumentError, "init: maximumBytes: expected a whole number of bytes, got NaN"],
    [{ maximumBytes: -Infinity }, ArgumentError, "init: maximumBytes"],
    [{ maximumBytes: 1.5 }, ArgumentError, "init: maximumBytes"],
    [{ maximumBytes: "1GB" }, ArgumentError, "init: maximumBytes"],
    [
      { devices: "webgpu" },
      ArgumentError,
      'init: devices: expected a list of names, as ["webgpu"], got "webgpu"; write ["webgpu"]',
    ],
    [{ devices: [5] }, ArgumentError, "init: devices"],
    [{ devices: ["wasm", undefined] }, ArgumentError, "init: devices"],
    [{ devices: new Array(2) }, ArgumentError, "init: devices"],
    [{ devices: { 0: "wasm", length: 1 } }, ArgumentError, "init: devices"],
    [{ devices: new Set(["wasm"]) }, ArgumentError, "init: devices"],
    [{ auto: true }, ArgumentError, "init: auto: expected { software, profiles }, got true"],
    [{ auto: { soft: true } }, ArgumentError, "init: auto: there is no option soft"],
    [{ auto: { software: 1 } }, ArgumentError, "init: auto.software: expected true or false, got 1"],
    [{ auto: { profiles: {} } }, ArgumentError, "init: auto.profiles"],
  ];
  test.each(bad.map(([value, Class, message], i) => [i, value, Class, message] as const))(
    "%i: %o is refused, and nothing is made",
    async (_i, value, Class, message) => {
      const before = devices();
      await expect(init(value as object)).rejects.toThrow(Class);
      await expect(init(value as object)).rejects.toThrow(message);
      await expect(init({ ...Object(value), threads: 2, nonsense: 1 } as object)).rejects.toThrow(WeftError);
      expect(devices()).toEqual(before);
    },
  );

  test("what is absent, undefined or null is the default, and every name has its reason", async () => {
    for (const value of [undefined, {}, { threads: undefined }, { devices: null, auto: null, build: null }])
      expect((await init(value as object | undefined)).devices).toEqual(["wasm"]);
    expect((await init({ devices: [] })).missing).toEqual({});
    const { missing } = await init({ devices: ["tpu", "tpu", "__proto__", "constructor", ""] });
    expect(Object.keys(missing).sort()).toEqual(["", "__proto__", "constructor", "tpu"]);
    expect(missing.tpu).toBe('there is no such device; there are "wasm", "webgpu" and "auto"');
  });

  test("what comes beside the options is refused, an empty object too", async () => {
    const loosely = init as (...args: unknown[]) => Promise<unknown>;
    for (const args of [
      [{}, {}],
      [{}, 5],
      [undefined, 1],
      [5, {}],
      [{ threads: 2 }, {}],
    ])
      await expect(loosely(...args)).rejects.toThrow(
        "init: expected { threads, build, maximumBytes, devices, auto }, got ",
      );
  });
});

describe("devices", () => {
  test("init reports what is missing and refuses to change a device in use", async () => {
    const report = await init({ devices: ["wasm", "tpu"] });
    expect(report.devices).toEqual(["wasm"]);
    expect(report.threads).toBeGreaterThanOrEqual(1);
    expect(Object.keys(report.missing)).toEqual(["tpu"]);
    // a page that is not isolated has one thread, and is told so
    const shared = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
    expect(report.notes).toEqual(shared ? [] : [expect.stringContaining("not cross-origin isolated")]);
    array([1]);
    await expect(init({ threads: 1 })).rejects.toThrow(DeviceError);
    expect([devices(), defaultDevice(), defaultDevice("wasm")]).toEqual([["wasm"], "wasm", "wasm"]);
    expect(() => defaultDevice("tpu")).toThrow("there is wasm");
  });

  test("devicePut and deviceGet move trees", async () => {
    const put = devicePut({ a: Float32Array.of(1, 2), b: [3, true] });
    expect(put.a).toBeInstanceOf(NDArray);
    const got = await deviceGet({ ...put, c: mul(put.a, 2) });
    expect([got.a.tolist(), got.b[0].tolist(), got.b[1].tolist(), got.c.tolist()]).toEqual([[1, 2], 3, true, [2, 4]]);
    expect(() => devicePut([1], "tpu")).toThrow(DeviceError);
    expect(() => devicePut("text")).toThrow(TreeError);
  });

  test("blockUntilReady evaluates a tree as one plan", async () => {
    const x = sin(full([17], 1));
    const before = memory().plans;
    const tree = await blockUntilReady({ a: mul(x, 2), b: [add(x, 1), sum(x)], n: 3 });
    expect(memory().plans).toBe(before + 1);
    expect(tree.b[1]).toBeInstanceOf(NDArray);
    expect([tree.a, ...(tree.b as NDArray[])].map((one) => one.node.value?.ticket?.state ?? "done")).toEqual([
      "done",
      "done",
      "done",
    ]);
  });
});

describe("the flush rule", () => {
  test("a loop that never reads keeps a bounded history and few plans", () => {
    const before = memory().plans;
    let x = array([0, 1]);
    for (let i = 0; i < 20_000; i++) x = add(mul(x, 0.5), i);
    expect(historyOf(x.node)).toBeLessThan(10_000);
    expect(memory().plans - before).toBeLessThan(8);
    expect(x.tolist()).toHaveLength(2);
  });

  test("an accumulator beside the loop is kept short as well", () => {
    let x = array([1]);
    let total = array([0]);
    for (let i = 0; i < 5000; i++) {
      x = mul(x, 1);
      total = add(total, x);
      if (i % 128 === 0) x.item();
    }
    expect(historyOf(total.node)).toBeLessThan(10_000);
    expect(total.tolist()).toEqual([5000]);
  });

  test("nothing is flushed while a transformation is open", () => {
    const unread: boolean[] = [];
    grad((x: NDArray) => {
      let y = x;
      for (let i = 0; i < 4000; i++) y = add(y, 1);
      unread.push(y.node.value === null && historyOf(y.node) > 4000);
      return y;
    })(1);
    expect(unread).toEqual([true]);
  });
});

describe("other backends", () => {
  afterEach(() => {
    useBackend(null);
  });

  const program = (): unknown => {
    const x = array([1, 2, 3]);
    const f = (a: NDArray): NDArray => sum(mul(sin(a), a));
    return [
      add(x, array([[1], [2]])).tolist(),
      grad(f)(x).tolist(),
      jit(grad(f))(x).tolist(),
      vmap(f)(
        array([
          [1, 2],
          [3, 4],
        ]),
      ).tolist(),
    ]
      .flat(3)
      .map((y) => Math.round(Number(y) * 1e5) / 1e5);
  };

  test("the interpreter and the WASM device on one and two threads, base and relaxed, agree", () => {
    const expected = program();
    useBackend(createInterpreter());
    expect(program()).toEqual(expected);
    for (const options of [
      { threads: 1, build: "base" },
      { threads: 2, build: "auto" },
    ] as const) {
      useBackend(createWasmBackend(options));
      expect(program()).toEqual(expected);
    }
  });

  test("a jitted function serves the backend that is the default at the call", () => {
    const g = jit((x: NDArray) => mul(x, 2));
    expect(g(1).item()).toBe(2);
    useBackend(createInterpreter());
    expect(g(3).item()).toBe(6);
    expect(g(3).device).toBe("interpreter");
  });

  test("arrays of one device are refused on another", () => {
    const x = array([1]);
    useBackend(createInterpreter());
    expect(() => add(x, array([1])).item()).toThrow(DeviceError);
    expect(x.item()).toBe(1);
  });

  test("where the device cannot block, reading throws and printing does not", async () => {
    const interpreter = createInterpreter();
    useBackend(
      new Proxy(interpreter, {
        get: (target, name) => (name === "canBlock" ? false : Reflect.get(target, name, target)),
      }),
    );
    const y = add(array([1]), 1);
    expect(() => y.item()).toThrow(SyncReadError);
    expect(() => y.item()).toThrow("await x.data()");
    expect(String(y)).toBe("NDArray(float32[1] interpreter, pending)");
    expect(await y.data()).toEqual(Float32Array.of(2));
  });

  test("memory that is short is an error of the reader, and what was there stays", () => {
    useBackend(createInterpreter({ totalBytes: 4096 }));
    const small = array([1, 2]);
    const big = full([10_000], 1);
    expect(() => big.dataSync()).toThrow("float32[2]");
    expect(small.tolist()).toEqual([1, 2]);
    expect(sum(big).item()).toBe(10_000);
  });
});

describe("large arrays in a synchronous loop", () => {
  afterEach(() => {
    useBackend(null);
  });

  const halved = jit((w: NDArray) => mul(w, 0.5), { donateArgnums: 0 });
  const step = (w: NDArray): NDArray => {
    const next = mul(w, 0.5);
    next.dataSync();
    return next;
  };
  const few = (): void => void useBackend(createInterpreter({ totalBytes: 65_536 }));

  test("end in an error that names scope, using and await where all are held", () => {
    few();
    const held: NDArray[] = [full([1000], 1)];
    const loop = (): void => {
      for (let i = 0; i < 100; i++) held.push(step(held[i]));
    };
    expect(loop).toThrow(OutOfMemoryError);
    expect(held.length).toBeLessThan(20);
    for (const way of ["dispose()", "using", "scope()", "await between steps", "[1000] (4000 bytes)"])
      expect(loop).toThrow(way);
    for (const array of held) array.dispose();
    expect(sum(full([1000], 1)).item()).toBe(1000);
  });

  test.each<[string, (w: NDArray) => NDArray]>([
    [
      "dispose()",
      (w) => {
        const next = step(w);
        w.dispose();
        return next;
      },
    ],
    [
      "using",
      (given) => {
        using w = given;
        return step(w);
      },
    ],
    [
      "scope()",
      (w) => {
        const next = scope(() => step(mul(step(w), 2)));
        w.dispose();
        return next;
      },
    ],
    [
      "jit with a donated argument",
      (w) => {
        const next = halved(w);
        next.dataSync();
        return next;
      },
    ],
  ])("and do not with %s", (_way, next) => {
    few();
    let w = full([1000], 1);
    for (let i = 0; i < 100; i++) w = next(w);
    expect(w.dataSync()[999]).toBeLessThan(1e-20);
  });
});

describe("pressure", () => {
  test("a loop that awaits and never disposes does not fill the device", async () => {
    let x = full([2_000_000], 1);
    for (let i = 0; i < 200; i++) {
      x = mul(x, 0.5);
      await x.ready();
    }
    // 1.6 GB were made
    expect(memory().bytes).toBeLessThan(1e9);
  });
});

describe("leaks", () => {
  test("jitted, vmapped and differentiated calls inside scope leave nothing", () => {
    const g = jit((x: NDArray) => sum(mul(x, x)));
    g(array([1, 2])).dispose();
    const report = checkLeaks(() => {
      scope(() => {
        const x = array([1, 2]);
        g(x).item();
        vmap((a: NDArray) => mul(a, x))(
          array([
            [1, 2],
            [3, 4],
          ]),
        ).dataSync();
        jit(grad((a: NDArray) => sum(mul(a, a))))(x).dataSync();
      });
    });
    expect(report.list).toEqual([]);
  });
});

// devicePut of large typed arrays: awaited, not awaited, used at once, given up, changed too early.
import { DeviceError, DisposedError, DTypeError } from "@weft/ir";
import { hostTurns } from "@weft/scheduler";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { NDArray } from "../core/array.ts";
import { add, array, sum } from "../numpy/index.ts";
import { grad } from "../transform/grad.ts";
import { jit } from "../transform/jit.ts";
import { register } from "../tree/index.ts";
import { backend } from "./devices.ts";
import { blockUntilReady, deviceGet, memory, scope } from "./memory.ts";
import { devicePut } from "./put.ts";

const N = 2 ** 20;
const ones = (value = 1): Float32Array => new Float32Array(N).fill(value);
const isThenable = (x: object): boolean => "then" in x;

/** Macrotasks that were given to the host; every look at the clock is a millisecond. */
let turns = 0;
let before: Parameters<typeof hostTurns>[0];
beforeEach(() => {
  backend();
  turns = 0;
  let time = 0;
  before = hostTurns({
    now: () => ++time,
    soon: (callback) => {
      turns++;
      setTimeout(callback, 0);
    },
  });
});
afterEach(() => hostTurns(before));

describe("an awaited devicePut", () => {
  test("comes in slices and gives plain arrays", async () => {
    const put = devicePut(ones(3));
    expectTypeOf(put).toEqualTypeOf<NDArray>();
    const x = await put;
    expectTypeOf(x).toEqualTypeOf<NDArray>();
    // 16 parts of a quarter of a megabyte
    expect(turns).toBe(4);
    expect(x).toBe(put);
    expect(isThenable(x)).toBe(false);
    expect(sum(x).item()).toBe(3 * N);
    turns = 0;
    expect(await x).toBe(x);
    expect(turns).toBe(0);
  });

  test("of a tree, with numbers, arrays and nothing in it", async () => {
    const old = array([1, 2]);
    const tree = await devicePut({ w: ones(), b: [ones(2), 5, null], old });
    expect(turns).toBeGreaterThanOrEqual(6);
    expect(isThenable(tree)).toBe(false);
    expect(Object.keys(tree)).toEqual(["b", "old", "w"]);
    expect(tree.old).toBe(old);
    expect([sum(tree.w).item(), sum(tree.b[0] as NDArray).item(), (tree.b[1] as NDArray).item()]).toEqual([
      N,
      2 * N,
      5,
    ]);
  });

  test("in other words: through a function, together, twice, by what waits for arrays", async () => {
    const through = async (): Promise<NDArray> => devicePut(ones());
    expect(sum(await through()).item()).toBe(N);
    const both = await Promise.all([devicePut(ones(2)), devicePut([ones(3)])]);
    expect([sum(both[0]).item(), sum(both[1][0]).item()]).toEqual([2 * N, 3 * N]);
    const put = devicePut(ones(4));
    for (const one of await Promise.all([put, put])) expect(one).toBe(put);
    const slices = async (wait: () => Promise<unknown>): Promise<number> => {
      const from = turns;
      await wait();
      return turns - from;
    };
    expect(await slices(() => devicePut(ones()).ready())).toBeGreaterThanOrEqual(3);
    expect(await slices(async () => expect((await devicePut(ones(5)).data())[N - 1]).toBe(5))).toBeGreaterThanOrEqual(
      3,
    );
    expect(await slices(() => blockUntilReady({ x: devicePut(ones()) }))).toBeGreaterThanOrEqual(3);
    expect(await slices(() => deviceGet([devicePut(ones())]))).toBeGreaterThanOrEqual(3);
  });

  test("many arrays that are small each are one large upload", async () => {
    const tree = await devicePut(Array.from({ length: 200 }, (_, i) => new Float32Array(8192).fill(i)));
    expect(turns).toBeGreaterThan(20);
    expect(tree.map((x) => sum(x).item())).toEqual(Array.from({ length: 200 }, (_, i) => i * 8192));
  });

  test("of a registered class, frozen or not", async () => {
    class Layer {
      readonly w: unknown;
      constructor(w: unknown, frozen: boolean) {
        this.w = w;
        if (frozen) Object.freeze(this);
      }
    }
    register(
      Layer,
      (layer) => [[layer.w], Object.isFrozen(layer)],
      (frozen, [w]) => new Layer(w, frozen),
    );
    for (const frozen of [false, true]) {
      const layer = (await devicePut(new Layer(ones(2), frozen))) as unknown as Layer;
      expect(isThenable(layer)).toBe(false);
      expect(sum(layer.w as NDArray).item()).toBe(2 * N);
    }
  });

  test("lets the source be changed afterwards", async () => {
    const source = ones();
    const x = await devicePut(source);
    source.fill(7);
    expect(sum(x).item()).toBe(N);
  });
});

describe("without an await", () => {
  test("arrays can be used at once, wherever arrays can", () => {
    expect(devicePut(ones(2)).dataSync()[N - 1]).toBe(2);
    expect(sum(devicePut(ones(2))).item()).toBe(2 * N);
    expect(
      add(devicePut(ones(2)), 1)
        .slice(5)
        .item(),
    ).toBe(3);
    expect(jit((x: NDArray) => sum(x))(devicePut(ones(3))).item()).toBe(3 * N);
    expect(
      grad((x: NDArray) => sum(x.mul(x)))(devicePut(ones(3)))
        .slice(0)
        .item(),
    ).toBe(6);
    expect(String(devicePut(ones()).slice([0, 3]))).toBe("[1. 1. 1.]");
    expect(turns).toBe(0);
  });

  test("they say what they are before they have come", () => {
    const x = devicePut({ x: new Int32Array(N) }).x;
    const { plans } = memory();
    expect([x.shape, x.dtype, x.ndim, x.size, x.nbytes, x.device, x.weakType, x.disposed]).toEqual([
      [N],
      "int32",
      1,
      N,
      4 * N,
      "wasm",
      false,
      false,
    ]);
    expect(memory().plans).toBe(plans);
    x.dispose();
    expect(x.disposed).toBe(true);
    expect(() => x.sum()).toThrow(DisposedError);
    expect(() => x.sum()).toThrow(`int32[${N}]: this array was disposed`);
    expect(String(x)).toBe("NDArray(disposed)");
  });

  test("they are copied when the current run of code ends", async () => {
    const source = ones();
    const x = devicePut(source);
    expect(isThenable(x)).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(isThenable(x)).toBe(false);
    source.fill(7);
    expect([sum(x).item(), turns]).toEqual([N, 0]);
    const y = devicePut(source);
    await new Promise((resolve) => setTimeout(resolve, 0));
    source.fill(8);
    expect(sum(await y).item()).toBe(7 * N);
  });

  test("a source that is changed before that is an error, not another value", async () => {
    const source = ones();
    const x = devicePut(source);
    source.fill(7);
    for (const use of [() => sum(x), () => x.dataSync(), () => add(1, x)]) {
      expect(use).toThrow(DeviceError);
      expect(use).toThrow("float32[1048576]: the typed array was written to before it was uploaded");
    }
    expect(String(x)).toBe("NDArray(float32[1048576] wasm, failed)");
    await expect(x.ready()).rejects.toThrow("written to");
    const y = devicePut(source);
    const awaited = (async () => await y)();
    source.fill(8);
    await expect(awaited).rejects.toThrow("written to");
  });

  test("disposing of them gives their memory back", async () => {
    const { bytes } = memory();
    devicePut(ones()).dispose();
    const live = backend().memory().live;
    const awaited = devicePut(ones());
    const waiting = (async () => await awaited)();
    awaited.dispose();
    await expect(waiting).rejects.toThrow(DisposedError);
    scope(() => void devicePut({ a: ones(), b: ones() }));
    scope(() => {
      using x = devicePut(ones());
      return sum(x).item();
    });
    expect(backend().memory().live).toBe(live);
    expect(memory().bytes).toBe(bytes);
  });

  test("small ones are arrays from the start", () => {
    const x = devicePut({ w: new Float32Array(1000).fill(2) });
    expect([isThenable(x), isThenable(x.w), sum(x.w).item()]).toEqual([false, false, 2000]);
  });
});

test("what cannot be put is refused with nothing taken", () => {
  const { live } = backend().memory();
  expect(() => devicePut({ a: ones(), b: new Uint8Array(4) })).toThrow(DTypeError);
  expect(() => devicePut([ones(), new BigInt64Array(4)])).toThrow(/bigint|BigInt64Array|TreeError|no array/u);
  expect(() => devicePut([ones()], "tpu")).toThrow(DeviceError);
  expect(backend().memory().live).toBe(live);
});

test("a large typed array is copied by np.array without a copy in between", () => {
  const source = ones();
  const x = array(source);
  source.fill(3);
  expect(sum(x).item()).toBe(N);
  expect(sum(array(source, "int32")).item()).toBe(3 * N);
  expect(sum(array(new Uint8Array(N).fill(2), "float32")).item()).toBe(2 * N);
});

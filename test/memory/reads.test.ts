// A read that was asked for completes, whatever becomes of the handles meanwhile: by every way of reading and of ending a
// handle, on both devices, for arrays that are pending, computed, under way, or share their data. And whoever awaits is
// never held up by the call itself.
import type { NDArray } from "@weft/api";
import { blockUntilReady, defaultDevice, deviceGet, devicePut, init, jit, numpy as np, scope } from "@weft/api";
import type { Backend } from "@weft/ir";
import { createInterpreter } from "@weft/scheduler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../../packages/api/src/device/devices.ts";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["wasm", "webgpu"] });

type Numbers = readonly number[];
/** What reads an array, or waits for it, and gives its numbers when it is done; null where there are none to see. */
type Way = (x: NDArray) => Promise<Numbers | null>;
const WAYS: Readonly<Record<string, Way>> = {
  data: async (x) => [...(await x.data())],
  ready: (x) => x.ready().then(() => null),
  blockUntilReady: (x) => blockUntilReady({ x, list: [x, 1] }).then(() => null),
  deviceGet: async (x) => (await deviceGet({ x })).x.ravel().tolist() as number[],
};

/** What ends its handle while the read is under way. */
type End = (make: () => NDArray, read: Way) => Promise<Numbers | null>;
const ENDS: Readonly<Record<string, End>> = {
  dispose: (make, read) => {
    const x = make();
    const asked = read(x);
    x.dispose();
    return asked;
  },
  using: (make, read) => {
    using x = make();
    return read(x);
  },
  scope: (make, read) => {
    let asked: Promise<Numbers | null> = Promise.resolve(null);
    scope(() => {
      asked = read(make());
    });
    return asked;
  },
  donation: (make, read) => {
    const x = make();
    const asked = read(x);
    jit((a: NDArray) => a.mul(2), { donateArgnums: 0 })(x);
    return asked;
  },
};

const size = 48;
/** Arrays in every state, and their numbers. */
const ARRAYS: Readonly<Record<string, () => { make: () => NDArray; expected: Numbers }>> = {
  "pending, small": () => ({ make: () => np.array([1, 2, 3]).mul(2), expected: [2, 4, 6] }),
  "pending, large": () => ({
    make: () => np.arange(5000).mul(2),
    expected: Array.from({ length: 5000 }, (_, i) => i * 2),
  }),
  "from the host": () => ({ make: () => np.array([5, 6]), expected: [5, 6] }),
  "on its way from the host": () => {
    const host = Float32Array.from({ length: 400_000 }, (_, i) => i);
    return { make: () => devicePut(host), expected: [...host] };
  },
  "a result of jit": () => ({ make: () => jit((a: NDArray) => a.add(1))(np.array([1, 2])), expected: [2, 3] }),
  "sharing its data": () => {
    const base = np.arange(600);
    return { make: () => base.reshape(20, 30), expected: Array.from({ length: 600 }, (_, i) => i) };
  },
  "of several products, under way": () => ({
    make: () => {
      const x = np.full([size, size], 1 / size);
      return np.matmul(np.matmul(np.matmul(x, x), x), x).slice(0);
    },
    expected: new Array<number>(size).fill(1 / size),
  }),
};

function suite(device: string): void {
  beforeAll(() => void defaultDevice(device));
  afterAll(() => void defaultDevice("wasm"));
  for (const [state, array] of Object.entries(ARRAYS))
    for (const [way, read] of Object.entries(WAYS))
      test.each(Object.keys(ENDS))(`${state}: ${way}() and %s`, async (end) => {
        const { make, expected } = array();
        const found = await ENDS[end](make, read);
        if (found === null) return;
        expect(found.length).toBe(expected.length);
        expect(found.findIndex((value, i) => Math.abs(value - expected[i]) > 1e-5)).toBe(-1);
      });

  test("what shares an array's data may end as well, and twenty reads of one array all complete", async () => {
    const base = np.arange(3000).mul(1);
    const views = Array.from({ length: 20 }, () => base.reshape(30, 100));
    const asked = views.map((view) => view.data());
    for (const view of views) view.dispose();
    base.dispose();
    for (const data of await Promise.all(asked)) expect(data[2999]).toBe(2999);
  });

  test("a disposed handle stays disposed, and deviceGet gives one of its own", async () => {
    const x = np.array([1, 2, 3]).mul(2);
    const kept = np.array([1]);
    const asked = deviceGet([x, kept, 5]);
    x.dispose();
    const [got, same, number] = await asked;
    expect(x.disposed).toBe(true);
    expect((got as NDArray).tolist()).toEqual([2, 4, 6]);
    expect((same as NDArray).tolist()).toEqual([1]);
    expect(number).toBe(5);
    await expect(x.data()).rejects.toThrow("this array was disposed");
  });
}

describe("wasm", () => {
  suite("wasm");
});

describe.skipIf(skipped("webgpu", missing.webgpu ?? null, "reads of arrays that are disposed of"))("webgpu", () => {
  suite("webgpu");

  test("a copy on its way to another device completes", async () => {
    const x = np.arange(2000).add(1);
    const there = devicePut(x, "wasm");
    x.dispose();
    expect((await there.data())[1999]).toBe(2000);
  });
});

describe("what the device is told", () => {
  const told: (boolean | undefined)[] = [];
  let before: Backend | null = null;
  beforeAll(() => {
    const device = createInterpreter();
    before = useBackend({
      ...device,
      run: (program, args) => {
        told.push(args.awaited);
        return device.run(program, args);
      },
    });
  });
  afterAll(() => void useBackend(before));

  const ASKED: Readonly<Record<string, (x: NDArray) => unknown>> = {
    "data()": (x) => x.data(),
    "ready()": (x) => x.ready(),
    "blockUntilReady()": (x) => blockUntilReady([x]),
    "deviceGet()": (x) => deviceGet(x),
  };
  test.each(Object.keys(ASKED))("%s is awaited", async (name) => {
    told.length = 0;
    await ASKED[name](np.array([1, 2]).mul(3));
    expect(told).toEqual([true]);
  });

  test.each([
    ["dataSync()", (x: NDArray) => x.dataSync()],
    ["item()", (x: NDArray) => x.sum().item()],
    ["tolist()", (x: NDArray) => x.tolist()],
  ])("%s is not", (_, read) => {
    told.length = 0;
    read(np.array([1, 2]).mul(3));
    expect(told).toEqual([false]);
  });
});

// What a lost WebGPU device leaves behind in the API: functions with constants of the host inside go on, arrays that came
// from the host are still there, what was computed on the device says that it is gone, and init opens a device again that
// was lost too often.
import type { NDArray } from "@weft/api";
import { defaultDevice, DeviceError, devices, grad, init, jit, numpy as np, random, vmap } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { skipped } from "../support/require.ts";

/** Every GPUDevice that is given out from now on. */
const given: GPUDevice[] = [];
if (typeof process !== "undefined") {
  const { globals } = await import("webgpu").catch(() => ({ globals: null }));
  const prototype = (globals as { GPUAdapter: { prototype: GPUAdapter } } | null)?.GPUAdapter.prototype;
  if (prototype !== undefined) {
    const { requestDevice } = prototype;
    vi.spyOn(prototype, "requestDevice").mockImplementation(async function (this: GPUAdapter, of) {
      const device = await requestDevice.call(this, of);
      given.push(device);
      return device;
    });
  }
}
const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "losses in the API");

/** Losses in a minute close the device: the clock goes on between tests. */
const real = performance.now.bind(performance);
let ahead = 0;

async function lose(): Promise<void> {
  const device = given[given.length - 1];
  device.destroy();
  await device.lost;
}
const read = async (x: NDArray): Promise<number[]> => [...((await x.data()) as Float32Array)];

describe.skipIf(skip || given.length === 0)("losses of the device", () => {
  beforeAll(() => {
    vi.spyOn(performance, "now").mockImplementation(() => real() + ahead);
    defaultDevice("webgpu");
  });
  afterAll(() => {
    vi.restoreAllMocks();
    defaultDevice("wasm");
  });

  const table = np.array([
    [1, 2],
    [3, 4],
  ]); // on wasm, for captures from elsewhere

  test.each<[string, () => (x: NDArray) => NDArray, number[]]>([
    ["an array literal", () => jit((x: NDArray) => x.add(np.array([10, 20, 30]))), [11, 22, 33]],
    ["a typed array", () => jit((x: NDArray) => x.mul(Float32Array.of(2, 3, 4))), [2, 6, 12]],
    ["a captured array", () => (({ w }) => jit((x: NDArray) => x.add(w)))({ w: np.array([1, 1, 2]) }), [2, 3, 5]],
    ["integers", () => jit((x: NDArray) => x.mul(np.array([3, 2, 1], "int32"))), [3, 4, 3]],
    ["a mask", () => jit((x: NDArray) => np.where(np.array([true, false, true]), x, 0)), [1, 0, 3]],
    ["a gradient", () => jit(grad((x: NDArray) => np.sum(x.mul(np.array([4, 5, 6]))))), [4, 5, 6]],
    ["a map", () => jit(vmap((x: NDArray) => x.mul(np.array(7)))), [7, 14, 21]],
    [
      "a random key",
      () => jit((x: NDArray) => x.add(random.randint(random.key(1), [3], 5, 6).astype("float32"))),
      [6, 7, 8],
    ],
  ])("a jitted function with %s inside goes on", { timeout: 60_000 }, async (_name, make, expected) => {
    ahead += 120_000;
    const f = make();
    const x = np.array([1, 2, 3]);
    expect(await read(f(x))).toEqual(expected);
    await lose();
    // the argument came from the host, too
    expect(await read(f(x))).toEqual(expected);
    expect(await read(f(np.array([1, 2, 3])))).toEqual(expected);
  });

  test("what was computed there is gone, and says so; what the host gave can be read without the device", async () => {
    ahead += 120_000;
    const x = np.array([1, 2, 3]);
    const y = x.mul(2);
    await y.ready();
    await lose();
    expect(await read(x)).toEqual([1, 2, 3]);
    await expect(y.data()).rejects.toThrow(DeviceError);
    await expect(y.add(1).data()).rejects.toThrow(/was lost/);
    expect(await read(x.mul(2))).toEqual([2, 4, 6]);
    expect(table.device).toBe("wasm");
  });

  test("init opens a device again that was lost three times in a minute", { timeout: 60_000 }, async () => {
    ahead += 120_000;
    const f = jit((x: NDArray) => x.add(np.array([10, 20])));
    for (let i = 0; i < 3; i++) {
      expect(await read(f(np.array([1, 2])))).toEqual([11, 22]);
      await lose();
    }
    expect(() => np.array([1])).toThrow(/lost again and again/);
    expect(devices()).toEqual(["wasm"]);
    expect(() => defaultDevice("webgpu")).toThrow(DeviceError);
    const report = await init({ devices: ["webgpu"] });
    expect(report.missing.webgpu).toBeUndefined();
    expect(report.devices).toContain("webgpu");
    expect(devices()).toContain("webgpu");
    expect(await read(f(np.array([1, 2])))).toEqual([11, 22]);
  });

  test("init says why where it cannot", async () => {
    ahead += 120_000;
    for (let i = 0; i < 3; i++) {
      await np.array([1]).mul(i).ready();
      await lose();
    }
    const { globals } = await import("webgpu");
    const { GPU } = globals as unknown as { GPU: { prototype: GPU } };
    const refused = vi.spyOn(GPU.prototype, "requestAdapter").mockResolvedValue(null);
    const report = await init({ devices: ["webgpu"] });
    expect(report.missing.webgpu).toMatch(/cannot be opened again: the host has no adapter/);
    expect(report.devices).not.toContain("webgpu");
    expect(report.adapter).toBeNull();
    refused.mockRestore();
    expect((await init({ devices: ["webgpu"] })).missing.webgpu).toBeUndefined();
    expect(await read(np.array([3]).mul(2))).toEqual([6]);
  });
});

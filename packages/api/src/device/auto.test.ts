// "auto" by the public API, on two simulated devices: what is placed where, what moves, what can be read at once.
import { DeviceError, DTypeError, SyncReadError } from "@weft/ir";
import { loadHybrid, profileSource, shippedProfile, SimBackend, stats, VirtualClock } from "@weft/scheduler";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NDArray } from "../core/array.ts";
import { add, array, matmul, multiply as mul, ones, sin, sum } from "../numpy/index.ts";
import { explain } from "../transform/inspect.ts";
import { jit } from "../transform/jit.ts";
import { defaultDevice, devices, useBackend } from "./devices.ts";
import { init } from "./init.ts";
import { deviceGet, memory } from "./memory.ts";
import { devicePut } from "./put.ts";

await loadHybrid();

/** Devices between which small products are worth sending, and nothing else is. */
const fast = {
  ...shippedProfile({ id: "webgpu", fingerprint: "", kind: "gpu" }),
  launchNs: 100,
  submitNs: 1000,
  readNs: 1000,
  upGBs: 1000,
  downGBs: 1000,
};
const slow = {
  ...shippedProfile({ id: "wasm", fingerprint: "", kind: "cpu" }),
  rate: { light: 6, heavy: 6, gemm: 0.001, gather: 1, scatter: 1 },
};

let cpu: SimBackend;
let gpu: SimBackend;
beforeEach(() => {
  const clock = new VirtualClock();
  cpu = new SimBackend({ profile: slow, clock });
  gpu = new SimBackend({ profile: fast, clock, canBlock: false, serves: ["bool", "i32", "u32", "f32"] });
  useBackend(cpu, gpu);
  profileSource((backend) => (backend === cpu ? slow : backend === gpu ? fast : shippedProfile(backend)));
});
afterEach(() => {
  useBackend(null);
  profileSource(null);
});

const square = (): NDArray => array(Float32Array.from({ length: 32 * 32 }, (_, i) => (i % 7) - 3)).reshape([32, 32]);

describe("auto", () => {
  test("is a default; arrays of the host lie on wasm, and products go to the GPU", async () => {
    expect(defaultDevice("auto")).toBe("auto");
    expect(devices()).toEqual(["wasm", "webgpu"]);
    const x = square();
    const y = matmul(x, x);
    expect([array([1]).device, y.device]).toEqual(["wasm", "auto"]);
    await y.ready();
    expect(y.device).toBe("webgpu");
    // float64 stays where it can be computed
    const wide = mul(array([1, 2], "float64"), 3);
    expect([wide.tolist(), wide.device]).toEqual([[3, 6], "wasm"]);
    defaultDevice("wasm");
    expect([...(await matmul(x, x).data())]).toEqual([...(await y.data())]);
  });

  test("what runs on wasm alone is read at once; what needs the GPU is not, and says how", async () => {
    defaultDevice("auto");
    expect(add(array([1, 2]), 1).tolist()).toEqual([2, 3]);
    const y = sum(matmul(square(), square()));
    expect(() => y.item()).toThrow(SyncReadError);
    expect(() => y.item()).toThrow(
      "a synchronous read of float32[] is not possible on auto here, because it waits for another device; use await x.data() or await deviceGet(tree)",
    );
    // nothing was started by asking
    expect(cpu.counters().runs + gpu.counters().runs).toBe(1);
    expect(String(y)).toBe("NDArray(float32[] auto, pending)");
    const [value] = await y.data();
    expect((await deviceGet(y)).item()).toBe(value);
  });

  test("operands on two devices meet; by name they do not", async () => {
    const x = array([1, 2, 3]);
    const there = devicePut(x, "webgpu");
    expect(there.device).toBe("webgpu");
    await expect(async () => add(x, there).data()).rejects.toThrow(DeviceError);
    defaultDevice("auto");
    expect([...(await add(x, there).data())]).toEqual([2, 4, 6]);
    expect([...(await add(there, x).data())]).toEqual([2, 4, 6]);
  });

  test("devicePut moves in both directions without waiting, and leaves arrays where they are for auto", async () => {
    const x = add(array([1, 2, 3]), 1);
    const there = devicePut(x, "webgpu");
    const back = devicePut(there, "wasm");
    expect([there.device, back.device, devicePut(there, "auto").device, devicePut(x, "auto").device]).toEqual([
      "webgpu",
      "wasm",
      "webgpu",
      "wasm",
    ]);
    expect(() => back.tolist()).toThrow(SyncReadError);
    await back.ready();
    expect(back.tolist()).toEqual([2, 3, 4]);
    expect(() => devicePut(array([1], "float64"), "webgpu")).toThrow(DTypeError);
    expect(() => devicePut(array([1], "float64"), "webgpu")).toThrow(
      'cannot lie on webgpu, which has no float64; convert it with astype, or use device "auto"',
    );
    // what is not computed yet is computed where it costs least
    expect(devicePut(matmul(square(), square()), "auto").device).toBe("webgpu");
  });

  test("jit's device is where it runs, whatever has to be sent", async () => {
    const f = (a: NDArray, b: NDArray): NDArray => mul(add(a, b), 2);
    const [x, y] = [array([1, 2]), devicePut(array([3, 4]), "webgpu")];
    const results = {
      wasm: jit(f, { device: "wasm" })(x, y),
      webgpu: jit(f, { device: "webgpu" })(x, y),
      auto: jit(f, { device: "auto" })(x, y),
    };
    expect([results.wasm.device, results.webgpu.device]).toEqual(["wasm", "webgpu"]);
    for (const result of Object.values(results)) expect([...(await result.data())]).toEqual([8, 12]);
    // one function, called with arrays that lie elsewhere each time
    const g = jit(f, { device: "webgpu" });
    for (const [a, b] of [
      [x, x],
      [y, y],
      [y, x],
      [x, x],
    ])
      expect([...(await g(a, b).data())]).toEqual([...(await f(devicePut(a, "wasm"), devicePut(b, "wasm")).data())]);
    // and one that runs where its arrays are: it is planned once for each device
    const h = jit(f);
    const { compiledGraphs } = stats(cpu);
    for (const a of [x, y, x, y, x]) expect(h(a, a).device).toBe(a.device);
    expect(stats(cpu).compiledGraphs).toBe(compiledGraphs + 1);
    expect(() => jit(f, { device: "tpu" })).toThrow("jit: there is no device tpu; there is wasm, webgpu");
    await expect(async () =>
      jit(f, { device: "webgpu" })(array([1], "float64"), array([1], "float64")).data(),
    ).rejects.toThrow(DTypeError);
    await jit(f, { device: "webgpu" }).compile(x, y);
  });

  test("a jitted function under auto has one plan for each way its arrays lie", async () => {
    defaultDevice("auto");
    const weights = square();
    const step = jit((x: NDArray) => matmul(sin(x), weights));
    const x = square();
    const one = step(x);
    expect(one.device).toBe("webgpu");
    const two = step(one);
    const three = step(two);
    const reference = async (y: NDArray): Promise<number[]> => [...(await y.data())];
    defaultDevice("wasm");
    const here = (y: NDArray): NDArray => matmul(sin(y), weights);
    const expected = await reference(here(here(here(x))));
    const got = await reference(three);
    for (const [i, value] of got.entries())
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(expected[i])));
  });

  test("memory counts both devices", async () => {
    defaultDevice("auto");
    const x = square();
    const y = matmul(x, x);
    await y.ready();
    expect(memory()).toMatchObject({ device: "auto", arrays: 2, bytes: 2 * 4096, plans: 1 });
  });

  test("explain says where parts run, what that costs and why", () => {
    defaultDevice("auto");
    const text = explain((x: NDArray) => sum(matmul(x, x)))(ones([64, 64]));
    expect(text).toMatch(/on wasm and webgpu: 1 run of \d steps and 1 transfer from \d operations, 1 input, 1 output/);
    expect(text).toContain("1. send input 0 from wasm to webgpu: 16.0 KiB");
    expect(text).toMatch(/2\. run on webgpu: estimated [\d.]+ ms on wasm, [\d.]+ ms on webgpu/);
    expect(text).toContain("between the devices: 16.0 KiB");
    expect(text).toContain("wasm: shipped profile of a cpu, webgpu: shipped profile of a gpu");
  });

  test("without a GPU auto is the WASM device", async () => {
    useBackend(null);
    expect(defaultDevice("auto")).toBe("auto");
    const x = add(array([1, 2]), 1);
    expect([x.tolist(), x.device, jit((a: NDArray) => mul(a, 2), { device: "auto" })(x).tolist()]).toEqual([
      [2, 3],
      "wasm",
      [4, 6],
    ]);
    defaultDevice("wasm");
    await expect(init({ auto: { fast: true } as object })).rejects.toThrow(
      "init: auto: there is no option fast; expected software, profiles",
    );
  });
});

// "auto" on real devices: WASM and whatever WebGPU adapter there is, a software adapter included. The article's programs
// in small give what they give on WASM, with parts on both devices; what is asked for on one device runs there.
import type { NDArray } from "@weft/api";
import {
  blockUntilReady,
  checkLeaks,
  defaultDevice,
  deviceGet,
  devicePut,
  explain,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  profiler,
  random,
  SyncReadError,
  vmap,
} from "@weft/api";
import type { Backend } from "@weft/ir";
import type { DeviceProfile } from "@weft/scheduler";
import { profileSource, shippedProfile } from "@weft/scheduler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const { missing } = await init({ devices: ["auto"], auto: { software: true, profiles: "shipped" } });
const absent = missing.webgpu;
if (absent !== undefined) {
  if ((process.env.WEFT_REQUIRE ?? "").split(",").includes("webgpu"))
    throw new Error(`WEFT_REQUIRE names webgpu: ${absent}`);
  console.warn(`webgpu: tests of "auto" are skipped (${absent})`);
}

/** Products are worth sending to the GPU whatever it is, and so are large arrays: both devices get parts. */
const profileFor = (backend: Backend): DeviceProfile => {
  const shipped = shippedProfile(backend);
  return backend.kind === "cpu"
    ? { ...shipped, rate: { ...shipped.rate, gemm: 0.01 } }
    : { ...shipped, launchNs: 1000, submitNs: 1000, readNs: 1000, rate: { ...shipped.rate, gemm: 100 } };
};

const spread = (seed: number, shape: number[]): NDArray => random.uniform(random.key(seed), shape).mul(6).sub(3);
const selu = (x: NDArray): NDArray => np.where(x.greater(0), x, np.exp(x).mul(1.6732632).sub(1.6732632)).mul(1.050701);
const blur = (image: NDArray, kernel: NDArray): NDArray => {
  const padded = np.pad(image, 4, { mode: "edge" });
  let output = np.zeros(image.shape);
  for (let i = 0; i < 9; i++)
    for (let j = 0; j < 9; j++)
      output = output.add(kernel.slice(i, j).mul(lax.dynamicSlice(padded, [i, j], image.shape)));
  return output;
};
/** Small loops beside large products, which meet at the end. */
const halves = (x: NDArray, m: NDArray): NDArray => {
  let loop = x;
  for (let i = 0; i < 12; i++) loop = np.sin(loop).mul(0.9).add(np.sum(loop).mul(1e-3));
  return np
    .sum(np.matmul(np.matmul(m, m).mul(0.01), m))
    .mul(1e-3)
    .add(np.sum(loop));
};

const PROGRAMS: Readonly<Record<string, () => NDArray>> = {
  SELU: () => selu(spread(1, [300, 70])),
  "SELU, jitted": () => jit(selu)(spread(1, [300, 70])),
  "a gradient": () => grad((x: NDArray) => np.sum(np.power(x, 3)))(np.array([1, 2, 3, 4])),
  "vmap of a product": () =>
    vmap((m: NDArray, v: NDArray) => np.dot(m, v), [null, 0])(spread(2, [60, 90]), spread(3, [17, 90])),
  "the blur": () => jit(blur)(random.uniform(random.key(4), [40, 50]), random.uniform(random.key(5), [9, 9])),
  softmax: () => nn.softmax(np.matmul(spread(6, [37, 64]), spread(7, [64, 90]))),
  "two halves": () => halves(spread(8, [500]), spread(9, [64, 64])),
  "two halves, jitted": () => jit(halves)(spread(8, [500]), spread(9, [64, 64])),
  "the gradient of a layer": () =>
    grad((w: NDArray) => np.sum(np.tanh(np.matmul(spread(10, [32, 48]), w))))(spread(11, [48, 24])),
  "float64 beside products": () =>
    np
      .matmul(spread(12, [40, 40]), spread(13, [40, 40]))
      .astype("float64")
      .mul(2)
      .astype("float32"),
};

describe.skipIf(absent !== undefined)("auto on wasm and webgpu", () => {
  let before: ReturnType<typeof profileSource> | null = null;
  beforeAll(() => {
    before = profileSource(profileFor);
  });
  afterAll(() => {
    profileSource(before);
    defaultDevice("wasm");
  });

  test.each(Object.entries(PROGRAMS))("%s agrees with wasm", async (_name, program) => {
    defaultDevice("wasm");
    const wasm = Float32Array.from(await program().data());
    defaultDevice("auto");
    const auto = Float32Array.from(await program().data());
    const size = wasm.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(auto.length).toBe(wasm.length);
    for (let i = 0; i < wasm.length; i++)
      expect(Math.abs(auto[i] - wasm[i])).toBeLessThanOrEqual(1e-5 * Math.max(1, size));
  });

  test("a program whose halves suit different devices is split over both", async () => {
    defaultDevice("auto");
    const [x, m] = [spread(8, [500]), spread(9, [64, 64])];
    await Promise.all([x.ready(), m.ready()]);
    const text = explain(halves)(x, m);
    expect(text).toMatch(/run on webgpu/);
    expect(text).toMatch(/run on wasm/);
    const first = jit(halves)(x, m);
    expect(() => first.item()).toThrow(SyncReadError);
    expect((await deviceGet(first)).item()).toBe((await first.data())[0]);
  });

  test("the trace of such a program shows both devices at work at the same time", async () => {
    defaultDevice("auto");
    /** Milliseconds' worth of loops beside as many of products; they never meet. */
    const apart = jit((x: NDArray, m: NDArray) => {
      let loop = x;
      for (let i = 0; i < 12; i++) loop = np.sin(loop).mul(0.9).add(np.sum(loop).mul(1e-6));
      return [np.matmul(np.matmul(m, m).mul(0.01), m), loop];
    });
    const [x, m] = [devicePut(spread(8, [1_000_000]), "wasm"), devicePut(spread(9, [512, 512]), "webgpu")];
    await Promise.all([x.ready(), m.ready(), apart.compile(x, m)]);
    await blockUntilReady(apart(x, m));
    let together = 0;
    // two cores that do something else at the wrong moment are no fault of the plan
    for (let turn = 0; turn < 5 && together === 0; turn++) {
      const { traceEvents, lanes } = await profiler.trace(() => blockUntilReady(apart(x, m)));
      expect(lanes.filter(({ device }) => device === "wasm").length).toBeGreaterThan(0);
      const laneOf = new Map(
        traceEvents.filter(({ name }) => name === "thread_name").map(({ tid, args }) => [tid, String(args?.name)]),
      );
      const spans = (lane: RegExp): (readonly [number, number])[] =>
        traceEvents
          .filter(({ ph, tid }) => ph === "X" && lane.test(laneOf.get(tid) ?? ""))
          .map(({ ts = 0, dur = 0 }) => [ts, ts + dur]);
      for (const [a, b] of spans(/^wasm \d/))
        for (const [c, d] of spans(/^webgpu queue/)) together += Math.max(0, Math.min(b, d) - Math.max(a, c));
    }
    expect(together).toBeGreaterThan(0);
  });

  test("operands on both devices, a function on each, and nothing leaks", async () => {
    defaultDevice("auto");
    const report = await checkLeaks(async () => {
      const a = np.array([1, 2, 3]);
      const host = np.array([10, 20, 30]);
      const b = devicePut(host, "webgpu");
      const sum = a.add(b);
      expect([...(await sum.data())]).toEqual([11, 22, 33]);
      const f = (x: NDArray, y: NDArray): NDArray => x.mul(y).add(1);
      for (const device of ["wasm", "webgpu", "auto"]) {
        const g = jit(f, { device });
        const result = g(a, b);
        expect([...(await result.data())]).toEqual([11, 41, 91]);
        if (device !== "auto") expect(result.device).toBe(device);
        result.dispose();
        g.dispose();
      }
      for (const one of [a, host, b, sum]) one.dispose();
    });
    expect(report.list).toEqual([]);
  });
});

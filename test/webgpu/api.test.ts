// The public API on the WebGPU device: the programs of the article in small, held against the WASM device.
import type { NDArray } from "@weft/api";
import {
  defaultDevice,
  deviceGet,
  devicePut,
  devices,
  DeviceError,
  DTypeError,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  SyncReadError,
  vmap,
} from "@weft/api";
import type { Value } from "@weft/ir";
import { afterAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "the API's suite on it");

const selu = (x: NDArray): NDArray => np.where(x.greater(0), x, np.exp(x).mul(1.6732632).sub(1.6732632)).mul(1.050701);
const blur = (image: NDArray, kernel: NDArray): NDArray => {
  const padded = np.pad(image, 4, { mode: "edge" });
  let output = np.zeros(image.shape);
  for (let i = 0; i < 9; i++)
    for (let j = 0; j < 9; j++)
      output = output.add(kernel.slice(i, j).mul(lax.dynamicSlice(padded, [i, j], image.shape)));
  return output;
};

/** Numbers in (−3, 3) that are equal on both devices: normal ones differ in their tails, where erfInv amplifies a rounding. */
const spread = (seed: number, shape: number[]): NDArray => random.uniform(random.key(seed), shape).mul(6).sub(3);

/** The same program on both devices. */
async function both(program: () => NDArray): Promise<[Float32Array, Float32Array]> {
  const on = async (device: string): Promise<Float32Array> => {
    defaultDevice(device);
    const result = program();
    expect(result.device).toBe(device);
    return Float32Array.from(await result.data());
  };
  return [await on("wasm"), await on("webgpu")];
}

const PROGRAMS: Readonly<Record<string, () => NDArray>> = {
  "random bits": () => random.uniform(random.key(0), [1000]),
  SELU: () => selu(spread(1, [300, 70])),
  "SELU, jitted": () => jit(selu)(spread(1, [300, 70])),
  "a gradient": () => grad((x: NDArray) => np.sum(np.power(x, 3)))(np.array([1, 2, 3, 4])),
  "vmap of a product": () =>
    vmap((m: NDArray, v: NDArray) => np.dot(m, v), [null, 0])(
      random.normal(random.key(2), [60, 90]),
      random.normal(random.key(3), [17, 90]),
    ),
  "the blur": () => jit(blur)(random.uniform(random.key(4), [40, 50]), random.uniform(random.key(5), [9, 9])),
  softmax: () => nn.softmax(spread(6, [37, 300])),
  "a long sum": () => np.sum(random.uniform(random.key(7), [200_000])),
};

describe.skipIf(skip)("the API on webgpu", () => {
  afterAll(() => defaultDevice("wasm"));

  test.each(Object.entries(PROGRAMS))("%s agrees with wasm", async (_name, program) => {
    const [wasm, webgpu] = await both(program);
    expect(webgpu.length).toBe(wasm.length);
    const size = wasm.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (let i = 0; i < wasm.length; i++) expect(Math.abs(webgpu[i] - wasm[i])).toBeLessThanOrEqual(2e-6 * size);
  });

  test("deviceGet brings a tree to where it can be read at once", async () => {
    defaultDevice("webgpu");
    const x = np.array([1, 2, 3]);
    const tree = { y: x.mul(2), list: [x.sum(), 7] as const, key: random.key(3) };
    const got = await deviceGet(tree);
    expect(got.y.tolist()).toEqual([2, 4, 6]);
    expect([got.y.device, got.list[0].item(), got.list[1]]).toEqual(["wasm", 6, 7]);
    expect(random.bits(got.key, [1]).dataSync()).toEqual(await random.bits(tree.key, [1]).data());
    defaultDevice("wasm");
    const here = np.array([1]);
    expect((await deviceGet([here]))[0]).toBe(here);
  });

  test("compile() has everything compiled: the first call waits for nothing", async () => {
    defaultDevice("webgpu");
    const f = jit((x: NDArray) => np.sum(np.sin(x.mul(3.25)), { axis: 1 }));
    const x = await np.ones([5, 7]).ready();
    const counters = (): Readonly<Record<string, number>> => (x.node.value as Value).backend.counters();
    await f.compile(x);
    const before = counters();
    const y = f(x);
    // submitted before the call returned, with no shader made
    expect(counters().submits).toBe(before.submits + 1);
    expect(counters().kernelsCompiled).toBe(before.kernelsCompiled);
    expect((await y.data())[4]).toBeCloseTo(7 * Math.sin(3.25), 5);
  });

  test("zeros that were written down meet infinities and NaN as others do", async () => {
    defaultDevice("webgpu");
    const x = np.array([Infinity, NaN, 2, 0]);
    const zeros = np.zeros([4]);
    const found = await Promise.all(
      [zeros.mul(x), x.mul(0), zeros.div(x), zeros.div(0), np.var(np.zeros([0, 4]), 0)].map((y) => y.data()),
    );
    expect(found.map((y) => Array.from(y))).toEqual([
      [NaN, NaN, 0, 0],
      [NaN, NaN, 0, 0],
      [0, NaN, 0, NaN],
      [NaN, NaN, NaN, NaN],
      [NaN, NaN, NaN, NaN],
    ]);
  });

  test("jitted functions take numbers", async () => {
    defaultDevice("webgpu");
    const f = jit((x: NDArray, n: NDArray) => x.mul(n).add(np.power(0.5, n)));
    expect([...(await f(np.array([1, 2]), 3).data())]).toEqual([3.125, 6.125]);
    expect([...(await f(np.array([1, 2]), -1).data())]).toEqual([1, 0]);
  });

  test.each(["wasm", "webgpu"])("jitted functions of integers take numbers on %s", async (device) => {
    defaultDevice(device);
    const add = jit((x: NDArray, n: NDArray) => x.add(n));
    const sum = async (dtype: "int32" | "uint32" | "bool", n: number): Promise<[string, number[]]> => {
      const y = add(np.array([0, 1], dtype), n);
      expect(y.device).toBe(device);
      return [y.dtype, Array.from((await y.data()) as ArrayLike<number>)];
    };
    expect(await sum("int32", 3)).toEqual(["int32", [3, 4]]);
    // the same program with another number, and one that float32 does not have
    expect(await sum("int32", -2147483601)).toEqual(["int32", [-2147483601, -2147483600]]);
    expect(await sum("uint32", 4e9 + 1)).toEqual(["uint32", [4000000001, 4000000002]]);
    expect(await sum("bool", 3)).toEqual(["int32", [3, 4]]);
    expect(await sum("int32", 3.5)).toEqual(["float32", [3.5, 4.5]]);
    // beyond the dtype it is refused, as outside of jit
    await expect(sum("int32", 1e20)).rejects.toThrow("does not fit int32");
    await expect(sum("int32", -4e9)).rejects.toThrow("does not fit int32");
    await expect(sum("uint32", 1e20)).rejects.toThrow("does not fit uint32");
    await expect(sum("uint32", -5)).rejects.toThrow("does not fit uint32");
    const part = jit((x: NDArray, n: NDArray) => lax.dynamicSlice(x, [n], [2]).mul(n));
    expect(Array.from((await part(np.array([1, 2, 3, 4], "int32"), 2).data()) as ArrayLike<number>)).toEqual([6, 8]);
  });

  test("names what it cannot do", async () => {
    defaultDevice("webgpu");
    const x = np.ones([3]).mul(2);
    expect(() => x.dataSync()).toThrow(SyncReadError);
    expect(() => x.dataSync()).toThrow("await");
    await expect(async () => np.array([1, 2], "float64").mul(2).data()).rejects.toThrow(DTypeError);
  });

  test("computes where its arrays are", async () => {
    defaultDevice("wasm");
    expect(devices()).toContain("webgpu");
    const x = np.array([1, 2, 3]);
    const there = devicePut(x, "webgpu");
    expect([x.device, there.device]).toEqual(["wasm", "webgpu"]);
    const sum = there.mul(2).add(1);
    expect([...(await sum.data())]).toEqual([3, 5, 7]);
    expect([...(await jit((a: NDArray) => a.mul(3))(there).data())]).toEqual([3, 6, 9]);
    await expect(async () => x.add(there).data()).rejects.toThrow(DeviceError);
    // the next operation works
    expect(x.add(1).tolist()).toEqual([2, 3, 4]);
  });
});

describe.skipIf(skip)("creation on a device", () => {
  afterAll(() => defaultDevice("wasm"));

  test("makes arrays there, whatever the default is", async () => {
    defaultDevice("wasm");
    const made = [
      np.array([1, 2, 3], { device: "webgpu" }),
      np.asarray(new Float32Array([1, 2, 3]), { device: "webgpu" }),
      np.arange(1, 4, { dtype: "float32", device: "webgpu" }),
      np.linspace(1, 3, 3, { device: "webgpu" }),
      np.full([3], np.array([1, 2, 3]), { device: "webgpu" }),
      np.fullLike(np.zeros([3]), np.array([1, 2, 3]), { device: "webgpu" }),
    ];
    for (const x of made) {
      expect(x.device).toBe("webgpu");
      expect(await x.data()).toEqual(Float32Array.of(1, 2, 3));
    }
    const eye = np.eye(2, { device: "webgpu" });
    expect([eye.device, np.ones([2], { device: "webgpu" }).device, np.zeros([2]).device]).toEqual([
      "webgpu",
      "webgpu",
      "wasm",
    ]);
    expect(defaultDevice()).toBe("wasm");
  });

  test("float64 beside a default of webgpu", () => {
    defaultDevice("webgpu");
    const x = np.array([0.1, 0.2], { dtype: "float64", device: "wasm" });
    expect(x.mul(3).tolist()).toEqual([0.1 * 3, 0.2 * 3]);
    expect(defaultDevice()).toBe("webgpu");
  });

  test("takes no part in tracing, and refuses unknown names", async () => {
    defaultDevice("wasm");
    expect(jit((x: NDArray) => x.add(np.ones([2], { device: "webgpu" })))(np.zeros([2])).tolist()).toEqual([1, 1]);
    expect(() => np.ones([2], { device: "tpu" })).toThrow("ones: there is no device tpu");
    expect(defaultDevice()).toBe("wasm");
  });
});

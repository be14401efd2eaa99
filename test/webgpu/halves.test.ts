// float16 through the public API on WebGPU, against the WASM device: two halves lie in a word where the adapter has no
// shader-f16, so lengths, views and pieces that begin in the middle of words are what is tested here.
import type { NDArray } from "@weft/api";
import { defaultDevice, grad, init, nn, numpy as np, random } from "@weft/api";
import { afterAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "float16 in the API");

const ramp = (...shape: number[]): NDArray =>
  np
    .arange(
      shape.reduce((a, b) => a * b, 1),
      { dtype: "float16" },
    )
    .reshape(shape);

/** Programs whose results are halves exactly. */
const EXACT: Readonly<Record<string, () => NDArray>> = {
  "one element": () => ramp(1).add(0.5),
  "odd lengths": () => ramp(1001).mul(2),
  "views from odd places": () => ramp(101).slice([3, 100]).add(1),
  "every third, backwards": () => np.flip(ramp(100)).slice([1, 100, 3]).mul(0.5),
  "a transposition": () => ramp(33, 31).T.add(0),
  // pieces of odd length are written into one array by several kernels
  "many pieces": () => np.concatenate(Array.from({ length: 11 }, (_, i) => ramp(2 * i + 1).add(i))),
  "padded rows": () =>
    np.pad(ramp(5, 7), [
      [1, 2],
      [3, 0],
    ]),
  "a select": () => np.where(ramp(77).greater(30), ramp(77), np.array(-1, "float16")),
  "rows' largest": () => np.max(ramp(9, 333).mul(0.125), 1),
  "there and back": () => np.array([0.1, 2049, 65520, -1e-8, 6e-8]).astype("float16"),
  bits: () => random.uniform(random.key(0), [333], "float16"),
};
/** Programs that round: within a unit in the last place of the largest. */
const NEAR: Readonly<Record<string, () => NDArray>> = {
  "softmax of odd rows": () => nn.softmax(random.normal(random.key(1), [13, 301], "float16")),
  "a long sum": () => np.sum(np.full([70_000], 0.1, "float16"), { keepdims: true }),
  "a product": () =>
    np.matmul(random.normal(random.key(2), [33, 65], "float16"), random.normal(random.key(3), [65, 17], "float16")),
  "a gradient": () => grad((x: NDArray) => np.sum(np.tanh(x).mul(x)))(random.normal(random.key(4), [77], "float16")),
};

describe.skipIf(skip)("float16 on webgpu", () => {
  afterAll(() => void defaultDevice("wasm"));

  async function both(program: () => NDArray): Promise<readonly (readonly number[])[]> {
    const results: number[][] = [];
    for (const device of ["wasm", "webgpu"]) {
      defaultDevice(device);
      const y = program();
      expect([y.dtype, y.device]).toEqual(["float16", device]);
      results.push(Array.from(await y.data()));
    }
    return results;
  }

  test.each(Object.entries(EXACT))("%s", async (_name, program) => {
    const [wasm, webgpu] = await both(program);
    expect(webgpu).toEqual(wasm);
  });

  test.each(Object.entries(NEAR))("%s", async (_name, program) => {
    const [wasm, webgpu] = await both(program);
    const size = wasm.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(webgpu.length).toBe(wasm.length);
    webgpu.forEach((x, i) => expect(Math.abs(x - wasm[i])).toBeLessThanOrEqual(2 ** -10 * size));
  });

  test("arrays of every length come back as they went", async () => {
    defaultDevice("webgpu");
    for (const n of [1, 2, 3, 5, 31, 32, 33]) {
      const data = Float16Array.from({ length: n }, (_, i) => i - 0.1);
      expect(await np.array(data).data()).toEqual(data);
    }
  });
});

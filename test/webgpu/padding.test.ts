// Nested padding and concatenation on WebGPU, alone and under a sum: kernels of many guards, some of which SwiftShader
// never finished compiling. Values are those of the WASM device.
import type { NDArray } from "@weft/api";
import { defaultDevice, grad, init, jit, numpy as np } from "@weft/api";
import { afterAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "nested padding");

const edge = (x: NDArray, n = 2): NDArray => np.pad(x, n, { mode: "edge" });
const reflect = (x: NDArray, n = 3): NDArray => np.pad(x, n, { mode: "reflect" });
const twice = (x: NDArray, axis = 0): NDArray => np.concatenate([x, x.mul(2), np.flip(x)], axis);
const line = (): NDArray => np.arange(9, { dtype: "float32" }).add(1);
const plane = (): NDArray => np.arange(30, { dtype: "float32" }).reshape([5, 6]);

const CASES: readonly [name: string, f: (x: NDArray) => NDArray, x: () => NDArray][] = [
  ["edges of edges of reflections", (x) => twice(edge(edge(edge(reflect(x))))), line],
  ["turns of both", (x) => twice(edge(reflect(edge(reflect(edge(reflect(x))))))), line],
  ["five edges", (x) => edge(edge(edge(edge(edge(reflect(x)))))), line],
  ["a plane", (x) => twice(edge(reflect(twice(edge(x, 1), 1), 2))), plane],
  ["their sum", (x) => np.sum(twice(edge(edge(reflect(x))))), line],
  ["sums of rows", (x) => np.sum(twice(edge(edge(reflect(x, 2), 1), 1), 1), 1), plane],
  ["largest of columns", (x) => np.max(twice(edge(reflect(edge(x, 1), 2))), 0), plane],
  ["sums of windows", (x) => np.sum(np.stack([0, 1, 2, 3].map((i) => edge(reflect(x)).slice([i, i + 12]))), 0), line],
  ["a gradient", (x) => grad((y: NDArray) => np.sum(np.square(edge(reflect(edge(y))))))(x), line],
];

describe.skipIf(skip)("nested padding on webgpu", () => {
  afterAll(() => void defaultDevice("wasm"));

  test.each(CASES)("%s", { timeout: 60_000 }, async (_name, f, x) => {
    const on = async (device: string, program: typeof f): Promise<number[]> => {
      defaultDevice(device);
      return [...((await program(x()).data()) as Float32Array)];
    };
    const expected = await on("wasm", f);
    expect(await on("webgpu", f)).toEqual(expected);
    expect(await on("webgpu", jit(f))).toEqual(expected);
  });
});

// Sums, means and products over many equal terms on WebGPU, where every addition of a long chain rounds the same way:
// one accumulator an invocation gave 0.09999 for the mean of 1e6 times 0.1.
import type { NDArray } from "@weft/api";
import { defaultDevice, init, jit, numpy as np } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "long sums");

const TENTH = Math.fround(0.1);
const tenths = (...shape: number[]): NDArray => np.full(shape, 0.1);
/** 0.1 and 0.3 by turns: mean 0.2, variance 0.01. */
const turns = (n: number): NDArray => np.remainder(np.arange(n), 2).mul(0.2).add(0.1);

const CASES: readonly [name: string, f: () => NDArray, expected: number, bound?: number][] = [
  ["the mean of 1e6 elements", () => np.mean(tenths(1e6)), TENTH],
  ["the sum of 1e7", () => np.sum(tenths(1e7)), TENTH * 1e7],
  ["of an odd number", () => np.sum(tenths(1_000_003)), TENTH * 1_000_003],
  ["along columns", () => np.sum(tenths(100_000, 30), 0), TENTH * 100_000],
  ["along rows", () => np.mean(tenths(70, 16_000), 1), TENTH],
  ["along axes that do not join", () => np.sum(tenths(8192, 10, 2), [0, 2]), TENTH * 16_384],
  ["along the middle", () => np.sum(tenths(3, 14_000, 5), 1), TENTH * 14_000],
  ["computed terms", () => np.sum(np.sqrt(tenths(300_000).mul(tenths(300_000)))), TENTH * 300_000],
  ["the product of vectors", () => np.dot(tenths(400_000), np.ones([400_000])), TENTH * 400_000],
  ["a matrix and a vector", () => np.matmul(tenths(20, 30_000), np.ones([30_000])), TENTH * 30_000],
  ["matrices over long k", () => np.matmul(tenths(40, 30_000), np.ones([30_000, 36])), TENTH * 30_000, 4e-6],
  ["a batch of products", () => np.matmul(tenths(3, 5, 20_000), np.ones([3, 20_000, 4])), TENTH * 20_000, 4e-6],
  ["float16", () => np.mean(np.full([200_000], 0.1, "float16").astype("float32")), 0.0999755859375],
  ["a variance", () => np.var(turns(1e6)), 0.01, 4e-6],
  ["standard deviations of columns", () => np.std(np.stack([turns(40_000), turns(40_000)], 1), 0), 0.1],
];

describe.skipIf(skip)("long sums on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));

  test.each(CASES)("%s", async (_name, f, expected, bound = 2e-6) => {
    for (const program of [f, jit(f)])
      for (const x of (await program().data()) as Float32Array)
        expect(Math.abs(x / expected - 1), String(x)).toBeLessThan(bound);
  });
});

// Subnormal floats on WebGPU. Whatever moves, picks or tests bits keeps them on every adapter. What computes with them,
// comparisons included, may take them for zero where the adapter does (SwiftShader; lavapipe does not).
import type { NDArray } from "@weft/api";
import { defaultDevice, init, jit, numpy as np } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "subnormal floats");

const SMALL = [1e-40, -3e-39, 2e-45, 1.1754942e-38, 0, 1].map(Math.fround);
const small = (): NDArray => np.array(Float32Array.from(SMALL));
const yes = (): NDArray => np.array([true, true, true, true, true, true]);

const KEPT: readonly [name: string, f: () => NDArray, expected: readonly number[]][] = [
  ["concatenate", () => np.concatenate([small(), small()]), [...SMALL, ...SMALL]],
  ["where", () => np.where(yes(), small(), np.ones([6])), SMALL],
  ["negative", () => np.negative(small()), SMALL.map((x) => -x)],
  ["absolute", () => np.absolute(small()), SMALL.map(Math.abs)],
  ["sign", () => np.sign(small()), SMALL.map(Math.sign)],
  ["flip", () => np.flip(small(), 0), SMALL.toReversed()],
  ["roll", () => np.roll(small(), 2), [...SMALL.slice(-2), ...SMALL.slice(0, -2)]],
  ["a transpose", () => np.ravel(np.transpose(np.reshape(small(), [2, 3]))), [0, 3, 1, 4, 2, 5].map((i) => SMALL[i])],
  ["padding", () => np.pad(small(), 1, { mode: "edge" }), [SMALL[0], ...SMALL, 1]],
  ["a truth value", () => small().astype("bool").astype("float32"), SMALL.map((x) => Number(x !== 0))],
  [
    "subnormal halves",
    () => np.array([6e-8, 1e-7, 3e-5]).astype("float16").astype("float32"),
    [2 ** -24, 2 ** -23, 503 * 2 ** -24],
  ],
];

/** What may be zero instead. */
const FLUSHED: readonly [name: string, f: () => NDArray, expected: number][] = [
  ["a sum", () => np.array([1e-40]).add(np.array([2e-40])), 3e-40],
  ["a product", () => np.array([1e-20]).mul(np.array([1e-20])), 1e-40],
  ["a quotient", () => np.array([1e-30]).div(np.array([1e9])), 1e-39],
  ["a reduction", () => np.sum(np.array([1e-40, 2e-40])), 3e-40],
  ["exp", () => np.exp(np.array([-100])), Math.exp(-100)],
];

describe.skipIf(skip)("subnormal floats on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));

  test.each(KEPT)("%s keeps them", async (_name, f, expected) => {
    for (const program of [f, jit(f)])
      expect([...(await program().data())].map((x) => Number(x) + 0)).toEqual(expected.map((x) => x + 0));
  });

  test.each(FLUSHED)("%s is right, or zero", async (_name, f, expected) => {
    const [x] = (await f().data()) as Float32Array;
    expect(x === 0 || Math.abs(x - expected) <= 2 ** -149, String(x)).toBe(true);
  });
});

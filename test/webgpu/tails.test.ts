// Draws and functions near the ends of their ranges give on WebGPU what they give on WASM, within the bounds of their
// rows: erfInv near ±1 had its own formula here, and normals differed by up to 89 units.
import type { NDArray } from "@weft/api";
import { defaultDevice, init, lax, numpy as np, random } from "@weft/api";
import { afterAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["wasm", "webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "tails of functions");

const words = new DataView(new ArrayBuffer(4));
/** Floats as integers in their order. */
function ordinal(x: number): number {
  words.setFloat32(0, x);
  const bits = words.getInt32(0);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

/** The neighbours of 1 below it, or of −1 above it. */
const near = (sign: number): NDArray =>
  np.array(Float32Array.from({ length: 20_000 }, (_, i) => sign * (1 - (i + 1) * 2 ** -24)));

const CASES: readonly [name: string, f: () => NDArray, ulp: number][] = [
  ["normal", () => random.normal(random.key(0), [300_000]), 4],
  ["normal of another key", () => random.normal(random.key(7), [300_000]), 4],
  ["erfInv below 1", () => lax.erfInv(near(1)), 4],
  ["erfInv above −1", () => lax.erfInv(near(-1)), 4],
  ["erf", () => lax.erf(near(1).mul(4)), 3],
  ["erfc of large numbers", () => lax.erfc(near(1).mul(9)), 8],
  ["log1p above −1", () => np.log1p(near(-1)), 3],
  ["arctanh below 1", () => np.arctanh(near(1)), 4],
  ["laplace", () => random.laplace(random.key(2), [100_000]), 3],
  ["exponential", () => random.exponential(random.key(2), [100_000]), 3],
];

describe.skipIf(skip)("tails on webgpu are those of wasm", () => {
  afterAll(() => void defaultDevice("wasm"));

  test.each(CASES)("%s", async (_name, f, ulp) => {
    defaultDevice("wasm");
    const expected = await f().data();
    defaultDevice("webgpu");
    const got = await f().data();
    expect(got.length).toBe(expected.length);
    let [worst, at] = [0, 0];
    for (let i = 0; i < got.length; i++) {
      const distance = Object.is(got[i], expected[i])
        ? 0
        : Math.abs(ordinal(Number(got[i])) - ordinal(Number(expected[i])));
      if (distance > worst) [worst, at] = [distance, i];
    }
    expect(worst, `${got[at]} for ${expected[at]}`).toBeLessThanOrEqual(ulp);
  });

  test("a truncated normal keeps its bounds and its draws to a few units of what it inverts", async () => {
    const f = (): NDArray => random.truncatedNormal(random.key(1), -2, 3, [100_000]);
    defaultDevice("wasm");
    const expected = await f().data();
    defaultDevice("webgpu");
    const got = await f().data();
    for (let i = 0; i < got.length; i++)
      expect(Math.abs(Number(got[i]) - Number(expected[i]))).toBeLessThanOrEqual(
        1e-6 * Math.exp(Number(got[i]) ** 2 / 2),
      );
  });
});

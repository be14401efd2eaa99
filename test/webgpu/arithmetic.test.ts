// Arithmetic on WebGPU where shader compilers would simplify it: NaN, ∞, 0 and overflow must come out as IEEE has them,
// whether the operations meet in one kernel, are jitted, differentiated or mapped. The search over operations is in the
// WebGPU package (wgsl/barriers.test.ts); these are programs.
import type { NDArray } from "@weft/api";
import { defaultDevice, grad, init, jit, nn, numpy as np, vmap } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "arithmetic as IEEE has it");

type Binary = (x: NDArray, y: NDArray) => NDArray;
const [INF, NAN] = [Infinity, NaN];

/** A function, pairs of arguments, and what is right; float32 throughout. */
const CASES: readonly [name: string, f: Binary, xs: number[], ys: number[], expected: number[]][] = [
  ["x·y/y", (x, y) => x.mul(y).div(y), [3, 3, 3, 0], [0, INF, 3e38, 2], [NAN, NAN, INF, 0]],
  ["x/y·y", (x, y) => x.div(y).mul(y), [3, 3, 0, 1], [0, INF, 0, 4], [NAN, NAN, NAN, 1]],
  ["x − y + y", (x, y) => x.sub(y).add(y), [1, 1, 1, 2], [NAN, INF, 1e30, 1], [NAN, NAN, 0, 2]],
  ["a + (b − a)", (a, b) => a.add(b.sub(a)), [INF, 1e30, 3e38, 1], [1, 1, -3e38, 2], [NAN, 0, -INF, 2]],
  ["(x + y) − x", (x, y) => x.add(y).sub(x), [INF, 1e8, 3e38, 1], [1, 1, 3e38, 2], [NAN, 0, INF, 2]],
  ["(x + 1e8) − 1e8", (x) => x.add(1e8).sub(1e8), [1, 3, 5, INF], [0, 0, 0, 0], [0, 0, 8, INF]],
  [
    "x·y + x·z, z = −y",
    (x, y) => x.mul(y).add(x.mul(y.neg())),
    [INF, 2e20, 0, 3],
    [1, 2e20, INF, 2],
    [NAN, NAN, NAN, 0],
  ],
  ["x·y − y·x", (x, y) => x.mul(y).sub(y.mul(x)), [1e20, INF, 0.1, 3], [1e20, 1, 0.3, 7], [NAN, NAN, 0, 0]],
  ["x·y − y", (x, y) => x.mul(y).sub(y), [2, 0.5, 1, 3], [INF, -INF, 5, 2], [NAN, NAN, 0, 4]],
  ["x − x", (x) => x.sub(x), [INF, -INF, NAN, 4], [0, 0, 0, 0], [NAN, NAN, NAN, 0]],
  ["x/x", (x) => x.div(x), [0, INF, NAN, 7], [0, 0, 0, 0], [NAN, NAN, NAN, 1]],
  ["x + −x", (x) => x.add(x.neg()), [INF, NAN, 1, -2], [0, 0, 0, 0], [NAN, NAN, 0, 0]],
  ["max(x, x) − x", (x) => np.maximum(x, x).sub(x), [INF, NAN, 1, -2], [0, 0, 0, 0], [NAN, NAN, 0, 0]],
  ["√x·√x", (x) => np.sqrt(x).mul(np.sqrt(x)), [-1, 4, INF, 9], [0, 0, 0, 0], [NAN, 4, INF, 9]],
  ["x·x/x", (x) => x.mul(x).div(x), [0, 1e30, INF, 2], [0, 0, 0, 0], [NAN, INF, NAN, 2]],
  ["x·1e38·y/1e38", (x, y) => x.mul(1e38).mul(y).div(1e38), [1, 1, 0, 2], [100, 0, INF, 1], [INF, 0, NAN, 2]],
  ["x − y == 0", (x, y) => x.sub(y).equal(0).astype("float32"), [INF, 1, NAN, 2], [INF, 1, NAN, 1], [0, 1, 0, 0]],
  ["x·0 + y", (x, y) => x.mul(0).add(y), [INF, NAN, 1, 2], [1, 1, 1, 3], [NAN, NAN, 1, 3]],
];

describe.skipIf(skip)("arithmetic on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));

  const read = async (x: NDArray): Promise<number[]> => [...((await x.data()) as Float32Array)];

  describe.each(CASES)("%s", (_name, f, xs, ys, expected) => {
    const expectClose = (actual: number[], wanted: readonly number[]): void => {
      expect(actual.length).toBe(wanted.length);
      actual.forEach((value, i) => {
        const right = Number.isFinite(wanted[i]) ? Math.abs(value - wanted[i]) <= 1e-6 : Object.is(value, wanted[i]);
        expect(right, `element ${i}: ${value} instead of ${wanted[i]}`).toBe(true);
      });
    };
    test("as it stands", async () => expectClose(await read(f(np.array(xs), np.array(ys))), expected));
    test("jitted", async () => expectClose(await read(jit(f)(np.array(xs), np.array(ys))), expected));
    test("mapped", async () => expectClose(await read(vmap(f)(np.array(xs), np.array(ys))), expected));
  });

  // the statistics of one observation: sums, quotients by 1 and differences of what was read
  test.each<[string, (x: NDArray) => NDArray, number]>([
    ["variance", (x) => np.var(x, { axis: 1 }), NAN],
    ["standard deviation", (x) => np.std(x, { axis: 1 }), NAN],
    ["softmax", (x) => np.squeeze(nn.softmax(x, { axis: 1 }), 1), NAN],
    ["deviation from the mean", (x) => np.squeeze(x.sub(np.mean(x, { axis: 1, keepdims: true })), 1), NAN],
    ["difference to the largest", (x) => np.squeeze(x.sub(np.max(x, { axis: 1, keepdims: true })), 1), NAN],
    ["sum of squares less the square", (x) => np.sum(x.mul(x), 1).sub(np.squeeze(x.mul(x), 1)), NAN],
  ])("%s of one observation that is infinite", async (_name, f, expected) => {
    const x = np.array([[INF], [-INF], [NAN]]);
    for (const program of [f, jit(f)]) expect(await read(program(x))).toEqual([expected, expected, expected]);
  });

  test("derivatives keep what their values keep", async () => {
    const at = np.array([3, 3, 3]);
    const y = np.array([0, INF, 2]);
    const total = (f: Binary) => (x: NDArray) => np.sum(f(x, y));
    // d(x·y/y)/dx = y/y, and d(x − y + y)/dx = 1 whatever y is
    const quotient = await read(grad(total((x, y) => x.mul(y).div(y)))(at));
    expect(quotient).toEqual([NAN, NAN, 1]);
    expect(await read(grad(total((x, y) => x.sub(y).add(y)))(at))).toEqual([1, 1, 1]);
    // d(x/y·y)/dx = 1/y·y
    expect(await read(grad(total((x, y) => x.div(y).mul(y)))(at))).toEqual([NAN, NAN, 1]);
  });
});

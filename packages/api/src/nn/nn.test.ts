// nn: gradients where formulas break, and masks.
import { expect, test } from "vitest";
import { grad, nn, numpy as np, vmap } from "../index.ts";
import type { NDArray } from "../index.ts";

const slopeAt = (f: (x: NDArray) => NDArray, x: number): number => Number(grad((a: NDArray) => f(a))(x).item());

test.each([
  ["relu", nn.relu, 0, 0],
  ["relu6", nn.relu6, 6, 0],
  ["softplus", nn.softplus, 0, 0.5],
  ["softplus", nn.softplus, 90, 1],
  ["logSigmoid", nn.logSigmoid, 200, 0],
  ["logSigmoid", nn.logSigmoid, -90, 1],
  ["elu", (x: NDArray) => nn.elu(x), 100, 1],
  ["silu", nn.silu, 0, 0.5],
] as const)("%s at an edge", (_name, f, x, slope) => {
  expect(slopeAt(f, x) + 0).toBe(slope);
});

test("logsumexp holds at infinities", () => {
  expect(nn.logsumexp(np.array([-Infinity, -Infinity])).item()).toBe(-Infinity);
  expect(nn.logsumexp(np.array([Infinity, 0])).item()).toBe(Infinity);
  expect(grad((x: NDArray) => nn.logsumexp(x))(np.array([-Infinity, 0])).tolist()).toEqual([0, 1]);
});

test("attention under vmap is the batch", () => {
  const q = np.arange(48, { dtype: "float32" }).reshape([2, 3, 2, 4]).mul(0.1);
  const whole = nn.dotProductAttention(q, q, q, { isCausal: true });
  const mapped = vmap((one: NDArray) => nn.dotProductAttention(one, one, one, { isCausal: true }))(q);
  expect(np.allclose(whole, mapped).item()).toBe(true);
  expect(np.allclose(whole.slice(0, 0), q.slice(0, 0)).item()).toBe(true);
});

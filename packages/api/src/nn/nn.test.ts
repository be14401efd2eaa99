// nn: gradients where formulas break, and masks.
import { expect, test } from "vitest";
import { grad, nn, numpy as np, random, ShapeError, vmap } from "../index.ts";
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

test("initializers draw what JAX 0.10.2 draws", () => {
  const draw = (initializer: nn.initializers.Initializer, shape: readonly number[]): unknown =>
    initializer(random.key(3), shape).ravel().slice([0, 2]).tolist();
  expect(draw(nn.initializers.glorotUniform(), [2, 3])).toEqual([-0.9332041144371033, 0.959926187992096]);
  expect(draw(nn.initializers.heNormal(), [2, 3])).toEqual([-1.5005310773849487, 1.5837676525115967]);
  expect(draw(nn.initializers.truncatedNormal(0.5), [2])).toEqual([-0.6599528193473816, 0.696561336517334]);
  expect(() => nn.initializers.glorotUniform()(random.key(0), [3])).toThrow(ShapeError);
});

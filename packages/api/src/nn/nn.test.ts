// nn: gradients where formulas break, and masks.
import { expect, test } from "vitest";
import { grad, jit, nn, numpy as np, random, ShapeError, vmap, WeftError } from "../index.ts";
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

test("initializers take their parameters by name, and refuse what they do not take", () => {
  const { initializers } = nn;
  const key = random.key(3);
  const loosely = (f: unknown): ((...args: readonly unknown[]) => unknown) => f as never;
  expect(initializers.zeros(null, [2], "int32").dtype).toBe("int32");
  expect(initializers.constant(2, { dtype: "int32" })(key, 3).tolist()).toEqual([2, 2, 2]);
  expect(initializers.constant([1, 2])(key, [2, 2]).tolist()).toEqual([
    [1, 2],
    [1, 2],
  ]);
  const made = initializers.uniform({ scale: 2, dtype: "float64" });
  expect(made(key, [2]).dtype).toBe("float64");
  expect(made(key, [2], null).dtype).toBe("float32");
  expect(made({ key, shape: [2], dtype: "float32" }).dtype).toBe("float32");
  expect(initializers.heNormal({ inAxis: 0, outAxis: 2, batchAxis: 1 })(key, [2, 3, 4]).shape).toEqual([2, 3, 4]);
  const scale = jit((s: NDArray) => initializers.normal(s)(random.key(0), [2]))(2);
  expect(scale.tolist()).toEqual(initializers.normal(2)(random.key(0), [2]).tolist());
  const wrong: readonly (readonly [() => unknown, string])[] = [
    [() => loosely(initializers.varianceScaling)(1, "constructor", "normal"), "varianceScaling: mode: expected one of"],
    [
      () => loosely(initializers.varianceScaling)(1, "fan_in", "bogus"),
      "varianceScaling: distribution: expected one of",
    ],
    [() => loosely(initializers.varianceScaling)("x", "fan_in", "normal"), "varianceScaling"],
    [() => loosely(initializers.constant)("x"), "nn.initializers.constant: a string is no array"],
    [() => loosely(initializers.normal)({}.constructor), "nn.initializers.normal: expected an array"],
    [() => initializers.glorotUniform({ inAxis: 5 })(key, [2, 3]), "glorotUniform(): axis 5 is out of range"],
    [() => loosely(initializers.glorotUniform)({ inaxis: 0 }), "no option inaxis; did you mean inAxis?"],
    [() => loosely(initializers.heNormal(0.5 as never))(key, [2, 3]), "heNormal: inAxis: expected an axis"],
    [() => loosely(initializers.uniform())(3, [2]), "uniform(): key: expected a random key, got 3"],
    [() => initializers.uniform()(key, [2.5]), "uniform(): shape: expected a shape"],
    [() => initializers.uniform()(key, [2], "int32"), "dtype int32"],
    [() => initializers.lecunNormal({ dtype: "int32" })(key, [2, 3]), "lecunNormal(): dtype int32"],
    [() => loosely(initializers.zeros)(key), "zeros: shape is missing"],
    [() => loosely(initializers.zeros)(key, [2], null, "x"), "zeros: outSharding"],
  ];
  for (const [call, text] of wrong) {
    expect(call).toThrow(WeftError);
    expect(call).toThrow(text);
  }
});

test("activations take their parameters by name, and nothing else", () => {
  const x = np.array([-1, 2]);
  const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;
  expect(nn.leakyRelu(x, { negativeSlope: 0.5 }).tolist()).toEqual([-0.5, 2]);
  expect(nn.leakyRelu({ x, negativeSlope: 0.5 }).tolist()).toEqual([-0.5, 2]);
  expect(nn.elu(x, 0).tolist()).toEqual([-0, 2]);
  expect(nn.squareplus(x, { b: 0 }).tolist()).toEqual([0, 2]);
  expect(nn.gelu(x, false).tolist()).toEqual(nn.gelu(x, { approximate: false }).tolist());
  expect(() => loosely(nn.relu)(x, 1)).toThrow("nn.relu: expected at most 1 argument (x), got 2");
  expect(() => loosely(nn.swish)(x, { beta: 1 })).toThrow("nn.swish: there is no option beta");
  expect(() => loosely(nn.gelu)(x, 1)).toThrow("nn.gelu: approximate: expected true or false, got 1");
  expect(() => loosely(nn.elu)(x, { alph: 1 })).toThrow("did you mean alpha?");
  expect(() => loosely(nn.celu)()).toThrow("nn.celu: x is missing (x, alpha)");
  expect(() => loosely(nn.hardSwish)("x")).toThrow("nn.hardSwish: a string is no array");
});

// nn: gradients where formulas break, and masks.
import { expect, expectTypeOf, test } from "vitest";
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

test("functions along axes take their parameters by name", () => {
  const x = np.array([
    [1, 2],
    [3, 5],
  ]);
  const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;
  const [log, sign] = nn.logsumexp(x, 1, { b: [1, -1], returnSign: true });
  expect(sign.tolist()).toEqual([-1, -1]);
  expect(log.tolist()).toEqual([
    Math.fround(2 + Math.log(1 - Math.exp(-1))),
    expect.closeTo(5 + Math.log(1 - Math.exp(-2)), 5),
  ]);
  expect(nn.logsumexp(x, { axis: 1, b: [1, -1] }).tolist()).toEqual([NaN, NaN]);
  expectTypeOf(nn.logsumexp(x, { keepdims: true })).toEqualTypeOf<NDArray>();
  expect(nn.softmax(x, null).sum().item()).toBeCloseTo(1, 6);
  expect(nn.softmax({ x, axis: 0 }).tolist()).toEqual(nn.softmax(x, 0).tolist());
  expect(nn.oneHot(x, { numClasses: 3, axis: 0 }).shape).toEqual([3, 2, 2]);
  expect(nn.oneHot({ x: [0, 2], numClasses: 3, dtype: "bool" }).tolist()).toEqual([
    [true, false, false],
    [false, false, true],
  ]);
  expect(() => loosely(nn.oneHot)(x, 3, "int32")).toThrow("nn.oneHot: expected at most 2 arguments (x, numClasses)");
  expect(() => loosely(nn.oneHot)(x)).toThrow("nn.oneHot: numClasses is missing");
  expect(() => nn.oneHot(x, 2.5)).toThrow("nn.oneHot: numClasses: expected a size");
  expect(() => loosely(nn.standardize)(x, { algorithm: "bogus" })).toThrow(
    "nn.standardize: algorithm: expected one of",
  );
  expect(() => nn.softmax(x, 2)).toThrow("nn.softmax: axis 2 is out of range");
  expect(() => loosely(nn.softmax)(x, { dim: 1 })).toThrow("nn.softmax: there is no option dim");
  expect(() => nn.glu(np.ones([3]))).toThrow("nn.glu: float32[3]: axis 0 must have an even size");
});

test("attention refuses what does not fit, by name", () => {
  const [q, k] = [np.ones([2, 3, 4, 2]), np.ones([2, 5, 2, 2])];
  const loosely = (f: unknown): ((...args: readonly unknown[]) => NDArray) => f as never;
  const attend = nn.dotProductAttention;
  const [result, residual] = attend(q, k, k, { returnResidual: true });
  expect([result.shape, residual.shape]).toEqual([
    [2, 3, 4, 2],
    [2, 3, 4],
  ]);
  expectTypeOf(attend(q, k, k, null, null, { isCausal: true })).toEqualTypeOf<NDArray>();
  expect(vmap(nn.dotProductAttention, [0, 0, 0])(q, k, k).shape).toEqual([2, 3, 4, 2]);
  expect(grad((a: NDArray) => attend(a, k, k, { returnResidual: true })[1].sum())(q).tolist()).toEqual(
    np.zeros(q.shape).tolist(),
  );
  const counted = grad((v: NDArray) => attend(q, k, v, { keyValueSeqLengths: [1, 5] }).sum())(k);
  expect(counted.slice(0, [1, null]).tolist()).toEqual(np.zeros([4, 2, 2]).tolist());
  const wrong: readonly (readonly [() => unknown, string])[] = [
    [() => attend(q, k, k, null, np.ones([3, 5])), "mask: float32[3,5]: expected bool; compare first"],
    [() => attend(q, k, k, null, np.ones([2, 5], "bool")), "bool[2,5] does not broadcast to shape [2,4,3,5]"],
    [() => attend(q, k, k, np.ones([2, 5])), "float32[2,5] does not broadcast to shape [2,4,3,5]"],
    [
      () => attend(q, k, k, { querySeqLengths: [1] }),
      "querySeqLengths: int32[1]: expected one length a batch, int32[2]",
    ],
    [() => attend(q, k, k, { querySeqLengths: [1.5, 2] }), "an index must be an integer"],
    [() => attend(q, k, k, { localWindowSize: [1, 2, 3] }), "localWindowSize: expected one size, or [before, after]"],
    [() => attend(q, k, k, { scale: np.ones([2]) }), "scale: float32[2]: expected a number"],
    [() => loosely(attend)(q, k, k, { implementation: "cudnn" }), 'implementation: expected "xla", got "cudnn"'],
    [() => loosely(attend)(q, k, k, null, null, 0.5), "expected at most 5 arguments"],
    [() => attend(q, k, np.ones([2, 4, 2, 2])), "the queries' heads must be a multiple of the keys'"],
    [() => attend(q, k, np.ones([3])), "expected [batch, length, heads, size]"],
  ];
  for (const [call, text] of wrong) {
    expect(call, text).toThrow(WeftError);
    expect(call).toThrow(/^nn\.dotProductAttention: /u);
    expect(call).toThrow(text);
  }
});

/**
 * The accuracy table against witnesses: float32 stencils against float64 mathematics over all bit patterns
 * (strided) and over dense ranges, float64 stencils against exact BigInt arithmetic over samples.
 */
import { describe, expect, test } from "vitest";

import { randomSource, runnableBuilds } from "../scripts/testing/builds.ts";
import { createRunner } from "../scripts/testing/run-stencils.ts";
import { WITNESS, atan2Witness, erfInvWitness, exact, powWitness, ulpError } from "../scripts/testing/witness.ts";
import type { Real } from "../scripts/testing/witness.ts";
import { ULP } from "./accuracy.ts";
import { loadStencils } from "./stencils.ts";

// All terms are positive, so nothing cancels.
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > Math.abs(sum) * 1e-18; k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const CENTRAL = [
  2.81022636e-8, 3.43273939e-7, -35233877e-13, -439150654e-14, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const TAIL = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** Giles' single-precision polynomials in float64, on the rounded square JAX takes. */
function gilesErfInv(x: number): number {
  const w = -Math.log1p(-Math.fround(x * x));
  const t = w < 5 ? w - 2.5 : Math.sqrt(w) - 3;
  return (w < 5 ? CENTRAL : TAIL).reduce((sum, coefficient) => sum * t + coefficient) * x;
}

const SINGLE: Readonly<Record<string, (x: number) => number>> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  logistic: (x) => 1 / (1 + Math.exp(-x)),
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  erfInv: (x) => (Math.abs(x) < 1 ? gilesErfInv(x) : Math.abs(x) > 1 ? NaN : x * Infinity),
};

/** Ranges that matter most, besides all magnitudes. */
const DENSE: readonly (readonly [number, number])[] = [
  [-1, 1],
  [-5, 5],
  [-104, 104],
  [0.25, 4],
  [0.99, 1.01],
  [-1e4, 1e4],
];

/** Error in units of the last place of a float32 truth, which float64 holds to many more digits. */
function singleError(result: number, truth: number): number {
  if (Number.isNaN(truth)) return Number.isNaN(result) ? 0 : Infinity;
  const rounded = Math.fround(truth);
  if (!Number.isFinite(rounded) || !Number.isFinite(result)) {
    // At the threshold of overflow the last finite number is one unit away.
    return Object.is(result, rounded)
      ? 0
      : Math.abs(result) === Math.abs(rounded)
        ? Infinity
        : ulpError(clamp(result), exact(clamp(truth)), 24);
  }
  if (result === 0 || truth === 0) {
    if (Object.is(result, 0) !== Object.is(rounded, 0) && rounded === 0) return Infinity;
    return Math.abs(result - truth) / 2 ** -149;
  }
  const exponent = Math.floor(Math.log2(Math.abs(truth)));
  const unit = 2 ** Math.max((2 ** exponent > Math.abs(truth) ? exponent - 1 : exponent) - 23, -149);
  return Math.abs(result - truth) / unit;
}

// 2^128 stands in for infinity.
function clamp(x: number): number {
  return Math.max(-(2 ** 128), Math.min(2 ** 128, x));
}

function inputs(count: number): Float32Array {
  const stride = 65_521;
  const patterns = Uint32Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride);
  const random = randomSource(11);
  const dense = DENSE.flatMap(([from, to]) => Array.from({ length: count }, () => from + (to - from) * random()));
  const all = [...new Float32Array(patterns.buffer), ...dense];
  return new Float32Array([...all, ...all.slice(0, (4 - (all.length % 4)) % 4)]);
}

interface Worst {
  error: number;
  at: string;
}

/** Folds errors; a NaN error counts as infinite. */
function note(worst: Worst, error: number, at: () => string): void {
  if (error <= worst.error) return;
  worst.error = Number.isNaN(error) ? Infinity : error;
  worst.at = at();
}

describe.each(runnableBuilds())("float32 accuracy of the %s build", (build) => {
  const runner = createRunner(loadStencils(build));
  const samples = inputs(8000);

  test.each(Object.keys(SINGLE))("%s", (name) => {
    const results = new Float32Array(runner.run(`${name}_f32`, [new Uint8Array(samples.buffer)]).buffer);
    const worst: Worst = { error: 0, at: "" };
    samples.forEach((x, i) =>
      note(worst, singleError(results[i], SINGLE[name](x)), () => `${name}(${x}) = ${results[i]}`),
    );
    expect([worst.at, worst.error, worst.error <= ULP[`${name}_f32`]]).toEqual([worst.at, worst.error, true]);
  });

  test.each([
    ["pow", Math.pow],
    ["atan2", Math.atan2],
  ] as const)("%s", (name, truth) => {
    const random = randomSource(5);
    const left = new Float32Array(60_000);
    const right = new Float32Array(60_000);
    for (let i = 0; i < left.length; i++) {
      left[i] = 2 ** ((random() - 0.5) * (i % 3 === 0 ? 250 : 20)) * (i % 5 === 0 ? -1 : 1);
      right[i] = (random() - 0.5) * 2 ** (random() * 16 - 6);
      if (i % 7 === 0) right[i] = Math.round(right[i]);
    }
    const bytes = runner.run(`${name}_f32`, [new Uint8Array(left.buffer), new Uint8Array(right.buffer)]);
    const results = new Float32Array(bytes.buffer);
    const worst: Worst = { error: 0, at: "" };
    left.forEach((x, i) => {
      note(worst, singleError(results[i], truth(x, right[i])), () => `${name}(${x}, ${right[i]}) = ${results[i]}`);
    });
    expect([worst.at, worst.error, worst.error <= ULP[`${name}_f32`]]).toEqual([worst.at, worst.error, true]);
  });
});

type Sample = (random: () => number) => number;
const within =
  (from: number, to: number): Sample =>
  (random) =>
    from + (to - from) * random();
const magnitudes =
  (from: number, to: number): Sample =>
  (random) =>
    2 ** (from + (to - from) * random());
const signed =
  (sample: Sample): Sample =>
  (random) =>
    (random() < 0.5 ? -1 : 1) * sample(random);

const DOUBLE: Readonly<Record<string, readonly Sample[]>> = {
  exp: [within(-745, 709.7), within(-1, 1), within(-745, -700)],
  expm1: [within(-40, 709.7), within(-1, 1), signed(magnitudes(-60, 0))],
  log: [magnitudes(-1074, 1023.9), within(0.5, 2), within(0.99, 1.01)],
  log1p: [within(-1, 1), signed(magnitudes(-60, 0)), magnitudes(-3, 1000)],
  logistic: [within(-740, 40), within(-6, 6)],
  sqrt: [magnitudes(-100, 200)],
  rsqrt: [magnitudes(-100, 200), within(1, 4)],
  sin: [
    within(-10, 10),
    within(-1e6, 1e6),
    signed(magnitudes(19, 1023.9)),
    (random) => Math.round(within(1, 6e5)(random)) * Math.PI,
  ],
  cos: [
    within(-10, 10),
    within(-1e6, 1e6),
    signed(magnitudes(19, 1023.9)),
    (random) => Math.round(within(1, 6e5)(random)) * Math.PI * 0.5,
  ],
  tanh: [within(-22, 22), within(-1, 1), signed(magnitudes(-60, 0))],
  erf: [within(-6, 6), within(-1, 1), signed(magnitudes(-60, 0))],
  erfInv: [within(-1, 1), (random) => 1 - magnitudes(-53, -2)(random), signed(magnitudes(-60, 0))],
};

/** Floats close to multiples of π/2, the closest of all float64 numbers among them, and limits of the reduction. */
const NEAR_QUADRANTS = [0.5, 1, 2, 3, 11, 22, 355, 1e5, 1e15]
  .map((n) => n * Math.PI)
  .concat(6381956970095103 * 2 ** 797, 2 ** 20, 2 ** 20 + 2 ** -32, Number.MAX_VALUE, 1e22, 52174, 573204);

describe.each(runnableBuilds())("float64 accuracy of the %s build", (build) => {
  const runner = createRunner(loadStencils(build));

  test.each(Object.keys(DOUBLE))("%s", (name) => {
    const random = randomSource(3);
    const samples = Float64Array.from({ length: 1200 }, (_, i) => DOUBLE[name][i % DOUBLE[name].length](random));
    if (name === "sin" || name === "cos") samples.set(NEAR_QUADRANTS);
    const results = new Float64Array(runner.run(`${name}_f64`, [new Uint8Array(samples.buffer)]).buffer);
    const truth = (x: number, result: number): Real =>
      name === "erfInv" ? erfInvWitness(x, result) : WITNESS[name as keyof typeof WITNESS](x);
    const worst: Worst = { error: 0, at: "" };
    samples.forEach((x, i) => {
      if (name === "erfInv" && Math.abs(x) >= 1) return;
      note(worst, ulpError(results[i], truth(x, results[i]), 53), () => `${name}(${x}) = ${results[i]}`);
    });
    expect([worst.at, worst.error, worst.error <= ULP[`${name}_f64`]]).toEqual([worst.at, worst.error, true]);
  });

  test.each([
    ["pow", (x: number, y: number) => powWitness(x, y)],
    ["atan2", atan2Witness],
  ] as const)("%s", (name, truth) => {
    const random = randomSource(9);
    const left = new Float64Array(1600);
    const right = new Float64Array(1600);
    for (let i = 0; i < left.length; i++) {
      left[i] = i % 4 === 0 ? 0.9 + 0.2 * random() : 2 ** ((random() - 0.5) * 2 ** (1 + random() * 8));
      right[i] = (random() - (name === "pow" ? 0.5 : 0)) * 2 ** (random() * 14 - 4);
    }
    const bytes = runner.run(`${name}_f64`, [new Uint8Array(left.buffer), new Uint8Array(right.buffer)]);
    const results = new Float64Array(bytes.buffer);
    const worst: Worst = { error: 0, at: "" };
    left.forEach((x, i) => {
      // The witness keeps 320 fraction bits, too few for powers beyond all floats.
      if (name === "pow" && Math.abs(right[i] * Math.log2(x)) > 1100) return;
      note(
        worst,
        ulpError(results[i], truth(x, right[i], results[i]), 53),
        () => `${name}(${x}, ${right[i]}) = ${results[i]}`,
      );
    });
    expect([worst.at, worst.error, worst.error <= ULP[`${name}_f64`]]).toEqual([worst.at, worst.error, true]);
  });
});

/**
 * Every function of stencils at the special values: zeros of both signs, denormals, infinities, NaN, arguments
 * outside the domain, thresholds of overflow. Witnesses are Math.* and tables of limits.
 */
import { describe, expect, test } from "vitest";

import { runnableBuilds, specialFloats } from "../scripts/testing/builds.ts";
import { createRunner } from "../scripts/testing/run-stencils.ts";
import { loadStencils } from "./stencils.ts";

type Floats = Float32Array | Float64Array;

/** What differs between the two lanes. */
const LANES = {
  f32: {
    from: (values: readonly number[]): Floats => Float32Array.from(values),
    view: (bytes: Uint8Array): Floats => new Float32Array(bytes.buffer),
    round: Math.fround,
    special: specialFloats(24),
    smallest: 2 ** -149,
    largestExponent: 88.72284,
    step: 2 ** -22,
  },
  f64: {
    from: (values: readonly number[]): Floats => Float64Array.from(values),
    view: (bytes: Uint8Array): Floats => new Float64Array(bytes.buffer),
    round: (x: number): number => x,
    special: specialFloats(53),
    smallest: 2 ** -1074,
    largestExponent: 709.7827,
    step: 2 ** -51,
  },
} as const;

const bytesOf = (vector: Floats): Uint8Array => new Uint8Array(vector.buffer);
const padded = (values: readonly number[]): number[] => [...values, ...values.slice(0, (4 - (values.length % 4)) % 4)];

const erfInvEnds = (x: number): number =>
  Math.abs(x) > 1 || Number.isNaN(x) ? NaN : Math.abs(x) === 1 ? x * Infinity : x;

/** What each function is at zeros, infinities, NaN and outside its domain; null where only accuracy counts. */
const LIMITS: Readonly<Record<string, (x: number) => number | null>> = {
  exp: (x) => (x === 0 || !Number.isFinite(x) ? Math.exp(x) : x > 1e3 ? Infinity : x < -1e3 ? 0 : null),
  expm1: (x) => (x === 0 || !Number.isFinite(x) ? Math.expm1(x) : x > 1e3 ? Infinity : x < -1e3 ? -1 : null),
  log: (x) => (x <= 0 || x === 1 || !Number.isFinite(x) ? Math.log(x) : null),
  log1p: (x) => (x <= -1 || x === 0 || !Number.isFinite(x) ? Math.log1p(x) : null),
  logistic: (x) => (x === 0 || !Number.isFinite(x) ? 1 / (1 + Math.exp(-x)) : x < -1e3 ? 0 : x > 1e3 ? 1 : null),
  sqrt: (x) => (x <= 0 || !Number.isFinite(x) ? Math.sqrt(x) : null),
  rsqrt: (x) => (x <= 0 || !Number.isFinite(x) ? 1 / Math.sqrt(x) : null),
  sin: (x) => (x === 0 || !Number.isFinite(x) ? Math.sin(x) : null),
  cos: (x) => (x === 0 || !Number.isFinite(x) ? Math.cos(x) : null),
  tanh: (x) => (x === 0 || Math.abs(x) > 30 || Number.isNaN(x) ? Math.tanh(x) : null),
  erf: (x) => (x === 0 || Number.isNaN(x) ? x : Math.abs(x) > 7 ? Math.sign(x) : null),
  erfInv: (x) => (x === 0 || Math.abs(x) >= 1 || Number.isNaN(x) ? erfInvEnds(x) : null),
};

/** Functions that are x·c near zero, down to the smallest denormal. */
const SLOPES: Readonly<Record<string, number>> = {
  expm1: 1,
  log1p: 1,
  sin: 1,
  tanh: 1,
  erf: 2 / Math.sqrt(Math.PI),
  erfInv: Math.sqrt(Math.PI) / 2,
};

describe.each(runnableBuilds())("special values of the %s build", (build) => {
  const runner = createRunner(loadStencils(build));

  describe.each(["f32", "f64"] as const)("%s", (lane) => {
    const { from, view, round, special, smallest, largestExponent, step } = LANES[lane];

    test.each(Object.keys(LIMITS))("%s", (name) => {
      const operands = from(padded(special));
      const result = view(runner.run(`${name}_${lane}`, [bytesOf(operands)]));
      const wrong: string[] = [];
      operands.forEach((x, i) => {
        const wanted = LIMITS[name](x);
        const overflows = (name === "exp" || name === "expm1") && x > largestExponent;
        const right = wanted === null ? Number.isFinite(result[i]) !== overflows : Object.is(result[i], wanted);
        if (!right) wrong.push(`${name}(${x}) = ${result[i]}, expected ${wanted ?? "a finite number"}`);
      });
      expect(wrong).toEqual([]);
    });

    test.each(Object.keys(SLOPES))("%s near zero", (name) => {
      const operands = from(padded(special.filter((x) => Math.abs(x) < 1e-29)));
      const result = view(runner.run(`${name}_${lane}`, [bytesOf(operands)]));
      const wrong: string[] = [];
      operands.forEach((x, i) => {
        const wanted = x * SLOPES[name];
        const close = Math.abs(result[i] - wanted) <= Math.max(smallest, Math.abs(wanted) * step);
        const negative = Object.is(result[i], -0) || result[i] < 0;
        if (!close || negative !== (Object.is(x, -0) || x < 0)) wrong.push(`${name}(${x}) = ${result[i]}`);
      });
      expect(wrong).toEqual([]);
    });

    test.each([
      // ECMAScript differs from C where the base is ±1 and the exponent infinite or NaN.
      ["pow", (x: number, y: number) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y))],
      ["atan2", Math.atan2],
    ] as const)("%s", (name, truth) => {
      const left = from(padded(special.flatMap((x) => special.map(() => x))));
      const right = from(padded(special.flatMap(() => special)));
      const result = view(runner.run(`${name}_${lane}`, [bytesOf(left), bytesOf(right)]));
      const wrong: string[] = [];
      left.forEach((x, i) => {
        const wanted = round(truth(x, right[i]));
        // Where a denormal rounds to zero or not, one unit is allowed; an exact zero keeps its sign.
        const bound = Math.max(smallest, Math.abs(wanted) * step);
        const sameSign = Object.is(wanted, -0) === Object.is(result[i], -0) || Math.abs(result[i]) === smallest;
        const near = Math.abs(result[i] - wanted) <= bound && sameSign;
        if (!near && !Object.is(result[i], wanted)) {
          wrong.push(`${name}(${x}, ${right[i]}) = ${result[i]}, expected ${wanted}`);
        }
      });
      expect(wrong.slice(0, 5)).toEqual([]);
    });
  });
});

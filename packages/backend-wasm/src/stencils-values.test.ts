/**
 * Values of the stencils that are exact by definition: arithmetic, comparison, integers, conversions, over all
 * pairs of special values and random operands. Witnesses are plain TypeScript.
 */
import { describe, expect, test } from "vitest";

import { randomSource, runnableBuilds, specialFloats } from "../scripts/testing/builds.ts";
import { createRunner } from "../scripts/testing/run-stencils.ts";
import { loadStencils } from "./stencils.ts";

type Lane = "i32" | "u32" | "f32" | "f64";
type Vector = Int32Array | Uint32Array | Float32Array | Float64Array;

const ARRAYS = {
  i32: (values: readonly number[]) => Int32Array.from(values),
  u32: (values: readonly number[]) => Uint32Array.from(values),
  f32: (values: readonly number[]) => Float32Array.from(values),
  f64: (values: readonly number[]) => Float64Array.from(values),
} as const satisfies Record<Lane, (values: readonly number[]) => Vector>;

const VIEWS = {
  i32: (bytes: Uint8Array) => new Int32Array(bytes.buffer),
  u32: (bytes: Uint8Array) => new Uint32Array(bytes.buffer),
  f32: (bytes: Uint8Array) => new Float32Array(bytes.buffer),
  f64: (bytes: Uint8Array) => new Float64Array(bytes.buffer),
} as const satisfies Record<Lane, (bytes: Uint8Array) => Vector>;

const bytesOf = (vector: Vector): Uint8Array => new Uint8Array(vector.buffer);
const padded = (values: readonly number[]): number[] => [...values, ...values.slice(0, (4 - (values.length % 4)) % 4)];

const MIN = -(2 ** 31);
const INTEGERS = [0, 1, -1, 2, 3, 7, -7, 10, 31, 32, 33, 40, 255, -256, 65535, 65537, 1e9, 2 ** 31 - 1, MIN, MIN + 1];

/** All pairs of the lane's special values, and random pairs. */
function pairs(lane: Lane): { a: number[]; b: number[] } {
  const special = lane === "f32" ? specialFloats(24) : lane === "f64" ? specialFloats(53) : INTEGERS;
  const a = special.flatMap((x) => special.map(() => x));
  const b = special.flatMap(() => special);
  const random = randomSource(21);
  for (let i = 0; i < 4000; i++) {
    if (lane === "i32" || lane === "u32") {
      a.push(Math.floor(random() * 2 ** 32) | 0);
      b.push((Math.floor(random() * 2 ** 32) | 0) >> Math.floor(random() * 32));
    } else {
      a.push((random() - 0.5) * 2 ** (random() * 60 - 20));
      b.push((random() - 0.5) * 2 ** (random() * 60 - 40));
    }
  }
  return { a: padded(a), b: padded(b) };
}

const truth = (value: boolean): number => (value ? -1 : 0);

function divide(a: number, b: number): number {
  return b === 0 ? -1 : Math.trunc(a / b);
}

const sign = (x: number): number => Math.sign(x);
const roundEven = (x: number): number => {
  const down = Math.floor(x);
  const part = x - down;
  const even = part < 0.5 || (part === 0.5 && down % 2 === 0) ? down : down + 1;
  return Object.is(x, -0) || (even === 0 && x < 0) ? -0 : Number.isFinite(x) ? even : x;
};
const roundAway = (x: number): number => {
  const whole = Math.trunc(x);
  const rounded = Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
  return Number.isFinite(x) ? rounded : x;
};

const UNARY_FLOAT: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  roundEven,
  roundAway,
};

// Zeros compare equal, whichever comes first.
const larger = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? NaN : a < b ? b : a);
const smaller = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? NaN : b < a ? b : a);

const BINARY_FLOAT: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  max: larger,
  min: smaller,
};

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const INTEGER_BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => Math.imul(a, b),
  div: divide,
  rem: (a, b) => (b === 0 ? a : a % b),
  max: Math.max,
  min: Math.min,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, b) => (b >>> 0 > 31 ? 0 : a << b),
  shiftRightLogical: (a, b) => (b >>> 0 > 31 ? 0 : a >>> b),
  shiftRightArithmetic: (a, b) => (a | 0) >> (b >>> 0 > 31 ? 31 : b),
};

const saturate = (x: number, low: number, top: number): number =>
  Number.isNaN(x) ? 0 : Math.min(top, Math.max(low, Math.trunc(x)));

describe.each(runnableBuilds())("values of the %s build", (build) => {
  const runner = createRunner(loadStencils(build));
  const run = (name: string, ...inputs: Vector[]): Uint8Array => runner.run(name, inputs.map(bytesOf));

  /** Every lane equal; −0 differs from 0 unless `zeros` says they may mix. */
  function check(
    name: string,
    result: Vector,
    expected: readonly number[],
    operands: readonly Vector[],
    zeros = false,
  ): void {
    const wrong = expected.flatMap((wanted, i) => {
      if (Object.is(result[i], wanted) || (zeros && result[i] === wanted)) return [];
      return [`${name}(${operands.map((vector) => vector[i]).join(", ")}) = ${result[i]}, expected ${wanted}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  }

  describe.each(["f32", "f64"] as const)("%s", (lane) => {
    const round = lane === "f32" ? Math.fround : (x: number): number => x;
    const { a, b } = pairs(lane);
    const [left, right] = [ARRAYS[lane](a), ARRAYS[lane](b)];

    test.each(Object.keys(UNARY_FLOAT))("%s", (name) => {
      const expected = [...left].map((x) => round(UNARY_FLOAT[name](x)));
      check(name, VIEWS[lane](run(`${name}_${lane}`, left)), expected, [left]);
    });

    test.each(Object.keys(BINARY_FLOAT))("%s", (name) => {
      const expected = [...left].map((x, i) => round(BINARY_FLOAT[name](x, right[i])));
      check(
        name,
        VIEWS[lane](run(`${name}_${lane}`, left, right)),
        expected,
        [left, right],
        name === "max" || name === "min",
      );
    });

    test.each(Object.keys(COMPARE))("%s", (name) => {
      const bytes = run(`${name}_${lane}`, left, right);
      const masks = lane === "f32" ? new Int32Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
      const expected = [...left].map((x, i) => truth(COMPARE[name](x, right[i])));
      check(name, Int32Array.from(masks, Number), expected, [left, right]);
    });

    test("isNan, isFinite and toMask", () => {
      const rows: readonly (readonly [string, (x: number) => boolean])[] = [
        ["isNan", Number.isNaN],
        ["isFinite", Number.isFinite],
        ["toMask", (x) => x !== 0],
      ];
      for (const [name, of] of rows) {
        const bytes = run(`${name}_${lane}`, left);
        const masks = lane === "f32" ? new Int32Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
        check(
          name,
          Int32Array.from(masks, Number),
          [...left].map((x) => truth(of(x))),
          [left],
        );
      }
    });

    test("select takes a mask as wide as the lane", () => {
      const mask = run(`lt_${lane}`, left, right);
      const result = VIEWS[lane](runner.run(`select_${lane}`, [mask, bytesOf(left), bytesOf(right)]));
      check(
        "select",
        result,
        [...left].map((x, i) => (x < right[i] ? x : right[i])),
        [left, right],
      );
    });

    test("muladd", () => {
      const factors = ARRAYS[lane](padded([1, 3, -5, 0, -0, Infinity, NaN, 1024]));
      const terms = ARRAYS[lane](padded([2, -1, 15, -0, -0, 1, 1, 0.5]));
      const expected = [...factors].map((x, i) => round(x * x + terms[i]));
      check("muladd", VIEWS[lane](run(`muladd_${lane}`, factors, factors, terms)), expected, [factors, terms]);
    });
  });

  describe.each(["i32", "u32"] as const)("%s", (lane) => {
    const { a, b } = pairs(lane);
    const [left, right] = [ARRAYS[lane](a), ARRAYS[lane](b)];
    const wrap = (values: readonly number[]): number[] => [...ARRAYS[lane](values)];

    test.each(Object.keys(INTEGER_BINARY))("%s", (name) => {
      const expected = wrap([...left].map((x, i) => INTEGER_BINARY[name](x, right[i]) + 0));
      check(name, VIEWS[lane](run(`${name}_${lane}`, left, right)), expected, [left, right]);
    });

    test.each(Object.keys(COMPARE))("%s", (name) => {
      const expected = [...left].map((x, i) => truth(COMPARE[name](x, right[i])));
      check(name, VIEWS.i32(run(`${name}_${lane}`, left, right)), expected, [left, right]);
    });

    test("neg, abs, sign, not, muladd, select and conversions", () => {
      const rows: readonly (readonly [string, (x: number) => number])[] = [
        ["neg", (x) => -x],
        ["abs", Math.abs],
        ["sign", sign],
        ["not", (x) => ~x],
      ];
      for (const [name, of] of rows)
        check(name, VIEWS[lane](run(`${name}_${lane}`, left)), wrap([...left].map(of)), [left]);
      const sum = wrap([...left].map((x, i) => Math.imul(x, right[i]) + x));
      check("muladd", VIEWS[lane](run(`muladd_${lane}`, left, right, left)), sum, [left, right]);
      const mask = VIEWS.i32(run(`lt_${lane}`, left, right));
      const chosen = [...left].map((x, i) => (x < right[i] ? x : right[i]));
      check("select", VIEWS[lane](run(`select_${lane}`, mask, left, right)), chosen, [left, right]);
      check("toF32", VIEWS.f32(run(`toF32_${lane}`, left)), [...left].map(Math.fround), [left]);
      const low = VIEWS.f64(run(`toF64Low_${lane}`, left));
      const upper = VIEWS.f64(run(`toF64High_${lane}`, left));
      const joined = [...left].map((_, i) => (i % 4 < 2 ? low : upper)[(i >> 2) * 2 + (i % 2)]);
      check("toF64", Float64Array.from(joined), [...left], [left]);
      check(
        "toMask",
        VIEWS.i32(run(`toMask_${lane}`, left)),
        [...left].map((x) => truth(x !== 0)),
        [left],
      );
    });
  });

  test("masks: not, and, or, xor, order, select and conversions", () => {
    const left = Int32Array.of(-1, -1, 0, 0);
    const right = Int32Array.of(-1, 0, -1, 0);
    const rows: readonly (readonly [string, readonly number[]])[] = [
      ["and", [-1, 0, 0, 0]],
      ["or", [-1, -1, -1, 0]],
      ["xor", [0, -1, -1, 0]],
      ["eq", [-1, 0, 0, -1]],
      ["ne", [0, -1, -1, 0]],
      ["lt", [0, 0, -1, 0]],
      ["ge", [-1, -1, 0, -1]],
      ["max", [-1, -1, -1, 0]],
      ["min", [-1, 0, 0, 0]],
    ];
    for (const [name, expected] of rows)
      check(name, VIEWS.i32(run(`${name}_mask`, left, right)), expected, [left, right]);
    check("not", VIEWS.i32(run("not_mask", left)), [0, 0, -1, -1], [left]);
    check("select", VIEWS.i32(run("select_mask", left, right, left)), [-1, 0, 0, 0], [left, right]);
    check("toI32", VIEWS.i32(run("toI32_mask", left)), [1, 1, 0, 0], [left]);
    check("toF32", VIEWS.f32(run("toF32_mask", right)), [1, 0, 1, 0], [right]);
    check("toF64Low", VIEWS.f64(run("toF64Low_mask", right)), [1, 0], [right]);
    check("toF64High", VIEWS.f64(run("toF64High_mask", right)), [1, 0], [right]);
  });

  test("floats become integers by saturation, NaN by 0", () => {
    const single = Float32Array.from(padded([...specialFloats(24), 2147483520, -2147483648, 4294967040, -1.9]));
    check(
      "toI32",
      VIEWS.i32(run("toI32_f32", single)),
      [...single].map((x) => saturate(x, MIN, 2 ** 31 - 1) + 0),
      [single],
    );
    check(
      "toU32",
      VIEWS.u32(run("toU32_f32", single)),
      [...single].map((x) => saturate(x, 0, 2 ** 32 - 1) + 0),
      [single],
    );
    const double = Float64Array.from(padded([...specialFloats(53), 2147483647.9, -2147483648.9, 4294967295.5, -0.9]));
    const half = double.length >> 1;
    const low = double.slice(0, half);
    const upper = double.slice(half);
    const order = [...low]
      .map((_, i) => i)
      .filter((i) => i % 2 === 0)
      .flatMap((i) => [low[i], low[i + 1], upper[i], upper[i + 1]]);
    const operands = [Float64Array.from(order)];
    check(
      "toI32",
      VIEWS.i32(run("toI32_f64", low, upper)),
      order.map((x) => saturate(x, MIN, 2 ** 31 - 1) + 0),
      operands,
    );
    check(
      "toU32",
      VIEWS.u32(run("toU32_f64", low, upper)),
      order.map((x) => saturate(x, 0, 2 ** 32 - 1) + 0),
      operands,
    );
    check("toF32", VIEWS.f32(run("toF32_f64", low, upper)), order.map(Math.fround), operands);
  });

  test("float32 widens exactly", () => {
    const single = Float32Array.from(padded(specialFloats(24)));
    const low = VIEWS.f64(run("promoteLow_f32", single));
    const upper = VIEWS.f64(run("promoteHigh_f32", single));
    const joined = [...single].map((_, i) => (i % 4 < 2 ? low : upper)[(i >> 2) * 2 + (i % 2)]);
    check("promote", Float64Array.from(joined), [...single], [single]);
  });
});

// The plan cache: least recently used plans go first, one warning for a storm of shapes. And flush windows.
import type { Node } from "@weft/ir";
import { literal, record } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { FlushWindow } from "./flush.ts";
import { MAX_PLANS, STORM_PLANS } from "./limits.ts";
import { clearPlans } from "./stats.ts";
import type { Bench } from "./testing/operations.ts";
import { createBench, f32, number, op } from "./testing/operations.ts";
import { onWarning } from "./warnings.ts";

describe("plans made again and again for one program give one warning, which says what differs", () => {
  const matrix = (bench: Bench, n: number): Node => bench.array(new Array(4 * n).fill(1), [4, n]);
  const literalOf = (value: number): Node => literal(f32(), value);
  const PROGRAMS: Readonly<Record<string, readonly [(bench: Bench, i: number) => Node | readonly Node[], string]>> = {
    sizes: [(bench, i) => op("sin", bench.array(new Array(i + 1).fill(0))), "sizes (float32[7], float32[8])."],
    "sizes under a reshape": [
      (bench, i) => record("reshape", { shape: [2, i + 1] }, [bench.array(new Array(2 * i + 2).fill(0))]),
      "sizes (float32[2,7], float32[2,8]).",
    ],
    constants: [(bench, i) => op("mul", bench.array([1]), literalOf(i / 4)), "constants (1.5, 1.75)."],
    "an exponent": [(bench, i) => record("integerPow", { n: i }, [bench.array([1])]), "the n of integerPow (6, 7)."],
    "widths of a padding, and sizes with them": [
      (bench, i) => record("pad", { lo: [i], hi: [0], interior: [0] }, [bench.array([1]), literalOf(0)]),
      "sizes (float32[7], float32[8]); the lo of pad ([6], [7]).",
    ],
    "strides of a slice": [
      (bench, i) => record("slice", { sizes: [2], strides: [i + 1] }, [bench.array(new Array(40).fill(1))], [0]),
      "the strides of slice ([7], [8]).",
    ],
    "which results are asked for": [
      (bench, i) => {
        const nodes = [matrix(bench, 3)];
        for (let k = 0; k < 12; k++) nodes.push(op("neg", nodes[k]));
        return [nodes[12], nodes[i + 1]];
      },
      "which of its results are asked for.",
    ],
  };
  test.each(Object.keys(PROGRAMS))("%s", (name) => {
    const [program, text] = PROGRAMS[name];
    const warnings: string[] = [];
    onWarning((message) => warnings.push(message));
    const bench = createBench();
    for (let i = 0; i < STORM_PLANS + 2; i++) {
      const made = program(bench, i);
      evaluate("length" in made ? made : [made], bench.backend);
    }
    onWarning(() => undefined);
    expect(bench.plans).toBe(STORM_PLANS + 2);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain(`weft: ${STORM_PLANS} plans were made for the program that ends in `);
    expect(warnings[0]).toContain(`What differs: ${text}`);
  });

  test("programs of other operations or dtypes are other programs", () => {
    const warnings: string[] = [];
    onWarning((message) => warnings.push(message));
    const bench = createBench();
    const prims = ["sin", "cos", "exp", "tanh", "neg", "abs", "floor", "ceil", "sign", "sqrt"] as const;
    for (const prim of prims) bench.read(op(prim, bench.array([1])));
    for (let n = 1; n < STORM_PLANS; n++)
      for (const dtype of ["int32", "float32"] as const)
        bench.read(op("neg", bench.array(new Array(n).fill(1), [n], dtype)));
    onWarning(() => undefined);
    expect(warnings).toEqual([]);
  });
});

test("no more plans are kept than the limit, and the latest stay", () => {
  const bench = createBench();
  const x = bench.array([1]);
  const chain = (length: number): Node => {
    let y = x;
    for (let i = 0; i < length; i++) y = op("neg", y);
    return y;
  };
  // chains of negations differ in nothing but their length
  for (let length = 1; length <= MAX_PLANS + 10; length++) evaluate([chain(length)], bench.backend);
  expect(bench.device.plans.size).toBe(MAX_PLANS);
  const { plans } = bench.device.counters;
  evaluate([chain(MAX_PLANS)], bench.backend);
  expect(bench.device.counters.plans).toBe(plans);
  evaluate([chain(1)], bench.backend);
  expect(bench.device.counters.plans).toBe(plans + 1);
});

test("programs of plans that left are disposed of, once their runs have finished", () => {
  const bench = createBench();
  const { backend, device } = bench;
  const x = bench.array([1]);
  const chain = (length: number): Node => {
    let y = x;
    for (let i = 0; i < length; i++) y = op("floor", y);
    return y;
  };
  const disposed = (): number => backend.counters().disposed;
  backend.lazy = true;
  // the first two plans have a run in flight when they are evicted, one of them its second
  evaluate([chain(1)], backend);
  backend.settle();
  const again = chain(1);
  evaluate([again], backend);
  evaluate([chain(2)], backend);
  backend.lazy = false;
  for (let length = 3; length <= MAX_PLANS + 2; length++) evaluate([chain(length)], backend);
  expect(device.plans.evictions).toBe(2);
  expect(disposed()).toBe(0);
  backend.settle();
  expect(bench.read(again)).toEqual([1]);
  evaluate([chain(MAX_PLANS + 3)], backend);
  expect(device.plans.evictions).toBe(3);
  expect(disposed()).toBe(3);
  clearPlans(backend);
  expect(disposed()).toBe(MAX_PLANS + 3);
  expect(bench.read(chain(1))).toEqual([1]);
});

test.each([37, 137])("windows of a loop of %i operations close at one phase", (body) => {
  const bench = createBench();
  const window = new FlushWindow({ nodes: 200, bytes: Infinity });
  let x = bench.array([0]);
  for (let i = 0; i < 3000; i++) {
    // scattered, so that no stretch of the body resembles another
    const at = Math.imul((i % body) + 1, 0x9e3779b1) >>> 28;
    x = at < 5 ? op("sin", x) : at < 10 ? op("mul", x, x) : op("add", x, x);
    if (window.add(x)) {
      evaluate([x], bench.backend);
      window.closed();
    }
  }
  expect(bench.plans).toBeLessThanOrEqual(2);
});

test("a window without a phase closes at twice the limit, and by bytes at once", () => {
  const bench = createBench();
  const window = new FlushWindow({ nodes: 50, bytes: 1 << 20 });
  const x = bench.array([1]);
  let closings = 0;
  let longest = 0;
  for (let i = 0; i < 1000; i++) {
    const prims = ["sin", "cos", "exp", "neg", "abs", "tanh", "floor"] as const;
    const node = op(prims[(i * i * 31 + (i >> 3)) % prims.length], x);
    if (!window.add(node)) continue;
    longest = Math.max(longest, window.nodes);
    closings++;
    window.closed();
  }
  expect(closings).toBeGreaterThanOrEqual(9);
  expect(longest).toBeLessThanOrEqual(100);
  const wide = op("add", bench.array(new Array(1 << 18).fill(0)), number(1));
  expect(window.add(wide)).toBe(true);
});

// The plan cache: least recently used plans go first, one warning for a storm of shapes. And flush windows.
import type { Node } from "@weft/ir";
import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { FlushWindow } from "./flush.ts";
import { MAX_PLANS, STORM_PLANS } from "./limits.ts";
import { onWarning } from "./plan-cache.ts";
import { clearPlans } from "./stats.ts";
import { createBench, number, op } from "./testing/operations.ts";

test("eight plans of one program for eight sizes give one warning", () => {
  const warnings: string[] = [];
  onWarning((message) => warnings.push(message));
  const bench = createBench();
  for (let n = 1; n <= 3 * STORM_PLANS; n++) bench.read(op("sin", bench.array(new Array(n).fill(0))));
  onWarning(() => undefined);
  expect(bench.plans).toBe(3 * STORM_PLANS);
  expect(warnings.length).toBe(1);
  expect(warnings[0]).toContain("sizes");
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

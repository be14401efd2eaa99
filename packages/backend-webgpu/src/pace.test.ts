import { describe, expect, test } from "vitest";

import { KERNEL_RATE, PRODUCT_RATE, SEGMENT_MS, SEGMENTS_IN_FLIGHT } from "./limits.ts";
import { Pace } from "./pace.ts";

/** A pace whose device ends work when told to, by a clock that stands still otherwise. */
function bed(): { pace: Pace; end(): Promise<void>; pass(ms: number): void } {
  let time = 0;
  const asked: (() => void)[] = [];
  const completion = (): Promise<void> => new Promise((resolve) => asked.push(resolve));
  const pace = new Pace(false, completion, () => time);
  return {
    pace,
    end: async () => {
      asked.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
    pass: (ms) => {
      time += ms;
    },
  };
}

const kernels = (ms: number): { kernels: number; products: number } => ({ kernels: ms * KERNEL_RATE.gpu, products: 0 });

describe("the pace of a device", () => {
  test("small runs add up; large ones are waited for when two are under way", async () => {
    const { pace, end } = bed();
    for (let i = 0; i < 9; i++) pace.submitted(kernels(SEGMENT_MS / 10));
    expect(pace.inFlight).toBe(0);
    pace.submitted(kernels(SEGMENT_MS / 5));
    expect(pace.inFlight).toBe(1);
    expect(pace.wait()).toBe(null);
    pace.submitted(kernels(SEGMENT_MS));
    expect(pace.inFlight).toBe(SEGMENTS_IN_FLIGHT);
    expect(pace.stalls).toBe(0);
    const wait = pace.wait();
    expect(pace.stalls).toBe(1);
    expect(wait).toBeInstanceOf(Promise);
    let waited = false;
    void wait?.then(() => (waited = true));
    await Promise.resolve();
    expect(waited).toBe(false);
    await end();
    expect(waited).toBe(true);
    expect(pace.wait()).toBe(null);
  });

  test("rates approach what single submissions take, apart for kernels and products", async () => {
    const { pace, end, pass } = bed();
    const slow = 64;
    const before = pace.work(1, true);
    for (let i = 0; i < 12; i++) {
      const work = pace.work(SEGMENT_MS + 1, false);
      pace.submitted({ kernels: work, products: 0 });
      pass((work / KERNEL_RATE.gpu) * slow);
      await end();
    }
    expect(pace.work(1, false)).toBeGreaterThan(KERNEL_RATE.gpu / slow / 1.1);
    expect(pace.work(1, false)).toBeLessThan((KERNEL_RATE.gpu / slow) * 1.1);
    expect(pace.work(1, true)).toBe(before);
    pace.submitted({ kernels: 0, products: SEGMENT_MS * PRODUCT_RATE.gpu });
    pass(SEGMENT_MS / 4);
    await end();
    expect(pace.work(1, true)).toBeCloseTo(PRODUCT_RATE.gpu * 2, 5);
  });

  test("runs that only add up to a portion tell no rate: the device may have idled between them", async () => {
    const { pace, end, pass } = bed();
    for (let i = 0; i < 10; i++) {
      pass(1000);
      pace.submitted(kernels(SEGMENT_MS / 10));
    }
    pass(1000);
    await end();
    expect(pace.inFlight).toBe(0);
    expect(pace.work(1, false)).toBe(KERNEL_RATE.gpu);
  });

  test("a lost device ends every wait, and what it still says counts for nothing", async () => {
    const { pace, end } = bed();
    pace.submitted(kernels(SEGMENT_MS));
    pace.submitted(kernels(SEGMENT_MS));
    const wait = pace.wait();
    pace.abandon();
    await wait;
    pace.submitted(kernels(SEGMENT_MS));
    await end();
    expect(pace.inFlight).toBe(1);
  });
});

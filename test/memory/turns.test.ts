// The event loop's share: programs that await small results without end let timers, other promises and finalizers run.
import type { NDArray } from "@weft/api";
import { blockUntilReady, deviceGet, jit, numpy as np, valueAndGrad } from "@weft/api";
import { expect, test } from "vitest";

const scaled = jit((w: NDArray) => w.mul(0.999).add(0.001));
const loss = valueAndGrad((w: NDArray) => np.sum(w.mul(w)));

/** One step of a program, by what it awaits. */
const STEPS: Readonly<Record<string, (w: NDArray) => Promise<NDArray>>> = {
  "data() of what is recorded": async (w) => {
    const next = w.mul(0.999).add(0.001);
    await next.data();
    return next;
  },
  "data() of what is there already": async (w) => {
    await w.data();
    return w;
  },
  "data() of a jitted result": async (w) => {
    const next = scaled(w);
    await next.data();
    return next;
  },
  "ready()": async (w) => scaled(w).ready(),
  "blockUntilReady of a tree": async (w) => (await blockUntilReady({ w: w.mul(0.5) })).w,
  "deviceGet of a tree": async (w) => (await deviceGet([w.mul(0.5)]))[0],
  "a gradient's value": async (w) => {
    const [value, gradient] = loss(w);
    await value.data();
    return w.sub(gradient.mul(0.1));
  },
};

test.each(Object.keys(STEPS))("a loop that awaits %s lets timers run", async (name) => {
  let w = np.ones([3]);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  // it ends only by a timer, or far too late
  for (let i = 0; i < 300_000 && ticks < 5; i++) w = await STEPS[name](w);
  clearInterval(timer);
  expect(ticks).toBe(5);
});

test("two loops at once, and one that fails, take turns", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const loop = async (name: string): Promise<void> => {
    let w = np.ones([3]);
    for (let i = 0; i < 300_000 && ticks < 5; i++) w = await STEPS[name](w);
  };
  const failing = async (): Promise<number> => {
    const x = np.ones([3]);
    x.dispose();
    let failed = 0;
    for (let i = 0; i < 100; i++) await x.data().catch(() => failed++);
    return failed;
  };
  const names = Object.keys(STEPS);
  const [, , failed] = await Promise.all([loop(names[0]), loop(names[3]), failing()]);
  clearInterval(timer);
  expect([ticks, failed]).toEqual([5, 100]);
});

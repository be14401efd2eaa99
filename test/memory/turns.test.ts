// The event loop's share: programs that await small results without end let timers, other promises and finalizers run.
import type { NDArray } from "@weft/api";
import { blockUntilReady, deviceGet, grad, jit, numpy as np, ShapeDtypeStruct, valueAndGrad, vmap } from "@weft/api";
import { hostTurns } from "@weft/scheduler";
import { describe, expect, test } from "vitest";

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

/** Programs of some hundred operations, whose plan takes long. */
const chain = (x: NDArray): NDArray => {
  let y = x;
  for (let i = 0; i < 300; i++) y = i % 3 === 0 ? np.sin(y) : i % 3 === 1 ? y.mul(x) : y.add(0.5);
  return np.sum(y);
};
const start = (): NDArray => np.linspace(0, 1, 50);
const LONG: Readonly<Record<string, () => Promise<unknown>>> = {
  "compile() of a gradient": () => jit(grad(chain)).compile(start()),
  "compile() for a shape": () => jit(chain).compile(new ShapeDtypeStruct([70])),
  "compile() of a batch": () => jit(vmap(chain)).compile(np.ones([3, 40])),
  "data() of a gradient that was recorded": () => grad(chain)(start()).data(),
  "ready() of a value": () => chain(start()).ready(),
  "blockUntilReady of a value and a gradient": () => blockUntilReady(valueAndGrad(chain)(start())),
  "deviceGet of a value": () => deviceGet({ y: np.negative(chain(start())) }),
};

describe("plans that take long are made in slices by who awaits them", () => {
  test.each(Object.keys(LONG))("%s", async (name) => {
    let [clock, turns] = [0, 0];
    // a clock that goes on at every look: how many parts there are is seen, not how long they take
    const before = hostTurns({
      now: () => clock++,
      soon: (callback) => {
        turns++;
        setTimeout(callback, 0);
      },
    });
    try {
      await LONG[name]();
    } finally {
      hostTurns(before);
    }
    expect(turns).toBeGreaterThan(5);
  });

  test("values are the same, sliced or not, read at once or while others plan", async () => {
    const x = start();
    const expected = grad(chain)(x).tolist() as number[];
    const [one, two, three] = [1, 2, 3].map((by) => grad(chain)(start().mul(by)).mul(by));
    const asked = [one, two, three].map((y) => y.data());
    x.dispose();
    // reads at once what is planned in slices
    expect(one.tolist()).toEqual(expected);
    for (const y of [one, two, three]) y.dispose();
    const found = await Promise.all(asked);
    expect([...found[0]]).toEqual(expected);
    const again = [2, 3].map((by) => grad(chain)(start().mul(by)).mul(by).tolist());
    expect(found.slice(1).map((data) => [...data])).toEqual(again);
  });

  test("a jitted call while it is compiled in slices computes", async () => {
    const f = jit(grad(chain));
    const x = start();
    const compiling = f.compile(x);
    const found = f(x).tolist();
    await compiling;
    expect(found).toEqual(f(x).tolist());
    f.dispose();
  });
});

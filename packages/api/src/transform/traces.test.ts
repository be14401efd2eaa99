// Traces of jitted functions: how many are kept, what becomes of those that go, and the one warning that says what differs.
import { createInterpreter, liveArrays, onWarning } from "@weft/scheduler";
import type { Backend } from "@weft/ir";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { NDArray } from "../index.ts";
import { grad, jit, memory, numpy as np } from "../index.ts";
import { useBackend } from "../device/devices.ts";
import { MAX_TRACES, WARN_FUNCTIONS, WARN_TRACES } from "./traces.ts";

const device: Backend = createInterpreter();
let before: Backend | null = null;
beforeAll(() => {
  before = useBackend(device);
});
afterAll(() => void useBackend(before));

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  // those for plans have tests of their own
  onWarning((message) => {
    if (message.includes("jit")) warnings.push(message);
  });
});
afterEach(() => onWarning(() => undefined));

describe("how many are kept", () => {
  test("no more than so many a function, the last used ones, and those that went are made again", () => {
    let traced = 0;
    const f = jit(
      (x: NDArray, n: number) => {
        traced++;
        return x.mul(n);
      },
      { staticArgnums: 1 },
    );
    const { traces, jittedPlans } = memory();
    const x = np.array([1, 2]);
    for (let n = 0; n < MAX_TRACES + 50; n++) {
      expect(f(x, n).tolist()).toEqual([n, 2 * n]);
      // used all the time
      f(x, 7);
    }
    expect(memory().traces - traces).toBe(MAX_TRACES);
    expect(memory().jittedPlans - jittedPlans).toBe(MAX_TRACES);
    expect(traced).toBe(MAX_TRACES + 50);
    f(x, 7);
    expect(traced).toBe(MAX_TRACES + 50);
    expect(f(x, 3).tolist()).toEqual([3, 6]);
    expect(traced).toBe(MAX_TRACES + 51);
    f.clearCache();
    expect(memory().traces).toBe(traces);
    expect(memory().jittedPlans).toBe(jittedPlans);
    expect(f(x, 3).tolist()).toEqual([3, 6]);
    f.dispose();
    expect(memory().traces).toBe(traces);
  });

  test("what a trace closed over goes with it, and is counted meanwhile", () => {
    const { capturedBytes } = memory();
    const arrays = liveArrays(device).length;
    let closedOver = np.arange(3);
    const f = jit((x: NDArray, _n: number) => x.add(closedOver), { staticArgnums: 1 });
    for (let n = 0; n < MAX_TRACES + 20; n++) {
      closedOver = np.array([n, n, n]);
      expect(f(np.zeros([3]), n).tolist()).toEqual([n, n, n]);
      closedOver.dispose();
    }
    expect(memory().capturedBytes - capturedBytes).toBe(MAX_TRACES * 12);
    f.clearCache();
    expect(memory().capturedBytes).toBe(capturedBytes);
    expect(liveArrays(device).filter(({ bytes }) => bytes === 12).length - arrays).toBeLessThan(MAX_TRACES * 3);
  });

  test("traces of one function do not push out another's", () => {
    const kept = jit((x: NDArray) => x.add(1));
    const x = np.array([1]);
    kept(x);
    const { traces } = memory();
    const f = jit((y: NDArray, n: number) => y.mul(n), { staticArgnums: 1 });
    for (let n = 0; n < MAX_TRACES + 5; n++) f(x, n);
    kept(x);
    expect(memory().traces - traces).toBe(MAX_TRACES);
    f.dispose();
  });
});

describe("the warning", () => {
  const many = 3 * WARN_TRACES;
  const x = (): NDArray => np.array([1, 2]);

  test("comes once, names the function and a static value", () => {
    function scale(y: NDArray, n: number): NDArray {
      return y.mul(n);
    }
    const f = jit(scale, { staticArgnums: 1 });
    for (let n = 0; n < many; n++) f(x(), n);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain(`weft: jit(scale) was traced ${WARN_TRACES} times`);
    expect(warnings[0]).toContain("What differs: static argument 1 (0, 1, 2, …).");
  });

  test("does not come before", () => {
    const f = jit((y: NDArray, n: number) => y.mul(n), { staticArgnums: 1 });
    for (let n = 0; n < WARN_TRACES - 1; n++) f(x(), n);
    for (let i = 0; i < many; i++) f(x(), 0);
    expect(warnings).toEqual([]);
  });

  const said = (call: (i: number) => void): string => {
    for (let i = 0; i < many; i++) call(i);
    expect(warnings.length).toBe(1);
    return /What differs: (.*?)\. Pass/u.exec(warnings[0])?.[1] ?? warnings[0];
  };

  test("names a shape", () => {
    const f = jit(({ w }: { w: NDArray }, y: NDArray) => w.sum().add(y));
    expect(said((i) => f({ w: np.zeros([2, i + 1]) }, x()))).toBe(
      "argument 0.w (float32[2,1], float32[2,2], float32[2,3], …)",
    );
  });

  test("names a dtype among shapes", () => {
    const f = jit((y: NDArray) => y.add(1));
    const text = said((i) => f(np.zeros([1 + (i >> 1)], { dtype: i % 2 === 0 ? "int32" : "float32" })));
    expect(text).toBe("argument 0 (int32[1], float32[1], int32[2], …)");
  });

  test("names the tree", () => {
    const f = jit((tree: Record<string, NDArray>) => Object.values(tree)[0].mul(2));
    const text = said((i) => f({ [`name${i}`]: x() }));
    expect(text).toContain("the tree of the arguments (");
    expect(text).toContain("name0");
  });

  test("names static values that are compared by identity", () => {
    class Settings {
      readonly scale = 2;
    }
    const f = jit((y: NDArray, settings: Settings) => y.mul(settings.scale), { staticArgnums: 1 });
    expect(said(() => f(x(), new Settings()))).toBe("static argument 1 (another object each time)");
  });

  test("names several things, the first of them", () => {
    const f = jit((a: NDArray, b: NDArray, c: NDArray, d: NDArray, n: number) => [a, b, c, d].map((y) => y.mul(n)), {
      staticArgnums: 4,
    });
    const text = said((i) => {
      const y = np.zeros([i + 1]);
      f(y, y, y, y, i);
    });
    expect(text).toMatch(/^static argument 4 \(0, 1, 2, …\); argument 0 \(.*\); argument 1 \(.*\); 2 more$/u);
  });

  test("names a closure over values of a transformation that is open", () => {
    let closedOver = x();
    const inner = jit((y: NDArray) => y.mul(closedOver));
    const f = grad((z: NDArray) => {
      closedOver = z.mul(2);
      return inner(z).sum();
    });
    expect(said(() => expect(f(x()).tolist()).toEqual([4, 8]))).toContain("its closure");
  });

  test("names the closures of functions that are jitted again and again, once", () => {
    const call = (n: number): void => {
      const again = jit((y: NDArray) => y.add(n).mul(n).add(3));
      expect(again(x()).tolist()).toEqual([(1 + n) * n + 3, (2 + n) * n + 3]);
      again.dispose();
    };
    for (let n = 0; n < WARN_FUNCTIONS - 1; n++) call(n);
    expect(warnings).toEqual([]);
    for (let n = 0; n < WARN_FUNCTIONS; n++) call(n);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain("functions like jit(f) were jitted and traced");
    expect(warnings[0]).toContain("What differs: their closures");
  });
});

// Loops of users leave no more behind than a bound, whatever they forget to dispose of: cached results, the operands that a
// call had converted, whether it threw or not, and arrays that no handle reaches.
import type { NDArray } from "@weft/api";
import { grad, jit, jvp, memory, numpy as np, valueAndGrad, vjp, vmap, WeftError } from "@weft/api";
import { MAX_CACHED } from "@weft/scheduler";
import { describe, expect, test } from "vitest";
import { collectUntil } from "../support/collect.ts";

const size = 24; // more than a kilobyte an array
const loss = (w: NDArray): NDArray => np.sum(np.square(w.matmul(w).add(w)).mul(0.001));
const start = (): NDArray => np.full([size, size], 0.01);

/** What is done with the array of the step before; nothing is disposed of. */
const STEPS: Readonly<Record<string, (w: NDArray) => NDArray>> = {
  "valueAndGrad, unjitted": (w) => {
    const [value, g] = valueAndGrad(loss)(w);
    expect(Number.isFinite(value.item())).toBe(true);
    return w.sub(g.mul(0.01));
  },
  "grad, unjitted": (w) => w.sub(grad(loss)(w).mul(0.01)),
  "valueAndGrad of what is vmapped": (w) => {
    const [value, g] = valueAndGrad((x: NDArray) => np.sum(vmap((row: NDArray) => np.dot(row, row))(x)))(w);
    expect(Number.isFinite(value.item())).toBe(true);
    return w.sub(g.mul(0.01));
  },
  jvp: (w) => {
    const [value, tangent] = jvp(loss, [w], [w]);
    expect(Number.isFinite(Number(value.item()) + Number(tangent.item()))).toBe(true);
    return w.mul(0.999);
  },
  "products and sums that are read": (w) => {
    const product = w.matmul(w);
    const sums = np.sum(product, 0);
    expect(Number.isFinite(np.max(sums).item())).toBe(true);
    return product.div(np.max(np.abs(product)));
  },
  "a jitted gradient in unjitted code": (w) => w.sub(np.clip(jitted(w), -1, 1).mul(0.01)),
};
const jitted = jit(grad(loss));

/** Of the last step some arrays may still lie on the stack, and results that its handles reach are kept. */
const LEFT = 12;

describe("a synchronous loop keeps nothing that no handle reaches", () => {
  test.each(Object.keys(STEPS))("%s", async (name) => {
    const before = memory();
    let w = start();
    for (let i = 0; i < 60; i++) w = STEPS[name](w);
    w.dataSync();
    expect(memory().cachedResults).toBeLessThanOrEqual(MAX_CACHED);
    const isFew = (): boolean => {
      const { arrays, cachedResults, bytes } = memory();
      return (
        arrays <= before.arrays + LEFT &&
        cachedResults <= before.cachedResults + LEFT &&
        bytes <= before.bytes + LEFT * 4 * size * size
      );
    };
    await collectUntil(isFew);
    expect(isFew()).toBe(true);
    expect(w.disposed).toBe(false);
  });
});

/** Calls that convert something large and then throw. */
const large = new Float32Array(50_000);
const CALLS: Readonly<Record<string, () => unknown>> = {
  "np.add": () => np.add(large, np.ones([3])),
  "a method": () => np.ones([3]).mul(large),
  "np.where": () => np.where(np.ones([3]).greater(0), large, large),
  "np.concatenate of different ranks": () => np.concatenate([large, [[1, 2]]]),
  "np.matmul": () => np.matmul(large, [[1, 2]]),
  "a jitted function whose body throws": () =>
    jit((x: NDArray) => {
      void np.add(large, np.ones([3]));
      return x;
    })(np.ones([2])),
  "a gradient whose function throws": () =>
    grad((x: NDArray) => np.sum(x.add(large).add(np.ones([7]))))(np.ones([50_000])),
  "np.reshape to another size": () => np.reshape(large, [7, 7]),
};

describe("a call that throws leaves nothing on the device", () => {
  test.each(Object.keys(CALLS))("%s", async (name) => {
    expect(CALLS[name]).toThrow(WeftError);
    const { arrays } = memory();
    for (let i = 0; i < 10; i++) expect(CALLS[name]).toThrow(WeftError);
    // what the user's own function made itself is for the collector
    if (name.includes("throws")) await collectUntil(() => memory().arrays <= arrays);
    expect(memory().arrays).toBeLessThanOrEqual(arrays);
  });
});

/** Calls that are given typed arrays, which have no handle; the result is read and disposed of. */
const GIVEN: Readonly<Record<string, () => NDArray>> = {
  "np.add": () => np.add(large, 1),
  "a method": () => np.ones([3]).add(large.subarray(0, 3)).mul(large.subarray(0, 1)),
  "np.stack of several": () => np.stack([large, large]),
  "a list of them": () => np.max([large, large]),
  "what calls others": () => np.var(large),
  "what was never read": () => np.exp(large),
  "a view": () => np.reshape(large, [2, -1]),
  "where two are chosen from": () => np.where(large, large, 1),
  "jit, its second call": () => twice(large),
  "jit, in a tree": () => ofTree({ w: large, n: 2 }),
  "jit, passed through": () => jit((x: NDArray) => x)(large),
};
const twice = jit((x: NDArray) => x.mul(2));
const ofTree = jit(({ w, n }: { w: NDArray; n: NDArray }) => w.mul(n));

describe("typed arrays that a call is given go with what uses them, without the collector", () => {
  test.each(Object.keys(GIVEN))("%s", (name) => {
    const once = (): void => {
      const result = GIVEN[name]();
      if (!name.includes("never read")) expect(Number.isFinite(result.dataSync()[0])).toBe(true);
      result.dispose();
    };
    once();
    const { arrays } = memory();
    for (let i = 0; i < 5; i++) once();
    expect(memory().arrays).toBeLessThanOrEqual(arrays);
  });

  test("what holds one keeps it", () => {
    const held = np.add(large, 1);
    expect(np.sum(held).item()).toBe(large.length);
    expect(np.max(held).item()).toBe(1);
    const closed = jit((x: NDArray) => x.add(large.subarray(0, 2)));
    expect(closed(np.ones([2])).tolist()).toEqual([1, 1]);
    expect(closed(np.ones([2])).tolist()).toEqual([1, 1]);
    const [y, pullback] = vjp((x: NDArray) => x.mul(Float32Array.of(3, 4)), [np.ones([2])]);
    expect(y.tolist()).toEqual([3, 4]);
    expect(String(pullback(np.ones([2])))).toContain("3. 4.");
  });
});

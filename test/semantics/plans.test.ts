// SEMANTICS 3.1 and 3.2: how many plans a program makes, and that plans of different programs are not mixed up.
import type { NDArray } from "@weft/api";
import { grad, jit, lax, memory, numpy as np, valueAndGrad, vmap } from "@weft/api";
import { describe, expect, test } from "vitest";

/** How many plans f adds to those that are kept. */
function plansOf(f: () => void): number {
  const before = memory().plans;
  f();
  return memory().plans - before;
}

describe("loops have a fixed number of plans (3.1)", () => {
  const run = (steps: number) => (): void => {
    let x = np.linspace(0, 1, 7);
    const c = np.full([7], 0.9);
    for (let i = 0; i < steps; i++) {
      x = np.sin(x).mul(c);
      x.sum().item();
    }
  };
  test("values that are held and only their sums read", () => {
    const few = plansOf(run(10));
    expect(few).toBeLessThanOrEqual(3);
    expect(plansOf(run(40))).toBe(0);
  });

  test("a training loop that reads its loss before it uses the gradients", () => {
    const x = np.array(Float32Array.from({ length: 12 }, (_, i) => i / 6 - 1)).reshape(4, 3);
    x.dataSync();
    const loss = (w: NDArray): NDArray => np.mean(np.square(np.tanh(x.matmul(w)).sub(0.3)));
    const train = (steps: number): number => {
      let w = np.array([0.1, 0.2, 0.3]);
      let last = 0;
      for (let i = 0; i < steps; i++) {
        const [value, g] = valueAndGrad(loss)(w);
        last = Number(value.item());
        w = w.sub(g.mul(0.1 / (i + 1)));
      }
      return last;
    };
    expect(plansOf(() => train(4))).toBeLessThanOrEqual(5);
    expect(plansOf(() => train(12))).toBe(0);
    expect(train(12)).toBeLessThan(train(1));
  });
});

describe("numbers are slots, structure is the key (3.2)", () => {
  test("one element or row after the other is set by one plan", () => {
    const fill = (n: number) => (): void => {
      let x = np.zeros([n, 3]);
      for (let i = 0; i < 6; i++)
        x = x
          .at(i)
          .set(i + 1)
          .at(i, 1)
          .add(10);
      expect(x.slice([0, 6]).tolist()).toEqual(Array.from({ length: 6 }, (_, i) => [i + 1, i + 11, i + 1]));
      for (let i = 0; i < 6; i++) expect(x.at(i, 0).set(7).sum(0).slice(0).item()).toBe(7 + 21 - (i + 1));
    };
    expect(plansOf(fill(6))).toBeLessThanOrEqual(4);
    expect(plansOf(fill(6))).toBe(0);
  });

  test("scalars, slice starts, powers and shifts that change make no plans", () => {
    const data = np.array(Float32Array.from({ length: 20 }, (_, i) => i));
    const each = (i: number): void => {
      expect(
        data
          .slice([i, i + 3])
          .mul(i + 0.5)
          .tolist(),
      ).toEqual([0, 1, 2].map((k) => (i + k) * (i + 0.5)));
      expect(lax.dynamicSlice(data, [i], [2]).tolist()).toEqual([i, i + 1]);
      expect(np.power(data.slice([1, 4]), i + 5.5).shape).toEqual([3]);
      expect(np.full([2], i).tolist()).toEqual([i, i]);
    };
    each(1);
    expect(plansOf(() => [2, 3, 4, 5].forEach(each))).toBe(0);
  });

  test("gradients and batches of them do not depend on the numbers either", () => {
    const x = np.array([1, 2, 3]);
    const each = (i: number): void => {
      expect(grad((y: NDArray) => np.sum(y.mul(y).mul(i)))(x).tolist()).toEqual([2 * i, 4 * i, 6 * i]);
      expect(vmap((y: NDArray) => y.mul(i).add(i))(x).tolist()).toEqual([2 * i, 3 * i, 4 * i]);
    };
    each(2);
    expect(plansOf(() => [3, 4, 5.5].forEach(each))).toBe(0);
  });

  test("the same array twice is not two arrays", () => {
    const [x, y] = [np.array([1, 2, 3, 4, 5]), np.array([10, 20, 30, 40, 50])];
    expect(x.mul(x).add(x).tolist()).toEqual([2, 6, 12, 20, 30]);
    expect(x.mul(y).add(x).tolist()).toEqual([11, 42, 93, 164, 255]);
    expect(x.mul(y).add(y).tolist()).toEqual([20, 60, 120, 200, 300]);
    expect(x.mul(x).add(y).tolist()).toEqual([11, 24, 39, 56, 75]);
  });

  test("zeros keep their sign, NaN survives", () => {
    const x = np.array([1]);
    const times = (by: number): number => (x.mul(by).tolist() as number[])[0];
    expect([times(0), times(-0), times(NaN), times(-Infinity)]).toEqual([0, -0, NaN, -Infinity]);
    const added = (to: NDArray, by: number): number => (to.add(by).tolist() as number[])[0];
    expect([added(np.array([-0]), 0), added(np.array([-0]), -0)]).toEqual([0, -0]);
    const jitted = jit((a: NDArray) => [a.add(0), a.mul(1), a.sub(0), a.mul(0)] as const);
    expect(jitted(np.array([-0])).map((one) => (one.tolist() as number[])[0])).toEqual([0, -0, -0, -0]);
    expect((jitted(np.array([NaN]))[3].tolist() as number[])[0]).toBeNaN();
  });
});

test("a jitted function runs one plan, which the numbers it is given do not change", () => {
  const f = jit((x: NDArray, n: NDArray) => np.sin(x).mul(n));
  const x = np.array([1, 2]);
  f(x, 1);
  expect(
    plansOf(() => {
      for (let i = 2; i < 6; i++) f(x, i).dataSync();
    }),
  ).toBe(0);
});

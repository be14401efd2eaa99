// Programs whose fused kernels would be more than a compiler takes (V8: 50,000 locals, 7.6 MB a function), each with its
// value computed by plain loops in float64. They know no test runner.
import type { NDArray } from "@weft/api";
import { grad, lax, nn, numpy as np, vmap } from "@weft/api";

export interface Program {
  readonly input: readonly number[];
  readonly run: (x: NDArray) => NDArray;
  /** What `run` gives, flat. */
  readonly value: (x: readonly number[]) => readonly number[];
}

const repeat = <T>(n: number, first: T, next: (value: T, i: number) => T): T => {
  let value = first;
  for (let i = 0; i < n; i++) value = next(value, i);
  return value;
};
const sumOf = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0);
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

const softmax = (x: readonly number[]): number[] => {
  const most = Math.max(...x);
  const e = x.map((v) => Math.exp(v - most));
  const total = sumOf(e);
  return e.map((v) => v / total);
};
/** The cotangent of softmax's operand, from its result and that result's cotangent. */
const softmaxBack = (y: readonly number[], ct: readonly number[]): number[] => {
  const mean = sumOf(y.map((v, i) => v * ct[i]));
  return y.map((v, i) => v * (ct[i] - mean));
};
const centred = (x: readonly number[]): number[] => {
  const mean = sumOf(x) / x.length;
  return x.map((v) => v - mean * 0.5);
};

const eight = [0.5, -1, 2, 0.25, -0.75, 1.5, 3, -2];

const padded = (n: number) => (x: NDArray) => repeat(n, x, (y) => np.pad(y, 1));
const softmaxes = (n: number) => (x: NDArray) => repeat(n, x, (y) => nn.softmax(y).mul(3));
const sines = (n: number) => (x: NDArray) => repeat(n, x, (y) => np.sin(y));
const choices = (n: number) => (x: NDArray) =>
  repeat(n, x, (y, i) => np.where(y.greater(i % 3), y.mul(0.5), y.add(0.75)));
const chosen = (n: number) => (v: number) => repeat(n, v, (y, i) => (y > i % 3 ? y * 0.5 : y + 0.75));

export const PROGRAMS: Readonly<Record<string, Program>> = {
  "300 pads": {
    input: eight,
    run: padded(300),
    value: (x) => [...zeros(300), ...x, ...zeros(300)],
  },
  "300 pads of different constants": {
    input: eight,
    run: (x) => repeat(300, x, (y, i) => np.pad(y, 1, { constantValues: i })),
    value: (x) => repeat(300, x, (y, i) => [i, ...y, i]),
  },
  "200 pads that cut as well": {
    input: eight,
    run: (x) => repeat(200, x, (y) => lax.pad(y, 0.5, [[2, -1, 0]])),
    value: (x) => repeat(200, x, (y) => [0.5, 0.5, ...y.slice(0, -1)]),
  },
  "100 reflections at the edges": {
    input: eight,
    run: (x) => repeat(100, x, (y) => np.pad(y, 1, { mode: "reflect" }).add(1)),
    value: (x) => repeat(100, x, (y) => [y[1], ...y, y[y.length - 2]].map((v) => v + 1)),
  },
  "300 concatenations": {
    input: eight,
    run: (x) => repeat(300, x, (y, i) => np.concatenate([x.slice([0, 1]).add(i), y, x.slice([1, 2])])),
    value: (x) => repeat(300, x, (y, i) => [x[0] + i, ...y, x[1]]),
  },
  "300 rolls": {
    input: eight,
    run: (x) => repeat(300, x, (y) => np.roll(y, 3).add(1)),
    value: (x) => repeat(300, x, (y) => y.map((_, i) => y[(i + 5) % 8] + 1)),
  },
  "200 softmaxes": {
    input: eight,
    run: softmaxes(200),
    value: (x) => repeat(200, x, (y) => softmax(y).map((v) => v * 3)),
  },
  "150 rows centred": {
    input: eight,
    run: (x) => repeat(150, x, (y) => y.sub(np.mean(y).mul(0.5))),
    value: (x) => repeat(150, x, centred),
  },
  "100 rows divided by what is largest in them": {
    input: eight,
    run: (x) => repeat(100, x, (y) => y.div(np.max(y)).add(0.125)),
    value: (x) =>
      repeat(100, x, (y) => {
        const most = Math.max(...y);
        return y.map((v) => v / most + 0.125);
      }),
  },
  "2,000 sines": { input: eight, run: sines(2000), value: (x) => x.map((v) => repeat(2000, v, Math.sin)) },
  "3,000 additions": {
    input: eight,
    run: (x) => repeat(3000, x, (y, i) => y.add(i % 4)),
    value: (x) => x.map((v) => v + 4500),
  },
  "1,000 choices": { input: eight, run: choices(1000), value: (x) => x.map(chosen(1000)) },
  "a sum of 600 one-hot choices": {
    input: eight,
    run: (x) => repeat(600, x, (y, i) => y.add(np.where(np.arange(8).equal(i % 8), x, 0))),
    value: (x) => x.map((v) => v * 76),
  },
  "600 results side by side": {
    input: eight,
    run: (x) => np.stack(Array.from({ length: 600 }, (_, i) => np.cos(x.mul(i / 100)))),
    value: (x) => Array.from({ length: 600 }, (_, i) => x.map((v) => Math.cos((v * i) / 100))).flat(),
  },
  "twelve blurs of 81 taps, added": {
    input: Array.from({ length: 144 }, (_, i) => ((i * 37) % 101) / 10),
    run: (x) => {
      const channels = Array.from({ length: 12 }, (_, c) => {
        const image = np.pad(x.reshape([12, 12]).add(c), 4);
        return repeat(81, np.zeros([12, 12]), (sum, k) => {
          const [i, j] = [Math.floor(k / 9), k % 9];
          return sum.add(image.slice([i, i + 12], [j, j + 12]).mul((k % 5) - 2));
        });
      });
      return channels.reduce((a, b) => a.add(b)).ravel();
    },
    value: (x) =>
      x.map((_, at) => {
        let total = 0;
        for (let c = 0; c < 12; c++)
          for (let k = 0; k < 81; k++) {
            const row = Math.floor(at / 12) + Math.floor(k / 9) - 4;
            const col = (at % 12) + (k % 9) - 4;
            if (row >= 0 && row < 12 && col >= 0 && col < 12) total += (x[row * 12 + col] + c) * ((k % 5) - 2);
          }
        return total;
      }),
  },
  "the gradient of 300 pads": {
    input: eight,
    run: grad((x: NDArray) => np.sum(np.square(padded(300)(x)))) as (x: NDArray) => NDArray,
    value: (x) => x.map((v) => 2 * v),
  },
  "the gradient of 60 softmaxes": {
    input: eight,
    run: grad((x: NDArray) => np.sum(softmaxes(60)(x).mul(np.arange(8)))) as (x: NDArray) => NDArray,
    value: (x) => {
      const results: number[][] = [];
      repeat<readonly number[]>(60, x, (y) => {
        const next = softmax(y);
        results.push(next);
        return next.map((v) => v * 3);
      });
      let ct = eight.map((_, i) => i);
      for (const y of results.toReversed())
        ct = softmaxBack(
          y,
          ct.map((v) => v * 3),
        );
      return ct;
    },
  },
  "the gradient of 400 sines": {
    input: eight,
    run: grad((x: NDArray) => np.sum(sines(400)(x))) as (x: NDArray) => NDArray,
    value: (x) =>
      x.map((v) => {
        let product = 1;
        repeat(400, v, (y) => {
          product *= Math.cos(y);
          return Math.sin(y);
        });
        return product;
      }),
  },
  "the gradient of 500 choices": {
    input: eight,
    run: grad((x: NDArray) => np.sum(choices(500)(x))) as (x: NDArray) => NDArray,
    value: (x) =>
      x.map((v) => {
        let product = 1;
        repeat(500, v, (y, i) => {
          if (y > i % 3) product *= 0.5;
          return y > i % 3 ? y * 0.5 : y + 0.75;
        });
        return product;
      }),
  },
  "vmap of 200 softmaxes": {
    input: eight,
    run: (x) => vmap(softmaxes(200))(x.reshape([2, 4])).ravel(),
    value: (x) => [x.slice(0, 4), x.slice(4)].flatMap((row) => repeat(200, row, (y) => softmax(y).map((v) => v * 3))),
  },
  "vmap of 300 pads": {
    input: eight,
    run: (x) => vmap(padded(300))(x.reshape([2, 4])).ravel(),
    value: (x) => [x.slice(0, 4), x.slice(4)].flatMap((row) => [...zeros(300), ...row, ...zeros(300)]),
  },
};

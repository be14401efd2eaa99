// Planning is near-linear: a program of twice the size takes about twice the steps to record and plan. Steps are calls
// of the collections that planning works with, counted while it runs, so that no clock is read. (A plan may begin again three
// times, where kernels came out with too many buffers; the sizes here do not differ in that.)
import type { NDArray } from "@weft/api";
import { defaultDevice, grad, init, lax, numpy as np } from "@weft/api";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await init({ devices: ["wasm"] });
  defaultDevice("wasm");
});

const repeat = (n: number, first: NDArray, next: (value: NDArray, i: number) => NDArray): NDArray => {
  let value = first;
  for (let i = 0; i < n; i++) value = next(value, i);
  return value;
};
const each = (n: number, part: (i: number) => NDArray): NDArray[] => Array.from({ length: n }, (_, i) => part(i));
const gradient = (f: (x: NDArray) => NDArray, x: NDArray): NDArray =>
  grad((y: NDArray) => np.sum(np.square(f(y))))(x) as NDArray;

const slices = (n: number) => (x: NDArray) => repeat(n, x, (y) => y.slice([1, null]));
const pads = (n: number) => (x: NDArray) => repeat(n, x, (y) => np.pad(y, 1));

/** Each program with the last element of its result. */
const PROGRAMS: Readonly<Record<string, readonly [run: (n: number) => NDArray, last: (n: number) => number]>> = {
  slices: [(n) => slices(n)(np.arange(n + 8)), (n) => n + 7],
  pads: [(n) => pads(n)(np.ones([8])), () => 0],
  "pads that cut": [(n) => repeat(n, np.ones([8]), (y) => lax.pad(y, 0.5, [[2, -1, 0]])), () => 0.5],
  rolls: [(n) => repeat(n, np.arange(64), (y) => np.roll(y, 3)), (n) => (((63 - 3 * n) % 64) + 64) % 64],
  "flips and transposes": [(n) => repeat(n, np.ones([2, 3]), (y) => np.flip(y, 0).T), () => 1],
  reshapes: [(n) => repeat(n, np.arange(64), (y, i) => y.reshape(i % 2 === 0 ? [8, 8] : [64])), () => 63],
  "elements set": [(n) => repeat(n, np.zeros([8]), (y, i) => y.at(i % 8).set(i)), (n) => n - 1 - (n % 8)],
  "elements added": [(n) => repeat(n, np.zeros([8]), (y, i) => y.at(i % 8).add(1)), (n) => Math.floor(n / 8)],
  additions: [(n) => repeat(n, np.zeros([8]), (y, i) => y.add(i)), (n) => (n * (n - 1)) / 2],
  "neighbours added": [(n) => repeat(n, np.arange(n + 8), (y) => y.slice([1, null]).sub(y.slice([null, -1]))), () => 0],
  "a join of slices": [
    (n) => {
      const x = np.arange(n);
      return np.concatenate(each(n, (i) => x.slice([i, i + 1])));
    },
    (n) => n - 1,
  ],
  "a join of sums": [(n) => np.concatenate(each(n, (i) => np.ones([2]).add(i))), (n) => n],
  "a stack": [(n) => np.stack(each(n, (i) => np.ones([2]).add(i))), (n) => n],
  "a split joined again": [
    (n) => np.concatenate(np.split(np.arange(2 * n), n).map((part) => part.mul(2))),
    (n) => 4 * n - 2,
  ],
  "a wide sum": [(n) => each(n, (i) => np.full([4], i)).reduce((a, b) => a.add(b)), (n) => (n * (n - 1)) / 2],
  "a sum of arrays": [(n) => each(n, (i) => np.array([1, i])).reduce((a, b) => a.add(b)), (n) => (n * (n - 1)) / 2],
  "the gradient of slices": [(n) => gradient(slices(n), np.ones([n + 8])), () => 2],
  "the gradient of pads": [(n) => gradient(pads(n), np.ones([8])), () => 2],
  "the gradient of a join": [
    (n) => gradient((x) => np.concatenate(each(n, (i) => x.mul(i % 2))), np.ones([4])),
    (n) => n,
  ],
  "the gradient of a stack": [(n) => gradient((x) => np.stack(each(n, () => x)), np.ones([4])), (n) => 2 * n],
  "the gradient of sums": [
    (n) => gradient((x) => repeat(n, x, (y, i) => y.add(i % 2).sub(0.5)), np.ones([4])),
    () => 2,
  ],
};

type Counted = "add" | "get" | "has" | "push" | "set" | "shift" | "splice";
/** How often the methods of collections were called. */
async function stepsOf(run: () => Promise<unknown>): Promise<number> {
  let steps = 0;
  const before: (() => void)[] = [];
  for (const [of, names] of [
    [Map.prototype, ["get", "has", "set"]],
    [Set.prototype, ["add", "has"]],
    [Array.prototype, ["push", "shift", "splice"]],
  ] as const satisfies readonly (readonly [object, readonly Counted[]])[]) {
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(of, name);
      if (own === undefined) throw new Error(`no ${name}`);
      const call = own.value as (...args: unknown[]) => unknown;
      const counting = function (this: unknown, ...args: unknown[]): unknown {
        steps++;
        return Reflect.apply(call, this, args);
      };
      Object.defineProperty(of, name, { ...own, value: counting });
      before.push(() => void Object.defineProperty(of, name, own));
    }
  }
  try {
    await run();
  } finally {
    for (const restore of before) restore();
  }
  return steps;
}

const SIZE = 300;
test.each(Object.entries(PROGRAMS))("%s", async (_name, [run, last]) => {
  const read = async (n: number): Promise<void> => {
    const data = await run(n).data();
    expect(Number(data[data.length - 1])).toBe(last(n));
  };
  await read(8);
  const once = await stepsOf(() => read(SIZE));
  const twice = await stepsOf(() => read(2 * SIZE));
  expect(twice / once).toBeLessThan(2.7);
});

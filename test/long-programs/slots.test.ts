// Numbers that callers give are inputs of a plan and no part of it: a loop over them plans once. Each case runs for a few
// numbers, then for others, which must make no plan; the last value is held against the same code inside jit, where
// numbers are constants.
import type { NDArray } from "@weft/api";
import { defaultDevice, init, jit, lax, memory, nn, numpy as np, random } from "@weft/api";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await init({ devices: ["wasm"] });
  defaultDevice("wasm");
});

const x = np.array([0.5, -1, 2, 0.25, -0.75, 1.5, 3, -2]);
const wide = x.reshape([2, 4]);
const key = random.key(0);

/** Programs of a number, an integer from 1 to 6. */
const PROGRAMS: Readonly<Record<string, (i: number) => NDArray>> = {
  "random.key": (i) => random.uniform(random.key(i), [3]),
  "random.key of large seeds": (i) => random.uniform(random.key(8294967296 + i), [3]),
  "random.key of negative seeds": (i) => random.bits(random.key(-i), [3]),
  "random.PRNGKey": (i) => random.PRNGKey(i),
  "random.foldIn": (i) => random.uniform(random.foldIn(key, i), [3]),
  "random.split of a key": (i) => {
    const [, second] = random.split(random.key(i));
    return random.keyData(second);
  },
  "bounds of random.uniform": (i) => random.uniform(key, [3], { minval: i, maxval: i + 2 }),
  "bounds of random.randint": (i) => random.randint(key, [3], i, 100 + 7 * i),
  "random.bernoulli": (i) => random.bernoulli(key, i / 10, [3]),
  "random.pareto": (i) => random.pareto(key, i, [2]),
  "tolerances of isclose": (i) => np.isclose(x, x.add(3e-3), i * 1e-3, i * 1e-4),
  "ddof of var": (i) => np.var(x, { ddof: i / 4 }),
  "ddof of std": (i) => np.std(x, { ddof: i }),
  "ddof that leaves nothing": (i) => np.var(x, { ddof: 5 + i }),
  "ddof of a masked var": (i) => np.var(x, { ddof: i / 4, where: x.greater(-1.5) }),
  "ddof of nanvar": (i) => np.nanvar(x, { ddof: i / 4 }),
  "ddof of cov": (i) => np.cov(wide, { ddof: i / 4 }),
  "starts of slices": (i) => x.slice([i, i + 2]),
  "starts of steps": (i) => x.slice([i - 1, i + 2, 2]),
  "an index": (i) => x.slice(i),
  "at set": (i) => x.at(i).set(i),
  "np.take": (i) => np.take(x, i),
  "np.roll": (i) => np.roll(x, i),
  "np.roll along two axes": (i) => np.roll(wide, [i, 2 * i], [0, 1]),
  "lax.dynamicSlice": (i) => lax.dynamicSlice(x, [i], [2]),
  "k of eye": (i) => np.eye(9, 9, i),
  "k of tri": (i) => np.tri(9, 9, i - 3),
  "k of triu": (i) => np.triu(np.ones([9, 9]), i),
  "k of tril": (i) => np.tril(np.ones([9, 9]), -i),
  "decimals of round": (i) => np.round(x.div(7), i),
  "bounds of clip": (i) => np.clip(x, -i / 3, i / 3),
  "a constant of pad": (i) => np.pad(x, 2, { constantValues: i + 3 }),
  "the value of full": (i) => np.full([4], i + 0.5),
  "start and step of arange": (i) => np.arange(i, i + 4 * (i + 1), i + 1),
  "ends of linspace": (i) => np.linspace(i, i + 5, 5),
  "the slope of leakyRelu": (i) => nn.leakyRelu(x, i / 7),
  "alpha of elu": (i) => nn.elu(x, i / 7),
  "epsilon of standardize": (i) => nn.standardize(x, { epsilon: i / 7 }),
  "a broken exponent": (i) => np.power(np.abs(x), i + 0.5),
  "an initial value": (i) => np.sum(x, { initial: i + 0.5 }),
  "dx of trapezoid": (i) => np.trapezoid(x, { dx: i + 1 }),
  "replacements of NaN": (i) => np.nanToNum(x.div(0), { nan: i, posinf: i + 1, neginf: -i }),
};

test.each(Object.entries(PROGRAMS))("%s", (_name, run) => {
  // three times, because what is touched twice is stored from then on
  for (const i of [2, 3, 4]) run(i).dataSync();
  const { plans } = memory();
  run(5).dataSync();
  run(1).dataSync();
  const last = [...run(6).dataSync()].map(Number);
  expect(memory().plans).toBe(plans);
  const constant = [...(jit(() => run(6)) as () => NDArray)().dataSync()].map(Number);
  last.forEach((value, at) => {
    if (Number.isNaN(constant[at])) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(constant[at], 5);
  });
  expect(last.length).toBe(constant.length);
});

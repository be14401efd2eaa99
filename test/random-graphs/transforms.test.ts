// Transformations of random functions against what they mean: derivatives against differences and against each other,
// vmap against a loop, jit against nothing, and all of them nested in each other.
import type { NDArray } from "@weft/api";
import { grad, hessian, jacfwd, jacrev, jit, jvp, linearize, numpy as np, valueAndGrad, vjp, vmap } from "@weft/api";
import fc from "fast-check";
import { describe, test } from "vitest";
import { environment } from "../support/environment.ts";
import type { Code, Func, Out, Params } from "./functions.ts";
import { draw, drawLeaves, fromLeaves, leavesOf, makeFunction, OPERATION_COUNT, SHAPES } from "./functions.ts";

const RUNS = Number(environment.WEFT_RUNS ?? 16);
const SEED = Number(environment.WEFT_SEED ?? 20261);
const codes = (maxLength: number): fc.Arbitrary<Code> =>
  fc.array(fc.tuple(fc.nat(OPERATION_COUNT - 1), fc.nat(40), fc.nat(40)), { minLength: 1, maxLength });
const seeds = fc.nat(1000);
const check = <T extends [unknown, ...unknown[]]>(
  name: string,
  share: number,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  property: (...args: T) => void,
): void => {
  test(name, () => {
    fc.assert(fc.property(...arbitraries, property), { numRuns: Math.ceil(RUNS * share), seed: SEED });
  });
};

const numbers = (arrays: readonly NDArray[]): number[] => arrays.flatMap((a) => Array.from(a.dataSync()));
const dot = (a: readonly NDArray[], b: readonly NDArray[]): NDArray =>
  a.map((x, i) => np.sum(x.mul(b[i]))).reduce((p, q) => p.add(q));
const shapesOf = (arrays: readonly NDArray[]): string => arrays.map((a) => `[${a.shape.join(",")}]`).join(" ");

/** Values that agree to rounding, scaled by the largest of them. */
function expectSame(what: string, got: readonly NDArray[], wanted: readonly NDArray[], tolerance = 1e-9): void {
  if (shapesOf(got) !== shapesOf(wanted))
    throw new Error(`${what}: shapes ${shapesOf(got)}, expected ${shapesOf(wanted)}`);
  const [g, w] = [numbers(got), numbers(wanted)];
  const scale = tolerance * (1 + Math.max(0, ...w.map(Math.abs)));
  w.forEach((value, i) => {
    if (!Number.isFinite(value)) throw new Error(`${what}: expected value ${i} is ${value}`);
    if (!(Math.abs(g[i] - value) <= scale)) throw new Error(`${what}: value ${i} is ${g[i]}, expected ${value}`);
  });
}

type Flat = (...leaves: NDArray[]) => NDArray[];
const outLeaves = ({ s, v }: Out): NDArray[] => [s, ...v];
/** f as a function of its leaves, to the list of its results. */
const flat =
  (f: Func) =>
  (...leaves: NDArray[]): NDArray[] =>
    outLeaves(f(...fromLeaves(leaves)));
const scalarOf =
  (f: Func) =>
  (...leaves: NDArray[]): NDArray =>
    f(...fromLeaves(leaves)).s;
const all = { argnums: [0, 1, 2, 3] } as const;
const gradients =
  (f: (...leaves: NDArray[]) => NDArray) =>
  (...leaves: NDArray[]): NDArray[] => [...grad(f, all)(...leaves)];
const along = (leaves: readonly NDArray[], t: readonly NDArray[], h: number): NDArray[] =>
  leaves.map((x, i) => x.add(t[i].mul(h)));

describe("derivatives of random functions", () => {
  check("jvp, differences, grad, vjp and linearize agree", 1.5, [codes(14), seeds], (code, seed) => {
    const f = flat(makeFunction(code, draw(seed + 3, [])));
    const leaves = drawLeaves(seed);
    const t = drawLeaves(seed + 1);
    const [y, dy] = jvp(f, leaves, t);
    expectSame("the value of jvp", y, f(...leaves));
    const h = 1e-5;
    const minus = f(...along(leaves, t, -h));
    const difference = f(...along(leaves, t, h)).map((plus, i) => plus.sub(minus[i]).div(2 * h));
    expectSame("jvp against differences", dy, difference, 2e-6);
    const [, push] = linearize(f, leaves);
    expectSame("linearize", push(...t), dy);
    const [y2, back] = vjp(f, leaves);
    expectSame("the value of vjp", y2, y);
    const ct = y.map((one, i) => draw(seed + i + 9, one.shape));
    expectSame("vjp is the transpose of jvp", [dot(back(ct), t)], [dot(ct, dy)]);
    const [value, g] = valueAndGrad((...xs: NDArray[]) => f(...xs)[0], all)(...leaves);
    expectSame("valueAndGrad's value", [value], [y[0]]);
    expectSame("grad", [dot(g, t)], [dy[0]]);
  });

  check("gradients of trees are those of their leaves", 0.3, [codes(10), seeds], (code, seed) => {
    const f = makeFunction(code, draw(seed + 3, []));
    const leaves = drawLeaves(seed);
    const [gp, gx] = grad((p: Params, x: NDArray) => f(p, x).s, { argnums: [0, 1] })(...fromLeaves(leaves));
    expectSame("tree", leavesOf(gp, gx), gradients(scalarOf(f))(...leaves));
  });

  check("second derivatives agree in every order, and with differences", 0.8, [codes(9), seeds], (code, seed) => {
    const f = scalarOf(makeFunction(code, draw(seed + 3, [])));
    const leaves = drawLeaves(seed);
    const t = drawLeaves(seed + 1);
    const g = gradients(f);
    const [, forwardOverReverse] = jvp(g, leaves, t);
    const reverseOverForward = gradients((...xs) => jvp(f, xs, t)[1])(...leaves);
    const reverseOverReverse = gradients((...xs) => dot(g(...xs), t))(...leaves);
    expectSame("grad of jvp", reverseOverForward, forwardOverReverse, 1e-8);
    expectSame("grad of grad", reverseOverReverse, forwardOverReverse, 1e-8);
    const h = 1e-5;
    const minus = g(...along(leaves, t, -h));
    const difference = g(...along(leaves, t, h)).map((plus, i) => plus.sub(minus[i]).div(2 * h));
    expectSame("against differences of gradients", forwardOverReverse, difference, 1e-5);
  });

  check(
    "Hessians are symmetric, forwards over backwards and backwards over forwards",
    0.5,
    [codes(8), seeds],
    (code, seed) => {
      const whole = scalarOf(makeFunction(code, draw(seed + 3, [])));
      const leaves = drawLeaves(seed);
      const f = (x: NDArray): NDArray => whole(leaves[0], leaves[1], leaves[2], x);
      const h = hessian(f)(leaves[3]);
      expectSame("symmetric", [h.T], [h], 1e-8);
      expectSame("jacrev of jacfwd", [jacrev(jacfwd(f))(leaves[3])], [h], 1e-8);
      expectSame("jacfwd of jacfwd", [jacfwd(jacfwd(f))(leaves[3])], [h], 1e-8);
      expectSame("jit", [jit(hessian(f))(leaves[3])], [h], 1e-8);
    },
  );
});

describe("random functions that read their values", () => {
  check("have the derivatives of those that do not", 0.8, [codes(10), seeds, fc.nat(1023)], (code, seed, places) => {
    const outer = draw(seed + 3, []);
    const plain = flat(makeFunction(code, outer));
    let at = 0;
    const reading = flat(
      makeFunction(code, outer, (value) => {
        if (((places >> (at++ % 10)) & 1) === 1) value.dataSync();
      }),
    );
    const leaves = drawLeaves(seed);
    const t = drawLeaves(seed + 1);
    expectSame("jvp", jvp(reading, leaves, t)[1], jvp(plain, leaves, t)[1]);
    const first = (f: Flat) => gradients((...xs) => f(...xs)[0]);
    expectSame("grad", first(reading)(...leaves), first(plain)(...leaves));
    expectSame("vjp", vjp(reading, leaves)[1](plain(...leaves)), vjp(plain, leaves)[1](plain(...leaves)));
    const read = (xs: NDArray[]): NDArray[] => {
      for (const x of xs) x.dataSync();
      return xs;
    };
    expectSame(
      "grad of gradients that are read",
      gradients((...xs) => dot(read(first(reading)(...xs)), t))(...leaves),
      gradients((...xs) => dot(first(plain)(...xs), t))(...leaves),
      1e-8,
    );
  });
});

describe("jit of random functions", () => {
  check("changes nothing, inside and outside of derivatives", 1, [codes(14), seeds], (code, seed) => {
    const made = makeFunction(code, draw(seed + 3, []));
    const f = flat(made);
    const leaves = drawLeaves(seed);
    const jitted = jit(f);
    const y = f(...leaves);
    expectSame("jit", jitted(...leaves), y);
    expectSame("jit, again", jitted(...leaves), y);
    const tree = jit(made)(...fromLeaves(leaves));
    expectSame("jit of trees", outLeaves(tree), y);
    const g = gradients((...xs) => f(...xs)[0]);
    const wanted = g(...leaves);
    expectSame("jit of grad", jit(g)(...leaves), wanted);
    expectSame("grad of jit", gradients((...xs) => jitted(...xs)[0])(...leaves), wanted);
    const t = drawLeaves(seed + 1);
    expectSame("jvp of jit", jvp(jitted as typeof f, leaves, t)[1], jvp(f, leaves, t)[1]);
    expectSame(
      "jit of jvp",
      jit((...xs: NDArray[]) => jvp(jitted as typeof f, xs, t)[1])(...leaves),
      jvp(f, leaves, t)[1],
    );
  });
});

/** An axis for each leaf to be mapped over, null for some; at least one is mapped. */
function axesOf(seed: number): (number | null)[] {
  const axes = SHAPES.map((shape, i): number | null => {
    const pick = (seed >> (3 * i)) % 8;
    return pick < 2 ? null : pick === 2 ? -1 : pick % (shape.length + 1);
  });
  return axes.some((axis) => axis !== null) ? axes : axes.with(3, 0);
}
const insert = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.toSpliced(axis < 0 ? axis + shape.length + 1 : axis, 0, size);
const lane = (leaves: readonly NDArray[], axes: readonly (number | null)[], i: number): NDArray[] =>
  leaves.map((x, k) => (axes[k] === null ? x : np.take(x, i, axes[k])));
const loop = (size: number, f: (i: number) => readonly NDArray[]): NDArray[] => {
  const rows = Array.from({ length: size }, (_, i) => f(i));
  return rows[0].map((_, k) => np.stack(rows.map((row) => row[k])));
};

describe("vmap of random functions", () => {
  check(
    "is a loop, over any axes",
    1.5,
    [codes(12), seeds, fc.nat(4095), fc.integer({ min: 1, max: 3 })],
    (code, seed, axisSeed, size) => {
      const f = flat(makeFunction(code, draw(seed + 3, [])));
      const axes = axesOf(axisSeed);
      const leaves = SHAPES.map((shape, i) =>
        draw(seed * 7 + i, axes[i] === null ? shape : insert(shape, axes[i], size)),
      );
      const wanted = loop(size, (i) => f(...lane(leaves, axes, i)));
      expectSame("vmap", vmap(f, axes)(...leaves), wanted);
      expectSame("vmap of jit", vmap(jit(f), axes)(...leaves), wanted);
      expectSame("jit of vmap", jit(vmap(f, axes))(...leaves), wanted);
      expectSame(
        "outAxes",
        vmap(f, axes, -1)(...leaves),
        wanted.map((y) => np.moveaxis(y, 0, -1)),
      );
    },
  );

  check(
    "of gradients is a loop of gradients, and the gradient of a sum",
    1,
    [codes(10), seeds, fc.nat(4095)],
    (code, seed, axisSeed) => {
      const f = scalarOf(makeFunction(code, draw(seed + 3, [])));
      const size = 2;
      const axes = axesOf(axisSeed);
      const leaves = SHAPES.map((shape, i) =>
        draw(seed * 7 + i, axes[i] === null ? shape : insert(shape, axes[i], size)),
      );
      const wanted = loop(size, (i) => gradients(f)(...lane(leaves, axes, i)));
      expectSame("vmap of grad", vmap(gradients(f), axes)(...leaves), wanted);
      expectSame("vmap of grad of jit", vmap(gradients(jit(f) as typeof f), axes)(...leaves), wanted);
      const total = gradients((...xs) => np.sum(vmap(f, axes)(...xs)))(...leaves);
      expectSame(
        "grad of the sum",
        total,
        wanted.map((g, k) => (axes[k] === null ? g.sum(0) : np.moveaxis(g, 0, axes[k]))),
      );
    },
  );

  check("of vmap is two loops", 0.7, [codes(9), seeds, fc.nat(4095), fc.nat(4095)], (code, seed, first, second) => {
    const f = flat(makeFunction(code, draw(seed + 3, [])));
    const [outer, inner] = [axesOf(first), axesOf(second)];
    const leaves = SHAPES.map((shape, i) => {
      const one = inner[i] === null ? shape : insert(shape, inner[i], 2);
      // the outer axis counts on the shape that already has the inner one
      return draw(seed * 7 + i, outer[i] === null ? one : insert(one, outer[i], 3));
    });
    const wanted = loop(3, (i) => {
      const row = lane(leaves, outer, i);
      return loop(2, (k) => f(...lane(row, inner, k)));
    });
    expectSame("vmap of vmap", vmap(vmap(f, inner), outer)(...leaves), wanted);
    expectSame("with jit between", vmap(jit(vmap(jit(f), inner)), outer)(...leaves), wanted);
  });

  check("of second derivatives is a loop of them", 0.3, [codes(7), seeds], (code, seed) => {
    const whole = scalarOf(makeFunction(code, draw(seed + 3, [])));
    const [m, a, b] = drawLeaves(seed);
    const f = (x: NDArray): NDArray => whole(m, a, b, x);
    const xs = draw(seed + 5, [2, 3]);
    expectSame(
      "vmap of hessian",
      [vmap(hessian(f))(xs)],
      loop(2, (i) => [hessian(f)(xs.slice(i))]),
      1e-8,
    );
    expectSame(
      "jit of vmap of jacrev of grad",
      [jit(vmap(jacrev(grad(f))))(xs)],
      loop(2, (i) => [hessian(f)(xs.slice(i))]),
      1e-8,
    );
  });
});

/** Ways to say the same function with a transformation more. */
const DISGUISES: readonly ((f: Flat) => Flat)[] = [
  (f) => jit(f) as Flat,
  (f) =>
    (...xs) =>
      vmap(f)(...xs.map((x) => x.expandDims(0))).map((y) => y.squeeze(0)),
  (f) =>
    (...xs) =>
      vmap(f, -1, -1)(...xs.map((x) => x.expandDims(-1))).map((y) => y.squeeze(-1)),
  (f) =>
    (...xs) =>
      jvp(f, xs, xs)[0],
  (f) =>
    (...xs) =>
      vjp(f, xs)[0],
  // closures: nothing is passed, everything is captured
  (f) =>
    (...xs) =>
      jit(() => f(...xs))(),
  (f) =>
    (...xs) =>
      vmap((_lane: NDArray) => f(...xs), 0, 0)(np.zeros([2])).map((y) => y.slice(1)),
  (f) =>
    (...xs) =>
      vmap((x: NDArray) => f(xs[0], xs[1], xs[2], x))(np.stack([xs[3], xs[3].mul(2)])).map((y) => y.slice(0)),
  (f) =>
    (...xs) => {
      const [, aux] = grad((b: NDArray): [NDArray, NDArray[]] => [b.mul(b), f(xs[0], xs[1], b, xs[3])], {
        hasAux: true,
      })(xs[2]);
      return aux;
    },
  // f is linear in a factor of one, which makes its value a derivative
  (f) =>
    (...xs) =>
      jvp((one: NDArray) => f(...xs).map((y) => y.mul(one)), [np.array(1, "float64")], [np.array(1, "float64")])[1],
  (f) =>
    (...xs) =>
      f(...xs).map((_, i) =>
        f(...xs)[i].ndim === 0 ? grad((one: NDArray) => f(...xs)[i].mul(one))(np.array(1, "float64")) : f(...xs)[i],
      ),
  (f) =>
    (...xs) =>
      linearize((one: NDArray) => jit((c: NDArray) => f(...xs).map((y) => y.mul(c)))(one), [np.array(1, "float64")])[1](
        np.array(1, "float64"),
      ),
];

describe("nested transformations", () => {
  check(
    "derivatives see through every disguise",
    1.2,
    [codes(7), seeds, fc.array(fc.nat(DISGUISES.length - 1), { minLength: 1, maxLength: 3 })],
    (code, seed, kinds) => {
      const f = flat(makeFunction(code, draw(seed + 3, [])));
      const leaves = drawLeaves(seed);
      const t = drawLeaves(seed + 1);
      const hidden = kinds.reduce<Flat>((inner, kind) => DISGUISES[kind](inner), f);
      const [y, dy] = jvp(f, leaves, t);
      expectSame("the value", hidden(...leaves), y);
      expectSame("jvp", jvp(hidden, leaves, t)[1], dy, 1e-8);
      const g = gradients((...xs) => f(...xs)[0])(...leaves);
      expectSame("grad", gradients((...xs) => hidden(...xs)[0])(...leaves), g, 1e-8);
      expectSame("jit of grad", jit(gradients((...xs) => hidden(...xs)[0]))(...leaves), g, 1e-8);
    },
  );
});

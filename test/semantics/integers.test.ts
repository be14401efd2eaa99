// Integers that do not fit (SEMANTICS 5.1): one rule for every function, list, bound and traced number. JAX and NumPy
// throw for most of these and wrap, saturate or lose the rest in silence; arrays that are converted saturate as in XLA.
import type { NDArray } from "@weft/api";
import { DTypeError, grad, jit, lax, numpy as np, random, vmap } from "@weft/api";
import { describe, expect, test } from "vitest";

const BIG = 3e9;
const ints = (...x: number[]): NDArray => np.array(x, { dtype: "int32" });
const unsigned = (...x: number[]): NDArray => np.array(x, { dtype: "uint32" });
const i = (): NDArray => ints(1, 2);
const u = (): NDArray => unsigned(1, 2);
const key = random.key(0);
const [int32, uint32] = [{ dtype: "int32" }, { dtype: "uint32" }] as const;

const REFUSED: Readonly<Record<string, readonly [name: string, f: () => unknown][]>> = {
  "np.arange": [
    ["start and stop", () => np.arange(1.7e12, 1.7e12 + 3)],
    ["3e9", () => np.arange(BIG, BIG + 3)],
    ["a stop, lazily", () => np.arange(BIG)],
    ["the end of uint32", () => np.arange(2 ** 32 - 2, 2 ** 32 + 1, uint32)],
    ["negative in uint32", () => np.arange(-1, 2, uint32)],
    ["downwards", () => np.arange(2, -2, -1, uint32)],
    ["a step over the end", () => np.arange(0, 2 ** 31 + 5, 2 ** 31)],
  ],
  "lists with a dtype": [
    ["np.array", () => ints(BIG)],
    ["negative in uint32", () => unsigned(-1)],
    [
      "nested",
      () =>
        np.array(
          [
            [1, 2],
            [3, BIG],
          ],
          int32,
        ),
    ],
    ["beside an array", () => np.array([np.array([1, 2]), [3, BIG]], int32)],
    ["beside a scalar array", () => np.array([np.array(1), BIG], int32)],
    ["infinite", () => ints(Infinity)],
    ["np.asarray", () => np.asarray([BIG], int32)],
    ["np.full", () => np.full([2], [BIG, 1], int32)],
    ["np.fullLike", () => np.fullLike(i(), [BIG, 1])],
    ["at().set", () => i().at([0, 2]).set([BIG, 1])],
  ],
  numbers: [
    ["np.array", () => np.array(BIG, int32)],
    ["np.full", () => np.full([2], BIG, int32)],
    ["np.full in uint32", () => np.full([2], -1, uint32)],
    ["np.fullLike", () => np.fullLike(u(), -1)],
    ["np.astype", () => np.astype(BIG, "int32")],
    ["lax.convertElementType", () => lax.convertElementType(BIG, "int32")],
    ["lax.full", () => lax.full([2], BIG, "int32")],
    ["lax.fullLike", () => lax.fullLike(i(), BIG)],
    ["at().set", () => i().at(0).set(BIG)],
    ["at().add", () => u().at(0).add(-1)],
    ["np.where", () => np.where(i().greater(1), i(), BIG)],
    ["np.select", () => np.select([i().greater(1)], [i()], BIG)],
    ["np.clip", () => np.clip(i(), 0, BIG)],
    ["np.clip of uint32", () => np.clip(u(), -1, 5)],
    ["lax.clamp", () => lax.clamp(0, i(), BIG)],
    ["np.maximum", () => np.maximum(i(), BIG)],
    ["np.add", () => np.add(BIG, i())],
    ["x.sub", () => u().sub(-1)],
    ["lax.add", () => lax.add(i(), BIG)],
    ["np.power", () => np.power(i(), BIG)],
    ["np.leftShift", () => np.leftShift(i(), BIG)],
    ["np.less", () => i().less(BIG)],
    ["np.equal of uint32", () => np.equal(u(), -1)],
    ["np.pad", () => np.pad(i(), 1, { constantValues: BIG })],
    ["lax.pad", () => lax.pad(i(), BIG, [[1, 1, 0]])],
    ["initial", () => np.sum(i(), { initial: BIG })],
    ["np.diff", () => np.diff(i(), { prepend: BIG })],
    ["np.append", () => np.append(i(), BIG)],
  ],
  "ends of ranges": [
    ["np.linspace", () => np.linspace(0, BIG, 3, int32)],
    ["np.linspace of uint32", () => np.linspace(-5, 5, 3, uint32)],
    ["np.logspace", () => np.logspace(0, 10, 3, int32)],
    ["np.logspace with a base", () => np.logspace(0, 40, 3, { base: 2, ...uint32 })],
    ["np.geomspace", () => np.geomspace(1, 1e10, 3, int32)],
    ["lax.iota", () => lax.iota("int32", BIG)],
    ["lax.broadcastedIota", () => lax.broadcastedIota("int32", [2, BIG], 1)],
    ["np.eye", () => np.eye(BIG)],
  ],
  draws: [
    ["maxval", () => random.randint(key, [2], 0, BIG)],
    ["minval", () => random.randint(key, [2], -BIG, 5)],
    ["negative in uint32", () => random.randint(key, [2], -1, 5, uint32)],
    ["beyond uint32", () => random.randint(key, [2], 0, 2 ** 32 + 1, uint32)],
    ["foldIn", () => random.foldIn(key, 2 ** 32)],
    ["foldIn of a negative number", () => random.foldIn(key, -1)],
  ],
  "numbers given to jit": [
    ["x.add", () => jit((x: NDArray, s: number) => x.add(s))(i(), 2 ** 31)],
    ["uint32", () => jit((x: NDArray, s: number) => x.add(s))(u(), -1)],
    ["np.where", () => jit((x: NDArray, s: number) => np.where(x.greater(1), x, s))(i(), BIG)],
    ["np.clip", () => jit((x: NDArray, s: number) => np.clip(x, 0, s))(i(), BIG)],
    ["np.full", () => jit((s: number) => np.full([2], s, int32))(BIG)],
    ["np.full of a fraction", () => jit((s: number) => np.full([2], s, int32))(BIG + 0.5)],
    ["at().set", () => jit((x: NDArray, s: number) => x.at(0).set(s))(i(), BIG)],
    ["comparison", () => jit((x: NDArray, s: number) => x.less(s))(i(), BIG)],
    ["in a tree", () => jit((x: NDArray, o: { s: number }) => x.add(o.s))(i(), { s: BIG })],
    ["jit in jit", () => jit((x: NDArray, s: number) => jit((y: NDArray, t: number) => y.add(t))(x, s))(i(), BIG)],
    ["a constant of jit in jit", () => jit((x: NDArray) => jit((y: NDArray, t: number) => y.add(t))(x, BIG))(i())],
    ["vmap in jit", () => jit((x: NDArray, s: number) => vmap((r: NDArray) => r.add(s))(x))(i(), BIG)],
    ["vmap, not mapped", () => vmap((r: NDArray, s: number) => r.add(s), [0, null])(i(), BIG)],
    [
      "vmap of jit",
      () =>
        vmap(
          jit((r: NDArray, s: number) => r.add(s)),
          [0, null],
        )(i(), BIG),
    ],
    [
      "grad of jit",
      () =>
        grad(jit((x: NDArray, n: NDArray, s: number) => x.mul(n.add(s).astype("float32")).sum()))(
          np.array([1, 2]),
          i(),
          BIG,
        ),
    ],
    ["a static argument", () => jit((x: NDArray, s: number) => x.add(s), { staticArgnums: 1 })(i(), BIG)],
    ["np.roll", () => jit((x: NDArray, s: number) => np.roll(x, s))(i(), BIG)],
  ],
};

for (const [kind, cases] of Object.entries(REFUSED))
  describe(`${kind}: DTypeError`, () => {
    for (const [name, f] of cases)
      test(name, () => {
        expect(f).toThrow(DTypeError);
        expect(f).toThrow(/-?\d+(\.\d+)? does not fit u?int32 \(|Infinity does not fit/u);
      });
  });

describe("what fits stays right", () => {
  const RIGHT: readonly [name: string, f: () => NDArray, expected: unknown][] = [
    ["arange to the end of int32", () => np.arange(2 ** 31 - 2, 2 ** 31), [2147483646, 2147483647]],
    ["arange to the end of uint32", () => np.arange(2 ** 32 - 2, 2 ** 32, uint32), [4294967294, 4294967295]],
    ["arange down to 0", () => np.arange(2, -1, -1, uint32), [2, 1, 0]],
    ["arange, a step that is not taken", () => np.arange(0, 3, BIG), [0]],
    ["arange, empty", () => np.arange(BIG, 0), []],
    ["lists", () => ints(-2147483648, 2147483647), [-2147483648, 2147483647]],
    ["lists of uint32", () => unsigned(4294967295), [4294967295]],
    ["lists with fractions", () => ints(1.5, -1.5, 2147483647.5), [1, -1, 2147483647]],
    ["booleans among them", () => np.array([true, 2], int32), [1, 2]],
    ["arrays saturate", () => np.array([BIG, -BIG]).astype("int32"), [2147483647, -2147483648]],
    ["typed arrays saturate", () => np.array(Float64Array.of(BIG, -1), uint32), [3000000000, 0]],
    ["arrays in a list saturate", () => np.array([np.array(BIG), 1], int32), [2147483647, 1]],
    ["lists without a dtype are floats", () => np.add(i(), [BIG, 1]), [3000000000, 3]],
    ["linspace to a stop that is not taken", () => np.linspace(0, 2 ** 32, 2, false, false, "uint32"), [0, 2147483648]],
    ["seeds keep their low word", () => random.keyData(random.key(2 ** 32 + 5)), [0, 5]],
    ["foldIn of the largest", () => random.keyData(random.foldIn(key, 2 ** 32 - 1)), [743310391, 3789761811]],
    ["jit", () => jit((x: NDArray, s: number) => x.add(s))(i(), 2 ** 31 - 3), [2147483646, 2147483647]],
    ["jit with a float array", () => jit((x: NDArray, s: number) => x.add(s))(np.array([1, 2]), BIG), [3e9, 3e9]],
    ["jit with a fraction", () => jit((x: NDArray, s: number) => x.add(s))(i(), 2.5), [3.5, 4.5]],
    ["jit that does not use it", () => jit((x: NDArray, _s: number) => x)(i(), BIG), [1, 2]],
  ];
  for (const [name, f, expected] of RIGHT) test(name, () => expect(f().tolist()).toEqual(expected));

  test("a jitted function that refused a number takes the next", () => {
    const f = jit((x: NDArray, s: number) => x.add(s));
    expect(f(i(), 5).tolist()).toEqual([6, 7]);
    expect(() => f(i(), BIG)).toThrow(/^jit\(f\): 3000000000 does not fit int32/u);
    expect(f(i(), 6).tolist()).toEqual([7, 8]);
  });

  test("maxval may be one beyond its dtype, which is not drawn", () => {
    const draws = random.randint(key, [1000], 2 ** 31 - 3, 2 ** 31).tolist() as number[];
    expect([...new Set(draws)].sort()).toEqual([2147483645, 2147483646, 2147483647]);
    expect(random.randint(key, [2], 0, BIG, uint32).tolist()).toEqual([31327077, 89727312]);
  });
});

// What JAX gives for Python's integers; of lists, which JAX refuses, API.md says that they are int32 where integers are due.
describe("operations on bits take JS integers", () => {
  const RIGHT: readonly [name: string, f: () => NDArray, expected: unknown, weak: boolean][] = [
    ["two numbers", () => np.bitwiseAnd(3, 7), 3, true],
    ["lists", () => np.bitwiseOr([1, 2], [3, 4]), [3, 6], false],
    ["a list and an array", () => np.bitwiseXor(i(), [3, 4]), [2, 6], false],
    ["one number", () => np.invert(5), -6, true],
    ["one list", () => np.bitwiseNot([[5], [6]]), [[-6], [-7]], false],
    ["shifts", () => np.leftShift(1, 3), 8, true],
    ["shifts of lists", () => np.rightShift([-8, 8], 1), [-4, 4], false],
    ["counts", () => np.bitwiseCount([7, 1]), [3, 1], false],
    ["jit", () => jit((x: NDArray) => np.bitwiseAnd(x, 6))(5), 4, true],
    ["lax", () => lax.bitwiseXor(3, 7), 4, true],
    ["lax shifts", () => lax.shiftRightLogical(-1, 28), 15, true],
    ["lax of one", () => lax.bitwiseNot(1), -2, true],
    ["lax counts", () => lax.clz(7), 29, true],
  ];
  for (const [name, f, expected, weak] of RIGHT)
    test(name, () => {
      const y = f();
      expect(y.tolist()).toEqual(expected);
      expect([y.dtype, y.weakType]).toEqual(["int32", weak]);
    });

  test("and nothing else that is no integer", () => {
    for (const f of [() => np.bitwiseAnd(3.5, 7), () => np.leftShift([1.5], 1), () => lax.bitwiseNot(0.5)])
      expect(f).toThrow(DTypeError);
    expect(() => np.bitwiseAnd(BIG, 7)).toThrow(/^np\.bitwiseAnd: 3000000000 does not fit int32/u);
    expect(() => np.bitwiseOr(np.array([1, 2]), 1)).toThrow("expected bool or integers");
    expect(np.bitwiseAnd([true, false], true).dtype).toBe("bool");
    expect(np.bitwiseAnd(u(), 1).dtype).toBe("uint32");
  });
});

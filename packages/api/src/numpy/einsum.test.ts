// Einstein sums: values, derivatives and batches (JAX's), the order of products and what it keeps small, NumPy's report,
// and what is refused. More values are in test/golden/suite/np-products.test.ts.
import type { Node } from "@weft/ir";
import { ArgumentError, DTypeError, ShapeError, WeftError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { grad, jit, jvp, type NDArray, numpy as np, vmap } from "../index.ts";
import type { Optimize } from "./einsum-path.ts";

const any = (x: unknown): never => x as never;
const matrix = (a: number, b: number, c: number, d: number): NDArray =>
  np.array([
    [a, b],
    [c, d],
  ]);
const x = matrix(1, 2, 3, 4);
const y = matrix(1, -1, 2, 0.5);
const z = matrix(2, 0, 1, 3);
const f = (p: NDArray, q: NDArray, r: NDArray): NDArray => np.einsum("ij,kl,jl->ik", p, q, r);

/** The elements of the largest array among all that a result is computed from. */
function largest(...results: readonly NDArray[]): number {
  const seen = new Set<Node>();
  const stack = results.map(({ node }) => node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...node.operands);
  }
  return Math.max(...Array.from(seen, ({ aval }) => aval.size));
}
const OPTIMIZE: readonly Optimize[] = [
  true,
  false,
  "auto",
  "optimal",
  "greedy",
  ["einsum_path", [0, 1], [0, 1]],
  [
    [1, 2],
    [0, 1],
  ],
  [[0, 1, 2]],
  ["greedy", 3],
  ["optimal", 1],
];

describe("values", () => {
  it.each(OPTIMIZE.map((optimize) => ({ optimize })))("do not depend on the order: $optimize", ({ optimize }) => {
    expect(np.einsum("ij,kl,jl->ik", x, y, z, { optimize }).tolist()).toEqual([
      [-2, 11],
      [-2, 26],
    ]);
    expect(np.einsum("i,i,i->", [1, 2], [1, -1], [1, 3], { optimize }).item()).toBe(-5);
  });
  it("have JAX's derivatives, jitted and not", () => {
    const loss = (...args: [NDArray, NDArray, NDArray]): NDArray => np.sum(np.square(f(...args)));
    const gradients = [
      [
        [80, 85],
        [200, 190],
      ],
      [
        [-56, -72],
        [608, 756],
      ],
      [
        [340, 105],
        [480, 150],
      ],
    ];
    expect(grad(loss, { argnums: [0, 1, 2] })(x, y, z).map((one) => one.tolist())).toEqual(gradients);
    expect(jit(grad(loss, { argnums: [0, 1, 2] }))(x, y, z).map((one) => one.tolist())).toEqual(gradients);
    expect(jvp(f, [x, y, z], [y, z, x])[1].tolist()).toEqual([
      [9, 41.5],
      [16, 96.75],
    ]);
  });
  it("are batched", () => {
    const b = np.stack([x, y, z]);
    const expected = [
      [
        [-3, 19],
        [-7, 41],
      ],
      [
        [0.5, -2.75],
        [4.75, 5.125],
      ],
      [
        [4, 8],
        [-4, 14.5],
      ],
    ];
    expect(vmap(f, [0, null, 0])(b, y, b).tolist()).toEqual(expected);
    expect(jit(vmap(f, [0, null, 0]))(b, y, b).tolist()).toEqual(expected);
  });
  it("take lists of axes in place of letters", () => {
    expect(np.einsum(x, [0, 1], y, [1, 2]).tolist()).toEqual(np.matmul(x, y).tolist());
    expect(np.einsum(x, [0, 1], y, [1, 2], [2, 0]).tolist()).toEqual(np.matmul(x, y).T.tolist());
    expect(np.einsum(x, ["...", 0], y, ["...", 0], ["..."]).tolist()).toEqual([-1, 8]);
    expect(np.einsum(x, [0, 0]).item()).toBe(5);
    expect(np.einsum(x, [51, 3], [3, 51], { optimize: "greedy" }).tolist()).toEqual(x.T.tolist());
  });
  it("are computed in the dtype that is preferred", () => {
    // jnp.einsum('ij,jk', x.astype(jnp.float16) * 200, y.astype(jnp.float16) * 200, preferred_element_type=jnp.float32)
    const [p, q] = [x, y].map((one) => one.mul(200).astype("float16"));
    expect(np.einsum("ij,jk", p, q, { preferredElementType: "float32" }).tolist()).toEqual([
      [200000, 0],
      [440000, -40000],
    ]);
    expect(np.einsum("ij->i", x.astype("int32"), { preferredElementType: "float32" }).dtype).toBe("float32");
    expect(np.einsum("ij,jk", x, y, { preferredElementType: "float16", precision: "highest" }).dtype).toBe("float16");
    expect(np.einsum("ij,kl,jl->ik", x.greater(1), y.greater(0), z.greater(0)).dtype).toBe("bool");
  });
  it("broadcast axes of one element in any order", () => {
    const column = np.array([[1], [2]]);
    for (const optimize of [true, false, "greedy"] as const)
      expect(np.einsum("ij,jk,kl->il", column, y, z, { optimize }).tolist()).toEqual(
        np.matmul(np.matmul(np.broadcastTo(column, [2, 2]), y), z).tolist(),
      );
  });
});

describe("the order of products", () => {
  const n = 250;
  const square = np.ones([n, n]);
  it("keeps intermediates small where left to right would need 14.6 GiB", () => {
    const result = np.einsum("ij,kl,jl->ik", square, square, square);
    expect(largest(result)).toBe(n * n);
    expect(result.slice(3, 4).item()).toBe(n * n);
    expect(largest(np.einsum("ij,kl,jl->ik", square, square, square, { optimize: false }))).toBe(n ** 4);
  });
  const v = np.ones([n]);
  // as NumPy's path for such operands has it, in elements
  const cases: readonly [string, readonly NDArray[], number][] = [
    ["a,b,c,d->", [v, v, v, v], n],
    ["ab,cd,bc->ad", [square, square, square], n * n],
    ["ab,cd,ef,be,fc->ad", [square, square, square, square, square], n * n],
    ["i,jk,kl,l->ij", [v, square, square, v], n * n],
    ["ab,bc,cd,de,e->a", [square, square, square, square, v], n * n],
    ["a,b,ab,a,b->", [v, v, square, v, v], n * n],
  ];
  it.each(cases)("keeps what %s makes small, and what its gradient does", (subscripts, operands, size) => {
    const sum = (all: NDArray[]): NDArray => np.sum(np.einsum(subscripts, ...all));
    expect(largest(np.einsum(subscripts, ...operands))).toBe(size);
    const gradients = grad(sum)([...operands]);
    expect(largest(...gradients)).toBe(size);
  });
  it("is found for hundreds of operands", () => {
    const many = Array.from({ length: 150 }, () => x);
    const subscripts = `${many.map((_, i) => (i % 2 === 0 ? "ij" : "ji")).join(",")}->i`;
    expect(np.einsumPath(subscripts, ...many)[0].length).toBe(150);
    expect(np.einsum("ij,ji,ij,ji,ij,ji,ij,ji,ij,ji->i", ...many.slice(0, 10)).tolist()).toEqual([
      1 + 2 ** 5 * 3 ** 5,
      2 ** 5 * 3 ** 5 + 4 ** 10,
    ]);
  });
});

describe("np.einsumPath", () => {
  const s = np.ones([20, 20]);
  it("gives NumPy's path and report", () => {
    const [path, report] = np.einsumPath("ij,kl,jl->ik", s, s, s, { optimize: ["einsum_path", [0, 2], [0, 1]] });
    expect(path).toEqual(["einsum_path", [0, 2], [0, 1]]);
    expect(report).toBe(`  Complete contraction:  ij,kl,jl->ik
         Naive scaling:  4
     Optimized scaling:  3
      Naive FLOP count:  4.800e+05
  Optimized FLOP count:  3.200e+04
   Theoretical speedup:  15.000
  Largest intermediate:  4.000e+02 elements
--------------------------------------------------------------------------
scaling                  current                                remaining
--------------------------------------------------------------------------
   3                   jl,ij->il                                kl,il->ik
   3                   il,kl->ik                                   ik->ik`);
  });
  it("finds NumPy's best order, and what einsum takes", () => {
    const chain = [np.ones([10, 100]), np.ones([100, 5]), np.ones([5, 50]), np.ones([50, 2])] as const;
    const [path] = np.einsumPath("ij,jk,kl,lm->im", ...chain);
    expect(path).toEqual(["einsum_path", [2, 3], [1, 2], [0, 1]]);
    expect(
      np
        .einsum("ij,jk,kl,lm->im", ...chain, { optimize: path })
        .slice(0, 0)
        .item(),
    ).toBe(100 * 5 * 50);
    expect(np.einsumPath("ij,jk", x, y)[0]).toEqual(["einsum_path", [0, 1]]);
    expect(np.einsumPath("ij->", x)[0]).toEqual(["einsum_path", [0]]);
    expect(np.einsumPath("ij,kl,jl->ik", s, s, s, { optimize: false })[0]).toEqual(["einsum_path", [0, 1, 2]]);
    expect(np.einsumPath(s, [0, 1], s, [1, 2])[1]).toContain("ab,bc->ac");
    expect(np.einsumPath("...i,...i", s, s)[1]).toContain("ai,ai->a");
  });
  it("keeps intermediates below a limit where it can", () => {
    const [p, q] = [np.ones([100, 2]), np.ones([2, 100])];
    const elements = (optimize: Optimize): number =>
      Number(/Largest intermediate: +(\S+)/u.exec(np.einsumPath("ab,bc,cd->d", p, q, p, { optimize })[1])?.[1]);
    expect(
      elements([
        [0, 1],
        [0, 1],
      ]),
    ).toBe(100);
    expect(elements(["optimal", 10])).toBeLessThanOrEqual(10);
    expect(elements(["greedy", 10])).toBeLessThanOrEqual(10);
  });
});

describe("refusals", () => {
  const cases: readonly [string, () => unknown, new (message: string) => Error, string][] = [
    ["no operand", () => np.einsum("ij"), ArgumentError, "np.einsum: "],
    ["operands that are not named", () => np.einsum("ij", x, y), ShapeError, "np.einsum: "],
    ["letters that do not fit", () => np.einsum("ijk,jk", x, y), ShapeError, "np.einsum: "],
    ["sizes that differ", () => np.einsum("ij,jk", x, np.ones([3, 2])), ShapeError, "np.einsum: "],
    ["a letter of the result alone", () => np.einsum("ij->k", x), ShapeError, "np.einsum: "],
    ["what is no array", () => np.einsum("ij", any("text")), DTypeError, "np.einsum: "],
    [
      "a path that names nothing",
      () => np.einsum("ij,jk", x, y, { optimize: [[0, 2]] }),
      ArgumentError,
      "names no operands",
    ],
    ["a path that repeats", () => np.einsum("ij,jk", x, y, { optimize: [[0, 0]] }), ArgumentError, "names no operands"],
    [
      "a path that ends early",
      () => np.einsum("ij,jk,kl", x, y, z, { optimize: [[0, 1]] }),
      ArgumentError,
      "leaves 2 operands",
    ],
    [
      "a word that is none",
      () => np.einsum("ij,jk", x, y, { optimize: any("bogus") }),
      ArgumentError,
      "np.einsum: optimize: ",
    ],
    [
      "null for a path",
      () => np.einsum("ij,jk", x, y, { optimize: any(null) }),
      ArgumentError,
      "np.einsum: optimize: ",
    ],
    [
      "an option that is none",
      () => np.einsum("ij,jk", x, y, any({ optimise: true })),
      ArgumentError,
      "did you mean optimize",
    ],
    ["out", () => np.einsum("ij,jk", x, y, any({ out: x })), ArgumentError, "np.einsum: out: "],
    ["a list of axes that is none", () => np.einsum(x, any(5)), ArgumentError, "np.einsum: "],
    ["an axis beyond letters", () => np.einsum(x, [0, 52]), ArgumentError, "0 to 51"],
    [
      "a narrow dtype for integers",
      () => np.einsum("i,i", np.arange(3), np.arange(3), { preferredElementType: "float16" }),
      DTypeError,
      "np.einsum: ",
    ],
    [
      "the same by its own name",
      () => np.einsumPath("ij,jk", x, y, { optimize: any("bogus") }),
      ArgumentError,
      "np.einsumPath: optimize: ",
    ],
    ["subscripts by its own name", () => np.einsumPath("ij,jk", x, np.ones([3, 2])), ShapeError, "np.einsumPath: "],
  ];
  it.each(cases)("refuses %s", (_, call, error, text) => {
    expect(call).toThrow(error);
    expect(call).toThrow(WeftError);
    expect(call).toThrow(text);
  });
});

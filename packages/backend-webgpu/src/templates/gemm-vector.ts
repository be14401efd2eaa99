// The body of the `vector` form of a matrix product: blocks of registers over storage that is read and written four
// elements at a time. Operands have lines of whole vectors; which products have such lines is gemm.ts's business.
import type { GemmVariant } from "./gemm.ts";
import { accumulators, alongK } from "./gemm.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const COMPONENT = ["x", "y", "z", "w"] as const;

/** What a workgroup does for its tile; `rows` is a multiple of 4 where the left operand's elements are neighbours along m. */
export function vectorBody({ element, rows, cols, high, wide, lhsAlongK, block }: GemmVariant): string {
  const vectors = cols / 4;
  const vec = `vec4<${element}>`;
  const step = (sum: string, a: string, b: string): string =>
    element === "f32" ? `${sum} = fma(${vec}(${a}), ${b}, ${sum});` : `${sum} = ${sum} + ${a} * ${b};`;
  /** The products of one k: `a(i)` is the left operand's element of row i, and the right one's vectors are read. */
  const along = (a: (i: number) => string): string[] => [
    `        { ${range(vectors)
      .map((j) => `let b${j} = rhs[on${j}]; on${j} += rightLine;`)
      .join(" ")}`,
    ...range(rows).map(
      (i) =>
        `          ${range(vectors)
          .map((j) => step(`c${i}_${j}`, a(i), `b${j}`))
          .join(" ")}`,
    ),
    `        }`,
  ];
  // rows and columns beyond the edge read the last one, and are not stored
  const left = lhsAlongK
    ? range(rows).map((i) => `    var at${i} = left / 4u + min(row + ${i}u, P.m - 1u) * (P.lhsRow / 4u);`)
    : range(rows / 4).map((i) => `    var at${i} = left / 4u + min(row / 4u + ${i}u, P.m / 4u - 1u);`);
  const loop = (from: string, end: string): string[] =>
    lhsAlongK
      ? [
          `    for (var k = ${from}; k < ${end}; k += 4u) {`,
          `        ${range(rows)
            .map((i) => `let a${i} = lhs[at${i}]; at${i}++;`)
            .join(" ")}`,
          ...COMPONENT.flatMap((component) => along((i) => `a${i}.${component}`)),
          `    }`,
        ]
      : [
          `    for (var k = ${from}; k < ${end}; k++) {`,
          `        ${range(rows / 4)
            .map((i) => `let a${i} = lhs[at${i}]; at${i} += P.lhsCol / 4u;`)
            .join(" ")}`,
          ...along((i) => `a${i >> 2}.${COMPONENT[i & 3]}`),
          `    }`,
        ];
  return [
    `    let row = (tileRow * ${high}u + local.y) * ${rows}u;`,
    `    let col = (tileCol * ${wide}u + local.x) * ${vectors}u;`,
    `    let rightLine = P.rhsRow / 4u;`,
    ...left,
    ...range(vectors).map((j) => `    var on${j} = right / 4u + min(col + ${j}u, P.n / 4u - 1u);`),
    ...range(rows).map(
      (i) =>
        `    ${range(vectors)
          .map((j) => `var c${i}_${j} = ${vec}(0);`)
          .join(" ")}`,
    ),
    ...alongK(block, accumulators(rows, vectors), vec, loop),
    ...range(rows).map((i) => {
      const line = range(vectors).map((j) => `if (col + ${j}u < P.n / 4u) { out[to + col + ${j}u] = c${i}_${j}; }`);
      return `    if (row + ${i}u < P.m) { let to = (batch * P.m + row + ${i}u) * (P.n / 4u); ${line.join(" ")} }`;
    }),
  ].join("\n");
}

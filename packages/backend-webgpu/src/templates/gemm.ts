// Matrix products as WGSL: out[b, m, n] = Σk lhs[b, m, k]·rhs[b, k, n] with strided operands, float or wrapping
// integers. Four forms: `tiled` (blocks of registers over tiles in workgroup memory), `direct` (blocks of registers
// over storage, for adapters whose workgroup memory is no faster), `vector` (the same, four elements at a time, where
// lines allow it: gemm-vector.ts) and `dot` (a workgroup an output, for few outputs). Workgroups walk over the tiles, so
// that no size runs out of the grid.
import { declared, elementAt, elementSet, piecesText } from "../wgsl/pieces.ts";
import type { Binding } from "../wgsl/pieces.ts";
import { vectorBody } from "./gemm-vector.ts";

export type GemmElement = "f32" | "i32" | "u32";

/** How a product is shared out. */
export interface GemmShape {
  readonly form: "tiled" | "direct" | "vector" | "dot";
  /** Rows and columns an invocation computes. */
  readonly rows: number;
  readonly cols: number;
  /** Invocations of a workgroup along rows and columns. */
  readonly high: number;
  readonly wide: number;
}

/** What decides the text of a product. */
export interface GemmVariant extends GemmShape {
  readonly element: GemmElement;
  /** Whether the operand's elements are neighbours along k. */
  readonly lhsAlongK: boolean;
  readonly rhsAlongK: boolean;
  /** Products of a block, where the sums are so long that they are added up in blocks; 0 for one chain. */
  readonly block: number;
  /** Bindings of left operand, right operand and result, each over so many bytes; one each unless given. Not of vectors. */
  readonly pieces?: Pieces;
}

/** Operands and result of a template that are bound in pieces; see `piecesText`. */
export interface Pieces {
  readonly counts: readonly number[];
  readonly bytes: number;
}

/** Sizes and strides that choose a variant. */
export interface GemmSizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly lhsAlongK: boolean;
  readonly rhsAlongK: boolean;
  /** Whether all lines of operands and result are whole vectors of four, and begin where vectors do. */
  readonly vectors: boolean;
}

/** Words of the params: see `PARAMS`. */
export const GEMM_WORDS = 16;
const PARAMS = `struct Params {
  batch: u32, m: u32, n: u32, k: u32,
  lhsBase: u32, lhsBatch: u32, lhsRow: u32, lhsCol: u32,
  rhsBase: u32, rhsBatch: u32, rhsRow: u32, rhsCol: u32,
  tilesM: u32, tilesN: u32, first: u32, end: u32,
}`;

/** k-steps of a tile in workgroup memory. */
const DEPTH = 16;
/** Products that a float sum adds up in one chain: a longer one loses digits. */
const LONGEST = 1024;
/** Products of a block: about as many as there are blocks. */
const blockOf = (element: GemmElement, k: number): number =>
  element === "f32" && k > LONGEST ? Math.max(128, 2 ** Math.round(Math.log2(k) / 2)) : 0;

/** Invocations of a workgroup of the `dot` form. */
const DOT = 64;

const powerFrom = (count: number, most: number): number =>
  Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const DIRECT: GemmShape = { form: "direct", rows: 4, cols: 4, high: 8, wide: 8 };
const TILED: GemmShape = { form: "tiled", rows: 4, cols: 4, high: 16, wide: 16 };

const VECTOR: GemmShape = { form: "vector", rows: 8, cols: 16, high: 8, wide: 4 };

/** The shape for large products where nothing has been measured. */
export const usualShape = (software: boolean): GemmShape => (software ? VECTOR : TILED);

/** The shapes that a measurement chooses from. All run within WebGPU's default limits. */
export const GEMM_SHAPES: readonly GemmShape[] = [
  DIRECT,
  { form: "direct", rows: 8, cols: 4, high: 8, wide: 8 },
  TILED,
  { form: "tiled", rows: 4, cols: 4, high: 8, wide: 8 },
  { form: "tiled", rows: 8, cols: 8, high: 8, wide: 8 },
  { form: "tiled", rows: 8, cols: 8, high: 16, wide: 8 },
  { form: "tiled", rows: 8, cols: 4, high: 16, wide: 16 },
  VECTOR,
  { form: "vector", rows: 4, cols: 4, high: 8, wide: 8 },
  { form: "vector", rows: 8, cols: 8, high: 8, wide: 8 },
];

/** The variant for a product, with `large` the shape that large products have on this adapter. */
export function gemmVariant(
  element: GemmElement,
  sizes: GemmSizes,
  software: boolean,
  large: GemmShape = usualShape(software),
): GemmVariant {
  const { batch, m, n, k, lhsAlongK, rhsAlongK, vectors } = sizes;
  const outputs = batch * m * n;
  const base = { element, lhsAlongK, rhsAlongK, block: blockOf(element, k) };
  const skinny = Math.min(m, n) <= 4;
  if (software ? outputs <= 64 && k >= 4096 : (skinny && k >= 128 && lhsAlongK) || (outputs <= 4096 && k >= 256)) {
    return { form: "dot", ...base, rows: 1, cols: 1, high: 1, wide: DOT };
  }
  const tilesOf = (side: number): number => batch * Math.ceil(m / side) * Math.ceil(n / side);
  if (!skinny && k >= 8) {
    // too few tiles to fill a GPU: smaller ones
    if (large.form === "tiled")
      return tilesOf(64) >= 64 ? { ...large, ...base } : { ...TILED, ...base, high: 8, wide: 8 };
    if (large.form === "vector" && !vectors) {
      if (!software) return { ...TILED, ...base };
      if (m >= DIRECT.rows && n >= DIRECT.cols) return { ...DIRECT, ...base };
    } else if (m >= large.rows && n >= large.cols) return { ...large, ...base };
  }
  const rows = powerFrom(m, 4);
  const cols = powerFrom(n, 4);
  const wide = powerFrom(Math.ceil(n / cols), 8);
  return { form: "direct", ...base, rows, cols, high: 64 / wide, wide };
}

/** Rows and columns of the tile a workgroup computes at a time. */
export function gemmTile({ form, rows, cols, high, wide }: GemmVariant): readonly [rows: number, cols: number] {
  return form === "dot" ? [1, 1] : [rows * high, cols * wide];
}

/** The WGSL of a variant: bindings are params, lhs, rhs, out. */
export function gemmCode(variant: GemmVariant): string {
  const { element, form } = variant;
  const stored = form === "vector" ? `vec4<${element}>` : element;
  const buffers = [0, 1, 2].map((number): Binding => {
    const access = number === 2 ? "read_write" : "read";
    return { name: NAMES[number], type: stored, access, pieces: piecesOf(variant, number) };
  });
  const access = buffers.flatMap((buffer) => piecesText(buffer, variant.pieces?.bytes ?? 0));
  const head = `${[PARAMS, `@group(0) @binding(0) var<uniform> P: Params;`, ...declared(buffers), ...access].join("\n")}\n`;
  switch (form) {
    case "tiled":
      return head + tiled(variant);
    case "direct":
      return head + blocks(variant, directBody(variant));
    case "vector":
      return head + blocks(variant, vectorBody(variant));
    case "dot":
      return head + dot(variant);
  }
}

const NAMES = ["lhs", "rhs", "out"] as const;
const piecesOf = ({ pieces }: GemmVariant, number: number): number => pieces?.counts[number] ?? 1;
const lhsAt = (variant: GemmVariant, at: string): string =>
  elementAt({ name: "lhs", pieces: piecesOf(variant, 0) }, at, "u32");
const rhsAt = (variant: GemmVariant, at: string): string =>
  elementAt({ name: "rhs", pieces: piecesOf(variant, 1) }, at, "u32");
const outSet = (variant: GemmVariant, at: string, value: string): string =>
  elementSet({ name: "out", pieces: piecesOf(variant, 2) }, at, "u32", value);

/** A step of a sum. */
const step = (element: GemmElement, sum: string, a: string, b: string): string =>
  element === "f32" ? `${sum} = fma(${a}, ${b}, ${sum});` : `${sum} = ${sum} + ${a} * ${b};`;

function walk(body: string): string {
  return `  for (var tile = P.first + group.x; tile < P.end; tile += groups.x) {
    let batch = tile / (P.tilesM * P.tilesN);
    let within = tile % (P.tilesM * P.tilesN);
    let tileRow = within / P.tilesN;
    let tileCol = within % P.tilesN;
    let left = P.lhsBase + batch * P.lhsBatch;
    let right = P.rhsBase + batch * P.rhsBatch;
${body}
  }`;
}

function stores(variant: GemmVariant): string {
  const { rows, cols } = variant;
  return range(rows)
    .map((i) => {
      const line = range(cols).map((j) => `if (col${j} < P.n) { ${outSet(variant, `row + col${j}`, `c${i}_${j}`)} }`);
      return `    if (row${i} < P.m) { let row = (batch * P.m + row${i}) * P.n; ${line.join(" ")} }`;
    })
    .join("\n");
}

/** The names of the accumulators of a block. */
export const accumulators = (rows: number, cols: number): string[] =>
  range(rows).flatMap((i) => range(cols).map((j) => `c${i}_${j}`));

function sums({ element, rows, cols }: GemmVariant): string {
  return range(rows)
    .map(
      (i) =>
        `    ${range(cols)
          .map((j) => `var c${i}_${j} = ${element}(0);`)
          .join(" ")}`,
    )
    .join("\n");
}

function products({ element, rows, cols }: GemmVariant): string {
  return range(rows)
    .map((i) =>
      range(cols)
        .map((j) => step(element, `c${i}_${j}`, `a${i}`, `b${j}`))
        .join(" "),
    )
    .join("\n        ");
}

/** A loop over k, given its ends; of long sums once a block, into the accumulators `names` of type `of`. */
export function alongK(
  block: number,
  names: readonly string[],
  of: string,
  loop: (from: string, end: string) => string[],
): string[] {
  if (block === 0) return loop("0u", "P.k");
  const each = (line: (name: string) => string): string => `      ${names.map(line).join(" ")}`;
  return [
    each((name) => `var total_${name} = ${of}(0);`),
    `    for (var begin = 0u; begin < P.k; begin += ${block}u) {`,
    `      let end = min(begin + ${block}u, P.k);`,
    ...loop("begin", "end"),
    each((name) => `total_${name} += ${name}; ${name} = ${of}(0);`),
    `    }`,
    each((name) => `${name} = total_${name};`),
  ];
}

/** An entry point whose invocations compute blocks of registers by themselves. */
const blocks = ({ high, wide }: GemmVariant, body: string): string => `@compute @workgroup_size(${wide}, ${high})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u) {
${walk(body)}
}
`;

function directBody(variant: GemmVariant): string {
  const { element, rows, cols, high, wide, block } = variant;
  // rows and columns beyond the edge read the last one, and are not stored
  return [
    ...range(rows).map((i) => `    let row${i} = (tileRow * ${high}u + local.y) * ${rows}u + ${i}u;`),
    ...range(cols).map((j) => `    let col${j} = (tileCol * ${wide}u + local.x) * ${cols}u + ${j}u;`),
    ...range(rows).map((i) => `    var at${i} = left + min(row${i}, P.m - 1u) * P.lhsRow;`),
    ...range(cols).map((j) => `    var on${j} = right + min(col${j}, P.n - 1u) * P.rhsCol;`),
    sums(variant),
    ...alongK(block, accumulators(rows, cols), element, (from, end) => [
      `    for (var k = ${from}; k < ${end}; k++) {`,
      `        ${range(rows)
        .map((i) => `let a${i} = ${lhsAt(variant, `at${i}`)}; at${i} += P.lhsCol;`)
        .join(" ")}`,
      `        ${range(cols)
        .map((j) => `let b${j} = ${rhsAt(variant, `on${j}`)}; on${j} += P.rhsRow;`)
        .join(" ")}`,
      `        ${products(variant)}`,
      "    }",
    ]),
    stores(variant),
  ].join("\n");
}

function tiled(variant: GemmVariant): string {
  const { element, rows, cols, high, wide, lhsAlongK, rhsAlongK, block } = variant;
  const names = block > 0 ? accumulators(rows, cols) : [];
  const each = (line: (name: string) => string): string => names.map(line).join(" ");
  const [tileRows, tileCols] = gemmTile(variant);
  const threads = high * wide;
  // one element of padding a line keeps invocations that store along k out of each other's banks
  const fill = (name: string, size: number, alongK: boolean, load: (line: string, k: string) => string): string[] =>
    range((size * DEPTH) / threads).map((i) => {
      const id = `(lane + ${i * threads}u)`;
      const k = alongK ? `${id} % ${DEPTH}u` : `${id} / ${size}u`;
      const line = alongK ? `${id} / ${DEPTH}u` : `${id} % ${size}u`;
      return `      { let k = ${k}; let line = ${line}; ${name}[k * ${size + 1}u + line] = ${load("line", "k")}; }`;
    });
  // select() would evaluate both sides, and an index out of range with it: clamped, then masked
  const zero = `${element}(0)`;
  const body = [
    `    let firstRow = tileRow * ${tileRows}u;`,
    `    let firstCol = tileCol * ${tileCols}u;`,
    ...range(rows).map((i) => `    let row${i} = firstRow + local.y + ${i * high}u;`),
    ...range(cols).map((j) => `    let col${j} = firstCol + local.x + ${j * wide}u;`),
    sums(variant),
    ...(block > 0 ? [`    ${each((name) => `var total_${name} = ${zero};`)}`] : []),
    `    for (var first = 0u; first < P.k; first += ${DEPTH}u) {`,
    ...fill("tileA", tileRows, lhsAlongK, (line, k) => {
      const at = `left + min(firstRow + ${line}, P.m - 1u) * P.lhsRow + min(first + ${k}, P.k - 1u) * P.lhsCol`;
      return `select(${zero}, ${lhsAt(variant, at)}, first + ${k} < P.k)`;
    }),
    ...fill("tileB", tileCols, rhsAlongK, (line, k) => {
      const at = `right + min(firstCol + ${line}, P.n - 1u) * P.rhsCol + min(first + ${k}, P.k - 1u) * P.rhsRow`;
      return `select(${zero}, ${rhsAt(variant, at)}, first + ${k} < P.k)`;
    }),
    "      workgroupBarrier();",
    `      for (var k = 0u; k < ${DEPTH}u; k++) {`,
    `        ${range(rows)
      .map((i) => `let a${i} = tileA[k * ${tileRows + 1}u + local.y + ${i * high}u];`)
      .join(" ")}`,
    `        ${range(cols)
      .map((j) => `let b${j} = tileB[k * ${tileCols + 1}u + local.x + ${j * wide}u];`)
      .join(" ")}`,
    `        ${products(variant)}`,
    "      }",
    "      workgroupBarrier();",
    ...(block > 0
      ? [`      if (first % ${block}u == 0u) { ${each((name) => `total_${name} += ${name}; ${name} = ${zero};`)} }`]
      : []),
    "    }",
    ...(block > 0 ? [`    ${each((name) => `${name} += total_${name};`)}`] : []),
    stores(variant),
  ];
  return `var<workgroup> tileA: array<${element}, ${(tileRows + 1) * DEPTH}>;
var<workgroup> tileB: array<${element}, ${(tileCols + 1) * DEPTH}>;
@compute @workgroup_size(${wide}, ${high})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) lane: u32) {
${walk(body.join("\n"))}
}
`;
}

function dot(variant: GemmVariant): string {
  const { element, block } = variant;
  const [a, b] = [lhsAt(variant, "start + k * P.lhsCol"), rhsAt(variant, "other + k * P.rhsRow")];
  const product = step(element, "sum", a, b);
  const body = `    let start = left + tileRow * P.lhsRow;
    let other = right + tileCol * P.rhsCol;
    var sum = ${element}(0);
${alongK(16 * block, ["sum"], element, (from, end) => [`    for (var k = ${from} + lane; k < ${end}; k += ${DOT}u) { ${product} }`]).join("\n")}
    parts[lane] = sum;
    workgroupBarrier();
    for (var half = ${DOT / 2}u; half > 0u; half >>= 1u) {
      if (lane < half) { parts[lane] = parts[lane] + parts[lane + half]; }
      workgroupBarrier();
    }
    if (lane == 0u) { ${outSet(variant, "(batch * P.m + tileRow) * P.n + tileCol", "parts[0]")} }
    workgroupBarrier();`;
  return `var<workgroup> parts: array<${element}, ${DOT}>;
@compute @workgroup_size(${DOT})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
${walk(body)}
}
`;
}

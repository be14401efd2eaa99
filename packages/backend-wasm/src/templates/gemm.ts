// Plans matrix products into steps of the kernels in assembly/gemm.ts: which form, which blocks, which temporaries.
// A plan is a function of shape, strides, dtype and build, never of the number of threads, so that the bits are not.
// It refuses nothing a strided product can be: any strides, broadcast batches, empty extents.
import type { TemplatePlan, TemplateStep } from "./template.ts";
import { ceilDivide, grainOf } from "./template.ts";

/** C[batch, m, n] = A[batch, m, k] · B[batch, k, n]; strides count elements and may be zero or negative. */
export interface GemmShape {
  /** `i32` serves uint32 as well: the products wrap alike. */
  readonly dtype: "f32" | "f64" | "i32";
  readonly build: "base" | "relaxed";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: { readonly batch: number; readonly row: number; readonly k: number };
  readonly b: { readonly batch: number; readonly k: number; readonly column: number };
}

/** Byte addresses. C is contiguous and row-major, and overlaps neither operand; temp has `tempBytes`, 64-byte aligned. */
export interface GemmPointers {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly temp: number;
}

/** Where the tiles read B: see `multiply` in assembly/gemm.ts. */
export type GemmMode = "temp" | "scratch" | "inPlace";

/** Blocking that a test or a measurement imposes in place of the planner's. */
export interface GemmTuning {
  readonly mode?: GemmMode;
  readonly blockM?: number;
  readonly blockN?: number;
  readonly blockK?: number;
  readonly splits?: number;
  readonly packA?: boolean;
}

export type GemmPlan = TemplatePlan<GemmPointers>;

const MODES: Readonly<Record<GemmMode, number>> = { temp: 0, scratch: 1, inPlace: 2 };
const BYTES = { f32: 4, i32: 4, f64: 8 } as const;
const PANEL_BYTES = 32;
/** The part of the scratch memory that packed rows of A may fill, and the rest, for packed panels of B. */
const SCRATCH_A = 258 * 1024;
const SCRATCH_B = 760 * 1024;
/** Rows of A packed at a time, at most. */
const GROUP_ROWS = 48;
const ROW_PADDING = 64;
/** The most temporary memory a packed B may take; a larger one is packed block by block, a few times over. */
const TEMP_LIMIT = 64 * 1024 * 1024;
/** What one item should compute at most, about 5 ms: a page's main thread takes items too. */
const ITEM_FLOPS = 2.5e8;
/** Elements one item of gemm_sum adds up. */
const SUM_RUN = 4096;

/** The argument words, in the order of assembly/gemm-args.ts. */
const WORD = {
  a: 0,
  b: 1,
  c: 2,
  panels: 3,
  batch: 4,
  m: 5,
  n: 6,
  k: 7,
  aBatch: 8,
  aRow: 9,
  aK: 10,
  bBatch: 11,
  bK: 12,
  bColumn: 13,
  blockM: 14,
  blockN: 15,
  blockK: 16,
  splitK: 17,
  mode: 18,
  packA: 19,
  packN: 20,
  partials: 21,
} as const;
const ARG_WORDS = 32;

/** A product whose form is settled; `swapped` says that A and B have changed places (C = Bᵀ · Aᵀ, the same memory). */
interface Product extends GemmShape {
  readonly swapped: boolean;
}

/** Strides along extents of one element mean nothing; zero (or one, where unit stride helps) lets the rules below see that. */
function withoutIdleStrides(shape: GemmShape): GemmShape {
  const { batch, m, n, k, a, b } = shape;
  const one = batch === 1;
  return {
    ...shape,
    a: { batch: one ? 0 : a.batch, row: m === 1 ? 0 : a.row, k: k === 1 ? 1 : a.k },
    b: { batch: one ? 0 : b.batch, k: k === 1 ? 1 : b.k, column: n === 1 ? 1 : b.column },
  };
}

/** Folds the batch into rows or columns where the memory allows: one large product instead of many thin ones. */
function foldBatch(shape: GemmShape): Product {
  const { batch, m, n, a, b } = shape;
  const plain = { ...shape, swapped: false };
  if (batch === 1) return plain;
  if (b.batch === 0 && (m === 1 || a.batch === m * a.row)) {
    const row = m === 1 ? a.batch : a.row;
    return { ...plain, batch: 1, m: batch * m, a: { batch: 0, row, k: a.k }, b };
  }
  // One matrix times many vectors: the vectors become the rows of A.
  if (a.batch === 0 && n === 1) {
    return {
      ...plain,
      batch: 1,
      m: batch,
      n: m,
      a: { batch: 0, row: b.batch, k: b.k },
      b: { batch: 0, k: a.k, column: a.row },
      swapped: true,
    };
  }
  if (a.batch === 0 && m === 1 && b.batch === n * b.column) {
    return { ...plain, batch: 1, n: batch * n, b: { batch: 0, k: b.k, column: b.column } };
  }
  return plain;
}

/** A single row times a matrix is the transposed matrix times a column. */
function rowToColumn(product: Product): Product {
  const { m, n, a, b } = product;
  const thin = m === 1 && (n > 1 || (a.k !== 1 && b.k === 1) || (a.k === 0 && b.k !== 0));
  if (!thin) return product;
  return {
    ...product,
    m: n,
    n: 1,
    a: { batch: b.batch, row: n === 1 ? 0 : b.column, k: b.k },
    b: { batch: a.batch, k: a.k, column: 1 },
    swapped: !product.swapped,
  };
}

/** Equal blocks of at most `limit`, each a multiple of `unit`. */
function evenBlock(extent: number, limit: number, unit: number): number {
  const blocks = Math.max(1, ceilDivide(extent, limit));
  return Math.max(unit, ceilDivide(ceilDivide(extent, blocks), unit) * unit);
}

/** How many items a product should have, from its arithmetic alone: pieces of about 0.2 ms, up to enough for any pool. */
function itemsWanted(flops: number): number {
  return Math.min(20, Math.max(1, Math.floor(flops / 8e6)));
}

/**
 * Splitting k gives work to threads where C is small and k long; each part keeps enough of k to repay its copy of C.
 */
function splitsOf(items: number, wanted: number, k: number, shortest: number): number {
  if (items >= wanted || k < 2 * shortest) return 1;
  return Math.min(ceilDivide(wanted, items), Math.floor(k / shortest));
}

/** Bytes of B packed whole. */
function packedBytesOf({ dtype, batch, n, k }: GemmShape): number {
  return batch * k * ceilDivide(n * BYTES[dtype], PANEL_BYTES) * PANEL_BYTES;
}

interface Blocks {
  readonly fn: string;
  readonly items: number;
  readonly mode: GemmMode;
  readonly packA: boolean;
  readonly blockM: number;
  readonly blockN: number;
  readonly blockK: number;
  readonly splitK: number;
}

function vectorBlocks(product: Product, tuning: GemmTuning): Blocks | null {
  const { dtype, batch, m, n, k, a } = product;
  if (n !== 1) return null;
  const form = a.k === 1 ? "dot" : a.row === 1 && m >= 8 ? "axpy" : null;
  if (form === null) return null;
  const size = BYTES[dtype];
  // Rows of the dot form hold about 128 KiB of A. The axpy form reads long runs of each column, and its part of y still
  // fits the second-level cache.
  const rows =
    form === "dot" ? Math.min(256, Math.max(4, Math.floor(131072 / (size * Math.max(1, k) * 4)) * 4)) : 65536 / size;
  const blockM = tuning.blockM ?? Math.min(rows, Math.max(1, m));
  const items = batch * ceilDivide(m, blockM);
  // Bound by memory: an operation takes about as long as five of a matrix product.
  const wanted = itemsWanted(10 * batch * m * k);
  const splits = tuning.splits ?? splitsOf(items, wanted, k, form === "dot" ? 16384 : 256);
  const splitK = Math.max(1, splits === 1 ? k : ceilDivide(ceilDivide(k, splits), 64) * 64);
  return {
    fn: `gemv_${form}_${dtype}`,
    items: items * Math.max(1, ceilDivide(k, splitK)),
    mode: "inPlace",
    packA: false,
    blockM,
    blockN: 1,
    blockK: tuning.blockK ?? 32768,
    splitK,
  };
}

function matrixBlocks(product: Product, tuning: GemmTuning): Blocks {
  const { dtype, build, batch, m, n, k, a, b } = product;
  const size = BYTES[dtype];
  const width = PANEL_BYTES / size;
  const tileRows = build === "relaxed" && dtype !== "i32" ? 6 : 5;
  const unitColumns = b.column === 1;
  // Packing repays itself as soon as it ends conflicts in the first-level cache: rows a power of two apart share sets.
  const small = k * n * size <= 64 * 1024;
  let mode: GemmMode = "temp";
  if (unitColumns && (small || m <= 2 * tileRows)) mode = "inPlace";
  else if (m <= 384 || packedBytesOf(product) > TEMP_LIMIT) mode = "scratch";
  if (tuning.mode !== undefined && (tuning.mode !== "inPlace" || unitColumns)) mode = tuning.mode;
  const conflicts = (a.row * size) % 1024 === 0;
  const packA =
    a.k !== 1 || (tuning.packA ?? (mode !== "inPlace" && (n >= 32 * width || (conflicts && n >= 8 * width))));

  // B's block, [blockK, blockN], stays in the second-level cache while strips of A pass by, and so does C's block from one
  // block of k to the next. A long column block of A under few columns of B is read in tall runs of few k, for each k is
  // another page. Where every block of rows packs its own B, blocks of rows are tall.
  const narrow = n * size <= 1024;
  const tallRuns = narrow && a.k !== 1 && m > 384;
  const deepest = tallRuns ? 128 : narrow && n * size <= 512 ? 1000 : dtype === "f64" ? 320 : 512;
  const blockK = Math.min(
    tuning.blockK ?? evenBlock(k, deepest, 8),
    Math.floor((SCRATCH_A / GROUP_ROWS - ROW_PADDING) / size),
  );
  const columnLimit = mode === "scratch" ? Math.floor(SCRATCH_B / (blockK * PANEL_BYTES)) * width : n + width;
  const tallest = mode === "scratch" ? 768 : tallRuns ? Math.floor(SCRATCH_A / (blockK * size + ROW_PADDING)) : 96;
  const lowest = mode === "scratch" ? 384 : tallest;
  const wanted = itemsWanted(2 * batch * m * n * k);
  let blockM = evenBlock(m, tallest, tileRows);
  let blockN = evenBlock(n, Math.min(1024 / size, columnLimit), width);
  const count = (): number => batch * ceilDivide(m, blockM) * ceilDivide(n, blockN);
  while (count() < wanted && (blockM > lowest || blockN > 16 * width)) {
    if (blockM > lowest) blockM = evenBlock(m, blockM - tileRows, tileRows);
    else blockN = evenBlock(n, blockN - width, width);
  }
  // Smaller blocks of a long product cost a few percent of packing.
  const tooLong = (): boolean => 2 * blockM * blockN * k > ITEM_FLOPS;
  while (tooLong() && blockM > 4 * GROUP_ROWS) blockM = evenBlock(m, blockM / 2, tileRows);
  while (tooLong() && blockN > 16 * width) blockN = evenBlock(n, blockN / 2, width);
  while (tooLong() && blockM > GROUP_ROWS) blockM = evenBlock(m, blockM / 2, tileRows);
  blockM = tuning.blockM ?? blockM;
  blockN = Math.min(tuning.blockN ?? blockN, columnLimit);
  const items = count();
  const splits = tuning.splits ?? splitsOf(items, wanted, k, Math.max(512, blockK));
  const splitK = Math.max(1, splits === 1 ? k : ceilDivide(ceilDivide(k, splits), blockK) * blockK);
  return {
    fn: `gemm_${dtype}`,
    items: items * Math.max(1, ceilDivide(k, splitK)),
    mode,
    packA,
    blockM,
    blockN,
    blockK,
    splitK,
  };
}

/**
 * Plans C = A · B. The plan holds for every run with these shapes and strides; only the four addresses change.
 * Empty extents give no steps (m, n or batch 0) or a step that writes zeros (k 0). `tuning` imposes blocks.
 *
 * @example
 * const plan = planGemm({ dtype: "f32", build: "base", batch: 1, m: 2, n: 3, k: 4,
 *   a: { batch: 0, row: 4, k: 1 }, b: { batch: 0, k: 3, column: 1 } });
 * plan.writeArgs(words, argsAddress / 4, { a, b, c, temp });
 */
export function planGemm(shape: GemmShape, tuning: GemmTuning = {}): GemmPlan {
  if (shape.batch === 0 || shape.m === 0 || shape.n === 0) {
    return { tempBytes: 0, argWords: ARG_WORDS, steps: [], writeArgs: () => undefined };
  }
  const product = rowToColumn(foldBatch(withoutIdleStrides(shape)));
  const { dtype, batch, m, n, k, a, b } = product;
  const size = BYTES[dtype];
  const blocks = vectorBlocks(product, tuning) ?? matrixBlocks(product, tuning);
  const outputs = batch * m * n;
  const splits = Math.max(1, ceilDivide(k, blocks.splitK));
  const width = PANEL_BYTES / size;
  const packN = 16 * width;
  const packedBytes = blocks.mode === "temp" ? packedBytesOf(product) : 0;
  const partialBytes = splits > 1 ? splits * outputs * size : 0;

  const steps: TemplateStep[] = [];
  const step = (fn: string, items: number, flops: number, bytes: number): void => {
    steps.push({ fn, items, grain: grainOf(items, flops, bytes), flops, bytes });
  };
  const bBytes = (b.batch === 0 ? 1 : batch) * k * n * size;
  const aBytes = (a.batch === 0 ? 1 : batch) * m * k * size;
  if (packedBytes > 0) {
    const items = batch * ceilDivide(k, blocks.blockK) * ceilDivide(n, packN);
    step(`gemm_pack_${size * 8}`, items, 0, bBytes + packedBytes);
  }
  step(blocks.fn, blocks.items, 2 * outputs * k, aBytes + bBytes + outputs * size * splits);
  if (splits > 1) {
    step(`gemm_sum_${dtype}`, ceilDivide(outputs, SUM_RUN), outputs * splits, partialBytes + outputs * size);
  }

  const fixed = new Int32Array(ARG_WORDS);
  fixed[WORD.batch] = batch;
  fixed[WORD.m] = m;
  fixed[WORD.n] = n;
  fixed[WORD.k] = k;
  fixed[WORD.aBatch] = a.batch;
  fixed[WORD.aRow] = a.row;
  fixed[WORD.aK] = a.k;
  fixed[WORD.bBatch] = b.batch;
  fixed[WORD.bK] = b.k;
  fixed[WORD.bColumn] = b.column;
  fixed[WORD.blockM] = blocks.blockM;
  fixed[WORD.blockN] = blocks.blockN;
  fixed[WORD.blockK] = blocks.blockK;
  fixed[WORD.splitK] = blocks.splitK;
  fixed[WORD.mode] = MODES[blocks.mode];
  fixed[WORD.packA] = blocks.packA ? 1 : 0;
  fixed[WORD.packN] = packN;
  const { swapped } = product;
  return {
    tempBytes: packedBytes + partialBytes,
    argWords: ARG_WORDS,
    steps,
    writeArgs: (words, at, pointers) => {
      words.set(fixed, at);
      words[at + WORD.a] = swapped ? pointers.b : pointers.a;
      words[at + WORD.b] = swapped ? pointers.a : pointers.b;
      words[at + WORD.c] = pointers.c;
      words[at + WORD.panels] = pointers.temp;
      words[at + WORD.partials] = pointers.temp + packedBytes;
    },
  };
}

// Random steps over a few arrays of int32, each with what it computes worked out in JavaScript: exact, so that a chunk
// that was lost, run twice in place or run too early shows. Used by the soak and its test only.
import type { Affine, Kernel, MatrixOperand, Place, Scalar, ScalarFn, Step } from "@weft/ir";

/** Elements of every array. */
export const ELEMENTS = 2048;
/** The same as rows and columns. */
const ROWS = 32;
const COLUMNS = 64;

/** A step and its model. */
export interface ModelStep {
  readonly kind: string;
  readonly step: Step;
  /** Changes `arrays` as the step does; `slot` is the value of the run's one slot. */
  apply(arrays: readonly Int32Array[], slot: number): void;
}

/** What steps need of the device, and where their temporary memory is. */
export interface Site {
  gemmBytes(step: Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">): number;
  readonly scratch: number;
}

/** Numbers in [0, 1). */
export type Random = () => number;

const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)];
const at = (buffer: number): Place => ({ buffer, offset: 0 });

const along = (axis: number, coef = 1, base = 0): Affine => ({
  base: { lit: base },
  terms: [{ coef: { lit: coef }, of: { axis } }],
});
const backwards = along(0, -1, ELEMENTS - 1);
const load = (buffer: number, place: Affine): Scalar => {
  return { op: "load", lane: "i32", buffer, at: place, guard: null, other: null };
};
const constant = (value: number): Scalar => ({ op: "const", lane: "i32", value });
const apply = (fn: ScalarFn, a: number, b: number): Scalar => ({ op: "apply", lane: "i32", fn, args: [a, b] });

const OPERATIONS = {
  add: (a: number, b: number) => (a + b) | 0,
  sub: (a: number, b: number) => (a - b) | 0,
  mul: (a: number, b: number) => Math.imul(a, b),
  xor: (a: number, b: number) => a ^ b,
} as const;
type Operation = keyof typeof OPERATIONS;
const OPERATION_NAMES: readonly Operation[] = ["add", "sub", "mul", "xor"];

function kernelStep(kernel: Kernel, places: readonly number[], points: number, work: number): Step {
  const key = JSON.stringify(kernel);
  return {
    kind: "kernel",
    kernel,
    key,
    dims: [],
    params: kernel.params.map(() => ({ slot: 0 })),
    places: places.map(at),
    points,
    work,
  };
}

const I32 = (access: "read" | "write") => ({ storage: "i32", access }) as const;

/** Splits a step into few chunks or many. */
const workOf = (random: Random): number => pick(random, [1e4, 3e5, 1e7, 1e8]);

/** to = (a op₁ constant) op₂ b, then op₃ slot; b is read backwards, so that chunks read what other chunks wrote. */
function mapStep(random: Random, a: number, b: number, to: number): ModelStep {
  const [first, second, third] = [0, 1, 2].map(() => pick(random, OPERATION_NAMES));
  const factor = below(random, 1e6) - 5e5;
  const reverse = random() < 0.7;
  const nodes = [
    load(0, along(0)),
    load(1, reverse ? backwards : along(0)),
    constant(factor),
    apply(first, 0, 2),
    apply(second, 3, 1),
    { op: "param", lane: "i32", slot: 0 },
    apply(third, 4, 5),
  ] satisfies Scalar[];
  const kernel: Kernel = {
    buffers: [I32("read"), I32("read"), I32("write")],
    dims: 0,
    params: ["i32"],
    axes: [{ size: { lit: ELEMENTS } }],
    grid: [0],
    nodes,
    phases: [{ kind: "map", axes: [], folds: [], stores: [{ buffer: 2, at: along(0), value: 6 }] }],
  };
  return {
    kind: a === to ? "in place" : "map",
    step: kernelStep(kernel, [a, b, to], ELEMENTS, workOf(random)),
    apply: (arrays, slot) => {
      const [x, y] = [arrays[a], arrays[b]];
      arrays[to].set(
        x.map((value, i) => {
          const other = y[reverse ? ELEMENTS - 1 - i : i];
          return OPERATIONS[third](OPERATIONS[second](OPERATIONS[first](value, factor), other), slot);
        }),
      );
    },
  };
}

/** to[r] = Σ over n of a[r] + n, in chunks that take a while. */
function slowStep(random: Random, a: number, to: number): ModelStep {
  const length = 2000 + below(random, 4000);
  const rows = 512;
  const kernel: Kernel = {
    buffers: [I32("read"), I32("write")],
    dims: 0,
    params: [],
    axes: [{ size: { lit: rows } }, { size: { lit: length } }],
    grid: [0],
    nodes: [
      load(0, along(0)),
      { op: "index", lane: "i32", of: along(1) },
      apply("add", 0, 1),
      { op: "result", lane: "i32", phase: 0, fold: 0, part: 0 },
    ],
    phases: [
      { kind: "reduce", axes: [1], folds: [{ monoid: "sum", lane: "i32", inputs: [2] }], stores: [] },
      { kind: "map", axes: [], folds: [], stores: [{ buffer: 1, at: along(0), value: 3 }] },
    ],
  };
  return {
    kind: "fold",
    step: kernelStep(kernel, [a, to], rows, 1e7),
    apply: (arrays) => {
      const triangle = (length * (length - 1)) / 2;
      for (let row = 0; row < rows; row++) arrays[to][row] = Math.imul(arrays[a][row], length) + triangle;
    },
  };
}

const matrix = (buffer: number, rowStride: number): MatrixOperand => {
  return { place: at(buffer), base: 0, batchStride: 0, rowStride, colStride: 1 };
};

/** to[m, n] = Σk a[m, k] · b[k, n], of 32 × 64 × 32. */
function gemmStep(site: Site, a: number, b: number, to: number): ModelStep {
  const form = {
    storage: "i32",
    batch: 1,
    m: ROWS,
    n: ROWS,
    k: COLUMNS,
    lhs: matrix(a, COLUMNS),
    rhs: matrix(b, ROWS),
  } as const;
  const scratch = site.gemmBytes(form) > 0 ? at(site.scratch) : null;
  return {
    kind: "gemm",
    step: { kind: "gemm", ...form, out: at(to), scratch },
    apply: (arrays) => {
      for (let row = 0; row < ROWS; row++) {
        for (let column = 0; column < ROWS; column++) {
          let sum = 0;
          for (let k = 0; k < COLUMNS; k++) {
            sum = (sum + Math.imul(arrays[a][row * COLUMNS + k], arrays[b][k * ROWS + column])) | 0;
          }
          arrays[to][row * ROWS + column] = sum;
        }
      }
    },
  };
}

function transposeStep(a: number, to: number): ModelStep {
  const form = { storage: "i32", batch: 1, rows: ROWS, cols: COLUMNS, from: matrix(a, COLUMNS) } as const;
  return {
    kind: "transpose",
    step: { kind: "transpose", ...form, out: at(to) },
    apply: (arrays) => {
      for (let i = 0; i < ELEMENTS; i++) arrays[to][(i % COLUMNS) * ROWS + Math.floor(i / COLUMNS)] = arrays[a][i];
    },
  };
}

function copyStep(a: number, to: number): ModelStep {
  return {
    kind: "copy",
    step: { kind: "copy", from: at(a), to: at(to), bytes: ELEMENTS * 4 },
    apply: (arrays) => arrays[to].set(arrays[a]),
  };
}

/** A step over `arrays` arrays. Only a step "in place" reads what it writes. */
export function randomStep(random: Random, arrays: number, site: Site): ModelStep {
  const to = below(random, arrays);
  const others = Array.from({ length: arrays }, (_, i) => i).filter((i) => i !== to);
  const [a, b] = [pick(random, others), pick(random, others)];
  const choice = random();
  if (choice < 0.5) return mapStep(random, a, b, to);
  if (choice < 0.65) return slowStep(random, a, to);
  if (choice < 0.75) return gemmStep(site, a, b, to);
  if (choice < 0.85) return transposeStep(a, to);
  if (choice < 0.95) return copyStep(a, to);
  return mapStep(random, to, b, to);
}

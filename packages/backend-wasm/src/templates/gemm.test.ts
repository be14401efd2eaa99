import { describe, expect, it } from "vitest";
import { KernelBed } from "../../scripts/kernel-bed.ts";
import type { Share } from "../../scripts/kernel-bed.ts";
import { planGemm } from "./gemm.ts";
import type { GemmShape, GemmTuning } from "./gemm.ts";

type DType = GemmShape["dtype"];
type Layout = "plain" | "transposed" | "strided" | "reversed";
interface Case {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch?: number;
  readonly lhs?: Layout;
  readonly rhs?: Layout;
  /** Operands shared by all batch items. */
  readonly shared?: "lhs" | "rhs" | "both";
  readonly tuning?: GemmTuning;
  readonly share?: Share;
}

const BYTES = { f32: 4, f64: 8, i32: 4 } as const;

/** A small generator of test numbers (Lehmer's), so that failures repeat. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function view(bed: KernelBed, dtype: DType, address: number, count: number): Float32Array | Float64Array | Int32Array {
  if (dtype === "f32") return new Float32Array(bed.memory.buffer, address, count);
  if (dtype === "f64") return new Float64Array(bed.memory.buffer, address, count);
  return new Int32Array(bed.memory.buffer, address, count);
}

interface Matrix {
  readonly address: number;
  readonly batch: number;
  readonly row: number;
  readonly column: number;
  readonly at: (batch: number, row: number, column: number) => number;
}

/** Places a random [batch, rows, columns] in the layout, off every alignment but the element's, among NaN. */
function matrix(
  bed: KernelBed,
  dtype: DType,
  batch: number,
  rows: number,
  columns: number,
  layout: Layout,
  random: () => number,
): Matrix {
  const size = BYTES[dtype];
  const steps = {
    plain: { row: columns, column: 1 },
    transposed: { row: 1, column: rows },
    strided: { row: 2 * columns * 3 + 1, column: 2 },
    reversed: { row: -columns, column: 1 },
  }[layout];
  const span = layout === "strided" ? rows * (2 * columns * 3 + 1) + 2 * columns : rows * columns;
  const first = layout === "reversed" ? Math.max(0, rows - 1) * columns : 0;
  const start = bed.place((batch * span + 8) * size, size);
  const data = view(bed, dtype, start, batch * span + 4);
  data.fill(dtype === "i32" ? 123456789 : Number.NaN);
  const place = (b: number, r: number, c: number): number => b * span + first + r * steps.row + c * steps.column;
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        data[place(b, r, c)] = dtype === "i32" ? Math.floor((random() - 0.5) * 4e9) : random() - 0.5;
      }
    }
  }
  return {
    address: start + first * size,
    batch: span,
    ...steps,
    at: (b, r, c) => data[place(b, r, c)],
  };
}

/** Runs one product and compares it with plain loops in float64 (integers: wrapping); returns C's bytes. */
function check(bed: KernelBed, build: "base" | "relaxed", given: Case): Uint8Array {
  const { dtype, m, n, k, batch = 1, lhs = "plain", rhs = "plain", shared, tuning, share } = given;
  bed.clear();
  const random = numbers(m * 7919 + n * 104729 + k * 31 + batch);
  const sharesA = shared === "lhs" || shared === "both";
  const sharesB = shared === "rhs" || shared === "both";
  const a = matrix(bed, dtype, sharesA ? 1 : batch, m, k, lhs, random);
  const b = matrix(bed, dtype, sharesB ? 1 : batch, k, n, rhs, random);
  const size = BYTES[dtype];
  const count = batch * m * n;
  const c = bed.place((count + 16) * size, 0);
  const result = view(bed, dtype, c, count + 16);
  result.fill(77);
  const plan = planGemm(
    {
      dtype,
      build,
      batch,
      m,
      n,
      k,
      a: { batch: sharesA ? 0 : a.batch, row: a.row, k: a.column },
      b: { batch: sharesB ? 0 : b.batch, k: b.row, column: b.column },
    },
    tuning,
  );
  const temp = bed.place(plan.tempBytes + 64);
  const guard = new Float64Array(bed.memory.buffer, Math.ceil((temp + plan.tempBytes) / 8) * 8, 4).fill(99);
  bed.run(plan, { a: a.address, b: b.address, c, temp }, share);
  const unit = dtype === "f32" ? 2 ** -23 : 2 ** -52;
  for (let i = 0; i < batch; i++) {
    for (let r = 0; r < m; r++) {
      for (let s = 0; s < n; s++) {
        const got = result[(i * m + r) * n + s];
        let exact = 0;
        let magnitude = 0;
        for (let x = 0; x < k; x++) {
          const p = a.at(sharesA ? 0 : i, r, x);
          const q = b.at(sharesB ? 0 : i, x, s);
          if (dtype === "i32") exact = (exact + Math.imul(p, q)) | 0;
          else {
            exact += p * q;
            magnitude += Math.abs(p * q);
          }
        }
        const bound = dtype === "i32" ? 0 : 2 * Math.sqrt(k + 1) * unit * magnitude;
        if (!(Math.abs(got - exact) <= bound)) {
          throw new Error(
            `C[${i}, ${r}, ${s}] is ${got}, expected ${exact} (${JSON.stringify({ ...given, share: undefined })})`,
          );
        }
      }
    }
  }
  expect([...result.subarray(count)]).toEqual(Array.from({ length: 16 }, () => 77));
  expect([...guard]).toEqual([99, 99, 99, 99]);
  return new Uint8Array(bed.memory.buffer.slice(c, c + count * size) as ArrayBuffer);
}

/** Every item on its own, in a shuffled order. */
const shuffled =
  (seed: number): Share =>
  (items) => {
    const random = numbers(seed);
    const order = Array.from({ length: items }, (_, i) => i);
    for (let i = items - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order.map((i) => [i, i + 1] as const);
  };

const EXTENTS = [1, 2, 3, 5, 7, 8, 17, 64, 65, 129];
const LAYOUTS: readonly Layout[] = ["plain", "transposed", "strided", "reversed"];
const DTYPES: readonly DType[] = ["f32", "f64", "i32"];

for (const build of ["base", "relaxed"] as const) {
  const bed = new KernelBed(build, 512);
  describe(`matrix products, ${build} build`, () => {
    for (const dtype of DTYPES) {
      it(`${dtype}: odd extents, as planned`, () => {
        for (const m of EXTENTS) {
          for (const n of EXTENTS) {
            const k = EXTENTS[(EXTENTS.indexOf(m) * 3 + EXTENTS.indexOf(n) * 7 + 1) % EXTENTS.length];
            check(bed, build, { dtype, m, n, k });
          }
        }
      });

      it(`${dtype}: every layout of either operand, in every mode`, () => {
        for (const lhs of LAYOUTS) {
          for (const rhs of LAYOUTS) {
            for (const mode of ["temp", "scratch", "inPlace"] as const) {
              // Blocks small enough that each extent has several, and edges.
              const tuning = { mode, blockM: 12, blockN: 16, blockK: 16 };
              check(bed, build, { dtype, m: 29, n: 35, k: 41, lhs, rhs, tuning });
              check(bed, build, { dtype, m: 7, n: 3, k: 37, lhs, rhs, tuning: { ...tuning, packA: true } });
            }
            check(bed, build, { dtype, m: 29, n: 35, k: 41, lhs, rhs });
          }
        }
      });

      it(`${dtype}: matrix times vector and vector times matrix in every layout`, () => {
        for (const lhs of LAYOUTS) {
          for (const rhs of LAYOUTS) {
            for (const [m, n, k] of [
              [1, 1, 70],
              [1, 67, 33],
              [67, 1, 33],
              [9, 1, 130],
              [1, 9, 130],
              [67, 1, 1],
              [1, 67, 1],
            ]) {
              check(bed, build, { dtype, m, n, k, lhs, rhs });
              check(bed, build, { dtype, m, n, k, lhs, rhs, batch: 3, tuning: { blockM: 8, blockK: 40 } });
              check(bed, build, { dtype, m, n, k, lhs, rhs, tuning: { splits: 2 } });
            }
          }
        }
      });

      it(`${dtype}: batches, shared operands, and each transposed`, () => {
        for (const shared of [undefined, "lhs", "rhs", "both"] as const) {
          for (const [lhs, rhs] of [
            ["plain", "plain"],
            ["transposed", "plain"],
            ["plain", "transposed"],
            ["strided", "reversed"],
          ] as const) {
            for (const [m, n, k] of [
              [5, 9, 7],
              [1, 9, 7],
              [9, 1, 7],
              [1, 1, 7],
              [20, 17, 1],
            ]) {
              check(bed, build, { dtype, m, n, k, batch: 4, lhs, rhs, shared });
              check(bed, build, { dtype, m, n, k, batch: 4, lhs, rhs, shared, tuning: { mode: "temp", blockK: 8 } });
            }
          }
        }
      });

      it(`${dtype}: a long k is split and summed`, () => {
        for (const lhs of ["plain", "transposed"] as const) {
          check(bed, build, { dtype, m: 13, n: 11, k: 1200, lhs, tuning: { splits: 3, blockK: 128 } });
          check(bed, build, {
            dtype,
            m: 13,
            n: 11,
            k: 1200,
            lhs,
            batch: 2,
            tuning: { mode: "temp", splits: 4, blockK: 64 },
          });
          check(bed, build, { dtype, m: 70, n: 1, k: 1201, lhs, tuning: { splits: 5 } });
        }
      });

      it(`${dtype}: empty extents`, () => {
        for (const [m, n] of [
          [3, 5],
          [1, 5],
          [9, 1],
          [1, 1],
          [70, 70],
        ]) {
          check(bed, build, { dtype, m, n, k: 0, batch: 2 });
          check(bed, build, { dtype, m, n, k: 0, tuning: { mode: "temp" } });
          check(bed, build, { dtype, m, n, k: 0, lhs: "transposed", rhs: "transposed" });
        }
        for (const [batch, m, n] of [
          [1, 0, 3],
          [1, 3, 0],
          [0, 3, 3],
        ]) {
          const strides = { batch: 1, row: 1, k: 1, column: 1 };
          expect(planGemm({ dtype, build, batch, m, n, k: 2, a: strides, b: strides }).steps).toEqual([]);
        }
      });

      it(`${dtype}: the bits do not depend on how items are shared out`, () => {
        const cases: Case[] = [
          { dtype, m: 60, n: 50, k: 150 },
          { dtype, m: 60, n: 50, k: 150, tuning: { mode: "temp", blockM: 24, blockN: 32, blockK: 64 } },
          {
            dtype,
            m: 60,
            n: 50,
            k: 150,
            lhs: "transposed",
            rhs: "transposed",
            tuning: { mode: "scratch", blockM: 24, blockN: 32 },
          },
          { dtype, m: 30, n: 20, k: 500, tuning: { splits: 4, blockK: 64, blockM: 12 } },
          { dtype, m: 40, n: 1, k: 700, batch: 3, tuning: { blockM: 8, splits: 3 } },
          { dtype, m: 40, n: 1, k: 700, lhs: "transposed", tuning: { blockM: 16 } },
        ];
        for (const given of cases) {
          const whole = check(bed, build, { ...given, share: (items) => [[0, items]] });
          for (const seed of [5, 11]) {
            expect(Buffer.compare(check(bed, build, { ...given, share: shuffled(seed) }), whole)).toBe(0);
          }
        }
      });
    }

    it("large enough for the planner's own packing and splitting", () => {
      check(bed, build, { dtype: "f32", m: 400, n: 130, k: 150 });
      check(bed, build, { dtype: "f32", m: 40, n: 30, k: 5000, lhs: "transposed" });
      check(bed, build, { dtype: "f64", m: 390, n: 70, k: 300, rhs: "transposed" });
      check(bed, build, { dtype: "f32", m: 300, n: 1, k: 3000, lhs: "transposed" });
    });

    it("the peak loops run their chains to the fixed point", () => {
      const out = bed.place(64);
      bed.call("peak_f32", [out, 512], 0, 2);
      expect(new Float32Array(bed.memory.buffer, out, 4)[3]).toBe(12);
      bed.call("peak_f64", [out, 512], 0, 2);
      expect(new Float64Array(bed.memory.buffer, out, 2)[1]).toBe(12);
    });
  });
}

describe("addresses beyond 2 GiB", () => {
  // Only the pages that are touched take memory.
  const bed = new KernelBed("base", 49152);
  const GIB = 2 ** 30;

  it("reach rows whose distance does not fit a signed byte count", () => {
    const row = 300_000_000;
    const [a, b, c] = [GIB / 8, 2.7 * GIB, 2.8 * GIB].map((address) => Math.floor(address / 64) * 64);
    const columns = 17;
    const right = new Float32Array(bed.memory.buffer, b, 9 * columns).map((_, i) => i - 70);
    new Float32Array(bed.memory.buffer, b, 9 * columns).set(right);
    for (const n of [1, columns]) {
      const expected: number[] = [];
      for (let i = 0; i < 3; i++) {
        const left = new Float32Array(bed.memory.buffer, a + i * row * 4, 9);
        for (let x = 0; x < 9; x++) left[x] = i * 9 + x;
        for (let j = 0; j < n; j++) {
          expected.push(left.reduce((sum, value, x) => sum + value * right[x * columns + j], 0));
        }
      }
      const plan = planGemm({
        dtype: "f32",
        build: "base",
        batch: 1,
        m: 3,
        n,
        k: 9,
        a: { batch: 0, row, k: 1 },
        b: { batch: 0, k: columns, column: 1 },
      });
      bed.run(plan, { a, b, c, temp: 0 });
      expect([...new Float32Array(bed.memory.buffer, c, 3 * n)]).toEqual(expected);
    }
  });
});

describe("plans", () => {
  const shape: GemmShape = {
    dtype: "f32",
    build: "base",
    batch: 8,
    m: 100,
    n: 1,
    k: 50,
    a: { batch: 0, row: 50, k: 1 },
    b: { batch: 50, k: 1, column: 1 },
  };

  it("many vectors under one matrix become one product", () => {
    const { steps } = planGemm(shape);
    expect(steps.map((step) => step.fn)).toEqual(["gemm_f32"]);
    expect(steps[0].flops).toBe(2 * 8 * 100 * 50);
  });

  it("a large right-hand side does not ask for as much temporary memory", () => {
    const side = 20000;
    const strides = { batch: 0, row: side, k: 1, column: 1 };
    const plan = planGemm({ ...shape, batch: 1, m: side, n: side, k: side, a: strides, b: { ...strides, k: side } });
    expect(plan.tempBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
  });

  it("every item of a large product is of use to a pool", () => {
    const strides = { batch: 0, row: 1024, k: 1, column: 1 };
    const plan = planGemm({ ...shape, batch: 1, m: 1024, n: 1024, k: 1024, a: strides, b: { ...strides, k: 1024 } });
    expect(plan.steps.map((step) => step.fn)).toEqual(["gemm_pack_32", "gemm_f32"]);
    for (const step of plan.steps) expect(step.items).toBeGreaterThanOrEqual(16);
  });

  // A page's main thread takes claims too; 3e8 operations are about 6 ms.
  it.each([
    [4096, 4096, 4096],
    [5000, 5000, 5000],
    [768, 3072, 8192],
    [96, 300, 20000],
    [20000, 128, 10000],
  ])("no claim of %i × %i over %i is long", (m, n, k) => {
    for (const build of ["base", "relaxed"] as const) {
      const a = { batch: 0, row: k, k: 1 };
      const { steps } = planGemm({ dtype: "f32", build, batch: 1, m, n, k, a, b: { batch: 0, k: n, column: 1 } });
      for (const { fn, items, grain, flops, bytes } of steps) {
        const share = grain / items;
        expect(share * flops, fn).toBeLessThan(3e8);
        expect(share * bytes, fn).toBeLessThan(64e6);
      }
    }
  });
});

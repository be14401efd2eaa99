// Quick figures of the kernels compiled ahead of time, on one thread: products as shares of the register-only peak
// measured between them, memory-bound kernels as shares of a memory copy. Ratios only; a few seconds.
// Arguments: the build (relaxed or base) and words that a row's title must contain.
import { planGemm } from "../src/templates/gemm.ts";
import type { GemmShape } from "../src/templates/gemm.ts";
import { planCopy, planFill32, planTranspose } from "../src/templates/movement.ts";
import { KernelBed } from "./kernel-bed.ts";

const build = process.argv[2] === "base" ? "base" : "relaxed";
const wanted = process.argv.slice(3);
const ROUNDS = 5;
const SLICE_MS = 60;
const bed = new KernelBed(build, 7000);
// Pages never written to are all the same page of zeros, which would never leave the cache.
const touched = bed.memory.buffer.byteLength - (4 << 20);
bed.run(planFill32(touched / 4), { target: 4 << 20, bits: 0x3f000000 });

interface Row {
  readonly title: string;
  readonly against: "peak f32" | "peak f64" | "copy";
  /** Operations or bytes of one run. */
  readonly work: number;
  readonly time: Stopwatch;
}

/**
 * The time of pieces that run one after another, as the sum of each one's shortest time in all rounds: a long run is hardly
 * ever left alone on a busy machine, a piece is.
 */
class Stopwatch {
  readonly #pieces: readonly (() => void)[];
  readonly #best: number[];

  constructor(pieces: readonly (() => void)[]) {
    this.#pieces = pieces;
    this.#best = pieces.map(() => Number.POSITIVE_INFINITY);
  }

  get milliseconds(): number {
    return this.#best.reduce((sum, time) => sum + time, 0);
  }

  /** Repeats the pieces for a slice of time. */
  round(slice: number): void {
    const start = performance.now();
    do {
      for (const [i, piece] of this.#pieces.entries()) {
        let runs = 0;
        const from = performance.now();
        // A single piece shorter than the clock is fine is timed several times over.
        do {
          piece();
          runs++;
        } while (this.#pieces.length === 1 && performance.now() - from < 0.2);
        this.#best[i] = Math.min(this.#best[i], (performance.now() - from) / runs);
      }
    } while (performance.now() - start < slice);
  }
}

const BYTES = { f32: 4, f64: 8, i32: 4 } as const;
type Extents = readonly [m: number, n: number, k: number];
interface Form {
  readonly dtype?: GemmShape["dtype"];
  readonly batch?: number;
  readonly ta?: boolean;
  readonly tb?: boolean;
}

/** A product over whatever the memory holds; all products use the same memory. */
function product([m, n, k]: Extents, form: Form = {}): Row {
  const { dtype = "f32", batch = 1, ta = false, tb = false } = form;
  const size = BYTES[dtype];
  const plan = planGemm({
    dtype,
    build,
    batch,
    m,
    n,
    k,
    a: { batch: m * k, row: ta ? 1 : k, k: ta ? m : 1 },
    b: { batch: k * n, k: tb ? 1 : n, column: tb ? k : 1 },
  });
  bed.clear();
  const [a, b, c, temp] = [m * k, k * n, m * n]
    .map((count) => bed.place(batch * count * size, 0))
    .concat(bed.place(plan.tempBytes));
  const vector = m === 1 || n === 1;
  const title = `${dtype} ${batch > 1 ? `${batch} of ` : ""}${m}×${k} · ${k}×${n}${ta ? ", Aᵀ" : ""}${tb ? ", Bᵀ" : ""}`;
  return {
    title,
    against: vector ? "copy" : dtype === "f64" ? "peak f64" : "peak f32",
    work: vector ? batch * (m * k + k * n + m * n) * size : 2 * batch * m * n * k,
    time: new Stopwatch(bed.pieces(plan, { a, b, c, temp })),
  };
}

function transposition(elementBytes: 1 | 4 | 8, side: number): Row {
  const plan = planTranspose({ elementBytes, batch: 1, rows: side, columns: side, rowStride: side, batchStride: 0 });
  bed.clear();
  const [source, target] = [bed.place(side * side * elementBytes), bed.place(side * side * elementBytes)];
  return {
    title: `transpose_${8 * elementBytes} ${side}×${side}`,
    against: "copy",
    work: 2 * side * side * elementBytes,
    time: new Stopwatch(bed.pieces(plan, { source, target })),
  };
}

/** Sixteen bytes below all that the bed places. */
const out = 512;
const PEAK_ITEMS = 4;
const COPY_BYTES = 200e6;
const peak = (fn: string): Stopwatch => new Stopwatch([() => bed.call(fn, [out, 768], 0, PEAK_ITEMS)]);
const copy = bed.pieces(planCopy(COPY_BYTES), { source: 4 << 20, target: (4 << 20) + COPY_BYTES });
const limits: Readonly<Record<Row["against"], { readonly work: number; readonly time: Stopwatch }>> = {
  "peak f32": { work: PEAK_ITEMS * 8192 * 12 * 8, time: peak("peak_f32") },
  "peak f64": { work: PEAK_ITEMS * 8192 * 12 * 4, time: peak("peak_f64") },
  copy: { work: 2 * COPY_BYTES, time: new Stopwatch(copy) },
};

const all = [
  ...[16, 64, 100, 128, 256, 512, 1024].map((n) => product([n, n, n])),
  product([512, 512, 512], { ta: true }),
  product([512, 512, 512], { tb: true }),
  product([512, 512, 512], { ta: true, tb: true }),
  product([1024, 1024, 1024], { ta: true }),
  product([1024, 1024, 1024], { tb: true }),
  product([2000, 128, 10000]),
  product([2000, 128, 10000], { ta: true }),
  product([128, 10000, 1000]),
  product([8, 10000, 1000]),
  product([10000, 10, 784]),
  product([128, 512, 784]),
  product([64, 64, 64], { batch: 64 }),
  product([64, 64, 64], { batch: 64, tb: true }),
  product([64, 64, 50000], { ta: true }),
  ...[64, 256, 512, 1024].map((n) => product([n, n, n], { dtype: "f64" })),
  product([256, 256, 256], { dtype: "i32" }),
  product([8000, 1, 8000]),
  product([8000, 1, 8000], { ta: true }),
  product([1, 8000, 8000]),
  product([1, 1, 1e7]),
  product([5000, 1, 5000], { dtype: "f64" }),
  transposition(4, 1024),
  transposition(4, 4096),
  transposition(8, 2048),
  transposition(1, 4096),
].filter((row) => wanted.every((word) => row.title.includes(word)));

for (let round = 0; round < ROUNDS; round++) {
  for (const limit of Object.values(limits)) limit.time.round(SLICE_MS / 2);
  for (const row of all) row.time.round(SLICE_MS);
}
console.log(`${build} build, one thread, the best of ${ROUNDS} interleaved rounds`);
for (const { title, against, work, time } of all) {
  const limit = limits[against];
  const share = (100 * work * limit.time.milliseconds) / (time.milliseconds * limit.work);
  console.log(`${title.padEnd(40)} ${share.toFixed(0).padStart(4)} % of ${against}`);
}

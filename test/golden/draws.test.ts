// 20,000 draws of every distribution, on both builds of the WASM device: what README calls equal to the bit is, by a
// checksum of them all; the others are held by their first numbers (draws.py).
import { NDArray, random } from "@weft/api";
import { createWasmBackend } from "@weft/backend-wasm";
import type { Backend, DType } from "@weft/ir";
import { refArray } from "@weft/ir";
import { evaluate, readValue } from "@weft/scheduler";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { upload } from "../conformance/compare.ts";
import { readText } from "../support/files.ts";
import { decodeBits, expectWithinUlp } from "./load.ts";
import type { GoldenArgument } from "./load.ts";

interface Row {
  readonly name: string;
  readonly fn: string;
  readonly seed: number;
  readonly args: readonly GoldenArgument[];
  readonly options: { readonly [name: string]: GoldenArgument };
  readonly inputs: readonly {
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly bits: readonly string[];
  }[];
  readonly dtype: "bool" | "float16" | "float32" | "int32" | "uint32";
  readonly crc: number;
  readonly first: string;
}
const { cases } = JSON.parse(await readText(new URL("./data/draws.json", import.meta.url))) as {
  readonly cases: readonly Row[];
};

const ARRAYS = {
  bool: Uint8Array,
  float16: Float16Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;
const COUNT = 20_000;

/**
 * float32 draws that are not JAX's to the bit: how many units, and how far near 0, they may lie apart. Their logarithms,
 * powers and sines are other approximations than XLA's. Where multiply-add is not fused (the base build), uniform draws
 * between bounds differ by a unit too, and what is computed of them by a few more.
 */
const NEAR: { readonly [fn: string]: readonly [ulp: number, atol: number] } = {
  normal: [3, 0],
  exponential: [1, 0],
  gumbel: [4, 1e-6],
  laplace: [1, 0],
  logistic: [2, 1e-6],
  cauchy: [4, 1e-6],
  maxwell: [4, 0],
  truncatedNormal: [4, 2e-7],
  rayleigh: [1, 0],
  pareto: [4, 0],
  weibullMin: [2, 0],
  lognormal: [4, 0],
  doubleSidedMaxwell: [4, 1e-6],
};
const UNFUSED: { readonly [fn: string]: readonly [ulp: number, atol: number] } = {
  uniform: [1, 1e-5],
  triangular: [2, 1e-6],
  truncatedNormal: [8, 1e-6],
  laplace: [4, 1e-6],
  normal: [4, 1e-7],
  cauchy: [8, 1e-6],
};

/** Whether README says that a case is equal to the bit, on hosts with and without fused multiply-add. */
function isExact({ fn, dtype, options }: Row, fused: boolean): boolean {
  if (dtype !== "float32" || fn === "rademacher") return true;
  const unit = fn === "uniform" && (options.minval === undefined || options.maxval === 1);
  return unit || (fused && (fn === "uniform" || fn === "triangular"));
}

const loosely = random as unknown as { readonly [fn: string]: (...args: readonly unknown[]) => NDArray };
function draw({ fn, seed, args, options, inputs }: Row, backend: Backend): NDArray {
  const arrays = inputs.map(
    ({ dtype, shape, bits }) => new NDArray(upload(backend, refArray(dtype as DType, shape, decodeBits(dtype, bits)))),
  );
  const given = args.map((arg) =>
    typeof arg === "object" && arg !== null && "input" in arg ? arrays[arg.input as number] : arg,
  );
  return loosely[fn](random.key(seed), ...given, { shape: [COUNT], ...options });
}

const relaxed = createWasmBackend({ threads: 2 });
const base = createWasmBackend({ threads: 1, build: "base" });
describe.each([
  ["the build for this host", relaxed, relaxed.fingerprint.includes("relaxed")],
  ["the base build", base, false],
] as const)("draws on %s", (_name, backend, fused) => {
  afterAll(() => backend.close());

  test.each(cases.map((row) => [row.name, row] as const))("%s", async (_title, row) => {
    const { node } = draw(row, backend);
    evaluate([node], backend);
    const actual = new ARRAYS[row.dtype](COUNT);
    expect(node.aval.dtype).toBe(row.dtype);
    await readValue(node.value as NonNullable<typeof node.value>, new Uint8Array(actual.buffer));
    if (isExact(row, fused)) expect(crc32(new Uint8Array(actual.buffer))).toBe(row.crc);
    else {
      const digits = 2 * actual.BYTES_PER_ELEMENT;
      const bits = Array.from({ length: 64 }, (_, i) => row.first.slice(i * digits, (i + 1) * digits));
      const [ulp, atol] = (fused ? undefined : UNFUSED[row.fn]) ?? NEAR[row.fn];
      expectWithinUlp(actual.subarray(0, 64), decodeBits(row.dtype, bits), ulp, { atol });
    }
  });
});

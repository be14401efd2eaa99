// What a machine can do, measured beside the engine in the same rounds: register-only multiply-adds on one thread,
// and a copy of memory.
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";

/** FLOP of one peak run: calls × steps × 12 accumulators of 4 lanes, 2 FLOP each. */
const STEPS = 20_000;
const CALLS = 50;
export const PEAK_FLOP = CALLS * STEPS * 12 * 4 * 2;

export interface Gauges {
  /** Runs PEAK_FLOP multiply-adds. */
  peak(): number;
  /** Copies `bytes` (at most what was reserved) within typed arrays. */
  copy(bytes: number): void;
}

/** Compiles the gauges. `copyBytes` is reserved twice. */
export async function makeGauges(copyBytes: number): Promise<Gauges> {
  const source = readFileSync(new URL("../assembly/gauge.ts", import.meta.url), "utf8");
  let binary: Uint8Array<ArrayBuffer> | null = null;
  const { error, stderr } = await asc.main(
    ["gauge.ts", "-O2", "--enable", "simd,relaxed-simd", "--runtime", "stub", "-o", "gauge.wasm"],
    {
      readFile: (name) => (name === "gauge.ts" ? source : null),
      writeFile: (name, contents) => {
        if (name === "gauge.wasm" && typeof contents !== "string") binary = Uint8Array.from(contents);
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === null) throw new Error(`the gauges do not compile: ${stderr.toString()}`);
  const { instance } = await WebAssembly.instantiate(binary, { env: { abort: () => undefined } });
  const peakF32 = instance.exports.peakF32 as (steps: number, factor: number, term: number) => number;
  // many short calls: a running call is not replaced when the better tier of code arrives
  const peak = (): number => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += peakF32(STEPS, 0.999999, 1e-7);
    return sum;
  };
  for (let i = 0; i < 20; i++) {
    peak();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const from = new Uint8Array(copyBytes).fill(1);
  const to = new Uint8Array(copyBytes).fill(2);
  return {
    peak,
    copy: (bytes) => to.set(bytes === copyBytes ? from : from.subarray(0, bytes)),
  };
}

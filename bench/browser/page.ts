// The page of the bench: opens both libraries on both devices, runs one program at a time in interleaved rounds (A B,
// B A, …), and compares the results after timing. bench/browser/main.ts drives it and prints what it says.
import * as jax from "@jax-js/jax";
import { init } from "@weft/api";

import { interleave } from "../src/harness.ts";
import type { Contender as Timed, Measured } from "../src/harness.ts";
import type { Contender } from "./contenders.ts";
import { onJax, onWeft, PROGRAMS } from "./contenders.ts";
import type { SubmitCost } from "./submit.ts";
import { submitCost } from "./submit.ts";

/** What the page has opened. */
export interface Opened {
  readonly isolated: boolean;
  readonly threads: number;
  readonly devices: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
  readonly adapter: string;
  readonly programs: readonly string[];
}

/** One program on one device kind: both libraries' times, and the largest difference of their results. */
export interface Comparison {
  readonly program: string;
  readonly device: string;
  readonly measured: Measured;
  readonly difference: number;
}

export interface Bench {
  open(threads: number | null): Promise<Opened>;
  compare(program: string, device: "wasm" | "webgpu", rounds: number): Promise<Comparison>;
  submit(): Promise<SubmitCost>;
}

/** The largest difference, by the size of the numbers. */
function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`results of ${a.length} and ${b.length} elements`);
  let most = 0;
  let size = 1;
  for (let i = 0; i < a.length; i++) {
    // not a maximum: a NaN has to show
    const d = Math.abs(a[i] - b[i]);
    if (!(d <= most)) most = d;
    size = Math.max(size, Math.abs(b[i]));
  }
  return most / size;
}

const bench: Bench = {
  async open(threads) {
    const wanted = { devices: ["wasm", "webgpu"], ...(threads === null ? {} : { threads }) };
    const { devices, missing, threads: lanes } = await init(wanted);
    const theirs = await jax.init("wasm", "webgpu");
    const adapter = await navigator.gpu?.requestAdapter();
    return {
      isolated: crossOriginIsolated,
      threads: lanes,
      devices: devices.filter((name) => (theirs as readonly string[]).includes(name)),
      missing,
      adapter: adapter
        ? `${adapter.info.vendor} ${adapter.info.architecture} ${adapter.info.description}`.trim()
        : "none",
      programs: PROGRAMS.map(({ name }) => name),
    };
  },
  async compare(name, device, rounds) {
    const program = PROGRAMS.find((one) => one.name === name);
    if (program === undefined) throw new Error(`there is no program ${name}`);
    const contenders: Record<string, Contender> = {
      weft: await onWeft(program, device),
      jax: await onJax(program, device),
    };
    const timed = Object.fromEntries(Object.entries(contenders).map(([key, { run }]): [string, Timed] => [key, run]));
    const measured = await interleave(timed, rounds);
    const weft = await contenders.weft.finish();
    const theirs = await contenders.jax.finish();
    return { program: name, device, measured, difference: difference(weft, theirs) };
  },
  submit: submitCost,
};

(globalThis as { weftBench?: Bench }).weftBench = bench;

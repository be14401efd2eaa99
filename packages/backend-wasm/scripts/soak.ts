// npm run soak: random programs on a device whose workers die all the time. Shows how it goes, and ends with exit code 1
// if a value was wrong, a program failed that should not have, or nothing moved for a minute.
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";

import { soak } from "./testing/soak.ts";
import type { SoakReport } from "./testing/soak.ts";

const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "200000" },
    seconds: { type: "string" },
    threads: { type: "string", default: "3" },
    seed: { type: "string" },
  },
});

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`soak: --${name} must be a whole number of at least ${least}, not ${text}`);
  process.exit(2);
}

const HANG_MS = 60_000;
const programs = whole("programs", values.programs, 1);
const threads = whole("threads", values.threads, 1);
const seed = whole("seed", values.seed ?? String(Date.now() % 2 ** 31), 0);
const seconds = values.seconds === undefined ? Infinity : whole("seconds", values.seconds, 1);

// A hang blocks this thread as likely as not, so another one watches it.
const beat = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(
  `const { workerData } = require("node:worker_threads");
   for (let last = -1; ; ) {
     Atomics.wait(workerData, 0, last, ${HANG_MS});
     const now = Atomics.load(workerData, 0);
     if (now === last) { require("node:fs").writeSync(2, "\\nsoak: nothing has moved for a minute\\n"); process.kill(process.pid, "SIGKILL"); }
     last = now;
   }`,
  { eval: true, workerData: beat },
);
watchdog.unref();

function line(report: SoakReport): string {
  const rate = report.programs / report.seconds;
  return (
    `${report.programs} programs of ${report.steps} steps in ${report.seconds.toFixed(0)} s (${rate.toFixed(0)}/s), ` +
    `${report.wrong} wrong values, ${report.deaths} deaths (${report.deathsHolding} with a chunk in hand, ` +
    `${report.deathsClaiming} while claiming one), ${report.chunksRepeated} chunks and ${report.stepsRepeated} steps ` +
    `repeated, ${report.failedInPlace} programs failed in place, ${report.kernels} kernels, ` +
    `longest batch ${report.longestMs.toFixed(0)} ms`
  );
}

console.log(`soak: ${programs} programs on ${threads} lanes, seed ${seed}`);
const terminal = process.stdout.isTTY === true;
const report = await soak({
  programs,
  threads,
  seed,
  seconds,
  progress: (current) => {
    Atomics.add(beat, 0, 1);
    Atomics.notify(beat, 0);
    process.stdout.write(terminal ? `\r\x1b[K${line(current)}` : `${line(current)}\n`);
  },
});
console.log(`${terminal ? "\n" : ""}soak: ${line(report)}`);
for (const message of report.messages.slice(0, 10)) console.log(`  ${message}`);
if (report.failed > 0) console.log(`soak: ${report.failed} programs failed that should not have`);
process.exitCode = report.wrong > 0 || report.failed > 0 ? 1 : 0;

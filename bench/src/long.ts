// npm run soak -- --long: programs of many small steps, each in a process of its own with a small heap. Shows how they go,
// prints steps a second and heap a row, and ends with exit code 1 if a row died or its heap grew beyond a bound.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PROGRAMS } from "./long-programs.ts";
import type { LongProgram } from "./long-programs.ts";

const { values } = parseArgs({
  options: {
    long: { type: "boolean" },
    steps: { type: "string", default: "5000000" },
    only: { type: "string" },
    /** The row that this process runs: set for the processes that the command starts. */
    row: { type: "string" },
  },
});

/** The heap that each row gets, what it may hold more at its end than after a tenth of its steps, and how often it says so. */
const HEAP_MB = 200;
const GROWTH_MB = 16;
const REPORT_MS = 5000;
const MB = 2 ** 20;

/** What a row tells while it runs: bytes of the heap are what a collection left. */
interface Progress {
  readonly steps: number;
  readonly seconds: number;
  readonly heap: number;
  readonly most: number;
  readonly rss: number;
  readonly collected: boolean;
}

const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 10) {
  console.error(`soak: --steps must be a whole number of at least 10, not ${values.steps}`);
  process.exit(2);
}
if (values.row === undefined) await runAll();
else await runRow(PROGRAMS.find(({ name }) => name === values.row) as LongProgram);

/** In a process of its own: one program. */
async function runRow(program: LongProgram): Promise<void> {
  const count = Math.ceil(steps / program.share);
  const step = program.begin();
  const began = performance.now();
  let reported = began;
  let most = 0;
  const tell = (done: number, collected: boolean): void => {
    reported = performance.now();
    if (collected) globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    most = Math.max(most, heapUsed);
    const seconds = (reported - began) / 1000;
    process.send?.({ steps: done, seconds, heap: heapUsed, most, rss, collected } satisfies Progress);
  };
  const warm = Math.ceil(count / 10);
  for (let i = 1; i <= count; i++) {
    const awaited = step(i);
    // an await that the program does not have would give finalizers their turn
    if (awaited !== undefined) await awaited;
    if (i === warm || i === count) tell(i, true);
    else if ((i & 127) === 0 && performance.now() - reported > REPORT_MS) tell(i, false);
  }
  program.check();
  process.disconnect();
}

async function runAll(): Promise<void> {
  const rows = PROGRAMS.filter(({ name }) => values.only === undefined || name.includes(values.only));
  console.log(
    `soak: ${rows.length} programs of up to ${steps} steps under --max-old-space-size=${HEAP_MB}; heap after a collection, at a tenth and at the end`,
  );
  const failures: string[] = [];
  for (const program of rows) {
    const failure = await watch(program);
    if (failure !== null) failures.push(`${program.name}: ${failure}`);
  }
  for (const failure of failures) console.log(`soak: ${failure}`);
  console.log(`soak: ${rows.length - failures.length} of ${rows.length} programs held`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** Runs one program in a process of its own and shows how it goes; what is wrong with it, or null. */
function watch({ name, share }: LongProgram): Promise<string | null> {
  const count = Math.ceil(steps / share);
  const terminal = process.stdout.isTTY === true;
  let warm: Progress | null = null;
  let last: Progress | null = null;
  const child = fork(fileURLToPath(import.meta.url), ["--row", name, "--steps", String(steps)], {
    execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`, "--expose-gc"],
  });
  child.on("message", (message) => {
    const now = message as Progress;
    if (now.collected) warm ??= now;
    last = now;
    const text =
      `${name.padEnd(34)} ${now.steps} of ${count} steps, ${Math.round(now.steps / now.seconds)}/s, ` +
      `heap ${[...new Set([warm ?? now, now])].map(({ heap }) => (heap / MB).toFixed(1)).join(" → ")} MB (most seen ${(now.most / MB).toFixed(0)}), process ${(now.rss / MB).toFixed(0)} MB`;
    const over = now.steps === count;
    process.stdout.write(terminal ? `\r\x1b[K${text}${over ? "\n" : ""}` : `${text}\n`);
  });
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      if (code !== 0 || last?.steps !== count || warm === null)
        return resolve(`ended with ${signal ?? `code ${code}`} after ${last?.steps ?? 0} of ${count} steps`);
      const growth = (last.heap - warm.heap) / MB;
      resolve(growth > GROWTH_MB ? `its heap grew by ${growth.toFixed(1)} MB` : null);
    });
  });
}

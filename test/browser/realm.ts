// What a worker runs of the suites: lists of cases without a test runner, each case by its own name, and at the end the
// check that nothing is left on the device. The page that started the worker turns the outcome into tests.
import { defaultDevice, init, memory } from "@weft/api";
import { createWasmBackend } from "@weft/backend-wasm";
import { openWebgpu } from "@weft/backend-webgpu";
import type { Backend } from "@weft/ir";
import { CASES, kindOf } from "../conformance/cases.ts";
import { checkCase, checkCaseAwaited, checkCaseOnWebgpu } from "../conformance/matrix.ts";
import { checkProgram, programs, READING } from "../first-hour/compare.ts";
import { expectValues, VALUES, valueCases } from "../golden/support.ts";
import { checkNothingLeft } from "../support/collect.ts";
import { thin } from "../support/thin.ts";

/** Which cases, and where. `reads`: without an await, or with one; on webgpu there is no choice. */
export type Task =
  | { readonly suite: "matrix"; readonly device: "wasm"; readonly threads: number; readonly reads: "sync" | "awaited" }
  | { readonly suite: "matrix"; readonly device: "webgpu" }
  | { readonly suite: "golden" | "programs"; readonly device: "wasm" | "webgpu" }
  | { readonly suite: "lanes"; readonly threads: number };

/** What became of a task. */
export interface Outcome {
  readonly isolated: boolean;
  readonly passed: number;
  /** Cases that failed, with their reasons. */
  readonly failures: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

type List = readonly (readonly [name: string, check: () => void | Promise<void>])[];

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

async function runList(list: List): Promise<Pick<Outcome, "passed" | "failures">> {
  const failures: string[] = [];
  for (const [name, check] of list) {
    try {
      await check();
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
    }
  }
  return { passed: list.length - failures.length, failures };
}

async function withBackend(backend: Backend, list: List): Promise<Omit<Outcome, "isolated">> {
  const found = await runList([...list, ["nothing is left", () => checkNothingLeft(backend)]]);
  const counters = backend.counters();
  await backend.close();
  return { ...found, counters };
}

async function webgpu(): Promise<Backend> {
  const opened = await openWebgpu({ software: true });
  if ("missing" in opened) throw new Error(`no adapter: ${opened.missing}`);
  return opened.backend;
}

async function run(task: Task): Promise<Omit<Outcome, "isolated">> {
  if (task.suite === "matrix") {
    const cases = thin(CASES, 4, kindOf);
    if (task.device === "webgpu") {
      const backend = await webgpu();
      return withBackend(
        backend,
        cases.map((c) => [c.title, () => checkCaseOnWebgpu(c, backend)]),
      );
    }
    const backend = createWasmBackend({ threads: task.threads });
    const check = task.reads === "sync" ? checkCase : checkCaseAwaited;
    return withBackend(
      backend,
      cases.map((c) => [c.title, () => check(c, backend)]),
    );
  }
  if (task.suite === "lanes") return lanes(task.threads);
  const { missing } = await init({ devices: [task.device] });
  if (missing.webgpu !== undefined) throw new Error(`no adapter: ${missing.webgpu}`);
  defaultDevice(task.device);
  const onGpu = task.device === "webgpu";
  const list: List =
    task.suite === "programs"
      ? Object.keys(programs)
          .filter((name) => !(onGpu && READING.has(name)))
          .map((name) => [name, () => checkProgram(name)])
      : VALUES.flatMap((section) =>
          thin(valueCases(section), 4, ({ fn }) => fn).map(
            (golden) => [`${section} ${golden.name}`, () => expectValues(section, golden)] as const,
          ),
        );
  return { ...(await runList(list)), counters: { plans: memory().plans } };
}

/** Products and sums that are long enough for other lanes to take part, read without an await and with one. */
async function lanes(threads: number): Promise<Omit<Outcome, "isolated">> {
  const { numpy: np } = await import("@weft/api");
  const report = await init({ threads });
  const n = 3_000_000;
  const program = (i: number): ReturnType<typeof np.sum> => np.sum(np.sin(np.arange(n).mul(1e-3).add(i)));
  // Σ sin(k·h + i) in closed form
  const h = 1e-3;
  const expected = (i: number): number => (Math.sin((n * h) / 2) / Math.sin(h / 2)) * Math.sin(i + ((n - 1) * h) / 2);
  const near = (i: number, got: number): void => {
    if (!(Math.abs(got - expected(i)) < 1)) throw new Error(`program ${i} gives ${got}, expected ${expected(i)}`);
  };
  const list: List = Array.from({ length: 12 }, (_, i) => [
    `program ${i}`,
    async () => near(i, i % 2 === 0 ? Number(program(i).item()) : (await program(i).data())[0]),
  ]);
  return { ...(await runList(list)), counters: { threads: report.threads } };
}

/** Runs a task in this realm. */
export async function runTask(task: Task): Promise<Outcome> {
  return { isolated: crossOriginIsolated, ...(await run(task)) };
}

// The suites in a page's dedicated worker, where a thread may sleep: the matrix, the golden values, the first programs,
// on WASM with one lane and with lanes of its own, and on WebGPU. Thinned: the page itself runs them in full.
import { describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";
import type { Outcome, Task } from "./realm.ts";
import type { Answer } from "./worker.ts";

function inWorker(task: Task): Promise<Outcome> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise<Outcome>((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "the worker's script did not load"));
    worker.onmessage = ({ data }: MessageEvent<Answer>) =>
      "outcome" in data ? resolve(data.outcome) : reject(new Error(data.error));
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}

async function expectPass(task: Task, atLeast: number): Promise<Outcome> {
  const outcome = await inWorker(task);
  expect(outcome.failures).toEqual([]);
  expect(outcome.passed).toBeGreaterThanOrEqual(atLeast);
  expect(outcome.isolated).toBe(crossOriginIsolated);
  return outcome;
}

describe("in a worker, on wasm", () => {
  test("the matrix, read without an await", () =>
    expectPass({ suite: "matrix", device: "wasm", threads: 1, reads: "sync" }, 250));
  test("the matrix, awaited", () => expectPass({ suite: "matrix", device: "wasm", threads: 2, reads: "awaited" }, 250));
  test("golden values", () => expectPass({ suite: "golden", device: "wasm" }, 300));
  test("first programs", () => expectPass({ suite: "programs", device: "wasm" }, 17));

  test("lanes of its own where memory can be shared, one elsewhere", async () => {
    const { counters } = await expectPass({ suite: "lanes", threads: 3 }, 12);
    expect(counters.threads).toBe(crossOriginIsolated ? 3 : 1);
  });
});

const adapter = (await navigator.gpu?.requestAdapter()) ?? null;

describe.skipIf(skipped("webgpu", adapter === null ? "the browser gives no adapter" : null, "the matrix in a worker"))(
  "in a worker, on webgpu",
  () => {
    test("the matrix", () => expectPass({ suite: "matrix", device: "webgpu" }, 250));
  },
);

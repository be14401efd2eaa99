// A real garbage collection, in Node and in a Chromium started with --expose-gc, and the check at the end of a suite
// that its devices hold no array any more. Needs no test runner.
import type { Backend } from "@weft/ir";
import { formatAval } from "@weft/ir";
import { evictCached, liveArrays } from "@weft/scheduler";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function findCollector(): Promise<() => void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc !== undefined) return gc;
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import("node:v8"), import("node:vm")]);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Collects at once. */
export const collect = await findCollector();

/** Lets the collector and its callbacks run until `done`, at most two seconds. */
export async function collectUntil(done: () => boolean): Promise<void> {
  for (let i = 0; i < 40 && !done(); i++) {
    collect();
    await sleep(50);
  }
}

/** Throws if something is left on a device whose arrays nobody holds: for the end of a suite. */
export async function checkNothingLeft(backend: Backend): Promise<void> {
  const left = (): readonly string[] => {
    evictCached(backend);
    return liveArrays(backend).map(({ aval, bytes }) => `${formatAval(aval)} (${bytes} bytes)`);
  };
  await collectUntil(() => left().length === 0);
  const found = left();
  if (found.length > 0)
    throw new Error(`${backend.id} still holds ${found.length} arrays: ${found.slice(0, 10).join(", ")}`);
}

// Lifetimes for users: scope, memory, checkLeaks, and waiting for trees.
import type { Backend } from "@weft/ir";
import { formatAval, TreeError } from "@weft/ir";
import type { LiveArray } from "@weft/scheduler";
import { liveArrays, stats, trackingSmall } from "@weft/scheduler";
import { NDArray } from "../core/array.ts";
import { define, defineAs } from "../core/define.ts";
import { collectHandles } from "../core/handles.ts";
import { callback, treeOf } from "../core/kinds.ts";
import { build, walk } from "../tree/structure.ts";
import { membersOf } from "../core/realms.ts";
import { traceTotals } from "../transform/traces.ts";
import { isPromise } from "./arrivals.ts";
import { backend, defaultDevice, openDevices, pair } from "./devices.ts";
import { asked, hostNodes, waitForNodes } from "./reads.ts";

/** What {@link memory} tells of the default device. */
export interface MemoryReport {
  readonly device: string;
  /**
   * Arrays that are not freed, and their bytes. On the WASM device those of up to 1 KiB lie in JavaScript's own heap, where
   * nobody has to free them: they are not counted, here and in what follows, but while {@link checkLeaks} runs.
   */
  readonly arrays: number;
  readonly bytes: number;
  /** Results kept because they are dear to compute again; they give way when memory is short. */
  readonly cachedResults: number;
  readonly cachedBytes: number;
  /** Bytes freed and kept for reuse, and bytes taken from the host. */
  readonly freeBytes: number;
  readonly reservedBytes: number;
  /** Plans that are kept: of evaluations, and of jitted functions. */
  readonly plans: number;
  readonly jittedPlans: number;
  /** Traces of jitted functions that are kept, and bytes of the arrays those closed over, for each trace anew. */
  readonly traces: number;
  readonly capturedBytes: number;
  /** The largest arrays, as `float32[1000,1000]`. */
  readonly largest: readonly string[];
}

/** The devices that the default stands for. */
const defaults = (): Backend[] => (defaultDevice() === "auto" ? openDevices() : [backend()]);
const live = (devices: readonly Backend[]): LiveArray[] =>
  devices.flatMap((device) => liveArrays(device)).sort((a, b) => b.bytes - a.bytes);

/**
 * What the default device holds right now; under "auto" what all devices hold.
 * @example memory().bytes
 */
export const memory = define("memory", [], (): MemoryReport => {
  const devices = defaults();
  const both = pair();
  const arrays = live(devices);
  const found = devices.map((device) => stats(device));
  const sum = (of: (one: (typeof found)[number]) => number): number => found.reduce((total, one) => total + of(one), 0);
  return {
    device: defaultDevice(),
    arrays: arrays.length,
    bytes: arrays.reduce((total, one) => total + one.bytes, 0),
    cachedResults: sum((one) => one.cachedResults),
    cachedBytes: sum((one) => one.cachedResultBytes),
    freeBytes: sum((one) => one.memory.cached),
    reservedBytes: sum((one) => one.memory.reserved),
    plans: sum((one) => one.cachedPlans) + (devices.length > 1 ? (both?.plans.size ?? 0) : 0),
    jittedPlans: sum((one) => one.jittedPlans) + (devices.length > 1 ? (both?.compiled.size ?? 0) : 0),
    ...traceTotals(),
    largest: arrays.slice(0, 5).map(({ aval }) => formatAval(aval)),
  };
});

/** Arrays that were made and not freed. */
export interface LeakReport {
  readonly arrays: number;
  readonly bytes: number;
  readonly list: readonly string[];
}

function newArrays(before: readonly LiveArray[], after: readonly LiveArray[]): LeakReport {
  const counts = new Map<string, number>();
  const name = ({ aval, bytes }: LiveArray): string => `${formatAval(aval)} (${bytes} bytes)`;
  for (const one of before) counts.set(name(one), (counts.get(name(one)) ?? 0) + 1);
  const found = after.filter((one) => {
    const left = counts.get(name(one)) ?? 0;
    if (left > 0) counts.set(name(one), left - 1);
    return left === 0;
  });
  return { arrays: found.length, bytes: found.reduce((sum, one) => sum + one.bytes, 0), list: found.map(name) };
}

export interface CheckLeaks {
  (f: () => Promise<unknown>): Promise<LeakReport>;
  (f: () => unknown): LeakReport;
}
/**
 * Runs a function and reports the arrays it made and left alive. Those it returned are among them unless disposed.
 * @example checkLeaks(() => { using x = np.ones([3]); x.sum().item() }).arrays
 */
export const checkLeaks: CheckLeaks = defineAs<CheckLeaks>()("checkLeaks", [callback<() => unknown>()("f")], (f) => {
  const devices = defaults();
  const before = live(devices);
  const result = trackingSmall(f);
  if (isPromise(result)) return Promise.resolve(result).then(() => newArrays(before, live(devices)));
  return newArrays(before, live(devices));
});

/** The arrays in any value: trees, and whatever else a function may return. */
function arraysIn(value: unknown, found: Set<NDArray>, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  if (value instanceof NDArray) {
    found.add(value);
    return;
  }
  if (ArrayBuffer.isView(value)) return;
  seen.add(value);
  for (const child of membersOf(value) ?? Object.values(value)) arraysIn(child, found, seen);
}

/**
 * Runs a function and disposes every array handle made inside it but those it returns. Nothing that pullbacks or jitted
 * functions captured breaks.
 * @example const loss = scope(() => lossOf(params, batch));
 */
export const scope: <T>(f: () => T) => T = defineAs<<T>(f: () => T) => T>()(
  "scope",
  [callback<() => unknown>()("f")],
  (f) =>
    collectHandles(f, (made, result) => {
      const kept = new Set<NDArray>();
      arraysIn(result, kept, new Set());
      for (const handle of made) if (!kept.has(handle)) handle.dispose();
      if (isPromise(result)) {
        result.then(undefined, () => undefined);
        throw new TreeError(
          "scope: the function returned a Promise; what it makes after its first await belongs to no scope, so use `using` or dispose() in asynchronous functions",
        );
      }
    }),
);

/** The arrays of a tree that have data. */
const readable = (leaves: readonly unknown[]): NDArray[] =>
  leaves.filter((leaf): leaf is NDArray => leaf instanceof NDArray && leaf.dtype !== "float0");

/**
 * Evaluates all arrays of a tree as one plan and resolves, with the tree, when they are computed.
 * @example await blockUntilReady({ params, loss });
 */
export const blockUntilReady: <T>(x: T) => Promise<T> = defineAs<<T>(x: T) => Promise<T>>()(
  "blockUntilReady",
  [treeOf("x")],
  async (x) => {
    const leaves: unknown[] = [];
    walk("blockUntilReady: x", x, (leaf) => leaves.push(leaf));
    await asked("blockUntilReady", readable(leaves), waitForNodes);
    return x;
  },
);

/**
 * The same tree with its arrays computed, as one plan, and where synchronous reads work: those of a device that cannot
 * block are copied to the WASM device.
 * @example const { loss } = await deviceGet(step(params)); loss.item();
 */
export const deviceGet: <T>(x: T) => Promise<T> = defineAs<<T>(x: T) => Promise<T>>()(
  "deviceGet",
  [treeOf("x")],
  async (tree) => {
    const leaves: unknown[] = [];
    const structure = walk("deviceGet: x", tree, (leaf) => leaves.push(leaf));
    const arrays = readable(leaves);
    return asked("deviceGet", arrays, async (nodes) => {
      const got = await hostNodes(nodes);
      const results = new Map(
        arrays.map((array, i) => [
          array,
          got[i] === nodes[i] && !array.disposed ? array : new NDArray(got[i], array.isKey),
        ]),
      );
      return build(
        structure,
        leaves.map((leaf) => results.get(leaf as NDArray) ?? (leaf as NDArray)),
      );
    });
  },
);

// The pool's protocol for a model checker: the source of thread.ts and repair.ts as it is, with every atomic operation
// turned into a point at which another thread may go on, or this one die. Threads are generators over one memory, so a
// schedule can be replayed. Used by the protocol's test only.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";

import type * as repair from "../../src/repair.ts";
import type { Repair } from "../../src/repair.ts";
import type * as thread from "../../src/thread.ts";
import type { Lane } from "../../src/thread.ts";

/** Why a thread has stopped for a moment: before an atomic operation, to let others go on, or asleep. */
export type Pause = "ready" | "rest" | Sleep;

/** A thread asleep on a word. */
export interface Sleep {
  readonly at: number;
  /** Whether the sleep ends by itself. */
  readonly ends: boolean;
  awake: boolean;
}

export type Thread<T> = Generator<Pause, T, undefined>;

/** A lane whose code runs in steps. */
export type ModelLane = Omit<Lane, "table"> & { readonly table: { at(record: number): ModelCode } };
export type ModelCode = (args: number, begin: number, end: number, scratch: number) => Thread<void>;

type Paused<F extends (...args: never[]) => unknown> = (...args: Parameters<F>) => Thread<ReturnType<F>>;

/** The functions of the protocol, as threads. */
export interface Protocol {
  runThread(lane: ModelLane, until: () => Thread<boolean>, nap: number): Thread<void>;
  repairStep(
    lane: ModelLane,
    threads: number,
    fallen: readonly number[],
    isRepeatable: (step: number) => boolean,
    reason: string,
  ): Thread<Repair | null>;
  readonly isInDoubt: Paused<typeof repair.isInDoubt>;
  readonly callLanes: Paused<typeof thread.callLanes>;
  readonly wakeUp: Paused<typeof thread.wakeUp>;
}

/** The ring's size in the model: slots are reused at once. */
export const MODEL_RING = 2;

const source = fileURLToPath(new URL("../../src/", import.meta.url));

/** Where the parenthesis that opens at `open` closes. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error("a parenthesis does not close");
}

/** Makes each call of the functions named a `yield*`; atomic operations go through `atomic`. */
function pauseCalls(text: string, names: readonly string[]): string {
  const call = new RegExp(String.raw`(?<![\w.*] ?|function\* )\b(?:Atomics\.(\w+)|(${names.join("|")}))\(`, "u");
  let done = "";
  let rest = text;
  for (let found = call.exec(rest); found !== null; found = call.exec(rest)) {
    const open = found.index + found[0].length - 1;
    const end = closing(rest, open);
    const args = pauseCalls(rest.slice(open + 1, end), names);
    const [, operation, name] = found;
    const called = operation === undefined ? `${name}(${args})` : `atomic("${operation}", ${args})`;
    done += `${rest.slice(0, found.index)}(yield* ${called})`;
    rest = rest.slice(end + 1);
  }
  return done + rest;
}

/**
 * Loads the protocol from its source; `sleepers` holds whoever is asleep. `change` may damage it first: a checker that
 * finds nothing in a protocol that is wrong checks nothing.
 */
export async function loadProtocol(sleepers: Set<Sleep>, change = (text: string) => text): Promise<Protocol> {
  const { outputFiles } = buildSync({
    stdin: { contents: `export * from "./thread.ts"; export * from "./repair.ts";`, resolveDir: source, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    absWorkingDir: join(source, ".."),
  });
  let text = change(outputFiles[0].text);
  // Only what stands at the top level and touches shared memory is a thread's; the rest runs between two points.
  const names = [...text.matchAll(/^function (\w+)\(/gmu)].map(([, name]) => name);
  const atomicNames = names.filter(
    (name) => !["lineOf", "slotOf", "ringOf", "entryOf", "messageOf", "loadModule", "recordChunk"].includes(name),
  );
  for (const name of atomicNames) text = text.replaceAll(`function ${name}(`, `function* ${name}(`);
  text = text.replace(/SPINS = \d+/u, "SPINS = 1").replace(/RING = \d+/u, `RING = ${MODEL_RING}`);
  text = pauseCalls(text, [...atomicNames, "until", "code"]);
  const key = `weft.protocol.${Math.random()}`;
  const atomic = function* (operation: string, words: Int32Array, at: number, ...args: number[]): Thread<unknown> {
    yield "ready";
    if (operation === "wait") {
      if (words[at] !== args[0]) return "not-equal";
      const sleep: Sleep = { at, ends: args[1] !== Infinity, awake: false };
      sleepers.add(sleep);
      yield sleep;
      sleepers.delete(sleep);
      return "ok";
    }
    if (operation === "notify") {
      for (const sleep of sleepers) if (sleep.at === at) sleep.awake = true;
      return 0;
    }
    const real = Atomics[operation as "add"] as (words: Int32Array, at: number, ...args: number[]) => number;
    return real(words, at, ...args);
  };
  Object.assign(globalThis, { [key]: atomic });
  const module = `const atomic = globalThis[${JSON.stringify(key)}];\n${text}`;
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module)}`)) as Protocol;
}

// The traces of jitted functions: by signature, least recently used first out, counted for memory(). Owns what is said,
// once a function, when there are many: what of the signature differs between them. Knows no graphs.
import { finalizer } from "@weft/ir";
import { differing, firstOf, warn } from "@weft/scheduler";

/** Traces kept a function. */
export const MAX_TRACES = 256;
/** Traces made of one function before a warning. */
export const WARN_TRACES = 16;
/** Functions of the same text that are jitted and traced before a warning. */
export const WARN_FUNCTIONS = 64;
/** Texts of functions that are counted at most. */
const MOST_TEXTS = 1024;

/** What a trace was made for: what may differ, its value by which traces are told apart, and that in words. */
export interface Signature {
  readonly parts: readonly (readonly [what: string, key: string, text: string])[];
  /** Whether it belongs to an open transformation, whose values the function closes over. */
  readonly scoped: boolean;
}

/** What a table keeps of a trace. */
export interface Trace {
  /** Bytes of the arrays that the function closes over. */
  readonly capturedBytes: number;
  lastUsed: number;
}

/** Traces of all jitted functions, and bytes of what those close over. */
const total = { traces: 0, capturedBytes: 0 };
export const traceTotals = (): Readonly<typeof total> => total;

function count(tally: typeof total, traces: number, bytes: number): void {
  tally.traces += traces;
  tally.capturedBytes += bytes;
}
/** Functions that are collected take their traces with them. */
const collected = finalizer<typeof total>((tally) => count(total, -tally.traces, -tally.capturedBytes));

/** The traces of one function. */
export class TraceTable<T extends Trace> {
  private readonly release: (trace: T) => void;
  private readonly tally = { traces: 0, capturedBytes: 0 };
  private entries = new Map<string, T>();
  private clock = 0;

  /** `owner` is what lives as long as its traces are of use; `release` lets go of what a trace holds. */
  constructor(owner: object, release: (trace: T) => void) {
    this.release = release;
    collected.register(owner, this.tally);
  }

  get(key: string): T | undefined {
    const found = this.entries.get(key);
    if (found !== undefined) found.lastUsed = ++this.clock;
    return found;
  }

  set(key: string, trace: T): void {
    trace.lastUsed = ++this.clock;
    this.entries.set(key, trace);
    this.tell(1, trace.capturedBytes);
    if (this.entries.size <= MAX_TRACES) return;
    // a scan, because traces are used far more often than they are made
    let [oldest] = this.entries;
    for (const entry of this.entries) if (entry[1].lastUsed < oldest[1].lastUsed) oldest = entry;
    this.entries.delete(oldest[0]);
    this.letGo(oldest[1]);
  }

  clear(): void {
    const { entries } = this;
    this.entries = new Map();
    for (const trace of entries.values()) this.letGo(trace);
  }

  private letGo(trace: T): void {
    this.tell(-1, -trace.capturedBytes);
    this.release(trace);
  }

  private tell(traces: number, bytes: number): void {
    count(this.tally, traces, bytes);
    count(total, traces, bytes);
  }
}

/** What differs between signatures, in words. */
function differences(signatures: readonly Signature[]): string {
  const seen = new Map<string, Map<string, string>>();
  for (const { parts } of signatures)
    for (const [what, key, text] of parts) {
      const known = seen.get(what);
      if (known === undefined) seen.set(what, new Map([[key, text]]));
      else known.set(key, text);
    }
  const found = [...seen]
    .filter(([, values]) => values.size > 1)
    .map(([what, values]) => differing(what, [...new Set(values.values())]));
  const named = firstOf(found);
  if (signatures.some(({ scoped }) => scoped))
    named.push("its closure (it holds values of a transformation that is open only during the call)");
  return named.length === 0 ? "nothing that its arguments show" : named.join("; ");
}

/** Counts the traces made of one function, and warns when they have become many. */
export class TraceWarning {
  private readonly name: string;
  /** Empty once the warning is out. */
  private signatures: Signature[] | null = [];

  constructor(name: string) {
    this.name = name;
  }

  made(signature: Signature): void {
    if (this.signatures === null) return;
    this.signatures.push(signature);
    if (this.signatures.length < WARN_TRACES) return;
    warn(
      `weft: ${this.name} was traced ${WARN_TRACES} times, which costs milliseconds each time. What differs: ${differences(this.signatures)}. ` +
        "Pass what changes as an array or a number that is not static, pad shapes to a few fixed ones, keep the tree of the arguments as it is, " +
        `and pass what a closure holds as an argument. ${MAX_TRACES} traces are kept.`,
    );
    this.signatures = null;
  }
}

/** How many functions of a text were traced, by the hash of the text; −1 once the warning is out. */
const texts = new Map<number, number>();

/** Called when a jitted function is traced for the first time: warns if the same text is jitted again and again. */
export function noteFunction(name: string, f: object): void {
  const text = String(f);
  if (text.includes("[native code]")) return;
  let hash = 17;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  const made = texts.get(hash) ?? 0;
  if (made < 0) return;
  if (made + 1 < WARN_FUNCTIONS) {
    if (texts.size >= MOST_TEXTS) texts.clear();
    texts.set(hash, made + 1);
    return;
  }
  texts.set(hash, -1);
  warn(
    `weft: ${WARN_FUNCTIONS} functions like ${name} were jitted and traced, each for itself. What differs: their closures. ` +
      "Call jit once, outside the loop, and pass what the closure holds as an argument.",
  );
}

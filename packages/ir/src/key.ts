// The structural key of planning (SEMANTICS 3.2): how a primitive's parameters are written as 32-bit words, the
// growing buffer they are written to, its hash, and the marks that number nodes during a walk. It holds no plan and
// knows no device. What an aval already says (shapes, dtypes) is not written again; slots never are.
import type { CompareOp, ParamsOf, PrimName, RoundMode } from "./params.ts";
import type { Node } from "./node.ts";

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);

/** Words of a key, in a buffer that is used again for every key. */
export class KeyWriter {
  words: Int32Array = new Int32Array(512);
  length = 0;

  word(value: number): void {
    if (this.length === this.words.length) this.grow();
    this.words[this.length++] = value;
  }

  /** A length and the entries, so that keys can be compared as flat arrays. */
  list(values: readonly number[]): void {
    this.word(values.length);
    for (let i = 0; i < values.length; i++) this.word(values[i]);
  }

  /** All 64 bits: −0 is not 0, NaN is NaN. */
  double(value: number): void {
    bits[0] = Number.isNaN(value) ? NaN : value;
    this.word(halves[0]);
    this.word(halves[1]);
  }

  hash(): number {
    let hash = 0x811c9dc5 | 0;
    const { words, length } = this;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ words[i], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  /** Whether the words written so far are exactly `key`. */
  equals(key: Int32Array): boolean {
    const { words, length } = this;
    if (key.length !== length) return false;
    for (let i = 0; i < length; i++) if (key[i] !== words[i]) return false;
    return true;
  }

  /** Whether another writer holds the same words. */
  holds(other: KeyWriter): boolean {
    const { words, length } = this;
    if (other.length !== length) return false;
    for (let i = 0; i < length; i++) if (other.words[i] !== words[i]) return false;
    return true;
  }

  copy(): Int32Array {
    return this.words.slice(0, this.length);
  }

  private grow(): void {
    const wider = new Int32Array(this.words.length * 2);
    wider.set(this.words);
    this.words = wider;
  }
}

type ParamsWriter<P extends PrimName> = (params: ParamsOf[P], key: KeyWriter) => void;

const COMPARE_OPS: readonly CompareOp[] = ["eq", "ne", "lt", "le", "gt", "ge"];
const ROUND_MODES: readonly RoundMode[] = ["away", "even", "zero"];

const axes = (params: { readonly axes: readonly number[] }, key: KeyWriter): void => key.list(params.axes);
const axis = (params: { readonly axis: number }, key: KeyWriter): void => key.word(params.axis);

/** What of its parameters a primitive adds to its aval and operands; null: nothing. */
const WRITERS: { readonly [P in PrimName]: ParamsWriter<P> | null } = {
  neg: null,
  abs: null,
  sign: null,
  floor: null,
  ceil: null,
  isFinite: null,
  not: null,
  exp: null,
  expm1: null,
  log: null,
  log1p: null,
  logistic: null,
  sqrt: null,
  rsqrt: null,
  sin: null,
  cos: null,
  sinh: null,
  cosh: null,
  tanh: null,
  acosh: null,
  atanh: null,
  erf: null,
  erfInv: null,
  add: null,
  sub: null,
  mul: null,
  div: null,
  rem: null,
  max: null,
  min: null,
  pow: null,
  atan2: null,
  and: null,
  or: null,
  xor: null,
  shiftLeft: null,
  select: null,
  convert: null,
  round: ({ mode }, key) => key.word(ROUND_MODES.indexOf(mode)),
  integerPow: ({ n }, key) => key.word(n),
  shiftRight: ({ arithmetic }, key) => key.word(Number(arithmetic)),
  compare: ({ op }, key) => key.word(COMPARE_OPS.indexOf(op)),
  bitcast: null,
  reshape: null,
  transpose: ({ perm }, key) => key.list(perm),
  broadcastInDim: axes,
  flip: axes,
  slice: ({ strides }, key) => key.list(strides),
  pad: ({ lo, hi, interior }, key) => {
    key.list(lo);
    key.list(hi);
    key.list(interior);
  },
  concatenate: axis,
  input: null,
  literal: ({ value }, key) => key.double(value),
  scalar: null,
  iota: null,
  dynamicSlice: null,
  reduceSum: axes,
  reduceProd: axes,
  reduceMax: axes,
  reduceMin: axes,
  reduceAnd: axes,
  reduceOr: axes,
  reduceXor: axes,
  argmax: axis,
  argmin: axis,
  dotGeneral: ({ contract, batch }, key) => {
    key.list(contract[0]);
    key.list(contract[1]);
    key.list(batch[0]);
    key.list(batch[1]);
  },
  threefry2x32: null,
  marker: null,
  stopGradient: null,
  optimizationBarrier: null,
  proj: ({ index }, key) => key.word(index),
  call: ({ graph }, key) => key.word(graph.id),
};

interface PrimKey {
  readonly id: number;
  readonly write: ParamsWriter<PrimName> | null;
}
const PRIM_KEYS = new Map<PrimName, PrimKey>(
  (Object.keys(WRITERS) as PrimName[]).map((prim, id) => [
    prim,
    { id, write: WRITERS[prim] as ParamsWriter<PrimName> | null },
  ]),
);

/** Writes what a node is apart from its operands and slots: primitive, parameters and the aval of its first result. */
export function writeOperation(node: Node, key: KeyWriter): void {
  const found = PRIM_KEYS.get(node.prim) as PrimKey;
  key.word(found.id);
  key.word(node.aval.id);
  if (found.write !== null) found.write(node.params, key);
}

let nextMark = 1;

/** A number above every mark that nodes carry now: a walk gives its nodes marks from here on. */
export const markBase = (): number => nextMark;

let sweeps = 0;

/**
 * A mark that no node carries, for a sweep that only tells nodes that it saw from others: below all marks of walks. Nodes
 * of a walk that is under way must not be swept; planning sweeps its own clones.
 */
export const sweepMark = (): number => --sweeps;

/** Ends a walk that used the marks from `markBase()` up to, not including, `next`. */
export function endMarks(next: number): void {
  if (next > nextMark) nextMark = next;
}

/** Whether a node is, to the planner, the same value as its operand. */
export const isAlias = (node: Node): boolean => node.prim === "marker" || node.prim === "stopGradient";

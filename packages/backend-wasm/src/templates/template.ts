// What a template plan is: a fixed sequence of steps over kernels compiled ahead of time. A plan depends on shapes only;
// a run writes its addresses into the argument words and starts the steps. It refuses to know threads or memory.
import { BYTE_NANOSECONDS, CHUNK_NANOSECONDS, FLOP_NANOSECONDS } from "../limits.ts";

/** One step: `items` independent pieces of work, in any order on any thread, after the steps before it. */
export interface TemplateStep {
  /** The exported kernel: `(args, begin, end, scratch) => void`. */
  readonly fn: string;
  readonly items: number;
  /** How many items a thread should claim at a time. */
  readonly grain: number;
  /** Arithmetic operations of the whole step. */
  readonly flops: number;
  /** Bytes the whole step reads and writes, each operand once. */
  readonly bytes: number;
}

/** Steps that share one block of argument words. `Pointers` names the byte addresses a run supplies. */
export interface TemplatePlan<Pointers> {
  /** Bytes of temporary memory, 64-byte aligned, that the steps share; 0 for none. */
  readonly tempBytes: number;
  /** Words of the argument block, which is 64-byte aligned and lives until the last step ends. */
  readonly argWords: number;
  readonly steps: readonly TemplateStep[];
  /** Writes all argument words, from `words[at]` on. */
  writeArgs(words: Int32Array | Uint32Array, at: number, pointers: Pointers): void;
}

/** The claim size that gives a step at least 64 claims of about equal work, none of them long. */
export function grainOf(items: number, flops: number, bytes: number): number {
  const nanoseconds = (flops * FLOP_NANOSECONDS + bytes * BYTE_NANOSECONDS) / items;
  return Math.max(1, Math.min(Math.floor(items / 64), Math.floor(CHUNK_NANOSECONDS / nanoseconds)));
}

/** ⌈x / y⌉ for sizes. */
export function ceilDivide(x: number, y: number): number {
  return Math.ceil(x / y);
}

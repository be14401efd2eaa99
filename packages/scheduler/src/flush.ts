// When pending work is evaluated although nobody reads it (SEMANTICS 3.3). A window of recorded nodes closes past the
// limit at the phase of the loop at which the window before closed, so that windows of a loop have one plan; at the
// latest at twice the limit. Counts only; the caller says what the roots are.
import type { Backend, Node, Ticket } from "@weft/ir";
import { nbytes, outermostScope } from "@weft/ir";
import { evaluate } from "./evaluate.ts";
import { FLUSH_BYTES, FLUSH_NODES, SIGNATURE_LENGTH } from "./limits.ts";

/** Limits of a window; smaller ones are for tests. */
export interface FlushLimits {
  readonly nodes: number;
  readonly bytes: number;
}

const primHashes = new Map<string, number>();
function primHash(prim: string): number {
  let hash = primHashes.get(prim);
  if (hash === undefined) {
    hash = Math.imul(primHashes.size + 1, 0x9e3779b1);
    primHashes.set(prim, hash);
  }
  return hash;
}

/** Counts recorded nodes and says when to flush. One for each device. */
export class FlushWindow {
  nodes = 0;
  bytes = 0;
  private readonly limits: FlushLimits;
  /** The last operations, as a ring; their mix is the signature. */
  private readonly recent = new Int32Array(SIGNATURE_LENGTH);
  private at = 0;
  /** The signature at which a window last closed by phase or by force. */
  private closing: number | null = null;

  constructor(limits: FlushLimits = { nodes: FLUSH_NODES, bytes: FLUSH_BYTES }) {
    this.limits = limits;
  }

  /** Takes a recorded node in. True: flush now, and call `closed`. */
  add(node: Node): boolean {
    this.nodes++;
    this.bytes += nbytes(node.aval);
    this.recent[this.at] = primHash(node.prim) ^ node.aval.id;
    this.at = (this.at + 1) % SIGNATURE_LENGTH;
    if (this.bytes >= this.limits.bytes) return true;
    // an open transformation bounds its own graph; only bytes count there (SEMANTICS 1.1)
    if (this.nodes < this.limits.nodes || outermostScope() !== null) return false;
    return this.nodes >= 2 * this.limits.nodes || this.closing === null || this.signature() === this.closing;
  }

  /** Says that what is pending has been evaluated because the window was full. */
  closed(): void {
    this.closing = this.signature();
    this.reset();
  }

  /** Says that what is pending has been evaluated because it was read. */
  reset(): void {
    this.nodes = 0;
    this.bytes = 0;
  }

  private signature(): number {
    let hash = 0x811c9dc5 | 0;
    for (let i = 0; i < SIGNATURE_LENGTH; i++) {
      hash = Math.imul(hash ^ this.recent[(this.at + i) % SIGNATURE_LENGTH], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}

/** Evaluates the sinks of a window; the same as `evaluate`, by the name the flush rule uses. */
export const flush = (roots: readonly Node[], backend: Backend): Ticket | null => evaluate(roots, backend);

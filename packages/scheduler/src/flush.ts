// When pending work is evaluated although nobody reads it (SEMANTICS 3.3). A window of recorded nodes closes past the
// limit at the phase of the loop at which the window before closed, so that windows of a loop have one plan; at the
// latest at twice the limit. Counts only; the caller says what the roots are.
import type { Node, PrimName } from "@weft/ir";
import { nbytes, outermostScope } from "@weft/ir";
import { FLUSH_BYTES, FLUSH_NODES, SIGNATURE_LENGTH } from "./limits.ts";

/** Limits of a window; smaller ones are for tests. */
export interface FlushLimits {
  readonly nodes: number;
  readonly bytes: number;
}

const primHashes = new Map<PrimName, number>();
function primHash(prim: PrimName): number {
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
  /** The last operations and the ids of their avals, as rings; their mix is the signature. */
  private readonly prims = new Array<PrimName>(SIGNATURE_LENGTH).fill("input");
  private readonly avals = new Array<number>(SIGNATURE_LENGTH).fill(0);
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
    const { at } = this;
    this.prims[at] = node.prim;
    this.avals[at] = node.aval.id;
    this.at = (at + 1) % SIGNATURE_LENGTH;
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
      const at = (this.at + i) % SIGNATURE_LENGTH;
      hash = Math.imul(hash ^ primHash(this.prims[at]) ^ this.avals[at], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}

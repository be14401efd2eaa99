// The walk of an evaluation: finds the pending ancestors of the roots, numbers them, decides what is stored (second
// touch, SEMANTICS 3.1) and writes the plan key and the slots. It runs at every evaluation, so it allocates nothing:
// its arrays are used again, and nodes are numbered by marks. One walk at a time.
import type { Node, Scope } from "@weft/ir";
import {
  ConcretizationError,
  DisposedError,
  endMarks,
  EscapedValueError,
  formatAval,
  InternalError,
  isAlias,
  KeyWriter,
  markBase,
  nbytes,
  placeholderLabel,
  writeOperation,
} from "@weft/ir";
import type { Pending } from "./plan.ts";

const NO_SLOTS: readonly number[] = Object.freeze([]);
const END_OF_NODES = -0x40000000;
const END_OF_STORED = -0x40000001;

/** Sorts by id. Walks of chains come out backwards, so that case is cheap. */
function sortById(nodes: Node[]): void {
  nodes.reverse();
  let sorted = true;
  for (let i = 1; i < nodes.length && sorted; i++) sorted = nodes[i - 1].id < nodes[i].id;
  if (sorted) return;
  if (nodes.length > 64) {
    nodes.sort((a, b) => a.id - b.id);
    return;
  }
  for (let i = 1; i < nodes.length; i++) {
    const node = nodes[i];
    let at = i;
    for (; at > 0 && nodes[at - 1].id > node.id; at--) nodes[at] = nodes[at - 1];
    nodes[at] = node;
  }
}

const unreadable = (node: Node): Error => {
  const scope: Scope | null = node.scope;
  const what = `evaluation: ${formatAval(node.aval)}${scope === null ? "" : ` is traced by ${scope.name} (from ${placeholderLabel(node)}) and`} has no value`;
  return scope !== null && !scope.open
    ? new EscapedValueError(`${what} after it returned; return it from the function instead`)
    : new ConcretizationError(`${what} yet`);
};

/** The state of a walk, kept between walks. */
export class Walk implements Pending {
  /** All pending nodes in id order, aliases among them. */
  readonly pending: Node[] = [];
  /** The pending nodes that compute something, by number. */
  readonly nodes: Node[] = [];
  readonly leaves: Node[] = [];
  /** Leaves whose data is merely cached and that a new node reads: owned from now on. */
  readonly promoted: Node[] = [];
  readonly stored: number[] = [];
  readonly key = new KeyWriter();
  slots = 0;
  private slotValues = new Float64Array(64);
  private flags = new Uint8Array(256);
  private base = 0;
  private leafBase = 0;
  /** The most bytes of a value that is stored because it is read again. */
  private most = Infinity;
  private active = false;
  private readonly stack: Node[] = [];

  /** Every walk begins so, ends with `end`, and starts nothing in between that walks as well. */
  begin(): void {
    if (this.active) throw new InternalError("evaluation was entered again from within itself");
    this.active = true;
  }

  /**
   * Walks from `roots`; afterwards all fields describe what was found, until `end`. What is larger than `most` bytes is
   * stored only if it is a root: reading two elements of something must not ask for room for all of it.
   */
  run(roots: readonly Node[], most: number): void {
    this.most = most;
    this.base = markBase();
    this.collect(roots);
    if (this.pending.length > 0) this.write(roots);
  }

  /** Forgets every node. */
  end(): void {
    this.active = false;
    endMarks(this.base + this.pending.length + this.leaves.length + 2);
    this.pending.length = 0;
    this.nodes.length = 0;
    this.leaves.length = 0;
    this.promoted.length = 0;
    this.stored.length = 0;
    this.stack.length = 0;
    this.slots = 0;
    this.key.length = 0;
  }

  numberOf(node: Node): number {
    const { mark } = node;
    if (mark >= this.leafBase) return this.leafBase - 1 - mark;
    if (mark <= this.base) throw new InternalError(`${node.toString()} was not numbered by this walk`);
    return mark - this.base - 1;
  }

  /**
   * The first `length` of the slots found followed by `fixed`: a plan may not need the last ones. A plain array,
   * because a typed one costs more than all else that a small evaluation allocates.
   */
  slotTable(fixed: readonly number[], length: number): readonly number[] {
    if (length === 0) return NO_SLOTS;
    const table = new Array<number>(length);
    const own = Math.min(this.slots, length);
    for (let i = 0; i < own; i++) table[i] = this.slotValues[i];
    for (let i = own; i < length; i++) table[i] = fixed[i - own];
    return table;
  }

  private collect(roots: readonly Node[]): void {
    const { base, stack, pending } = this;
    for (let i = roots.length - 1; i >= 0; i--) stack.push(roots[i]);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.mark >= base) continue;
      node.mark = base;
      const { value, operands } = node;
      if (value !== null) {
        if (!value.released) continue;
        if (operands.length === 0)
          throw new DisposedError(
            `evaluation: ${formatAval(node.aval)} was disposed and something still reads it; keep it until its readers are computed`,
          );
        // an evicted result: it has its inputs and is computed again
        node.value = null;
      } else if (node.prim === "input") throw unreadable(node);
      pending.push(node);
      for (let i = 0; i < operands.length; i++) if (operands[i].mark < base) stack.push(operands[i]);
    }
    sortById(pending);
  }

  /** The mark of an operand, whose leaf is numbered at its first use. */
  private markOf(operand: Node): number {
    if (operand.mark === this.base) {
      operand.mark = this.leafBase + this.leaves.length;
      this.leaves.push(operand);
    }
    return operand.mark;
  }

  private write(roots: readonly Node[]): void {
    const { pending, nodes, leaves, key, base } = this;
    const leafBase = base + 1 + pending.length;
    this.leafBase = leafBase;
    if (this.flags.length < pending.length) this.flags = new Uint8Array(pending.length * 2);
    const { flags } = this;
    for (let i = 0; i < pending.length; i++) {
      const node = pending[i];
      const { operands } = node;
      const isNew = node.seen === 0;
      if (isAlias(node)) {
        const mark = this.markOf(operands[0]);
        node.mark = mark;
        if (isNew) this.touch(mark, -1);
        continue;
      }
      const number = nodes.length;
      nodes.push(node);
      node.mark = base + 1 + number;
      flags[number] = 0;
      writeOperation(node, key);
      key.word(operands.length);
      for (let j = 0; j < operands.length; j++) {
        const mark = this.markOf(operands[j]);
        key.word(mark < leafBase ? mark - base - 1 : leafBase - 1 - mark);
        if (isNew) this.touch(mark, number);
      }
      const { slots } = node;
      if (slots !== null) this.addSlots(slots);
    }
    for (let i = 0; i < roots.length; i++) {
      const { mark } = roots[i];
      if (mark > base && mark < leafBase) flags[mark - base - 1] = 1;
    }
    key.word(END_OF_NODES);
    for (let number = 0; number < nodes.length; number++) {
      if (flags[number] === 0) continue;
      if (nodes[number].outs.length > 1)
        throw new InternalError(`${nodes[number].toString()} has several results; ask for its projections`);
      this.stored.push(number);
      key.word(number);
    }
    key.word(END_OF_STORED);
    for (let i = 0; i < leaves.length; i++) key.word(leaves[i].aval.id);
  }

  /** A node that no evaluation saw reads the node with this mark: its second touch if one saw that. */
  private touch(mark: number, reader: number): void {
    if (mark >= this.leafBase) {
      const leaf = this.leaves[mark - this.leafBase];
      if (leaf.operands.length > 0) this.promoted.push(leaf);
      return;
    }
    const number = mark - this.base - 1;
    const node = this.nodes[number];
    if (node.seen === 0 || nbytes(node.aval) > this.most) return;
    // a tuple is not stored: its new projection is
    if (node.outs.length === 1) this.flags[number] = 1;
    else if (reader >= 0) this.flags[reader] = 1;
  }

  private addSlots(values: readonly number[]): void {
    if (this.slots + values.length > this.slotValues.length) {
      const wider = new Float64Array((this.slots + values.length) * 2);
      wider.set(this.slotValues);
      this.slotValues = wider;
    }
    for (let i = 0; i < values.length; i++) this.slotValues[this.slots++] = values[i];
  }
}

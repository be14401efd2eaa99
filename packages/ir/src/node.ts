// The one node of the tensor graph, and `record`, the only way to make one. Nodes are immutable but for their
// value, dropped inputs and the planner's marks. Ids order the graph: inputs always have smaller ids.
import type { Aval } from "./aval.ts";
import { formatAval } from "./aval.ts";
import { EscapedValueError, InternalError } from "./errors.ts";
import { addUses, dropUses } from "./ownership.ts";
import type { Params, ParamsOf, PrimName } from "./params.ts";
import { NO_PARAMS } from "./params.ts";
import { inferAvals } from "./prims/index.ts";
import type { Scope } from "./scope.ts";
import { takeId } from "./scope.ts";
import type { Value } from "./value.ts";

const NO_OPERANDS: readonly Node[] = Object.freeze([]);

/** One value (or, for multi-output primitives, one tuple of values) of the graph. */
export class Node {
  readonly id: number;
  readonly prim: PrimName;
  readonly params: Params;
  operands: readonly Node[];
  /** Raw doubles that are run-time inputs of plans, never in a key (SEMANTICS 3.2). */
  readonly slots: readonly number[] | null;
  /** One aval a result; `aval` is the first. */
  readonly outs: readonly Aval[];
  readonly aval: Aval;
  /** The innermost abstract scope this node depends on, or null for concrete-capable nodes. */
  readonly scope: Scope | null;
  /** Data, once evaluated (or once an evaluation that will store it is under way). */
  value: Value | null = null;
  /** Serial of the evaluation that saw this node first; 0 = none (second touch, SEMANTICS 3.1). */
  seen = 0;
  /** The planner's clones: index of the first slot in the plan's slot table; −1 elsewhere. */
  slotBase = -1;
  /** Number of this node in the walk that runs now (planner and transformations). */
  mark = 0;
  /** Handles, pullbacks and jit entries that refer to this node (ownership.ts); −1: it never had one. */
  owners = -1;
  /** Recorded nodes that hold this one as an operand. */
  uses = 0;
  /** Neither owned nor used any more: its storage is given back and it does not count as a user of its operands. */
  idle = false;

  constructor(
    prim: PrimName,
    params: Params,
    operands: readonly Node[],
    slots: readonly number[] | null,
    outs: readonly Aval[],
    scope: Scope | null,
  ) {
    this.id = takeId();
    this.prim = prim;
    this.params = params;
    this.operands = operands;
    this.slots = slots;
    this.outs = outs;
    this.aval = outs[0];
    this.scope = scope;
    if (scope === null && operands.length > 0) addUses(operands);
  }

  /** Forgets the recipe: from now on this node is a leaf. Refused for nodes without data. */
  dropInputs(): void {
    if (this.value === null)
      throw new InternalError(`node ${this.id} (${this.prim}) has no data and cannot drop its inputs`);
    const { operands } = this;
    this.operands = NO_OPERANDS;
    if (this.scope === null && !this.idle) dropUses(operands);
  }

  /** Whether a walk stops here: a placeholder, an array with data and no recipe, or a constant without operands. */
  get isLeaf(): boolean {
    return this.prim === "input" || (this.value !== null && this.operands.length === 0);
  }

  toString(): string {
    return `${this.prim}#${this.id}:${this.outs.map(formatAval).join(" ")}`;
  }
}

/** Whether a node's data is there or on its way, and was not given back. */
export const hasData = ({ value }: Node): boolean => value !== null && !value.released;

/** The parameters of a node that is known to be of primitive P. */
export const paramsOf = <P extends PrimName>(node: Node, prim: P): ParamsOf[P] => {
  if (node.prim !== prim) throw new InternalError(`expected a ${prim}, got ${node.toString()}`);
  return node.params as ParamsOf[P];
};

export const isPrim = <P extends PrimName>(
  node: Node,
  prim: P,
): node is Node & { readonly prim: P; readonly params: ParamsOf[P] } => node.prim === prim;

const escaped = (prim: PrimName, operand: Node): EscapedValueError =>
  new EscapedValueError(
    `${prim}: the operand ${formatAval(operand.aval)} was traced inside ${operand.scope?.name ?? "a transformation"} (from ${placeholderLabel(operand)}) and was used after it returned. ` +
      "Return it from the function instead of assigning it to an outer variable.",
  );

/** The label of a placeholder a traced node depends on, for messages. */
export function placeholderLabel(node: Node): string {
  const seen = new Set<Node>();
  const stack: Node[] = [node];
  while (stack.length > 0) {
    const top = stack.pop() as Node;
    if (seen.has(top)) continue;
    seen.add(top);
    if (top.prim === "input") {
      if (top.scope === node.scope && top.scope !== null) return `argument ${(top.params as ParamsOf["input"]).label}`;
    } else for (const operand of top.operands) if (operand.scope !== null) stack.push(operand);
  }
  return "its arguments";
}

const deepest = (prim: PrimName, operands: readonly Node[]): Scope | null => {
  let scope: Scope | null = null;
  for (let i = 0; i < operands.length; i++) {
    const own = operands[i].scope;
    if (own === null || own === scope) continue;
    if (!own.open) throw escaped(prim, operands[i]);
    if (scope === null || own.depth > scope.depth) scope = own;
  }
  return scope;
};

/**
 * Appends an operation to the graph and returns its node; nothing is computed. Used by users' functions, rules and
 * passes alike. Throws ShapeError, DTypeError or IndexError from the primitive's rule, and EscapedValueError for an
 * operand whose scope is closed; then nothing is recorded.
 * @example record("add", NO_PARAMS, [x, y])
 */
export function record<P extends PrimName>(
  prim: P,
  params: ParamsOf[P],
  operands: readonly Node[],
  slots: readonly number[] | null = null,
): Node {
  const scope = deepest(prim, operands);
  return new Node(prim, params, operands, slots, inferAvals(prim, params, operands, slots), scope);
}

/** A placeholder: an input of the graph that is being traced in `scope`. */
export const placeholder = (of: Aval, label: string, scope: Scope | null): Node =>
  new Node("input", { label }, NO_OPERANDS, null, [of], scope);

/** A leaf with data. */
export function leaf(of: Aval, value: Value): Node {
  const node = new Node("input", { label: "" }, NO_OPERANDS, null, [of], null);
  node.value = value;
  return node;
}

/** A structural constant of rank 0. */
export const literal = (of: Aval, value: number): Node => new Node("literal", { value }, NO_OPERANDS, null, [of], null);

/** A run-time scalar of rank 0, whose value is a slot. */
export const scalar = (of: Aval, value: number): Node =>
  new Node("scalar", NO_PARAMS, NO_OPERANDS, [value], [of], null);

/** Result `index` of a node with several results. */
export const proj = (node: Node, index: number): Node => record("proj", { index }, [node]);

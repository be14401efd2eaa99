// The planner's own numbered form of a graph: one Item a value that kernels may compute, after decomposition.
// Owns what each item is made of and what it costs; what is stored is decided in fuse.ts.
import type { Aval, Lane, MonoidName, Node, Params, ParamsOf, ScalarFn, StorageType } from "@weft/ir";
import {
  DTypeError,
  elementwiseRow,
  formatAval,
  InternalError,
  isElementwise,
  LANE_OF,
  REDUCTION,
  STORAGE_BYTES,
} from "@weft/ir";
import type { ElementwisePrim, ReductionPrim } from "@weft/ir";
import type { Region, Use } from "./region.ts";
import type { GemmForm } from "./gemm.ts";

export type ItemKind =
  | "input"
  | "literal"
  | "scalar"
  | "iota"
  | "elementwise"
  | "part"
  | "reshape"
  | "transpose"
  | "broadcastInDim"
  | "flip"
  | "slice"
  | "pad"
  | "concatenate"
  | "dynamicSlice"
  | "bitcast"
  | "fold"
  | "gemm";

const NOBODY: readonly never[] = Object.freeze([]);

/** A list with one more, itself from the second on: most values have one reader, for which `push` would make room for 16. */
function appended<T>(list: readonly T[], value: T): readonly T[] {
  if (list.length === 0) return [value];
  (list as T[]).push(value);
  return list;
}

/** One value of the plan. */
export class Item {
  readonly index: number;
  readonly kind: ItemKind;
  readonly params: Params;
  readonly operands: readonly Item[];
  readonly aval: Aval;
  readonly storage: StorageType;
  readonly lane: Lane;
  /** First slot, for scalar, iota and slice. */
  readonly slotBase: number;
  /** The node whose value this is; null for intermediate values of decompositions. */
  readonly node: Node | null;
  readonly fn: ScalarFn | null;
  readonly monoid: MonoidName | null;
  /** Units of work an element, alone. */
  readonly cost: number;
  /** Units of work an element with everything that would be fused below it. */
  depth = 0;
  /** The fold this item leads to through elementwise operations and views, for row kernels. */
  rowFold: Item | null = null;
  /** Views that end here, one of the other. */
  views = 0;
  /** Items one below the other that end here, down to what is stored. */
  height = 0;
  /** Which stored items it reads when fully fused; null: too many. */
  leaves: readonly Item[] | null = null;
  mustStore = false;
  /** A concatenation of so many operands that it is stored wherever it is read. */
  wide = false;
  stored = false;
  gemm: GemmForm | null = null;
  /** Whether fusion stops here: what a barrier holds. */
  opaque = false;
  /** Whether a template reads it. */
  readByTemplate = false;
  /** The regions that store it: several for a concatenation written piece by piece. */
  writers: readonly Region[] = NOBODY;
  /** Who reads it, gathered from the outputs back. */
  uses: readonly Use[] = NOBODY;
  /** The search that came to it last (Region.roomFor). */
  reached = 0;

  constructor(
    index: number,
    kind: ItemKind,
    params: Params,
    operands: readonly Item[],
    aval: Aval,
    slotBase: number,
    node: Node | null,
    fn: ScalarFn | null,
    monoid: MonoidName | null,
  ) {
    this.index = index;
    this.kind = kind;
    this.params = params;
    this.operands = operands;
    this.aval = aval;
    this.storage = storageOf(aval);
    this.lane = LANE_OF[this.storage];
    this.slotBase = slotBase;
    this.node = node;
    this.fn = fn;
    this.monoid = monoid;
    this.cost = fn !== null ? unitsOf(fn, this.lane) : kind === "fold" || kind === "gemm" ? 1 : 0;
  }
  addWriter(region: Region): void {
    this.writers = appended(this.writers, region);
  }
  addUse(use: Use): void {
    this.uses = appended(this.uses, use);
  }
  get shape(): readonly number[] {
    return this.aval.shape;
  }
  get size(): number {
    return this.aval.size;
  }
  get bytes(): number {
    return this.aval.size * STORAGE_BYTES[this.storage];
  }
  toString(): string {
    return `${this.node?.prim ?? this.kind} ${formatAval(this.aval)}`;
  }
}

/** The parameters of an item that is known to come from primitive P. */
export const paramsAs = <P extends keyof ParamsOf>(item: Item, _prim: P): ParamsOf[P] => item.params as ParamsOf[P];

export function storageOf(aval: Aval): StorageType {
  switch (aval.dtype) {
    case "bool":
      return "bool";
    case "int32":
      return "i32";
    case "uint32":
      return "u32";
    case "float16":
      return "f16";
    case "float32":
      return "f32";
    case "float64":
      return "f64";
    default:
      throw new DTypeError(`lower: ${formatAval(aval)}: this dtype has no kernels; convert with astype first`);
  }
}

const HEAVY = 16;
/** Work of one application, in additions. */
export function unitsOf(fn: ScalarFn, lane: Lane): number {
  switch (fn) {
    case "exp":
    case "expm1":
    case "log":
    case "log1p":
    case "logistic":
    case "sin":
    case "cos":
    case "tanh":
    case "erf":
    case "erfInv":
    case "pow":
    case "atan2":
      return HEAVY;
    case "div":
    case "rem":
    case "sqrt":
    case "rsqrt":
      return lane === "f32" || lane === "f64" ? HEAVY / 2 : HEAVY;
    case "threefry2x32":
      return 40;
    default:
      return 1;
  }
}

/** Code of one application, in quarters of an addition: what compilers take for it, on every device, is about so long. */
export function codeOf(fn: ScalarFn, lane: Lane): number {
  const wide = lane === "f64" ? 2 : 1;
  switch (fn) {
    case "sin":
    case "cos":
      return 48 * wide;
    case "pow":
    case "atan2":
      return 32 * wide;
    default:
      return Math.max(4, unitsOf(fn, lane)) * wide;
  }
}

const MASK_FUNCTIONS: Partial<Record<ScalarFn, ScalarFn>> = { eq: "eq", ne: "xor", max: "or", min: "and" };

/** Collects items in topological order. */
export class ItemList {
  readonly items: Item[] = [];

  private push(
    kind: ItemKind,
    params: Params,
    operands: readonly Item[],
    aval: Aval,
    slotBase: number,
    node: Node | null,
    fn: ScalarFn | null,
    monoid: MonoidName | null,
  ): Item {
    const item = new Item(this.items.length, kind, params, operands, aval, slotBase, node, fn, monoid);
    this.items.push(item);
    return item;
  }
  /** A value whose data is given. */
  input(node: Node): Item {
    const item = this.push("input", node.params, [], node.aval, -1, node, null, null);
    item.mustStore = true;
    item.stored = true;
    return item;
  }
  /** Result `index` of the block cipher on four operands. */
  part(node: Node, index: number, aval: Aval, operands: readonly Item[]): Item {
    return this.push("part", { index }, operands, aval, -1, node, "threefry2x32", null);
  }
  gemm(node: Node, operands: readonly Item[], gemm: GemmForm): Item {
    const item = this.push("gemm", node.params, operands, node.aval, -1, node, null, null);
    item.gemm = gemm;
    for (const operand of operands) operand.readByTemplate = true;
    return item;
  }
  /** The item of a primitive that lowers directly. */
  add(node: Node, operands: readonly Item[]): Item {
    const { prim, params, aval } = node;
    if (isElementwise(prim)) return this.elementwise(node, prim, operands);
    switch (prim) {
      case "literal":
        return this.push("literal", params, [], aval, -1, node, null, null);
      case "scalar":
      case "iota":
      case "slice":
        // rewrites make iotas that count from 0 and have no slots
        if (prim === "iota" && node.slots === null)
          return this.push(prim, params, operands, aval, -1, node, null, null);
        if (node.slotBase < 0) throw new InternalError(`lower: ${node.toString()} has no slots in the plan's table`);
        return this.push(prim, params, operands, aval, node.slotBase, node, null, null);
      case "reshape":
      case "transpose":
      case "broadcastInDim":
      case "flip":
      case "pad":
      case "concatenate":
      case "dynamicSlice":
      case "bitcast":
        return this.push(prim, params, operands, aval, -1, node, prim === "bitcast" ? "bitcast" : null, null);
      default: {
        const { monoid } = REDUCTION[prim as ReductionPrim] ?? {};
        if (monoid === undefined) throw new InternalError(`lower: ${prim} does not lower directly`);
        const mask = operands[0].lane === "mask";
        return this.push(
          "fold",
          params,
          operands,
          aval,
          -1,
          node,
          null,
          mask && monoid === "max" ? "or" : mask && monoid === "min" ? "and" : monoid,
        );
      }
    }
  }

  private elementwise(node: Node, prim: ElementwisePrim, operands: readonly Item[]): Item {
    const row = elementwiseRow(prim);
    if (typeof row.lower !== "function") throw new InternalError(`lower: ${prim} was not decomposed`);
    let fn = row.lower(node.params as never, LANE_OF[storageOf(node.aval)]);
    if (operands[0].lane === "mask") fn = MASK_FUNCTIONS[fn] ?? fn;
    return this.push("elementwise", node.params, operands, node.aval, -1, node, fn, null);
  }
}

// From what users write (ArrayLike) to graph nodes: JS numbers of kind *number* (SEMANTICS 5.1), JAX's promotion with
// weak types, broadcasting, and the checks of axes that every function shares. Refuses bigint, strings and keys.
import type { Aval, DType, TypeOf } from "@weft/ir";
import {
  aval,
  checkDType,
  DTypeError,
  DTYPES,
  expectFits,
  formatAval,
  IndexError,
  InternalError,
  isFloat,
  isInteger,
  isNumberKind,
  isServed,
  literal,
  literalsNow,
  Node,
  promote,
  record,
  sameShape,
  scalar,
  ShapeError,
  sizeOf,
} from "@weft/ir";
import { NDArray } from "./array.ts";
import type { TypedArray } from "./host.ts";
import { convertHost, dtypeOfTypedArray, hostBytes, isTypedArray } from "./host.ts";
import { classNameOf } from "./realms.ts";
import { uploadLeaf } from "../device/devices.ts";

/** What every function takes for an array. Nested JS arrays may hold NDArrays, which are stacked. */
export type ArrayLike = NDArray | number | boolean | TypedArray | readonly ArrayLike[];

const WEAK_FLOAT: TypeOf = { dtype: "float32", weak: true };
const WEAK_INTEGER: TypeOf = { dtype: "int32", weak: true };
const BOOL: TypeOf = { dtype: "bool", weak: false };

/** A handle on a node. */
export const wrap = (node: Node): NDArray => new NDArray(node);
/** A handle on a uint32 node of shape [..., 2] that holds random keys. */
export const wrapKey = (node: Node): NDArray => new NDArray(node, true);

/** A JS number as a node of rank 0: a literal inside closed graphs, else a run-time scalar. */
export const numberNode = (of: Aval, value: number): Node => (literalsNow() ? literal(of, value) : scalar(of, value));

const checkRange = (op: string, value: number, dtype: DType): void =>
  expectFits(op, value, dtype, 'convert the array with astype("float32") first');

const refuse = (op: string, x: unknown): never => {
  if (typeof x === "bigint")
    throw new DTypeError(`${op}: bigint ${x} has no dtype here (there are no 64-bit integers); use Number(x)`);
  if (typeof x === "string") throw new DTypeError(`${op}: a string is no array`);
  const what = x === null || x === undefined ? String(x) : typeof x === "object" ? classNameOf(x) : `a ${typeof x}`;
  throw new DTypeError(
    `${op}: expected an array (NDArray, number, boolean, TypedArray or nested arrays of them), got ${what}`,
  );
};

/** The node of an NDArray that takes part in arithmetic. Throws DTypeError for keys. */
function arithmeticNode(op: string, x: NDArray): Node {
  if (x.isKey)
    throw new DTypeError(
      `${op}: key[${x.shape.join(",")}]: random keys take no part in arithmetic; pass them to random.*, or use random.keyData`,
    );
  return x.node;
}

/** Converts a node; the same node if nothing changes. */
export function convertNode(node: Node, dtype: DType, weak = false): Node {
  const weakness = weak ? "weak" : "strong";
  const own = node.aval;
  if (own.dtype === dtype && own.weakness === weakness) return node;
  return record("convert", { dtype, weakness }, [node]);
}

/** A placeholder of kind number that meets no array becomes weak float32. */
const settle = (node: Node): Node => (isNumberKind(node.aval) ? convertNode(node, "float32", true) : node);

function fromNumber(op: string, value: number, dtype: DType | undefined): Node {
  if (dtype === undefined) return numberNode(aval("float32", [], "weak"), value);
  if (dtype === "bool") return numberNode(aval("bool", []), value === 0 ? 0 : 1);
  if (!isFloat(dtype)) {
    const whole = Math.trunc(value);
    checkRange(op, whole, dtype);
    return numberNode(aval(dtype, []), Number.isNaN(value) ? 0 : whole);
  }
  return numberNode(aval(dtype, []), value);
}

/** The aval of a typed array whose dtype devices have. Throws DTypeError for others. */
export function avalOfTypedArray(op: string, x: TypedArray | BigInt64Array | BigUint64Array): Aval {
  const dtype = dtypeOfTypedArray(op, x);
  if (isServed(dtype)) return aval(dtype, [x.length]);
  throw new DTypeError(
    `${op}: a ${classNameOf(x)} needs a dtype, because ${dtype} is not available; write np.array(x, "int32") or np.array(x, "float32")`,
  );
}

/**
 * The graph value of an ArrayLike. A number is weak float32 unless `dtype` is given; nested arrays of numbers are
 * float32, of booleans bool. A TypedArray is copied now. With `dtype` the result has it, strongly.
 * Throws DTypeError (bigint, strings, 64-bit arrays, keys) and ShapeError (ragged nesting).
 */
export function toNode(op: string, x: ArrayLike, dtype?: DType): Node {
  if (dtype !== undefined) checkDType(op, dtype);
  if (x instanceof NDArray) {
    const node = arithmeticNode(op, x);
    const number = isNumberKind(node.aval) ? x.plainNumber : null;
    if (number !== null) return fromNumber(op, number, dtype);
    return dtype === undefined ? settle(node) : convertNode(node, dtype);
  }
  if (typeof x === "number") return fromNumber(op, x, dtype);
  if (typeof x === "boolean")
    return dtype === undefined ? numberNode(aval("bool", []), x ? 1 : 0) : fromNumber(op, x ? 1 : 0, dtype);
  if (isTypedArray(x)) {
    const from = dtypeOfTypedArray(op, x);
    const of = dtype === undefined ? avalOfTypedArray(op, x) : aval(checkDType(op, dtype), [x.length]);
    return uploadLeaf(of, hostBytes(op, from, x as TypedArray, of.dtype));
  }
  if (Array.isArray(x)) return fromNested(op, x as readonly ArrayLike[], dtype);
  return refuse(op, x);
}

/** The node behind x, keys included: for functions that only move elements. Say `rewrap(x, node)` for the result. */
export const toMovable = (op: string, x: ArrayLike): Node => (x instanceof NDArray && x.isKey ? x.node : toNode(op, x));
/** A handle of the same kind (key or not) as x. */
export const rewrap = (x: ArrayLike, node: Node): NDArray => new NDArray(node, x instanceof NDArray && x.isKey);

interface Leaves {
  readonly shape: number[];
  readonly values: number[];
  allBool: boolean;
}

/** Plain nested numbers into one flat list; null as soon as an array is met. */
function flattenPlain(op: string, x: readonly ArrayLike[]): Leaves | null {
  const shape: number[] = [];
  for (let row: ArrayLike = x; Array.isArray(row); row = (row as readonly ArrayLike[])[0]) {
    shape.push((row as readonly ArrayLike[]).length);
    if ((row as readonly ArrayLike[]).length === 0) break;
  }
  const leaves: Leaves = { shape, values: [], allBool: true };
  const visit = (value: ArrayLike, depth: number): boolean => {
    if (typeof value === "number" || typeof value === "boolean") {
      if (depth !== shape.length) throw ragged(op, shape, depth);
      leaves.values.push(Number(value));
      if (typeof value === "number") leaves.allBool = false;
      return true;
    }
    if (!Array.isArray(value)) return value instanceof NDArray || isTypedArray(value) ? false : refuse(op, value);
    if (depth >= shape.length || value.length !== shape[depth]) throw ragged(op, shape, depth);
    for (const item of value as readonly ArrayLike[]) if (!visit(item, depth + 1)) return false;
    return true;
  };
  if (!visit(x, 0)) return null;
  if (leaves.values.length === 0) leaves.allBool = false;
  return leaves;
}

const ragged = (op: string, shape: readonly number[], depth: number): ShapeError =>
  new ShapeError(
    `${op}: nested arrays must have equal lengths on every level; level ${depth} differs from the first element's shape [${shape.join(",")}]`,
  );

function fromNested(op: string, x: readonly ArrayLike[], dtype: DType | undefined): Node {
  let plain: Leaves | null = null;
  // a nested list that holds an array anywhere is a stack; raggedness among arrays shows when they are concatenated
  if (!holdsArray(op, x)) plain = flattenPlain(op, x);
  if (plain !== null) {
    const to = checkDType(op, dtype ?? (plain.allBool ? "bool" : "float32"));
    if (isInteger(to)) for (const value of plain.values) expectFits(op, value, to, 'take dtype "float32"');
    return uploadLeaf(aval(to, plain.shape), convertHost(op, plain.allBool ? "bool" : "float64", plain.values, to));
  }
  // Array.from, which finds holes
  const rows = Array.from(x, (item) =>
    Array.isArray(item) ? fromNested(op, item as readonly ArrayLike[], dtype) : item,
  );
  return stackNodes(op, promoteAll(op, rows, dtype));
}

/** More levels than any array has axes: only a list that contains itself is nested deeper. */
const DEEPEST = 256;
function holdsArray(op: string, x: readonly ArrayLike[], depth = 0): boolean {
  if (depth === DEEPEST)
    throw new ShapeError(`${op}: arrays are nested more than ${DEEPEST} levels deep; does one contain itself?`);
  for (const item of x) {
    // what is no array is refused later; a list may have a billion holes
    if (item === undefined) return false;
    if (item instanceof NDArray || isTypedArray(item)) return true;
    if (Array.isArray(item) && holdsArray(op, item as readonly ArrayLike[], depth + 1)) return true;
  }
  return false;
}

/** Nodes of equal shape and dtype along a new first axis. */
export function stackNodes(op: string, nodes: readonly Node[]): Node {
  const { shape } = nodes[0].aval;
  for (const node of nodes) {
    if (!sameShape(node.aval.shape, shape))
      throw new ShapeError(
        `${op}: ${nodes.map((n) => formatAval(n.aval)).join(", ")}: expected arrays of equal shape to stack`,
      );
  }
  const rows = nodes.map((node) => record("reshape", { shape: [1, ...shape] }, [node]));
  return rows.length === 1 ? rows[0] : record("concatenate", { axis: 0 }, rows);
}

// Promotion ------------------------------------------------------------------------------------------------------

/** An operand of promotion: a node, or a JS number that has not met an array yet. */
type Operand = Node | number;

/** Weak truth values, which comparisons of weak operands are, promote as others do. */
const typeOfAval = (a: Aval): TypeOf => (a.dtype === "bool" ? BOOL : { dtype: a.dtype, weak: a.weakness !== "strong" });

function toOperand(op: string, x: ArrayLike | Node): Operand {
  if (typeof x === "number") return x;
  if (x instanceof NDArray) return (isNumberKind(x.node.aval) ? x.plainNumber : null) ?? arithmeticNode(op, x);
  if (isNode(x)) return x;
  return toNode(op, x);
}

const isNode = (x: unknown): x is Node => x instanceof Node;

/** Whether a number operand is integer-valued; undefined if the operand is no number. */
const wholeness = (x: Operand): boolean | undefined =>
  typeof x === "number" ? Number.isInteger(x) : isNumberKind(x.aval) ? x.aval.weakness === "integer" : undefined;

function typeOfOperands(operands: readonly Operand[]): TypeOf {
  let type: TypeOf | null = null;
  for (const operand of operands) {
    if (wholeness(operand) !== undefined) continue;
    const own = typeOfAval((operand as Node).aval);
    type = type === null ? own : promote(type, own);
  }
  if (type === null) return WEAK_FLOAT; // numbers alone
  if (isFloat(type.dtype) && !type.weak) return type;
  for (const operand of operands) {
    const whole = wholeness(operand);
    if (whole !== undefined) type = promote(type, whole ? WEAK_INTEGER : WEAK_FLOAT);
  }
  return type;
}

function convertOperand(op: string, operand: Operand, type: TypeOf): Node {
  if (typeof operand === "number") {
    if (isInteger(type.dtype)) checkRange(op, operand, type.dtype);
    return numberNode(aval(type.dtype, [], type.weak ? "weak" : "strong"), operand);
  }
  const { dtype } = operand.aval;
  return dtype === type.dtype && dtype !== "bool" && !isNumberKind(operand.aval)
    ? operand
    : convertNode(operand, type.dtype, type.weak);
}

/** Converts operands to one dtype, without broadcasting: theirs by promotion, or `dtype`. */
export function promoteAll(op: string, xs: readonly (ArrayLike | Node)[], dtype?: DType): Node[] {
  if (dtype !== undefined) checkDType(op, dtype);
  const operands = xs.map((x) => toOperand(op, x));
  if (dtype !== undefined)
    return operands.map((one) => (typeof one === "number" ? fromNumber(op, one, dtype) : convertNode(one, dtype)));
  const type = typeOfOperands(operands);
  return operands.map((operand) => convertOperand(op, operand, type));
}

/**
 * Elementwise operands: of one dtype (JAX's promotion) and of one shape, except that rank 0 stays rank 0.
 * `atLeast` widens the common dtype: "float" turns bool and integers into float32, "weak" lets them meet a JS number
 * that is no integer.
 * Throws DTypeError for keys and numbers that do not fit, ShapeError where shapes do not broadcast.
 * @example const [a, b] = promoteOperands("add", [x, 2]);
 */
export function promoteOperands(op: string, xs: readonly (ArrayLike | Node)[], atLeast?: "float" | "weak"): Node[] {
  const same = atLeast === undefined ? sameOperands(xs) : null;
  if (same !== null) return same;
  const operands = xs.map((x) => toOperand(op, x));
  let type = typeOfOperands(operands);
  if (atLeast === "weak") type = promote(type, WEAK_FLOAT);
  if (atLeast === "float" && !isFloat(type.dtype)) type = { dtype: "float32", weak: type.weak };
  return broadcastNodes(
    op,
    operands.map((operand) => convertOperand(op, operand, type)),
  );
}

const isWeakBool = (a: Aval): boolean => a.dtype === "bool" && a.weakness === "weak";
/** Whether x is a list of JS integers, nested or not: int32 where integers are due. */
const listsIntegers = (op: string, x: ArrayLike | Node): x is readonly ArrayLike[] =>
  Array.isArray(x) && x.length > 0 && !holdsArray(op, x) && x.flat(Infinity).every(Number.isInteger);

/**
 * Operands of operations on bits, of one dtype and shape: JS integers that meet no array are weak int32, lists of them
 * int32. Throws DTypeError for keys and for numbers that do not fit, ShapeError where shapes do not broadcast.
 */
export function bitOperands(op: string, xs: readonly ArrayLike[]): Node[] {
  const same = sameOperands(xs);
  if (same !== null) return same;
  const operands = xs.map((x) => (listsIntegers(op, x) ? toNode(op, x, "int32") : toOperand(op, x)));
  // one array alone meets nothing that it could yield to, a weak truth value neither
  if (operands.length === 1 && wholeness(operands[0]) === undefined) return operands as Node[];
  const type = operands.every((x) => wholeness(x) === true) ? WEAK_INTEGER : typeOfOperands(operands);
  return broadcastNodes(
    op,
    operands.map((operand) => convertOperand(op, operand, type)),
  );
}

/** The common case at no cost: plain arrays of one and the same aval. */
function sameOperands(xs: readonly (ArrayLike | Node)[]): Node[] | null {
  const [x, y] = xs;
  if (xs.length !== 2 || !(x instanceof NDArray) || !(y instanceof NDArray) || x.isKey || y.isKey) return null;
  const [a, b] = [x.node, y.node];
  return a.aval === b.aval && !isNumberKind(a.aval) && !isWeakBool(a.aval) ? [a, b] : null;
}

/** The dtype that operands promote to. Accepts dtype names among them. */
export function resultType(...xs: readonly (ArrayLike | DType)[]): DType {
  return resultTypeOf(xs).dtype;
}

/** {@link resultType} with its weakness. */
export function resultTypeOf(xs: readonly (ArrayLike | DType)[]): TypeOf {
  let type: TypeOf | null = null;
  const numbers: boolean[] = [];
  const meet = (own: TypeOf): void => {
    type = type === null ? own : promote(type, own);
  };
  for (const x of xs) {
    if (typeof x === "string") meet({ dtype: checkDType("resultType", x), weak: false });
    else if (typeof x === "number") numbers.push(Number.isInteger(x));
    else if (typeof x === "boolean") meet(BOOL);
    else {
      const operand = toOperand("resultType", x);
      const whole = wholeness(operand);
      if (whole !== undefined) numbers.push(whole);
      else meet(typeOfAval((operand as Node).aval));
    }
  }
  if (type === null) return WEAK_FLOAT;
  for (const whole of numbers) meet(whole ? WEAK_INTEGER : WEAK_FLOAT);
  return type;
}

// Broadcasting ---------------------------------------------------------------------------------------------------

/** The shape that shapes broadcast to. Throws ShapeError naming the operands (by `names`, or by their shapes). */
export function broadcastShapes(
  op: string,
  shapes: readonly (readonly number[])[],
  names: readonly string[] = shapes.map((shape) => `[${shape.join(",")}]`),
): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (let axis = 0; axis < shape.length; axis++) {
      const n = shape[axis];
      if (n === 1 || n === result[offset + axis]) continue;
      if (result[offset + axis] !== 1) {
        throw new ShapeError(
          `${op}: ${names.join(" and ")} do not broadcast: axis ${offset + axis - rank} has ${result[offset + axis]} and ${n} elements; sizes must be equal or 1`,
        );
      }
      result[offset + axis] = n;
    }
  }
  return result;
}

/** A node broadcast to a shape by NumPy's rule: trailing axes align, sizes of 1 repeat. */
export function broadcastTo(op: string, node: Node, shape: readonly number[]): Node {
  const own = node.aval.shape;
  if (sameShape(own, shape)) return node;
  const offset = shape.length - own.length;
  const kept: number[] = [];
  for (let axis = 0; axis < own.length; axis++) {
    if (offset >= 0 && own[axis] === shape[offset + axis]) kept.push(axis);
    else if (offset < 0 || own[axis] !== 1)
      throw new ShapeError(`${op}: ${formatAval(node.aval)} does not broadcast to shape [${shape.join(",")}]`);
  }
  const from = kept.length === own.length ? node : record("reshape", { shape: kept.map((axis) => own[axis]) }, [node]);
  return record("broadcastInDim", { shape, axes: kept.map((axis) => axis + offset) }, [from]);
}

/** Nodes broadcast to their common shape; rank 0 stays rank 0, as the elementwise primitives allow. */
export function broadcastNodes(op: string, nodes: readonly Node[]): Node[] {
  let shape: readonly number[] | null = null;
  let equal = true;
  for (const node of nodes) {
    const own = node.aval.shape;
    if (own.length === 0) continue;
    if (shape === null) shape = own;
    else if (!sameShape(shape, own)) equal = false;
  }
  if (shape === null || equal) return nodes as Node[];
  const common = broadcastShapes(
    op,
    nodes.map((node) => node.aval.shape),
    nodes.map((node) => formatAval(node.aval)),
  );
  return nodes.map((node) => (node.aval.shape.length === 0 ? node : broadcastTo(op, node, common)));
}

// Axes, sizes and indices ----------------------------------------------------------------------------------------

/** An axis as 0 ≤ axis < ndim. Throws IndexError out of range and for non-integers. */
export function checkAxis(op: string, axis: number, ndim: number): number {
  if (typeof axis !== "number" || !Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new IndexError(
      `${op}: axis ${String(axis)} is out of range for an array of ${ndim} ${ndim === 1 ? "axis" : "axes"}${Number.isInteger(axis) ? "" : "; expected an integer"}`,
    );
  }
  return axis < 0 ? axis + ndim : axis;
}

/** Axes as a sorted list without repetition: one, several, or all (`null`, `undefined`). Throws IndexError. */
export function checkAxes(op: string, axes: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: ndim }, (_, axis) => axis);
  const list = (Array.isArray(axes) ? (axes as readonly number[]) : [axes as number]).map((axis) =>
    checkAxis(op, axis, ndim),
  );
  list.sort((a, b) => a - b);
  for (let i = 1; i < list.length; i++)
    if (list[i] === list[i - 1]) throw new IndexError(`${op}: axis ${list[i]} is named twice`);
  return list;
}

/** A size: a non-negative integer. Throws IndexError for fractions and ShapeError for negative sizes. */
export function checkSize(op: string, n: number): number {
  if (typeof n !== "number" || !Number.isInteger(n)) throw noSize(op, n);
  if (n < 0) throw new ShapeError(`${op}: a size must not be negative, got ${n}`);
  return n;
}

/** What to say of a size that is none: arrays are named by what traced them or by how to read them. */
function noSize(op: string, n: unknown): IndexError {
  if (n instanceof NDArray) {
    n.evaluable(`${op}: as a size`);
    return new IndexError(
      `${op}: a size must be a JS integer, got an array ${formatAval(n.node.aval)}; read it with ${n.ndim === 0 ? "item()" : "tolist()"} first`,
    );
  }
  return new IndexError(`${op}: a size must be an integer, got ${typeof n === "string" ? `"${n}"` : String(n)}`);
}

/** The sizes of a shape given as one size or a list, not checked one by one. Throws for what is neither. */
export function shapeList(op: string, shape: number | readonly number[]): number[] {
  if (typeof shape === "number") return [shape];
  if (Array.isArray(shape) || isTypedArray(shape)) return Array.from(shape as readonly number[]);
  if ((shape as unknown) instanceof NDArray) throw noSize(op, shape);
  throw new ShapeError(
    `${op}: expected a shape, a size or a list of sizes, got ${typeof shape === "string" ? `"${shape as string}"` : String(shape)}`,
  );
}

/** A shape given as a number or a list. Throws ShapeError for more elements than can be counted. */
export function checkShape(op: string, shape: number | readonly number[]): number[] {
  const list = shapeList(op, shape);
  let total = 1;
  for (const n of list) total *= checkSize(op, n);
  if (total > Number.MAX_SAFE_INTEGER)
    throw new ShapeError(`${op}: shape [${list.join(",")}] has more elements than an array can have`);
  return list;
}

/** That an int32, as computed indices are, names every place of an axis. Throws IndexError. */
export function expectReach(op: string, axis: number, size: number): void {
  if (size > LAST_INDEX)
    throw new IndexError(
      `${op}: axis ${axis} has ${size} elements, and a computed index is an int32, which ends at ${LAST_INDEX}; index it by a JS integer`,
    );
}
const LAST_INDEX = 2 ** 31 - 1;

/** An index, shift or start as an int32 node (SEMANTICS 5.1). Throws IndexError for what is not integer-valued. */
export function indexNode(op: string, x: ArrayLike): Node {
  if (typeof x === "number") {
    if (!Number.isInteger(x)) throw new IndexError(`${op}: an index must be an integer, got ${x}`);
    checkRange(op, x, "int32");
    return numberNode(aval("int32", []), x);
  }
  const node = toOperand(op, x) as Node;
  const own = node.aval;
  if (
    own.weakness === "real" ||
    (own.weakness !== "integer" && !isInteger(own.dtype) && !(Array.isArray(x) && own.size === 0))
  ) {
    if (Array.isArray(x) && !holdsArray(op, x as readonly ArrayLike[]))
      return toNode(op, integers(op, x as readonly ArrayLike[]), "int32");
    throw new IndexError(`${op}: ${formatAval(own)} is no index: expected integers (astype("int32"))`);
  }
  return convertNode(node, "int32");
}

function integers(op: string, x: readonly ArrayLike[]): readonly ArrayLike[] {
  for (const item of x) {
    if (Array.isArray(item)) integers(op, item as readonly ArrayLike[]);
    else if (!Number.isInteger(item)) throw new IndexError(`${op}: an index must be an integer, got ${String(item)}`);
  }
  return x;
}

/** The float dtype a function without integer meaning computes in: floats keep theirs, others become float32. */
export const floatDType = (dtype: DType): DType => {
  const { kind } = DTYPES[dtype];
  if (kind === "key" || kind === "float0") throw new InternalError(`${dtype} has no float dtype`);
  return kind === "float" || kind === "complex" ? dtype : "float32";
};

/** The number of elements of a shape. */
export { sizeOf };

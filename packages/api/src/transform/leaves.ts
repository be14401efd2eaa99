// What the wrappers of transformations share: functions and their names, arguments and results as lists of leaves.
import type { Aval, Node } from "@weft/ir";
import {
  aval,
  DTypeError,
  formatAval,
  isFloat,
  isNumberKind,
  literal,
  placeholder,
  record,
  sameShape,
  ShapeError,
  TreeError,
} from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { avalOfTypedArray, convertNode, numberNode, toNode } from "../core/convert.ts";
import { isPromise } from "../device/arrivals.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build, isLeafValue, pathText, walk, walkAny } from "../tree/structure.ts";

/** A function on trees, its argument and result types erased. */
export type TreeFunction = (...args: unknown[]) => unknown;

/** How messages name a function of the user's. */
export const nameOf = (f: { readonly name: string }): string => (f.name === "" ? "f" : f.name);

/** Refuses promises: scopes are synchronous. */
function expectSynchronous(name: string, result: unknown): void {
  if (isPromise(result)) {
    // what the function goes on to do has no value; its failure must not end the process as well
    result.then(undefined, () => undefined);
    throw new TreeError(
      `${name}: the function returned a Promise; transformations take synchronous functions, so read data before or after them`,
    );
  }
}

/** A list of leaves with their paths, as text made only when it is asked for. */
export interface Leaves {
  readonly leaves: readonly Leaf[];
  readonly paths: readonly string[];
  readonly structure: Structure;
}

/** Leaves of a tree that is an argument or a result; `root` names it in messages. */
export function leavesOf(root: string, tree: unknown): Leaves {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const structure = walk(root, tree, (leaf, path) => {
    leaves.push(leaf);
    paths.push(pathText(root, path));
  });
  return { leaves, paths, structure };
}

/** Leaves of an argument list: paths read `argument 0.w`. */
export function leavesOfArguments(name: string, args: readonly unknown[]): Leaves {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const structure = walk(`${name}: argument `, args, (leaf, path) => {
    leaves.push(leaf);
    paths.push(pathText(`argument ${String(path[0])}`, path.slice(1)));
  });
  return { leaves, paths, structure };
}

/** The graph value of a leaf, keys as they are stored. */
export const leafNode = (op: string, leaf: Leaf): Node =>
  leaf instanceof NDArray && leaf.isKey ? leaf.node : toNode(op, leaf);
export const isKeyLeaf = (leaf: Leaf): boolean => leaf instanceof NDArray && leaf.isKey;

/** The results of a function as nodes. */
export interface Results {
  readonly nodes: readonly Node[];
  readonly keys: readonly boolean[];
  readonly structure: Structure;
}

/** Refuses a function without a result: it is nearly always a forgotten return. */
export function expectResult(name: string, result: unknown): void {
  if (result === undefined)
    throw new TreeError(`${name}: the function returned undefined; return its result, or null where there is none`);
}

/** A function's result as nodes. Throws TreeError for promises, for undefined and for what is no tree. */
export function resultsOf(name: string, result: unknown): Results {
  expectSynchronous(name, result);
  expectResult(name, result);
  const { leaves, structure } = leavesOf(`${name}: the result`, result);
  return { nodes: leaves.map((leaf) => leafNode(name, leaf)), keys: leaves.map(isKeyLeaf), structure };
}

/** Splits [value, aux]. */
export function splitAux(name: string, result: unknown, hasAux: boolean): readonly [unknown, unknown] {
  expectSynchronous(name, result);
  if (!hasAux) return [result, undefined];
  if (!Array.isArray(result) || result.length !== 2)
    throw new TreeError(`${name}: with hasAux the function must return [value, aux]`);
  return [result[0], result[1]];
}

/** Handles on nodes, in a tree. */
export const wrapTree = (structure: Structure, nodes: readonly Node[], keys: readonly boolean[] = []): unknown =>
  build(
    structure,
    nodes.map((node, i) => new NDArray(node, keys[i] === true)),
  );

/** An array of dtype float0: the tangent of what has none. It has a shape and no data. */
export const float0 = (shape: readonly number[]): Node => placeholder(aval("float0", shape), "float0", null);

/** Zeros of an aval. */
export function zerosNode(of: Aval): Node {
  const zero = literal(aval(of.dtype, []), 0);
  return of.shape.length === 0 ? zero : record("broadcastInDim", { shape: of.shape, axes: [] }, [zero]);
}

/** The logical shape of a node that may hold keys. */
export const logicalShape = (node: Node, isKey: boolean): readonly number[] =>
  isKey ? node.aval.shape.slice(0, -1) : node.aval.shape;

export interface MarkedLeaf {
  /** What stands for the leaf inside the function: booleans are static. */
  readonly array: NDArray | boolean;
  /** The marker, or null for a leaf without tangents. */
  readonly marker: Node | null;
  /** The leaf's value. */
  readonly node: Node;
  readonly isKey: boolean;
}

/** A fresh marker for a differentiated leaf; leaves without tangents pass as they are. */
export function markLeaf(op: string, leaf: Leaf): MarkedLeaf {
  const isKey = isKeyLeaf(leaf);
  const node = leafNode(op, leaf);
  if (isKey || !isFloat(node.aval.dtype))
    return {
      array: leaf instanceof NDArray || typeof leaf === "boolean" ? leaf : new NDArray(node),
      marker: null,
      node,
      isKey,
    };
  const marker = record("marker", {}, [node]);
  return { array: new NDArray(marker), marker, node, isKey };
}

const isFloat0 = (leaf: Leaf): boolean => leaf instanceof NDArray && leaf.dtype === "float0";

/**
 * The tangent or cotangent of a value: of its shape and dtype, weak numbers converted. null for values without
 * tangents. Throws ShapeError and DTypeError naming `path`.
 */
export function tangentNode(op: string, path: string, leaf: Leaf, of: Aval, isKey: boolean): Node | null {
  if (isKey || !isFloat(of.dtype)) {
    if (isFloat0(leaf) || leaf === 0) return null;
    throw new DTypeError(
      `${op}: ${path}: ${isKey ? "a random key" : formatAval(of)} has no tangent; give 0 or an array of dtype float0`,
    );
  }
  if (isFloat0(leaf)) throw new DTypeError(`${op}: ${path}: expected a tangent ${formatAval(of)}, got float0`);
  let node = leafNode(op, leaf);
  if (!sameShape(node.aval.shape, of.shape))
    throw new ShapeError(
      `${op}: ${path}: expected the shape of the value, ${formatAval(of)}, got ${formatAval(node.aval)}`,
    );
  if (node.aval.dtype !== of.dtype) {
    if (node.aval.weakness === "strong") {
      throw new DTypeError(
        `${op}: ${path}: expected the dtype of the value, ${formatAval(of)}, got ${formatAval(node.aval)}; convert with astype`,
      );
    }
    node = convertNode(node, of.dtype, of.weakness === "weak");
  }
  return node;
}

/**
 * A derivative with the aval of what it belongs to, the argument of a gradient or the value of a tangent: weak where that is.
 * JAX passes on what its rules make of it, which is the same but for operands of mixed weakness in lax.
 */
export const asFirmAs = (derivative: Node, { dtype, weakness }: Aval): Node =>
  derivative.aval.weakness === weakness ? derivative : convertNode(derivative, dtype, weakness === "weak");

/** What a function is given for a leaf that is not traced: an array for all but booleans, which are static. */
const receivedLeaf = (name: string, leaf: Leaf): NDArray | boolean =>
  leaf instanceof NDArray || typeof leaf === "boolean"
    ? leaf
    : new NDArray(typeof leaf === "number" ? numberNode(tracedAval(name, leaf), leaf) : toNode(name, leaf));

/**
 * What a function is given for an argument that is neither traced nor differentiated: arrays for numbers and typed arrays,
 * in trees too (API.md, "Leaves"). What is no leaf stays as it is, and so does a tree without such leaves.
 */
export function received(name: string, argument: unknown): unknown {
  if (isLeafValue(argument)) return receivedLeaf(name, argument);
  if (typeof argument !== "object" || argument === null) return argument;
  const leaves: unknown[] = [];
  let changed = false;
  const structure = walkAny(
    `${name}: an argument`,
    argument,
    (leaf) => {
      const given = isLeafValue(leaf) ? receivedLeaf(name, leaf) : leaf;
      changed ||= given !== leaf;
      leaves.push(given);
    },
    null,
  );
  return changed ? build(structure, leaves) : argument;
}

/** How a leaf enters a traced graph: its aval (numbers as kind *number*) and whether it holds keys. */
export function tracedAval(op: string, leaf: Leaf | ShapeDtypeStruct): Aval {
  if (leaf instanceof ShapeDtypeStruct) return leaf.aval;
  if (typeof leaf === "number") return aval("float64", [], Number.isInteger(leaf) ? "integer" : "real");
  if (typeof leaf === "boolean") return aval("bool", []);
  return leaf instanceof NDArray ? leaf.node.aval : avalOfTypedArray(op, leaf);
}

/**
 * A shape and dtype without data: what evalShape returns, and what makeJaxpr, lower and compile take for an array.
 * @example await jitted.compile(new ShapeDtypeStruct([128, 784], "float32"))
 */
export class ShapeDtypeStruct {
  readonly aval: Aval;
  readonly isKey: boolean;

  constructor(shape: readonly number[], dtype: Aval["dtype"] = "float32") {
    this.isKey = dtype === "key";
    this.aval = this.isKey ? aval("uint32", [...shape, 2]) : aval(dtype, shape);
  }
  static of(node: Node, isKey: boolean): ShapeDtypeStruct {
    const own = isNumberKind(node.aval) ? aval("float32", []) : node.aval;
    return isKey ? new ShapeDtypeStruct(own.shape.slice(0, -1), "key") : new ShapeDtypeStruct(own.shape, own.dtype);
  }
  get shape(): readonly number[] {
    return this.isKey ? this.aval.shape.slice(0, -1) : this.aval.shape;
  }
  get dtype(): Aval["dtype"] {
    return this.isKey ? "key" : this.aval.dtype;
  }
  get ndim(): number {
    return this.shape.length;
  }
  toString(): string {
    return `ShapeDtypeStruct(${this.dtype}[${this.shape.join(",")}])`;
  }
}

// Rewrites of primitives that kernels do not express directly into ones that they do: interior padding, contractions
// without a template, long folds (leaves and combines), folds over nothing. Node to nodes; the choices depend on
// shapes only, so that the bits of a result do not depend on the number of threads.
import type { Aval, Node as NodeType, ParamsOf, PrimName } from "@weft/ir";
import { aval, freeAxes, isFloat, NO_PARAMS, Node, withShape } from "@weft/ir";

/** Elements that one grid point folds at most. */
export const LEAF = 16_384;

/** A node outside every scope: rewrites happen after tracing. */
export function make<P extends PrimName>(
  prim: P,
  params: ParamsOf[P],
  operands: readonly NodeType[],
  out: Aval,
): NodeType {
  return new Node(prim, params, operands, null, [out], null);
}
export const reshaped = (x: NodeType, shape: readonly number[]): NodeType =>
  make("reshape", { shape }, [x], withShape(x.aval, shape));
export const transposed = (x: NodeType, perm: readonly number[]): NodeType =>
  make(
    "transpose",
    { perm },
    [x],
    withShape(
      x.aval,
      perm.map((axis) => x.aval.shape[axis]),
    ),
  );
export const broadcasted = (x: NodeType, shape: readonly number[], axes: readonly number[]): NodeType =>
  make("broadcastInDim", { shape, axes }, [x], withShape(x.aval, shape));
/** Rows `from` to `to` of one axis, by negative padding: no slots. */
function cut(x: NodeType, axis: number, from: number, to: number): NodeType {
  const { shape } = x.aval;
  const lo = shape.map((_, i) => (i === axis ? -from : 0));
  const hi = shape.map((n, i) => (i === axis ? to - n : 0));
  const zero = constant(withShape(x.aval, []), 0);
  return make(
    "pad",
    { lo, hi, interior: shape.map(() => 0) },
    [x, zero],
    withShape(x.aval, shape.with(axis, to - from)),
  );
}
export const constant = (of: Aval, value: number): NodeType => new Node("literal", { value }, [], null, [of], null);
export const filled = (of: Aval, value: number): NodeType => {
  const scalar = constant(withShape(of, []), value);
  return of.shape.length === 0 ? scalar : broadcasted(scalar, of.shape, []);
};

/** Pads between elements by splitting every element off into rows of its own. */
export function decomposeInterior(node: NodeType): NodeType {
  const { lo, hi, interior } = node.params as ParamsOf["pad"];
  const [x, value] = node.operands;
  const { shape } = x.aval;
  if (x.aval.size === 0) return node.aval.shape.length === 0 ? value : broadcasted(value, node.aval.shape, []);
  const rows = reshaped(
    x,
    shape.flatMap((n) => [n, 1]),
  );
  const spread = shape.flatMap((n, i) => [n, 1 + interior[i]]);
  const none = spread.map(() => 0);
  const padded = make(
    "pad",
    { lo: none, hi: interior.flatMap((n) => [0, n]), interior: none },
    [rows, value],
    withShape(x.aval, spread),
  );
  const joined = reshaped(
    padded,
    shape.map((n, i) => n * (1 + interior[i])),
  );
  return make(
    "pad",
    { lo, hi: hi.map((n, i) => n - interior[i]), interior: shape.map(() => 0) },
    [joined, value],
    node.aval,
  );
}

export const converted = (x: NodeType, dtype: "float16" | "float32"): NodeType =>
  make("convert", { dtype, weakness: "strong" }, [x], aval(dtype, x.aval.shape));

/** A contraction of float16 through float32: halves of products and sums would lose digits and overflow. */
export function widenDot(node: NodeType): NodeType {
  const operands = node.operands.map((operand) => converted(operand, "float32"));
  return converted(
    make("dotGeneral", node.params as ParamsOf["dotGeneral"], operands, aval("float32", node.aval.shape)),
    "float16",
  );
}

/** A contraction as products and a sum over the last axes. */
export function decomposeDot(node: NodeType): NodeType {
  const { contract, batch } = node.params as ParamsOf["dotGeneral"];
  const [lhs, rhs] = node.operands;
  const lhsFree = freeAxes(lhs.aval.shape.length, contract[0], batch[0]);
  const rhsFree = freeAxes(rhs.aval.shape.length, contract[1], batch[1]);
  const sizes = [...node.aval.shape, ...contract[0].map((axis) => lhs.aval.shape[axis])];
  const b = batch[0].length;
  const rank = node.aval.shape.length;
  const spread = (x: NodeType, own: readonly number[], places: readonly number[]): NodeType => {
    const ordered = own.map((axis, i) => [axis, places[i]] as const).sort((p, q) => p[1] - q[1]);
    return broadcasted(
      transposed(
        x,
        ordered.map(([axis]) => axis),
      ),
      sizes,
      ordered.map(([, place]) => place),
    );
  };
  const wide = withShape(node.aval, sizes);
  const count = (n: number, from: number): number[] => Array.from({ length: n }, (_, i) => from + i);
  const left = spread(
    lhs,
    [...batch[0], ...lhsFree, ...contract[0]],
    [...count(b + lhsFree.length, 0), ...count(contract[0].length, rank)],
  );
  const right = spread(
    rhs,
    [...batch[1], ...rhsFree, ...contract[1]],
    [...count(b, 0), ...count(rhsFree.length, b + lhsFree.length), ...count(contract[1].length, rank)],
  );
  const product = make("mul", NO_PARAMS, [left, right], wide);
  return make("reduceSum", { axes: count(contract[0].length, rank) }, [product], node.aval);
}

const axesOf = (node: NodeType): readonly number[] =>
  node.prim === "argmax" || node.prim === "argmin"
    ? [(node.params as ParamsOf["argmax"]).axis]
    : (node.params as ParamsOf["reduceSum"]).axes;

/** The value of a fold over no element. */
export function identityOf(node: NodeType): number {
  switch (node.prim) {
    case "reduceProd":
      return 1;
    case "reduceAnd":
      return node.aval.dtype === "bool" ? 1 : node.aval.dtype === "uint32" ? 4294967295 : -1;
    case "reduceMax":
      return isFloat(node.aval.dtype) ? -Infinity : node.aval.dtype === "int32" ? -2147483648 : 0;
    case "reduceMin":
      return isFloat(node.aval.dtype)
        ? Infinity
        : node.aval.dtype === "int32"
          ? 2147483647
          : node.aval.dtype === "bool"
            ? 1
            : 4294967295;
    default:
      return 0;
  }
}

/** How a long fold is cut: `rows` of one axis make a leaf. */
interface Cut {
  readonly axis: number;
  readonly rows: number;
}

function cutOf(shape: readonly number[], axes: readonly number[]): Cut | null {
  const sorted = [...axes].sort((a, b) => a - b);
  let inner = 1;
  for (let i = sorted.length - 1; i >= 0; i--) {
    const n = shape[sorted[i]];
    if (inner * n > LEAF) return { axis: sorted[i], rows: leafRows(n, Math.max(1, Math.floor(LEAF / inner))) };
    inner *= n;
  }
  return null;
}

/** A divisor of n not far below `most`, preferably a multiple of 4; else `most` itself, which leaves a tail. */
function leafRows(n: number, most: number): number {
  let odd = 0;
  for (let rows = most; rows * 4 >= most && rows > 0; rows--) {
    if (n % rows !== 0) continue;
    if (rows % 4 === 0 || most < 64) return rows;
    if (odd === 0) odd = rows;
  }
  return odd === 0 ? most : odd;
}

/**
 * A fold of more than LEAF elements becomes folds of leaves and a fold of their results; null where it is short.
 * The leaves are independent grid points, and their results are combined in order.
 */
export function decomposeFold(node: NodeType): NodeType | null {
  const axes = axesOf(node);
  const [x] = node.operands;
  const { shape } = x.aval;
  if (axes.some((axis) => shape[axis] === 0)) return filled(node.aval, identityOf(node));
  if (axes.every((axis) => shape[axis] === 1)) {
    const argument = node.prim === "argmax" || node.prim === "argmin";
    return argument ? filled(node.aval, 0) : reshaped(x, node.aval.shape);
  }
  const plan = cutOf(shape, axes);
  if (plan === null) return null;
  if (node.aval.dtype === "float16" && (node.prim === "reduceSum" || node.prim === "reduceProd")) {
    // results of leaves are stored: they keep the digits of the accumulator
    return converted(fold(node.prim, converted(x, "float32"), axes), "float16");
  }
  if (node.prim === "argmax" || node.prim === "argmin") return decomposeArg(node, plan);
  const { axis, rows } = plan;
  const n = shape[axis];
  const whole = Math.floor(n / rows);
  const main = whole * rows === n ? x : cut(x, axis, 0, whole * rows);
  const split = reshaped(main, [...shape.slice(0, axis), whole, rows, ...shape.slice(axis + 1)]);
  // the leaf number stays as an axis; reduced axes before it stay too and are folded by the combine
  const early = axes.filter((a) => a < axis);
  const leafAxes = axes.filter((a) => a >= axis).map((a) => a + 1);
  const leaves = fold(node.prim, split, leafAxes);
  const places = [...early, axis];
  if (whole * rows === n) return fold(node.prim, leaves, places);
  const tail = fold(
    node.prim,
    reshaped(cut(x, axis, whole * rows, n), [...shape.slice(0, axis), 1, n - whole * rows, ...shape.slice(axis + 1)]),
    leafAxes,
  );
  const joined = make(
    "concatenate",
    { axis },
    [leaves, tail],
    withShape(leaves.aval, leaves.aval.shape.with(axis, whole + 1)),
  );
  return fold(node.prim, joined, places);
}

function fold(prim: PrimName, x: NodeType, axes: readonly number[]): NodeType {
  return make(
    prim as "reduceSum",
    { axes },
    [x],
    withShape(
      x.aval,
      x.aval.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  );
}

/** The extreme of each leaf and its place in the leaf, then the leaf that has the first extreme. */
function decomposeArg(node: NodeType, { axis, rows }: Cut): NodeType {
  const [x] = node.operands;
  const { shape } = x.aval;
  const n = shape[axis];
  const whole = Math.floor(n / rows);
  const prim = node.prim as "argmax" | "argmin";
  const extreme = prim === "argmax" ? "reduceMax" : "reduceMin";
  const split = (part: NodeType, leaves: number, size: number): NodeType =>
    reshaped(part, [...shape.slice(0, axis), leaves, size, ...shape.slice(axis + 1)]);
  const parts =
    whole * rows === n
      ? [split(x, whole, rows)]
      : [split(cut(x, axis, 0, whole * rows), whole, rows), split(cut(x, axis, whole * rows, n), 1, n - whole * rows)];
  const join = (list: readonly NodeType[]): NodeType =>
    list.length === 1
      ? list[0]
      : make("concatenate", { axis }, list, withShape(list[0].aval, list[0].aval.shape.with(axis, whole + 1)));
  const drop = (s: readonly number[]): readonly number[] => s.filter((_, i) => i !== axis + 1);
  const values = join(parts.map((part) => fold(extreme, part, [axis + 1])));
  const places = join(
    parts.map((part) => make(prim, { axis: axis + 1 }, [part], aval("int32", drop(part.aval.shape)))),
  );
  const best = make(prim, { axis }, [values], aval("int32", node.aval.shape));
  const wide = aval("int32", values.aval.shape);
  const others = wide.shape.map((_, i) => i).filter((i) => i !== axis);
  const leaf = broadcasted(
    make("iota", { n: wide.shape[axis], dtype: "int32" }, [], aval("int32", [wide.shape[axis]])),
    wide.shape,
    [axis],
  );
  const chosen = make("compare", { op: "eq" }, [leaf, broadcasted(best, wide.shape, others)], aval("bool", wide.shape));
  const starts = make("mul", NO_PARAMS, [leaf, constant(aval("int32", []), rows)], wide);
  const place = make("add", NO_PARAMS, [starts, places], wide);
  return fold("reduceSum", make("select", NO_PARAMS, [chosen, place, constant(aval("int32", []), 0)], wide), [axis]);
}

// jax.lax's reductions and products: over axes that are named.
import type { DType, Node } from "@weft/ir";
import { ArgumentError, DTypeError, extremeOf, formatAval, isInteger, record, sameShape, ShapeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxes, checkAxis, promoteAll, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { anything, array, axis, dtype, hint, integers, named, sharding } from "../core/kinds.ts";
import * as n from "./nodes.ts";
import { dotIn } from "./products.ts";

const OPERAND = array("operand");
const AXES = integers("axes");
const SHARDING = sharding("outSharding");

// Reductions --------------------------------------------------------------------------------------------------------

function reduced(op: string, prim: Parameters<typeof n.reduce>[0], operand: ArrayLike, given: readonly number[]): Node {
  const node = toNode(op, operand);
  const { shape, dtype: own } = node.aval;
  const axes = checkAxes(op, given, shape.length);
  if ((prim === "reduceMax" || prim === "reduceMin") && axes.some((at) => shape[at] === 0))
    return n.fill(
      n.like(node, extremeOf(own, prim === "reduceMin")),
      shape.filter((_, at) => !axes.includes(at)),
    );
  return n.reduce(prim, node, axes);
}
// @__NO_SIDE_EFFECTS__
const reduction = (name: string, prim: Parameters<typeof n.reduce>[0]) =>
  define(name, [OPERAND, AXES], (operand, axes) => wrap(reduced(name, prim, operand, axes)));
/** The sum over axes. */
export const reduceSum = define("lax.reduceSum", [OPERAND, AXES, SHARDING], (operand, axes) =>
  wrap(reduced("lax.reduceSum", "reduceSum", operand, axes)),
);
export const reduceProd = reduction("lax.reduceProd", "reduceProd");
/** The largest element over axes; of none −∞, or the dtype's smallest number. */
export const reduceMax = reduction("lax.reduceMax", "reduceMax");
/** The smallest element over axes; of none ∞, or the dtype's largest number. */
export const reduceMin = reduction("lax.reduceMin", "reduceMin");
export const reduceAnd = reduction("lax.reduceAnd", "reduceAnd");
export const reduceOr = reduction("lax.reduceOr", "reduceOr");
export const reduceXor = reduction("lax.reduceXor", "reduceXor");

// @__NO_SIDE_EFFECTS__
const argReduction = (prim: "argmax" | "argmin") =>
  define(`lax.${prim}`, [OPERAND, axis("axis"), dtype("indexDtype", "int32")], (operand, axis, indexDtype) => {
    const op = `lax.${prim}`;
    if (!isInteger(indexDtype)) throw new DTypeError(`${op}: indexDtype ${indexDtype}: expected int32 or uint32`);
    const node = toNode(op, operand);
    const at = checkAxis(op, axis, node.aval.shape.length);
    return wrap(n.convert(record(prim, { axis: at }, [node]), indexDtype));
  });
/** The index of the first largest element along an axis. */
export const argmax = argReduction("argmax");
/** The index of the first smallest element along an axis. */
export const argmin = argReduction("argmin");

// Products ------------------------------------------------------------------------------------------------------------

type AxisList = number | readonly number[];
/** [[contracted axes of lhs, of rhs], [batch axes of lhs, of rhs]]: one axis each, or a list. */
export type DotDimensionNumbers = readonly [
  contract: readonly [lhs: AxisList, rhs: AxisList],
  batch: readonly [lhs: AxisList, rhs: AxisList],
];
const LHS = array("lhs");
const RHS = array("rhs");
const PREFERRED = dtype("preferredElementType", null);

const isAxisList = (x: unknown): x is AxisList =>
  Number.isInteger(x) || (Array.isArray(x) && x.every((item) => Number.isInteger(item)));
const isPair = (x: unknown, test: (item: unknown) => boolean): boolean =>
  Array.isArray(x) && x.length === 2 && x.every(test);

/** The products of two arrays over the axes that dimension numbers name. */
function product(
  op: string,
  lhs: ArrayLike,
  rhs: ArrayLike,
  numbers: DotDimensionNumbers | null,
  preferred: DType | null,
): Node {
  const given = [lhs, rhs].map((x) => toNode(op, x));
  // one weak operand alone takes part with its dtype, as in JAX
  const weak = given.every(({ aval }) => aval.weakness === "weak");
  const [a, b] =
    weak && given[0].aval.dtype === given[1].aval.dtype ? given : promoteAll(op, weak ? given : given.map(n.strong));
  const [s, t] = [a.aval.shape, b.aval.shape];
  const operands = `${formatAval(a.aval)}, ${formatAval(b.aval)}`;
  if (numbers === null) {
    if (s.length < 1 || s.length > 2 || t.length < 1 || t.length > 2)
      throw new ShapeError(`${op}: ${operands}: expected 1 or 2 axes each; give dimensionNumbers for others`);
    if (s[s.length - 1] !== t[0])
      throw new ShapeError(
        `${op}: ${operands}: the last axis of lhs and the first of rhs must have equal sizes, or give dimensionNumbers`,
      );
    return dotIn(op, { contract: [[s.length - 1], [0]], batch: [[], []] }, a, b, preferred);
  }
  if (!isPair(numbers, (pair) => isPair(pair, isAxisList)))
    throw new ArgumentError(
      `${op}: dimensionNumbers: expected [[contracted axes of lhs, of rhs], [batch axes of lhs, of rhs]]`,
    );
  const [contract, batch] = numbers.map((pair) =>
    [s, t].map((shape, side) => {
      const list = pair[side];
      return (typeof list === "number" ? [list] : list).map((at) => checkAxis(op, at, shape.length));
    }),
  );
  return dotIn(op, { contract: [contract[0], contract[1]], batch: [batch[0], batch[1]] }, a, b, preferred);
}
/**
 * The product summed over contracted axes; the result has batch axes, then lhs's, then rhs's free axes. With
 * `preferredElementType` it is computed in a wider dtype, or rounded to a narrower one.
 * @example lax.dotGeneral(x, y, [[[2], [1]], [[0], [0]]])
 */
export const dotGeneral = define(
  "lax.dotGeneral",
  [LHS, RHS, anything<DotDimensionNumbers>()("dimensionNumbers"), hint("precision", null), PREFERRED, SHARDING],
  (lhs, rhs, dimensionNumbers, _precision, preferredElementType) =>
    wrap(product("lax.dotGeneral", lhs, rhs, dimensionNumbers, preferredElementType)),
);
/** The product of vectors and matrices: lhs's last axis with rhs's first; or over the axes that are named. */
export const dot = define(
  "lax.dot",
  [
    LHS,
    RHS,
    named(anything<DotDimensionNumbers>()("dimensionNumbers", null)),
    named(hint("precision", null)),
    named(PREFERRED),
    SHARDING,
  ],
  (lhs, rhs, dimensionNumbers, _precision, preferredElementType) =>
    wrap(product("lax.dot", lhs, rhs, dimensionNumbers, preferredElementType)),
);
/** Stacks of matrices multiplied: [...batch, m, k] × [...batch, k, n] with equal batch axes. */
export const batchMatmul = define("lax.batchMatmul", [LHS, RHS, hint("precision", null)], (lhs, rhs) => {
  const op = "lax.batchMatmul";
  const [a, b] = promoteAll(op, [lhs, rhs]);
  const [s, t] = [a.aval.shape, b.aval.shape];
  const rank = s.length;
  if (rank < 2 || rank !== t.length || !sameShape(s.slice(0, -2), t.slice(0, -2)))
    throw new ShapeError(
      `${op}: ${formatAval(a.aval)}, ${formatAval(b.aval)}: expected as many axes, with equal batch axes`,
    );
  const batch = Array.from({ length: rank - 2 }, (_, at) => at);
  return wrap(dotIn(op, { contract: [[rank - 1], [rank - 2]], batch: [batch, batch] }, a, b, null));
});

// Polynomials (coefficients from the highest power down), covariance, gradients along axes, index conversions: what
// needs a fixed number of elementwise steps.
import type { Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastNodes,
  broadcastTo,
  checkAxes,
  checkSize,
  indexNode,
  options,
  promoteAll,
  promoteOperands,
  toNode,
  wrap,
} from "../core/convert.ts";
import type { Axis } from "../core/methods.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { dotNode } from "./contraction.ts";
import { diagonalNode } from "./diagonal.ts";
import { meanNode } from "./moments.ts";
import { float, widened } from "./operands.ts";

const line = (op: string, x: Node): Node => {
  const flat = x.aval.shape.length === 0 ? n.reshape(x, [1]) : x;
  if (flat.aval.shape.length !== 1)
    throw new ShapeError(`${op}: ${formatAval(x.aval)}: expected coefficients along 1 axis`);
  return flat;
};
const element = (x: Node, i: number): Node => n.reshape(n.sliceAxis(x, 0, i, 1), x.aval.shape.slice(1));

/** The value of a polynomial at x, by Horner's rule. @example np.polyval([1, 0, 2], 3) // 11 */
export function polyval(p: ArrayLike, x: ArrayLike): NDArray {
  const [coefficients, at] = promoteAll("polyval", [p, x]);
  const c = line("polyval", coefficients);
  let value: Node = n.fill(n.like(at, 0), at.aval.shape);
  for (let i = 0; i < c.aval.size; i++) value = n.add(n.mul(value, at), element(c, i));
  return wrap(value);
}
/** Coefficients with zeros in front, so many in all. */
const lengthened = (x: Node, size: number): Node => n.pad(x, 0, [size - x.aval.size], [0]);
const sumOf =
  (op: string, f: (x: Node, y: Node) => Node) =>
  (a1: ArrayLike, a2: ArrayLike): NDArray => {
    const [a, b] = promoteAll(op, [a1, a2]).map((x) => line(op, x));
    const size = Math.max(a.aval.size, b.aval.size);
    return wrap(f(lengthened(a, size), lengthened(b, size)));
  };
/** The sum of two polynomials. */
export const polyadd: (a1: ArrayLike, a2: ArrayLike) => NDArray = sumOf("polyadd", n.add);
/** The difference of two polynomials. */
export const polysub: (a1: ArrayLike, a2: ArrayLike) => NDArray = sumOf("polysub", n.sub);
/** The derivative of a polynomial, m times. */
export function polyder(p: ArrayLike, ...rest: Trailing<[m: number], { m?: number }>): NDArray {
  const { m = 1 } = options<{ m?: number }>("polyder", ["m"], rest);
  let c = line("polyder", toNode("polyder", p));
  for (let i = 0; i < checkSize("polyder", m); i++) {
    const degree = c.aval.size - 1;
    if (degree <= 0) return wrap(n.sliceAxis(c, 0, 0, 0));
    c = n.mul(n.sliceAxis(c, 0, 0, degree), n.iota(c.aval.dtype, [degree], 0, degree, -1));
  }
  return wrap(c);
}
/** The integral of a polynomial, m times, with constants k (0). */
export function polyint(
  p: ArrayLike,
  ...rest: Trailing<
    [m: number, k: readonly number[] | number | null],
    { m?: number; k?: readonly number[] | number | null }
  >
): NDArray {
  const { m = 1, k = null } = options<{ m?: number; k?: readonly number[] | number | null }>(
    "polyint",
    ["m", "k"],
    rest,
  );
  let c = line("polyint", float("polyint", p));
  const constants = typeof k === "number" ? new Array<number>(m).fill(k) : (k ?? new Array<number>(m).fill(0));
  if (constants.length !== m) throw new ShapeError(`polyint: ${constants.length} constants for ${m} integrals`);
  for (const constant of constants) {
    const size = c.aval.size;
    c = n.pad(n.div(c, n.iota(c.aval.dtype, [size], 0, size, -1)), n.like(c, constant), [0], [1]);
  }
  return wrap(c);
}

// Statistics of several variables ---------------------------------------------------------------------------------------

export interface CovOptions {
  y?: ArrayLike | null;
  rowvar?: boolean;
  bias?: boolean;
  ddof?: number | null;
}
type CovArgs = Trailing<[y: ArrayLike | null, rowvar: boolean, bias: boolean, ddof: number | null], CovOptions>;
/** Rows around their means. */
function centre(x: Node): Node {
  const mean = n.convert(meanNode(widened(x), [1], null, false), x.aval.dtype, x.aval.weakness);
  return n.sub(x, n.respread(mean, x.aval.shape, [1]));
}
function covariance(
  op: string,
  m: ArrayLike,
  { y = null, rowvar = true, bias = false, ddof = null }: CovOptions,
): Node {
  // a single row of further variables stays one, whatever rowvar says, as in JAX
  const rows = (x: ArrayLike, further: boolean): Node => {
    const node = float(op, x);
    if (node.aval.shape.length > 2) throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected at most 2 axes`);
    if (node.aval.shape.length < 2) return n.reshape(node, [1, node.aval.size]);
    return rowvar || (further && node.aval.shape[0] === 1) ? node : n.transpose(node, [1, 0]);
  };
  const first = rows(m, false);
  const x = y === null ? first : n.concatenate(promoteAll(op, [wrap(first), wrap(rows(y, true))]), 0);
  const [variables, count] = x.aval.shape;
  if (variables === 0 || count === 0) return n.fill(n.like(x, NaN), [variables, variables]);
  // twice, because the first mean of values far from 0 has lost digits
  const centred = centre(centre(x));
  const product = dotNode({ contract: [[1], [1]], batch: [[], []] }, centred, centred);
  return n.div(product, count - (ddof ?? (bias ? 0 : 1)));
}
/** The covariance matrix of variables, one a row: [variables, variables]; a number for one variable. */
export function cov(m: ArrayLike, ...rest: CovArgs): NDArray {
  const c = covariance("cov", m, options<CovOptions>("cov", ["y", "rowvar", "bias", "ddof"], rest));
  return wrap(c.aval.size === 1 ? n.reshape(c, []) : c);
}
/** The correlation coefficients of variables, one a row. */
export function corrcoef(
  x: ArrayLike,
  ...rest: Trailing<[y: ArrayLike | null, rowvar: boolean], { y?: ArrayLike | null; rowvar?: boolean }>
): NDArray {
  const c = covariance(
    "corrcoef",
    x,
    options<{ y?: ArrayLike | null; rowvar?: boolean }>("corrcoef", ["y", "rowvar"], rest),
  );
  if (c.aval.size === 1) return wrap(n.reshape(n.div(c, c), []));
  const deviation = n.sqrt(diagonalNode("corrcoef", c, 0, 0, 1));
  const { shape } = c.aval;
  const ratio = n.div(n.div(c, n.broadcastInDim(deviation, shape, [0])), n.broadcastInDim(deviation, shape, [1]));
  return wrap(n.min(n.max(ratio, -1), 1)); // rounding must not lead beyond
}

// Differences -------------------------------------------------------------------------------------------------------------

/** Central differences inside, one-sided at the ends, of an axis with elements `spacing` apart. */
function gradientOf(x: Node, axis: number, spacing: number): Node {
  const size = x.aval.shape[axis];
  if (size < 2) throw new ShapeError(`gradient: ${formatAval(x.aval)}: axis ${axis} needs at least 2 elements`);
  const part = (start: number, count: number): Node => n.sliceAxis(x, axis, start, count);
  const first = n.div(n.sub(part(1, 1), part(0, 1)), spacing);
  const last = n.div(n.sub(part(size - 1, 1), part(size - 2, 1)), spacing);
  if (size === 2) return n.concatenate([first, last], axis);
  return n.concatenate([first, n.div(n.sub(part(2, size - 2), part(0, size - 2)), 2 * spacing), last], axis);
}
/** The derivative along each axis by differences; an array for one axis, a list for several. Spacings are JS numbers. */
export function gradient(f: ArrayLike, ...rest: readonly (number | { axis?: Axis })[]): NDArray | NDArray[] {
  const last = rest.at(-1);
  const named = typeof last === "object" ? last : {};
  const spacings = rest.filter((part) => typeof part === "number");
  const node = float("gradient", f);
  const axes = checkAxes("gradient", named.axis, node.aval.shape.length);
  if (spacings.length > 1 && spacings.length !== axes.length)
    throw new ShapeError(`gradient: ${spacings.length} spacings for ${axes.length} axes`);
  const result = axes.map((axis, i) => wrap(gradientOf(node, axis, spacings[spacings.length === 1 ? 0 : i] ?? 1)));
  return result.length === 1 ? result[0] : result;
}

// Indices -----------------------------------------------------------------------------------------------------------------

/** The coordinates of flat indices in an array of a shape: one int32 array an axis. */
export function unravelIndex(indices: ArrayLike, shape: number | readonly number[]): NDArray[] {
  const sizes = typeof shape === "number" ? [shape] : shape;
  let rest = indexNode("unravelIndex", indices);
  const result: NDArray[] = [];
  for (const size of sizes.toReversed()) {
    result.unshift(wrap(n.rem(rest, checkSize("unravelIndex", size))));
    rest = n.div(rest, size);
  }
  return result;
}
/** The flat index of coordinates, one array an axis; out of range, mode "clip" clamps and "wrap" wraps. */
export function ravelMultiIndex(
  multiIndex: readonly ArrayLike[],
  dims: readonly number[],
  ...rest: Trailing<[mode: "clip" | "wrap"], { mode?: "clip" | "wrap" }>
): NDArray {
  const { mode = "clip" } = options<{ mode?: "clip" | "wrap" }>("ravelMultiIndex", ["mode"], rest);
  if (multiIndex.length !== dims.length)
    throw new IndexError(`ravelMultiIndex: ${multiIndex.length} coordinates for ${dims.length} axes`);
  const coordinates = broadcastNodes(
    "ravelMultiIndex",
    multiIndex.map((x) => indexNode("ravelMultiIndex", x)),
  );
  const within = (x: Node, size: number): Node => {
    if (mode === "clip") return n.min(n.max(x, 0), size - 1);
    const r = n.rem(x, size);
    return n.select(n.compare("lt", r, 0), n.add(r, size), r);
  };
  return wrap(
    coordinates.reduce<Node | null>(
      (flat, x, axis) =>
        flat === null ? within(x, dims[axis]) : n.add(n.mul(flat, dims[axis]), within(x, dims[axis])),
      null,
    ) ?? n.lit("int32", 0),
  );
}
/** The indices of a main diagonal of `ndim` axes of n elements. */
export const diagIndices = (size: number, ndim = 2): NDArray[] =>
  Array.from({ length: ndim }, () => wrap(n.iota("int32", [checkSize("diagIndices", size)], 0)));

/** The element of the choice each index names, elementwise; indices are clamped ("clip") or wrapped. */
export function choose(
  indices: ArrayLike,
  choices: readonly ArrayLike[],
  ...rest: Trailing<[mode: "clip" | "wrap"], { mode?: "clip" | "wrap" }>
): NDArray {
  const { mode = "clip" } = options<{ mode?: "clip" | "wrap" }>("choose", ["mode"], rest);
  if (choices.length === 0) throw new ShapeError("choose: expected at least one choice");
  const place = indexNode("choose", indices);
  const wrapped = n.rem(place, choices.length);
  const which =
    mode === "wrap" ? n.select(n.compare("lt", wrapped, 0), n.add(wrapped, choices.length), wrapped) : place;
  const [i, ...nodes] = broadcastNodes("choose", [which, ...promoteOperands("choose", choices)]);
  const result = nodes.reduceRight<Node | null>(
    (others, own, at) => (others === null ? own : n.select(n.compare("le", i, at), own, others)),
    null,
  ) as Node;
  return wrap(
    result.aval.shape.length === 0 && i.aval.shape.length > 0 ? broadcastTo("choose", result, i.aval.shape) : result,
  );
}

// Polynomials (coefficients from the highest power down), covariance: what needs a fixed number of elementwise steps.
import type { Node } from "@weft/ir";
import { formatAval, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkSize, options, promoteAll, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import { dotNode } from "../lax/products.ts";
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

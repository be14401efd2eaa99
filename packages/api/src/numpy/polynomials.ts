// Polynomials (coefficients from the highest power down), covariance: what needs a fixed number of elementwise steps.
import type { DType, Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, ShapeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastShapes, broadcastTo, indexNode, promoteAll, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, dtype, flag, hint, named, number, size } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import { dotNode } from "../lax/products.ts";
import { diagonalNode } from "./diagonal.ts";
import { meanNode } from "./moments.ts";
import { float, widened } from "./operands.ts";

const row = (x: Node): Node => (x.aval.shape.length === 0 ? n.reshape(x, [1]) : x);
const line = (op: string, x: Node): Node => {
  const flat = row(x);
  if (flat.aval.shape.length !== 1)
    throw new ShapeError(`${op}: ${formatAval(x.aval)}: expected coefficients along 1 axis`);
  return flat;
};
const element = (x: Node, i: number): Node => n.reshape(n.sliceAxis(x, 0, i, 1), x.aval.shape.slice(1));
/** The same values, which yield to no other dtype. */
const strong = (x: Node): Node => n.convert(x, x.aval.dtype);

/**
 * The value of a polynomial at x, by Horner's rule; of several where the coefficients have further axes.
 * @example np.polyval([1, 0, 2], 3) // 11
 */
export const polyval = define("np.polyval", [array("p"), array("x"), named(hint("unroll", 16))], (p, x) => {
  const [coefficients, at] = promoteAll("np.polyval", [p, x]);
  const c = row(coefficients);
  const shape = broadcastShapes("np.polyval", [c.aval.shape.slice(1), at.aval.shape]);
  const [add, mul] = at.aval.dtype === "bool" ? [n.or, n.and] : [n.add, n.mul];
  const wide = broadcastTo("np.polyval", at, shape);
  let value: Node = n.fill(n.like(at, 0), shape);
  for (let i = 0; i < c.aval.shape[0]; i++)
    value = add(mul(value, wide), broadcastTo("np.polyval", element(c, i), shape));
  return wrap(strong(value));
});
/** Coefficients with zeros in front, so many in all. */
const lengthened = (x: Node, size: number): Node => n.pad(x, 0, [size - x.aval.size], [0]);
// @__NO_SIDE_EFFECTS__
const sumOf = (name: string, f: (x: Node, y: Node) => Node) =>
  define(name, [array("a1"), array("a2")], (a1, a2) => {
    const [a, b] = promoteAll(name, [a1, a2]).map((x) => line(name, x));
    const size = Math.max(a.aval.size, b.aval.size);
    return wrap(f(lengthened(a, size), lengthened(b, size)));
  });
/** The sum of two polynomials. */
export const polyadd = sumOf("np.polyadd", (x, y) => (x.aval.dtype === "bool" ? n.or(x, y) : n.add(x, y)));
/** The difference of two polynomials. */
export const polysub = sumOf("np.polysub", (x, y) => {
  if (x.aval.dtype === "bool")
    throw new DTypeError(`np.polysub: ${formatAval(x.aval)}, ${formatAval(y.aval)}: booleans have no difference`);
  return n.sub(x, y);
});

/** More derivatives or integrals than any float has digits for: each is a step of its own. */
const MOST = 1024;
function checkOrder(op: string, m: number): number {
  if (m > MOST) throw new ShapeError(`${op}: m: at most ${MOST} times, got ${m}`);
  return m;
}
/** `count` products of m factors from m on, the highest first: what the m-th derivative makes of powers. */
function factors(of: DType, count: number, m: number, least: number): Node {
  let product: Node = n.fill(n.lit(of, 1), [count]);
  for (let i = 0; i < m; i++) {
    const factor = n.iota(of, [count], 0, least + count - 1 - i, -1);
    product = n.mul(product, least === 0 ? n.max(factor, 1) : factor);
  }
  return product;
}
/** The derivative of a polynomial, m times; in floats. */
export const polyder = define("np.polyder", [array("p"), size("m", 1)], (p, m) => {
  const c = line("np.polyder", float("np.polyder", p));
  if (m === 0) return wrap(c);
  const count = Math.max(0, c.aval.size - m);
  const kept = strong(n.sliceAxis(c, 0, 0, count));
  return wrap(count === 0 ? kept : n.mul(kept, factors(c.aval.dtype, count, checkOrder("np.polyder", m), m)));
});
/** The integral of a polynomial, m times, with constants k: one for all, or one each, for the highest power first. */
export const polyint = define("np.polyint", [array("p"), size("m", 1), array("k", null)], (p, m, k) => {
  const op = "np.polyint";
  const [own, constants] = promoteAll(op, [p, k ?? 0]).map((x) =>
    isFloat(x.aval.dtype) ? x : n.convert(x, "float32"),
  );
  const c = line(op, own);
  const given = row(constants);
  if (given.aval.shape.length !== 1 || (given.aval.size !== 1 && given.aval.size !== checkOrder(op, m)))
    throw new ShapeError(
      `${op}: k: ${formatAval(constants.aval)}: expected one constant, or one for each of ${m} integrals`,
    );
  if (m === 0) return wrap(c);
  const total = c.aval.size + checkOrder(op, m);
  const each = given.aval.size === m ? given : n.broadcastInDim(n.reshape(given, []), [m], []);
  const whole = strong(n.concatenate([c, each], 0));
  return wrap(n.div(whole, factors(c.aval.dtype, total, m, 0)));
});

// Statistics of several variables ---------------------------------------------------------------------------------------

/** Rows around their means; `weights` along columns. */
function centre(x: Node, weights: Node | null): Node {
  const wide = widened(x);
  const mean =
    weights === null
      ? meanNode(wide, [1], null, false)
      : n.div(
          n.reduce(
            "reduceSum",
            n.mul(wide, n.broadcastInDim(n.convert(weights, wide.aval.dtype), x.aval.shape, [1])),
            [1],
          ),
          n.reduce("reduceSum", n.convert(weights, wide.aval.dtype), [0]),
        );
  return n.sub(x, n.respread(n.convert(mean, x.aval.dtype), x.aval.shape, [1]));
}
/** Weights of observations: one each. */
function weightsOf(op: string, name: string, node: Node, count: number): Node {
  if (node.aval.shape.length !== 1 || node.aval.size !== count)
    throw new ShapeError(
      `${op}: ${name}: ${formatAval(node.aval)}: expected one weight for each of ${count} observations`,
    );
  return n.abs(node);
}
interface Options {
  readonly y: ArrayLike | null;
  readonly rowvar: boolean;
  readonly bias: boolean;
  readonly ddof: number | null;
  readonly fweights: ArrayLike | null;
  readonly aweights: ArrayLike | null;
  readonly dtype: DType | null;
}
function covariance(op: string, m: ArrayLike, { y, rowvar, bias, ddof, fweights, aweights, dtype }: Options): Node {
  if (dtype !== null && !isFloat(dtype)) throw new DTypeError(`${op}: dtype: expected a float dtype, got ${dtype}`);
  // a single row of further variables stays one, whatever rowvar says, as in JAX
  const rows = (x: Node, further: boolean): Node => {
    const node = isFloat(x.aval.dtype) ? strong(x) : n.convert(x, "float32");
    if (node.aval.shape.length > 2) throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected at most 2 axes`);
    if (node.aval.shape.length < 2) return n.reshape(node, [1, node.aval.size]);
    return rowvar || (further && node.aval.shape[0] === 1) ? node : n.transpose(node, [1, 0]);
  };
  const [one, more] = promoteAll(op, y === null ? [m] : [m, y]);
  const first = rows(one, false);
  const second = y === null ? null : rows(more, true);
  if (second !== null && second.aval.shape[1] !== first.aval.shape[1])
    throw new ShapeError(
      `${op}: ${formatAval(one.aval)}, ${formatAval(more.aval)}: expected as many observations in both`,
    );
  const joined = second === null ? first : n.concatenate([first, second], 0);
  const x = dtype === null ? joined : n.convert(joined, dtype);
  const [variables, count] = x.aval.shape;
  if (variables === 0 || count === 0) return n.fill(n.like(x, NaN), [variables, variables]);
  const ours = x.aval.dtype;
  const often = fweights === null ? null : n.convert(weightsOf(op, "fweights", indexNode(op, fweights), count), ours);
  const apart = aweights === null ? null : n.convert(weightsOf(op, "aweights", toNode(op, aweights), count), ours);
  const weights = often === null ? apart : apart === null ? often : n.mul(often, apart);
  // twice, because the first mean of values far from 0 has lost digits
  const centred = centre(centre(x, weights), weights);
  const weighted = weights === null ? centred : n.mul(centred, n.broadcastInDim(weights, [variables, count], [1]));
  const product = dotNode({ contract: [[1], [1]], batch: [[], []] }, centred, weighted);
  return n.div(product, observations(product, count, weights, apart, ddof ?? (bias ? 0 : 1)));
}
/** What the sums `of` are divided by: observations, as weights count them, less `ddof`. */
function observations(of: Node, count: number, weights: Node | null, apart: Node | null, ddof: number): Node {
  if (weights === null) return n.given(of, count - ddof);
  const total = n.reduce("reduceSum", weights, [0]);
  if (ddof === 0) return total;
  if (apart === null) return n.sub(total, n.given(total, ddof));
  return n.sub(total, n.div(n.mul(n.reduce("reduceSum", n.mul(weights, apart), [0]), n.given(total, ddof)), total));
}

const ROWVAR = flag("rowvar", true);
const DTYPE = dtype("dtype", null);
/**
 * The covariance matrix of variables, one a row: [variables, variables]; a number for one variable. `fweights` says how
 * often each observation counts, `aweights` how much.
 * @example np.cov(x, { ddof: 0, aweights: [1, 2, 1] })
 */
export const cov = define(
  "np.cov",
  [
    array("m"),
    array("y", null),
    ROWVAR,
    flag("bias", false),
    number("ddof", null),
    array("fweights", null),
    array("aweights", null),
    DTYPE,
  ],
  (m, y, rowvar, bias, ddof, fweights, aweights, dtype) => {
    const c = covariance("np.cov", m, { y, rowvar, bias, ddof, fweights, aweights, dtype });
    return wrap(c.aval.size === 1 ? n.reshape(c, []) : c);
  },
);
/** The correlation coefficients of variables, one a row. */
export const corrcoef = define("np.corrcoef", [array("x"), array("y", null), ROWVAR, DTYPE], (x, y, rowvar, dtype) => {
  const op = "np.corrcoef";
  const c = covariance(op, x, { y, rowvar, bias: false, ddof: null, fweights: null, aweights: null, dtype });
  if (c.aval.size === 1) return wrap(n.reshape(n.div(c, c), []));
  const deviation = n.sqrt(diagonalNode(op, c, 0, 0, 1));
  const { shape } = c.aval;
  const ratio = n.div(n.div(c, n.broadcastInDim(deviation, shape, [0])), n.broadcastInDim(deviation, shape, [1]));
  return wrap(n.min(n.max(ratio, -1), 1)); // rounding must not lead beyond
});

// Discrete distributions, by the transforms JAX uses.
import type { Node } from "@weft/ir";
import { DTypeError, formatAval, isFloat, isInteger, record, ShapeError } from "@weft/ir";
import { broadcastTo, checkAxis, checkShape, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, axis, choice, refused } from "../core/kinds.ts";
import { compare, convert, floor, mul, neg, select, sub } from "../lax/nodes.ts";
import { float } from "../numpy/operands.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { arithmeticOf, floatName } from "./arithmetic.ts";
import { DRAW, drawShape, DTYPE, KEY, SHAPE_OF, SHARDING, spread, twoOf, uniformNode } from "./bits.ts";
import { GUMBEL_MODE, gumbelNode } from "./continuous.ts";
import { keyParts } from "./keys.ts";

/** Whether uniform draws lie below p, of the same dtype: of 23 bits, or ("high") of 46, for small p. */
function bernoulliNode(
  a: Arithmetic,
  parts: readonly [Node, Node],
  p: Node,
  shape: readonly number[],
  mode: "low" | "high",
): Node {
  const u = uniformNode(a, parts, mode === "high" ? [2, ...shape] : shape, a.number(0), a.number(1));
  if (mode === "low") return compare("lt", u, p);
  const [coarse, fine] = twoOf(u);
  return compare("lt", a.mul(fine, a.epsilon), a.sub(p, coarse));
}

/**
 * Booleans that are true with probability p. `mode: "high"` draws twice the bits, so that small p keep their digits.
 * @example random.bernoulli(random.key(0), 0.3, [10])
 */
export const bernoulli = define(
  "random.bernoulli",
  [KEY, array("p", 0.5), SHAPE_OF, choice("low", "high")("mode", "low"), SHARDING],
  (key, p, shape, mode) => {
    const op = "random.bernoulli";
    const node = toNode(op, p);
    if (!isFloat(node.aval.dtype))
      throw new DTypeError(`${op}: ${formatAval(node.aval)}: a probability is a float; convert with astype first`);
    const dims = drawShape(op, shape, [node]);
    const a = arithmeticOf(floatName(op, node.aval.dtype));
    return wrap(bernoulliNode(a, keyParts(op, key), spread(op, a.enter(node), dims), dims, mode));
  },
);

/** −1 or 1, each with probability ½. */
export const rademacher = define("random.rademacher", DRAW, (key, shape, dtype) => {
  const op = "random.rademacher";
  if (dtype === "bool" || dtype === "uint32")
    throw new DTypeError(`${op}: dtype ${dtype} has no −1; expected int32 or a float`);
  const [a, parts] = [arithmeticOf("float32"), keyParts(op, key)];
  const heads = bernoulliNode(a, parts, a.number(0.5), checkShape(op, shape), "low");
  return wrap(sub(mul(convert(heads, dtype ?? "int32"), 2), 1));
});

/**
 * Indices drawn with probabilities softmax(logits) along `axis`, by the Gumbel-max trick; int32. `shape` is that of the
 * result: the logits' shape without the axis broadcasts to it.
 * @example random.categorical(random.key(0), np.log(np.array([0.2, 0.8])))
 */
export const categorical = define(
  "random.categorical",
  [
    KEY,
    array("logits"),
    axis("axis", -1),
    SHAPE_OF,
    refused("replace", true, "draws without replacement need sorting, which is not available yet"),
    GUMBEL_MODE,
    SHARDING,
  ],
  (key, logits, axis, shape, _replace, mode) => {
    const op = "random.categorical";
    const raw = toNode(op, logits);
    if (!isFloat(raw.aval.dtype))
      throw new DTypeError(`${op}: ${formatAval(raw.aval)}: logits are floats; convert with astype first`);
    const a = arithmeticOf(floatName(op, raw.aval.dtype));
    const node = a.enter(raw);
    const at = checkAxis(op, axis, node.aval.shape.length);
    const batch = node.aval.shape.toSpliced(at, 1);
    const result = shape === null ? batch : checkShape(op, shape);
    const extra = result.length - batch.length;
    if (extra < 0 || batch.some((n, i) => n !== 1 && n !== result[extra + i]))
      throw new ShapeError(
        `${op}: ${formatAval(node.aval)}: [${batch.join(",")}], the logits' shape without axis ${at}, does not broadcast to shape [${result.join(",")}]`,
      );
    const full = result.toSpliced(extra + at, 0, node.aval.shape[at]);
    const noise = gumbelNode({ parts: keyParts(op, key), shape: full, a }, mode);
    return wrap(record("argmax", { axis: extra + at }, [a.add(noise, broadcastTo(op, node, full))]));
  },
);

/** The number of trials until the first success of probability p, at least 1; int32. */
export const geometric = define(
  "random.geometric",
  [KEY, array("p"), SHAPE_OF, DTYPE, SHARDING],
  (key, p, shape, dtype) => {
    const op = "random.geometric";
    if (dtype !== null && !isInteger(dtype)) throw new DTypeError(`${op}: dtype ${dtype}: expected int32 or uint32`);
    const given = float(op, p);
    const a = arithmeticOf(floatName(op, given.aval.dtype));
    const node = a.enter(given);
    const dims = drawShape(op, shape, [node]);
    const u = uniformNode(a, keyParts(op, key), dims, a.number(0), a.number(1));
    // 0 counts as 1: its logarithm would give the longest wait of all
    const waited = a.log(select(compare("eq", u, 0), 1, u));
    return wrap(convert(a.add(floor(a.ratio(waited, spread(op, a.log1p(neg(node)), dims))), 1), dtype ?? "int32"));
  },
);

// Continuous distributions, by the transforms JAX uses, so that the same key gives the same draws.
import type { DType, Node } from "@weft/ir";
import { record } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, broadcastShapes, checkShape, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import { array, choice } from "../core/kinds.ts";
import {
  abs,
  add,
  and,
  bitcast,
  compare,
  convert,
  cos,
  div,
  erf,
  erfInv,
  exp,
  lit,
  log,
  log1p,
  max,
  min,
  mul,
  neg,
  not,
  or,
  pow,
  select,
  shiftLeft,
  shiftRight,
  sign,
  sin,
  sqrt,
  sub,
} from "../lax/nodes.ts";
import { leadingZerosNode } from "../numpy/functions.ts";
import type { FloatName, Shape } from "./bits.ts";
import {
  bits32,
  DRAW,
  drawShape,
  DTYPE,
  floatName,
  halfDigits,
  halfOrFloatName,
  KEY,
  SHAPE,
  SHAPE_OF,
  SHARDING,
  spread,
  twoOf,
  uniformHalves,
  uniformNode,
} from "./bits.ts";
import { keyParts, splitParts, u32 } from "./keys.ts";

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;
const TINY = { float32: 2 ** -126, float64: 2 ** -1022 } as const;
/** The float above −1. */
const ABOVE_MINUS_ONE = { float32: -1 + 2 ** -24, float64: -1 + 2 ** -53 } as const;

type Parts = readonly [Node, Node];

interface Draw {
  readonly parts: Parts;
  readonly shape: readonly number[];
  readonly dtype: FloatName;
}

const uniformIn = ({ parts, shape, dtype }: Draw, from: number, to: number): Node =>
  uniformNode(parts, shape, dtype, lit(dtype, from), lit(dtype, to));

/** √2 · erf⁻¹(u) for u uniform in (−1, 1). */
export const normalNode = (draw: Draw): Node =>
  mul(lit(draw.dtype, Math.SQRT2), erfInv(uniformIn(draw, ABOVE_MINUS_ONE[draw.dtype], 1)));
/** The same in float16, rounded where JAX rounds. */
function normalHalves(parts: Parts, shape: readonly number[]): Node {
  const u = uniformHalves(parts, shape, lit("float16", -1 + 2 ** -11), lit("float16", 1));
  return convert(mul(halfDigits(erfInv(convert(u, "float32"))), 1.4140625), "float16");
}
const exponentialNode = (draw: Draw): Node => neg(log1p(neg(uniformIn(draw, 0, 1))));

// How finely a Gumbel draw's tails are resolved: by 23 bits of one word, by 46 of two, or by all 64.
export const GUMBEL_MODE = choice("low", "high", "highest")("mode", null);
export type GumbelMode = "low" | "high" | "highest" | null;

/** A fraction of 64 random bits (high, low) that is not 0, as the float32 nearest below it. */
function fraction64(high: Node, low: Node): Node {
  const [zeros, more] = [leadingZerosNode(high), leadingZerosNode(low)];
  const none = compare("eq", zeros, 32);
  const rest = select(none, shiftLeft(low, more), shiftRight(low, sub(u32(32), zeros), false));
  const mantissa = and(shiftRight(or(shiftLeft(high, zeros), rest), 8, false), 0x7fffff);
  const exponent = sub(u32(126), select(none, add(more, 32), zeros));
  return bitcast(or(shiftLeft(exponent, 23), mantissa), "float32");
}
/** −log(−log(u)) with u kept above 0. */
export function gumbelNode(draw: Draw, mode: GumbelMode): Node {
  const { dtype, shape } = draw;
  if (mode === "highest" && dtype === "float32") {
    const [high, low] = twoOf(bits32(draw.parts, [2, ...shape]));
    // 1 − u where u ≥ ½, so that the smaller of both is what the bits resolve
    const inverse = not(low);
    const carried = add(not(high), convert(compare("eq", inverse, 0xffffffff), "uint32"));
    const below = compare("lt", high, 0x80000000);
    const x = fraction64(select(below, high, carried), select(below, low, add(inverse, 1)));
    return neg(log(neg(select(below, log1p(neg(x)), log(x)))));
  }
  if (mode === null || mode === "low") return neg(log(neg(log(uniformIn(draw, TINY[dtype], 1)))));
  const [high, low] = twoOf(uniformIn({ ...draw, shape: [2, ...shape] }, 0, 1));
  const fine = add(add(high, mul(low, EPSILON[dtype])), TINY[dtype]);
  return neg(log(neg(log1p(neg(select(compare("ge", high, 0.5), high, fine))))));
}

/** A distribution without parameters but shape and dtype. */
// @__NO_SIDE_EFFECTS__
const plain = (name: string, node: (draw: Draw) => Node) =>
  define(name, DRAW, (key, shape, dtype) =>
    wrap(node({ parts: keyParts(name, key), shape: checkShape(name, shape), dtype: floatName(name, dtype) })),
  );

/**
 * Normal floats of mean 0 and variance 1, by the inverse error function.
 * @example random.normal(random.key(0), [1000, 1000])
 */
export const normal = define("random.normal", DRAW, (key, shape, dtype) => {
  const [parts, dims] = [keyParts("random.normal", key), checkShape("random.normal", shape)];
  const name = halfOrFloatName("random.normal", dtype);
  return wrap(name === "float16" ? normalHalves(parts, dims) : normalNode({ parts, shape: dims, dtype: name }));
});
/** Exponential floats of rate 1. */
export const exponential = plain("random.exponential", exponentialNode);
/** Gumbel floats of location 0 and scale 1; "high" and "highest" draw twice the bits, for the tails. */
export const gumbel = define("random.gumbel", [KEY, SHAPE, DTYPE, GUMBEL_MODE, SHARDING], (key, shape, dtype, mode) => {
  const op = "random.gumbel";
  const draw = { parts: keyParts(op, key), shape: checkShape(op, shape), dtype: floatName(op, dtype) };
  return wrap(gumbelNode(draw, mode));
});
/** Laplace floats of location 0 and scale 1. */
export const laplace = plain("random.laplace", (draw) => {
  const u = uniformIn(draw, -1 + EPSILON[draw.dtype], 1);
  return mul(sign(u), log1p(neg(abs(u))));
});
/** Logistic floats of location 0 and scale 1. */
export const logistic = plain("random.logistic", (draw) => {
  const u = uniformIn(draw, EPSILON[draw.dtype], 1);
  return log(div(u, sub(lit(draw.dtype, 1), u)));
});
/** Cauchy floats of location 0 and scale 1. */
export const cauchy = plain("random.cauchy", (draw) => {
  const angle = mul(lit(draw.dtype, Math.PI), sub(uniformIn(draw, EPSILON[draw.dtype], 1), lit(draw.dtype, 0.5)));
  return div(sin(angle), cos(angle));
});
const maxwellNode = (draw: Draw): Node => {
  const vectors = normalNode({ ...draw, shape: [...draw.shape, 3] });
  return sqrt(record("reduceSum", { axes: [draw.shape.length] }, [mul(vectors, vectors)]));
};
/** Maxwell floats: lengths of three-dimensional normal vectors. */
export const maxwell = plain("random.maxwell", maxwellNode);
/** Maxwell floats with a random sign, times a scale, plus a location; the shape of both follows `shape`, as in JAX. */
export const doubleSidedMaxwell = define(
  "random.doubleSidedMaxwell",
  [KEY, array("loc"), array("scale"), SHAPE, DTYPE],
  (key, loc, scale, shape, dtype) => {
    const op = "random.doubleSidedMaxwell";
    const name = floatName(op, dtype);
    const [l, s] = [loc, scale].map((x) => toNode(op, x, name));
    const own = broadcastShapes(op, [l.aval.shape, s.aval.shape]);
    const asked = checkShape(op, shape);
    const dims = [...(asked.length === 0 ? own : asked), ...own];
    const [lengthKey, signKey] = splitParts(keyParts(op, key), 2);
    // signs are Bernoulli draws of float32, whatever the dtype
    const heads = compare("lt", uniformIn({ parts: signKey, shape: dims, dtype: "float32" }, 0, 1), 0.5);
    const sign = sub(mul(convert(heads, name), 2), 1);
    const drawn = mul(sign, maxwellNode({ parts: lengthKey, shape: dims, dtype: name }));
    return wrap(add(mul(drawn, spread(op, s, dims)), spread(op, l, dims)));
  },
);

/** A draw of a distribution with parameters: their nodes broadcast to its shape. */
function parametric(
  name: string,
  key: NDArray,
  parameters: readonly ArrayLike[],
  shape: Shape | null,
  dtype: DType | null,
  node: (draw: Draw, parameters: readonly Node[]) => Node,
): NDArray {
  const own = floatName(name, dtype);
  const nodes = parameters.map((x) => toNode(name, x, own));
  const dims = drawShape(name, shape, nodes);
  return wrap(
    node(
      { parts: keyParts(name, key), shape: dims, dtype: own },
      nodes.map((x) => spread(name, x, dims)),
    ),
  );
}

/**
 * Normal floats between `lower` and `upper`.
 * @example random.truncatedNormal(random.key(0), -2, 2, [3])
 */
export const truncatedNormal = define(
  "random.truncatedNormal",
  [KEY, array("lower"), array("upper"), SHAPE_OF, DTYPE, SHARDING],
  (key, lower, upper, shape, dtype) =>
    parametric("random.truncatedNormal", key, [lower, upper], shape, dtype, (draw, [low, high]) => {
      const root = lit(draw.dtype, Math.SQRT2);
      const u = uniformNode(draw.parts, draw.shape, draw.dtype, erf(div(low, root)), erf(div(high, root)));
      const drawn = mul(root, erfInv(u));
      return min(max(drawn, neighbour(low, 1)), neighbour(high, -1));
    }),
);

/** The next float32 towards +∞ (direction 1) or −∞, by its bits; float64 bounds are kept as they are. */
function neighbour(x: Node, direction: 1 | -1): Node {
  if (x.aval.dtype === "float64") return x;
  const bits = record("bitcast", { dtype: "int32" }, [x]);
  const zero = lit("int32", 0);
  const away = compare(direction === 1 ? "ge" : "le", x, lit("float32", 0));
  const step = select(away, lit("int32", 1), lit("int32", -1));
  const smallest = record("bitcast", { dtype: "float32" }, [
    add(zero, lit("int32", direction === 1 ? 1 : -2147483647)),
  ]);
  const moved = record("bitcast", { dtype: "float32" }, [add(bits, step)]);
  const infinite = compare("eq", abs(x), lit("float32", Infinity));
  const inner = select(compare("eq", x, lit("float32", 0)), smallest, moved);
  return select(infinite, x, inner);
}

/** Rayleigh floats of a scale. */
export const rayleigh = define(
  "random.rayleigh",
  [KEY, array("scale"), SHAPE_OF, DTYPE, SHARDING],
  (key, scale, shape, dtype) =>
    parametric("random.rayleigh", key, [scale], shape, dtype, (draw, [s]) =>
      mul(sqrt(mul(log(uniformIn(draw, 0, 1)), lit(draw.dtype, -2))), s),
    ),
);

/** Pareto floats of shape parameter b. */
export const pareto = define("random.pareto", [KEY, array("b"), SHAPE_OF, DTYPE, SHARDING], (key, b, shape, dtype) =>
  parametric("random.pareto", key, [b], shape, dtype, (draw, [exponent]) => exp(div(exponentialNode(draw), exponent))),
);

/** Weibull floats of a scale and a concentration, which broadcast with the draw's shape, as in JAX. */
export const weibullMin = define(
  "random.weibullMin",
  [KEY, array("scale"), array("concentration"), SHAPE, DTYPE],
  (key, scale, concentration, shape, dtype) => {
    const op = "random.weibullMin";
    const name = floatName(op, dtype);
    const [s, c] = [scale, concentration].map((x) => toNode(op, x, name));
    const drawn = exponentialNode({ parts: keyParts(op, key), shape: checkShape(op, shape), dtype: name });
    const [e, wide, inverse] = broadcastNodes(op, [drawn, s, div(lit(name, 1), c)]);
    return wrap(mul(pow(e, inverse), wide));
  },
);

/** Log-normal floats: exp(sigma · normal). */
export const lognormal = define(
  "random.lognormal",
  [KEY, array("sigma", 1), SHAPE_OF, DTYPE, SHARDING],
  (key, sigma, shape, dtype) =>
    parametric("random.lognormal", key, [sigma], shape, dtype, (draw, [s]) => exp(mul(normalNode(draw), s))),
);

/** Triangular floats between left and right with their peak at mode. */
export const triangular = define(
  "random.triangular",
  [KEY, array("left"), array("mode"), array("right"), SHAPE_OF, DTYPE, SHARDING],
  (key, left, mode, right, shape, dtype) =>
    parametric("random.triangular", key, [left, mode, right], shape, dtype, (draw, [a, m, b]) => {
      const u = uniformIn(draw, 0, 1);
      const span = sub(b, a);
      const rising = add(a, sqrt(mul(mul(u, span), sub(m, a))));
      const falling = sub(b, sqrt(mul(mul(sub(lit(draw.dtype, 1), u), span), sub(b, m))));
      return select(compare("lt", u, div(sub(m, a), span)), rising, falling);
    }),
);

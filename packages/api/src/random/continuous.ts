// Continuous distributions, by the transforms JAX uses, so that the same key gives the same draws.
import type { DType, Node } from "@weft/ir";
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
  fill,
  lit,
  max,
  min,
  mul,
  neg,
  not,
  or,
  select,
  shiftLeft,
  shiftRight,
  sign,
  sub,
} from "../lax/nodes.ts";
import { leadingZerosNode } from "../numpy/functions.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { arithmeticOf, floatName } from "./arithmetic.ts";
import type { Shape } from "./bits.ts";
import {
  bits32,
  DRAW,
  drawShape,
  DTYPE,
  KEY,
  SHAPE,
  SHAPE_OF,
  SHARDING,
  spread,
  twoOf,
  unitFloats,
  uniformNode,
} from "./bits.ts";
import { keyParts, splitParts, u32 } from "./keys.ts";

type Parts = readonly [Node, Node];

interface Draw {
  readonly parts: Parts;
  readonly shape: readonly number[];
  /** How it is computed: in its dtype. */
  readonly a: Arithmetic;
}

const uniformIn = ({ parts, shape, a }: Draw, from: number, to: number): Node =>
  uniformNode(a, parts, shape, a.number(from), a.number(to));

/** Uniform in (0, 1): 0 becomes the smallest normal number, which is too small to be added to the others. */
const positiveUnit = ({ parts, shape, a }: Draw): Node => max(a.number(a.tiny), unitFloats(a, parts, shape));

/** √2 · erf⁻¹(u) for u uniform in (−1, 1). */
const normalNode = (draw: Draw): Node => draw.a.mul(Math.SQRT2, draw.a.erfInv(uniformIn(draw, draw.a.below - 1, 1)));
/** −log(1 − u) */
const exponentialNode = (draw: Draw): Node => neg(draw.a.log1p(neg(uniformIn(draw, 0, 1))));

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
  const { a, shape } = draw;
  if (mode === "highest" && a.dtype === "float32") {
    const [high, low] = twoOf(bits32(draw.parts, [2, ...shape]));
    // 1 − u where u ≥ ½, so that the smaller of both is what the bits resolve
    const inverse = not(low);
    const carried = add(not(high), convert(compare("eq", inverse, 0xffffffff), "uint32"));
    const below = compare("lt", high, 0x80000000);
    const x = fraction64(select(below, high, carried), select(below, low, add(inverse, 1)));
    return neg(a.log(neg(select(below, a.log1p(neg(x)), a.log(x)))));
  }
  if (mode === null || mode === "low") return neg(a.log(neg(a.log(positiveUnit(draw)))));
  const [high, low] = twoOf(uniformIn({ ...draw, shape: [2, ...shape] }, 0, 1));
  const fine = a.add(a.add(high, a.mul(low, a.epsilon)), a.tiny);
  return neg(a.log(neg(a.log1p(neg(select(compare("ge", high, 0.5), high, fine))))));
}

/** A distribution without parameters but shape and dtype. */
// @__NO_SIDE_EFFECTS__
const plain = (name: string, node: (draw: Draw) => Node) =>
  define(name, DRAW, (key, shape, dtype) => {
    const a = arithmeticOf(floatName(name, dtype));
    return wrap(a.leave(node({ parts: keyParts(name, key), shape: checkShape(name, shape), a })));
  });

/**
 * Normal floats of mean 0 and variance 1, by the inverse error function.
 * @example random.normal(random.key(0), [1000, 1000])
 */
export const normal = plain("random.normal", normalNode);
/** Exponential floats of rate 1. */
export const exponential = plain("random.exponential", exponentialNode);
/** Gumbel floats of location 0 and scale 1; "high" and "highest" draw twice the bits, for the tails. */
export const gumbel = define("random.gumbel", [KEY, SHAPE, DTYPE, GUMBEL_MODE, SHARDING], (key, shape, dtype, mode) => {
  const op = "random.gumbel";
  const a = arithmeticOf(floatName(op, dtype));
  return wrap(a.leave(gumbelNode({ parts: keyParts(op, key), shape: checkShape(op, shape), a }, mode)));
});
/** Laplace floats of location 0 and scale 1. */
export const laplace = plain("random.laplace", (draw) => {
  const u = uniformIn(draw, draw.a.below - 1, 1);
  return draw.a.mul(sign(u), draw.a.log1p(neg(abs(u))));
});
/** Logistic floats of location 0 and scale 1: log u − log(1 − u). */
export const logistic = plain("random.logistic", (draw) => {
  const u = positiveUnit(draw);
  return draw.a.sub(draw.a.log(u), draw.a.log1p(neg(u)));
});
/** Cauchy floats of location 0 and scale 1. */
export const cauchy = plain("random.cauchy", (draw) => {
  const { a } = draw;
  return a.tan(a.mul(Math.PI, a.sub(uniformIn(draw, a.epsilon, 1), 0.5)));
});
const maxwellNode = (draw: Draw): Node => {
  const { a } = draw;
  const vectors = normalNode({ ...draw, shape: [...draw.shape, 3] });
  return a.sqrt(a.sumLast(a.mul(vectors, vectors)));
};
/** Maxwell floats: lengths of three-dimensional normal vectors. */
export const maxwell = plain("random.maxwell", maxwellNode);
/** Maxwell floats with a random sign, times a scale, plus a location; the shape of both follows `shape`, as in JAX. */
export const doubleSidedMaxwell = define(
  "random.doubleSidedMaxwell",
  [KEY, array("loc"), array("scale"), SHAPE, DTYPE],
  (key, loc, scale, shape, dtype) => {
    const op = "random.doubleSidedMaxwell";
    const a = arithmeticOf(floatName(op, dtype));
    const [l, s] = [loc, scale].map((x) => a.enter(toNode(op, x, a.dtype)));
    const own = broadcastShapes(op, [l.aval.shape, s.aval.shape]);
    const asked = checkShape(op, shape);
    const dims = [...(asked.length === 0 ? own : asked), ...own];
    const [lengthKey, signKey] = splitParts(keyParts(op, key), 2);
    // signs are Bernoulli draws of float32, whatever the dtype
    const heads = compare("lt", uniformIn({ parts: signKey, shape: dims, a: arithmeticOf("float32") }, 0, 1), 0.5);
    const signed = select(heads, a.number(1), a.number(-1));
    const drawn = mul(signed, maxwellNode({ parts: lengthKey, shape: dims, a }));
    return wrap(a.leave(a.add(a.mul(drawn, spread(op, s, dims)), spread(op, l, dims))));
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
  const a = arithmeticOf(floatName(name, dtype));
  const nodes = parameters.map((x) => a.enter(toNode(name, x, a.dtype)));
  const dims = drawShape(name, shape, nodes);
  const draw = { parts: keyParts(name, key), shape: dims, a };
  return wrap(
    a.leave(
      node(
        draw,
        nodes.map((x) => spread(name, x, dims)),
      ),
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
      const { a } = draw;
      const [from, to] = [low, high].map((x) => a.erf(a.div(x, Math.SQRT2)));
      const drawn = a.mul(Math.SQRT2, a.erfInv(uniformNode(a, draw.parts, draw.shape, from, to)));
      return min(max(drawn, neighbour(a, low, 1)), neighbour(a, high, -1));
    }),
);

/**
 * The next number towards +∞ (direction 1) or −∞, by the bits of float32; a half is 2¹³ of its steps away, a subnormal one
 * 2⁻²⁴. float64 bounds are kept as they are.
 */
function neighbour({ dtype }: Arithmetic, x: Node, direction: 1 | -1): Node {
  if (dtype === "float64") return x;
  const half = dtype === "float16";
  const away = compare(direction === 1 ? "ge" : "le", x, 0);
  const step = select(away, lit("int32", half ? 8192 : 1), half ? -8192 : -1);
  const moved = bitcast(add(bitcast(x, "int32"), step), "float32");
  const [least, from] = half ? [2 ** -24, 2 ** -14] : [2 ** -149, 0];
  const near = half ? add(x, direction * least) : fill(lit("float32", direction * least), x.aval.shape);
  const inner = select(compare("le", abs(x), from), near, moved);
  return select(compare("eq", abs(x), Infinity), x, inner);
}

/** Rayleigh floats of a scale. */
export const rayleigh = define(
  "random.rayleigh",
  [KEY, array("scale"), SHAPE_OF, DTYPE, SHARDING],
  (key, scale, shape, dtype) =>
    parametric("random.rayleigh", key, [scale], shape, dtype, (draw, [s]) =>
      draw.a.mul(s, draw.a.sqrt(draw.a.mul(draw.a.log(uniformIn(draw, 0, 1)), -2))),
    ),
);

/** Pareto floats of shape parameter b. */
export const pareto = define("random.pareto", [KEY, array("b"), SHAPE_OF, DTYPE, SHARDING], (key, b, shape, dtype) =>
  parametric("random.pareto", key, [b], shape, dtype, (draw, [exponent]) =>
    draw.a.exp(draw.a.ratio(exponentialNode(draw), exponent)),
  ),
);

/** Weibull floats of a scale and a concentration, which broadcast with the draw's shape, as in JAX. */
export const weibullMin = define(
  "random.weibullMin",
  [KEY, array("scale"), array("concentration"), SHAPE, DTYPE],
  (key, scale, concentration, shape, dtype) => {
    const op = "random.weibullMin";
    const a = arithmeticOf(floatName(op, dtype));
    const [s, c] = [scale, concentration].map((x) => a.enter(toNode(op, x, a.dtype)));
    const drawn = exponentialNode({ parts: keyParts(op, key), shape: checkShape(op, shape), a });
    const [e, wide, inverse] = broadcastNodes(op, [drawn, s, a.div(1, c)]);
    return wrap(a.leave(a.mul(a.pow(e, inverse), wide)));
  },
);

/** Log-normal floats: exp(sigma · normal). */
export const lognormal = define(
  "random.lognormal",
  [KEY, array("sigma", 1), SHAPE_OF, DTYPE, SHARDING],
  (key, sigma, shape, dtype) =>
    parametric("random.lognormal", key, [sigma], shape, dtype, (draw, [s]) =>
      draw.a.exp(draw.a.mul(normalNode(draw), s)),
    ),
);

/** Triangular floats between left and right with their peak at mode. */
export const triangular = define(
  "random.triangular",
  [KEY, array("left"), array("mode"), array("right"), SHAPE_OF, DTYPE, SHARDING],
  (key, left, mode, right, shape, dtype) =>
    parametric("random.triangular", key, [left, mode, right], shape, dtype, (draw, [left, mode, right]) => {
      const { a } = draw;
      const u = uniformIn(draw, 0, 1);
      const span = a.sub(right, left);
      const rising = a.add(left, a.sqrt(a.mul(a.mul(u, span), a.sub(mode, left))));
      const falling = a.sub(right, a.sqrt(a.mul(a.mul(a.sub(1, u), span), a.sub(right, mode))));
      return select(compare("lt", u, a.div(a.sub(mode, left), span)), rising, falling);
    }),
);

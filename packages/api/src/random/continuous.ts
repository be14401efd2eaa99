// Continuous distributions, by the transforms JAX uses, so that the same key gives the same draws.
import type { DType, Node } from "@weft/ir";
import { NO_PARAMS, record } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, checkShape, options, promoteOperands, toNode, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import {
  abs,
  add,
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
  select,
  sign,
  sin,
  sqrt,
  sub,
} from "../lax/nodes.ts";
import type { DrawArgs, DrawOptions, FloatName, Shape } from "./bits.ts";
import { drawShape, floatName, halfDigits, halfOrFloatName, parameter, uniformHalves, uniformNode } from "./bits.ts";
import { keyParts, splitParts } from "./keys.ts";

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
/** −log(−log(u)) with u kept above 0. */
export const gumbelNode = (draw: Draw): Node => neg(log(neg(log(uniformIn(draw, TINY[draw.dtype], 1)))));

/** A distribution without parameters but shape and dtype. */
const plain =
  (name: string, node: (draw: Draw) => Node) =>
  (key: NDArray, ...rest: DrawArgs): NDArray => {
    const { shape = [], dtype } = options<DrawOptions>(name, ["shape", "dtype"], rest);
    return wrap(node({ parts: keyParts(name, key), shape: checkShape(name, shape), dtype: floatName(name, dtype) }));
  };

/**
 * Normal floats of mean 0 and variance 1, by the inverse error function.
 * @example random.normal(random.key(0), [1000, 1000])
 */
export function normal(key: NDArray, ...rest: DrawArgs): NDArray {
  const op = "random.normal";
  const { shape: asked = [], dtype: name } = options<DrawOptions>(op, ["shape", "dtype"], rest);
  const [parts, shape, dtype] = [keyParts(op, key), checkShape(op, asked), halfOrFloatName(op, name)];
  return wrap(dtype === "float16" ? normalHalves(parts, shape) : normalNode({ parts, shape, dtype }));
}
/** Exponential floats of rate 1. */
export const exponential = plain("random.exponential", exponentialNode);
export interface GumbelOptions extends DrawOptions {
  mode?: "low" | "high" | null;
}
/** Gumbel floats of location 0 and scale 1; "high" draws twice the bits, for the tails. */
export function gumbel(
  key: NDArray,
  ...rest: Trailing<[shape: Shape, dtype: DType, mode: "low" | "high" | null], GumbelOptions>
): NDArray {
  const op = "random.gumbel";
  const { shape: asked = [], dtype: name, mode = null } = options<GumbelOptions>(op, ["shape", "dtype", "mode"], rest);
  const draw = { parts: keyParts(op, key), shape: checkShape(op, asked), dtype: floatName(op, name) };
  if (mode !== "high") return wrap(gumbelNode(draw));
  const both = uniformIn({ ...draw, shape: [2, ...draw.shape] }, 0, 1);
  const [high, low] = [0, 1].map((i) => {
    const part = record(
      "slice",
      { sizes: [1, ...draw.shape], strides: [1, ...draw.shape.map(() => 1)] },
      [both],
      [i, ...draw.shape.map(() => 0)],
    );
    return record("reshape", { shape: draw.shape }, [part]);
  });
  const wide = add(add(high, mul(lit(draw.dtype, EPSILON[draw.dtype]), low)), lit(draw.dtype, TINY[draw.dtype]));
  const x = select(compare("ge", high, lit(draw.dtype, 0.5)), high, wide);
  return wrap(neg(log(neg(log1p(neg(x))))));
}
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
/** Maxwell floats with a random sign, times a scale, plus a location; their shape follows `shape`. */
export function doubleSidedMaxwell(key: NDArray, loc: ArrayLike, scale: ArrayLike, ...rest: DrawArgs): NDArray {
  const op = "random.doubleSidedMaxwell";
  const { shape = [], dtype: name } = options<DrawOptions>(op, ["shape", "dtype"], rest);
  const dtype = floatName(op, name);
  const [l, s] = promoteOperands(op, [toNode(op, loc, dtype), toNode(op, scale, dtype)]);
  const dims = [...checkShape(op, shape), ...(l.aval.shape.length > 0 ? l : s).aval.shape];
  const [lengthKey, signKey] = splitParts(keyParts(op, key), 2);
  const sign = sub(
    mul(
      convert(compare("lt", uniformIn({ parts: signKey, shape: dims, dtype }, 0, 1), lit(dtype, 0.5)), dtype),
      lit(dtype, 2),
    ),
    lit(dtype, 1),
  );
  const drawn = mul(sign, maxwellNode({ parts: lengthKey, shape: dims, dtype }));
  const spread = (x: Node): Node => (x.aval.shape.length === 0 ? x : broadcastTo(op, x, dims));
  return wrap(add(mul(drawn, spread(s)), spread(l)));
}

/** A distribution with parameters: their nodes broadcast to the draw's shape. */
function parametric(
  name: string,
  key: NDArray,
  parameters: readonly ArrayLike[],
  shape: Shape | null | undefined,
  asked: DType | undefined,
  node: (draw: Draw, parameters: readonly Node[]) => Node,
): NDArray {
  const dtype = floatName(name, asked);
  const dims = drawShape(
    name,
    shape,
    parameters.map((x) => toNode(name, x)),
  );
  const nodes = parameters.map((x) => parameter(name, x, dtype, dims));
  return wrap(node({ parts: keyParts(name, key), shape: dims, dtype }, nodes));
}

export interface ParametricOptions {
  shape?: Shape | null;
  dtype?: DType;
}
type ParametricArgs = Trailing<[shape: Shape | null, dtype: DType], ParametricOptions>;
const parametricOptions = (name: string, rest: ParametricArgs): ParametricOptions =>
  options<ParametricOptions>(name, ["shape", "dtype"], rest);

/**
 * Normal floats between `lower` and `upper`.
 * @example random.truncatedNormal(random.key(0), -2, 2, [3])
 */
export function truncatedNormal(key: NDArray, lower: ArrayLike, upper: ArrayLike, ...rest: ParametricArgs): NDArray {
  const { shape, dtype } = parametricOptions("random.truncatedNormal", rest);
  return parametric("random.truncatedNormal", key, [lower, upper], shape, dtype, (draw, [low, high]) => {
    const root = lit(draw.dtype, Math.SQRT2);
    const u = uniformNode(draw.parts, draw.shape, draw.dtype, erf(div(low, root)), erf(div(high, root)));
    const drawn = mul(root, erfInv(u));
    return min(max(drawn, neighbour(low, 1)), neighbour(high, -1));
  });
}

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
export function rayleigh(key: NDArray, scale: ArrayLike, ...rest: ParametricArgs): NDArray {
  const { shape, dtype } = parametricOptions("random.rayleigh", rest);
  return parametric("random.rayleigh", key, [scale], shape, dtype, (draw, [s]) =>
    mul(sqrt(mul(log(uniformIn(draw, 0, 1)), lit(draw.dtype, -2))), s),
  );
}

/** Pareto floats of shape parameter b. */
export function pareto(key: NDArray, b: ArrayLike, ...rest: ParametricArgs): NDArray {
  const { shape, dtype } = parametricOptions("random.pareto", rest);
  return parametric("random.pareto", key, [b], shape, dtype, (draw, [exponent]) =>
    exp(div(exponentialNode(draw), exponent)),
  );
}

/** Weibull floats of a scale and a concentration. */
export function weibullMin(key: NDArray, scale: ArrayLike, concentration: ArrayLike, ...rest: ParametricArgs): NDArray {
  const { shape, dtype } = parametricOptions("random.weibullMin", rest);
  return parametric("random.weibullMin", key, [scale, concentration], shape, dtype, (draw, [s, c]) => {
    const power = record("pow", NO_PARAMS, [exponentialNode(draw), div(lit(draw.dtype, 1), c)]);
    return mul(power, s);
  });
}

/** Log-normal floats: exp(sigma · normal). */
export function lognormal(key: NDArray, sigma: ArrayLike = 1, ...rest: ParametricArgs): NDArray {
  const { shape, dtype } = parametricOptions("random.lognormal", rest);
  return parametric("random.lognormal", key, [sigma], shape, dtype, (draw, [s]) => exp(mul(normalNode(draw), s)));
}

/** Triangular floats between left and right with their peak at mode. */
export function triangular(
  key: NDArray,
  left: ArrayLike,
  mode: ArrayLike,
  right: ArrayLike,
  ...rest: ParametricArgs
): NDArray {
  const { shape, dtype } = parametricOptions("random.triangular", rest);
  return parametric("random.triangular", key, [left, mode, right], shape, dtype, (draw, [a, m, b]) => {
    const u = uniformIn(draw, 0, 1);
    const span = sub(b, a);
    const rising = add(a, sqrt(mul(mul(u, span), sub(m, a))));
    const falling = sub(b, sqrt(mul(mul(sub(lit(draw.dtype, 1), u), span), sub(b, m))));
    return select(compare("lt", u, div(sub(m, a), span)), rising, falling);
  });
}

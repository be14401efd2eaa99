// jax.nn.initializers: functions of (key, shape, dtype) that draw the first values of parameters.
import type { DType, Node } from "@weft/ir";
import { DTypeError, isFloat, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { Defined } from "../core/call-types.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastNodes, broadcastTo, checkAxis, checkShape, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import type { Param } from "../core/kinds.ts";
import { anything, array, axes, choice, dtype, nullable, randomKey, refused, shape } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import * as random from "../random/index.ts";

type Shape = number | readonly number[];
type Axes = number | readonly number[];
const SHAPE = shape("shape");
const SHARDING = refused("outSharding", null, "arrays are not sharded over devices here; use pmap");
const DTYPE = dtype("dtype", null);
type Made<K> = readonly [
  Param<"key", K, "required">,
  typeof SHAPE,
  Param<"dtype", DType | null, "optional">,
  typeof SHARDING,
];

/** Draws an array of a shape; its dtype is the one that the initializer was made for, float32 unless given. */
export type Initializer = Defined<[key: NDArray, shape: Shape, dtype: DType | null], Made<NDArray>, NDArray>;
/** An {@link Initializer} that makes no use of the key. */
export type ConstantInitializer = Defined<[key: unknown, shape: Shape, dtype: DType | null], Made<unknown>, NDArray>;

/** Where an initializer's default is a dtype, null means float32. */
const dtypeParam = (fallback: DType | null): Param<"dtype", DType | null, "optional"> =>
  fallback === null ? DTYPE : nullable(dtype("dtype", fallback));
/** What an initializer is made of: a number, or an array that is converted once. */
const settled = (name: string, x: ArrayLike): number | NDArray => (typeof x === "number" ? x : wrap(toNode(name, x)));

// @__NO_SIDE_EFFECTS__
const drawing = (
  name: string,
  fallback: DType | null,
  draw: (key: NDArray, shape: readonly number[], dtype: DType) => Node,
): Initializer =>
  define(name, [randomKey("key"), SHAPE, dtypeParam(fallback), SHARDING], (key, shape, dtype) =>
    wrap(draw(key, checkShape(name, shape), dtype ?? "float32")),
  );
// @__NO_SIDE_EFFECTS__
const filling = (name: string, fallback: DType | null, value: ArrayLike): ConstantInitializer =>
  define(name, [anything()("key"), SHAPE, dtypeParam(fallback), SHARDING], (_key, shape, dtype) =>
    wrap(broadcastTo(name, toNode(name, value, dtype ?? "float32"), checkShape(name, shape))),
  );

/** Zeros. The key is not used. */
export const zeros = filling("nn.initializers.zeros", null, 0);
/** Ones. The key is not used. */
export const ones = filling("nn.initializers.ones", null, 1);
/** One value everywhere, or an array that broadcasts to the shape. */
export const constant = define("nn.initializers.constant", [array("value"), DTYPE], (value, dtype) =>
  filling("nn.initializers.constant()", dtype, settled("nn.initializers.constant", value)),
);

/** Elements times a factor of their dtype; numbers are literals. */
function scaled(op: string, x: Node, factor: number | NDArray): Node {
  if (typeof factor === "number") return n.mul(x, factor);
  const [a, b] = broadcastNodes(op, [x, toNode(op, factor, x.aval.dtype)]);
  return n.mul(a, b);
}
/** Uniform in [0, scale). */
export const uniform = define("nn.initializers.uniform", [array("scale", 0.01), DTYPE], (scale, dtype) => {
  const name = "nn.initializers.uniform()";
  const factor = settled(name, scale);
  return drawing(name, dtype, (key, shape, own) => scaled(name, random.uniform(key, shape, own).node, factor));
});
/** Normal with this standard deviation. */
export const normal = define("nn.initializers.normal", [array("stddev", 0.01), DTYPE], (stddev, dtype) => {
  const name = "nn.initializers.normal()";
  const factor = settled(name, stddev);
  return drawing(name, dtype, (key, shape, own) => scaled(name, random.normal(key, shape, own).node, factor));
});
/** Normal, cut to [lower, upper] standard deviations, of this standard deviation before the cut. */
export const truncatedNormal = define(
  "nn.initializers.truncatedNormal",
  [array("stddev", 0.01), DTYPE, array("lower", -2), array("upper", 2)],
  (stddev, dtype, lower, upper) => {
    const name = "nn.initializers.truncatedNormal()";
    const [factor, low, high] = [stddev, lower, upper].map((x) => settled(name, x));
    return drawing(name, dtype, (key, shape, own) =>
      scaled(name, random.truncatedNormal(key, low, high, shape, own).node, factor),
    );
  },
);

// Variance scaling ----------------------------------------------------------------------------------------------------

/** The standard deviation of a normal variable cut to [−2, 2]. */
const CUT_DEVIATION = 0.8796256610342398;
const MODE = choice("fan_in", "fan_out", "fan_avg", "fan_geo_avg")("mode");
const DISTRIBUTION = choice("truncated_normal", "normal", "uniform")("distribution");
const FANS = [axes("inAxis", -2), axes("outAxis", -1), axes("batchAxis", []), DTYPE] as const;
export type FanMode = "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";
export type FanDistribution = "truncated_normal" | "normal" | "uniform";

/** What a unit's variance is divided by. The axes that are neither inputs, outputs nor batches are a receptive field. */
function fan(
  op: string,
  shape: readonly number[],
  mode: FanMode,
  inAxis: Axes,
  outAxis: Axes,
  batchAxis: Axes,
): number {
  if (inAxis === -2 && shape.length < 2)
    throw new ShapeError(`${op}: shape [${shape.join(",")}]: expected at least 2 axes; or give inAxis`);
  const sizeOf = (given: Axes): number =>
    (typeof given === "number" ? [given] : given).reduce(
      (product, axis) => product * shape[checkAxis(op, axis, shape.length)],
      1,
    );
  const [inputs, outputs] = [sizeOf(inAxis), sizeOf(outAxis)];
  const field = shape.reduce((product, size) => product * size, 1) / inputs / outputs / sizeOf(batchAxis);
  const [fanIn, fanOut] = [inputs * field, outputs * field];
  switch (mode) {
    case "fan_in":
      return fanIn;
    case "fan_out":
      return fanOut;
    case "fan_avg":
      return (fanIn + fanOut) / 2;
    case "fan_geo_avg":
      return Math.sqrt(fanIn * fanOut);
  }
}

const scaling = (
  name: string,
  scale: ArrayLike,
  mode: FanMode,
  distribution: FanDistribution,
  ...[inAxis, outAxis, batchAxis, dtype]: [Axes, Axes, Axes, DType | null]
): Initializer => {
  const given = settled(name, scale);
  return drawing(name, dtype, (key, shape, own) => {
    if (!isFloat(own)) throw new DTypeError(`${name}: dtype ${own}: expected a float`);
    const divisor = fan(name, shape, mode, inAxis, outAxis, batchAxis);
    // in the dtype step by step, as JAX has it
    const variance = typeof given === "number" ? n.lit(own, given / divisor) : n.div(toNode(name, given, own), divisor);
    const times = (draw: NDArray, deviation: Node): Node => scaled(name, draw.node, wrap(deviation));
    switch (distribution) {
      case "truncated_normal":
        return times(
          random.truncatedNormal(key, -2, 2, shape, own),
          n.div(n.sqrt(variance), n.lit(own, CUT_DEVIATION)),
        );
      case "normal":
        return times(random.normal(key, shape, own), n.sqrt(variance));
      case "uniform":
        return times(random.uniform(key, shape, own, -1), n.sqrt(n.mul(variance, 3)));
    }
  });
};

/**
 * Draws of variance scale / fan, where fan is the number of inputs of a unit, of outputs, or a mean of both (He,
 * Glorot, LeCun). `inAxis` and `outAxis` name the axes of inputs and outputs, the others are a receptive field.
 * Throws ShapeError for fewer than 2 axes.
 * @example nn.initializers.varianceScaling(2, "fan_in", "normal")(random.key(0), [64, 32])
 */
export const varianceScaling = define(
  "nn.initializers.varianceScaling",
  [array("scale"), MODE, DISTRIBUTION, ...FANS],
  (scale, mode, distribution, inAxis, outAxis, batchAxis, dtype) =>
    scaling("nn.initializers.varianceScaling()", scale, mode, distribution, inAxis, outAxis, batchAxis, dtype),
);
// @__NO_SIDE_EFFECTS__
const family = (name: string, scale: number, mode: FanMode, distribution: FanDistribution) =>
  define(name, FANS, (inAxis, outAxis, batchAxis, dtype) =>
    scaling(`${name}()`, scale, mode, distribution, inAxis, outAxis, batchAxis, dtype),
  );

/** Glorot & Bengio 2010. */
export const glorotUniform = family("nn.initializers.glorotUniform", 1, "fan_avg", "uniform");
export const glorotNormal = family("nn.initializers.glorotNormal", 1, "fan_avg", "truncated_normal");
export const xavierUniform = family("nn.initializers.xavierUniform", 1, "fan_avg", "uniform");
export const xavierNormal = family("nn.initializers.xavierNormal", 1, "fan_avg", "truncated_normal");
/** LeCun et al. 1998. */
export const lecunUniform = family("nn.initializers.lecunUniform", 1, "fan_in", "uniform");
export const lecunNormal = family("nn.initializers.lecunNormal", 1, "fan_in", "truncated_normal");
/** He et al. 2015. */
export const heUniform = family("nn.initializers.heUniform", 2, "fan_in", "uniform");
export const heNormal = family("nn.initializers.heNormal", 2, "fan_in", "truncated_normal");
export const kaimingUniform = family("nn.initializers.kaimingUniform", 2, "fan_in", "uniform");
export const kaimingNormal = family("nn.initializers.kaimingNormal", 2, "fan_in", "truncated_normal");

// jax.nn.initializers: functions of (key, shape, dtype) that draw the first values of parameters.
import type { DType } from "@weft/ir";
import { IndexError, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxis, options, wrap } from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import * as n from "../lax/nodes.ts";
import * as np from "../numpy/index.ts";
import * as random from "../random/index.ts";

/** Draws an array of a shape; dtype float32 unless given. */
export type Initializer = (key: NDArray, shape: readonly number[], dtype?: DType) => NDArray;

/** Zeros. The key is not used. */
export const zeros: Initializer = (_key, shape, dtype = "float32") => np.zeros(shape, dtype);
/** Ones. The key is not used. */
export const ones: Initializer = (_key, shape, dtype = "float32") => np.ones(shape, dtype);
/** One value everywhere. */
export const constant =
  (value: ArrayLike, dtype: DType = "float32"): Initializer =>
  (_key, shape, own = dtype) =>
    np.full(shape, value, own);

const scaled = (x: NDArray, factor: number): NDArray => wrap(n.mul(x.node, factor));
/** Uniform in [0, scale). */
export const uniform =
  (scale = 1e-2, dtype: DType = "float32"): Initializer =>
  (key, shape, own = dtype) =>
    scaled(random.uniform(key, shape, own), scale);
/** Normal with this standard deviation. */
export const normal =
  (stddev = 1e-2, dtype: DType = "float32"): Initializer =>
  (key, shape, own = dtype) =>
    scaled(random.normal(key, shape, own), stddev);
/** The standard deviation of a normal variable cut to [−2, 2]. */
const CUT_DEVIATION = 0.8796256610342398;
/** Normal, cut to [lower, upper] standard deviations, of this standard deviation before the cut. */
export const truncatedNormal =
  (stddev = 1e-2, dtype: DType = "float32", lower = -2, upper = 2): Initializer =>
  (key, shape, own = dtype) =>
    scaled(random.truncatedNormal(key, lower, upper, shape, own), stddev);

export interface FanOptions {
  inAxis?: number | readonly number[];
  outAxis?: number | readonly number[];
  batchAxis?: number | readonly number[];
  dtype?: DType;
}
type FanArgs = Trailing<
  [
    inAxis: number | readonly number[],
    outAxis: number | readonly number[],
    batchAxis: number | readonly number[],
    dtype: DType,
  ],
  FanOptions
>;
export type FanMode = "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";
export type FanDistribution = "normal" | "uniform" | "truncated_normal";

/**
 * Draws of variance scale / fan, where fan is the number of inputs of a unit, of outputs, or a mean of both (He,
 * Glorot, LeCun). `inAxis` and `outAxis` name the axes of inputs and outputs, the others are a receptive field.
 * Throws ShapeError for fewer than 2 axes.
 * @example nn.initializers.varianceScaling(2, "fan_in", "normal")(random.key(0), [64, 32])
 */
export function varianceScaling(
  scale: number,
  mode: FanMode,
  distribution: FanDistribution,
  ...rest: FanArgs
): Initializer {
  const op = "nn.initializers.varianceScaling";
  const {
    inAxis = -2,
    outAxis = -1,
    batchAxis = [],
    dtype: fallback = "float32",
  } = options<FanOptions>(op, ["inAxis", "outAxis", "batchAxis", "dtype"], rest);
  return (key, shape, dtype = fallback) => {
    if (shape.length < 2) throw new ShapeError(`${op}: shape [${shape.join(",")}]: expected at least 2 axes`);
    const sizeOf = (axes: number | readonly number[]): number =>
      (typeof axes === "number" ? [axes] : axes).reduce(
        (product, axis) => product * shape[checkAxis(op, axis, shape.length)],
        1,
      );
    const [inputs, outputs] = [sizeOf(inAxis), sizeOf(outAxis)];
    const field = shape.reduce((product, size) => product * size, 1) / (inputs * outputs * sizeOf(batchAxis));
    const [fanIn, fanOut] = [inputs * field, outputs * field];
    const fans: { readonly [name: string]: number } = {
      fan_in: fanIn,
      fan_out: fanOut,
      fan_avg: (fanIn + fanOut) / 2,
      fan_geo_avg: Math.sqrt(fanIn * fanOut),
    };
    if (!(mode in fans))
      throw new IndexError(`${op}: there is no mode ${mode}; expected ${Object.keys(fans).join(", ")}`);
    const variance = scale / fans[mode];
    if (distribution === "normal") return scaled(random.normal(key, shape, dtype), Math.sqrt(variance));
    if (distribution === "uniform") return scaled(random.uniform(key, shape, dtype, -1), Math.sqrt(3 * variance));
    return scaled(random.truncatedNormal(key, -2, 2, shape, dtype), Math.sqrt(variance) / CUT_DEVIATION);
  };
}
const family =
  (scale: number, mode: FanMode, distribution: FanDistribution) =>
  (...rest: FanArgs): Initializer =>
    varianceScaling(scale, mode, distribution, ...rest);

/** Glorot & Bengio 2010. */
export const glorotUniform = family(1, "fan_avg", "uniform");
export const glorotNormal = family(1, "fan_avg", "truncated_normal");
export const xavierUniform: typeof glorotUniform = glorotUniform;
export const xavierNormal: typeof glorotNormal = glorotNormal;
/** LeCun et al. 1998. */
export const lecunUniform = family(1, "fan_in", "uniform");
export const lecunNormal = family(1, "fan_in", "truncated_normal");
/** He et al. 2015. */
export const heUniform = family(2, "fan_in", "uniform");
export const heNormal = family(2, "fan_in", "truncated_normal");
export const kaimingUniform: typeof heUniform = heUniform;
export const kaimingNormal: typeof heNormal = heNormal;

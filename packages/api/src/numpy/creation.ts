// Arrays from nothing or from JS data. Default dtype float32; arange of integers is int32.
import type { DType, Node } from "@weft/ir";
import { aval, checkDType, DTypeError, formatAval, IndexError, isFloat, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastTo,
  checkAxis,
  checkShape,
  checkSize,
  numberNode,
  options,
  promoteOperands,
  toNode,
  wrap,
} from "../core/convert.ts";
import type { Trailing } from "../core/options.ts";
import type { ImageSource } from "../interop/pixels.ts";
import { imageNode, isImageSource } from "../interop/pixels.ts";
import { createOn } from "../device/devices.ts";
import * as n from "../lax/nodes.ts";
import { exp2Node } from "./functions.ts";
import { diagonalNode } from "./diagonal.ts";
import { float } from "./operands.ts";

export type Shape = number | readonly number[];
export interface DTypeOptions {
  dtype?: DType | null;
}
type DTypeArgs = Trailing<[dtype: DType | null], DTypeOptions>;

/** Options of functions that make an array on a device. */
export interface CreationOptions extends DTypeOptions {
  /** "wasm", "webgpu" or "auto"; the default device unless given. */
  device?: string | null;
}
type CreationArgs = Trailing<[dtype: DType | null], CreationOptions>;
/** Makes an array on the device that was asked for. Throws DeviceError where there is none of that name. */
const placed = (op: string, device: string | null | undefined, make: () => Node): NDArray =>
  wrap(device === null || device === undefined ? make() : createOn(op, device, make));

function dtypeOption(op: string, rest: DTypeArgs): DType | undefined {
  return checkedDType(op, options<DTypeOptions>(op, ["dtype"], rest).dtype);
}
function creationOptions(
  op: string,
  rest: CreationArgs,
): { dtype: DType | undefined; device: string | null | undefined } {
  const { dtype, device } = options<CreationOptions>(op, ["dtype"], rest, ["device"]);
  return { dtype: checkedDType(op, dtype), device };
}
function checkedDType(op: string, dtype: DType | null | undefined): DType | undefined {
  if (typeof dtype === "number")
    throw new DTypeError(
      `${op}: ${dtype as number} is no dtype; a shape of several sizes is one list, as in np.${op}([2, 3])`,
    );
  return dtype ?? undefined;
}

export interface ArrayOptions extends CreationOptions {
  copy?: boolean | null;
  ndmin?: number;
}

/** The graph value of what array and asarray take. */
const arrayNode = (op: string, x: ArrayLike | ImageSource, dtype: DType | undefined): Node =>
  isImageSource(x) ? imageNode(op, x, dtype) : toNode(op, x, dtype);

/**
 * An array of JS numbers, booleans, typed arrays, nested lists of these, or arrays stacked. Data is copied. Numbers
 * become float32, booleans bool, unless `dtype` says otherwise. In browsers also of a picture (ImageData, image, canvas,
 * ImageBitmap, video, VideoFrame): its pixels as int32[height, width, 4], RGBA from 0 to 255, not premultiplied.
 * @example np.array([[1, 2], [3, 4]], { dtype: "int32" })
 */
export function array(
  x: ArrayLike | ImageSource,
  ...rest: Trailing<[dtype: DType | null, copy: boolean | null, ndmin: number], ArrayOptions>
): NDArray {
  const {
    dtype = null,
    ndmin = 0,
    device,
  } = options<ArrayOptions>("array", ["dtype", "copy", "ndmin"], rest, ["device"]);
  return placed("array", device, () => {
    const node = arrayNode("array", x, dtype ?? undefined);
    const { shape } = node.aval;
    const lead = ndmin - shape.length;
    const strong = x instanceof NDArray ? node : n.convert(node, node.aval.dtype);
    return lead > 0 ? n.reshape(strong, [...new Array<number>(lead).fill(1), ...shape]) : strong;
  });
}
/** Like array, but an NDArray is taken as it is. */
export const asarray = (x: ArrayLike | ImageSource, ...rest: CreationArgs): NDArray => {
  const { dtype, device } = creationOptions("asarray", rest);
  const same =
    x instanceof NDArray &&
    (dtype === undefined || x.dtype === dtype) &&
    (device === null || device === undefined || x.device === device);
  return same ? x : placed("asarray", device, () => arrayNode("asarray", x, dtype));
};
/** The same array: arrays are immutable, so nothing is copied. */
export const copy = (x: ArrayLike): NDArray => asarray(x);

/** A value repeated over a shape; the value may be an array that broadcasts to it. */
export function full(shape: Shape, fillValue: ArrayLike, ...rest: CreationArgs): NDArray {
  const { dtype, device } = creationOptions("full", rest);
  return placed("full", device, () => {
    const node = toNode("full", fillValue, dtype);
    return broadcastTo("full", n.convert(node, node.aval.dtype), checkShape("full", shape));
  });
}
const constant =
  (op: string, value: number) =>
  (shape: Shape, ...rest: CreationArgs): NDArray => {
    const { dtype = "float32", device } = creationOptions(op, rest);
    return placed(op, device, () => n.fill(n.lit(checkDType(op, dtype), value), checkShape(op, shape)));
  };
/** Zeros, float32 unless `dtype` is given. @example np.zeros([2, 3], { device: "webgpu" }) */
export const zeros: (shape: Shape, ...rest: CreationArgs) => NDArray = constant("zeros", 0);
/** Ones, float32 unless `dtype` is given. */
export const ones: (shape: Shape, ...rest: CreationArgs) => NDArray = constant("ones", 1);
/** Zeros: there is no uninitialised memory. */
export const empty: (shape: Shape, ...rest: CreationArgs) => NDArray = constant("empty", 0);

export interface LikeOptions extends CreationOptions {
  shape?: Shape | null;
}
type LikeArgs = Trailing<[dtype: DType | null, shape: Shape | null], LikeOptions>;
function filledLike(op: string, x: ArrayLike, value: ArrayLike, rest: LikeArgs): NDArray {
  const { dtype, shape, device } = options<LikeOptions>(op, ["dtype", "shape"], rest, ["device"]);
  const own = toNode(op, x).aval;
  return placed(op, device, () =>
    broadcastTo(
      op,
      toNode(op, value, dtype ?? own.dtype),
      shape === null || shape === undefined ? own.shape : checkShape(op, shape),
    ),
  );
}
export const zerosLike = (x: ArrayLike, ...rest: LikeArgs): NDArray => filledLike("zerosLike", x, 0, rest);
export const onesLike = (x: ArrayLike, ...rest: LikeArgs): NDArray => filledLike("onesLike", x, 1, rest);
export const emptyLike = (x: ArrayLike, ...rest: LikeArgs): NDArray => filledLike("emptyLike", x, 0, rest);
export const fullLike = (x: ArrayLike, fillValue: ArrayLike, ...rest: LikeArgs): NDArray =>
  filledLike("fullLike", x, fillValue, rest);

// Ranges ------------------------------------------------------------------------------------------------------------

export interface ArangeOptions extends CreationOptions {
  stop?: number | null;
  step?: number | null;
}
/**
 * start, start + step, … below stop (or above, for a negative step). int32 for integers, else float32.
 * @example np.arange(5) // [0 1 2 3 4]
 */
export function arange(
  start: number,
  ...rest: Trailing<[stop: number | null, step: number | null, dtype: DType | null], ArangeOptions>
): NDArray {
  const {
    stop = null,
    step = null,
    dtype = null,
    device,
  } = options<ArangeOptions>("arange", ["stop", "step", "dtype"], rest, ["device"]);
  const from = stop === null ? 0 : start;
  const to = stop ?? start;
  const by = step ?? 1;
  for (const value of [from, to, by]) {
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new DTypeError(
        `arange: expected finite numbers, got ${String(value)}; use np.linspace or add an array to np.arange(n) for others`,
      );
  }
  if (by === 0) throw new ShapeError("arange: a step of 0 never arrives");
  const whole = Number.isInteger(from) && Number.isInteger(to) && Number.isInteger(by);
  const type = checkDType("arange", dtype ?? (whole ? "int32" : "float32"));
  return placed("arange", device, () => n.iota(type, [Math.max(0, Math.ceil((to - from) / by))], 0, from, by));
}

export interface LinspaceOptions extends CreationOptions {
  num?: number;
  endpoint?: boolean;
  retstep?: false;
  axis?: number;
}
type LinspaceArgs = Trailing<
  [num: number, endpoint: boolean, retstep: false, dtype: DType | null, axis: number],
  LinspaceOptions
>;

function spaced(op: string, start: Node, stop: Node, num: number, endpoint: boolean, axis: number): Node {
  const outer = start.aval.shape;
  const at = checkAxis(op, axis, outer.length + 1);
  const shape = outer.toSpliced(at, 0, 1);
  const [low, high] = [start, stop].map((x) => n.reshape(x, shape));
  if (num <= 1) return num === 1 ? low : n.fill(n.like(low, 0), shape.with(at, 0));
  // start·(1 − t) + stop·t with t = i / count; the endpoint itself is put at the end
  const count = endpoint ? num - 1 : num;
  const full = shape.with(at, count);
  const t = n.div(n.iota(low.aval.dtype, full, at), count);
  const spread = (x: Node): Node => broadcastTo(op, x, full);
  const inner = n.add(n.mul(spread(low), n.sub(n.like(t, 1), t)), n.mul(spread(high), t));
  return endpoint ? n.concatenate([inner, high], at) : inner;
}
function linspaceNode(
  op: string,
  start: ArrayLike,
  stop: ArrayLike,
  dtype: DType | null,
  num: number,
  endpoint: boolean,
  axis: number,
): Node {
  const promoted = promoteOperands(op, [start, stop], "float");
  const type = dtype !== null && isFloat(dtype) ? dtype : promoted[0].aval.dtype;
  const shape = promoted.find((x) => x.aval.shape.length > 0)?.aval.shape ?? [];
  const [a, b] = (
    typeof start === "number" && typeof stop === "number"
      ? [start, stop].map((x) => numberNode(aval(type, []), x))
      : promoted
  ).map((x) => broadcastTo(op, n.convert(x, type), shape));
  return spaced(op, a, b, checkSize(op, num), endpoint, axis);
}
/**
 * `num` numbers from start to stop, evenly spaced; both ends included unless endpoint is false.
 * @example np.linspace(0, 1, 5) // [0 0.25 0.5 0.75 1]
 */
export function linspace(start: ArrayLike, stop: ArrayLike, ...rest: LinspaceArgs): NDArray {
  const {
    num = 50,
    endpoint = true,
    dtype = null,
    axis = 0,
    device,
  } = options<LinspaceOptions>("linspace", ["num", "endpoint", "retstep", "dtype", "axis"], rest, ["device"]);
  return placed("linspace", device, () => {
    const node = linspaceNode("linspace", start, stop, dtype, num, endpoint, axis);
    return dtype === null || node.aval.dtype === dtype ? node : n.convert(n.floor(node), checkDType("linspace", dtype));
  });
}

export interface LogspaceOptions extends DTypeOptions {
  num?: number;
  endpoint?: boolean;
  base?: ArrayLike;
  axis?: number;
}
/** base^start to base^stop, evenly spaced in their exponents. */
export function logspace(
  start: ArrayLike,
  stop: ArrayLike,
  ...rest: Trailing<
    [num: number, endpoint: boolean, base: ArrayLike, dtype: DType | null, axis: number],
    LogspaceOptions
  >
): NDArray {
  const {
    num = 50,
    endpoint = true,
    base = 10,
    dtype = null,
    axis = 0,
  } = options<LogspaceOptions>("logspace", ["num", "endpoint", "base", "dtype", "axis"], rest);
  const exponents = linspaceNode("logspace", start, stop, dtype, num, endpoint, axis);
  const [b, e] = promoteOperands("logspace", [base, wrap(exponents)], "float");
  const node = n.pow(b, e);
  return wrap(dtype === null ? node : n.convert(node, checkDType("logspace", dtype)));
}

export interface GeomspaceOptions extends DTypeOptions {
  num?: number;
  endpoint?: boolean;
  axis?: number;
}
/** From start to stop with a constant ratio between neighbours. */
export function geomspace(
  start: ArrayLike,
  stop: ArrayLike,
  ...rest: Trailing<[num: number, endpoint: boolean, dtype: DType | null, axis: number], GeomspaceOptions>
): NDArray {
  const {
    num = 50,
    endpoint = true,
    dtype = null,
    axis = 0,
  } = options<GeomspaceOptions>("geomspace", ["num", "endpoint", "dtype", "axis"], rest);
  const [a, b] = promoteOperands("geomspace", [start, stop], "float").map((x, _, both) =>
    broadcastTo("geomspace", n.convert(x, x.aval.dtype), both.find((y) => y.aval.shape.length > 0)?.aval.shape ?? []),
  );
  const sign = n.sign(a);
  const logs = [a, b].map((x) => n.div(n.log(n.mul(x, sign)), Math.LN2));
  const exponents = spaced("geomspace", logs[0], logs[1], checkSize("geomspace", num), endpoint, axis);
  const at = checkAxis("geomspace", axis, exponents.aval.shape.length);
  const spread = broadcastTo("geomspace", n.reshape(sign, sign.aval.shape.toSpliced(at, 0, 1)), exponents.aval.shape);
  const node = n.mul(spread, exp2Node(exponents));
  return wrap(dtype === null ? node : n.convert(node, checkDType("geomspace", dtype)));
}

// Triangles and diagonals -------------------------------------------------------------------------------------------

/** Whether column − row ⋛ k, of shape [rows, columns]. */
function triangle(rows: number, columns: number, op: "eq" | "le" | "ge", k: number): Node {
  const shape = [rows, columns];
  if (!Number.isInteger(k)) throw new IndexError(`a diagonal is named by an integer, got ${String(k)}`);
  return n.compare(op, n.sub(n.iota("int32", shape, 1), n.iota("int32", shape, 0)), k);
}
export interface EyeOptions extends CreationOptions {
  m?: number | null;
  k?: number;
}
type EyeArgs = Trailing<[m: number | null, k: number, dtype: DType | null], EyeOptions>;
function patterned(op: string, compare: "eq" | "le", rows: number, rest: EyeArgs): NDArray {
  const { m = null, k = 0, dtype = null, device } = options<EyeOptions>(op, ["m", "k", "dtype"], rest, ["device"]);
  return placed(op, device, () =>
    n.convert(triangle(checkSize(op, rows), checkSize(op, m ?? rows), compare, k), checkDType(op, dtype ?? "float32")),
  );
}
/** Ones on the diagonal k, zeros elsewhere: [n, m]. @example np.eye(3, { k: 1 }) */
export const eye = (rows: number, ...rest: EyeArgs): NDArray => patterned("eye", "eq", rows, rest);
/** The identity matrix. */
export const identity = (size: number, ...rest: DTypeArgs): NDArray =>
  eye(size, { dtype: dtypeOption("identity", rest) });
/** Ones on and below the diagonal k. */
export const tri = (rows: number, ...rest: EyeArgs): NDArray => patterned("tri", "le", rows, rest);

/** Options of functions of a diagonal. */
export interface DiagonalOptions {
  k?: number;
}
type DiagonalArgs = Trailing<[k: number], DiagonalOptions>;
const diagonalOption = (op: string, rest: DiagonalArgs): number => options<DiagonalOptions>(op, ["k"], rest).k ?? 0;

function keepTriangle(op: string, compare: "le" | "ge", x: ArrayLike, k: number): NDArray {
  const node = toNode(op, x);
  const { shape } = node.aval;
  if (shape.length < 2) throw new ShapeError(`${op}: ${formatAval(node.aval)}: expected at least 2 axes`);
  const [rows, columns] = shape.slice(-2);
  return wrap(
    n.select(
      n.broadcastInDim(triangle(rows, columns, compare, k), shape, [shape.length - 2, shape.length - 1]),
      node,
      0,
    ),
  );
}
/** x with zeros above the diagonal k, of the last two axes. */
export const tril = (x: ArrayLike, ...rest: DiagonalArgs): NDArray =>
  keepTriangle("tril", "le", x, diagonalOption("tril", rest));
/** x with zeros below the diagonal k, of the last two axes. */
export const triu = (x: ArrayLike, ...rest: DiagonalArgs): NDArray =>
  keepTriangle("triu", "ge", x, diagonalOption("triu", rest));

/** A matrix with x on its diagonal k, or the diagonal k of a matrix. Throws ShapeError for other ranks. */
export function diag(x: ArrayLike, ...rest: DiagonalArgs): NDArray {
  const k = diagonalOption("diag", rest);
  const node = toNode("diag", x);
  const { shape } = node.aval;
  if (shape.length === 2) return wrap(diagonalNode("diag", node, k, 0, 1));
  if (shape.length !== 1) throw new ShapeError(`diag: ${formatAval(node.aval)}: expected 1 or 2 axes`);
  const size = shape[0] + Math.abs(k);
  const line = n.pad(node, 0, [Math.max(k, 0)], [Math.max(-k, 0)]);
  return wrap(n.select(triangle(size, size, "eq", k), n.broadcastInDim(line, [size, size], [1]), 0));
}
/** A matrix with the elements of x, flat, on its diagonal k. */
export const diagflat = (x: ArrayLike, ...rest: DiagonalArgs): NDArray => {
  const node = toNode("diagflat", x);
  return diag(wrap(n.reshape(node, [node.aval.size])), diagonalOption("diagflat", rest));
};

// Grids -------------------------------------------------------------------------------------------------------------

export interface MeshgridOptions {
  indexing?: "xy" | "ij";
  sparse?: boolean;
  copy?: boolean;
}
/** Coordinate arrays of a grid: one an input, "xy" (the first two axes exchanged) or "ij". */
export function meshgrid(...args: readonly (ArrayLike | MeshgridOptions)[]): NDArray[] {
  const last = args.at(-1);
  const named =
    args.length > 0 &&
    typeof last === "object" &&
    !(last instanceof NDArray) &&
    !Array.isArray(last) &&
    !ArrayBuffer.isView(last);
  const { indexing = "xy", sparse = false } = options<MeshgridOptions>(
    "meshgrid",
    ["indexing", "sparse", "copy"],
    named ? [last] : [],
  );
  const nodes = (named ? args.slice(0, -1) : args).map((x) => {
    const node = toNode("meshgrid", x as ArrayLike);
    if (node.aval.shape.length > 1)
      throw new ShapeError(`meshgrid: ${formatAval(node.aval)}: expected arrays of 1 axis`);
    return n.reshape(node, [node.aval.size]);
  });
  const axisOf = (i: number): number => (indexing === "xy" && i < 2 && nodes.length > 1 ? 1 - i : i);
  const shape = nodes.map((_, axis) => nodes[axisOf(axis)].aval.size);
  return nodes.map((node, i) =>
    wrap(
      sparse
        ? n.reshape(
            node,
            shape.map((size, axis) => (axis === axisOf(i) ? size : 1)),
          )
        : n.broadcastInDim(node, shape, [axisOf(i)]),
    ),
  );
}
/** The index of every place along every axis: [ndim, ...dimensions], int32. */
export function indices(dimensions: readonly number[], ...rest: DTypeArgs): NDArray {
  const shape = checkShape("indices", dimensions);
  const dtype = checkDType("indices", dtypeOption("indices", rest) ?? "int32");
  if (shape.length === 0) return zeros([0], dtype);
  return wrap(
    n.concatenate(
      shape.map((_, axis) => n.reshape(n.iota(dtype, shape, axis), [1, ...shape])),
      0,
    ),
  );
}
/** Powers of x as columns, of falling exponents unless `increasing`. */
export function vander(
  x: ArrayLike,
  ...rest: Trailing<[n: number | null, increasing: boolean], { n?: number | null; increasing?: boolean }>
): NDArray {
  const { n: count = null, increasing = false } = options<{ n?: number | null; increasing?: boolean }>(
    "vander",
    ["n", "increasing"],
    rest,
  );
  const node = float("vander", x);
  if (node.aval.shape.length !== 1) throw new ShapeError(`vander: ${formatAval(node.aval)}: expected 1 axis`);
  const columns = checkSize("vander", count ?? node.aval.size);
  const shape = [node.aval.size, columns];
  if (columns === 0) return zeros(shape);
  const parts: Node[] = [];
  let power: Node = n.fill(n.like(node, 1), node.aval.shape);
  for (let i = 0; i < columns; i++) {
    parts.push(n.reshape(power, [node.aval.size, 1]));
    power = n.mul(power, node);
  }
  return wrap(n.concatenate(increasing ? parts : parts.toReversed(), 1));
}

// Windows -----------------------------------------------------------------------------------------------------------

/** 2πi / (size − 1) for i < size, in cosines of which windows are written. */
function windowOf(op: string, size: number, terms: readonly number[]): NDArray {
  if (checkSize(op, size) <= 1) return ones([size]);
  const angle = n.div(n.mul(n.iota("float32", [size], 0), 2 * Math.PI), size - 1);
  return wrap(
    terms
      .slice(1)
      .reduce<Node>(
        (sum, weight, i) => n.add(sum, n.mul(n.cos(n.mul(angle, i + 1)), weight)),
        n.fill(n.lit("float32", terms[0]), [size]),
      ),
  );
}
/** The Hann window. */
export const hanning = (m: number): NDArray => windowOf("hanning", m, [0.5, -0.5]);
/** The Hamming window. */
export const hamming = (m: number): NDArray => windowOf("hamming", m, [0.54, -0.46]);
/** The Blackman window. */
export const blackman = (m: number): NDArray => windowOf("blackman", m, [0.42, -0.5, 0.08]);
/** The triangular window. */
export function bartlett(m: number): NDArray {
  if (checkSize("bartlett", m) <= 1) return ones([m]);
  const i = n.iota("float32", [m], 0);
  return wrap(n.sub(n.lit("float32", 1), n.abs(n.div(n.sub(n.mul(i, 2), m - 1), m - 1))));
}

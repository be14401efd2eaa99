// Arrays from nothing or from JS data. Default dtype float32; arange of integers is int32.
import type { DType, Node } from "@weft/ir";
import { ArgumentError, aval, DTypeError, expectFits, formatAval, isFloat, ShapeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastNodes,
  broadcastTo,
  checkAxis,
  checkShape,
  numberNode,
  promoteOperands,
  toMovable,
  toNode,
  wrap,
} from "../core/convert.ts";
import { define, defineAs } from "../core/define.ts";
import {
  anything,
  array as operand,
  axis,
  choice,
  device,
  dtype,
  flag,
  integer,
  integers,
  named,
  nullable,
  number,
  rest,
  shape,
  sharding,
  size,
} from "../core/kinds.ts";
import type { Trailing } from "../core/call-types.ts";
import { labelOf } from "../core/words.ts";
import type { ImageSource } from "../interop/pixels.ts";
import { imageNode, isImageSource } from "../interop/pixels.ts";
import { createOn } from "../device/devices.ts";
import * as n from "../lax/nodes.ts";
import { powerNode } from "./arithmetic.ts";
import { diagonalNode } from "./diagonal.ts";
import { exp2Node } from "./functions.ts";

export type Shape = number | readonly number[];

// what these functions take, in JAX's order
const SHAPE = shape("shape");
const DTYPE = dtype("dtype", null);
/** "wasm", "webgpu" or "auto"; the default device unless given. */
const DEVICE = named(device("device", null));
const SHARDING = sharding("outSharding");
/** The order of elements in memory, which shows nowhere here. */
const layout = choice("K", "C", "F", "A");
const FILLED = [SHAPE, DTYPE, DEVICE, SHARDING] as const;
const LIKE = [DTYPE, shape("shape", null), DEVICE, SHARDING] as const;

/** The graph value, made on the device that was asked for. Throws DeviceError where there is none of that name. */
const placed = (op: string, device: string | null, make: () => Node): Node =>
  device === null ? make() : createOn(op, device, make);

type Source = ArrayLike | ImageSource;

/** Whether x is already what is asked for, so that nothing has to be copied. */
const serves = (x: Source, dtype: DType | null, device: string | null): x is NDArray =>
  x instanceof NDArray &&
  (dtype === null || (x.dtype === dtype && !x.weakType)) &&
  (device === null || x.device === device);

/** The graph value of a source, on the device that was asked for. */
function made(op: string, x: Source, dtype: DType | null, device: string | null, copy: boolean | null): Node {
  if (copy === false && !serves(x, dtype, device)) {
    throw new ArgumentError(
      x instanceof NDArray
        ? `${op}: ${labelOf(x)}: copy is false, but what is asked for is another array; leave copy out`
        : `${op}: copy is false, but data of the host are always copied; leave copy out`,
    );
  }
  return placed(op, device, () => {
    if (isImageSource(x)) return imageNode(op, x, dtype ?? undefined);
    return dtype === null ? toMovable(op, x) : toNode(op, x, dtype);
  });
}
/** A handle of its own, of keys if the source is one. */
const handle = (x: Source, node: Node): NDArray => new NDArray(node, x instanceof NDArray && x.isKey);

/**
 * An array of JS numbers, booleans, typed arrays, nested lists of these, or arrays stacked. Data is copied. Numbers
 * become float32, booleans bool, unless `dtype` says otherwise. In browsers also of a picture (ImageData, image, canvas,
 * ImageBitmap, video, VideoFrame): its pixels as int32[height, width, 4], RGBA from 0 to 255, not premultiplied.
 * @example np.array([[1, 2], [3, 4]], { dtype: "int32" })
 */
export const array = define(
  "np.array",
  [
    anything<Source>(true)("object"),
    DTYPE,
    named(nullable(flag("copy", true))),
    named(nullable(layout("order", "K"))),
    named(size("ndmin", 0)),
    DEVICE,
    SHARDING,
  ],
  (object, dtype, copy, _order, ndmin, device) => {
    if (ndmin > 64) throw new ShapeError(`np.array: ndmin: arrays have at most 64 axes, got ${ndmin}`);
    const node = made("np.array", object, dtype, device, copy);
    // a number alone stays weak, as in JAX
    const strong = object instanceof NDArray || typeof object === "number" ? node : n.strong(node);
    const { shape } = node.aval;
    const lead = ndmin - (object instanceof NDArray ? object.ndim : shape.length);
    return handle(object, lead > 0 ? n.reshape(strong, [...new Array<number>(lead).fill(1), ...shape]) : strong);
  },
);
/** Like array, but an NDArray is taken as it is. */
export const asarray = define(
  "np.asarray",
  [anything<Source>(true)("a"), DTYPE, layout("order", null), named(flag("copy", null)), DEVICE, SHARDING],
  (a, dtype, _order, copy, device): NDArray =>
    copy !== true && serves(a, dtype, device) ? a : handle(a, made("np.asarray", a, dtype, device, copy)),
);
/** The same values under a handle of its own: arrays are immutable, so no data are copied. */
export const copy = define("np.copy", [anything<Source>(true)("a"), layout("order", null)], (a): NDArray =>
  handle(a, made("np.copy", a, null, null, null)),
);

/** A value repeated over a shape; the value may be an array that broadcasts to it. */
export const full = define(
  "np.full",
  [SHAPE, operand("fillValue"), DTYPE, DEVICE, SHARDING],
  (shape, fillValue, dtype, device) => {
    const node = placed("np.full", device, () => {
      const value = toNode("np.full", fillValue, dtype ?? undefined);
      return broadcastTo("np.full", value, checkShape("np.full", shape));
    });
    return wrap(node);
  },
);
const constant = (op: string, value: number, shape: Shape, dtype: DType | null, device: string | null): NDArray =>
  wrap(placed(op, device, () => n.fill(n.lit(dtype ?? "float32", value), checkShape(op, shape))));
/** Zeros, float32 unless `dtype` is given. @example np.zeros([2, 3], { device: "webgpu" }) */
export const zeros = define("np.zeros", FILLED, (shape, dtype, device) =>
  constant("np.zeros", 0, shape, dtype, device),
);
/** Ones, float32 unless `dtype` is given. */
export const ones = define("np.ones", FILLED, (shape, dtype, device) => constant("np.ones", 1, shape, dtype, device));
/** Zeros: there is no uninitialised memory. */
export const empty = define("np.empty", FILLED, (shape, dtype, device) =>
  constant("np.empty", 0, shape, dtype, device),
);

function filledLike(
  op: string,
  x: ArrayLike,
  value: ArrayLike,
  dtype: DType | null,
  shape: Shape | null,
  device: string | null,
): NDArray {
  const own = toNode(op, x).aval;
  const node = placed(op, device, () => {
    const filler = toNode(op, value, dtype ?? own.dtype);
    // scalars take all of the array's type
    const weak = dtype === null && own.weakness === "weak" && filler.aval.shape.length === 0;
    return broadcastTo(
      op,
      n.convert(filler, filler.aval.dtype, weak ? "weak" : "strong"),
      shape === null ? own.shape : checkShape(op, shape),
    );
  });
  return wrap(node);
}
/** Zeros of an array's shape and dtype, or of others. */
export const zerosLike = define("np.zerosLike", [operand("a"), ...LIKE], (a, dtype, shape, device) =>
  filledLike("np.zerosLike", a, 0, dtype, shape, device),
);
/** Ones of an array's shape and dtype, or of others. */
export const onesLike = define("np.onesLike", [operand("a"), ...LIKE], (a, dtype, shape, device) =>
  filledLike("np.onesLike", a, 1, dtype, shape, device),
);
/** Zeros: there is no uninitialised memory. */
export const emptyLike = define("np.emptyLike", [operand("prototype"), ...LIKE], (prototype, dtype, shape, device) =>
  filledLike("np.emptyLike", prototype, 0, dtype, shape, device),
);
/** A value repeated over an array's shape, in its dtype. */
export const fullLike = define(
  "np.fullLike",
  [operand("a"), operand("fillValue"), ...LIKE],
  (a, fillValue, dtype, shape, device) => filledLike("np.fullLike", a, fillValue, dtype, shape, device),
);

// Ranges ------------------------------------------------------------------------------------------------------------

/**
 * start, start + step, … below stop (or above, for a negative step). int32 for integers, else float32.
 * @example np.arange(5) // [0 1 2 3 4]
 */
export const arange = define(
  "np.arange",
  [number("start"), number("stop", null), number("step", null), DTYPE, DEVICE, SHARDING],
  (start, stop, step, dtype, device) => {
    const from = stop === null ? 0 : start;
    const to = stop ?? start;
    const by = step ?? 1;
    for (const value of [from, to, by])
      if (!Number.isFinite(value)) throw new ShapeError(`np.arange: expected finite numbers, got ${value}`);
    if (by === 0) throw new ShapeError("np.arange: a step of 0 never arrives");
    const whole = Number.isInteger(from) && Number.isInteger(to) && Number.isInteger(by);
    const type = dtype ?? (whole ? "int32" : "float32");
    const count = Math.max(0, Math.ceil((to - from) / by));
    if (count > 0 && count <= Number.MAX_SAFE_INTEGER) expectEnds("np.arange", type, [from, from + (count - 1) * by]);
    return wrap(placed("np.arange", device, () => n.iota(type, [count], 0, from, by)));
  },
);

/** Numbers that an array of this dtype begins or ends with. */
function expectEnds(op: string, dtype: DType | null, values: readonly ArrayLike[]): void {
  if (dtype === null) return;
  for (const value of values)
    if (typeof value === "number") expectFits(op, value, dtype, 'take dtype "float32", or smaller numbers');
}

const NUM = size("num", 50);
const ENDPOINT = flag("endpoint", true);
const AXIS = axis("axis", 0);

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
/** Both ends as floats of one dtype (`dtype` if it is one), in the shape they broadcast to. */
function ends(op: string, start: ArrayLike, stop: ArrayLike, dtype: DType | null): readonly Node[] {
  const promoted = promoteOperands(op, [start, stop], "float");
  const type = dtype !== null && isFloat(dtype) ? dtype : promoted[0].aval.dtype;
  const shape = promoted.find((x) => x.aval.shape.length > 0)?.aval.shape ?? [];
  const numbers =
    typeof start === "number" && typeof stop === "number"
      ? [start, stop].map((x) => numberNode(aval(type, []), x))
      : promoted;
  return numbers.map((x) => broadcastTo(op, n.convert(x, type), shape));
}

/** The type of linspace: with `retstep`, [numbers, step]. */
export interface Linspace {
  (start: ArrayLike, stop: ArrayLike, ...rest: LinspaceArgs<true>): [NDArray, NDArray];
  (start: ArrayLike, stop: ArrayLike, ...rest: LinspaceArgs<false>): NDArray;
}
interface LinspaceOptions {
  num?: number;
  endpoint?: boolean;
  dtype?: DType | null;
  axis?: number;
  device?: string | null;
  outSharding?: null;
}
type LinspaceArgs<S extends boolean> = S extends true
  ?
      | [num: number | undefined, endpoint: boolean | undefined, retstep: true, dtype?: DType | null, axis?: number]
      | [options: LinspaceOptions & { retstep: true }]
      | [num: number | undefined, options: Omit<LinspaceOptions, "num"> & { retstep: true }]
  : Trailing<
      [num: number, endpoint: boolean, retstep: false, dtype: DType | null, axis: number],
      LinspaceOptions & { retstep?: false }
    >;
/**
 * `num` numbers from start to stop, evenly spaced; both ends included unless endpoint is false. With `retstep`, [numbers,
 * the step between them].
 * @example np.linspace(0, 1, 5) // [0 0.25 0.5 0.75 1]
 */
export const linspace = defineAs<Linspace>()(
  "np.linspace",
  [operand("start"), operand("stop"), NUM, ENDPOINT, flag("retstep", false), DTYPE, AXIS, DEVICE, SHARDING],
  (start, stop, num, endpoint, retstep, dtype, axis, device) => {
    const [low, high] = ends("np.linspace", start, stop, dtype);
    if (num > 0) {
      const open = !endpoint && typeof start === "number" && typeof stop === "number";
      const last = open ? start + ((stop - start) * (num - 1)) / num : stop;
      expectEnds("np.linspace", dtype, num > 1 ? [start, last] : [start]);
    }
    const node = placed("np.linspace", device, () => {
      const own = spaced("np.linspace", low, high, num, endpoint, axis);
      return dtype === null || own.aval.dtype === dtype ? own : n.convert(n.floor(own), dtype);
    });
    const numbers = wrap(node);
    if (!retstep) return numbers;
    const gaps = endpoint ? num - 1 : num;
    return [numbers, wrap(gaps > 0 ? n.div(n.sub(high, low), gaps) : n.like(low, NaN))];
  },
);

/** base^start to base^stop, evenly spaced in their exponents. */
export const logspace = define(
  "np.logspace",
  [operand("start"), operand("stop"), NUM, ENDPOINT, operand("base", 10), DTYPE, AXIS],
  (start, stop, num, endpoint, base, dtype, axis) => {
    const [low, high] = ends("np.logspace", start, stop, dtype);
    if (typeof base === "number" && num > 0) {
      const power = (x: ArrayLike): ArrayLike => (typeof x === "number" ? base ** x : x);
      expectEnds("np.logspace", dtype, endpoint && num > 1 ? [power(start), power(stop)] : [power(start)]);
    }
    const exponents = spaced("np.logspace", low, high, num, endpoint, axis);
    const [b, e] = promoteOperands("np.logspace", [base, exponents], "float");
    return wrap(n.convert(n.pow(b, e), dtype ?? exponents.aval.dtype));
  },
);

/** From start to stop with a constant ratio between neighbours. */
export const geomspace = define(
  "np.geomspace",
  [operand("start"), operand("stop"), NUM, ENDPOINT, DTYPE, AXIS],
  (start, stop, num, endpoint, dtype, axis) => {
    const [a, b] = ends("np.geomspace", start, stop, dtype);
    if (num > 0) expectEnds("np.geomspace", dtype, endpoint && num > 1 ? [start, stop] : [start]);
    const sign = n.sign(a);
    const logs = [a, b].map((x) => n.div(n.log(n.mul(x, sign)), Math.LN2));
    const exponents = spaced("np.geomspace", logs[0], logs[1], num, endpoint, axis);
    const { shape } = exponents.aval;
    const at = checkAxis("np.geomspace", axis, shape.length);
    const spread = broadcastTo("np.geomspace", n.reshape(sign, sign.aval.shape.toSpliced(at, 0, 1)), shape);
    const node = n.mul(spread, exp2Node(exponents));
    return wrap(dtype === null ? node : n.convert(node, dtype));
  },
);

// Triangles and diagonals -------------------------------------------------------------------------------------------

const K = integer("k", 0);

/** Whether column − row ⋛ k, of shape [rows, columns]. */
function triangle(rows: number, columns: number, op: "eq" | "le" | "ge", k: number): Node {
  const shape = [rows, columns];
  const within = Math.max(-rows, Math.min(k, columns)); // so that it is an int32
  const diagonal = n.sub(n.iota("int32", shape, 1), n.iota("int32", shape, 0));
  return n.compare(op, diagonal, n.given(diagonal, within));
}
/** Ones on the diagonal k, zeros elsewhere: [N, M]. @example np.eye(3, { k: 1 }) */
export const eye = define("np.eye", [size("N"), size("M", null), K, DTYPE, DEVICE], (N, M, k, dtype, device) =>
  wrap(placed("np.eye", device, () => n.convert(triangle(N, M ?? N, "eq", k), dtype ?? "float32"))),
);
/** The identity matrix. */
export const identity = define("np.identity", [size("n"), DTYPE], (size, dtype) =>
  wrap(n.convert(triangle(size, size, "eq", 0), dtype ?? "float32")),
);
/** Ones on and below the diagonal k. */
export const tri = define("np.tri", [size("N"), size("M", null), K, DTYPE], (N, M, k, dtype) =>
  wrap(n.convert(triangle(N, M ?? N, "le", k), dtype ?? "float32")),
);

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
/** m with zeros above the diagonal k, of the last two axes. */
export const tril = define("np.tril", [operand("m"), K], (m, k) => keepTriangle("np.tril", "le", m, k));
/** m with zeros below the diagonal k, of the last two axes. */
export const triu = define("np.triu", [operand("m"), K], (m, k) => keepTriangle("np.triu", "ge", m, k));

/** A matrix with a line on its diagonal k. */
function onDiagonal(given: Node, k: number): Node {
  const line = n.strong(given);
  const size = line.aval.size + Math.abs(k);
  const padded = n.pad(line, 0, [Math.max(k, 0)], [Math.max(-k, 0)]);
  return n.select(triangle(size, size, "eq", k), n.broadcastInDim(padded, [size, size], [1]), 0);
}
/** A matrix with v on its diagonal k, or the diagonal k of a matrix. Throws ShapeError for other ranks. */
export const diag = define("np.diag", [operand("v"), K], (v, k) => {
  const node = toNode("np.diag", v);
  const { shape } = node.aval;
  if (shape.length === 2) return wrap(diagonalNode("np.diag", node, k, 0, 1));
  if (shape.length !== 1) throw new ShapeError(`np.diag: ${formatAval(node.aval)}: expected 1 or 2 axes`);
  return wrap(onDiagonal(node, k));
});
/** A matrix with the elements of v, flat, on its diagonal k. */
export const diagflat = define("np.diagflat", [operand("v"), K], (v, k) => {
  const node = toNode("np.diagflat", v);
  return wrap(onDiagonal(n.reshape(node, [node.aval.size]), k));
});

// Grids -------------------------------------------------------------------------------------------------------------

/**
 * Coordinate arrays of a grid: one an input, "xy" (the first two axes exchanged) or "ij".
 * @example const [x, y] = np.meshgrid(np.arange(3), np.arange(2), { indexing: "ij" });
 */
export const meshgrid = define(
  "np.meshgrid",
  [
    rest(operand("xi")),
    named(flag("copy", true)),
    named(flag("sparse", false)),
    named(choice("xy", "ij")("indexing", "xy")),
  ],
  (xi, _copy, sparse, indexing): NDArray[] => {
    const nodes = xi.map((x) => {
      const node = toNode("np.meshgrid", x);
      if (node.aval.shape.length > 1)
        throw new ShapeError(`np.meshgrid: ${formatAval(node.aval)}: expected arrays of 1 axis`);
      return n.reshape(node, [node.aval.size]);
    });
    const axisOf = (i: number): number => (indexing === "xy" && i < 2 && nodes.length > 1 ? 1 - i : i);
    const shape = nodes.map((_, axis) => nodes[axisOf(axis)].aval.size);
    return nodes.map((node, i) => {
      const at = axisOf(i);
      if (!sparse) return wrap(n.broadcastInDim(node, shape, [at]));
      const alone = shape.map((size, axis) => (axis === at ? size : 1));
      return wrap(n.reshape(node, alone));
    });
  },
);
interface IndicesOptions {
  dtype?: DType | null;
}
/** The type of indices: a list of arrays if `sparse`. */
export interface Indices {
  (dimensions: readonly number[], dtype?: DType | null, sparse?: false): NDArray;
  (dimensions: readonly number[], dtype: DType | null | undefined, sparse: true): NDArray[];
  (dimensions: readonly number[], options: IndicesOptions & { sparse?: false }): NDArray;
  (dimensions: readonly number[], options: IndicesOptions & { sparse: true }): NDArray[];
}
/** The index of every place along every axis: [ndim, ...dimensions], int32; if `sparse`, one array an axis, of size 1 along the others. */
export const indices = defineAs<Indices>()(
  "np.indices",
  [integers("dimensions"), DTYPE, flag("sparse", false)],
  (dimensions, dtype, sparse) => {
    const shape = checkShape("np.indices", dimensions);
    const type = dtype ?? "int32";
    if (sparse)
      return shape.map((size, at) =>
        wrap(
          n.reshape(
            n.iota(type, [size], 0),
            shape.map((_, axis) => (axis === at ? size : 1)),
          ),
        ),
      );
    if (shape.length === 0) return wrap(n.fill(n.lit(type, 0), [0]));
    return wrap(
      n.concatenate(
        shape.map((_, axis) => n.reshape(n.iota(type, shape, axis), [1, ...shape])),
        0,
      ),
    );
  },
);
/** Powers of x as columns, of falling exponents unless `increasing`. */
export const vander = define(
  "np.vander",
  [operand("x"), size("N", null), flag("increasing", false)],
  (x, N, increasing) => {
    const node = toNode("np.vander", x);
    const { shape, dtype } = node.aval;
    if (shape.length !== 1) throw new ShapeError(`np.vander: ${formatAval(node.aval)}: expected 1 axis`);
    const columns = N ?? shape[0];
    if (dtype === "bool")
      throw new DTypeError(`np.vander: ${formatAval(node.aval)}: expected numbers; convert with astype first`);
    const exponents = n.iota(dtype, [1, columns], 1, increasing ? 0 : columns - 1, increasing ? 1 : -1);
    const [x1, x2] = broadcastNodes("np.vander", [n.reshape(node, [shape[0], 1]), exponents]);
    return wrap(n.strong(powerNode(x1, x2, false)));
  },
);

// Windows -----------------------------------------------------------------------------------------------------------

/** 2πi / (size − 1) for i < size, in cosines of which windows are written. */
function windowOf(size: number, terms: readonly number[]): NDArray {
  if (size <= 1) return wrap(n.fill(n.lit("float32", 1), [size]));
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
export const hanning = define("np.hanning", [size("M")], (M) => windowOf(M, [0.5, -0.5]));
/** The Hamming window. */
export const hamming = define("np.hamming", [size("M")], (M) => windowOf(M, [0.54, -0.46]));
/** The Blackman window. */
export const blackman = define("np.blackman", [size("M")], (M) => windowOf(M, [0.42, -0.5, 0.08]));
/** The triangular window. */
export const bartlett = define("np.bartlett", [size("M")], (M) => {
  if (M <= 1) return wrap(n.fill(n.lit("float32", 1), [M]));
  const i = n.iota("float32", [M], 0);
  return wrap(n.sub(n.lit("float32", 1), n.abs(n.div(n.sub(n.mul(i, 2), M - 1), M - 1))));
});

// jax.lax's creation and movement functions, with lax's explicit parameters. Nothing is promoted or broadcast unasked.
import type { Node } from "@weft/ir";
import { ArgumentError, DTypeError, formatAval, IndexError, record, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { checkAxes, checkAxis, checkShape, checkSize, rewrap, stackNodes, toNode, wrap } from "../core/convert.ts";
import { alias, define } from "../core/define.ts";
import {
  array,
  arrays,
  axis,
  dtype,
  integer,
  integers,
  isNumber,
  list,
  refused,
  shape,
  sharding,
  size,
} from "../core/kinds.ts";
import { broadcastShapes as broadcastedShape, seen, resolveShape } from "../numpy/movement.ts";
import { unstacked } from "../numpy/splitting.ts";
import * as n from "./nodes.ts";
import { strict } from "./strict.ts";

type Shape = readonly number[];
const OPERAND = array("operand");
const SHARDING = sharding("outSharding");
/** More axes than any array has. */
const MOST_AXES = 64;
const checkSizes = (op: string, sizes: Shape): Shape => sizes.map((length) => checkSize(op, length));

// Creation ----------------------------------------------------------------------------------------------------------

function filled(
  op: string,
  shape: number | Shape,
  value: ArrayLike,
  to: Node["aval"]["dtype"] | null,
  weak = false,
): NDArray {
  const node = toNode(op, value, to ?? undefined);
  if (node.aval.shape.length !== 0) throw new ShapeError(`${op}: ${formatAval(node.aval)}: the value must have rank 0`);
  return wrap(n.fill(weak ? n.convert(node, node.aval.dtype, "weak") : node, checkShape(op, shape)));
}
/** A value of rank 0 repeated over a shape. */
export const full = define(
  "lax.full",
  [shape("shape"), array("fillValue"), dtype("dtype", null), sharding("sharding")],
  (shape, fillValue, dtype) => filled("lax.full", shape, fillValue, dtype),
);
/** A value of rank 0 in the shape and dtype of x, or in those that are given. */
export const fullLike = define(
  "lax.fullLike",
  [
    array("x"),
    array("fillValue"),
    dtype("dtype", null),
    shape("shape", null),
    refused("sharding", null, "arrays are not sharded over devices here"),
  ],
  (x, fillValue, dtype, shape) => {
    const own = toNode("lax.fullLike", x).aval;
    return filled(
      "lax.fullLike",
      shape ?? own.shape,
      fillValue,
      dtype ?? own.dtype,
      dtype === null && own.weakness === "weak",
    );
  },
);
/** Zeros: there is no uninitialised memory. */
export const empty = define("lax.empty", [shape("shape"), dtype("dtype"), SHARDING], (shape, dtype) =>
  filled("lax.empty", shape, 0, dtype),
);

function counted(op: string, to: Node["aval"]["dtype"], shape: Shape, dimension: number): NDArray {
  if (to === "bool") throw new DTypeError(`${op}: dtype bool: expected integers or floats`);
  return wrap(n.iota(to, shape, checkAxis(op, dimension, shape.length)));
}
/** 0, 1, … size − 1. */
export const iota = define("lax.iota", [dtype("dtype"), size("size")], (dtype, size) =>
  counted("lax.iota", dtype, checkShape("lax.iota", size), 0),
);
/** 0, 1, … along one axis of a shape. */
export const broadcastedIota = define(
  "lax.broadcastedIota",
  [dtype("dtype"), shape("shape"), axis("dimension"), SHARDING],
  (dtype, shape, dimension) =>
    counted("lax.broadcastedIota", dtype, checkShape("lax.broadcastedIota", shape), dimension),
);

// Movement ----------------------------------------------------------------------------------------------------------

/** New axes of these sizes in front, over which the operand repeats. */
export const broadcast = define("lax.broadcast", [OPERAND, integers("sizes"), SHARDING], (operand, sizes) => {
  const { node } = seen("lax.broadcast", operand);
  const lead = checkShape("lax.broadcast", sizes);
  return rewrap(
    operand,
    n.broadcastInDim(
      node,
      [...lead, ...node.aval.shape],
      node.aval.shape.map((_, i) => i + lead.length),
    ),
  );
});
/** Axis i of the operand becomes axis broadcastDimensions[i] of the shape; sizes of 1 repeat, the other axes are new. */
export const broadcastInDim = define(
  "lax.broadcastInDim",
  [OPERAND, shape("shape"), integers("broadcastDimensions"), SHARDING],
  (operand, shape, broadcastDimensions) => {
    const op = "lax.broadcastInDim";
    const { node, shape: own, tail } = seen(op, operand);
    const dims = checkShape(op, shape);
    const axes = broadcastDimensions.map((at) => checkAxis(op, at, dims.length));
    if (
      axes.length !== own.length ||
      axes.some((at, i) => (i > 0 && at <= axes[i - 1]) || (own[i] !== 1 && own[i] !== dims[at]))
    ) {
      throw new ShapeError(
        `${op}: ${formatAval(node.aval)}: its axes [${broadcastDimensions.join(",")}] do not fit shape [${dims.join(",")}]`,
      );
    }
    const kept = own.flatMap((length, i) => (length === dims[axes[i]] ? [i] : []));
    const squeezed = n.reshape(node, [...kept.map((i) => own[i]), ...tail]);
    return rewrap(
      operand,
      n.broadcastInDim(squeezed, [...dims, ...tail], [...kept.map((i) => axes[i]), ...tail.map(() => dims.length)]),
    );
  },
);
/** x with axes of size 1 put in front until it has `rank` axes. */
export const broadcastToRank = define("lax.broadcastToRank", [array("x"), size("rank")], (x, rank) => {
  const { node, shape, tail } = seen("lax.broadcastToRank", x);
  if (rank < shape.length)
    throw new ShapeError(`lax.broadcastToRank: ${formatAval(node.aval)} has more than ${rank} axes`);
  if (rank > MOST_AXES) throw new ShapeError(`lax.broadcastToRank: arrays have at most ${MOST_AXES} axes, got ${rank}`);
  return rewrap(x, n.reshape(node, [...new Array<number>(rank - shape.length).fill(1), ...shape, ...tail]));
});
/** The shape that shapes broadcast to. */
export const broadcastShapes = alias("lax.broadcastShapes", broadcastedShape);

/** An operand's axes in the order of a permutation. */
function permuted(op: string, operand: ArrayLike, permutation: Shape): NDArray {
  const { node, shape, tail } = seen(op, operand);
  const perm = permutation.map((at) => checkAxis(op, at, shape.length));
  if (perm.length !== shape.length || new Set(perm).size !== shape.length)
    throw new ShapeError(
      `${op}: ${formatAval(node.aval)}: [${permutation.join(",")}] is no permutation of ${shape.length} axes`,
    );
  return rewrap(operand, n.transpose(node, [...perm, ...tail.map(() => shape.length)]));
}
/** The same elements in another shape; `dimensions` transposes first. */
export const reshape = define(
  "lax.reshape",
  [OPERAND, shape("newSizes"), integers("dimensions", null), SHARDING],
  (operand, newSizes, dimensions) => {
    const op = "lax.reshape";
    const from = dimensions === null ? operand : permuted(op, operand, dimensions);
    const { node, shape, tail } = seen(op, from);
    return rewrap(operand, n.reshape(node, [...resolveShape(op, node, shape, newSizes), ...tail]));
  },
);
/** The axes in the order of a permutation. */
export const transpose = define("lax.transpose", [OPERAND, integers("permutation")], (operand, permutation) =>
  permuted("lax.transpose", operand, permutation),
);
/** Elements in reverse order along axes. */
export const rev = define("lax.rev", [OPERAND, integers("dimensions")], (operand, dimensions) => {
  const { node, shape } = seen("lax.rev", operand);
  return rewrap(operand, n.flip(node, checkAxes("lax.rev", dimensions, shape.length)));
});
/** New axes of size 1 at these places of the result. */
export const expandDims = define("lax.expandDims", [array("array"), integers("dimensions")], (array, dimensions) => {
  const { node, shape, tail } = seen("lax.expandDims", array);
  const result = [...shape];
  for (const place of checkAxes("lax.expandDims", dimensions, shape.length + dimensions.length))
    result.splice(place, 0, 1);
  return rewrap(array, n.reshape(node, [...result, ...tail]));
});
/** Axes of size 1 taken away. Throws ShapeError for others. */
export const squeeze = define("lax.squeeze", [array("array"), integers("dimensions")], (array, dimensions) => {
  const op = "lax.squeeze";
  const { node, shape, tail } = seen(op, array);
  const axes = checkAxes(op, dimensions, shape.length);
  for (const at of axes)
    if (shape[at] !== 1)
      throw new ShapeError(`${op}: ${formatAval(node.aval)}: axis ${at} has ${shape[at]} elements, not 1`);
  return rewrap(array, n.reshape(node, [...shape.filter((_, at) => !axes.includes(at)), ...tail]));
});
/** Axes from `startDimension` up to `stopDimension` (excluded) made one; both are cut to the axes there are. */
export const collapse = define(
  "lax.collapse",
  [OPERAND, integer("startDimension"), integer("stopDimension", null)],
  (operand, startDimension, stopDimension) => {
    const op = "lax.collapse";
    const { node, shape, tail } = seen(op, operand);
    const rank = shape.length;
    const place = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
    const [start, stop] = [place(startDimension), place(stopDimension ?? rank)];
    if (stop < start)
      throw new IndexError(`${op}: ${formatAval(node.aval)}: there are no axes from ${start} up to ${stop}`);
    const length = shape.slice(start, stop).reduce((product, own) => product * own, 1);
    return rewrap(operand, n.reshape(node, [...shape.slice(0, start), length, ...shape.slice(stop), ...tail]));
  },
);
/** Arrays one after the other along an axis. */
export const concatenate = define("lax.concatenate", [arrays("operands"), axis("dimension")], (operands, dimension) => {
  const op = "lax.concatenate";
  const nodes = operands.map((x) => toNode(op, x));
  if (nodes.length === 0) throw new ShapeError(`${op}: expected at least one array`);
  return wrap(n.concatenate(nodes, checkAxis(op, dimension, nodes[0].aval.shape.length)));
});
/** An axis cut into parts of these sizes. */
export const split = define("lax.split", [OPERAND, integers("sizes"), axis("axis", 0)], (operand, sizes, axis) => {
  const { node, shape } = seen("lax.split", operand);
  const at = checkAxis("lax.split", axis, shape.length);
  const total = checkSizes("lax.split", sizes).reduce((sum, length) => sum + length, 0);
  if (total !== shape[at])
    throw new ShapeError(
      `lax.split: ${formatAval(node.aval)}: sizes [${sizes.join(",")}] have ${total} elements, axis ${at} has ${shape[at]}`,
    );
  let start = 0;
  return sizes.map((length) => {
    start += length;
    return rewrap(operand, n.sliceAxis(node, at, start - length, length));
  });
});
/** Arrays of one shape and dtype along a new axis. */
export const stack = define("lax.stack", [arrays("operands"), axis("axis", 0)], (operands, axis) => {
  if (operands.length === 0) throw new ShapeError("lax.stack: expected at least one array");
  const stacked = stackNodes("lax.stack", strict("lax.stack", operands));
  const rank = stacked.aval.shape.length;
  const at = checkAxis("lax.stack", axis, rank);
  return wrap(
    n.transpose(
      stacked,
      Array.from({ length: rank }, (_, i) => (i === at ? 0 : i < at ? i + 1 : i)),
    ),
  );
});
/** The parts along an axis, without it. */
export const unstack = define("lax.unstack", [array("x"), axis("axis", 0)], (x, axis) =>
  unstacked("lax.unstack", x, axis),
);
/** The operand laid side by side, reps[i] times along axis i. */
export const tile = define("lax.tile", [OPERAND, integers("reps")], (operand, reps) => {
  const node = toNode("lax.tile", operand);
  const { shape } = node.aval;
  if (reps.length !== shape.length)
    throw new ShapeError(
      `lax.tile: ${formatAval(node.aval)}: expected ${shape.length} repetitions, got ${reps.length}`,
    );
  const counts = checkSizes("lax.tile", reps);
  checkShape(
    "lax.tile",
    shape.map((length, i) => length * counts[i]),
  );
  const wide = shape.flatMap((length, i) => [counts[i], length]);
  return wrap(
    n.reshape(
      n.broadcastInDim(
        node,
        wide,
        shape.map((_, i) => 2 * i + 1),
      ),
      shape.map((length, i) => length * counts[i]),
    ),
  );
});
/** The operand with elements put around (lo, hi; cut off if negative) and between (interior), an entry an axis. */
export const pad = define(
  "lax.pad",
  [OPERAND, array("paddingValue"), list<readonly [lo: number, hi: number, interior: number]>()("paddingConfig")],
  (operand, paddingValue, paddingConfig) => {
    const op = "lax.pad";
    const node = toNode(op, operand);
    const value = toNode(op, paddingValue, isNumber(paddingValue) ? node.aval.dtype : undefined);
    for (const config of paddingConfig) {
      if (!Array.isArray(config) || config.length !== 3 || !config.every((part) => Number.isInteger(part)))
        throw new ArgumentError(`${op}: paddingConfig: expected [lo, hi, interior] of integers an axis`);
      if (config[2] < 0)
        throw new ShapeError(`${op}: paddingConfig: interior padding is not negative, got ${config[2]}`);
    }
    if (paddingConfig.length !== node.aval.shape.length)
      throw new ShapeError(
        `${op}: ${formatAval(node.aval)}: expected a [lo, hi, interior] for each of ${node.aval.shape.length} axes, got ${paddingConfig.length}`,
      );
    const column = (i: 0 | 1 | 2): number[] => paddingConfig.map((config) => config[i]);
    return wrap(
      record("pad", { lo: column(0), hi: column(1), interior: column(2) }, [
        value.aval.weakness === "strong" && !isNumber(paddingValue) ? n.strong(node) : node,
        value,
      ]),
    );
  },
);

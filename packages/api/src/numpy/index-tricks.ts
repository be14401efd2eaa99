// Indices and choices: coordinates and flat indices, diagonals, and the choice among arrays by conditions or by number.
import type { DType, Node } from "@weft/ir";
import { ConcretizationError, DTypeError, formatAval, IndexError, INTEGER_RANGES, ShapeError, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import {
  broadcastNodes,
  broadcastTo,
  checkShape,
  indexNode,
  promoteAll,
  promoteOperands,
  toNode,
  wrap,
} from "../core/convert.ts";
import { define } from "../core/define.ts";
import { hostArray } from "../core/host.ts";
import { array, arrays, choice, dtype, integers, isNumber, MANY, named, out, shape, size } from "../core/kinds.ts";
import { readNodeSync } from "../device/reads.ts";
import * as n from "../lax/nodes.ts";
import { floorDivideNode, remainderNode, truth } from "./arithmetic.ts";

/** Indices in their own dtype if that is uint32, else int32. Throws IndexError for what are none. */
const indicesOf = (op: string, x: ArrayLike): Node =>
  x instanceof NDArray && x.dtype === "uint32" ? toNode(op, x) : indexNode(op, x);

const modulo = (x: Node, size: number): Node => remainderNode(x, n.like(x, Math.max(size, 1)));
/** Indices of an axis, by what those outside of it mean. "raise" reads them, so they must have values. */
function within(op: string, x: Node, size: number, mode: "raise" | "clip" | "wrap" | "ignore"): Node {
  switch (mode) {
    case "clip":
      return n.max(n.min(x, size - 1), 0);
    case "wrap":
      return modulo(x, size);
    case "ignore":
      return x;
    default: {
      if (x.scope !== null)
        throw new ConcretizationError(
          `${op}: ${formatAval(x.aval)} is traced by ${x.scope.name} and cannot be checked; give mode "clip" or "wrap"`,
        );
      const wrong = Array.from(hostArray(readNodeSync(x))).find((i) => i < 0 || i >= size);
      if (wrong !== undefined) throw new IndexError(`${op}: index ${wrong} is out of range for ${size} elements`);
      return x;
    }
  }
}

// Coordinates -------------------------------------------------------------------------------------------------------------

/**
 * The coordinates of flat indices in an array of a shape: one array an axis. Negative indices count from the end; those
 * outside are the nearest corner. With order "F" the first axis runs fastest.
 * @example const [row, column] = np.unravelIndex(np.argmax(x), x.shape);
 */
export const unravelIndex = define(
  "np.unravelIndex",
  [array("indices"), shape("shape"), named(choice("C", "F")("order", "C"))],
  (indices, shape, order): NDArray[] => {
    const sizes = checkShape("np.unravelIndex", shape);
    let left = indicesOf("np.unravelIndex", indices);
    const found: Node[] = [];
    for (const size of order === "C" ? sizes.toReversed() : sizes) {
      found.push(modulo(left, size));
      left = floorDivideNode(left, n.like(left, size));
    }
    const above = n.compare("gt", left, 0);
    const below = left.aval.dtype === "uint32" ? null : n.compare("lt", left, -1);
    const inOrder = order === "C" ? found.toReversed() : found;
    const weak = isNumber(indices) || (indices instanceof NDArray && indices.weakType);
    return inOrder.map((place, axis) => {
      const low = below === null ? place : n.select(below, 0, place);
      const inside = n.select(above, sizes[axis] - 1, low);
      return wrap(n.convert(inside, inside.aval.dtype, weak ? "weak" : "strong"));
    });
  },
);
/**
 * The flat index of coordinates, one array an axis. Out of range, mode "raise" throws (and reads the coordinates), "clip"
 * clamps, "wrap" wraps, and "ignore" does as if they were not.
 */
export const ravelMultiIndex = define(
  "np.ravelMultiIndex",
  [
    arrays("multiIndex"),
    integers("dims"),
    choice("raise", "clip", "wrap", "ignore")("mode", "raise"),
    choice("C", "F")("order", "C"),
    named(dtype("dtype", null)),
  ],
  (multiIndex, dims, mode, order, dtype) => {
    const sizes = checkShape("np.ravelMultiIndex", dims);
    if (multiIndex.length !== sizes.length)
      throw new ShapeError(`np.ravelMultiIndex: ${multiIndex.length} coordinates for ${sizes.length} axes`);
    const own = multiIndex.map((x) => indicesOf("np.ravelMultiIndex", x));
    const unsigned = own.length > 0 && own.every(({ aval }) => aval.dtype === "uint32");
    const type: DType = dtype ?? (unsigned ? "uint32" : "int32");
    const range = INTEGER_RANGES[type];
    if (range === undefined) throw new DTypeError(`np.ravelMultiIndex: dtype: expected one of integers, got ${type}`);
    if (sizeOf(sizes) - 1 > range[1])
      throw new ShapeError(`np.ravelMultiIndex: indices of shape [${sizes.join(",")}] do not fit ${type}`);
    const places = own.map((x, axis) => n.convert(within("np.ravelMultiIndex", x, sizes[axis], mode), type));
    const spread = broadcastNodes("np.ravelMultiIndex", places);
    const axes = sizes.map((_, axis) => axis);
    if (order === "F") axes.reverse();
    const flat = axes.reduce<Node | null>(
      (sum, axis) => (sum === null ? spread[axis] : n.add(n.mul(sum, sizes[axis]), spread[axis])),
      null,
    );
    return wrap(flat ?? n.lit(type, 0));
  },
);
/** The indices of a main diagonal of `ndim` axes of n elements. */
export const diagIndices = define("np.diagIndices", [size("n"), size("ndim", 2)], (count, ndim): NDArray[] => {
  if (ndim > MANY) throw new ShapeError(`np.diagIndices: ndim: ${ndim} arrays are too many; at most ${MANY}`);
  const line = n.iota("int32", [count], 0);
  return Array.from({ length: ndim }, () => wrap(line));
});

// Choices -----------------------------------------------------------------------------------------------------------------

/**
 * The element of the choice each index names, elementwise. Out of range, mode "raise" throws (and reads the indices),
 * "clip" clamps and "wrap" wraps.
 * @example np.choose([0, 1, 0], [[1, 2, 3], [10, 20, 30]]) // [1 20 3]
 */
export const choose = define(
  "np.choose",
  [array("a"), arrays("choices"), out, choice("raise", "clip", "wrap")("mode", "raise")],
  (a, choices, _out, mode) => {
    if (choices.length === 0) throw new ShapeError("np.choose: choices: expected at least one");
    const which = within("np.choose", indicesOf("np.choose", a), choices.length, mode);
    const [i, ...nodes] = broadcastNodes("np.choose", [which, ...promoteOperands("np.choose", choices)]);
    const result = nodes.reduceRight((others, own, at) => n.select(n.compare("le", i, at), own, others));
    const { shape } = i.aval;
    return wrap(result.aval.shape.length === 0 && shape.length > 0 ? broadcastTo("np.choose", result, shape) : result);
  },
);
/**
 * The choice of the first condition that holds, elementwise; else the default. All broadcast.
 * @example np.select([x.less(0), x.greater(9)], [0, 9], x)
 */
export const selectFirst = define(
  "np.select",
  [arrays("condlist"), arrays("choicelist"), array("default", 0)],
  (condlist, choicelist, otherwise) => {
    if (condlist.length !== choicelist.length || choicelist.length === 0)
      throw new ShapeError(`np.select: ${condlist.length} conditions for ${choicelist.length} choices`);
    const conditions = condlist.map((condition) => truth(toNode("np.select", condition)));
    const values = promoteAll("np.select", [...choicelist, otherwise]);
    const spread = broadcastNodes("np.select", [...conditions, ...values]);
    const count = conditions.length;
    const last = spread[2 * count];
    return wrap(
      spread.slice(0, count).reduceRight((others, holds, i) => n.select(holds, spread[count + i], others), last),
    );
  },
);
export { selectFirst as select };

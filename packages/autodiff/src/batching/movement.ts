// Batching of movement and indexing primitives: the batch axis goes first and every parameter gains an entry.
import type { IndexingParams, MovementPrim } from "@weft/ir";
import { aval, literal, NO_PARAMS, record } from "@weft/ir";
import { b, constant } from "../builder.ts";
import { padMask } from "../rules/movement.ts";
import { front, repeated, shifted, unaryAt0 } from "./common.ts";
import type { BatchRule } from "./table.ts";

export const MOVEMENT_BATCHING = {
  bitcast: (node, [x]) => [{ node: record("bitcast", node.params, [x.node]), axis: x.axis }],
  reshape: unaryAt0("reshape", ({ shape }, size) => ({ shape: [size, ...shape] })),
  transpose: unaryAt0("transpose", ({ perm }) => ({ perm: [0, ...shifted(perm)] })),
  broadcastInDim: unaryAt0("broadcastInDim", ({ shape, axes }, size) => ({
    shape: [size, ...shape],
    axes: [0, ...shifted(axes)],
  })),
  flip: unaryAt0("flip", ({ axes }) => ({ axes: shifted(axes) })),
  slice: unaryAt0(
    "slice",
    ({ sizes, strides }, size) => ({ sizes: [size, ...sizes], strides: [1, ...strides] }),
    (starts) => [0, ...starts],
  ),
  pad: (node, [x, value], size) => {
    const { lo, hi, interior } = node.params;
    const params = { lo: [0, ...lo], hi: [0, ...hi], interior: [0, ...interior] };
    const array = repeated(x, size);
    if (value.axis === null) return [{ node: record("pad", params, [array, value.node]), axis: 0 }];
    // one padding value an element: pad with anything, then choose by position
    const padded = record("pad", params, [array, constant(array.aval, 0)]);
    const mask = padMask(array.aval.shape, params.lo, params.hi, params.interior);
    return [
      { node: record("select", NO_PARAMS, [mask, padded, b.broadcast(value.node, padded.aval.shape, [0])]), axis: 0 },
    ];
  },
  concatenate: (node, operands, size) => [
    {
      node: record(
        "concatenate",
        { axis: node.params.axis + 1 },
        operands.map((operand) => repeated(operand, size)),
      ),
      axis: 0,
    },
  ],
} satisfies { readonly [P in MovementPrim]: BatchRule<P> };

export const INDEXING_BATCHING = {
  dynamicSlice: (node, [x, ...starts], size) => {
    const { sizes, batch } = node.params;
    if (starts.some(({ axis }) => axis !== null)) {
      const params = { sizes, batch: batch + 1 };
      return [
        {
          node: record("dynamicSlice", params, [repeated(x, size), ...starts.map((start) => repeated(start, size))]),
          axis: 0,
        },
      ];
    }
    // the same place in every element: the batch axis is one more axis, read whole
    if (batch === 0) {
      const zero = literal(aval("int32", []), 0);
      return [
        {
          node: record("dynamicSlice", { sizes: [size, ...sizes], batch: 0 }, [
            front(x),
            zero,
            ...starts.map((start) => start.node),
          ]),
          axis: 0,
        },
      ];
    }
    return [
      {
        node: record("dynamicSlice", { sizes, batch: batch + 1 }, [
          front(x),
          ...starts.map((start) => repeated(start, size)),
        ]),
        axis: 0,
      },
    ];
  },
} satisfies { readonly [P in keyof IndexingParams]: BatchRule<P> };

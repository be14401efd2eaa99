// The float64 reference interpreter: the oracle every backend is held to. Slow and plain on purpose; it holds floats
// in float64 without rounding and integers exactly. It reads no device.
import type { Aval } from "../aval.ts";
import { InternalError } from "../errors.ts";
import type { Graph } from "../graph.ts";
import { lookupArray } from "./lookup.ts";
import type { Node } from "../node.ts";
import type { ControlParams, CreationParams, ElementwisePrim, ParamsOf, PrimName } from "../params.ts";
import { elementwiseRow, isElementwise } from "../prims/index.ts";
import { wrap } from "../prims/scalar-reference.ts";
import type { RefArray } from "./array.ts";
import { INDEXING_REFERENCE, MOVEMENT_REFERENCE } from "./movement.ts";
import { RANDOM_REFERENCE } from "./random.ts";
import { CONTRACTION_REFERENCE, REDUCTION_REFERENCE } from "./reduction.ts";
import type { Reference } from "./table.ts";

export { at, build, forEachIndex, refArray, stridesOf } from "./array.ts";
export type { RefArray } from "./array.ts";
export { threefry2x32 } from "./random.ts";
export { convert as convertReference } from "../prims/scalar-reference.ts";

function elementwise<P extends ElementwisePrim>(
  prim: P,
  params: ParamsOf[P],
  operands: readonly RefArray[],
  out: Aval,
): RefArray {
  const row = elementwiseRow(prim);
  const { dtype } = operands[operands.length - 1];
  const data = new Float64Array(out.size);
  const args = new Array<number>(operands.length);
  for (let i = 0; i < out.size; i++) {
    for (let k = 0; k < operands.length; k++) args[k] = operands[k].data[operands[k].shape.length === 0 ? 0 : i];
    data[i] = wrap(out.dtype, row.reference(params, dtype, ...args));
  }
  return { dtype: out.dtype, shape: out.shape, data };
}

const unread = (prim: string) => (): never => {
  throw new InternalError(`reference: ${prim} has no value of its own; give it as an input`);
};

const CREATION_REFERENCE = {
  input: unread("input"),
  literal: ({ value }, _operands, [out]) => ({ dtype: out.dtype, shape: [], data: Float64Array.of(value) }),
  scalar: (_params, _operands, [out], slots) => ({
    dtype: out.dtype,
    shape: [],
    data: Float64Array.of(slots?.[0] ?? NaN),
  }),
  iota: ({ n, dtype }, _operands, [out], slots) => {
    const [start, step] = slots ?? [0, 1];
    return { dtype, shape: out.shape, data: Float64Array.from({ length: n }, (_, i) => wrap(dtype, start + i * step)) };
  },
} satisfies { readonly [P in keyof CreationParams]: Reference<P> };

const CONTROL_REFERENCE = {
  marker: (_params, [x]) => x,
  stopGradient: (_params, [x]) => x,
  optimizationBarrier: (_params, operands) => operands,
  proj: unread("proj"),
  call: ({ graph }, operands) => evaluateGraph(graph, operands),
} satisfies { readonly [P in keyof ControlParams]: Reference<P> };

const STRUCTURAL = {
  ...MOVEMENT_REFERENCE,
  ...INDEXING_REFERENCE,
  ...REDUCTION_REFERENCE,
  ...CONTRACTION_REFERENCE,
  ...RANDOM_REFERENCE,
  ...CREATION_REFERENCE,
  ...CONTROL_REFERENCE,
} satisfies { readonly [P in Exclude<PrimName, ElementwisePrim>]: Reference<P> };

/** All results of one node. */
export function evaluateNode(node: Node, operands: readonly RefArray[]): readonly RefArray[] {
  const { prim, params } = node;
  if (isElementwise(prim)) return [elementwise(prim, params as ParamsOf[typeof prim], operands, node.aval)];
  const rule = STRUCTURAL[prim] as unknown as Reference<PrimName>;
  const result = rule(params, operands, node.outs, node.slots);
  return Array.isArray(result) ? (result as readonly RefArray[]) : [result as RefArray];
}

/**
 * The outputs of a graph on host arrays: its inputs, then its captures.
 * @example evaluateGraph(graph, [refArray("float32", [3], [1, 2, 3])])
 */
export function evaluateGraph(graph: Graph, operands: readonly RefArray[]): RefArray[] {
  const env = new Map<Node, readonly RefArray[]>();
  [...graph.inputs, ...graph.captures].forEach((node, i) => env.set(node, [operands[i]]));
  for (const node of graph.nodes) {
    if (node.prim === "proj") {
      const { index } = node.params as ParamsOf["proj"];
      env.set(node, [lookupArray(env, node.operands[0])[index]]);
    } else
      env.set(
        node,
        evaluateNode(
          node,
          node.operands.map((operand) => lookupArray(env, operand)[0]),
        ),
      );
  }
  return graph.outputs.map((node) => lookupArray(env, node)[0]);
}

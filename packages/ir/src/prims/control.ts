// Control primitives: identities that carry meaning for transformations, projections and calls of sub-graphs.
import { formatAval, sameShape } from "../aval.ts";
import { InternalError } from "../errors.ts";
import type { ControlParams } from "../params.ts";
import type { PrimRow } from "./row.ts";
import { expectArity } from "./row.ts";

/** The control rows. `proj` is inferred from the node itself, see inferAvals. */
export const CONTROL = {
  marker: {
    family: "control",
    linear: [0],
    derivative: "rule",
    infer: (_params, operands) => {
      expectArity("marker", operands, 1);
      return operands[0];
    },
  },
  stopGradient: {
    family: "control",
    linear: [],
    derivative: "zero",
    infer: (_params, operands) => {
      expectArity("stopGradient", operands, 1);
      return operands[0];
    },
  },
  optimizationBarrier: { family: "control", linear: "all", derivative: "rule", infer: (_params, operands) => operands },
  proj: {
    family: "control",
    linear: [0],
    derivative: "rule",
    infer: ({ index }, outs) => {
      if (!(index >= 0 && index < outs.length)) throw new InternalError(`proj: result ${index} of ${outs.length}`);
      return outs[index];
    },
  },
  call: {
    family: "control",
    linear: [],
    derivative: "rule",
    infer: ({ graph, name }, operands) => {
      const formal = [...graph.inputs, ...graph.captures];
      expectArity(name, operands, formal.length);
      formal.forEach((node, i) => {
        if (node.aval.dtype !== operands[i].dtype || !sameShape(node.aval.shape, operands[i].shape))
          throw new InternalError(
            `call ${name}: operand ${i} is ${formatAval(operands[i])}, the graph takes ${formatAval(node.aval)}`,
          );
      });
      return graph.outputs.map((node) => node.aval);
    },
  },
} satisfies { readonly [P in keyof ControlParams]: PrimRow<P> };

// The JS numbers among a traced function's arguments that become integers inside: they must fit as they must outside of
// jit (SEMANTICS 5.1), and only a call knows them. Read off the graph once a trace; indices count like all others.
import type { DType, Graph, Node } from "@weft/ir";
import { expectFits, isInteger, isNumberKind, paramsOf } from "@weft/ir";

/** An input of kind number that the graph converts to an integer dtype. */
export interface NumberLimit {
  readonly input: number;
  readonly dtype: DType;
}

const NONE: readonly NumberLimit[] = Object.freeze([]);
const known = new WeakMap<Graph, readonly NumberLimit[]>();

/** What the numbers among the inputs of a graph must fit. */
export function numberLimits(graph: Graph): readonly NumberLimit[] {
  const found = known.get(graph);
  if (found !== undefined) return found;
  const inputs = new Map<Node, number>();
  graph.inputs.forEach((node, i) => {
    if (isNumberKind(node.aval)) inputs.set(node, i);
  });
  const limits = inputs.size === 0 ? NONE : limitsAmong(graph, inputs);
  known.set(graph, limits);
  return limits;
}

function limitsAmong(graph: Graph, inputs: ReadonlyMap<Node, number>): readonly NumberLimit[] {
  const limits: NumberLimit[] = [];
  const add = (input: number | undefined, dtype: DType): void => {
    if (input !== undefined && !limits.some((one) => one.input === input && one.dtype === dtype))
      limits.push({ input, dtype });
  };
  for (const node of graph.nodes) {
    if (node.prim === "convert") {
      const { dtype } = paramsOf(node, "convert");
      if (isInteger(dtype)) add(inputs.get(node.operands[0]), dtype);
    } else if (node.prim === "call") {
      for (const { input, dtype } of numberLimits(paramsOf(node, "call").graph))
        add(inputs.get(node.operands[input]), dtype);
    }
  }
  return limits.length === 0 ? NONE : limits;
}

/**
 * Holds the numbers of a call, by their input (null where an array is given), to what they become.
 * @throws DTypeError for a number that does not fit
 */
export function expectNumbersFit(
  name: string,
  limits: readonly NumberLimit[],
  numberAt: (input: number) => number | null,
): void {
  for (const { input, dtype } of limits) {
    const value = numberAt(input);
    if (value !== null)
      expectFits(name, value, dtype, 'it becomes one inside; convert what it meets there with astype("float32") first');
  }
}

// Graphs as text a person can read, in the manner of jaxprs, and their verification.
import { formatAval } from "./aval.ts";
import { InternalError } from "./errors.ts";
import type { Graph } from "./graph.ts";
import type { Node } from "./node.ts";
import type { ParamsOf } from "./params.ts";
import { inferAvals } from "./prims/index.ts";

const letters = (n: number): string => {
  let text = "";
  for (let rest = n; ; rest = Math.floor(rest / 26) - 1) {
    text = String.fromCharCode(97 + (rest % 26)) + text;
    if (rest < 26) return text;
  }
};

const formatParam = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(formatParam).join(",")}]`
    : typeof value === "number" && Object.is(value, -0)
      ? "-0"
      : String(value);

function formatParams(node: Node): string {
  const entries = Object.entries(node.params as Record<string, unknown>).filter(
    ([name]) => name !== "graph" && name !== "weakness",
  );
  if (node.slots !== null && node.prim !== "scalar")
    entries.push([node.prim === "slice" ? "starts" : "slots", node.slots]);
  return entries.length === 0 ? "" : `[${entries.map(([name, value]) => `${name}=${formatParam(value)}`).join(" ")}]`;
}

/**
 * The text of a graph: `{ lambda captures ; inputs. let equations in (outputs) }`. Projections are folded into their
 * node, literals and scalars stand where they are used.
 */
export function printGraph(graph: Graph, indent = ""): string {
  const names = new Map<Node, string>();
  let count = 0;
  const fresh = (node: Node): string => {
    const name = letters(count++);
    names.set(node, name);
    return name;
  };
  const binder = (node: Node): string => `${fresh(node)}:${formatAval(node.aval)}`;
  const number = (node: Node, value: number): string => `${formatParam(value)}:${formatAval(node.aval)}`;
  const use = (node: Node): string => {
    if (node.prim === "literal") return number(node, (node.params as ParamsOf["literal"]).value);
    if (node.prim === "scalar") return number(node, node.slots?.[0] ?? NaN);
    return names.get(node) ?? node.toString();
  };
  const captures = graph.captures.map(binder).join(" ");
  const inputs = graph.inputs.map(binder).join(" ");
  const projections = new Map<Node, Node[]>();
  for (const node of graph.nodes)
    if (node.prim === "proj") projections.set(node.operands[0], [...(projections.get(node.operands[0]) ?? []), node]);
  const lines: string[] = [];
  for (const node of graph.nodes) {
    if (node.prim === "proj" || node.prim === "literal" || node.prim === "scalar") continue;
    let left: string;
    if (node.outs.length === 1 && !projections.has(node)) left = binder(node);
    else {
      const results = projections.get(node) ?? [];
      left = node.outs
        .map((_, i) => results.find((result) => (result.params as ParamsOf["proj"]).index === i))
        .map((result) => (result === undefined ? "_" : binder(result)))
        .join(" ");
    }
    let line = `${indent}    ${left} = ${node.prim}${formatParams(node)} ${node.operands.map(use).join(" ")}`;
    if (node.prim === "call") line += `\n${printGraph((node.params as ParamsOf["call"]).graph, `${indent}      `)}`;
    lines.push(line.trimEnd());
  }
  const outputs = graph.outputs.map(use).join(", ");
  const head = `${indent}{ lambda ${captures}${captures === "" ? "" : " "}; ${inputs}. let`;
  return lines.length === 0
    ? `${head} in (${outputs}) }`
    : `${head}\n${lines.join("\n")}\n${indent}  in (${outputs}) }`;
}

/** Checks order, binding and avals of a graph. Throws InternalError naming the node that breaks a rule. */
export function verifyGraph(graph: Graph): void {
  const bound = new Set<Node>([...graph.inputs, ...graph.captures]);
  let last = 0;
  for (const node of graph.nodes) {
    if (node.id <= last) throw new InternalError(`graph ${graph.name}: ${node.toString()} is out of order`);
    last = node.id;
    for (const operand of node.operands)
      if (!bound.has(operand))
        throw new InternalError(
          `graph ${graph.name}: ${node.toString()} reads ${operand.toString()}, which is not bound`,
        );
    if (node.operands.length > 0) {
      const outs = inferAvals(node.prim, node.params as never, node.operands, node.slots);
      outs.forEach((out, i) => {
        if (out !== node.outs[i])
          throw new InternalError(`graph ${graph.name}: ${node.toString()} should be ${formatAval(out)}`);
      });
    }
    bound.add(node);
  }
  for (const output of graph.outputs)
    if (!bound.has(output)) throw new InternalError(`graph ${graph.name}: output ${output.toString()} is not bound`);
}

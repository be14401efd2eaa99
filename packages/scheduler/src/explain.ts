// explain: what a plan does, as text a person can read. It plans where no plan exists and never runs anything.
import type { Backend, Graph, Node, Value } from "@weft/ir";
import { formatAval, nbytes } from "@weft/ir";
import type { CompiledGraph } from "./compiled-graph.ts";
import { compileGraph } from "./compiled-graph.ts";
import { deviceFor } from "./device.ts";
import { withPlan } from "./evaluate.ts";
import type { Executable } from "./execute.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB"] as const;

/** `12.0 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

const formatCount = (n: number): string => (n >= 1e9 ? `${(n / 1e9).toFixed(1)}G` : n >= 1e6 ? `${(n / 1e6).toFixed(1)}M` : n >= 1e4 ? `${(n / 1e3).toFixed(1)}k` : String(Math.round(n)));
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

interface Captured {
  readonly node: Node;
  readonly value: Value | null;
}

function describe(title: string, { lowered, inputs, device }: Executable, graph: Graph, captured: readonly Captured[]): string {
  const { groups, outputs, cached, arenaBytes } = lowered;
  const moved = groups.reduce((sum, group) => sum + group.bytesRead + group.bytesWritten, 0);
  const work = groups.reduce((sum, group) => sum + group.work, 0);
  const lines = [
    `${title} on ${device.backend.id}: ${plural(groups.length, "step")} from ${plural(graph.nodes.length, "operation")}, ${plural(inputs, "input")}, ${plural(outputs.length, "output")}`,
  ];
  groups.forEach((group, i) => {
    const title = group.title.startsWith(group.kind) ? group.title : `${group.kind}: ${group.title}`;
    lines.push(`  ${i + 1}. ${title} → [${group.shape.join(",")}]`);
    lines.push(`     reads ${formatBytes(group.bytesRead)}, writes ${formatBytes(group.bytesWritten)}, work ${formatCount(group.work)}`);
  });
  outputs.forEach(({ node, source }, i) => {
    if (source.kind === "input") lines.push(`  output ${i} ${formatAval(node.aval)} is input ${source.index}: nothing is computed or copied`);
    else if (source.kind === "output") lines.push(`  output ${i} ${formatAval(node.aval)} is output ${source.index}`);
  });
  lines.push(`  in all: ${formatBytes(moved)} moved, work ${formatCount(work)}, ${formatBytes(arenaBytes)} of temporary memory`);
  if (cached.length > 0) lines.push(`  kept while there is room: ${cached.map(({ node, bytes }) => `${formatAval(node.aval)} (${formatBytes(bytes)})`).join(", ")}`);
  if (captured.length > 0) {
    const total = captured.reduce((sum, { node, value }) => sum + (value?.bytes ?? nbytes(node.aval)), 0);
    lines.push(`  captured when traced, ${formatBytes(total)}: ${captured.map(({ node }) => formatAval(node.aval)).join(", ")}`);
  }
  return lines.join("\n");
}

/** The text of a compiled graph. */
export const explainCompiled = (compiled: CompiledGraph): string =>
  describe(compiled.source.name, compiled.executable, compiled.graph, compiled.source.captures.map((node) => ({ node, value: node.value })));

/** The text of the plan of a closed graph. */
export const explainGraph = (graph: Graph, backend: Backend): string => explainCompiled(compileGraph(graph, backend));

/**
 * The text of the plan that would evaluate `roots` now; it says whether that plan exists already.
 * @example explain([y.node], backend)
 */
export function explain(roots: readonly Node[], backend: Backend): string {
  return (
    withPlan(deviceFor(backend), roots, (plan, found) => describe(`plan (${found ? `cached, used ${plural(plan.hits, "time")} again` : "new"})`, plan.executable, plan.graph, [])) ??
    "nothing to compute: all of it has data"
  );
}

// explain: what a plan does, as text a person can read. It plans where no plan exists and never runs anything.
import type { Backend, Graph, Node, Value } from "@weft/ir";
import { formatAval, nbytes } from "@weft/ir";
import type { CompiledGraph, CompiledPlan } from "./compiled-graph.ts";
import { compileGraph } from "./compiled-graph.ts";
import type { Place, Wanted } from "./evaluate.ts";
import { withPlan } from "./evaluate.ts";
import type { Executable } from "./execute.ts";
import { HybridExecutable } from "./hybrid/executable.ts";
import type { Decision } from "./hybrid/plan.ts";
import { milliseconds } from "./hybrid/problem.ts";
import type { GroupInfo } from "./lower/index.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB"] as const;

/** `12.0 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

const formatCount = (n: number): string =>
  n >= 1e9
    ? `${(n / 1e9).toFixed(1)}G`
    : n >= 1e6
      ? `${(n / 1e6).toFixed(1)}M`
      : n >= 1e4
        ? `${(n / 1e3).toFixed(1)}k`
        : String(Math.round(n));
const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

interface Captured {
  readonly node: Node;
  readonly value: Value | null;
}

/** The steps of a segment, numbered. */
function groupLines(groups: readonly GroupInfo[], indent: string): string[] {
  return groups.flatMap((group, i) => {
    const title = group.title.startsWith(group.kind) ? group.title : `${group.kind}: ${group.title}`;
    return [
      `${indent}${i + 1}. ${title} → [${group.shape.join(",")}]`,
      `${indent}   reads ${formatBytes(group.bytesRead)}, writes ${formatBytes(group.bytesWritten)}, work ${formatCount(group.work)}`,
    ];
  });
}

/** What was weighed, where there was a choice. */
function decisionLines({ profiles, cost, allCpu, allGpu, why, sides }: Decision): string[] {
  const [cpu, gpu] = profiles;
  const lines = [
    `  estimated ${milliseconds(cost.run + cost.send)}, transfers ${milliseconds(cost.send)} of it; all on ${cpu.id} ${milliseconds(allCpu)}, all on ${gpu.id} ${milliseconds(allGpu)} (${profiles.map(({ id, source, kind }) => `${id}: ${source} profile of a ${kind}`).join(", ")})`,
  ];
  const onGpu = sides.filter((side) => side === 1).length;
  lines.push(
    `  because: ${[`${onGpu} of ${plural(sides.length, "part")} cost least on ${gpu.id}`, ...why].join("; ")}`,
  );
  return lines;
}

function totals(groups: readonly GroupInfo[], arenaBytes: number): string {
  const moved = groups.reduce((sum, group) => sum + group.bytesRead + group.bytesWritten, 0);
  const work = groups.reduce((sum, group) => sum + group.work, 0);
  return `  in all: ${formatBytes(moved)} moved, work ${formatCount(work)}, ${formatBytes(arenaBytes)} of temporary memory`;
}

function describeSingle(title: string, { lowered, inputs, device }: Executable, graph: Graph): string[] {
  const { groups, outputs, arenaBytes } = lowered;
  const lines = [
    `${title} on ${device.backend.id}: ${plural(groups.length, "step")} from ${plural(graph.nodes.length, "operation")}, ${plural(inputs, "input")}, ${plural(outputs.length, "output")}`,
    ...groupLines(groups, "  "),
  ];
  outputs.forEach(({ node, source }, i) => {
    if (source.kind === "input")
      lines.push(`  output ${i} ${formatAval(node.aval)} is input ${source.index}: nothing is computed or copied`);
    else if (source.kind === "output") lines.push(`  output ${i} ${formatAval(node.aval)} is output ${source.index}`);
  });
  lines.push(totals(groups, arenaBytes));
  return lines;
}

/** What a slot is, for people: an input, a result, or what a step made. */
function slotName({ inputs, outputs, writers, steps }: HybridExecutable, slot: number): string {
  if (slot < inputs) return `input ${slot}`;
  const output = outputs.findIndex((result) => result.slot === slot);
  if (output >= 0) return `output ${output}`;
  const step = steps[writers[slot]];
  return step?.kind === "send" ? `what step ${writers[slot] + 1} brought` : `a value of step ${writers[slot] + 1}`;
}

function describeHybrid(title: string, plan: HybridExecutable, graph: Graph): string[] {
  const { steps, slots, devices, outputs } = plan;
  const idOf = (device: number): string => devices[device].backend.id;
  const runs = steps.filter((step) => step.kind === "run");
  const groups = runs.flatMap(({ executable }) => executable.lowered.groups);
  const sent = steps.reduce((sum, step) => sum + (step.kind === "send" ? slots[step.to].bytes : 0), 0);
  const lines = [
    `${title} on ${devices.map(({ backend }) => backend.id).join(" and ")}: ${plural(runs.length, "run")} of ${plural(groups.length, "step")} and ${plural(steps.length - runs.length, "transfer")} from ${plural(graph.nodes.length, "operation")}, ${plural(plan.inputs, "input")}, ${plural(outputs.length, "output")}`,
  ];
  steps.forEach((step, i) => {
    if (step.kind === "send") {
      lines.push(
        `  ${i + 1}. send ${slotName(plan, step.from)} from ${idOf(slots[step.from].device)} to ${idOf(slots[step.to].device)}: ${formatBytes(slots[step.to].bytes)}`,
      );
      return;
    }
    const estimate =
      step.estimate === null
        ? ""
        : `: estimated ${step.estimate.map((ns, device) => `${milliseconds(ns)} on ${idOf(device)}`).join(", ")}`;
    lines.push(
      `  ${i + 1}. run on ${idOf(step.device)}${estimate}`,
      ...groupLines(step.executable.lowered.groups, "     "),
    );
  });
  outputs.forEach(({ node, slot }, i) =>
    lines.push(
      `  output ${i} ${formatAval(node.aval)} lies on ${idOf(slots[slot].device)}${slot < plan.inputs ? `: it is input ${slot}` : ""}`,
    ),
  );
  lines.push(
    totals(
      groups,
      runs.reduce((sum, { executable }) => sum + executable.lowered.arenaBytes, 0),
    ),
    `  between the devices: ${formatBytes(sent)}`,
  );
  return lines;
}

function describe(title: string, { runnable, decision, graph }: CompiledPlan, captured: readonly Captured[]): string {
  const hybrid = runnable instanceof HybridExecutable;
  const lines = hybrid ? describeHybrid(title, runnable, graph) : describeSingle(title, runnable, graph);
  if (decision !== null) lines.push(...decisionLines(decision));
  const cached = hybrid ? runnable.cached : runnable.lowered.cached;
  if (cached.length > 0)
    lines.push(
      `  kept while there is room: ${cached.map(({ node, bytes }) => `${formatAval(node.aval)} (${formatBytes(bytes)})`).join(", ")}`,
    );
  if (captured.length > 0) {
    const total = captured.reduce((sum, { node, value }) => sum + (value?.bytes ?? nbytes(node.aval)), 0);
    lines.push(
      `  captured when traced, ${formatBytes(total)}: ${captured.map(({ node }) => formatAval(node.aval)).join(", ")}`,
    );
  }
  return lines.join("\n");
}

/** The text of a compiled graph; on two devices that of its plan for arrays that lie like `values`. */
export const explainCompiled = (compiled: CompiledGraph, values: readonly (Value | null)[] = []): string =>
  describe(
    compiled.source.name,
    compiled.planFor(values),
    compiled.source.captures.map((node) => ({ node, value: node.value })),
  );

/** The text of the plan of a closed graph; `forced` and `values` as for {@link compileGraph} and {@link explainCompiled}. */
export const explainGraph = (
  graph: Graph,
  place: Place,
  values: readonly (Value | null)[] = [],
  forced: Backend | null = null,
): string => explainCompiled(compileGraph(graph, place, forced), values);

/**
 * The text of the plan that would evaluate `roots` now; it says whether that plan exists already.
 * @example explain([y.node], backend)
 */
export function explain(roots: readonly Node[], place: Place, wanted: Wanted = null): string {
  return (
    withPlan(place, roots, wanted, (plan, found) =>
      describe(`plan (${found ? `cached, used ${plural(plan.hits, "time")} again` : "new"})`, plan, []),
    ) ?? "nothing to compute: all of it has data"
  );
}

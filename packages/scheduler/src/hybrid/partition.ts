// Which device each task runs on (RUNTIME.md section 4): first the placement of least cost one thing after the other,
// an exact minimum cut; then GPU islands that gain too little go back to the processor. Deterministic: ties go to the
// processor. Using both devices at once is overlap.ts's business.
import type { Flow, Placement, Problem, Side, Task } from "./problem.ts";
import { CPU, GPU, totalCost } from "./problem.ts";
import { FlowNetwork, UNCUTTABLE } from "./min-cut.ts";

/** Tasks beyond which chains are placed as one. */
export const COARSE_TASKS = 2000;
/** Share of its cost on the processor that an island has to gain. */
const ISLAND_SHARE = 0.2;

/** The placement of least total cost; exact up to {@link COARSE_TASKS} tasks. */
export function minimumCut(problem: Problem): Side[] {
  if (problem.tasks.length <= COARSE_TASKS) return cut(problem);
  const { coarse, memberOf } = coarsen(problem);
  const sides = cut(coarse);
  return memberOf.map((task) => sides[task]);
}

function cut({ tasks, flows }: Problem): Side[] {
  const network = new FlowNetwork();
  const cpu = network.vertex();
  const gpu = network.vertex();
  const end = (side: Side): number => (side === CPU ? cpu : gpu);
  // a task on the processor's side cuts its edge to the GPU, and the other way round
  const vertices = tasks.map(({ cost }) => {
    const vertex = network.vertex();
    network.connect(vertex, gpu, cost[CPU]);
    network.connect(cpu, vertex, cost[GPU]);
    return vertex;
  });
  for (const flow of flows) {
    const { producer, home, wanted, up, down } = flow;
    const from = producer >= 0 ? vertices[producer] : end(home ?? CPU);
    const readers = [
      ...new Set([...flow.readers.map((reader) => vertices[reader]), ...(wanted === null ? [] : [end(wanted)])]),
    ];
    if (readers.length === 0) continue;
    if (readers.length === 1) {
      network.connect(from, readers[0], up);
      network.connect(readers[0], from, down);
      continue;
    }
    // one vertex each way stands for the copy that all readers share
    const sent = network.vertex();
    const back = network.vertex();
    network.connect(from, sent, up);
    network.connect(back, from, down);
    for (const reader of readers) {
      network.connect(sent, reader, UNCUTTABLE);
      network.connect(reader, back, UNCUTTABLE);
    }
  }
  const onGpu = network.sinkSide(cpu, gpu);
  return vertices.map((vertex) => (onGpu[vertex] === 1 ? GPU : CPU));
}

/** Joins each task to the one that alone reads what it makes, if that reads from no other task. */
function coarsen({ tasks, flows }: Problem): { coarse: Problem; memberOf: number[] } {
  const made = tasks.map((): Flow[] => []);
  const read = tasks.map((): Flow[] => []);
  for (const flow of flows) {
    if (flow.producer >= 0) made[flow.producer].push(flow);
    for (const reader of flow.readers) if (flow.producer >= 0) read[reader].push(flow);
  }
  const memberOf = tasks.map((_, i) => i);
  tasks.forEach((_, i) => {
    const [only] = read[i];
    if (
      only === undefined ||
      read[i].length > 1 ||
      only.readers.length > 1 ||
      only.wanted !== null ||
      made[only.producer].length > 1
    )
      return;
    memberOf[i] = memberOf[only.producer];
  });
  const number = new Map<number, number>();
  for (const root of memberOf) if (!number.has(root)) number.set(root, number.size);
  const renumbered = memberOf.map((root) => number.get(root) as number);
  const costs = Array.from(number, (): [number, number] => [0, 0]);
  tasks.forEach(({ cost }, i) => {
    costs[renumbered[i]][CPU] += cost[CPU];
    costs[renumbered[i]][GPU] += cost[GPU];
  });
  const joined: Flow[] = [];
  for (const flow of flows) {
    const producer = flow.producer < 0 ? -1 : renumbered[flow.producer];
    const readers = [...new Set(flow.readers.map((reader) => renumbered[reader]))].filter(
      (reader) => reader !== producer,
    );
    if (readers.length > 0 || flow.wanted !== null) joined.push({ ...flow, producer, readers });
  }
  return { coarse: { tasks: costs.map((cost): Task => ({ cost })), flows: joined }, memberOf: renumbered };
}

/** Tasks of one side that hang together through values, whichever way those go. */
export function islandsOf({ tasks, flows }: Problem, sides: Placement, side: Side): number[][] {
  const root = tasks.map((_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (root[at] !== at) at = root[at] = root[root[at]];
    return at;
  };
  for (const { producer, readers } of flows) {
    const here = (producer < 0 ? readers : [producer, ...readers]).filter((task) => sides[task] === side);
    for (const task of here.slice(1)) root[Math.max(find(task), find(here[0]))] = Math.min(find(task), find(here[0]));
  }
  const islands = new Map<number, number[]>();
  sides.forEach((own, i) => {
    if (own !== side) return;
    const first = find(i);
    const island = islands.get(first);
    if (island === undefined) islands.set(first, [i]);
    else island.push(i);
  });
  return [...islands.values()];
}

/**
 * Moves GPU islands to the processor that gain less there than a fifth of what they cost on it, or less than
 * `least` nanoseconds (the fixed costs that the cut does not see). Returns how many went.
 */
export function dropWeakIslands(problem: Problem, sides: Side[], least: number): number {
  const { tasks, flows } = problem;
  const touched = tasks.map((): Flow[] => []);
  for (const flow of flows)
    for (const task of new Set(flow.producer < 0 ? flow.readers : [flow.producer, ...flow.readers]))
      touched[task].push(flow);
  let moved = 0;
  for (const island of islandsOf(problem, sides, GPU)) {
    const around = { tasks, flows: [...new Set(island.flatMap((task) => touched[task]))] };
    const onCpu = island.reduce((sum, task) => sum + tasks[task].cost[CPU], 0);
    if (!Number.isFinite(onCpu)) continue;
    const there = totalCost(around, sides);
    for (const task of island) sides[task] = CPU;
    const gain = totalCost(around, sides) - there;
    if (gain < ISLAND_SHARE * onCpu || gain < least) moved++;
    else for (const task of island) sides[task] = GPU;
  }
  return moved;
}

// Both devices at once (RUNTIME.md section 4): a list schedule says when a placement would be done, and groups of tasks
// change sides where that ends clearly earlier. Times are estimates; nothing runs by them. Transfers have lanes of
// their own, and what comes back from the GPU is copied by the thread that also computes.
import { islandsOf } from "./partition.ts";
import type { Flow, Placement, Problem, Side } from "./problem.ts";
import { CPU, GPU, homeOf, isSent, sendCost } from "./problem.ts";

/** Share and nanoseconds of the makespan that a move has to gain. */
const MOVE_SHARE = 0.15;
const MOVE_NS = 1e6;
/** Moves tried in one round, dearest first, and rounds: fewer moves where each schedule is long. */
const MOVES = 64;
const ROUNDS = 8;
const SCHEDULED_TASKS = 32_000;

/** What a schedule needs beyond the problem. */
export interface Lanes {
  /** Whether the two devices share their cores, so that nothing runs at the same time. */
  readonly shared: boolean;
  /** Nanoseconds of a submission to the GPU. */
  readonly submitNs: number;
  /** The calling thread's share of the processor's lanes. */
  readonly mainShare: number;
}

/** When each task would start and end, in nanoseconds. */
export interface Schedule {
  readonly makespan: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The problem with what schedules ask for again and again. */
class Scheduler {
  readonly problem: Problem;
  readonly lanes: Lanes;
  private readonly read: readonly (readonly number[])[];
  private readonly made: readonly (readonly number[])[];

  constructor(problem: Problem, lanes: Lanes) {
    this.problem = problem;
    this.lanes = lanes;
    const read = problem.tasks.map((): number[] => []);
    const made = problem.tasks.map((): number[] => []);
    problem.flows.forEach(({ producer, readers }, flow) => {
      if (producer >= 0) made[producer].push(flow);
      for (const reader of readers) read[reader].push(flow);
    });
    this.read = read;
    this.made = made;
  }

  /** Tasks by the length of what still follows them, longest first: an order that can run. */
  private order(sides: Placement): number[] {
    const { tasks, flows } = this.problem;
    const rank = tasks.map(() => 0);
    for (let task = tasks.length - 1; task >= 0; task--) {
      let after = 0;
      for (const at of this.made[task]) {
        const flow = flows[at];
        for (const reader of flow.readers)
          after = Math.max(after, rank[reader] + (sides[reader] === sides[task] ? 0 : sendCost(flow, sides[task])));
      }
      rank[task] = after + tasks[task].cost[sides[task]];
    }
    return tasks.map((_, i) => i).sort((a, b) => rank[b] - rank[a] || a - b);
  }

  schedule(sides: Placement): Schedule {
    const { tasks, flows } = this.problem;
    const { shared, submitNs, mainShare } = this.lanes;
    const from = tasks.map(() => 0);
    const to = tasks.map(() => 0);
    /** When a value is on the device it was sent to. */
    const arrived = new Map<Flow, number>();
    const free: [cpu: number, gpu: number] = [0, 0];
    const laneFree: [up: number, down: number] = [0, 0];
    const send = (flow: Flow): number => {
      const known = arrived.get(flow);
      if (known !== undefined) return known;
      const home = homeOf(flow, sides);
      const start = Math.max(laneFree[home], flow.producer < 0 ? 0 : to[flow.producer]);
      const end = start + sendCost(flow, home);
      laneFree[home] = end;
      if (home === GPU) free[CPU] += sendCost(flow, home) * mainShare;
      arrived.set(flow, end);
      return end;
    };
    for (const task of this.order(sides)) {
      const side = sides[task];
      let start = 0;
      let first = free[side] === 0;
      for (const at of this.read[task]) {
        const flow = flows[at];
        const here = homeOf(flow, sides) === side;
        if (!here) first = true;
        start = Math.max(start, here ? (flow.producer < 0 ? 0 : to[flow.producer]) : send(flow));
      }
      start = Math.max(start, free[side], shared ? free[1 - side] : 0);
      from[task] = start;
      to[task] = start + tasks[task].cost[side] + (side === GPU && first ? submitNs : 0);
      free[side] = to[task];
    }
    let makespan = Math.max(0, ...free);
    for (const flow of flows)
      if (flow.wanted !== null && isSent(flow, sides)) makespan = Math.max(makespan, send(flow));
    return { makespan, from, to };
  }
}

/** When everything would be done. */
export const scheduleOf = (problem: Problem, sides: Placement, lanes: Lanes): Schedule =>
  new Scheduler(problem, lanes).schedule(sides);

/** Tasks that follow one another without a branch, on one side. */
function chainsOf({ tasks, flows }: Problem, sides: Placement): number[][] {
  const after = tasks.map((): Set<number> => new Set());
  const before = tasks.map((): Set<number> => new Set());
  for (const { producer, readers } of flows) {
    if (producer < 0) continue;
    for (const reader of readers) {
      after[producer].add(reader);
      before[reader].add(producer);
    }
  }
  const chainOf = new Map<number, number[]>();
  const chains: number[][] = [];
  tasks.forEach((_, i) => {
    const [only] = before[i];
    const chain =
      before[i].size === 1 && after[only].size === 1 && sides[only] === sides[i] ? chainOf.get(only) : undefined;
    if (chain === undefined) {
      const own = [i];
      chains.push(own);
      chainOf.set(i, own);
    } else {
      chain.push(i);
      chainOf.set(i, chain);
    }
  });
  return chains;
}

/**
 * Lets groups of tasks (islands, chains, single tasks) change sides while that ends everything more than 15 % and 1 ms
 * earlier. Changes `sides`; returns the makespans before and after.
 */
export function overlapMoves(problem: Problem, sides: Side[], lanes: Lanes): { before: number; after: number } {
  const scheduler = new Scheduler(problem, lanes);
  const before = scheduler.schedule(sides).makespan;
  let now = before;
  if (lanes.shared) return { before, after: now };
  const { tasks } = problem;
  const costHere = (group: readonly number[]): number =>
    group.reduce((sum, task) => sum + tasks[task].cost[sides[task]], 0);
  for (let round = 0; round < ROUNDS && now > MOVE_NS; round++) {
    const groups = [
      ...islandsOf(problem, sides, CPU),
      ...islandsOf(problem, sides, GPU),
      ...chainsOf(problem, sides),
      ...tasks.map((_, i) => [i]),
    ];
    const distinct = new Map(groups.map((group) => [group.join(), group]));
    const movable = [...distinct.values()]
      .filter(
        (group) =>
          costHere(group) > MOVE_NS && group.every((task) => Number.isFinite(tasks[task].cost[1 - sides[task]])),
      )
      .sort((a, b) => costHere(b) - costHere(a))
      .slice(0, Math.min(MOVES, Math.ceil(SCHEDULED_TASKS / tasks.length)));
    let best: { group: readonly number[]; makespan: number } | null = null;
    for (const group of movable) {
      flip(sides, group);
      const { makespan } = scheduler.schedule(sides);
      flip(sides, group);
      if (best === null || makespan < best.makespan) best = { group, makespan };
    }
    if (best === null || now - best.makespan <= Math.max(MOVE_NS, MOVE_SHARE * now)) break;
    flip(sides, best.group);
    now = best.makespan;
  }
  return { before, after: now };
}

function flip(sides: Side[], group: readonly number[]): void {
  for (const task of group) sides[task] = sides[task] === CPU ? GPU : CPU;
}

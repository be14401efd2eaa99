// Placement as numbers: the cut against every placement there is, islands, schedules and moves.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowNetwork, UNCUTTABLE } from "./min-cut.ts";
import { overlapMoves, scheduleOf } from "./overlap.ts";
import { COARSE_TASKS, dropWeakIslands, islandsOf, minimumCut } from "./partition.ts";
import type { Flow, Problem, Side } from "./problem.ts";
import { costOf, CPU, GPU, isSent, totalCost } from "./problem.ts";

const flow = (producer: number, readers: number[], up = 10, down = 10, wanted: Side | null = null): Flow => ({
  producer,
  home: null,
  readers,
  wanted,
  up,
  down,
});
const input = (home: Side, readers: number[], up = 10, down = 10): Flow => ({
  producer: -1,
  home,
  readers,
  wanted: null,
  up,
  down,
});
const allOn = (problem: Problem, side: Side): Side[] => problem.tasks.map(() => side);

/** A random DAG: every task may read inputs and what earlier tasks made; some cannot run on the GPU. */
const problems: fc.Arbitrary<Problem> = fc
  .record({
    costs: fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.nat(9)), {
      minLength: 1,
      maxLength: 12,
    }),
    inputs: fc.array(
      fc.tuple(fc.constantFrom<Side>(CPU, GPU), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })),
      { maxLength: 3 },
    ),
    made: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.nat(5), fc.nat(4095)),
      { minLength: 12, maxLength: 12 },
    ),
    read: fc.array(fc.nat(4095), { minLength: 3, maxLength: 3 }),
  })
  .map(({ costs, inputs, made, read }) => {
    const tasks = costs.map(([cpu, gpu, odd]) => ({ cost: [cpu, odd === 0 ? Infinity : gpu] as const }));
    const picked = (bits: number, after: number): number[] =>
      tasks.map((_, i) => i).filter((i) => i > after && ((bits >> i) & 1) === 1);
    const flows: Flow[] = inputs.map(([home, up, down], i) => input(home, picked(read[i], -1), up, down));
    tasks.forEach((_, i) => {
      const [up, down, wanted, bits] = made[i];
      // few readers, so that graphs are not all one island
      flows.push(flow(i, picked(bits & (bits >> 3), i), up, down, wanted === 0 ? CPU : wanted === 1 ? GPU : null));
    });
    return { tasks, flows };
  });

describe("minimum cut", () => {
  test("of a small network", () => {
    const network = new FlowNetwork();
    const [s, a, b, t] = [network.vertex(), network.vertex(), network.vertex(), network.vertex()];
    network.connect(s, a, 3);
    network.connect(s, b, 2);
    network.connect(a, b, 1);
    network.connect(a, t, 2);
    network.connect(b, t, 4);
    // both s edges, 5 in all, are a minimum cut; so is s→b with a→b and a→t, which leaves a with the source
    expect([...network.sinkSide(s, t)]).toEqual([0, 0, 1, 1]);
  });

  test("an edge that must not be cut is not", () => {
    const network = new FlowNetwork();
    const [s, a, t] = [network.vertex(), network.vertex(), network.vertex()];
    network.connect(s, a, UNCUTTABLE);
    network.connect(a, t, 7);
    expect([...network.sinkSide(s, t)]).toEqual([0, 0, 1]);
  });

  test("equals the best of all placements, for up to twelve tasks", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const n = problem.tasks.length;
        let best = Infinity;
        for (let bits = 0; bits < 1 << n; bits++)
          best = Math.min(
            best,
            totalCost(
              problem,
              problem.tasks.map((_, i): Side => (((bits >> i) & 1) === 1 ? GPU : CPU)),
            ),
          );
        expect(totalCost(problem, minimumCut(problem))).toBe(best);
      }),
      { numRuns: 300 },
    );
  });

  test("is never dearer than one device alone", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const cost = totalCost(problem, minimumCut(problem));
        expect(cost).toBeLessThanOrEqual(totalCost(problem, allOn(problem, CPU)));
        expect(cost).toBeLessThanOrEqual(totalCost(problem, allOn(problem, GPU)));
      }),
    );
  });

  test("a value with many readers is sent once", () => {
    const readers = [1, 2, 3, 4];
    const problem: Problem = {
      tasks: [{ cost: [0, 100] }, ...readers.map(() => ({ cost: [10, 1] as const }))],
      flows: [flow(0, readers, 30), ...readers.map((i) => flow(i, []))],
    };
    // 4·9 gained for 30: it pays once, not for each
    expect(minimumCut(problem)).toEqual([CPU, GPU, GPU, GPU, GPU]);
    expect(costOf(problem, minimumCut(problem))).toEqual({ run: 4, send: 30 });
  });

  test("ties stay on the processor", () => {
    expect(minimumCut({ tasks: [{ cost: [5, 5] }, { cost: [0, 0] }], flows: [flow(0, [1])] })).toEqual([CPU, CPU]);
  });

  test("an input on the GPU keeps its reader there, a wanted result brings it back", () => {
    const lies: Problem = { tasks: [{ cost: [10, 5] }], flows: [input(GPU, [0], 0, 20), flow(0, [], 0, 3)] };
    expect(minimumCut(lies)).toEqual([GPU]);
    const wanted: Problem = { tasks: [{ cost: [10, 5] }], flows: [input(CPU, [0], 3, 0), flow(0, [], 0, 3, CPU)] };
    expect(minimumCut(wanted)).toEqual([CPU]);
    expect(isSent(wanted.flows[1], [GPU])).toBe(true);
  });

  test("long chains are placed as one, and the two ends still get their own", () => {
    const n = COARSE_TASKS + 500;
    const tasks = Array.from({ length: n }, (_, i) => ({ cost: [i < n / 2 ? 1 : 100, i < n / 2 ? 100 : 1] as const }));
    // a fork in the middle
    const flows = tasks.map((_, i) => flow(i, i + 1 < n ? (i === n / 2 - 1 ? [i + 1, n - 1] : [i + 1]) : [], 50, 50));
    const sides = minimumCut({ tasks, flows });
    expect([sides[0], sides[n / 2 - 1], sides[n / 2], sides[n - 1]]).toEqual([CPU, CPU, GPU, GPU]);
    expect(costOf({ tasks, flows }, sides)).toEqual({ run: n, send: 50 });
  });
});

describe("islands", () => {
  test("hang together through values they make or read", () => {
    const tasks = Array.from({ length: 5 }, () => ({ cost: [1, 1] as const }));
    const flows = [flow(0, [1]), flow(1, []), flow(2, [4]), flow(3, []), input(CPU, [3, 4])];
    expect(islandsOf({ tasks, flows }, allOn({ tasks, flows }, GPU), GPU)).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(islandsOf({ tasks, flows }, [GPU, CPU, CPU, GPU, GPU], GPU)).toEqual([[0], [3, 4]]);
  });

  test("that gain less than a fifth, or less than the fixed costs, go to the processor", () => {
    const problem: Problem = {
      tasks: [{ cost: [1000, 850] }, { cost: [1000, 500] }, { cost: [50, 1] }],
      flows: [flow(0, []), flow(1, []), flow(2, [])],
    };
    const sides = minimumCut(problem);
    expect(sides).toEqual([GPU, GPU, GPU]);
    expect(dropWeakIslands(problem, sides, 100)).toBe(2);
    expect(sides).toEqual([CPU, GPU, CPU]);
  });

  test("that cannot run elsewhere, or whose data is dear to bring back, stay", () => {
    const problem: Problem = {
      tasks: [{ cost: [Infinity, 5] }, { cost: [10, 9] }],
      flows: [flow(0, []), input(GPU, [1], 0, 500), flow(1, [])],
    };
    const sides = minimumCut(problem);
    dropWeakIslands(problem, sides, 100);
    expect(sides).toEqual([GPU, GPU]);
  });
});

describe("overlap", () => {
  const lanes = { shared: false, submitNs: 0, mainShare: 0 };
  const ms = 1e6;

  test("a schedule keeps devices and dependences apart", () => {
    const problem: Problem = {
      tasks: [{ cost: [4, 9] }, { cost: [9, 3] }, { cost: [2, 9] }],
      flows: [flow(0, [2]), flow(1, [2], 9, 5), flow(2, [])],
    };
    const { makespan, from, to } = scheduleOf(problem, [CPU, GPU, CPU], lanes);
    expect([from, to, makespan]).toEqual([[0, 0, 8], [4, 3, 10], 10]);
    // cores that are shared do one thing at a time
    expect(scheduleOf(problem, [CPU, GPU, CPU], { ...lanes, shared: true })).toEqual({
      from: [3, 0, 8],
      to: [7, 3, 10],
      makespan: 10,
    });
    expect(scheduleOf(problem, [CPU, GPU, CPU], { ...lanes, submitNs: 10 }).to[1]).toBe(13);
  });

  test("schedules of random problems are possible ones", () => {
    fc.assert(
      fc.property(problems, fc.nat(4095), (problem, bits) => {
        const sides = problem.tasks.map(({ cost }, i): Side =>
          ((bits >> i) & 1) === 1 && cost[GPU] < Infinity ? GPU : CPU,
        );
        const { from, to, makespan } = scheduleOf(problem, sides, lanes);
        for (const { producer, readers, up, down } of problem.flows) {
          if (producer < 0) continue;
          for (const reader of readers)
            expect(from[reader]).toBeGreaterThanOrEqual(
              to[producer] + (sides[reader] === sides[producer] ? 0 : sides[producer] === CPU ? up : down),
            );
        }
        for (const [i, a] of sides.entries())
          for (const [j, b] of sides.entries())
            if (i < j && a === b) expect(to[i] <= from[j] || to[j] <= from[i]).toBe(true);
        expect(makespan).toBeGreaterThanOrEqual(Math.max(...to));
        expect(makespan).toBeLessThanOrEqual(totalCost(problem, sides));
      }),
    );
  });

  test("one of two equal halves moves to the other device", () => {
    const problem: Problem = {
      tasks: Array.from({ length: 6 }, () => ({ cost: [5 * ms, 4 * ms] as const })),
      flows: [0, 1, 2, 3, 4, 5].map((i) => flow(i, i % 3 === 2 ? [] : [i + 1])),
    };
    const sides = minimumCut(problem);
    expect(sides).toEqual([GPU, GPU, GPU, GPU, GPU, GPU]);
    expect(overlapMoves(problem, sides, lanes)).toEqual({ before: 24 * ms, after: 15 * ms });
    expect(sides.slice(0, 3)).not.toEqual(sides.slice(3));
  });

  test("nothing moves for less than a millisecond, or less than 15 %, or on shared cores", () => {
    const two = (cpu: number, gpu: number, rest: number): Problem => ({
      tasks: [{ cost: [cpu, gpu] }, { cost: [Infinity, rest] }],
      flows: [flow(0, []), flow(1, [])],
    });
    for (const problem of [two(0.9 * ms, 0.8 * ms, 0.9 * ms), two(12 * ms, 1.1 * ms, 11 * ms)]) {
      const sides = minimumCut(problem);
      overlapMoves(problem, sides, lanes);
      expect(sides).toEqual([GPU, GPU]);
    }
    const sides = minimumCut(two(6 * ms, 5 * ms, 5 * ms));
    overlapMoves(two(6 * ms, 5 * ms, 5 * ms), sides, { ...lanes, shared: true });
    expect(sides).toEqual([GPU, GPU]);
    overlapMoves(two(6 * ms, 5 * ms, 5 * ms), sides, lanes);
    expect(sides).toEqual([CPU, GPU]);
  });
});

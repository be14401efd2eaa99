// Plans over two devices: random graphs placed at random give what the reference gives, keep the devices' contract and
// give all memory back; every value is sent once.
import type { RefArray, Value } from "@weft/ir";
import { evaluateGraph, verifyKernel } from "@weft/ir";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runPlan, scalarsOf } from "../results.ts";
import { Storage } from "../storage.ts";
import type { Duo } from "../testing/duo.ts";
import { createDuo, elementsOf, planFor, valueOf } from "../testing/duo.ts";
import { distance, graphOf, randomArray } from "../testing/lowering.ts";
import type { Choice } from "../testing/random-graph.ts";
import { OPERATION_COUNT, randomGraph } from "../testing/random-graph.ts";
import { HybridExecutable } from "./executable.ts";
import type { HybridPlan } from "./plan.ts";
import type { Side } from "./problem.ts";

const choice: fc.Arbitrary<Choice> = fc.tuple(fc.nat(OPERATION_COUNT - 1), fc.nat(30), fc.nat(30), fc.nat(30));
const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const recipes = fc.array(choice, { minLength: 1, maxLength: 24, size: "max" });
const sides = fc.array(fc.constantFrom<Side>(0, 1), { minLength: 2, maxLength: 2 });
/** A pseudo-random side for each task. */
const sideOf = (seed: number, task: number): Side =>
  ((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(task + 1, 0x85ebca6b)) >>> 13) & 1 ? 1 : 0;

async function run(
  { cpu, gpu }: Duo,
  { runnable }: HybridPlan,
  graph: Parameters<typeof planFor>[0],
  slots: readonly number[],
  homes: readonly Side[],
  operands: readonly RefArray[],
): Promise<RefArray[]> {
  const inputs = graph.inputs.map((node, i) => valueOf(homes[i] === 0 ? cpu : gpu, node, operands[i]));
  const { outputs, cached, ticket } = runPlan(runnable, inputs, slots.slice(0, scalarsOf(runnable)));
  // nobody needs the inputs any more, though runs may still be to come
  for (const input of inputs) input.release();
  const results: RefArray[] = [];
  for (const [i, node] of graph.outputs.entries()) results.push(await elementsOf(node, outputs[i]));
  await ticket?.wait();
  for (const value of [...outputs, ...cached]) (value as Value).release();
  expect([cpu.memory().live, gpu.memory().live]).toEqual([0, 0]);
  return results;
}

/** Every value goes to the other device at most once, and only what is read there or is a result goes at all. */
function checkSends(plan: HybridExecutable): void {
  const sent = plan.steps.filter((step) => step.kind === "send");
  expect(new Set(sent.map(({ from }) => from)).size).toBe(sent.length);
  for (const { to } of sent) {
    const read = plan.steps.some((step) => step.kind === "run" && step.inputs.includes(to));
    expect(read || plan.outputs.some(({ slot }) => slot === to)).toBe(true);
  }
  for (const step of plan.steps) {
    if (step.kind !== "run") continue;
    for (const slot of [...step.inputs, ...step.outputs]) expect(plan.slots[slot].device).toBe(step.device);
    for (const { kind, ...rest } of step.executable.lowered.segment.steps)
      if (kind === "kernel" && "kernel" in rest) expect(() => verifyKernel(rest.kernel)).not.toThrow();
  }
}

describe("random graphs", () => {
  test("placed at random, from inputs that lie anywhere: the value does not depend on the placement", async () => {
    let mixed = 0;
    await fc.assert(
      fc.asyncProperty(
        shape,
        recipes,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(1e6),
        sides,
        async (dims, recipe, count, seed, homes) => {
          const { inputs, outputs } = randomGraph(dims, recipe, count, "float64");
          const { graph, slots } = graphOf(inputs, outputs);
          const operands = inputs.map((_, i) => randomArray("float64", dims, i));
          const duo = createDuo();
          const plan = planFor(graph, duo, {
            homes,
            forced: ({ tasks }) => tasks.map((_, task) => sideOf(seed, task)),
          });
          if (plan.runnable instanceof HybridExecutable) {
            mixed++;
            checkSends(plan.runnable);
          }
          const got = await run(duo, plan, graph, slots, homes, operands);
          const want = evaluateGraph(graph, operands);
          got.forEach((result, i) => expect(distance(result, want[i])).toBeLessThan(1e-9));
        },
      ),
      { numRuns: 200 },
    );
    expect(mixed).toBeGreaterThan(50);
  });

  test("asked for on one device, whatever lies elsewhere is sent there first, and results lie there", async () => {
    await fc.assert(
      fc.asyncProperty(shape, recipes, fc.constantFrom<Side>(0, 1), sides, async (dims, recipe, forced, homes) => {
        const { inputs, outputs } = randomGraph(dims, recipe, 3, "float64");
        const { graph, slots } = graphOf(inputs, outputs);
        const operands = inputs.map((_, i) => randomArray("float64", dims, i));
        const duo = createDuo();
        const plan = planFor(graph, duo, { homes, forced });
        const { runnable } = plan;
        if (runnable instanceof HybridExecutable) {
          checkSends(runnable);
          for (const step of runnable.steps) if (step.kind === "run") expect(step.device).toBe(forced);
          for (const { slot } of runnable.outputs) expect(runnable.slots[slot].device).toBe(forced);
        } else expect(runnable.device).toBe(duo.pair.devices[forced]);
        const got = await run(duo, plan, graph, slots, homes, operands);
        const want = evaluateGraph(graph, operands);
        got.forEach((result, i) => expect(distance(result, want[i])).toBeLessThan(1e-9));
      }),
      { numRuns: 100 },
    );
  });

  test("results that are kept are those of the nodes they are kept for", async () => {
    await fc.assert(
      fc.asyncProperty(shape, recipes, fc.nat(1e6), async (dims, recipe, seed) => {
        const { inputs, outputs } = randomGraph(dims, recipe, 2, "float64");
        const { graph, slots } = graphOf(inputs, outputs);
        const operands = inputs.map((_, i) => randomArray("float64", dims, i));
        const duo = createDuo();
        const kept = graph.nodes.filter((node) => !outputs.includes(node) && node.aval.size > 0);
        const { runnable } = planFor(graph, duo, {
          kept,
          forced: ({ tasks }) => tasks.map((_, task) => sideOf(seed, task)),
        });
        const values = graph.inputs.map((node, i) => valueOf(duo.cpu, node, operands[i]));
        const { outputs: results, cached } = runPlan(runnable, values, slots.slice(0, scalarsOf(runnable)));
        const nodes = (runnable instanceof HybridExecutable ? runnable : runnable.lowered).cached.map(
          ({ node }) => node,
        );
        const want = evaluateGraph({ ...graph, outputs: nodes }, operands);
        for (const [i, value] of cached.entries())
          expect(distance(await elementsOf(nodes[i], value), want[i])).toBeLessThan(1e-9);
        for (const value of [...values, ...results, ...cached]) if (value instanceof Storage) value.release();
      }),
      { numRuns: 100 },
    );
  });
});

// Plans of closed graphs: values, numbers as slots, aliases, captures, and no plan or node a call.
import type { Graph, Value } from "@weft/ir";
import { aval, DeviceError, NO_PARAMS, own, peekId, proj, record, traceGraph, withScope } from "@weft/ir";
import { describe, expect, test } from "vitest";
import type { CompiledGraph } from "./compiled-graph.ts";
import { compileGraph } from "./compiled-graph.ts";
import { CompiledPlans } from "./compiled-plans.ts";
import { explain, explainCompiled } from "./explain.ts";
import { liveArrays, stats } from "./stats.ts";
import { createBench, f32, number, op, sum } from "./testing/operations.ts";
import { hostTurns, inSlices } from "./turns.ts";
// oxlint-disable-next-line no-restricted-imports -- shared with the suites over the public API
import { countTurns } from "../../../test/support/turns.ts";

test("a graph runs many times without recording anything", () => {
  const bench = createBench();
  const x = bench.array([1, 2, 3]);
  const graph = traceGraph("f", [f32(3)], ([y]) => [op("add", op("mul", y, y), y), sum(y)]);
  const compiled = compileGraph(graph, bench.backend);
  // the first call plans
  compiled.planFor([]);
  const before = peekId();
  for (let i = 0; i < 5; i++) {
    const [square, total] = compiled.run([x.value as Value], []);
    expect(bench.backend.elements(square.buffer, "float32", 3)).toEqual([2, 6, 12]);
    expect(bench.backend.elements(total.buffer, "float32", 1)).toEqual([6]);
    square.release();
    total.release();
  }
  expect(peekId()).toBe(before);
  expect(bench.plans).toBe(0);
  expect(liveArrays(bench.backend).length).toBe(1);
});

test("inputs of kind number are slots of the call, the graph's own slots are constants, at any depth", () => {
  const bench = createBench();
  const kind = aval("float64", [], "real");
  const inner = traceGraph("inner", [f32(2)], ([y]) => [op("mul", y, number(3))]);
  const graph = traceGraph("f", [f32(2), kind], ([y, n]) => {
    const call = record("call", { graph: inner, name: "inner" }, [y]);
    const scaled = record("proj", { index: 0 }, [call]);
    return [op("add", scaled, record("convert", { dtype: "float32", weakness: "strong" }, [n]))];
  });
  const compiled = compileGraph(graph, bench.backend);
  const x = bench.array([1, 2]);
  for (const n of [5, 7])
    expect(bench.backend.elements(compiled.run([x.value as Value, n], [])[0].buffer, "float32", 2)).toEqual([
      3 + n,
      6 + n,
    ]);
  expect(() => compiled.run([x.value as Value, x.value as Value], [])).toThrow("traced");
});

test("an output that is an input shares its storage; captures are operands", () => {
  const bench = createBench();
  const c = bench.array([10, 20]);
  const x = bench.array([1, 2]);
  const graph = traceGraph("f", [f32(2)], ([y]) => [y, op("mul", y, c)]);
  expect(graph.captures).toEqual([c]);
  const compiled = compileGraph(graph, bench.backend);
  const [same, product] = compiled.run([x.value as Value], [c.value as Value]);
  expect(same).toBe(x.value);
  expect(bench.backend.elements(product.buffer, "float32", 2)).toEqual([10, 40]);
  expect(explainCompiled(compiled)).toContain("captured when traced, 8 bytes: float32[2]");
});

test("explain says whether the plan exists, and counters count", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const y = op("sin", x);
  own(y);
  expect(explain([y], bench.backend)).toContain("plan (new) on simulated");
  expect(explain([y], bench.backend)).toContain("plan (cached");
  expect(y.value).toBeNull();
  bench.read(y);
  expect(explain([y], bench.backend)).toBe("nothing to compute: all of it has data");
  const { plans, hits, runs, liveBytes } = stats(bench.backend);
  expect({ plans, hits, runs, liveBytes }).toEqual({ plans: 1, hits: 2, runs: 1, liveBytes: 16 });
});

test("a constant that was read while it was traced is still an operation of the graph", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const graph = traceGraph("f", [f32(2)], ([y]) => {
    const constant = op("mul", number(3), number(2));
    expect(bench.read(constant)).toEqual([6]);
    return [op("mul", y, constant)];
  });
  const [y] = compileGraph(graph, bench.backend).run([x.value as Value], []);
  expect(bench.backend.elements(y.buffer, "float32", 2)).toEqual([6, 12]);
});

test("a call in an open scope is evaluated with its recipe kept", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const graph = traceGraph("f", [f32(2)], ([y]) => [op("mul", y, number(3))]);
  withScope("diff", "grad(g)", false, () => {
    const y = proj(record("call", { graph, name: "f" }, [record("marker", NO_PARAMS, [x])]), 0);
    expect(bench.read(y)).toEqual([3, 6]);
    expect(y.operands.length).toBe(1);
  });
});

test("plans of closed graphs are bounded: the one longest unused goes, and is made again when it is run", () => {
  const bench = createBench();
  const plans = new CompiledPlans(3, bench.device.plans);
  Object.assign(bench.device, { compiled: plans });
  const x = bench.array([1, 2]);
  const graphs = [1, 2, 3, 4, 5].map((n) => traceGraph(`f${n}`, [f32(2)], ([y]) => [op("mul", y, number(n))]));
  const planned = (graph: Graph): CompiledGraph => {
    const made = compileGraph(graph, bench.backend);
    made.planFor([]);
    return made;
  };
  const compiled = graphs.slice(0, 3).map(planned);
  const run = (i: number): number[] =>
    bench.backend.elements(compiled[i].run([x.value as Value], [])[0].buffer, "float32", 2);
  const disposed = (): number => bench.backend.counters().disposed;
  const programs = (): number => bench.backend.counters().programs;
  run(1);
  run(0);
  // the third is longest unused by now
  compiled.push(planned(graphs[3]));
  expect([plans.size, disposed(), programs()]).toEqual([3, 1, 4]);
  expect([run(0), run(1), run(3)]).toEqual([
    [1, 2],
    [2, 4],
    [4, 8],
  ]);
  expect(programs()).toBe(4);
  expect(run(2)).toEqual([3, 6]);
  expect([plans.size, disposed(), programs()]).toEqual([3, 2, 5]);
  // one that is disposed of makes room, and is made again as well
  compiled[2].dispose();
  compiled[2].dispose();
  expect([plans.size, disposed()]).toEqual([2, 3]);
  expect(run(2)).toEqual([3, 6]);
  expect(compiled[2].planFor([]).graph.nodes.length).toBeGreaterThan(0);
});

test("a plan that goes while a run of it is queued is disposed of afterwards", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const graph = traceGraph("f", [f32(2)], ([y]) => [op("sin", y)]);
  const compiled = compileGraph(graph, bench.backend);
  bench.backend.lazy = true;
  compiled.run([x.value as Value], []);
  compiled.dispose();
  expect(bench.backend.counters().disposed).toBe(0);
  bench.backend.settle();
  bench.backend.lazy = false;
  const again = compileGraph(graph, bench.backend);
  again.planFor([]);
  again.dispose();
  expect(bench.backend.counters().disposed).toBe(2);
});

describe("made in slices", () => {
  const graph = (): Graph =>
    traceGraph("f", [f32(2)], ([y]) => {
      let z = y;
      for (let i = 0; i < 200; i++) z = i % 2 === 0 ? op("sin", z) : op("mul", z, y);
      return [z];
    });
  test("the event loop runs between parts, and a call afterwards plans nothing", async () => {
    const bench = createBench();
    const x = bench.array([1, 2]);
    const compiled = compileGraph(graph(), bench.backend);
    expect(await countTurns(hostTurns, () => compiled.ready([]))).toBeGreaterThan(2);
    const { programs } = bench.backend.counters();
    expect(programs).toBe(1);
    compiled.run([x.value as Value], []);
    expect(bench.backend.counters().programs).toBe(1);
    await compiled.ready([]);
    expect(bench.backend.counters().programs).toBe(1);
  });

  test("a call in between finishes it, for all who wait", async () => {
    const bench = createBench();
    const x = bench.array([1, 2]);
    const compiled = compileGraph(graph(), bench.backend);
    await countTurns(hostTurns, async () => {
      const waiting = [compiled.ready([]), compiled.ready([])];
      expect(bench.backend.counters().programs).toBe(0);
      compiled.run([x.value as Value], []);
      expect(bench.backend.counters().programs).toBe(1);
      await Promise.all(waiting);
    });
    expect(bench.backend.counters().programs).toBe(1);
  });

  test("what cannot be compiled rejects, and is tried again", async () => {
    const bench = createBench();
    const { compile } = bench.backend;
    bench.backend.compile = () => {
      throw new DeviceError("refused");
    };
    const compiled = compileGraph(graph(), bench.backend);
    await countTurns(hostTurns, async () => {
      await expect(Promise.all([compiled.ready([]), compiled.ready([])])).rejects.toThrow("refused");
      await expect(compiled.ready([])).rejects.toThrow("refused");
    });
    expect(() => compiled.planFor([])).toThrow("refused");
    bench.backend.compile = compile;
    await countTurns(hostTurns, () => compiled.ready([]));
    expect(bench.backend.counters().programs).toBe(1);
  });

  test("no part of it is done inside a transformation that is open", async () => {
    const bench = createBench();
    const compiled = compileGraph(graph(), bench.backend);
    await countTurns(hostTurns, async () => {
      const waiting = compiled.ready([]);
      withScope("abstract", "jit(g)", true, () => {
        const before = peekId();
        // begins a slice, in which everybody's parts are done
        void inSlices(() => true);
        expect(peekId()).toBe(before);
      });
      await waiting;
    });
    expect(bench.backend.counters().programs).toBe(1);
  });
});

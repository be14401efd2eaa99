// Every pass gives a graph with the same values, on random graphs and on the cases each pass is for.
import type { Graph, Node } from "@weft/ir";
import {
  aval,
  canonicalise,
  cse,
  dce,
  decompose,
  evaluateGraph,
  fold,
  inlineCalls,
  literal,
  makeGraph,
  NO_PARAMS,
  placeholder,
  record,
  refArray,
  scalar,
  simplify,
  traceGraph,
  verifyGraph,
} from "@weft/ir";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agrees, buildNodes, INPUT_AVALS, inputData, placeSlots } from "./graphs.ts";

const codes = fc.array(fc.tuple(fc.nat(19), fc.nat(40), fc.nat(40)), { maxLength: 40 });

const PASSES = {
  canonicalise,
  fold,
  decompose,
  cse,
  dce,
  inlineCalls,
  simplify,
  all: (graph: Graph) => simplify(inlineCalls(graph)),
};

describe.each(Object.entries(PASSES))("%s", (_name, pass) => {
  test("keeps the values of random graphs", () => {
    fc.assert(
      fc.property(codes, fc.nat(1000), (code, seed) => {
        const inputs = INPUT_AVALS.map((a, i) => placeholder(a, String(i), null));
        const nodes = buildNodes(code, inputs);
        const graph = makeGraph("random", inputs, nodes.slice(-4), 0);
        placeSlots(graph);
        const data = INPUT_AVALS.map((a, i) => refArray(a.dtype, a.shape, inputData(a, seed + i)));
        const before = evaluateGraph(graph, data);
        const rewritten = pass(graph);
        expect(rewritten.nodes.length).toBeLessThanOrEqual(graph.nodes.length * 8 + 8);
        verifyGraph(rewritten);
        const after = evaluateGraph(rewritten, data);
        before.forEach((array, i) => {
          expect(after[i].shape).toEqual(array.shape);
          expect(after[i].dtype).toBe(array.dtype);
          for (let at = 0; at < array.data.length; at++) {
            if (!agrees(after[i].data[at], array.data[at]))
              throw new Error(`output ${i}[${at}]: ${after[i].data[at]} after, ${array.data[at]} before`);
          }
        });
      }),
      { numRuns: 150 },
    );
  });
});

const f32 = (...shape: number[]) => aval("float32", shape);
const x = placeholder(f32(2, 3), "x", null);
const s = placeholder(f32(), "s", null);
const lit = (value: number): Node => literal(f32(), value);
const op = (prim: "add" | "mul" | "sub" | "div" | "neg" | "sin", ...operands: Node[]): Node =>
  record(prim, NO_PARAMS, operands);
const simplified = (...outputs: Node[]): Graph => simplify(makeGraph("case", [x, s], outputs, 0));
const convert = (node: Node, dtype: "float32" | "float64" | "int32" | "uint32"): Node =>
  record("convert", { dtype, weakness: "strong" }, [node]);

describe("simplify", () => {
  test.each<[string, Node]>([
    ["marker", record("marker", NO_PARAMS, [record("stopGradient", NO_PARAMS, [x])])],
    ["reshape there and back", record("reshape", { shape: [2, 3] }, [record("reshape", { shape: [6] }, [x])])],
    ["transpose there and back", record("transpose", { perm: [1, 0] }, [record("transpose", { perm: [1, 0] }, [x])])],
    ["x · 1", op("mul", x, lit(1))],
    ["1 · x", op("mul", lit(1), x)],
    ["x / 1", op("div", x, lit(1))],
    ["x − 0", op("sub", x, lit(0))],
    ["x + (−0)", op("add", x, lit(-0))],
    ["x · (1 spread over its shape)", op("mul", x, record("broadcastInDim", { shape: [2, 3], axes: [] }, [lit(1)]))],
    ["x · (3 − 2)", op("mul", x, op("sub", lit(3), lit(2)))],
    ["− − x", op("neg", op("neg", x))],
    ["x as float64 and back", convert(convert(x, "float64"), "float32")],
    ["select by a literal", record("select", NO_PARAMS, [literal(aval("bool", []), 1), x, op("sin", x)])],
    ["x¹", record("integerPow", { n: 1 }, [x])],
    ["a whole slice", record("slice", { sizes: [2, 3], strides: [1, 1] }, [x], [0, 0])],
    ["flip of nothing", record("flip", { axes: [] }, [x])],
    ["sum over no axes", record("reduceSum", { axes: [] }, [x])],
  ])("%s is x", (_name, node) => {
    const graph = simplified(node);
    expect(graph.outputs[0]).toBe(x);
    expect(graph.nodes).toEqual([]);
  });

  test.each<[string, Node]>([
    ["x + 0", op("add", x, lit(0))],
    ["x · 0", op("mul", x, lit(0))],
    ["x − (−0)", op("sub", x, lit(-0))],
    ["a slot of value 1", op("mul", x, scalar(f32(), 1))],
  ])("%s stays", (_name, node) => {
    expect(simplified(node).outputs[0].prim).toBe(node.prim);
  });

  test("a scalar operand that fills x's shape is not taken for x", () => {
    const filled = op("mul", s, record("broadcastInDim", { shape: [2, 3], axes: [] }, [lit(1)]));
    expect(simplified(filled).outputs[0].aval.shape).toEqual([2, 3]);
  });

  test("integers through floats wrap or saturate as written", () => {
    const i = placeholder(aval("int32", [3]), "i", null);
    const graph = simplify(
      makeGraph("case", [i], [convert(convert(i, "float64"), "uint32"), convert(convert(i, "float64"), "int32")], 0),
    );
    expect(graph.outputs[0].operands[0].prim).toBe("convert");
    expect(graph.outputs[1]).toBe(i);
  });

  test("equal operations merge; equal slots of different places, and barriers, do not", () => {
    const twice = simplified(op("add", op("sin", x), op("sin", x)));
    expect(twice.nodes.length).toBe(2);
    const a = scalar(f32(), 2);
    const b = scalar(f32(), 2);
    a.slotBase = 0;
    b.slotBase = 1;
    const same = scalar(f32(), 2);
    same.slotBase = 0;
    expect(
      simplified(op("mul", x, a), op("mul", x, b), op("mul", x, same)).nodes.filter(({ prim }) => prim === "mul")
        .length,
    ).toBe(2);
    const barrier = (): Node => record("proj", { index: 0 }, [record("optimizationBarrier", NO_PARAMS, [x])]);
    expect(
      simplified(op("sin", barrier()), op("sin", barrier())).nodes.filter(({ prim }) => prim === "sin").length,
    ).toBe(2);
  });

  test("the body of a call leaves its scope, so that it can be rewritten", () => {
    const cube = traceGraph("cube", [f32(2, 3)], ([y]) => [record("integerPow", { n: -3 }, [y])]);
    const called = record("proj", { index: 0 }, [record("call", { graph: cube, name: "cube" }, [x])]);
    const graph = simplify(inlineCalls(makeGraph("case", [x], [called], 0)));
    expect(graph.outputs[0].prim).toBe("div");
    expect(graph.outputs[0].scope).toBeNull();
  });

  test("a chain of 100,000 operations", () => {
    let y: Node = x;
    for (let i = 0; i < 50_000; i++) y = op("neg", record("marker", NO_PARAMS, [y]));
    expect(simplified(y).outputs[0]).toBe(x);
    for (let i = 0; i < 50_000; i++) y = op("sin", record("marker", NO_PARAMS, [y]));
    expect(simplified(y).nodes.length).toBe(50_000);
  });
});

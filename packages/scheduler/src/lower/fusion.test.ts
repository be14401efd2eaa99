// What is fused into what: counts of steps for the programs that the design names, and what enters kernel keys.
import type { Node } from "@weft/ir";
import { aval, evaluateGraph, literal, NO_PARAMS, placeholder, proj, record, scalar } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { createInterpreter } from "../interpreter/index.ts";
import { distance, graphOf, lowered, randomArray, runPlan } from "../testing/lowering.ts";
import { lowerGraph } from "./index.ts";

const f32 = (...shape: number[]) => aval("float32", shape);
const input = (...shape: number[]): Node => placeholder(f32(...shape), "x", null);
const op = (
  prim: "add" | "sub" | "mul" | "div" | "exp" | "sin" | "max" | "sqrt" | "rsqrt" | "tanh",
  ...operands: Node[]
): Node => record(prim, NO_PARAMS, operands);
const number = (value: number): Node => literal(f32(), value);
const sum = (x: Node, ...axes: number[]): Node => record("reduceSum", { axes }, [x]);
const spread = (x: Node, shape: readonly number[], ...axes: number[]): Node =>
  record("broadcastInDim", { shape, axes }, [x]);

function check(inputs: readonly Node[], outputs: readonly Node[], tolerance = 1e-5): ReturnType<typeof lowered> {
  const low = lowered(inputs, outputs);
  const operands = inputs.map(({ aval: { dtype, shape } }, i) => randomArray(dtype, shape, i));
  const got = low.run(operands);
  const want = evaluateGraph(low.graph, operands);
  got.forEach((result, i) => expect(distance(result, want[i])).toBeLessThanOrEqual(tolerance));
  return low;
}

function softmax(x: Node): Node {
  const { shape } = x.aval;
  const last = shape.length - 1;
  const kept = shape.slice(0, -1).map((_, i) => i);
  const top = record("reduceMax", { axes: [last] }, [x]);
  const e = op("exp", op("sub", x, spread(top, shape, ...kept)));
  return op("div", e, spread(sum(e, last), shape, ...kept));
}

function layerNorm(x: Node, gain: Node): Node {
  const { shape } = x.aval;
  const n = number(1 / shape[1]);
  const centred = op("sub", x, spread(op("mul", sum(x, 1), n), shape, 0));
  const variance = op("mul", sum(op("mul", centred, centred), 1), n);
  const scale = op("rsqrt", op("add", variance, number(1e-5)));
  return op("mul", op("mul", centred, spread(scale, shape, 0)), spread(gain, shape, 1));
}

describe("the blur", () => {
  const size = 24;
  const taps = (padded: Node, weight: (k: number) => Node): Node => {
    let total: Node | null = null;
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        const tap = op(
          "mul",
          record("slice", { sizes: [size, size], strides: [1, 1] }, [padded], [i, j]),
          weight(i * 9 + j),
        );
        total = total === null ? tap : op("add", total, tap);
      }
    }
    return total as Node;
  };
  const edges = { lo: [4, 4], hi: [4, 4], interior: [0, 0] };

  test("of a padded image with literal, scalar and array weights is one kernel", () => {
    const x = input(size + 8, size + 8);
    const w = input(81);
    const weights: ((k: number) => Node)[] = [
      (k) => number(k / 81),
      (k) => scalar(f32(), k / 81),
      (k) => record("reshape", { shape: [] }, [record("slice", { sizes: [1], strides: [1] }, [w], [k])]),
    ];
    for (const weight of weights) expect(check([x, w], [taps(x, weight)]).kinds).toEqual(["kernel"]);
  });
  test("whose slices are all recorded first is one kernel", () => {
    const x = input(size + 8, size + 8);
    const slices = Array.from({ length: 81 }, (_, k) =>
      record("slice", { sizes: [size, size], strides: [1, 1] }, [x], [Math.floor(k / 9), k % 9]),
    );
    const low = check(
      [x],
      [slices.map((slice, k) => op("mul", slice, number(k / 81))).reduce((a, b) => op("add", a, b))],
    );
    expect(low.kinds).toEqual(["kernel"]);
  });
  test("stores padding that is read at many places, and heavy values that are", () => {
    const x = input(size, size);
    const pad = (y: Node): Node => record("pad", edges, [y, number(0)]);
    expect(check([x], [taps(pad(x), (k) => number(k / 81))]).kinds).toEqual(["kernel", "kernel"]);
    expect(check([x], [taps(pad(op("exp", x)), (k) => number(k / 81))]).kinds).toEqual(["kernel", "kernel"]);
    const twice = op(
      "add",
      record("slice", { sizes: [size, size], strides: [1, 1] }, [pad(x)], [0, 1]),
      record("slice", { sizes: [size, size], strides: [1, 1] }, [pad(x)], [1, 0]),
    );
    expect(check([x], [twice]).kinds).toEqual(["kernel"]);
  });
});

describe("row kernels", () => {
  test("softmax", () => {
    const x = input(6, 33);
    expect(check([x], [softmax(x)]).kinds).toEqual(["kernel"]);
    const vector = input(50);
    expect(check([vector], [softmax(vector)]).kinds).toEqual(["kernel"]);
    const cube = input(3, 4, 10);
    expect(check([cube], [softmax(cube)]).kinds).toEqual(["kernel"]);
  });
  test("softmax computes its exponentials once", () => {
    const x = input(6, 33);
    const [step] = lowered([x], [softmax(x)]).plan.segment.steps;
    expect(step.kind).toBe("kernel");
    if (step.kind !== "kernel") return;
    expect(step.kernel.buffers.map(({ access }) => access).toSorted()).toEqual(["read", "readwrite"]);
    const last = step.kernel.phases[step.kernel.phases.length - 1];
    const divided = step.kernel.nodes[last.stores[0].value];
    expect(divided).toMatchObject({ op: "apply", fn: "div" });
    if (divided.op === "apply") expect(step.kernel.nodes[divided.args[0]].op).toBe("load");
  });
  test("layer normalisation", () => {
    const x = input(6, 40);
    const gain = input(40);
    expect(check([x, gain], [layerNorm(x, gain)]).kinds).toEqual(["kernel"]);
  });
  test("log-sum-exp, with its epilogue", () => {
    const x = input(6, 40);
    const top = record("reduceMax", { axes: [1] }, [x]);
    const low = check(
      [x],
      [op("add", record("log", NO_PARAMS, [sum(op("exp", op("sub", x, spread(top, [6, 40], 0))), 1)]), top)],
    );
    expect(low.kinds).toEqual(["kernel"]);
  });
  test("a fold that two kernels read is stored once", () => {
    const x = input(6, 40);
    const s = sum(x, 1);
    expect(check([x], [op("sin", s), op("exp", op("add", x, spread(s, [6, 40], 0)))]).kinds.length).toBe(2);
  });
  test("a column fold is stored, and rows that are too long are", () => {
    const x = input(30, 6);
    expect(check([x], [op("sub", x, spread(sum(x, 0), [30, 6], 1))]).kinds.length).toBe(2);
    const long = input(2, 40_000);
    expect(lowered([long], [softmax(long)]).kinds.length).toBeGreaterThan(1);
  });
});

describe("long folds", () => {
  test("a sum of a million is leaves and a combine", () => {
    const x = input(1_000_000);
    expect(lowered([x], [sum(x, 0)]).kinds).toEqual(["kernel", "kernel"]);
    expect(lowered([x], [op("sqrt", op("mul", sum(op("mul", x, x), 0), number(1e-6)))]).kinds).toEqual([
      "kernel",
      "kernel",
    ]);
    const image = input(1000, 1000);
    expect(lowered([image], [sum(image, 0, 1)]).kinds).toEqual(["kernel", "kernel"]);
  });
  test("gives the value", () => {
    const x = input(50_000);
    check([x], [sum(x, 0), record("reduceMax", { axes: [0] }, [x])], 1e-4);
  });
});

describe("several results", () => {
  test("of one optimiser step are one kernel", () => {
    const [p, g, m0, v0] = [input(30, 20), input(30, 20), input(30, 20), input(30, 20)];
    const m = op("add", op("mul", m0, number(0.9)), op("mul", g, number(0.1)));
    const v = op("add", op("mul", v0, number(0.99)), op("mul", op("mul", g, g), number(0.01)));
    const next = op("sub", p, op("div", m, op("add", op("sqrt", op("mul", v, v)), number(1))));
    const low = check([p, g, m0, v0], [next, m, v]);
    expect(low.kinds).toEqual(["kernel"]);
    expect(low.plan.arenaBytes).toBe(0);
  });
  test("of one row: softmax with its logarithm, mean with variance", () => {
    const x = input(6, 33);
    const soft = softmax(x);
    expect(check([x], [soft, op("mul", soft, number(2))]).kinds).toEqual(["kernel"]);
    const mean = op("mul", sum(x, 1), number(1 / 33));
    const variance = sum(op("mul", op("sub", x, spread(mean, [6, 33], 0)), op("sub", x, spread(mean, [6, 33], 0))), 1);
    expect(check([x], [mean, variance]).kinds).toEqual(["kernel"]);
    expect(check([x], [sum(x, 1), sum(op("mul", x, x), 1), record("reduceMax", { axes: [1] }, [x])]).kinds).toEqual([
      "kernel",
    ]);
  });
  test("are not joined around a third kernel", () => {
    const x = input(8, 8);
    const a = op("exp", x);
    const total = sum(a, 0);
    const b = op("add", a, spread(total, [8, 8], 1));
    const low = check([x], [a, b]);
    expect(low.kinds.length).toBeGreaterThan(1);
    const y = input(40, 40);
    const e = op("exp", y);
    expect(
      check([y], [e, op("add", e, record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [e, e]))]).kinds,
    ).toEqual(["kernel", "gemm", "kernel"]);
  });
  test("of the cipher are one kernel", () => {
    const key = placeholder(aval("uint32", []), "k", null);
    const counts = record("iota", { n: 20, dtype: "uint32" }, [], [0, 1]);
    const both = record("threefry2x32", NO_PARAMS, [key, key, counts, counts]);
    expect(check([key], [proj(both, 0), proj(both, 1)], 0).kinds).toEqual(["kernel"]);
  });
});

describe("limits", () => {
  test("a chain of 100,000 operations", () => {
    const x = input(3);
    let y: Node = x;
    for (let i = 0; i < 100_000; i++) y = op("add", y, x);
    const low = lowered([x], [y]);
    expect(low.kinds.length).toBeLessThanOrEqual(Math.ceil(100_000 / 512) + 1);
    const [result] = low.run([{ dtype: "float32", shape: [3], data: Float64Array.of(0, 1, -2) }]);
    expect([...result.data]).toEqual([0, 100_001, -200_002]);
  });
  test("chains of doublings and of views", () => {
    const x = input(2, 3);
    let y: Node = x;
    for (let i = 0; i < 3000; i++) y = op("mul", op("add", y, y), number(0.5));
    let z: Node = x;
    for (let i = 0; i < 3000; i++) z = record("transpose", { perm: [1, 0] }, [record("flip", { axes: [i % 2] }, [z])]);
    check([x], [y, z]);
  });
  test("no kernel names more than 16 buffers", () => {
    const inputs = Array.from({ length: 60 }, () => input(5));
    const chain = inputs.reduce((a, b) => op("add", a, b));
    let level = inputs;
    while (level.length > 1)
      level = level.flatMap((node, i) =>
        i % 2 === 1 ? [] : [i + 1 < level.length ? op("sub", node, level[i + 1]) : node],
      );
    const low = check(inputs, [chain, level[0], record("concatenate", { axis: 0 }, inputs)]);
    for (const step of low.plan.segment.steps)
      if (step.kind === "kernel") expect(step.places.length).toBeLessThanOrEqual(16);
    expect(low.kinds.length).toBeLessThan(80);
  });
  test("many folds that one kernel reads", () => {
    const inputs = Array.from({ length: 40 }, () => input(4, 30));
    const total = inputs
      .map((x) => spread(record("reduceMax", { axes: [0] }, [x]), [4, 30], 1))
      .reduce((a, b) => op("add", a, b));
    const low = check(inputs, [op("sin", total)]);
    for (const step of low.plan.segment.steps)
      if (step.kind === "kernel") expect(step.places.length).toBeLessThanOrEqual(16);
  });
});

describe("contractions", () => {
  test("vectors times one matrix, batched, are one product", () => {
    const w = input(40, 30);
    const xs = input(25, 30);
    const low = check([w, xs], [record("dotGeneral", { contract: [[1], [1]], batch: [[], []] }, [w, xs])]);
    expect(low.kinds).toEqual(["gemm"]);
    expect(low.plan.segment.steps[0]).toMatchObject({
      batch: 1,
      m: 40,
      n: 25,
      k: 30,
      rhs: { rowStride: 1, colStride: 30 },
    });
  });
  test("views of operands cost nothing", () => {
    const x = input(20, 64);
    const w = input(64, 48);
    const part = record("slice", { sizes: [32, 48], strides: [1, 1] }, [w], [8, 0]);
    const folded = record("reshape", { shape: [40, 32] }, [x]);
    const low = check([x, w], [record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [folded, part])]);
    expect(low.kinds).toEqual(["gemm"]);
    const moved = record("transpose", { perm: [1, 0] }, [part]);
    expect(
      check([x, w], [record("dotGeneral", { contract: [[1], [1]], batch: [[], []] }, [folded, moved])]).kinds,
    ).toEqual(["gemm"]);
  });
  test("a dense layer is a product and one kernel", () => {
    const x = input(20, 30);
    const w = input(30, 40);
    const b = input(40);
    const y = op(
      "tanh",
      op("add", record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [x, w]), spread(b, [20, 40], 1)),
    );
    expect(check([x, w, b], [y]).kinds).toEqual(["gemm", "kernel"]);
  });
});

describe("transposes", () => {
  test("that are stored, or that a kernel would read across, are steps where the device has them", () => {
    const x = input(100, 120);
    const y = input(120, 100);
    const turned = record("transpose", { perm: [1, 0] }, [x]);
    expect(check([x], [turned]).plan.segment.steps).toMatchObject([
      { kind: "transpose", batch: 1, rows: 100, cols: 120, from: { rowStride: 120, colStride: 1 } },
    ]);
    expect(check([x, y], [op("add", turned, y)]).kinds).toEqual(["transpose", "kernel"]);
    expect(check([x], [sum(op("exp", turned), 0)]).kinds).toEqual(["kernel"]);
    expect(check([x], [op("exp", record("reshape", { shape: [60, 200] }, [turned]))]).kinds).toEqual([
      "transpose",
      "kernel",
    ]);
    expect(lowered([x], [turned], createInterpreter({ transpose: false })).kinds).toEqual(["kernel"]);
    const batch = input(3, 70, 80);
    expect(check([batch], [record("transpose", { perm: [0, 2, 1] }, [batch])]).kinds).toEqual(["transpose"]);
    const part = record("slice", { sizes: [90, 100], strides: [1, 1] }, [x], [5, 7]);
    expect(check([x], [record("transpose", { perm: [1, 0] }, [part])]).kinds).toEqual(["transpose"]);
  });
  test("small ones are read as they are", () => {
    const x = input(10, 12);
    expect(check([x], [op("exp", record("transpose", { perm: [1, 0] }, [x]))]).kinds).toEqual(["kernel"]);
  });
});

describe("keys and slots", () => {
  const program = (batch: number): readonly string[] => {
    const x = input(batch, 17);
    const gain = input(17);
    const y = record("pad", { lo: [0, 2], hi: [0, 1], interior: [0, 0] }, [layerNorm(x, gain), number(0)]);
    const cut = record("slice", { sizes: [batch - 1, 5], strides: [1, 2] }, [y], [1, 3]);
    return lowered([x, gain], [softmax(x), cut, sum(op("exp", cut), 0)]).keys;
  };
  test("kernel keys do not depend on sizes", () => {
    expect(program(23)).toEqual(program(64));
    expect(program(23)).toEqual(program(9));
  });
  test("nor on numbers", () => {
    const x = input(9);
    const keys = (value: number) => lowered([x], [op("add", op("mul", x, number(value)), number(value))]).keys;
    expect(keys(0.3)).toEqual(keys(0.7));
    expect(keys(1)).not.toEqual(keys(0.7));
  });
  test("other slots, same plan", () => {
    const x = input(10, 4);
    const part = record("slice", { sizes: [3, 4], strides: [2, 1] }, [x], [0, 0]);
    const low = lowered([x], [op("mul", part, scalar(f32(), 2))]);
    const operand = randomArray("float32", [10, 4], 1);
    const [moved] = low.run(
      [operand],
      low.slots.map((value, i) =>
        low.graph.nodes.some((node) => node.prim === "slice" && node.slotBase === i) ? 5 : value === 2 ? 3 : value,
      ),
    );
    expect([...moved.data]).toEqual(
      [5, 7, 9].flatMap((row) =>
        Array.from(operand.data.slice(row * 4, row * 4 + 4), (value) => Math.fround(value * 3)),
      ),
    );
  });
});

describe("outputs", () => {
  test("are aliases where the bytes are the same", () => {
    const x = input(4, 3);
    const y = op("exp", x);
    const low = check([x], [x, y, record("reshape", { shape: [12] }, [y]), y, record("reshape", { shape: [12] }, [x])]);
    expect(low.plan.outputs.map(({ source }) => source)).toEqual([
      { kind: "input", index: 0 },
      { kind: "buffer", index: 1, bytes: 48 },
      { kind: "output", index: 1 },
      { kind: "output", index: 1 },
      { kind: "input", index: 0 },
    ]);
    expect(low.kinds).toEqual(["kernel"]);
    expect(low.plan.arenaBytes).toBe(0);
  });
  test("cacheable results that are stored anyway get buffers", () => {
    const x = input(40, 40);
    const product = record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [x, x]);
    const fused = sum(x, 1);
    const outputs = [op("exp", product), op("exp", fused)];
    expect(lowered([x], outputs).plan).toMatchObject({ cached: [], arenaBytes: 6400 });
    const { graph } = graphOf([x], outputs);
    const plan = lowerGraph(graph, createInterpreter(), { cacheable: new Set([product, fused]) });
    expect(plan).toMatchObject({ arenaBytes: 0, cached: [{ node: product, buffer: 3, bytes: 6400 }] });
    const operand = randomArray("float32", [40, 40], 1);
    expect(
      distance(runPlan(createInterpreter(), plan, [operand], [])[0], evaluateGraph(graph, [operand])[0]),
    ).toBeLessThan(1e-4);
  });
});

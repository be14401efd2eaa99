// Derivatives and batching of every primitive on the float64 reference: jvp against central differences, the identity
// ⟨vjp(ct), t⟩ = ⟨ct, jvp(t)⟩, and vmap against a loop.
import {
  batchNodes,
  hasTangent,
  instantiate,
  jvpNodes,
  linearizeNodes,
  pullback,
  pushforward,
  vjpNodes,
} from "@weft/autodiff";
import type { Node, RefArray } from "@weft/ir";
import {
  aval,
  evaluateGraph,
  makeGraph,
  NO_PARAMS,
  placeholder,
  record,
  refArray,
  traceGraph,
  verifyGraph,
  withScope,
  withShape,
} from "@weft/ir";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { CASES, draw, generator } from "./cases.ts";

/** Evaluates what `body` records on placeholders of the operands. */
function run(
  operands: readonly RefArray[],
  body: (nodes: readonly Node[], startId: number) => readonly Node[],
): RefArray[] {
  const avals = operands.map(({ dtype, shape }) => [dtype, shape] as const);
  const graph = withScope("diff", "test", false, (scope) => {
    const inputs = avals.map(([dtype, shape], i) => placeholder(aval(dtype, shape), String(i), null));
    return makeGraph("test", inputs, body(inputs, scope.startId), scope.startId);
  });
  verifyGraph(graph);
  return evaluateGraph(graph, [...operands, ...graph.captures.map(() => refArray("float32", [], [NaN]))]);
}

const dot = (a: RefArray, b: RefArray): number => a.data.reduce((sum, x, i) => sum + x * b.data[i], 0);
/** Whether float16 takes part: titles name every dtype. */
const isHalf = (c: Case): boolean => c.title.includes("float16");
/** Rules do not look at the width of floats: float64 stands for all where numbers are held to differences, and a few of float16 do elsewhere. */
const isSmooth = (c: Case): boolean =>
  c.operands.some(hasTangent) && !c.operands.some((o) => o.dtype === "float32") && !isHalf(c);
const HALF_PRIMS = new Set([
  "add",
  "exp",
  "select",
  "convert",
  "reduceSum",
  "dotGeneral",
  "concatenate",
  "dynamicSlice",
]);
const markers = (nodes: readonly Node[]): Node[] => nodes.map((node) => record("marker", NO_PARAMS, [node]));

const smooth = CASES.filter((c) => isSmooth(c) && c.prim !== "bitcast");

describe("jvp of every primitive agrees with central differences", () => {
  test.each(smooth)("$title", (c) => {
    const random = generator(7);
    const x = c.operands.map((o, i) => draw(o, c.domains[i], random, false));
    const t = c.operands.map((o) => draw(o, { lo: -1, hi: 1 }, random, false));
    const floats = c.operands.map(hasTangent);
    const outputs = run([...x, ...t], (nodes, startId) => {
      const inputs = markers(nodes.slice(0, x.length));
      const ys = c.apply(inputs);
      const seeds = new Map(
        inputs.map((input, i) => [input, nodes[x.length + i]] as const).filter((_, i) => floats[i]),
      );
      return jvpNodes(ys, seeds, startId).map((dy, i) => instantiate(dy, ys[i]));
    });
    const h = 1e-6;
    const shifted = (sign: number): RefArray[] =>
      run(
        x.map((a, i) =>
          floats[i]
            ? refArray(
                a.dtype,
                a.shape,
                a.data.map((v, k) => v + sign * h * t[i].data[k]),
              )
            : a,
        ),
        c.apply,
      );
    const [plus, minus] = [shifted(1), shifted(-1)];
    outputs.forEach((dy, i) => {
      if (!hasTangent(aval(plus[i].dtype, []))) return;
      dy.data.forEach((value, k) => {
        const difference = (plus[i].data[k] - minus[i].data[k]) / (2 * h);
        // stopGradient is the one primitive whose derivative is not that of its value
        const expected = c.prim === "stopGradient" ? 0 : difference;
        expect(Math.abs(value - expected), `element ${k}: ${value} against ${expected}`).toBeLessThan(
          1e-6 * (1 + Math.abs(expected)) * 10,
        );
      });
    });
  });
});

describe("vjp is the transpose of jvp", () => {
  test.each(smooth)("$title", (c) => {
    const random = generator(11);
    const x = c.operands.map((o, i) => draw(o, c.domains[i], random, false));
    const floats = c.operands.map(hasTangent);
    const t = c.operands.map((o) => draw(o, { lo: -1, hi: 1 }, random, false));
    const outs = run(x, c.apply);
    const ct = outs.map((o) => draw(aval(o.dtype, o.shape), { lo: -1, hi: 1 }, random, false));
    const n = x.length;
    const m = outs.length;
    const results = run([...x, ...t, ...ct], (nodes, startId) => {
      const inputs = markers(nodes.slice(0, n));
      const ys = c.apply(inputs);
      const active = inputs.filter((_, i) => floats[i]);
      const tangents = nodes.slice(n, 2 * n).filter((_, i) => floats[i]);
      const cts = nodes.slice(2 * n).map((node, i) => (hasTangent(ys[i].aval) ? node : null));
      const dys = jvpNodes(ys, new Map(active.map((input, i) => [input, tangents[i]])), startId);
      const back = vjpNodes(ys, active, cts, startId);
      // the closed form of the same map, forwards and backwards
      const linear = linearizeNodes("case", ys, active, startId);
      const forward = pushforward(linear, tangents);
      const again = pullback(linear, cts);
      const real = (list: readonly (Node | null)[], like: readonly Node[]): Node[] =>
        list.map((node, i) => instantiate(node, like[i]));
      return [...real(dys, ys), ...real(forward, ys), ...real(back, active), ...real(again, active)];
    });
    const active = t.filter((_, i) => floats[i]);
    const inner = (list: readonly RefArray[], others: readonly RefArray[]): number =>
      list.reduce((sum, a, i) => sum + (hasTangent(aval(a.dtype, [])) ? dot(a, others[i]) : 0), 0);
    const forwards = inner(results.slice(0, m), ct);
    const backwards = inner(results.slice(2 * m, 2 * m + active.length), active);
    const scale = 1e-9 * (1 + Math.abs(forwards));
    expect(Math.abs(forwards - backwards)).toBeLessThan(scale);
    expect(Math.abs(inner(results.slice(m, 2 * m), ct) - forwards)).toBeLessThan(scale);
    expect(Math.abs(inner(results.slice(2 * m + active.length), active) - backwards)).toBeLessThan(scale);
  });
});

describe("vmap of every primitive agrees with a loop", () => {
  const size = 3;
  test.each(CASES.filter((c) => c.operands.length > 0 && (!isHalf(c) || HALF_PRIMS.has(c.prim))))("$title", (c) => {
    const random = generator(13);
    // each operand alone, then all of them, on the first and on the last axis
    const masks = [...c.operands.map((_, i) => c.operands.map((_, k) => i === k)), c.operands.map(() => true)];
    for (const mask of masks) {
      for (const last of [false, true]) {
        const axes = c.operands.map((o, i) => (mask[i] ? (last ? o.shape.length : 0) : null));
        const stacked = c.operands.map((o, i) =>
          draw(mask[i] ? withShape(o, o.shape.toSpliced(axes[i] as number, 0, size)) : o, c.domains[i], random, false),
        );
        const batched = run(stacked, (nodes) => {
          const outputs = withScope("abstract", "vmap", false, (scope) => {
            const inner = c.operands.map((o, i) => placeholder(o, String(i), scope));
            const stand = new Map(inner.map((node, i) => [node, { node: nodes[i], axis: axes[i] }]));
            return batchNodes(c.apply(inner), stand, size, scope.startId);
          });
          return outputs.map(({ node, axis }) => {
            // a result of a barrier that reads no batched operand is the same for every element
            if (axis === null)
              return record(
                "broadcastInDim",
                { shape: [size, ...node.aval.shape], axes: node.aval.shape.map((_, i) => i + 1) },
                [node],
              );
            const perm = node.aval.shape.map((_, i) => i).filter((i) => i !== axis);
            return record("transpose", { perm: [axis, ...perm] }, [node]);
          });
        });
        for (let element = 0; element < size; element++) {
          const one = stacked.map((a, i) => (mask[i] ? take(a, axes[i] as number, element) : a));
          const expected = run(one, c.apply);
          expected.forEach((y, i) => {
            const got = take(batched[i], 0, element);
            expect(got.shape).toEqual(y.shape);
            y.data.forEach((value, k) =>
              expect(
                Math.abs(got.data[k] - value) <= 1e-9 * Math.abs(value) ||
                  Object.is(got.data[k], value) ||
                  got.data[k] === value,
              ).toBe(true),
            );
          });
        }
      }
    }
  });
});

function take(a: RefArray, axis: number, element: number): RefArray {
  const graph = traceGraph("take", [aval(a.dtype, a.shape)], ([x]) => {
    const sizes = a.shape.with(axis, 1);
    const starts = a.shape.map((_, i) => (i === axis ? element : 0));
    return [
      record("reshape", { shape: a.shape.toSpliced(axis, 1) }, [
        record("slice", { sizes, strides: sizes.map(() => 1) }, [x], starts),
      ]),
    ];
  });
  return evaluateGraph(graph, [a])[0];
}

// Evaluation on every device, lowering and all, gives what the float64 reference gives: random graphs,
// random roots in two turns, with a plan cache that must not mix graphs up, and the same graphs jitted.
import { createWasmBackend } from "@weft/backend-wasm";
import type { Aval, Backend, Node, Value } from "@weft/ir";
import { evaluateGraph, leaf, makeGraph, own, placeholder, refArray } from "@weft/ir";
import { compileGraph, createInterpreter, evaluate, readValueSync, stats, uploadValue } from "@weft/scheduler";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { agrees, buildNodes, INPUT_AVALS, inputData } from "./graphs.ts";

const codes = fc.array(fc.tuple(fc.nat(19), fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 30 });

const VIEWS = { float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;
const viewOf = (of: Aval) => VIEWS[of.dtype as keyof typeof VIEWS];

const upload = (backend: Backend, of: Aval, data: readonly number[]): Node => {
  const node = leaf(of, uploadValue(backend, of, viewOf(of).from(data)));
  own(node);
  return node;
};

function read(of: Aval, value: Value): number[] {
  const data = new (viewOf(of))(of.size);
  readValueSync(value, new Uint8Array(data.buffer));
  return Array.from(data);
}

function expectAgree(got: readonly number[], wanted: ArrayLike<number>, what: string): void {
  for (let i = 0; i < wanted.length; i++)
    if (!agrees(got[i], wanted[i])) throw new Error(`${what}[${i}]: ${got[i]}, expected ${wanted[i]}`);
}

const backends: readonly [string, Backend][] = [
  ["interpreter", createInterpreter()],
  ["interpreter of kernels alone", createInterpreter({ gemm: false, transpose: false })],
  ["wasm, 1 lane", createWasmBackend({ threads: 1 })],
  ["wasm, 2 lanes", createWasmBackend({ threads: 2 })],
];
afterAll(async () => {
  for (const [, backend] of backends) await backend.close();
});

describe.each(backends)("%s", (_name, backend) => {
  test("evaluate = reference", () => {
    fc.assert(
      fc.property(codes, fc.nat(1000), fc.nat(3), (code, seed, first) => {
        for (const round of [0, 1]) {
          const data = INPUT_AVALS.map((a, i) => inputData(a, seed + i + 17 * round));
          const inputs = INPUT_AVALS.map((a, i) => upload(backend, a, data[i]));
          const nodes = buildNodes(code, inputs);
          const roots = nodes.slice(-4);
          const wanted = evaluateGraph(
            makeGraph("wanted", inputs, roots, 0),
            INPUT_AVALS.map((a, i) => refArray(a.dtype, a.shape, data[i])),
          );
          const { plans } = stats(backend);
          // what nobody owns is given back as soon as it is computed
          for (const root of roots) own(root);
          // one of them first: the second turn then reads what the first stored, cached or only saw
          evaluate([roots[first % roots.length]], backend);
          evaluate(roots, backend);
          if (round === 1) expect(stats(backend).plans).toBe(plans);
          roots.forEach((root, i) =>
            expectAgree(read(root.aval, root.value as Value), wanted[i].data, `${root.toString()}, round ${round}`),
          );
        }
      }),
      { numRuns: 120 },
    );
  });

  test("jit = reference", () => {
    fc.assert(
      fc.property(codes, fc.nat(1000), (code, seed) => {
        const inputs = INPUT_AVALS.map((a, i) => placeholder(a, String(i), null));
        const graph = makeGraph("jitted", inputs, buildNodes(code, inputs).slice(-3), 0);
        const compiled = compileGraph(graph, backend);
        for (const round of [0, 1]) {
          const data = INPUT_AVALS.map((a, i) => inputData(a, seed + i + 17 * round));
          const wanted = evaluateGraph(
            graph,
            INPUT_AVALS.map((a, i) => refArray(a.dtype, a.shape, data[i])),
          );
          const values = compiled.run(
            INPUT_AVALS.map((a, i) => uploadValue(backend, a, viewOf(a).from(data[i]))),
            [],
          );
          values.forEach((value, i) =>
            expectAgree(read(graph.outputs[i].aval, value), wanted[i].data, `output ${i}, round ${round}`),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

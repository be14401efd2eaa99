// The playground's programs in Node: right numbers by independent formulae, the kernels they promise, and failures that
// name the reader's line. The page is held to these results in page.test.ts.
import { describe, expect, it } from "vitest";
import { PROGRAMS } from "../../examples/playground/src/programs/index.ts";
import { drawScene } from "../../examples/playground/src/scene.ts";
import { runInNode, sourceOf } from "./in-node.ts";

const numbersIn = (text: string): number[] => (text.match(/-?\d+\.?\d*(?:e[+-]?\d+)?/g) ?? []).map(Number);

describe("the programs", () => {
  it("SELU: its curve and its derivative, one kernel", async () => {
    const { lines, plots, plans, timings, traces } = await runInNode(sourceOf("selu"));
    const [{ lanes, spans, json }] = traces;
    expect(lanes.some((lane) => lane.startsWith("wasm "))).toBe(true);
    expect(spans.length).toBeGreaterThan(0);
    for (const { lane, from, to } of spans) expect(lanes.includes(lane) && to >= from).toBe(true);
    expect((JSON.parse(json) as { traceEvents: object[] }).traceEvents.length).toBeGreaterThan(spans.length);
    const [{ x, lines: curves }] = plots;
    const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];
    const curve = (v: number): number => scale * (v > 0 ? v : alpha * (Math.exp(v) - 1));
    const slope = (v: number): number => scale * (v > 0 ? 1 : alpha * Math.exp(v));
    x.forEach((v, i) => {
      expect(curves[0].y[i]).toBeCloseTo(curve(v), 5);
      // at 0 itself the branch below is taken
      expect(curves[1].y[i]).toBeCloseTo(slope(Math.abs(v) < 1e-6 ? 0 : v), 5);
    });
    expect(lines[0]).toMatch(/^selu\(x\)\[0, :5\] = \[/);
    expect(plans[0].view.steps.length).toBe(1);
    expect(timings.map(({ name, device }) => [name, device])).toEqual([
      ["lazy", "wasm"],
      ["jit", "wasm"],
    ]);
    for (const { first, warm } of timings) expect(Math.min(first, ...warm)).toBeGreaterThan(0);
  });

  it("gradients: 3x², a symmetric Hessian, a network that learns", async () => {
    const { lines, plots } = await runInNode(sourceOf("gradients"));
    expect(lines[0]).toBe("grad Σx³ = [ 3. 12. 27. 48.]");
    const h = numbersIn(lines[1]);
    const [a, b, c] = [0.5, -1, 0.25];
    const e = Math.exp(b * c);
    const expected = [
      -Math.sin(a) * b + 2 * c,
      Math.cos(a),
      2 * a,
      Math.cos(a),
      c * c * e,
      e * (1 + b * c),
      2 * a,
      e * (1 + b * c),
      b * b * e,
    ];
    h.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    const [before, after] = numbersIn(lines[2]);
    expect(after).toBeLessThan(before / 10);
    const [fn, net] = plots[0].lines;
    expect(Math.max(...fn.y.map((y, i) => Math.abs(y - net.y[i])))).toBeLessThan(1);
  });

  it("vmap: both ways agree, and the batch is one product", async () => {
    const { lines, plans } = await runInNode(sourceOf("vmap"));
    expect(numbersIn(lines[1])[0]).toBeLessThan(1e-2);
    expect(plans[0].view.steps.map(({ kind }) => kind)).toContain("gemm");
    expect(plans[0].text).toContain("gemm 1000×64×1000");
  });

  it("blur: every pixel is the weighted sum of its neighbours", async () => {
    const { pictures, plans, lines } = await runInNode(sourceOf("blur"));
    const scene = drawScene();
    const [before, after] = pictures;
    expect([...before.bytes.data]).toEqual([...scene.data]);
    const weights = Array.from({ length: 9 }, (_, i) => Math.exp(-((i - 4) ** 2) / (2 * 2.5 ** 2)));
    const total = weights.reduce((sum, w) => sum + w, 0) ** 2;
    const at = (row: number, column: number, k: number): number =>
      scene.data[
        (Math.min(Math.max(row, 0), scene.height - 1) * scene.width + Math.min(Math.max(column, 0), scene.width - 1)) *
          4 +
          k
      ];
    for (const [row, column] of [
      [0, 0],
      [319, 479],
      [100, 200],
      [150, 320],
      [318, 3],
    ]) {
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let i = 0; i < 9; i++)
          for (let j = 0; j < 9; j++) sum += weights[i] * weights[j] * at(row + i - 4, column + j - 4, k);
        expect(Math.abs(after.bytes.data[(row * scene.width + column) * 4 + k] - sum / total)).toBeLessThan(1);
      }
    }
    expect(plans[0].view.steps.at(-1)?.title).toMatch(/81×mul/);
    const [, sharp, , soft] = lines[0].split(" ").slice(1).map(Number);
    expect(soft).toBeLessThan(sharp);
  });

  it("are all of the page's programs", () => {
    expect(PROGRAMS.map(({ name }) => name)).toEqual(["selu", "gradients", "vmap", "blur"]);
  });
});

describe("a program of the reader's own", () => {
  it.each([
    ['import { numpy as np } from "@weft/api";\n\nconst x = np.ones([2, 3]);\nx.add(np.ones([4]));', "ShapeError", 4],
    ["const a = 1;\n\nnull.x;", "TypeError", 3],
    ['throw "no";', "Thrown", null],
    ["await Promise.reject(new RangeError('far'));", "RangeError", 1],
  ])("that fails is told with its line: %j", async (source, name, line) => {
    const { failures } = await runInNode(source);
    expect(failures.map((failure) => [failure.name, failure.line])).toEqual([[name, line]]);
  });

  it("prints arrays, trees and values in order", async () => {
    const source = `import { makeJaxpr, numpy as np } from "@weft/api";
console.log("a", 1, -0, true, null, undefined, 2n, [1, "b"], { x: np.ones([2]), f: Math.sin });
console.warn(new Float32Array(2), new Error("no"), new Map([["k", {}]]), new Set([1]), new (class Pair { a = 1 })());
console.error(np.eye(2));
console.log(makeJaxpr((x) => np.sin(x))(np.ones([3])));
console.log(new Array(200).fill(7));`;
    const { lines } = await runInNode(source);
    expect(lines.slice(0, 3)).toEqual([
      'a 1 -0 true null undefined 2n [1, "b"] { x: [1. 1.], f: function sin }',
      'Float32Array [0, 0] Error: no Map { "k": {} } Set [1] Pair { a: 1 }',
      "[[1. 0.]\n [0. 1.]]",
    ]);
    expect(lines[3]).toContain("sin");
    expect(lines[4]).toMatch(/… 100 more\]$/);
  });
});

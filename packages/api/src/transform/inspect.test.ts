// planOf: the plan as data agrees with what explain says of it.
import { ShapeError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import type { NDArray } from "../core/array.ts";
import * as nn from "../nn/index.ts";
import * as np from "../numpy/index.ts";
import { grad } from "./grad.ts";
import { explain, planOf } from "./inspect.ts";
import { vmap } from "./vmap.ts";

const selu = (x: NDArray): NDArray => np.where(x.greater(0), x, np.exp(x).mul(1.5).sub(1.5)).mul(2);

describe("planOf", () => {
  it("shows every operation with what it reads and the kernel it became part of", () => {
    const { name, device, nodes, steps } = planOf(selu)(np.ones([1000]));
    expect([name, device]).toEqual(["selu", "wasm"]);
    expect(nodes.map(({ name: what, operands, numbers }) => [what, operands, numbers])).toEqual([
      ["input", [], []],
      ["exp", [0], []],
      ["mul", [1], [1.5]],
      ["sub", [2], [1.5]],
      ["gt", [0], [0]],
      ["select", [4, 0, 3], []],
      ["mul", [5], [2]],
    ]);
    expect(nodes.map((node) => node.steps)).toEqual([[], ...new Array<number[]>(6).fill([0])]);
    expect(nodes.map((node) => node.isOutput)).toEqual([false, false, false, false, false, false, true]);
    expect(nodes.at(-1)?.type).toBe("float32[1000]");
    expect(steps).toMatchObject([{ kind: "kernel", shape: [1000], bytesRead: 4000, bytesWritten: 4000 }]);
  });

  it("has a product as a step of its own", () => {
    const { nodes, steps } = planOf(vmap(np.dot, [null, 0]))(np.ones([100, 100]), np.ones([8, 100]));
    const product = nodes.find((node) => node.name === "dotGeneral");
    expect(product?.operands).toEqual([0, 1]);
    expect(steps[product?.steps[0] ?? -1]).toMatchObject({ kind: "gemm", work: 80_000 });
  });

  it.each([
    [
      "softmax",
      () => planOf((x: NDArray) => nn.softmax(x))(np.ones([4, 100])),
      () => explain((x: NDArray) => nn.softmax(x))(np.ones([4, 100])),
    ],
    [
      "a gradient",
      () => planOf(grad((x: NDArray) => np.sum(np.tanh(x.matmul(x)))))(np.ones([64, 64])),
      () => explain(grad((x: NDArray) => np.sum(np.tanh(x.matmul(x)))))(np.ones([64, 64])),
    ],
  ])("agrees with explain on %s, operands before readers", (_, view, text) => {
    const { nodes, steps } = view();
    const lines = text().split("\n");
    expect(lines.filter((line) => /^ {2}\d+\. /.test(line)).length).toBe(steps.length);
    steps.forEach(({ title, shape }, i) =>
      expect(
        lines.some(
          (line) => line.startsWith(`  ${i + 1}. `) && line.includes(title) && line.endsWith(`[${shape.join(",")}]`),
        ),
      ).toBe(true),
    );
    nodes.forEach(({ operands, kind, steps: own }, place) => {
      for (const operand of operands) expect(operand).toBeLessThan(place);
      for (const step of own) expect(step).toBeLessThan(steps.length);
      expect(own.length > 0).toBe(kind === "operation");
    });
    expect(nodes.some((node) => node.isOutput)).toBe(true);
  });

  it("throws what the function throws", () => {
    expect(() => planOf((x: NDArray) => x.add(np.ones([3])))(np.ones([2]))).toThrow(ShapeError);
  });
});

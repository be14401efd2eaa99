// How float16 is lowered: computed in float32, rounded where a conversion or a number says so and where memory does it
// by itself; partial sums and products of matrices keep float32.
import type { Node, Step } from "@weft/ir";
import { aval, literal, NO_PARAMS, placeholder, record, roundHalf, scalar } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { createInterpreter } from "../interpreter/index.ts";
import { lowered } from "../testing/lowering.ts";

const input = (dtype: "float16" | "float32" | "bool" | "int32", ...shape: number[]): Node =>
  placeholder(aval(dtype, shape), "x", null);
const convert = (x: Node, dtype: "float16" | "float32"): Node => record("convert", { dtype, weakness: "strong" }, [x]);
const array = (dtype: "float16" | "float32", shape: readonly number[], value: number) => ({
  dtype,
  shape,
  data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

/** How often the kernels of a plan round by themselves. */
const roundings = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, step) =>
      sum +
      (step.kind === "kernel"
        ? step.kernel.nodes.filter((node) => node.op === "apply" && node.fn === "roundHalf").length
        : 0),
    0,
  );
const storages = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) =>
    step.kind === "kernel"
      ? step.kernel.buffers.map(({ storage }) => storage)
      : step.kind === "gemm"
        ? [step.storage]
        : [],
  );

describe("float16 in kernels", () => {
  test("a conversion that is stored is rounded by memory alone", () => {
    const x = input("float32", 7);
    const low = lowered([x], [convert(x, "float16")]);
    expect(roundings(low.plan.segment.steps)).toBe(0);
    expect(low.run([array("float32", [7], 0.1)])[0].data[0]).toBe(roundHalf(0.1));
  });

  test("a conversion in the middle rounds, arithmetic does not", () => {
    const x = input("float32", 7);
    const there = lowered([x], [convert(convert(x, "float16"), "float32")]);
    expect(roundings(there.plan.segment.steps)).toBe(1);
    expect(there.run([array("float32", [7], 0.1)])[0].data[0]).toBe(roundHalf(0.1));
    const y = input("float16", 7);
    const square = record("mul", NO_PARAMS, [y, y]);
    // 300² is beyond the largest half, and 300²/300 is not
    const low = lowered([y], [record("div", NO_PARAMS, [square, y])]);
    expect(roundings(low.plan.segment.steps)).toBe(0);
    expect(low.run([array("float16", [7], 300)])[0].data[0]).toBe(300);
  });

  test("numbers are halves, truth needs no rounding", () => {
    const x = input("float16", 5);
    const literals = lowered(
      [x],
      [convert(record("mul", NO_PARAMS, [x, literal(aval("float16", []), 0.1)]), "float32")],
    );
    expect(literals.run([array("float16", [5], 1)])[0].data[0]).toBe(roundHalf(0.1));
    const slots = lowered([x], [convert(record("mul", NO_PARAMS, [x, scalar(aval("float16", []), 0.1)]), "float32")]);
    expect(roundings(slots.plan.segment.steps)).toBe(1);
    expect(slots.run([array("float16", [5], 1)])[0].data[0]).toBe(roundHalf(0.1));
    const truth = input("bool", 5);
    expect(roundings(lowered([truth], [convert(convert(truth, "float16"), "float32")]).plan.segment.steps)).toBe(0);
  });

  test("leaves of a long sum are stored in float32", () => {
    const x = input("float16", 40_000);
    const low = lowered([x], [record("reduceSum", { axes: [0] }, [x])]);
    expect(storages(low.plan.segment.steps)).toEqual(["f16", "f32", "f32", "f16"]);
    // sums of leaves are beyond the largest half, their sum is not
    const balanced = {
      ...array("float16", [40_000], 8),
      data: Float64Array.from({ length: 40_000 }, (_, i) => (i < 20_000 ? 8 : -8)),
    };
    expect(low.run([balanced])[0].data[0]).toBe(0);
    expect(low.run([array("float16", [40_000], roundHalf(1.001))])[0].data[0]).toBe(
      roundHalf(40_000 * roundHalf(1.001)),
    );
    const top = lowered([x], [record("reduceMax", { axes: [0] }, [x])]);
    expect(new Set(storages(top.plan.segment.steps))).toEqual(new Set(["f16"]));
  });

  test("a product of matrices is float32's, large or small", () => {
    for (const n of [4, 32]) {
      const [a, b] = [input("float16", n, n), input("float16", n, n)];
      const low = lowered([a, b], [record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [a, b])]);
      expect(low.kinds.includes("gemm")).toBe(n === 32);
      if (n === 32) expect(storages(low.plan.segment.steps.filter(({ kind }) => kind === "gemm"))).toEqual(["f32"]);
      const [product] = low.run([array("float16", [n, n], 0.1), array("float16", [n, n], 3)]);
      expect([product.dtype, product.data[n]]).toEqual(["float16", roundHalf(n * roundHalf(0.1) * 3)]);
    }
  });

  test("a transposition without a template is a kernel", () => {
    const x = input("float16", 300, 200);
    const low = lowered([x], [record("transpose", { perm: [1, 0] }, [x])], createInterpreter({ transpose: false }));
    expect(low.kinds).toEqual(["kernel"]);
  });
});

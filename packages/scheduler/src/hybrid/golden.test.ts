// Golden plans: where parts of typical programs go on a laptop with a GPU, by its profile. A change here is a change
// of what users get.
import type { DType, Node } from "@weft/ir";
import { aval, literal, placeholder, record } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { formatBytes } from "../explain.ts";
import type { Duo } from "../testing/duo.ts";
import { createDuo, planFor } from "../testing/duo.ts";
import { graphOf } from "../testing/lowering.ts";
import { matmul, op, sum } from "../testing/operations.ts";
import { LAPTOP } from "../testing/profiles.ts";
import { HybridExecutable } from "./executable.ts";
import type { PlaceRequest } from "./plan.ts";
import { minimumCut } from "./partition.ts";
import { CPU, GPU, totalCost } from "./problem.ts";

const laptop = (): Duo =>
  createDuo({ cpu: { speed: LAPTOP[0] }, gpu: { speed: LAPTOP[1], serves: ["bool", "i32", "u32", "f16", "f32"] } });
const array = (shape: readonly number[], dtype: DType = "float32"): Node => placeholder(aval(dtype, shape), "x", null);
const times = (x: Node, value: number): Node => op("mul", x, literal(aval(x.aval.dtype, []), value));
const selu = (x: Node): Node =>
  times(
    record("select", {}, [
      record("compare", { op: "gt" }, [x, literal(aval(x.aval.dtype, []), 0)]),
      x,
      times(op("expm1", x), 1.67),
    ]),
    1.05,
  );

/** The steps of a plan in a line each. */
function planned(
  inputs: readonly Node[],
  outputs: readonly Node[],
  request: Partial<PlaceRequest> = {},
  duo = laptop(),
): string[] {
  const { graph } = graphOf(inputs, outputs);
  const { runnable, decision } = planFor(graph, duo, request);
  const { problem } = decision.placeable;
  const cheapest = totalCost(problem, minimumCut(problem));
  expect(cheapest).toBeLessThanOrEqual(decision.allCpu);
  expect(cheapest).toBeLessThanOrEqual(decision.allGpu);
  if (!(runnable instanceof HybridExecutable))
    return [`${runnable.device.backend.id}: ${runnable.lowered.groups.map(({ title }) => title).join("; ")}`];
  return runnable.steps.map((step) =>
    step.kind === "send"
      ? `send ${formatBytes(runnable.slots[step.to].bytes)} to ${runnable.devices[runnable.slots[step.to].device].backend.id}`
      : `${runnable.devices[step.device].backend.id}: ${step.executable.lowered.groups.map(({ title }) => title).join("; ")}`,
  );
}
const SELU = "3×literal expm1 2×mul compare select";

describe("a laptop with a GPU", () => {
  const [m, v, x] = [array([2048, 2048]), array([64]), array([1_000_000])];

  test("elementwise work goes where its data lies, and from the processor to the GPU only if it is heavy", () => {
    expect(planned([x], [times(x, 2)])).toEqual(["wasm: literal mul"]);
    expect(planned([x], [times(x, 2)], { homes: [GPU] })).toEqual(["webgpu: literal mul"]);
    expect(planned([x], [selu(x)])).toEqual(["send 3.8 MiB to webgpu", `webgpu: ${SELU}`]);
    expect(planned([x], [selu(x)], { homes: [GPU], wanted: CPU })).toEqual([`webgpu: ${SELU}`]);
    // read on the host it is not worth two transfers
    const small = array([30_000]);
    expect(planned([small], [selu(small)], { wanted: CPU })).toEqual([`wasm: ${SELU}`]);
  });

  test.each([
    [128, ["wasm: gemm 128×128×128"]],
    [512, ["send 1.0 MiB to webgpu", "send 1.0 MiB to webgpu", "webgpu: gemm 512×512×512"]],
    [2048, ["send 16.0 MiB to webgpu", "send 16.0 MiB to webgpu", "webgpu: gemm 2048×2048×2048"]],
  ])("a product of %i", (n, steps) => {
    const [a, b] = [array([n, n]), array([n, n])];
    expect(planned([a, b], [matmul(a, b)])).toEqual(steps);
  });

  test("sizes within a factor are placed alike", () => {
    const sides = [900, 1000, 1024, 1100, 1300].map((n) => {
      const [a, b] = [array([n, n]), array([n, n])];
      return planned([a, b], [matmul(a, b)]).map((step) => step.split(":")[0].replace(/[\d.]+ MiB/, ""));
    });
    for (const steps of sides) expect(steps).toEqual(sides[0]);
  });

  test("an update of a few parameters stays on the processor, wherever its gradient came from", () => {
    const [p, g] = [array([1000]), array([1000])];
    expect(planned([p, g], [op("sub", p, times(g, 0.01))])).toEqual(["wasm: literal mul sub"]);
    expect(planned([p, g], [op("sub", p, times(g, 0.01))], { homes: [GPU, GPU] })).toEqual(["webgpu: literal mul sub"]);
  });

  test("small loops beside large products: each on its own device, the GPU's first", () => {
    let y: Node = v;
    for (let i = 0; i < 30; i++) y = op("sub", op("sin", y), times(sum(y), 0.01));
    const steps = planned([m, v], [sum(matmul(matmul(m, m), m)), y]);
    expect(steps.map((step) => step.split(":")[0])).toEqual(["send 16.0 MiB to webgpu", "webgpu", "wasm"]);
    expect(steps[1]).toBe("webgpu: gemm 2048×2048×2048; gemm 2048×2048×2048; reshape reduceSum; reduceSum");
  });

  test("a network's layers stay together", () => {
    const [w1, w2, w3, input] = [array([784, 2048]), array([2048, 2048]), array([2048, 10]), array([512, 784])];
    const forward = matmul(op("tanh", matmul(op("tanh", matmul(input, w1)), w2)), w3);
    expect(planned([w1, w2, w3, input], [forward]).at(-1)).toBe(
      "webgpu: gemm 512×2048×784; tanh; gemm 512×2048×2048; tanh; gemm 512×10×2048",
    );
    expect(planned([w1, w2, w3, input], [forward], { homes: [GPU, GPU, GPU, GPU] })).toHaveLength(1);
  });

  test("float64 stays on the processor, beside products that do not", () => {
    const wide = array([512, 512], "float64");
    expect(planned([wide, m], [matmul(wide, wide), matmul(m, m)])).toEqual([
      "send 16.0 MiB to webgpu",
      "webgpu: gemm 2048×2048×2048",
      "wasm: gemm 512×512×512",
    ]);
  });

  test("arrays beyond the GPU's limits stay on the processor", () => {
    const duo = createDuo({
      cpu: { speed: LAPTOP[0] },
      gpu: { speed: LAPTOP[1], limits: { bufferBytes: 2 ** 23, totalBytes: 2 ** 30 } },
    });
    expect(planned([m], [matmul(m, m)], {}, duo)).toEqual(["wasm: gemm 2048×2048×2048"]);
  });
});

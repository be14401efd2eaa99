// Folds of the runtime inside subgroups: used exactly where the adapter and the language have what they need, with the
// rules of NaN. The generated code itself is tested in wgsl/, in every form, on whatever adapter there is.
import type { Buffer, Kernel, Step } from "@weft/ir";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { KernelBuilder } from "../testing/build.ts";
import { openGpu } from "./gpu-node.ts";
import type { WebgpuBackend } from "./index.ts";
import { missing, openDevice } from "../scripts/testing/adapter.ts";
import { at, floats } from "../scripts/testing/steps.ts";

/** Rows of `cols` elements, each folded by one monoid. */
function folding(monoid: "sum" | "max" | "min"): {
  kernel: Kernel;
  dims(rows: number, cols: number): readonly number[];
} {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
  const value = b.load(x, b.at(0, ["cols", r], [1, c]));
  b.over(r)
    .reduce([c], [{ monoid, lane: "f32", inputs: [value] }])
    .map([], b.store(out, b.at(0, [1, r]), b.result("f32", 0, 0)));
  return { kernel: b.build(), dims: (rows, cols) => b.values({ rows, cols }) };
}

describe.skipIf(missing !== null)("folds inside subgroups", () => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    backend = await openDevice();
  });
  afterAll(() => backend.close());

  const upload = (data: ArrayBufferView): Buffer => {
    const buffer = backend.alloc(data.byteLength);
    backend.upload(buffer, data);
    return buffer;
  };
  const [rows, cols] = [6, 1000];
  const data = Float32Array.from({ length: rows * cols }, (_, i) => ((i * 37) % 101) - 50);
  data[2 * cols + 999] = NaN;
  data[4 * cols] = NaN;

  test.each(["sum", "max", "min"] as const)("%s", async (monoid) => {
    const { device } = backend;
    if (device === null) throw new Error("the device is not open");
    const source = await openGpu();
    if ("missing" in source) throw new Error(source.missing);
    const there = device.features.has("subgroups") && source.gpu.wgslLanguageFeatures.has("subgroup_id");
    source.release();
    const made = vi.spyOn(device, "createShaderModule");
    const { kernel, dims } = folding(monoid);
    const step: Step = {
      kind: "kernel",
      kernel,
      key: `fold ${monoid}`,
      dims: dims(rows, cols),
      params: [],
      places: [at(0), at(1)],
      points: rows,
      work: rows * cols,
    };
    const out = backend.alloc(rows * 4);
    const program = backend.compile({ steps: [step], buffers: 2, slots: 0 });
    await backend.run(program, { buffers: [upload(data), out], slots: [] }).wait();
    const texts = made.mock.calls.map(([{ code }]) => code);
    made.mockRestore();
    expect(texts).toHaveLength(1);
    expect(texts[0].includes("enable subgroups;")).toBe(there);
    const expected = Array.from({ length: rows }, (_, row) => {
      const values = [...data.subarray(row * cols, (row + 1) * cols)];
      if (monoid === "sum") return values.reduce((sum, x) => sum + x, 0);
      return monoid === "max" ? Math.max(...values) : Math.min(...values);
    });
    expect([...(await floats(backend, out, rows))]).toEqual(expected);
  });
});

// Kernels that compute four points an invocation: which buffers become vectors, and that the values are the same.
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, noise } from "../../testing/check.ts";
import { openAdapter } from "../../testing/dawn.ts";
import { emitWgsl, wideBuffers } from "./index.ts";

const adapter = await openAdapter();

/** out[r, c] = x[r, c]·y[c] + z[r] + w[r, c + shift]: a line, a row, a column, and a line with a start. */
function kernelOf() {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const [x, y, z, w, out] = [
    b.buffer("f32"),
    b.buffer("f32"),
    b.buffer("f32"),
    b.buffer("f32"),
    b.buffer("f32", "write"),
  ];
  const line = b.at(0, ["cols", r], [1, c]);
  const product = b.apply("f32", "mul", b.load(x, line), b.load(y, b.at(0, [1, c])));
  const sum = b.apply("f32", "add", product, b.load(z, b.at(0, [1, r])));
  const shifted = b.load(w, b.at("shift", ["cols", r], [1, c]));
  b.over(r, c).map([], b.store(out, line, b.apply("f32", "add", sum, shifted)));
  return { kernel: b.build(), dims: (rows: number, cols: number, shift: number) => b.values({ rows, cols, shift }) };
}
const none = [0, 0, 0, 0, 0];

describe("four points an invocation", () => {
  it("binds as vectors what moves by one element and begins where vectors do", () => {
    const { kernel, dims } = kernelOf();
    expect(wideBuffers(kernel, dims(3, 8, 4), none)).toEqual([true, true, false, true, true]);
    expect(wideBuffers(kernel, dims(3, 8, 3), none)).toEqual([true, true, false, false, true]);
    expect(wideBuffers(kernel, dims(3, 8, 4), [0, -2, 0, 0, 0])).toEqual([true, false, false, true, true]);
  });

  it("leaves alone lines that are no whole vectors, unknown sizes, and a result that is none", () => {
    const { kernel, dims } = kernelOf();
    expect(wideBuffers(kernel, dims(4, 6, 4), none)).toBe(null);
    expect(wideBuffers(kernel, [...dims(3, 8, 4)].fill(null as unknown as number), none)).toBe(null);
    expect(wideBuffers(kernel, dims(3, 8, 4), [0, 0, 0, 0, 1])).toBe(null);
    const { kernel: narrow, dims: sizes } = kernelOf();
    const bools = narrow.buffers.map((buffer, i) => (i === 4 ? { ...buffer, storage: "bool" as const } : buffer));
    expect(wideBuffers({ ...narrow, buffers: bools }, sizes(3, 8, 4), none)).toBe(null);
  });

  it("reads and writes them as vectors", () => {
    const { kernel, dims } = kernelOf();
    const wide = wideBuffers(kernel, dims(3, 8, 4), none);
    const { code, dispatch } = emitWgsl(kernel, { f16: false, subgroups: false, maxStorageBuffers: 8, wide });
    expect(code).toContain("b0: array<vec4<f32>>");
    expect(code).toContain("b2: array<f32>");
    expect(code).toContain("b4: array<vec4<f32>>");
    expect(dispatch(4096)).toEqual([4, 1, 1]);
    expect(
      emitWgsl(kernel, { f16: false, subgroups: false, maxStorageBuffers: 8, wide, vectors: 2 }).dispatch(4096),
    ).toEqual([2, 1, 1]);
  });

  it.skipIf(adapter === null)("computes the same", async () => {
    const { kernel, dims } = kernelOf();
    for (const [rows, cols, shift] of [
      [1, 4, 0],
      [5, 8, 4],
      [7, 300, 2],
      [300, 12, 4],
    ]) {
      const size = rows * cols;
      const buffers = [noise("f32", size), noise("f32", cols), noise("f32", rows), noise("f32", size + 4)];
      await check(adapter, kernel, {
        dims: dims(rows, cols, shift),
        params: [],
        buffers: [...buffers, blank("f32", size)],
      });
    }
  });
});

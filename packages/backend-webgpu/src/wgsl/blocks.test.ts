// Sums in blocks: the same numbers as plain loops give, more of their digits, and plain text where sums are short.
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, noise } from "../../testing/check.ts";
import type { Adapter } from "../../testing/dawn.ts";
import { memoryOf, openAdapter, runWgsl } from "../../testing/dawn.ts";
import { emitWgsl, nameOfWalks, walksOf } from "./index.ts";

const adapter = await openAdapter();
const onAdapter = adapter === null ? describe.skip : describe;

/** Row sums of an array whose last axes are folded, and its dims. */
function rowSums(rows: number, inner: readonly number[]): [KernelBuilder, number[]] {
  const b = new KernelBuilder();
  const row = b.axis("rows");
  const axes = inner.map((_, i) => b.axis(`n${i}`));
  const strideOf = (i: number): number => inner.slice(i + 1).reduce((product, n) => product * n, 1);
  const size = strideOf(-1);
  const at = b.at(0, ["size", row], ...axes.map((axis, i) => [strideOf(i), axis] as const));
  const x = b.load(b.buffer("f32"), at);
  b.over(row)
    .reduce(axes, [{ monoid: "sum", lane: "f32", inputs: [x] }])
    .map([], b.store(b.buffer("f32", "write"), b.at(0, [1, row]), b.result("f32", 0, 0)));
  return [b, b.values({ rows, size, ...Object.fromEntries(inner.map((n, i) => [`n${i}`, n])) })];
}

const SHAPES = [[100], [1000], [2049], [16_384], [8192, 2], [3, 5000], [40, 3, 70], [2, 2, 2, 2000], [65, 65]];

describe("walks", () => {
  it.each<[string, number[], string | null]>([
    ["a short sum", [64], null],
    ["a long one", [100], "2"],
    ["one of blocks of blocks", [16_384], "3"],
    ["a long and a tiny axis", [8192, 2], "30"],
    ["short axes", [16, 16, 16], "111"],
  ])("%s", (_name, inner, expected) => {
    const [b, dims] = rowSums(7, inner);
    const walks = walksOf(b.build(), dims, "point");
    expect(walks === null ? null : nameOfWalks(walks).slice(1)).toBe(expected);
    expect(walksOf(b.build(), dims, "group")).toBeNull();
  });

  it("integers and largest elements are folded by plain loops", () => {
    const b = new KernelBuilder();
    const k = b.axis("n");
    const [x, y] = [b.load(b.buffer("i32"), b.at(0, [1, k])), b.load(b.buffer("f32"), b.at(0, [1, k]))];
    b.reduce(
      [k],
      [
        { monoid: "sum", lane: "i32", inputs: [x] },
        { monoid: "max", lane: "f32", inputs: [y] },
      ],
    );
    expect(walksOf(b.build(), [5000], "point")).toBeNull();
  });
});

onAdapter("sums in blocks", () => {
  it.each(SHAPES.map((inner) => [inner]))("of %j are those of plain loops", async (inner) => {
    const [b, dims] = rowSums(5, inner);
    const size = inner.reduce((product, n) => product * n, 1);
    const buffers = [noise("f32", 5 * size), blank("f32", 5)];
    await check(adapter, b.build(), { dims, params: [], buffers }, 1e-4);
  });

  it.each(SHAPES.map((inner) => [inner]))("of %j equal terms keep their digits", async (inner) => {
    const [b, dims] = rowSums(3, inner);
    const size = inner.reduce((product, n) => product * n, 1);
    const kernel = b.build();
    const buffers = [memoryOf("f32", 3 * size, () => 0.1), blank("f32", 3)];
    const walks = walksOf(kernel, dims, "point");
    const [, sums] = await runWgsl(adapter as Adapter, kernel, { dims, params: [], buffers }, { walks });
    for (const sum of sums) expect(Math.abs(sum / (Math.fround(0.1) * size) - 1)).toBeLessThan(2e-6);
  });

  it("folds of other kinds, stores on the way and later phases stay what they are", async () => {
    const b = new KernelBuilder();
    const [row, k, l] = [b.axis("rows"), b.axis("n"), b.axis("m")];
    const [source, copy, out] = [b.buffer("f32"), b.buffer("f32", "write"), b.buffer("f32", "write")];
    const at = b.at(0, ["size", row], ["m", k], [1, l]);
    const x = b.load(source, at);
    const best = b.index(b.at(0, ["m", k], [1, l]));
    b.over(row)
      .reduce(
        [k, l],
        [
          { monoid: "sum", lane: "f32", inputs: [x] },
          { monoid: "argmax", lane: "f32", inputs: [x, best] },
          { monoid: "sum", lane: "f32", inputs: [b.apply("f32", "mul", x, x)] },
        ],
        b.store(copy, at, b.apply("f32", "neg", x)),
      )
      .map(
        [],
        b.store(out, b.at(0, [4, row]), b.result("f32", 0, 0)),
        b.store(out, b.at(1, [4, row]), b.result("f32", 0, 1, 0)),
        b.store(out, b.at(2, [4, row]), b.apply("f32", "convert", b.result("i32", 0, 1, 1))),
        b.store(out, b.at(3, [4, row]), b.result("f32", 0, 2)),
      );
    const [rows, n, m] = [4, 150, 70];
    const buffers = [noise("f32", rows * n * m), blank("f32", rows * n * m), blank("f32", 4 * rows)];
    await check(adapter, b.build(), { dims: b.values({ rows, n, m, size: n * m }), params: [], buffers }, 1e-4);
  });
});

describe("the text of sums", () => {
  it("has no blocks unless they are asked for", () => {
    const [b, dims] = rowSums(7, [5000]);
    const kernel = b.build();
    const options = { f16: false, subgroups: false, maxStorageBuffers: 8 };
    const loops = (code: string): number => code.split("for (").length - 1;
    expect(loops(emitWgsl(kernel, options).code)).toBe(1);
    expect(loops(emitWgsl(kernel, { ...options, walks: walksOf(kernel, dims, "point") }).code)).toBe(3);
  });
});

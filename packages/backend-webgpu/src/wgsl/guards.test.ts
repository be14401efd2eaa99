// Kernels of many guards: with && in their text SwiftShader took exponential time over eight of them in a loop and never
// finished; what compiles here is held against the interpreter too.
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, noise } from "../../testing/check.ts";
import { openAdapter } from "../../testing/dawn.ts";
import { emitWgsl } from "./index.ts";

const adapter = await openAdapter();
const onAdapter = adapter === null ? describe.skip : describe;

type Form = "loads" | "conditions" | "conditions that grow";

/** Rows of sums over padded pieces, each where its guard holds and else what the pieces before it are. */
function pieces(count: number, form: Form, loops: boolean): [KernelBuilder, Record<string, number>] {
  const b = new KernelBuilder();
  const [row, k] = [b.axis("rows"), b.axis("n")];
  const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
  const sizes: Record<string, number> = { rows: 9, n: 11, h: 6, w: 7 };
  let value = b.constant("f32", 1);
  const entries: Parameters<KernelBuilder["guard"]> = [];
  for (let i = 0; i < count; i++) {
    const [r, c] = [`r${i}`, `c${i}`];
    sizes[r] = -(i % 4);
    sizes[c] = -(i % 5);
    sizes[`at${i}`] = -(i % 4) * 7 - (i % 5);
    if (form !== "conditions that grow") entries.length = 0;
    entries.push([b.at(r, [1, row]), 0, "h"], [b.at(c, [1, k]), 0, "w"]);
    const guard = b.guard(...entries);
    const at = b.at(`at${i}`, ["w", row], [1, k]);
    value =
      form === "loads"
        ? b.load(x, at, guard, value)
        : b.apply("f32", "select", b.inside(guard), b.apply("f32", "add", value, b.load(x, at, guard, null)), value);
  }
  if (loops)
    b.over(row)
      .reduce([k], [{ monoid: "sum", lane: "f32", inputs: [value] }])
      .map([], b.store(out, b.at(0, [1, row]), b.result("f32", 0, 0)));
  else b.over(row, k).map([], b.store(out, b.at(0, ["n", row], [1, k]), value));
  return [b, sizes];
}

describe("kernels of many guards", () => {
  it.each<[Form, number, boolean]>([
    ["loads", 8, true],
    ["loads", 24, true],
    ["loads", 24, false],
    ["conditions", 12, true],
    ["conditions", 12, false],
    ["conditions that grow", 8, true],
    ["conditions that grow", 8, false],
  ])("%s, %i of them, in a loop: %s", { timeout: 60_000 }, async (form, count, loops) => {
    const [b, sizes] = pieces(count, form, loops);
    const kernel = b.build();
    // short-circuiting operators are branches
    const { code } = emitWgsl(kernel, { f16: false, subgroups: false, maxStorageBuffers: 8 });
    expect(code.slice(code.indexOf("fn main"))).not.toMatch(/&&|\|\|/);
    const length = loops ? sizes.rows : sizes.rows * sizes.n;
    await check(adapter, kernel, {
      dims: b.values(sizes),
      params: [],
      buffers: [noise("f32", 42), blank("f32", length)],
    });
  });
});

onAdapter("many functions in a loop", () => {
  it.each(["max", "pow", "atan2", "rem", "div", "min"] as const)("%s", { timeout: 60_000 }, async (fn) => {
    const b = new KernelBuilder();
    const [row, k] = [b.axis("rows"), b.axis("n")];
    let value = b.load(b.buffer("f32"), b.at(0, ["n", row], [1, k]));
    const out = b.buffer("f32", "write");
    const params = [1.5, 2.5, 0.5, 3.5, 1.25, 0.75];
    for (const _ of params) value = b.apply("f32", fn, value, b.param("f32"));
    b.over(row)
      .reduce([k], [{ monoid: "max", lane: "f32", inputs: [value] }])
      .map([], b.store(out, b.at(0, [1, row]), b.result("f32", 0, 0)));
    await check(adapter, b.build(), {
      dims: b.values({ rows: 5, n: 40 }),
      params,
      buffers: [noise("f32", 200), blank("f32", 5)],
    });
  });
});

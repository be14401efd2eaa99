// What a page is to the library: isolated or not, as this project's server says, with the lanes and the memory that
// follow from it; and that errors begin at the user's line there too.
import type { NDArray } from "@weft/api";
import { init, numpy as np, profiler, ShapeError } from "@weft/api";
import { createWasmBackend } from "@weft/backend-wasm";
import { expect, inject, test } from "vitest";

const isolated = inject("isolated");
const { threads } = await init({ threads: 2 });

test("the page is isolated as its server says, and the device has the lanes that this allows", () => {
  expect(crossOriginIsolated).toBe(isolated);
  expect(threads).toBe(isolated ? 2 : 1);
  expect(createWasmBackend({ threads: 5 }).threads).toBe(isolated ? 5 : 1);
});

// Σ sin(k·h) for k < n in closed form
const n = 3_000_000;
const h = 1e-3;
const expected = (Math.sin((n * h) / 2) / Math.sin(h / 2)) * Math.sin(((n - 1) * h) / 2);

test("long sums come with an await and without one, from every lane", async () => {
  const program = (): NDArray => np.sum(np.sin(np.arange(n).mul(h)));
  const busy = new Set<string>();
  // lanes come up beside the first programs
  for (let i = 0; i < 40 && busy.size < threads; i++) {
    expect(Math.abs(Number(program().item()) - expected)).toBeLessThan(1);
    const trace = await profiler.trace(() => program().data());
    expect(Math.abs(trace.result[0] - expected)).toBeLessThan(1);
    for (const { name } of trace.lanes) if (/^wasm \d/u.test(name)) busy.add(name);
  }
  expect([...busy].sort()).toEqual(isolated ? ["wasm 0", "wasm 1"] : ["wasm 0"]);
});

test("errors begin at the user's line", () => {
  const fail = (): unknown => np.ones([3, 4]).add(np.ones([3]));
  expect(fail).toThrow(ShapeError);
  try {
    fail();
  } catch (error) {
    const [, first] = /^\s+at (.*)$/mu.exec((error as Error).stack ?? "") ?? [];
    expect(first).toContain("page.test.ts");
  }
});

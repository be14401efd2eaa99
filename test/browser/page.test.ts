// What a page is to the library: isolated or not, as this project's server says, with the lanes and the memory that
// follow from it; and that errors begin at the user's line there too.
import type { NDArray } from "@weft/api";
import { deviceGet, devicePut, init, numpy as np, profiler, ShapeError } from "@weft/api";
import { createWasmBackend } from "@weft/backend-wasm";
import { describe, expect, inject, test } from "vitest";
import { skipped } from "../support/require.ts";

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

describe("while large arrays are put on a device", () => {
  /** Macrotasks that come meanwhile. */
  async function tasksDuring(work: () => Promise<void>): Promise<number> {
    const { port1, port2 } = new MessageChannel();
    let count = 0;
    port1.onmessage = () => {
      count++;
      port2.postMessage(null);
    };
    port2.postMessage(null);
    await work();
    port1.close();
    return count;
  }
  const source = (): Float32Array => Float32Array.from({ length: 12_000_000 }, (_, i) => i % 1000);

  test("the page lives, on wasm", async () => {
    const tree = { a: source(), b: source() };
    const count = await tasksDuring(async () => {
      using a = (await devicePut(tree, "wasm")).a;
      expect(Number(a.slice(-1).item())).toBe(999);
    });
    // 96 MB take longer than a slice on every machine so far
    expect(count).toBeGreaterThanOrEqual(1);
  });

  test("the page lives, on webgpu, and as arrays move between devices", async () => {
    const { missing } = await init({ devices: ["webgpu"] });
    if (skipped("webgpu", missing.webgpu ?? null, "large arrays on their way to webgpu")) return;
    const counts: number[] = [];
    let there = np.ones([1]);
    counts.push(await tasksDuring(async () => void (there = await devicePut(source(), "webgpu"))));
    expect(there.device).toBe("webgpu");
    const here = np.array(source());
    let moved = here;
    counts.push(await tasksDuring(async () => void (moved = await devicePut(here, "webgpu"))));
    let back = here;
    counts.push(await tasksDuring(async () => void (back = await deviceGet(moved))));
    expect([back.device, Number(back.sub(here).abs().max().item())]).toEqual(["wasm", 0]);
    expect((await there.data())[11_999_999]).toBe(999);
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(10);
  });
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

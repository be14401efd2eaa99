// A trace of work on both devices at once: lanes of both, and of the transfers between host and GPU.
import { describe, expect, test } from "vitest";
import { devicePut, init, numpy as np, profiler } from "@weft/api";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["wasm", "webgpu"] });
skipped("webgpu", missing.webgpu ?? null, "traces of both devices");

describe.skipIf("webgpu" in missing)("a trace", () => {
  test("has the lanes of both devices when both work", async () => {
    const here = np.full([200, 200], 0.5);
    const there = devicePut(np.full([200, 200], 0.25), "webgpu");
    // one after the other: what is asked for together is one plan, on one device
    await here.ready();
    await there.ready();
    const { result, lanes, traceEvents } = await profiler.trace(async () => {
      const [x, y] = [np.matmul(here, here), np.matmul(there, there)];
      const [a, b] = await Promise.all([x.data(), y.data()]);
      devicePut(x, "webgpu").dispose();
      return [a[0], b[0]];
    });
    expect(result).toEqual([50, 12.5]);
    const names = lanes.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "host",
        "wasm 0",
        "webgpu compiler",
        "webgpu queue",
        "webgpu transfer down",
        "webgpu transfer up",
      ]),
    );
    expect(lanes.filter(({ device }) => device !== "host").every(({ busy }) => busy >= 0)).toBe(true);
    const named = traceEvents.filter(({ ph }) => ph === "M").map(({ args }) => args?.name);
    expect(named.slice(0, 3)).toEqual(["host", "wasm", "webgpu"]);
    const { wasm, webgpu } = profiler.counters();
    expect([wasm.launches > 0, webgpu.launches > 0, webgpu.bytesDown >= 160_000, webgpu.bytesUp >= 320_000]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

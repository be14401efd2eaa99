// Traces of the WASM device and of a simulated one, and counters. What real GPUs report stands in test/webgpu.
import { afterEach, describe, expect, test } from "vitest";
import { createWasmBackend } from "@weft/backend-wasm";
import { shippedProfile, SimBackend, VirtualClock } from "@weft/scheduler";
import { array, exp, full, matmul, multiply as mul, sum } from "../numpy/index.ts";
import { jit } from "../transform/jit.ts";
import { useBackend } from "./devices.ts";
import type { TraceEvent } from "./profiler.ts";
import { profiler, Trace } from "./profiler.ts";

afterEach(() => {
  useBackend(null);
});

/** Spans by lane, in order. */
function spansByLane(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const names = new Map(
    events.filter(({ name }) => name === "thread_name").map(({ tid, args }) => [tid, String(args?.name)]),
  );
  const lanes = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (event.ph !== "X") continue;
    const lane = names.get(event.tid) ?? "none";
    lanes.set(lane, [...(lanes.get(lane) ?? []), event]);
  }
  return lanes;
}

/** Spans of a lane lie one after the other, or one inside the other. */
function expectNested(events: readonly TraceEvent[]): void {
  for (const [lane, spans] of spansByLane(events)) {
    const open: number[] = [];
    let last = -Infinity;
    for (const { ts = NaN, dur = NaN, name } of spans) {
      expect(ts, `${lane}: ${name}`).toBeGreaterThanOrEqual(last);
      last = ts;
      while (open.length > 0 && open[open.length - 1] <= ts + 2e-3) open.pop();
      if (open.length > 0) expect(ts + dur, `${lane}: ${name}`).toBeLessThanOrEqual(open[open.length - 1] + 2e-3);
      open.push(ts + dur);
    }
  }
}

describe("traces", () => {
  test("say what the lanes and the calling thread did, in a form that viewers load", async () => {
    const x = full([400_000], 0.5);
    x.dataSync();
    const trace = await profiler.trace(async () => {
      const y = exp(mul(x, 2));
      await y.ready();
      return sum(y).item();
    });
    expect(trace.result).toBeGreaterThan(1e6);
    const { traceEvents } = JSON.parse(JSON.stringify(trace)) as { traceEvents: TraceEvent[] };
    expect(traceEvents).toEqual(trace.traceEvents);
    expectNested(traceEvents);
    const lanes = spansByLane(traceEvents);
    expect([...lanes.keys()]).toContain("host");
    expect([...lanes.keys()].filter((lane) => /^wasm \d+$/.test(lane)).length).toBeGreaterThanOrEqual(1);
    expect(lanes.get("host")?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["evaluate", "plan", "compile", "read"]),
    );
    expect(traceEvents.filter(({ name }) => name === "process_name").map(({ args }) => args?.name)).toEqual([
      "host",
      "wasm",
    ]);
    for (const { ph, ts = 0, dur = 0 } of traceEvents)
      if (ph === "X") expect([ts >= 0, dur >= 0]).toEqual([true, true]);
    expect(String(trace)).toMatch(/^host: [\d.]+ ms in \d+ spans\n/);
  });

  test("every lane of the pool has its own", async () => {
    const device = createWasmBackend({ threads: 2 });
    useBackend(device);
    // a page that is not isolated has no other lanes
    const lanes = Array.from({ length: device.threads }, (_, lane) => `wasm ${lane}`);
    const x = full([300, 300], 0.5);
    const step = jit((a: typeof x) => matmul(a, a));
    await step(x).ready();
    // the second lane joins when it has started
    for (let round = 0; round < 200; round++) {
      const trace = await profiler.trace(async () => {
        for (let i = 0; i < 4; i++) await step(x).ready();
      });
      expectNested(trace.traceEvents);
      const names = trace.lanes.map(({ name }) => name);
      if (!lanes.every((lane) => names.includes(lane))) continue;
      expect(names.filter((name) => name.startsWith("wasm "))).toEqual(lanes);
      expect(
        trace.lanes.filter(({ device }) => device === "wasm").every(({ busy, spans }) => busy > 0 && spans > 0),
      ).toBe(true);
      return;
    }
    throw new Error("the second lane never did anything");
  });

  test("work that the function does not wait for is in the trace, and what comes later is not", async () => {
    const clock = new VirtualClock();
    const sim = new SimBackend({
      profile: shippedProfile({ id: "sim", fingerprint: "", kind: "gpu" }),
      clock,
      canBlock: false,
    });
    useBackend(sim);
    const x = array([1, 2, 3]);
    let y = mul(x, 2);
    const trace = await profiler.trace(() => {
      void y.ready();
    });
    expect(trace.lanes.find(({ name }) => name === "sim queue")?.spans).toBe(1);
    const { length } = trace.traceEvents;
    y = mul(y, 3);
    await y.ready();
    expect(trace.traceEvents).toHaveLength(length);
  });

  test("without one nothing is reported, and a function that fails ends its trace", async () => {
    const clock = new VirtualClock();
    const sim = new SimBackend({ profile: shippedProfile({ id: "sim", fingerprint: "", kind: "cpu" }), clock });
    const traces: boolean[] = [];
    const set = sim.trace.bind(sim);
    sim.trace = (tracer) => {
      traces.push(tracer !== null);
      set(tracer);
    };
    useBackend(sim);
    expect(mul(array([1, 2]), 2).tolist()).toEqual([2, 4]);
    expect(traces).toEqual([]);
    await expect(
      profiler.trace(() => {
        throw new RangeError("of the function");
      }),
    ).rejects.toThrow("of the function");
    await expect(profiler.trace(() => Promise.reject(new Error("later")))).rejects.toThrow("later");
    expect(traces).toEqual([true, false, true, false]);
    // and the next one is not refused
    expect((await profiler.trace(() => 7)).result).toBe(7);
  });

  test("two at a time are refused", async () => {
    const outer = profiler.trace(async () => {
      await expect(profiler.trace(() => 1)).rejects.toThrow(
        "profiler.trace: a trace is being taken already; traces do not nest",
      );
      return "outer";
    });
    expect((await outer).result).toBe("outer");
  });

  test("outer spans hold inner ones, and a lane's time counts once", () => {
    const span = (lane: string, name: string, from: number, to: number) => ({ lane, name, from, to, args: undefined });
    const trace = new Trace(
      null,
      [
        span("host", "inner", 12, 14),
        span("gpu queue", "b", 15, 16),
        span("host", "outer", 10, 20),
        span("gpu queue", "a", 11, 15),
      ],
      10,
    );
    expect(trace.lanes).toEqual([
      { device: "gpu", name: "gpu queue", spans: 2, busy: 5 },
      { device: "host", name: "host", spans: 2, busy: 10 },
    ]);
    const spans = trace.traceEvents.filter(({ ph }) => ph === "X").map(({ name, ts, dur }) => [name, ts, dur]);
    expect(spans).toEqual([
      ["a", 1000, 4000],
      ["b", 5000, 1000],
      ["outer", 0, 10_000],
      ["inner", 2000, 2000],
    ]);
    expectNested(trace.traceEvents);
  });
});

describe("counters", () => {
  test("count what was asked of devices", () => {
    const before = profiler.counters().wasm;
    const x = array(Array.from({ length: 1000 }, (_, i) => i));
    for (let i = 0; i < 3; i++) mul(x, i + 0.25).dataSync();
    const after = profiler.counters().wasm;
    expect(after.launches - (before?.launches ?? 0)).toBe(3);
    expect(after.planHits - (before?.planHits ?? 0)).toBe(2);
    expect(after.plansMade - (before?.plansMade ?? 0)).toBe(1);
    expect(after.bytesUp - (before?.bytesUp ?? 0)).toBe(4000);
    expect(after.bytesDown - (before?.bytesDown ?? 0)).toBe(12_000);
    expect(after.kernelsCompiled).toBeGreaterThanOrEqual(1);
    expect(after.device.lanes).toBeGreaterThanOrEqual(1);
  });
});

// Traces of the WebGPU device: steps by timestamp queries where the adapter has them, submissions by the host's clock
// where not, transfers and compilations; nothing without a tracer.
import { describe, expect, test } from "vitest";
import { openGpu } from "#gpu";
import type { Buffer, Step, Tracer } from "@weft/ir";

import type { WebgpuBackend } from "./index.ts";
import { missing, openDevice } from "../scripts/testing/adapter.ts";
import { at, floats, scale } from "../scripts/testing/steps.ts";

interface Span {
  readonly lane: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function recorder(): { readonly spans: Span[]; readonly tracer: Tracer; readonly of: (lane: string) => Span[] } {
  const spans: Span[] = [];
  const tracer: Tracer = { span: (lane, name, from, to) => void spans.push({ lane, name, from, to }) };
  return { spans, tracer, of: (lane) => spans.filter((span) => span.lane === `webgpu ${lane}`) };
}

/** Spans of every lane come one after the other, inside the time in which the trace was taken. */
function expectOrdered(spans: readonly Span[], start: number): void {
  const ends = new Map<string, number>();
  for (const { lane, from, to } of spans) {
    expect(from, lane).toBeGreaterThanOrEqual(Math.max(start - 1, ends.get(lane) ?? 0));
    expect(to, lane).toBeGreaterThanOrEqual(from);
    expect(to, lane).toBeLessThanOrEqual(performance.now());
    ends.set(lane, to);
  }
}

/** Four products of `n` numbers, a copy and a read. */
async function work(backend: WebgpuBackend, n: number): Promise<void> {
  const buffers: Buffer[] = [0, 1, 2].map(() => backend.alloc(n * 4));
  backend.upload(buffers[0], new Float32Array(n).fill(1));
  const steps: Step[] = [
    scale(n, at(0), at(1), 2),
    scale(n, at(1), at(2), 2),
    scale(n, at(2), at(1), 2),
    { kind: "copy", from: at(1), to: at(2), bytes: n * 4 },
    scale(n, at(2), at(1), 2),
  ];
  await backend.run(backend.compile({ steps, buffers: 3, slots: 0 }), { buffers, slots: [] }).wait();
  expect([...(await floats(backend, buffers[1], 2))]).toEqual([16, 16]);
  for (const buffer of buffers) backend.free(buffer, 0);
}

/** The host's adapter as if it had no timestamps. */
async function withoutTimestamps(): Promise<GPUAdapter> {
  const source = await openGpu();
  const adapter = "missing" in source ? null : await source.gpu.requestAdapter();
  if (adapter === null) throw new Error("no adapter");
  const features = new Set([...adapter.features].filter((feature) => feature !== "timestamp-query"));
  const requestDevice = (descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> => adapter.requestDevice(descriptor);
  return { features, limits: adapter.limits, info: adapter.info, requestDevice } as unknown as GPUAdapter;
}

describe.skipIf(missing !== null)("a trace of the WebGPU device", () => {
  test("has a span a step where the adapter has timestamps, and lanes of transfers and of the compiler", async () => {
    const backend = await openDevice();
    const { spans, tracer, of } = recorder();
    const start = performance.now();
    await backend.trace(tracer);
    await work(backend, 100_000);
    await work(backend, 100_000);
    await backend.trace(null);
    expectOrdered(spans, start);
    if (backend.info.features.includes("timestamp-query")) {
      expect(of("queue").map(({ name }) => name)).toEqual(
        [0, 1, 2, 4, 0, 1, 2, 4].map((step) => `kernel of step ${step}`),
      );
      expect(of("queue").some(({ from, to }) => to > from)).toBe(true);
    } else expect(of("queue").map(({ name }) => name)).toEqual(["5 steps", "5 steps"]);
    expect(of("transfer up").map(({ name }) => name)).toEqual(["400000 bytes", "400000 bytes"]);
    expect(of("transfer down").length).toBe(2);
    expect(of("compiler").map(({ name }) => name)).toEqual(["kernel of step 0"]);
    await backend.close();
  });

  test("has a span a submission where it has none", async () => {
    const backend = await openDevice({ adapter: await withoutTimestamps() });
    expect(backend.info.features).not.toContain("timestamp-query");
    const { spans, tracer, of } = recorder();
    const start = performance.now();
    await backend.trace(tracer);
    await work(backend, 1000);
    await backend.trace(null);
    expectOrdered(spans, start);
    expect(of("queue").map(({ name }) => name)).toEqual(["5 steps"]);
    await backend.close();
  });

  test("ends where it is switched off, and hears of nothing before", async () => {
    const backend = await openDevice();
    await work(backend, 1000);
    const { spans, tracer } = recorder();
    await backend.trace(tracer);
    await backend.trace(null);
    expect(spans).toEqual([]);
    await work(backend, 1000);
    expect(spans).toEqual([]);
    await backend.close();
  });

  test("survives the loss of the device", async () => {
    const backend = await openDevice();
    const { tracer, of } = recorder();
    await backend.trace(tracer);
    const buffers = [backend.alloc(4000), backend.alloc(4000)];
    backend.upload(buffers[0], new Float32Array(1000));
    const steps = [scale(1000, at(0), at(1), 2)];
    const program = backend.compile({ steps, buffers: 2, slots: 0 });
    await program.ready();
    const ticket = backend.run(program, { buffers, slots: [] });
    backend.device?.destroy();
    await expect(ticket.wait()).rejects.toThrow("the device was lost");
    await work(backend, 1000);
    await backend.trace(null);
    expect(of("queue").length).toBeGreaterThan(0);
    await backend.close();
  });
});

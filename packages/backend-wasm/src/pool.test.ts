import type { Buffer, Ticket, Tracer } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import {
  buffersOf,
  chain,
  chainModel,
  floatsOf,
  kernelStep,
  lanesReady,
  ramp,
  scaleProgram,
  segment,
} from "../scripts/testing/bed.ts";
import { handmadeCompiler, scale, trap } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import { RING } from "./control.ts";
import type { WasmTuning } from "./backend.ts";

const N = 50_000;
const open: WasmBackend[] = [];

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});

function device(threads: number, tuning: WasmTuning = {}): WasmBackend {
  const backend = new WasmBackend(handmadeCompiler, { threads }, { inlineNanoseconds: 0, ...tuning });
  open.push(backend);
  return backend;
}

describe("programs that are awaited", () => {
  test.each([1, 2])("hold nobody up however many are in flight, on %i lanes", async (threads) => {
    const backend = device(threads);
    const program = scaleProgram(backend, N);
    const [source, ...targets] = buffersOf(backend, N, 30);
    backend.upload(source, ramp(N));
    const run = (target: Buffer, i: number, awaited: boolean): Ticket =>
      backend.run(program, { buffers: [source, target], slots: [i, i], awaited });
    const tickets = targets.map((target, i) => run(target, i, true));
    // one lane works only when it is asked to: nothing has been done yet
    if (threads === 1)
      expect(tickets.map(({ state }) => state)).toEqual(["running", ...tickets.slice(1).map(() => "queued")]);
    // one that nobody awaits waits for its place behind all of them
    const [last] = buffersOf(backend, N, 1);
    run(last, 99, false).help();
    expect(tickets.every(({ state }) => state === "done")).toBe(true);
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    [...targets, last].forEach((target, i) => {
      const by = target === last ? 99 : i;
      expect(floatsOf(backend, target)[5]).toBe(Math.fround(Math.fround(ramp(N)[5] * by) + by));
    });
  });

  test("are done in slices, the event loop has its turns", async () => {
    const backend = device(1);
    const program = scaleProgram(backend, N, 1e8);
    const [source, ...targets] = buffersOf(backend, N, 41);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await Promise.all(
      targets.map((target) => backend.run(program, { buffers: [source, target], slots: [1, 0], awaited: true }).wait()),
    );
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe.each([
  ["a thread that may sleep", true],
  ["a page's main thread", false],
])("more programs in flight than the ring holds, from %s", (_name, canSleep) => {
  const tuning = canSleep ? {} : { canSleep };

  test.each([1, 3])("awaited, on %i lanes", async (threads) => {
    const backend = device(threads, tuning);
    const program = scaleProgram(backend, N);
    const [source, ...targets] = buffersOf(backend, N, 41);
    backend.upload(source, ramp(N));
    const tickets = targets.map((target, i) => backend.run(program, { buffers: [source, target], slots: [i, i] }));
    expect(tickets.map(({ seq }) => seq)).toEqual(tickets.map((_, i) => i + 1));
    // one lane does nothing meanwhile: all that the ring does not hold has to wait
    if (threads === 1) expect(backend.counters().stalls).toBe(40 - RING);
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    targets.forEach((target, i) => {
      expect(floatsOf(backend, target)[5]).toBe(Math.fround(Math.fround(ramp(N)[5] * i) + i));
    });
  });

  test("read synchronously in the middle, each reading what the one before wrote", async () => {
    const backend = device(2, tuning);
    const program = scaleProgram(backend, N);
    const [a, b] = buffersOf(backend, N, 2);
    backend.upload(a, new Float32Array(N));
    const tickets = Array.from({ length: 60 }, (_, i) =>
      backend.run(program, { buffers: i % 2 === 0 ? [a, b] : [b, a], slots: [1, 1] }),
    );
    tickets[39].help();
    expect(tickets[39].state).toBe("done");
    await tickets[59].wait();
    expect(floatsOf(backend, a)[N - 1]).toBe(60);
  });

  test("are done although nobody waits, and fail when the device is closed", async () => {
    const backend = device(2, tuning);
    const program = scaleProgram(backend, N);
    const [a, b] = buffersOf(backend, N, 2);
    const tickets = Array.from({ length: 30 }, () => backend.run(program, { buffers: [a, b], slots: [1, 1] }));
    if (!canSleep) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => void (tickets[29].state === "done" ? resolve() : setTimeout(look, 2));
      look();
      await promise;
    }
    const more = Array.from({ length: 30 }, () => backend.run(program, { buffers: [a, b], slots: [1, 1] }));
    const last = more[29].wait();
    const closed = backend.close();
    await expect(last).rejects.toThrow(/the device was closed before run 60 was done/);
    await closed;
  });
});

interface Span {
  readonly lane: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly args: Readonly<Record<string, number | string>>;
}

function recorder(): { spans: Span[]; tracer: Tracer } {
  const spans: Span[] = [];
  return {
    spans,
    tracer: { span: (lane, name, from, to, args = {}) => void spans.push({ lane, name, from, to, args }) },
  };
}

/** Spans of a lane do not overlap and lie in the time they were taken in. */
function checkTimes(spans: readonly Span[], from: number, to: number): void {
  // Clocks of threads differ by what their time origins are rounded to.
  const slack = 1;
  for (const lane of new Set(spans.map((span) => span.lane))) {
    let end = from - slack;
    for (const span of spans.filter((other) => other.lane === lane)) {
      expect(span.from).toBeGreaterThanOrEqual(end);
      expect(span.to).toBeGreaterThanOrEqual(span.from);
      end = span.to;
    }
    expect(end).toBeLessThanOrEqual(to + slack);
  }
}

describe("a trace", () => {
  // A step of N points of 8 operations, in at most eight chunks a lane.
  // Filled memory puts the rings where lanes have not looked yet.
  test.each([
    [1, 8, "new"],
    [3, 12, "new"],
    [3, 12, "filled"],
  ])("holds every chunk of every step, on %i lanes, %i chunks a step, %s memory", async (threads, each, memory) => {
    const backend = device(threads);
    const program = backend.compile(chain(N));
    const buffers = buffersOf(backend, N, 3);
    backend.upload(buffers[0], ramp(N));
    await backend.run(program, { buffers, slots: [] }).wait();
    await lanesReady(backend);
    if (memory === "filled") for (let i = 0; i < 24; i++) backend.alloc(2 ** 20);
    const { spans, tracer } = recorder();
    const from = performance.now();
    backend.trace(tracer);
    const tickets = [1, 2, 3].map(() => backend.run(program, { buffers, slots: [] }));
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    backend.trace(null);
    const to = performance.now();
    await backend.run(program, { buffers, slots: [] }).wait();
    expect(floatsOf(backend, buffers[2])).toEqual(chainModel(ramp(N)));
    checkTimes(spans, from, to);
    const totals = new Map<string, number>();
    for (const { lane, name, args } of spans) {
      expect(lane).toMatch(/^wasm [012]$/);
      expect(Number(lane.slice(5))).toBeLessThan(threads);
      const key = `${args.program} ${name}`;
      totals.set(key, (totals.get(key) ?? 0) + Number(args.chunks));
    }
    expect([...new Set(spans.map(({ args }) => args.program))].sort()).toEqual([2, 3, 4]);
    expect(totals.size).toBe(30);
    for (const [key, chunks] of totals) expect([key, chunks]).toEqual([key, key.includes("copy") ? 4 : each]);
  });

  test("of inline runs has a span a step", () => {
    const backend = device(2, { inlineNanoseconds: 1e9 });
    const program = backend.compile(chain(1000));
    const buffers = buffersOf(backend, 1000, 3);
    const { spans, tracer } = recorder();
    const from = performance.now();
    backend.run(program, { buffers, slots: [] });
    backend.trace(tracer);
    backend.run(program, { buffers, slots: [] });
    backend.trace(null);
    backend.run(program, { buffers, slots: [] });
    expect(spans.map(({ lane, args }) => [lane, args.program])).toEqual(spans.map(() => ["wasm 0", 2]));
    expect(spans.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 9 }, (_, step) => `kernel ${step}`),
      "copy of 4000 bytes",
    ]);
    checkTimes(spans, from, performance.now());
  });

  test("of a program that traps holds what was run, inline and in the pool", async () => {
    for (const tuning of [{}, { inlineNanoseconds: 1e9 }]) {
      const backend = device(1, tuning);
      const buffers = buffersOf(backend, N, 2);
      const steps = [kernelStep(scale, [0, 1], [0], [1], N), kernelStep(trap, [0, 1], [0], [], N)];
      const { spans, tracer } = recorder();
      backend.trace(tracer);
      const ticket = backend.run(backend.compile(segment(steps, 2)), { buffers, slots: [] });
      await expect(ticket.wait()).rejects.toThrow(/step 1 of 2/);
      expect(spans.some(({ name }) => name === "kernel 0")).toBe(true);
    }
  });
});

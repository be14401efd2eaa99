import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { Backend, Buffer, DimValue, ParamValue, Program, Segment, Step } from "@weft/ir";
import { DeviceError, InternalError, OutOfMemoryError } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import { hold, handmadeCompiler, reverse, scale, scaleVariant, spell, trap } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import type { WasmOptions, WasmTuning } from "./backend.ts";
import type { WasmProgram } from "./program.ts";

const N = 50_000;
const open: WasmBackend[] = [];
const logged: string[] = [];

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
  logged.length = 0;
});

/** A device of handmade kernels; by default everything goes through the pool. */
function device(options: WasmOptions = {}, tuning: WasmTuning = { inlineNanoseconds: 0 }): WasmBackend {
  const log = (message: string): void => void logged.push(message);
  const backend = new WasmBackend(handmadeCompiler, options, { log, ...tuning });
  open.push(backend);
  return backend;
}

const at = (buffer: number): { buffer: number; offset: number } => ({ buffer, offset: 0 });

function kernelStep(
  which: typeof scale,
  places: readonly number[],
  dims: readonly DimValue[],
  params: readonly ParamValue[],
  points: number,
  work = points * 8,
): Step {
  return { kind: "kernel", kernel: which.kernel, key: which.key, dims, params, places: places.map(at), points, work };
}

const segment = (steps: readonly Step[], buffers: number, slots = 0): Segment => ({ steps, buffers, slots });

/** Ten steps that read each other's chunks: from buffer 0 through 1 and 2 to 1. */
function chain(n: number): Segment {
  const steps = [kernelStep(scale, [0, 1], [3], [1.5], n)];
  for (let i = 0; i < 4; i++) {
    steps.push(kernelStep(reverse, [1, 2], [n], [], n), kernelStep(scale, [2, 1], [i], [1.25], n));
  }
  steps.push({ kind: "copy", from: at(1), to: at(2), bytes: n * 4 });
  return segment(steps, 3);
}

function chainModel(input: Float32Array): Float32Array {
  let values = input.map((x) => Math.fround(x * 1.5) + 3);
  for (let i = 0; i < 4; i++) values = values.toReversed().map((x) => Math.fround(x * 1.25) + i);
  return values;
}

function floatsOf(backend: Backend, buffer: Buffer): Float32Array {
  const result = new Float32Array(buffer.bytes / 4);
  backend.readSync(buffer, new Uint8Array(result.buffer));
  return result;
}

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 1000) / 7);

function buffersOf(backend: Backend, n: number, count: number): Buffer[] {
  return Array.from({ length: count }, () => backend.alloc(n * 4));
}

/** One step that scales buffer 0 into buffer 1 by slot 0, plus slot 1. */
function scaleProgram(backend: WasmBackend, n: number, work = n * 8): WasmProgram {
  const dims = [{ base: 0, terms: [{ slot: 1, coef: 1 }] }];
  return backend.compile(segment([kernelStep(scale, [0, 1], dims, [{ slot: 0 }], n, work)], 2, 2));
}

async function untilTrue(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 4000 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
}

async function lanesReady(backend: WasmBackend): Promise<void> {
  await untilTrue(() => backend.counters().lanesReady === backend.threads);
}

describe("programs", () => {
  test.each([1, 2, 3])("of several steps give the same bits on %i lanes, helped and awaited", async (threads) => {
    const backend = device({ threads });
    const program = backend.compile(chain(N));
    const input = ramp(N);
    const expected = chainModel(input);
    for (let round = 0; round < 4; round++) {
      const buffers = buffersOf(backend, N, 3);
      backend.upload(buffers[0], input);
      const ticket = backend.run(program, { buffers, slots: [] });
      if (round % 2 === 0) ticket.help();
      else await ticket.wait();
      expect(ticket.state).toBe("done");
      expect(floatsOf(backend, buffers[2])).toEqual(expected);
      for (const buffer of buffers) backend.free(buffer, ticket.seq);
      if (round === 2) await lanesReady(backend);
    }
    expect(backend.memory().live).toBe(0);
    expect(backend.counters().kernelsCompiled).toBe(2);
  });

  test("run inline when they are short and nothing is queued", () => {
    const backend = device({ threads: 2 }, {});
    const buffers = buffersOf(backend, N, 3);
    backend.upload(buffers[0], ramp(N));
    const ticket = backend.run(backend.compile(chain(1000)), { buffers, slots: [] });
    expect(ticket.state).toBe("done");
    expect(floatsOf(backend, buffers[2]).subarray(0, 1000)).toEqual(chainModel(ramp(1000)));
    const long = backend.run(scaleProgram(backend, N, 1e9), { buffers, slots: [2, 0] });
    const short = backend.run(scaleProgram(backend, 10), { buffers, slots: [2, 0] });
    expect(backend.counters()).toMatchObject({ programs: 3, programsInline: 1 });
    short.help();
    expect(long.state).toBe("done");
  });

  test("20,000 tiny ones in a row, some inline, some through the pool", () => {
    const backend = device({ threads: 3 }, {});
    // The same code; one of them claims to be work for the pool.
    const programs = [scaleProgram(backend, 16), scaleProgram(backend, 16, 1e9)];
    const buffers = buffersOf(backend, 16, 2);
    backend.upload(buffers[0], new Float32Array(16));
    const forth = { buffers, slots: [1, 1] };
    const back = { buffers: buffers.toReversed(), slots: [1, 1] };
    let ticket = backend.run(programs[0], forth);
    for (let i = 1; i < 20_000; i++) {
      ticket = backend.run(programs[i % 3 === 0 ? 1 : 0], i % 2 === 0 ? forth : back);
      if (i % 7 === 0) ticket.help();
    }
    ticket.help();
    expect(ticket.seq).toBe(20_000);
    expect([...floatsOf(backend, buffers[0])]).toEqual(Array.from({ length: 16 }, () => 20_000));
    const { programsInline } = backend.counters();
    expect(programsInline).toBeGreaterThan(1000);
    expect(programsInline).toBeLessThan(19_000);
  });

  test("queued runs of one program keep their own arguments", async () => {
    const backend = device({ threads: 2 });
    const program = scaleProgram(backend, N);
    const source = backend.alloc(N * 4);
    backend.upload(source, ramp(N));
    const targets = buffersOf(backend, N, 20);
    const tickets = targets.map((target, i) => backend.run(program, { buffers: [source, target], slots: [i, i * 10] }));
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    targets.forEach((target, i) => {
      expect(floatsOf(backend, target)).toEqual(ramp(N).map((x) => Math.fround(x * i) + i * 10));
    });
  });

  test("params become lanes, from slots and from constants", () => {
    for (const tuning of [{}, { inlineNanoseconds: 0 }]) {
      const backend = device({ threads: 1 }, tuning);
      const values = [7, -5, 4294967295, 0.1, Math.PI];
      const to = backend.alloc(24);
      for (const params of [values, values.map((_, slot) => ({ slot }))]) {
        const program = backend.compile(segment([kernelStep(spell, [0], [], params, 1)], 1, 5));
        backend.run(program, { buffers: [to], slots: Float64Array.from(values) }).help();
        const bytes = new Uint8Array(24);
        backend.readSync(to, bytes);
        expect([...new Int32Array(bytes.buffer, 0, 3)]).toEqual([-1, -5, -1]);
        expect(new Float32Array(bytes.buffer)[3]).toBe(Math.fround(0.1));
        expect(new Float64Array(bytes.buffer)[2]).toBe(Math.PI);
      }
    }
  });

  test("dims follow several slots, places have offsets", () => {
    const backend = device({ threads: 1 }, {});
    const dim = {
      base: 5,
      terms: [
        { slot: 0, coef: 10 },
        { slot: 1, coef: -1 },
      ],
    };
    const step: Step = {
      ...kernelStep(scale, [0, 0], [dim], [1], 4),
      places: [
        { buffer: 0, offset: 64 },
        { buffer: 0, offset: 128 },
      ],
    } as Step;
    const program = backend.compile(segment([step], 1, 2));
    const buffer = backend.alloc(256);
    backend.upload(
      buffer,
      Float32Array.from({ length: 64 }, (_, i) => i),
    );
    backend.run(program, { buffers: [buffer], slots: [3, 7] }).help();
    expect([...floatsOf(backend, buffer).subarray(32, 36)]).toEqual([16, 17, 18, 19].map((x) => x + 28));
  });

  test("a segment without steps ends, inline and queued", () => {
    const backend = device({ threads: 2 });
    const ticket = backend.run(backend.compile(segment([], 0)), { buffers: [], slots: [] });
    ticket.help();
    expect(ticket.state).toBe("done");
  });

  test("disposing gives everything back, evicted kernels included", () => {
    const backend = device({ threads: 2 });
    const buffers = buffersOf(backend, 16, 2);
    backend.upload(buffers[0], ramp(16));
    const once = (variant: number): void => {
      const program = backend.compile(segment([kernelStep(scaleVariant(variant), [0, 1], [variant], [1], 16)], 2));
      backend.run(program, { buffers, slots: [] }).help();
      expect(floatsOf(backend, buffers[1])).toEqual(ramp(16).map((x) => Math.fround(x + variant)));
      program.dispose();
    };
    for (let i = 0; i < 300; i++) once(i);
    const { cached, reserved } = backend.memory();
    const { codeBytes } = backend.counters();
    for (let i = 300; i < 600; i++) once(i);
    expect(backend.counters().codeBytes).toBe(codeBytes);
    expect(backend.memory().reserved).toBe(reserved);
    expect(Math.abs(backend.memory().cached - cached)).toBeLessThan(65536);
    const program = scaleProgram(backend, 16);
    program.dispose();
    expect(() => backend.run(program, { buffers, slots: [1, 1] })).toThrow(InternalError);
  });

  test("programs that were dropped without disposing are collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const backend = device({ threads: 1 }, {});
    const buffers = buffersOf(backend, 16, 2);
    const drop = (): void => {
      for (let i = 0; i < 50; i++) backend.run(scaleProgram(backend, 16), { buffers, slots: [1, 1] }).help();
    };
    drop();
    expect(backend.counters().programsLive).toBe(50);
    await untilTrue(() => {
      collect();
      return backend.counters().programsLive < 10;
    });
    expect(backend.counters().programsLive).toBeLessThan(10);
  });
});

describe("memory", () => {
  test("an upload does not overwrite what queued programs still read", () => {
    const backend = device({ threads: 1 });
    const program = scaleProgram(backend, N);
    const [from, to] = buffersOf(backend, N, 2);
    backend.upload(from, ramp(N));
    const ticket = backend.run(program, { buffers: [from, to], slots: [2, 0] });
    backend.free(from, ticket.seq);
    const next = backend.alloc(N * 4);
    backend.upload(next, new Float32Array(N).fill(9));
    ticket.help();
    expect(floatsOf(backend, to)).toEqual(ramp(N).map((x) => Math.fround(x * 2)));
    expect(floatsOf(backend, next)[N - 1]).toBe(9);
  });

  test("a later program reuses memory at once, so a queue of steps needs no more of it", () => {
    const backend = device({ threads: 1 });
    const program = scaleProgram(backend, N);
    let from = backend.alloc(N * 4);
    backend.upload(from, new Float32Array(N));
    for (let i = 0; i < 7; i++) {
      const to = backend.alloc(N * 4);
      const ticket = backend.run(program, { buffers: [from, to], slots: [1, 1] });
      backend.free(from, ticket.seq);
      from = to;
    }
    const { live, cached } = backend.memory();
    expect(live).toBe(N * 4);
    expect(cached).toBeLessThan(2 * N * 4);
    backend.run(program, { buffers: [from, from], slots: [1, 1] }).help();
    expect(floatsOf(backend, from)[N - 1]).toBe(8);
  });

  test("grows while programs run", async () => {
    const backend = device({ threads: 2 });
    const program = scaleProgram(backend, N);
    const source = backend.alloc(N * 4);
    backend.upload(source, ramp(N));
    await backend.run(program, { buffers: [source, source], slots: [1, 0] }).wait();
    await lanesReady(backend);
    const before = backend.memory().reserved;
    const held: Buffer[] = [];
    const tickets = [];
    for (let i = 0; i < 30; i++) {
      held.push(backend.alloc(2 << 20));
      // New code as well, beyond what the workers' views have covered so far.
      const step = kernelStep(scaleVariant(10_000 + i), [0, 1], [i], [2], N);
      const grown = backend.compile(segment([step], 2));
      tickets.push(backend.run(grown, { buffers: [source, held[i]], slots: [] }));
    }
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    expect(backend.memory().reserved).toBeGreaterThan(before);
    held.forEach((buffer, i) => {
      expect(floatsOf(backend, buffer)[N - 1]).toBe(Math.fround(Math.fround(ramp(N)[N - 1] * 2) + i));
    });
  });

  test("a spent budget throws, says what to do and changes nothing", () => {
    const backend = device({ threads: 1, maximumBytes: 1 << 20 });
    const kept = backend.alloc(700_000);
    const before = backend.memory();
    expect(() => backend.alloc(700_000)).toThrow(OutOfMemoryError);
    expect(() => backend.alloc(700_000)).toThrow(/684 KiB.*1\.00 MiB.*scope\(\)/);
    expect(backend.memory()).toEqual(before);
    backend.free(kept, 0);
    backend.free(backend.alloc(700_000), 0);
    expect(() => backend.alloc(2 ** 31)).toThrow(/at most 2\.00 GiB/);
    expect(() => backend.free(kept, 0)).toThrow(InternalError);
  });
});

describe("faults", () => {
  test.each([1, 3])("a trap fails its program, names the step and leaves %i lanes usable", async (threads) => {
    const backend = device({ threads });
    const buffers = buffersOf(backend, N, 2);
    backend.upload(buffers[0], ramp(N));
    const steps = [
      kernelStep(scale, [0, 1], [0], [1], N),
      kernelStep(trap, [0, 1], [35_000], [], N),
      kernelStep(scale, [1, 0], [0], [0], N),
    ];
    const program = backend.compile(segment(steps, 2));
    for (let i = 0; i < 3; i++) {
      const failed = backend.run(program, { buffers, slots: [] });
      const next = backend.run(scaleProgram(backend, 10), { buffers, slots: [1, 1] });
      await expect(failed.wait()).rejects.toThrow(/step 1 of 3 \(kernel 1\) trapped in chunk \d+: unreachable/);
      expect(failed.state).toBe("failed");
      expect(failed.error).toBeInstanceOf(DeviceError);
      expect(() => failed.help()).toThrow(DeviceError);
      await next.wait();
      expect(next.state).toBe("done");
      if (i === 0) await lanesReady(backend);
    }
  });

  test("a trap inline fails its program", () => {
    const backend = device({ threads: 1 }, {});
    const buffers = buffersOf(backend, 10, 2);
    const ticket = backend.run(backend.compile(segment([kernelStep(trap, [0, 1], [3], [], 10)], 2)), {
      buffers,
      slots: [],
    });
    expect(ticket.state).toBe("failed");
    expect(() => ticket.help()).toThrow(/step 0 of 1 \(kernel 0\) trapped: unreachable/);
    backend.run(scaleProgram(backend, 10), { buffers, slots: [1, 1] }).help();
  });

  /** Runs a program of which the workers hold chunks for good; the calling thread stays out of it. */
  async function held(backend: WasmBackend): Promise<{ program: Program; buffers: Buffer[] }> {
    const warm = buffersOf(backend, N, 2);
    await backend.run(scaleProgram(backend, N), { buffers: warm, slots: [1, 0] }).wait();
    await lanesReady(backend);
    const gate = backend.alloc(64);
    backend.upload(gate, new Int32Array(16));
    const steps = [
      kernelStep(hold, [0, 1], [backend.pool.lane.scratch], [], 64, 1e7),
      kernelStep(scale, [1, 2], [0], [1], N),
    ];
    return { program: backend.compile(segment(steps, 3)), buffers: [gate, ...warm] };
  }

  function gateWord(backend: WasmBackend, gate: Buffer): number {
    const bytes = new Uint8Array(8);
    backend.readSync(gate, bytes);
    return bytes[0];
  }

  test("a worker that dies with a chunk in hand fails the program, and the pool goes on", async () => {
    const backend = device({ threads: 2 });
    const { program, buffers } = await held(backend);
    const ticket = backend.run(program, { buffers, slots: [] });
    // Nobody waits yet, so the calling thread leaves the chunks to the worker.
    await untilTrue(() => gateWord(backend, buffers[0]) === 1);
    const waiting = ticket.wait();
    backend.pool.killLane(1);
    await expect(waiting).rejects.toThrow(/lane 1 ended while it worked on step 0 of 2 \(kernel 0\).*1 of 2 lanes/);
    expect(backend.counters()).toMatchObject({ lanesDied: 1, lanes: 1 });
    backend.run(scaleProgram(backend, N), { buffers: buffers.slice(1), slots: [1, 1] }).help();
  });

  test("a blocked caller gives up on a lane that makes no progress", async () => {
    const backend = device({ threads: 3 }, { inlineNanoseconds: 0, stallMs: 300 });
    const { program, buffers } = await held(backend);
    const ticket = backend.run(program, { buffers, slots: [] });
    await untilTrue(() => gateWord(backend, buffers[0]) === 1);
    expect(() => ticket.help()).toThrow(/lane \d ended while it worked on step 0/);
    const next = backend.run(scaleProgram(backend, N), { buffers: buffers.slice(1), slots: [1, 1] });
    next.help();
    expect(next.state).toBe("done");
  });

  test("a worker that dies idle is not missed", async () => {
    const backend = device({ threads: 3 });
    const buffers = buffersOf(backend, N, 2);
    const program = scaleProgram(backend, N);
    await backend.run(program, { buffers, slots: [1, 0] }).wait();
    await lanesReady(backend);
    backend.pool.killLane(2);
    await untilTrue(() => backend.counters().lanes === 2);
    for (let i = 0; i < 20; i++) await backend.run(program, { buffers, slots: [1, i] }).wait();
    expect(floatsOf(backend, buffers[1])[0]).toBe(19);
    expect(logged).toEqual([
      expect.stringMatching(/^wasm: lane 2 is gone \(.+\); the device goes on with 2 of 3 lanes$/),
    ]);
  });

  test("workers without work sleep, all of them, and wake up again", async () => {
    const backend = device({ threads: 3 });
    const buffers = buffersOf(backend, N, 2);
    const program = scaleProgram(backend, N);
    for (let i = 0; i < 3; i++) {
      await backend.run(program, { buffers, slots: [1, i] }).wait();
      await lanesReady(backend);
      await untilTrue(() => backend.pool.sleepers === 2);
    }
    expect(floatsOf(backend, buffers[1])[0]).toBe(2);
  });

  test("closing rejects what is pending", async () => {
    const backend = device({ threads: 1 });
    const buffers = buffersOf(backend, N, 2);
    const program = scaleProgram(backend, N);
    const ticket = backend.run(program, { buffers, slots: [1, 0] });
    const outcome = ticket.wait().catch((error: unknown) => error);
    await backend.close();
    expect(await outcome).toMatchObject({ name: "DeviceError", message: expect.stringContaining("closed") });
    await expect(ticket.wait()).rejects.toThrow(DeviceError);
    expect(() => backend.run(program, { buffers, slots: [1, 0] })).toThrow(DeviceError);
    for (const buffer of buffers) backend.free(buffer, ticket.seq);
    expect(backend.memory().live).toBe(0);
  });

  test("refuses a senseless number of threads", () => {
    expect(() => device({ threads: 0 })).toThrow(DeviceError);
    expect(() => device({ threads: 1.5 })).toThrow(DeviceError);
  });
});

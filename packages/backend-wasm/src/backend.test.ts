import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { Buffer, Step } from "@weft/ir";
import { DeviceError, InternalError, OutOfMemoryError } from "@weft/ir";
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
  untilTrue,
} from "../scripts/testing/bed.ts";
import { handmadeCompiler, scale, scaleVariant, spell, trap } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import type { WasmOptions, WasmTuning } from "./backend.ts";

const N = 50_000;
const open: WasmBackend[] = [];

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});

/** A device of handmade kernels; by default everything goes through the pool. */
function device(options: WasmOptions = {}, tuning: WasmTuning = { inlineNanoseconds: 0 }): WasmBackend {
  const backend = new WasmBackend(handmadeCompiler, options, tuning);
  open.push(backend);
  return backend;
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

  test("params that saturate are converted as floats are", () => {
    const backend = device({ threads: 1 }, {});
    const to = backend.alloc(24);
    const params = [0, 1, 2, 3, 4].map((slot) => ({ slot, saturates: true }) as const);
    const program = backend.compile(segment([kernelStep(spell, [0], [], params, 1)], 1, 5));
    const bytes = new Uint8Array(24);
    const written = (slots: number[]): number[] => {
      backend.run(program, { buffers: [to], slots }).help();
      backend.readSync(to, bytes);
      return [
        ...new Int32Array(bytes.buffer, 0, 3),
        new Float32Array(bytes.buffer)[3],
        new Float64Array(bytes.buffer)[2],
      ];
    };
    expect(written([0, 1e20, 1e20, 1e20, 1e20])).toEqual([0, 2147483647, -1, Math.fround(1e20), 1e20]);
    expect(written([NaN, -1e20, -3, -3, -3])).toEqual([-1, -2147483648, 0, -3, -3]);
    expect(written([2, -1.9, 4294967294.5, 0.5, NaN])).toEqual([-1, -1, -2, 0.5, NaN]);
    expect(written([2, NaN, NaN, 0.5, 0.5])).toEqual([-1, 0, 0, 0.5, 0.5]);
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
  test("a long read lets the event loop live, and outlives its buffer", async () => {
    const backend = device({ threads: 1 });
    const bytes = 64 << 20;
    const buffer = backend.alloc(bytes);
    const data = new Uint8Array(bytes).fill(7);
    backend.upload(buffer, data);
    const into = new Uint8Array(bytes);
    let over = false;
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const read = backend.read(buffer, into);
    expect(into[bytes - 1], "it was copied at one go").toBe(0);
    backend.free(buffer, 0);
    const next = backend.alloc(bytes);
    backend.upload(next, new Uint8Array(bytes));
    await read;
    over = true;
    expect(turns).toBeGreaterThan(0);
    expect(into.every((byte) => byte === 7)).toBe(true);
    backend.free(next, 0);
    expect(backend.memory().live).toBe(0);
    expect(() => backend.readSync(buffer, into)).toThrow(InternalError);
  });

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

  test("parts of an upload come together, also where the first one had to move", () => {
    const backend = device({ threads: 1 });
    const program = scaleProgram(backend, N);
    const [from, to] = buffersOf(backend, N, 2);
    backend.upload(from, ramp(N));
    const ticket = backend.run(program, { buffers: [from, to], slots: [2, 0] });
    backend.free(from, ticket.seq);
    const next = backend.alloc(N * 4);
    const data = ramp(N).map((x) => x + 3);
    for (let at = 0; at < N; at += 10_000) backend.upload(next, data.subarray(at, at + 10_000), at * 4);
    expect(floatsOf(backend, next)).toEqual(data);
    ticket.help();
    expect(floatsOf(backend, to)).toEqual(ramp(N).map((x) => Math.fround(x * 2)));
    expect(floatsOf(backend, next)).toEqual(data);
    expect(() => backend.upload(next, new Float32Array(2), N * 4 - 4)).toThrow(InternalError);
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

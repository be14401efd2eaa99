import type { Buffer, Program, Ticket } from "@weft/ir";
import { DeviceError } from "@weft/ir";
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
import { handmadeCompiler, hold, holdInPlace, scale } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import type { WasmTuning } from "./backend.ts";
import { FAULT_CLAIMED, FAULT_COUNTED, FAULT_DONE, FAULT_HOLDING } from "./control.ts";
import { CompiledProgram } from "./program.ts";

const N = 50_000;
const open: WasmBackend[] = [];
const logged: string[] = [];

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
  logged.length = 0;
});

/** A device of handmade kernels whose programs all go through the pool. */
function device(threads: number, tuning: WasmTuning = {}): WasmBackend {
  const log = (message: string): void => void logged.push(message);
  const backend = new WasmBackend(handmadeCompiler, { threads }, { log, inlineNanoseconds: 0, ...tuning });
  open.push(backend);
  return backend;
}

/** Has all lanes come up. */
async function warmUp(backend: WasmBackend): Promise<Buffer[]> {
  const buffers = buffersOf(backend, N, 2);
  backend.upload(buffers[0], ramp(N));
  await backend.run(scaleProgram(backend, N), { buffers, slots: [1, 0] }).wait();
  await lanesReady(backend);
  return buffers;
}

interface Held {
  readonly run: () => Ticket;
  /** The same behind a run that has not ended, whose gate is left alone. */
  readonly runBehind: () => Ticket;
  /** Resolves when a worker holds a chunk. */
  readonly taken: () => Promise<void>;
  readonly result: () => number;
}

/** A program of which workers hold chunks for good; the calling thread's lane passes through. */
async function held(backend: WasmBackend, which = hold): Promise<Held> {
  const [source, target] = await warmUp(backend);
  const gate = backend.alloc(64);
  const steps = [
    kernelStep(which, [0, 1], [backend.pool.lane.scratch], [], 64, 1e7),
    kernelStep(scale, [1, 2], [7], [1], N),
  ];
  const program: Program = backend.compile(segment(steps, 3));
  return {
    run: () => {
      backend.upload(gate, new Int32Array(16));
      return backend.run(program, { buffers: [gate, source, target], slots: [] });
    },
    runBehind: () => backend.run(program, { buffers: [gate, source, target], slots: [] }),
    taken: () =>
      untilTrue(() => {
        const bytes = new Uint8Array(8);
        backend.readSync(gate, bytes);
        return bytes[0] === 1;
      }),
    result: () => floatsOf(backend, target)[1],
  };
}

const expected = Math.fround(ramp(N)[1] + 7);

describe("a worker that dies with a chunk in hand", () => {
  test("is replaced, and its chunk runs again", async () => {
    const backend = device(2);
    const { run, taken, result } = await held(backend);
    const ticket = run();
    // Nobody waits yet, so the calling thread leaves the chunks to the worker.
    await taken();
    const waiting = ticket.wait();
    backend.pool.supervision.kill(1);
    await waiting;
    expect(result()).toBe(expected);
    expect(backend.counters()).toMatchObject({ lanesDied: 1, lanesRestarted: 1, chunksRepeated: 1, lanes: 2 });
    expect(logged).toEqual([expect.stringMatching(/^wasm: lane 1 is gone \(.+\); it is started again$/)]);
    await lanesReady(backend);
    const again = run();
    await taken();
    backend.pool.supervision.kill(1);
    await again.wait();
    expect(backend.counters().lanesDied).toBe(2);
  });

  test("is noticed by a caller that blocks", async () => {
    const backend = device(3);
    const { run, taken, result } = await held(backend);
    const ticket = run();
    await taken();
    backend.pool.supervision.kill(1);
    backend.pool.supervision.kill(2);
    // No event is heard from here on.
    ticket.help();
    expect(ticket.state).toBe("done");
    expect(result()).toBe(expected);
    expect(backend.counters().lanesDied).toBeGreaterThanOrEqual(1);
    await untilTrue(() => backend.counters().lanesDied === 2);
  });

  test("is mended although nobody waits", async () => {
    const backend = device(2);
    const { run, taken } = await held(backend);
    const ticket = run();
    await taken();
    backend.pool.supervision.kill(1);
    await untilTrue(() => ticket.state === "done");
    expect(backend.counters()).toMatchObject({ lanesDied: 1, chunksRepeated: 1 });
  });

  test("fails the program if the step changes what it reads, and the pool goes on", async () => {
    const backend = device(2);
    const { run, taken } = await held(backend, holdInPlace);
    const ticket = run();
    await taken();
    const waiting = ticket.wait();
    backend.pool.supervision.kill(1);
    await expect(waiting).rejects.toThrow(
      /lane 1 ended while it worked on step 0 of 2 \(kernel 0\), which overwrites what it reads.*2 of 2 lanes/,
    );
    expect(ticket.error).toBeInstanceOf(DeviceError);
    expect(backend.counters().chunksRepeated).toBe(0);
    const buffers = await warmUp(backend);
    backend.run(scaleProgram(backend, N), { buffers, slots: [1, 1] }).help();
  });

  test("cannot be mended if the run gave the step one buffer to read and to write", () => {
    const backend = device(2);
    const program = scaleProgram(backend, N);
    if (!(program instanceof CompiledProgram)) throw new Error("not a program of this device");
    const { body } = program;
    const [a, b] = buffersOf(backend, N, 2);
    const isRepeatable = (buffers: Buffer[]): boolean => {
      body.write(body.frames[0], { buffers, slots: [1, 0] }, 1);
      return body.frames[0].isRepeatable(0);
    };
    expect(isRepeatable([a, b])).toBe(true);
    expect(isRepeatable([a, a])).toBe(false);
  });
});

describe("a death at every point of the loop", () => {
  const points = [
    ["with a chunk claimed whose number nobody knows", FAULT_CLAIMED, "stepsRepeated"],
    ["with a chunk in hand", FAULT_HOLDING, "chunksRepeated"],
    ["with a chunk done and not counted", FAULT_DONE, "chunksRepeated"],
    ["with a chunk counted", FAULT_COUNTED, null],
  ] as const;

  test.each(points)("%s", async (_name, point, counter) => {
    const backend = device(3, { faults: true, restarts: 1000 });
    const program = backend.compile(chain(N));
    const input = ramp(N);
    const result = chainModel(input);
    const buffers = buffersOf(backend, N, 3);
    const { supervision } = backend.pool;
    await warmUp(backend);
    for (let round = 0; round < 6; round++) {
      await untilTrue(() => backend.counters().lanesReady >= 2);
      const before = supervision.died;
      for (let attempt = 0; attempt < 500 && supervision.died === before; attempt++) {
        supervision.arm(1, point);
        supervision.arm(2, point);
        backend.upload(buffers[0], input);
        const ticket = backend.run(program, { buffers, slots: [] });
        if (round % 2 === 0) ticket.help();
        else await ticket.wait();
        expect(floatsOf(backend, buffers[2])).toEqual(result);
        // Deaths of workers that were not missed are heard of later.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(supervision.died).toBeGreaterThan(before);
    }
    const counters = backend.counters();
    if (counter === null) expect(counters).toMatchObject({ stepsRepeated: 0 });
    else expect(counters[counter]).toBeGreaterThan(0);
    expect(supervision.diedClaiming > 0).toBe(point === FAULT_CLAIMED);
  });
});

describe("lanes", () => {
  test("are started again three times a minute, then the device goes on without", async () => {
    const backend = device(2);
    const buffers = await warmUp(backend);
    for (let death = 1; death <= 4; death++) {
      backend.pool.supervision.kill(1);
      await untilTrue(() => backend.counters().lanesDied === death);
      if (death <= 3) await lanesReady(backend);
    }
    expect(backend.counters()).toMatchObject({ lanes: 1, lanesRestarted: 3, lanesReady: 1 });
    expect(backend.notes).toEqual([
      expect.stringMatching(/^wasm: lane 1 is gone \((?:the thread exited.*|the worker was ended)\)$/),
    ]);
    expect(logged.slice(2)).toEqual([
      expect.stringMatching(/; it is started again$/),
      expect.stringMatching(/; the device goes on with 1 of 2 lanes$/),
    ]);
    const program = scaleProgram(backend, N);
    for (let i = 0; i < 20; i++) await backend.run(program, { buffers, slots: [1, i] }).wait();
    expect(floatsOf(backend, buffers[1])[0]).toBe(19);
  });

  test("that do not answer are ended, and the work goes on: a blocked caller", async () => {
    const backend = device(3, { stallMs: 300 });
    const { run, taken, result } = await held(backend);
    const ticket = run();
    await taken();
    ticket.help();
    expect(result()).toBe(expected);
    expect(logged[0]).toMatch(/lane \d is gone \(the thread does not answer\)/);
  });

  test("that do not answer are ended, and the work goes on: a promise", async () => {
    const backend = device(3, { stallMs: 300 });
    const { run, taken, result } = await held(backend);
    const ticket = run();
    await taken();
    await ticket.wait();
    expect(result()).toBe(expected);
    await untilTrue(() => backend.counters().lanesDied >= 1);
    await lanesReady(backend);
  });

  test("are not given up because nobody has looked for long", async () => {
    const backend = device(2, { stallMs: 2000 });
    const { run, taken } = await held(backend);
    run();
    await taken();
    const { supervision } = backend.pool;
    const watch = supervision.watch();
    // As after a night with the lid closed.
    watch.looked -= 8 * 3600e3;
    expect(supervision.look(watch)).toBeNull();
    expect(supervision.isUp(1)).toBe(true);
    for (let look = 0; look < 2; look++) {
      watch.looked -= 1000;
      supervision.look(watch);
    }
    expect(supervision.isUp(1)).toBe(false);
  });

  test("without work park, answer, and come back", async () => {
    const backend = device(3);
    const buffers = await warmUp(backend);
    const program = scaleProgram(backend, N);
    for (let round = 1; round <= 3; round++) {
      await untilTrue(() => backend.counters().lanesParked === 2);
      expect(backend.counters().lanesReady).toBe(3);
      const stats = await backend.pool.supervision.stats(2);
      expect(stats).toMatchObject({ lane: 2 });
      expect(stats?.parked).toBeGreaterThanOrEqual(round);
      backend.run(program, { buffers, slots: [1, round] }).help();
      expect(floatsOf(backend, buffers[1])[0]).toBe(round);
      await untilTrue(() => backend.counters().lanesParked < 2);
    }
    expect(await backend.pool.supervision.stats(7)).toBeNull();
  });

  test("that died parked are not missed", async () => {
    const backend = device(3);
    const buffers = await warmUp(backend);
    await untilTrue(() => backend.counters().lanesParked === 2);
    backend.pool.supervision.kill(2);
    await untilTrue(() => backend.counters().lanesRestarted === 1);
    await lanesReady(backend);
    await untilTrue(() => backend.pool.sleepers === 2);
    backend.run(scaleProgram(backend, N), { buffers, slots: [1, 5] }).help();
    expect(floatsOf(backend, buffers[1])[0]).toBe(5);
  });

  test("hold programs that fail when the device is closed under them", async () => {
    const backend = device(2);
    const { run, runBehind, taken } = await held(backend);
    const tickets = [run(), runBehind()];
    await taken();
    const outcomes = Promise.allSettled(tickets.map((ticket) => ticket.wait()));
    await backend.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "DeviceError" } });
    }
    expect(() => tickets[1].help()).toThrow(/the device was closed before run 3 was done/);
  });
});

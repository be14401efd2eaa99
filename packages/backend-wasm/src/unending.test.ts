// A lane that does not answer and cannot be ended: nobody touches what it holds until it is certainly gone. Its thread is
// made up, and so is the clock.
import { afterEach, expect, test, vi } from "vitest";

import { buffersOf, floatsOf, ramp, scaleProgram } from "../scripts/testing/bed.ts";
import { handmadeCompiler } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import {
  LANE_LEAVING,
  LANE_READY,
  LINE_CHUNK,
  LINE_INSIDE,
  LINE_SEQ,
  LINE_STATE,
  LINE_STEP,
  NO_CHUNK,
  STEP_CLAIM,
  lineOf,
} from "./control.ts";
import type * as node from "./platform-node.ts";
import { CompiledProgram } from "./program.ts";

const thread = vi.hoisted(() => ({ gone: false, ended: 0, time: 0, over: Promise.withResolvers<void>() }));

vi.mock("#platform", async (original) => {
  const platform = await original<typeof node>();
  return {
    ...platform,
    // Time flies, so that nobody has to wait for it.
    runtime: { ...platform.runtime, now: () => (thread.time += 500) },
    spawnLane: () => ({
      end: () => {
        thread.ended++;
        return thread.over.promise;
      },
      kill: () => undefined,
      // Those that come after it live.
      gone: () => thread.gone && !(thread.gone = false),
      rouse: () => undefined,
      stats: () => Promise.resolve(null),
    }),
  };
});

const N = 50_000;
let backend: WasmBackend;

afterEach(async () => {
  thread.over.resolve();
  await backend.close();
});

test("a blocked caller is told, the program waits, and goes on when the lane has gone", async () => {
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  backend = new WasmBackend(handmadeCompiler, { threads: 2 }, { inlineNanoseconds: 0, log });
  const buffers = buffersOf(backend, N, 2);
  backend.upload(buffers[0], ramp(N));
  backend.upload(buffers[1], new Float32Array(N));
  const program = scaleProgram(backend, N);
  if (!(program instanceof CompiledProgram)) throw new Error("not a program of this device");
  const ticket = backend.run(program, { buffers, slots: [2, 1] });
  const { words } = backend.pool.lane.views;
  const line = lineOf(1);
  // The lane claims the first chunk and is not heard of again.
  Atomics.store(words, line + LINE_STATE, LANE_READY);
  Atomics.store(words, line + LINE_SEQ, ticket.seq);
  Atomics.store(words, line + LINE_INSIDE, 1);
  Atomics.store(words, line + LINE_STEP, 0);
  Atomics.add(words, (program.body.frames[0].pointer >>> 2) + STEP_CLAIM, 1);
  Atomics.store(words, line + LINE_CHUNK, 0);

  expect(() => ticket.help()).toThrow(
    /^wasm: lane 1 holds chunk 0 of step 0 \(kernel 0\), does not answer and has not ended after 5 s; nothing else may/,
  );
  expect(thread.ended).toBe(1);
  expect(Atomics.load(words, line + LINE_STATE)).toBe(LANE_LEAVING);
  expect(ticket.state).toBe("running");
  // All but its chunk is done.
  const values = floatsOf(backend, buffers[1]);
  expect([values[0], values[N - 1]]).toEqual([0, Math.fround(ramp(N)[N - 1] * 2) + 1]);
  expect(() => ticket.help()).toThrow(/does not answer/);
  expect(floatsOf(backend, buffers[1])[0]).toBe(0);

  thread.gone = true;
  ticket.help();
  expect(ticket.state).toBe("done");
  expect(floatsOf(backend, buffers[1])).toEqual(ramp(N).map((x) => Math.fround(x * 2) + 1));
  expect(Atomics.load(words, line + LINE_CHUNK)).toBe(NO_CHUNK);
  expect(backend.counters()).toMatchObject({ lanesDied: 1, chunksRepeated: 1 });
  expect(logged[0]).toBe("wasm: lane 1 is gone (the thread does not answer); it is started again");
});

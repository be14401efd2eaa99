// Small arrays: their bytes survive runs of any kind, at once or under way, in any order of reading; nothing of the
// device's memory stays taken by them; and what nobody can reach is gone without a finalizer.
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Buffer, Ticket } from "@weft/ir";
import { OutOfMemoryError } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import { floatsOf, kernelStep, scaleProgram, segment } from "../scripts/testing/bed.ts";
import { handmadeCompiler, scale, trap } from "../scripts/testing/handmade.ts";
import { WasmBackend } from "./backend.ts";
import type { WasmOptions, WasmTuning } from "./backend.ts";
import { SMALL_BYTES } from "./limits.ts";

const open: WasmBackend[] = [];
afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});

function device(options: WasmOptions = {}, tuning: WasmTuning = {}): WasmBackend {
  const backend = new WasmBackend(handmadeCompiler, options, tuning);
  open.push(backend);
  return backend;
}

function small(backend: WasmBackend, bytes: number): Buffer {
  const buffer = backend.allocCollected(bytes);
  if (buffer === null) throw new Error(`${bytes} bytes are not small`);
  return buffer;
}

const bytesOf = (backend: WasmBackend, buffer: Buffer, length = buffer.bytes): number[] => {
  const into = new Uint8Array(length);
  backend.readSync(buffer, into);
  return [...into];
};

describe("contents", () => {
  test.each([0, 1, 3, 4, 5, 63, 64, 65, 1023, 1024])("%i bytes are what was uploaded", async (bytes) => {
    const backend = device();
    const buffer = small(backend, bytes);
    const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + 255) & 255);
    backend.upload(buffer, data);
    expect(bytesOf(backend, buffer)).toEqual([...data]);
    const into = new Uint8Array(bytes);
    await backend.read(buffer, into);
    expect(into).toEqual(data);
    // a part of it
    expect(bytesOf(backend, buffer, bytes >> 1)).toEqual([...data.subarray(0, bytes >> 1)]);
  });

  test("bits of every kind survive, signalling NaNs too", () => {
    const backend = device();
    const buffer = small(backend, 24);
    const words = Uint32Array.of(0x7f800001, 0xffc00000, 0x80000000, 0xffffffff, 1, 0x7fffffff);
    backend.upload(buffer, words);
    expect(bytesOf(backend, buffer)).toEqual([...new Uint8Array(words.buffer)]);
  });

  test("larger arrays are the device's own", () => {
    const backend = device();
    expect(backend.allocCollected(SMALL_BYTES)?.collected).toBe(true);
    expect(backend.allocCollected(SMALL_BYTES + 1)).toBeNull();
    expect(backend.alloc(4).collected).toBeUndefined();
  });

  test("more than fits is refused", () => {
    const backend = device();
    expect(() => backend.upload(small(backend, 8), new Uint8Array(9))).toThrow("9 bytes do not fit");
  });
});

/** Random runs of two programs that read any small array made so far, and what JavaScript makes of them. */
function randomRuns(backend: WasmBackend, runs: number, n: number, seed: number, readEvery = 10): void {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const programs = [scaleProgram(backend, n), scaleProgram(backend, n, n * 16)];
  const first = small(backend, n * 4);
  const start = Float32Array.from({ length: n }, (_, i) => i / 8);
  backend.upload(first, start);
  const arrays: { buffer: Buffer; model: Float32Array; ticket: Ticket | null }[] = [
    { buffer: first, model: start, ticket: null },
  ];
  for (let run = 0; run < runs; run++) {
    const from = arrays[random(arrays.length)];
    const [by, plus] = [1 + random(3) / 4, random(5)];
    const buffer = small(backend, n * 4);
    const ticket = backend.run(programs[random(2)], { buffers: [from.buffer, buffer], slots: [by, plus] });
    arrays.push({ buffer, model: from.model.map((x) => Math.fround(x * by) + plus), ticket });
    // old ones are forgotten, some are read on the way
    if (arrays.length > 12) arrays.splice(random(8), 1);
    if (random(readEvery) === 0) {
      const some = arrays[random(arrays.length)];
      some.ticket?.help();
      expect(floatsOf(backend, some.buffer)).toEqual(some.model);
    }
  }
  for (const { buffer, model, ticket } of arrays) {
    ticket?.help();
    expect(floatsOf(backend, buffer)).toEqual(model);
  }
}

describe("runs", () => {
  test.each([1, 40, 256])("on the calling thread, arrays of %i", (n) => {
    const backend = device({ threads: 1 });
    randomRuns(backend, 2000, n, n);
    expect(backend.counters().programsInline).toBe(2000);
    expect(backend.memory().live).toBe(0);
  });

  test.each([1, 2, 3])("under way on %i lanes: later runs read what earlier ones have yet to write", (threads) => {
    const backend = device({ threads }, { inlineNanoseconds: 0 });
    for (const n of [1, 40, 256]) randomRuns(backend, 500, n, threads + n);
    expect(backend.counters().programsInline).toBe(0);
    expect(backend.memory().live).toBe(0);
  });

  test("at once and under way in turn", () => {
    const backend = device({ threads: 1 }, { inlineNanoseconds: 100 });
    randomRuns(backend, 3000, 40, 7, 2);
    const { programs, programsInline } = backend.counters();
    expect(programsInline).toBeGreaterThan(50);
    expect(programs - programsInline).toBeGreaterThan(50);
  });

  test("one array may be read twice, and large ones beside small", () => {
    const backend = device({ threads: 1 });
    const program = backend.compile(
      segment([kernelStep(scale, [0, 2], [1], [2], 4), kernelStep(scale, [1, 3], [1], [2], 4)], 4),
    );
    const from = small(backend, 16);
    backend.upload(from, Float32Array.of(1, 2, 3, 4));
    const [one, two] = [small(backend, 16), backend.alloc(16)];
    backend.run(program, { buffers: [from, from, one, two], slots: [] });
    expect(floatsOf(backend, one)).toEqual(Float32Array.of(3, 5, 7, 9));
    expect(floatsOf(backend, two)).toEqual(Float32Array.of(3, 5, 7, 9));
  });

  test("a frame takes larger arrays than it was made for", () => {
    const backend = device({ threads: 1 });
    const program = scaleProgram(backend, 1);
    for (const bytes of [4, 1024, 64]) {
      const [from, to] = [small(backend, bytes), small(backend, bytes)];
      backend.upload(from, new Float32Array(bytes / 4).fill(3));
      backend.run(program, { buffers: [from, to], slots: [2, 1] });
      expect(floatsOf(backend, to)[0]).toBe(7);
    }
  });

  test.each([0, 1e6])(
    "a run that traps leaves the next one's arrays right (inline below %i ns)",
    (inlineNanoseconds) => {
      const backend = device({ threads: 1 }, { inlineNanoseconds });
      const bad = backend.compile(segment([kernelStep(trap, [0, 1], [2], [], 4)], 2));
      const failed = backend.run(bad, { buffers: [small(backend, 16), small(backend, 16)], slots: [] });
      expect(() => failed.help()).toThrow("trapped");
      const good = backend.compile(segment([kernelStep(trap, [0, 1], [9], [], 4)], 2));
      const to = small(backend, 16);
      backend.run(good, { buffers: [to, small(backend, 16)], slots: [] }).help();
      expect(floatsOf(backend, to)).toEqual(Float32Array.of(1, 1, 1, 1));
    },
  );

  test("what a queued run reads stays where it is, though the program that wrote it is disposed of", () => {
    const backend = device({ threads: 1 }, { inlineNanoseconds: 0 });
    const [writer, reader] = [scaleProgram(backend, 64), scaleProgram(backend, 64)];
    const [from, between, to] = [small(backend, 256), small(backend, 256), small(backend, 256)];
    backend.upload(from, new Float32Array(64).fill(3));
    const written = backend.run(writer, { buffers: [from, between], slots: [2, 1] });
    const read = backend.run(reader, { buffers: [between, to], slots: [10, 0] });
    written.help();
    writer.dispose();
    // whatever memory is free is written over
    for (let i = 0; i < 400; i++) {
      const bytes = 128 + (i % 16) * 64;
      backend.upload(backend.alloc(bytes), new Uint8Array(bytes).fill(255));
    }
    read.help();
    expect(floatsOf(backend, to)).toEqual(new Float32Array(64).fill(70));
    expect(floatsOf(backend, between)[0]).toBe(7);
  });

  test("arrays of another device are refused", () => {
    const [backend, other] = [device(), device()];
    const buffers = [small(other, 16), small(backend, 16)];
    expect(() => backend.run(scaleProgram(backend, 4), { buffers, slots: [1, 0] })).toThrow("of another device");
  });

  test("they need no room on a device that is full", () => {
    const backend = device({ threads: 1, maximumBytes: 1000 });
    backend.alloc(1000);
    expect(() => backend.alloc(4)).toThrow(OutOfMemoryError);
    randomRuns(backend, 100, 40, 3);
  });
});

test("50,000 runs of which nothing is kept leave the heap as it was, without one turn of the event loop", () => {
  const backend = device({ threads: 1 });
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const program = scaleProgram(backend, 16);
  let x = small(backend, 64);
  backend.upload(x, new Float32Array(16).fill(1));
  const turn = (): void => {
    const next = small(backend, 64);
    backend.run(program, { buffers: [x, next], slots: [0.5, 1] });
    x = next;
  };
  for (let i = 0; i < 5000; i++) turn();
  collect();
  const before = getHeapStatistics().used_heap_size;
  for (let i = 0; i < 50_000; i++) turn();
  collect();
  expect((getHeapStatistics().used_heap_size - before) / 50_000).toBeLessThan(8);
  expect(floatsOf(backend, x)[0]).toBe(2);
});

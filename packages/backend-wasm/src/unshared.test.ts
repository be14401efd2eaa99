// A device whose memory is not shared, as in a page that is not cross-origin isolated: one lane, the same bits, views
// that survive growth, and compiled code of both origins.
import type { Buffer, Step } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import { expStep } from "../scripts/testing/scaling.ts";
import { WasmBackend } from "./backend.ts";
import { createCompiler } from "./compiler.ts";
import { createMemory } from "./memory.ts";
import { forUnsharedMemory, loadModule } from "./modules.ts";

const open: WasmBackend[] = [];

afterEach(async () => {
  for (const device of open.splice(0)) await device.close();
});

function make(shared: boolean, inlineNanoseconds: number, build: "base" | "relaxed" = "base"): WasmBackend {
  const device = new WasmBackend(createCompiler, { threads: shared ? 1 : 4, build }, { shared, inlineNanoseconds });
  open.push(device);
  return device;
}

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => ((i * 7919) % 1000) / 997 - 0.5);

/** exp, a product of 300 × 200 × 400 and a copy, over six buffers. */
function run(device: WasmBackend): Promise<ArrayBuffer[]> {
  const [m, n, k] = [300, 200, 400];
  const place = (buffer: number) => ({ buffer, offset: 0 });
  const form = {
    storage: "f32",
    batch: 1,
    m,
    n,
    k,
    lhs: { place: place(1), base: 0, batchStride: 0, rowStride: k, colStride: 1 },
    rhs: { place: place(2), base: 0, batchStride: 0, rowStride: n, colStride: 1 },
  } as const;
  const bytes = device.gemmBytes(form);
  const steps: Step[] = [
    expStep(m * k, 0, 1),
    { ...form, kind: "gemm", out: place(3), scratch: bytes > 0 ? place(5) : null },
    { kind: "copy", from: place(3), to: place(4), bytes: m * n * 4 },
  ];
  const sizes = [m * k, m * k, k * n, m * n, m * n, Math.max(16, bytes / 4)];
  const buffers: Buffer[] = sizes.map((size) => device.alloc(size * 4));
  device.upload(buffers[0], ramp(m * k));
  device.upload(buffers[2], ramp(k * n));
  const program = device.compile({ steps, buffers: 6, slots: 1 });
  // After everything has been laid out, so that every view made so far is one of a buffer that is gone.
  device.alloc(64 << 20);
  const ticket = device.run(program, { buffers, slots: [1.5] });
  return ticket.wait().then(() =>
    [1, 4].map((index) => {
      const into = new Uint8Array(sizes[index] * 4);
      device.readSync(buffers[index], into);
      return into.buffer;
    }),
  );
}

describe("a device on unshared memory", () => {
  test("has one lane", () => {
    expect(make(false, 0).threads).toBe(1);
  });

  test.each(["base", "relaxed"] as const)("gives the bits of a shared one, inline and queued, %s", async (build) => {
    const expected = await run(make(true, 0, build));
    for (const inlineNanoseconds of [0, Infinity]) {
      const device = make(false, inlineNanoseconds, build);
      const actual = await run(device);
      expect(actual).toEqual(expected);
      expect(device.counters()).toMatchObject({ programsInline: inlineNanoseconds === 0 ? 0 : 1, lanes: 1 });
    }
    expect(new Set(new Float32Array(expected[1])).size).toBeGreaterThan(100);
  });

  test("reads queued programs synchronously", () => {
    const device = make(false, 0);
    const n = 1_000_000;
    const buffers = [device.alloc(n * 4), device.alloc(n * 4)];
    device.upload(buffers[0], ramp(n));
    const program = device.compile({ steps: [expStep(n, 0, 1)], buffers: 2, slots: 1 });
    for (let turn = 0; turn < 20; turn++) device.run(program, { buffers, slots: [turn] });
    device.run(program, { buffers, slots: [0] }).help();
    const into = new Uint8Array(n * 4);
    device.readSync(buffers[1], into);
    expect(new Float32Array(into.buffer).every((value) => value === 1)).toBe(true);
  });
});

describe("modules compiled ahead of time", () => {
  test("take either memory, and only the one they are made for", () => {
    const [shared, unshared] = [true, false].map((kind) => createMemory(kind)?.memory as WebAssembly.Memory);
    expect(unshared.buffer).toBeInstanceOf(ArrayBuffer);
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    const original = createCompiler("base", true).codegen.modules.map((bytes) => bytes());
    const patched = createCompiler("base", false).codegen.modules.map((bytes) => bytes());
    expect(original.length).toBeGreaterThan(1);
    for (let i = 0; i < original.length; i++) {
      const differing = original[i].filter((byte, at) => byte !== patched[i][at]);
      expect([...differing]).toEqual([3]);
      expect(Object.keys(loadModule(new Uint8Array(patched[i]), unshared))).toEqual(
        Object.keys(loadModule(new Uint8Array(original[i]), shared)),
      );
      expect(() => loadModule(new Uint8Array(original[i]), unshared)).toThrow(WebAssembly.LinkError);
    }
  });

  test("that import no memory are refused", () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(() => forUnsharedMemory(empty)).toThrow("this module's only import is no shared memory");
  });
});

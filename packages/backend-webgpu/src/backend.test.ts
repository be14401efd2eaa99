import { DTypeError, DeviceError, InternalError, OutOfMemoryError, SyncReadError } from "@weft/ir";
import type { Buffer, Program, RunArgs, Step } from "@weft/ir";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { WebgpuBackend } from "./index.ts";
import { KEPT_BYTES } from "./limits.ts";
import { missing, openDevice } from "../scripts/testing/adapter.ts";
import { at, floats, scale } from "../scripts/testing/steps.ts";

describe.skipIf(missing !== null)("the WebGPU device", () => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    backend = await openDevice();
  });
  afterAll(() => backend.close());

  const upload = (data: ArrayBufferView): Buffer => {
    const buffer = backend.alloc(data.byteLength);
    backend.upload(buffer, data);
    return buffer;
  };
  const run = (steps: readonly Step[], buffers: readonly Buffer[], slots: RunArgs["slots"] = []) =>
    backend.run(backend.compile({ steps, buffers: buffers.length, slots: slots.length }), { buffers, slots });

  test("says what it is", () => {
    expect(backend).toMatchObject({ id: "webgpu", canBlock: false, threads: 1 });
    expect(backend.info.vendor).not.toBe("");
    expect(backend.limits.bufferBytes).toBeGreaterThan(2 ** 27);
    expect(backend.supports("gemm", "f32")).toBe(true);
    expect(backend.supports("gemm", "f64")).toBe(false);
    expect(backend.supports("transpose", "bool")).toBe(false);
  });

  test.each([0, 1, 3, 4, 5, 63, 257, 70_001])("%i bytes come back as they went", async (length) => {
    const data = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
    const back = new Uint8Array(length);
    await backend.read(upload(data), back);
    expect(back).toEqual(data);
  });

  test("reads longer than a staging buffer come in pieces, and uploads of shared memory are copied", async () => {
    const words = (40 * 2 ** 20) / 4 + 3;
    const data = new Int32Array(new SharedArrayBuffer(words * 4)).map((_, i) => i * 3);
    const shared = new Int32Array(new SharedArrayBuffer(words * 4));
    shared.set(data);
    const buffer = upload(shared);
    const back = new Int32Array(words);
    await backend.read(buffer, new Uint8Array(back.buffer));
    expect(sameWords(back, data)).toBe(true);
    backend.free(buffer, 0);
  });

  test("small reads asked for together share one mapping", async () => {
    const buffers = Array.from({ length: 20 }, (_, i) => upload(Float32Array.of(i, i + 1)));
    const before = backend.counters().readMappings;
    const values = await Promise.all(buffers.map((buffer) => floats(backend, buffer, 2)));
    expect(values.map((pair) => [...pair])).toEqual(buffers.map((_, i) => [i, i + 1]));
    expect(backend.counters().readMappings).toBe(before + 1);
  });

  test("a buffer freed while it is read is read to the end", async () => {
    const buffer = upload(Float32Array.of(1, 2, 3));
    const reading = floats(backend, buffer, 3);
    backend.free(buffer, 0);
    const other = upload(Float32Array.of(7, 8, 9));
    expect([...(await reading)]).toEqual([1, 2, 3]);
    expect([...(await floats(backend, other, 3))]).toEqual([7, 8, 9]);
  });

  test("steps of one run see each other, and each has its own params", async () => {
    const buffers = [upload(Float32Array.of(1, 2, 3)), backend.alloc(12), backend.alloc(12), backend.alloc(12)];
    const steps = [
      scale(3, at(0), at(1), 2),
      scale(3, at(1), at(2), { slot: 0 }),
      { kind: "copy", from: at(2), to: at(3), bytes: 12 } as const,
    ];
    const program = backend.compile({ steps, buffers: 4, slots: 1 });
    const submits = backend.counters().submits;
    const first = backend.run(program, { buffers, slots: [10] });
    await first.wait();
    expect([...(await floats(backend, buffers[3], 3))]).toEqual([20, 40, 60]);
    // runs in flight together: the slots of the later one do not reach the earlier
    const outs = [1, 2, 3].map((factor) => {
      const fresh = [buffers[0], backend.alloc(12), backend.alloc(12), backend.alloc(12)];
      backend.run(program, { buffers: fresh, slots: [factor] });
      return fresh[3];
    });
    const values = await Promise.all(outs.map((out) => floats(backend, out, 3)));
    expect(values.map(([x]) => x)).toEqual([2, 4, 6]);
    expect(backend.counters().submits).toBe(submits + 4);
  });

  test("values of the arena get buffers of their own", async () => {
    const n = 64;
    const input = upload(Float32Array.from({ length: n }, (_, i) => i));
    const buffers = [input, backend.alloc(n * 4), backend.alloc(512)];
    const steps = [
      scale(n, at(0), at(2, 0), 2),
      scale(n, at(2, 0), at(2, 256), 3),
      scale(n, at(2, 256), at(2, 0), 5),
      scale(n, at(2, 0), at(1), 7),
    ];
    await run(steps, buffers).wait();
    expect((await floats(backend, buffers[1], n))[5]).toBe(5 * 2 * 3 * 5 * 7);
  });

  test("runs end in order, and one that waits for its shaders is not overtaken", async () => {
    const ready = backend.compile({ steps: [scale(4, at(0), at(1), 2)], buffers: 2, slots: 0 });
    await ready.ready();
    const a = upload(Float32Array.of(1, 2, 3, 4));
    const [b, c, d] = [backend.alloc(16), backend.alloc(16), backend.alloc(16)];
    const slow = backend.compile({
      steps: [{ ...(scale(4, at(0), at(1), 3) as Extract<Step, { kind: "kernel" }>), kernel: maxKernel(), key: "max" }],
      buffers: 2,
      slots: 0,
    });
    const order: number[] = [];
    const tickets = [
      backend.run(slow, { buffers: [a, b], slots: [] }),
      backend.run(ready, { buffers: [b, c], slots: [] }),
      backend.run(ready, { buffers: [c, d], slots: [] }),
    ];
    expect(tickets.map(({ state }) => state)).toEqual(["queued", "queued", "queued"]);
    expect(tickets[1].seq).toBe(tickets[0].seq + 1);
    // freed at once, after the run that reads it: its memory must not become an output of the runs that wait
    backend.free(b, tickets[1].seq);
    await Promise.all(tickets.map((ticket, i) => ticket.wait().then(() => order.push(i))));
    expect(order).toEqual([0, 1, 2]);
    expect([...(await floats(backend, d, 4))]).toEqual([12, 12, 12, 16]);
  });

  test("an upload that is asked for behind a waiting run happens in its turn", async () => {
    const program = backend.compile({ steps: [scale(3, at(0), at(1), { slot: 0 }), maxStep(3)], buffers: 3, slots: 1 });
    const [a, b, c] = [upload(Float32Array.of(1, 2, 3)), backend.alloc(12), backend.alloc(12)];
    const slots = new Float64Array([4]);
    const ticket = backend.run(program, { buffers: [a, b, c], slots });
    slots[0] = 100;
    const data = Float32Array.of(5, 6, 7);
    const late = backend.alloc(12);
    backend.upload(late, data);
    data.fill(0);
    expect([...(await floats(backend, late, 3))]).toEqual([5, 6, 7]);
    await ticket.wait();
    expect([...(await floats(backend, b, 3))]).toEqual([4, 8, 12]);
  });

  test("parts of an upload come together, waited for or not, and in their turn behind a run", async () => {
    const bytes = 5 * 2 ** 19 + 3;
    const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >>> 8)) & 255);
    const part = 2 ** 18;
    const program = backend.compile({ steps: [scale(3, at(0), at(1), 2), maxStep(3)], buffers: 3, slots: 0 });
    for (const waits of [true, false]) {
      for (const busy of [true, false]) {
        const buffers = [upload(Float32Array.of(1, 2, 3)), backend.alloc(12), backend.alloc(12)];
        const ticket = busy ? backend.run(program, { buffers, slots: [] }) : null;
        const target = backend.alloc(bytes);
        let waited = 0;
        for (let from = 0; from < bytes; from += part) {
          const sent = backend.upload(target, data.subarray(from, from + part), from);
          if (sent !== undefined) waited++;
          if (waits) await sent;
        }
        // at every megabyte, if at nothing else
        expect(waited).toBeGreaterThanOrEqual(2);
        const back = new Uint8Array(bytes);
        await backend.read(target, back);
        expect(back.findIndex((byte, i) => byte !== data[i])).toBe(-1);
        await ticket?.wait();
        for (const buffer of [...buffers, target]) backend.free(buffer, ticket?.seq ?? 0);
      }
    }
    expect(() => backend.upload(backend.alloc(8), new Uint8Array(8), 4)).toThrow(InternalError);
  });

  test("freed memory is used again, and the steady state makes no new buffers", async () => {
    const program = backend.compile({ steps: [scale(1000, at(0), at(1), 2)], buffers: 2, slots: 0 });
    await program.ready();
    let x = upload(new Float32Array(1000).fill(1));
    let created = 0;
    let last = run([scale(4, at(0), at(1), 2)], [upload(new Float32Array(4)), backend.alloc(16)]);
    await last.wait();
    for (let i = 0; i < 30; i++) {
      const y = backend.alloc(4000);
      last = backend.run(program, { buffers: [x, y], slots: [] });
      // nothing has to be waited for: it is on the GPU's queue already
      expect(last.state).toBe("running");
      backend.free(x, last.seq);
      x = y;
      if (i === 4) created = backend.counters().buffersCreated;
    }
    expect(backend.counters().buffersCreated).toBe(created);
    await last.wait();
    expect((await floats(backend, x, 1))[0]).toBe(2 ** 30);
    backend.free(x, 0);
  });

  test("long runs are cut into several submissions", async () => {
    const steps = Array.from({ length: 300 }, (_, i) => scale(4, at(i % 2), at((i + 1) % 2), 1.01));
    const buffers = [upload(new Float32Array(4).fill(1)), backend.alloc(16)];
    await run(steps.slice(0, 1), buffers).wait();
    backend.upload(buffers[0], new Float32Array(4).fill(1));
    const before = backend.counters().submits;
    await run(steps, buffers).wait();
    expect(backend.counters().submits).toBe(before + 2);
    expect((await floats(backend, buffers[0], 1))[0]).toBeCloseTo(1.01 ** 300, 3);
  });

  test("more than 65535 workgroups", async () => {
    const n = 5_000_000;
    const buffers = [upload(Float32Array.from({ length: n }, (_, i) => i)), backend.alloc(n * 4)];
    await run([scale(n, at(0), at(1), 2)], buffers).wait();
    const got = await floats(backend, buffers[1], n);
    for (const i of [0, 1, 4_194_303, 4_194_304, n - 1]) expect(got[i]).toBe(2 * i);
    for (const buffer of buffers) backend.free(buffer, 0);
  });

  test("what is not there is refused by name", async () => {
    const f64: Step = {
      kind: "gemm",
      storage: "f64",
      batch: 1,
      m: 1,
      n: 1,
      k: 1,
      lhs: flat(0),
      rhs: flat(0),
      out: at(1),
      scratch: null,
    };
    expect(() => backend.compile({ steps: [f64], buffers: 2, slots: 0 })).toThrow(DTypeError);
    expect(() => backend.compile({ steps: [f64], buffers: 2, slots: 0 })).toThrow(/astype\("float32"\)/);
    const buffer = upload(Float32Array.of(1));
    const computed = backend.alloc(4);
    const ticket = run([scale(1, at(0), at(1), 1)], [buffer, computed]);
    expect(backend.readsNow(computed)).toBe(false);
    expect(() => backend.readSync(computed, new Uint8Array(4))).toThrow(SyncReadError);
    expect(() => ticket.help()).toThrow(/await x\.data\(\)/);
    await ticket.wait();
    expect(() => backend.alloc(2 ** 50)).toThrow(OutOfMemoryError);
  });

  test("small arrays from the host are read at once, until something else is written there", async () => {
    const buffer = upload(Float32Array.of(1, 2));
    expect(backend.readsNow(buffer)).toBe(true);
    const bytes = new Uint8Array(8);
    backend.readSync(buffer, bytes);
    expect(new Float32Array(bytes.buffer)).toEqual(Float32Array.of(1, 2));
    await run([scale(2, at(0), at(1), 3)], [upload(Float32Array.of(1, 2)), buffer]).wait();
    expect(backend.readsNow(buffer)).toBe(false);
    expect(() => backend.readSync(buffer, bytes)).toThrow(SyncReadError);
    expect(backend.readsNow(upload(new Float32Array(KEPT_BYTES / 4)))).toBe(true);
    expect(backend.readsNow(upload(new Float32Array(KEPT_BYTES / 4 + 1)))).toBe(false);
  });

  test("memory() counts what is live", () => {
    const { live } = backend.memory();
    const buffer = backend.alloc(1000);
    expect(backend.memory().live).toBe(live + 1000);
    backend.free(buffer, 0);
    expect(backend.memory().live).toBe(live);
    expect(() => backend.free(buffer, 0)).toThrow(/freed/);
  });
});

describe.skipIf(missing !== null)("a closed WebGPU device", () => {
  test("fails what runs on it, and says so afterwards", async () => {
    const backend = await openDevice();
    const buffers = [backend.alloc(16), backend.alloc(16)];
    backend.upload(buffers[0], new Float32Array(4));
    const program: Program = backend.compile({ steps: [scale(4, at(0), at(1), 2)], buffers: 2, slots: 0 });
    const ticket = backend.run(program, { buffers, slots: [] });
    await backend.close();
    await expect(ticket.wait()).rejects.toThrow(DeviceError);
    expect(() => backend.alloc(4)).toThrow(/closed/);
    await expect(backend.read(buffers[0], new Uint8Array(4))).rejects.toThrow(/closed/);
    await backend.close();
  });
});

const flat = (buffer: number) => ({ place: at(buffer), base: 0, batchStride: 0, rowStride: 1, colStride: 1 });

function sameWords(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** max(x, factor), as a kernel that no other test compiles. */
function maxKernel() {
  const { kernel } = scale(1, at(0), at(1), 1) as Extract<Step, { kind: "kernel" }>;
  const nodes = kernel.nodes.map((node) => (node.op === "apply" ? { ...node, fn: "max" as const } : node));
  return { ...kernel, nodes };
}

function maxStep(n: number): Step {
  const step = scale(n, at(1), at(2), 6) as Extract<Step, { kind: "kernel" }>;
  const kernel = maxKernel();
  const nodes = kernel.nodes.map((node) => (node.op === "apply" ? { ...node, fn: "min" as const } : node));
  return { ...step, kernel: { ...kernel, nodes }, key: "min" };
}

import { DeviceError, OutOfMemoryError } from "@weft/ir";
import type { Buffer, Step, Ticket } from "@weft/ir";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { WebgpuBackend, WebgpuOptions } from "./index.ts";
import { missing, openDevice } from "../scripts/testing/adapter.ts";
import { at, floats, scale } from "../scripts/testing/steps.ts";

describe.skipIf(missing !== null)("faults of the WebGPU device", () => {
  const opened: WebgpuBackend[] = [];
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(opened.splice(0).map((backend) => backend.close()));
  });
  const open = async (options: WebgpuOptions = {}): Promise<WebgpuBackend> => {
    const backend = await openDevice(options);
    opened.push(backend);
    return backend;
  };
  const upload = (backend: WebgpuBackend, data: ArrayBufferView): Buffer => {
    const buffer = backend.alloc(data.byteLength);
    backend.upload(buffer, data);
    return buffer;
  };
  const deviceOf = ({ device }: WebgpuBackend): GPUDevice => {
    if (device === null) throw new Error("the device is not open");
    return device;
  };
  const double = (backend: WebgpuBackend, x: Buffer, n: number): { ticket: Ticket; out: Buffer } => {
    const out = backend.alloc(n * 4);
    const program = backend.compile({ steps: [scale(n, at(0), at(1), 2)], buffers: 2, slots: 0 });
    return { ticket: backend.run(program, { buffers: [x, out], slots: [] }), out };
  };

  test("a device destroyed in the middle of runs fails them, and is opened again for the next", async () => {
    const backend = await open();
    const n = 2_000_000;
    const x = upload(backend, new Float32Array(n).fill(1));
    const warm = double(backend, x, n);
    await warm.ticket.wait();
    // of what was computed there: arrays from the host are put back, and runs that wait go on with them
    const pending = Array.from({ length: 5 }, () => double(backend, warm.out, n));
    deviceOf(backend).destroy();
    const outcomes = await Promise.allSettled(pending.map(({ ticket }) => ticket.wait()));
    // none of them may look like a success: their memory is gone
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(DeviceError) });
    await expect(floats(backend, warm.out, 1)).rejects.toThrow(/lost/);
    const stale = double(backend, warm.out, n);
    await expect(stale.ticket.wait()).rejects.toThrow(/compute it again/);
    const again = double(backend, upload(backend, new Float32Array(n).fill(3)), n);
    await again.ticket.wait();
    expect((await floats(backend, again.out, n))[n - 1]).toBe(6);
    expect(backend.counters().losses).toBe(1);
  });

  test("a device destroyed between the submissions of one run fails it, and the next works", async () => {
    const backend = await open();
    // by what the device is taken to do, every step is a submission of its own, and two are under way at most
    const n = 300_000;
    const step = { ...scale(n, at(0), at(1), 2), work: 1e9 } as Step;
    const program = backend.compile({ steps: Array.from({ length: 12 }, () => step), buffers: 2, slots: 0 });
    await program.ready();
    const x = upload(backend, new Float32Array(n).fill(1));
    const warm = double(backend, x, n);
    await warm.ticket.wait();
    const before = backend.counters().submits;
    const out = backend.alloc(4 * n);
    // when the first part is submitted depends on when the adapter says that it has the memory
    const { queue } = deviceOf(backend);
    const parts = new Promise<void>((resolve) => {
      const submit = queue.submit.bind(queue);
      let left = 2;
      vi.spyOn(queue, "submit").mockImplementation((commands) => {
        if (--left === 0) resolve();
        return submit(commands);
      });
    });
    const ticket = backend.run(program, { buffers: [x, out], slots: [] });
    const waiting = double(backend, warm.out, n);
    await parts;
    const submitted = backend.counters().submits - before;
    expect(submitted).toBeGreaterThan(1);
    expect(submitted).toBeLessThan(12);
    deviceOf(backend).destroy();
    await expect(ticket.wait()).rejects.toThrow(DeviceError);
    await expect(waiting.ticket.wait()).rejects.toThrow(DeviceError);
    await expect(floats(backend, out, 1)).rejects.toThrow(/lost/);
    const again = double(backend, upload(backend, new Float32Array(n).fill(3)), n);
    await again.ticket.wait();
    expect((await floats(backend, again.out, n))[n - 1]).toBe(6);
  });

  test("an old program runs on the device that was opened again", async () => {
    const backend = await open();
    const program = backend.compile({ steps: [scale(3, at(0), at(1), { slot: 0 })], buffers: 2, slots: 1 });
    const attempt = async (factor: number): Promise<number> => {
      const buffers = [upload(backend, Float32Array.of(1, 2, 3)), backend.alloc(12)];
      await backend.run(program, { buffers, slots: [factor] }).wait();
      return (await floats(backend, buffers[1], 3))[2];
    };
    expect(await attempt(2)).toBe(6);
    deviceOf(backend).destroy();
    await deviceOf(backend).lost;
    expect(await attempt(5)).toBe(15);
  });

  test("a loss while shaders are compiled costs nothing that came from the host", async () => {
    const backend = await open({ reopenMs: 1 });
    const { ticket, out } = double(backend, upload(backend, Float32Array.of(4)), 1);
    deviceOf(backend).destroy();
    await ticket.wait();
    expect((await floats(backend, out, 1))[0]).toBe(8);
  });

  test("an error that WebGPU reports by itself fails the run that is under way", async () => {
    const backend = await open();
    const n = 2_000_000;
    const x = upload(backend, new Float32Array(n).fill(1));
    const warm = double(backend, x, n);
    await warm.ticket.wait();
    backend.free(warm.out, 0);
    const { ticket } = double(backend, x, n);
    expect(ticket.state).toBe("running");
    deviceOf(backend).createBuffer({ size: 16, usage: 0 });
    await expect(ticket.wait()).rejects.toThrow(DeviceError);
    expect(ticket.state).toBe("failed");
    const { ticket: next } = double(backend, x, n);
    await next.wait();
    expect(next.state).toBe("done");
  });

  test("an error that belongs to no run is logged", async () => {
    const lines: string[] = [];
    const backend = await open({ log: (line) => lines.push(line) });
    deviceOf(backend).createBuffer({ size: 16, usage: 0 });
    await deviceOf(backend).queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines).toHaveLength(1);
  });

  /** Lets the next `times` creations under an out-of-memory scope fail. */
  const starve = (backend: WebgpuBackend, times: number): void => {
    const device = deviceOf(backend);
    let left = times;
    const scopes: GPUErrorFilter[] = [];
    const { pushErrorScope, popErrorScope } = device;
    device.pushErrorScope = (filter) => {
      scopes.push(filter);
      return pushErrorScope.call(device, filter);
    };
    device.popErrorScope = async () => {
      const filter = scopes.pop();
      const real = popErrorScope.call(device);
      if (filter !== "out-of-memory" || left === 0) return real;
      left--;
      await real;
      return { message: "no memory" };
    };
  };

  test("an allocation that fails once is tried again without the pool's memory", async () => {
    const backend = await open();
    const n = 2 ** 20;
    const x = upload(backend, new Float32Array(n).fill(1));
    const junk = upload(backend, new Float32Array(2 * n));
    await double(backend, x, n).ticket.wait();
    backend.free(junk, 0);
    expect(backend.memory().cached).toBeGreaterThan(8 * n - 1);
    starve(backend, 1);
    const { ticket, out } = double(backend, x, n);
    await ticket.wait();
    expect(backend.memory().cached).toBe(0);
    expect((await floats(backend, out, n))[n - 1]).toBe(2);
  });

  test("an allocation that fails for good is an OutOfMemoryError of its run alone", async () => {
    const backend = await open();
    const n = 2 ** 20;
    const x = upload(backend, new Float32Array(n).fill(1));
    await double(backend, x, n).ticket.wait();
    const before = backend.memory().reserved;
    starve(backend, 2);
    const failed = double(backend, x, n);
    const behind = double(backend, x, n);
    await expect(failed.ticket.wait()).rejects.toThrow(OutOfMemoryError);
    await expect(floats(backend, failed.out, 1)).rejects.toThrow(OutOfMemoryError);
    await behind.ticket.wait();
    expect((await floats(backend, behind.out, n))[0]).toBe(2);
    backend.free(failed.out, failed.ticket.seq);
    backend.free(behind.out, behind.ticket.seq);
    expect(backend.memory().reserved).toBe(before + 4 * n);
  });

  test("an upload that found no memory fails what reads it", async () => {
    const backend = await open();
    starve(backend, 1);
    const x = upload(backend, new Float32Array(2 ** 20));
    await expect(double(backend, x, 2 ** 20).ticket.wait()).rejects.toThrow(OutOfMemoryError);
    await expect(floats(backend, x, 1)).rejects.toThrow(OutOfMemoryError);
  });

  test("a shader that does not compile fails its runs with its text", async () => {
    const backend = await open();
    const device = deviceOf(backend);
    const { createShaderModule } = device;
    vi.spyOn(device, "createShaderModule").mockImplementationOnce(({ code }) =>
      createShaderModule.call(device, { code: `${code}\nfn broken() -> f32 { return 1u; }` }),
    );
    const x = upload(backend, Float32Array.of(1, 2, 3));
    const out = backend.alloc(12);
    const program = backend.compile({ steps: [scale(3, at(0), at(1), 2)], buffers: 2, slots: 0 });
    const ticket = backend.run(program, { buffers: [x, out], slots: [] });
    await expect(program.ready()).rejects.toThrow(DeviceError);
    await expect(ticket.wait()).rejects.toThrow(/does not compile[\s\S]*kernel of step 0[\s\S]*fn main/);
    const sum = backend.compile({ steps: [{ kind: "copy", from: at(0), to: at(1), bytes: 12 }], buffers: 2, slots: 0 });
    const fresh = backend.alloc(12);
    await backend.run(sum, { buffers: [x, fresh], slots: [] }).wait();
    expect([...(await floats(backend, fresh, 3))]).toEqual([1, 2, 3]);
  });

  test("a loop that awaits nothing is not held up by the compiler", async () => {
    const backend = await open();
    const n = 64;
    const program = backend.compile({ steps: [scale(n, at(0), at(1), { slot: 0 })], buffers: 2, slots: 1 });
    let x = upload(backend, new Float32Array(n).fill(1));
    const tickets: Ticket[] = [];
    for (let i = 0; i < 600; i++) {
      const y = backend.alloc(4 * n);
      const ticket = backend.run(program, { buffers: [x, y], slots: [i % 2 === 0 ? 2 : 0.5] });
      backend.free(x, ticket.seq);
      tickets.push(ticket);
      x = y;
    }
    // no event has happened since the compiler began
    expect(backend.counters().submits).toBeGreaterThan(250);
    expect(tickets[0].state).toBe("running");
    await Promise.all(tickets.map((ticket) => ticket.wait()));
    expect((await floats(backend, x, n))[n - 1]).toBe(1);
    expect(backend.counters().submits).toBe(600);
  });

  test("in such a loop too, a shader that does not compile fails every run, and nothing hangs", async () => {
    const backend = await open();
    const device = deviceOf(backend);
    const { createShaderModule } = device;
    vi.spyOn(device, "createShaderModule").mockImplementation(({ code }) =>
      createShaderModule.call(device, { code: `${code}\nfn broken() -> f32 { return 1u; }` }),
    );
    const program = backend.compile({ steps: [scale(3, at(0), at(1), 2)], buffers: 2, slots: 0 });
    const x = upload(backend, Float32Array.of(1, 2, 3));
    const runs = Array.from({ length: 300 }, () =>
      backend.run(program, { buffers: [x, backend.alloc(12)], slots: [] }).wait(),
    );
    for (const outcome of await Promise.allSettled(runs))
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(DeviceError) });
    await expect(program.ready()).rejects.toThrow(/does not compile[\s\S]*kernel of step 0[\s\S]*fn main/);
    vi.restoreAllMocks();
    const { ticket, out } = double(backend, x, 2);
    await expect(ticket.wait()).rejects.toThrow(/does not compile/);
    const copy = backend.compile({
      steps: [{ kind: "copy", from: at(0), to: at(1), bytes: 12 }],
      buffers: 2,
      slots: 0,
    });
    const fresh = backend.alloc(12);
    await backend.run(copy, { buffers: [x, fresh], slots: [] }).wait();
    expect([...(await floats(backend, fresh, 3))]).toEqual([1, 2, 3]);
    backend.free(out, ticket.seq);
  });
});

// What survives the loss of the device: what the host gave, within a budget of copies; and the device itself, which is
// opened again by whoever asks after it was lost too often.
import { DeviceError } from "@weft/ir";
import type { Buffer, Ticket } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import type { WebgpuBackend } from "./index.ts";
import { ORIGIN_BYTES, ORIGINS_BYTES } from "./limits.ts";
import { missing, openDevice } from "../scripts/testing/adapter.ts";
import { at, floats, scale } from "../scripts/testing/steps.ts";

describe.skipIf(missing !== null)("losses of the WebGPU device", () => {
  const opened: WebgpuBackend[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backend) => backend.close()));
  });
  const open = async (): Promise<WebgpuBackend> => {
    const backend = await openDevice({ reopenMs: 1 });
    opened.push(backend);
    return backend;
  };
  const lose = async ({ device }: WebgpuBackend): Promise<void> => {
    if (device === null) throw new Error("the device is not open");
    device.destroy();
    await device.lost;
  };
  const upload = (backend: WebgpuBackend, data: ArrayBufferView): Buffer => {
    const buffer = backend.alloc(data.byteLength);
    void backend.upload(buffer, data);
    return buffer;
  };
  const double = (backend: WebgpuBackend, x: Buffer, n: number): { ticket: Ticket; out: Buffer } => {
    const out = backend.alloc(n * 4);
    const program = backend.compile({ steps: [scale(n, at(0), at(1), 2)], buffers: 2, slots: 0 });
    return { ticket: backend.run(program, { buffers: [x, out], slots: [] }), out };
  };

  test.each([1, 3, 1000, 2 ** 20, ORIGIN_BYTES / 4])("an array of %i numbers from the host is put back", async (n) => {
    const backend = await open();
    const data = Float32Array.from({ length: n }, (_, i) => i % 1000);
    const x = upload(backend, data);
    // what the caller does with its array afterwards is nothing to the device
    const last = data[n - 1];
    data.fill(-1);
    await double(backend, x, n).ticket.wait();
    await lose(backend);
    expect((await floats(backend, x, n))[n - 1]).toBe(last);
    const { ticket, out } = double(backend, x, n);
    await ticket.wait();
    expect((await floats(backend, out, n))[n - 1]).toBe(2 * last);
    await lose(backend);
    const again = double(backend, x, n);
    await again.ticket.wait();
    expect((await floats(backend, again.out, n))[n - 1]).toBe(2 * last);
  });

  test("of odd bytes, too", async () => {
    const backend = await open();
    const x = upload(backend, Uint8Array.of(1, 0, 1));
    await lose(backend);
    const copied = backend.alloc(3);
    const program = backend.compile({
      steps: [{ kind: "copy", from: at(0), to: at(1), bytes: 3 }],
      buffers: 2,
      slots: 0,
    });
    await backend.run(program, { buffers: [x, copied], slots: [] }).wait();
    const got = new Uint8Array(3);
    await backend.read(copied, got);
    expect([...got]).toEqual([1, 0, 1]);
  });

  test("a larger one is gone, and says so", async () => {
    const backend = await open();
    const n = ORIGIN_BYTES / 4 + 1;
    const x = upload(backend, new Float32Array(n));
    await double(backend, x, n).ticket.wait();
    await lose(backend);
    await expect(double(backend, x, n).ticket.wait()).rejects.toThrow(/compute it again/);
    await expect(floats(backend, x, 1)).rejects.toThrow(/lost/);
  });

  test("copies have a budget, which freed arrays give back", async () => {
    const backend = await open();
    const data = new Float32Array(ORIGIN_BYTES / 4).fill(1);
    const count = ORIGINS_BYTES / ORIGIN_BYTES;
    const held = Array.from({ length: count + 1 }, () => upload(backend, data));
    backend.free(held[0], 0);
    const late = upload(backend, data);
    await lose(backend);
    for (const x of [held[1], held[count - 1], late]) expect((await floats(backend, x, 1))[0]).toBe(1);
    await expect(floats(backend, held[count], 1)).rejects.toThrow(/lost/);
  });

  test("what a run has written over is not put back", async () => {
    const backend = await open();
    const [x, y] = [upload(backend, Float32Array.of(1, 2)), upload(backend, Float32Array.of(7, 8))];
    const program = backend.compile({ steps: [scale(2, at(0), at(1), 2)], buffers: 2, slots: 0 });
    await backend.run(program, { buffers: [x, y], slots: [] }).wait();
    expect([...(await floats(backend, y, 2))]).toEqual([2, 4]);
    await lose(backend);
    await expect(floats(backend, y, 2)).rejects.toThrow(/lost/);
    expect([...(await floats(backend, x, 2))]).toEqual([1, 2]);
  });

  test.each([
    ["is put back whole", 2 ** 20],
    ["is lost with it, not half there", ORIGIN_BYTES + 2 ** 20],
  ])("an array on its way when the device was lost %s", async (what, bytes) => {
    const backend = await open();
    const buffer = backend.alloc(bytes);
    const part = new Uint8Array(bytes / 4).fill(5);
    await backend.upload(buffer, part, 0);
    await lose(backend);
    for (let from = part.length; from < bytes; from += part.length) await backend.upload(buffer, part, from);
    const got = new Uint8Array(bytes);
    if (what === "is put back whole") {
      await backend.read(buffer, got);
      expect(got.every((x) => x === 5)).toBe(true);
    } else await expect(backend.read(buffer, got)).rejects.toThrow(/lost while an array was on its way/);
    const again = upload(backend, Float32Array.of(1, 2));
    expect([...(await floats(backend, again, 2))]).toEqual([1, 2]);
  });

  test("three losses within a minute close the device until it is opened again", async () => {
    const backend = await open();
    const x = upload(backend, Float32Array.of(1));
    for (let i = 0; i < 3; i++) {
      await double(backend, x, 1).ticket.wait();
      await lose(backend);
      expect(backend.missing === null).toBe(i < 2);
    }
    expect(() => backend.alloc(4)).toThrow(/stays closed/);
    expect(backend.missing).toMatch(/lost again and again/);
    await backend.reopen();
    expect(backend.missing).toBeNull();
    const { ticket, out } = double(backend, x, 1);
    await ticket.wait();
    expect([...(await floats(backend, out, 1))]).toEqual([2]);
    // it is not closed by the losses before
    await lose(backend);
    await double(backend, x, 1).ticket.wait();
  });

  test("a device that was closed stays closed", async () => {
    const backend = await open();
    await backend.close();
    await backend.reopen();
    expect(backend.missing).toBeNull();
    expect(() => backend.alloc(4)).toThrow(DeviceError);
  });
});

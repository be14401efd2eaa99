import type { Buffer, MatrixOperand, Step } from "@weft/ir";
import { DeviceError, InternalError } from "@weft/ir";
import { afterEach, describe, expect, test } from "vitest";

import { expStep } from "../scripts/testing/scaling.ts";
import { createWasmBackend } from "./index.ts";
import type { WasmOptions } from "./index.ts";

type Device = ReturnType<typeof createWasmBackend>;
const open: Device[] = [];

afterEach(async () => {
  for (const device of open.splice(0)) await device.close();
});

function make(options: WasmOptions): Device {
  const device = createWasmBackend(options);
  open.push(device);
  return device;
}

function upload(device: Device, data: Float32Array | Float64Array | Int32Array | Uint8Array): Buffer {
  const buffer = device.alloc(data.byteLength);
  device.upload(buffer, data);
  return buffer;
}

function read(device: Device, buffer: Buffer): ArrayBuffer {
  const bytes = new Uint8Array(buffer.bytes);
  device.readSync(buffer, bytes);
  return bytes.buffer;
}

/** Test numbers that repeat. */
function numbers(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5);
}

const place = (buffer: number, offset = 0): { buffer: number; offset: number } => ({ buffer, offset });

const lanesAndBuilds = [1, 2, 3].flatMap((threads) =>
  (["base", "relaxed"] as const).map((build) => ({ threads, build })),
);

describe("the device", () => {
  test.each(lanesAndBuilds)("emitted kernels on $threads lanes, $build", async (options) => {
    const device = make(options);
    const n = 200_003;
    const input = Float32Array.from(numbers(n));
    const buffers = [upload(device, input), device.alloc(n * 4)];
    const program = device.compile({ steps: [expStep(n, 0, 1)], buffers: 2, slots: 1 });
    for (const factor of [1, -3]) {
      const ticket = device.run(program, { buffers, slots: [factor] });
      await ticket.wait();
      const result = new Float32Array(read(device, buffers[1]));
      const wrong = result.findIndex((value, i) => {
        const exact = Math.exp(Math.fround(input[i] * factor));
        return Math.abs(value - exact) > 2.4e-7 * exact;
      });
      expect(wrong).toBe(-1);
    }
    expect(device.counters()).toMatchObject({ programs: 2, steps: 2, kernelsCompiled: 1 });
  });

  function gemmStep(
    device: Device,
    m: number,
    n: number,
    k: number,
    lhs: MatrixOperand,
    rhs: MatrixOperand,
  ): { step: Step; bytes: number } {
    const form = { storage: "f32", batch: 2, m, n, k, lhs, rhs } as const;
    const bytes = device.gemmBytes(form);
    return { step: { ...form, kind: "gemm", out: place(2), scratch: bytes > 0 ? place(3) : null }, bytes };
  }

  test.each(lanesAndBuilds)("products with a base from a slot on $threads lanes, $build", async (options) => {
    const device = make(options);
    const [m, n, k] = [417, 70, 90];
    const a = numbers(2 * m * k + 64, 3);
    const b = numbers(k * n * 2, 5);
    const base = { base: 4, terms: [{ slot: 0, coef: 4 }] };
    const lhs = { place: place(0, 64), base, batchStride: m * k, rowStride: k, colStride: 1 };
    // Transposed: n rows of k.
    const rhs = { place: place(1), base: 0, batchStride: k * n, rowStride: 1, colStride: k };
    const { step, bytes } = gemmStep(device, m, n, k, lhs, rhs);
    const buffers = [
      upload(device, Float32Array.from(a)),
      upload(device, Float32Array.from(b)),
      device.alloc(2 * m * n * 4),
    ];
    buffers.push(device.alloc(Math.max(64, bytes)));
    const program = device.compile({ steps: [step], buffers: 4, slots: 1 });
    for (const slot of [0, 3]) {
      device.run(program, { buffers, slots: [slot] }).help();
      const result = new Float32Array(read(device, buffers[2]));
      let worst = 0;
      for (let at = 0; at < 2 * m * n; at += 37) {
        const [batch, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
        let exact = 0;
        for (let i = 0; i < k; i++) {
          exact += a[16 + 4 + 4 * slot + batch * m * k + row * k + i] * b[batch * k * n + column * k + i];
        }
        worst = Math.max(worst, Math.abs(exact - result[at]));
      }
      expect(worst).toBeLessThan(1e-5);
    }
  });

  test("bits do not depend on the number of lanes", () => {
    const [m, n, k] = [300, 64, 700];
    const results = [1, 2, 3].map((threads) => {
      const device = make({ threads });
      const lhs = { place: place(0), base: 0, batchStride: m * k, rowStride: k, colStride: 1 };
      const rhs = { place: place(1), base: 0, batchStride: 0, rowStride: n, colStride: 1 };
      const { step, bytes } = gemmStep(device, m, n, k, lhs, rhs);
      const buffers = [
        upload(device, Float32Array.from(numbers(2 * m * k))),
        upload(device, Float32Array.from(numbers(k * n))),
      ];
      buffers.push(device.alloc(2 * m * n * 4), device.alloc(Math.max(64, bytes)));
      device.run(device.compile({ steps: [step], buffers: 4, slots: 0 }), { buffers, slots: [] }).help();
      return new Int32Array(read(device, buffers[2]));
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test.each(["f64", "f32", "bool"] as const)("transpositions and copies of %s", (storage) => {
    const device = make({ threads: 2 });
    const [rows, cols] = [123, 77];
    const View = { f64: Float64Array, f32: Float32Array, bool: Uint8Array }[storage];
    const values = numbers(2 * rows * cols);
    const input = View.from(storage === "bool" ? Array.from(values, (value) => Number(value > 0)) : values);
    const buffers = [upload(device, input), device.alloc(input.byteLength), device.alloc(input.byteLength)];
    const from = { place: place(0), base: 0, batchStride: rows * cols, rowStride: cols, colStride: 1 };
    const steps: Step[] = [
      { kind: "transpose", storage, batch: 2, rows, cols, from, out: place(1) },
      { kind: "copy", from: place(1), to: place(2), bytes: input.byteLength },
    ];
    device.run(device.compile({ steps, buffers: 3, slots: 0 }), { buffers, slots: [] }).help();
    const result = new View(read(device, buffers[2]));
    const expected = input.map((_, at) => {
      const [batch, column, row] = [Math.floor(at / (rows * cols)), Math.floor(at / rows) % cols, at % rows];
      return input[batch * rows * cols + row * cols + column];
    });
    expect(result).toEqual(expected);
  });

  test("two devices do not meet", () => {
    const [one, two] = [make({ threads: 1 }), make({ threads: 1 })];
    const foreign = upload(two, new Float32Array(8));
    const program = one.compile({ steps: [expStep(8, 0, 1)], buffers: 2, slots: 1 });
    expect(() => two.run(program, { buffers: [foreign, foreign], slots: [1] })).toThrow(InternalError);
    expect(() => one.run(program, { buffers: [foreign, foreign], slots: [1] })).toThrow(InternalError);
    expect(() => one.free(foreign, 0)).toThrow(InternalError);
  });

  test("says what it can do", () => {
    const device = make({ threads: 2, build: "base" });
    expect(device).toMatchObject({ id: "wasm", threads: 2, canBlock: true });
    expect(device.memory()).toEqual({ live: 0, cached: 0, reserved: 0 });
    expect(device.supports("gemm", "f64")).toBe(true);
    expect(device.supports("gemm", "bool")).toBe(false);
    expect(device.supports("transpose", "bool")).toBe(true);
    expect(device.limits.bufferBytes).toBeLessThanOrEqual(device.limits.totalBytes);
    expect(() => createWasmBackend({ threads: -1 })).toThrow(DeviceError);
  });
});

import { describe, expect, test } from "vitest";

import { BufferPool, sizeClass } from "./pool.ts";

const MIB = 2 ** 20;

function pool(most = 100 * MIB, mostCached = 50 * MIB): { pool: BufferPool; destroyed: number[] } {
  const destroyed: number[] = [];
  const device = {
    limits: { maxBufferSize: 64 * MIB },
    createBuffer: ({ size }: { size: number }) => ({ size, destroy: () => destroyed.push(size) }),
  } as unknown as GPUDevice;
  return { pool: new BufferPool(device, 1, most, mostCached), destroyed };
}

describe("GPU memory", () => {
  test("a size class is at most an eighth larger, and nothing is beyond the device's largest", () => {
    for (let bytes = 1; bytes < 64 * MIB; bytes = Math.ceil(bytes * 1.37)) {
      const size = sizeClass(bytes, 64 * MIB);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size % 4).toBe(0);
      expect(size).toBeLessThanOrEqual(Math.max(256 * Math.ceil(bytes / 256), bytes * 1.125 + 4));
    }
    expect(sizeClass(64 * MIB - 3, 64 * MIB)).toBe(64 * MIB);
    expect(sizeClass(0, 64 * MIB)).toBe(256);
  });

  test("a buffer is used again once the run that names it is submitted, and not before", () => {
    const { pool: it } = pool();
    const buffer = it.create(1000);
    it.retire(buffer, 7);
    expect(it.reuse(1000)).toBe(null);
    it.submitted(6);
    expect(it.reuse(1000)).toBe(null);
    it.submitted(7);
    expect(it.cached).toBe(buffer.bytes);
    expect(it.reuse(1000)).toBe(buffer);
    expect(it.reuse(1000)).toBe(null);
    expect(it.cached).toBe(0);
    it.retire(buffer, 7);
    expect(it.reuse(1020)).toBe(buffer);
  });

  test("free memory goes before the budget is exceeded", () => {
    const { pool: it, destroyed } = pool(10 * MIB);
    const first = it.create(4 * MIB);
    it.retire(first, 0);
    it.create(5 * MIB);
    expect(destroyed).toEqual([]);
    it.create(2 * MIB);
    expect(destroyed).toEqual([4 * MIB]);
    expect(it.reserved).toBe(7 * MIB);
  });

  test("what is kept is bounded, and the size longest unused goes first", () => {
    const { pool: it, destroyed } = pool(100 * MIB, 6 * MIB);
    const buffers = [1, 2, 4].map((size) => it.create(size * MIB));
    for (const buffer of buffers) it.retire(buffer, 0);
    expect(destroyed).toEqual([1 * MIB]);
    expect(it.cached).toBe(6 * MIB);
  });

  test.each([
    ["300 of 16 MiB", 300, 16],
    ["20,000 of a quarter of one", 20_000, 0.25],
    ["10 of 500 MiB", 10, 500],
    ["70 of 63 MiB", 70, 63],
    ["1,000 of 5 MiB", 1000, 5],
  ])("what is left of %s is bounded by 256 MiB", (_name, count, size) => {
    const { pool: it } = pool(8192 * MIB, 4096 * MIB);
    const buffers = Array.from({ length: count }, () => it.create(size * MIB));
    buffers.forEach((buffer, i) => it.retire(buffer, i % 7));
    it.submitted(7);
    expect(it.cached).toBeLessThanOrEqual(256 * MIB);
    expect(it.reserved).toBe(it.cached);
  });

  test("as much is kept as is in use, so that a large program finds its temporaries again", () => {
    const { pool: it, destroyed } = pool(8192 * MIB, 4096 * MIB);
    const lasting = Array.from({ length: 12 }, () => it.create(50 * MIB));
    const temporary = Array.from({ length: 12 }, () => it.create(50 * MIB));
    for (const buffer of temporary) it.retire(buffer, 0);
    expect(destroyed).toEqual([]);
    for (const buffer of lasting) it.retire(buffer, 0);
    expect(it.cached).toBeLessThanOrEqual(256 * MIB);
  });

  test("buffers of a lost device are no concern of the next one", () => {
    const { pool: it, destroyed } = pool();
    const stale = { ...it.create(100), epoch: 0 };
    it.retire(stale, 0);
    expect(it.reuse(100)).toBe(null);
    it.destroy(stale);
    expect(destroyed).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { KernelBed } from "../../scripts/kernel-bed.ts";
import { planCopy, planFill32, planTranspose } from "./movement.ts";

const bed = new KernelBed("base", 128);
const octets = (address: number, count: number): Uint8Array => new Uint8Array(bed.memory.buffer, address, count);

/** Bytes no two neighbours of which are equal at any element size. */
function pattern(address: number, count: number): void {
  const data = octets(address, count);
  for (let i = 0; i < count; i++) data[i] = (Math.imul(i + 1, 2654435761) >>> 13) & 255;
}

describe("transposition", () => {
  for (const elementBytes of [1, 4, 8] as const) {
    it(`of ${elementBytes * 8}-bit elements, any extents, strides, batches and order of items`, () => {
      for (const [batch, rows, columns] of [
        [1, 1, 1],
        [1, 3, 5],
        [2, 7, 8],
        [1, 16, 16],
        [3, 17, 33],
        [1, 64, 65],
        [2, 129, 2],
        [1, 1, 70],
        [2, 1100, 40],
        [1, 2049, 3],
      ]) {
        for (const flip of [1, -1]) {
          bed.clear();
          const pitch = columns + 3;
          const span = rows * pitch + 5;
          const start = bed.place(batch * span * elementBytes, elementBytes);
          pattern(start, batch * span * elementBytes);
          const rowStride = flip * pitch;
          const source = start + (flip < 0 ? (rows - 1) * pitch * elementBytes : 0);
          const bytes = batch * rows * columns * elementBytes;
          const target = bed.place(bytes + 32);
          octets(target, bytes + 32).fill(7);
          const plan = planTranspose({ elementBytes, batch, rows, columns, rowStride, batchStride: span });
          bed.run(plan, { source, target }, (items) =>
            Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]),
          );
          const got = octets(target, bytes + 32);
          const from = octets(0, bed.memory.buffer.byteLength);
          const expected = new Uint8Array(bytes + 32).fill(7);
          for (let b = 0; b < batch; b++) {
            for (let r = 0; r < rows; r++) {
              for (let c = 0; c < columns; c++) {
                const at = source + (b * span + r * rowStride + c) * elementBytes;
                const to = ((b * columns + c) * rows + r) * elementBytes;
                for (let x = 0; x < elementBytes; x++) expected[to + x] = from[at + x];
              }
            }
          }
          expect(got).toEqual(expected);
        }
      }
    });
  }

  it("of nothing has no steps", () => {
    expect(
      planTranspose({ elementBytes: 4, batch: 1, rows: 0, columns: 3, rowStride: 3, batchStride: 0 }).steps,
    ).toEqual([]);
  });
});

describe("copy and fill", () => {
  it("write exactly their bytes", () => {
    for (const bytes of [4, 60, 64, 65536, 65540, 200_012]) {
      bed.clear();
      const source = bed.place(bytes);
      const target = bed.place(bytes + 8);
      pattern(source, bytes);
      octets(target, bytes + 8).fill(9);
      bed.run(planCopy(bytes), { source, target }, (items) =>
        Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]),
      );
      expect(octets(target, bytes)).toEqual(octets(source, bytes));
      expect([...octets(target + bytes, 8)]).toEqual([9, 9, 9, 9, 9, 9, 9, 9]);
      bed.run(planFill32(bytes / 4), { target, bits: 0x40490fdb });
      expect(new Uint32Array(bed.memory.buffer, target, bytes / 4).every((word) => word === 0x40490fdb)).toBe(true);
      expect([...octets(target + bytes, 8)]).toEqual([9, 9, 9, 9, 9, 9, 9, 9]);
    }
  });
});

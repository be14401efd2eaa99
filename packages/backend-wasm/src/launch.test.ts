import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chunking } from "./launch.ts";

describe("chunking", () => {
  test("covers every item, with no empty chunk and none too small", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (items, each, threads) => {
          const { grain, chunks } = chunking(items, items * each, threads);
          expect(Number.isInteger(grain) && Number.isInteger(chunks)).toBe(true);
          expect(chunks).toBeGreaterThanOrEqual(1);
          expect(chunks * grain).toBeGreaterThanOrEqual(items);
          expect((chunks - 1) * grain).toBeLessThan(Math.max(1, items));
          // A step is split only where every chunk has work for some microseconds.
          if (chunks > 1) expect(grain * each).toBeGreaterThanOrEqual(Math.min(32_768, each));
        },
      ),
    );
  });

  test("gives eight chunks a thread where the work allows, and keeps chunks short", () => {
    expect(chunking(10_000, 20_000, 4).chunks).toBe(1);
    expect(chunking(1_000_000, 1_000_000, 2)).toEqual({ grain: 62_528, chunks: 16 });
    expect(chunking(8, 1e9, 4).chunks).toBe(8);
    const { grain } = chunking(1e8, 1e9, 2);
    expect(grain * 10).toBeLessThan(1_100_000);
  });
});

// Arena plans: no two values that live at one time overlap, and the arena is not larger than it need be by much.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Interval } from "./memory.ts";
import { planArena } from "./memory.ts";

const interval: fc.Arbitrary<Interval> = fc
  .record({ bytes: fc.nat(5000), first: fc.nat(40), length: fc.nat(12) })
  .map(({ bytes, first, length }) => ({ bytes, first, last: first + length }));

test("values that live together do not overlap", () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 60 }), (intervals) => {
      const { offsets, bytes } = planArena(intervals);
      intervals.forEach((a, i) => {
        if (a.bytes === 0) return;
        expect(offsets[i] % 64).toBe(0);
        expect(offsets[i] + a.bytes).toBeLessThanOrEqual(bytes);
        intervals.forEach((b, j) => {
          if (j <= i || b.bytes === 0 || a.last < b.first || b.last < a.first) return;
          expect(offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i]).toBe(true);
        });
      });
    }),
  );
});

test("a chain of equal values takes two places", () => {
  const chain = Array.from({ length: 50 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }));
  expect(planArena(chain).bytes).toBe(1280);
});

test("holes join", () => {
  const plan = planArena([
    { bytes: 64, first: 0, last: 1 },
    { bytes: 64, first: 0, last: 1 },
    { bytes: 64, first: 0, last: 9 },
    { bytes: 128, first: 2, last: 3 },
  ]);
  expect(plan.bytes).toBe(192);
});

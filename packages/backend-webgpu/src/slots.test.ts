import type { Step } from "@weft/ir";
import { describe, expect, test } from "vitest";

import { planSlots } from "./slots.ts";
import { at, scale } from "../scripts/testing/steps.ts";

const bytesOf = (sizes: ReturnType<typeof planSlots>["sizes"]): number[] =>
  sizes.map((size) => ("bytes" in size ? size.bytes : -1));

describe("slots of temporaries", () => {
  test("a segment without an arena has none", () => {
    expect(planSlots([scale(8, at(0), at(1), 2)])).toMatchObject({ arena: -1, sizes: [] });
  });

  test("a value keeps its slot until its last use, and the next one takes it", () => {
    const steps = [
      scale(16, at(0), at(2, 0), 2),
      scale(16, at(2, 0), at(2, 64), 2),
      scale(16, at(2, 64), at(2, 128), 2),
      scale(16, at(2, 128), at(1), 2),
    ];
    const plan = planSlots(steps);
    expect(bytesOf(plan.sizes)).toEqual([64, 64]);
    expect(plan.slotOf(1, at(2, 0), false)).toBe(plan.slotOf(0, at(2, 0), true));
    expect(plan.slotOf(2, at(2, 128), true)).toBe(plan.slotOf(0, at(2, 0), true));
  });

  test("one place read and written in one step is two values", () => {
    const plan = planSlots([
      scale(16, at(0), at(2, 64), 2),
      scale(16, at(2, 64), at(2, 64), 2),
      scale(16, at(2, 64), at(1), 2),
    ]);
    expect(plan.slotOf(1, at(2, 64), false)).not.toBe(plan.slotOf(1, at(2, 64), true));
    expect(plan.slotOf(2, at(2, 64), false)).toBe(plan.slotOf(1, at(2, 64), true));
  });

  test("a value written in parts is one value, as long as its longest reach", () => {
    const steps: Step[] = [
      { kind: "copy", from: at(0), to: at(2, 64), bytes: 40 },
      scale(100, at(0), at(2, 64), 2),
      scale(16, at(2, 64), at(1), 2),
    ];
    expect(bytesOf(planSlots(steps).sizes)).toEqual([400]);
  });

  test("two values that live together never share a slot, in any plan", () => {
    let state = 3;
    const next = (below: number): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 200; round++) {
      const steps: Step[] = [];
      const live: { offset: number; n: number; until: number }[] = [];
      let top = 64;
      const count = 3 + next(12);
      for (let step = 0; step < count; step++) {
        const readable = live.filter(({ until }) => until >= step);
        const source = readable.length === 0 ? null : readable[next(readable.length)];
        const value = { offset: top, n: 1 + next(400), until: step + 1 + next(5) };
        top += Math.ceil((value.n * 4) / 64) * 64;
        steps.push(scale(value.n, source === null ? at(0) : at(2, source.offset), at(2, value.offset), 2));
        live.push(value);
      }
      const plan = planSlots(steps);
      const owner = new Map<number, number>();
      steps.forEach((step, i) => {
        if (step.kind !== "kernel") return;
        const [from, to] = step.places;
        // what a step reads is what the value's own step has left in the slot
        if (from.buffer === 2) expect(owner.get(plan.slotOf(i, from, false))).toBe(from.offset);
        const slot = plan.slotOf(i, to, true);
        const size = plan.sizes[slot];
        expect("bytes" in size && size.bytes >= step.points * 4).toBe(true);
        owner.set(slot, to.offset);
      });
    }
  });

  test("temporary memory that nothing wrote is a broken plan", () => {
    expect(() => planSlots([scale(4, at(2, 64), at(1), 2)])).toThrow(/nothing wrote/);
  });
});

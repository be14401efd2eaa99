// Sums of slots: equal ones are one object, and what is derived for long ones adds up.
import { expect, test } from "vitest";
import type { SlotSum } from "./slot-sum.ts";
import { NO_SLOTS, SlotSums, withDerived } from "./slot-sum.ts";

test("equal sums are one object, however they arose", () => {
  const sums = new SlotSums(9);
  const [a, b, c] = [sums.single(1), sums.single(4), sums.single(7)];
  const whole = sums.add(sums.add(a, b, 2), c, -1);
  expect(whole.terms).toEqual([
    { slot: 1, coef: 1 },
    { slot: 4, coef: 2 },
    { slot: 7, coef: -1 },
  ]);
  expect(sums.add(sums.add(sums.add(NO_SLOTS, c, -1), b, 2), a, 1)).toBe(whole);
  expect(sums.of([...(whole.terms ?? [])].reverse())).toBe(whole);
  expect(sums.add(whole, c, 1)).toBe(sums.add(a, b, 2));
  expect(sums.add(a, a, -1)).toBe(NO_SLOTS);
  expect(sums.add(a, b, 0)).toBe(a);
  expect(sums.single(1)).toBe(a);
});

test("long sums become slots whose values add up", () => {
  const count = 100;
  const sums = new SlotSums(count);
  const sumUp = (): SlotSum => {
    let sum: SlotSum = NO_SLOTS;
    for (let slot = 0; slot < count; slot++) sum = sums.add(sums.single(slot), sum, slot % 2 === 0 ? 1 : -1);
    return sum;
  };
  const sum = sumUp();
  expect(sumUp()).toBe(sum);
  const values = Array.from({ length: count }, (_, slot) => slot + 1);
  const [{ slot, coef }] = sums.terms(sum);
  expect(sums.terms(sumUp())).toEqual([{ slot, coef }]);
  const expected = values.reduce((all, value, i) => value + (i % 2 === 0 ? 1 : -1) * all, 0);
  expect(coef * withDerived(values, sums.derived)[slot]).toBe(expected);
});

// Giving up, with a clock and timers that are made up.
import { expect, test } from "vitest";
import { inTime } from "./deadline.ts";

function host() {
  let time = 0;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();
  return {
    timers,
    now: () => time,
    timer: (run: () => void, milliseconds: number) => {
      const entry = { due: time + milliseconds, run };
      timers.add(entry);
      return () => void timers.delete(entry);
    },
    /** Lets time pass; what is due by then runs at its end, as after a busy stretch. */
    pass: async (milliseconds: number) => {
      time += milliseconds;
      for (const entry of timers) {
        if (entry.due > time) continue;
        timers.delete(entry);
        entry.run();
      }
      await Promise.resolve();
    },
  };
}

/** A promise that has not settled so far. */
const open = <T>() => {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, settle };
};

test("what comes in time is given, and no timer is left", async () => {
  const clock = host();
  expect(await inTime(clock, Promise.resolve(1), 10, () => 2)).toBe(1);
  await expect(inTime(clock, Promise.reject(new Error("no")), 10, () => 2)).rejects.toThrow("no");
  expect(clock.timers.size).toBe(0);
});

test("what does not come is given up, by a value or an error, once", async () => {
  const clock = host();
  let given = 0;
  const never = open<number>();
  const [value, error] = [
    inTime(clock, never.promise, 10, () => ++given),
    inTime(clock, never.promise, 10, () => {
      throw new Error("late");
    }),
  ];
  error.catch(() => undefined);
  await clock.pass(9);
  expect(given).toBe(0);
  await clock.pass(1);
  expect(await value).toBe(1);
  await expect(error).rejects.toThrow("late");
  never.settle(5);
  await clock.pass(5000);
  expect(given).toBe(1);
});

test("time in which the thread was busy does not count, but not for ever", async () => {
  const clock = host();
  const heard = open<number>();
  const first = inTime(clock, heard.promise, 10, () => -1);
  await clock.pass(5000);
  heard.settle(1);
  expect(await first).toBe(1);

  const second = inTime(clock, open<number>().promise, 10, () => -1);
  await clock.pass(5000);
  await clock.pass(5000);
  expect(await second).toBe(-1);
});

test("a promise that fails after it was given up fails nobody", async () => {
  const clock = host();
  const given = inTime(
    clock,
    new Promise<number>((_, reject) => {
      clock.timer(() => reject(new Error("later")), 100);
    }),
    10,
    () => 0,
  );
  await clock.pass(10);
  await clock.pass(100);
  expect(await given).toBe(0);
});

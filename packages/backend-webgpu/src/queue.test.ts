import { describe, expect, test } from "vitest";

import { WAITING_OPERATIONS } from "./limits.ts";
import type { Operation } from "./queue.ts";
import { OrderedQueue } from "./queue.ts";

/** An operation in `parts` parts that writes its name to `log`, after what `waits` gives. */
function operation(
  log: string[],
  name: string,
  waits: (pressed: boolean) => Promise<void> | null,
  parts = 1,
): Operation {
  let left = parts;
  return {
    prepare: waits,
    execute: () => {
      log.push(name);
      return --left === 0;
    },
    fail: (error) => log.push(`${name} fails: ${String(error)}`),
    postponed: () => log.push(`${name} waits`),
  };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("the queue of operations", () => {
  test("with nothing to wait for, every part happens at once", () => {
    const log: string[] = [];
    const queue = new OrderedQueue();
    queue.push(operation(log, "a", () => null, 3));
    queue.push(operation(log, "b", () => null));
    expect(log).toEqual(["a", "a", "a", "b"]);
    expect(queue.idle).toBe(true);
  });

  test("none overtakes one that waits, between its parts too", async () => {
    const log: string[] = [];
    const queue = new OrderedQueue();
    const waits = [null, soon(), null, soon(), null];
    queue.push(operation(log, "a", () => waits.shift() ?? null, 3));
    queue.push(operation(log, "b", () => null));
    expect(log).toEqual(["a", "a waits", "b waits"]);
    await soon();
    await soon();
    expect(log).toEqual(["a", "a waits", "b waits", "a", "a", "b"]);
    expect(queue.idle).toBe(true);
  });

  test("what fails, at once or after a wait, does not hold up the next", async () => {
    const log: string[] = [];
    const queue = new OrderedQueue();
    queue.push(operation(log, "a", () => Promise.reject(new Error("no"))));
    queue.push(
      operation(log, "b", () => {
        throw new Error("never");
      }),
    );
    queue.push(operation(log, "c", () => null));
    await soon();
    expect(log.slice(3)).toEqual(["a fails: Error: no", "b fails: Error: never", "c"]);
  });

  test("a caller that never lets events happen gets the work done in place of waiting", async () => {
    const log: string[] = [];
    const queue = new OrderedQueue();
    let release = (): void => {};
    const compiled = new Promise<void>((resolve) => (release = resolve));
    let ready = false;
    queue.push(operation(log, "0", (pressed) => (pressed || ready ? null : compiled)));
    const names = Array.from({ length: WAITING_OPERATIONS + 10 }, (_, i) => String(i + 1));
    for (const name of names) queue.push(operation(log, name, () => null));
    const done = (): string[] => log.filter((line) => !line.endsWith("waits"));
    const early = done();
    expect(early.length).toBeGreaterThan(WAITING_OPERATIONS);
    expect(early).toEqual(["0", ...names].slice(0, early.length));
    ready = true;
    release();
    await soon();
    expect(done()).toEqual(["0", ...names]);
    expect(queue.idle).toBe(true);
    queue.push(operation(log, "last", () => null));
    expect(done().pop()).toBe("last");
  });

  test("what cannot be done otherwise is waited for, under pressure too", async () => {
    const log: string[] = [];
    const queue = new OrderedQueue();
    let release = (): void => {};
    const opened = new Promise<void>((resolve) => (release = resolve));
    let open = false;
    queue.push(operation(log, "a", () => (open ? null : opened)));
    for (let i = 0; i < 2 * WAITING_OPERATIONS; i++) queue.push(operation(log, "b", () => null));
    expect(log.every((line) => line.endsWith("waits"))).toBe(true);
    open = true;
    release();
    await soon();
    expect(log.filter((line) => line === "b")).toHaveLength(2 * WAITING_OPERATIONS);
  });
});

// The pool's protocol under a model checker (scripts/testing/explore.ts): the source of the lanes' loop and of its
// repair, with a switch of threads or a death possible before every atomic operation.
import { describe, expect, test } from "vitest";

import { randomSource } from "../scripts/testing/builds.ts";
import { Explorer } from "../scripts/testing/explore.ts";
import type { World } from "../scripts/testing/explore.ts";

const two: World = { workers: 1, programs: 2, steps: 2, chunks: 2, deaths: 0, repeatable: true };
const three: World = { workers: 2, programs: 4, steps: 2, chunks: 3, deaths: 0, repeatable: true };

describe("without deaths every chunk runs once, in turn, and nobody sleeps until a time has passed", () => {
  test("two lanes, every schedule with one switch, slots reused", async () => {
    const explorer = await Explorer.load();
    const { schedules, timeouts } = explorer.exhaust({ ...two, programs: 3 }, 1);
    expect(schedules).toBeGreaterThan(200);
    expect(timeouts).toBe(0);
  });

  test("two lanes, every schedule with two switches", async () => {
    const explorer = await Explorer.load();
    const { schedules, timeouts } = explorer.exhaust({ ...two, programs: 1 }, 2);
    expect(schedules).toBeGreaterThan(4000);
    expect(timeouts).toBe(0);
  });

  test("three lanes, random schedules", async () => {
    const explorer = await Explorer.load();
    expect(explorer.sample(three, 600, 5, randomSource(1)).timeouts).toBe(0);
  });
});

describe("with deaths every program ends with all its chunks run", () => {
  test("two lanes, a death at every point after every switch", async () => {
    const explorer = await Explorer.load();
    const explored = explorer.exhaust({ ...two, programs: 1, deaths: 1 }, 2);
    expect(explored.schedules).toBeGreaterThan(5000);
    expect(explored).toMatchObject({ failed: 0 });
    for (const count of [explored.claiming, explored.holding, explored.chunks, explored.steps]) {
      expect(count).toBeGreaterThan(50);
    }
  });

  test("three lanes, two deaths, random schedules, slots reused", async () => {
    const explorer = await Explorer.load();
    const explored = explorer.sample({ ...three, deaths: 2 }, 800, 5, randomSource(2));
    expect(explored.failed).toBe(0);
    for (const count of [explored.claiming, explored.holding, explored.chunks, explored.steps]) {
      expect(count).toBeGreaterThan(50);
    }
  });

  test("or fails, where chunks must not run again", async () => {
    const explorer = await Explorer.load();
    const explored = explorer.sample({ ...three, deaths: 2, repeatable: false }, 600, 5, randomSource(3));
    expect(explored.failed).toBeGreaterThan(50);
    expect(explored).toMatchObject({ chunks: 0, steps: 0 });
  });
});

describe("a protocol that is wrong is found out", () => {
  const damage = (from: RegExp, to: string) => (text: string) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`nothing matches ${from}`);
    return changed;
  };
  const messages = (error: unknown): string =>
    error instanceof Error ? `${error.message} ${messages(error.cause)}` : "";

  test.each([
    [
      "a chunk is taken for lost while a living lane has it",
      /if \(isAnyBusy\([^)]*\)\) return null;/u,
      "",
      /two threads|out of turn|never run/,
    ],
    ["the number of a claimed chunk is guessed", /held\.includes\(CLAIMING\)/u, "false", /never run|out of turn/],
    ["a lost chunk is counted and not run", /repeatChunk\(lane, slot, step, chunk\);/u, "", /never run|its past/],
    [
      "a program's end is announced before it has come",
      /const last = Atomics\.add/u,
      "const last = chunk === 0 && Atomics.add",
      /do not end|sleeps for good/,
    ],
  ])("%s", async (_name, from, to, found) => {
    const explorer = await Explorer.load(damage(from, to));
    let error: unknown;
    try {
      explorer.exhaust({ ...two, programs: 1, deaths: 1 }, 2);
      explorer.sample({ ...three, deaths: 2 }, 3000, 5, randomSource(4));
    } catch (caught) {
      error = caught;
    }
    expect(messages(error)).toMatch(found);
  });

  test("a notification is missing", async () => {
    const explorer = await Explorer.load(
      damage(
        /if \(anyAsleep\(words, STEP_SLEEPERS\)\) Atomics\.notify\(words, slot/u,
        "if (false) Atomics.notify(words, slot",
      ),
    );
    expect(explorer.sample(three, 300, 5, randomSource(5)).timeouts).toBeGreaterThan(0);
  });
});

// Which profile counts: given, kept, measured or shipped; what is kept and what is not believed. The host's cache and
// the devices are simulated.
import { describe, expect, test } from "vitest";
import type { DeviceProfile } from "./profile.ts";
import { quantise } from "./calibrate.ts";
import { shippedProfile } from "./profile.ts";
import { parseProfile, ProfileStore } from "./profile-store.ts";
import { SimBackend } from "./sim/backend.ts";
import type { SimFault } from "./sim/backend.ts";
import { VirtualClock } from "./sim/clock.ts";

/** A GPU twice as fast as what is shipped, so that a measurement shows. */
const fast = (kind: "gpu" | "gpu-software" = "gpu"): DeviceProfile => {
  const shipped = shippedProfile({ id: "webgpu", fingerprint: "adapter 1", kind });
  return { ...shipped, launchNs: 4096, submitNs: 32_768, readNs: 196_608, upGBs: 8, compileNs: 4_194_304 };
};

function host() {
  const clock = new VirtualClock();
  const kept = new Map<string, string>();
  const pauses: number[] = [];
  return {
    clock,
    kept,
    pauses,
    now: () => clock.now(),
    timer: () => () => {},
    pause: async (milliseconds: number) => {
      pauses.push(milliseconds);
      if (milliseconds > 0) clock.pass(milliseconds);
    },
    cache: {
      load: async (name: string) => kept.get(name) ?? null,
      save: async (name: string, text: string) => void kept.set(name, text),
    },
  };
}

const device = (clock: VirtualClock, profile = fast(), faults: readonly SimFault[] = []): SimBackend =>
  new SimBackend({ profile, clock, canBlock: false, dry: true, faults });

describe("profiles of devices", () => {
  test("shipped at once, measured when there is time, kept for the next process", async () => {
    const first = host();
    const sim = device(first.clock);
    const store = new ProfileStore(first);
    expect(store.profileOf(sim)).toEqual(shippedProfile(sim));
    expect(sim.counters().programs).toBe(0);
    await store.settled();
    const measured = store.profileOf(sim);
    expect(measured).toEqual({ ...fast(), source: "measured" });
    expect(first.pauses[0]).toBeGreaterThanOrEqual(1000);
    expect([...first.kept.keys()]).toEqual(["profile 1 adapter 1"]);

    const second = host();
    for (const [name, text] of first.kept) second.kept.set(name, text);
    const other = device(second.clock);
    const again = new ProfileStore(second);
    expect(await again.load(other)).toEqual(measured);
    await again.settled();
    expect([other.counters().programs, second.pauses]).toEqual([0, []]);
  });

  test("what was given counts, and nothing is measured", async () => {
    const fixture = host();
    const sim = device(fixture.clock);
    const given = { ...shippedProfile({ id: "webgpu", fingerprint: "of a fixture", kind: "gpu" }), launchNs: 7 };
    const store = new ProfileStore(fixture, { given: [given] });
    expect(store.profileOf(sim)).toBe(given);
    expect(await store.load(sim)).toBe(given);
    await store.settled();
    expect(sim.counters().programs).toBe(0);
  });

  test("switched off, it is what was shipped", async () => {
    const fixture = host();
    fixture.kept.set("profile 1 adapter 1", JSON.stringify({ ...fast(), source: "measured" }));
    const sim = device(fixture.clock);
    const store = new ProfileStore(fixture, { measure: false });
    expect((await store.load(sim)).source).toBe("shipped");
    await store.settled();
    expect([store.profileOf(sim).source, sim.counters().programs]).toEqual(["shipped", 0]);
  });

  test("software adapters are not measured, other fingerprints measured anew", async () => {
    const fixture = host();
    const imitation = device(fixture.clock, fast("gpu-software"));
    const store = new ProfileStore(fixture);
    store.profileOf(imitation);
    await store.settled();
    expect([store.profileOf(imitation).source, imitation.counters().programs]).toEqual(["shipped", 0]);

    fixture.kept.set("profile 1 adapter 2", JSON.stringify({ ...fast(), source: "measured" }));
    const sim = device(fixture.clock, { ...fast(), fingerprint: "adapter 2" });
    // the text is there and names another adapter
    expect((await store.load(sim)).source).toBe("shipped");
    await store.settled();
    // loading alone measures nothing; planning by it does
    expect(sim.counters().programs).toBe(0);
    store.profileOf(sim);
    await store.settled();
    expect(JSON.parse(fixture.kept.get("profile 1 adapter 2") ?? "")).toMatchObject({ fingerprint: "adapter 2" });
  });

  test("where the machine is not quiet it is tried again, and what came of it in the end is not kept", async () => {
    const fixture = host();
    // every other run is slow, for ever
    const slow = Array.from({ length: 2000 }, (_, i) => ({ at: 2 * i, fault: "slow" as const }));
    const sim = device(fixture.clock, fast(), slow);
    const store = new ProfileStore(fixture);
    store.profileOf(sim);
    await store.settled();
    expect(fixture.pauses.filter((pause) => pause >= 20_000)).toHaveLength(2);
    expect([store.profileOf(sim).source, fixture.kept.size]).toEqual(["measured", 0]);
  });

  test("a device that fails while it is measured keeps what was shipped", async () => {
    const fixture = host();
    const sim = device(fixture.clock, fast(), [{ at: 40, fault: "lost", forGood: true }]);
    const store = new ProfileStore(fixture);
    store.profileOf(sim);
    await store.settled();
    expect(sim.counters().losses).toBe(1);
    expect([store.profileOf(sim).source, fixture.kept.size]).toEqual(["shipped", 0]);
  });

  describe("where the cache never answers", () => {
    /** A host whose timers run out when they are asked to, and whose cache answers when it is asked to. */
    function silent() {
      const fixture = host();
      const due = new Set<() => void>();
      const answers: ((text: string | null) => void)[] = [];
      return {
        ...fixture,
        answers,
        timer: (run: () => void) => {
          due.add(run);
          return () => void due.delete(run);
        },
        /** Runs the timers that wait; how many there were. */
        runOut: () => {
          const waiting = [...due];
          due.clear();
          for (const run of waiting) run();
          return waiting.length;
        },
        cache: {
          load: () => new Promise<string | null>((resolve) => answers.push(resolve)),
          save: () => new Promise<never>(() => {}),
        },
      };
    }
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

    test("what was shipped counts after a while, and what comes late from then on", async () => {
      const fixture = silent();
      const sim = device(fixture.clock);
      const store = new ProfileStore(fixture);
      const loading = store.load(sim);
      await turn();
      expect(fixture.runOut()).toBe(1);
      expect((await loading).source).toBe("shipped");
      fixture.answers[0](JSON.stringify({ ...fast(), source: "measured" }));
      await turn();
      expect(await store.profileOf(sim)).toMatchObject({ source: "measured", launchNs: 4096 });
    });

    test("the device is measured, the measurement counts although it is never kept, and is not overwritten", async () => {
      const fixture = silent();
      const sim = device(fixture.clock);
      const store = new ProfileStore(fixture);
      store.profileOf(sim);
      const settled = store.settled();
      // loading and keeping are given up as soon as somebody waits for them
      const impatient = setInterval(fixture.runOut, 1);
      await settled;
      clearInterval(impatient);
      expect(store.profileOf(sim)).toEqual({ ...fast(), source: "measured" });
      fixture.answers[0](JSON.stringify({ ...fast(), launchNs: 8192, source: "measured" }));
      await turn();
      expect(store.profileOf(sim).launchNs).toBe(4096);
    });
  });

  test("texts that are no profile of the device are not believed", () => {
    const of = { id: "webgpu", fingerprint: "adapter 1", kind: "gpu" } as const;
    const good: Record<string, unknown> = { ...fast(), source: "measured" };
    expect(parseProfile(JSON.stringify(good), of)).toEqual(good);
    const bad: readonly Record<string, unknown>[] = [
      { ...good, schema: 2 },
      { ...good, source: "shipped" },
      { ...good, id: "wasm" },
      { ...good, fingerprint: "adapter 2" },
      { ...good, kind: "cpu" },
      { ...good, launchNs: 0 },
      { ...good, launchNs: "4096" },
      { ...good, upGBs: -1 },
      { ...good, streamGBs: 1e300 },
      { ...good, readNs: null },
      { ...good, spread: null },
      { ...good, rate: null },
      { ...good, rate: { light: 1 } },
      Object.fromEntries(Object.entries(good).filter(([name]) => name !== "compileNs")),
    ];
    for (const text of ["", "null", "[]", '"x"', "{", ...bad.map((one) => JSON.stringify(one))])
      expect(parseProfile(text, of), text).toBeNull();
  });

  test("numbers are kept to two significant bits", () => {
    expect([1, 1.2, 1.3, 41, 47, 100, 1000, 0.3, 0.7].map(quantise)).toEqual([1, 1, 1.5, 48, 48, 96, 1024, 0.25, 0.75]);
  });
});

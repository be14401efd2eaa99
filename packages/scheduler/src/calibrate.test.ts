// Calibration against simulated devices, whose speed is known: what is measured is what they were given. The WASM device
// is measured in test/, where it may be named.
import { describe, expect, test } from "vitest";
import { OutOfMemoryError } from "@weft/ir";
import { calibrate } from "./calibrate.ts";
import type { DeviceProfile } from "./profile.ts";
import { shippedProfile } from "./profile.ts";
import { SimBackend } from "./sim/backend.ts";
import type { SimOptions } from "./sim/backend.ts";
import { VirtualClock } from "./sim/clock.ts";

/** Numbers of two significant bits, as measurements give them. */
const gpu: DeviceProfile = {
  ...shippedProfile({ id: "webgpu", fingerprint: "an adapter", kind: "gpu" }),
  launchNs: 8192,
  submitNs: 65_536,
  readNs: 393_216,
  compileNs: 8_388_608,
};

/** A simulated device that computes nothing, because the interpreter would take minutes, and a host beside it. */
function bench(options: Partial<SimOptions> = {}) {
  const clock = new VirtualClock();
  const sim = new SimBackend({ profile: gpu, clock, canBlock: false, dry: true, ...options });
  let pauses = 0;
  const pause = async (milliseconds: number): Promise<void> => {
    pauses++;
    if (milliseconds > 0) clock.pass(milliseconds);
  };
  return { clock, sim, host: { now: () => clock.now(), pause }, pauses: () => pauses };
}

describe("calibration", () => {
  test("finds the numbers a device was made with, and gives back what it took", async () => {
    const { sim, host, pauses } = bench();
    expect(await calibrate(sim, host)).toEqual({ profile: { ...gpu, source: "measured" }, quiet: true });
    expect(pauses()).toBeGreaterThan(50);
    expect(sim.memory()).toEqual({ live: 0, cached: 0, reserved: 0 });
  });

  test("a processor's numbers too, and products that are kernels count as light work", async () => {
    const cpu: DeviceProfile = {
      ...shippedProfile({ id: "wasm", fingerprint: "a processor", kind: "cpu" }),
      launchNs: 512,
      submitNs: 2048,
      readNs: 512,
      compileNs: 786_432,
      rate: { light: 6, heavy: 6, gemm: 48, gather: 0.5, scatter: 0.25 },
    };
    const { sim, host } = bench({ profile: cpu, templates: [] });
    const { profile } = await calibrate(sim, host);
    expect(profile).toEqual({ ...cpu, rate: { ...cpu.rate, gemm: 6 }, source: "measured" });
  });

  test("no single thing it asks for takes long", async () => {
    const { clock, sim, host } = bench();
    await calibrate(sim, host);
    const runs = new Map<number, number>();
    for (const { seq, from, to } of clock.log) if (seq > 0) runs.set(seq, (runs.get(seq) ?? 0) + to - from);
    expect(Math.max(...runs.values())).toBeLessThan(30);
  });

  test("the shortest times of all rounds count, and their distance is told", async () => {
    const quiet = bench();
    await calibrate(quiet.sim, quiet.host);
    const { runs } = quiet.sim.counters();
    // the last of the rounds
    const slow = Array.from({ length: Math.floor(runs / 4) }, (_, i) => ({ at: runs - i, fault: "slow" as const }));
    const { sim, host } = bench({ faults: slow });
    const { profile, quiet: kept } = await calibrate(sim, host);
    expect({ ...profile, spread: 0 }).toEqual({ ...gpu, source: "measured" });
    expect(profile.spread).toBeGreaterThan(1);
    expect(kept).toBe(false);
  });

  test("rounds in which the machine was not quiet are repeated", async () => {
    const roundsFor = async (times: readonly number[]): Promise<[rounds: number, quiet: boolean]> => {
      const { sim, host } = bench();
      let asked = 0;
      const { quiet } = await calibrate(sim, host, { time: () => times[Math.min(asked++, times.length - 1)] });
      return [asked - 1, quiet];
    };
    expect(await roundsFor([2])).toEqual([3, true]);
    // one disturbance spoils the rounds on both its sides
    expect(await roundsFor([2, 2.1, 2.5, 2])).toEqual([5, true]);
    // what was taken for quiet turns out not to have been
    expect(await roundsFor([2.5, 2.5, 2, 2])).toEqual([5, true]);
    // and there is an end to it
    expect(await roundsFor([2, 3, 2, 3, 2, 3, 2, 3, 2, 3])).toEqual([8, false]);
  });

  test("a device that chooses for itself gets to do so first", async () => {
    const { sim, host } = bench();
    const order: string[] = [];
    const choosy = Object.assign(sim, {
      calibrate: async () => void order.push(`after ${sim.counters().programs} programs`),
    });
    await calibrate(choosy, host);
    expect(order).toEqual(["after 0 programs"]);
  });

  test("lanes that are starting are waited for, not for ever", async () => {
    const { sim, host, clock } = bench();
    const counters = sim.counters.bind(sim);
    sim.counters = () => ({ ...counters(), lanes: 4, lanesReady: clock.now() > 500 ? 4 : 1 });
    await calibrate(sim, host);
    expect(clock.log.filter(({ from }) => from < 500).length).toBeLessThan(3000);
    const stuck = bench();
    stuck.sim.counters = () => ({ lanes: 4, lanesReady: 3 });
    await calibrate(stuck.sim, stuck.host);
    expect(stuck.clock.now()).toBeGreaterThan(3000);
  });

  test("a device without the memory, or that fails, rejects and keeps nothing", async () => {
    const small = bench({ limits: { totalBytes: 2 ** 20 } });
    await expect(calibrate(small.sim, small.host)).rejects.toThrow(OutOfMemoryError);
    expect(small.sim.memory().live).toBe(0);
    const lost = bench({ faults: [{ at: 100, fault: "lost" }] });
    await expect(calibrate(lost.sim, lost.host)).rejects.toThrow("the device was lost");
    expect(lost.sim.memory().live).toBe(0);
  });
});

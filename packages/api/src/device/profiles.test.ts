// Which profiles count, by `init`'s option. Measuring itself is under test in the scheduler.
import { afterEach, describe, expect, test } from "vitest";
import { profileOf, profileSource, shippedProfile, SimBackend, VirtualClock } from "@weft/scheduler";
import { init } from "./init.ts";
import { chooseProfiles, useProfiles } from "./profiles.ts";

const given = { ...shippedProfile({ id: "gpu", fingerprint: "of a fixture", kind: "gpu" }), launchNs: 7 };
const device = new SimBackend({
  profile: shippedProfile({ id: "gpu", fingerprint: "of a test", kind: "gpu" }),
  clock: new VirtualClock(),
  canBlock: false,
});
const other = new SimBackend({
  profile: shippedProfile({ id: "cpu", fingerprint: "of a test", kind: "cpu" }),
  clock: new VirtualClock(),
});

afterEach(() => {
  profileSource(null);
});

describe("profiles under auto", () => {
  test("given ones count for the devices they name, shipped ones for all others", async () => {
    chooseProfiles([given]);
    await useProfiles([device, other]);
    expect(profileOf(device)).toBe(given);
    expect(profileOf(other)).toEqual(shippedProfile(other));
    chooseProfiles("shipped");
    await useProfiles([device]);
    expect(profileOf(device)).toEqual(shippedProfile(device));
    expect(device.counters().programs).toBe(0);
  });

  test("what is no choice is refused", async () => {
    await expect(init({ auto: { profiles: "fast" as "shipped" } })).rejects.toThrow(
      'init: auto.profiles: expected "measured", "shipped" or a list of device profiles, got "fast"',
    );
    const { rate } = given;
    const wrong: readonly [unknown, string][] = [
      [null, "it is no object"],
      [{ ...given, id: 5 }, "it has no id"],
      [{ ...given, rate: undefined }, "it has no rates"],
      [{ ...given, launchNs: NaN }, "launchNs is no speed"],
      [{ ...given, upGBs: -1 }, "upGBs is no speed"],
      [{ ...given, rate: { ...rate, gemm: "7" } }, "rate.gemm is no speed"],
    ];
    for (const [profile, why] of wrong) {
      const tried = init({ auto: { profiles: [given, profile as typeof given] } });
      await expect(tried).rejects.toThrow(`init: auto.profiles[1] is no device profile: ${why}`);
    }
  });
});

// What devices are taken to be worth under "auto": measured in idle time and kept by the host, shipped, or given. Owns
// the choice; measuring and keeping are the scheduler's.
import type { Backend } from "@weft/ir";
import { ArgumentError } from "@weft/ir";
import { hostRuntime } from "@weft/backend-wasm";
import type { DeviceProfile } from "@weft/scheduler";
import { loadHybrid, profileSource, wrongInProfile } from "@weft/scheduler";
import { inWords } from "../core/words.ts";
import { pause } from "./idle.ts";

/** Where the profiles of devices come from. */
export type ProfileChoice = "measured" | "shipped" | readonly DeviceProfile[];

let chosen: ProfileChoice = "measured";
/** Whether somebody uses profiles by now, so that another choice has to be put in its place. */
let inUse = false;

/** Throws ArgumentError for what is no choice. */
export function checkProfiles(choice: unknown): void {
  if (choice === "measured" || choice === "shipped") return;
  if (!Array.isArray(choice))
    throw new ArgumentError(
      `init: auto.profiles: expected "measured", "shipped" or a list of device profiles, got ${inWords(choice)}`,
    );
  for (const [i, one] of Array.from<unknown>(choice).entries()) {
    const wrong = wrongInProfile(one);
    if (wrong !== null)
      throw new ArgumentError(
        `init: auto.profiles[${i}] is no device profile: ${wrong}; explain prints what profiles there are, and JSON of them can be given here`,
      );
  }
}

/** Takes a choice that was checked. */
export function chooseProfiles(choice: ProfileChoice): void {
  chosen = choice;
  inUse = false;
}

/** Puts the choice into use, with what the host has kept for these devices. Plans that are made keep what they have. */
export async function useProfiles(devices: readonly Backend[]): Promise<void> {
  if (inUse) return;
  inUse = true;
  const { ProfileStore } = await loadHybrid();
  const given = typeof chosen === "string" ? [] : chosen;
  const store = new ProfileStore(
    { now: hostRuntime.now, timer: hostRuntime.timer, cache: hostRuntime.cache, pause },
    { given, measure: chosen === "measured" },
  );
  profileSource(store.profileOf);
  await Promise.all(devices.map((device) => store.load(device)));
}

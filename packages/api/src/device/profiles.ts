// What devices are taken to be worth under "auto": measured in idle time and kept by the host, shipped, or given. Owns
// the choice; measuring and keeping are the scheduler's.
import type { Backend } from "@weft/ir";
import { hostRuntime } from "@weft/backend-wasm";
import type { DeviceProfile } from "@weft/scheduler";
import { loadHybrid, profileSource } from "@weft/scheduler";
import { pause } from "./idle.ts";

/** Where the profiles of devices come from. */
export type ProfileChoice = "measured" | "shipped" | readonly DeviceProfile[];

let chosen: ProfileChoice = "measured";
/** Whether somebody uses profiles by now, so that another choice has to be put in its place. */
let inUse = false;

/** Takes a choice. Throws TypeError for what is none. */
export function chooseProfiles(choice: ProfileChoice): void {
  const list: readonly unknown[] | null = Array.isArray(choice) ? choice : null;
  if (list === null && choice !== "measured" && choice !== "shipped")
    throw new TypeError('init: auto.profiles is "measured", "shipped" or a list of device profiles');
  const numbers = (value: unknown): boolean =>
    typeof value === "object" && value !== null && "rate" in value && "id" in value && "launchNs" in value;
  const wrong = list === null ? -1 : list.findIndex((value) => !numbers(value));
  if (wrong >= 0)
    throw new TypeError(
      `init: auto.profiles[${wrong}] is no device profile; explain prints what profiles there are, and JSON of them can be given here`,
    );
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

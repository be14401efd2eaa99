// Which profile a device has: the shipped one of its kind until someone who measures says otherwise. The one seam
// between the cost model and calibration.
import type { Backend } from "@weft/ir";
import type { DeviceProfile } from "../profile.ts";
import { shippedProfile } from "../profile.ts";

let source: (backend: Backend) => DeviceProfile = shippedProfile;

/** The profile of a device now. Plans keep what they were made with. */
export const profileOf = (backend: Backend): DeviceProfile => source(backend);

/**
 * Sets where profiles come from (null: the shipped ones) and returns what was set before.
 * @example const before = profileSource((backend) => measured.get(backend) ?? shippedProfile(backend));
 */
export function profileSource(next: ((backend: Backend) => DeviceProfile) | null): (backend: Backend) => DeviceProfile {
  const before = source;
  source = next ?? shippedProfile;
  return before;
}

// Profiles as they are kept, for golden plans: a laptop's processor and its GPU, by round figures.
import { InternalError } from "@weft/ir";
import type { DeviceProfile } from "../profile.ts";
import { parseProfile } from "../profile-store.ts";

const LAPTOP_CPU = `{
  "id": "wasm", "fingerprint": "a laptop's processor", "kind": "cpu", "source": "measured", "schema": 1, "spread": 0.02,
  "launchNs": 1000, "submitNs": 2000, "readNs": 500, "compileNs": 600000, "upGBs": 8, "downGBs": 8, "streamGBs": 16,
  "rate": { "light": 8, "heavy": 8, "gemm": 128, "gather": 1, "scatter": 0.5 }
}`;
const LAPTOP_GPU = `{
  "id": "webgpu", "fingerprint": "a laptop's GPU", "kind": "gpu", "source": "measured", "schema": 1, "spread": 0.04,
  "launchNs": 8000, "submitNs": 50000, "readNs": 400000, "compileNs": 6000000, "upGBs": 6, "downGBs": 4, "streamGBs": 192,
  "rate": { "light": 256, "heavy": 256, "gemm": 2048, "gather": 16, "scatter": 4 }
}`;

function parsed(text: string, id: string, fingerprint: string, kind: "cpu" | "gpu"): DeviceProfile {
  const profile = parseProfile(text, { id, fingerprint, kind });
  if (profile === null) throw new InternalError(`the profile of ${fingerprint} is damaged`);
  return profile;
}

/** A laptop's processor and GPU. */
export const LAPTOP: readonly [cpu: DeviceProfile, gpu: DeviceProfile] = [
  parsed(LAPTOP_CPU, "wasm", "a laptop's processor", "cpu"),
  parsed(LAPTOP_GPU, "webgpu", "a laptop's GPU", "gpu"),
];

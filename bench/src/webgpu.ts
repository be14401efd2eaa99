// The WebGPU figures that need no browser: what submitting a cached plan costs, on Dawn. Where the machine has no GPU,
// Debian's chromium brings an adapter, if Dawn is told so before it is loaded.
import { existsSync } from "node:fs";
import { init } from "@weft/api";
import type { SubmitCost } from "../browser/submit.ts";
import { submitCost } from "../browser/submit.ts";

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** What a Linux machine with a GPU has. */
const GPUS = ["/dev/dri/renderD128", "/dev/nvidia0"];

/** The cost, or why there is no adapter. */
export async function measureSubmission(): Promise<SubmitCost | { readonly missing: string }> {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(SWIFTSHADER) && !GPUS.some((path) => existsSync(path))) {
    process.env.VK_DRIVER_FILES = SWIFTSHADER;
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
    process.env.XDG_RUNTIME_DIR ??= "/tmp";
  }
  const { missing } = await init({ devices: ["webgpu"] });
  if (missing.webgpu !== undefined) return { missing: missing.webgpu };
  return submitCost();
}

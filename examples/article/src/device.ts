// The device the programs run on: opened, made the default, and described for the table's head. Where a machine has no
// GPU, Debian's chromium brings a software adapter that Dawn can use, if it is told so before it is loaded.
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { defaultDevice, init } from "@weft/api";
import type { DeviceName } from "./options.ts";
import { UsageError } from "./options.ts";

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** What a Linux machine with a GPU has. */
const GPUS = ["/dev/dri/renderD128", "/dev/nvidia0"];

export const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

function findSoftwareAdapter(): void {
  if (process.env.VK_DRIVER_FILES !== undefined || GPUS.some((path) => existsSync(path)) || !existsSync(SWIFTSHADER))
    return;
  process.env.VK_DRIVER_FILES = SWIFTSHADER;
  process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
}

/** What the programs run on. */
export interface Machine {
  /** In one line. */
  readonly text: string;
  /** Whether the device only imitates a GPU: then full size takes many minutes. */
  readonly slow: boolean;
}

/** Opens the device and makes it the default. Throws UsageError where there is none. */
export async function openDevice(device: DeviceName, threads: number | undefined): Promise<Machine> {
  if (device !== "wasm") findSoftwareAdapter();
  const report = await init({ threads, devices: device === "wasm" ? ["wasm"] : ["wasm", "webgpu"] });
  const missing = report.missing.webgpu;
  if (device === "webgpu" && missing !== undefined) throw new UsageError(`--device webgpu: ${missing}`);
  if (device !== "wasm") defaultDevice(device);
  const lanes = `${report.threads} thread${report.threads === 1 ? "" : "s"}`;
  const { adapter } = report;
  const gpu =
    missing === undefined
      ? `${adapter?.name ?? ""}${adapter?.software === true ? ", a software adapter" : ""}`
      : `no WebGPU (${missing})`;
  const where = {
    wasm: `device wasm, ${lanes}`,
    webgpu: `device webgpu: ${gpu}`,
    auto: `device auto: wasm with ${lanes}; ${gpu}`,
  }[device];
  const text = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${gib(totalmem())} GiB, Node ${process.versions.node}; ${where}`;
  return { text, slow: device === "webgpu" && adapter?.software === true };
}

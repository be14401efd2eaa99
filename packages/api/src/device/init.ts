// init: which devices a program asks for, with which settings. Everything is checked before anything is made.
import { ArgumentError, DeviceError } from "@weft/ir";
import { hostRuntime } from "@weft/backend-wasm";
import { loadHybrid } from "@weft/scheduler";
import { defineAs } from "../core/define.ts";
import type { Kind } from "../core/kinds.ts";
import { anything, choice, flag, makeKind, named, nullable, refusal, settings } from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import type { WasmSettings } from "./devices.ts";
import { admitGpu, deviceNotes, devices, isMissing, makeWasm, openGpuDevice, useSoftware, wasm } from "./devices.ts";
import type { ProfileChoice } from "./profiles.ts";
import { readKnownBy } from "./reads.ts";

/** Options of {@link init}. */
export interface InitOptions extends WasmSettings {
  /** Lanes of the WASM device, the calling thread included; as many as the host has cores unless given. */
  readonly threads?: number;
  /** Instructions it uses; "auto" takes relaxed SIMD where the host has it. */
  readonly build?: "base" | "relaxed" | "auto";
  /** Most bytes of live arrays on it. */
  readonly maximumBytes?: number;
  /** Devices wanted; those that are missing are reported, not thrown. */
  readonly devices?: readonly string[];
  /** Of device "auto". */
  readonly auto?: AutoOptions;
}

/** How the parts of one graph are placed. */
export interface AutoOptions {
  /** Whether software adapters, which share the processor's cores, are used as well. Default false. */
  readonly software?: boolean;
  /**
   * How fast devices are taken to be: "measured" in idle time and kept for later processes, as "shipped" for devices of
   * their kind, or as given. Plans keep what they were made with. Default "measured".
   */
  readonly profiles?: ProfileChoice;
}

/** What there is to say of a WebGPU adapter. */
export interface AdapterReport {
  /** Vendor, architecture, description. */
  readonly name: string;
  /** Whether it computes on the host's processor. */
  readonly software: boolean;
}

export interface InitReport {
  readonly devices: readonly string[];
  /** Lanes of the WASM device that are at work, the calling thread included; 0 where it is missing. */
  readonly threads: number;
  /** The WebGPU adapter, where it is open. */
  readonly adapter: AdapterReport | null;
  /** Why a wanted device is not there. */
  readonly missing: Readonly<Record<string, string>>;
  /** What is not as it could be and stays so: why there is one thread, which lane is not started again. */
  readonly notes: readonly string[];
}

let adapter: AdapterReport | null = null;

/** What only two devices need is loaded with the second. */
const profiles = () => import("./profiles.ts");

// Arguments -----------------------------------------------------------------------------------------------------------

/** A whole number of something, at least one. */
const count = (of: string, infinite = false): Kind<number> =>
  makeKind<number>("count", (value, fn, name) => {
    if (!Number.isSafeInteger(value) && !(infinite && value === Infinity))
      throw refusal(fn, name, `a whole number of ${of}s`, value);
    if ((value as number) < 1)
      throw new DeviceError(`${fn}: ${name}: expected at least 1 ${of}, got ${inWords(value)}`);
    return value as number;
  });

/** {@link AutoOptions}, null where they are absent. */
interface Auto {
  readonly software: boolean | null;
  readonly profiles: ProfileChoice | null;
}

const deviceNames: Kind<readonly string[]> = makeKind("names", (value, fn, name) => {
  const names: readonly unknown[] | null = Array.isArray(value) ? Array.from(value) : null;
  if (names?.every((one) => typeof one === "string") === true) return names as readonly string[];
  const hint = typeof value === "string" ? `; write [${inWords(value)}]` : "";
  throw new ArgumentError(`${fn}: ${name}: expected a list of names, as ["webgpu"], got ${inWords(value)}${hint}`);
});

// Opening ---------------------------------------------------------------------------------------------------------------

/** The opening that is under way: whoever asks meanwhile shares it. */
let opening: Promise<string | null> | null = null;

/** Opens the WebGPU device, loaded only now, or again where it was lost too often; null, or why there is none. */
async function openGpu(): Promise<string | null> {
  const known = openGpuDevice();
  if (known !== null) {
    try {
      await known.gpu.reopen?.();
      return known.gpu.missing ?? null;
    } catch (error) {
      return (error as Error).message;
    }
  }
  opening ??= openGpuOnce().finally(() => {
    opening = null;
  });
  return opening;
}

async function openGpuOnce(): Promise<string | null> {
  let result;
  try {
    // oxlint-disable-next-line no-restricted-imports -- the one dynamic import DESIGN.md allows
    const { openWebgpu } = await import("@weft/backend-webgpu");
    await loadHybrid();
    readKnownBy((await import("./known.ts")).knownElements);
    result = await openWebgpu({ log: hostRuntime.log });
  } catch (error) {
    return `webgpu: its code does not load: ${(error as Error).message}`;
  }
  if ("missing" in result) return result.missing;
  admitGpu(result.backend);
  const { vendor, architecture, description, software } = result.backend.info;
  const name = [vendor, architecture, description].filter((part) => part !== "").join(" ");
  adapter = { name: name === "" ? "an adapter that gives no name" : name, software };
  return null;
}

/** Opens what is wanted; the names of what is missing, each with its reason. */
async function openAll(names: readonly string[]): Promise<Record<string, string>> {
  const missing = new Map<string, string>();
  for (const name of new Set(names)) {
    if (name === "webgpu" || name === "auto") {
      // without a GPU "auto" is the WASM device
      const why = await openGpu();
      if (why !== null) missing.set("webgpu", why);
    } else if (name !== "wasm") missing.set(name, 'there is no such device; there are "wasm", "webgpu" and "auto"');
  }
  if (names.includes("wasm") || names.includes("auto")) {
    try {
      await wasm().ready?.();
    } catch (error) {
      missing.set("wasm", (error as Error).message);
    }
  }
  // whatever the names are
  return Object.fromEntries(missing);
}

/**
 * Sets the WASM device up and opens others; optional, because WASM works at once without. Options of the WASM device must
 * come before the first array. `devices: ["auto"]` opens what there is.
 * @throws ArgumentError for options that do not exist or make no sense; DeviceError once the device is in use, and for
 * settings that no device has
 * @example const { threads } = await init({ threads: 4 });
 */
export const init = defineAs<(options?: InitOptions) => Promise<InitReport>>()(
  "init",
  [
    named(count("thread")("threads", null)),
    named(choice("base", "relaxed", "auto")("build", null)),
    named(count("byte", true)("maximumBytes", null)),
    named(nullable(deviceNames("devices", ["wasm"]))),
    named(settings<Auto>(flag("software", null), anything(true)("profiles", null))("auto", null)),
  ],
  async (threads, build, maximumBytes, names, auto) => {
    const chosen = auto?.profiles ?? null;
    if (chosen !== null) (await profiles()).checkProfiles(chosen);
    if ((threads ?? build ?? maximumBytes) !== null)
      makeWasm({ threads: threads ?? undefined, build: build ?? undefined, maximumBytes: maximumBytes ?? undefined });
    if (auto !== null) useSoftware(auto.software ?? false);
    if (chosen !== null) (await profiles()).chooseProfiles(chosen);
    return open(names ?? ["wasm"]);
  },
);
async function open(names: readonly string[]): Promise<InitReport> {
  const missing = await openAll(names);
  const device = wasm();
  const notes = deviceNotes();
  if (typeof FinalizationRegistry !== "function")
    notes.push(
      "memory: this host does not tell what was collected; arrays are freed by dispose(), `using` and scope() alone",
    );
  const found = openGpuDevice();
  const lost = found !== null && isMissing(found.gpu);
  if (found !== null && !found.standsIn && !lost) {
    try {
      await (await profiles()).useProfiles([device, found.gpu]);
    } catch (error) {
      notes.push(
        `auto: shipped profiles count, because the code for others does not load: ${(error as Error).message}`,
      );
    }
  }
  const threads = isMissing(device) ? 0 : (device.counters().lanes ?? device.threads);
  return { devices: devices(), threads, adapter: lost ? null : adapter, missing, notes };
}

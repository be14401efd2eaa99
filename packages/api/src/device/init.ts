// init: which devices a program asks for, with which settings. Everything is checked before anything is made.
import { ArgumentError, DeviceError } from "@weft/ir";
import { hostRuntime } from "@weft/backend-wasm";
import { loadHybrid } from "@weft/scheduler";
import { defineAs } from "../core/define.ts";
import { anything } from "../core/kinds.ts";
import { isPlainObject, ownProperties } from "../core/realms.ts";
import { inWords } from "../core/words.ts";
import type { WasmSettings } from "./devices.ts";
import { admitGpu, deviceNotes, devices, isMissing, makeWasm, openGpuDevice, useSoftware, wasm } from "./devices.ts";
import type { ProfileChoice } from "./profiles.ts";

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

const NAMES = ["threads", "build", "maximumBytes", "devices", "auto"] as const;
const BUILDS = ["base", "relaxed", "auto"];

const refusal = (name: string, expected: string, value: unknown): ArgumentError =>
  new ArgumentError(`init: ${name}: expected ${expected}, got ${inWords(value)}`);

/** The own properties of an options object, all of them known; `undefined` and null are as good as absent. */
function optionsOf<T extends object>(what: string, given: unknown, names: readonly (keyof T & string)[]): Partial<T> {
  if (!isPlainObject(given))
    throw new ArgumentError(`${what}: expected { ${names.join(", ")} }, got ${inWords(given)}`);
  const own: Record<string, unknown> = ownProperties(given);
  for (const name of Object.keys(own)) {
    if (!(names as readonly string[]).includes(name))
      throw new ArgumentError(`${what}: there is no option ${name}; expected ${names.join(", ")}`);
    if (own[name] === null || own[name] === undefined) delete own[name];
  }
  return own as Partial<T>;
}

const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);

/** Settings of the WASM device; null if none is given. */
function settingsOf({ threads, build, maximumBytes }: Partial<InitOptions>): WasmSettings | null {
  if (threads !== undefined && !isWhole(threads)) throw refusal("threads", "a whole number", threads);
  if (threads !== undefined && threads < 1)
    throw new DeviceError(`init: threads: expected at least 1, the calling thread, got ${threads}`);
  if (build !== undefined && !BUILDS.includes(build))
    throw refusal("build", `one of ${BUILDS.map((name) => `"${name}"`).join(", ")}`, build);
  if (maximumBytes !== undefined && !isWhole(maximumBytes) && (maximumBytes as unknown) !== Infinity)
    throw refusal("maximumBytes", "a whole number of bytes", maximumBytes);
  if (maximumBytes !== undefined && maximumBytes < 1)
    throw new DeviceError(`init: maximumBytes: expected at least 1 byte for arrays, got ${maximumBytes}`);
  return (threads ?? build ?? maximumBytes) === undefined ? null : { threads, build, maximumBytes };
}

function namesOf(given: unknown): readonly string[] {
  const names: readonly unknown[] | null = Array.isArray(given) ? Array.from(given) : null;
  if (names?.every((name) => typeof name === "string") !== true) {
    const hint = typeof given === "string" ? `; write [${inWords(given)}]` : "";
    throw new ArgumentError(`init: devices: expected a list of names, as ["webgpu"], got ${inWords(given)}${hint}`);
  }
  return names as readonly string[];
}

interface Wanted {
  readonly settings: WasmSettings | null;
  readonly names: readonly string[];
  readonly auto: Partial<AutoOptions> | null;
}

function wantedOf(options: unknown): Wanted {
  const given = optionsOf<InitOptions>("init", options === undefined ? {} : options, NAMES);
  const auto =
    given.auto === undefined ? null : optionsOf<AutoOptions>("init: auto", given.auto, ["software", "profiles"]);
  if (auto?.software !== undefined && typeof auto.software !== "boolean")
    throw refusal("auto.software", "true or false", auto.software);
  return { settings: settingsOf(given), names: given.devices === undefined ? ["wasm"] : namesOf(given.devices), auto };
}

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
  // checked here, because some settings are objects
  [anything<InitOptions | undefined>(true)("options", undefined)],
  async (options) => setUp(wantedOf(options)),
);
async function setUp({ settings, names, auto }: Wanted): Promise<InitReport> {
  if (auto?.profiles !== undefined) (await profiles()).checkProfiles(auto.profiles);
  if (settings !== null) makeWasm(settings);
  if (auto !== null) useSoftware(auto.software ?? false);
  if (auto?.profiles !== undefined) (await profiles()).chooseProfiles(auto.profiles);
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

// Which profile counts for a device (RUNTIME.md section 4): one that was given, one that an earlier process measured and
// kept, the shipped one of its kind until a measurement is made. Owns when that is: in idle time, some while after the
// profile was first asked for, one device at a time. What takes effect late counts for plans that are made later;
// plans keep what they were made with. Nothing here throws or rejects.
import type { Backend, DeviceKind, Runtime } from "@weft/ir";
import { inTime } from "@weft/ir";
import type { CalibrationHost } from "./calibrate.ts";
import { calibrate } from "./calibrate.ts";
import type { DeviceProfile } from "./profile.ts";
import { shippedProfile } from "./profile.ts";

/** What profiles are made and kept with. */
export interface ProfileHost extends CalibrationHost {
  readonly timer: Runtime["timer"];
  readonly cache?: Runtime["cache"];
}

/** Where profiles come from. */
export interface ProfileOptions {
  /** Profiles of devices by their id; nothing is loaded or measured for those. */
  readonly given?: readonly DeviceProfile[];
  /** Whether what nobody gave is loaded and measured. Default true; without, it is what was shipped. */
  readonly measure?: boolean;
}

const NUMBERS = ["launchNs", "submitNs", "readNs", "upGBs", "downGBs", "streamGBs", "compileNs"] as const;
const CLASSES = ["light", "heavy", "gemm", "gather", "scatter"] as const;

/** Whether it is a number that a device's speed can be: positive, and of this world. */
const isSpeed = (x: unknown): x is number => typeof x === "number" && x > 1e-6 && x < 1e15;

/** What is wrong with a device profile: the first thing that costs could not be counted with. Null if nothing is. */
export function wrongInProfile(x: unknown): string | null {
  if (typeof x !== "object" || x === null) return "it is no object";
  const profile = x as { readonly [name: string]: unknown };
  if (typeof profile.id !== "string") return "it has no id";
  const rate = profile.rate as { readonly [name: string]: unknown } | null | undefined;
  if (typeof rate !== "object" || rate === null) return "it has no rates";
  const wrong =
    NUMBERS.find((name) => !isSpeed(profile[name])) ??
    CLASSES.map((name) => `rate.${name}`).find((_, i) => !isSpeed(rate[CLASSES[i]]));
  return wrong === undefined ? null : `${wrong} is no speed`;
}

/**
 * The profile in a text that was kept, if it is one of this device: null for what is damaged, of another device, or of
 * another version of this library.
 */
export function parseProfile(
  text: string,
  device: { readonly id: string; readonly fingerprint: string; readonly kind: DeviceKind },
): DeviceProfile | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (wrongInProfile(found) !== null) return null;
  const { id, fingerprint, kind, schema, source, spread } = found as { readonly [name: string]: unknown };
  if (
    schema !== 1 ||
    source !== "measured" ||
    id !== device.id ||
    fingerprint !== device.fingerprint ||
    kind !== device.kind
  )
    return null;
  return typeof spread === "number" && spread >= 0 ? (found as DeviceProfile) : null;
}

/** Programs that end sooner than this pay nothing for a measurement. */
const START_MS = 1000;
/** Where the machine was not quiet, it is tried again after a while, so many times in all; the last counts, and is not kept. */
const ATTEMPTS = 3;
const RETRY_MS = 20_000;
/**
 * How long `init` and measurements wait for the cache: some hosts' never answers. A first look into IndexedDB took 12 to
 * 40 ms in Chromium, with six busy loops beside it on two cores as well.
 */
const KEPT_MS = 1000;

interface Entry {
  readonly fingerprint: string;
  profile: DeviceProfile;
  /** Whether someone plans by it: then a better one is looked for. */
  inUse: boolean;
}

/** The name a device's profile is kept under. */
const nameOf = ({ fingerprint }: Backend): string => `profile 1 ${fingerprint}`;

/**
 * The profiles of all devices.
 * @example const store = new ProfileStore({ ...runtime, pause: idle });
 */
export class ProfileStore {
  readonly #host: ProfileHost;
  readonly #given: readonly DeviceProfile[];
  readonly #measures: boolean;
  readonly #entries = new WeakMap<Backend, Entry>();
  /** What is being loaded or measured. */
  #work: Promise<void> = Promise.resolve();

  constructor(host: ProfileHost, { given = [], measure = true }: ProfileOptions = {}) {
    this.#host = host;
    this.#given = given;
    this.#measures = measure;
  }

  /** The profile that counts for a device now; the first question has better ones looked for. */
  readonly profileOf = (backend: Backend): DeviceProfile => {
    const entry = this.#entryOf(backend);
    if (!entry.inUse) {
      entry.inUse = true;
      if (entry.profile.source === "shipped" && this.#measures) this.#improve(backend, entry);
    }
    return entry.profile;
  };

  /** Resolves when the device's kept profile is there, if there is one; nothing is measured for it. */
  async load(backend: Backend): Promise<DeviceProfile> {
    const entry = this.#entryOf(backend);
    if (!entry.inUse && this.#measures) await this.#loaded(backend, entry);
    return entry.profile;
  }

  /** Resolves when nothing is being measured any more. */
  async settled(): Promise<void> {
    for (let work: Promise<void> | null = null; work !== this.#work;) await (work = this.#work);
  }

  #entryOf(backend: Backend): Entry {
    let entry = this.#entries.get(backend);
    // a device that was lost may come back as another one
    if (entry === undefined || entry.fingerprint !== backend.fingerprint) {
      const given = this.#given.find(({ id }) => id === backend.id);
      // what was given counts as it is, whatever it says of its source
      entry = {
        fingerprint: backend.fingerprint,
        profile: given ?? shippedProfile(backend),
        inUse: given !== undefined,
      };
      this.#entries.set(backend, entry);
    }
    return entry;
  }

  /** Takes the kept profile; false if there is none, or none yet: one that comes late counts from then on. */
  #loaded(backend: Backend, entry: Entry): Promise<boolean> {
    const take = async (): Promise<boolean> => {
      const text = (await this.#host.cache?.load(nameOf(backend))) ?? null;
      const kept = text === null ? null : parseProfile(text, backend);
      // what was measured meanwhile is newer
      if (kept !== null && entry.profile.source === "shipped") entry.profile = kept;
      return kept !== null;
    };
    return inTime(this.#host, take(), KEPT_MS, () => false);
  }

  #improve(backend: Backend, entry: Entry): void {
    const loaded = this.#loaded(backend, entry);
    const before = this.#work;
    this.#work = (async () => {
      await before;
      // an imitated GPU is never chosen for its speed, and measuring it takes seconds from what runs beside
      if ((await loaded) || backend.kind === "gpu-software") return;
      await this.#host.pause(START_MS);
      for (let attempt = 1; ; attempt++) {
        const { profile, quiet } = await calibrate(backend, this.#host);
        if (entry.fingerprint !== backend.fingerprint) return;
        if (quiet || attempt === ATTEMPTS) entry.profile = profile;
        const { cache } = this.#host;
        if (quiet && cache !== undefined)
          await inTime(this.#host, cache.save(nameOf(backend), JSON.stringify(profile)), KEPT_MS, () => undefined);
        if (quiet || attempt === ATTEMPTS) return;
        await this.#host.pause(RETRY_MS);
      }
    })().catch(() => undefined); // closed or lost meanwhile, or short of memory: what was shipped goes on counting
  }
}

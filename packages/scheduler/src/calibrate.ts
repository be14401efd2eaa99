// Measures a device's speed (RUNTIME.md section 4): rounds of small exercises in idle slices, the shortest of each
// counts. A loop on the processor tells whether the machine was quiet meanwhile; rounds in which it was not are
// repeated. Owns what counts as a measurement; how profiles are kept and when one is made is profile-store.ts's business.
import type { Backend } from "@weft/ir";
import type { Exercise } from "./calibration/kernels.ts";
import { gemm, heavy, light, moved, stream } from "./calibration/kernels.ts";
import type { CalibrationHost, Times } from "./calibration/measure.ts";
import { Measure, TRANSFER_BYTES } from "./calibration/measure.ts";
import type { DeviceProfile } from "./profile.ts";

export type { CalibrationHost } from "./calibration/measure.ts";

const ROUNDS = 3;
/** Rounds that are made at most, if the machine does not come to rest. */
const MOST_ROUNDS = 8;
/** A round counts if the loop took at most so many times its shortest time. */
const QUIET = 1.15;
const CONTROL_MS = 2;
/** The loop sees one core; where the rounds lie further apart than this, others were not quiet. */
const MOST_SPREAD = 0.5;
/** How long a device may take to start all its lanes, in milliseconds. */
const STARTING_MS = 3000;

/** A difference of two times is at least this part of the longer one: less than that is noise. */
const LEAST_PART = 0.05;

/** Work of a fixed size for the processor. */
class Control {
  readonly #now: () => number;
  #turns = 1000;
  /** The result is kept, so that the work is not optimised away. */
  #sink = 1;

  constructor(now: () => number) {
    this.#now = now;
    for (let took = this.time(); took < CONTROL_MS; took = this.time()) {
      // no processor is so fast: this clock moves by other means
      if (took === 0 && this.#turns > 2 ** 22) {
        this.#turns = 0;
        return;
      }
      this.#turns *= 2;
    }
  }

  /** How long it takes now. */
  time(): number {
    const from = this.#now();
    let x = this.#sink;
    for (let i = 0; i < this.#turns; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
    this.#sink = x | 1;
    return this.#now() - from;
  }
}

/**
 * The nearest number with two significant bits (… 2, 3, 4, 6, 8, 12 …), by ratio: noise seldom moves it.
 * @example quantise(41) // 48
 */
export function quantise(x: number): number {
  const low = 2 ** Math.floor(Math.log2(x));
  const steps = [low, 1.5 * low, 2 * low];
  return steps.reduce((best, step) => (Math.abs(Math.log2(step / x)) < Math.abs(Math.log2(best / x)) ? step : best));
}

/** What devices are measured by, for one device. */
function exercisesFor(backend: Backend): ReadonlyMap<string, Exercise> {
  const exercises = new Map([
    ["stream", stream(backend.kind === "gpu-software")],
    ["light", light()],
    ["heavy", heavy()],
    ["gather", moved("gather")],
    ["scatter", moved("scatter")],
  ]);
  // where products are kernels, they are made of light work
  exercises.set("gemm", backend.supports("gemm", "f32") ? gemm((form) => backend.gemmBytes(form)) : light());
  return exercises;
}

async function measureRound(measure: Measure, exercises: ReadonlyMap<string, Exercise>): Promise<Times> {
  const times: Record<string, number> = { ...(await measure.overheads()) };
  for (const [name, exercise] of exercises) times[name] = await measure.run(name, exercise);
  Object.assign(times, await measure.transfers());
  times.compile = await measure.compilation();
  return times;
}

/** Waits for lanes that are on their way: a device measured without them would be taken for slower than it is. */
async function lanesReady(backend: Backend, host: CalibrationHost): Promise<void> {
  const until = host.now() + STARTING_MS;
  while (host.now() < until) {
    const { lanes = 1, lanesReady: ready = lanes } = backend.counters();
    if (ready >= lanes) return;
    await host.pause(10);
  }
}

/** How far the rounds lie apart: of all that was measured the middle of longest to shortest, less one. */
function spreadOf(rounds: readonly Times[]): number {
  const spreads = Object.keys(rounds[0]).map((name) => {
    const times = rounds.map((round) => round[name]);
    const shortest = Math.min(...times);
    return shortest > 0 ? Math.max(...times) / shortest - 1 : 0;
  });
  return spreads.sort((a, b) => a - b)[spreads.length >> 1];
}

/** A device's speed from what took shortest in all rounds. */
async function profileFrom(
  rounds: readonly Times[],
  measure: Measure,
  exercises: ReadonlyMap<string, Exercise>,
  { id, fingerprint, kind }: Backend,
): Promise<DeviceProfile> {
  const best = (name: string): number => Math.min(...rounds.map((round) => round[name]));
  /** What `name` takes beyond `other`. Of two shortest times, because the shortest difference is the noisiest. */
  const beyond = (name: string, other: number): number => Math.max(best(name) - other, LEAST_PART * best(name), 1);
  const { runs, few, steps } = measure.counts;
  const alone = best("alone");
  const launchNs = beyond("long", best("short")) / (few * (steps - 1));
  const run = beyond("runs", alone) / (runs - 1);
  const submitNs = Math.max(run - launchNs, LEAST_PART * run);
  const rates: Record<string, number> = {};
  for (const [name, exercise] of exercises) {
    const perStep = beyond(name, alone) / (await measure.countOf(name, exercise));
    rates[name] = quantise(exercise.work / Math.max(perStep - launchNs, LEAST_PART * perStep));
  }
  const { stream: streamGBs, light: lightRate, heavy: heavyRate, gemm: gemmRate, gather, scatter } = rates;
  return {
    id,
    fingerprint,
    kind,
    launchNs: quantise(launchNs),
    submitNs: quantise(submitNs),
    readNs: quantise(Math.max(1, best("result") - submitNs - launchNs)),
    upGBs: quantise(TRANSFER_BYTES / beyond("up", best("look"))),
    downGBs: quantise(TRANSFER_BYTES / beyond("down", best("word"))),
    streamGBs,
    rate: { light: lightRate, heavy: heavyRate, gemm: gemmRate, gather, scatter },
    compileNs: quantise(beyond("compile", alone)),
    spread: Math.round(spreadOf(rounds) * 1000) / 1000,
    source: "measured",
    schema: 1,
  };
}

/** What was measured, and whether the machine was quiet enough meanwhile for it to be kept. */
export interface Calibration {
  readonly profile: DeviceProfile;
  readonly quiet: boolean;
}

/**
 * Measures a device, in a few tenths of a second spread over idle slices. Rejects where the device fails or has no
 * memory; what it took is given back in any case. `control` times work of a fixed size on the processor.
 * @example const { profile } = await calibrate(backend, { now: () => performance.now(), pause: idle });
 */
export async function calibrate(
  backend: Backend,
  host: CalibrationHost,
  control: { time(): number } = new Control(() => host.now()),
): Promise<Calibration> {
  const measure = new Measure(backend, host);
  try {
    await backend.calibrate?.();
    const exercises = exercisesFor(backend);
    // the first large run starts the lanes
    for (const [name, exercise] of exercises) await measure.run(name, exercise);
    await lanesReady(backend, host);
    const rounds: { readonly times: Times; readonly unrest: number }[] = [];
    let best = control.time();
    const quiet = (): typeof rounds => rounds.filter(({ unrest }) => unrest <= QUIET * best);
    let before = best;
    while (quiet().length < ROUNDS && rounds.length < MOST_ROUNDS) {
      const times = await measureRound(measure, exercises);
      const after = control.time();
      rounds.push({ times, unrest: Math.max(before, after) });
      best = Math.min(best, after);
      before = after;
    }
    // where the machine never comes to rest, the shortest of all times is the best there is
    const counted = quiet().length > 0 ? quiet() : rounds;
    const profile = await profileFrom(
      counted.map(({ times }) => times),
      measure,
      exercises,
      backend,
    );
    return { profile, quiet: quiet().length >= ROUNDS && profile.spread <= MOST_SPREAD };
  } finally {
    await measure.end();
  }
}

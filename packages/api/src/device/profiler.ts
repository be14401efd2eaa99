// Where time goes: traces that browsers' trace viewers read (Chrome trace JSON), and counters that are always on. Owns
// the form of a trace; what happens when is reported by devices and by the scheduler, and only while one is taken.
import type { Backend, Tracer } from "@weft/ir";
import { DeviceError } from "@weft/ir";
import { hostRuntime } from "@weft/backend-wasm";
import { stats, traceHost } from "@weft/scheduler";
import { define, defineAs } from "../core/define.ts";
import { callback } from "../core/kinds.ts";
import { openDevices } from "./devices.ts";

/** An event of Chrome's trace format: `X` is a span, `M` names a process or a thread. Times in microseconds. */
export interface TraceEvent {
  readonly ph: "X" | "M";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, number | string>>;
}

/** Who worked: a lane of a device, its queue, its transfers, or the calling thread. */
export interface TraceLane {
  /** `wasm`, `webgpu` or `host`. */
  readonly device: string;
  /** `wasm 0`, `webgpu queue`, `webgpu transfer up`, `host`, … */
  readonly name: string;
  readonly spans: number;
  /** Milliseconds in which it worked. */
  readonly busy: number;
}

interface Span {
  readonly lane: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly args: Readonly<Record<string, number | string>> | undefined;
}

/** The device or host a lane belongs to: its first word. */
const deviceOf = (lane: string): string => lane.split(" ", 1)[0];

/** Milliseconds covered by at least one of the spans, which begin in order: outer spans hold inner ones. */
function covered(spans: readonly Span[]): number {
  let sum = 0;
  let end = -Infinity;
  for (const { from, to } of spans) {
    if (to > end) sum += to - Math.max(from, end);
    end = Math.max(end, to);
  }
  return sum;
}

/** What {@link profiler}.trace gives. `JSON.stringify(trace)` is what trace viewers load. */
export class Trace<T> {
  /** What the function returned. */
  readonly result: T;
  readonly traceEvents: readonly TraceEvent[];
  readonly lanes: readonly TraceLane[];

  /** @internal */
  constructor(result: T, spans: readonly Span[], start: number) {
    this.result = result;
    const lanes = new Map<string, Span[]>();
    // an outer span comes before those it holds
    for (const span of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
      const own = lanes.get(span.lane);
      if (own === undefined) lanes.set(span.lane, [span]);
      else own.push(span);
    }
    const names = [...lanes.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    this.lanes = names.map((name) => {
      const own = lanes.get(name) ?? [];
      return { device: deviceOf(name), name, spans: own.length, busy: covered(own) };
    });
    const processes = [...new Set(names.map(deviceOf))];
    const events: TraceEvent[] = [];
    processes.forEach((name, i) => events.push({ ph: "M", name: "process_name", pid: i + 1, tid: 0, args: { name } }));
    // to the nanosecond, and not beyond
    const microseconds = (milliseconds: number): number => Math.round(milliseconds * 1e6) / 1e3;
    names.forEach((lane, tid) => {
      const pid = processes.indexOf(deviceOf(lane)) + 1;
      events.push({ ph: "M", name: "thread_name", pid, tid, args: { name: lane } });
      for (const { name, from, to, args } of lanes.get(lane) ?? []) {
        events.push({
          ph: "X",
          name,
          pid,
          tid,
          ts: microseconds(from - start),
          dur: microseconds(to - from),
          ...(args === undefined ? {} : { args }),
        });
      }
    });
    this.traceEvents = events;
  }

  /** The part that trace viewers load; the result of the function is not in it. */
  toJSON(): { readonly traceEvents: readonly TraceEvent[]; readonly displayTimeUnit: "ms" } {
    return { traceEvents: this.traceEvents, displayTimeUnit: "ms" };
  }

  /** A line a lane: who worked how long. */
  toString(): string {
    return this.lanes.map(({ name, spans, busy }) => `${name}: ${busy.toFixed(3)} ms in ${spans} spans`).join("\n");
  }
}

/** What a device has done since it was opened. */
export interface DeviceCounters {
  /** Programs handed to it, and their steps. */
  readonly launches: number;
  readonly steps: number;
  /** Evaluations that found their plan, and plans that were made, those of jitted functions included. */
  readonly planHits: number;
  readonly plansMade: number;
  readonly kernelsCompiled: number;
  readonly compileMs: number;
  /** Bytes of arrays sent to it and read from it. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** How often a program had to wait because too many were under way. */
  readonly stalls: number;
  /** All that the device itself counts, under its own names. */
  readonly device: Readonly<Record<string, number>>;
}

function countersOf(backend: Backend): DeviceCounters {
  const { runs, steps, hits, plans, compiledGraphs, bytesUp, bytesDown, device } = stats(backend);
  const { kernelsCompiled = 0, compileMs = 0, stalls = 0 } = device;
  return {
    launches: runs,
    steps,
    planHits: hits,
    plansMade: plans + compiledGraphs,
    kernelsCompiled,
    compileMs,
    bytesUp,
    bytesDown,
    stalls,
    device,
  };
}

/** Resolves when a device has done all that it was given: an empty run is done when everything before it is. */
async function drain(backend: Backend): Promise<void> {
  const program = backend.compile({ steps: [], buffers: 0, slots: 0 });
  try {
    await backend.run(program, { buffers: [], slots: [] }).wait();
  } finally {
    program.dispose?.();
  }
}

/** Resolves when nothing is left to do, of what ran on one device and then went on on another as well. */
async function drainAll(devices: readonly Backend[]): Promise<void> {
  const runs = (): number => devices.reduce((sum, device) => sum + stats(device).runs, 0);
  for (let before = -1; before !== runs();) {
    before = runs();
    // a device that is closed or lost has nothing more to tell
    await Promise.all(devices.map((device) => drain(device).catch(() => undefined)));
  }
}

interface Take {
  <T>(f: () => T | Promise<T>): Promise<Trace<T>>;
}
let taking = false;

async function traceOf<T>(f: () => T | Promise<T>): Promise<Trace<T>> {
  if (taking) throw new DeviceError("profiler.trace: a trace is being taken already; traces do not nest");
  taking = true;
  const spans: Span[] = [];
  const tracer: Tracer = { span: (lane, name, from, to, args) => void spans.push({ lane, name, from, to, args }) };
  const traced: Backend[] = [];
  const start = hostRuntime.now();
  try {
    for (const device of openDevices()) {
      await device.trace(tracer);
      traced.push(device);
    }
    traceHost(tracer, () => hostRuntime.now());
    const result = await f();
    await drainAll(traced);
    traceHost(null);
    while (traced.length > 0) await traced.pop()?.trace(null);
    return new Trace(result, spans, start);
  } finally {
    traceHost(null);
    for (const device of traced) void device.trace(null);
    taking = false;
  }
}

/**
 * Runs a function and traces what devices and the calling thread do meanwhile, until all of it is done. Takes devices
 * that are open; `init` opens others before.
 * @throws DeviceError while another trace is taken; rejects with what the function throws
 * @example
 * const trace = await profiler.trace(() => step(params, batch).ready());
 * writeFileSync("trace.json", JSON.stringify(trace)); // open in chrome://tracing or ui.perfetto.dev
 */
const trace: Take = defineAs<Take>()("profiler.trace", [callback()("f")], async (f) => traceOf(f));

/** What every device that is open has done since it was opened, by its name. Counting costs nothing and is always on. */
const counters = define("profiler.counters", [], (): Readonly<Record<string, DeviceCounters>> =>
  Object.fromEntries(openDevices().map((device) => [device.id, countersOf(device)])),
);

/**
 * Where time goes.
 * @example
 * const { result, lanes } = await profiler.trace(() => loss(params).item());
 * profiler.counters().wasm.planHits
 */
export const profiler = { trace, counters };

// What the GPU does while a trace is taken: the times of its steps by timestamp queries, a pass a step, where the adapter
// has them; from submission to completion elsewhere. Owns what queries need and how the GPU's clock lies to the host's.
// Without a tracer it costs one test a submission.
import type { Tracer } from "@weft/ir";

import { MAP_READ, USAGE } from "./constants.ts";

const QUEUE = "webgpu queue";
const NANOSECONDS = 1e6;
/** Bytes of a timestamp. */
const STAMP = 8;

/** The lanes that are not the queue. */
export type OtherLane = "transfer up" | "transfer down" | "compiler";

/** Takes traces, whatever happens to the device. */
export class Tracing {
  tracer: Tracer | null = null;
  readonly now: () => number;
  /** Where each lane's last span ended: spans of a lane do not overlap. */
  readonly #ends = new Map<string, number>();
  /** Submissions that have not been reported. */
  readonly #open = new Set<Promise<void>>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** Reports to this tracer from now on, or to none; resolves when the one before has heard of everything. */
  async set(tracer: Tracer | null): Promise<void> {
    this.tracer = tracer;
    await Promise.all(this.#open);
  }

  /** Reports what the host saw. */
  span(lane: OtherLane, name: string, from: number): void {
    if (this.tracer !== null) this.report(this.tracer, `webgpu ${lane}`, name, from, this.now());
  }

  /** Reports, less what lies before the end of the lane's last span. */
  report(
    tracer: Tracer,
    lane: string,
    name: string,
    from: number,
    to: number,
    args?: Readonly<Record<string, number | string>>,
  ): void {
    const begin = Math.max(from, this.#ends.get(lane) ?? 0);
    const end = Math.max(begin, to);
    this.#ends.set(lane, end);
    tracer.span(lane, name, begin, end, args);
  }

  /** A submission of at most so many steps; null while no trace is taken. */
  submission(device: GPUDevice, most: number): TracedSubmission | null {
    return this.tracer === null ? null : new TracedSubmission(this, this.tracer, device, most);
  }

  /** Has `reported` waited for. It must not reject. */
  waitFor(reported: Promise<void>): void {
    const open = reported.finally(() => this.#open.delete(open));
    this.#open.add(open);
  }
}

/** How much later than the GPU's the host's clock is, for each device: no step began before it was submitted. */
const offsets = new WeakMap<GPUDevice, number>();

/** One submission under trace. */
class TracedSubmission {
  readonly #tracing: Tracing;
  readonly #tracer: Tracer;
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet | null;
  readonly #names: string[] = [];
  #copies = 0;
  #resolved: GPUBuffer | null = null;
  #staging: GPUBuffer | null = null;

  constructor(tracing: Tracing, tracer: Tracer, device: GPUDevice, most: number) {
    this.#tracing = tracing;
    this.#tracer = tracer;
    this.#device = device;
    this.#queries = device.features.has("timestamp-query")
      ? device.createQuerySet({ type: "timestamp", count: 2 * most })
      : null;
  }

  /** What a step's own pass is begun with. */
  pass(name: string): GPUComputePassDescriptor {
    const index = 2 * (this.#names.push(name) - 1);
    if (this.#queries === null) return {};
    return {
      timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 },
    };
  }

  /** A step that is no pass, and that no query sees. */
  copy(): void {
    this.#copies++;
  }

  /** Goes into the encoder after all passes. */
  resolve(encoder: GPUCommandEncoder): void {
    const size = 2 * STAMP * this.#names.length;
    if (this.#queries === null || size === 0) return;
    this.#resolved = this.#device.createBuffer({ size, usage: USAGE.queryResolve | USAGE.copySource });
    this.#staging = this.#device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
    encoder.resolveQuerySet(this.#queries, 0, 2 * this.#names.length, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, size);
  }

  /** Called when it has been submitted: reports once it has ended. A device that is lost meanwhile reports nothing. */
  submitted(): void {
    const from = this.#tracing.now();
    this.#tracing.waitFor(this.#report(from).catch(() => undefined));
  }

  async #report(from: number): Promise<void> {
    const staging = this.#staging;
    if (staging === null) await this.#device.queue.onSubmittedWorkDone();
    else await staging.mapAsync(MAP_READ);
    const done = this.#tracing.now();
    const stamps = staging === null ? null : Array.from(new BigUint64Array(staging.getMappedRange()), Number);
    this.#queries?.destroy();
    this.#resolved?.destroy();
    staging?.destroy();
    if (stamps === null || !this.#reportSteps(stamps, from, done)) this.#reportWhole(from, done);
  }

  /** The steps by their timestamps; false where those mean nothing. */
  #reportSteps(stamps: readonly number[], from: number, done: number): boolean {
    const times = stamps.map((stamp) => stamp / NANOSECONDS);
    const last = times[times.length - 1];
    if (times.some((time, i) => i > 0 && time < times[i - 1]) || times[0] <= 0) return false;
    let offset = Math.max(offsets.get(this.#device) ?? -Infinity, from - times[0]);
    // clocks drift: nothing ended after it was known to have ended
    offset = Math.min(offset, done - last);
    offsets.set(this.#device, offset);
    this.#names.forEach((name, i) =>
      this.#tracing.report(this.#tracer, QUEUE, name, times[2 * i] + offset, times[2 * i + 1] + offset),
    );
    return true;
  }

  #reportWhole(from: number, done: number): void {
    const steps = this.#names.length + this.#copies;
    const name = steps === 1 ? (this.#names[0] ?? "copy") : `${steps} steps`;
    this.#tracing.report(this.#tracer, QUEUE, name, from, done, { steps });
  }
}

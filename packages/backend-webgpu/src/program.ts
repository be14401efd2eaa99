// Compiled segments: launches with their pipelines, params and bind groups, for the opening of the device they were
// last used with. Encodes a run as one submission, or several where a run is long. Knows no queue and no tickets.
import { DeviceError, InternalError } from "@weft/ir";
import type { Program, RunArgs, Segment, Smaller, SmallerSegment, WeftError } from "@weft/ir";

import type { WebgpuBuffer } from "./buffer.ts";
import { OFFSET_ALIGN, roundUp, USAGE } from "./constants.ts";
import type { DispatchLaunch, Launch, LaunchPlan } from "./launch.ts";
import { GROUPS_KEPT, SEGMENT_MS, SUBMIT_DISPATCHES } from "./limits.ts";
import type { Opening } from "./opening.ts";
import type { Compiled } from "./pipelines.ts";
import type { PooledBuffer } from "./pool.ts";
import type { SlotSize } from "./slots.ts";

/** A program of this device. */
export interface WebgpuProgram extends Program {
  /** Resolves when its shaders are compiled; rejects with DeviceError where one does not compile. */
  ready(): Promise<void>;
  dispose(): void;
}

/** What a program asks of its device. */
export interface ProgramMaker {
  readonly current: () => Opening | null;
  readonly compile: (segment: Segment, smaller: Smaller) => CompiledProgram;
  readonly smaller: Smaller | undefined;
  readonly disposed: () => void;
}

/** What runs in the place of a program that does not compile. */
interface SmallerProgram {
  readonly program: CompiledProgram;
  readonly form: SmallerSegment;
}

/** The bind groups of a run, by the memory of its buffers and temporaries. */
interface RunGroups {
  readonly ids: Int32Array;
  /** One a launch. */
  readonly groups: readonly GPUBindGroup[];
}

/** What a program has on one opening of the device. */
interface Prepared {
  readonly opening: Opening;
  /** One a launch; null for copies. */
  readonly compiled: readonly (Compiled | null)[];
  readonly runs: RunGroups[];
  /** Where the next run's groups go. */
  next: number;
  /** The memory in each group. */
  readonly memories: WeakMap<GPUBindGroup, readonly number[]>;
  readonly params: GPUBuffer;
  /** The slots whose params are on the device. */
  written: Float64Array | null;
  ready: boolean;
}

/** What a trace calls a dispatch. */
const nameOf = ({ shader }: DispatchLaunch): string => shader.describe().split(":", 1)[0];

/** A compiled segment. */
export class CompiledProgram implements WebgpuProgram {
  readonly segment: Segment;
  readonly owner: object;
  readonly launches: readonly Launch[];
  readonly slotSizes: readonly SlotSize[];
  readonly arena: number;
  disposed = false;
  readonly #maker: ProgramMaker;
  #smaller: SmallerProgram | null | undefined;
  #prepared: Prepared | null = null;
  readonly #image: Uint8Array<ArrayBuffer>;
  /** Where each dispatch's params lie in the image. */
  readonly #offsets: Uint32Array;
  readonly #slotted: readonly number[];
  /** The run's buffers that it writes. */
  readonly written: readonly number[];
  /** Launches that may read anywhere in a buffer. */
  readonly #unbounded: readonly DispatchLaunch[];

  constructor(segment: Segment, owner: object, { launches, slots }: LaunchPlan, maker: ProgramMaker) {
    this.segment = segment;
    this.owner = owner;
    this.launches = launches;
    this.slotSizes = slots.sizes;
    this.arena = slots.arena;
    this.#maker = maker;
    this.#offsets = new Uint32Array(launches.length);
    let size = 0;
    launches.forEach((launch, i) => {
      if (launch.kind !== "dispatch") return;
      this.#offsets[i] = size;
      size += roundUp(Math.max(16, launch.paramWords * 4), OFFSET_ALIGN);
    });
    this.#image = new Uint8Array(size);
    this.#slotted = launches.flatMap((launch, i) => (launch.kind === "dispatch" && launch.slotted ? [i] : []));
    const targets = launches.flatMap((launch) =>
      launch.kind === "copy" ? [launch.to] : launch.bindings.filter(({ writable }) => writable).map(({ ref }) => ref),
    );
    this.written = [...new Set(targets)].filter((ref) => ref < segment.buffers && ref !== slots.arena);
    this.#unbounded = launches.filter(
      (launch) => launch.kind === "dispatch" && launch.bindings.some(({ most }) => most < Infinity),
    ) as DispatchLaunch[];
    launches.forEach((launch, i) => {
      if (launch.kind === "dispatch" && !launch.slotted) this.#write(launch, i, []);
    });
  }

  async ready(): Promise<void> {
    const opening = this.#maker.current();
    if (opening === null) return;
    await this.prepare(opening);
    const failure = this.failure();
    if (failure === null) return;
    const { smaller } = this;
    if (smaller === null) throw failure;
    await smaller.program.ready();
  }

  /** The same in smaller shaders, where one of these does not compile; null if they cannot be made smaller. */
  get smaller(): SmallerProgram | null {
    if (this.#smaller === undefined) {
      const form = this.#maker.smaller?.() ?? null;
      this.#smaller = form === null ? null : { program: this.#maker.compile(form.segment, form.smaller), form };
    }
    return this.#smaller;
  }

  /** Gets pipelines and params for an opening; what has to be waited for, or null. */
  prepare(opening: Opening): Promise<void> | null {
    let prepared = this.#prepared;
    if (prepared === null || prepared.opening !== opening) {
      const { device, pipelines } = opening;
      prepared = {
        opening,
        compiled: this.launches.map((launch) => (launch.kind === "dispatch" ? pipelines.get(launch.shader) : null)),
        runs: [],
        next: 0,
        memories: new WeakMap(),
        params: device.createBuffer({
          size: Math.max(16, this.#image.length),
          usage: USAGE.uniform | USAGE.copyTarget,
        }),
        written: null,
        ready: false,
      };
      this.#prepared = prepared;
    }
    if (prepared.ready) return null;
    const open: Promise<void>[] = [];
    for (const it of prepared.compiled)
      if (it !== null && it.error === null && (it.pipeline === null || it.proof !== null))
        open.push(it.proof ?? it.settled);
    if (open.length === 0) {
      prepared.ready = true;
      return null;
    }
    return Promise.all(open).then(() => {});
  }

  /** As `prepare`, with everything compiled before it returns. What is left to wait for is the proof of it, or null. */
  prepareNow(opening: Opening): Promise<void> | null {
    if (this.prepare(opening) === null) return null;
    this.launches.forEach((launch, i) => {
      const compiled = this.#prepared?.compiled[i] ?? null;
      if (launch.kind === "dispatch" && compiled !== null) opening.pipelines.finish(launch.shader, compiled);
    });
    return this.prepare(opening);
  }

  /** Why a shader of it does not compile. */
  failure(): WeftError | null {
    return this.#prepared?.compiled.find((it) => it !== null && it.error !== null)?.error ?? null;
  }

  /**
   * Encodes and submits launches of a run from the one numbered `from` on, as many as make one submission. Returns the
   * number of the next launch.
   */
  submit(
    opening: Opening,
    slots: RunArgs["slots"],
    buffers: readonly WebgpuBuffer[],
    temporary: readonly PooledBuffer[],
    from: number,
  ): number {
    const prepared = this.#prepared;
    if (prepared === null || prepared.opening !== opening)
      throw new InternalError("webgpu: a run before its program is prepared");
    const { device, queue, pace, tracing } = opening;
    if (from === 0) this.#writeParams(prepared, slots);
    const { launches } = this;
    if (from === launches.length) return from;
    const groups = this.#groupsOf(prepared, buffers, temporary);
    // What the device says of work with a wrong shader may come late: it is no error of the runs then under way.
    const unproven = !prepared.ready && prepared.compiled.some((it) => it !== null && it.proof !== null);
    if (unproven) device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder();
    const traced = tracing.submission(device, SUBMIT_DISPATCHES);
    let pass: GPUComputePassEncoder | null = null;
    let current: GPUComputePipeline | null = null;
    let next = from;
    const work = { kernels: 0, products: 0 };
    while (next < launches.length) {
      const launch = launches[next];
      if (launch.kind === "copy") {
        pass?.end();
        pass = null;
        const source = this.#memoryOf(buffers, temporary, launch.from);
        const target = this.#memoryOf(buffers, temporary, launch.to);
        encoder.copyBufferToBuffer(source.gpu, launch.fromOffset, target.gpu, launch.toOffset, launch.bytes);
        work.kernels += launch.bytes / 4;
        traced?.copy();
      } else {
        const { pipeline } = prepared.compiled[next] as Compiled;
        if (pipeline === null) throw new InternalError("webgpu: a run before its shaders are compiled");
        if (pass === null) {
          pass = encoder.beginComputePass(traced?.pass(nameOf(launch)));
          current = null;
        }
        if (current !== pipeline) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, groups[next], this.#offsets, next, 1);
        pass.dispatchWorkgroups(launch.groups[0], launch.groups[1], launch.groups[2]);
        if (launch.product) work.products += launch.work;
        else work.kernels += launch.work;
        if (traced !== null) {
          pass.end();
          pass = null;
        }
      }
      next++;
      if (next - from >= SUBMIT_DISPATCHES || pace.time(work) >= SEGMENT_MS) break;
    }
    pass?.end();
    traced?.resolve(encoder);
    queue.submit([encoder.finish()]);
    if (unproven) this.#hear(prepared, device.popErrorScope());
    traced?.submitted();
    pace.submitted(work);
    return next;
  }

  /** Of work with shaders whose proofs are to come: theirs explain what went wrong, any other error is passed on. */
  #hear({ opening, compiled }: Prepared, complaint: Promise<GPUError | null>): void {
    const proofs = compiled.map((it) => it?.proof ?? null);
    const heard = async (): Promise<void> => {
      const error = await complaint.catch(() => null);
      await Promise.all(proofs);
      if (error !== null && compiled.every((it) => it === null || it.error === null)) opening.complain(error.message);
    };
    opening.pipelines.expect(heard());
  }

  /** Throws DeviceError where a buffer is too large for a binding whose window is not known. */
  expectBindable(buffers: readonly WebgpuBuffer[]): void {
    for (const launch of this.#unbounded) {
      for (const { ref, most } of launch.bindings) {
        const bytes = ref < buffers.length ? buffers[ref].bytes : 0;
        if (bytes > most)
          throw new DeviceError(
            `webgpu: ${launch.shader.describe().split("\n")[0]} may read anywhere in an array of ${bytes} bytes, and this adapter ` +
              `binds at most ${most}; evaluate it on device "wasm", or in smaller parts`,
          );
      }
    }
  }

  /** Bytes of a temporary buffer of a run whose arena has `arenaBytes`. */
  slotBytes(slot: number, arenaBytes: number): number {
    const size = this.slotSizes[slot];
    return "bytes" in size ? size.bytes : arenaBytes - size.from;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.#prepared?.params.destroy();
    this.#prepared = null;
    this.#smaller?.program.dispose();
    this.#maker.disposed();
  }

  #write(launch: DispatchLaunch, index: number, slots: ArrayLike<number>): void {
    const { buffer } = this.#image;
    launch.writeParams(new DataView(buffer, this.#offsets[index], Math.max(16, launch.paramWords * 4)), slots);
  }

  /** Has the params of a run on the device, which takes effect between the submissions before and after it. */
  #writeParams(prepared: Prepared, slots: RunArgs["slots"]): void {
    const { written } = prepared;
    if (written !== null && (this.#slotted.length === 0 || sameNumbers(written, slots))) return;
    for (const i of this.#slotted) this.#write(this.launches[i] as DispatchLaunch, i, slots);
    if (this.#image.length > 0) prepared.opening.queue.writeBuffer(prepared.params, 0, this.#image);
    prepared.written = this.#slotted.length === 0 ? NO_SLOTS : Float64Array.from(slots);
  }

  #memoryOf(buffers: readonly WebgpuBuffer[], temporary: readonly PooledBuffer[], ref: number): PooledBuffer {
    const memory = ref < buffers.length ? buffers[ref].memory : temporary[ref - buffers.length];
    if (memory === null || memory === undefined)
      throw new InternalError(`webgpu: buffer ${ref} of a run has no memory`);
    return memory;
  }

  /** The bind groups of a run, one a launch: those of an earlier run where it had the same memory. */
  #groupsOf(
    prepared: Prepared,
    buffers: readonly WebgpuBuffer[],
    temporary: readonly PooledBuffer[],
  ): readonly GPUBindGroup[] {
    const { runs } = prepared;
    const own = buffers.length;
    search: for (const { ids, groups } of runs) {
      for (let i = 0; i < own; i++) if (ids[i] !== (buffers[i].memory?.id ?? 0)) continue search;
      for (let i = 0; i < temporary.length; i++) if (ids[own + i] !== temporary[i].id) continue search;
      return groups;
    }
    const ids = [...buffers.map(({ memory }) => memory?.id ?? 0), ...temporary.map(({ id }) => id)];
    const groups = this.launches.map((launch, i) =>
      launch.kind === "copy" ? NO_GROUP : this.#groupOf(prepared, i, launch, buffers, temporary),
    );
    runs[prepared.next++ % GROUPS_KEPT] = { ids: Int32Array.from(ids), groups };
    return groups;
  }

  /** The bind group of one launch. Launches differ in few buffers from run to run, so that most groups are known. */
  #groupOf(
    prepared: Prepared,
    index: number,
    launch: DispatchLaunch,
    buffers: readonly WebgpuBuffer[],
    temporary: readonly PooledBuffer[],
  ): GPUBindGroup {
    const memories = launch.bindings.map(({ ref }) => this.#memoryOf(buffers, temporary, ref));
    for (const { groups } of prepared.runs) {
      const known = groups[index];
      const ids = prepared.memories.get(known);
      if (ids?.every((id, i) => id === memories[i].id)) return known;
    }
    const limit = prepared.opening.bindingBytes;
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: prepared.params, size: Math.max(16, roundUp(launch.paramWords * 4, 16)) } },
      ...launch.bindings.map(({ ref, offset, bytes }, i): GPUBindGroupEntry => {
        const memory = memories[i];
        // as much as the array has, so that a length a shader asks for means something
        const logical = ref < buffers.length ? roundUp(Math.max(4, buffers[ref].bytes), 4) : memory.bytes;
        const size = Math.min(bytes ?? logical, memory.bytes - offset, limit);
        return { binding: i + 1, resource: { buffer: memory.gpu, offset, size } };
      }),
    ];
    const { layout } = prepared.compiled[index] as Compiled;
    const group = prepared.opening.device.createBindGroup({ layout, entries });
    prepared.memories.set(
      group,
      memories.map(({ id }) => id),
    );
    return group;
  }
}

/** The written slots of a program that has none. */
const NO_SLOTS = new Float64Array(0);
/** In the place of a copy's bind group. */
const NO_GROUP = {} as GPUBindGroup;

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

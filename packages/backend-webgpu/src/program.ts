// Compiled segments: launches with their pipelines, params and bind groups, for the opening of the device they were
// last used with. Encodes a run as one command buffer, or several where a run is long. Knows no queue and no tickets.
import { DeviceError, InternalError } from "@weft/ir";
import type { Program, RunArgs, Segment, WeftError } from "@weft/ir";

import type { WebgpuBuffer } from "./buffer.ts";
import { OFFSET_ALIGN, roundUp, USAGE } from "./constants.ts";
import type { DispatchLaunch, Launch, LaunchPlan } from "./launch.ts";
import { GROUPS_KEPT, SUBMIT_DISPATCHES, SUBMIT_WORK } from "./limits.ts";
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

/** Bind groups of one dispatch, by the buffers in them. */
interface Groups {
  readonly ids: Int32Array[];
  readonly groups: GPUBindGroup[];
  next: number;
}

/** What a program has on one opening of the device. */
interface Prepared {
  readonly opening: Opening;
  /** One a launch; null for copies. */
  readonly compiled: readonly (Compiled | null)[];
  readonly groups: readonly Groups[];
  readonly params: GPUBuffer;
  written: boolean;
  ready: boolean;
}

/** A compiled segment. */
export class CompiledProgram implements WebgpuProgram {
  readonly segment: Segment;
  readonly owner: object;
  readonly launches: readonly Launch[];
  readonly slotSizes: readonly SlotSize[];
  readonly arena: number;
  disposed = false;
  readonly #current: () => Opening | null;
  #prepared: Prepared | null = null;
  readonly #image: Uint8Array<ArrayBuffer>;
  /** Where each dispatch's params lie in the image. */
  readonly #offsets: Uint32Array;
  readonly #slotted: readonly number[];
  readonly #onDispose: () => void;

  constructor(
    segment: Segment,
    owner: object,
    { launches, slots }: LaunchPlan,
    current: () => Opening | null,
    onDispose: () => void,
  ) {
    this.segment = segment;
    this.owner = owner;
    this.launches = launches;
    this.slotSizes = slots.sizes;
    this.arena = slots.arena;
    this.#current = current;
    this.#onDispose = onDispose;
    this.#offsets = new Uint32Array(launches.length);
    let size = 0;
    launches.forEach((launch, i) => {
      if (launch.kind !== "dispatch") return;
      this.#offsets[i] = size;
      size += roundUp(Math.max(16, launch.paramWords * 4), OFFSET_ALIGN);
    });
    this.#image = new Uint8Array(size);
    this.#slotted = launches.flatMap((launch, i) => (launch.kind === "dispatch" && launch.slotted ? [i] : []));
    launches.forEach((launch, i) => {
      if (launch.kind === "dispatch" && !launch.slotted) this.#write(launch, i, []);
    });
  }

  async ready(): Promise<void> {
    const opening = this.#current();
    if (opening === null) return;
    const wait = this.prepare(opening);
    if (wait === null) return;
    await wait;
    const failure = this.failure();
    if (failure !== null) throw failure;
  }

  /** Gets pipelines and params for an opening; what has to be waited for, or null. */
  prepare(opening: Opening): Promise<void> | null {
    let prepared = this.#prepared;
    if (prepared === null || prepared.opening !== opening) {
      const { device, pipelines } = opening;
      prepared = {
        opening,
        compiled: this.launches.map((launch) => (launch.kind === "dispatch" ? pipelines.get(launch.shader) : null)),
        groups: this.launches.map(() => ({ ids: [], groups: [], next: 0 })),
        params: device.createBuffer({
          size: Math.max(16, this.#image.length),
          usage: USAGE.uniform | USAGE.copyTarget,
        }),
        written: false,
        ready: false,
      };
      this.#prepared = prepared;
    }
    if (prepared.ready) return null;
    const open = prepared.compiled.filter((it) => it !== null && it.pipeline === null && it.error === null);
    if (open.length === 0) {
      prepared.ready = true;
      return null;
    }
    return Promise.all(open.map((it) => it?.settled)).then(() => {});
  }

  /** Why a shader of it does not compile. */
  failure(): WeftError | null {
    return this.#prepared?.compiled.find((it) => it !== null && it.error !== null)?.error ?? null;
  }

  /** Encodes and submits a run; returns the number of submissions. */
  submit(
    opening: Opening,
    { slots }: RunArgs,
    buffers: readonly WebgpuBuffer[],
    temporary: readonly PooledBuffer[],
  ): number {
    const prepared = this.#prepared;
    if (prepared === null || prepared.opening !== opening)
      throw new InternalError("webgpu: a run before its program is prepared");
    const { device, queue } = opening;
    if (this.#slotted.length > 0 || !prepared.written) {
      for (const i of this.#slotted) this.#write(this.launches[i] as DispatchLaunch, i, slots);
      // takes effect between the submissions before and after it
      if (this.#image.length > 0) queue.writeBuffer(prepared.params, 0, this.#image);
      prepared.written = true;
    }
    const memoryOf = (ref: number): PooledBuffer => {
      const memory = ref < buffers.length ? buffers[ref].memory : temporary[ref - buffers.length];
      if (memory === null || memory === undefined)
        throw new InternalError(`webgpu: buffer ${ref} of a run has no memory`);
      return memory;
    };
    let encoder: GPUCommandEncoder | null = null;
    let pass: GPUComputePassEncoder | null = null;
    let current: GPUComputePipeline | null = null;
    let dispatches = 0;
    let work = 0;
    let submissions = 0;
    const flush = (): void => {
      if (encoder === null) return;
      pass?.end();
      queue.submit([encoder.finish()]);
      submissions++;
      encoder = pass = null;
      dispatches = work = 0;
    };
    for (let i = 0; i < this.launches.length; i++) {
      const launch = this.launches[i];
      encoder ??= device.createCommandEncoder();
      if (launch.kind === "copy") {
        pass?.end();
        pass = null;
        const from = memoryOf(launch.from);
        const to = memoryOf(launch.to);
        encoder.copyBufferToBuffer(from.gpu, launch.fromOffset, to.gpu, launch.toOffset, launch.bytes);
        work += launch.bytes / 4;
      } else {
        const pipeline = prepared.compiled[i]?.pipeline;
        if (pipeline === null || pipeline === undefined)
          throw new InternalError("webgpu: a run before its shaders are compiled");
        if (pass === null) {
          pass = encoder.beginComputePass();
          current = null;
        }
        if (current !== pipeline) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, this.#groupOf(prepared, i, launch, buffers, memoryOf), this.#offsets, i, 1);
        pass.dispatchWorkgroups(launch.groups[0], launch.groups[1], launch.groups[2]);
        work += launch.work;
      }
      if (++dispatches >= SUBMIT_DISPATCHES || work >= SUBMIT_WORK) flush();
    }
    flush();
    return submissions;
  }

  /** Throws DeviceError where a buffer is too large for a binding whose window is not known. */
  expectBindable(buffers: readonly WebgpuBuffer[]): void {
    for (const launch of this.launches) {
      if (launch.kind !== "dispatch") continue;
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
    this.#onDispose();
  }

  #write(launch: DispatchLaunch, index: number, slots: ArrayLike<number>): void {
    const { buffer } = this.#image;
    launch.writeParams(new DataView(buffer, this.#offsets[index], Math.max(16, launch.paramWords * 4)), slots);
  }

  #groupOf(
    prepared: Prepared,
    index: number,
    launch: DispatchLaunch,
    buffers: readonly WebgpuBuffer[],
    memoryOf: (ref: number) => PooledBuffer,
  ): GPUBindGroup {
    const { bindings } = launch;
    const cache = prepared.groups[index];
    search: for (let i = 0; i < cache.ids.length; i++) {
      const ids = cache.ids[i];
      for (let j = 0; j < ids.length; j++) if (ids[j] !== memoryOf(bindings[j].ref).id) continue search;
      return cache.groups[i];
    }
    const memories = bindings.map(({ ref }) => memoryOf(ref));
    const limit = prepared.opening.bindingBytes;
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: prepared.params, size: Math.max(16, roundUp(launch.paramWords * 4, 16)) } },
      ...bindings.map(({ ref, offset, bytes }, i): GPUBindGroupEntry => {
        const memory = memories[i];
        // as much as the array has, so that a length a shader asks for means something
        const logical = ref < buffers.length ? roundUp(Math.max(4, buffers[ref].bytes), 4) : memory.bytes;
        const size = Math.min(bytes ?? logical, memory.bytes - offset, limit);
        return { binding: i + 1, resource: { buffer: memory.gpu, offset, size } };
      }),
    ];
    const compiled = prepared.compiled[index];
    if (compiled === null) throw new InternalError("webgpu: a dispatch without a pipeline");
    const group = prepared.opening.device.createBindGroup({ layout: compiled.layout, entries });
    const slot = cache.next++ % GROUPS_KEPT;
    cache.ids[slot] = Int32Array.from(memories, ({ id }) => id);
    cache.groups[slot] = group;
    return group;
  }
}

// A run as an operation of the queue. It takes the memory of the buffers it names when its turn comes, waits until the
// device is known to have it, and gives back what was freed meanwhile.
import { DeviceError, InternalError, OutOfMemoryError, WeftError } from "@weft/ir";
import type { RunArgs } from "@weft/ir";

import { WebgpuBuffer } from "./buffer.ts";
import { CHECKED_BYTES } from "./limits.ts";
import type { Opening } from "./opening.ts";
import type { PooledBuffer } from "./pool.ts";
import type { CompiledProgram } from "./program.ts";
import type { Operation } from "./queue.ts";
import type { RunTicket, Timeline } from "./ticket.ts";
import { restored } from "./uploads.ts";

/** What operations need of the device. */
export interface Host {
  readonly timeline: Timeline;
  /** The opening to work with; while there is none, `reopen` is waited for. */
  readonly opening: Opening | null;
  reopen(): Promise<void>;
  /** Counts a submission. */
  submitted(steps: number): void;
  uploaded(bytes: number): void;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const asWeftError = (error: unknown, what: string): WeftError =>
  error instanceof WeftError ? error : new DeviceError(`webgpu: ${what} failed: ${messageOf(error)}`, { cause: error });

/** Throws where the buffer's contents went with a device. */
export function expectPresent(buffer: WebgpuBuffer, opening: Opening): void {
  if (buffer.fault !== null) throw buffer.fault;
  if (buffer.memory !== null && buffer.memory.epoch !== opening.epoch) {
    throw new DeviceError(
      "webgpu: the device was lost and with it this array; compute it again from arrays of the host",
    );
  }
}

export const outOfMemory = (bytes: number, message: string): OutOfMemoryError =>
  new OutOfMemoryError(
    `webgpu: the adapter has no memory for ${bytes} bytes: ${message}. Free arrays with dispose(), using or scope(), or work in smaller parts.`,
  );

/** Gives back the memory of a freed buffer that nothing waits to use. */
export function giveBackFreed(buffer: WebgpuBuffer, opening: Opening | null): void {
  if (buffer.freedAfter < 0 || buffer.memory === null || buffer.pins > 0 || buffer.returned) return;
  buffer.returned = true;
  opening?.pool.retire(buffer.memory, buffer.freedAfter);
}

/** One run of a program. */
export class RunOperation implements Operation {
  readonly #host: Host;
  #program: CompiledProgram;
  readonly #ticket: RunTicket;
  #args: RunArgs;
  #buffers: readonly WebgpuBuffer[];
  #temporary: PooledBuffer[] = [];
  /** The opening that gave the memory. */
  #memoryOf: Opening | null = null;
  /** Buffers that got their memory from this run. */
  #taken: WebgpuBuffer[] = [];
  #retried = false;
  /** The launch its next part begins with. */
  #next = 0;

  constructor(
    host: Host,
    program: CompiledProgram,
    ticket: RunTicket,
    args: RunArgs,
    buffers: readonly WebgpuBuffer[],
  ) {
    this.#host = host;
    this.#program = program;
    this.#ticket = ticket;
    this.#args = args;
    this.#buffers = buffers;
  }

  postponed(): void {
    this.#args = { buffers: this.#args.buffers, slots: Float64Array.from(this.#args.slots) };
  }

  prepare(pressed: boolean): Promise<void> | null {
    const { opening } = this.#host;
    if (opening === null) return this.#host.reopen();
    // it went wrong after a part of it was submitted
    if (this.#ticket.failure !== null) throw this.#ticket.failure;
    if (this.#next > 0 && this.#memoryOf === opening) return pressed ? null : opening.pace.wait();
    const program = this.#program;
    const compiling = pressed ? program.prepareNow(opening) : program.prepare(opening);
    if (compiling !== null && !pressed) return compiling;
    const failure = program.failure();
    if (failure !== null) {
      if (!this.#becomeSmaller()) throw failure;
      return this.prepare(pressed);
    }
    if (compiling !== null)
      opening.pipelines.expect(
        compiling.then(() => {
          const late = program.failure();
          if (late !== null) this.#host.timeline.fail(this.#ticket, late);
        }),
      );
    if (this.#memoryOf !== null && this.#memoryOf !== opening) this.#forget();
    for (let i = 0; i < this.#buffers.length; i++) {
      const buffer = this.#buffers[i];
      if (buffer.check !== null && !pressed) return buffer.check;
      if (buffer.check !== null) this.#failWith(buffer);
      if (restored(this.#host, buffer, opening) && buffer.check !== null && !pressed) return buffer.check;
      expectPresent(buffer, opening);
    }
    const checking = this.#memoryOf === null ? this.#take(opening, pressed) : null;
    return checking ?? (pressed ? null : opening.pace.wait());
  }

  /** Goes on with the program in smaller shaders; false if there is none. Nothing has been submitted, or has memory, yet. */
  #becomeSmaller(): boolean {
    const program = this.#program;
    const { smaller } = program;
    if (smaller === null) return false;
    const { buffers, arenaBytes, slots } = smaller.form;
    const own = this.#buffers.slice(0, buffers);
    if (arenaBytes > 0) {
      const arena = new WebgpuBuffer(program.owner, arenaBytes);
      arena.freedAfter = this.#ticket.seq;
      own.push(arena);
    }
    this.#buffers = own;
    this.#args = { buffers: own, slots: slots(this.#args.slots) };
    this.#program = smaller.program;
    return true;
  }

  /** Fails, though it may be under way, if the device turns out not to have had the memory of a buffer. */
  #failWith(buffer: WebgpuBuffer): void {
    void buffer.check?.then(() => {
      if (buffer.fault !== null) this.#host.timeline.fail(this.#ticket, buffer.fault);
    });
  }

  /** Lets go of memory that nothing has been written to. */
  #forget(): void {
    for (const buffer of this.#taken) {
      buffer.memory = null;
      buffer.pins--;
    }
    this.#taken = [];
    this.#temporary = [];
    this.#memoryOf = null;
    this.#next = 0;
  }

  /** Takes memory for outputs and temporaries. What has to be waited for, or null. */
  #take(opening: Opening, pressed: boolean): Promise<void> | null {
    const { pool, device } = opening;
    const program = this.#program;
    const created: PooledBuffer[] = [];
    let fresh = 0;
    const get = (bytes: number): PooledBuffer => {
      const found = pool.reuse(bytes);
      if (found !== null) return found;
      if (created.length === 0) device.pushErrorScope("out-of-memory");
      const made = pool.create(bytes);
      created.push(made);
      fresh += made.bytes;
      return made;
    };
    this.#memoryOf = opening;
    this.#buffers.forEach((buffer, i) => {
      if (buffer.memory !== null || i === program.arena) return;
      buffer.memory = get(buffer.bytes);
      buffer.pins++;
      this.#taken.push(buffer);
    });
    const arenaBytes = this.#buffers[program.arena]?.bytes ?? 0;
    for (let i = 0; i < program.slotSizes.length; i++) this.#temporary.push(get(program.slotBytes(i, arenaBytes)));
    if (created.length === 0) return null;
    const outcome = device.popErrorScope().then((error) => this.#created(opening, error, created, fresh));
    if (fresh >= CHECKED_BYTES && !pressed) return outcome;
    // the GPU's answer for a run comes after this one
    outcome.catch((error: unknown) => this.#host.timeline.fail(this.#ticket, asWeftError(error, "a run")));
    return null;
  }

  /** After the creation of buffers: if the device had no memory, once more without what the pool holds on to. */
  async #created(
    opening: Opening,
    error: GPUError | null,
    created: readonly PooledBuffer[],
    fresh: number,
  ): Promise<void> {
    if (error === null || this.#host.opening !== opening) return;
    if (this.#ticket.state !== "queued") throw outOfMemory(fresh, error.message);
    const failed = new Set(created);
    for (const memory of this.#temporary) if (!failed.has(memory)) opening.pool.retire(memory, 0);
    for (const { memory } of this.#taken) if (memory !== null && !failed.has(memory)) opening.pool.retire(memory, 0);
    this.#forget();
    for (const memory of created) opening.pool.destroy(memory);
    if (this.#retried) throw outOfMemory(fresh, error.message);
    this.#retried = true;
    opening.pool.trim(Infinity);
    await opening.completion();
  }

  execute(): boolean {
    const host = this.#host;
    const opening = this.#memoryOf;
    const program = this.#program;
    if (opening === null) throw new InternalError("webgpu: a run before it has memory");
    const from = this.#next;
    this.#next = program.submit(opening, this.#args.slots, this.#buffers, this.#temporary, from);
    host.submitted(this.#next - from);
    if (this.#next < program.launches.length) {
      host.timeline.begin(this.#ticket);
      return false;
    }
    host.timeline.submit(this.#ticket, opening.completion);
    this.#release(opening);
    return true;
  }

  fail(error: unknown): void {
    const reason = asWeftError(error, "a run");
    this.#host.timeline.fail(this.#ticket, reason);
    for (const buffer of this.#buffers) if (buffer.memory === null) buffer.fault ??= reason;
    this.#release(this.#host.opening);
  }

  #release(opening: Opening | null): void {
    for (const memory of this.#temporary) opening?.pool.retire(memory, this.#ticket.seq);
    for (const buffer of this.#taken) {
      buffer.pins--;
      giveBackFreed(buffer, opening);
    }
    this.#temporary = [];
    this.#taken = [];
    opening?.pool.submitted(this.#host.timeline.submitted);
  }
}

// Runs of plans over several devices. All memory is taken before anything starts. A step is handed to its device as
// soon as what it reads is there, or will be there by the device's own order; sends start as soon as what they carry is
// written. Nothing blocks. A step that fails fails what depends on it and nothing else, and whatever happens buffers go
// back after the last step that names them.
import type { Buffer, RunArgs, Ticket, Value } from "@weft/ir";
import { DeviceError, formatAval, InternalError } from "@weft/ir";
import { allocate, disposedInput } from "../execute.ts";
import { traced } from "../host-trace.ts";
import { withDerived } from "../lower/slot-sum.ts";
import { pin, Storage, unpin } from "../storage.ts";
import { handedOver } from "../tickets.ts";
import { SLICED_BYTES, uploadInSlices } from "../uploads.ts";
import type { HybridExecutable, HybridStep, SlotResult } from "./executable.ts";
import { asWeftError, isOpen, JoinedTicket, LateTicket } from "./late.ts";

/** What a run gives. */
export interface HybridResults {
  readonly outputs: readonly Value[];
  readonly cached: readonly Storage[];
  readonly ticket: Ticket | null;
}

type RunStep = Extract<HybridStep, { kind: "run" }>;
type SendStep = Extract<HybridStep, { kind: "send" }>;

/** What a step may do now. */
const READY = 0;
const WAITS = 1;

class HybridRun {
  private readonly plan: HybridExecutable;
  private readonly inputs: readonly Value[];
  private readonly slots: RunArgs["slots"];
  /** One a slot. */
  private readonly buffers: Buffer[];
  /** One a step: its arena, where it needs one. */
  private readonly arenas: (Buffer | null)[];
  private readonly tickets: readonly LateTicket[];
  private readonly users: number[];
  /** The last run of its own device that names a slot. */
  private readonly lastSeq: number[];
  private readonly storages = new Map<number, Storage>();
  private readonly begun: boolean[];
  private readonly watched = new Set<Ticket>();
  /** Inputs that are pinned no longer. */
  private readonly letGo = new Set<Storage>();
  private open: number;
  /** Whether nobody may be held up: what does not begin at once begins in somebody else's turn. */
  private awaited: boolean;
  private advancing = false;
  private again = false;

  constructor(plan: HybridExecutable, inputs: readonly Value[], slots: RunArgs["slots"], awaited: boolean) {
    this.awaited = awaited;
    this.plan = plan;
    this.inputs = inputs;
    this.slots = slots;
    this.tickets = plan.steps.map((step) => new LateTicket(waitsFor(plan, step)));
    this.users = [...plan.users];
    this.lastSeq = plan.slots.map(() => 0);
    this.begun = plan.steps.map(() => false);
    this.open = plan.steps.length;
    inputs.forEach((value, slot) => {
      const { backend } = plan.devices[plan.slots[slot].device];
      if (value.backend !== backend)
        throw new DeviceError(
          `evaluation: ${formatAval(value.aval)} lies on ${value.backend.id}, and its plan was made for one on ${backend.id}`,
        );
      if (value.released) throw disposedInput(value);
    });
    const { buffers, arenas } = this.allocate();
    this.buffers = buffers;
    this.arenas = arenas;
  }

  /** Takes memory for everything, or for nothing. */
  private allocate(): { buffers: Buffer[]; arenas: (Buffer | null)[] } {
    const { plan, inputs } = this;
    const buffers = plan.slots.map((_, slot) => inputs[slot]?.buffer);
    const arenas = plan.steps.map((): Buffer | null => null);
    const taken: { readonly device: number; readonly list: readonly Buffer[] }[] = [];
    try {
      plan.devices.forEach((device, at) => {
        const own = plan.slots
          .map((_, slot) => slot)
          .filter((slot) => slot >= plan.inputs && plan.slots[slot].device === at);
        const steps = plan.steps.map((_, i) => i).filter((i) => this.arenaBytes(i, at) > 0);
        const values = own.map((slot) => plan.slots[slot].bytes);
        const list = allocate(device, { values, temporaries: steps.map((i) => this.arenaBytes(i, at)) }, inputs);
        taken.push({ device: at, list });
        own.forEach((slot, i) => (buffers[slot] = list[i]));
        steps.forEach((step, i) => (arenas[step] = list[own.length + i]));
      });
    } catch (error) {
      for (const { device, list } of taken) for (const buffer of list) plan.devices[device].free(buffer);
      throw error;
    }
    return { buffers, arenas };
  }

  private arenaBytes(at: number, device: number): number {
    const step = this.plan.steps[at];
    return step.kind === "run" && step.device === device ? step.executable.lowered.arenaBytes : 0;
  }

  /** Starts what can start and returns the values of the results, whose tickets say when they are there. */
  start(): HybridResults {
    const { plan, inputs } = this;
    if (this.open > 0) plan.active++;
    for (const value of new Set(inputs)) if (value instanceof Storage) pin(value);
    const made = new Set<Storage>();
    const valueOf = ({ node, slot, bytes }: SlotResult): Value => {
      if (slot < plan.inputs) {
        const value = inputs[slot];
        return value instanceof Storage ? value.retain() : value;
      }
      const known = this.storages.get(slot);
      if (known !== undefined) return known.retain();
      const writer = plan.writers[slot];
      const storage = new Storage(
        plan.devices[plan.slots[slot].device],
        this.buffers[slot],
        bytes,
        node.aval,
        writer < 0 ? null : this.tickets[writer],
      );
      if (this.users[slot] > 0) pin(storage);
      this.storages.set(slot, storage);
      made.add(storage);
      return storage;
    };
    const outputs = plan.outputs.map(valueOf);
    const cached = plan.cached.map((result) => valueOf(result) as Storage);
    // inputs that no step reads, and arrays that nothing writes or reads
    this.users.forEach((n, slot) => {
      if (n === 0) this.release(slot);
    });
    this.advance();
    this.awaited = true;
    for (const storage of made) if (storage.ticket?.state === "done") storage.ticket = null;
    return {
      outputs,
      cached,
      ticket:
        this.tickets.length === 1 ? this.tickets[0] : this.tickets.length === 0 ? null : new JoinedTicket(this.tickets),
    };
  }

  /** Begins every step that can begin; called again when something that a step waits for has happened. */
  private advance(): void {
    if (this.advancing) {
      this.again = true;
      return;
    }
    this.advancing = true;
    do {
      this.again = false;
      for (let i = 0; i < this.begun.length; i++) if (!this.begun[i]) this.consider(i);
    } while (this.again);
    this.advancing = false;
  }

  private consider(at: number): void {
    const step = this.plan.steps[at];
    let state: typeof READY | typeof WAITS = READY;
    for (const slot of step.kind === "run" ? step.inputs : [step.from]) {
      const ticket = this.ticketOf(slot);
      if (ticket === null) continue;
      if (ticket.state === "failed") {
        this.begun[at] = true;
        this.fail(at, ticket.error ?? new InternalError("a run failed without an error"));
        return;
      }
      if (!this.isThere(step, slot, ticket)) state = WAITS;
    }
    if (state === WAITS) return;
    this.begun[at] = true;
    if (step.kind === "run") this.run(at, step);
    else this.send(at, step);
  }

  /** Who writes a slot, if that is not over. */
  private ticketOf(slot: number): Ticket | null {
    const writer = this.plan.writers[slot];
    const ticket = slot < this.plan.inputs ? this.inputs[slot].ticket : writer < 0 ? null : this.tickets[writer];
    return ticket === null || ticket.state === "done" ? null : ticket;
  }

  /** Whether a step may begin as far as this slot is concerned. If not, it is considered again when that changes. */
  private isThere(step: HybridStep, slot: number, ticket: Ticket): boolean {
    // a device runs in order, so what it was handed is written in time; what is sent has to be written first
    if (step.kind === "run" && !isOpen(ticket)) return true;
    if (!this.watched.has(ticket)) {
      this.watched.add(ticket);
      const look = (): void => {
        this.watched.delete(ticket);
        this.advance();
      };
      if (isOpen(ticket)) (ticket as LateTicket).whenSettled(look);
      else ticket.wait().then(look, look);
    }
    return false;
  }

  private run(at: number, step: RunStep): void {
    const { plan, buffers } = this;
    const { executable } = step;
    const { device, program } = executable;
    const own = this.tickets[at];
    const arena = this.arenas[at];
    if (program === null) {
      own.finish();
      this.end(at, 0);
      return;
    }
    const unfinished = new Set<Ticket>();
    for (const slot of step.inputs) {
      const ticket = this.ticketOf(slot);
      if (ticket !== null) unfinished.add(handedOver(ticket));
    }
    const named = [...step.inputs, ...step.outputs].map((slot) => buffers[slot]);
    if (arena !== null) named.push(arena);
    let ticket: Ticket;
    try {
      const { derived } = executable.lowered;
      const given = derived.first === this.slots.length ? this.slots : this.slots.slice(0, derived.first);
      ticket = device.backend.run(program, {
        buffers: named,
        slots: withDerived(given, derived),
        awaited: this.awaited,
      });
    } catch (error) {
      this.fail(at, asWeftError(error, plan.devices[step.device].backend.id));
      return;
    }
    device.counters.runs++;
    device.counters.steps += program.segment.steps.length;
    const done = ticket.state === "done";
    executable.lastRun = done ? null : ticket;
    this.end(at, done ? 0 : ticket.seq);
    own.handOver(device.dependents.add(ticket, unfinished));
    this.again = true;
  }

  private send(at: number, step: SendStep): void {
    const { plan, buffers } = this;
    const [source, target] = [step.from, step.to].map((slot) => plan.devices[plan.slots[slot].device]);
    const from = source.backend;
    const to = target.backend;
    const bytes = new Uint8Array(plan.slots[step.to].bytes);
    source.moved.down += bytes.length;
    target.moved.up += bytes.length;
    const arrived = (): void => {
      this.tickets[at].finish();
      this.end(at, 0);
    };
    const failed = (error: unknown): void => this.fail(at, asWeftError(error, `transfer from ${from.id} to ${to.id}`));
    if (from.canBlock && bytes.length <= SLICED_BYTES) {
      try {
        from.readSync(buffers[step.from], bytes);
        if (bytes.length > 0)
          void traced("send", () => to.upload(buffers[step.to], bytes), { device: to.id, bytes: bytes.length });
        arrived();
      } catch (error) {
        failed(error);
      }
      this.again = true;
      return;
    }
    // in slices: tens of megabytes would hold the event loop up for tenths of a second
    from
      .read(buffers[step.from], bytes)
      .then(() => uploadInSlices(to, buffers[step.to], bytes))
      .then(arrived)
      .catch(failed)
      .then(() => this.advance());
  }

  private fail(at: number, error: ReturnType<typeof asWeftError>): void {
    this.end(at, 0);
    this.tickets[at].fail(error);
    this.again = true;
  }

  /** Says that a step no longer needs its buffers, but for the run `seq` that it was handed over as. */
  private end(at: number, seq: number): void {
    const { plan } = this;
    const step = plan.steps[at];
    const named = step.kind === "run" ? [...step.inputs, ...step.outputs] : [step.from, step.to];
    for (const slot of new Set(named)) {
      if (seq > this.lastSeq[slot]) this.lastSeq[slot] = seq;
      if (--this.users[slot] === 0) this.release(slot);
    }
    const arena = this.arenas[at];
    if (arena !== null && step.kind === "run") {
      plan.devices[step.device].backend.free(arena, seq);
      this.arenas[at] = null;
    }
    if (--this.open === 0) plan.active--;
  }

  /** No further step names the slot. */
  private release(slot: number): void {
    const { plan, inputs } = this;
    const seq = this.lastSeq[slot];
    if (slot < plan.inputs) {
      const value = inputs[slot];
      // one array may be several inputs: it is pinned once, and let go with the last
      if (!(value instanceof Storage)) return;
      value.usedBy(seq);
      for (let other = 0; other < plan.inputs; other++)
        if (other !== slot && inputs[other] === value && this.users[other] > 0) return;
      if (this.letGo.has(value)) return;
      this.letGo.add(value);
      unpin(value, seq);
      return;
    }
    const storage = this.storages.get(slot);
    if (storage !== undefined) {
      if (plan.users[slot] > 0) unpin(storage, seq);
      return;
    }
    const buffer = this.buffers[slot];
    if (buffer.collected !== true) plan.devices[plan.slots[slot].device].backend.free(buffer, seq);
  }
}

function waitsFor({ devices, slots }: HybridExecutable, step: HybridStep): string {
  if (step.kind === "send") return `its transfer from ${devices[slots[step.from].device].backend.id}`;
  const others = devices.filter((_, i) => i !== step.device).map(({ backend }) => backend.id);
  return others.length === 0 ? "results of another device" : `results of ${others.join(" and ")}`;
}

/**
 * Runs a plan over several devices. Throws OutOfMemoryError, DeviceError (an input lies elsewhere) and DisposedError with
 * nothing changed; what fails later fails the values it concerns.
 */
export const runHybrid = (
  plan: HybridExecutable,
  inputs: readonly Value[],
  slots: RunArgs["slots"],
  awaited = false,
): HybridResults => new HybridRun(plan, inputs, slots, awaited).start();

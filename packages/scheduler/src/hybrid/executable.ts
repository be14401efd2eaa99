// A plan over several devices: arrays (slots), each on one device, and steps that write them: runs of compiled segments
// and sends from device to device. Made once, run many times by run.ts. Knows no costs.
import type { Node } from "@weft/ir";
import { InternalError } from "@weft/ir";
import type { Device } from "../device.ts";
import type { Executable } from "../execute.ts";
import { isInFlight } from "../execute.ts";

/** An array of a run on one device. */
export interface Slot {
  /** Number of its device. */
  readonly device: number;
  readonly bytes: number;
}

export type HybridStep =
  | {
      readonly kind: "run";
      readonly device: number;
      readonly executable: Executable;
      readonly inputs: readonly number[];
      /** One a buffer that the segment gives: results, then what may be kept. */
      readonly outputs: readonly number[];
      /** Nanoseconds it was estimated to take on each device; null where nothing was placed. */
      readonly estimate: readonly number[] | null;
      /** The nodes of the plan's graph by those of the segment's own, for whoever shows plans; null where they are the same. */
      readonly originals: ReadonlyMap<Node, Node> | null;
    }
  | { readonly kind: "send"; readonly from: number; readonly to: number };

/** A result and the slot it comes to lie in. */
export interface SlotResult {
  readonly node: Node;
  readonly slot: number;
  readonly bytes: number;
}

/** Steps over several devices. */
export class HybridExecutable {
  readonly devices: readonly Device[];
  /** The first slots are the inputs. */
  readonly inputs: number;
  readonly slots: readonly Slot[];
  /** In an order that can run. */
  readonly steps: readonly HybridStep[];
  /** The step that writes each slot; −1 for inputs and for arrays without elements. */
  readonly writers: readonly number[];
  /** How many steps name each slot. */
  readonly users: readonly number[];
  readonly outputs: readonly SlotResult[];
  readonly cached: readonly SlotResult[];
  /** Runs whose steps are not all handed over. */
  active = 0;

  constructor(
    devices: readonly Device[],
    inputs: number,
    slots: readonly Slot[],
    steps: readonly HybridStep[],
    outputs: readonly SlotResult[],
    cached: readonly SlotResult[],
  ) {
    this.devices = devices;
    this.inputs = inputs;
    this.slots = slots;
    this.steps = steps;
    this.outputs = outputs;
    this.cached = cached;
    const writers = slots.map(() => -1);
    const users = slots.map(() => 0);
    steps.forEach((step, i) => {
      const [reads, writes] = step.kind === "run" ? [step.inputs, step.outputs] : [[step.from], [step.to]];
      for (const slot of reads) {
        if (slot >= inputs && writers[slot] < 0 && slots[slot].bytes > 0)
          throw new InternalError(`plan: step ${i} reads slot ${slot} before it is written`);
      }
      for (const slot of writes) {
        if (slot < inputs || writers[slot] >= 0)
          throw new InternalError(`plan: step ${i} writes slot ${slot}, which is written already`);
        writers[slot] = i;
      }
      for (const slot of new Set([...reads, ...writes])) users[slot]++;
    });
    this.writers = writers;
    this.users = users;
  }

  /** Slots of the plan's scalars that a run is given. */
  get scalars(): number {
    return this.steps.reduce(
      (most, step) => (step.kind === "run" ? Math.max(most, step.executable.lowered.derived.first) : most),
      0,
    );
  }

  get isInFlight(): boolean {
    return this.active > 0 || this.steps.some((step) => step.kind === "run" && isInFlight(step.executable));
  }

  dispose(): void {
    for (const step of this.steps) if (step.kind === "run") step.executable.program?.dispose?.();
  }
}

const late = new WeakMap<Executable, HybridExecutable>();

/** A plan of one device in the form whose steps can wait for results that other devices have yet to send. */
export function lateFormOf(executable: Executable): HybridExecutable {
  let form = late.get(executable);
  if (form !== undefined) return form;
  const { device, inputs, wanted, lowered } = executable;
  const slots: Slot[] = Array.from({ length: inputs }, () => ({ device: 0, bytes: 0 }));
  const outputs = wanted.values.map((bytes) => slots.push({ device: 0, bytes }) - 1);
  const places: number[] = [];
  for (const { source } of lowered.outputs) places.push(source.kind === "output" ? places[source.index] : source.index);
  form = new HybridExecutable(
    [device],
    inputs,
    slots,
    [
      {
        kind: "run",
        device: 0,
        executable,
        inputs: slots.slice(0, inputs).map((_, i) => i),
        outputs,
        estimate: null,
        originals: null,
      },
    ],
    lowered.outputs.map(({ node }, i) => ({ node, slot: places[i], bytes: slots[places[i]].bytes })),
    lowered.cached.map(({ node, buffer, bytes }) => ({ node, slot: buffer, bytes })),
  );
  late.set(executable, form);
  return form;
}

/** Whether a run of the late form is waiting to be handed over. */
export const isLateInFlight = (executable: Executable): boolean => (late.get(executable)?.active ?? 0) > 0;

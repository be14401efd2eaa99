// Temporaries on WebGPU. Two windows of one GPUBuffer cannot be bound to one dispatch if one is written, so the places
// of a plan's arena become buffers of their own: each value gets a slot from its first write to its last use, and
// values that are not there at the same time share slots.
import { InternalError } from "@weft/ir";
import type { Place, Step } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";

import { axisRanges, constantDims, touchedRanges } from "./ranges.ts";

/** What a step does with one of its places. */
interface Use {
  readonly place: Place;
  readonly writes: boolean;
  /** Bytes from the place on that it may touch; null where only the end of the arena bounds them. */
  readonly bytes: number | null;
}

/** A value in the arena. */
interface Life {
  readonly offset: number;
  bytes: number | null;
  readonly first: number;
  last: number;
  /** Whether something has read it: a write after that is another value. */
  read: boolean;
  slot: number;
}

/** A slot: its bytes, or the offset from which it reaches to the end of the arena. */
export type SlotSize = { readonly bytes: number } | { readonly from: number };

/** Where the arena's values lie. */
export interface SlotPlan {
  /** Number of the arena among the run's buffers; −1 where there is none. */
  readonly arena: number;
  readonly sizes: readonly SlotSize[];
  /** The slot a step reads or writes at a place of the arena. */
  slotOf(step: number, place: Place, writes: boolean): number;
}

function usesOf(step: Step): Use[] {
  switch (step.kind) {
    case "kernel": {
      const { kernel, places } = step;
      const dims = constantDims(step.dims);
      const touched = touchedRanges(kernel, axisRanges(kernel, dims), dims);
      return kernel.buffers.map(({ storage, access }, i) => {
        const range = touched[i];
        const bytes = range === null ? null : Math.max(0, range.last + 1) * STORAGE_BYTES[storage];
        return { place: places[i], writes: access !== "read", bytes };
      });
    }
    case "gemm":
    case "transpose": {
      const elements = step.kind === "gemm" ? step.batch * step.m * step.n : step.batch * step.rows * step.cols;
      const sources = step.kind === "gemm" ? [step.lhs, step.rhs] : [step.from];
      return [
        ...sources.map(({ place }): Use => ({ place, writes: false, bytes: 0 })),
        { place: step.out, writes: true, bytes: elements * STORAGE_BYTES[step.storage] },
      ];
    }
    case "copy":
      return [
        { place: step.from, writes: false, bytes: 0 },
        { place: step.to, writes: true, bytes: step.bytes },
      ];
  }
}

/** Gives every value of the arena a slot. */
export function planSlots(steps: readonly Step[]): SlotPlan {
  const uses = steps.map(usesOf);
  const arena = uses.flat().find(({ place }) => place.offset > 0)?.place.buffer ?? -1;
  if (arena < 0) return { arena, sizes: [], slotOf: () => -1 };
  const lives: Life[] = [];
  const current = new Map<number, Life>();
  const found = new Map<string, Life>();
  uses.forEach((list, step) => {
    for (const writes of [false, true]) {
      for (const { place, bytes, writes: write } of list) {
        const { buffer, offset } = place;
        if (buffer !== arena || write !== writes) continue;
        let life = current.get(offset);
        if (life === undefined && !write)
          throw new InternalError(`webgpu: step ${step} reads temporary memory that nothing wrote`);
        if (life === undefined || (write && life.read)) {
          life = { offset, bytes: 0, first: step, last: step, read: false, slot: -1 };
          lives.push(life);
          current.set(offset, life);
        }
        life.last = step;
        if (!write) life.read = true;
        else life.bytes = bytes === null || life.bytes === null ? null : Math.max(life.bytes, bytes);
        found.set(`${step}:${offset}:${write}`, life);
      }
    }
  });
  const sizes = colour(lives);
  return {
    arena,
    sizes,
    slotOf: (step, { offset }, writes) => {
      const life = found.get(`${step}:${offset}:${writes}`);
      if (life === undefined) throw new InternalError(`webgpu: step ${step} has no temporary memory at ${offset}`);
      return life.slot;
    },
  };
}

/** Slots by a scan over the lives in order of their beginning: the free slot that fits best, or a new one. */
function colour(lives: readonly Life[]): SlotSize[] {
  const slots: { bytes: number; last: number }[] = [];
  const sizes: (SlotSize | null)[] = [];
  for (const life of lives) {
    const { bytes } = life;
    if (bytes === null) {
      life.slot = slots.length;
      slots.push({ bytes: 0, last: Infinity });
      sizes.push({ from: life.offset });
      continue;
    }
    let best = -1;
    // what is wasted by a slot that is too large, or added to one that is too small
    let cost = bytes;
    slots.forEach((slot, i) => {
      const difference = Math.abs(slot.bytes - bytes);
      if (slot.last < life.first && difference < cost) [best, cost] = [i, difference];
    });
    if (best < 0) {
      best = slots.length;
      slots.push({ bytes, last: life.last });
      sizes.push(null);
    } else {
      slots[best].bytes = Math.max(slots[best].bytes, bytes);
      slots[best].last = life.last;
    }
    life.slot = best;
  }
  return sizes.map((size, i) => size ?? { bytes: slots[i].bytes });
}

// A bench for single kernels: one memory, the modules compiled ahead of time, and a runner of template plans that can
// share the items of a step out in any pieces and order. For tests and for bench-gemm.ts, not for the library.
import { builtinModules } from "../src/builtin-modules.ts";
import type { TemplatePlan } from "../src/templates/template.ts";

type Build = "base" | "relaxed";
type Kernel = (args: number, begin: number, end: number, scratch: number) => void;
/** Pieces of [0, items) in the order to run them. */
export type Share = (items: number, grain: number) => readonly (readonly [number, number])[];

const ARGS = 1024;
const ARGS_RING = 2048;
const SCRATCH = 65536;
const SCRATCH_BYTES = 1 << 20;

/** In order, `grain` items at a time: what one thread does. */
export const inOrder: Share = (items, grain) =>
  Array.from({ length: Math.ceil(items / grain) }, (_, i) => [i * grain, Math.min(items, (i + 1) * grain)]);

export class KernelBed {
  readonly memory: WebAssembly.Memory;
  readonly kernels: ReadonlyMap<string, Kernel>;
  #top = SCRATCH + SCRATCH_BYTES + 64;
  #arguments = ARGS_RING;

  constructor(build: Build, pages: number) {
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
    const kernels = new Map<string, Kernel>();
    for (const bytes of builtinModules(build)) {
      const module = new WebAssembly.Module(bytes());
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value === "function") kernels.set(name, value as Kernel);
      }
    }
    this.kernels = kernels;
  }

  /** The address of fresh memory, 64-byte aligned plus `skew`. */
  place(bytes: number, skew = 0): number {
    const address = Math.ceil(this.#top / 64) * 64 + skew;
    this.#top = address + bytes;
    if (this.#top > this.memory.buffer.byteLength) throw new RangeError("kernel bed: out of memory");
    return address;
  }

  /** Forgets everything placed so far. */
  clear(): void {
    this.#top = SCRATCH + SCRATCH_BYTES + 64;
  }

  /** Places the plan's arguments; the functions returned run its pieces, and all of them in order run the plan. */
  pieces<P>(plan: TemplatePlan<P>, pointers: P, share: Share = inOrder): (() => void)[] {
    const args = this.#arguments;
    // A ring of some hundred blocks: the oldest plan's is written over.
    this.#arguments = args + 512 <= SCRATCH ? args + 256 : ARGS_RING;
    plan.writeArgs(new Int32Array(this.memory.buffer), args / 4, pointers);
    return plan.steps.flatMap((step) => {
      const kernel = this.#kernel(step.fn);
      return share(step.items, step.grain).map(
        ([begin, end]) =>
          () =>
            kernel(args, begin, end, SCRATCH),
      );
    });
  }

  run<P>(plan: TemplatePlan<P>, pointers: P, share: Share = inOrder): void {
    for (const piece of this.pieces(plan, pointers, share)) piece();
  }

  /** Calls one kernel with literal argument words. */
  call(fn: string, words: readonly number[], begin: number, end: number): void {
    new Int32Array(this.memory.buffer).set(words, ARGS / 4);
    this.#kernel(fn)(ARGS, begin, end, SCRATCH);
  }

  #kernel(fn: string): Kernel {
    const kernel = this.kernels.get(fn);
    if (kernel === undefined) throw new Error(`kernel bed: no kernel ${fn}`);
    return kernel;
  }
}

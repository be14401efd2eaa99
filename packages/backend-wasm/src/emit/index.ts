/**
 * The kernel emitter: Kernel → WebAssembly module bytes, by copying stencils. A module imports env.memory and exports
 * `k(args, begin, end, scratch)`, which computes the points [begin, end) of the row-major linear index over the grid.
 * It decides nothing about memory, threads or chunks.
 */
import type { Kernel } from "@weft/ir";
import { RefusedError } from "@weft/ir";
import { KERNEL_BYTES, KERNEL_LOCALS } from "../limits.ts";
import type { Stencil } from "../stencils.ts";
import { Emitter, PARAMETERS } from "./emitter.ts";
import { emitGrid } from "./loops.ts";
import { moduleOf } from "./module.ts";
import { planKernel } from "./plan.ts";
import { Writer } from "./writer.ts";

export type { KernelArgs } from "./layout.ts";
export { kernelArgs } from "./layout.ts";

export interface EmitOptions {
  /** The table of the build (`loadStencils`). */
  readonly stencils: ReadonlyMap<string, Stencil>;
  /** Whether the memory it will import is shared (then of at most 65536 pages). */
  readonly shared: boolean;
  /** Vectors a step, instead of the emitter's choice. */
  readonly unroll?: number;
}

/**
 * The module of a kernel. Results do not depend on how a grid is cut into ranges. Whole vectors are read: the memory
 * must go on for 32 bytes beyond the last buffer. Throws InternalError where a stencil is missing, RefusedError where the
 * code becomes too long.
 * @example new WebAssembly.Module(emitKernel(kernel, { stencils: loadStencils("base"), shared: false }))
 */
export function emitKernel(kernel: Kernel, options: EmitOptions): Uint8Array {
  const plan = planKernel(kernel, options.stencils, options.unroll);
  const emitter = new Emitter(plan, options.stencils);
  emitGrid(emitter);
  const { prelude, scope } = emitter;
  const length = prelude.code.length + scope.code.length;
  const locals = emitter.locals.types.length;
  if (length > KERNEL_BYTES || locals > KERNEL_LOCALS)
    throw new RefusedError(
      `wasm: a kernel of ${kernel.nodes.length} scalars takes ${length} bytes and ${locals} locals`,
    );
  const code = new Writer(length);
  code.append(prelude.code);
  code.append(scope.code);
  return moduleOf(PARAMETERS, emitter.locals.types, code, options.shared);
}

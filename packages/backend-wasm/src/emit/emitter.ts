// The state of one emission: the stack of scopes, the current phase and vector step, hoisted constants and arguments,
// and the copying of stencils. Everything that writes code takes an Emitter as its first parameter.
import type { Dim, Kernel } from "@weft/ir";
import { InternalError } from "@weft/ir";
import type { Stencil } from "../stencils.ts";
import { dimKey } from "./affine.ts";
import type { KernelArgs } from "./layout.ts";
import { kernelArgs } from "./layout.ts";
import { I32, OP, SIMD, V128 } from "./opcodes.ts";
import { indexBytes, patchesOf } from "./patches.ts";
import type { PhasePlan, Plan } from "./plan.ts";
import type { Copies } from "./scope.ts";
import { Locals, Scope } from "./scope.ts";
import type { Writer } from "./writer.ts";

/** Parameters of the emitted function. */
export const PARAMETER = { args: 0, begin: 1, end: 2, scratch: 3 } as const;
export const PARAMETERS = 4;

/** The vector loop code is being written for. */
export interface Step {
  /** Depth of its scope. */
  readonly depth: number;
  readonly copies: number;
  /** Whether fewer than four elements may be left; then there is one copy. */
  readonly masked: boolean;
  /** Local: index along the vector axis of the first copy's first element. */
  readonly position: number;
  /** Local: end of the range along the vector axis. */
  readonly limit: number;
}

const STENCIL_ZERO = new Uint8Array(16);

const constantKeys = new WeakMap<Uint8Array, string>();

/** The name of a constant among the memos: constants of different owners may have equal bytes. */
function constantKey(bytes: Uint8Array): string {
  let key = constantKeys.get(bytes);
  if (key === undefined) constantKeys.set(bytes, (key = `constant${bytes.join()}`));
  return key;
}

export class Emitter {
  readonly kernel: Kernel;
  readonly plan: Plan;
  readonly layout: KernelArgs;
  readonly stencils: ReadonlyMap<string, Stencil>;
  readonly locals = new Locals(PARAMETERS);
  /** Runs first and has no branches: constants and arguments may be asked for from anywhere, even inside an if. */
  readonly prelude: Scope;
  readonly scopes: Scope[] = [];
  phase: PhasePlan;
  step: Step | null = null;
  /** Local of each axis's index. */
  readonly axisLocal: number[] = [];
  /** By phase, fold and part, the results in the scope of the grid point. */
  results: (readonly (readonly Copies[])[])[] = [];
  private readonly constants = new Map<Uint8Array, number>();
  private readonly stencilConstants = new Map<Stencil, readonly number[]>();
  private readonly pointers: (number | undefined)[] = [];
  private readonly dimLocals: (number | undefined)[] = [];

  constructor(plan: Plan, stencils: ReadonlyMap<string, Stencil>) {
    this.plan = plan;
    this.kernel = plan.kernel;
    this.layout = kernelArgs(plan.kernel);
    this.stencils = stencils;
    this.phase = plan.phases[0];
    this.prelude = new Scope(null, this.locals);
    this.scopes.push(new Scope(this.prelude, this.locals));
  }

  /** The innermost open scope. */
  get scope(): Scope {
    return this.scopes[this.scopes.length - 1];
  }

  openScope(): Scope {
    const scope = new Scope(this.scope, this.locals);
    this.scopes.push(scope);
    return scope;
  }

  /** Closes the innermost scope; its code is for the caller to place. */
  closeScope(): Scope {
    const scope = this.scope;
    this.scopes.pop();
    scope.close();
    return scope;
  }

  /** The scope of the vector step, or of the grid point where nothing varies. */
  get stepScope(): Scope {
    if (this.step === null) throw new InternalError("emitKernel: no vector step is open");
    return this.scopes[this.step.depth];
  }

  get currentStep(): Step {
    if (this.step === null) throw new InternalError("emitKernel: no vector step is open");
    return this.step;
  }

  /** A local of `scope` that `write` computes on first use. */
  memo(scope: Scope, key: string, type: number, write: (code: Writer) => void): number {
    let local = scope.memo.get(key);
    if (local === undefined) {
      write(scope.code);
      local = scope.alloc(type);
      scope.code.set(local);
      scope.memo.set(key, local);
    }
    return local;
  }

  /** A local of the prelude. */
  private hoist(type: number, write: (code: Writer) => void): number {
    const local = this.prelude.alloc(type);
    write(this.prelude.code);
    this.prelude.code.set(local);
    return local;
  }

  /** A dim in a local, read once a call. */
  dimLocal(dim: Dim): number {
    if ("lit" in dim) return this.memo(this.prelude, `dim${dimKey(dim)}`, I32, (code) => this.readDim(code, dim));
    return (this.dimLocals[dim.dim] ??= this.hoist(I32, (code) => this.readDim(code, dim)));
  }

  /** Pushes a dim that is kept in a local. */
  pushDim(code: Writer, dim: Dim): void {
    if ("lit" in dim) code.i32(dim.lit);
    else code.get(this.dimLocal(dim));
  }

  /** Pushes a dim, reading it from the arguments. */
  readDim(code: Writer, dim: Dim): void {
    if ("lit" in dim) code.i32(dim.lit);
    else {
      code.get(PARAMETER.args);
      code.load(OP.i32Load, this.layout.dim(dim.dim));
    }
  }

  pointer(buffer: number): number {
    return (this.pointers[buffer] ??= this.hoist(I32, (code) => {
      code.get(PARAMETER.args);
      code.load(OP.i32Load, this.layout.pointer(buffer));
    }));
  }

  /** A v128 constant in a local of the call. */
  constant(bytes: Uint8Array): number {
    let local = this.constants.get(bytes);
    if (local === undefined) {
      local = this.memo(this.prelude, constantKey(bytes), V128, (code) => code.vector(bytes));
      this.constants.set(bytes, local);
    }
    return local;
  }

  /** The locals of a stencil's constants. */
  private constantsOf(stencil: Stencil): readonly number[] {
    let locals = this.stencilConstants.get(stencil);
    if (locals === undefined) {
      locals = stencil.constants.map((bytes) => this.constant(bytes));
      this.stencilConstants.set(stencil, locals);
    }
    return locals;
  }

  splatI32(value: number): number {
    return this.memo(this.prelude, `splat${value}`, V128, (code) => {
      code.i32(value);
      code.simd(SIMD.i32x4Splat);
    });
  }

  stencil(name: string): Stencil {
    const stencil = this.stencils.get(name);
    if (stencil === undefined) throw new InternalError(`emitKernel: there is no stencil ${name}`);
    return stencil;
  }

  /** Copies a stencil into `scope`; its result is left on the stack. */
  copyStencil(scope: Scope, stencil: Stencil, args: readonly number[]): void {
    const { code } = scope;
    const locals = args.slice();
    for (const parameter of stencil.written) {
      const copy = scope.alloc(V128);
      code.get(args[parameter]);
      code.set(copy);
      locals[parameter] = copy;
    }
    for (let i = 0; i < stencil.locals.length; i++) locals.push(scope.alloc(stencil.locals[i]));
    const own = locals.length;
    for (const position of stencil.zeroed) {
      if (stencil.locals[position] === I32) code.i32(0);
      else code.vector(STENCIL_ZERO);
      code.set(locals[stencil.params + position]);
    }
    const constants = this.constantsOf(stencil);
    for (let i = 0; i < constants.length; i++) locals.push(constants[i]);
    // Locals are numbered as they are made: nothing in use has a longer number than the last.
    const width = indexBytes(this.locals.types.length + PARAMETERS);
    code.patched(patchesOf(stencil, width), locals, width);
    for (const parameter of stencil.written) scope.release(locals[parameter]);
    for (let i = stencil.params; i < own; i++) scope.release(locals[i]);
  }

  /** A stencil's result in a new local of `scope`. */
  applyStencil(scope: Scope, stencil: Stencil, args: readonly number[]): number {
    this.copyStencil(scope, stencil, args);
    const local = scope.alloc(V128);
    scope.code.set(local);
    return local;
  }
}

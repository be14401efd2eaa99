// Compiled code of a device on the calling thread: kernels by structural key, functions of the modules compiled ahead
// of time by name. Each lies in shared memory with a record, so that other lanes install it when they first meet it.
// Kernels no program uses are kept up to a limit, then forgotten; their table indices are used again.
import { InternalError, RefusedError } from "@weft/ir";
import type { Kernel } from "@weft/ir";

import { CODE_BYTES, CODE_LENGTH, CODE_MODULE, CODE_NAME, CODE_NAME_LENGTH } from "./control.ts";
import type { KernelArgs } from "./emit/layout.ts";
import type { Heap } from "./heap.ts";
import { IDLE_KERNELS } from "./limits.ts";
import type { FunctionTable, KernelFunction } from "./modules.ts";

/** Where machine code comes from. */
export interface Codegen {
  /** A module whose export `k` works through the points [begin, end) of the kernel's grid. */
  emitKernel(kernel: Kernel): Uint8Array;
  kernelArgs(kernel: Kernel): KernelArgs;
  /** Modules with functions called by name. */
  readonly modules: readonly (() => Uint8Array)[];
}

/** A function and where other lanes find it. */
export interface Code {
  readonly key: string | null;
  readonly index: number;
  readonly version: number;
  /** Byte address of the code record. */
  readonly record: number;
  /** The function as installed on the calling thread. */
  readonly run: KernelFunction;
}

interface KernelEntry extends Code {
  readonly key: string;
  readonly recordBytes: number;
  readonly start: number;
  readonly length: number;
  /** Programs that use it. */
  uses: number;
}

interface Placed {
  readonly id: number;
  readonly start: number;
  readonly length: number;
  readonly names: ReadonlySet<string>;
}

/** Compiled code by key and by name. */
export class CodeStore {
  readonly codegen: Codegen;
  kernelsCompiled = 0;
  compileMs = 0;
  /** Bytes of code now kept. */
  codeBytes = 0;
  readonly #heap: Heap;
  readonly #table: FunctionTable;
  readonly #now: () => number;
  readonly #kernels = new Map<string, KernelEntry>();
  /** Kernels no program uses, longest unused first. */
  readonly #idle = new Map<string, KernelEntry>();
  readonly #builtins = new Map<string, Code>();
  readonly #placed: Placed[] = [];
  readonly #freeIndices: number[] = [];
  #indices = 0;
  #versions = 0;

  constructor(codegen: Codegen, heap: Heap, table: FunctionTable, now: () => number) {
    this.codegen = codegen;
    this.#heap = heap;
    this.#table = table;
    this.#now = now;
  }

  /** The code of a kernel, one use more. */
  kernel(key: string, kernel: Kernel): Code {
    let entry = this.#kernels.get(key);
    if (entry === undefined) {
      entry = this.#compile(key, kernel);
      this.#kernels.set(key, entry);
    }
    if (entry.uses === 0) this.#idle.delete(key);
    entry.uses++;
    return entry;
  }

  /** One use less; `seq` is the last run that may still touch the code. */
  release(code: Code, seq: number): void {
    if (code.key === null) return;
    const entry = this.#kernels.get(code.key);
    if (entry === undefined || --entry.uses > 0) return;
    this.#idle.set(entry.key, entry);
    for (const [key, oldest] of this.#idle) {
      if (this.#idle.size <= IDLE_KERNELS) break;
      this.#idle.delete(key);
      this.#kernels.delete(key);
      this.codeBytes -= oldest.length;
      this.#heap.rest(oldest.start, oldest.length, seq);
      this.#heap.rest(oldest.record, oldest.recordBytes, seq);
      this.#freeIndices.push(oldest.index);
    }
  }

  /** A function of the modules compiled ahead of time. */
  builtin(exported: string): Code {
    const known = this.#builtins.get(exported);
    if (known !== undefined) return known;
    const { modules } = this.codegen;
    let module = this.#placed.find(({ names }) => names.has(exported));
    // One module after the other, and only as far as needed: large ones take a millisecond.
    while (module === undefined && this.#placed.length < modules.length) {
      const placed = this.#placeModule(this.#placed.length + 1, modules[this.#placed.length]());
      this.#placed.push(placed);
      if (placed.names.has(exported)) module = placed;
    }
    if (module === undefined) throw new InternalError(`wasm: no module compiled ahead of time exports ${exported}`);
    const { record } = this.#writeRecord(module.id, module.start, module.length, exported);
    const code = this.#install(null, record);
    this.#builtins.set(exported, code);
    return code;
  }

  #compile(key: string, kernel: Kernel): KernelEntry {
    const began = this.#now();
    const bytes = this.codegen.emitKernel(kernel);
    const start = this.#heap.takeOwn(bytes.length);
    this.#heap.views.octets.set(bytes, start);
    const { record, recordBytes } = this.#writeRecord(0, start, bytes.length, "k");
    const code = this.#installKernel(key, record, () => {
      this.#heap.rest(start, bytes.length, 0);
      this.#heap.rest(record, recordBytes, 0);
    });
    this.kernelsCompiled++;
    this.codeBytes += bytes.length;
    this.compileMs += this.#now() - began;
    return { ...code, key, recordBytes, start, length: bytes.length, uses: 0 };
  }

  /** Installs a kernel; what the host does not compile is refused, after `undo`. */
  #installKernel(key: string, record: number, undo: () => void): Code {
    try {
      return this.#install(key, record);
    } catch (error) {
      undo();
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      throw new RefusedError(`wasm: a kernel does not compile: ${error.message}`, { cause: error });
    }
  }

  #install(key: string | null, record: number): Code {
    const index = this.#freeIndices.pop() ?? this.#indices++;
    // Never 0, which fresh frames hold.
    const version = (this.#versions = (this.#versions % 0x7fffffff) + 1);
    return { key, index, version, record, run: this.#table.install(index, version, record) };
  }

  #placeModule(id: number, bytes: Uint8Array): Placed {
    const start = this.#heap.takeOwn(bytes.length);
    this.#heap.views.octets.set(bytes, start);
    this.codeBytes += bytes.length;
    return { id, start, length: bytes.length, names: new Set(this.#table.exportsOf(id, start, bytes.length)) };
  }

  #writeRecord(
    module: number,
    start: number,
    length: number,
    exported: string,
  ): { record: number; recordBytes: number } {
    const recordBytes = (CODE_NAME + exported.length) * 4;
    const record = this.#heap.takeOwn(recordBytes);
    const words = this.#heap.views.words;
    const at = record >>> 2;
    words[at + CODE_MODULE] = module;
    words[at + CODE_BYTES] = start;
    words[at + CODE_LENGTH] = length;
    words[at + CODE_NAME_LENGTH] = exported.length;
    for (let i = 0; i < exported.length; i++) words[at + CODE_NAME + i] = exported.charCodeAt(i);
    return { record, recordBytes };
  }
}

// Loading of code: the only place that makes WebAssembly modules and instances, and the table each thread keeps of
// the functions it has installed. A thread installs a function when it first meets it, from bytes in shared memory:
// a blocked thread receives no messages.
import {
  CODE_BYTES,
  CODE_LENGTH,
  CODE_MODULE,
  CODE_NAME,
  CODE_NAME_LENGTH,
  STEP_CODE,
  STEP_FUNCTION,
  STEP_VERSION,
} from "./control.ts";
import type { Views } from "./memory.ts";

/** The form of every piece of compiled code: works through the items [begin, end) of its step. */
export type KernelFunction = (args: number, begin: number, end: number, scratch: number) => void;

/** Compiles and instantiates bytes on a memory; returns the exports. */
export function loadModule(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
}

/**
 * The same module for unshared memory: compiled code accepts either, only the flags of the import say which. The bytes
 * are changed in place. For modules that import nothing but their memory.
 */
export function forUnsharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let at = 8;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const skip = (length: number): void => void (at += length);
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = unsigned();
    if (section !== IMPORT_SECTION) {
      skip(length);
      continue;
    }
    unsigned();
    skip(unsigned());
    skip(unsigned());
    if (bytes[at++] !== MEMORY_IMPORT || bytes[at] !== SHARED_LIMITS) break;
    bytes[at] = BOUNDED_LIMITS;
    return bytes;
  }
  throw new Error("this module's only import is no shared memory");
}

const IMPORT_SECTION = 2;
const MEMORY_IMPORT = 2;
/** Limits with a maximum, of shared and of unshared memory. */
const SHARED_LIMITS = 3;
const BOUNDED_LIMITS = 1;

/** The functions one thread has installed, by table index. */
export class FunctionTable {
  readonly #views: Views;
  readonly #functions: KernelFunction[] = [];
  readonly #versions: number[] = [];
  /** Exports of modules with several functions, which stay for good. */
  readonly #modules = new Map<number, WebAssembly.Exports>();

  constructor(views: Views) {
    this.#views = views;
  }

  /** Functions this thread has installed. */
  get size(): number {
    return this.#functions.length;
  }

  /** The function of a step; installs it if this thread has not met it. May throw what WebAssembly throws. */
  at(record: number): KernelFunction {
    const words = this.#views.words;
    const index = words[record + STEP_FUNCTION];
    const version = words[record + STEP_VERSION];
    if (this.#versions[index] === version) return this.#functions[index];
    return this.install(index, version, words[record + STEP_CODE] >>> 0);
  }

  /** Installs the function a code record describes. */
  install(index: number, version: number, code: number): KernelFunction {
    this.#views.cover(code + CODE_NAME * 4);
    const words = this.#views.words;
    const record = code >>> 2;
    const module = words[record + CODE_MODULE];
    const start = words[record + CODE_BYTES] >>> 0;
    const length = words[record + CODE_LENGTH];
    let exported = "";
    for (let i = 0; i < words[record + CODE_NAME_LENGTH]; i++)
      exported += String.fromCharCode(words[record + CODE_NAME + i]);
    const exports = this.#exports(module, start, length);
    const found = exports[exported];
    if (typeof found !== "function") throw new Error(`the module exports no function ${exported}`);
    const installed = found as KernelFunction;
    this.#functions[index] = installed;
    this.#versions[index] = version;
    return installed;
  }

  /** Names of the functions a module exports. */
  exportsOf(module: number, start: number, length: number): string[] {
    const exports = this.#exports(module, start, length);
    return Object.keys(exports).filter((name) => typeof exports[name] === "function");
  }

  #exports(module: number, start: number, length: number): WebAssembly.Exports {
    const known = this.#modules.get(module);
    if (known !== undefined) return known;
    this.#views.cover(start + length);
    // A copy: modules cannot be made from shared bytes.
    const bytes = new Uint8Array(length);
    bytes.set(this.#views.octets.subarray(start, start + length));
    const exports = loadModule(bytes, this.#views.memory);
    // Module 0 is a kernel of its own, found through its index only.
    if (module !== 0) this.#modules.set(module, exports);
    return exports;
  }
}

/**
 * Test support: wraps stencils in small modules, either by copying their rows as the emitter does (arguments
 * mapped onto locals, written parameters copied, locals zeroed) or by calling the compiled functions, and
 * runs them over arrays. An assembler of a few instructions, independent of the emitter.
 */
import type { Stencil } from "../../src/stencils.ts";

/** Runs a stencil over vectors: every input has the same length in bytes, a multiple of 16. */
export interface StencilRunner {
  run(name: string, inputs: readonly Uint8Array[]): Uint8Array;
  /** As `run` with one input for all parameters, held in one and the same local. */
  runShared(name: string, input: Uint8Array): Uint8Array;
}

const I32 = 0x7f;
const V128 = 0x7b;
const PAGES = 64;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];
const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];

const ZERO: Readonly<Record<number, readonly number[]>> = {
  0x7f: [0x41, 0],
  0x7e: [0x42, 0],
  0x7d: [0x43, 0, 0, 0, 0],
  0x7c: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  0x7b: [0xfd, 12, ...new Array<number>(16).fill(0)],
};

/** The stencil's code with its references resolved; `locals` are numbered from `first` on. */
function copied(stencil: Stencil, args: readonly number[], first: number): { code: number[]; locals: number[] } {
  const locals = [...stencil.locals];
  const code: number[] = [];
  const mapped = [...args];
  for (const param of stencil.written) {
    mapped[param] = first + locals.push(V128) - 1;
    code.push(...get(args[param]), ...set(mapped[param]));
  }
  for (const position of stencil.zeroed) code.push(...ZERO[stencil.locals[position]], ...set(first + position));
  for (const part of stencil.code) {
    code.push(...part.bytes);
    const local = part.index < stencil.params ? mapped[part.index] : first + part.index - stencil.params;
    if (part.kind <= 2) code.push(0x20 + part.kind, ...unsigned(local));
    else if (part.kind === 3) code.push(0xfd, 12, ...stencil.constants[part.index]);
  }
  return { code, locals };
}

// kernel(in0, in1, in2, out, end): runs until out = end, all pointers 16 bytes a step.
function kernelModule(stencil: Stencil, direct: boolean, shared: boolean): Uint8Array {
  const args = [0, 1, 2].slice(0, stencil.params).map((param) => 5 + param);
  const operands = shared ? args.map(() => 5) : args;
  const first = 5 + args.length;
  const body = direct ? { code: [...operands.flatMap(get), 0x10, 0], locals: [] } : copied(stencil, operands, first);
  const load = args.flatMap((local, param) => [...get(param), 0xfd, 0, 0, 0, ...set(local)]);
  const advance = [0, 1, 2, 3].flatMap((pointer) => [...get(pointer), 0x41, 16, 0x6a, ...set(pointer)]);
  const step = [...load, ...get(3), ...body.code, 0xfd, 11, 0, 0, ...advance];
  const code = [0x03, 0x40, ...step, ...get(3), ...get(4), 0x49, 0x0d, 0, 0x0b];
  const declared = vector([...args.map(() => V128), ...body.locals].map((type) => [1, type]));
  const functionBody = [...declared, ...code, 0x0b];
  const kernelType = [0x60, 5, I32, I32, I32, I32, I32, 0];
  const stencilType = [0x60, stencil.params, ...args.map(() => V128), 1, V128];
  const memoryImport = [...text("env"), ...text("memory"), 2, 0, PAGES];
  const stencilImport = [...text("env"), ...text("stencil"), 0, 1];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([
    ...header,
    ...section(1, vector([kernelType, stencilType])),
    ...section(2, vector(direct ? [memoryImport, stencilImport] : [memoryImport])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...text("kernel"), 0, direct ? 1 : 0]])),
    ...section(10, vector([[...unsigned(functionBody.length), ...functionBody]])),
  ]);
}

type Kernel = (in0: number, in1: number, in2: number, out: number, end: number) => void;

/**
 * A runner of one table. With `compiled`, the module the table was extracted from, functions are called
 * instead of copied.
 */
export function createRunner(stencils: ReadonlyMap<string, Stencil>, compiled?: Uint8Array): StencilRunner {
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const exported =
    compiled === undefined ? undefined : new WebAssembly.Instance(new WebAssembly.Module(compiled.slice())).exports;
  const kernels = new Map<string, Kernel>();
  const kernelOf = (name: string, shared: boolean): Kernel => {
    const key = `${name} ${shared}`;
    const known = kernels.get(key);
    if (known !== undefined) return known;
    const stencil = stencils.get(name);
    if (stencil === undefined) throw new Error(`no stencil ${name}`);
    const bytes = kernelModule(stencil, exported !== undefined, shared);
    const env: Record<string, WebAssembly.ImportValue> = { memory };
    if (exported !== undefined) env["stencil"] = exported[name];
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes.slice()), { env });
    const kernel = instance.exports["kernel"] as Kernel;
    kernels.set(key, kernel);
    return kernel;
  };
  const run = (name: string, inputs: readonly Uint8Array[], shared: boolean): Uint8Array => {
    const length = inputs[0].length;
    if (length % 16 !== 0 || length * 4 > PAGES * 65536) throw new Error(`bad length ${length}`);
    const bytes = new Uint8Array(memory.buffer);
    inputs.forEach((input, i) => bytes.set(input, i * length));
    kernelOf(name, shared)(0, length, 2 * length, 3 * length, 4 * length);
    return bytes.slice(3 * length, 4 * length);
  };
  return {
    run: (name, inputs) => run(name, inputs, false),
    runShared: (name, input) => run(name, [input], true),
  };
}

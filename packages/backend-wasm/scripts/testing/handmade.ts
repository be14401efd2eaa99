// Kernels written byte by byte, for tests of the runtime that must not depend on the emitter: loops over the items
// with one body each. Arguments lie as src/emit/layout.ts says. Used by tests only.
import type { Kernel, Lane } from "@weft/ir";

import type { Compiler } from "../../src/backend.ts";
import { createCompiler } from "../../src/compiler.ts";
import { forUnsharedMemory } from "../../src/modules.ts";
import type { Build } from "../../src/stencils.ts";

const ARGS = 0;
const END = 2;
const SCRATCH = 3;
/** The loop's counter. */
const ITEM = 4;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const load = (offset: number): number[] => [0x28, 2, ...unsigned(offset)];
const ADD = 0x6a;
const MUL = 0x6c;
const EQ = 0x46;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>>= 7;
    if (value === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

const text = (value: string): number[] => [value.length, ...[...value].map((unit) => unit.charCodeAt(0))];

/** A module whose `k` runs `prologue` once and `body` for every item. */
function moduleOf(prologue: number[], body: number[]): Uint8Array {
  const loop = [
    ...get(1),
    ...set(ITEM),
    0x02,
    0x40,
    0x03,
    0x40,
    ...get(ITEM),
    ...get(END),
    0x4e,
    0x0d,
    1,
    ...body,
    ...get(ITEM),
    ...constant(1),
    ADD,
    ...set(ITEM),
    0x0c,
    0,
    0x0b,
    0x0b,
  ];
  const code = [1, 1, 0x7f, ...prologue, ...loop, 0x0b];
  return new Uint8Array([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 2, 3, 1, ...unsigned(65536)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("k"), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

/** The address of item `ITEM` of the buffer whose pointer is argument word `word`. */
const element = (word: number): number[] => [...get(ARGS), ...load(4 * word), ...get(ITEM), ...constant(4), MUL, ADD];

const F32_LOAD = [0x2a, 2, 0];
const F32_STORE = [0x38, 2, 0];

interface Handmade {
  readonly kernel: Kernel;
  readonly key: string;
}

const codes = new Map<Kernel, Uint8Array>();

type Access = Kernel["buffers"][number]["access"];

function handmade(
  key: string,
  buffers: readonly Access[],
  dims: number,
  params: readonly Lane[],
  bytes: Uint8Array,
): Handmade {
  const kernel: Kernel = {
    buffers: buffers.map((access) => ({ storage: "f32", access })),
    dims,
    params,
    axes: [],
    grid: [],
    nodes: [],
    phases: [],
  };
  codes.set(kernel, bytes);
  return { kernel, key };
}

/** to[i] = from[i] · p0 + d0, of float32. Buffers: from, to. */
export const scale = handmade(
  "scale",
  ["read", "write"],
  1,
  ["f32"],
  moduleOf(
    [],
    [
      ...element(1),
      ...element(0),
      ...F32_LOAD,
      ...get(ARGS),
      0x2a,
      2,
      16,
      0x94,
      ...get(ARGS),
      ...load(8),
      0xb2,
      0x92,
      ...F32_STORE,
    ],
  ),
);

/** to[i] = from[i] · p0 + d0 as well, under a key of its own. */
export const scaleVariant = (variant: number): Handmade =>
  handmade(`scale ${variant}`, ["read", "write"], 1, ["f32"], codes.get(scale.kernel) ?? new Uint8Array());

/** to[i] = from[n − 1 − i], with n = d0: reads what other chunks of the step before wrote. */
export const reverse = handmade(
  "reverse",
  ["read", "write"],
  1,
  [],
  moduleOf(
    [],
    [
      ...element(1),
      ...get(ARGS),
      ...load(0),
      ...get(ARGS),
      ...load(8),
      ...constant(1),
      0x6b,
      ...get(ITEM),
      0x6b,
      ...constant(4),
      MUL,
      ADD,
      ...F32_LOAD,
      ...F32_STORE,
    ],
  ),
);

/** Traps at item d0; else to[i] = 1. Buffers: to, and one unused. */
export const trap = handmade(
  "trap",
  ["write", "read"],
  1,
  [],
  moduleOf(
    [],
    [
      ...get(ITEM),
      ...get(ARGS),
      ...load(8),
      EQ,
      0x04,
      0x40,
      0x00,
      0x0b,
      ...element(0),
      0x43,
      0,
      0,
      0x80,
      0x3f,
      ...F32_STORE,
    ],
  ),
);

const holdCode = moduleOf(
  [
    ...get(SCRATCH),
    ...get(ARGS),
    ...load(8),
    0x47,
    0x04,
    0x40,
    ...get(ARGS),
    ...load(0),
    ...constant(1),
    0xfe,
    0x17,
    2,
    0,
    0x03,
    0x40,
    ...get(ARGS),
    ...load(0),
    0xfe,
    0x10,
    2,
    4,
    0x45,
    0x0d,
    0,
    0x0b,
    0x0b,
  ],
  [],
);

/**
 * On every lane but the one with scratch d0: sets word 0 of `gate` and waits until its word 1 is set. Buffers: gate,
 * and one unused.
 */
export const hold = handmade("hold", ["read", "read"], 1, [], holdCode);

/** The same, said to change what it reads. */
export const holdInPlace = handmade("hold in place", ["readwrite", "read"], 1, [], holdCode);

/** Writes its parameters to words of `to`: mask, i32, u32, f32, then f64. Buffers: to. */
export const spell = handmade(
  "spell",
  ["write"],
  0,
  ["mask", "i32", "u32", "f32", "f64"],
  moduleOf(
    [],
    [0, 1, 2, 3, 4, 5].flatMap((word) => [
      ...get(ARGS),
      ...load(0),
      ...get(ARGS),
      ...load(word < 5 ? 8 + 8 * word : 8 + 8 * 4 + 4),
      0x36,
      2,
      4 * word,
    ]),
  ),
);

/** A compiler whose kernels are those above; its templates are the real ones. */
export function handmadeCompiler(build: Build, shared: boolean): Compiler {
  const compiler = createCompiler(build, shared);
  const emitKernel = (kernel: Kernel): Uint8Array => {
    const bytes = codes.get(kernel);
    if (bytes === undefined) throw new Error("no handmade kernel");
    return shared ? bytes : forUnsharedMemory(new Uint8Array(bytes));
  };
  return { ...compiler, codegen: { ...compiler.codegen, emitKernel } };
}

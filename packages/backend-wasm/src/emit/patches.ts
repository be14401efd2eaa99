// Stencils as they are copied: the bytes of one with every reference written out and room for the index behind it, and
// where those indices go. So a copy is one block of bytes and a number a reference. Knows no scopes and no locals.
import type { Stencil } from "../stencils.ts";
import { CONSTANT, END } from "../stencils.ts";
import { OP } from "./opcodes.ts";

/** A stencil ready to be copied. */
export interface Patches {
  readonly bytes: Uint8Array;
  /** Where an index goes, ascending. */
  readonly at: readonly number[];
  /** Which one: a local of the stencil, or the number of its locals and a constant. */
  readonly of: readonly number[];
}

/** By bytes an index takes, less one. */
const known = new WeakMap<Stencil, (Patches | undefined)[]>();

function build(stencil: Stencil, width: number): Patches {
  const bytes: number[] = [];
  const at: number[] = [];
  const of: number[] = [];
  const locals = stencil.params + stencil.locals.length;
  for (const part of stencil.code) {
    for (const byte of part.bytes) bytes.push(byte);
    if (part.kind === END) break;
    bytes.push(part.kind === CONSTANT ? OP.localGet : OP.localGet + part.kind);
    at.push(bytes.length);
    of.push(part.kind === CONSTANT ? locals + part.index : part.index);
    for (let i = 0; i < width; i++) bytes.push(0);
  }
  return { bytes: Uint8Array.from(bytes), at, of };
}

/** The patches of a stencil for indices of `width` bytes. */
export function patchesOf(stencil: Stencil, width: number): Patches {
  let forms = known.get(stencil);
  if (forms === undefined) known.set(stencil, (forms = []));
  return (forms[width - 1] ??= build(stencil, width));
}

/** How many bytes of LEB128 hold `index`. */
export const indexBytes = (index: number): number => (index < 1 << 7 ? 1 : index < 1 << 14 ? 2 : 3);

/**
 * The table of stencils: short pieces of compiled code, one per scalar function and lane, that the kernel
 * emitter copies into the kernels it writes. Decodes what is asked for of the generated tables, once; knows the aliases
 * of functions whose bits do not depend on the lane. Emits nothing itself.
 */
import { table as baseTable } from "./generated/stencils-base.ts";
import { table as relaxedTable } from "./generated/stencils-relaxed.ts";
import { unpack } from "./packed.ts";

/** What follows the bytes of a part: a reference to a local, to a constant, or nothing. */
export type ReferenceKind = 0 | 1 | 2 | 3 | 4;

/** `local.get` of {@link CodePart.index}: opcode 0x20. */
export const LOCAL_GET: ReferenceKind = 0;
/** `local.set`: opcode 0x21. */
export const LOCAL_SET: ReferenceKind = 1;
/** `local.tee`: opcode 0x22. */
export const LOCAL_TEE: ReferenceKind = 2;
/** The v128 constant number {@link CodePart.index} of the stencil. */
export const CONSTANT: ReferenceKind = 3;
/** The end of the code: nothing follows. */
export const END: ReferenceKind = 4;

/** Bytes to copy, then a reference to write. */
export interface CodePart {
  readonly bytes: Uint8Array;
  readonly kind: ReferenceKind;
  /** A local (parameters first, then {@link Stencil.locals}) or a constant. */
  readonly index: number;
}

/** One function in one lane. Its code leaves one v128 on the stack. */
export interface Stencil {
  /** How many parameters, all v128. */
  readonly params: number;
  /** WebAssembly value types of the further locals, in order; local i has index `params + i`. */
  readonly locals: readonly number[];
  /** Parameters the code assigns: pass a copy for these. */
  readonly written: readonly number[];
  /** Positions in `locals` that must hold zero on entry. */
  readonly zeroed: readonly number[];
  /** v128 constants, 16 bytes each. */
  readonly constants: readonly Uint8Array[];
  /** The code; only the last part has the kind `END`. */
  readonly code: readonly CodePart[];
  /** Instructions on the common path, without locals, constants and the contents of if and loop. */
  readonly weight: number;
}

/** A row as it is generated: packed bytes, constants as indices into the table's pool. */
export interface StencilRow {
  readonly params: number;
  readonly locals: readonly number[];
  readonly written: readonly number[];
  readonly zeroed: readonly number[];
  readonly constants: readonly number[];
  /** Triples: number of bytes, kind, index. */
  readonly parts: readonly number[];
  readonly bytes: string;
  readonly weight: number;
}

/** The generated form of a table; that of the relaxed build holds what differs from the base build. */
export interface StencilTable {
  /** Packed; shorter ones repeat. */
  readonly constants: readonly string[];
  readonly stencils: Readonly<Record<string, StencilRow>>;
}

/** Which instructions a table may use. */
export type Build = "base" | "relaxed";

function aliasesOf(names: readonly string[], from: string, lanes: readonly string[]): [string, string][] {
  return names.flatMap((name) => lanes.map((lane): [string, string] => [`${name}_${lane}`, `${name}_${from}`]));
}

/** Names that share another's code: alias to the stencil that exists. */
export const STENCIL_ALIASES: ReadonlyMap<string, string> = new Map([
  ...aliasesOf(["add", "sub", "mul", "muladd", "neg"], "i32", ["u32"]),
  ...aliasesOf(["shiftLeft", "shiftRightLogical", "shiftRightArithmetic"], "i32", ["u32"]),
  ...aliasesOf(["not", "and", "or", "xor", "eq", "ne"], "i32", ["u32", "mask"]),
  ...aliasesOf(["select"], "i32", ["u32", "mask", "f32"]),
  ...aliasesOf(["toMask"], "i32", ["u32"]),
  // Truth is all ones, the largest unsigned number.
  ...aliasesOf(["lt", "le", "gt", "ge", "max", "min"], "u32", ["mask"]),
  ["toU32_mask", "toI32_mask"],
  ["promoteLow_f32", "toF64Low_f32"],
  ["promoteHigh_f32", "toF64High_f32"],
  ["demote_f64", "toF32_f64"],
]);

/** A row of the table. Its code is decoded when it is first asked for: most programs use a few rows of hundreds. */
class LazyStencil implements Stencil {
  readonly params: number;
  readonly locals: readonly number[];
  readonly written: readonly number[];
  readonly zeroed: readonly number[];
  readonly weight: number;
  readonly #row: StencilRow;
  readonly #constantAt: (index: number) => Uint8Array;
  #constants: readonly Uint8Array[] | null = null;
  #code: readonly CodePart[] | null = null;

  constructor(row: StencilRow, constantAt: (index: number) => Uint8Array) {
    this.params = row.params;
    this.locals = row.locals;
    this.written = row.written;
    this.zeroed = row.zeroed;
    this.weight = row.weight;
    this.#row = row;
    this.#constantAt = constantAt;
  }

  get constants(): readonly Uint8Array[] {
    return (this.#constants ??= this.#row.constants.map(this.#constantAt));
  }

  get code(): readonly CodePart[] {
    return (this.#code ??= decodeParts(this.#row));
  }
}

function decodeParts({ bytes: text, parts }: StencilRow): CodePart[] {
  const bytes = unpack(text);
  const code: CodePart[] = [];
  let position = 0;
  for (let i = 0; i < parts.length; i += 3) {
    const end = position + parts[i];
    code.push({ bytes: bytes.subarray(position, end), kind: parts[i + 1] as ReferenceKind, index: parts[i + 2] });
    position = end;
  }
  return code;
}

/** A constant of 16 bytes from the period it repeats. */
function repeated(period: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => period[at % period.length]);
}

/** The whole table of a build. */
function tableOf(build: Build): StencilTable {
  if (build === "base") return baseTable;
  return {
    constants: [...baseTable.constants, ...relaxedTable.constants],
    stencils: { ...baseTable.stencils, ...relaxedTable.stencils },
  };
}

function openTable({ constants, stencils: rows }: StencilTable): ReadonlyMap<string, Stencil> {
  // One array a constant, so that whoever copies it knows it again.
  const pool: (Uint8Array | undefined)[] = [];
  const constantAt = (index: number): Uint8Array => (pool[index] ??= repeated(unpack(constants[index])));
  const stencils = new Map<string, Stencil>();
  for (const name of Object.keys(rows)) stencils.set(name, new LazyStencil(rows[name], constantAt));
  for (const [alias, name] of STENCIL_ALIASES) {
    const stencil = stencils.get(name);
    if (stencil !== undefined) stencils.set(alias, stencil);
  }
  return stencils;
}

const loaded = new Map<Build, ReadonlyMap<string, Stencil>>();

/**
 * The stencils of a build, keyed `${function}_${lane}`, aliases included. Opened at the first call.
 * @example loadStencils("base").get("exp_f32")?.params // 1
 */
export function loadStencils(build: Build): ReadonlyMap<string, Stencil> {
  let stencils = loaded.get(build);
  if (stencils === undefined) {
    stencils = openTable(tableOf(build));
    loaded.set(build, stencils);
  }
  return stencils;
}

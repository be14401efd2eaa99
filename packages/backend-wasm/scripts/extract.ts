/**
 * Turns a compiled stencil module into rows of the stencil table: for every exported function its local
 * types, written parameters, locals that need zeroing, v128 constants, and the code between references.
 * Refuses whatever could not be copied into another function: calls, globals, memory, tables, returns,
 * imports, data, and results other than one v128.
 */

/** What the bytes of a part are followed by: `local.get`, `local.set`, `local.tee`, a v128 constant, nothing. */
export type ReferenceKind = 0 | 1 | 2 | 3 | 4;

/** One function of the module, ready to be written to a generated file. */
export interface ExtractedStencil {
  readonly name: string;
  readonly params: number;
  readonly locals: readonly number[];
  readonly written: readonly number[];
  readonly zeroed: readonly number[];
  readonly constants: readonly Uint8Array[];
  /** The bytes of all parts, one after the other. */
  readonly bytes: Uint8Array;
  /** Triples: length of the part's bytes, kind of the reference that follows, its index. */
  readonly parts: readonly number[];
  readonly weight: number;
}

/** Thrown when a module holds something that cannot become a stencil. */
export class ExtractError extends Error {
  override readonly name = "ExtractError";
}

const V128 = 0x7b;

class Reader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  byte(): number {
    return this.bytes[this.position++];
  }

  unsigned(): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      result |= (byte & 127) << shift;
      if ((byte & 128) === 0) return result >>> 0;
    }
  }

  skipInteger(): void {
    while ((this.byte() & 128) !== 0);
  }

  text(): string {
    const length = this.unsigned();
    const start = this.position;
    this.position += length;
    return new TextDecoder().decode(this.bytes.subarray(start, this.position));
  }
}

interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Lists the sections of a module: identifier, start and end of the contents. */
export function sections(bytes: Uint8Array): { id: number; start: number; end: number }[] {
  const reader = new Reader(bytes, 8);
  const found: { id: number; start: number; end: number }[] = [];
  while (reader.position < bytes.length) {
    const id = reader.byte();
    const size = reader.unsigned();
    found.push({ id, start: reader.position, end: reader.position + size });
    reader.position += size;
  }
  return found;
}

/** Lists what a module imports, as `module.name`. */
export function importNames(bytes: Uint8Array): string[] {
  return WebAssembly.Module.imports(new WebAssembly.Module(bytes.slice())).map((row) => `${row.module}.${row.name}`);
}

/**
 * Extracts every exported function of a module.
 * @throws ExtractError naming the function and the byte offset of what is refused.
 */
export function extract(bytes: Uint8Array): ExtractedStencil[] {
  const types: Signature[] = [];
  const functions: number[] = [];
  const bodies: { start: number; end: number }[] = [];
  const names: { name: string; index: number }[] = [];
  for (const section of sections(bytes)) {
    const reader = new Reader(bytes, section.start);
    if (section.id === 2 && reader.unsigned() > 0) throw new ExtractError("a stencil module may not import");
    if (section.id === 11) throw new ExtractError("a stencil module may not have data");
    if (section.id === 1) {
      for (let count = reader.unsigned(); count > 0; count--) {
        reader.byte();
        const params = Array.from({ length: reader.unsigned() }, () => reader.byte());
        const results = Array.from({ length: reader.unsigned() }, () => reader.byte());
        types.push({ params, results });
      }
    } else if (section.id === 3) {
      for (let count = reader.unsigned(); count > 0; count--) functions.push(reader.unsigned());
    } else if (section.id === 7) {
      for (let count = reader.unsigned(); count > 0; count--) {
        const name = reader.text();
        const kind = reader.byte();
        const index = reader.unsigned();
        if (kind === 0) names.push({ name, index });
      }
    } else if (section.id === 10) {
      for (let count = reader.unsigned(); count > 0; count--) {
        const size = reader.unsigned();
        bodies.push({ start: reader.position, end: reader.position + size });
        reader.position += size;
      }
    }
  }
  return names.map(({ name, index }) => extractFunction(bytes, name, types[functions[index]], bodies[index]));
}

function extractFunction(
  bytes: Uint8Array,
  name: string,
  signature: Signature,
  body: { start: number; end: number },
): ExtractedStencil {
  const reader = new Reader(bytes, body.start);
  const refuse = (what: string): never => {
    throw new ExtractError(`${name}: ${what} at byte ${reader.position} cannot be copied into a kernel`);
  };
  if (signature.results.length !== 1 || signature.results[0] !== V128) refuse("a result other than one v128");
  if (signature.params.some((type) => type !== V128)) refuse("a parameter other than v128");
  const params = signature.params.length;
  const locals: number[] = [];
  for (let runs = reader.unsigned(); runs > 0; runs--) {
    let count = reader.unsigned();
    for (const type = reader.byte(); count > 0; count--) locals.push(type);
  }

  const end = body.end - 1;
  const written = new Set<number>();
  const zeroed = new Set<number>();
  const constants: Uint8Array[] = [];
  const constantIndex = new Map<string, number>();
  const parts: number[] = [];
  const chunks: number[] = [];
  // Locals surely assigned at this point. What a nested block assigns is forgotten at its end, which errs
  // on the side of zeroing.
  let assigned = new Set<number>();
  const scopes: { kind: "block" | "loop" | "if"; assigned: Set<number> }[] = [];
  let rareDepth = 0;
  let weight = 0;
  let start = reader.position;

  const cut = (at: number, kind: ReferenceKind, index: number): void => {
    for (let i = start; i < at; i++) chunks.push(bytes[i]);
    parts.push(at - start, kind, index);
    start = reader.position;
  };
  const enter = (kind: "block" | "loop" | "if"): void => {
    const type = reader.byte();
    if (type !== 0x40 && (type < 0x7b || type > 0x7f)) refuse("a block of several values");
    scopes.push({ kind, assigned: new Set(assigned) });
    if (kind !== "block") rareDepth++;
  };
  const label = (): void => {
    if (reader.unsigned() >= scopes.length) refuse("a branch out of the function");
  };

  while (reader.position < end) {
    const at = reader.position;
    const opcode = reader.byte();
    if (rareDepth === 0) weight++;
    if (opcode >= 0x20 && opcode <= 0x22) {
      const index = reader.unsigned();
      if (opcode === 0x20) {
        if (index >= params && !assigned.has(index)) zeroed.add(index - params);
      } else if (index < params) written.add(index);
      else assigned.add(index);
      if (rareDepth === 0) weight--; // locals are registers: they cost nothing
      cut(at, (opcode - 0x20) as ReferenceKind, index);
    } else if (opcode === 0x02) enter("block");
    else if (opcode === 0x03) enter("loop");
    else if (opcode === 0x04) enter("if");
    else if (opcode === 0x05) assigned = new Set(scopes[scopes.length - 1].assigned);
    else if (opcode === 0x0b) {
      const scope = scopes.pop();
      if (scope === undefined) throw new ExtractError(`${name}: an end without a block`);
      if (scope.kind !== "block") rareDepth--;
      assigned = scope.assigned;
    } else if (opcode === 0x0c || opcode === 0x0d) label();
    else if (opcode === 0x0e) for (let count = reader.unsigned(); count >= 0; count--) label();
    else if (opcode === 0x01 || opcode === 0x1a || opcode === 0x1b) continue;
    else if (opcode === 0x1c) for (let count = reader.unsigned(); count > 0; count--) reader.byte();
    else if (opcode === 0x41 || opcode === 0x42) reader.skipInteger();
    else if (opcode === 0x43) reader.position += 4;
    else if (opcode === 0x44) reader.position += 8;
    else if (opcode >= 0x45 && opcode <= 0xc4) continue;
    else if (opcode === 0xfc) {
      if (reader.unsigned() > 7) refuse("a bulk operation");
    } else if (opcode === 0xfd) {
      const operation = reader.unsigned();
      if (operation <= 11 || (operation >= 84 && operation <= 93)) refuse("a memory access");
      else if (operation === 12) {
        if (rareDepth === 0) weight--; // hoisted out of the loop by the emitter
        const constant = bytes.slice(reader.position, reader.position + 16);
        reader.position += 16;
        const key = constant.join();
        const index = constantIndex.get(key) ?? constants.push(constant) - 1;
        constantIndex.set(key, index);
        cut(at, 3, index);
      } else if (operation === 13) reader.position += 16;
      else if (operation >= 21 && operation <= 34) reader.position += 1;
    } else refuse(`opcode 0x${opcode.toString(16)}`);
  }
  cut(end, 4, 0);
  return {
    name,
    params,
    locals,
    written: [...written].sort((a, b) => a - b),
    zeroed: [...zeroed].sort((a, b) => a - b),
    constants,
    bytes: Uint8Array.from(chunks),
    parts,
    weight,
  };
}

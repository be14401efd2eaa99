// A growable buffer of WebAssembly code with the encodings the emitter needs (LEB128, locals, memory operands).
// It knows bytes only: no types, no scopes, no validation.
import { OP, SIMD } from "./opcodes.ts";
import type { Patches } from "./patches.ts";

const PREFIX = 0xfd;

export class Writer {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 512) {
    this.bytes = new Uint8Array(capacity);
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  unsigned(value: number): void {
    if (value >= 0 && value < 128) {
      this.byte(value);
      return;
    }
    this.reserve(5);
    let rest = value >>> 0;
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  signed(value: number): void {
    this.reserve(5);
    let rest = value | 0;
    for (;;) {
      const low = rest & 127;
      rest >>= 7;
      if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
        this.bytes[this.length++] = low;
        return;
      }
      this.bytes[this.length++] = low | 128;
    }
  }

  raw(bytes: Uint8Array): void {
    const count = bytes.length;
    this.reserve(count);
    // A loop beats `set` for the few bytes between two references of a stencil.
    if (count < 32) for (let i = 0; i < count; i++) this.bytes[this.length + i] = bytes[i];
    else this.bytes.set(bytes, this.length);
    this.length += count;
  }

  /** A block of bytes with an index of `width` bytes at each of its places. */
  patched({ bytes: block, at, of }: Patches, indices: readonly number[], width: number): void {
    this.reserve(block.length);
    const { bytes, length } = this;
    bytes.set(block, length);
    this.length = length + block.length;
    const count = at.length;
    if (width === 1) {
      for (let i = 0; i < count; i++) bytes[length + at[i]] = indices[of[i]];
      return;
    }
    for (let i = 0; i < count; i++) {
      let rest = indices[of[i]];
      let place = length + at[i];
      for (let more = width - 1; more > 0; more--) {
        bytes[place++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      bytes[place] = rest;
    }
  }

  append(other: Writer): void {
    this.raw(other.done());
  }

  text(ascii: string): void {
    this.unsigned(ascii.length);
    for (let i = 0; i < ascii.length; i++) this.byte(ascii.charCodeAt(i));
  }

  private local(operation: number, local: number): void {
    if (local > 127) {
      this.byte(operation);
      this.unsigned(local);
      return;
    }
    this.reserve(2);
    this.bytes[this.length++] = operation;
    this.bytes[this.length++] = local;
  }

  get(local: number): void {
    this.local(OP.localGet, local);
  }

  set(local: number): void {
    this.local(OP.localSet, local);
  }

  tee(local: number): void {
    this.local(OP.localTee, local);
  }

  i32(value: number): void {
    this.byte(OP.i32Const);
    this.signed(value);
  }

  simd(operation: number): void {
    this.byte(PREFIX);
    this.unsigned(operation);
  }

  /** A vector instruction with a lane: extract_lane, replace_lane. */
  lane(operation: number, lane: number): void {
    this.simd(operation);
    this.byte(lane);
  }

  /** A vector load or store; the alignment hint is always 1. */
  memory(operation: number, offset: number): void {
    this.simd(operation);
    this.byte(0);
    this.unsigned(offset);
  }

  memoryLane(operation: number, offset: number, lane: number): void {
    this.memory(operation, offset);
    this.byte(lane);
  }

  /** A load of a scalar. */
  load(operation: number, offset: number): void {
    this.byte(operation);
    this.byte(0);
    this.unsigned(offset);
  }

  vector(bytes: Uint8Array): void {
    this.simd(SIMD.const);
    this.raw(bytes);
  }

  shuffle(lanes: readonly number[]): void {
    this.simd(SIMD.shuffle);
    for (const lane of lanes) this.byte(lane);
  }

  /** Opens a block, loop or if without a result. */
  open(operation: number): void {
    this.byte(operation);
    this.byte(0x40);
  }

  else(): void {
    this.byte(OP.else);
  }

  end(): void {
    this.byte(OP.end);
  }

  branchIf(depth: number): void {
    this.byte(OP.brIf);
    this.unsigned(depth);
  }

  /** The bytes so far; a view that is valid until the next write. */
  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

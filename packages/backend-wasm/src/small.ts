// Small arrays. Their bytes lie in the host's heap, where its collector finds them without a finalizer, and come into
// the device's memory for a run only: into the stage of the frame that runs. Owns both and the copies between them. A run
// that is under way keeps its results on its stage, where later runs read them, until it has ended.
import { InternalError } from "@weft/ir";
import type { Buffer } from "@weft/ir";

import type { Heap } from "./heap.ts";
import { SMALL_BYTES } from "./limits.ts";

/** What lies on a stage begins at a multiple of this, and vector loads may read past its end. */
const ALIGNMENT = 64;
const SLACK = 16;

/** An array of at most SMALL_BYTES. */
export class SmallBuffer implements Buffer {
  readonly collected = true;
  readonly bytes: number;
  readonly heap: Heap;
  /** Its contents, four bytes a number; null before a run or an upload has given it any. */
  words: readonly number[] | null = null;
  /** Where the run that writes it is under way: there, at `address`, is where its contents will be. */
  stage: Stage | null = null;
  address = 0;

  constructor(heap: Heap, bytes: number) {
    this.heap = heap;
    this.bytes = bytes;
  }
}

const scratchWords = new Int32Array(SMALL_BYTES / 4);
const scratchOctets = new Uint8Array(scratchWords.buffer);

/** Gives a small array its contents, from byte `at` on. */
export function fillSmall(buffer: SmallBuffer, bytes: Uint8Array, at: number): void {
  if (at > 0) copySmall(buffer, scratchOctets.subarray(0, at));
  scratchOctets.set(bytes, at);
  buffer.words = wordsAt(scratchWords, 0, buffer.bytes);
}

/** Copies its first bytes. Those of an array that was never given any are 0. */
export function copySmall({ words }: SmallBuffer, into: Uint8Array): void {
  const { length } = into;
  if (words === null) {
    into.fill(0);
    return;
  }
  for (let i = 0, end = (length + 3) >>> 2; i < end; i++) scratchWords[i] = words[i];
  // a view costs more than a few bytes do
  if (length <= 64) for (let i = 0; i < length; i++) into[i] = scratchOctets[i];
  else into.set(scratchOctets.subarray(0, length));
}

function wordsAt(words: Int32Array, at: number, bytes: number): number[] {
  if (bytes <= 4) return [words[at]];
  const count = (bytes + 3) >>> 2;
  const found = new Array<number>(count);
  for (let i = 0; i < count; i++) found[i] = words[at + i];
  return found;
}

/** The places of the small arrays of one frame. */
export class Stage {
  readonly #heap: Heap;
  /** By buffer of the segment: the address of its place and how many bytes it has; 0 where none was needed yet. */
  readonly #places: number[];
  readonly #rooms: number[];
  readonly #blocks: { readonly pointer: number; readonly bytes: number }[] = [];
  /** The last run, of any program, that may read what lies here. */
  lastReader = 0;
  /** What the run under way writes here, until it has ended. */
  #expected: SmallBuffer[] = [];

  constructor(heap: Heap, buffers: readonly Buffer[]) {
    this.#heap = heap;
    this.#places = buffers.map(() => 0);
    this.#rooms = buffers.map((buffer) => (buffer instanceof SmallBuffer ? roomOf(buffer.bytes) : 0));
    const bytes = this.#rooms.reduce((sum, room) => sum + room, 0);
    if (bytes === 0) return;
    let at = this.#take(bytes);
    this.#rooms.forEach((room, i) => {
      if (room === 0) return;
      this.#places[i] = at;
      at += room;
    });
  }

  /** The address of buffer `index` for the run that will be number `seq`, with the contents there. */
  place(index: number, buffer: SmallBuffer, seq: number): number {
    if (buffer.heap !== this.#heap) throw new InternalError(`wasm: buffer ${index} of a run is of another device`);
    if (buffer.stage !== null) {
      if (buffer.stage.lastReader < seq) buffer.stage.lastReader = seq;
      return buffer.address;
    }
    if (buffer.bytes + SLACK > this.#rooms[index]) {
      this.#rooms[index] = roomOf(buffer.bytes);
      this.#places[index] = this.#take(this.#rooms[index]);
    }
    const address = this.#places[index];
    const { words } = buffer;
    if (words !== null) {
      const to = this.#heap.views.words;
      const first = address >>> 2;
      for (let i = 0; i < words.length; i++) to[first + i] = words[i];
    }
    return address;
  }

  /** Takes what a run that has ended wrote: `written` are the numbers of buffers. */
  land(buffers: readonly Buffer[], written: readonly number[]): void {
    const { words } = this.#heap.views;
    for (let i = 0; i < written.length; i++) {
      const buffer = buffers[written[i]];
      if (buffer instanceof SmallBuffer) buffer.words = wordsAt(words, this.#places[written[i]] >>> 2, buffer.bytes);
    }
  }

  /** The same for a run that is about to be under way: whoever reads the arrays meanwhile reads them here. */
  expect(buffers: readonly Buffer[], written: readonly number[]): void {
    this.#expected = [];
    for (const index of written) {
      const buffer = buffers[index];
      if (!(buffer instanceof SmallBuffer)) continue;
      buffer.stage = this;
      buffer.address = this.#places[index];
      this.#expected.push(buffer);
    }
  }

  /** The run under way has ended. */
  landExpected(): void {
    const { words } = this.#heap.views;
    for (const buffer of this.#expected) {
      buffer.words = wordsAt(words, buffer.address >>> 2, buffer.bytes);
      buffer.stage = null;
    }
    this.#expected = [];
  }

  /** Gives its memory back once no lane can be inside a program up to `seq`. */
  dispose(seq: number): void {
    for (const { pointer, bytes } of this.#blocks) this.#heap.rest(pointer, bytes, Math.max(seq, this.lastReader));
    this.#blocks.length = 0;
  }

  #take(bytes: number): number {
    const pointer = this.#heap.takeOwn(bytes);
    this.#blocks.push({ pointer, bytes });
    return pointer;
  }
}

const roomOf = (bytes: number): number => Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Allocator } from "./allocator.ts";

const START = 8192;
const MIB = 1 << 20;

interface Block {
  readonly pointer: number;
  readonly bytes: number;
  /** The program after which the calling thread may write it. */
  readonly ripe: number;
}

/** The model: which program last touches each 64 bytes, and who owns them. */
class Model {
  readonly owner = new Map<number, Block>();
  readonly touched = new Map<number, number>();

  cells(block: { pointer: number; bytes: number }): number[] {
    const cells: number[] = [];
    for (let at = block.pointer; at < block.pointer + block.bytes + 12; at += 64) cells.push(at / 64);
    return cells;
  }
  take(block: Block): void {
    for (const cell of this.cells(block)) {
      if (this.owner.has(cell)) throw new Error(`${block.pointer} overlaps ${this.owner.get(cell)?.pointer}`);
      this.owner.set(cell, block);
    }
  }
  lastTouch(block: { pointer: number; bytes: number }): number {
    return Math.max(0, ...this.cells(block).map((cell) => this.touched.get(cell) ?? 0));
  }
  give(block: Block, after: number): void {
    for (const cell of this.cells(block)) {
      this.owner.delete(cell);
      this.touched.set(cell, Math.max(after, this.touched.get(cell) ?? 0));
    }
  }
}

const bytesOf = fc.oneof(
  fc.integer({ min: 0, max: 2000 }),
  fc.integer({ min: 2000, max: 33000 }),
  fc.integer({ min: 33000, max: 300000 }),
);
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("take" as const), bytes: bytesOf, ripe: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("give" as const), which: fc.nat(), after: fc.nat({ max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("run" as const), settle: fc.nat({ max: 3 }) }) },
);

describe("allocator", () => {
  test("agrees with the model for random sequences", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        let end = MIB;
        const allocator = new Allocator(START, end);
        const initial = allocator.freeBytes;
        let grown = 0;
        const model = new Model();
        const blocks: Block[] = [];
        let head = 0;
        let done = 0;
        for (const step of actions) {
          if (step.kind === "run") {
            head += 2;
            done = Math.min(head, done + step.settle);
            allocator.settle(done);
          } else if (step.kind === "give") {
            if (blocks.length === 0) continue;
            const [block] = blocks.splice(step.which % blocks.length, 1);
            const after = Math.max(block.ripe, head - step.after);
            allocator.give(block.pointer, block.bytes, after);
            model.give(block, after);
          } else {
            let pointer = step.ripe ? allocator.takeRipe(step.bytes) : allocator.take(step.bytes);
            if (pointer === 0) {
              const more = Allocator.runBytes(step.bytes);
              allocator.extend(end + more);
              end += more;
              grown += more;
              pointer = step.ripe ? allocator.takeRipe(step.bytes) : allocator.take(step.bytes);
            }
            expect(pointer % 64).toBe(0);
            expect(pointer).toBeGreaterThanOrEqual(START);
            expect(pointer + step.bytes + 12).toBeLessThanOrEqual(end);
            const place = { pointer, bytes: step.bytes };
            const ripe = allocator.ripeAfter(pointer, step.bytes);
            const touch = model.lastTouch(place);
            // What the model knows to be in use must be said; a little more may be.
            if (touch > done) expect(ripe).toBeGreaterThanOrEqual(touch);
            if (step.ripe) expect(ripe).toBe(0);
            const block = { ...place, ripe };
            model.take(block);
            blocks.push(block);
          }
        }
        for (const block of blocks.splice(0)) allocator.give(block.pointer, block.bytes, head);
        allocator.settle(head);
        // Everything coalesces: what remains in slabs is at most one slab a class.
        expect(allocator.freeBytes).toBeLessThanOrEqual(initial + grown);
        expect(allocator.freeBytes).toBeGreaterThan(initial + grown - 56 * 2048);
      }),
      { numRuns: 150 },
    );
  });

  test("runs coalesce, so that sizes that change do not march through memory", () => {
    const allocator = new Allocator(START, 8 * MIB);
    let highest = 0;
    for (let turn = 0; turn < 200; turn++) {
      const bytes = 100_000 + turn * 10_000;
      const first = allocator.take(bytes);
      const second = allocator.take(bytes);
      highest = Math.max(highest, second + bytes);
      allocator.give(first, bytes, 0);
      allocator.give(second, bytes, 0);
    }
    expect(highest).toBeLessThan(5 * MIB);
    expect(allocator.take(8 * MIB - START - 8192)).toBe(START);
  });

  test("best fit at the lowest address leaves the untouched end alone", () => {
    const allocator = new Allocator(START, 8 * MIB);
    const blocks = [400_000, 40_000, 200_000, 40_000].map((bytes) => ({ bytes, pointer: allocator.take(bytes) }));
    allocator.give(blocks[0].pointer, blocks[0].bytes, 0);
    allocator.give(blocks[2].pointer, blocks[2].bytes, 0);
    expect(allocator.take(150_000)).toBe(blocks[2].pointer);
    expect(allocator.take(150_000)).toBe(blocks[0].pointer);
  });

  test("a later program may have unripe memory, the calling thread may not", () => {
    const allocator = new Allocator(START, MIB);
    const pointer = allocator.take(100_000);
    allocator.give(pointer, 100_000, 7);
    const mine = allocator.takeRipe(100_000);
    expect(mine).not.toBe(pointer);
    const theirs = allocator.take(100_000);
    expect(theirs).toBe(pointer);
    expect(allocator.ripeAfter(theirs, 100_000)).toBe(7);
    expect(allocator.ripeAfter(mine, 100_000)).toBe(0);
    allocator.settle(7);
    expect(allocator.ripeAfter(theirs, 100_000)).toBe(0);
  });

  test("classes are at most an eighth apart and hold what they promise", () => {
    const wrong: number[] = [];
    for (let bytes = 0; bytes <= 33_000; bytes++) {
      const footprint = Allocator.footprint(bytes);
      const tight = bytes <= 1000 || bytes + 16 > 32768 || footprint < (bytes + 16) * 1.126;
      if (footprint % 64 !== 0 || footprint < bytes + 16 || !tight) wrong.push(bytes);
    }
    expect(wrong).toEqual([]);
  });

  test("knows what was never handed out", () => {
    const allocator = new Allocator(START, MIB);
    expect(allocator.usedBefore).toBe(0);
    const first = allocator.take(100_000);
    allocator.give(first, 100_000, 3);
    expect(allocator.usedBefore).toBe(Allocator.footprint(100_000));
    const ripe = allocator.takeRipe(50_000);
    expect(ripe).toBe(first + Allocator.footprint(100_000));
    expect(allocator.usedBefore).toBe(Allocator.footprint(100_000));
    allocator.give(ripe, 50_000, 3);
    expect(allocator.usedBefore).toBe(Allocator.footprint(100_000) + Allocator.footprint(50_000));
    allocator.extend(2 * MIB);
    expect(allocator.usedBefore).toBe(Allocator.footprint(100_000) + Allocator.footprint(50_000));
  });

  test("refuses a block that it does not know", () => {
    const allocator = new Allocator(START, MIB);
    expect(() => allocator.give(START, 100, 0)).toThrow(RangeError);
  });
});

/**
 * The extractor: what it reads from a function, what it refuses. Modules are written byte by byte.
 */
import { describe, expect, test } from "vitest";

import { ExtractError, extract } from "../scripts/extract.ts";

const V128 = 0x7b;
const I32 = 0x7f;

const vector = (items: readonly (readonly number[])[]): number[] => [items.length, ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, body.length, ...body];

interface Source {
  readonly params?: readonly number[];
  readonly result?: number;
  readonly locals?: readonly (readonly number[])[];
  readonly code: readonly number[];
  readonly extra?: readonly number[];
}

/** A module of one function f, exported; `extra` are sections before the exports. */
function moduleOf({ params = [V128], result = V128, locals = [], code, extra = [] }: Source): Uint8Array {
  const body = [...vector(locals), ...code, 0x0b];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([
    ...header,
    ...section(1, vector([[0x60, params.length, ...params, 1, result]])),
    ...section(3, vector([[0]])),
    ...extra,
    ...section(7, vector([[1, 0x66, 0, 0]])),
    ...section(10, vector([[body.length, ...body]])),
  ]);
}

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const constant = (byte: number): number[] => [0xfd, 12, ...new Array<number>(16).fill(byte)];
const ADD = [0xfd, 0xe4, 1];
const ANY_TRUE = [0xfd, 83];
const MEMORY = section(5, [1, 0, 1]);
const GLOBAL = section(6, [1, I32, 0, 0x41, 0, 0x0b]);

const only = (source: Source): ReturnType<typeof extract>[number] => extract(moduleOf(source))[0];

describe("extract", () => {
  test("cuts the code at references and keeps the other bytes", () => {
    const row = only({ code: [...get(0), ...constant(7), ...ADD, ...constant(7), ...ADD] });
    expect(row).toMatchObject({ name: "f", params: 1, locals: [], written: [], zeroed: [], weight: 2 });
    expect(row.constants).toEqual([new Uint8Array(16).fill(7)]);
    // get 0, constant 0, [add] constant 0, [add] end
    expect(row.parts).toEqual([0, 0, 0, 0, 3, 0, 3, 3, 0, 3, 4, 0]);
    expect([...row.bytes]).toEqual([...ADD, ...ADD]);
  });

  test("lists written parameters and the types of locals", () => {
    const locals = [
      [2, V128],
      [1, I32],
    ];
    const row = only({ params: [V128, V128], locals, code: [...get(0), ...tee(1), ...set(2), ...get(1)] });
    expect(row.locals).toEqual([V128, V128, I32]);
    expect(row.written).toEqual([1]);
    expect(row.zeroed).toEqual([]);
  });

  test("a local read before it is written needs zero", () => {
    expect(only({ locals: [[1, V128]], code: [...get(1), ...get(0), ...set(1), ...get(1), ...ADD] }).zeroed).toEqual([
      0,
    ]);
    expect(only({ locals: [[1, V128]], code: [...get(0), ...set(1), ...get(1)] }).zeroed).toEqual([]);
  });

  test("what only a branch writes needs zero after it", () => {
    const branch = [...get(0), ...ANY_TRUE, 0x04, 0x40, ...get(0), ...set(1), 0x0b];
    expect(only({ locals: [[1, V128]], code: [...branch, ...get(1)] }).zeroed).toEqual([0]);
    // Inside the other arm it is unwritten as well.
    const arms = [...get(0), ...ANY_TRUE, 0x04, V128, ...get(0), ...tee(1), 0x05, ...get(1), 0x0b];
    expect(only({ locals: [[1, V128]], code: arms }).zeroed).toEqual([0]);
  });

  test("weighs the common path only", () => {
    const rare = [...get(0), ...ANY_TRUE, 0x04, 0x40, ...get(0), ...get(0), ...ADD, ...get(0), ...ADD, ...set(0), 0x0b];
    const row = only({ code: [...rare, ...get(0)] });
    expect(row.weight).toBe(2); // any_true and if
    expect(row.written).toEqual([0]);
  });

  test("accepts loops and branches within the function", () => {
    const loop = [0x02, 0x40, 0x03, 0x40, ...get(0), ...ANY_TRUE, 0x0d, 0, 0x0c, 1, 0x0b, 0x0b];
    expect(only({ code: [...loop, ...get(0)] }).parts.length).toBeGreaterThan(0);
  });

  const refused: readonly (readonly [string, Source, RegExp])[] = [
    ["a call", { code: [...get(0), 0x10, 0] }, /opcode 0x10/],
    ["an indirect call", { code: [...get(0), 0x41, 0, 0x11, 0, 0] }, /opcode 0x11/],
    ["a return", { code: [...get(0), 0x0f] }, /opcode 0xf/],
    ["a global", { code: [0x23, 0, 0x1a, ...get(0)], extra: GLOBAL }, /opcode 0x23/],
    ["a scalar load", { code: [0x41, 0, 0x28, 2, 0, 0x1a, ...get(0)], extra: MEMORY }, /opcode 0x28/],
    ["a vector load", { code: [0x41, 0, 0xfd, 0, 0, 0], extra: MEMORY }, /memory access/],
    ["a lane load", { code: [0x41, 0, ...get(0), 0xfd, 84, 0, 0, 0], extra: MEMORY }, /memory access/],
    ["the size of memory", { code: [0x3f, 0, 0x1a, ...get(0)], extra: MEMORY }, /opcode 0x3f/],
    ["a branch out of the function", { code: [...get(0), 0x0c, 0] }, /branch out/],
    ["a scalar parameter", { params: [I32], code: constant(0) }, /parameter other than v128/],
    ["a scalar result", { result: I32, code: [0x41, 0] }, /result other than one v128/],
  ];

  test.each(refused)("refuses %s", (_name, source, message) => {
    expect(() => extract(moduleOf(source))).toThrow(ExtractError);
    expect(() => extract(moduleOf(source))).toThrow(message);
  });

  test("refuses imports and data", () => {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const imports = section(2, vector([[1, 0x65, 1, 0x6d, 2, 0, 1]]));
    expect(() => extract(Uint8Array.from([...header, ...imports]))).toThrow(/import/);
    const data = section(11, [1, 0, 0x41, 0, 0x0b, 1, 5]);
    expect(() => extract(Uint8Array.from([...header, ...MEMORY, ...data]))).toThrow(/data/);
  });
});

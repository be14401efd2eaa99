/**
 * The table of stencils: its shape, its aliases, and that code copied from it computes what the compiled
 * function computes.
 */
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { randomSource, runnableBuilds, specialFloats } from "../scripts/testing/builds.ts";
import { createRunner } from "../scripts/testing/run-stencils.ts";
import { CONSTANT, END, STENCIL_ALIASES, loadStencils } from "./stencils.ts";
import type { Build } from "./stencils.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

const FLOATS = words(`
  neg abs sign floor ceil roundEven roundAway trunc isFinite isNan exp expm1 log log1p logistic sqrt rsqrt sin cos tanh
  erf erfInv add sub mul muladd div rem max min pow atan2 eq ne lt le gt ge select toMask`);
const INTEGERS = words(`
  neg abs sign add sub mul muladd div rem max min not and or xor shiftLeft shiftRightArithmetic shiftRightLogical
  eq ne lt le gt ge select toMask toF32 toF64Low toF64High`);
const MASKS = words("not and or xor max min eq ne lt le gt ge select toI32 toU32 toF32 toF64Low toF64High");
const WANTED = [
  ...FLOATS.flatMap((name) => [`${name}_f32`, `${name}_f64`]),
  ...INTEGERS.flatMap((name) => [`${name}_i32`, `${name}_u32`]),
  ...MASKS.map((name) => `${name}_mask`),
  ...words("toI32_f32 toU32_f32 toF64Low_f32 toF64High_f32 promoteLow_f32 promoteHigh_f32"),
  ...words("toI32_f64 toU32_f64 toF32_f64 demote_f64 widen_f16 narrow_f16 roundHalf_f32"),
];

const compiled = (build: Build): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./generated/stencils-${build}.wasm`, import.meta.url)));

/** Special values of every lane, then random bits; a multiple of 16 bytes. */
function sampleBytes(seed: number, count: number): Uint8Array {
  const random = randomSource(seed);
  const values = new Uint32Array(count);
  for (let i = 0; i < count; i++) values[i] = Math.floor(random() * 2 ** 32);
  // A third of the words are small numbers, for divisors and shift counts.
  for (let i = 0; i < count; i += 3) values[i] = Math.floor(random() * 80) - 40;
  const floats = new Float32Array(values.buffer);
  const doubles = new Float64Array(values.buffer);
  const at = (offset: number, room: number): number => offset + Math.floor(random() * room);
  for (let round = 0; round < 4; round++) {
    for (const x of specialFloats(24)) floats[at(0, count >> 2)] = x;
    for (const x of specialFloats(53)) doubles[at(count >> 3, count >> 3)] = x;
  }
  for (let i = count >> 1; i < (count * 3) >> 2; i++) floats[i] = (random() - 0.5) * 2 ** (random() * 40 - 20);
  for (let i = (count * 3) >> 3; i < count >> 1; i++) doubles[i] = (random() - 0.5) * 2 ** (random() * 80 - 40);
  return new Uint8Array(values.buffer);
}

/** Equal bits, or NaN at the same place: which NaN an operation gives is not determined. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [new Uint32Array(a.buffer), new Uint32Array(b.buffer)];
  const isNan32 = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;
  const isNan64 = (high: number, low: number): boolean => {
    const magnitude = (high & 0x7fffffff) >>> 0;
    return magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && low !== 0);
  };
  for (let i = 0; i < x.length; i++) {
    if (x[i] === y[i] || (isNan32(x[i]) && isNan32(y[i]))) continue;
    const low = i & ~1;
    if (isNan64(x[low + 1], x[low]) && isNan64(y[low + 1], y[low])) continue;
    return i;
  }
  return -1;
}

describe.each(runnableBuilds())("table of the %s build", (build) => {
  const stencils = loadStencils(build);

  test("has every wanted function", () => {
    expect(WANTED.filter((name) => !stencils.has(name))).toEqual([]);
  });

  test("is decoded once", () => {
    expect(loadStencils(build)).toBe(stencils);
  });

  test("aliases exist and do not hide a function of their own", () => {
    const module = new WebAssembly.Module(compiled(build).slice());
    const own = new Set(WebAssembly.Module.exports(module).map((row) => row.name));
    expect([...STENCIL_ALIASES.values()].filter((name) => !own.has(name))).toEqual([]);
    expect([...STENCIL_ALIASES.keys()].filter((alias) => own.has(alias))).toEqual([]);
    for (const [alias, name] of STENCIL_ALIASES) expect(stencils.get(alias)).toBe(stencils.get(name));
  });

  test("rows refer only to what they have", () => {
    const wrong: string[] = [];
    for (const [name, stencil] of stencils) {
      const locals = stencil.params + stencil.locals.length;
      const sound = [
        stencil.code.every((part, i) => (part.kind === END) === (i === stencil.code.length - 1)),
        stencil.code.every((part) => part.index < (part.kind === CONSTANT ? stencil.constants.length : locals)),
        stencil.zeroed.every((position) => position < stencil.locals.length),
        stencil.written.every((param) => param < stencil.params),
        stencil.constants.every((constant) => constant.length === 16),
        stencil.weight < 600,
      ];
      if (sound.includes(false)) wrong.push(`${name}: ${sound.join(" ")}`);
    }
    expect(wrong).toEqual([]);
  });

  test("copied code computes what the compiled function computes", () => {
    const copies = createRunner(stencils);
    const calls = createRunner(stencils, compiled(build));
    const inputs = [1, 2, 3].map((seed) => sampleBytes(seed, 4096));
    for (const [name, stencil] of stencils) {
      if (STENCIL_ALIASES.has(name)) continue;
      const given = inputs.slice(0, stencil.params);
      const at = firstDifference(copies.run(name, given), calls.run(name, given));
      const operands = given.map((bytes) => new Uint32Array(bytes.buffer)[at]);
      expect({ name, operands, at }).toEqual({ name, operands, at: -1 });
    }
  });

  test("one local may serve as several operands", () => {
    const copies = createRunner(stencils);
    const bytes = sampleBytes(7, 1024);
    for (const [name, stencil] of stencils) {
      if (stencil.params < 2) continue;
      const apart = copies.run(name, new Array<Uint8Array>(stencil.params).fill(bytes));
      expect([name, firstDifference(copies.runShared(name, bytes), apart)]).toEqual([name, -1]);
    }
  });
});

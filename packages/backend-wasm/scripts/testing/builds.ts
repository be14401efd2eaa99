/**
 * Test support: the builds this host can run, special values and reproducible samples.
 */
import type { Build } from "../../src/stencils.ts";

// (func (result v128) i32.const 0 i8x16.splat ×3, i8x16.relaxed_laneselect)
const RELAXED_MODULE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 137, 2, 11,
]);

/** The builds that validate here; says so when `relaxed` does not. */
export function runnableBuilds(): readonly Build[] {
  if (WebAssembly.validate(RELAXED_MODULE)) return ["base", "relaxed"];
  console.warn("the relaxed build is skipped: this host does not validate relaxed SIMD");
  return ["base"];
}

/** A linear congruential generator: numbers in [0, 1) that are the same in every run. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32;
  };
  return () => (next() + next() / 2 ** 32) % 1;
}

/** Values at which implementations go wrong, for lanes of 24 or 53 digits. */
export function specialFloats(digits: 24 | 53): number[] {
  const [tiny, normal, largest] =
    digits === 24 ? [2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127] : [2 ** -1074, 2 ** -1022, Number.MAX_VALUE];
  const positive = [
    0,
    tiny,
    3 * tiny,
    normal - tiny,
    normal,
    2 * normal,
    1e-30,
    1e-10,
    2 ** -digits,
    0.25,
    0.3,
    0.5,
    0.75,
    1 - 2 ** -digits,
    1,
    1 + 2 ** (1 - digits),
    1.5,
    2,
    2.5,
    3,
    5,
    10,
    20,
    87,
    89,
    103,
    104,
    708,
    710,
    746,
    1e4,
    1e9,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e30,
    largest / 2,
    largest,
    Infinity,
  ];
  return [...positive, ...positive.map((x) => -x), NaN];
}

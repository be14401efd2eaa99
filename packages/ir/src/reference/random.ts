// The reference of threefry2x32: 20 rounds, keys injected every four (Salmon et al. 2011, Random123), as in JAX.
import type { RandomParams } from "../params.ts";
import type { RefArray } from "./array.ts";
import type { Reference } from "./table.ts";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** The block cipher on two counter words. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): readonly [number, number] {
  const keys = [k0 | 0, k1 | 0, k0 ^ k1 ^ 0x1bd11bda];
  let a = (c0 + keys[0]) | 0;
  let b = (c1 + keys[1]) | 0;
  for (let round = 0; round < 5; round++) {
    for (const rotation of ROTATIONS[round % 2]) {
      a = (a + b) | 0;
      b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
    }
    a = (a + keys[(round + 1) % 3]) | 0;
    b = (b + keys[(round + 2) % 3] + round + 1) | 0;
  }
  return [a >>> 0, b >>> 0];
}

export const RANDOM_REFERENCE = {
  threefry2x32: (_params, operands, [out]) => {
    const results = [new Float64Array(out.size), new Float64Array(out.size)];
    for (let i = 0; i < out.size; i++) {
      const [k0, k1, c0, c1] = operands.map(({ data, shape }) => data[shape.length === 0 ? 0 : i]);
      [results[0][i], results[1][i]] = threefry2x32(k0, k1, c0, c1);
    }
    return results.map((data): RefArray => ({ dtype: out.dtype, shape: out.shape, data }));
  },
} satisfies { readonly [P in keyof RandomParams]: Reference<P> };

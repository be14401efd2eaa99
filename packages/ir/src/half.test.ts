// Half precision on numbers, against the engine's own Float16Array: every half, and what lies between halves.
import { describe, expect, test } from "vitest";
import { halfBits, halfValue, roundHalf } from "./half.ts";

const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
const halves = new Float16Array(bits.buffer);

/** Each half, the middle between it and the next, and the numbers on both sides of the middle. */
function* probes(): Generator<number> {
  for (let i = 0; i < 0x7c00; i++) {
    const [x, next] = [halfValue(i), i === 0x7bff ? 65536 : halfValue(i + 1)];
    const middle = (x + next) / 2;
    for (const y of [x, middle, middle * (1 - 2 ** -52), middle * (1 + 2 ** -51)]) {
      yield y;
      yield -y;
    }
  }
  yield* [
    0,
    -0,
    Infinity,
    -Infinity,
    NaN,
    65519.99999999999,
    65520,
    1e300,
    -1e300,
    5e-324,
    2 ** -25,
    2 ** -26,
    1.0000001 * 2 ** -25,
  ];
}

describe("half precision", () => {
  test("every half is its bits, and its bits are it", () => {
    const wrong: number[] = [];
    for (let i = 0; i < 65536; i++) {
      const value = halfValue(i);
      if (!Object.is(value, halves[i])) wrong.push(i);
      if (halfBits(value) !== (Number.isNaN(value) ? 0x7e00 : i)) wrong.push(i);
    }
    expect(wrong).toEqual([]);
  });

  test("numbers between halves go to the nearest, ties to even", () => {
    const one = new Float16Array(1);
    const wrong: number[] = [];
    for (const x of probes()) {
      one[0] = x;
      if (!Object.is(roundHalf(x), one[0]) || !Object.is(halfValue(halfBits(x)), one[0])) wrong.push(x);
    }
    expect(wrong).toEqual([]);
  });

  test("by hand", () => {
    expect([65504, 65519, 65520, 1e-8, 3e-8, 2049, 2051].map(roundHalf)).toEqual([
      65504,
      65504,
      Infinity,
      0,
      2 ** -24,
      2048,
      2052,
    ]);
    expect([1, -2, 65504, Infinity, 2 ** -24].map(halfBits)).toEqual([0x3c00, 0xc000, 0x7bff, 0x7c00, 1]);
  });
});

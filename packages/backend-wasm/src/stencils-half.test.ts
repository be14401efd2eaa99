/**
 * The stencils of float16, exhaustively: every half widens to its value, and every half, every middle between two and
 * their neighbours in float32 narrow to the nearest, ties to even. The witness is ir's arithmetic on numbers.
 */
import { halfBits, halfValue, roundHalf } from "@weft/ir";
import { describe, expect, test } from "vitest";

import { randomSource, runnableBuilds } from "../scripts/testing/builds.ts";
import { createRunner } from "../scripts/testing/run-stencils.ts";
import { loadStencils } from "./stencils.ts";

const word = new DataView(new ArrayBuffer(4));
/** The float32 so many units in the last place above. */
function above(x: number, units: number): number {
  word.setFloat32(0, x);
  word.setInt32(0, word.getInt32(0) + units);
  return word.getFloat32(0);
}

/** What rounding may get wrong, of both signs, then random bits of any exponent; a multiple of four. */
function samples(): Float32Array {
  const values: number[] = [];
  for (let i = 0; i < 0x7c00; i++) {
    const [x, next] = [halfValue(i), i === 0x7bff ? 65536 : halfValue(i + 1)];
    const middle = (x + next) / 2;
    values.push(x, above(x, 1), middle, above(middle, 1), above(middle, -1));
  }
  values.push(0, Infinity, NaN, 65536, 1e10, 3e38, 1e-40, 1.4e-45, 2 ** -25, above(2 ** -25, 1), above(2 ** -25, -1));
  const both = [...values, ...values.map((x) => -x)];
  const random = randomSource(16);
  while (both.length < 400_000) {
    word.setUint32(0, Math.floor(random() * 2 ** 32));
    both.push(word.getFloat32(0));
  }
  return Float32Array.from(both);
}
const bytes = (array: Float32Array | Uint32Array): Uint8Array => new Uint8Array(array.buffer);

/** Runs a stencil of one operand over more vectors than a runner's memory holds. */
function runOver(run: (input: Uint8Array) => Uint8Array, input: Uint8Array): Uint8Array {
  const PIECE = 65_536;
  const result = new Uint8Array(input.length);
  for (let at = 0; at < input.length; at += PIECE) result.set(run(input.slice(at, at + PIECE)), at);
  return result;
}

describe.each(runnableBuilds())("float16 in the %s build", (build) => {
  const runner = createRunner(loadStencils(build));

  test("widens every half", () => {
    const halves = Uint32Array.from({ length: 65536 }, (_, i) => i);
    const wide = new Float32Array(runOver((x) => runner.run("widen_f16", [x]), bytes(halves)).buffer);
    expect([...halves].filter((half) => !Object.is(wide[half], halfValue(half)))).toEqual([]);
  });

  test("narrows every float32 to the nearest", () => {
    const inputs = samples();
    const packed = new Uint16Array(runOver((x) => runner.run("narrow_f16", [x]), bytes(inputs)).buffer);
    const wrong: string[] = [];
    inputs.forEach((x, i) => {
      // four halves lie in the low eight bytes of each vector
      const got = packed[8 * (i >> 2) + (i & 3)];
      const wanted = halfBits(x);
      if (got !== wanted && !(Number.isNaN(x) && (got & 0x7fff) === wanted))
        wrong.push(`${x}: ${got.toString(16)} instead of ${wanted.toString(16)}`);
    });
    expect(wrong.slice(0, 8)).toEqual([]);
  });

  test("rounds as narrowing and widening do", () => {
    const inputs = samples();
    const rounded = new Float32Array(runOver((x) => runner.run("roundHalf_f32", [x]), bytes(inputs)).buffer);
    const wrong: string[] = [];
    inputs.forEach((x, i) => {
      if (!Object.is(rounded[i], roundHalf(x))) wrong.push(`${x}: ${rounded[i]} instead of ${roundHalf(x)}`);
    });
    expect(wrong.slice(0, 8)).toEqual([]);
  });
});

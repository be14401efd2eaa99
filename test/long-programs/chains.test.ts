// Long chains of operations run, however much one kernel of all of them would be: on both devices, jitted and not.
import type { NDArray } from "@weft/api";
import { defaultDevice, init, jit, numpy as np } from "@weft/api";
import { afterAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";
import type { Program } from "./chains.ts";
import { PROGRAMS } from "./chains.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "long chains on it");
afterAll(() => defaultDevice("wasm"));

async function check({ input, value }: Program, forms: readonly Program["run"][]): Promise<void> {
  const want = value(input);
  const scale = Math.max(1, ...want.map(Math.abs));
  for (const f of forms) {
    const got = await f(np.array(Float32Array.from(input))).data();
    expect(got.length).toBe(want.length);
    const most = want.reduce((far, v, i) => Math.max(far, Math.abs(Number(got[i]) - v)), 0);
    expect(most).toBeLessThanOrEqual(2e-5 * scale);
  }
}
const jitted = ({ run }: Program): ((x: NDArray) => NDArray) => jit(run) as (x: NDArray) => NDArray;

describe("on wasm", () => {
  test.each(Object.entries(PROGRAMS))("%s", async (_name, program) => {
    defaultDevice("wasm");
    await check(program, [program.run, jitted(program)]);
  });
});

// a software adapter takes a tenth of a second to compile a sine, and as long for a dozen choices
const SLOW = /different constants|sines|one-hot|blurs|choices|concatenations/u;
describe.skipIf(skip)("on webgpu", () => {
  test.each(Object.entries(PROGRAMS).filter(([name]) => !SLOW.test(name)))("%s", async (_name, program) => {
    defaultDevice("webgpu");
    await check(program, [jitted(program)]);
  });
});

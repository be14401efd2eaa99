// Whatever a public function is given, it answers, or throws an error of ours that names it, quickly, and leaves nothing
// on the device. A third of the table for each function, so that all of it is used; WEFT_ATTACK=all uses it whole.
import { describe, expect, it } from "vitest";
import { publicFunctions, SPACES } from "../golden/surface.ts";
import { attack, BAD } from "./bad-values.ts";

/** Functions that set up devices: their tests stand beside them (packages/api/src/device). */
const DEVICES = new Set(["jax.init", "jax.useBackend"]);
const NAMES = Object.keys(BAD);
const SHARE = process.env.WEFT_ATTACK === "all" ? 1 : 3;
const valuesFor = (index: number): string[] => NAMES.filter((_, i) => (i + index) % SHARE === 0);

describe.each(Object.keys(SPACES))("%s", (space) => {
  const functions = publicFunctions.filter((fn) => fn.slice(0, fn.lastIndexOf(".")) === space && !DEVICES.has(fn));
  it(`answers or refuses (${functions.length} functions)`, async () => {
    const findings: string[] = [];
    let errors = 0;
    for (const [i, fn] of functions.entries()) {
      const outcome = await attack(fn, valuesFor(i));
      errors += outcome.errors;
      findings.push(...outcome.findings.map(({ call, what }) => `${call}: ${what}`));
    }
    expect(findings).toEqual([]);
    expect(errors).toBeGreaterThanOrEqual(functions.length);
  }, 300_000);
});

// The golden values on WebGPU, within the bounds that hold on WASM. WGSL guarantees less at the edges: denormals may be
// zero, going in as coming out, and zeros may lose their sign. float64 is refused by name.
import { defaultDevice, DTypeError, init } from "@weft/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { skipped } from "../support/require.ts";
import { thin } from "../support/thin.ts";
import type { GoldenCase } from "./load.ts";
import { dtypesOf, expectValues, VALUES, valueCases } from "./support.ts";

const { missing } = await init({ devices: ["webgpu"] });

/**
 * Cases whose bound is wider here, in units in the last place. An adapter may round a product and a sum once (WGSL
 * allows it), which the last bit of a difference shows; and erfInv near ±1, whose tail magnifies what log is off there.
 */
const BOUNDS: Readonly<Record<string, number>> = {
  "random.uniform(key(9), [8], minval=-3.5, maxval=-1.25)": 1,
  "random.normal(key(5), [257])": 8,
  "random.truncatedNormal(key(8), -1.0, 3.5, [33])": 24,
  "lax.erfInv(float32[6])": 128,
  "random.doubleSidedMaxwell(key(4), float32[3], float32[2,1], (2,))": 32,
  "random.doubleSidedMaxwell(key(4), float32[3], 2.0)": 32,
};
const isDenormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -126;
const isWide = (golden: GoldenCase): boolean => dtypesOf(golden).includes("float64");
/** Whether a device that flushes sees other operands than JAX did. */
const hasDenormals = ({ inputs }: GoldenCase): boolean => inputs.some(({ data }) => Array.from(data).some(isDenormal));

describe.skipIf(skipped("webgpu", missing.webgpu ?? null, "the golden suite"))("golden values on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));

  it("widens the bounds of cases that exist", () => {
    const names = new Set(VALUES.flatMap((section) => valueCases(section).map(({ name }) => name)));
    expect(Object.keys(BOUNDS).filter((name) => !names.has(name))).toEqual([]);
  });

  describe.each(VALUES)("%s", (section) => {
    const all = valueCases(section)
      .filter((golden) => !hasDenormals(golden))
      .map((golden) => ({ ...golden, ulp: Math.max(golden.ulp, BOUNDS[golden.name] ?? 0) }));

    // all of them in Node; a page adds another way to the same adapter
    const cases = typeof process === "undefined" ? thin(all, 8, ({ fn }) => fn) : all;

    it.each(cases.filter((golden) => !isWide(golden)))("$name", (golden) => expectValues(section, golden));

    // what moves no float64 through a kernel may pass; nothing may fail otherwise
    it.each(cases.filter(isWide))("$name: float64 is refused", (golden) =>
      expectValues(section, golden).catch((error: unknown) => expect(error).toBeInstanceOf(DTypeError)),
    );
  });
});

// Places beyond 2³¹ of arrays that are never stored, on WebGPU: as on WASM up to 2³². Beyond, where WASM counts in
// float64, the limit is named.
import { defaultDevice, init, scope } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REFUSED, RIGHT, WIDE } from "../semantics/positions.ts";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });
const skip = skipped("webgpu", missing.webgpu ?? null, "places beyond 2³¹");

describe.skipIf(skip)("places beyond 2³¹ on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));
  for (const [name, program, expected] of RIGHT)
    test(name, async () => {
      const found = scope(() => program());
      expect(found.shape.length === 0 ? (await found.data())[0] : [...(await found.data())]).toEqual(expected);
      found.dispose();
    });
  for (const [name, program] of WIDE)
    test(`${name}, refused beyond 2³²`, async () => {
      await expect((async () => (await scope(() => program()).data())[0])()).rejects.toThrow(/4294967296|float64/u);
    });
  for (const [name, program, message] of REFUSED)
    test(`${name}, refused`, async () => {
      await expect((async () => (await scope(() => program()).data())[0])()).rejects.toThrow(message);
    });
});

// Programs that a person writes in the first hours, against JAX's numbers, on each device.
import { defaultDevice, init } from "@weft/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";
import { checkProgram, golden, programs, READING } from "./compare.ts";

const { missing } = await init({ devices: ["webgpu"] });
const names = Object.keys(programs);

test("every program has its numbers", () => {
  expect(names.toSorted()).toEqual(Object.keys(golden).toSorted());
});

describe("as in JAX", () => {
  test.each(names)("%s", (name) => checkProgram(name));
});

describe.skipIf(skipped("webgpu", missing.webgpu ?? null, "the suite of first programs"))(
  "as in JAX, on webgpu",
  () => {
    beforeAll(() => void defaultDevice("webgpu"));
    afterAll(() => void defaultDevice("wasm"));

    test.each(names.filter((name) => !READING.has(name)))("%s", (name) => checkProgram(name));
  },
);

// Programs that a person writes in the first hours, against JAX's numbers (golden.json, made by golden.py with
// jax 0.10.2 on CPU). Training runs compound roundings, hence the tolerance.
import { describe, expect, test } from "vitest";
import { readText } from "../support/files.ts";
import type { Numbers } from "./models.ts";
import * as models from "./models.ts";
import * as numerics from "./numerics.ts";

const golden = JSON.parse(await readText(new URL("./golden.json", import.meta.url))) as Record<string, Numbers>;
const programs: Record<string, () => Numbers> = { ...models, ...numerics };

/** Equal structure, strings, booleans and integers; floats within 1e-4 of the larger of 1 and the value. */
function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === "number" && typeof actual === "number") {
    if (Object.is(actual, expected)) return;
    expect(Math.abs(actual - expected), `${path}: ${actual} for ${expected}`).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected)));
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    expect(actual.length, path).toBe(expected.length);
    expected.forEach((value, i) => expectClose(actual[i], value, `${path}[${i}]`));
  } else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(actual as object).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) expectClose((actual as Record<string, unknown>)[name], value, `${path}.${name}`);
  } else expect(actual, path).toEqual(expected);
}

test("every program has its numbers", () => {
  expect(Object.keys(programs).sort()).toEqual(Object.keys(golden).sort());
});

describe("as in JAX", () => {
  test.each(Object.entries(programs))("%s", (name, program) => expectClose(program(), golden[name], name));
});

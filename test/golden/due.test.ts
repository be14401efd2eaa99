// due.ts says only what is true: a listed name that works by now is to be taken off.
import { expect, it } from "vitest";
import { NOT_YET_CASES } from "./due.ts";
import { loadGolden, SECTIONS } from "./load.ts";
import { expectCall, expectGradients, overdueFunctions } from "./support.ts";

const listed = SECTIONS.flatMap((section) => loadGolden(section)).filter((golden) => NOT_YET_CASES.has(golden.name));

it("lists no function that exists", () => {
  expect(overdueFunctions()).toEqual([]);
});

it("lists no case that is not in the data, or that passes", () => {
  const names = new Set(listed.map((golden) => golden.name));
  expect([...NOT_YET_CASES].filter((name) => !names.has(name))).toEqual([]);
  const passing = listed.filter((golden) => {
    try {
      if (golden.cotangent) expectGradients(golden);
      else expectCall(golden, false);
      return true;
    } catch {
      return false;
    }
  });
  expect(passing.map((golden) => golden.name)).toEqual([]);
});

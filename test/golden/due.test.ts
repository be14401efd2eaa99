// due.ts says only what is true: a listed name that works by now is to be taken off.
import { expect, it } from "vitest";
import { NOT_YET_CASES } from "./due.ts";
import { loadGolden, SECTIONS } from "./load.ts";
import { expectCall, expectGradients, overdueFunctions } from "./support.ts";

const listed = SECTIONS.flatMap((section) => loadGolden(section)).filter((golden) => NOT_YET_CASES.has(golden.name));

it("lists no function that exists", () => {
  expect(overdueFunctions()).toEqual([]);
});

it("lists no case that is not in the data, or that passes", async () => {
  const names = new Set(listed.map((golden) => golden.name));
  expect([...NOT_YET_CASES].filter((name) => !names.has(name))).toEqual([]);
  const passing: string[] = [];
  for (const golden of listed) {
    const check = golden.cotangent ? expectGradients : expectCall;
    await check(golden, false).then(
      () => passing.push(golden.name),
      () => {},
    );
  }
  expect(passing).toEqual([]);
});

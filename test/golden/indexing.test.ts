// Indexing specs through x.slice, and the movement functions. Everything here is exact.
import { describe, expect, it } from "vitest";
import type { IndexPart } from "./load.ts";
import type { Result } from "./support.ts";
import { dueCases, expectArray, expectCall, missingFunctions, toArray } from "./support.ts";

const cases = dueCases("indexing");

function toIndex(part: IndexPart, inputs: readonly Result[]): unknown {
  switch (part[0]) {
    case "slice":
      return [part[1], part[2], part[3]];
    case "int":
      return part[1];
    case "newaxis":
      return null;
    case "ellipsis":
      return "...";
    default:
      return inputs[part[1].input];
  }
}

describe("golden indexing", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("indexing")).toEqual([]);
  });

  it.each(cases.filter((golden) => golden.fn === "slice"))("$name", (golden) => {
    const inputs = golden.inputs.map(toArray);
    expectArray(inputs[0].slice(...golden.index.map((part) => toIndex(part, inputs))), golden.outputs[0], 0, false);
  });

  it.each(cases.filter((golden) => golden.fn !== "slice"))("$name", (golden) => {
    expectCall(golden, false);
  });
});

// Elementwise functions at the edges of their domains; denormals of floats have cases of their own, so nothing is
// forgiven here but denormals of integer arguments.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, missingFunctions } from "./support.ts";

describe("golden elementwise", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("elementwise")).toEqual([]);
  });

  it.each(dueCases("elementwise"))("$name", (golden) => {
    expectCall(golden, golden.inputs[0].dtype.includes("int"));
  });
});

// Elementwise functions at the edges of their domains; denormals of floats have cases of their own, so nothing is
// forgiven here but denormals of integer arguments.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden elementwise", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("elementwise")).toEqual([]);
  });

  it.each(valueCases("elementwise"))("$name", (golden) => expectValues("elementwise", golden));
});

// Reductions, scans and contractions.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden reductions", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("reductions")).toEqual([]);
  });

  it.each(valueCases("reductions"))("$name", (golden) => expectValues("reductions", golden));
});

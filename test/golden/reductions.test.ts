// Reductions, scans and contractions.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, missingFunctions } from "./support.ts";

describe("golden reductions", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("reductions")).toEqual([]);
  });

  it.each(dueCases("reductions"))("$name", (golden) => {
    expectCall(golden, true);
  });
});

// Options of creation, movement, joining, padding and products.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden structure", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("structure")).toEqual([]);
  });

  it.each(valueCases("structure"))("$name", (golden) => expectValues("structure", golden));
});

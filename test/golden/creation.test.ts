// Ranges, triangles, grids, filled arrays.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden creation", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("creation")).toEqual([]);
  });

  it.each(valueCases("creation"))("$name", (golden) => expectValues("creation", golden));
});

// Ranges, triangles, grids, filled arrays.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, missingFunctions } from "./support.ts";

describe("golden creation", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("creation")).toEqual([]);
  });

  it.each(dueCases("creation"))("$name", (golden) => {
    expectCall(golden, true);
  });
});

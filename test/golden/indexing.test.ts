// Indexing specs through x.slice, and the movement functions. Everything here is exact.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden indexing", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("indexing")).toEqual([]);
  });

  it.each(valueCases("indexing"))("$name", (golden) => expectValues("indexing", golden));
});

// Options that are compositions, against JAX: modes of draws, dtypes of products, masks and windows of attention.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden options", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("options")).toEqual([]);
  });

  it.each(valueCases("options"))("$name", (golden) => expectValues("options", golden));
});

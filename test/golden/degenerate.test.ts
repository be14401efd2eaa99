// float16: conversions, functions, sums, products, draws and gradients, against JAX.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden degenerate", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("degenerate")).toEqual([]);
  });

  it.each(valueCases("degenerate"))("$name", (golden) => expectValues("degenerate", golden));
});

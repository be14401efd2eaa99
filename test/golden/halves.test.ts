// float16: conversions, functions, sums, products, draws and gradients, against JAX.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden halves", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("halves")).toEqual([]);
  });

  it.each(valueCases("halves"))("$name", (golden) => expectValues("halves", golden));
});

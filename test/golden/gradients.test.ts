// Derivatives at ties, zeros, bounds and poles: the value and the vjp of each, against JAX.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden gradients", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("gradients")).toEqual([]);
  });

  it.each(valueCases("gradients"))("$name", (golden) => expectValues("gradients", golden));
});

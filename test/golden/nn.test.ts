// jax.nn: values over the whole range, and gradients at the edges.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden nn", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("nn")).toEqual([]);
  });

  it.each(valueCases("nn"))("$name", (golden) => expectValues("nn", golden));
});

// jax.nn: values over the whole range, and gradients at the edges.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, expectGradients, missingFunctions } from "./support.ts";

const cases = dueCases("nn");

describe("golden nn", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("nn")).toEqual([]);
  });

  it.each(cases.filter((golden) => !golden.cotangent))("$name", (golden) => {
    expectCall(golden, true);
  });

  it.each(cases.filter((golden) => golden.cotangent))("$name", (golden) => {
    expectGradients(golden);
  });
});

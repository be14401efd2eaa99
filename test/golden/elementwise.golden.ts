// Elementwise functions at the edges of their domains; denormals have cases of their own, so nothing is forgiven here.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, missingFunctions } from "./support.ts";

describe("golden elementwise", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("elementwise")).toEqual([]);
  });

  it.each(dueCases("elementwise"))("$name", (golden) => {
    expectCall(golden, false);
  });
});

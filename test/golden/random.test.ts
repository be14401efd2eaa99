// Keys, bits and draws against JAX: bit for bit where only integers and one rounding are involved.
import { describe, expect, it } from "vitest";
import { expectValues, missingFunctions, valueCases } from "./support.ts";

describe("golden random", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("random")).toEqual([]);
  });

  it.each(valueCases("random"))("$name", (golden) => expectValues("random", golden));
});

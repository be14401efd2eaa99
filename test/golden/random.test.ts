// Keys, bits and draws against JAX: bit for bit where only integers and one rounding are involved.
import { describe, expect, it } from "vitest";
import { dueCases, expectCall, missingFunctions } from "./support.ts";

describe("golden random", () => {
  it("calls only what exists or is listed as not due", () => {
    expect(missingFunctions("random")).toEqual([]);
  });

  it.each(dueCases("random").filter((golden) => golden.fn.includes(".")))("$name", (golden) => {
    expectCall(golden, true);
  });
});

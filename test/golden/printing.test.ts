// toString prints as NumPy's str does.
import { describe, expect, it } from "vitest";
import { dueCases, toArray } from "./support.ts";

describe("golden printing", () => {
  it.each(dueCases("printing"))("$name", (golden) => {
    expect(String(toArray(golden.inputs[0]))).toBe(golden.str);
  });
});

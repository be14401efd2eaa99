// The dtype of every pair, weak scalars included. JAX's weak int and weak float are both our `number`, told apart by
// value, so a weak operand is written as a JS number: 1 for an int, 1.5 for a float, true for a bool.
import { describe, expect, it } from "vitest";
import { dueCases, find } from "./support.ts";

const WEAK: { readonly [name: string]: number | boolean } = { "bool*": true, "int*": 1, "float*": 1.5 };
const isWeak = (type: string): boolean => type.endsWith("*");

// Two JS numbers stay a weak float32 here (SEMANTICS 5.1), where JAX has weak ints; complex scalars have no JS number.
const cases = dueCases("promotion").filter(
  (golden) =>
    golden.dtype in { bool: 0, int32: 0, uint32: 0, float32: 0, float64: 0 } &&
    !golden.types.includes("complex*") &&
    !golden.types.every(isWeak),
);

const zeros = find("np.zeros");
const add = find("np.add");

describe("golden promotion", () => {
  it("has cases", () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  it.each(cases)("$name is $dtype", (golden) => {
    const operands = golden.types.map((type) => (isWeak(type) ? WEAK[type] : zeros?.([2], { dtype: type })));
    const result = operands.reduce((lhs, rhs) => add?.(lhs, rhs)) as { readonly dtype: string };
    expect(result.dtype).toBe(golden.dtype);
  });
});

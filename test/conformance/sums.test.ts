// Long float32 sums keep their digits: blocks inside a leaf, leaves combined after. Equal terms are the worst case,
// because every rounding goes the same way.
import { numpy as np } from "@weft/api";
import { expect, test } from "vitest";

test.each([
  ["all of 10,000,000", () => np.full([10_000_000], 0.1).sum(), 1e6, 1e-6],
  ["a mean of 5,000,000", () => np.full([5_000_000], 3.3).mean(), 3.3, 1e-6],
  ["columns of 5,000", () => np.full([5000, 1000], 3.3).mean(0).slice(999), 3.3, 1e-6],
  ["rows of 5,000", () => np.full([1000, 5000], 3.3).mean(1).slice(999), 3.3, 1e-6],
  ["two axes around a kept one", () => np.full([1000, 3, 50], 0.1).sum([0, 2]).slice(1), 5000, 1e-6],
  ["squares", () => np.square(np.full([1_000_000], 0.7)).sum(), 490_000, 1e-6],
  ["float64", () => np.full([1_000_000], 0.1, "float64").sum(), 1e5, 1e-13],
])("%s", (_name, sum, expected, bound) => {
  expect(Math.abs(Number(sum().item()) - expected) / expected).toBeLessThan(bound);
});

// Thinned suites keep every kind.
import { expect, test } from "vitest";
import { CASES, kindOf } from "../conformance/cases.ts";
import { thin } from "./thin.ts";

test("takes every n-th, and the first of each kind", () => {
  expect(thin(["a1", "a2", "b1", "a3", "a4", "b2"], 4, (name) => name[0])).toEqual(["a1", "b1", "a4"]);
  expect(thin(["a1", "a2", "b1"], 1, (name) => name[0])).toEqual(["a1", "a2", "b1"]);
});

test("a thinned matrix has every primitive in every dtype, and is thinner", () => {
  const thinned = thin(CASES, 5, kindOf);
  expect(new Set(thinned.map(kindOf))).toEqual(new Set(CASES.map(kindOf)));
  expect(thinned.length).toBeLessThan(CASES.length / 2);
});

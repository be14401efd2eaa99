// Arrays as text: arrays.ts follows every recipe to the bits of arrays.py.
import { expect, it } from "vitest";
import { readText } from "../support/files.ts";
import { parseArray } from "./arrays.ts";

const recipes = JSON.parse(await readText(new URL("./data/recipes.json", import.meta.url))) as Record<string, string>;

it.each(Object.entries(recipes))("%s", (recipe, listed) => {
  const [made, wanted] = [parseArray(recipe), parseArray(listed)];
  expect(made).toEqual(wanted);
  expect(Array.from(made.data, (x) => Object.is(x, -0))).toEqual(Array.from(wanted.data, (x) => Object.is(x, -0)));
});

it("reads what lists may hold", () => {
  expect(Array.from(parseArray("f32[6]=1x3,-0,nan,-inf").data)).toEqual([1, 1, 1, -0, NaN, -Infinity]);
  expect(parseArray("f32[0,3]=")).toMatchObject({ dtype: "float32", weak: false, shape: [0, 3] });
  expect(() => parseArray("f32[2]")).toThrow("no array");
});

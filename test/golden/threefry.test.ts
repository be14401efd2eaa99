// The block cipher by itself, in ir's reference, on the published vectors and on JAX's.
import { threefry2x32 } from "@weft/ir";
import { expect, it } from "vitest";
import { loadGolden } from "./load.ts";

const cases = loadGolden("random").filter((golden) => golden.fn === "threefry2x32");

it.each(cases)("$name", ({ inputs: [key, count], outputs: [expected] }) => {
  // JAX takes the counters as two halves and gives the words the same way.
  const half = count.data.length / 2;
  const words = new Uint32Array(2 * half);
  for (let i = 0; i < half; i++)
    [words[i], words[half + i]] = threefry2x32(key.data[0], key.data[1], count.data[i], count.data[half + i]);
  expect(words).toEqual(expected.data);
});

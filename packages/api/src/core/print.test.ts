// NumPy's printing, on cases that real NumPy 2.4 printed; the golden suite has many more.
import { describe, expect, test } from "vitest";
import { formatArray } from "./print.ts";

const f32 = (...values: number[]): Float32Array<ArrayBuffer> => Float32Array.of(...values);

describe("formatArray", () => {
  test.each([
    [f32(1, 2.5), [2], "[1.  2.5]"],
    [f32(0.1, 0.2, 0.3), [3], "[0.1 0.2 0.3]"],
    [f32(1, 1001), [1, 2], "[[1.000e+00 1.001e+03]]"],
    [f32(1, 1000), [2], "[   1. 1000.]"],
    [f32(NaN, 1, Infinity), [3], "[nan  1. inf]"],
    [f32(-0, 0), [2], "[-0.  0.]"],
    [f32(), [0], "[]"],
    [f32(3), [], "3.0"],
    [f32(1e6), [], "1e+06"],
    [f32(-7.03735213e-6, -1.26542145e-5), [2], "[-7.03735213e-06 -1.26542145e-05]"],
    [f32(0.7, 1.2345678e-4), [2], "[6.9999999e-01 1.2345678e-04]"],
  ])("%o", (data, shape, text) => {
    expect(formatArray(data, shape, "float32")).toBe(text);
  });

  test("integers and booleans are aligned", () => {
    expect(formatArray(Int32Array.of(-5, 3, 100), [3], "int32")).toBe("[ -5   3 100]");
    expect(formatArray(Uint8Array.of(1, 0), [2], "bool")).toBe("[ True False]");
    expect(formatArray(Uint8Array.of(1), [], "bool")).toBe("True");
  });

  test("nesting, wrapping and summaries", () => {
    expect(formatArray(f32(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2], "float32")).toBe(
      "[[[1. 2.]\n  [3. 4.]]\n\n [[5. 6.]\n  [7. 8.]]]",
    );
    expect(
      formatArray(
        Int32Array.from({ length: 40 }, (_, i) => i),
        [40],
        "int32",
      ),
    ).toBe(
      "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]",
    );
    expect(
      formatArray(
        Float32Array.from({ length: 1001 }, (_, i) => i),
        [1001],
        "float32",
      ),
    ).toBe("[   0.    1.    2. ...  998.  999. 1000.]");
  });
});

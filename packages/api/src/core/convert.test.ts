// From ArrayLike to nodes: numbers of kind number, promotion, broadcasting, stacks, refusals.
import { describe, expect, test } from "vitest";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "@weft/ir";
import type { ArrayLike } from "./convert.ts";
import { checkAxes, checkAxis, indexNode, promoteOperands, resultType, toNode } from "./convert.ts";
import { add, array, multiply as mul } from "../numpy/index.ts";
import { jit } from "../transform/jit.ts";

const dtypeOf = (x: ArrayLike, y: ArrayLike): string => {
  const z = add(x, y);
  return z.dtype + (z.weakType ? "*" : "");
};

describe("numbers meet arrays", () => {
  const ints = (): ArrayLike => array([1, 2], "int32");
  test.each([
    ["float32", array([1]), 2, "float32"],
    ["float64", array([1], "float64"), 2.5, "float64"],
    ["int32 and an integer", array([1], "int32"), 2, "int32"],
    ["int32 and a fraction", array([1], "int32"), 2.5, "float32*"],
    ["bool and an integer", array([true]), 2, "int32*"],
    ["bool and a fraction", array([true]), 0.5, "float32*"],
    ["two numbers", 1, 2, "float32*"],
    ["uint32 and int32", array([1], "uint32"), array([1], "int32"), "int32"],
    ["int32 and float32", array([1], "int32"), array([1]), "float32"],
    ["float32 and float64", array([1]), array([1], "float64"), "float64"],
    ["a boolean", array([1], "int32"), true, "int32"],
  ])("%s", (_name, x, y, expected) => {
    expect(dtypeOf(x as ArrayLike, y as ArrayLike)).toBe(expected);
    expect(dtypeOf(y as ArrayLike, x as ArrayLike)).toBe(expected);
  });

  test("out of range is an error, not a wrap", () => {
    expect(() => add(ints(), 2 ** 31)).toThrow(DTypeError);
    expect(() => add(array([1], "uint32"), -1)).toThrow("-1 does not fit uint32");
  });

  test("jit agrees with no jit on number arguments", () => {
    const f = jit((x: ArrayLike, n: ArrayLike) => add(x, n));
    for (const n of [1, 2.5])
      expect([f(ints() as never, n as never).dtype, f(ints() as never, n as never).tolist()]).toEqual([
        add(ints(), n).dtype,
        add(ints(), n).tolist(),
      ]);
    const square = jit((n: ArrayLike) => mul(n, n));
    expect(square(100_000 as never).item()).toBe(mul(100_000, 100_000).item());
    expect(mul(100_000, 100_000).item()).toBe(1e10);
  });

  test("resultType", () => {
    expect([
      resultType(array([1], "int32"), 1),
      resultType(array([1], "int32"), 1.5),
      resultType("float64", array([1])),
      resultType(1, 2),
    ]).toEqual(["int32", "float32", "float64", "float32"]);
  });
});

describe("arrays from values", () => {
  test("nested numbers, booleans, arrays", () => {
    expect([array([1, 2]).dtype, array([true]).dtype, array([1, 2], "int32").dtype, array([[], []]).shape]).toEqual([
      "float32",
      "bool",
      "int32",
      [2, 0],
    ]);
    const x = array([1, 2]);
    expect(array([x, [3, 4] as never, x]).tolist()).toEqual([
      [1, 2],
      [3, 4],
      [1, 2],
    ]);
    expect(array([[x], [x]]).shape).toEqual([2, 1, 2]);
    expect(array(Float64Array.of(1)).dtype).toBe("float64");
    expect(array(Uint8Array.of(1, 0, 2), "int32").tolist()).toEqual([1, 0, 2]);
  });

  test("refusals", () => {
    expect(() => array([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => array([[1, 2], 3])).toThrow(ShapeError);
    expect(() => array([array([1]), array([1, 2])])).toThrow(ShapeError);
    for (const bad of [1n, "x", BigInt64Array.of(1n), null, { a: 1 }, ["a"]])
      expect(() => array(bad as never)).toThrow(DTypeError);
    expect(() => array(undefined as never)).toThrow(ArgumentError);
    expect(() => toNode("array", Uint8Array.of(1))).toThrow("uint8");
    expect(() => toNode("array", 1, "int64" as never)).toThrow("64-bit");
  });
});

describe("broadcasting", () => {
  test("trailing axes align, rank 0 stays rank 0", () => {
    const [a, b, c] = promoteOperands("f", [array([[1], [2]]), array([1, 2, 3]), 5]);
    expect([a.aval.shape, b.aval.shape, c.aval.shape]).toEqual([[2, 3], [2, 3], []]);
    expect(add(array([[1], [2]]), array([10, 20, 30])).tolist()).toEqual([
      [11, 21, 31],
      [12, 22, 32],
    ]);
    expect(() => add(array([1, 2]), array([1, 2, 3]))).toThrow("add: float32[2] and float32[3] do not broadcast");
  });
});

describe("axes, indices", () => {
  test("axes", () => {
    expect([checkAxis("f", -1, 3), checkAxes("f", [2, 0], 3), checkAxes("f", null, 2)]).toEqual([2, [0, 2], [0, 1]]);
    for (const bad of [3, -4, 0.5]) expect(() => checkAxis("f", bad, 3)).toThrow(IndexError);
    expect(() => checkAxes("f", [0, -3], 3)).toThrow("twice");
  });

  test("indices are integers", () => {
    expect(indexNode("take", 3).aval.dtype).toBe("int32");
    expect(indexNode("take", [1, 2]).aval.dtype).toBe("int32");
    for (const bad of [0.5, array([1]), [0.5]]) expect(() => indexNode("take", bad)).toThrow(IndexError);
    expect(jit((i: ArrayLike) => array(0, "int32").node && add(array([1], "int32"), i))(3 as never).dtype).toBe(
      "int32",
    );
  });
});

// Trees: containers, leaves, order, paths in errors.
import { describe, expect, expectTypeOf, test } from "vitest";
import { TreeError, WeftError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { array, ones } from "../numpy/index.ts";
import { grad } from "../transform/grad.ts";
import { jit } from "../transform/jit.ts";
import { vmap } from "../transform/vmap.ts";
import * as tree from "./index.ts";
import { spreadPrefix } from "./structure.ts";

class Layer {
  w: unknown;
  name: string;
  constructor(w: unknown, name: string) {
    this.w = w;
    this.name = name;
  }
}
tree.register(
  Layer,
  (layer) => [[layer.w], layer.name],
  (name, [w]) => new Layer(w, name),
);

describe("tree", () => {
  test("objects flatten in sorted key order; insertion order does not matter", () => {
    const [leaves, structure] = tree.flatten({ b: 1, a: [2, true] });
    expect(leaves).toEqual([2, true, 1]);
    expect(structure.equals(tree.structure({ a: [0, false], b: 5 }))).toBe(true);
    expect(tree.unflatten(structure, [10, 20, 30])).toEqual({ a: [10, 20], b: 30 });
  });

  test("null and undefined are empty and kept", () => {
    const [leaves, structure] = tree.flatten({ a: null, b: undefined, c: 1 });
    expect(leaves).toEqual([1]);
    expect(tree.unflatten(structure, [2])).toEqual({ a: null, b: undefined, c: 2 });
    expect(tree.structure(null).equals(tree.structure(undefined))).toBe(false);
  });

  test("map over one and several trees, with types", () => {
    const params = { w: array([1]), b: [array([2]), array([3])] as const };
    const sizes = tree.map((x: NDArray) => x.size, params);
    expectTypeOf(sizes).toEqualTypeOf<{ w: number; b: readonly [number, number] }>();
    expect(sizes).toEqual({ w: 1, b: [1, 1] });
    expect(tree.map((x: number, y: number) => x + y, { a: 1 }, { a: 2 })).toEqual({ a: 3 });
    expect(() => tree.map((x: number) => x, { a: 1 }, { b: 2 })).toThrow(TreeError);
  });

  test("registered classes are containers and rebuild themselves", () => {
    const layer = tree.map((x: number) => x * 2, new Layer(3, "first")) as unknown as Layer;
    expect(layer).toBeInstanceOf(Layer);
    expect([layer.w, layer.name]).toEqual([6, "first"]);
    expect(tree.structure(new Layer(1, "a")).equals(tree.structure(new Layer(1, "b")))).toBe(false);
  });

  test.each([
    ["a string", { a: ["x"] }, "argument [0].a[0] is the string"],
    ["a function", { a: () => 1 }, "argument [0].a is a function"],
    ["a bigint", [1n], "argument [0][0] is a bigint"],
    ["a Map", { "b c": new Map() }, 'argument [0]["b c"] is an instance of Map'],
    ["a Date", new Date(), "argument [0] is an instance of Date"],
  ])("%s is a leaf of tree.*, and refused with its path by transformations", (_name, value, message) => {
    const [leaves, structure] = tree.flatten(value);
    expect(leaves.length).toBe(1);
    expect(tree.unflatten(structure, leaves)).toEqual(value);
    const traced = vmap((x: unknown) => x as NDArray, 0, 0, { axisSize: 2 }) as (x: unknown) => unknown;
    expect(() => traced(value)).toThrow(TreeError);
    expect(() => traced(value)).toThrow(message);
  });

  test("isLeaf makes leaves of containers, and a last object with isLeaf alone is options", () => {
    const pairs = { a: [1, 2], b: [3, 4] };
    const isLeaf = Array.isArray;
    expect(tree.leaves(pairs, { isLeaf })).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tree.leaves(pairs, isLeaf)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tree.map((x: number[]) => x.length, pairs, { isLeaf })).toEqual({ a: 2, b: 2 });
    expect(tree.map((x: number, y: number) => x * y, { isLeaf: 2, b: 3 }, { isLeaf: 5, b: 7 })).toEqual({
      isLeaf: 10,
      b: 21,
    });
    expect(tree.leaves({ isLeaf: 1, tree: 2 })).toEqual([1, 2]);
    expect(() => tree.map(5 as never, pairs)).toThrow("tree.map: f: expected a function, got 5");
    expect(() => tree.unflatten({} as never, [1])).toThrow("tree.unflatten: treedef: expected a structure");
    expect(() => tree.leaves(pairs, { isleaf: isLeaf } as never)).toThrow(
      "tree.leaves: there is no option isleaf; did you mean isLeaf?",
    );
  });

  test("a tree that contains itself is refused", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => tree.flatten(loop)).toThrow("contains itself");
  });

  test("a tree of more levels than a call stack holds is refused by name", () => {
    const nested = (levels: number): unknown => {
      let made: unknown = 1;
      for (let i = 0; i < levels; i++) made = i % 2 === 0 ? [made] : { next: made };
      return made;
    };
    const deep = nested(20_000);
    const f = jit((x: unknown) => x);
    const held = jit((x: NDArray, _how: unknown) => x, { staticArgnums: 1 });
    const refused = /nested more than 1000 levels deep/u;
    expect(() => tree.leaves(deep)).toThrow(refused);
    expect(() => tree.map((x) => x, deep)).toThrow(refused);
    expect(() => f(deep)).toThrow(/^jit\(f\): argument \[0\] is nested/u);
    expect(() => held(ones([1]), deep)).toThrow(/^jit\(f\): static argument 1 is nested/u);
    expect(() => grad((x: never) => x)(deep as never)).toThrow(refused);
    expect(() => vmap((x: never) => x)(deep as never)).toThrow(refused);
    expect(() => array(deep as never)).toThrow(WeftError);
    expect(tree.leaves(nested(999))).toEqual([1]);
    expect(tree.leaves(f(nested(900)) as never)).toHaveLength(1);
  });

  test("reduce, all, transpose, paths", () => {
    expect(tree.reduce((total: number, x: number) => total + x, [1, { a: 2 }, 3], 0)).toBe(6);
    expect([tree.all([true, array([true])]), tree.all([true, false])]).toEqual([true, false]);
    const [outer, inner] = [tree.structure([0, 0]), tree.structure({ a: 0, b: 0 })];
    expect(
      tree.transpose(outer, inner, [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]),
    ).toEqual({ a: [1, 3], b: [2, 4] });
    expect(tree.leavesWithPath({ w: [5] }).map(([path]) => tree.keystr(path))).toEqual([".w[0]"]);
  });

  test("prefixes spread over what they cover", () => {
    const structure = tree.structure([{ a: 1, b: [2, 3] }, 4]);
    expect(spreadPrefix("inAxes", 0, structure)).toEqual([0, 0, 0, 0]);
    expect(spreadPrefix("inAxes", [{ a: null, b: 1 }, 0], structure)).toEqual([null, 1, 1, 0]);
    expect(() => spreadPrefix("inAxes", [0], structure)).toThrow(TreeError);
    expect(() => spreadPrefix("inAxes", [{ c: 0 }, 0], structure)).toThrow("inAxes[0]");
  });
});

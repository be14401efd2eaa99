// What numpy's functions of shapes, joins and products refuse, by name: values of the wrong kind, options that do not
// exist, sizes that cannot be. That options which exist do what they say is in test/golden/structure.test.ts.
import { ArgumentError, ConcretizationError, DTypeError, IndexError, ShapeError, WeftError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { jit, type NDArray, numpy as np, random } from "../index.ts";

type Call = () => unknown;
type Case = readonly [what: string, call: Call, error: new (message: string) => Error];
const any = (x: unknown): never => x as never;

/** All of them throw their class, with the function's name in front and nothing named in the message that is ours. */
function refuses(name: string, cases: readonly Case[]): void {
  it.each(cases)(`${name} refuses %s`, (_, call, error) => {
    let thrown: unknown;
    try {
      call();
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(error);
    expect(thrown).toBeInstanceOf(WeftError);
    expect((thrown as Error).message.startsWith(`${name}: `)).toBe(true);
  });
}
const x = np.ones([2, 3]);

describe("creation", () => {
  refuses("np.array", [
    ["a copy that it must not make", () => np.array([1, 2], { copy: false }), ArgumentError],
    ["another dtype without a copy", () => np.array(x, "int32", { copy: false }), ArgumentError],
    ["an order that is none", () => np.array([1], { order: any("X") }), ArgumentError],
    ["more axes than arrays have", () => np.array([1], { ndmin: 1e9 }), ShapeError],
    ["a fraction of axes", () => np.array([1], { ndmin: 1.5 }), IndexError],
    ["what is no array", () => np.array(any(new Date())), DTypeError],
    ["options of another function", () => np.array([1], any({ axis: 0 })), ArgumentError],
    [
      "copy by position",
      () => (np.array as (...args: readonly unknown[]) => unknown)([1], "int32", false),
      ArgumentError,
    ],
  ]);
  refuses("np.asarray", [
    ["a copy that it must not make", () => np.asarray(x, "int32", { copy: false }), ArgumentError],
    ["a layout that is none", () => np.asarray(x, null, any("Q")), ArgumentError],
  ]);
  refuses("np.zeros", [
    ["sizes one by one", () => np.zeros(2, any(3)), DTypeError],
    ["more elements than can be counted", () => np.zeros([1e9, 1e9]), ShapeError],
    ["a negative size", () => np.zeros([-1]), ShapeError],
    ["a text", () => np.zeros(any("2")), ShapeError],
    ["shards", () => np.zeros(2, { outSharding: any("x") }), ArgumentError],
  ]);
  refuses("np.arange", [
    ["infinity", () => np.arange(0, Infinity), ShapeError],
    ["a step of 0", () => np.arange(0, 3, 0), ShapeError],
    ["an array", () => np.arange(any(np.array(3))), ArgumentError],
    ["more elements than can be counted", () => np.arange(1e300), ShapeError],
    ["a dtype that is none", () => np.arange(3, { dtype: any("int") }), DTypeError],
  ]);
  refuses("np.linspace", [
    ["a fraction of numbers", () => np.linspace(0, 1, 2.5), IndexError],
    ["a negative number of them", () => np.linspace(0, 1, -1), ShapeError],
    ["retstep of another kind", () => np.linspace(0, 1, { retstep: any(1) }), ArgumentError],
    ["an axis out of range", () => np.linspace(0, 1, { axis: 1 }), IndexError],
    ["a dtype that is none", () => np.linspace(0, 1, { dtype: any("f4") }), DTypeError],
    ["1e300 of them", () => np.linspace(0, 1, 1e300), ShapeError],
  ]);
  refuses("np.eye", [
    ["a fraction of rows", () => np.eye(1.5), IndexError],
    ["a diagonal that is no integer", () => np.eye(2, { k: 0.5 }), IndexError],
    ["NumPy's lower case", () => np.eye(2, any({ m: 3 })), ArgumentError],
    ["1e200 rows", () => np.eye(1e200), ShapeError],
  ]);
  refuses("np.diag", [
    ["a diagonal that is no integer", () => np.diag([1, 2], any("1")), IndexError],
    ["a diagonal too far away", () => np.diag([1, 2], 1e9), ShapeError],
    ["three axes", () => np.diag(np.ones([1, 1, 1])), ShapeError],
  ]);
  refuses("np.meshgrid", [
    ["an indexing that is none", () => np.meshgrid([1], [2], { indexing: any("bogus") }), ArgumentError],
    ["a date among its arrays", () => np.meshgrid([1], any(new Date())), DTypeError],
    ["sparse of another kind", () => np.meshgrid([1], { sparse: any(1) }), ArgumentError],
    ["an unknown option", () => np.meshgrid([1], any({ index: "ij" })), ArgumentError],
    ["matrices", () => np.meshgrid(x), ShapeError],
  ]);
  refuses("np.indices", [
    ["one size", () => np.indices(any(3)), IndexError],
    ["sparse of another kind", () => np.indices([2], { sparse: any("yes") }), ArgumentError],
    ["negative sizes", () => np.indices([-2]), ShapeError],
  ]);
  refuses("np.vander", [
    ["1e300 columns", () => np.vander([1, 2], 1e300), ShapeError],
    ["a fraction of columns", () => np.vander([1, 2], 2.5), IndexError],
    ["matrices", () => np.vander(x), ShapeError],
  ]);
  refuses("np.hanning", [
    ["a fraction", () => np.hanning(2.5), IndexError],
    ["a negative size", () => np.hanning(-1), ShapeError],
  ]);

  it("makes handles of their own", () => {
    const original = np.array([1, 2]);
    const copies = [np.array(original), np.copy(original), np.asarray(original, { copy: true })];
    original.dispose();
    for (const one of copies) expect(one.tolist()).toEqual([1, 2]);
    const kept = np.ones([2]);
    expect(np.asarray(kept)).toBe(kept);
    expect(np.array(kept, { copy: false }).tolist()).toEqual([1, 1]);
    const key = random.key(1);
    expect(np.array(key, { ndmin: 2 }).shape).toEqual([1, 1]);
    expect(np.copy(key).dtype).toBe("key");
  });

  it("makes no work of large sizes", () => {
    expect(np.vander([1, 2], 1e9).shape).toEqual([2, 1e9]);
    expect(np.eye(1e7).shape).toEqual([1e7, 1e7]);
    expect(np.linspace(0, 1, 1e9).shape).toEqual([1e9]);
  });
});

describe("movement", () => {
  refuses("np.reshape", [
    ["an order that is none", () => np.reshape(x, [3, 2], any("K")), ArgumentError],
    ["order F without a copy", () => np.reshape(x, [3, 2], "F", { copy: false }), ArgumentError],
    ["sizes that do not fit", () => np.reshape(x, [4]), ShapeError],
    ["two sizes to find", () => np.reshape(x, [-1, -1]), ShapeError],
    ["a fraction", () => np.reshape(x, [1.5, 4]), ShapeError],
    ["options of another function", () => np.reshape(x, 6, any({ axis: 0 })), ArgumentError],
  ]);
  refuses("np.ravel", [
    ["an order that is none", () => np.ravel(x, any("f")), ArgumentError],
    ["an operand too many", () => (np.ravel as (...args: readonly unknown[]) => unknown)(x, "C", 1), ArgumentError],
  ]);
  refuses("np.transpose", [
    ["axes one by one", () => (np.transpose as (...args: readonly unknown[]) => unknown)(x, 1, 0), ArgumentError],
    ["one axis", () => np.transpose(x, any(1)), IndexError],
    ["an axis twice", () => np.transpose(x, [0, 0]), ShapeError],
    ["an axis out of range", () => np.transpose(x, [0, 2]), IndexError],
  ]);
  refuses("np.moveaxis", [
    ["an axis twice", () => np.moveaxis(x, [0, 0], [0, 1]), IndexError],
    ["a place twice", () => np.moveaxis(x, [0, 1], [1, -1]), IndexError],
    ["a place too few", () => np.moveaxis(x, [0, 1], [0]), ShapeError],
    ["fractions", () => np.moveaxis(x, 0.5, 0), IndexError],
  ]);
  refuses("np.squeeze", [
    ["an axis of 2", () => np.squeeze(x, 0), ShapeError],
    ["a fraction", () => np.squeeze(x, 1.5), IndexError],
    ["a text", () => np.squeeze(x, any("0")), IndexError],
  ]);
  refuses("np.flip", [
    ["an axis twice", () => np.flip(x, [0, 0]), IndexError],
    ["true", () => np.flip(x, any(true)), IndexError],
  ]);
  refuses("np.fliplr", [["a line", () => np.fliplr([1, 2]), ShapeError]]);
  refuses("np.flipud", [["a number", () => np.flipud(1), ShapeError]]);
  refuses("np.matrixTranspose", [["a line", () => np.matrixTranspose([1, 2]), ShapeError]]);
  refuses("np.rot90", [
    ["NaN turns", () => np.rot90(x, NaN), IndexError],
    ["half a turn's quarter", () => np.rot90(x, 0.5), IndexError],
    ["one axis", () => np.rot90(x, 1, [0]), IndexError],
    ["an axis twice", () => np.rot90(x, 1, [0, -2]), IndexError],
    ["three axes", () => np.rot90(np.ones([1, 1, 1]), 1, [0, 1, 2]), IndexError],
  ]);
  refuses("np.roll", [
    ["a fraction", () => np.roll(x, 1.5), IndexError],
    ["NaN", () => np.roll(x, NaN), IndexError],
    ["fractions in a list", () => np.roll(x, [1, 0.5], [0, 1]), IndexError],
    ["a computed fraction", () => np.roll(x, np.array(1.5)), IndexError],
    ["lists of lists", () => np.roll(x, [[1]], 0), ShapeError],
    ["as many shifts as no axes", () => np.roll(x, [1, 2, 3], [0, 1]), ShapeError],
    ["an axis out of range", () => np.roll(x, 1, 2), IndexError],
  ]);
  refuses("np.tile", [
    ["a negative count", () => np.tile(x, -1), ShapeError],
    ["more elements than can be counted", () => np.tile(x, [1e9, 1e9]), ShapeError],
  ]);
  refuses("np.repeat", [
    ["counts of a computed array", () => np.repeat(x, np.array([1, 2], "int32"), 0), IndexError],
    ["traced counts", () => jit((c: NDArray) => np.repeat(x, c, 0))(np.array([1, 2], "int32")), IndexError],
    ["a count too few", () => np.repeat([1, 2, 3], [1, 2]), ShapeError],
    ["negative counts", () => np.repeat([1, 2], [1, -1]), ShapeError],
    ["a length that is none", () => np.repeat(x, 2, { totalRepeatLength: -1 }), ShapeError],
    ["to fill up without an element", () => np.repeat(np.ones([0]), 2, { totalRepeatLength: 3 }), ShapeError],
  ]);
  refuses("np.broadcastTo", [["a shape it does not fill", () => np.broadcastTo(x, [2, 4]), ShapeError]]);
  refuses("np.broadcastShapes", [
    ["shapes that do not", () => np.broadcastShapes([2], [3]), ShapeError],
    ["arrays", () => np.broadcastShapes(any(x)), IndexError],
  ]);
  refuses("np.swapaxes", [
    ["a traced axis", () => jit((a: NDArray) => np.swapaxes(x, any(a), 1))(0), ConcretizationError],
  ]);

  it("takes counts of the host", () => {
    expect(np.repeat([1, 2, 3], [2, 0, 1]).tolist()).toEqual([1, 1, 3]);
    expect(np.repeat([1, 2, 3], Int32Array.of(0, 1, 3)).tolist()).toEqual([2, 3, 3, 3]);
    expect(
      np
        .repeat(
          [
            [1, 2],
            [3, 4],
          ],
          [1, 2],
          1,
        )
        .tolist(),
    ).toEqual([
      [1, 2, 2],
      [3, 4, 4],
    ]);
    expect(np.repeat([1, 2, 3], [2]).tolist()).toEqual([1, 1, 2, 2, 3, 3]);
    expect(np.repeat([1, 2, 3], [2, 0, 0], { totalRepeatLength: 4 }).tolist()).toEqual([1, 1, 3, 3]);
    expect(np.repeat([1, 2], [0, 0]).tolist()).toEqual([]);
  });

  it("moves keys as arrays, their words in place", () => {
    const keys = random.split(random.key(0), 6);
    const flat = random.keyData(keys).tolist() as number[][];
    const columns = np.reshape(keys, [2, 3], "F");
    expect(columns.shape).toEqual([2, 3]);
    expect(random.keyData(np.ravel(columns, "F")).tolist()).toEqual(flat);
    expect(random.keyData(np.ravel(columns)).tolist()).toEqual([0, 2, 4, 1, 3, 5].map((i) => flat[i]));
    expect(random.keyData(np.repeat(keys, [1, 0, 0, 0, 0, 2])).tolist()).toEqual([flat[0], flat[5], flat[5]]);
    expect(random.keyData(np.resize(keys, [2])).tolist()).toEqual(flat.slice(0, 2));
    expect(np.rot90(np.reshape(keys, [2, 3])).shape).toEqual([3, 2]);
  });
});

describe("methods", () => {
  it("take the options of the functions", () => {
    const y = np.reshape(np.arange(6), [2, 3]);
    expect(y.reshape(3, 2, { order: "F" }).tolist()).toEqual([
      [0, 4],
      [3, 2],
      [1, 5],
    ]);
    expect(y.reshape([-1], { order: "F" }).tolist()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(y.reshape(6).tolist()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(y.ravel("F").tolist()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(y.flatten({ order: "F" }).tolist()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(() => y.reshape(6, any({ order: "X" }))).toThrow(ArgumentError);
    expect(() => y.reshape(6, any({ axis: 0 }))).toThrow("there is no option axis");
    expect(() => y.reshape(any("6"))).toThrow(ShapeError);
    expect(() => y.ravel(any(0))).toThrow(ArgumentError);
  });
});

// What numpy's functions of shapes, joins and products refuse, by name: values of the wrong kind, options that do not
// exist, sizes that cannot be. That options which exist do what they say is in test/golden/structure.test.ts.
import { ArgumentError, ConcretizationError, DTypeError, IndexError, ShapeError, WeftError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { grad, jit, type NDArray, numpy as np, random } from "../index.ts";

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

describe("joins", () => {
  refuses("np.concatenate", [
    ["no arrays", () => np.concatenate([]), ShapeError],
    ["an axis out of range", () => np.concatenate([x, x], 2), IndexError],
    ["an axis of the wrong kind", () => np.concatenate([x, x], 0.5), IndexError],
    ["a dtype that is none", () => np.concatenate([x], 0, any("int")), DTypeError],
    ["a number", () => np.concatenate(any(3)), DTypeError],
    ["numbers", () => np.concatenate([1, 2]), ShapeError],
    ["shapes that do not fit", () => np.concatenate([x, np.ones([3, 2])]), ShapeError],
    ["keys beside numbers", () => np.concatenate([random.split(random.key(0)), np.ones([2])]), DTypeError],
    ["an out", () => np.concatenate([x], any({ out: x })), ArgumentError],
  ]);
  refuses("np.concat", [
    ["an axis by position", () => (np.concat as (...args: readonly unknown[]) => unknown)([x, x], 1), ArgumentError],
    ["null", () => np.concat(any(null)), DTypeError],
  ]);
  refuses("np.stack", [
    ["arrays of different shapes", () => np.stack([x, np.ones([3, 2])]), ShapeError],
    ["a dtype in out's place", () => np.stack([x, x], 0, any("int32")), ArgumentError],
    ["an axis out of range", () => np.stack([x, x], 3), IndexError],
    ["an axis of null", () => np.stack([x], any(null)), IndexError],
  ]);
  refuses("np.hstack", [
    ["an empty list", () => np.hstack([]), ShapeError],
    ["a dtype of the wrong kind", () => np.hstack([x], any(2)), DTypeError],
    ["an axis", () => np.hstack([x], any({ axis: 0 })), ArgumentError],
    ["an array without rows", () => np.hstack(np.ones([0, 2])), ShapeError],
  ]);
  refuses("np.block", [
    ["an empty list", () => np.block([[]]), ShapeError],
    ["lists of different depth", () => np.block([1, [2]]), ShapeError],
    [
      "a list that holds itself",
      () => {
        const own: unknown[] = [1];
        own[0] = own;
        np.block(any(own));
      },
      ShapeError,
    ],
    ["what is no array", () => np.block([any("x")]), DTypeError],
  ]);
  refuses("np.append", [
    ["arrays of other shapes along an axis", () => np.append(x, [1, 2], 1), ShapeError],
    ["an axis that is none", () => np.append(x, x, any("0")), IndexError],
  ]);

  it("leaves the rows of one array where they lie", () => {
    expect(np.concatenate(np.ones([1e7, 3])).shape).toEqual([3e7]);
    expect(np.stack(np.ones([1e7, 3]), 1).shape).toEqual([3, 1e7]);
  });

  it("joins keys", () => {
    const keys = random.split(random.key(3), 4);
    const data = random.keyData(keys).tolist() as number[][];
    const square = np.stack([keys.slice([0, 2]), keys.slice([2, 4])], 1);
    expect(square.shape).toEqual([2, 2]);
    expect(random.keyData(square.ravel()).tolist()).toEqual([0, 2, 1, 3].map((i) => data[i]));
    expect(np.hstack(np.reshape(keys, [2, 2])).shape).toEqual([4]);
    expect(random.keyData(np.concatenate(np.reshape(keys, [2, 2]), null)).tolist()).toEqual(data);
    expect(random.keyData(np.delete(keys, [0, 2])).tolist()).toEqual([data[1], data[3]]);
  });
});

describe("parts and places", () => {
  const line = np.arange(6);
  refuses("np.split", [
    ["parts that are not equal", () => np.split(line, 4), ShapeError],
    ["no parts", () => np.split(line, 0), ShapeError],
    ["a fraction of parts", () => np.split(line, 1.5), IndexError],
    ["a traced number of parts", () => jit((k: NDArray) => np.split(line, k)[0])(2), ConcretizationError],
    ["an axis out of range", () => np.split(line, 2, 1), IndexError],
  ]);
  refuses("np.arraySplit", [
    ["1e9 parts", () => np.arraySplit(line, 1e9), ShapeError],
    ["places that are none", () => np.arraySplit(line, [1, 2.5]), IndexError],
  ]);
  refuses("np.dsplit", [["a matrix", () => np.dsplit(x, 1), IndexError]]);
  refuses("np.unstack", [
    ["an axis by position", () => (np.unstack as (...args: readonly unknown[]) => unknown)(x, 1), ArgumentError],
    ["1e9 arrays", () => np.unstack(np.ones([1e9])), ShapeError],
    ["a number", () => np.unstack(1), IndexError],
  ]);
  refuses("np.delete", [
    ["a place out of range", () => np.delete(line, 6), IndexError],
    ["as many booleans as other elements", () => np.delete(line, [true, false]), IndexError],
    ["a fraction", () => np.delete(line, 0.5), IndexError],
    ["traced places", () => jit((i: NDArray) => np.delete(line, i))(np.array([1], "int32")), ConcretizationError],
    ["a matrix of places", () => np.delete(line, np.array([[1]], "int32")), IndexError],
    ["a hint of the wrong kind", () => np.delete(line, 1, { assumeUniqueIndices: any(1) }), ArgumentError],
  ]);
  refuses("np.insert", [
    ["a place out of range", () => np.insert(line, 7, 0), IndexError],
    ["values that do not broadcast", () => np.insert(line, [0, 1], [1, 2, 3]), ShapeError],
    ["booleans", () => np.insert(line, any([true]), 1), IndexError],
  ]);
  refuses("np.compress", [
    ["a traced condition", () => jit((c: NDArray) => np.compress(c, line))(np.array([true])), ConcretizationError],
    ["a place out of range", () => np.compress([0, 0, 0, 0, 0, 0, 1], line), IndexError],
    ["a matrix of conditions", () => np.compress(any([[true]]), line), IndexError],
    ["a size beyond the axis", () => np.compress([true], line, { size: 2 }), ShapeError],
    ["an out", () => np.compress([true], line, { out: any(line) }), ArgumentError],
  ]);
  refuses("np.diff", [
    ["a fraction", () => np.diff(line, 1.5), IndexError],
    ["less than none", () => np.diff(line, -1), ShapeError],
    ["an axis out of range", () => np.diff(line, 1, 1), IndexError],
    ["1e9 times", () => np.diff(np.ones([2e9]), 1e9), ShapeError],
    ["a number", () => np.diff(3), IndexError],
    ["values of another shape", () => np.diff(x, { prepend: [1, 2, 3, 4] }), ShapeError],
  ]);
  refuses("np.gradient", [
    ["coordinates too few", () => np.gradient(line, [0, 1]), ShapeError],
    ["a matrix of coordinates", () => np.gradient(line, np.ones([6, 1])), ShapeError],
    ["spacings too many", () => np.gradient(x, 1, 2, 3), ShapeError],
    ["an order that is none", () => np.gradient(line, { edgeOrder: any(3) }), ArgumentError],
    ["an axis twice", () => np.gradient(x, { axis: [0, -2] }), IndexError],
    ["one element", () => np.gradient([1]), ShapeError],
    ["two elements in second order", () => np.gradient([1, 2], { edgeOrder: 2 }), ShapeError],
    ["a text among spacings", () => np.gradient(line, any("1")), DTypeError],
  ]);
  refuses("np.trapezoid", [
    ["points too few", () => np.trapezoid(line, [1, 2, 3]), ShapeError],
    ["an axis out of range", () => np.trapezoid(line, { axis: 1 }), IndexError],
  ]);
  refuses("np.unravelIndex", [
    ["an order that is none", () => np.unravelIndex(1, [2, 3], { order: any("A") }), ArgumentError],
    ["fractions", () => np.unravelIndex(0.5, [2, 3]), IndexError],
    ["a shape that is none", () => np.unravelIndex(1, any("2")), ShapeError],
  ]);
  refuses("np.ravelMultiIndex", [
    ["a place out of range", () => np.ravelMultiIndex([2, 0], [2, 3]), IndexError],
    ["traced places without a mode", () => jit((i: NDArray) => np.ravelMultiIndex([i], [2]))(1), ConcretizationError],
    ["a coordinate too few", () => np.ravelMultiIndex([1], [2, 3]), ShapeError],
    ["a mode that is none", () => np.ravelMultiIndex([1], [2], any("bogus")), ArgumentError],
    ["a dtype of floats", () => np.ravelMultiIndex([1], [2], { dtype: "float32" }), DTypeError],
    ["sizes that no dtype counts", () => np.ravelMultiIndex([1, 1], [1e6, 1e6]), ShapeError],
  ]);
  refuses("np.diagIndices", [
    ["1e9 axes", () => np.diagIndices(3, 1e9), ShapeError],
    ["a fraction", () => np.diagIndices(1.5), IndexError],
    ["less than no axes", () => np.diagIndices(2, -1), ShapeError],
  ]);
  refuses("np.choose", [
    ["a number out of range", () => np.choose([0, 2], [1, 2]), IndexError],
    ["traced numbers without a mode", () => jit((i: NDArray) => np.choose(i, [1, 2]))(1), ConcretizationError],
    ["no choices", () => np.choose(0, []), ShapeError],
    ["one number of choices", () => np.choose(0, any(3)), DTypeError],
    ["a mode that is none", () => np.choose(0, [1], { mode: any("bogus") }), ArgumentError],
  ]);
  refuses("np.select", [
    ["a condition too few", () => np.select([true], [1, 2]), ShapeError],
    ["shapes that do not broadcast", () => np.select([np.ones([2])], [np.ones([3])]), ShapeError],
    ["a condition that is no list", () => np.select(any(true), [1]), DTypeError],
  ]);

  it("reads arrays of places that have values", () => {
    const mask = np.greater(line, 2);
    expect(np.compress(mask, line).tolist()).toEqual([3, 4, 5]);
    expect(np.delete(line, mask).tolist()).toEqual([0, 1, 2]);
    expect(np.delete(line, np.array([0, 5], "int32")).tolist()).toEqual([1, 2, 3, 4]);
    expect(np.split(line, np.array([2], "int32")).map((part) => part.tolist())).toEqual([
      [0, 1],
      [2, 3, 4, 5],
    ]);
    expect(np.insert(line, Int32Array.of(0, 6), -1).tolist()).toEqual([-1, 0, 1, 2, 3, 4, 5, -1]);
    expect(jit((i: NDArray) => np.choose(i, [1, 2, 3], null, "clip"))(7).item()).toBe(3);
  });

  it("differentiates by spacings", () => {
    const f = np.array([1, 4, 9, 16]);
    // jax.grad(lambda h: jnp.gradient(f, h).sum())(2.0), and by coordinates [0, 1, 3, 7]
    expect(grad((h: NDArray) => (np.gradient(f, h) as NDArray).sum())(2).item()).toBe(-5);
    const byPlaces = grad((at: NDArray) => (np.gradient(f, at) as NDArray).sum())(np.array([0, 1, 3, 7]));
    expect((byPlaces.tolist() as number[]).map((v) => Math.round(v * 1e4) / 1e4)).toEqual([
      5.1111, -3.8333, -0.7361, -0.5417,
    ]);
  });
});

describe("padding", () => {
  refuses("np.pad", [
    ["median, until there is sorting", () => np.pad(x, 1, "median"), ArgumentError],
    ["a mode that is none", () => np.pad(x, 1, any("bogus")), ArgumentError],
    [
      "a function for a mode",
      () =>
        np.pad(
          x,
          1,
          any(() => 0),
        ),
      ArgumentError,
    ],
    ["values of constants in another mode", () => np.pad(x, 1, "edge", { constantValues: 1 }), ArgumentError],
    ["values of ends in another mode", () => np.pad(x, 1, { endValues: 1 }), ArgumentError],
    ["a kind of reflection in another mode", () => np.pad(x, 1, "wrap", { reflectType: "odd" }), ArgumentError],
    ["a length of statistics in another mode", () => np.pad(x, 1, "reflect", { statLength: 1 }), ArgumentError],
    ["a kind of reflection that is none", () => np.pad(x, 1, "reflect", { reflectType: any("both") }), ArgumentError],
    ["a length of 0", () => np.pad(x, 1, "mean", { statLength: 0 }), IndexError],
    ["fractions", () => np.pad(x, 1.5), IndexError],
    [
      "negative widths",
      () =>
        np.pad(x, [
          [0, -1],
          [0, 0],
        ]),
      IndexError,
    ],
    ["texts", () => np.pad(x, any("1")), IndexError],
    ["three widths", () => np.pad(x, [1, 2, 3]), ShapeError],
    [
      "pairs for other axes",
      () =>
        np.pad(x, [
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ShapeError,
    ],
    ["three values", () => np.pad(x, 1, { constantValues: [1, 2, 3] }), ShapeError],
    ["values of another shape", () => np.pad(x, 1, { constantValues: np.ones([3, 2]) }), ShapeError],
    ["an empty axis in a mode that reads it", () => np.pad(np.ones([0, 2]), 1, "edge"), ShapeError],
    ["more elements than can be counted", () => np.pad(x, 1e9), ShapeError],
    ["traced widths", () => jit((w: NDArray) => np.pad(x, w))(1), ConcretizationError],
    ["an option of another function", () => np.pad(x, 1, any({ axis: 0 })), ArgumentError],
  ]);

  it("repeats an array a billion times without making parts of it", () => {
    expect(np.pad([1, 2, 3], [0, 1e9], "wrap").slice(-1).item()).toBe(1);
    expect(np.pad([1, 2, 3], [1e9, 2], "reflect").shape).toEqual([1e9 + 5]);
  });
  it("has values that are traced", () => {
    const padded = (v: NDArray): NDArray => np.pad([1, 2], [1, 2], { constantValues: v });
    expect(jit(padded)(np.array([7, 8])).tolist()).toEqual([7, 1, 2, 8, 8]);
    expect(grad((v: NDArray) => padded(v).sum())(np.array([7, 8])).tolist()).toEqual([1, 2]);
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

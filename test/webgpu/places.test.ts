// Small arrays that came from the host are read at once on a device that cannot block: functions whose shapes depend on
// places, counts or axes give what they give on WASM. What was computed is not read, and the error says so.
import type { NDArray } from "@weft/api";
import { defaultDevice, devicePut, init, numpy as np, SyncReadError } from "@weft/api";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const { missing } = await init({ devices: ["webgpu"] });

const ints = (...of: readonly number[]): NDArray => np.array(of, { dtype: "int32" });
const x = (): NDArray => np.arange(12).astype("float32").reshape(3, 4);
type Call = () => NDArray | readonly NDArray[];
const CALLS: readonly [string, Call][] = [
  ["pad", () => np.pad(x(), ints(1, 2))],
  ["split", () => np.split(x(), ints(1, 3), 1)],
  ["delete", () => np.delete(x(), ints(0, 2), 1)],
  ["insert", () => np.insert(x(), ints(0, 3), 7, 1)],
  ["compress", () => np.compress(np.array([true, false, true]), x(), 0)],
  ["choose", () => np.choose(ints(1, 0, 2), [ints(1, 2, 3), ints(4, 5, 6), ints(7, 8, 9)])],
  ["ravelMultiIndex", () => np.ravelMultiIndex([ints(1, 2), ints(3, 0)], [3, 4])],
  ["transpose", () => np.transpose(x(), ints(1, 0))],
  ["x.sum", () => x().sum(np.array(1, { dtype: "int32" }))],
  ["reshape", () => np.reshape(x(), ints(2, -1))],
  ["tile", () => np.tile(x(), ints(2, 1))],
  ["pad by a reshaped array", () => np.pad(x(), ints(1, 0, 2, 1).reshape(2, 2))],
  [
    "axes that are rows of an array",
    () =>
      [
        ...np.array([
          [1, 0],
          [0, 1],
        ]),
      ].map((axes) => np.transpose(x(), axes)),
  ],
  ["axes from the middle", () => np.transpose(x(), np.array([7, 1, 0, 7]).slice([1, 3]))],
  ["every second one", () => np.zeros(np.array([4, 9, 2]).slice([0, 3, 2]))],
  ["ravelMultiIndex of one array", () => np.ravelMultiIndex(ints(1, 2, 3, 0).reshape(2, 2), [3, 4])],
  ["delete of nothing", () => np.delete(x(), ints(), 1)],
  ["a list with arrays", () => np.zeros([np.array(2), 3])],
];

const valuesOf = async (call: Call): Promise<unknown> => {
  const result = call();
  const arrays = Array.isArray(result) ? (result as NDArray[]) : [result as NDArray];
  return Promise.all(arrays.map(async (one) => [one.shape, Array.from((await one.data()) as ArrayLike<number>)]));
};

describe.skipIf(skipped("webgpu", missing.webgpu ?? null, "arrays of places"))("arrays of places on webgpu", () => {
  beforeEach(() => void defaultDevice("webgpu"));
  afterEach(() => void defaultDevice("wasm"));
  afterAll(() => void defaultDevice("wasm"));

  test.each(CALLS)("%s", async (_, call) => {
    const found = await valuesOf(call);
    defaultDevice("wasm");
    expect(found).toEqual(await valuesOf(call));
  });

  test.each([
    ["float32", [1.5, -2]],
    ["int32", [7, -8, 9]],
    ["bool", [true, false, true]],
    ["float16", [0.5, 2, 3]],
  ] as const)("%s is read as it was given", (dtype, values) => {
    const given = np.array(values as readonly number[], { dtype });
    expect(given.device).toBe("webgpu");
    expect(given.tolist()).toEqual(values);
    expect(String(given)).not.toContain("pending");
    expect(Array.from(given.dataSync() as ArrayLike<number>)).toEqual(values.map(Number));
  });

  test("so are numbers alone", () => {
    for (const [dtype, value] of [
      ["int32", -3],
      ["float32", 0.1],
      ["bool", true],
      ["float16", 0.1],
    ] as const) {
      const given = np.array(value as number, { dtype });
      defaultDevice("wasm");
      const expected = np.array(value as number, { dtype }).item();
      defaultDevice("webgpu");
      expect(given.item()).toBe(expected);
      expect(String(given)).not.toContain("pending");
    }
  });

  test("errors tell them, and not that they are pending", () => {
    const line = np.arange(6);
    const wrong: readonly [string, () => unknown][] = [
      ["np.delete: index 9 is out of range", () => np.delete(line, ints(9))],
      ["np.insert: index 9 is out of range", () => np.insert(line, ints(9), 1)],
      ["np.choose: index 7 is out of range", () => np.choose(ints(0, 7), [1, 2])],
      ["np.sum: axis 3 is out of range", () => np.sum(line, ints(3))],
      ["np.transpose: float32[3,4]: [0,0] is no permutation", () => np.transpose(x(), ints(0, 0))],
      ["np.reshape: int32[6]: 6 elements do not fill shape [4,2]", () => np.reshape(line, ints(4, 2))],
      ["np.pad: padWidth: expected integers that are not negative, got -1", () => np.pad(line, ints(-1, 0))],
      ["np.ravelMultiIndex: index 2 is out of range", () => np.ravelMultiIndex([ints(2), ints(0)], [2, 3])],
      ["x.slice: int32[6]: index 7 is out of range", () => line.slice(7)],
    ];
    for (const [text, call] of wrong) {
      expect(call).toThrow(text);
      expect(call).not.toThrow("pending");
    }
  });

  test("what is computed, or larger than 64 KiB, is not", async () => {
    const computed = ints(1, 0).add(0);
    expect(() => computed.tolist()).toThrow(SyncReadError);
    expect(() => np.transpose(x(), computed)).toThrow(/^np\.transpose: a synchronous read of int32\[2\]/u);
    await computed.ready();
    expect(() => computed.tolist()).toThrow(SyncReadError);
    expect(() => np.array(new Float32Array(2 ** 14 + 1)).dataSync()).toThrow(SyncReadError);
    expect(np.array(new Float32Array(2 ** 14)).dataSync().length).toBe(2 ** 14);
  });

  test("what was put there from the other device came from the host too", async () => {
    defaultDevice("wasm");
    const order = devicePut(ints(1, 0), "webgpu");
    await order.ready();
    expect(order.device).toBe("webgpu");
    expect(np.transpose(devicePut(x(), "webgpu"), order).shape).toEqual([4, 3]);
  });
});

// Arrays beyond the binding limit, on a device whose limit is set to a few pages; values against the interpreter. Cut along
// a grid axis where each part touches little, else bound in pieces.
import type { NDArray } from "@weft/api";
import { grad, lax, nn, numpy as np, useBackend } from "@weft/api";
import { aval, leaf, NO_PARAMS, record } from "@weft/ir";
import type { Aval, Backend, Node } from "@weft/ir";
import { openWebgpu } from "@weft/backend-webgpu";
import { createInterpreter, evaluate, readValue, uploadValue } from "@weft/scheduler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipped } from "../support/require.ts";

const LIMIT = 4096;

const first = await openWebgpu();
const missing = "missing" in first ? first.missing : null;
if ("backend" in first) await first.backend.close();

async function openDevice(bindingBytes: number): Promise<Backend> {
  const found = await openWebgpu({ bindingBytes });
  if ("missing" in found) throw new Error(found.missing);
  return found.backend;
}

describe.skipIf(skipped("webgpu", missing, "windows of large arrays"))("windows of large arrays", () => {
  let backend: Backend;
  let narrow: Backend;
  beforeAll(async () => {
    backend = await openDevice(LIMIT);
    narrow = await openDevice(1024);
  });
  afterAll(async () => {
    await backend.close();
    await narrow.close();
  });

  type Build = (inputs: readonly Node[]) => Node;

  async function valueOf(device: Backend, avals: readonly Aval[], build: Build): Promise<number[]> {
    const nodes = avals.map((of, which) => {
      const data = Float32Array.from({ length: of.size }, (_, i) => ((i * 37 + which * 11) % 101) / 10 - 5);
      return leaf(of, uploadValue(device, of, of.dtype === "int32" ? Int32Array.from(data, (x) => x * 10) : data));
    });
    const root = build(nodes);
    await evaluate([root], device)?.wait();
    const { dtype, size } = root.aval;
    const out =
      dtype === "bool" ? new Uint8Array(size) : dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    if (root.value === null) throw new Error("the root was not evaluated");
    await readValue(root.value, new Uint8Array(out.buffer));
    return [...out];
  }

  const { mul, exp, sub, neg, add } = {
    mul: (x: Node, y: Node) => record("mul", NO_PARAMS, [x, y]),
    exp: (x: Node) => record("exp", NO_PARAMS, [x]),
    sub: (x: Node, y: Node) => record("sub", NO_PARAMS, [x, y]),
    neg: (x: Node) => record("neg", NO_PARAMS, [x]),
    add: (x: Node, y: Node) => record("add", NO_PARAMS, [x, y]),
  };

  test.each<[string, Aval[], Build]>([
    ["a chain over one long axis", [aval("float32", [10_007])], ([x]) => mul(exp(x), x)],
    ["two arrays", [aval("float32", [3000]), aval("float32", [3000])], ([x, y]) => sub(x, y)],
    ["rows", [aval("float32", [50, 300])], ([x]) => record("reduceSum", { axes: [1] }, [mul(x, x)])],
    [
      "a bool result",
      [aval("float32", [9001]), aval("float32", [9001])],
      ([x, y]) => record("compare", { op: "lt" }, [x, y]),
    ],
    [
      "a vector against a matrix",
      [aval("float32", [40, 100]), aval("float32", [100])],
      ([x, y]) => add(x, record("broadcastInDim", { shape: [40, 100], axes: [1] }, [y])),
    ],
    [
      "guards and positions",
      [aval("float32", [4000]), aval("float32", [])],
      ([x, y]) =>
        add(
          record("pad", { lo: [100], hi: [200], interior: [0] }, [x, y]),
          record("convert", { dtype: "float32", weakness: "strong" }, [
            record("iota", { n: 4300, dtype: "int32" }, [], [3, 2]),
          ]),
        ),
    ],
    ["a turned array", [aval("float32", [5003])], ([x]) => record("flip", { axes: [0] }, [x])],
    ["integers", [aval("int32", [5000])], ([x]) => neg(x)],
  ])("%s", async (_name, avals, build) => {
    const expected = await valueOf(createInterpreter(), avals, build);
    const before = backend.counters().steps;
    const got = await valueOf(backend, avals, build);
    // several dispatches where one would do
    expect(backend.counters().steps - before).toBeGreaterThan(1);
    expect(got.length).toBe(expected.length);
    got.forEach((x, i) =>
      expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThanOrEqual(Math.abs(expected[i]) * 1e-5 + 1e-5),
    );
  });

  // what touches all of an array at once, or what is not known before it runs

  const drawn = (shape: readonly number[], which = 0): NDArray => {
    const size = shape.reduce((product, n) => product * n, 1);
    return np.reshape(np.array(Float32Array.from({ length: size }, (_, i) => ((i * 37 + which * 11) % 101) / 10 - 5)), [
      ...shape,
    ]);
  };
  const line = (): NDArray => drawn([3000]);
  const table = (): NDArray => drawn([60, 50]);

  async function valuesOn(device: Backend, make: () => NDArray): Promise<number[]> {
    const before = useBackend(device);
    try {
      return [...(await make().data())].map(Number);
    } finally {
      useBackend(before);
    }
  }

  test.each<[string, () => NDArray]>([
    ["two elements near the end", () => line().slice([2997, 2999])],
    [
      "two elements near the end with two near the start",
      () =>
        line()
          .slice([2990, 2992])
          .add(line().slice([1, 3])),
    ],
    ["roll", () => np.roll(line(), 7)],
    ["roll of two axes", () => np.roll(table(), [3, 5], [0, 1])],
    ["roll of truth values", () => np.roll(drawn([5000]).greater(0), 7)],
    ["roll of float16", () => np.roll(line().astype("float16"), 7)],
    ["roll of integers", () => np.roll(line().mul(10).astype("int32"), 7)],
    ["the gradient of a roll", () => grad((x: NDArray) => np.sum(np.roll(x, 3).mul(x)))(line())],
    ["edge padding", () => np.pad(line(), 5, { mode: "edge" })],
    ["edge padding of two axes", () => np.pad(table(), 3, { mode: "edge" })],
    ["reflected padding", () => np.pad(line(), 5, { mode: "reflect" })],
    ["a strided slice", () => line().slice([null, null, 3])],
    ["strided slices of two axes", () => table().slice([null, null, 2], [null, null, 3])],
    ["a slice backwards", () => line().slice([null, null, -2])],
    ["a product", () => np.matmul(drawn([40, 60]), drawn([60, 50], 1))],
    ["a product of a transpose", () => np.matmul(np.transpose(drawn([60, 40])), drawn([60, 50], 1))],
    ["a product larger than its operands", () => np.matmul(drawn([60, 3]), drawn([3, 50], 1))],
    ["products", () => np.matmul(drawn([4, 20, 30]), drawn([4, 30, 10], 1))],
    ["a product with a vector", () => np.matmul(table(), drawn([50], 1))],
    ["a product of float16", () => np.matmul(table().astype("float16"), drawn([50, 60]).astype("float16"))],
    ["a transpose", () => np.ravel(np.transpose(table()))],
    ["a sum with the transpose", () => drawn([50, 50]).add(np.transpose(drawn([50, 50])))],
    ["softmax along axis 0", () => nn.softmax(table(), { axis: 0 })],
    ["softmax along axis 1", () => nn.softmax(table(), { axis: 1 })],
    ["std along axis 0", () => np.std(table(), 0)],
    ["the sum of all", () => np.sum(line())],
    ["a slice whose start is no constant", () => lax.dynamicSlice(line(), [np.array(2990, { dtype: "int32" })], [5])],
    ["a part that is replaced", () => lax.dynamicUpdateSlice(line(), drawn([5], 2), [2990])],
  ])("%s", async (_name, make) => {
    const expected = await valuesOn(createInterpreter(), make);
    const got = await valuesOn(backend, make);
    expect(got.length).toBe(expected.length);
    got.forEach((x, i) =>
      expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThanOrEqual(Math.abs(expected[i]) * 1e-5 + 2e-4),
    );
  });

  test.each<[string, () => NDArray]>([
    ["a sum with the transpose", () => drawn([90, 90]).add(np.transpose(drawn([90, 90])))],
    ["a product", () => np.matmul(drawn([90, 90]), drawn([90, 90]))],
    ["a transpose", () => np.ravel(np.transpose(drawn([90, 90])))],
    ["roll", () => np.roll(drawn([8100]), 7)],
    ["two elements near the end", () => drawn([8100]).slice([8097, 8099])],
  ])("%s that needs more bindings than there are is refused, and the way out named", async (_name, make) => {
    await expect(valuesOn(narrow, make)).rejects.toThrow(
      /^x\.data: webgpu: .*this adapter.*evaluate it on device "wasm", or in smaller parts/s,
    );
  });
});

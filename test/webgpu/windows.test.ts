// Arrays beyond the binding limit, on a device whose limit is set to a few pages; values against the interpreter.
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

  test("what no cut of one axis makes small enough is refused by name", async () => {
    const of = aval("float32", [30, 40]);
    await expect(
      valueOf(narrow, [of, aval("float32", [40, 30])], ([x, y]) => add(x, record("transpose", { perm: [1, 0] }, [y]))),
    ).rejects.toThrow(/cannot be cut into windows/);
  });
});

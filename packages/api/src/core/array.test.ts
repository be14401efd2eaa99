// NDArray as a handle: reading, text, operators, lifetimes.
import { describe, expect, test } from "vitest";
import { DisposedError, DTypeError, ShapeError } from "@weft/ir";
import { add, array, full, multiply as mul, sum } from "../numpy/index.ts";
import { wrapKey } from "./convert.ts";
import { checkLeaks, memory, scope } from "../device/memory.ts";
import { jit } from "../transform/jit.ts";

describe("NDArray", () => {
  test("knows its shape, dtype and device", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.shape, x.ndim, x.size, x.nbytes, x.dtype, x.device, x.weakType]).toEqual([
      [2, 3],
      2,
      6,
      24,
      "float32",
      "wasm",
      false,
    ]);
  });

  test("is read synchronously and asynchronously", async () => {
    const y = mul(array([1, 2, 3]), 2);
    expect(await y.data()).toEqual(Float32Array.of(2, 4, 6));
    expect(y.dataSync()).toEqual(Float32Array.of(2, 4, 6));
    expect(add(y, 1).tolist()).toEqual([3, 5, 7]);
    expect(JSON.stringify({ y })).toBe('{"y":[2,4,6]}');
    expect(await (await add(y, 1).ready()).data()).toEqual(Float32Array.of(3, 5, 7));
    expect(sum(y).item()).toBe(12);
    expect(array([true, false]).tolist()).toEqual([true, false]);
  });

  test("data is a copy", () => {
    const x = array([1, 2]);
    x.dataSync()[0] = 9;
    expect(x.tolist()).toEqual([1, 2]);
  });

  test("typed arrays are copied at the call", () => {
    const host = Float32Array.of(1, 2);
    const x = array(host);
    host[0] = 9;
    expect(x.tolist()).toEqual([1, 2]);
  });

  test("methods are numpy's functions", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([
      x.add(1).tolist(),
      x.T.shape,
      x.mT.shape,
      x.reshape(3, -1).shape,
      x.reshape([6]).shape,
      x.transpose(1, 0).shape,
    ]).toEqual([
      [
        [2, 3, 4],
        [5, 6, 7],
      ],
      [3, 2],
      [3, 2],
      [3, 2],
      [6],
      [3, 2],
    ]);
    expect([
      x.sum().item(),
      x.sum(0).tolist(),
      x.max({ axis: 1, keepdims: true }).tolist(),
      x.mean(-1).tolist(),
    ]).toEqual([21, [5, 7, 9], [[3], [6]], [2, 5]]);
    expect([
      x.slice(1).tolist(),
      x.slice([0, 1], 2).tolist(),
      x.at(0, 0).set(9).tolist(),
      x.take(1, 1).tolist(),
    ]).toEqual([
      [4, 5, 6],
      [3],
      [
        [9, 2, 3],
        [4, 5, 6],
      ],
      [2, 5],
    ]);
    expect([...x].map((row) => row.tolist())).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.greater(3).any().item()).toBe(true);
  });

  test("item refuses more than one element", () => {
    expect(() => array([1, 2]).item()).toThrow(ShapeError);
    expect(() => array([1, 2]).item()).toThrow("float32[2]");
  });

  test("prints, and refuses JavaScript's operators", () => {
    const x = add(array([1, 2]), 1);
    expect(`${x}`).toBe("[2. 3.]");
    expect(() => (x as unknown as number) * 2).toThrow("x.mul(2)");
    expect(() => (x as unknown as number) > 0).toThrow(TypeError);
    expect((x as unknown as Record<string, unknown>).then).toBeUndefined();
  });

  test("a traced or disposed array prints what it is", () => {
    let text = "";
    jit((x: ReturnType<typeof array>) => {
      text = String(x);
      return x;
    })(array([1]));
    expect(text).toMatch(/^NDArray\(float32\[1\], traced in jit/);
    const gone = array([1]);
    gone.dispose();
    expect(String(gone)).toBe("NDArray(disposed)");
    expect(() => gone.add(1)).toThrow(/^x\.add: float32\[.*\]: this array was disposed/u);
  });

  test("keys hide their representation and take no part in arithmetic", () => {
    const key = wrapKey(
      array(
        [
          [0, 1],
          [2, 3],
        ],
        "uint32",
      ).node,
    );
    expect([key.dtype, key.shape, key.ndim, key.size]).toEqual(["key", [2], 1, 2]);
    expect(() => add(key, 1)).toThrow(DTypeError);
    expect(() => key.item()).toThrow(DTypeError);
    expect(() => key.tolist()).toThrow("random.keyData");
    expect(String(key)).toBe("NDArray(key[2])");
  });
});

describe("lifetimes", () => {
  test("dispose ends the handle, not what was made of it", () => {
    const x = array([1, 2]);
    const y = mul(x, 3);
    x.dispose();
    x.dispose();
    expect(() => x.tolist()).toThrow(DisposedError);
    expect(() => add(x, 1)).toThrow(DisposedError);
    expect(y.tolist()).toEqual([3, 6]);
  });

  test("using and scope free everything but the result", () => {
    const report = checkLeaks(() => {
      const y = scope(() => {
        const x = full([10], 2);
        sum(x).item();
        return { y: mul(x, 2) };
      });
      expect(y.y.tolist()).toEqual(new Array(10).fill(4));
      y.y.dispose();
      {
        using z = full([7], 1);
        z.dataSync();
      }
    });
    expect(report.list).toEqual([]);
  });

  test("checkLeaks names what is left", () => {
    let kept;
    const report = checkLeaks(() => {
      kept = array(new Float32Array(123));
    });
    expect(report).toEqual({ arrays: 1, bytes: 492, list: ["float32[123] (492 bytes)"] });
    expect(kept).toBeDefined();
    expect(memory().bytes).toBeGreaterThanOrEqual(492);
  });

  test("a handle disposed before its reader runs frees nothing too early", () => {
    const x = mul(array([1, 2]), 2);
    const y = add(x, 1);
    x.dispose();
    expect(y.tolist()).toEqual([3, 5]);
  });
});

describe("evaluation", () => {
  test("a chain of 100,000 operations works without a read in between", () => {
    let x = array([0, 1]);
    for (let i = 0; i < 100_000; i++) x = add(x, 1);
    expect(x.tolist()).toEqual([100_000, 100_001]);
  });

  test("operands that are the same array and equal arrays have plans of their own", () => {
    const x = array([1, 2]);
    const y = array([10, 20]);
    expect([add(x, x).tolist(), add(x, y).tolist(), add(y, y).tolist()]).toEqual([
      [2, 4],
      [11, 22],
      [20, 40],
    ]);
  });
});

// A shader that the adapter does not compile is made of smaller ones, though the news comes when the run waits already.
import { aval, DeviceError, leaf, literal, makeGraph, NO_PARAMS, placeholder, record } from "@weft/ir";
import type { Node, Value } from "@weft/ir";
import { openWebgpu } from "@weft/backend-webgpu";
import { compileGraph, evaluate, readValue, uploadValue } from "@weft/scheduler";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { skipped } from "../support/require.ts";

type Opened = Extract<Awaited<ReturnType<typeof openWebgpu>>, { readonly backend: unknown }>["backend"];
const first = await openWebgpu();
const missing = "missing" in first ? first.missing : null;
if ("backend" in first) await first.backend.close();

const f32 = (...shape: number[]) => aval("float32", shape);
const half = (): Node => literal(f32(), 0.5);
const chain = (x: Node, n: number): Node => {
  let y = x;
  for (let i = 0; i < n; i++) y = record("mul", NO_PARAMS, [record("exp", NO_PARAMS, [y]), half()]);
  return y;
};
const chained = (x: number, n: number): number => {
  let y = x;
  for (let i = 0; i < n; i++) y = Math.exp(y) * 0.5;
  return y;
};
const values = [0.1, -1, 0.5, 0.25, -0.125];

describe.skipIf(skipped("webgpu", missing, "refused shaders"))("refused shaders", () => {
  let backend: Opened;
  // a fresh one each time: shaders are remembered by their text
  beforeEach(async () => {
    const found = await openWebgpu();
    if ("missing" in found) throw new Error(found.missing);
    backend = found.backend;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await backend.close();
  });

  /** Has the adapter compile only shaders with at most so many exponentials. */
  function refuse(most: number): void {
    const { device } = backend;
    if (device === null) throw new Error("the device is not open");
    const { createShaderModule } = device;
    vi.spyOn(device, "createShaderModule").mockImplementation(({ code }) => {
      const count = code.split("exp_f32(").length - 2;
      return createShaderModule.call(device, {
        code: count > most ? `${code}\nfn broken() -> f32 { return 1u; }` : code,
      });
    });
  }
  const input = (): Node => leaf(f32(5), uploadValue(backend, f32(5), Float32Array.from(values)));
  const dataOf = async (value: Value | null): Promise<number[]> => {
    if (value === null) throw new Error("no value");
    const out = new Float32Array(value.aval.size);
    await readValue(value, new Uint8Array(out.buffer));
    return [...out];
  };

  test.each([40, 10, 2])("of more than %i exponentials become smaller ones", async (most) => {
    refuse(most);
    const root = chain(input(), 50);
    await evaluate([root], backend)?.wait();
    (await dataOf(root.value)).forEach((v, i) => expect(v).toBeCloseTo(chained(values[i], 50), 4));
  });

  test("with several results, and when the plan runs again", async () => {
    refuse(3);
    for (let turn = 0; turn < 3; turn++) {
      const x = input();
      const sum = record("reduceSum", { axes: [0] }, [chain(x, 12)]);
      const other = chain(record("broadcastInDim", { shape: [5], axes: [] }, [sum]), 9);
      await evaluate([sum, other], backend)?.wait();
      const want = values.reduce((total, v) => total + chained(v, 12), 0);
      expect((await dataOf(sum.value))[0]).toBeCloseTo(want, 3);
      for (const v of await dataOf(other.value)) expect(v).toBeCloseTo(chained(want, 9), 3);
      for (const node of [x, sum, other]) node.value?.release();
    }
  });

  test("a compiled graph is ready once its smaller form is", async () => {
    refuse(4);
    const x = placeholder(f32(5), "x", null);
    const compiled = compileGraph(makeGraph("f", [x], [chain(x, 21)], 0), backend);
    await compiled.ready([]);
    const [value] = compiled.run([input().value as Value], []);
    (await dataOf(value)).forEach((v, i) => expect(v).toBeCloseTo(chained(values[i], 21), 4));
  });

  test("one that cannot be smaller fails with its text", async () => {
    refuse(0);
    const root = chain(input(), 7);
    await expect(evaluate([root], backend)?.wait()).rejects.toThrow(DeviceError);
    await expect(dataOf(root.value)).rejects.toThrow(/does not compile[\s\S]*exp_f32/);
  });
});

// Plans that take long are made in slices between which the event loop runs, by whoever awaits them. In a file of its own:
// what other programs recorded before decides where a chain is cut, and a part of one is planned at once.
import type { NDArray } from "@weft/api";
import { blockUntilReady, deviceGet, grad, jit, numpy as np, ShapeDtypeStruct, valueAndGrad, vmap } from "@weft/api";
import { hostTurns } from "@weft/scheduler";
import { describe, expect, test } from "vitest";
import { countTurns } from "../support/turns.ts";

/** Programs of some hundred operations, whose plan takes long. */
const chain = (x: NDArray): NDArray => {
  let y = x;
  for (let i = 0; i < 300; i++) y = i % 3 === 0 ? np.sin(y) : i % 3 === 1 ? y.mul(x) : y.add(0.5);
  return np.sum(y);
};
const start = (): NDArray => np.linspace(0, 1, 50);
const LONG: Readonly<Record<string, () => Promise<unknown>>> = {
  "compile() of a gradient": () => jit(grad(chain)).compile(start()),
  "compile() for a shape": () => jit(chain).compile(new ShapeDtypeStruct([70])),
  "compile() of a batch": () => jit(vmap(chain)).compile(np.ones([3, 40])),
  "data() of a gradient that was recorded": () => grad(chain)(start()).data(),
  "ready() of a value": () => chain(start()).ready(),
  "blockUntilReady of a value and a gradient": () => blockUntilReady(valueAndGrad(chain)(start())),
  "deviceGet of a value": () => deviceGet({ y: np.negative(chain(start())) }),
};

// the host's own turns are set when its device is made
await np.ones([1]).data();

describe("plans that take long are made in slices by who awaits them", () => {
  test.each(Object.keys(LONG))("%s", async (name) => {
    expect(await countTurns(hostTurns, LONG[name])).toBeGreaterThan(5);
  });

  test("values are the same, sliced or not, read at once or while others plan", async () => {
    const x = start();
    const expected = grad(chain)(x).tolist() as number[];
    const [one, two, three] = [1, 2, 3].map((by) => grad(chain)(start().mul(by)).mul(by));
    const asked = [one, two, three].map((y) => y.data());
    x.dispose();
    // reads at once what is planned in slices
    expect(one.tolist()).toEqual(expected);
    for (const y of [one, two, three]) y.dispose();
    const found = await Promise.all(asked);
    expect([...found[0]]).toEqual(expected);
    const again = [2, 3].map((by) => grad(chain)(start().mul(by)).mul(by).tolist());
    expect(found.slice(1).map((data) => [...data])).toEqual(again);
  });

  test("a jitted call while it is compiled in slices computes", async () => {
    const f = jit(grad(chain));
    const x = start();
    const compiling = f.compile(x);
    const found = f(x).tolist();
    await compiling;
    expect(found).toEqual(f(x).tolist());
    f.dispose();
  });
});

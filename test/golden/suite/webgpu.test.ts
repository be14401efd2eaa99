// Values of golden cases on WebGPU, within the bounds that hold on WASM: every sixteenth, and the first of every
// function (a shader costs a software adapter 50 ms). Derivatives and batches are the same primitives.
import { defaultDevice, init } from "@weft/api";
import { afterAll, beforeAll, describe, it } from "vitest";
import { skipped } from "../../support/require.ts";
import { thin } from "../../support/thin.ts";
import type { Case } from "../cases.ts";
import { allCases } from "../cases.ts";
import { checksOf } from "../checks.ts";
import { DUE } from "../due-cases.ts";

const { missing } = await init({ devices: ["webgpu"] });

const isWide = (one: Case): boolean => /f64|float64/u.test(JSON.stringify(one));
const cases = thin(
  allCases().filter((one) => one.out !== undefined && !isWide(one)),
  16,
  ({ fn }) => fn,
);
const values = cases
  .flatMap((one) => checksOf(one).filter(({ kind }) => kind === "value"))
  .filter(({ id }) => !DUE.has(id));

describe.skipIf(skipped("webgpu", missing.webgpu ?? null, "the golden cases of functions"))("on webgpu", () => {
  beforeAll(() => void defaultDevice("webgpu"));
  afterAll(() => void defaultDevice("wasm"));

  it.each(values)("$id", ({ run: check }) => check());
});

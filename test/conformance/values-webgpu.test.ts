// The conformance matrix on WebGPU: every primitive on the adapter there is, float64 refused by name. Skips where there
// is no adapter, and says so; WEFT_REQUIRE=webgpu turns that into a failure.
import { openWebgpu } from "@weft/backend-webgpu";
import type { Backend } from "@weft/ir";
import { afterAll, describe, test } from "vitest";
import { checkNothingLeft } from "../support/collect.ts";
import { skipped } from "../support/require.ts";
import { thin } from "../support/thin.ts";
import { CASES, kindOf } from "./cases.ts";
import { checkCaseOnWebgpu } from "./matrix.ts";

const opened = await openWebgpu({ software: true });
const backend: Backend | null = "backend" in opened ? opened.backend : null;
const missing = "missing" in opened ? opened.missing : null;

describe.skipIf(skipped("webgpu", missing, "the conformance matrix"))("values on webgpu", () => {
  const device = backend as Backend;
  afterAll(async () => {
    await checkNothingLeft(device);
    await device.close();
  });

  // all of them in Node; a page adds another way to the same adapter
  const cases = typeof process === "undefined" ? thin(CASES, 4, kindOf) : CASES;

  test.each(cases)("$title", (c) => checkCaseOnWebgpu(c, device));
});

// The conformance matrix on WebGPU: every primitive on the adapter there is, float64 refused by name. Skips where there
// is no adapter, and says so; WEFT_REQUIRE=webgpu turns that into a failure.
import { openWebgpu } from "@weft/backend-webgpu";
import type { Backend, ServedDType } from "@weft/ir";
import { DTypeError } from "@weft/ir";
import { evaluate, readValue } from "@weft/scheduler";
import { afterAll, describe, expect, test } from "vitest";
import { CASES } from "./cases.ts";
import { skipped } from "../support/require.ts";
import { ARRAYS, compare, prepared, upload } from "./compare.ts";

const opened = await openWebgpu({ software: true });
const backend: Backend | null = "backend" in opened ? opened.backend : null;
const missing = "missing" in opened ? opened.missing : null;

describe.skipIf(skipped("webgpu", missing, "the conformance matrix"))("values on webgpu", () => {
  const device = backend as Backend;
  afterAll(() => device.close());

  test.each(CASES)("$title", async (c) => {
    const { operands, outputs } = prepared(c, true);
    const wide = [...operands, ...outputs].some(({ dtype }) => dtype === "float64");
    const run = async (): Promise<void> => {
      const roots = c.apply(operands.map((operand) => upload(device, operand)));
      evaluate(roots, device);
      for (const [i, root] of roots.entries()) {
        const actual = new ARRAYS[root.aval.dtype as ServedDType](root.aval.size);
        if (root.value === null) throw new Error(`${c.title}: the root was not evaluated`);
        await readValue(root.value, new Uint8Array(actual.buffer));
        compare(c, actual, outputs[i], operands, true);
      }
    };
    // views of float64 move no element through a kernel; everything else refuses by name
    if (wide) await run().catch((error: unknown) => expect(error).toBeInstanceOf(DTypeError));
    else await run();
  });
});

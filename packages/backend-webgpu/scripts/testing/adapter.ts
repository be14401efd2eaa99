// The device of tests: one that skips a suite with a line that says why where there is no adapter, and fails it where
// WEFT_REQUIRE names webgpu.
import type { WebgpuBackend, WebgpuOptions } from "../../src/index.ts";
import { openWebgpu } from "../../src/index.ts";
// oxlint-disable-next-line no-restricted-imports -- the one file of test/ that the packages' tests share
import { skipped } from "../../../../test/support/require.ts";

const first = await openWebgpu();

/** Why there is no adapter; null where there is one. */
export const missing: string | null = "missing" in first ? first.missing : null;
if ("backend" in first) await first.backend.close();
skipped("webgpu", missing, "backend-webgpu's own suite");

/** A device of its own. */
export async function openDevice(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const found = await openWebgpu({ reopenMs: 0, log: () => {}, ...options });
  if ("missing" in found) throw new Error(found.missing);
  return found.backend;
}

import { execFile } from "node:child_process";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const child = fileURLToPath(new URL("../scripts/testing/exit-child.ts", import.meta.url));

function runChild(mode: string): Promise<{ code: number | string | null; output: string; errors: string }> {
  return new Promise((resolve) => {
    const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning", child, mode];
    execFile(execPath, flags, { timeout: 20_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), output: output.trim(), errors });
    });
  });
}

// exp(exp(exp(0))) = e^e.
test.each([
  ["idle", "", 0],
  ["inline", "15.1543", 0],
  ["helped", "15.1543", 0],
  ["awaited", "15.1543", 0],
  ["one lane", "15.1543", 0],
  ["promised", "15.1543", 0],
  ["pending", "", 0],
  ["parked", "2 parked", 0],
  ["quiet", "quiet", 0],
  ["died", "15.1543", 0],
  ["died unawaited", "", 0],
  ["closed", "closed", 0],
  ["exit", "", 7],
])("a process ends by itself: %s", async (mode, output, code) => {
  expect(await runChild(mode)).toEqual({ code, output, errors: "" });
});

import { execFile } from "node:child_process";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { missing } from "../scripts/testing/adapter.ts";

const child = fileURLToPath(new URL("../scripts/testing/exit-child.ts", import.meta.url));

function runChild(mode: string): Promise<{ code: number | string | null; output: string }> {
  return new Promise((resolve) => {
    const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning", child, mode];
    execFile(execPath, flags, { timeout: 30_000 }, (error, output, errors) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? null);
      resolve({ code, output: code === 0 || code === 7 ? output.trim() : `${output}${errors}` });
    });
  });
}

describe.skipIf(missing !== null)("a process ends by itself", () => {
  test.each([
    ["idle", "", 0],
    ["pending", "", 0],
    ["read", "3", 0],
    ["promised", "3", 0],
    ["closed", "closed", 0],
    ["lost", "lost", 0],
    ["exit", "", 7],
  ])("%s", async (mode, output, code) => {
    expect(await runChild(mode)).toEqual({ code, output });
  });
});

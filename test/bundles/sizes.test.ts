// How large the library is in a page: the limits that the sizes printed by the build are held to, gzipped, in KB of
// 1024 bytes. NumPy's functions come on top of the core: those that a program names, and those that are methods of arrays.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../workshop/sources.ts";

const run = promisify(execFile);

test("the bundles keep to their sizes", async () => {
  await run(process.execPath, [join(ROOT, "scripts", "turbo.mjs"), "--quiet", "build"], { cwd: ROOT });
  const { stdout } = await run(process.execPath, [join(ROOT, "packages", "api", "scripts", "sizes.ts"), "--json"]);
  const sizes = JSON.parse(stdout) as Record<"core" | "secondDevice" | "wasm" | "webgpu", number>;
  const kilobytes = (bytes: number): number => Math.ceil(bytes / 102.4) / 10;
  expect(kilobytes(sizes.core), "core with autodiff").toBeLessThanOrEqual(68);
  expect(kilobytes(sizes.secondDevice), "what a second device loads").toBeLessThanOrEqual(16);
  expect(kilobytes(sizes.wasm), "WASM device").toBeLessThanOrEqual(100);
  expect(kilobytes(sizes.webgpu), "WebGPU device").toBeLessThanOrEqual(60);
  // It measured something.
  for (const bytes of Object.values(sizes)) expect(bytes).toBeGreaterThan(5000);
}, 300_000);

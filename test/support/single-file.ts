// The library as files that a page loads without a bundler of its own, from the sources: for suites whose pages differ in
// their host and not in how they are built (test/bundles has those). Node only.
import { join } from "node:path";
import * as esbuild from "esbuild";
import { ROOT } from "../workshop/sources.ts";

/** Writes `weft.js` and, beside it, the `worker-browser.js` of its lanes. */
export async function writeLibrary(folder: string): Promise<void> {
  const resolveDir = join(ROOT, "test");
  const settings: esbuild.BuildOptions = {
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["source"],
    charset: "utf8",
    logLevel: "warning",
  };
  for (const [name, contents] of [
    ["weft", 'export * from "@weft/api";'],
    ["worker-browser", 'import "@weft/backend-wasm/worker";'],
  ])
    await esbuild.build({ ...settings, stdin: { contents, resolveDir }, outfile: join(folder, `${name}.js`) });
}

// Writes src/generated/worker.ts: the browser's worker as the text of one script, for pages that cannot start it from a
// file of its own (src/worker-ways.ts).
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = join(root, "src", "generated", "worker.ts");

const { outputFiles } = await build({
  entryPoints: [join(root, "src", "worker-browser.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  legalComments: "none",
  write: false,
});
const script = outputFiles[0].text.trim();
const text = [
  "// Written by scripts/worker-text.ts; do not edit.",
  "/** A classic script. */",
  `export const text = ${JSON.stringify(script)};`,
  "",
].join("\n");
if (existsSync(path) && readFileSync(path, "utf8") === text) {
  console.log("worker: unchanged");
} else {
  // Renames are atomic, so a reader never sees half a file.
  writeFileSync(`${path}.${process.pid}.tmp`, text);
  renameSync(`${path}.${process.pid}.tmp`, path);
  console.log(`worker: ${script.length} bytes`);
}

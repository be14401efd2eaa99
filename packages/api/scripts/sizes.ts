// How large the library is in a page, gzipped, as Vite bundles it: the core (arrays, graphs, scheduler, every
// transformation), the same with the methods of arrays, which are numpy's functions, each device without the core, and
// the single file. Prints the sizes; with --json as data, for the test that holds them.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

const ENTRY = "\0entry";

/** The gzipped size of a program that keeps what it imports, without the packages that are `external`. */
async function sizeOf(code: string, external: readonly (string | RegExp)[]): Promise<number> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    root,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? join(root, "entry.js") : null),
        load: (id) => (id === join(root, "entry.js") ? code : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rollupOptions: { input: ENTRY, external: [...external], preserveEntrySignatures: "strict" },
    },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (!("output" in result)) throw new Error("sizes: the build does not end");
  // Scripts only, workers among them.
  const scripts = result.output.filter(({ fileName }) => fileName.endsWith(".js"));
  return scripts.reduce((sum, it) => sum + gzipped(it.type === "chunk" ? it.code : String(it.source)), 0);
}

const CORE = ["NDArray", "init", "grad", "valueAndGrad", "jit", "vmap", "jvp", "vjp", "tree"];
const devices = ["@weft/backend-wasm", "@weft/backend-webgpu"];

const sizes = {
  core: await sizeOf(`export { ${CORE.join(", ")} } from "@weft/api";`, [...devices, /\/numpy\//]),
  arrays: await sizeOf(`export { ${CORE.join(", ")} } from "@weft/api";`, devices),
  wasm: await sizeOf('export * from "@weft/backend-wasm";', ["@weft/ir"]),
  webgpu: await sizeOf('export * from "@weft/backend-webgpu";', ["@weft/ir"]),
  whole: await sizeOf('export * from "@weft/api";', devices),
  singleFile: gzipped(readFileSync(join(root, "dist", "browser", "weft.js"), "utf8")),
};

const TITLES: Readonly<Record<keyof typeof sizes, string>> = {
  core: "core with autodiff",
  arrays: "core with autodiff and the methods of arrays",
  wasm: "WASM device",
  webgpu: "WebGPU device",
  whole: "all of numpy, lax, nn and random with the core",
  singleFile: "dist/browser/weft.js",
};

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(sizes));
} else {
  for (const [name, bytes] of Object.entries(sizes)) {
    console.log(`${(bytes / 1024).toFixed(1).padStart(6)} KB gzipped  ${TITLES[name as keyof typeof sizes]}`);
  }
}

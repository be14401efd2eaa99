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

/** A gzipped size: of what is there from the start, workers included, and of what the program may load later. */
interface Size {
  readonly first: number;
  readonly later: number;
}

/** The size of a program that keeps what it imports, without the packages that are `external`. */
async function sizeOf(code: string, external: readonly (string | RegExp)[]): Promise<Size> {
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
  const scripts = new Map(
    result.output.filter(({ fileName }) => fileName.endsWith(".js")).map((it) => [it.fileName, it]),
  );
  const first = new Set(
    [...scripts.values()].filter((it) => it.type === "asset" || it.isEntry).map(({ fileName }) => fileName),
  );
  // What these import, and so on: a set may grow while it is walked.
  for (const name of first) {
    const script = scripts.get(name);
    if (script?.type === "chunk") for (const imported of script.imports) if (scripts.has(imported)) first.add(imported);
  }
  const size = { first: 0, later: 0 };
  for (const [name, it] of scripts)
    size[first.has(name) ? "first" : "later"] += gzipped(it.type === "chunk" ? it.code : String(it.source));
  return size;
}

/** Arrays and what transforms functions of them; a program that sets devices up itself names `init` as well. */
const CORE = ["NDArray", "grad", "valueAndGrad", "jit", "vmap", "jvp", "vjp"];
const devices = ["@weft/backend-wasm", "@weft/backend-webgpu"];

const coreOf = (names: readonly string[]): Promise<Size> =>
  sizeOf(`export { ${names.join(", ")} } from "@weft/api";`, [...devices, /\/numpy\//]);
/** Devices load nothing later that is theirs: it counts with what they begin with. */
const allOf = ({ first, later }: Size): number => first + later;

const sizes = {
  core: (await coreOf(CORE)).first,
  secondDevice: (await coreOf([...CORE, "init"])).later,
  arrays: (await sizeOf(`export { ${CORE.join(", ")} } from "@weft/api";`, devices)).first,
  wasm: allOf(await sizeOf('export * from "@weft/backend-wasm";', ["@weft/ir"])),
  webgpu: allOf(await sizeOf('export * from "@weft/backend-webgpu";', ["@weft/ir"])),
  whole: (await sizeOf('export * from "@weft/api";', devices)).first,
  singleFile: gzipped(readFileSync(join(root, "dist", "browser", "weft.js"), "utf8")),
};

const TITLES: Readonly<Record<keyof typeof sizes, string>> = {
  core: "core with autodiff",
  secondDevice: "what the core loads when a second device is opened: placement, measurement",
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

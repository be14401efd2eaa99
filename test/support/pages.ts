// Which suites run in Chromium: every one that needs nothing of Node. A suite that imports a node: module is Node's by
// that; those that need Node in another way, or test what no page changes, are named here with the reason.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ANYWHERE = ["packages/{ir,autodiff,scheduler,api,backend-wasm,backend-webgpu}/src/**/*.test.ts", "test/{browser,conformance,golden,random-graphs,semantics,first-hour,memory,webgpu}/**/*.test.ts"];
/** A page that is not isolated differs in memory and threads alone, so the suites that see neither need not run twice. */
const UNSHARED = ["packages/{api,backend-wasm}/src/**/*.test.ts", "test/{browser,conformance,golden,semantics,first-hour,memory}/**/*.test.ts", "test/random-graphs/evaluate.test.ts", "test/webgpu/api.test.ts"];

/** Suites of Node that import no module of Node themselves. */
const NODE_ONLY: Readonly<Record<string, string>> = {
  "packages/ir/src/errors.test.ts": "its stacks are made up of file URLs",
  "packages/api/src/interop/interop.test.ts": "it stubs the document, which a page does not allow",
  "packages/backend-webgpu/src/subgroups.test.ts": "it asks Dawn for an adapter",
};

/** Suites that a page without isolation cannot run, or that it has no part in. */
const ISOLATED_ONLY: Readonly<Record<string, string>> = {
  "packages/backend-wasm/src/index.test.ts": "it counts threads",
  "packages/backend-wasm/src/unshared.test.ts": "it holds both kinds of memory against each other",
  "test/conformance/derivatives.test.ts": "it has no device",
  "test/golden/reference.test.ts": "it has no device",
  "test/golden/webgpu.test.ts": "its arrays are the adapter's",
};

/** Generators of code and their templates: the same bytes anywhere, which the matrix runs. */
const GENERATORS = /^packages\/(?:backend-wasm\/src\/(?:emit\/|templates\/|stencils)|backend-webgpu\/src\/(?:wgsl|templates)\/)/;

const importsNode = (text: string): boolean => /^import[^;]* from "node:/mu.test(text);

/**
 * The suites that run in a page, as paths from the root.
 * @example pageSuites(root, true).filter((path) => path.startsWith("test/golden/"))
 */
export function pageSuites(root: string, isolated: boolean): string[] {
  return globSync(isolated ? ANYWHERE : UNSHARED, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !(path in NODE_ONLY) && !GENERATORS.test(path) && (isolated || !(path in ISOLATED_ONLY)))
    .filter((path) => !importsNode(readFileSync(join(root, path), "utf8")))
    .sort();
}

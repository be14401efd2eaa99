// Which suites run in Chromium: every one that needs nothing of Node. A suite that imports a node: module, takes a global
// away or loads modules anew is Node's by that (a page can do neither); those that need Node in another way, or test what
// no page changes, are named here with the reason.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Of the devices' own suites only those that a page's threads, memory or adapter make a difference to. */
const DEVICES = [
  "packages/backend-wasm/src/{index,launch,pool,supervision,unshared}.test.ts",
  "packages/backend-webgpu/src/{backend,faults,pool}.test.ts",
];
const ANYWHERE = [
  "packages/{ir,autodiff,scheduler,api}/src/**/*.test.ts",
  ...DEVICES,
  "test/{browser,conformance,golden,random-graphs,semantics,first-hour,memory,webgpu}/**/*.test.ts",
];
/**
 * A page that is not isolated differs in memory and threads alone, so the suites that see neither need not run twice: of
 * api the folders that have to do with arrays' memory and devices. Values of its functions are golden's, first-hour's and
 * the matrix' part there too.
 */
const UNSHARED = [
  "packages/api/src/{core,device}/**/*.test.ts",
  "packages/backend-wasm/src/launch.test.ts",
  "test/{browser,conformance,golden,semantics,first-hour,memory}/**/*.test.ts",
  "test/random-graphs/evaluate.test.ts",
  "test/webgpu/api.test.ts",
];

/** Suites of Node that import no module of Node themselves. */
const NODE_ONLY: Readonly<Record<string, string>> = {
  "packages/ir/src/errors.test.ts": "its stacks are made up of file URLs",
  "test/random-graphs/transforms.test.ts": "it took four times Node's minute; a page's own part is in evaluate.test.ts",
  "test/golden/dtypes.test.ts": "dtypes are decided before any device is asked",
  "test/semantics/bad-values.test.ts": "what functions refuse is no matter of the host, and it takes a minute",
  "test/semantics/methods.test.ts": "what methods refuse is no matter of the host either",
  "test/semantics/weak-types.test.ts": "dtypes and their weakness are decided before any device is asked",
};

/** Suites in which a page without isolation has no part. */
const ISOLATED_ONLY: Readonly<Record<string, string>> = {
  "test/conformance/derivatives.test.ts": "it has no device",
  "test/golden/reference.test.ts": "it has no device",
  "test/golden/webgpu.test.ts": "its arrays are the adapter's",
};

/** The suite over functions: a page's own part in values is in the sections beside it, which run there. */
const VALUES = "test/golden/suite/";

const needsNode = (text: string): boolean =>
  /^import[^;]* from "node:|\bvi\.(?:stubGlobal|resetModules)\(/mu.test(text);

/**
 * The suites that run in a page, as paths from the root.
 * @example pageSuites(root, true).filter((path) => path.startsWith("test/golden/"))
 */
export function pageSuites(root: string, isolated: boolean): string[] {
  return globSync(isolated ? ANYWHERE : UNSHARED, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !(path in NODE_ONLY) && !path.startsWith(VALUES) && (isolated || !(path in ISOLATED_ONLY)))
    .filter((path) => !needsNode(readFileSync(join(root, path), "utf8")))
    .sort();
}

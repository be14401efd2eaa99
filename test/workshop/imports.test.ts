// DESIGN.md's import matrix, checked on every source file. Lint says the same at the place of the fault; this test also
// covers dynamic imports, relative paths that leave a workspace, third-party packages and Node's modules.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, ROOT, sources } from "./sources.ts";
import type { Import, Source } from "./sources.ts";

/** The packages of the repository that a package's code may import. */
const MATRIX: Record<string, readonly string[]> = {
  "packages/ir": [],
  "packages/autodiff": ["@weft/ir"],
  "packages/scheduler": ["@weft/ir"],
  "packages/backend-wasm": ["@weft/ir"],
  "packages/backend-webgpu": ["@weft/ir"],
  "packages/api": ["@weft/ir", "@weft/autodiff", "@weft/scheduler", "@weft/backend-wasm"],
  bench: ["@weft/api"],
  examples: ["@weft/api"],
  test: ["@weft/ir", "@weft/autodiff", "@weft/scheduler", "@weft/backend-wasm", "@weft/backend-webgpu", "@weft/api"],
  scripts: [],
};

/** What a workspace may import dynamically beyond that. */
const DYNAMIC: Record<string, readonly string[]> = { "packages/api": ["@weft/backend-webgpu"] };

/** The packages whose shipped code may use Node's modules; the others are neutral to the host. */
const HOSTED = new Set(["packages/backend-wasm", "packages/backend-webgpu", "bench", "examples", "test", "scripts"]);

const TEST_TOOLS = new Set(["vitest", "fast-check"]);

/** Test beds (the testing folders of packages) hold code generators against the interpreter of Kernels, and share their helpers. */
const TEST_BEDS = ["@weft/ir", "@weft/scheduler"];
const isTestBed = (path: string): boolean => /^packages\/[^/]+\/testing\//.test(path);

/** The files outside of their package that tests of packages may import: what a host may lack, a second realm, and a host's turns. */
const SHARED = ["require.ts", "realm.ts", "turns.ts"].map((file) => `test/support/${file}`);

/** What test/ may import from inside a package: how public functions are declared, and devices made by hand. */
const INSIDE = ["core/define.ts", "core/kinds.ts", "device/devices.ts"].map((file) => `packages/api/src/${file}`);

function ownerOf(path: string): string {
  return /^packages\/[^/]+/.exec(path)?.[0] ?? path.split("/")[0];
}

function manifestOf(path: string): { dependencies?: object; devDependencies?: object; peerDependencies?: object } {
  const folder =
    /^(packages|examples)\/[^/]+/.exec(path)?.[0] ?? (path.startsWith("scripts/") ? "." : path.split("/")[0]);
  return JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
}

/** Says what is wrong with an import, or nothing. */
export function fault(source: Source, { specifier, dynamic }: Import): string | undefined {
  const owner = ownerOf(source.path);
  const isTest = source.path.endsWith(".test.ts") || owner === "test" || source.path.startsWith(`${owner}/testing/`);
  const isBuildScript = source.path.startsWith(`${owner}/scripts/`);
  if (specifier.startsWith("#")) return undefined;
  if (specifier.startsWith(".")) {
    const target = posix.normalize(posix.join(posix.dirname(source.path), specifier));
    const home = owner.startsWith("packages/") ? owner : target.startsWith("examples/") ? "examples" : owner;
    const shared =
      (isTestBed(source.path) && isTestBed(target)) ||
      ((isTest || isBuildScript) && SHARED.includes(target)) ||
      (owner === "test" && INSIDE.includes(target));
    if (!target.startsWith(`${home}/`) && !shared) return `leaves ${owner}`;
    const shipped = owner.startsWith("packages/") && source.path.startsWith(`${owner}/src/`) && !isTest;
    if (shipped && target.endsWith(".test.ts")) return "is a test";
    const extension = /\/assembly\//.test(source.path) ? "" : /\.(ts|mjs|js|json)$/.exec(target)?.[0];
    return extension === undefined || (extension === ".js" && source.path.endsWith(".ts"))
      ? "needs its .ts extension"
      : undefined;
  }
  if (specifier.startsWith("@weft/")) {
    const allowed = isTestBed(source.path) ? TEST_BEDS : [...MATRIX[owner], ...(dynamic ? (DYNAMIC[owner] ?? []) : [])];
    return allowed.includes(specifier) ? undefined : `is not among [${allowed.join(", ")}]`;
  }
  if (specifier.startsWith("node:")) {
    return HOSTED.has(owner) || isTest || isBuildScript ? undefined : `is the host's, and ${owner} is neutral to hosts`;
  }
  const name = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0];
  if ((isTest || isBuildScript) && (TEST_TOOLS.has(name) || isBuildScript)) return undefined;
  const manifest = manifestOf(source.path);
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...(owner.startsWith("packages/") ? {} : manifest.devDependencies),
    // suites drive the bundlers and the browser that the root brings
    ...(owner === "test" ? manifestOf("scripts/").devDependencies : {}),
    // and break the classes of Dawn, which the backend asks for
    ...(owner === "test" ? manifestOf("packages/backend-webgpu/").peerDependencies : {}),
  };
  return name in declared ? undefined : "is not a dependency in package.json";
}

describe("the import matrix", () => {
  const files = sources();

  it("covers every workspace that has sources", () => {
    expect([...new Set(files.map((file) => ownerOf(file.path)))].filter((owner) => !(owner in MATRIX))).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
  });

  it("holds in every file", () => {
    const faults = files.flatMap((file) =>
      importsOf(file).flatMap((one) => {
        const wrong = fault(file, one);
        return wrong === undefined ? [] : [`${file.path}: "${one.specifier}" ${wrong}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it("agrees with the dependencies in each package.json", () => {
    for (const owner of new Set(files.map((file) => ownerOf(file.path)))) {
      if (!owner.startsWith("packages/")) continue;
      const dependencies = Object.keys(manifestOf(`${owner}/`).dependencies ?? {});
      const allowed = [...MATRIX[owner], ...(DYNAMIC[owner] ?? [])];
      expect(dependencies.filter((name) => name.startsWith("@weft/") && !allowed.includes(name))).toEqual([]);
    }
  });

  it("finds faults where there are some", () => {
    const at = (path: string, text: string): (string | undefined)[] => {
      const source = { path, text };
      return importsOf(source).map((one) => fault(source, one));
    };
    expect(at("packages/scheduler/src/a.ts", 'import { x } from "@weft/autodiff";')).toEqual([
      "is not among [@weft/ir]",
    ]);
    expect(at("packages/ir/src/a.ts", 'export * from "@weft/api";')).toEqual(["is not among []"]);
    expect(at("packages/ir/src/a.ts", 'import type {\n  A,\n  B,\n} from "node:fs";')[0]).toMatch(/neutral/);
    expect(at("packages/ir/src/a.ts", 'import { x } from "../../api/src/b.ts";')).toEqual(["leaves packages/ir"]);
    expect(at("packages/ir/src/a.ts", 'import { x } from "../../../test/support/require.ts";')).toEqual([
      "leaves packages/ir",
    ]);
    expect(at("packages/ir/src/a.test.ts", 'import { x } from "../../../test/support/require.ts";')).toEqual([
      undefined,
    ]);
    expect(at("packages/ir/src/a.ts", 'import { x } from "./b.js";')).toEqual(["needs its .ts extension"]);
    expect(at("packages/ir/src/a.ts", 'import { x } from "./b.test.ts";')).toEqual(["is a test"]);
    expect(at("packages/api/src/a.ts", 'const gpu = await import("@weft/backend-webgpu");')).toEqual([undefined]);
    expect(at("packages/api/src/a.ts", 'import { gpu } from "@weft/backend-webgpu";')[0]).toMatch(/is not among/);
    expect(at("bench/src/a.ts", 'import { x } from "@weft/ir";')).toEqual(["is not among [@weft/api]"]);
    expect(at("packages/ir/src/a.ts", 'import _ from "lodash";')).toEqual(["is not a dependency in package.json"]);
    expect(at("packages/ir/src/a.ts", '// import { x } from "@weft/api";\nconst s = `\n// import`;')).toEqual([]);
  });
});

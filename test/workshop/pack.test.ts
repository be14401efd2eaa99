// What a consumer gets: the packages built, packed with npm, installed offline into an empty folder and used from dist
// under plain Node, without the "source" condition. Only the tarballs are the workspace's; nothing is linked to it.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./sources.ts";

const run = promisify(execFile);
const PACKAGES = ["ir", "autodiff", "scheduler", "backend-wasm", "backend-webgpu", "api"];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Record<string, string>;
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The folders of what the packages need from others, with what that needs in turn: packed too, so that no registry is asked. */
function thirdParty(): string[] {
  const found = new Map<string, string>();
  const pending = PACKAGES.map((name) => join(ROOT, "packages", name));
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of Object.keys(manifestIn(folder).dependencies ?? {})) {
      if (name.startsWith("@weft/") || found.has(name)) continue;
      const target = join(ROOT, "node_modules", name);
      found.set(name, target);
      pending.push(target);
    }
  }
  return [...found.values()];
}

/** The environment of a consumer: no conditions, and no npm settings of the run that this test is part of. */
function consumerEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|VITEST|INIT_CWD$)/i.test(name));
  return Object.fromEntries(kept);
}

describe("the packed packages", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-pack-"));
  const app = join(folder, "app");
  const env = consumerEnvironment();

  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, "scripts", "turbo.mjs"), "--quiet", "build"], { cwd: ROOT, env });
    // Without scripts: turbo has just built the same as prepack would.
    const pack = (what: string[]): Promise<unknown> =>
      run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder, ...what], { cwd: ROOT, env });
    await pack(PACKAGES.flatMap((name) => ["-w", `@weft/${name}`]));
    const others = thirdParty();
    if (others.length > 0) await pack(others);

    const tarball = ({ name, version }: Manifest): string =>
      `file:../${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
    const manifests = [...PACKAGES.map((name) => join(ROOT, "packages", name)), ...others].map(manifestIn);
    mkdirSync(app);
    writeFileSync(
      join(app, "package.json"),
      JSON.stringify({
        name: "consumer",
        private: true,
        type: "module",
        dependencies: Object.fromEntries(manifests.map((manifest) => [manifest.name, tarball(manifest)])),
      }),
    );
    const quiet = ["--offline", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quiet], { cwd: app, env });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("hold what they declare, and no tests", () => {
    for (const name of PACKAGES) {
      const installed = join(app, "node_modules", "@weft", name);
      expect(existsSync(join(installed, "dist", "index.js")), `${name}: dist/index.js`).toBe(true);
      expect(existsSync(join(installed, "dist", "index.d.ts")), `${name}: dist/index.d.ts`).toBe(true);
      if (name === "api") expect(existsSync(join(installed, "dist", "browser", "weft.js"))).toBe(true);
      const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
      expect(files.filter((file) => /\.test\.|tsbuildinfo/.test(file))).toEqual([]);
      // Compiled code must not name TypeScript files: Node refuses them below node_modules.
      const compiled = files.filter((file) => file.startsWith("dist") && file.endsWith(".js"));
      const wrong = compiled.filter((file) =>
        /(?:from|import)\s*\(?["']\.[^"']*\.ts["']/.test(readFileSync(join(installed, file), "utf8")),
      );
      expect(wrong).toEqual([]);
    }
  });

  it("compute, on workers too, in a process that exits by itself", async () => {
    const program = `
      import { numpy as np } from "@weft/api";
      import { fileURLToPath } from "node:url";
      const sum = np.add(1, 2).item();
      const large = np.sum(np.ones([1000, 1000])).item();
      const home = import.meta.resolve("@weft/api");
      console.log(JSON.stringify({ sum, large, dist: fileURLToPath(home).includes("dist") }));`;
    writeFileSync(join(app, "main.js"), program);
    // A process that stays alive is killed by the limit, and the call rejects.
    const { stdout, stderr } = await run(process.execPath, ["main.js"], { cwd: app, env, timeout: 45_000 });
    expect(JSON.parse(stdout)).toEqual({ sum: 3, large: 1_000_000, dist: true });
    expect(stderr).toBe("");
  });

  it("give a TypeScript consumer their types", async () => {
    writeFileSync(
      join(app, "types.ts"),
      `import { numpy as np, grad } from "@weft/api";
       import type { NDArray } from "@weft/api";
       export const sum: NDArray = np.add(1, 2);
       export const slope = grad((x: NDArray) => np.sum(np.power(x, 3)));
       // @ts-expect-error a string is no array
       np.add("one", 2);`,
    );
    const options = {
      strict: true,
      noEmit: true,
      module: "nodenext",
      target: "es2024",
      lib: ["es2024", "esnext.disposable", "dom"],
      types: [],
    };
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["types.ts"] }));
    const tsc = await run(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", "."], { cwd: app, env }).catch(
      (error: { stdout: string }) => error,
    );
    expect(tsc.stdout).toBe("");
  });
});

// Users' programs under the compilers that users have: the oldest TypeScript that Weft supports and the newest, every way
// of resolving modules, declarations checked too. The programs stand in consumers/types.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = `${root}consumers/types/`;
const COMPILERS = { newest: `${root}node_modules/typescript`, oldest: `${here}node_modules/typescript` };
const versionOf = (compiler: string): string =>
  (JSON.parse(readFileSync(`${compiler}/package.json`, "utf8")) as { version: string }).version;

const MODULES = { node16: "node16", nodenext: "nodenext", bundler: "esnext" } as const;
const LIBS = { node16: "es2022", nodenext: "esnext,dom", bundler: "es2022,dom" } as const;

/** What the compiler says; nothing where all is well. */
async function compile(compiler: string, moduleResolution: keyof typeof MODULES): Promise<string> {
  const flags = [
    "--module",
    MODULES[moduleResolution],
    "--moduleResolution",
    moduleResolution,
    "--lib",
    LIBS[moduleResolution],
  ];
  const bin = `${compiler}/bin/tsc`;
  try {
    await promisify(execFile)(process.execPath, [bin, "-p", here, ...flags]);
    return "";
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  }
}

describe.each(Object.entries(COMPILERS))("TypeScript, the %s", (_name, compiler) => {
  test.each(Object.keys(MODULES) as (keyof typeof MODULES)[])(
    `compiles programs with modules of %s (${versionOf(compiler)})`,
    { timeout: 120_000 },
    async (resolution) => {
      expect(await compile(compiler, resolution)).toBe("");
    },
  );
});

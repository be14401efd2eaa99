// House rules that neither tsc nor lint can say: the families' file names, the length of files, no `any` and no
// silenced errors outside unsafe.ts, memory named in one place, nothing of one machine in the repository.
import { describe, expect, it } from "vitest";
import { code, sources } from "./sources.ts";
import type { Source } from "./sources.ts";

/** The families, which give the files in folders of per-primitive rules their names in every package. */
const FAMILIES = [
  "elementwise",
  "reduction",
  "contraction",
  "movement",
  "indexing",
  "creation",
  "control",
  "random",
  "linalg",
  "fft",
  "sorting",
  "collective",
];

/** Folders that hold one file a family, and the other files each may have. */
const FAMILY_FOLDERS: Record<string, readonly string[]> = {
  "packages/ir/src/prims": ["index", "table", "row", "decompositions", "scalar-reference"],
  "packages/autodiff/src/rules": ["index", "table", "rule", "helpers"],
};

const MAX_LINES = 600;
const isGenerated = (path: string): boolean => /\/golden\/data\/|\/generated\//.test(path);
const isUnsafe = (path: string): boolean => path.endsWith("/unsafe.ts");

/** The lines of a file's code on which a pattern occurs, as `path:line`. */
function hits(source: Source, pattern: RegExp): string[] {
  return code(source.text)
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}`] : []));
}

// `any` is also a name (np.any): only places of types count; oxlint's no-explicit-any sees the rest
const ANY = /(?:[:<|&]|\bas|\bextends)\s*any\b(?!\s*[(:.,])|,\s*any\s*>|\bany\[\]/;
const MEMORY_VIEW =
  /new\s+(?:Float|Int|Uint|BigInt|BigUint)\w*Array\(\s*[\w.#[\]]*\bmemory\.buffer|new\s+(?:DataView)\(\s*[\w.#]*\bmemory\.buffer/i;
const SILENCED = /@ts-(?:ignore|nocheck)/;

describe("house rules", () => {
  const files = sources();
  const typescript = files.filter((file) => file.path.endsWith(".ts"));
  const inPackages = typescript.filter((file) => file.path.startsWith("packages/"));

  it("files in family folders have family names", () => {
    for (const [folder, others] of Object.entries(FAMILY_FOLDERS)) {
      const names = typescript
        .filter((file) => file.path.startsWith(`${folder}/`))
        .map((file) => file.path.slice(folder.length + 1).replace(/(\.test)?\.ts$/, ""));
      expect(names.filter((name) => !FAMILIES.includes(name) && !others.includes(name))).toEqual([]);
      expect(names).toContain("elementwise");
      expect(names).toContain("reduction");
      expect(names).toContain("movement");
    }
  });

  it(`no file has more than ${MAX_LINES} lines`, () => {
    const long = files
      .filter((file) => !isGenerated(file.path))
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
      .filter((file) => file.lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it("file names are lower-case", () => {
    expect(files.map((file) => file.path).filter((path) => path !== path.toLowerCase())).toEqual([]);
  });

  it("no any outside unsafe.ts, no silenced type errors", () => {
    expect(typescript.filter((file) => !isUnsafe(file.path)).flatMap((file) => hits(file, ANY))).toEqual([]);
    // In AssemblyScript too: the decorators stand in comments, so nothing needs silencing.
    const silenced = typescript.filter(
      (file) => file.path.startsWith("test/workshop/") === false && SILENCED.test(file.text),
    );
    expect(silenced.map((file) => file.path)).toEqual([]);
  });

  it("views of the shared memory are made in backend-wasm/src/memory.ts only", () => {
    // what ships: benches and test beds make memories of their own, which nothing else grows
    const outside = inPackages.filter(
      (file) =>
        file.path.includes("/src/") &&
        file.path !== "packages/backend-wasm/src/memory.ts" &&
        !file.path.endsWith(".test.ts"),
    );
    expect(outside.flatMap((file) => hits(file, MEMORY_VIEW))).toEqual([]);
  });

  it("no enums, namespaces, console, or tests left focused", () => {
    const shipped = inPackages.filter((file) => file.path.includes("/src/") && !file.path.endsWith(".test.ts"));
    expect(
      shipped.flatMap((file) => hits(file, /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:enum|namespace)\s+\w+/)),
    ).toEqual([]);
    expect(typescript.flatMap((file) => hits(file, /\b(?:it|describe|test)\.only\b/))).toEqual([]);
  });

  it("no file names a path of one machine or a registry's host", () => {
    const pattern = new RegExp(
      ["/(?:home|Users|root)/\\w", "/work/(?:main|shared)", "registry\\.npmjs", "localhost:\\d"].join("|"),
    );
    const own = "test/workshop/rules.test.ts";
    expect(files.filter((file) => file.path !== own && pattern.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it("finds faults where there are some", () => {
    const at = (text: string, pattern: RegExp): number => hits({ path: "a.ts", text }, pattern).length;
    expect(at("const x: any = 1;", ANY)).toBe(1);
    expect(at("type T = Map<string, any>;", ANY)).toBe(1);
    expect(at("f(x as any);", ANY)).toBe(1);
    expect(at("let list: any[] = [];", ANY)).toBe(1);
    expect(at("np.any(x); // of any kind\nconst s = 'as any';\nreduce = any(x);", ANY)).toBe(0);
    expect(at("const v = new Float32Array(memory.buffer, 8, 4);", MEMORY_VIEW)).toBe(1);
    expect(at("const v = new Int32Array(this.memory.buffer);", MEMORY_VIEW)).toBe(1);
    expect(at("const v = new Float32Array(values);", MEMORY_VIEW)).toBe(0);
  });
});

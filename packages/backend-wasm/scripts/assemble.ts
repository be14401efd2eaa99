/**
 * Compiles the AssemblyScript units of this package and writes src/generated/*.ts: bytes of the modules
 * compiled ahead of time as text (src/packed.ts), and the tables of stencils. Each unit comes in two builds, `base`
 * (SIMD) and `relaxed` (SIMD with relaxed instructions), the second written as what it adds to the first.
 * Work whose inputs have not changed is skipped.
 * Fails if a module compiled ahead of time has a data section (every further instance would write it into
 * the shared memory again) or imports anything besides `env.memory`.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import asc from "assemblyscript/asc";

import { extract, importNames, sections } from "./extract.ts";
import type { ExtractedStencil } from "./extract.ts";
import { generateGemm } from "./generate-gemm.ts";
import { pack, packChanges } from "./pack.ts";

type Build = "base" | "relaxed";

interface Unit {
  readonly name: string;
  readonly entry: string;
  readonly optimize: "-O1" | "-O2" | "-O3";
  /** `stencils` are only read by the extractor; a `module` runs on the shared memory. */
  readonly kind: "stencils" | "module";
}

const UNITS: readonly Unit[] = [
  { name: "stencils", entry: "assembly/stencils.ts", optimize: "-O3", kind: "stencils" },
  // -O3 regroups the multiply-adds of unrolled kernels and makes them spill.
  { name: "gemm", entry: "assembly/gemm.ts", optimize: "-O2", kind: "module" },
  { name: "kernels", entry: "assembly/kernels.ts", optimize: "-O3", kind: "module" },
];

/** 112: a generic function without instances; 201: casts that only a 64-bit memory would need. */
const IGNORED_WARNINGS = "112,201";

const BUILDS: readonly Build[] = ["base", "relaxed"];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outputFolder = join(root, "src", "generated");

/** Sources that exist only while a unit is compiled. */
const VIRTUAL: Readonly<Record<string, (build: Build) => string>> = {
  "assembly/generated-gemm.ts": generateGemm,
};

/** AssemblyScript wants `@inline function`, which no TypeScript tool parses; the sources hold a comment. */
function toDecorators(source: string): string {
  return source.replaceAll("/** @inline */", "@inline");
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** Files that can change a unit's output: the sources it may import and this script. */
function inputHash(unit: Unit): string {
  const hash = createHash("sha256").update(asc.version).update(JSON.stringify(unit));
  const own = (path: string): boolean => {
    const name = relative(join(root, "assembly"), path).replaceAll("\\", "/");
    if (!name.endsWith(".ts")) return false;
    if (unit.kind === "stencils") return name.startsWith("stencils");
    return true;
  };
  const paths = [
    ...filesBelow(join(root, "assembly")).filter(own),
    ...["assemble.ts", "pack.ts"].map((name) => join(root, "scripts", name)),
    join(root, "src", "packed.ts"),
    join(root, "scripts", unit.kind === "stencils" ? "extract.ts" : "generate-gemm.ts"),
  ].sort();
  for (const path of paths) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest("hex");
}

async function compile(unit: Unit, build: Build): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  let messages = "";
  const features = ["simd", "threads", "bulk-memory", ...(build === "relaxed" ? ["relaxed-simd"] : [])];
  const flags = [unit.entry, "--outFile", "unit.wasm", unit.optimize, "--runtime", "stub", "--noAssert"];
  flags.push("--use", "abort=", "--disableWarning", IGNORED_WARNINGS);
  for (const feature of features) flags.push("--enable", feature);
  if (unit.kind === "module") {
    flags.push("--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536");
  } else {
    flags.push("--initialMemory", "0", "--noExportMemory");
  }
  const { error } = await asc.main(flags, {
    readFile: (name, base) => {
      const virtual = VIRTUAL[name.replaceAll("\\", "/")];
      if (virtual !== undefined) return toDecorators(virtual(build));
      const path = join(base === "." || base === "" ? root : base, name);
      return existsSync(path) ? toDecorators(readFileSync(path, "utf8")) : null;
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") binary = Uint8Array.from(contents);
    },
    listFiles: () => [],
    stdout: { write: () => undefined },
    stderr: {
      write: (text) => {
        messages += String(text);
      },
    },
  });
  if (error !== null || binary === undefined) {
    throw new Error(`assemble: ${unit.name} (${build}) does not compile\n${messages}${error?.message ?? ""}`);
  }
  if (messages !== "") process.stderr.write(messages);
  return binary;
}

function check(unit: Unit, build: Build, bytes: Uint8Array): void {
  const title = `assemble: ${unit.name} (${build})`;
  if (sections(bytes).some((section) => section.id === 11)) {
    throw new Error(`${title} has static data, which each further instance would write into the shared memory again`);
  }
  const foreign = importNames(bytes).filter((name) => name !== "env.memory");
  if (foreign.length > 0) throw new Error(`${title} imports ${foreign.join(", ")}; only env.memory is allowed`);
}

function heading(hash: string): string {
  return `// Written by scripts/assemble.ts; do not edit. Inputs: ${hash}`;
}

function moduleText(hash: string, bytes: Uint8Array): string {
  return [heading(hash), "/** The module's bytes. */", `export const bytes = "${pack(bytes)}";`, ""].join("\n");
}

function changesText(hash: string, bytes: Uint8Array, base: Uint8Array): string {
  const text = packChanges(bytes, base);
  return [
    heading(hash),
    "/** The module's bytes as changes to those of the base build. */",
    `export const changes = "${text}";`,
    "",
  ].join("\n");
}

/** A constant's bytes without their repetitions. */
function periodOf(bytes: Uint8Array): Uint8Array {
  const period = [4, 8].find((length) => bytes.every((byte, at) => byte === bytes[at % length]));
  return bytes.subarray(0, period ?? bytes.length);
}

/** Numbers constants in the order in which rows name them, from one table to the next. */
class ConstantPool {
  readonly #indices = new Map<string, number>();

  indexOf(bytes: Uint8Array): number {
    const text = pack(periodOf(bytes));
    const index = this.#indices.get(text) ?? this.#indices.size;
    this.#indices.set(text, index);
    return index;
  }

  /** The constants numbered from `first` on. */
  from(first: number): string[] {
    return [...this.#indices.keys()].slice(first);
  }

  get size(): number {
    return this.#indices.size;
  }
}

function rowText(row: ExtractedStencil, pool: ConstantPool): string {
  const fields = {
    params: row.params,
    locals: row.locals,
    written: row.written,
    zeroed: row.zeroed,
    constants: row.constants.map((bytes) => pool.indexOf(bytes)),
    parts: row.parts,
    bytes: pack(row.bytes),
    weight: row.weight,
  };
  return `    ${JSON.stringify(row.name)}: ${JSON.stringify(fields)},`;
}

function tableText(hash: string, constants: readonly string[], lines: readonly string[]): string {
  return [
    heading(hash),
    'import type { StencilTable } from "../stencils.ts";',
    "",
    "export const table: StencilTable = {",
    `  constants: ${JSON.stringify(constants)},`,
    "  stencils: {",
    ...lines,
    "  },",
    "};",
    "",
  ].join("\n");
}

/** The table of the base build, and what the relaxed build adds to it: further constants, and the rows that differ. */
function tableTexts(hash: string, base: readonly ExtractedStencil[], relaxed: readonly ExtractedStencil[]): string[] {
  const names = (rows: readonly ExtractedStencil[]): string => rows.map(({ name }) => name).join();
  if (names(base) !== names(relaxed)) throw new Error("assemble: the builds have different stencils");
  const pool = new ConstantPool();
  const lines = base.map((row) => rowText(row, pool));
  const shared = pool.size;
  const added = relaxed.map((row) => rowText(row, pool)).filter((line, index) => line !== lines[index]);
  return [tableText(hash, pool.from(0).slice(0, shared), lines), tableText(hash, pool.from(shared), added)];
}

/** Renames are atomic, so a reader never sees half a file. */
function replaceFile(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

async function assemble(unit: Unit): Promise<void> {
  const paths = BUILDS.map((build) => join(outputFolder, `${unit.name}-${build}.ts`));
  const hash = inputHash(unit);
  const current = (path: string): boolean =>
    existsSync(path) && readFileSync(path, "utf8").slice(0, 400).includes(hash);
  if (paths.every(current)) {
    console.log(`${unit.name}: unchanged`);
    return;
  }
  const binaries: Uint8Array[] = [];
  for (const build of BUILDS) binaries.push(await compile(unit, build));
  let texts: string[];
  if (unit.kind === "stencils") {
    const [base, relaxed] = binaries.map((bytes) => extract(bytes));
    texts = tableTexts(hash, base, relaxed);
    // For the tests that compare copied code with called code; nothing else reads it.
    binaries.forEach((bytes, index) => replaceFile(paths[index].replace(/\.ts$/, ".wasm"), bytes));
  } else {
    const [base, relaxed] = binaries;
    binaries.forEach((bytes, index) => check(unit, BUILDS[index], bytes));
    texts = [moduleText(hash, base), changesText(hash, relaxed, base)];
  }
  texts.forEach((text, index) => {
    replaceFile(paths[index], text);
    console.log(`${unit.name} ${BUILDS[index]}: ${binaries[index].length} bytes, ${text.length} as text`);
  });
}

mkdirSync(outputFolder, { recursive: true });
for (const unit of UNITS) {
  if (!existsSync(join(root, unit.entry))) continue;
  try {
    await assemble(unit);
  } catch (error) {
    // The other units are still of use to whoever works on them.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

// The lint configuration bites: each rule of the house that lint enforces is broken once, in a copy of the layout.
// A pattern that oxlint cannot read is ignored without a word, so the configuration needs a test of its own.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./sources.ts";

const CASES: readonly { file: string; text: string; rule: string | undefined }[] = [
  { file: "packages/ir/src/a.ts", text: 'import "@weft/api";', rule: "no-restricted-imports" },
  { file: "packages/autodiff/src/a.ts", text: 'import "@weft/scheduler";', rule: "no-restricted-imports" },
  { file: "packages/autodiff/src/b.ts", text: 'import "@weft/ir";', rule: undefined },
  { file: "packages/scheduler/src/a.ts", text: 'import "@weft/backend-wasm";', rule: "no-restricted-imports" },
  { file: "packages/scheduler/src/b.ts", text: 'import "../../autodiff/src/a.ts";', rule: "no-restricted-imports" },
  { file: "packages/scheduler/src/c.ts", text: 'import "./b.js";', rule: "no-restricted-imports" },
  { file: "packages/scheduler/src/d.ts", text: 'import "@weft/ir/src/node.ts";', rule: "no-restricted-imports" },
  { file: "packages/backend-wasm/src/a.ts", text: 'import "@weft/scheduler";', rule: "no-restricted-imports" },
  { file: "packages/api/src/a.ts", text: 'import "@weft/backend-webgpu";', rule: "no-restricted-imports" },
  { file: "packages/api/src/b.ts", text: 'import "@weft/autodiff"; import "@weft/backend-wasm";', rule: undefined },
  { file: "bench/src/a.ts", text: 'import "@weft/ir";', rule: "no-restricted-imports" },
  { file: "bench/src/b.ts", text: 'import "a-peer"; import "@weft/api";', rule: undefined },
  { file: "examples/article/src/a.ts", text: 'import "@weft/scheduler";', rule: "no-restricted-imports" },
  { file: "test/a.ts", text: 'import "@weft/ir"; import "@weft/scheduler";', rule: undefined },
  { file: "packages/ir/src/any.ts", text: "export const x = (y: any): unknown => y;", rule: "no-explicit-any" },
  { file: "packages/ir/src/unsafe.ts", text: "export const x = (y: any): unknown => y;", rule: undefined },
  { file: "packages/ir/src/default.ts", text: "const x = 1;\nexport default x;", rule: "no-default-export" },
  { file: "packages/ir/src/console.ts", text: "console.log(1);", rule: "no-console" },
  { file: "packages/ir/src/global.ts", text: "export const x = name;", rule: "no-restricted-globals" },
  { file: "packages/ir/src/ignore.ts", text: "// @ts-ignore\nexport const x = 1;", rule: "ban-ts-comment" },
  {
    file: "packages/ir/src/types.ts",
    text: 'import { A } from "./unsafe.ts";\nexport type B = A;',
    rule: "consistent-type-imports",
  },
  { file: "packages/ir/src/long.ts", text: "export const x = [\n" + "  1,\n".repeat(600) + "];", rule: "max-lines" },
];

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

describe("the lint configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-lint-"));
  let report: Report = { diagnostics: [] };

  beforeAll(async () => {
    copyFileSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    for (const { file, text } of CASES) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${text}\n`);
    }
    const output = await new Promise<string>((resolve) => {
      execFile(join(ROOT, "node_modules", ".bin", "oxlint"), ["-f", "json"], { cwd: folder }, (_error, stdout) =>
        resolve(stdout),
      );
    });
    report = JSON.parse(output);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.for(CASES)("$file: $rule", ({ file, rule }) => {
    const codes = report.diagnostics
      .filter((one) => one.filename === file)
      .map((one) => /\(([^)]+)\)/.exec(one.code)?.[1]);
    expect([...new Set(codes)]).toEqual(rule === undefined ? [] : [rule]);
  });
});

// What this machine lacks is said in every run: the projects that Chromium needs are left out where there is none,
// unless WEFT_REQUIRE names browser. Also the search for Chromium, and the decision itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test, vi } from "vitest";
import { chromiumMissing, findChromium } from "./chromium.ts";
import { skipped } from "./require.ts";

describe.skipIf(skipped("browser", chromiumMissing(), "every suite in Chromium"))("the browser projects", () => {
  test("have a Chromium", () => {
    expect(findChromium()).toBeTypeOf("string");
  });
});

describe("the search for Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-chromium-"));
  const executable = join(folder, "chromium");
  const plain = join(folder, "plain");
  writeFileSync(executable, "", { mode: 0o755 });
  writeFileSync(plain, "", { mode: 0o644 });

  test("takes the first on the path, and WEFT_CHROMIUM before it", () => {
    expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(executable);
    expect(findChromium({ PATH: "/nowhere", WEFT_CHROMIUM: executable })).toBe(executable);
    expect(findChromium({ PATH: "/nowhere" })).toBeNull();
    expect(chromiumMissing({ PATH: `/nowhere:${folder}` })).toBeNull();
    expect(chromiumMissing({ PATH: "/nowhere" })).toContain("WEFT_CHROMIUM");
  });

  test("does not fall back from a WEFT_CHROMIUM that does not run", () => {
    expect(findChromium({ PATH: folder, WEFT_CHROMIUM: plain })).toBeNull();
    expect(chromiumMissing({ PATH: folder, WEFT_CHROMIUM: plain })).toContain(plain);
    rmSync(folder, { recursive: true });
  });
});

describe("what is missing", () => {
  test("skips with a line where nobody asks for it, and fails where somebody does", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(skipped("webgpu", null, "a suite")).toBe(false);
    expect(warn).not.toHaveBeenCalled();
    if (inject("required").includes("webgpu"))
      expect(() => skipped("webgpu", "no adapter", "a suite")).toThrow(
        "WEFT_REQUIRE names webgpu, and a suite finds none: no adapter",
      );
    else {
      expect(skipped("webgpu", "no adapter", "a suite")).toBe(true);
      expect(warn).toHaveBeenCalledWith("webgpu: a suite is skipped (no adapter)");
    }
    warn.mockRestore();
  });
});

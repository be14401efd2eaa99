// The main job as a person runs it: the small version on both kinds of picture, and every mistake of the command line
// answered by one line.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { init } from "@weft/api";
import { afterAll, describe, expect, it } from "vitest";
import { skipped } from "../support/require.ts";

const MAIN = fileURLToPath(new URL("../../examples/article/src/main.ts", import.meta.url));
const REPORT = fileURLToPath(new URL("../../out/article/index.html", import.meta.url));
const PHOTOGRAPH = fileURLToPath(new URL("../../../shared/images/coffee.png", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "weft-article-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ["--conditions=source", MAIN, ...args], { encoding: "utf8", timeout: 120_000 });

describe("npm start", async () => {
  it("runs the four programs, checks them, and writes a report that stands alone", () => {
    const { status, stdout } = run("--quick", "--threads", "2");
    expect(stdout).toContain("all checks passed");
    expect(stdout).not.toContain("✗");
    expect(status).toBe(0);
    // the report's path is the last thing said
    expect(stdout.trimEnd().endsWith(REPORT)).toBe(true);
    const page = readFileSync(REPORT, "utf8");
    expect(page.match(/<img src="data:image\/png;base64,/gu)?.length).toBe(2);
    expect(page.match(/<svg /gu)?.length).toBe(4);
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/u);
    // all 81 taps are one kernel
    expect(page).toMatch(/81×mul/u);
  });

  const photograph = existsSync(PHOTOGRAPH);
  if (!photograph) console.warn("examples: there is no photograph beside this checkout; the run on one is skipped");
  it.skipIf(!photograph)("blurs a photograph", () => {
    const { status, stdout } = run("--quick", "--image", PHOTOGRAPH);
    expect(stdout).toContain("all checks passed");
    expect(status).toBe(0);
  });

  const { missing } = await init({ devices: ["webgpu"] });
  it.skipIf(skipped("webgpu", missing.webgpu ?? null, "the article's programs on it"))(
    "runs them on webgpu, small on a software adapter",
    () => {
      const { status, stdout } = run("--quick", "--device", "webgpu");
      expect(stdout).toContain("all checks passed");
      expect(stdout).toContain("device webgpu: ");
      expect(status).toBe(0);
    },
  );

  const broken = join(folder, "broken.png");
  writeFileSync(broken, "no picture");
  it.each([
    [["--image", join(folder, "absent.png")], /^weft: --image: there is no file .*absent\.png$/u],
    [["--image", broken], /^weft: --image: .*broken\.png is no picture that can be read/u],
    [["--threads", "0"], /^weft: --threads takes a whole number from 1 to 256, got 0$/u],
    [["--threads", "two"], /^weft: --threads takes a whole number/u],
    [["--device", "gpu"], /^weft: --device takes wasm, webgpu, auto, got gpu$/u],
    [["--quick", "--full"], /^weft: --quick and --full exclude each other$/u],
    [["--fast"], /^weft: Unknown option '--fast'/u],
  ])("%j is one clear line and exit code 2", (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
  });
});

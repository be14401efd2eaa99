// A page that hides and comes back, in Chromium: what was being evaluated is finished, or fails with DeviceError, and
// the next evaluation works. A headless Chromium hides and freezes no page, so a page is stopped as a frozen one is: no
// timer, no promise and no answer of the device runs for a while. And the browser's GPU process is killed under a page
// that computes. Skips where there is no Chromium, and says so.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, CDPSession, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../support/browser.ts";
import { ISOLATED, launchChromium, serve } from "../support/browser.ts";
import { chromiumMissing } from "../support/chromium.ts";
import { skipped } from "../support/require.ts";

/** The page's program: starts to compute, and tells what came of it when it is asked. */
const PAGE = `
import { defaultDevice, init, jit, numpy as np } from "@weft/api";
const { missing } = await init({ devices: ["webgpu"], threads: 1 });
const step = jit((x, w) => { let y = x; for (let i = 0; i < 10; i++) y = np.matmul(y, w).mul(1 / 256); return y; });
let last = performance.now();
let gap = 0;
setInterval(() => {
  gap = Math.max(gap, performance.now() - last);
  last = performance.now();
}, 10);
globalThis.bed = {
  missing: missing.webgpu ?? null,
  /** The longest time in which nothing ran. */
  gap: () => gap,
  /** Some seconds of products of ones with ones: every entry stays 1. */
  start(steps) {
    defaultDevice("webgpu");
    const compute = async () => {
      const ones = await np.ones([256, 256]).ready();
      let y = ones;
      for (let i = 0; i < steps; i++) y = step(y, ones);
      const data = await y.data();
      return data.every((entry) => Math.abs(entry - 1) < 1e-3) ? "right" : "wrong: " + data[0];
    };
    this.outcome = compute().catch((error) => error.name + ": " + error.message);
  },
};
`;

interface Bed {
  readonly missing: string | null;
  outcome: Promise<string>;
  gap(): number;
  start(steps: number): void;
}
type Host = { bed: Bed };

const reason = chromiumMissing();
describe.skipIf(skipped("browser", reason, "the page that hides"))("a page that hides and returns", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-hidden-"));
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: import.meta.dirname, sourcefile: "page.js" },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2024",
      conditions: ["source"],
      logLevel: "error",
    });
    writeFileSync(join(folder, "page.js"), outputFiles[0].text);
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><title>hidden</title><script type="module" src="page.js"></script>',
    );
    server = await serve(folder, () => ISOLATED);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<{ page: Page; session: CDPSession }> => {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => "bed" in globalThis);
    expect(await page.evaluate(() => (globalThis as unknown as Host).bed.missing)).toBe(null);
    return { page, session: await page.context().newCDPSession(page) };
  };
  const start = (page: Page, steps: number): Promise<void> =>
    page.evaluate((n) => (globalThis as unknown as Host).bed.start(n), steps);
  const outcome = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as Host).bed.outcome);

  test("a page that stood still finishes what it had begun, and computes on", async () => {
    const { page, session } = await open();
    await session.send("Debugger.enable");
    await start(page, 10);
    const stopped = new Promise((resolve) => session.once("Debugger.paused", resolve));
    await session.send("Debugger.pause");
    await stopped;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await session.send("Debugger.resume");
    await session.send("Debugger.disable");
    expect(await outcome(page)).toMatch(/^right$|^DeviceError/);
    expect(await page.evaluate(() => (globalThis as unknown as Host).bed.gap())).toBeGreaterThan(1400);
    await start(page, 2);
    expect(await outcome(page)).toBe("right");
    await page.close();
  });

  test("when the GPU process dies under it, the page gets a DeviceError, and the next evaluation opens the device again", async () => {
    const { page } = await open();
    await start(page, 2);
    expect(await outcome(page)).toBe("right");
    await start(page, 200);
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const gpu = processInfo.find(({ type }) => type.toLowerCase() === "gpu");
    if (gpu === undefined)
      throw new Error(`Chromium has no GPU process: ${processInfo.map(({ type }) => type).join(", ")}`);
    process.kill(gpu.id, "SIGKILL");
    expect(await outcome(page)).toMatch(/^DeviceError: .*lost/);
    await start(page, 2);
    expect(await outcome(page)).toBe("right");
    await page.close();
  });
});

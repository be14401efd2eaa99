// Pages whose browser lacks something, refuses it, or never answers: what `init` says then, and that what can be computed
// is, with the same bits. The browser is Chromium, changed by a script that runs before the page's.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InitReport } from "@weft/api";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ISOLATED, launchChromium, serve } from "../support/browser.ts";
import type { Server } from "../support/browser.ts";
import { chromiumMissing } from "../support/chromium.ts";
import { skipped } from "../support/require.ts";
import { writeLibrary } from "../support/single-file.ts";

/** What a page did. */
interface Visit {
  readonly report: InitReport | null;
  /** A few sums and products, as the bits of their floats. */
  readonly bits: readonly number[] | null;
  /** What importing, `init` or the program threw. */
  readonly thrown: string | null;
  readonly milliseconds: number;
  /** Errors of the page's console, and what it threw by itself. */
  readonly complaints: readonly string[];
}

const PAGE = `<!doctype html><title>hosts</title><script type="module">
globalThis.visit = async (options, device) => {
  const begin = performance.now();
  let report = null, bits = null, thrown = null;
  try {
    const { defaultDevice, init, numpy: np, random } = await import("./weft.js");
    report = await init(options);
    if (device !== undefined) defaultDevice(device);
    const a = random.uniform(random.key(1), [300, 200]);
    const product = np.sin(np.matmul(a, a.transpose()).sum(0)).add(np.arange(300).mul(0.1));
    const values = await np.concatenate([product, np.exp(a).sum(1)]).data();
    bits = [...new Uint32Array(values.buffer, 0, 16)];
  } catch (error) {
    thrown = error.name + ": " + error.message;
  }
  return { report, bits, thrown, milliseconds: performance.now() - begin };
};
</script>`;

describe.skipIf(skipped("browser", chromiumMissing(), "pages of other hosts"))("a page whose browser", () => {
  const site = mkdtempSync(join(tmpdir(), "weft-hosts-"));
  let browser: Browser;
  let isolated: Server;
  let plain: Server;

  beforeAll(async () => {
    await writeLibrary(site);
    writeFileSync(join(site, "index.html"), PAGE);
    [isolated, plain] = [await serve(site, () => ISOLATED), await serve(site, () => ({}))];
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await isolated?.close();
    await plain?.close();
    rmSync(site, { recursive: true, force: true });
  });

  /** Runs the program in a page after `patch`. */
  async function visit(patch: string, options: object = {}, device?: string, server = isolated): Promise<Visit> {
    const context = await browser.newContext();
    await context.addInitScript(patch);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
    try {
      await page.goto(server.url);
      await page.waitForFunction(() => "visit" in globalThis, null, { timeout: 30_000 });
      const call = `visit(${JSON.stringify(options)}, ${JSON.stringify(device)})`;
      return { ...((await page.evaluate(call)) as Omit<Visit, "complaints">), complaints };
    } finally {
      await context.close();
    }
  }

  const NEVER = "() => new Promise(() => {})";
  const BOTH = { devices: ["wasm", "webgpu"] };
  /** A request of IndexedDB of which nothing is heard. */
  const SILENT = "({ set onsuccess(f) {}, set onerror(f) {} })";

  // they wait, and that they can do together
  describe.concurrent("never answers", () => {
    test.each([
      ["open", `IDBFactory.prototype.open = () => ${SILENT}`],
      ["get", `IDBObjectStore.prototype.get = () => ${SILENT}`],
    ])("IndexedDB's %s: shipped profiles, soon", async (_name, patch) => {
      const { report, bits, thrown, milliseconds } = await visit(patch, BOTH, "wasm");
      expect(thrown).toBeNull();
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a cache that never answers")) return;
      expect(report?.devices).toEqual(["wasm", "webgpu"]);
      expect(bits).not.toBeNull();
      expect(report?.notes).toEqual([]);
      // it was asked
      expect(milliseconds).toBeGreaterThan(900);
    });

    test.each([
      ["requestAdapter", `GPU.prototype.requestAdapter = ${NEVER}`],
      ["requestDevice", `GPUAdapter.prototype.requestDevice = ${NEVER}`],
      ["its first shader", `GPUDevice.prototype.createComputePipelineAsync = ${NEVER}`],
      ["its first shader", `GPUBuffer.prototype.mapAsync = ${NEVER}`],
    ])("%s: it is given up, and wasm computes", async (what, patch) => {
      const { report, bits, thrown } = await visit(patch, BOTH, "wasm");
      expect(thrown).toBeNull();
      if (/no adapter|no navigator/u.test(report?.missing.webgpu ?? "")) {
        skipped("webgpu", report?.missing.webgpu ?? null, "an adapter that never answers");
        return;
      }
      expect(report?.missing.webgpu).toBe(`webgpu: the adapter does not open: ${what} has not answered within 10 s`);
      expect(report?.devices).toEqual(["wasm"]);
      expect(bits).not.toBeNull();
    });
  });

  describe("refuses IndexedDB", () => {
    test.each([
      ["it is not there", "delete globalThis.indexedDB; delete Window.prototype.indexedDB"],
      ["its name throws", "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no') } })"],
      ["opening throws", "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }"],
      ["transactions throw", "IDBDatabase.prototype.transaction = () => { throw new Error('no') }"],
      ["reading throws", "IDBObjectStore.prototype.get = () => { throw new Error('no') }"],
    ])("%s: shipped profiles", async (_name, patch) => {
      const { report, thrown } = await visit(patch, BOTH, "wasm");
      expect(thrown).toBeNull();
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a page without IndexedDB")) return;
      expect(report).toMatchObject({ devices: ["wasm", "webgpu"], notes: [] });
    });
  });
});

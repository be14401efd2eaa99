// A page that is hidden, frozen, and shown again, on each device, isolated and not: what was under way ends with the
// right value, and the next programs run. The page loads the library as one built file.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ISOLATED, serve } from "../support/browser.ts";
import type { Server } from "../support/browser.ts";
import { chromiumMissing } from "../support/chromium.ts";
import { skipped } from "../support/require.ts";
import { launchTabs } from "../support/tabs.ts";
import type { Tabs } from "../support/tabs.ts";
import { ROOT } from "../workshop/sources.ts";

const n = 1_000_000;
/** Σ (k mod 7) for k < n. */
const terms = Array.from({ length: n }, (_, k) => k % 7).reduce((sum, x) => sum + x, 0);

const PAGE = `<!doctype html><title>hidden</title><script type="module">
import { defaultDevice, init, numpy as np } from "./weft.js";
let freezes = 0;
document.addEventListener("freeze", () => freezes++);
const program = (i) => np.sum(np.mod(np.arange(${n}), 7).astype("int32").mul(i + 1));
const run = async (round) => (await Promise.all([0, 1, 2, 3].map((i) => program(round + i).data()))).map(([sum]) => sum);
let pending = null;
globalThis.page = {
  freezes: () => freezes,
  open: async (device) => {
    const { missing } = await init({ devices: [device] });
    if (missing[device] === undefined) { defaultDevice(device); await run(0); }
    return missing[device] ?? null;
  },
  start: (round) => { pending = run(round); },
  result: () => pending,
};
</script>`;

describe.skipIf(skipped("browser", chromiumMissing(), "a page that is hidden"))(
  "a page that is hidden and shown again",
  () => {
    const site = mkdtempSync(join(tmpdir(), "weft-hidden-"));
    const servers: Server[] = [];
    let tabs: Tabs;

    beforeAll(async () => {
      await promisify(execFile)(process.execPath, [join(ROOT, "scripts", "turbo.mjs"), "--quiet", "build"], {
        cwd: ROOT,
      });
      copyFileSync(join(ROOT, "packages", "api", "dist", "browser", "weft.js"), join(site, "weft.js"));
      writeFileSync(join(site, "index.html"), PAGE);
      tabs = await launchTabs();
    }, 300_000);
    afterAll(async () => {
      await tabs?.close();
      for (const server of servers) await server.close();
      rmSync(site, { recursive: true, force: true });
    });

    test.each([
      ["wasm", "isolated"],
      ["wasm", "plain"],
      ["webgpu", "isolated"],
    ])("%s, %s", async (device, kind) => {
      const server = await serve(site, () => (kind === "isolated" ? ISOLATED : {}));
      servers.push(server);
      const tab = await tabs.open(server.url);
      // the module runs when it has loaded
      for (let i = 0; i < 200 && (await tab.evaluate("typeof page")) === "undefined"; i++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await tab.evaluate("crossOriginIsolated")).toBe(kind === "isolated");
      const missing = (await tab.evaluate(`page.open("${device}")`)) as string | null;
      if (skipped("webgpu", missing, "a hidden page's WebGPU device")) return;
      for (let round = 0; round < 3; round++) {
        await tab.evaluate(`page.start(${round})`);
        await tab.hide();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await tab.show();
        expect(await tab.evaluate("page.result()")).toEqual([1, 2, 3, 4].map((i) => terms * (round + i)));
      }
      expect(await tab.evaluate("page.freezes()")).toBe(3);
      await tab.evaluate("page.start(9)");
      expect(await tab.evaluate("page.result()")).toEqual([10, 11, 12, 13].map((i) => terms * i));
    });
  },
);

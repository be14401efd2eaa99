// One vitest run, one project per host: `node`, and Chromium with a page that is cross-origin isolated (`browser`) and
// one that is not (`browser-plain`). docs/testing.md says which suites run where, and what skips when.
// Everything is tested from source: the "source" condition makes @weft/* resolve to src/index.ts in vitest's own
// resolver, and in the worker threads that tests start (execArgv is inherited by them).
import { existsSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import type { TestProjectInlineConfiguration } from "vitest/config";
import { defineConfig } from "vitest/config";
import { ISOLATED, SWITCHES } from "./test/support/browser.ts";
import { findChromium } from "./test/support/chromium.ts";
import { LongestFirst } from "./test/support/order.ts";
import { pageSuites } from "./test/support/pages.ts";

// A software adapter for WebGPU where Debian's chromium brings one. Native code sees only what the process had in its
// environment when it started, so this stands here and not in test.env.
const swiftshader = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(swiftshader)) {
  process.env.VK_DRIVER_FILES ??= swiftshader;
  process.env.VK_ICD_FILENAMES ??= swiftshader;
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
}

const conditions = ["source"];
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };
const wanted = (process.env.WEFT_REQUIRE ?? "").split(",").filter((name) => name !== "");

const node: TestProjectInlineConfiguration = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    name: "node",
    environment: "node",
    // forks, not threads: synchronous reads block a real main thread, as in a user's program.
    pool: "forks",
    execArgv: ["--conditions=source"],
    // After the pages and not beside them: four suites with their threads on two cores take a third more processor time
    // each than two, and what waits for another thread waits for a turn as well.
    sequence: { groupOrder: 1 },
    // one more than cores: suites that drive a browser or wait for timers leave a core idle
    maxWorkers: 3,
    ...timeouts,
    provide: { required: wanted, isolated: false },
    include: ["packages/*/src/**/*.test.ts", "packages/*/scripts/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/browser/**"],
  },
};

const browser = (
  name: string,
  executablePath: string,
  isolated: boolean,
  include: string[],
): TestProjectInlineConfiguration => ({
  resolve: { conditions: [...conditions, "browser", "module", "development"] },
  server: { headers: isolated ? { ...ISOLATED } : {} },
  // found while a run is on, a dependency would reload the page
  optimizeDeps: { include: ["comlink", "fast-check"], exclude: ["webgpu"] },
  test: {
    name,
    include,
    ...timeouts,
    provide: { required: wanted, isolated },
    api: { host: "127.0.0.1" },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: [...SWITCHES, "--js-flags=--expose-gc"] } }),
      instances: [{ browser: "chromium" }],
    },
  },
});

const suites = (isolated: boolean): string[] => pageSuites(import.meta.dirname, isolated);

// where there is none, test/support/hosts.test.ts says so in the run itself
const chromium = findChromium();
const browsers =
  chromium === null
    ? []
    : [browser("browser", chromium, true, suites(true)), browser("browser-plain", chromium, false, suites(false))];

export default defineConfig({
  test: {
    maxWorkers: 2,
    // it keeps what imports resolved to, and does not see a package.json that changes that
    fsModuleCache: false,
    sequence: { sequencer: LongestFirst },
    ...timeouts,
    projects: [node, ...browsers],
  },
});

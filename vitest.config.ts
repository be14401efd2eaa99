// One vitest run, one project per host: `node` here; the browser project joins the list below it when the browser does.
// Everything is tested from source: the "source" condition makes @weft/* resolve to src/index.ts in vitest's own
// resolver, and in the worker threads that tests start (execArgv is inherited by them).
import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

// A software adapter for WebGPU where Debian's chromium brings one. Native code sees only what the process had in its
// environment when it started, so this stands here and not in test.env.
const swiftshader = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(swiftshader)) {
  process.env.VK_DRIVER_FILES ??= swiftshader;
  process.env.VK_ICD_FILENAMES ??= swiftshader;
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
}

const conditions = ["source"];

export default defineConfig({
  test: {
    // forks, not threads: synchronous reads block a real main thread, as in a user's program.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        resolve: { conditions },
        ssr: { resolve: { conditions, externalConditions: conditions } },
        test: {
          name: "node",
          environment: "node",
          pool: "forks",
          execArgv: ["--conditions=source"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ["packages/*/src/**/*.test.ts", "packages/*/scripts/**/*.test.ts", "test/**/*.test.ts"],
        },
      },
    ],
  },
});

// The library in pages, from the packages' dist: put together by Vite, webpack and esbuild, and as the single file without
// a bundler; isolated and not; under content security policies. Numbers are those of Node; pages report no errors.
import * as weft from "@weft/api";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ISOLATED, launchChromium, serve } from "../support/browser.ts";
import type { Server } from "../support/browser.ts";
import { chromiumMissing } from "../support/chromium.ts";
import { skipped } from "../support/require.ts";
import {
  buildWithEsbuild,
  buildWithVite,
  buildWithWebpack,
  placeSingleFile,
  placeSources,
  serveWithVite,
} from "./build.ts";
import { program } from "./page/program.ts";
import type { Options, Result } from "./page/program.ts";

/** What a page did. */
interface Visit {
  readonly result: Result;
  /** Errors and warnings of the page's console, and what it threw. */
  readonly complaints: string[];
  /** Addresses of its workers. */
  readonly workers: string[];
  /** What the program threw instead of a result. */
  readonly thrown: string | null;
}

const POLICY = "Content-Security-Policy";
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
const BUNDLES = ["vite", "webpack", "esbuild", "single"] as const;

describe.skipIf(skipped("browser", chromiumMissing(), "the bundles"))("the library in a page", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-bundles-"));
  const source = join(folder, "source");
  const site = join(folder, "site");
  let browser: Browser;
  let expected: Result;
  const servers: Server[] = [];

  beforeAll(async () => {
    await placeSources(source);
    await buildWithVite(source, join(site, "vite"));
    await buildWithWebpack(source, join(site, "webpack"));
    await buildWithEsbuild(source, join(site, "esbuild"));
    placeSingleFile(source, join(site, "single"));
    expected = await program(weft);
    browser = await launchChromium();
  }, 300_000);
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function server(headers: Readonly<Record<string, string>>): Promise<string> {
    const opened = await serve(site, () => headers);
    servers.push(opened);
    return opened.url;
  }

  /** Opens a page, runs the program in it and closes it. */
  async function visit(url: string, options: Options = {}): Promise<Visit> {
    const context = await browser.newContext();
    const page: Page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
    try {
      await page.goto(url);
      await page.waitForFunction(() => "run" in globalThis, null, { timeout: 30_000 });
      const call = `globalThis.run(${JSON.stringify(options)})`;
      const outcome = (await page.evaluate(
        `${call}.then((result) => ({ result, thrown: null }), (error) => ({ result: {}, thrown: \`\${error.name}: \${error.message}\` }))`,
      )) as { result: Result; thrown: string | null };
      return { ...outcome, complaints, workers: page.workers().map((worker) => worker.url()) };
    } finally {
      await context.close();
    }
  }

  function expectNumbers(result: Result): void {
    expect(result.item).toBe(9);
    expect(result.random).toEqual(expected.random);
    for (const name of ["selu", "product", "grad", "jit"] as const) {
      const [actual, wanted] = [result[name], expected[name]];
      expect(actual, name).toHaveLength(wanted.length);
      actual.forEach((value, i) =>
        expect(Math.abs(value - wanted[i]), `${name} ${i}`).toBeLessThanOrEqual(1e-5 * Math.abs(wanted[i])),
      );
    }
  }

  describe.each(BUNDLES)("from %s", (bundle) => {
    test("on several threads, in a page that is isolated", async () => {
      const { result, complaints, workers, thrown } = await visit(`${await server(ISOLATED)}${bundle}/`, {
        seconds: 1.5,
      });
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(complaints).toEqual([]);
      expect(result.report).toMatchObject({ notes: [], missing: {} });
      expect(result.report.threads).toBeGreaterThan(1);
      expect(workers).toHaveLength(result.report.threads - 1);
    });

    test("on one, with the same numbers, in a page that is not", async () => {
      const { result, complaints, workers, thrown } = await visit(`${await server({})}${bundle}/`);
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(complaints).toEqual([]);
      expect(result.report.threads).toBe(1);
      expect(workers).toEqual([]);
      // errors are ours by name, and begin at the user's line although all lines are of one file
      expect(result.mistakes.heads).toEqual(expected.mistakes.heads);
      expect(result.mistakes.misplaced).toEqual([]);
    });
  });

  test("from Vite's development server, on several threads", async () => {
    const development = await serveWithVite(source, ISOLATED);
    try {
      const { result, complaints, workers, thrown } = await visit(development.resolvedUrls?.local[0] ?? "", {
        seconds: 0.5,
      });
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(complaints).toEqual([]);
      expect(result.report.threads).toBeGreaterThan(1);
      expect(workers).toHaveLength(result.report.threads - 1);
    } finally {
      await development.close();
    }
  }, 120_000);

  test("lets the page live while it waits for a long evaluation", async () => {
    for (const headers of [ISOLATED, {}]) {
      const { result, thrown } = await visit(`${await server(headers)}vite/`, { seconds: 2 });
      expect(thrown).toBeNull();
      const { count, longest, rounds } = result.beats ?? { count: 0, longest: 0, rounds: 0 };
      console.log(
        `${"Cross-Origin-Opener-Policy" in headers ? "isolated" : "not isolated"}: ${count} macrotasks in 2 s and ${rounds} evaluations, the longest wait ${longest.toFixed(1)} ms`,
      );
      // Slices of 8 ms make 250. A machine that does other work as well gets fewer, one slice a round would be rounds.
      expect(count).toBeGreaterThan(60);
      expect(count).toBeGreaterThan(rounds * 2);
    }
  });

  test("computes on WebGPU", async () => {
    for (const bundle of ["vite", "single"]) {
      const { result, complaints, thrown } = await visit(`${await server(ISOLATED)}${bundle}/`, { webgpu: true });
      expect(thrown).toBeNull();
      expect(result.report.devices).toContain("webgpu");
      expectNumbers({ ...result, item: 9 });
      expect(complaints).toEqual([]);
    }
  });

  describe("under a content security policy", () => {
    test.each(["vite", "webpack", "single"])(
      "of 'self' and 'wasm-unsafe-eval', on several threads, from %s",
      async (bundle) => {
        const { result, complaints, workers, thrown } = await visit(
          `${await server({ ...ISOLATED, [POLICY]: STRICT })}${bundle}/`,
          { seconds: 0.5 },
        );
        expect(thrown).toBeNull();
        expectNumbers(result);
        expect(complaints).toEqual([]);
        expect(workers).toHaveLength(result.report.threads - 1);
      },
    );

    test("that forbids WebAssembly, imports and names the directive at first use", async () => {
      const { thrown, complaints } = await visit(
        `${await server({ ...ISOLATED, [POLICY]: "script-src 'self'" })}single/`,
      );
      expect(thrown).toMatch(
        /^DeviceError: np\.\w+: wasm: this page's Content-Security-Policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval'/,
      );
      expect(complaints.filter((text) => text.startsWith("thrown"))).toEqual([]);
    });

    test("that forbids workers, computes on one thread and says so", async () => {
      const { result, complaints, workers, thrown } = await visit(
        `${await server({ ...ISOLATED, [POLICY]: `${STRICT}; worker-src 'none'` })}vite/`,
        { seconds: 0.5 },
      );
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(workers).toEqual([]);
      expect(result.report.threads).toBe(1);
      const reason = /wasm: lane 1 is gone \(the worker's file: .*a blob of the worker's text: /s;
      expect(result.report.notes.join("\n")).toMatch(reason);
      expect(complaints.join("\n")).toMatch(reason);
    });
  });

  describe("where Trusted Types are required", () => {
    const REQUIRED = `${STRICT}; require-trusted-types-for 'script'`;

    test.each([
      ["vite", REQUIRED, "weft"],
      ["webpack", REQUIRED, "weft"],
      ["single", REQUIRED, "weft"],
      ["single", REQUIRED, "app weft"],
      ["single", REQUIRED, null],
      ["esbuild", `${REQUIRED}; worker-src 'self' blob:`, "weft"],
    ])("several threads through the policy weft, from %s under %s with %s", async (bundle, policy, names) => {
      const allowed = names === null ? "" : `; trusted-types ${names}`;
      const { result, complaints, workers, thrown } = await visit(
        `${await server({ ...ISOLATED, [POLICY]: policy + allowed })}${bundle}/`,
        { seconds: 0.5 },
      );
      expect(thrown).toBeNull();
      expectNumbers(result);
      // esbuild leaves the worker's file out, and the page says that it is not there
      if (bundle !== "esbuild") expect(complaints).toEqual([]);
      expect(result.report.notes).toEqual([]);
      expect(result.report.threads).toBeGreaterThan(1);
      expect(workers).toHaveLength(result.report.threads - 1);
    });

    test("one thread where the policy is not allowed, and a note that names it", async () => {
      const { result, workers, thrown } = await visit(
        `${await server({ ...ISOLATED, [POLICY]: `${REQUIRED}; trusted-types other` })}single/`,
        { seconds: 0.2 },
      );
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(workers).toEqual([]);
      expect(result.report.threads).toBe(1);
      expect(result.report.notes.join("\n")).toMatch(
        /the page's Trusted Types must allow the policy weft \(trusted-types weft\)/u,
      );
    });
  });

  describe("whose scripts lack the header of an isolated page", () => {
    async function opened(policy: Readonly<Record<string, string>>): Promise<string> {
      const found = await serve(site, ({ url = "" }) => (url.endsWith(".js") ? policy : { ...ISOLATED, ...policy }));
      servers.push(found);
      return found.url;
    }

    test.each(["vite", "single"])("%s gets its threads by another way", async (bundle) => {
      const { result, workers, thrown } = await visit(`${await opened({})}${bundle}/`, { seconds: 0.2 });
      expect(thrown).toBeNull();
      expectNumbers(result);
      expect(workers).toHaveLength(result.report.threads - 1);
      expect(result.report.threads).toBeGreaterThan(1);
    });

    test.each(["vite", "single"])(
      "%s computes on one thread where no other is allowed, and the note names the header",
      async (bundle) => {
        const { result, workers, thrown } = await visit(`${await opened({ [POLICY]: STRICT })}${bundle}/`, {
          seconds: 0.2,
        });
        expect(thrown).toBeNull();
        expectNumbers(result);
        expect(workers).toEqual([]);
        expect(result.report.threads).toBe(1);
        expect(result.report.notes.join("\n")).toMatch(
          /its script did not load; in a page that is isolated it needs the header Cross-Origin-Embedder-Policy: require-corp of its own/u,
        );
      },
    );
  });

  test("starts its workers from another origin's file", async () => {
    const elsewhere = await server({
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    const { result, complaints, workers, thrown } = await visit(
      `${await server(ISOLATED)}single/?weft=${elsewhere}single/weft.js`,
      { seconds: 0.5 },
    );
    expect(thrown).toBeNull();
    expectNumbers(result);
    expect(complaints).toEqual([]);
    expect(workers).toHaveLength(result.report.threads - 1);
    for (const worker of workers) expect(worker).toMatch(/^blob:/);
  });
});

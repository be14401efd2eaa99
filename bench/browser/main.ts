// Weft beside jax-js in one Chromium, on the same adapter: builds the page from the packages as they are built, serves
// it isolated, drives it, and prints a table. `--quick` runs fewer rounds, `--only WORD` a part, `--threads N` limits
// Weft's lanes, `--write` puts the section into bench/RESULTS.md. Exits with 3 where there is no Chromium.
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { chromium } from "playwright";
import { build, preview } from "vite";

import { writeSection } from "../src/report.ts";
import type { Bench, Comparison, Opened } from "./page.ts";
import type { SubmitCost } from "./submit.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    threads: { type: "string" },
    only: { type: "string" },
    write: { type: "boolean" },
  },
});
const root = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../../out/bench/browser/", import.meta.url));

/** The first Chromium on the path, or the one that WEFT_CHROMIUM names. */
function findChromium(): string {
  const { WEFT_CHROMIUM: named, PATH = "" } = process.env;
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const paths = named ? [named] : names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  for (const path of paths) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  console.error("bench: no Chromium on the path; WEFT_CHROMIUM may name one");
  process.exit(3);
}

const executablePath = findChromium();
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
await build({ root, logLevel: "warn", build: { outDir: join(out, "page"), emptyOutDir: true, target: "es2024" } });
const server = await preview({
  root,
  logLevel: "warn",
  build: { outDir: join(out, "page") },
  preview: { host: "127.0.0.1", port: 0, headers },
});
const url = server.resolvedUrls?.local[0];
if (url === undefined) throw new Error("bench: the page is not served");
const SWITCHES = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// a machine without a GPU; where there is one, WEFT_ADAPTER="" leaves the choice to Chromium
const adapter = process.env.WEFT_ADAPTER ?? "swiftshader";
const browser = await chromium.launch({
  executablePath,
  args: adapter === "" ? SWITCHES : [...SWITCHES, `--use-webgpu-adapter=${adapter}`],
});
const comparisons: Comparison[] = [];
let opened: Opened;
let submit: SubmitCost | null = null;
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`page: ${error.message}`));
  await page.goto(url);
  await page.waitForFunction(() => "weftBench" in globalThis);
  const threads = flags.threads === undefined ? null : Number(flags.threads);
  opened = await page.evaluate((n) => (globalThis as unknown as { weftBench: Bench }).weftBench.open(n), threads);
  if (!opened.isolated) throw new Error("bench: the page is not isolated, so that nothing has threads");
  for (const [device, why] of Object.entries(opened.missing)) console.error(`${device} is not there: ${why}`);
  const wanted = (name: string): boolean => flags.only === undefined || name.includes(flags.only);
  for (const device of ["webgpu", "wasm"] as const) {
    if (!opened.devices.includes(device)) continue;
    for (const program of opened.programs) {
      if (!wanted(`${program} ${device}`)) continue;
      console.error(`… ${program} on ${device}`);
      const rounds = flags.quick === true ? 3 : device === "webgpu" ? 7 : 15;
      comparisons.push(
        await page.evaluate(
          ([name, on, count]) => (globalThis as unknown as { weftBench: Bench }).weftBench.compare(name, on, count),
          [program, device, rounds] as const,
        ),
      );
    }
  }
  if (opened.devices.includes("webgpu") && wanted("submit")) {
    console.error("… submission of 30 kernels");
    submit = await page.evaluate(() => (globalThis as unknown as { weftBench: Bench }).weftBench.submit());
  }
} finally {
  await browser.close();
  await new Promise((resolve) => server.httpServer.close(resolve));
}

const ms = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const processor = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
const machine = `${processor}; Chromium ${browser.version()}, isolated page, ${opened.threads} thread${opened.threads === 1 ? "" : "s"}; WebGPU adapter ${opened.adapter}; @jax-js/jax 0.1.25`;
const targets: Readonly<Record<string, number>> = {
  "SELU, 1e7 float32 webgpu": 1.5,
  "matmul 1024, float32 webgpu": 1.5,
  "SELU, 1e7 float32 wasm": 4,
  "matmul 1024, float32 wasm": 1.8,
};
const lines = [
  "| workload | device | Weft ms, median (min–max) | jax-js ms, median (min–max) | jax-js / Weft | target | difference of results |",
  "|---|---|---:|---:|---:|---:|---:|",
  ...comparisons.map(({ program, device, measured: { weft, jax }, difference }) => {
    const times = [weft, jax].map(({ median, min, max }) => `${ms(median)} (${ms(min)}–${ms(max)})`);
    const target = targets[`${program} ${device}`];
    return `| ${program} | ${device} | ${times[0]} | ${times[1]} | ${(jax.median / weft.median).toFixed(2)} | ${target === undefined ? "–" : `≥ ${target}`} | ${difference.toExponential(1)} |`;
  }),
  "",
];
if (submit !== null)
  lines.push(
    "| submission, one thread's clock | µs, median (least) | target |",
    "|---|---:|---:|",
    `| a cached plan of 30 kernels | ${submit.weft.toFixed(0)} (${submit.leastWeft.toFixed(0)}) | ≤ 150 |`,
    `| the WebGPU calls alone, in a bare loop | ${submit.bare.toFixed(0)} (${submit.leastBare.toFixed(0)}) | – |`,
    "",
  );
const wrong = comparisons.filter(({ difference }) => !(difference < 1e-4));
if (wrong.length > 0)
  throw new Error(`results differ: ${wrong.map(({ program, device }) => `${program} on ${device}`).join(", ")}`);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "results.json"), JSON.stringify({ machine, commit, opened, comparisons, submit }, null, 1));
const rest = process.argv.slice(2).filter((flag) => flag !== "--write");
const command = `npm run bench:browser${rest.length === 0 ? "" : ` -- ${rest.join(" ")}`}`;
const section = `\`${command}\` at ${commit}\n\n${machine}\n\n${lines.join("\n")}`;
if (flags.write === true) writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), command, section);
console.log(section);

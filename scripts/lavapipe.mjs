// Prepares lavapipe, Mesa's software Vulkan, under out/lavapipe without installing anything: unlike SwiftShader it has
// 16-bit floats, subgroups of 8 and bindings of at most 128 MiB. Prints the lines that a shell evaluates to use it:
//   eval "$(node scripts/lavapipe.mjs)" && npx vitest run packages/backend-webgpu
// The packages come from the backports of the Debian release this machine's own apt sources name. Exits with code 3,
// and one line that says why, where there is no apt or no such release; plain JavaScript for any Node.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const out = join(dirname(dirname(fileURLToPath(import.meta.url))), "out", "lavapipe");
const root = join(out, "root");
const icd = join(out, "icd.json");

/** Ends the script with a reason. */
function give(reason) {
  console.error(`lavapipe: ${reason}`);
  process.exit(3);
}

/** What a command prints; gives up where it fails. */
function run(command, args, cwd = out) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (error !== undefined || status !== 0)
    give(`${command} ${args.slice(-3).join(" ")} fails: ${error?.message ?? stderr.trim().split("\n").pop()}`);
  return stdout;
}

/** Lines of a file, or none. */
const lines = (path) => (existsSync(path) ? readFileSync(path, "utf8").split("\n") : []);

/** The archive and its key, from the sources that name this release: either of apt's two forms. */
function archive(codename) {
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  for (const file of ["/etc/apt/sources.list", ...files]) {
    for (const line of lines(file)) {
      const [, options = "", uri] = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(line) ?? [];
      if (uri !== undefined && line.includes(` ${codename} `)) return { options, uri };
    }
    for (const stanza of lines(file)
      .join("\n")
      .split(/\n\s*\n/)) {
      const field = (name) => new RegExp(`^${name}:[ \\t]*(.+)$`, "im").exec(stanza)?.[1].trim();
      const uri = field("URIs")?.split(/\s+/)[0];
      if (uri === undefined || !field("Suites")?.split(/\s+/).includes(codename)) continue;
      const key = field("Signed-By");
      return { options: key === undefined ? "" : `[signed-by=${key}] `, uri };
    }
  }
  return give(`no apt source of this machine names ${codename}`);
}

function prepare() {
  if (process.platform !== "linux" || !existsSync("/etc/apt")) give("this machine has no apt");
  const release = lines("/etc/os-release").join("\n");
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  if (codename === undefined || !/^ID=debian$/m.test(release)) give("this machine is no Debian with a code name");
  const { options, uri } = archive(codename);
  rmSync(out, { recursive: true, force: true });
  for (const folder of ["root", "lists/partial", "cache/archives/partial", "packages"])
    mkdirSync(join(out, folder), { recursive: true });
  const suites = [codename, `${codename}-backports`];
  writeFileSync(join(out, "sources.list"), suites.map((suite) => `deb ${options}${uri} ${suite} main\n`).join(""));
  const apt = [
    `-oDir::Etc::SourceList=${join(out, "sources.list")}`,
    "-oDir::Etc::SourceParts=-",
    `-oDir::State::Lists=${join(out, "lists")}`,
    `-oDir::Cache=${join(out, "cache")}`,
    "-oAPT::Sandbox::User=root",
  ];
  run("apt-get", [...apt, "update"]);
  // what an installation here would bring: the driver and the libraries that this machine lacks
  const install = ["install", "--no-install-recommends", "-s", "mesa-vulkan-drivers", "libvulkan1"];
  const plan = run("apt-get", [...apt, "-t", suites[1], ...install]);
  const wanted = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  if (wanted.length === 0) give("apt finds mesa-vulkan-drivers installed; use it as it is");
  run("apt-get", [...apt, "-q", "download", ...wanted], join(out, "packages"));
  for (const file of readdirSync(join(out, "packages"))) run("dpkg", ["-x", join(out, "packages", file), root]);
  for (const folder of ["lists", "cache", "packages"]) rmSync(join(out, folder), { recursive: true, force: true });
}

/** The folder of the unpacked libraries and the driver in it; null before they are there. */
function driver() {
  const lib = join(root, "usr", "lib");
  for (const name of existsSync(lib) ? readdirSync(lib) : []) {
    const path = join(lib, name, "libvulkan_lvp.so");
    if (existsSync(path)) return { path, folder: join(lib, name) };
  }
  return null;
}

if (!existsSync(icd)) prepare();
const found = driver() ?? give(`no libvulkan_lvp.so in ${root}`);
if (!existsSync(icd)) {
  // the last thing that is written: a preparation that was cut off is done again
  const text = JSON.stringify({
    file_format_version: "1.0.0",
    ICD: { library_path: found.path, api_version: "1.4.305" },
  });
  writeFileSync(`${icd}.part`, `${text}\n`);
  renameSync(`${icd}.part`, icd);
}
const libraries = [found.folder, ...(process.env.LD_LIBRARY_PATH ? [process.env.LD_LIBRARY_PATH] : [])].join(":");
for (const [name, value] of [
  ["VK_DRIVER_FILES", icd],
  ["VK_ICD_FILENAMES", icd],
  ["LD_LIBRARY_PATH", libraries],
  ["XDG_RUNTIME_DIR", process.env.XDG_RUNTIME_DIR ?? "/tmp"],
])
  console.log(`export ${name}='${value}'`);

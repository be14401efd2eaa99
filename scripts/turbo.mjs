// Runs turbo tasks with telemetry and update checks off: `node scripts/turbo.mjs [--quiet] TASK… [turbo's flags]`.
// With --quiet the output is shown only when a task fails, so that `npm start` begins with the program's own lines.
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv[2] === "--quiet";
const args = process.argv.slice(quiet ? 3 : 2);
const bin = join(root, "node_modules", ".bin");

const result = spawnSync(join(bin, "turbo"), ["run", ...args], {
  cwd: root,
  stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
  maxBuffer: 1 << 28,
  env: {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  },
});
if (result.error) console.error(`turbo: ${result.error.message}`);
if (quiet && result.status !== 0) {
  process.stdout.write(result.stdout ?? "");
  process.stderr.write(result.stderr ?? "");
}
process.exit(result.status ?? 1);

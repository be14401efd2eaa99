// npm run soak: dying workers, or with --long the programs of many steps. Sources run as they are, so only what is
// assembled must be there.
import { spawnSync } from "node:child_process";

const args = process.argv.slice(2);
const script = args.includes("--long") ? "bench/src/long.ts" : "packages/backend-wasm/scripts/soak.ts";
const { status } = spawnSync(process.execPath, ["--conditions=source", script, ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;

// The public face of the WASM device.
import type { Backend, Runtime } from "@weft/ir";
import { runtime } from "#platform";

import { WasmBackend } from "./backend.ts";
import type { WasmOptions } from "./backend.ts";
import { createCompiler } from "./compiler.ts";

export type { WasmOptions } from "./backend.ts";
export type { WasmProgram } from "./program.ts";

/** The host: its clock, cores, memory and log. */
export const hostRuntime: Runtime = runtime;

/**
 * A device on WebAssembly threads. Nothing starts here: memory and code come into being at first use, workers at the
 * first program of more than about a millisecond, and no call ever waits for one to start.
 * @throws DeviceError where `threads` is no whole number of at least 1, or a build is asked for that the host cannot run.
 * @example const device = createWasmBackend({ threads: 2 });
 */
export function createWasmBackend(options: WasmOptions = {}): Backend {
  return new WasmBackend(createCompiler, options);
}

// The command line: flags, their checks, and one clear line for whatever is wrong with them.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

/** A mistake of the person at the keyboard: printed as one line, exit code 2. */
export class UsageError extends Error {}

const DEVICES = ["wasm", "webgpu", "auto"] as const;
export type DeviceName = (typeof DEVICES)[number];

export interface Options {
  readonly quick: boolean;
  readonly full: boolean;
  readonly threads: number | undefined;
  readonly image: string | undefined;
  readonly device: DeviceName;
  readonly help: boolean;
}

export const USAGE = `npm start -- [--quick | --full] [--device wasm|webgpu|auto] [--threads N] [--image FILE]

  --quick         the small version: seconds instead of a minute
  --full          full size even where only a software adapter imitates a GPU, which takes many minutes
  --device NAME   where the programs run: wasm (default), webgpu, or auto, which places each part
  --threads N     lanes of the WASM device, the caller included (default: all cores)
  --image FILE    a PNG or JPEG to blur (default: a picture the program draws)`;

export function readOptions(args: readonly string[]): Options {
  let values: { quick?: boolean; full?: boolean; threads?: string; image?: string; device?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean" },
        full: { type: "boolean" },
        threads: { type: "string" },
        image: { type: "string" },
        device: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split("\n")[0].replace(/\.$/, "")}; see --help`);
  }
  const { quick = false, full = false } = values;
  if (quick && full) throw new UsageError("--quick and --full exclude each other");
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 256)) {
    throw new UsageError(`--threads takes a whole number from 1 to 256, got ${values.threads}`);
  }
  const { device: name = "wasm" } = values;
  const device = DEVICES.find((known) => known === name);
  if (device === undefined) throw new UsageError(`--device takes ${DEVICES.join(", ")}, got ${name}`);
  if (values.image !== undefined && !existsSync(values.image))
    throw new UsageError(`--image: there is no file ${values.image}`);
  return { quick, full, threads, image: values.image, device, help: values.help ?? false };
}

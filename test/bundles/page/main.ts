// A page's script as a user would write it: bundlers read it.
import { defaultDevice, grad, init, jit, numpy, random } from "@weft/api";
import { program } from "./program.ts";
import type { Options } from "./program.ts";

const run = (options: Options): ReturnType<typeof program> =>
  program({ defaultDevice, grad, init, jit, numpy, random }, options);
Object.assign(globalThis, { run });

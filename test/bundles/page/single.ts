// The same without a bundler: the single file lies beside this one, or where `weft` in the page's address says.
import { program } from "./program.ts";
import type { Library, Options } from "./program.ts";

const place = new URL(location.href).searchParams.get("weft") ?? "./weft.js";
const weft = (await import(place)) as Library;
const run = (options: Options): ReturnType<typeof program> => program(weft, options);
Object.assign(globalThis, { run });

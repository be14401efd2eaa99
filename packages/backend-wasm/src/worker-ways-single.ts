// The ways to a lane's worker from the single file that holds the whole library: the file itself, which is a lane's
// worker where it is started as one (worker-browser.ts); or, for a page of another origin, a blob that imports it.
import { openTrusted } from "./trusted.ts";
import { fromText } from "./worker-ways.ts";
import type { Way } from "./worker-ways.ts";

export type { Way } from "./worker-ways.ts";

export const ways: readonly Way[] = [
  {
    name: "this file",
    open: () => openTrusted(() => new Worker(import.meta.url, { type: "module", name: "weft-lane" })),
  },
  {
    name: "a blob that imports this file",
    open: () => fromText(`import ${JSON.stringify(import.meta.url)};`, "module"),
  },
];

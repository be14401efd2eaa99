// The ways to a lane's worker from packages that a bundler has put together: first the worker's own file, in the form of
// words by which bundlers find and bundle workers; then its text, for pages whose bundler did not, or whose scripts come
// from another origin than the page. The single file has ways of its own (worker-ways-single.ts).

import { openTrusted } from "./trusted.ts";

/** A way to open a worker; opening may fail at once, later, or not at all, without a word. */
export interface Way {
  readonly name: string;
  open(): Worker | Promise<Worker>;
}

/** The ways, in the order in which they are to be tried. */
export const ways: readonly Way[] = [
  {
    name: "the worker's file",
    open: () =>
      openTrusted(
        () => new Worker(new URL("./worker-browser.js", import.meta.url), { type: "module", name: "weft-lane" }),
      ),
  },
  {
    name: "a blob of the worker's text",
    open: async () => {
      const { text } = await import("./generated/worker.ts");
      return fromText(text);
    },
  },
];

/** A worker that runs a text. The browser has taken it once the worker is made. */
export function fromText(text: string, type: "classic" | "module" = "classic"): Worker {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = openTrusted(() => new Worker(url, { name: "weft-lane", type }));
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return worker;
}

// How the page is served and built: the packages from their sources, the headers that give it threads, addresses that
// work in any folder of a static host.
import type { InlineConfig } from "vite";
import { defaultClientConditions } from "vite";

/** What makes a page cross-origin isolated: without it there is no shared memory, and so one thread. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/**
 * What the page may load: its own files, modules that the reader wrote, WebAssembly; no evaluation of text and nothing
 * from elsewhere. Styles stand inline because CodeMirror writes its own.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
].join("; ");

/** For vite's functions; there is no configuration file beside it. */
export const config: InlineConfig = {
  configFile: false,
  root: import.meta.dirname,
  base: "./",
  resolve: { conditions: ["source", ...defaultClientConditions] },
  server: { headers: ISOLATED, host: "127.0.0.1" },
  preview: { headers: { ...ISOLATED, "Content-Security-Policy": POLICY }, host: "127.0.0.1" },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 2000 },
};

// Builds dist/browser/weft.js: the whole library as one minified module for `<script type="module">`, with its worker
// (the file starts itself again as one) and the WebGPU device, which runs no line until it is asked for.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

await build({
  stdin: {
    // The worker first: as a lane's worker the file has no other work.
    contents: 'import "@weft/backend-wasm/worker";\nexport * from "@weft/api";\n',
    resolveDir: root,
    sourcefile: "weft.js",
  },
  outfile: join(root, "dist", "browser", "weft.js"),
  bundle: true,
  minify: true,
  sourcemap: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  conditions: ["weft-single-file"],
  // Compiled code is printable text; escapes would only make it longer.
  charset: "utf8",
  logLevel: "warning",
});

// `npm run playground`: serves the page and prints its address; with --build writes a static site to dist, with --preview
// serves that site as a host would. Flags: --port N, --host NAME (for a phone in the same network).
import { parseArgs } from "node:util";
import { build, createServer, preview } from "vite";
import { config } from "./config.ts";

try {
  const { values } = parseArgs({
    options: {
      build: { type: "boolean" },
      preview: { type: "boolean" },
      port: { type: "string" },
      host: { type: "string" },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new Error(`--port takes a whole number from 1 to 65535, got ${values.port}`);
  const place = {
    ...(port === undefined ? {} : { port, strictPort: true }),
    ...(values.host === undefined ? {} : { host: values.host }),
  };
  if (values.build === true || values.preview === true) {
    await build({ ...config, logLevel: "warn" });
    console.log("The site is in examples/playground/dist. Its host must send the headers of config.ts for threads.");
  }
  if (values.preview === true) {
    const server = await preview({ ...config, preview: { ...config.preview, ...place } });
    server.printUrls();
  } else if (values.build !== true) {
    const server = await createServer({ ...config, server: { ...config.server, ...place } });
    await server.listen();
    server.printUrls();
  }
} catch (error) {
  console.error(`playground: ${(error as Error).message}`);
  process.exitCode = 2;
}

// The playground's page in Chromium: the built site on a server of its own, and what tests ask of an open page.
import type { Browser, ConsoleMessage, Page } from "playwright";
import { chromium } from "playwright";
import type { InlineConfig, PreviewServer } from "vite";
import { build, preview } from "vite";
import { config } from "../../examples/playground/config.ts";
import { findChromium } from "../support/chromium.ts";
import type { Bytes } from "./inNode.ts";

const SWITCHES = [
  "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // a camera that shows a moving picture and asks nobody
  "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
];

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: findChromium() ?? undefined, args: SWITCHES });

/** A server of the site in a folder. Without isolation it sends the policy alone. */
export async function serve(outDir: string, isolated: boolean): Promise<{ server: PreviewServer; address: string }> {
  const headers = Object.fromEntries(Object.entries(config.preview?.headers ?? {}).filter(([name]) => isolated || !name.startsWith("Cross-Origin")));
  const server = await preview({ ...config, build: { outDir }, preview: { ...config.preview, headers, port: 0 } } satisfies InlineConfig);
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { server, address: `http://127.0.0.1:${address.port}/` };
}

export const buildSite = (outDir: string): Promise<unknown> => build({ ...config, logLevel: "error", build: { ...config.build, outDir, emptyOutDir: true } });

/** An open page, and what it did that it should not. */
export class Opened {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.complaints.push(message));
    page.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error" || /Content.Security.Policy/i.test(message.text())) this.complaints.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  /** Waits for the end of a run; gives the page's word on it. */
  async ended(device: string): Promise<string> {
    const state = this.page.locator("#state", { hasText: new RegExp(`^(Ran|Failed) on ${device}|^$`) });
    await state.waitFor({ timeout: 120_000, state: "attached" });
    return (await state.textContent()) ?? "";
  }

  /** Replaces the program by one of the reader's own and runs it from the keyboard. */
  async type(source: string): Promise<void> {
    await this.page.locator(".cm-content").click();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(source);
    await this.page.keyboard.press("ControlOrMeta+Enter");
  }

  lines(): Promise<string[]> {
    return this.page.locator("#log .line").allTextContents();
  }

  /** What went wrong, as the page tells it. */
  failures(): Promise<string[]> {
    return this.page.locator("#log .failure").allInnerTexts();
  }

  /** The pixels of the canvases that a selector finds. */
  pictures(selector = "#log canvas"): Promise<Bytes[]> {
    return this.page
      .$$eval(selector, (canvases) =>
        canvases.map((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const context = new OffscreenCanvas(width, height).getContext("2d");
          context?.drawImage(canvas as HTMLCanvasElement, 0, 0);
          return { width, height, bytes: Array.from(context?.getImageData(0, 0, width, height).data ?? []) };
        }),
      )
      .then((list) => list.map(({ width, height, bytes }) => ({ width, height, data: Uint8ClampedArray.from(bytes) })));
  }
}

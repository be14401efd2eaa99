// The playground's page in Chromium: the built site on a server of its own, and what tests ask of an open page.
import type { Browser, ConsoleMessage, Page } from "playwright";
import { build } from "vite";
import { config } from "../../examples/playground/config.ts";
import type { Server } from "../support/browser.ts";
import { ISOLATED, launchChromium, serve } from "../support/browser.ts";
import type { Bytes } from "./in-node.ts";

/** Chromium with a camera that shows a moving picture and asks nobody. */
export const launch = (): Promise<Browser> =>
  launchChromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream");

/** A server of the built site, with the headers that the playground's own sends; without isolation the policy alone. */
export const serveSite = (folder: string, isolated: boolean): Promise<Server> => {
  const headers = Object.entries(config.preview?.headers ?? {}).filter(([name]) => isolated || !(name in ISOLATED));
  return serve(folder, () => Object.fromEntries(headers) as Record<string, string>);
};

export const buildSite = (outDir: string): Promise<unknown> =>
  build({ ...config, logLevel: "error", build: { ...config.build, outDir, emptyOutDir: true } });

/** An open page, and what it did that it should not. */
export class Opened {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.complaints.push(message));
    page.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error" || /Content.Security.Policy/i.test(message.text()))
        this.complaints.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  /** Waits for the end of a run; gives the page's word on it. */
  async ended(device: string): Promise<string> {
    const state = this.page.locator("#state", { hasText: new RegExp(`^(Ran|Failed) on ${device}|^$`) });
    await state.waitFor({ timeout: 120_000, state: "attached" });
    return (await state.textContent()) ?? "";
  }

  /** Replaces the program by one of the reader's own and runs it from the keyboard, once the one before has ended. */
  async type(source: string): Promise<void> {
    await this.page.locator("#run:enabled").waitFor({ timeout: 60_000 });
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

  /** The pixels of the canvases that a selector finds; as text, because numbers travel a thousand times slower. */
  async pictures(selector = "#log canvas"): Promise<Bytes[]> {
    const found = await this.page.$$eval(selector, (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context?.drawImage(canvas as HTMLCanvasElement, 0, 0);
        const { data } = context?.getImageData(0, 0, width, height) ?? { data: new Uint8ClampedArray() };
        let text = "";
        for (let at = 0; at < data.length; at += 4096) text += String.fromCharCode(...data.subarray(at, at + 4096));
        return { width, height, text: btoa(text) };
      }),
    );
    return found.map(({ width, height, text }) => ({
      width,
      height,
      data: Uint8ClampedArray.from(Buffer.from(text, "base64")),
    }));
  }
}

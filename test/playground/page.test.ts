// The playground as a reader has it, in Chromium: the built site under its Content-Security-Policy. The page loads, runs
// each program on each device with the results that Node has, survives bad code, and works at a phone's width.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PROGRAMS } from "../../examples/playground/src/programs/index.ts";
import { encodeCode } from "../../examples/playground/src/share.ts";
import { chromiumMissing } from "../support/chromium.ts";
import type { Server } from "../support/browser.ts";
import { skipped } from "../support/require.ts";
import { buildSite, launch, Opened, serveSite } from "./browser.ts";
import type { Did } from "./in-node.ts";
import { runInNode, sourceOf } from "./in-node.ts";

const SHOTS = fileURLToPath(new URL("../../out/playground/", import.meta.url));
const LONG = 240_000;
/** For what comes at once on a machine that does nothing else. */
const SOON = { timeout: 60_000 };
const folder = mkdtempSync(join(tmpdir(), "weft-playground-"));

let browser: Browser;
let isolated: Server;

/** Opens the page; `?quick` because nothing here asks how often a measured function runs. */
async function open(hash = "", address = isolated.url, parameters = "?quick"): Promise<Opened> {
  const opened = new Opened(await browser.newPage({ viewport: { width: 1440, height: 1000 } }));
  await opened.page.goto(address + parameters + hash);
  return opened;
}

/** Numbers of a text, and the text without them. */
function takenApart(text: string): { numbers: number[]; rest: string } {
  const pattern = /-?\d+\.?\d*(?:e[+-]?\d+)?/g;
  return { numbers: (text.match(pattern) ?? []).map(Number), rest: text.replace(pattern, "#").replace(/\s+/g, " ") };
}

/** Devices differ in the last digits. */
function expectLines(found: readonly string[], expected: readonly string[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  found.forEach((line, i) => {
    const [a, b] = [takenApart(line), takenApart(expected[i])];
    expect(a.rest).toBe(b.rest);
    a.numbers.forEach((value, k) =>
      expect(Math.abs(value - b.numbers[k]), `${line} against ${expected[i]}`).toBeLessThanOrEqual(
        tolerance * (1 + Math.abs(b.numbers[k])),
      ),
    );
  });
}

describe.skipIf(skipped("browser", chromiumMissing(), "the playground"))("the playground", () => {
  const node = new Map<string, Promise<Did>>();

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    await buildSite(folder);
    isolated = await serveSite(folder, true);
    browser = await launch();
  }, LONG);
  afterAll(async () => {
    await browser?.close();
    await isolated?.close();
    rmSync(folder, { recursive: true });
  });

  it(
    "opens with a program that has run, threads and all, and asks nothing of other hosts",
    async () => {
      // as a reader opens it
      const opened = await open("", isolated.url, "");
      expect(await opened.ended("wasm")).toMatch(/^Ran on wasm in /);
      expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(true);
      const cores = await opened.page.evaluate(() => navigator.hardwareConcurrency);
      expect(await opened.page.locator("#facts").innerText()).toContain(
        `${cores} thread${cores === 1 ? "" : "s"}, SIMD`,
      );
      expect(await opened.page.locator("#banner").isVisible()).toBe(false);
      expect(await opened.page.locator("#memory").innerText()).toMatch(/arrays on wasm\s+\d+, [\d.]+ (MiB|KiB|bytes)/);
      expect(
        opened.requests.filter((url) => !url.startsWith(isolated.url) && !url.startsWith(`blob:${isolated.url}`)),
      ).toEqual([]);
      expect(opened.complaints).toEqual([]);
      await opened.page.close();
    },
    LONG,
  );

  it.each(PROGRAMS.map(({ name }) => name))(
    "%s has Node's results on every device",
    async (name) => {
      const expected = await (node.get(name) ?? node.set(name, runInNode(sourceOf(name), true)).get(name));
      if (expected === undefined) throw new Error("the program has not run in Node");
      // "auto" is to use both devices, software or not
      const opened = await open(`#${name}`, isolated.url, "?quick&software");
      const { page } = opened;
      await opened.ended("wasm");
      for (const device of ["wasm", "webgpu", "auto"]) {
        const choice = page.locator(`#devices input[value=${device}]`);
        if (await choice.isDisabled()) {
          // a device that is missing says why
          expect(device).not.toBe("wasm");
          if (device === "webgpu" && inject("required").includes("webgpu"))
            throw new Error(`webgpu is missing: ${await page.locator("#facts").innerText()}`);
          expect(await page.locator(`#facts dt:text-is("${device}") + dd`).innerText()).toMatch(/^missing: .{10,}/);
          continue;
        }
        await page.locator(`#devices label:has([value=${device}])`).click();
        expect(await opened.ended(device)).toMatch(new RegExp(`^Ran on ${device} in `));
        expect(await opened.failures()).toEqual([]);
        expectLines(await opened.lines(), expected.lines, device === "wasm" ? 1e-4 : 5e-3);
        const pictures = await opened.pictures();
        expect(pictures.length).toBe(expected.pictures.length);
        pictures.forEach(({ width, height, data }, i) => {
          const { bytes } = expected.pictures[i];
          expect([width, height]).toEqual([bytes.width, bytes.height]);
          let most = 0;
          data.forEach((value, at) => (most = Math.max(most, Math.abs(value - bytes.data[at]))));
          expect(most).toBeLessThanOrEqual(1);
        });
        expect(await page.locator("#log .chart.lines").count()).toBe(expected.plots.length);
        // every measured function has its median on this device
        const rows = await page.locator("#timings-chart svg text").allTextContents();
        for (const { name: measured } of expected.timings) expect(rows).toContain(measured);
        expect(rows.filter((text) => text === device).length).toBe(expected.timings.length);
        expect(await page.locator("#graph svg .box").count()).toBeGreaterThan(1);
        // a section that is hidden has the lanes of the run before
        const lanes = await page.locator("#lanes:not([hidden]) svg text").allTextContents();
        expect(
          lanes.some(
            (lane) =>
              lane.startsWith(device === "webgpu" ? "webgpu" : "wasm") ||
              (device === "auto" && lane.startsWith("webgpu")),
          ),
        ).toBe(true);
        // what auto places whole on one device is a plan of that device
        expect(await page.locator("#plan-note").innerText()).toMatch(
          device === "auto" ? / on (auto|wasm|webgpu)/ : new RegExp(` on ${device}`),
        );
      }
      await page.screenshot({ path: join(SHOTS, `${name}.png`) });
      expect(opened.complaints).toEqual([]);
      await page.close();
    },
    LONG,
  );

  it(
    "shows every lane of the machine at work on a program that is large enough",
    async () => {
      const opened = await open(
        `#${await encodeCode(`import { numpy as np } from "@weft/api";
const x = np.ones([768, 768]);
await trace(() => np.matmul(x, x));`)}`,
      );
      const { page } = opened;
      const cores = await page.evaluate(() => navigator.hardwareConcurrency);
      const lanes = async (): Promise<string[]> => {
        await page.locator("#run:enabled").click(SOON);
        expect(await opened.ended("wasm")).toMatch(/^Ran/);
        return (await page.locator("#lanes:not([hidden]) svg text").allTextContents()).filter((text) =>
          text.startsWith("wasm"),
        );
      };
      // chunks go to whoever is there: a lane that the host does not let run has none in one run or the other
      await expect
        .poll(lanes, { timeout: 120_000 })
        .toEqual(Array.from({ length: cores }, (_, lane) => `wasm ${lane}`));
      await page.close();
    },
    LONG,
  );

  it(
    "draws each operation in its kernel's colour, and large graphs by steps",
    async () => {
      const opened = await open("#selu");
      await opened.ended("wasm");
      const labels = await opened.page.locator("#graph .box .label").allTextContents();
      expect(labels).toEqual(["input", "exp", "mul 1.673", "sub 1.673", "gt 0", "select", "mul 1.051"]);
      const steps = await opened.page.$$eval("#graph .box", (boxes) =>
        boxes.map((box) => (box as SVGElement).dataset.step),
      );
      expect(steps).toEqual(["-1", "0", "0", "0", "0", "0", "0"]);
      expect(await opened.page.locator("#graph path.line").count()).toBe(8);
      await opened.page.locator("summary").click();
      expect(await opened.page.locator("#plan-text").innerText()).toMatch(/1 step from 6 operations|lambda/);
      await opened.page.close();
    },
    LONG,
  );

  describe("bad code", () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open("#selu");
      await opened.page.clock.install();
      await opened.ended("wasm");
    }, LONG);
    afterAll(() => opened.page.close());

    const works = async (): Promise<void> => {
      await opened.type('import { numpy as np } from "@weft/api";\nconsole.log("sum", np.arange(5).sum());');
      await expect.poll(() => opened.lines(), SOON).toEqual(["sum 10"]);
    };

    it.each([
      ["a syntax error", "const = 3;", /SyntaxError[^]*line 1[^]*=/],
      ["a name that does not exist", 'import { numpi } from "@weft/api";\nconsole.log(numpi);', /exports no numpi/],
      ["two declarations of one name", "const a = 1;\nconst a = 2;", /already been declared/],
      ["a thrown error", 'console.log("before");\nundefined.x;', /TypeError[^]*line 2/],
      [
        "a ShapeError",
        'import { numpy as np } from "@weft/api";\nconst f = () =>\n  np.ones([2, 3]).add(np.ones([4]));\nf();',
        /ShapeError[^]*line 3[^]*float32\[2,3\]/,
      ],
      [
        "a rejected promise that nobody awaits",
        'Promise.reject(new Error("alone"));\nawait new Promise((r) => setTimeout(r, 50));',
        /Error[^]*alone/,
      ],
    ])(
      "%s is told, and the page goes on",
      async (_, source, message) => {
        await opened.type(source);
        await expect.poll(() => opened.failures().then((list) => list.join("\n")), SOON).toMatch(message);
        await works();
      },
      LONG,
    );

    it(
      "marks the line in the editor, and goes there",
      async () => {
        await opened.type('const a = 1;\n\n  throw new Error("here");');
        const marked = (): Promise<string[]> => opened.page.locator(".cm-line .cm-lintRange-error").allInnerTexts();
        await opened.page.locator("#log .failure button", { hasText: "line 3" }).click(SOON);
        await expect.poll(marked, SOON).toEqual(['throw new Error("here");']);
        await opened.page.locator(".cm-activeLine", { hasText: "throw" }).waitFor(SOON);
        // the linter, which looks a while after the last change, leaves the mark where it is
        await opened.page.clock.fastForward(10_000);
        expect(await marked()).toEqual(['throw new Error("here");']);
        await works();
        await expect.poll(marked, SOON).toEqual([]);
      },
      LONG,
    );

    it(
      "a program that never ends is stopped",
      async () => {
        await opened.type('console.log("in");\nfor (;;);');
        await expect.poll(() => opened.lines(), SOON).toEqual(["in"]);
        await opened.page.locator("#stop").click();
        await opened.page.locator("#run:enabled").waitFor(SOON);
        await works();
      },
      LONG,
    );

    it(
      "a program that allocates without end runs out of memory, not out of page",
      async () => {
        await opened.type(
          'import { numpy as np } from "@weft/api";\nconst kept = [];\nfor (;;) {\n  kept.push(np.ones([10_000_000]).add(kept.length));\n  await kept.at(-1).ready();\n}',
        );
        await expect
          .poll(() => opened.failures().then((list) => list.join("\n")), { timeout: 120_000 })
          .toMatch(/OutOfMemoryError/);
        await works();
      },
      LONG,
    );

    it(
      "a program that prints without end is cut",
      async () => {
        await opened.type('for (let i = 0; i < 3000; i++) console.log("line", i);');
        await expect.poll(() => opened.lines().then((lines) => lines.at(-1)), SOON).toBe("line 2999");
        expect((await opened.lines()).length).toBe(400);
        expect(await opened.page.locator("#log").getAttribute("data-dropped")).toBe("2600");
      },
      LONG,
    );
  });

  it(
    "blurs the reader's own picture: chosen, dropped, and the camera's",
    async () => {
      const opened = await open("#blur");
      const { page } = opened;
      await opened.ended("wasm");
      const red = await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(60, 40);
        const context = canvas.getContext("2d");
        if (context === null) throw new Error("no context");
        context.fillStyle = "#c00";
        context.fillRect(0, 0, 60, 40);
        return Array.from(new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer()));
      });
      await page.locator("#file").setInputFiles({ name: "red.png", mimeType: "image/png", buffer: Buffer.from(red) });
      await expect
        .poll(() => opened.pictures().then((list) => list.map(({ width, height }) => [width, height])), SOON)
        .toEqual([
          [60, 40],
          [60, 40],
        ]);
      for (const { data } of await opened.pictures()) expect(Array.from(data.subarray(0, 4))).toEqual([204, 0, 0, 255]);
      expect(await page.locator("#source-note").innerText()).toContain("red.png, 60×40");

      await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(1280, 20);
        canvas.getContext("2d")?.fillRect(0, 0, 1280, 20);
        const data = new DataTransfer();
        data.items.add(
          new File([await canvas.convertToBlob({ type: "image/png" })], "wide.png", { type: "image/png" }),
        );
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      });
      // a large picture is made smaller
      await expect
        .poll(() => opened.pictures().then((list) => list.map(({ width, height }) => [width, height])), SOON)
        .toEqual([
          [640, 10],
          [640, 10],
        ]);
      await opened.ended("wasm");

      await page
        .locator("#file")
        .setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
      await expect
        .poll(() => page.locator("#source-note").innerText(), SOON)
        .toBe("no.png is no picture that this browser can read");

      await page.locator("#camera").click();
      await page.locator("#live").waitFor(SOON);
      const [first] = await opened.pictures("#live canvas");
      expect(first.width).toBe(480);
      await expect
        .poll(
          () =>
            opened.pictures("#live canvas").then(([frame]) => frame.data.some((value, i) => value !== first.data[i])),
          SOON,
        )
        .toBe(true);
      expect(await page.locator("#live-note").innerText()).toMatch(/480×\d+ on wasm: .* a frame/);
      await page.locator("#camera").click();
      await page.locator("#live").waitFor({ state: "hidden" });
      expect(opened.complaints).toEqual([]);
      await page.close();
    },
    LONG,
  );

  it(
    "np.array takes what a browser calls a picture, and toCanvas draws",
    async () => {
      const opened = await open(
        `#${await encodeCode(`import { numpy as np, toCanvas } from "@weft/api";
const canvas = new OffscreenCanvas(2, 1);
await toCanvas(np.array([[[255, 0, 0, 255], [10, 20, 30, 255]]], "int32"), canvas);
console.log(np.array(canvas).tolist());
console.log(np.array(canvas.getContext("2d").getImageData(0, 0, 2, 1)).tolist());
console.log(np.array(await createImageBitmap(canvas)).tolist());
const frame = new VideoFrame(canvas, { timestamp: 0 });
console.log(np.array(frame).tolist());
frame.close();
try { np.array(frame); } catch (error) { console.log(error.message); }
console.log(np.array(picture).shape);`)}`,
      );
      // a program from a link waits to be read
      await opened.page.locator("#run:enabled").waitFor(SOON);
      expect(await opened.page.locator("#title").innerText()).toBe("Shared");
      expect(await opened.lines()).toEqual([]);
      await opened.page.locator("#run").click();
      expect(await opened.ended("wasm")).toMatch(/^Ran/);
      const pixels = "[[[255, 0, 0, 255], [10, 20, 30, 255]]]";
      expect(await opened.lines()).toEqual([
        pixels,
        pixels,
        pixels,
        pixels,
        "np.array: this VideoFrame is 0×0 and has no pixels; was it closed?",
        "[320, 480, 4]",
      ]);
      await opened.page.close();
    },
    LONG,
  );

  it(
    "runs on every device in turn, shares a link, and resets",
    async () => {
      const opened = await open("#selu");
      const { page } = opened;
      await opened.ended("wasm");
      const devices = await page.$$eval("#devices input:enabled", (inputs) =>
        inputs.map((input) => (input as HTMLInputElement).value),
      );
      await page.locator("#compare").click();
      await opened.ended(devices.at(-1) ?? "wasm");
      const rows = await page.locator("#timings-chart svg text").allTextContents();
      for (const device of devices) expect(rows.filter((text) => text === device).length).toBe(2);
      await opened.type('console.log("mine");');
      await expect.poll(() => opened.lines(), SOON).toEqual(["mine"]);
      await page.locator("#share").click();
      await expect.poll(() => page.url(), SOON).toContain("#code=");
      const other = await open(page.url().slice(page.url().indexOf("#")));
      await expect.poll(() => other.page.locator(".cm-content").innerText(), SOON).toContain('console.log("mine");');
      await other.page.close();
      await page.locator("#reset").click();
      await expect.poll(() => page.locator(".cm-content").innerText(), SOON).toContain("SELU over a million numbers");
      await page.close();
    },
    LONG,
  );

  it.each([
    ["light", PROGRAMS],
    ["dark", PROGRAMS.slice(-1)],
  ] as const)(
    "fits a phone, %s",
    async (colorScheme, programs) => {
      const opened = new Opened(
        await browser.newPage({
          viewport: { width: 390, height: 844 },
          colorScheme,
          deviceScaleFactor: 2,
          hasTouch: true,
          isMobile: true,
        }),
      );
      const { page } = opened;
      for (const { name } of programs) {
        // a query of its own loads the page anew
        await page.goto(`${isolated.url}?quick&${name}#${name}`);
        expect(await opened.ended("wasm")).toMatch(/^Ran/);
        const found = await page.evaluate(() => {
          const wide = [...document.body.querySelectorAll("body > *, main *")].filter((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            // what scrolls inside a box of its own may be wide
            return (
              width > 0 &&
              (left < -1 || right > innerWidth + 1) &&
              element.closest(".editor, .graph, .line, .log pre, details, .programs, input") === null
            );
          });
          return {
            scroll: document.documentElement.scrollWidth,
            wide: wide.map((element) => `${element.tagName}.${element.className}`),
          };
        });
        expect(found).toEqual({ scroll: 390, wide: [] });
        const [editor, output] = await Promise.all(
          ["#editor", "#log"].map((selector) => page.locator(selector).boundingBox()),
        );
        expect(output?.y).toBeGreaterThan((editor?.y ?? 0) + (editor?.height ?? 0) - 1);
        await page.screenshot({ path: join(SHOTS, `phone-${name}-${colorScheme}.png`), fullPage: true });
      }
      expect(opened.complaints).toEqual([]);
      await page.close();
    },
    LONG,
  );

  it(
    "works from the keyboard alone",
    async () => {
      const opened = await open("#vmap");
      const { page } = opened;
      await opened.ended("wasm");
      const reached: string[] = [];
      for (let i = 0; i < 20; i++) {
        await page.keyboard.press("Tab");
        reached.push(
          await page.evaluate(
            () =>
              document.activeElement?.id ||
              document.activeElement?.getAttribute("value") ||
              document.activeElement?.textContent?.slice(0, 20) ||
              "",
          ),
        );
      }
      // programs, the device, the buttons, and out of the editor again
      for (const name of ["1SELU", "wasm", "reset", "share", "run", "log", "compare"]) expect(reached).toContain(name);
      await page.close();
    },
    LONG,
  );

  it(
    "without isolation it says so, has one thread and the same results",
    async () => {
      const plain = await serveSite(folder, false);
      const opened = await open("#selu", plain.url);
      expect(await opened.ended("wasm")).toMatch(/^Ran/);
      expect(await opened.page.locator("#banner").innerText()).toMatch(
        /not cross-origin isolated.*Cross-Origin-Opener-Policy: same-origin/,
      );
      expect(await opened.page.locator("#facts").innerText()).toContain("1 thread, SIMD");
      const expected = await (node.get("selu") ?? runInNode(sourceOf("selu"), true));
      expectLines(await opened.lines(), expected.lines, 1e-4);
      await opened.page.close();
      await plain.close();
    },
    LONG,
  );
});

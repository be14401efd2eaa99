// Pages and workers whose browser lacks something, refuses it, or never answers: what `init` says then, and that what can
// be computed is, with the same bits. The browser is Chromium, changed by a script that runs before the page's.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InitReport } from "@weft/api";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ISOLATED, launchChromium, serve } from "../support/browser.ts";
import type { Server } from "../support/browser.ts";
import { chromiumMissing } from "../support/chromium.ts";
import { skipped } from "../support/require.ts";
import { writeLibrary } from "../support/single-file.ts";

/** What a page did. */
interface Visit {
  readonly report: InitReport | null;
  /** A few sums and products, as the bits of their floats. */
  readonly bits: readonly number[] | null;
  /** What importing, `init` or the program threw. */
  readonly thrown: string | null;
  readonly milliseconds: number;
  /** Errors of the page's console, and what it threw by itself. */
  readonly complaints: readonly string[];
}

interface Wish {
  readonly options?: object;
  readonly device?: string;
  readonly server?: Server;
  readonly browser?: Browser;
}

const FILES: Readonly<Record<string, string>> = {
  "index.html":
    '<!doctype html><title>hosts</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  "page.js": `import { visit } from "./visit.js";
const inWorker = (patch, options, device) => new Promise((resolve, reject) => {
  const worker = new Worker("./worker.js", { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage({ patch, options, device });
});
Object.assign(globalThis, { visit, inWorker });`,
  "worker.js": `import { visit } from "./visit.js";
onmessage = async ({ data: { patch, options, device } }) => {
  (0, eval)(patch);
  postMessage(await visit(options, device));
};`,
  "visit.js": `export async function visit(options, device) {
  const begin = performance.now();
  let report = null, bits = null, thrown = null;
  try {
    const { defaultDevice, init, numpy: np, random } = await import("./weft.js");
    report = await init(options);
    if (device !== undefined) defaultDevice(device);
    const a = random.uniform(random.key(1), [300, 200]);
    const product = np.sin(np.matmul(a, a.transpose()).mean(0)).add(np.arange(300).mul(0.1));
    const values = await np.concatenate([product, np.exp(a).sum(1)]).data();
    bits = [...new Uint32Array(values.buffer).filter((_, i) => i % 50 === 0)];
  } catch (error) {
    thrown = error.name + ": " + error.message;
  }
  return { report, bits, thrown, milliseconds: performance.now() - begin };
}`,
};

describe.skipIf(skipped("browser", chromiumMissing(), "pages of other hosts"))("a page whose browser", () => {
  const site = mkdtempSync(join(tmpdir(), "weft-hosts-"));
  let chromium: Browser;
  let isolated: Server;
  let plain: Server;
  let usual: Visit;

  beforeAll(async () => {
    await writeLibrary(site);
    copyFileSync(join(site, "weft.js"), join(site, "copy.js"));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(site, name), text);
    [isolated, plain] = [await serve(site, () => ISOLATED), await serve(site, () => ({}))];
    chromium = await launchChromium();
    usual = await visit("");
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await isolated?.close();
    await plain?.close();
    rmSync(site, { recursive: true, force: true });
  });

  /** Runs the program after `patch`, in a page and then in a worker of the same page. */
  async function visits(patch: string, wish: Wish & { readonly places: 1 | 2 }): Promise<Visit[]> {
    const { options = {}, device, server = isolated, browser = chromium } = wish;
    const context = await browser.newContext();
    await context.addInitScript(patch);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
    try {
      await page.goto(server.url);
      await page.waitForFunction(() => "visit" in globalThis, null, { timeout: 30_000 });
      const given = [options, device].map((value) => JSON.stringify(value));
      const calls = [`visit(${given.join(", ")})`, `inWorker(${[JSON.stringify(patch), ...given].join(", ")})`];
      const found: Visit[] = [];
      for (const call of calls.slice(0, wish.places)) {
        const seen = (await page.evaluate(call)) as Omit<Visit, "complaints">;
        found.push({ ...seen, complaints: complaints.splice(0) });
      }
      return found;
    } finally {
      await context.close();
    }
  }

  const visit = async (patch: string, wish: Wish = {}): Promise<Visit> =>
    (await visits(patch, { ...wish, places: 1 }))[0];

  test("has everything: several threads", () => {
    expect(usual).toMatchObject({ thrown: null, complaints: [], report: { missing: {}, notes: [] } });
    expect(usual.report?.threads).toBeGreaterThan(1);
    expect(new Set(usual.bits).size).toBe(12);
  });

  describe("refuses shared memory", () => {
    const memory = (body: string): string =>
      `const Memory = WebAssembly.Memory; WebAssembly.Memory = function (limits) { ${body} }`;
    const hosts: readonly [name: string, patch: string, note: RegExp][] = [
      ["no SharedArrayBuffer", "delete globalThis.SharedArrayBuffer", /this host has no SharedArrayBuffer$/u],
      [
        "no shared memory at all",
        memory('if (limits.shared) throw new RangeError("forbidden"); return new Memory(limits);'),
        /this host refuses shared memory \(forbidden\)$/u,
      ],
      [
        "none of a useful size",
        memory('if (limits.shared && limits.maximum > 100) throw new RangeError("large"); return new Memory(limits);'),
        /this host grants no shared memory of 256 MiB$/u,
      ],
      [
        "a memory that is not shared although it was asked for",
        memory("return new Memory({ initial: limits.initial, maximum: limits.maximum });"),
        /this host's WebAssembly memory cannot be shared$/u,
      ],
    ];
    test.each(hosts)("%s: one thread, the same bits, and a note", async (_name, patch, note) => {
      for (const seen of await visits(patch, { places: 2, options: { threads: 3 } })) {
        expect(seen).toMatchObject({ thrown: null, complaints: [], report: { threads: 1, missing: {} } });
        expect(seen.bits).toEqual(usual.bits);
        expect(seen.report?.notes).toEqual([expect.stringMatching(/^wasm: one thread, because /u)]);
        expect(seen.report?.notes[0]).toMatch(note);
      }
    });

    test("it is not isolated: the note names the headers", async () => {
      const seen = await visit("", { server: plain });
      expect(seen).toMatchObject({ thrown: null, complaints: [], report: { threads: 1, missing: {} } });
      expect(seen.bits).toEqual(usual.bits);
      expect(seen.report?.notes).toEqual([
        "wasm: one thread, because this page is not cross-origin isolated; it must be served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
      ]);
      const asked = await visit("", { server: plain, options: { threads: 1 } });
      expect(asked.report?.notes).toEqual([]);
    });
  });

  describe("lacks what the device needs", () => {
    const wanting: readonly [name: string, patch: string, reason: string][] = [
      ["WebAssembly", "delete globalThis.WebAssembly", "this host has no WebAssembly"],
      ["Atomics", "delete globalThis.Atomics", "this host has no Atomics"],
      ["SIMD", "WebAssembly.validate = () => false", "this host's WebAssembly has no SIMD"],
      [
        "compiling",
        'WebAssembly.Module = function () { throw new WebAssembly.CompileError("switched off") }',
        "this host compiles no WebAssembly (switched off)",
      ],
    ];
    test.each(wanting)("%s: missing.wasm says so, and so does a DeviceError", async (_name, patch, reason) => {
      for (const seen of await visits(patch, { places: 2 })) {
        expect(seen.complaints).toEqual([]);
        expect(seen.report).toMatchObject({ devices: [], threads: 0, notes: [] });
        expect(seen.report?.missing.wasm.startsWith(`wasm: ${reason}`)).toBe(true);
        expect(seen.thrown).toMatch(/^DeviceError: [\w.]+: /u);
        expect(seen.thrown).toContain(reason);
      }
    });

    test.each(wanting.slice(0, 2))("%s: WebGPU computes without", async (_name, patch) => {
      const { report, bits, thrown, complaints } = await visit(patch, { options: BOTH, device: "webgpu" });
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a page without WebAssembly")) return;
      expect({ thrown, complaints }).toEqual({ thrown: null, complaints: [] });
      expect(report?.devices).toEqual(["webgpu"]);
      const floats = (of: readonly number[] | null): Float32Array =>
        new Float32Array(Uint32Array.from(of ?? []).buffer);
      const [found, expected] = [floats(bits), floats(usual.bits)];
      expect(found).toHaveLength(expected.length);
      found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-3));
    });

    test("a processor without SIMD", async () => {
      const browser = await launchChromium("--js-flags=--no-enable-sse4-1");
      try {
        const seen = await visit("", { browser });
        // where the processor is of another kind the switch has no effect
        if (seen.report?.missing.wasm !== undefined) {
          expect(seen.thrown).toMatch(
            /^DeviceError: [\w.]+: wasm: this host's WebAssembly has no SIMD, or not all of it$/u,
          );
          expect(seen.report.devices).toEqual([]);
        } else expect(seen.bits).toEqual(usual.bits);
      } finally {
        await browser.close();
      }
    });
  });

  describe("lacks what makes life easier", () => {
    test.each([
      ["FinalizationRegistry", /^memory: this host does not tell what was collected/u],
      ["WeakRef", null],
      ["MessageChannel", null],
      ["structuredClone", null],
      ["requestIdleCallback", null],
      ["Float16Array", null],
    ] as const)("%s", async (name, note) => {
      for (const seen of await visits(`delete globalThis.${name}`, { places: 2 })) {
        expect(seen).toMatchObject({ thrown: null, complaints: [], report: { missing: {} } });
        expect(seen.bits).toEqual(usual.bits);
        expect(seen.report?.notes ?? []).toEqual(note === null ? [] : [expect.stringMatching(note)]);
      }
    });
  });

  const NEVER = "() => new Promise(() => {})";
  const BOTH = { devices: ["wasm", "webgpu"] };
  /** A request of IndexedDB of which nothing is heard. */
  const SILENT = "({ set onsuccess(f) {}, set onerror(f) {} })";

  // they wait, and that they can do together
  describe.concurrent("never answers", () => {
    test.each([
      ["open", `IDBFactory.prototype.open = () => ${SILENT}`],
      ["get", `IDBObjectStore.prototype.get = () => ${SILENT}`],
    ])("IndexedDB's %s: shipped profiles, soon", async (_name, patch) => {
      const { report, bits, thrown, milliseconds } = await visit(patch, { options: BOTH });
      expect(thrown).toBeNull();
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a cache that never answers")) return;
      expect(report?.devices).toEqual(["wasm", "webgpu"]);
      expect(bits).toEqual(usual.bits);
      expect(report?.notes).toEqual([]);
      // it was asked
      expect(milliseconds).toBeGreaterThan(900);
    });

    test.each([
      ["requestAdapter", `GPU.prototype.requestAdapter = ${NEVER}`],
      ["requestDevice", `GPUAdapter.prototype.requestDevice = ${NEVER}`],
      ["its first shader", `GPUDevice.prototype.createComputePipelineAsync = ${NEVER}`],
      ["its first shader", `GPUBuffer.prototype.mapAsync = ${NEVER}`],
    ])("%s: it is given up, and wasm computes", async (what, patch) => {
      const { report, bits, thrown } = await visit(patch, { options: BOTH });
      expect(thrown).toBeNull();
      if (/no adapter|no navigator/u.test(report?.missing.webgpu ?? "")) {
        skipped("webgpu", report?.missing.webgpu ?? null, "an adapter that never answers");
        return;
      }
      expect(report?.missing.webgpu).toBe(`webgpu: the adapter does not open: ${what} has not answered within 10 s`);
      expect(report?.devices).toEqual(["wasm"]);
      expect(bits).toEqual(usual.bits);
    });
  });

  describe("has an older or poorer WebGPU", () => {
    test.each([
      ["adapters without info", "Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => undefined })", true],
      ["info that tells nothing", "Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => ({}) })", true],
      [
        "isFallbackAdapter on the adapter",
        "Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => undefined }); GPUAdapter.prototype.isFallbackAdapter = true",
        true,
      ],
      ["no wgslLanguageFeatures", "delete GPU.prototype.wgslLanguageFeatures", true],
      ["no adapter", "GPU.prototype.requestAdapter = async () => null", false],
      ["adapters that refuse", "GPU.prototype.requestAdapter = async () => { throw new Error('no GPU today') }", false],
      [
        "devices that refuse",
        "GPUAdapter.prototype.requestDevice = async () => { throw new Error('no GPU today') }",
        false,
      ],
      ["navigator.gpu of null", "Object.defineProperty(Navigator.prototype, 'gpu', { get: () => null })", false],
      ["no navigator.gpu", "delete Navigator.prototype.gpu", false],
    ])("%s", async (_name, patch, opens) => {
      const { report, thrown, bits } = await visit(patch, { options: BOTH });
      expect(thrown).toBeNull();
      expect(bits).toEqual(usual.bits);
      if (!opens) {
        expect(report?.devices).toEqual(["wasm"]);
        expect(report?.missing.webgpu).toMatch(/^webgpu: /u);
        return;
      }
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a page with an older WebGPU")) return;
      expect(report?.devices).toEqual(["wasm", "webgpu"]);
      expect(report?.adapter?.name.length).toBeGreaterThan(5);
      if (patch.includes("isFallbackAdapter")) expect(report?.adapter?.software).toBe(true);
    });
  });

  test("loads two copies of the library: an array of one is named as such by the other", async () => {
    const context = await chromium.newContext();
    try {
      const page = await context.newPage();
      await page.goto(isolated.url);
      const messages = (await page.evaluate(`(async () => {
        const [one, two] = [await import("./weft.js"), await import("./copy.js")];
        const x = two.numpy.ones([2]);
        const uses = [() => one.numpy.add(x, 1), () => one.numpy.array([x]), () => one.grad((y) => y)(x), () => one.numpy.zeros(x)];
        const errors = uses.map((use) => { try { use(); return "nothing"; } catch (error) { return error.name + ": " + error.message; } });
        return [...errors, String(one.numpy.array(await x.data()))];
      })()`)) as string[];
      for (const message of messages.slice(0, -1))
        expect(message).toMatch(
          /Error: .*an NDArray of another copy of this library \(load it once, or pass np\.array/u,
        );
      expect(messages[messages.length - 1]).toBe("[1. 1.]");
    } finally {
      await context.close();
    }
  });

  describe("refuses IndexedDB", () => {
    test.each([
      ["it is not there", "delete globalThis.indexedDB; delete Window.prototype.indexedDB"],
      ["its name throws", "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no') } })"],
      ["opening throws", "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }"],
      ["transactions throw", "IDBDatabase.prototype.transaction = () => { throw new Error('no') }"],
      ["reading throws", "IDBObjectStore.prototype.get = () => { throw new Error('no') }"],
    ])("%s: shipped profiles", async (_name, patch) => {
      const { report, thrown } = await visit(patch, { options: BOTH });
      expect(thrown).toBeNull();
      if (skipped("webgpu", report?.missing.webgpu ?? null, "a page without IndexedDB")) return;
      expect(report).toMatchObject({ devices: ["wasm", "webgpu"], notes: [] });
    });
  });
});

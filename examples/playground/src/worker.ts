// The worker that programs run in: a program that never ends is stopped by ending the worker, while the page lives on;
// and here arrays may be read synchronously. Opens the devices once and runs one program after the other.
import * as weft from "@weft/api";
import type { DeviceState, Order, Report } from "./protocol.ts";
import { Run } from "./runner.ts";
import type { RunnerHost } from "./runner.ts";

/** Most bytes of live arrays: a program that never stops allocating fails before the tab does. */
const MOST_BYTES = 2 ** 30;
/** Bytes that a host says it has, of which arrays may take a part. */
const PART = 1 / 4;

const host: RunnerHost = {
  report: (report: Report) => self.postMessage(report, { transfer: "bitmap" in report ? [report.bitmap] : [] }),
  canvas: () => new OffscreenCanvas(1, 1),
  take: (canvas) => (canvas as OffscreenCanvas).transferToImageBitmap(),
  address: (code) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    return { url, forget: () => URL.revokeObjectURL(url) };
  },
};

let current = new Run(host);

/** What the host says of its GPU. */
async function adapterText(): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (adapter === undefined || adapter === null) return "";
  const { vendor, architecture, description } = adapter.info;
  const name = description === "" ? [vendor, architecture].filter((part) => part !== "").join(" ") : description;
  return name === "" ? "an adapter without a name" : name;
}

async function open(): Promise<void> {
  const memory = (navigator as Navigator & { readonly deviceMemory?: number }).deviceMemory ?? 4;
  const maximumBytes = Math.min(MOST_BYTES, memory * 2 ** 30 * PART);
  // a worker computes alone unless told otherwise, and this one is the page's only one
  const wanted = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const { devices, threads, missing } = await weft.init({ threads: wanted, devices: ["webgpu", "auto"], maximumBytes });
  const details: Readonly<Record<string, string>> = {
    wasm: `${threads} thread${threads === 1 ? "" : "s"}, SIMD`,
    webgpu: devices.includes("webgpu") ? await adapterText() : "",
    auto: "each part where it is faster",
  };
  const states = Object.entries(details).map(([name, detail]): DeviceState => ({ name, detail, missing: devices.includes(name) ? null : (missing[name] ?? "it is not there") }));
  host.report({ kind: "ready", devices: states, exported: Object.keys(weft) });
}

self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.kind === "frame") {
    void current.frame(data.frame);
    return;
  }
  current.end();
  current = new Run(host);
  void current.run(data.code, data.device, data.picture);
});

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  host.report({ kind: "failed", failure: current.failure(event.reason) });
});

open().catch((error: unknown) => host.report({ kind: "failed", failure: current.failure(error) }));

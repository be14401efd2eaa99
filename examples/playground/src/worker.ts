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

let quick = false;
let current = new Run(host, quick);

/** What "auto" computes on, for people. */
function autoText(adapter: weft.InitReport["adapter"], software: boolean): string {
  if (adapter === null) return "wasm alone, there being no GPU";
  return adapter.software && !software
    ? "wasm alone: a software adapter shares its cores"
    : "each part of a graph where it is faster";
}

async function open(software: boolean): Promise<void> {
  const memory = (navigator as Navigator & { readonly deviceMemory?: number }).deviceMemory ?? 4;
  const maximumBytes = Math.min(MOST_BYTES, memory * 2 ** 30 * PART);
  // a worker computes alone unless told otherwise, and this one is the page's only one
  const wanted = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const { threads, adapter, missing } = await weft.init({
    threads: wanted,
    devices: ["webgpu", "auto"],
    auto: { software },
    maximumBytes,
  });
  const devices: DeviceState[] = [
    { name: "wasm", detail: `${threads} thread${threads === 1 ? "" : "s"}, SIMD`, missing: null },
    { name: "webgpu", detail: adapter?.name ?? "", missing: missing.webgpu ?? null },
    { name: "auto", detail: autoText(adapter, software), missing: null },
  ];
  host.report({ kind: "ready", devices, exported: Object.keys(weft) });
}

self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.kind === "open") {
    quick = data.options.quick;
    open(data.options.software).catch((error: unknown) =>
      host.report({ kind: "failed", failure: current.failure(error) }),
    );
    return;
  }
  if (data.kind === "frame") {
    void current.frame(data.frame);
    return;
  }
  current.end();
  current = new Run(host, quick);
  void current.run(data.code, data.device, data.picture);
});

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  host.report({ kind: "failed", failure: current.failure(event.reason) });
});

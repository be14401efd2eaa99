// The page's end of the worker that runs programs: starts it, hands it orders, ends it when the reader says so or when
// it dies. Reports of an ended worker are never heard.
import type { Order, Report, SessionOptions } from "./protocol.ts";

/** A worker and what became of it. */
export class Session {
  private readonly hear: (report: Report) => void;
  private readonly options: SessionOptions;
  private worker: Worker | null = null;
  /** Whether a program runs. */
  running = false;
  /** Whether a frame is on its way: one at a time, so that a slow program sees fewer frames and not older ones. */
  private framing = false;

  constructor(hear: (report: Report) => void, options: SessionOptions) {
    this.hear = hear;
    this.options = options;
  }

  /** Starts a worker, and ends the one before. It says "ready" when its devices are open. */
  start(): void {
    this.worker?.terminate();
    this.running = false;
    this.framing = false;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "programs" });
    this.worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      if (this.worker !== worker) return;
      if (data.kind === "done" || data.kind === "failed") this.running = false;
      if (data.kind === "frame" || data.kind === "failed") this.framing = false;
      this.hear(data);
    });
    worker.addEventListener("error", (event) => {
      if (this.worker !== worker) return;
      event.preventDefault();
      this.running = false;
      this.hear({
        kind: "failed",
        failure: {
          name: "Worker",
          message: event.message ?? "the worker that runs programs did not start",
          place: null,
        },
      });
    });
    worker.postMessage({ kind: "open", options: this.options } satisfies Order);
  }

  run(order: Extract<Order, { kind: "run" }>): void {
    this.running = true;
    this.framing = false;
    this.worker?.postMessage(order);
  }

  /** Whether a frame of the camera could be worked on now. */
  get wantsFrame(): boolean {
    return !this.framing && !this.running && this.worker !== null;
  }

  /** Hands a frame over; it is dropped while another is being worked on. */
  frame(frame: ImageBitmap): void {
    if (!this.wantsFrame) {
      frame.close();
      return;
    }
    this.framing = true;
    this.worker?.postMessage({ kind: "frame", frame } satisfies Order, [frame]);
  }
}

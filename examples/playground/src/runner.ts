// Runs compiled programs and reports what they do: what `console`, `show`, `plot`, `measure`, `trace`, `showPlan` and
// `live` mean to them. Knows no worker and no page: where reports go and pictures are drawn is given to it, so that it runs in Node.
import type { ArrayLike, CanvasLike, NDArray } from "@weft/api";
import * as weft from "@weft/api";
import type { BINDINGS, Place } from "./compile.ts";
import { placeOf } from "./compile.ts";
import { format } from "./format.ts";
import type { Failure, Level, Report } from "./protocol.ts";

/** What a runner needs of its host. */
export interface RunnerHost {
  report(report: Report): void;
  /** A canvas to draw a picture on. */
  canvas(): CanvasLike;
  /** What is drawn on it, for a report. */
  take(canvas: CanvasLike): ImageBitmap;
  /** Makes the code of a module importable. */
  address(code: string): { readonly url: string; forget(): void };
}

type Bindings = Record<(typeof BINDINGS)[number], unknown>;
type ProgramModule = { program(api: typeof weft, bindings: Bindings): Promise<void> };

/** Warm runs: at least so many, then until a time is up, and never more than the most. */
const WARM = { least: 3, most: 40, milliseconds: 300 };
const ONE_WARM: typeof WARM = { least: 1, most: 1, milliseconds: 0 };

/** One run of one program. What it still says when it was replaced is not reported. */
export class Run {
  private readonly host: RunnerHost;
  private readonly runs: typeof WARM;
  private url = "";
  /** Lines that wait for arrays, in order. */
  private said: Promise<void> | null = null;
  private liveFrame: ((frame: NDArray) => NDArray) | null = null;
  private ended = false;

  /** `quick`: whether one warm run of each measured function is enough. */
  constructor(host: RunnerHost, quick = false) {
    this.host = host;
    this.runs = quick ? ONE_WARM : WARM;
  }

  /** Runs to the end of the program and of what it printed; reports "done" or "failed". */
  async run(code: string, device: string, picture: ImageData): Promise<void> {
    const started = performance.now();
    const { url, forget } = this.host.address(code);
    this.url = url;
    try {
      weft.defaultDevice(device);
      const { program } = (await import(/* @vite-ignore */ url)) as ProgramModule;
      await program(weft, this.bindings(picture));
      await this.said;
      this.report({ kind: "done", milliseconds: performance.now() - started, memory: weft.memory() });
    } catch (error) {
      await this.said;
      this.report({ kind: "failed", failure: this.failure(error) });
    } finally {
      forget();
    }
  }

  /** What happens to a frame of the camera; null: nothing. */
  async frame(frame: ImageBitmap): Promise<void> {
    try {
      if (this.liveFrame === null || this.ended) return;
      const started = performance.now();
      const canvas = this.host.canvas();
      using pixels = weft.numpy.array(frame);
      using result = this.liveFrame(pixels);
      await weft.toCanvas(result, canvas);
      this.report({ kind: "frame", bitmap: this.host.take(canvas), milliseconds: performance.now() - started });
    } catch (error) {
      this.liveFrame = null;
      this.report({ kind: "failed", failure: this.failure(error) });
    } finally {
      frame.close();
    }
  }

  /** Another program takes over. */
  end(): void {
    this.ended = true;
  }

  failure(error: unknown): Failure {
    if (!(error instanceof Error)) return { name: "Thrown", message: String(error), place: null };
    const place: Place | null = this.url === "" ? null : placeOf(error.stack ?? "", this.url);
    return { name: error.name, message: error.message, place };
  }

  private report(report: Report): void {
    if (!this.ended) this.host.report(report);
  }

  private say(level: Level, values: readonly unknown[]): void {
    const tell = (text: string): void => this.report({ kind: "log", level, text });
    const text = format(values);
    if (typeof text === "string" && this.said === null) {
      tell(text);
      return;
    }
    const turn = (this.said ?? Promise.resolve()).then(async () => {
      try {
        tell(await text);
      } catch (error) {
        this.report({ kind: "log", level: "error", text: `${(error as Error).name}: ${(error as Error).message}` });
      }
      if (this.said === turn) this.said = null;
    });
    this.said = turn;
  }

  private bindings(picture: ImageData): Bindings {
    const log =
      (level: Level) =>
      (...values: unknown[]) =>
        this.say(level, values);
    const console = { log: log("log"), info: log("log"), debug: log("log"), warn: log("warn"), error: log("error") };
    return {
      console,
      picture,
      show: (x: ArrayLike, title = "") => this.show(x, title),
      plot: (x: ArrayLike, lines: Readonly<Record<string, ArrayLike>>) => this.plot(x, lines),
      measure: (name: string, f: () => unknown) => this.measure(name, f),
      trace: (f: () => unknown) => this.trace(f),
      showPlan: (f: (...args: never[]) => NDArray, ...args: unknown[]) => this.showPlan(f, args),
      live: (f: (frame: NDArray) => NDArray) => {
        this.liveFrame = f;
        this.report({ kind: "live" });
      },
    };
  }

  private async show(x: ArrayLike, title: string): Promise<void> {
    const canvas = this.host.canvas();
    const array = weft.numpy.asarray(x);
    await weft.toCanvas(array, canvas);
    this.report({
      kind: "picture",
      title,
      type: `${array.dtype}[${array.shape.join(",")}]`,
      bitmap: this.host.take(canvas),
    });
  }

  private async plot(x: ArrayLike, lines: Readonly<Record<string, ArrayLike>>): Promise<void> {
    const numbers = async (values: ArrayLike): Promise<number[]> => Array.from(await weft.numpy.ravel(values).data());
    const read = await Promise.all(Object.entries(lines).map(async ([name, y]) => ({ name, y: await numbers(y) })));
    this.report({ kind: "plot", plot: { x: await numbers(x), lines: read } });
  }

  private async measure(name: string, f: () => unknown): Promise<number> {
    const once = async (): Promise<number> => {
      const started = performance.now();
      await weft.blockUntilReady(f());
      return performance.now() - started;
    };
    const first = await once();
    const warm: number[] = [];
    const { least, most, milliseconds } = this.runs;
    for (let sum = 0; warm.length < least || (warm.length < most && sum < milliseconds); sum += warm.at(-1) ?? 0)
      warm.push(await once());
    this.report({ kind: "timing", timing: { name, device: weft.defaultDevice(), first, warm } });
    return warm.toSorted((a, b) => a - b)[warm.length >> 1];
  }

  private async trace(f: () => unknown): Promise<void> {
    const trace = await weft.profiler.trace(() => weft.blockUntilReady(f()));
    const names = new Map<number, string>();
    for (const { ph, name, tid, args } of trace.traceEvents)
      if (ph === "M" && name === "thread_name") names.set(tid, String(args?.name));
    const spans = trace.traceEvents.flatMap(({ ph, name, tid, ts = 0, dur = 0 }) =>
      ph === "X" ? [{ lane: names.get(tid) ?? "", name, from: ts / 1000, to: (ts + dur) / 1000 }] : [],
    );
    this.report({
      kind: "trace",
      trace: { lanes: trace.lanes.map(({ name }) => name), spans, json: JSON.stringify(trace) },
    });
  }

  private showPlan(f: (...args: never[]) => NDArray, args: readonly unknown[]): Promise<void> {
    const view = weft.planOf(f)(...args);
    this.report({
      kind: "plan",
      plan: { view, text: weft.explain(f)(...args), graph: String(weft.makeJaxpr(f)(...args)) },
    });
    // a promise, because a plan may come to be drawn from what a device measures
    return Promise.resolve();
  }
}

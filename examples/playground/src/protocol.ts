// What the page and the worker that runs programs say to each other. Data and no behaviour; pictures are moved, not
// copied.
import type { MemoryReport, PlanView } from "@weft/api";
import type { Place } from "./compile.ts";

/** What the page's address asks for: both for machines without a GPU. */
export interface SessionOptions {
  /** `?software`: "auto" uses an adapter that is software. */
  readonly software: boolean;
  /** `?quick`: measured functions run once warm, not until they have run for a while. */
  readonly quick: boolean;
}

/** From the page. */
export type Order =
  | { readonly kind: "open"; readonly options: SessionOptions }
  | { readonly kind: "run"; readonly code: string; readonly device: string; readonly picture: ImageData }
  | { readonly kind: "frame"; readonly frame: ImageBitmap };

/** A device that programs can be told to use, or why it cannot. */
export interface DeviceState {
  readonly name: string;
  /** What it is made of, for people: threads or the adapter. */
  readonly detail: string;
  readonly missing: string | null;
}

/** Timings of one measured function on one device, in milliseconds. */
export interface Timing {
  readonly name: string;
  readonly device: string;
  readonly first: number;
  readonly warm: readonly number[];
}

/** Lines over a common x. */
export interface Lines {
  readonly x: readonly number[];
  readonly lines: readonly { readonly name: string; readonly y: readonly number[] }[];
}

/** The plan of a function as data, and as text. */
export interface Plan {
  readonly view: PlanView;
  readonly text: string;
  readonly graph: string;
}

/** Who worked when, in milliseconds, and the same as a trace viewer loads it. */
export interface Lanes {
  readonly lanes: readonly string[];
  readonly spans: readonly {
    readonly lane: string;
    readonly name: string;
    readonly from: number;
    readonly to: number;
  }[];
  readonly json: string;
}

/** What went wrong, and where in the reader's code. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly place: Place | null;
}

export type Level = "log" | "warn" | "error";

/** From the worker. */
export type Report =
  | { readonly kind: "ready"; readonly devices: readonly DeviceState[]; readonly exported: readonly string[] }
  | { readonly kind: "log"; readonly level: Level; readonly text: string }
  | { readonly kind: "picture"; readonly title: string; readonly type: string; readonly bitmap: ImageBitmap }
  | { readonly kind: "plot"; readonly plot: Lines }
  | { readonly kind: "timing"; readonly timing: Timing }
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "trace"; readonly trace: Lanes }
  | { readonly kind: "live" }
  | { readonly kind: "frame"; readonly bitmap: ImageBitmap; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "done"; readonly milliseconds: number; readonly memory: MemoryReport };

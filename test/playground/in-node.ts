// The playground's programs run in Node: the same compiler and runner as in the page, pictures drawn on a canvas of
// bytes. What the page's results are held against.
import * as weft from "@weft/api";
import { readFileSync } from "node:fs";
import { compile } from "../../examples/playground/src/compile.ts";
import type { Lanes, Lines, Plan, Report, Timing } from "../../examples/playground/src/protocol.ts";
import type { RunnerHost } from "../../examples/playground/src/runner.ts";
import { Run } from "../../examples/playground/src/runner.ts";
import { drawScene } from "../../examples/playground/src/scene.ts";

/** RGBA bytes of a picture. */
export interface Bytes {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** What a program did. */
export interface Did {
  readonly lines: readonly string[];
  readonly pictures: readonly { readonly title: string; readonly type: string; readonly bytes: Bytes }[];
  readonly plots: readonly Lines[];
  readonly timings: readonly Timing[];
  readonly traces: readonly Lanes[];
  readonly plans: readonly Plan[];
  readonly failures: readonly { readonly name: string; readonly message: string; readonly line: number | null }[];
}

/** A canvas whose picture is bytes. */
class ByteCanvas implements weft.CanvasLike {
  width = 1;
  height = 1;
  bytes: Bytes | null = null;
  getContext(): unknown {
    return {
      createImageData: (width: number, height: number) => ({
        width,
        height,
        data: new Uint8ClampedArray(width * height * 4),
      }),
      putImageData: (bytes: Bytes) => {
        this.bytes = bytes;
      },
    };
  }
}

/** The source of one of the page's programs. */
export const sourceOf = (name: string): string =>
  readFileSync(new URL(`../../examples/playground/src/programs/${name}.ts`, import.meta.url), "utf8");

/** Runs a program as the page does; `quick` as it does with `?quick`. */
export async function runInNode(source: string, quick = false): Promise<Did> {
  const compiled = compile(source, Object.keys(weft));
  if ("mistakes" in compiled) throw new Error(compiled.mistakes.map(({ message }) => message).join("; "));
  const reports: Report[] = [];
  const host: RunnerHost = {
    report: (report) => void reports.push(report),
    canvas: () => new ByteCanvas(),
    take: (canvas) => (canvas as ByteCanvas).bytes as unknown as ImageBitmap,
    address: (code) => ({ url: `data:text/javascript,${encodeURIComponent(code)}`, forget: () => undefined }),
  };
  await new Run(host, quick).run(compiled.code, "wasm", drawScene() as unknown as ImageData);
  const all = <K extends Report["kind"]>(kind: K): Extract<Report, { kind: K }>[] =>
    reports.filter((report): report is Extract<Report, { kind: K }> => report.kind === kind);
  return {
    lines: all("log").map(({ text }) => text),
    pictures: all("picture").map(({ title, type, bitmap }) => ({ title, type, bytes: bitmap as unknown as Bytes })),
    plots: all("plot").map(({ plot }) => plot),
    timings: all("timing").map(({ timing }) => timing),
    traces: all("trace").map(({ trace }) => trace),
    plans: all("plan").map(({ plan }) => plan),
    failures: all("failed").map(({ failure: { name, message, place } }) => ({
      name,
      message,
      line: place?.line ?? null,
    })),
  };
}

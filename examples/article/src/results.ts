// What the programs measured, and how it is printed.
import type { Check } from "./checks.ts";
import { passed } from "./checks.ts";
import { formatMs } from "./measure.ts";

/** One line of the table. */
export interface Row {
  readonly program: string;
  readonly variant: string;
  /** First run, with tracing and compilation, in milliseconds. */
  readonly first: number | null;
  /** Median of the warm runs, in milliseconds. */
  readonly warm: number;
  /** Work done by a run, in units of `unit`, for the throughput column. */
  readonly work: number;
  readonly unit: "elements" | "FLOP" | "pixels" | "calls";
  /** The measurement of numpy_article.py that does the same; absent where NumPy has no such thing. */
  readonly numpy?: string;
}

export interface Results {
  readonly rows: Row[];
  readonly checks: Check[];
  /** Facts worth showing: what fused into what. */
  readonly notes: string[];
}

const SCALE = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

/** `1.6 Gelements/s`. */
export function throughput({ work, warm, unit }: Row): string {
  const rate = (work / warm) * 1000;
  const [factor, prefix] = SCALE.find(([size]) => rate >= size) ?? SCALE[3];
  return `${(rate / factor).toPrecision(3)} ${prefix}${unit}/s`;
}

export const HEADERS = ["program", "variant", "first run", "warm run", "throughput", "NumPy", "NumPy / Weft"] as const;

export function cells(row: Row, numpy: Readonly<Record<string, number>> | null): string[] {
  const theirs = row.numpy === undefined ? null : (numpy?.[row.numpy] ?? null);
  return [
    row.program,
    row.variant,
    formatMs(row.first),
    formatMs(row.warm),
    throughput(row),
    formatMs(theirs),
    theirs === null ? "–" : `${(theirs / row.warm).toPrecision(3)}×`,
  ];
}

/** The table as aligned text. */
export function formatTable(rows: readonly Row[], numpy: Readonly<Record<string, number>> | null): string {
  const table = [[...HEADERS], ...rows.map((row) => cells(row, numpy))];
  const widths = HEADERS.map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const lines = table.map((line) =>
    line
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => "─".repeat(width)).join("  "), ...lines.slice(1)].join("\n");
}

export const formatCheck = (check: Check): string =>
  `${passed(check) ? "✓" : "✗"} ${check.what}: ${check.error.toExponential(1)} (allowed ${check.bound.toExponential(1)})`;

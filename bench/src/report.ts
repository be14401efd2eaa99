// The figures as Markdown: medians with their spread, and ratios of medians of the same rounds.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "./harness.ts";

export type Figure =
  | { readonly name: string; readonly threads: number; readonly measured: Measured; readonly note: string }
  | { readonly name: string; readonly micros: number; readonly target: number | null };

const ms = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);

const ratio = (measured: Measured, other: string): string =>
  other in measured ? `${(measured[other].median / measured.weft.median).toFixed(2)}` : "–";

function render(figures: readonly Figure[], machine: string, commit: string, command: string): string {
  const overheads = figures.filter((figure) => "micros" in figure);
  const runs = figures.filter((figure) => "measured" in figure);
  const lines = [`\`${command}\` at ${commit}`, "", machine, ""];
  if (overheads.length > 0) {
    lines.push("| overhead | µs, median | target |", "|---|---:|---:|");
    for (const { name, micros, target } of overheads)
      lines.push(`| ${name} | ${micros.toFixed(2)} | ${target === null ? "–" : `≤ ${target}`} |`);
    lines.push("");
  }
  if (runs.length > 0) {
    lines.push(
      "| workload | Weft ms, median (min–max) | NumPy ms | NumPy / Weft | gauge ms | gauge / Weft |",
      "|---|---:|---:|---:|---:|---:|",
    );
    for (const { name, measured } of runs) {
      const { weft } = measured;
      const gauge = ["copy", "peak"].find((key) => key in measured);
      lines.push(
        `| ${name} | ${ms(weft.median)} (${ms(weft.min)}–${ms(weft.max)}) | ${"numpy" in measured ? ms(measured.numpy.median) : "–"} | ${ratio(measured, "numpy")} | ${gauge === undefined ? "–" : `${ms(measured[gauge].median)} ${gauge}`} | ${gauge === undefined ? "–" : ratio(measured, gauge)} |`,
      );
    }
    lines.push("");
  }
  return lines.join("\n");
}

const HEAD = `# Results

Medians of interleaved rounds on a shared, noisy machine: read the ratios, not the milliseconds. \`copy\` is a plain copy of as many bytes as the input has, on one thread; \`peak\` is the same number of FLOP done in registers on one thread. NumPy has as many threads as Weft; its threads keep spinning for a while after a product, on the core that Weft's next round wants, which costs the two-thread products of Weft in these rounds (alone, 1024² takes 0.52 of its time on one thread). What was tried and failed stands in NOTES.md.
`;

/** Renders the figures; with a file, replaces the section of this command there. Returns the text. */
export function writeResults(
  figures: readonly Figure[],
  machine: string,
  commit: string,
  file: string | null,
  flags: readonly string[],
): string {
  const command = `npm run bench${flags.length === 0 ? "" : ` -- ${flags.join(" ")}`}`;
  const section = render(figures, machine, commit, command);
  if (file !== null) writeSection(file, command, section);
  return section;
}

/** Puts a command's section into a file of results, in the place of an older one. */
export function writeSection(file: string, command: string, section: string): void {
  const old = existsSync(file) ? readFileSync(file, "utf8") : HEAD;
  const [, ...sections] = old.split(/^## /mu);
  const kept = sections.filter((text) => text.split("\n")[0] !== command);
  writeFileSync(
    file,
    `${HEAD}\n${[...kept.map((text) => `## ${text.trimEnd()}\n`), `## ${command}\n\n${section}`].join("\n")}`,
  );
}

// The report: one self-contained page with the pictures, the timings as charts, the checks and what fused.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { passed } from "./checks.ts";
import { formatMs } from "./measure.ts";
import type { Numpy } from "./numpy.ts";
import type { Results, Row } from "./results.ts";
import { cells, formatCheck, HEADERS } from "./results.ts";

export interface ReportInput {
  readonly results: Results;
  readonly numpy: Numpy | null;
  readonly machine: string;
  readonly before: string;
  readonly after: string;
  readonly pictureSize: string;
  readonly quick: boolean;
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const BAR = 26;
const LABEL = 190;
const WIDTH = 620;

/** One horizontal bar a variant (and one for NumPy), all of one program on one linear scale from zero. */
function chart(title: string, rows: readonly Row[], numpy: Readonly<Record<string, number>> | null): string {
  const bars = rows.map((row) => ({ label: row.variant, ms: row.warm, kind: "weft" }));
  const theirs = new Map(
    rows.flatMap(({ numpy: name }) => (name === undefined ? [] : [[name, numpy?.[name]] as const])),
  );
  for (const [name, ms] of theirs)
    if (ms !== undefined) bars.push({ label: theirs.size > 1 ? `NumPy (${name})` : "NumPy", ms, kind: "numpy" });
  const longest = Math.max(...bars.map((bar) => bar.ms));
  const body = bars.map((bar, i) => {
    const y = i * BAR;
    const width = Math.max((bar.ms / longest) * (WIDTH - LABEL - 90), 1.5);
    return `<text x="${LABEL - 10}" y="${y + 17}" text-anchor="end">${escape(bar.label)}</text><rect class="${bar.kind}" x="${LABEL}" y="${y + 4}" width="${width.toFixed(1)}" height="${BAR - 9}" rx="2"/><text class="value" x="${(LABEL + width + 8).toFixed(1)}" y="${y + 17}">${formatMs(bar.ms)}</text>`;
  });
  return `<figure><figcaption>${escape(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${bars.length * BAR + 4}" role="img" aria-label="${escape(title)}: ${escape(bars.map((bar) => `${bar.label} ${formatMs(bar.ms)}`).join(", "))}">${body.join("")}</svg></figure>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fbfaf7; --line: #ddd8cc; --weft: #b4532a; --numpy: #7d94ad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e4da; --soft: #a3a9b2; --paper: #191d22; --line: #363c45; --weft: #e08a5c; --numpy: #6f87a0; } }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.25rem 4rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.9rem; margin: 0 0 .3rem; } h2 { margin: 2.6rem 0 .8rem; font-size: 1.2rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
p.lead { color: var(--soft); margin: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; width: 100%; }
th, td { text-align: right; padding: .35rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; } th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
th { color: var(--soft); font-weight: 600; }
figure { margin: 1.2rem 0; } figcaption { font-weight: 600; margin-bottom: .3rem; } svg { width: 100%; max-width: 40rem; font-size: 13px; } svg text { fill: var(--ink); } svg .value { fill: var(--soft); } rect.weft { fill: var(--weft); } rect.numpy { fill: var(--numpy); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; } .pair img { width: 100%; height: auto; border-radius: 3px; }
.key span { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin: 0 .35rem 0 1rem; vertical-align: -1px; }
li.failed { color: #c0392b; font-weight: 600; } pre { white-space: pre-wrap; font-size: .85rem; }`;

function page({ results, numpy, machine, before, after, pictureSize, quick }: ReportInput): string {
  const programs = [...new Set(results.rows.map((row) => row.program))];
  const head = HEADERS.map((header) => `<th scope="col">${escape(header)}</th>`).join("");
  const body = results.rows
    .map(
      (row) =>
        `<tr>${cells(row, numpy?.times ?? null)
          .map((cell) => `<td>${escape(cell)}</td>`)
          .join("")}</tr>`,
    )
    .join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Weft: the four programs</title><style>${STYLE}</style></head><body>
<h1>The four programs${quick ? ", small" : ""}</h1>
<p class="lead">${escape(machine)}${numpy === null ? "" : ` · NumPy ${escape(numpy.version)} on the same machine`}</p>
<h2>Blur: before and after</h2>
<div class="pair"><figure><img src="${before}" alt="The picture before the blur"><figcaption>before, ${escape(pictureSize)}</figcaption></figure><figure><img src="${after}" alt="The picture after the Gaussian blur"><figcaption>after: 9×9, σ = 2.5, all 81 taps in one kernel</figcaption></figure></div>
<h2>Times of a warm run</h2>
<p class="key"><span style="background:var(--weft)"></span>Weft<span style="background:var(--numpy)"></span>NumPy · each chart has its own scale, from zero</p>
${programs
  .map((program) =>
    chart(
      program,
      results.rows.filter((row) => row.program === program),
      numpy?.times ?? null,
    ),
  )
  .join("\n")}
<h2>All figures</h2>
<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>
<h2>Checks</h2>
<ul>${results.checks.map((check) => `<li class="${passed(check) ? "passed" : "failed"}">${escape(formatCheck(check))}</li>`).join("\n")}</ul>
<h2>What the engine made of them</h2>
${results.notes.map((note) => `<pre>${escape(note)}</pre>`).join("\n")}
</body></html>
`;
}

/** Writes the page and returns its path. */
export function writeReport(file: string, input: ReportInput): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page(input));
  return file;
}

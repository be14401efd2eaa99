// Charts with Observable Plot: the timings of measured functions by device, and lines that programs plot. Colours come
// from the style sheet, so that both schemes need no code.
import * as Plot from "@observablehq/plot";
import type { Lanes, Lines, Timing } from "./protocol.ts";

const DEVICE_COLOURS: Readonly<Record<string, string>> = {
  wasm: "var(--rust)",
  webgpu: "var(--slate)",
  auto: "var(--moss)",
};
const LINE_COLOURS = ["var(--rust)", "var(--slate)", "var(--moss)", "var(--ochre)", "var(--plum)"];
const ROW = 24;
const LABEL = 15;

/** `3.2 ms`, `41 µs`, `1.4 s`. */
export function formatMilliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  if (ms >= 0.1) return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
  return `${(ms * 1000).toFixed(0)} µs`;
}

/** `2 ms`, `500 µs`: of round numbers. */
const formatTick = (ms: number): string =>
  ms >= 1000
    ? `${ms / 1000} s`
    : ms >= 1
      ? `${Number(ms.toPrecision(1))} ms`
      : `${Number((ms * 1000).toPrecision(1))} µs`;

/** The middle one of some numbers. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A clock's resolution can be coarser than a run; a logarithmic scale has no place for 0. */
const LEAST = 0.001;
const shown = (ms: number): number => Math.max(ms, LEAST);

/** Round numbers between two, on a logarithmic scale: powers of ten, with 2 and 5 times them where there are few. */
function roundNumbers(least: number, most: number, width: number): number[] {
  const decades = Math.log10(most / least);
  const steps = decades * 3 * 70 < width ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++)
    for (const step of steps) found.push(step * 10 ** power);
  return found.filter((value) => value >= least && value <= most);
}

/** Warm runs, their median and the first call, one row a function and device. */
export function timingsChart(timings: readonly Timing[], width: number): Element {
  const names = [...new Set(timings.map(({ name }) => name))];
  const devices = Object.keys(DEVICE_COLOURS).filter((device) => timings.some((timing) => timing.device === device));
  const runs = timings.flatMap(({ name, device, warm }) => warm.map((ms) => ({ name, device, ms: shown(ms) })));
  const firsts = timings.map(({ name, device, first }) => ({ name, device, ms: shown(first) }));
  const medians = timings.map(({ name, device, warm }) => ({ name, device, ms: shown(median(warm)) }));
  const all = [...runs, ...firsts].map(({ ms }) => ms);
  const [least, most] = [Math.min(...all) * 0.75, Math.max(...all) * 1.3];
  const ticks = roundNumbers(least, most, width);
  const channels = { x: "ms", y: "device", fy: "name", stroke: "device" };
  return Plot.plot({
    width,
    height: names.length * (devices.length * ROW + LABEL + 8) + 44,
    marginLeft: 58,
    marginRight: 66,
    marginTop: 6,
    marginBottom: 36,
    style: {
      background: "transparent",
      color: "var(--soft)",
      fontFamily: "inherit",
      fontSize: "12px",
      overflow: "visible",
    },
    x: { type: "log", domain: [least, most], label: null },
    y: { domain: devices, label: null, padding: 0.25, tickSize: 0, insetTop: LABEL },
    fy: { domain: names, axis: null, padding: 0.04 },
    color: { domain: devices, range: devices.map((device) => DEVICE_COLOURS[device]) },
    marks: [
      Plot.gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX(ticks, { text: formatTick, tickSize: 0, label: null, fill: "var(--soft)" }),
      Plot.text(names, {
        fy: (name: string) => name,
        text: (name: string) => name,
        frameAnchor: "top-left",
        dx: -58,
        dy: -1,
        fill: "var(--ink)",
        fontWeight: 600,
      }),
      Plot.dot(runs, { ...channels, fill: "device", r: 3.5, fillOpacity: 0.22, strokeOpacity: 0 }),
      Plot.dot(firsts, { ...channels, r: 4, strokeWidth: 1.4 }),
      Plot.tickX(medians, { ...channels, strokeWidth: 2.5 }),
      Plot.text(medians, {
        y: "device",
        fy: "name",
        text: ({ ms }: { ms: number }) => formatMilliseconds(ms),
        frameAnchor: "right",
        dx: 8,
        textAnchor: "start",
        fill: "var(--ink)",
      }),
    ],
  });
}

/** Who worked when: a row a lane, outer spans paler than those they hold. */
export function lanesChart({ lanes, spans }: Lanes, width: number): Element {
  const start = Math.min(...spans.map(({ from }) => from));
  const bars = spans.map(({ lane, name, from, to }) => ({
    lane,
    name,
    from: from - start,
    to: to - start,
    device: lane.split(" ", 1)[0],
  }));
  const end = Math.max(...bars.map(({ to }) => to));
  // what is shorter than a pixel is drawn as one
  const least = end / width;
  const label = Math.min(width / 3, 7 * Math.max(...lanes.map((lane) => lane.length)) + 12);
  return Plot.plot({
    width,
    height: lanes.length * 22 + 34,
    marginLeft: label,
    marginRight: 16,
    marginTop: 4,
    marginBottom: 26,
    style: { background: "transparent", color: "var(--soft)", fontFamily: "inherit", fontSize: "12px" },
    x: {
      domain: [0, end],
      label: null,
      ticks: width < 420 ? 3 : 6,
      tickFormat: (ms: number) =>
        ms === 0 ? "0" : ms < 0.1 ? formatMilliseconds(ms) : `${Number(ms.toPrecision(3))} ms`,
    },
    y: { domain: lanes, label: null, tickSize: 0, padding: 0.25 },
    color: { domain: ["wasm", "webgpu", "host"], range: ["var(--rust)", "var(--slate)", "var(--faint)"] },
    marks: [
      Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.barX(bars, {
        x1: "from",
        x2: ({ from, to }: { from: number; to: number }) => Math.max(to, from + least),
        y: "lane",
        fill: "device",
        fillOpacity: 0.55,
        title: ({ name, from, to }: { name: string; from: number; to: number }) =>
          `${name}: ${formatMilliseconds(to - from)}`,
      }),
    ],
  });
}

/** Lines over a common x, each named at its end. */
export function linesChart({ x, lines }: Lines, width: number): Element {
  const points = lines.flatMap(({ name, y }) => Array.from(x, (at, i) => ({ name, x: at, y: y[i] })));
  const names = lines.map(({ name }) => name);
  return Plot.plot({
    width,
    height: Math.min(240, Math.max(170, width * 0.42)),
    marginLeft: 44,
    marginRight: 16,
    marginBottom: 28,
    style: { background: "transparent", color: "var(--soft)", fontFamily: "inherit", fontSize: "12px" },
    x: { label: null, ticks: 6 },
    y: { label: null, grid: false, ticks: 5 },
    color: { domain: names, range: LINE_COLOURS, legend: names.length > 1 },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.ruleY([0], { stroke: "var(--faint)" }),
      Plot.line(points, { x: "x", y: "y", stroke: "name", strokeWidth: 2 }),
    ],
  });
}

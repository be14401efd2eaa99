// Timing: each run is awaited to the end of its computation; medians, because machines are shared.

/** Milliseconds of one awaited run. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length % 2 === 1
    ? sorted[sorted.length >> 1]
    : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};

/** First run (with compilation) apart, then the median of warm ones. */
export async function measure(run: () => Promise<unknown>, warm: number): Promise<{ first: number; warm: number }> {
  const first = await timed(run);
  const times: number[] = [];
  for (let i = 0; i < warm; i++) times.push(await timed(run));
  return { first, warm: median(times) };
}

export const formatMs = (ms: number | null): string =>
  ms === null
    ? "–"
    : ms >= 100
      ? `${Math.round(ms)} ms`
      : ms >= 1
        ? `${ms.toFixed(1)} ms`
        : `${(ms * 1000).toFixed(0)} µs`;

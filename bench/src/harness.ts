// Interleaved rounds: every contender runs once a round, in turning order; medians and ratios of medians, never one
// absolute number. A control loop tells how noisy the machine was.

/** Something that is timed: returns the milliseconds of one run itself. */
export type Contender = () => Promise<number> | number;

export interface Measured {
  /** Median, smallest and largest milliseconds by contender. */
  readonly [name: string]: { readonly median: number; readonly min: number; readonly max: number };
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** Milliseconds of one awaited call. */
export const clock =
  (run: () => unknown): Contender =>
  async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };

/** Runs `warmup` rounds uncounted, then `rounds` rounds with the order reversed every other time (A B, B A, …). */
export async function interleave(
  contenders: Readonly<Record<string, Contender>>,
  rounds: number,
  warmup = 2,
): Promise<Measured> {
  const names = Object.keys(contenders);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const ms = await contenders[name]();
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, values]) => [
      name,
      { median: median(values), min: Math.min(...values), max: Math.max(...values) },
    ]),
  );
}

/**
 * Microseconds a call of a short function: the median over blocks of many calls. `between` runs after each block,
 * untimed. The warm-up is half a second at least, because
 * the optimising compiler works on a thread of its own and waits for a core that others may have.
 */
export async function microseconds(
  run: () => unknown,
  calls: number,
  between: () => unknown = () => undefined,
  blocks = 40,
): Promise<number> {
  const times: number[] = [];
  const warm = performance.now() + 500;
  for (let block = -40; block < blocks; block++) {
    if (block === 0 && performance.now() < warm) block = -1;
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    const each = ((performance.now() - start) * 1000) / calls;
    if (block >= 0) times.push(each);
    await between();
    // a macrotask lets finished work be collected between blocks, as in a program that awaits
    await new Promise((resolve) => setImmediate(resolve));
  }
  return median(times);
}

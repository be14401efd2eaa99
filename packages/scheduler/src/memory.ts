// Offsets of temporaries in the arena: best fit over a linear scan of lifetimes, with coalescing. Exact lifetimes in
// steps; two values that live in one step never overlap. It knows neither kernels nor devices.

/** A value that lives from step `first` (which writes it) to step `last` (which reads it), both inclusive. */
export interface Interval {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** One an interval; −1 for empty ones. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

const ALIGN = 64;
interface Hole {
  at: number;
  bytes: number;
}

/** Places every interval at a multiple of 64 bytes. */
export function planArena(intervals: readonly Interval[]): ArenaPlan {
  const order = intervals
    .map((_, i) => i)
    .sort((a, b) => intervals[a].first - intervals[b].first || intervals[b].bytes - intervals[a].bytes);
  const offsets = intervals.map(() => -1);
  const holes: Hole[] = [];
  const ends = new Map<number, number[]>();
  const deaths: number[] = [];
  let top = 0;
  const padded = (i: number): number => Math.ceil(intervals[i].bytes / ALIGN) * ALIGN;

  const release = (at: number, bytes: number): void => {
    let i = holes.findIndex((hole) => hole.at > at);
    if (i < 0) i = holes.length;
    holes.splice(i, 0, { at, bytes });
    const next = holes[i + 1];
    if (next !== undefined && at + bytes === next.at) {
      holes[i].bytes += next.bytes;
      holes.splice(i + 1, 1);
    }
    const previous = holes[i - 1];
    if (previous !== undefined && previous.at + previous.bytes === at) {
      previous.bytes += holes[i].bytes;
      holes.splice(i, 1);
    }
  };
  const take = (bytes: number): number => {
    let best = -1;
    for (let i = 0; i < holes.length; i++)
      if (holes[i].bytes >= bytes && (best < 0 || holes[i].bytes < holes[best].bytes)) best = i;
    if (best >= 0) {
      const { at } = holes[best];
      if (holes[best].bytes === bytes) holes.splice(best, 1);
      else {
        holes[best].at += bytes;
        holes[best].bytes -= bytes;
      }
      return at;
    }
    // a hole at the end grows instead of being left behind
    const tail = holes[holes.length - 1];
    if (tail !== undefined && tail.at + tail.bytes === top) {
      holes.pop();
      top = tail.at + bytes;
      return tail.at;
    }
    top += bytes;
    return top - bytes;
  };

  for (const i of order) {
    const { first, last } = intervals[i];
    const bytes = padded(i);
    if (bytes === 0) continue;
    while (deaths.length > 0 && deaths[0] < first) {
      for (const dead of ends.get(deaths[0]) ?? []) release(offsets[dead], padded(dead));
      deaths.shift();
    }
    offsets[i] = take(bytes);
    const ending = ends.get(last);
    if (ending === undefined) {
      ends.set(last, [i]);
      const at = deaths.findIndex((step) => step > last);
      deaths.splice(at < 0 ? deaths.length : at, 0, last);
    } else ending.push(i);
  }
  return { offsets, bytes: top };
}

// Long work of the calling thread in slices, between which the host's event loop runs: frames, timers, messages,
// finalizers. All who have such work share the slices, one after the other, and so do programs that await what is done
// already, which takes microtasks only. Owns how long a slice is; what a part of the work is belongs to whoever has some.
import type { Runtime } from "@weft/ir";

/** What of the host is needed for it. */
export type Turns = Pick<Runtime, "now" | "soon">;

/** A part of some work: true if it was the last, a promise if the next one has to wait. Throws to fail. */
export type Part = () => boolean | Promise<unknown>;

interface Job {
  readonly part: Part;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** After so long nothing more is begun before the event loop has run: with what is begun last, 8 ms. */
const SLICE_MS = 6;

let turns: Turns = { now: () => Date.now(), soon: (callback) => void Promise.resolve().then(callback) };
/** Jobs that can go on, oldest first. */
const jobs: Job[] = [];
/** When the slice of this macrotask ends; null if none has begun. */
let end: number | null = null;

/** Sets the host's clock and macrotasks, and returns what was set before. */
export function hostTurns(next: Turns): Turns {
  const before = turns;
  turns = next;
  // it was measured by another clock
  end = null;
  return before;
}

function begin(): number {
  turns.soon(() => {
    end = null;
    if (jobs.length > 0) work();
  });
  return turns.now() + SLICE_MS;
}

function work(): void {
  end ??= begin();
  while (jobs.length > 0 && turns.now() < end) step(jobs[0]);
}

function step(job: Job): void {
  let over: boolean | Promise<unknown>;
  try {
    over = job.part();
  } catch (error) {
    jobs.shift();
    job.reject(error);
    return;
  }
  if (over === false) return;
  jobs.shift();
  if (over === true) job.resolve();
  else
    over.then(() => {
      jobs.push(job);
      work();
    }, job.reject);
}

/** Called at every await of a result: what is to be awaited before it, if the slice of this macrotask is over. */
export function turnDue(): Promise<void> | null {
  end ??= begin();
  return turns.now() < end ? null : new Promise((resolve) => turns.soon(resolve));
}

/**
 * Does parts of some work until one was the last, beginning at once. Rejects with what a part throws.
 * @example await inSlices(() => upload.part());
 */
export function inSlices(part: Part): Promise<void> {
  return new Promise((resolve, reject) => {
    jobs.push({ part, resolve, reject });
    work();
  });
}

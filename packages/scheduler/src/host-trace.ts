// What the calling thread spends its time on while a trace is taken: planning, compiling, sending. Without a tracer it
// costs one test for null.
import type { Parts, Tracer } from "@weft/ir";

/** The lane of the calling thread. */
const HOST = "host";

let tracer: Tracer | null = null;
let now: () => number = () => 0;

/** Reports from now on to this tracer, by this clock; with null to none. */
export function traceHost(next: Tracer | null, clock: () => number = now): void {
  tracer = next;
  now = clock;
}

/** Whether a trace is taken. */
export const isTraced = (): boolean => tracer !== null;

/**
 * Does something, and reports how long it took.
 * @example const program = traced("compile", () => backend.compile(segment));
 */
export function traced<T>(name: string, act: () => T, args?: Readonly<Record<string, number | string>>): T {
  if (tracer === null) return act();
  const from = now();
  try {
    return act();
  } finally {
    // switched off meanwhile: what began under a tracer is still its
    tracer?.span(HOST, name, from, now(), args);
  }
}

/** A pause between two parts that was longer ends a span: the thread did something else. */
const PAUSE_MS = 0.5;

/** The same of work in parts: a span for each stretch of it. */
export function* tracedParts<T>(
  name: string,
  parts: Parts<T>,
  args?: Readonly<Record<string, number | string>>,
): Parts<T> {
  if (tracer === null) return yield* parts;
  const told = tracer;
  let from = now();
  let left = from;
  try {
    for (;;) {
      const { done, value } = parts.next();
      left = now();
      if (done === true) return value;
      yield;
      if (now() - left <= PAUSE_MS) continue;
      told.span(HOST, name, from, left, args);
      from = now();
    }
  } finally {
    // one that failed lasted until now
    told.span(HOST, name, from, now(), args);
  }
}

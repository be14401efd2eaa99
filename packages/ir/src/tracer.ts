// What reports where time goes. A device is given a tracer while a trace is taken, and none otherwise: then reporting
// costs it one test for null a run.

/** Takes the spans of a trace. */
export interface Tracer {
  /**
   * Something that took from `from` to `to`, in milliseconds of the calling thread's clock (`Runtime.now`). `lane` names
   * who did it: `wasm 0`, `webgpu queue`, `transfer up`. Spans of one lane do not overlap.
   */
  span(lane: string, name: string, from: number, to: number, args?: Readonly<Record<string, number | string>>): void;
}

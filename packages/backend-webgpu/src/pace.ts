// How fast the device has been, and how far the host may run ahead of it: a submission holds about SEGMENT_MS of work,
// so that the device is never without any for long and no driver takes it for a hang, and at most SEGMENTS_IN_FLIGHT
// such portions are under way. Small runs add up to one portion. Rates change where work is cut, never a value.
import { KERNEL_RATE, PRODUCT_RATE, RATE_RANGE, SEGMENT_MS, SEGMENTS_IN_FLIGHT } from "./limits.ts";

/** Elementary operations, apart by how fast devices do them. */
export interface Work {
  /** Of generated kernels and copies. */
  readonly kernels: number;
  /** Of matrix products. */
  readonly products: number;
}

/** Work whose end the device was asked for. */
interface Portion {
  readonly done: Promise<void>;
  end(): void;
}

/** The pace of one opening of the device. */
export class Pace {
  readonly #completion: () => Promise<unknown>;
  readonly #now: () => number;
  readonly #portions: Portion[] = [];
  /** Elementary operations a millisecond. */
  #kernels: number;
  #products: number;
  /** Milliseconds submitted since the last portion was closed, by the rates; and by how many submissions. */
  #open = 0;
  #submissions = 0;
  #lastEnd = 0;
  /** How often something had to wait. */
  stalls = 0;

  /** `completion` is asked when what was submitted so far has ended. */
  constructor(software: boolean, completion: () => Promise<unknown>, now: () => number) {
    const kind = software ? "software" : "gpu";
    this.#kernels = KERNEL_RATE[kind];
    this.#products = PRODUCT_RATE[kind];
    this.#completion = completion;
    this.#now = now;
  }

  /** Estimated milliseconds. */
  time({ kernels, products }: Work): number {
    return kernels / this.#kernels + products / this.#products;
  }

  /** Elementary operations of a kernel or a product that take about so many milliseconds. */
  work(ms: number, product: boolean): number {
    return ms * (product ? this.#products : this.#kernels);
  }

  /** Portions under way. */
  get inFlight(): number {
    return this.#portions.length;
  }

  /** What has to end before more may be submitted; null if nothing has to. */
  wait(): Promise<void> | null {
    if (this.#portions.length < SEGMENTS_IN_FLIGHT) return null;
    this.stalls++;
    return this.#portions[0].done;
  }

  /** Says what was submitted just now. */
  submitted(work: Work): void {
    this.#submissions++;
    this.#open += this.time(work);
    if (this.#open < SEGMENT_MS) return;
    // only a portion that is one submission tells a rate: between several the device may have had nothing to do
    const measured = this.#submissions === 1 ? work : null;
    const start = this.#now();
    this.#open = this.#submissions = 0;
    let end = (): void => {};
    const done = new Promise<void>((resolve) => (end = resolve));
    const portion: Portion = { done, end };
    this.#portions.push(portion);
    const ended = (): void => {
      // given up meanwhile
      if (this.#portions[0] !== portion) return;
      this.#portions.shift();
      const now = this.#now();
      if (measured !== null) this.#learn(measured, now - Math.max(start, this.#lastEnd));
      this.#lastEnd = now;
      end();
    };
    this.#completion().then(ended, ended);
  }

  /** Says that nothing more will be heard of what is under way. */
  abandon(): void {
    for (const { end } of this.#portions.splice(0)) end();
  }

  /** Moves the rate that mattered halfway to what was measured. */
  #learn(work: Work, ms: number): void {
    const [least, most] = RATE_RANGE;
    const factor = Math.sqrt(this.time(work) / Math.max(ms, 0.1));
    const moved = (rate: number): number => Math.min(most, Math.max(least, rate * factor));
    if (work.kernels / this.#kernels >= work.products / this.#products) this.#kernels = moved(this.#kernels);
    else this.#products = moved(this.#products);
  }
}

// Arrays that are still on their way from the host (devicePut): which handles have no node yet, and how they come by one:
// in slices for whoever awaits, at once for whoever uses them. Knows handles by identity only.
import type { Aval, Node } from "@weft/ir";
import { disown, leaf, own } from "@weft/ir";
import { inSlices, type Upload } from "@weft/scheduler";

/** What a handle waits for. */
export class Arrival {
  private readonly upload: Upload;
  private made: Node | null = null;
  private coming: Promise<void> | null = null;
  /** The handle, and reads of it that were asked for. */
  private wanted = 1;

  constructor(upload: Upload) {
    this.upload = upload;
  }

  get aval(): Aval {
    return this.upload.aval;
  }
  /** The name of the device it is on its way to. */
  get device(): string {
    return this.upload.backend.id;
  }
  /** Whether somebody awaits it. */
  get isAwaited(): boolean {
    return this.coming !== null;
  }

  /** The array's node; what has not come yet comes now. Throws DeviceError if its source was changed meanwhile. */
  node(): Node {
    if (this.made === null) {
      this.made = leaf(this.upload.aval, this.upload.finish());
      own(this.made);
    }
    return this.made;
  }

  /** What has not come yet comes now. What goes wrong with that is told to whoever uses the array. */
  settle(): void {
    try {
      this.node();
    } catch {
      // it throws again
    }
  }

  /** Resolves when all of it has come, in slices of some 8 ms. */
  come(): Promise<void> {
    return (this.coming ??= inSlices(() => this.upload.part()).then(() => void this.node()));
  }

  /** One more wants it. */
  keep(): void {
    this.wanted++;
  }

  /** The handle has ended, or has its node, or a read of it is over. */
  cancel(): void {
    if (--this.wanted > 0) return;
    if (this.made === null) this.upload.cancel();
    else disown(this.made);
  }
}

const arrivals = new WeakMap<object, Arrival>();

/** What a handle without a node waits for; undefined if it has ended. */
export const arrivalOf = (handle: object): Arrival | undefined => arrivals.get(handle);

export const noteArrival = (handle: object, arrival: Arrival): void => void arrivals.set(handle, arrival);

/** The handle has its node, or has ended. */
export const forgetArrival = (handle: object): void => void arrivals.delete(handle);

/** Trees that can be awaited as long as they are on their way (put.ts). */
const shipments = new WeakSet();

export const noteShipment = (tree: object): void => void shipments.add(tree);

/** Whether a result is a promise, and not merely a tree that is on its way. */
export const isPromise = (x: unknown): x is PromiseLike<unknown> =>
  typeof x === "object" && x !== null && !shipments.has(x) && "then" in x && typeof x.then === "function";

// What the page gives to programs beside @weft/api. Compiled programs get these as arguments, under these names.
import type { ArrayLike, NDArray } from "@weft/api";

declare global {
  /** Draws an array as a picture: [height, width] or [height, width, 1 | 3 | 4]; floats 0 to 1, integers 0 to 255. */
  function show(picture: ArrayLike, title?: string): Promise<void>;
  /** Draws lines over a common x. */
  function plot(x: ArrayLike, lines: Readonly<Record<string, ArrayLike>>): Promise<void>;
  /** Times a function: its first call, then warm ones. Resolves with the median of the warm ones in milliseconds. */
  function measure(name: string, f: () => unknown): Promise<number>;
  /** Draws which lanes of the devices worked when, while a function ran and until its results were there. */
  function trace(f: () => unknown): Promise<void>;
  /** Draws the plan of a function for these arguments. */
  function showPlan(f: (...args: never[]) => unknown, ...args: unknown[]): Promise<void>;
  /** What happens to each frame of the camera while it is on: RGBA pixels in, a picture out. */
  function live(f: (frame: NDArray) => NDArray): void;
  /** The picture beside the program: the reader's own, or a drawn one. */
  const picture: ImageData;
}

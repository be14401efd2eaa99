// Which public function the user is in. Public functions call each other; errors name the one that the user called
// (define.ts), so the outermost counts. It owns what is put on a device for it, which has no handle that anybody could
// dispose: when it returns, that lives on with what uses it, and when it throws it is given back. Functions of the user's,
// called back, begin anew.
import type { Node } from "@weft/ir";
import { disown, own } from "@weft/ir";

/** How deep public functions are nested at the moment; 0 outside. */
let depth = 0;
/** Arrays of the host that were put on a device since the outermost began. */
let uploads: Node[] = [];
/** Errors that came out of functions of the user's: they are not ours to name. */
const foreign = new WeakSet<object>();

/** A public function begins. */
export const enter = (): void => {
  depth++;
};

/** It ends, whatever happened. */
export const leave = (): void => {
  if (--depth > 0 || uploads.length === 0) return;
  const ended = uploads;
  uploads = [];
  for (const node of ended) disown(node);
};

/** Whether the user called this public function, not another one. */
export const isOutermost = (): boolean => depth === 1;

/** Called for every array of the host that is put on a device. */
export const noteUpload = (node: Node): void => {
  if (depth === 0) return;
  own(node);
  uploads.push(node);
};

/** Gives back what was put on a device for a call that failed. */
export function releaseUploads(): void {
  for (const { value } of uploads) if (value !== null && !value.released) value.release();
  uploads = [];
}

export const isForeign = (error: unknown): boolean => typeof error === "object" && error !== null && foreign.has(error);

function passOn(error: unknown): never {
  if (typeof error === "object" && error !== null) foreign.add(error);
  throw error;
}

/**
 * Runs a function of the user's from within a public one: what it calls is outermost again, and its errors are its own,
 * those of its promise too.
 */
export function asUser<T>(run: () => T): T {
  const before = [depth, uploads] as const;
  [depth, uploads] = [0, []];
  try {
    const result = run();
    return result instanceof Promise ? (result.catch(passOn) as T) : result;
  } catch (error) {
    return passOn(error);
  } finally {
    [depth, uploads] = before;
  }
}

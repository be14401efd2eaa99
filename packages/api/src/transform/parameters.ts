// The parameters that transformations share (JAX's, in its order) and what may be said of them.
import { IndexError } from "@weft/ir";
import type { Kind } from "../core/kinds.ts";
import { anything, axes, callback, flag, refused } from "../core/kinds.ts";
import type { TreeFunction } from "./leaves.ts";

/** The function that is transformed. */
export const FUN = callback<TreeFunction>()("fun");
/** Which arguments. */
export const ARGNUMS = axes("argnums", 0);
export const HAS_AUX = flag("hasAux", false);
export const ALLOW_INT = flag("allowInt", false);
export const HOLOMORPHIC = refused("holomorphic", false, "there are no complex numbers yet");
export const REDUCE_AXES = refused("reduceAxes", [] as const, "there are no named axes to reduce over yet");
/** Trees of axes: checked where they meet the function's arguments. */
export const axesOf: Kind<unknown> = anything(true);

/** Argument numbers as non-negative integers. Throws IndexError out of range. */
export function resolveArgnums(op: string, argnums: number | readonly number[], count: number): number[] {
  return (typeof argnums === "number" ? [argnums] : argnums).map((argnum) => {
    const at = argnum < 0 ? argnum + count : argnum;
    if (at < 0 || at >= count)
      throw new IndexError(
        `${op}: argnums ${argnum} is out of range for a call with ${count} argument${count === 1 ? "" : "s"}`,
      );
    return at;
  });
}

/** {@link resolveArgnums} of what is differentiated: each argument has one derivative. Throws IndexError for one named twice. */
export function derivativeArgnums(op: string, argnums: number | readonly number[], count: number): number[] {
  const at = resolveArgnums(op, argnums, count);
  const twice = at.find((place, i) => at.indexOf(place) !== i);
  if (twice !== undefined)
    throw new IndexError(
      `${op}: argnums [${(argnums as readonly number[]).join(", ")}] name argument ${twice} twice; name each once`,
    );
  return at;
}

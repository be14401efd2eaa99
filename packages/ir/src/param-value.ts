// What the run-time scalars of kernels are when a step runs: one meaning for every device. How a number is written into
// a device's memory is the device's business.
import type { ParamValue } from "./backend.ts";
import type { Lane } from "./kernel.ts";

/** A float as integers of the lane have it: cut towards zero, saturating, NaN becomes 0. Other lanes keep it. */
export function saturated(lane: Lane, x: number): number {
  if (lane !== "i32" && lane !== "u32") return x;
  if (Number.isNaN(x)) return 0;
  const [least, most] = lane === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return Math.min(Math.max(Math.trunc(x), least), most);
}

/**
 * The number of a run-time scalar of a lane.
 * @example paramValue("i32", { slot: 0, saturates: true }, [1e20]) // 2147483647
 */
export function paramValue(lane: Lane, value: ParamValue, slots: ArrayLike<number>): number {
  if (typeof value === "number") return value;
  const x = slots[value.slot];
  return value.saturates === true ? saturated(lane, x) : x;
}

// Scalar functions of kernels on JavaScript numbers, rounded to their lane: the meaning that code generators are
// held to. Transcendentals are the reference's, rounded once; integers wrap and are total (kernel.ts).
import type { Lane, ScalarFn } from "@weft/ir";
import { elementwiseRow, InternalError, roundHalf, threefry2x32 } from "@weft/ir";
import type { DType, ElementwisePrim, ParamsOf } from "@weft/ir";

/** A number brought into a lane. */
export function round(lane: Lane, x: number): number {
  switch (lane) {
    case "f32":
      return Math.fround(x);
    case "f64":
      return x;
    case "i32":
      return x | 0;
    case "u32":
      return x >>> 0;
    case "mask":
      return x !== 0 ? 1 : 0;
  }
}

const DTYPE = { mask: "bool", i32: "int32", u32: "uint32", f32: "float32", f64: "float64" } as const satisfies Record<
  Lane,
  DType
>;
const view = new DataView(new ArrayBuffer(8));

function convert(to: Lane, from: Lane, x: number): number {
  const whole = to === "i32" || to === "u32";
  if (!whole || (from !== "f32" && from !== "f64")) return round(to, x);
  if (Number.isNaN(x)) return 0;
  const [low, high] = to === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return round(to, Math.min(Math.max(Math.trunc(x), low), high));
}

function bitcast(to: Lane, from: Lane, x: number): number {
  if (from === "f32") view.setFloat32(0, x);
  else view.setUint32(0, x >>> 0);
  return to === "f32" ? view.getFloat32(0) : to === "i32" ? view.getInt32(0) : view.getUint32(0);
}

/** How each function is spelt as a primitive whose row says what it computes. */
const ROWS: { readonly [F in ScalarFn]?: readonly [prim: ElementwisePrim, params: object] } = {
  roundEven: ["round", { mode: "even" }],
  roundAway: ["round", { mode: "away" }],
  trunc: ["round", { mode: "zero" }],
  shiftRightArithmetic: ["shiftRight", { arithmetic: true }],
  shiftRightLogical: ["shiftRight", { arithmetic: false }],
};

/** Applies a function in `lane` to arguments of lane `from` (the lane of the last argument). */
export function apply(fn: ScalarFn, lane: Lane, from: Lane, args: readonly number[]): number {
  switch (fn) {
    case "convert":
      return convert(lane, from, args[0]);
    case "bitcast":
      return bitcast(lane, from, args[0]);
    case "roundHalf":
      return roundHalf(args[0]);
    case "select":
      return args[0] !== 0 ? args[1] : args[2];
    case "eq":
      return Number(args[0] === args[1]);
    case "ne":
      return Number(args[0] !== args[1]);
    case "lt":
      return Number(args[0] < args[1]);
    case "le":
      return Number(args[0] <= args[1]);
    case "gt":
      return Number(args[0] > args[1]);
    case "ge":
      return Number(args[0] >= args[1]);
    case "not":
      return from === "mask" ? 1 - args[0] : round(lane, ~args[0]);
    case "abs":
      return lane === "i32" ? Math.abs(args[0]) | 0 : Math.abs(args[0]);
    case "threefry2x32":
      throw new InternalError("threefry2x32 has two results");
    default: {
      const [prim, params] = ROWS[fn] ?? [fn as ElementwisePrim, {}];
      return round(lane, elementwiseRow(prim).reference(params as ParamsOf[typeof prim], DTYPE[from], ...args));
    }
  }
}

/** Both words of the block cipher. */
export const cipher = (args: readonly number[]): readonly number[] => {
  const words = threefry2x32(args[0], args[1], args[2], args[3]);
  return [words[0] >>> 0, words[1] >>> 0];
};

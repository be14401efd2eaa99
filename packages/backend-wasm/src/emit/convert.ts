// Conversions between lanes, and the moves between 32-bit masks and the 64-bit masks that f64 compares and selects use.
import type { Lane } from "@weft/ir";
import type { Emitter } from "./emitter.ts";
import { SIMD, V128 } from "./opcodes.ts";
import type { Scope, Value } from "./scope.ts";

/** The low words of four 64-bit lanes. */
const EVEN_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** Two vectors of 64-bit masks as one of 32-bit masks; their locals are given back. */
export function narrowMasks(scope: Scope, low: number, high: number): number {
  const { code } = scope;
  code.get(low);
  code.get(high);
  code.shuffle(EVEN_WORDS);
  scope.release(low);
  if (high !== low) scope.release(high);
  const local = scope.alloc(V128);
  code.set(local);
  return local;
}

/** One half of a 32-bit mask as a mask of 64-bit lanes, in a new local. */
export function widenMask(scope: Scope, mask: number, half: number): number {
  const { code } = scope;
  const local = scope.alloc(V128);
  code.get(mask);
  code.simd(half === 0 ? SIMD.i64x2ExtendLowI32x4S : SIMD.i64x2ExtendHighI32x4S);
  code.set(local);
  return local;
}

const NAME: Readonly<Record<Lane, string>> = { mask: "Mask", i32: "I32", u32: "U32", f32: "F32", f64: "F64" };

/** `value` of lane `from` in lane `to`; the two differ in bits. */
export function emitConvert(e: Emitter, scope: Scope, from: Lane, to: Lane, value: Value): Value {
  if (to === "f64") {
    return ["Low", "High"].map((half) => e.applyStencil(scope, e.stencil(`toF64${half}_${from}`), value));
  }
  if (from === "f64" && to === "mask") {
    const stencil = e.stencil("toMask_f64");
    return [narrowMasks(scope, e.applyStencil(scope, stencil, [value[0]]), e.applyStencil(scope, stencil, [value[1]]))];
  }
  return [e.applyStencil(scope, e.stencil(`to${NAME[to]}_${from}`), value)];
}

// One scalar function as a WGSL expression of its arguments, per lane; what is not one operator is a library helper.
import type { Lane, ScalarFn } from "@weft/ir";
import { DTypeError, InternalError } from "@weft/ir";
import type { HelperName } from "./library/index.ts";

/** Asks for a helper and gives its name. */
export type Use = (name: HelperName) => HelperName;

export const WGSL_TYPE = { mask: "bool", i32: "i32", u32: "u32", f32: "f32" } as const satisfies Partial<
  Record<Lane, string>
>;
export type GpuLane = keyof typeof WGSL_TYPE;

/** Throws DTypeError for float64, which WGSL does not have. */
export function gpuLane(lane: Lane): GpuLane {
  if (lane === "f64")
    throw new DTypeError(
      'webgpu: a kernel computes in float64, which GPUs do not have; convert with astype("float32"), or place it on wasm',
    );
  return lane;
}

const words = new DataView(new ArrayBuffer(4));

/** A literal. Infinities and NaN come from the uniform; what a decimal may lose is given by its bits. */
export function literal(lane: GpuLane, value: number): string {
  if (lane === "mask") return value !== 0 ? "true" : "false";
  if (lane === "i32") return `i32(${value | 0})`;
  if (lane === "u32") return `${value >>> 0}u`;
  const x = Math.fround(value);
  if (Number.isNaN(x)) return "P.nan";
  if (x === Infinity) return "P.inf";
  if (x === -Infinity) return "(-P.inf)";
  words.setFloat32(0, x);
  const bits = words.getUint32(0);
  // zeros too: compilers fold 0 · x and 0 / x to 0, whatever x is when the kernel runs; shifted, because opaque() of the
  // bare word would be 0 again
  if (bits === 0) return "bitcast<f32>(P.zero << 1u)";
  if (Math.abs(x) < 1.1754943508222875e-38) return `bitcast<f32>(0x${bits.toString(16)}u | P.zero)`;
  const text = String(x);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

type Arguments = readonly string[];
type Form = (use: Use, args: Arguments) => string;

const infix =
  (operator: string): Form =>
  (_use, [a, b]) =>
    `(${a} ${operator} ${b})`;
const call =
  (name: HelperName): Form =>
  (use, args) =>
    `${use(name)}(${args.join(", ")})`;
const builtin =
  (name: string): Form =>
  (_use, args) =>
    `${name}(${args.join(", ")})`;

/** Truth values: sums are "or", products "and", false < true. */
const MASK: Partial<Record<ScalarFn, Form>> = {
  neg: (_use, [a]) => a,
  abs: (_use, [a]) => a,
  sign: (_use, [a]) => a,
  not: (_use, [a]) => `(!${a})`,
  add: infix("|"),
  or: infix("|"),
  max: infix("|"),
  mul: infix("&"),
  and: infix("&"),
  min: infix("&"),
  sub: infix("!="),
  xor: infix("!="),
  eq: infix("=="),
  ne: infix("!="),
  lt: (_use, [a, b]) => `(!${a} & ${b})`,
  le: (_use, [a, b]) => `(!${a} | ${b})`,
  gt: (_use, [a, b]) => `(${a} & !${b})`,
  ge: (_use, [a, b]) => `(${a} | !${b})`,
};

const INTEGER: Partial<Record<ScalarFn, Form>> = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  max: builtin("max"),
  min: builtin("min"),
  and: infix("&"),
  or: infix("|"),
  xor: infix("^"),
  not: (_use, [a]) => `(~${a})`,
  eq: infix("=="),
  ne: infix("!="),
  lt: infix("<"),
  le: infix("<="),
  gt: infix(">"),
  ge: infix(">="),
};

const I32: Partial<Record<ScalarFn, Form>> = {
  ...INTEGER,
  neg: (_use, [a]) => `(i32(0) - ${a})`,
  abs: builtin("abs"),
  sign: builtin("sign"),
  div: call("div_i32"),
  rem: call("rem_i32"),
  shiftLeft: (use, [a, b]) => `bitcast<i32>(${use("shiftLeft_u32")}(bitcast<u32>(${a}), bitcast<u32>(${b})))`,
  shiftRightLogical: (use, [a, b]) =>
    `bitcast<i32>(${use("shiftRightLogical_u32")}(bitcast<u32>(${a}), bitcast<u32>(${b})))`,
  shiftRightArithmetic: (use, [a, b]) => `${use("shiftRightArithmetic_i32")}(${a}, bitcast<u32>(${b}))`,
};

const U32: Partial<Record<ScalarFn, Form>> = {
  ...INTEGER,
  neg: (_use, [a]) => `(0u - ${a})`,
  abs: (_use, [a]) => a,
  sign: (_use, [a]) => `min(${a}, 1u)`,
  div: call("div_u32"),
  rem: call("rem_u32"),
  shiftLeft: call("shiftLeft_u32"),
  shiftRightLogical: call("shiftRightLogical_u32"),
  shiftRightArithmetic: (use, [a, b]) => `bitcast<u32>(${use("shiftRightArithmetic_i32")}(bitcast<i32>(${a}), ${b}))`,
};

/** Written down in `applied`, whatever the lane. */
type AnyLane = "convert" | "bitcast" | "select" | "threefry2x32";
type IntegerOnly = "and" | "or" | "xor" | "not" | "shiftLeft" | "shiftRightLogical" | "shiftRightArithmetic";

/** Complete by its type: a new scalar function stands here, or among those that are integers' alone. */
const F32: Record<Exclude<ScalarFn, AnyLane | IntegerOnly>, Form> = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: (use, [a, b]) => `${use("div_f32")}(${a}, ${b})`,
  rem: call("rem_f32"),
  neg: call("neg_f32"),
  abs: call("magnitude_f32"),
  sign: call("sign_f32"),
  floor: call("floor_f32"),
  ceil: call("ceil_f32"),
  roundEven: call("roundEven_f32"),
  roundAway: call("roundAway_f32"),
  trunc: call("trunc_f32"),
  isFinite: call("isFinite_f32"),
  exp: call("exp_f32"),
  expm1: call("expm1_f32"),
  log: call("log_f32"),
  log1p: call("log1p_f32"),
  logistic: call("logistic_f32"),
  sqrt: call("sqrt_f32"),
  rsqrt: call("rsqrt_f32"),
  sin: call("sin_f32"),
  cos: call("cos_f32"),
  tanh: call("tanh_f32"),
  erf: call("erf_f32"),
  erfInv: call("erfInv_f32"),
  pow: call("pow_f32"),
  atan2: call("atan2_f32"),
  max: call("max_f32"),
  min: call("min_f32"),
  eq: call("eq_f32"),
  ne: call("ne_f32"),
  lt: call("lt_f32"),
  le: call("le_f32"),
  gt: call("gt_f32"),
  ge: call("ge_f32"),
  roundHalf: (use, [a]) => `${use("halfValue")}(${use("halfBits")}(${a}))`,
};

const FORMS: Record<GpuLane, Partial<Record<ScalarFn, Form>>> = { mask: MASK, i32: I32, u32: U32, f32: F32 };

function convert(use: Use, to: GpuLane, from: GpuLane, a: string): string {
  if (to === from) return a;
  if (to === "mask") return from === "f32" ? `((bitcast<u32>(${a}) & 0x7fffffffu) != 0u)` : `(${a} != ${from}(0))`;
  if (from === "mask") return `select(${to}(0), ${to}(1), ${a})`;
  if (from === "f32") return `${use(to === "i32" ? "i32_f32" : "u32_f32")}(${a})`;
  if (to === "f32") return `${use(from === "i32" ? "f32_i32" : "f32_u32")}(${a})`;
  return `bitcast<${to}>(${a})`;
}

/**
 * `fn` applied in `lane` to arguments whose last is of lane `from`.
 * Throws InternalError for a function that the lane does not have.
 */
export function applied(use: Use, fn: ScalarFn, lane: GpuLane, from: GpuLane, args: Arguments): string {
  switch (fn) {
    case "convert":
      return convert(use, lane, from, args[0]);
    case "bitcast":
      return `bitcast<${WGSL_TYPE[lane]}>(${args[0]})`;
    case "select":
      return `select(${args[2]}, ${args[1]}, ${args[0]})`;
    case "threefry2x32":
      return `${use("threefry")}(${args.join(", ")})`;
    default: {
      const form = FORMS[from][fn];
      if (form === undefined) throw new InternalError(`webgpu: no ${fn} of ${from} in kernels`);
      return form(use, args);
    }
  }
}

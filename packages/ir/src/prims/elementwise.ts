// Elementwise primitives: operands of equal shape or rank 0 and of one dtype (SEMANTICS 2.1). One row each.
import type { Aval } from "../aval.ts";
import { aval, sameShape } from "../aval.ts";
import type { DType } from "../dtype.ts";
import { isFloat } from "../dtype.ts";
import type { Lane, ScalarFn } from "../kernel.ts";
import type { CompareOp, ElementwisePrim, ElementwiseParams, ParamsOf } from "../params.ts";
import { decomposeAcosh, decomposeAtanh, decomposeCosh, decomposeIntegerPow, decomposeSinh } from "./decompositions.ts";
import * as scalar from "./scalar-reference.ts";
import type { ElementwiseRow, Linear } from "./row.ts";
import { dtypeError, expectArity, shapeError } from "./row.ts";

const FLOAT = ["float32", "float64", "float16", "bfloat16"] as const satisfies readonly DType[];
const INTEGER = ["int32", "uint32", "int8", "uint8", "int16", "uint16"] as const satisfies readonly DType[];
const NUMBER: readonly DType[] = [...FLOAT, ...INTEGER];
const BITS: readonly DType[] = ["bool", ...INTEGER];
const ANY: readonly DType[] = ["bool", ...NUMBER];

/** The operand that gives the result its shape. Throws where two shapes are neither equal nor rank 0. */
function shapeOf(op: string, operands: readonly Aval[]): readonly number[] {
  let shape = operands[0].shape;
  for (let i = 1; i < operands.length; i++) {
    const other = operands[i].shape;
    if (shape.length === 0) shape = other;
    else if (other.length > 0 && !sameShape(shape, other))
      throw shapeError(op, operands, "expected equal shapes (or rank 0); broadcast first");
  }
  return shape;
}

const allWeak = (operands: readonly Aval[]): boolean => operands.every(({ weakness }) => weakness === "weak");

function sameDType(op: string, operands: readonly Aval[], dtypes: readonly DType[]): void {
  const { dtype } = operands[0];
  for (const operand of operands)
    if (operand.dtype !== dtype) throw dtypeError(op, operands, "expected one dtype; convert with astype first");
  if (!dtypes.includes(dtype))
    throw dtypeError(
      op,
      operands,
      `expected ${dtypes.includes("bool") ? "bool or integers" : dtypes === NUMBER ? "numbers" : isFloat(dtypes[0]) ? "floats" : dtypes.join(" or ")}; convert with astype first`,
    );
}

/** Result of the operands' own dtype. */
function inferSame(op: string, arity: number, dtypes: readonly DType[]) {
  // the operands that were accepted last, and their result: programs repeat themselves
  let lhs: Aval | null = null;
  let rhs: Aval | null = null;
  let result: Aval | null = null;
  const infer = (operands: readonly Aval[]): Aval => {
    sameDType(op, operands, dtypes);
    const first = operands[0];
    if (arity === 1) return first;
    const shape = shapeOf(op, operands);
    // the common case hands an operand's own aval on: no interning, equality by ===
    for (const operand of operands) if (operand.weakness === "strong" && operand.shape === shape) return operand;
    return aval(first.dtype, shape, allWeak(operands) ? "weak" : "strong");
  };
  return (_params: unknown, operands: readonly Aval[]): Aval => {
    expectArity(op, operands, arity);
    const [first] = operands;
    const last = operands[arity - 1];
    if (arity > 2) return infer(operands);
    if (result !== null && first === lhs && last === rhs) return result;
    const found = infer(operands);
    lhs = first;
    rhs = last;
    result = found;
    return found;
  };
}

/** Strong truth values by the shapes of avals, which are one object each. */
const bools = new WeakMap<readonly number[], Aval>();

const inferBool =
  (op: string, arity: number, dtypes: readonly DType[]) =>
  (_params: unknown, operands: readonly Aval[]): Aval => {
    expectArity(op, operands, arity);
    sameDType(op, operands, dtypes);
    const shape = shapeOf(op, operands);
    if (operands[0].weakness === "weak" && allWeak(operands)) return aval("bool", shape, "weak");
    let found = bools.get(shape);
    if (found === undefined) bools.set(shape, (found = aval("bool", shape)));
    return found;
  };

type Decompose<P extends ElementwisePrim> = Extract<ElementwiseRow<P>["lower"], { decompose: unknown }>["decompose"];
/** A scalar function, or how it is written with other primitives; neither where a scalar function has its name. */
type Lowering<P extends ElementwisePrim> =
  | { readonly fn: ScalarFn | ((params: ParamsOf[P], lane: Lane) => ScalarFn); readonly decompose?: never }
  | { readonly fn?: never; readonly decompose: Decompose<P> }
  | (P extends ScalarFn ? { readonly fn?: never; readonly decompose?: never } : never);

type Spec<P extends ElementwisePrim> = Lowering<P> & {
  readonly dtypes?: readonly DType[];
  readonly linear?: Linear;
  readonly zero?: boolean;
  readonly reference: ElementwiseRow<P>["reference"];
  readonly ulp?: number | readonly [float32: number, float64: number];
  readonly infer?: ElementwiseRow<P>["infer"];
};

function row<P extends ElementwisePrim>(
  prim: P,
  arity: number,
  fallback: readonly DType[],
  spec: Spec<P>,
): ElementwiseRow<P> {
  const dtypes = spec.dtypes ?? fallback;
  // by its type, or it is not used
  const fn = spec.fn ?? (prim as ScalarFn);
  const ulp = spec.ulp ?? 0.5;
  const [float32, float64] = typeof ulp === "number" ? [ulp, ulp] : ulp;
  return {
    family: "elementwise",
    arity,
    dtypes,
    linear: spec.linear ?? [],
    derivative: spec.zero === true ? "zero" : "rule",
    infer: spec.infer ?? inferSame(prim, arity, dtypes),
    lower: spec.decompose === undefined ? (typeof fn === "string" ? () => fn : fn) : { decompose: spec.decompose },
    reference: spec.reference,
    ulp: { float32, float64 },
  };
}
const unary = <P extends ElementwisePrim>(prim: P, spec: Spec<P>): ElementwiseRow<P> => row(prim, 1, FLOAT, spec);
const binary = <P extends ElementwisePrim>(prim: P, spec: Spec<P>): ElementwiseRow<P> => row(prim, 2, NUMBER, spec);

const float =
  (f: (...args: number[]) => number) =>
  (_params: unknown, _dtype: DType, ...args: number[]): number =>
    f(...args);
const byKind =
  (onFloat: (a: number, b: number) => number, onInteger: (dtype: DType, a: number, b: number) => number) =>
  (_params: unknown, dtype: DType, a: number, b: number): number =>
    isFloat(dtype) ? onFloat(a, b) : onInteger(dtype, a, b);

const COMPARE = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
} as const satisfies Record<CompareOp, (a: number, b: number) => boolean>;

/** The elementwise rows. `ulp` is the bound the conformance matrix holds both dtypes to. */
export const ELEMENTWISE = {
  neg: unary("neg", { dtypes: NUMBER, linear: [0], reference: float((x) => -x), ulp: 0 }),
  abs: unary("abs", { dtypes: NUMBER, reference: float(Math.abs), ulp: 0 }),
  sign: unary("sign", { dtypes: NUMBER, zero: true, reference: float(Math.sign), ulp: 0 }),
  floor: unary("floor", { zero: true, reference: float(Math.floor), ulp: 0 }),
  ceil: unary("ceil", { zero: true, reference: float(Math.ceil), ulp: 0 }),
  round: unary("round", {
    zero: true,
    fn: ({ mode }) => (mode === "away" ? "roundAway" : mode === "even" ? "roundEven" : "trunc"),
    reference: ({ mode }, _dtype, x) =>
      mode === "away" ? scalar.roundAway(x) : mode === "even" ? scalar.roundEven(x) : Math.trunc(x),
    ulp: 0,
  }),
  isFinite: unary("isFinite", {
    zero: true,
    infer: inferBool("isFinite", 1, FLOAT),
    reference: float((x) => Number(Number.isFinite(x))),
    ulp: 0,
  }),
  not: unary("not", {
    dtypes: BITS,
    zero: true,
    reference: (_params, dtype, x) => (dtype === "bool" ? 1 - x : ~x),
    ulp: 0,
  }),
  exp: unary("exp", { reference: float(Math.exp), ulp: 2 }),
  expm1: unary("expm1", { reference: float(Math.expm1), ulp: 2 }),
  log: unary("log", { reference: float(Math.log), ulp: 2 }),
  log1p: unary("log1p", { reference: float(Math.log1p), ulp: 2 }),
  logistic: unary("logistic", { reference: float(scalar.logistic), ulp: [3, 3] }),
  sqrt: unary("sqrt", { reference: float(Math.sqrt), ulp: 0.5 }),
  rsqrt: unary("rsqrt", { reference: float((x) => 1 / Math.sqrt(x)), ulp: 1.5 }),
  sin: unary("sin", { reference: float(Math.sin), ulp: 2 }),
  cos: unary("cos", { reference: float(Math.cos), ulp: 2 }),
  sinh: unary("sinh", { decompose: decomposeSinh, reference: float(Math.sinh), ulp: 4 }),
  cosh: unary("cosh", { decompose: decomposeCosh, reference: float(Math.cosh), ulp: 4 }),
  tanh: unary("tanh", { reference: float(Math.tanh), ulp: 2 }),
  acosh: unary("acosh", { decompose: decomposeAcosh, reference: float(Math.acosh), ulp: 4 }),
  atanh: unary("atanh", { decompose: decomposeAtanh, reference: float(Math.atanh), ulp: 4 }),
  erf: unary("erf", { reference: float(scalar.erf), ulp: [3, 4] }),
  erfInv: unary("erfInv", {
    reference: (_params, dtype, x) => (dtype === "float64" ? scalar.erfInv(x) : scalar.erfInvOfFloats(x)),
    ulp: [4, 8],
  }),
  integerPow: unary("integerPow", {
    dtypes: NUMBER,
    decompose: decomposeIntegerPow,
    reference: ({ n }, dtype, x) => (isFloat(dtype) ? x ** n : scalar.integerPower(dtype, x, n)),
    ulp: 4,
  }),
  add: binary("add", { linear: "all", reference: float((a, b) => a + b) }),
  sub: binary("sub", { linear: "all", reference: float((a, b) => a - b) }),
  mul: binary("mul", {
    linear: "bilinear",
    reference: byKind(
      (a, b) => a * b,
      (_dtype, a, b) => Math.imul(a, b),
    ),
  }),
  div: binary("div", { linear: [0], reference: byKind((a, b) => a / b, scalar.integerDivide) }),
  rem: binary("rem", { reference: byKind((a, b) => a % b, scalar.integerRemainder), ulp: 0 }),
  max: binary("max", { reference: float(Math.max), ulp: 0 }),
  min: binary("min", { reference: float(Math.min), ulp: 0 }),
  pow: binary("pow", { dtypes: FLOAT, reference: float(scalar.power), ulp: [2, 4] }),
  atan2: binary("atan2", { dtypes: FLOAT, reference: float(Math.atan2), ulp: [3, 4] }),
  and: binary("and", { dtypes: BITS, zero: true, reference: float((a, b) => a & b), ulp: 0 }),
  or: binary("or", { dtypes: BITS, zero: true, reference: float((a, b) => a | b), ulp: 0 }),
  xor: binary("xor", { dtypes: BITS, zero: true, reference: float((a, b) => a ^ b), ulp: 0 }),
  shiftLeft: binary("shiftLeft", {
    dtypes: INTEGER,
    zero: true,
    reference: float((a, b) => (b >>> 0 >= 32 ? 0 : a << b)),
    ulp: 0,
  }),
  shiftRight: binary("shiftRight", {
    dtypes: INTEGER,
    zero: true,
    fn: ({ arithmetic }) => (arithmetic ? "shiftRightArithmetic" : "shiftRightLogical"),
    reference: ({ arithmetic }, _dtype, a, b) =>
      arithmetic ? a >> (b >>> 0 >= 32 ? 31 : b) : b >>> 0 >= 32 ? 0 : a >>> b,
    ulp: 0,
  }),
  compare: binary("compare", {
    dtypes: ANY,
    zero: true,
    infer: inferBool("compare", 2, ANY),
    fn: ({ op }) => op,
    reference: ({ op }, _dtype, a, b) => Number(COMPARE[op](a, b)),
    ulp: 0,
  }),
  select: row("select", 3, ANY, {
    linear: [1, 2],
    infer: (_params, operands) => {
      expectArity("select", operands, 3);
      const [pred, a, b] = operands;
      if (pred.dtype !== "bool") throw dtypeError("select", operands, "expected a bool predicate; compare first");
      if (a.dtype !== b.dtype)
        throw dtypeError("select", operands, "expected branches of one dtype; convert with astype first");
      const shape = shapeOf("select", operands);
      for (const branch of [a, b]) if (branch.weakness === "strong" && branch.shape === shape) return branch;
      return aval(a.dtype, shape, a.weakness === "weak" && b.weakness === "weak" ? "weak" : "strong");
    },
    reference: (_params, _dtype, pred, a, b) => (pred !== 0 ? a : b),
    ulp: 0,
  }),
  convert: row("convert", 1, ANY, {
    linear: [0],
    infer: ({ dtype, weakness }, operands) => {
      expectArity("convert", operands, 1);
      if (operands[0].dtype === "key" || dtype === "key")
        throw dtypeError("astype", operands, "random keys do not convert; use random.keyData");
      return aval(dtype, operands[0].shape, weakness);
    },
    // Lane pairs of integers keep their 32 bits
    reference: ({ dtype: to }, from, x) => scalar.convert(to, x, from),
    ulp: 0.5,
  }),
} satisfies { readonly [P in keyof ElementwiseParams]: ElementwiseRow<P> };

/** Names the operand shapes of an elementwise result: rank 0 or `shape`. */
export const elementwiseShape = shapeOf;

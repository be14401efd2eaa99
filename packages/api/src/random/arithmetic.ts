// Arithmetic of draws in the dtype that was asked for. Halves are float32 numbers with the digits of float16 while they
// are computed: JAX rounds after every operation and kernels after none, so each one is rounded by itself here.
import type { DType, Node } from "@weft/ir";
import { DTypeError, roundHalf } from "@weft/ir";
import * as n from "../lax/nodes.ts";

export type FloatName = "float16" | "float32" | "float64";
type Operand = Node | number;
type Unary = (x: Node) => Node;
type Binary = (x: Operand, y: Operand) => Node;

/** The dtype of a float draw. Throws DTypeError for others. */
export function floatName(op: string, dtype: DType | null): FloatName {
  if (dtype === null) return "float32";
  if (dtype === "float16" || dtype === "float32" || dtype === "float64") return dtype;
  throw new DTypeError(`${op}: dtype ${dtype}: expected float16, float32 or float64`);
}

/** Operations that round to the dtype, on nodes that hold its numbers. */
export interface Arithmetic {
  readonly dtype: FloatName;
  /** The spacing at 1, the one below it, and the smallest normal number. */
  readonly epsilon: number;
  readonly below: number;
  readonly tiny: number;
  /** A constant, rounded. */
  number(value: number): Node;
  /** A value of the dtype as operations take it, and back. */
  enter(x: Node): Node;
  leave(x: Node): Node;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  /** x / y of a parameter y: one of rank 0 is inverted first, as XLA does. */
  ratio(x: Node, y: Node): Node;
  readonly pow: Binary;
  readonly neg: Unary;
  readonly abs: Unary;
  readonly sign: Unary;
  readonly exp: Unary;
  readonly log: Unary;
  readonly log1p: Unary;
  readonly sqrt: Unary;
  readonly tan: Unary;
  readonly erf: Unary;
  readonly erfInv: Unary;
  /** The sum over the last axis, rounded once. */
  readonly sumLast: Unary;
}

function arithmetic(dtype: FloatName, epsilon: number, tiny: number): Arithmetic {
  const half = dtype === "float16";
  const held = half ? "float32" : dtype;
  const round = half ? (x: Node): Node => n.convert(n.convert(x, "float16"), "float32") : (x: Node): Node => x;
  const number = (value: number): Node => n.lit(held, half ? roundHalf(value) : value);
  const node = (x: Operand): Node => (typeof x === "number" ? number(x) : x);
  const one = (f: Unary): Unary => (half ? (x) => round(f(x)) : f);
  const two =
    (f: (x: Node, y: Node) => Node): Binary =>
    (x, y) =>
      round(f(node(x), node(y)));
  return {
    dtype,
    epsilon,
    below: epsilon / 2,
    tiny,
    number,
    enter: (x) => n.convert(x, held),
    leave: (x) => n.convert(x, dtype),
    add: two(n.add),
    sub: two(n.sub),
    mul: two(n.mul),
    div: two(n.div),
    ratio: (x, y) => round(y.aval.shape.length > 0 ? n.div(x, y) : n.mul(x, round(n.div(number(1), y)))),
    pow: two(n.pow),
    neg: n.neg,
    abs: n.abs,
    sign: n.sign,
    exp: one(n.exp),
    log: one(n.log),
    log1p: one(n.log1p),
    sqrt: one(n.sqrt),
    tan: one((x) => n.div(n.sin(x), n.cos(x))),
    erf: one(n.erf),
    erfInv: one(n.erfInv),
    sumLast: one((x) => n.reduce("reduceSum", x, [x.aval.shape.length - 1])),
  };
}

const ARITHMETIC = {
  float16: arithmetic("float16", 2 ** -10, 2 ** -14),
  float32: arithmetic("float32", 2 ** -23, 2 ** -126),
  float64: arithmetic("float64", 2 ** -52, 2 ** -1022),
} as const;

/** The arithmetic of a dtype. */
export const arithmeticOf = (dtype: FloatName): Arithmetic => ARITHMETIC[dtype];

// Elementwise primitives written with other ones: what no backend needs to know. They hold over the whole range of the
// dtype; derivatives are not taken through them (autodiff has those), so branches that are not taken may be anything.
import { aval } from "../aval.ts";
import type { DType } from "../dtype.ts";
import type { Node } from "../node.ts";
import { literal, record } from "../node.ts";
import type { ElementwisePrim } from "../params.ts";
import { NO_PARAMS } from "../params.ts";

type Plain = Exclude<ElementwisePrim, "round" | "integerPow" | "shiftRight" | "compare" | "convert">;
const convert = (x: Node, dtype: DType): Node => record("convert", { dtype, weakness: x.aval.weakness }, [x]);
const number = (like: Node, value: number): Node => literal(aval(like.aval.dtype, [], like.aval.weakness), value);
const apply = (prim: Plain, x: Node, ...more: readonly (Node | number)[]): Node =>
  record(prim, NO_PARAMS, [x, ...more.map((y) => (typeof y === "number" ? number(x, y) : y))]);
const greater = (x: Node, y: number): Node => record("compare", { op: "gt" }, [x, number(x, y)]);

/** The same in float32 where x is float16: steps would lose digits, and squares overflow. */
const widened =
  (f: (x: Node) => Node) =>
  (_params: unknown, [x]: readonly Node[]): Node =>
    x.aval.dtype === "float16" ? convert(f(convert(x, "float32")), "float16") : f(x);
const isDouble = (x: Node): boolean => x.aval.dtype === "float64";
/** e^(|x| / 2) − 1, kept where it is finite: cosh and sinh are infinite from there on. */
const halfway = (x: Node): Node =>
  apply("expm1", apply("min", apply("mul", apply("abs", x), 0.5), isDouble(x) ? 709 : 88));

/** sinh a = 2 sinh(a / 2) cosh(a / 2) of a = |x|, by e = e^(a / 2) − 1 and its neighbour u = e + 1: exact near 0. */
export const decomposeSinh = widened((x) => {
  const e = halfway(x);
  const u = apply("add", e, 1);
  const sinh = apply("mul", apply("add", e, apply("div", e, u)), 0.5);
  return apply("mul", apply("mul", sinh, apply("add", u, apply("div", number(u, 1), u))), apply("sign", x));
});
/** cosh x = 1 + 2 sinh²(x / 2) */
export const decomposeCosh = widened((x) => {
  const e = halfway(x);
  const w = apply("add", e, apply("div", e, apply("add", e, 1)));
  return apply("add", apply("mul", apply("mul", w, 0.5), w), 1);
});
/** arcosh x = log1p(t + √t √(t + 2)) with t = x − 1; log 2x where x² would overflow. */
export const decomposeAcosh = widened((x) => {
  const t = apply("sub", x, 1);
  const root = apply("mul", apply("sqrt", t), apply("sqrt", apply("add", t, 2)));
  const large = greater(x, isDouble(x) ? 1e150 : 1e18);
  const beyond = apply("add", apply("log", x), Math.LN2);
  return record("select", NO_PARAMS, [large, beyond, apply("log1p", apply("add", t, root))]);
});
/** ½ (log(1 + x) − log(1 − x)) */
export const decomposeAtanh = widened((x) =>
  apply("mul", apply("sub", apply("log1p", x), apply("log1p", apply("neg", x))), 0.5),
);

/** xⁿ by repeated squaring; a negative n is the reciprocal of the positive power, as lax.integer_pow has it. */
export function decomposeIntegerPow({ n }: { readonly n: number }, [x]: readonly Node[]): Node {
  const one = literal(aval(x.aval.dtype, [], x.aval.weakness), 1);
  // a select keeps the operand's shape where the power is a constant
  if (n === 0) return record("select", NO_PARAMS, [record("compare", { op: "eq" }, [x, x]), one, one]);
  let result: Node | null = null;
  let square = x;
  for (let bits = Math.abs(n); ;) {
    if (bits % 2 === 1) result = result === null ? square : record("mul", NO_PARAMS, [result, square]);
    bits = Math.floor(bits / 2);
    if (bits === 0) break;
    square = record("mul", NO_PARAMS, [square, square]);
  }
  const power = result ?? x;
  return n < 0 ? record("div", NO_PARAMS, [one, power]) : power;
}

// Elementwise primitives written with other ones: what no backend needs to know.
import { aval } from "../aval.ts";
import type { Node } from "../node.ts";
import { literal, record } from "../node.ts";
import { NO_PARAMS } from "../params.ts";

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

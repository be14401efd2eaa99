// Small expressions of float32 arithmetic for a search of what shader compilers make of them: how they are written
// down, what they are worth by IEEE's rules, and which numbers are allowed for them.
import type { ScalarFn } from "@weft/ir";

/** A leaf, or a function of one or two expressions. */
export type Expression = string | { readonly fn: Fn; readonly args: readonly Expression[] };
export type Fn = Extract<
  ScalarFn,
  "add" | "sub" | "mul" | "div" | "neg" | "abs" | "sqrt" | "max" | "min" | "lt" | "eq" | "select"
>;
/** The values of leaves. */
export type Values = Readonly<Record<string, number>>;

const SIGN: Partial<Record<Fn, string>> = { add: "+", sub: "-", mul: "*", div: "/", lt: "<", eq: "==" };
const SMALLEST_NORMAL = 2 ** -126;

export const of = (fn: Fn, ...args: Expression[]): Expression => ({ fn, args });

export function printed(it: Expression): string {
  if (typeof it === "string") return it;
  const args = it.args.map(printed);
  const sign = SIGN[it.fn];
  return sign === undefined ? `${it.fn}(${args.join(", ")})` : `(${args.join(` ${sign} `)})`;
}

/** What WGSL leaves open: subnormal numbers as zero, and a product fused into a sum. */
interface Liberty {
  readonly flushes: boolean;
  readonly fuses: boolean;
}
const LIBERTIES: readonly Liberty[] = [false, true].flatMap((flushes) =>
  [false, true].map((fuses) => ({ flushes, fuses })),
);

function valueOf(it: Expression, values: Values, liberty: Liberty): number {
  const flushed = (x: number): number => (liberty.flushes && Math.abs(x) < SMALLEST_NORMAL ? 0 : x);
  if (typeof it === "string") return flushed(values[it]);
  const { fn, args } = it;
  const [a, b, c] = args.map((argument) => valueOf(argument, values, liberty));
  const round = (x: number): number => flushed(Math.fround(x));
  switch (fn) {
    case "add":
    case "sub": {
      const exact = args.map((argument, i) => {
        if (!liberty.fuses || typeof argument === "string" || argument.fn !== "mul") return [a, b][i];
        const [p, q] = argument.args.map((factor) => valueOf(factor, values, liberty));
        return p * q;
      });
      return round(fn === "add" ? exact[0] + exact[1] : exact[0] - exact[1]);
    }
    case "mul":
      return round(a * b);
    case "div":
      return round(a / b);
    case "sqrt":
      return round(Math.sqrt(a));
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    case "lt":
      return Number(a < b);
    case "eq":
      return Number(a === b);
    case "select":
      return a !== 0 ? b : c;
  }
}

const near = (x: number, y: number): boolean =>
  Object.is(x, y) || x === y || Math.abs(x - y) <= 5e-7 * Math.abs(y) || Math.max(Math.abs(x), Math.abs(y)) < 1.2e-38;

/** The value by IEEE's rules, in float32. */
export const exactly = (it: Expression, values: Values): number =>
  valueOf(it, values, { flushes: false, fuses: false });

/** Whether a device may give `actual`. Either sign of zero is allowed, and quotients a few units in the last place. */
export const allowed = (it: Expression, values: Values, actual: number): boolean =>
  LIBERTIES.some((liberty) => near(actual, valueOf(it, values, liberty)));

/** All ways to choose `count` leaves from `x`, `y`, `z` and constants, up to the names of the letters; one letter at least. */
export function choices(count: number, constants: readonly string[]): string[][] {
  const found: string[][] = [];
  const letters = ["x", "y", "z"];
  const extend = (chosen: readonly string[], used: number): void => {
    if (chosen.length === count) {
      if (used > 0) found.push([...chosen]);
      return;
    }
    letters.slice(0, used + 1).forEach((letter, i) => extend([...chosen, letter], Math.max(used, i + 1)));
    for (const constant of constants) extend([...chosen, constant], used);
  };
  extend([], 0);
  return found;
}

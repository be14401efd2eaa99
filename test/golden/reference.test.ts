// ir's float64 reference, which every backend is held to, held itself to JAX: each elementwise row that a public
// function names one to one, on the golden edges, rounded to the dtype of the result.
import type { DType, ElementwisePrim, ParamsOf } from "@weft/ir";
import { elementwiseRow } from "@weft/ir";
import { expect, it } from "vitest";
import { NOT_YET_DTYPES } from "./due.ts";
import type { GoldenCase, GoldenData } from "./load.ts";
import { expectWithinUlp, loadGolden } from "./load.ts";

type Row = { readonly [P in ElementwisePrim]: readonly [prim: P, params: ParamsOf[P]] }[ElementwisePrim];

const NONE = {};
const ROWS: { readonly [fn: string]: Row } = {
  "np.negative": ["neg", NONE],
  "np.abs": ["abs", NONE],
  "np.sign": ["sign", NONE],
  "np.floor": ["floor", NONE],
  "np.ceil": ["ceil", NONE],
  "np.round": ["round", { mode: "even" }],
  "np.trunc": ["round", { mode: "zero" }],
  "np.isfinite": ["isFinite", NONE],
  "np.bitwiseNot": ["not", NONE],
  "np.exp": ["exp", NONE],
  "np.expm1": ["expm1", NONE],
  "np.log": ["log", NONE],
  "np.log1p": ["log1p", NONE],
  "lax.logistic": ["logistic", NONE],
  "np.sqrt": ["sqrt", NONE],
  "lax.rsqrt": ["rsqrt", NONE],
  "np.sin": ["sin", NONE],
  "np.cos": ["cos", NONE],
  "np.tanh": ["tanh", NONE],
  "lax.erf": ["erf", NONE],
  "lax.erfInv": ["erfInv", NONE],
  "np.add": ["add", NONE],
  "np.subtract": ["sub", NONE],
  "np.multiply": ["mul", NONE],
  "lax.div": ["div", NONE],
  "np.divide": ["div", NONE],
  "lax.rem": ["rem", NONE],
  "np.maximum": ["max", NONE],
  "np.minimum": ["min", NONE],
  "np.power": ["pow", NONE],
  "np.arctan2": ["atan2", NONE],
  "np.bitwiseAnd": ["and", NONE],
  "np.bitwiseOr": ["or", NONE],
  "np.bitwiseXor": ["xor", NONE],
  "lax.shiftLeft": ["shiftLeft", NONE],
  "lax.shiftRightLogical": ["shiftRight", { arithmetic: false }],
  "lax.shiftRightArithmetic": ["shiftRight", { arithmetic: true }],
  "np.equal": ["compare", { op: "eq" }],
  "np.notEqual": ["compare", { op: "ne" }],
  "np.less": ["compare", { op: "lt" }],
  "np.lessEqual": ["compare", { op: "le" }],
  "np.greater": ["compare", { op: "gt" }],
  "np.greaterEqual": ["compare", { op: "ge" }],
};

/** The row of a case, or undefined where the public function is more than the row. */
function rowFor({ fn, args, inputs }: GoldenCase): Row | undefined {
  const [target, argument] = args;
  if (fn === "lax.convertElementType" && typeof argument === "string")
    return ["convert", { dtype: argument as DType, weakness: "strong" }];
  if (fn === "lax.integerPow" && typeof argument === "number") return ["integerPow", { n: argument }];
  const row = ROWS[fn];
  const plain =
    [target, argument].every((value) => value === undefined || (typeof value === "object" && value !== null)) &&
    args.length === inputs.length;
  if (!row || !plain) return undefined;
  return elementwiseRow(row[0]).dtypes.includes(inputs[0].dtype as DType) ? row : undefined;
}

/** Typed arrays round and wrap on storing, as the dtype does. */
function evaluate([prim, params]: Row, { inputs, outputs: [expected] }: GoldenCase): GoldenData {
  const out = expected.data.slice();
  const apply = elementwiseRow(prim).reference as (
    params: unknown,
    dtype: DType,
    ...operands: readonly number[]
  ) => number;
  const dtype = inputs[0].dtype as DType;
  for (let i = 0; i < out.length; i++) out[i] = apply(params, dtype, ...inputs.map((input) => input.data[i]));
  return out;
}

const cases = loadGolden("elementwise").flatMap((golden) => {
  const row = rowFor(golden);
  const served = [...golden.inputs, ...golden.outputs].every(({ dtype }) => !NOT_YET_DTYPES.has(dtype));
  // true / 2 of integers is a conversion and a division, not the row alone
  const sameKind = row?.[0] !== "div" || golden.inputs[0].dtype === golden.outputs[0].dtype;
  return row && served && sameKind ? [{ name: golden.name, golden, row }] : [];
});

it("covers the rows", () => {
  expect(new Set(cases.map(({ row }) => row[0])).size).toBeGreaterThan(35);
});

it.each(cases)("$name", ({ golden, row }) => {
  expectWithinUlp(evaluate(row, golden), golden.outputs[0].data, golden.ulp);
});

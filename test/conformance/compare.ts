// How results are held against the float64 reference: within the row's bound in units in the last place. Kernels compute
// float16 in float32 and round where it is stored, so its bound is half a unit of float16 and the row's float32 bound in
// such units; only arrays are rounded, in the reference as on devices, and explicit conversions. Throws plain errors and
// needs no test runner.
import type { Aval, Backend, Node, RefArray, ServedDType } from "@weft/ir";
import {
  aval,
  elementwiseRow,
  evaluateGraph,
  halfBits,
  isElementwise,
  isFloat,
  leaf,
  makeGraph,
  peekId,
  placeholder,
  roundHalf,
} from "@weft/ir";
import { uploadValue } from "@weft/scheduler";
import type { Case } from "./cases.ts";
import { CASES, draw, generator } from "./cases.ts";

export const ARRAYS = {
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const satisfies Record<ServedDType, unknown>;

/** The value as its dtype holds it. */
const rounded = (dtype: string, x: number): number =>
  dtype === "float32" ? Math.fround(x) : dtype === "float16" ? roundHalf(x) : x;

const view = new DataView(new ArrayBuffer(8));
/** Floats as integers in their order, so that neighbours differ by 1. */
function ordinal(dtype: string, x: number): bigint {
  if (dtype === "float16") {
    const bits = BigInt(halfBits(x));
    return bits < 0x8000n ? bits : -(bits & 0x7fffn);
  }
  if (dtype === "float32") {
    view.setFloat32(0, x);
    const bits = BigInt(view.getInt32(0));
    return bits < 0n ? -(bits & 0x7fffffffn) : bits;
  }
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

/** Below it devices may take a number for zero; no device flushes halves, but results pass through float32. */
const SMALLEST_NORMAL = 2 ** -126;

/** The error allowed for one element of a case, in ULP of its dtype. */
function bound(c: Case, out: Aval): number {
  if (!isFloat(out.dtype)) return 0;
  if (isElementwise(c.prim)) {
    const { ulp } = elementwiseRow(c.prim);
    // float64 is rounded twice on its way
    if (out.dtype === "float16" && c.prim === "convert") return c.operands[0].dtype === "float64" ? 1 : 0;
    if (out.dtype === "float16") return ulp.float32 === 0 ? 0 : 0.5 + ulp.float32 * 2 ** -13;
    return out.dtype === "float64" ? ulp.float64 : ulp.float32;
  }
  return c.prim === "dotGeneral" || c.prim === "reduceSum" || c.prim === "reduceProd" ? Infinity : 0;
}

/** Sums and products of a few terms: their error is bounded by the terms' size, not by the result's. */
const ACCUMULATING = new Set(["dotGeneral", "reduceSum", "reduceProd"]);

/**
 * Compares one result. `flushed`: the device may take subnormal numbers for zero, in and out, and drop the sign of
 * zero (WGSL allows both).
 */
export function compare(
  c: Case,
  actual: ArrayLike<number>,
  expected: RefArray,
  operands: readonly RefArray[],
  flushed = false,
): void {
  const out = aval(expected.dtype, expected.shape);
  const ulp = bound(c, out);
  const epsilon = out.dtype === "float64" ? 2 ** -53 : out.dtype === "float16" ? 2 ** -11 : 2 ** -24;
  const size = Math.max(1, ...operands.map((o) => o.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0)));
  const slack = c.prim === "reduceProd" ? 16 * epsilon : 64 * epsilon * size ** 2;
  for (let i = 0; i < expected.data.length; i++) {
    const want = rounded(out.dtype, expected.data[i]);
    const got = actual[i];
    const hold = (holds: boolean, bound: string): void => {
      if (!holds) throw new Error(`element ${i}: got ${got}, expected ${want} ${bound}`);
    };
    if (flushed && isFloat(out.dtype) && Math.abs(want) < SMALLEST_NORMAL && Math.abs(got) < SMALLEST_NORMAL) continue;
    if (Number.isNaN(want) || !isFloat(out.dtype)) hold(Object.is(got, want) || got === want, "exactly");
    else if (ACCUMULATING.has(c.prim)) {
      const most = slack * (c.prim === "reduceProd" ? Math.abs(want) : 1);
      hold(Math.abs(got - want) <= most, `± ${most}`);
    } else if (!Number.isFinite(want) && !Number.isFinite(got)) hold(got === want, "exactly");
    else {
      const distance = ordinal(out.dtype, got) - ordinal(out.dtype, want);
      // the reference is rounded once more here, which may cost half a unit
      hold(Number(distance < 0n ? -distance : distance) <= Math.ceil(ulp), `within ${ulp} ulp`);
      // zeros keep their sign where the bound is exact
      if (ulp === 0 && want === 0) hold(got === 0, "exactly");
    }
  }
}

function reference(c: Case, operands: readonly RefArray[]): RefArray[] {
  const startId = peekId();
  const inputs = c.operands.map((o, i) => placeholder(o, String(i), null));
  return evaluateGraph(makeGraph(c.title, inputs, c.apply(inputs), startId), operands);
}

interface Prepared {
  readonly operands: readonly RefArray[];
  readonly outputs: readonly RefArray[];
}
const EXPECTED = new Map<string, Prepared>();

/** Operands of a case and what the reference makes of them. `flushed`: without subnormal numbers. */
export function prepared(c: Case, flushed = false): Prepared {
  const number = CASES.indexOf(c) + 1;
  const key = `${number}${flushed}`;
  let found = EXPECTED.get(key);
  if (found === undefined) {
    const random = generator(number);
    const drawn = c.operands.map((o, i) => draw(o, c.domains[i], random, !ACCUMULATING.has(c.prim)));
    const operands = flushed
      ? drawn.map((o) => ({ ...o, data: o.data.map((x) => (Math.abs(x) < SMALLEST_NORMAL ? 0 : x)) }))
      : drawn;
    found = { operands, outputs: reference(c, operands) };
    EXPECTED.set(key, found);
  }
  return found;
}

export function upload(backend: Backend, { dtype, shape, data }: RefArray): Node {
  const of = aval(dtype, shape);
  return leaf(of, uploadValue(backend, of, ARRAYS[dtype as ServedDType].from(data)));
}

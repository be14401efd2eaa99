// The conformance matrix: every primitive, every dtype, on every backend and number of threads, against the float64
// reference within the row's bound in units in the last place.
import { createWasmBackend } from "@weft/backend-wasm";
import type { Aval, Backend, Node, RefArray, ServedDType } from "@weft/ir";
import { aval, elementwiseRow, evaluateGraph, isElementwise, isFloat, leaf, makeGraph, peekId, placeholder } from "@weft/ir";
import { createInterpreter, evaluate, readValueSync, uploadValue } from "@weft/scheduler";
import { afterAll, describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { CASES, draw, generator } from "./cases.ts";

const relaxed = WebAssembly.validate(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11]));
if (!relaxed) console.warn("conformance: this host has no relaxed SIMD; only the base build is tested");

const BACKENDS: readonly (readonly [string, () => Backend])[] = [
  ["interpreter", () => createInterpreter()],
  ["wasm base, 1 thread", () => createWasmBackend({ threads: 1, build: "base" })],
  ["wasm base, 3 threads", () => createWasmBackend({ threads: 3, build: "base" })],
  ...(relaxed
    ? ([
        ["wasm relaxed, 1 thread", () => createWasmBackend({ threads: 1, build: "relaxed" })],
        ["wasm relaxed, 2 threads", () => createWasmBackend({ threads: 2, build: "relaxed" })],
      ] as const)
    : []),
];

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array } as const satisfies Record<ServedDType, unknown>;

/** The value as its dtype holds it. */
const rounded = (dtype: string, x: number): number => (dtype === "float32" ? Math.fround(x) : x);

const view = new DataView(new ArrayBuffer(8));
/** Floats as integers in their order, so that neighbours differ by 1. */
function ordinal(dtype: string, x: number): bigint {
  if (dtype === "float32") {
    view.setFloat32(0, x);
    const bits = BigInt(view.getInt32(0));
    return bits < 0n ? -(bits & 0x7fffffffn) : bits;
  }
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

/** The error allowed for one element of a case, in ULP of its dtype. */
function bound(c: Case, out: Aval): number {
  if (!isFloat(out.dtype)) return 0;
  if (isElementwise(c.prim)) {
    const { ulp } = elementwiseRow(c.prim);
    return out.dtype === "float64" ? ulp.float64 : ulp.float32;
  }
  return c.prim === "dotGeneral" || c.prim === "reduceSum" || c.prim === "reduceProd" ? Infinity : 0;
}

/** Sums and products of a few terms: their error is bounded by the terms' size, not by the result's. */
const ACCUMULATING = new Set(["dotGeneral", "reduceSum", "reduceProd"]);

function compare(c: Case, actual: ArrayLike<number>, expected: RefArray, operands: readonly RefArray[]): void {
  const out = aval(expected.dtype, expected.shape);
  const ulp = bound(c, out);
  const epsilon = out.dtype === "float64" ? 2 ** -53 : 2 ** -24;
  const size = Math.max(1, ...operands.map((o) => o.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0)));
  const slack = c.prim === "reduceProd" ? 16 * epsilon : 64 * epsilon * size ** 2;
  for (let i = 0; i < expected.data.length; i++) {
    const want = rounded(out.dtype, expected.data[i]);
    const got = actual[i];
    const where = `element ${i}: got ${got}, expected ${want}`;
    if (Number.isNaN(want) || !isFloat(out.dtype)) expect(Object.is(got, want) || got === want, where).toBe(true);
    else if (ACCUMULATING.has(c.prim)) expect(Math.abs(got - want), where).toBeLessThanOrEqual(slack * (c.prim === "reduceProd" ? Math.abs(want) : 1));
    else if (!Number.isFinite(want) && !Number.isFinite(got)) expect(got, where).toBe(want);
    else {
      const distance = ordinal(out.dtype, got) - ordinal(out.dtype, want);
      // the reference is rounded once more here, which may cost half a unit
      expect(Number(distance < 0n ? -distance : distance), where).toBeLessThanOrEqual(Math.ceil(ulp));
      // zeros keep their sign where the bound is exact
      if (ulp === 0 && want === 0) expect(got === 0, where).toBe(true);
    }
  }
}

function reference(c: Case, operands: readonly RefArray[]): RefArray[] {
  const startId = peekId();
  const inputs = c.operands.map((o, i) => placeholder(o, String(i), null));
  return evaluateGraph(makeGraph(c.title, inputs, c.apply(inputs), startId), operands);
}

const EXPECTED = new Map<Case, { readonly operands: readonly RefArray[]; readonly outputs: readonly RefArray[] }>();
function prepared(c: Case): { readonly operands: readonly RefArray[]; readonly outputs: readonly RefArray[] } {
  let found = EXPECTED.get(c);
  if (found === undefined) {
    const random = generator(CASES.indexOf(c) + 1);
    const operands = c.operands.map((o, i) => draw(o, c.domains[i], random, !ACCUMULATING.has(c.prim)));
    found = { operands, outputs: reference(c, operands) };
    EXPECTED.set(c, found);
  }
  return found;
}

function upload(backend: Backend, { dtype, shape, data }: RefArray): Node {
  const of = aval(dtype, shape);
  return leaf(of, uploadValue(backend, of, ARRAYS[dtype as ServedDType].from(data)));
}

describe.each(BACKENDS)("values on %s", (_name, make) => {
  const backend = make();
  afterAll(() => backend.close());

  test.each(CASES)("$title", (c) => {
    const { operands, outputs } = prepared(c);
    const nodes = operands.map((operand) => upload(backend, operand));
    const roots = c.apply(nodes);
    evaluate(roots, backend)?.help();
    roots.forEach((root, i) => {
      const actual = new ARRAYS[root.aval.dtype as ServedDType](root.aval.size);
      if (root.value === null) throw new Error(`${c.title}: the root was not evaluated`);
      readValueSync(root.value, new Uint8Array(actual.buffer));
      compare(c, actual, outputs[i], operands);
    });
  });
});

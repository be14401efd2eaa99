// The cases of the generated suites: for every primitive, parameters and operands that exercise its rule. Completed
// by the compiler; every suite (values, jvp, vjp, vmap, backends) iterates over these.
import type { Aval, DType, Node, ParamsOf, PrimName } from "@weft/ir";
import { aval, isFloat, NO_PARAMS, PRIMS, record, refArray, roundHalf, rowOf } from "@weft/ir";
import type { ElementwisePrim, RefArray } from "@weft/ir";
import { elementwiseRow } from "@weft/ir";

/** How operand values are drawn. */
export interface Domain {
  readonly lo: number;
  readonly hi: number;
  /** Values added to the random ones in value suites, not in derivative suites. */
  readonly special?: readonly number[];
}

/** One primitive applied to operands of given avals. */
export interface Case {
  readonly title: string;
  readonly prim: PrimName;
  readonly operands: readonly Aval[];
  readonly domains: readonly Domain[];
  /** Records the primitive; results are the outputs of the case. */
  apply(operands: readonly Node[]): readonly Node[];
}

const PLAIN: Domain = { lo: -2, hi: 2, special: [0, -0, Infinity, -Infinity, NaN, 1, -1, 1e30, -1e30, 1e-40] };
const POSITIVE: Domain = { lo: 0.2, hi: 3, special: [0, Infinity, NaN, 1, 1e30, 1e-30] };
const UNIT: Domain = { lo: -0.9, hi: 0.9, special: [0, -0, 1, -1, NaN, 0.999999, 1e-10] };
const ABOVE_MINUS_ONE: Domain = { lo: -0.8, hi: 3, special: [0, -0, -1, Infinity, NaN, 1e-10, 1e30] };
const WIDE: Domain = { lo: -90, hi: 90, special: [0, -0, Infinity, -Infinity, NaN, 1e-10, -1e-10] };
const INTEGERS: Domain = { lo: -50, hi: 50, special: [0, 1, -1, 2147483647, -2147483648] };
const NATURALS: Domain = { lo: 0, hi: 40, special: [0, 1, 4294967295] };
const BOOLS: Domain = { lo: 0, hi: 1 };

const ABOVE_ONE: Domain = { lo: 1.1, hi: 5, special: [1, 0, -2, Infinity, NaN, 1.0000001, 1e30] };

const DOMAINS: Partial<Record<ElementwisePrim, readonly Domain[]>> = {
  log: [POSITIVE],
  sqrt: [POSITIVE],
  rsqrt: [POSITIVE],
  log1p: [ABOVE_MINUS_ONE],
  erfInv: [UNIT],
  pow: [POSITIVE, PLAIN],
  exp: [WIDE],
  expm1: [WIDE],
  sinh: [WIDE],
  cosh: [WIDE],
  acosh: [ABOVE_ONE],
  atanh: [UNIT],
  logistic: [WIDE],
  sin: [{ lo: -100, hi: 100, special: [0, -0, Infinity, NaN, 1e8, -3e38, 1e-40] }],
  cos: [{ lo: -100, hi: 100, special: [0, -0, Infinity, NaN, 1e8, -3e38, 1e-40] }],
};

export const domainOf = (dtype: DType): Domain =>
  dtype === "bool" ? BOOLS : dtype === "int32" ? INTEGERS : dtype === "uint32" ? NATURALS : PLAIN;

/** Parameter sets of the elementwise rows that have any. */
const ELEMENTWISE_PARAMS: { readonly [P in ElementwisePrim]?: readonly ParamsOf[P][] } = {
  round: [{ mode: "away" }, { mode: "even" }, { mode: "zero" }],
  integerPow: [{ n: -2 }, { n: -1 }, { n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 7 }],
  shiftRight: [{ arithmetic: true }, { arithmetic: false }],
  compare: (["eq", "ne", "lt", "le", "gt", "ge"] as const).map((op) => ({ op })),
  convert: (["bool", "int32", "uint32", "float16", "float32", "float64"] as const).map((dtype) => ({
    dtype,
    weakness: "strong" as const,
  })),
};

const SERVED = ["float32", "float64", "float16", "int32", "uint32", "bool"] as const;

function elementwiseCases(prim: ElementwisePrim): Case[] {
  const row = elementwiseRow(prim);
  const all: readonly ParamsOf[ElementwisePrim][] = ELEMENTWISE_PARAMS[prim] ?? [NO_PARAMS];
  const cases: Case[] = [];
  for (const dtype of SERVED) {
    if (!row.dtypes.includes(dtype)) continue;
    for (const params of all) {
      // equal shapes; and with more than one operand also rank 0 beside an array
      const shapes: (readonly number[])[][] = [Array.from({ length: row.arity }, () => [3, 5])];
      if (row.arity > 1)
        shapes.push(
          ...Array.from({ length: row.arity }, (_, scalar) =>
            Array.from({ length: row.arity }, (_, i) => (i === scalar ? [] : [4])),
          ),
        );
      for (const operandShapes of shapes) {
        const dtypes: DType[] = operandShapes.map((_, i) => (prim === "select" && i === 0 ? "bool" : dtype));
        const operands = operandShapes.map((shape, i) => aval(dtypes[i], shape));
        const floats = isFloat(dtype);
        cases.push({
          title: `${prim}${params === NO_PARAMS ? "" : JSON.stringify(params)} ${operands.map((o) => `${o.dtype}[${o.shape.join(",")}]`).join(" ")}`,
          prim,
          operands,
          domains: dtypes.map((d, i) => (floats && DOMAINS[prim]?.[i] ? DOMAINS[prim][i] : domainOf(d))),
          apply: (nodes) => [record(prim, params as never, nodes)],
        });
      }
    }
  }
  return cases;
}

interface Structural<P extends PrimName> {
  readonly params: ParamsOf[P];
  readonly shapes: readonly (readonly number[])[];
  readonly slots?: readonly number[];
  readonly dtypes?: readonly (readonly DType[])[];
  /** Null for that of the operand's dtype. */
  readonly domains?: readonly (Domain | null)[];
}

const FLOATS: readonly (readonly DType[])[] = [["float32"], ["float64"], ["float16"]];
const EVERY: readonly (readonly DType[])[] = [["float32"], ["int32"], ["bool"], ["float64"], ["uint32"], ["float16"]];
const NUMBERS: readonly (readonly DType[])[] = [["float32"], ["float64"], ["int32"], ["uint32"], ["float16"]];
const BITS: readonly (readonly DType[])[] = [["bool"], ["int32"], ["uint32"]];
const INDEX: Domain = { lo: -1, hi: 3 };

type StructuralPrim = Exclude<PrimName, ElementwisePrim | "input" | "literal" | "scalar" | "proj" | "call">;

const reductions = [
  { params: { axes: [0] }, shapes: [[3, 5]] },
  { params: { axes: [1] }, shapes: [[3, 5]] },
  { params: { axes: [0, 2] }, shapes: [[2, 3, 4]] },
  { params: { axes: [0] }, shapes: [[7]] },
  { params: { axes: [] }, shapes: [[3]] },
] as const;
const withDTypes = <T extends object>(
  list: readonly T[],
  dtypes: readonly (readonly DType[])[],
): (T & { dtypes: readonly (readonly DType[])[] })[] => list.map((entry) => ({ ...entry, dtypes }));

const STRUCTURAL: { readonly [P in StructuralPrim]: readonly Structural<P>[] } = {
  bitcast: [
    { params: { dtype: "int32" }, shapes: [[3, 2]], dtypes: [["float32"], ["uint32"]] },
    { params: { dtype: "float32" }, shapes: [[4]], dtypes: [["int32"], ["uint32"]] },
  ],
  reshape: [
    { params: { shape: [6] }, shapes: [[2, 3]] },
    { params: { shape: [3, 2] }, shapes: [[2, 3]] },
    { params: { shape: [2, 2, 3] }, shapes: [[4, 3]] },
    { params: { shape: [] }, shapes: [[1, 1]] },
    { params: { shape: [6, 4] }, shapes: [[4, 6]] },
  ],
  transpose: [
    { params: { perm: [1, 0] }, shapes: [[2, 3]] },
    { params: { perm: [2, 0, 1] }, shapes: [[2, 3, 4]] },
  ],
  broadcastInDim: [
    { params: { shape: [2, 3], axes: [] }, shapes: [[]] },
    { params: { shape: [4, 3], axes: [1] }, shapes: [[3]] },
    { params: { shape: [3, 4], axes: [0] }, shapes: [[3]] },
    { params: { shape: [2, 5, 3], axes: [0, 2] }, shapes: [[2, 3]] },
  ],
  flip: [
    { params: { axes: [0] }, shapes: [[4]] },
    { params: { axes: [0, 1] }, shapes: [[3, 5]] },
  ],
  slice: [
    { params: { sizes: [2], strides: [1] }, slots: [1], shapes: [[5]] },
    { params: { sizes: [3, 2], strides: [2, 1] }, slots: [0, 2], shapes: [[6, 4]] },
    { params: { sizes: [0], strides: [1] }, slots: [2], shapes: [[4]] },
    { params: { sizes: [2, 3], strides: [3, 2] }, slots: [1, 0], shapes: [[5, 6]] },
  ],
  pad: [
    { params: { lo: [1], hi: [2], interior: [0] }, shapes: [[3], []] },
    { params: { lo: [0, 2], hi: [1, 0], interior: [1, 2] }, shapes: [[3, 2], []] },
    { params: { lo: [-1], hi: [1], interior: [0] }, shapes: [[4], []] },
    { params: { lo: [-1], hi: [-2], interior: [1] }, shapes: [[4], []] },
  ],
  concatenate: [
    {
      params: { axis: 0 },
      shapes: [
        [2, 3],
        [1, 3],
        [4, 3],
      ],
    },
    {
      params: { axis: 1 },
      shapes: [
        [2, 3],
        [2, 1],
      ],
    },
    { params: { axis: 0 }, shapes: [[3], [0], [2]] },
  ],
  iota: [
    { params: { n: 5, dtype: "int32" }, slots: [2, 3], shapes: [], dtypes: [[]] },
    { params: { n: 4, dtype: "float32" }, slots: [0.5, -0.25], shapes: [], dtypes: [[]] },
    { params: { n: 5, dtype: "float16" }, slots: [1, 0.5], shapes: [], dtypes: [[]] },
    { params: { n: 3, dtype: "uint32" }, slots: [0, 1], shapes: [], dtypes: [[]] },
  ],
  dynamicSlice: [
    {
      params: { sizes: [2], batch: 0 },
      shapes: [[5], []],
      dtypes: [
        ["float32", "int32"],
        ["float64", "int32"],
        ["float16", "int32"],
        ["int32", "int32"],
      ],
      domains: [null, INDEX],
    },
    {
      params: { sizes: [2, 3], batch: 0 },
      shapes: [[4, 5], [], []],
      dtypes: [["float32", "int32", "int32"]],
      domains: [null, INDEX, { lo: 0, hi: 6 }],
    },
    {
      params: { sizes: [2], batch: 1 },
      shapes: [[3, 5], [3]],
      dtypes: [["float32", "int32"]],
      domains: [null, { lo: -1, hi: 6 }],
    },
  ],
  reduceSum: withDTypes(reductions, NUMBERS),
  reduceProd: withDTypes(reductions, NUMBERS),
  reduceMax: withDTypes(reductions, EVERY),
  reduceMin: withDTypes(reductions, EVERY),
  reduceAnd: withDTypes(reductions, BITS),
  reduceOr: withDTypes(reductions, BITS),
  reduceXor: withDTypes(reductions, BITS),
  argmax: withDTypes(
    [
      { params: { axis: 0 }, shapes: [[5]] },
      { params: { axis: 1 }, shapes: [[3, 4]] },
      { params: { axis: 0 }, shapes: [[3, 4]] },
    ],
    EVERY,
  ),
  argmin: withDTypes(
    [
      { params: { axis: 0 }, shapes: [[5]] },
      { params: { axis: 1 }, shapes: [[3, 4]] },
      { params: { axis: 0 }, shapes: [[3, 4]] },
    ],
    EVERY,
  ),
  dotGeneral: withDTypes(
    [
      {
        params: { contract: [[1], [0]], batch: [[], []] },
        shapes: [
          [3, 4],
          [4, 5],
        ],
      },
      { params: { contract: [[0], [0]], batch: [[], []] }, shapes: [[4], [4]] },
      {
        params: { contract: [[1], [1]], batch: [[], []] },
        shapes: [
          [3, 4],
          [2, 4],
        ],
      },
      {
        params: { contract: [[0], [1]], batch: [[], []] },
        shapes: [
          [4, 3],
          [2, 4],
        ],
      },
      {
        params: { contract: [[2], [1]], batch: [[0], [0]] },
        shapes: [
          [2, 3, 4],
          [2, 4, 3],
        ],
      },
      {
        params: { contract: [[1], [2]], batch: [[2], [0]] },
        shapes: [
          [3, 4, 2],
          [2, 3, 4],
        ],
      },
      {
        params: {
          contract: [
            [0, 2],
            [1, 0],
          ],
          batch: [[], []],
        },
        shapes: [
          [2, 3, 4],
          [4, 2, 5],
        ],
      },
      { params: { contract: [[], []], batch: [[], []] }, shapes: [[3], [2]] },
    ] as const,
    NUMBERS,
  ),
  threefry2x32: [
    { params: NO_PARAMS, shapes: [[], [], [6], [6]], dtypes: [["uint32"]] },
    { params: NO_PARAMS, shapes: [[3], [3], [3], []], dtypes: [["uint32"]] },
  ],
  marker: [{ params: NO_PARAMS, shapes: [[3]] }],
  stopGradient: [{ params: NO_PARAMS, shapes: [[3]] }],
  optimizationBarrier: [{ params: NO_PARAMS, shapes: [[3], [2, 2]] }],
};

function structuralCases<P extends StructuralPrim>(prim: P): Case[] {
  const family = rowOf(prim).family;
  return (STRUCTURAL[prim] as readonly Structural<P>[]).flatMap(({ params, shapes, slots, dtypes, domains }) =>
    (dtypes ?? (family === "movement" ? EVERY : FLOATS)).map((kinds): Case => {
      const operands = shapes.map((shape, i) => aval(kinds[i] ?? kinds[kinds.length - 1], shape));
      return {
        title: `${prim}${JSON.stringify(params)}${slots === undefined ? "" : ` at ${slots.join(",")}`} ${operands.map((o) => `${o.dtype}[${o.shape.join(",")}]`).join(" ")}`,
        prim,
        operands,
        domains: operands.map((o, i) => domains?.[i] ?? domainOf(o.dtype)),
        apply: (nodes) => {
          const node = record(prim, params, nodes, slots ?? null);
          return node.outs.length === 1 && prim !== "optimizationBarrier"
            ? [node]
            : node.outs.map((_, index) => record("proj", { index }, [node]));
        },
      };
    }),
  );
}

/** What is common to cases that differ in shapes and parameters: the primitive and its operands' dtypes. */
export const kindOf = ({ prim, operands }: Case): string => `${prim} ${operands.map(({ dtype }) => dtype).join(" ")}`;

/** Every case of every primitive that is not a leaf, a projection or a call. */
export const CASES: readonly Case[] = (Object.keys(PRIMS) as PrimName[]).flatMap((prim) => {
  if (PRIMS[prim].family === "elementwise") return elementwiseCases(prim as ElementwisePrim);
  return prim in STRUCTURAL ? structuralCases(prim as StructuralPrim) : [];
});

/** A small deterministic generator (mulberry32), so that every run draws the same values. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const asFloat = (dtype: DType, value: number): number =>
  dtype === "float32" ? Math.fround(value) : dtype === "float16" ? roundHalf(value) : value;

const fits = (dtype: DType, value: number): boolean =>
  isFloat(dtype) ||
  (dtype === "bool" ? value === 0 || value === 1 : value === (dtype === "int32" ? value | 0 : value >>> 0));

/** Values of an operand: within its domain, and the special ones where asked for; floats are numbers of their dtype. */
export function draw(of: Aval, domain: Domain, random: () => number, special: boolean): RefArray {
  const data = Float64Array.from({ length: of.size }, () => {
    if (special && domain.special !== undefined && random() < 0.3) {
      const value = domain.special[Math.floor(random() * domain.special.length)];
      if (!fits(of.dtype, value)) throw new Error(`the domain of an operand in ${of.dtype} has the value ${value}`);
      return asFloat(of.dtype, value);
    }
    const value = domain.lo + (domain.hi - domain.lo) * random();
    return of.dtype === "bool"
      ? Number(value > 0.5)
      : of.dtype === "int32" || of.dtype === "uint32"
        ? Math.round(value)
        : asFloat(of.dtype, value);
  });
  return refArray(of.dtype, of.shape, data);
}

// Every primitive, lowered and interpreted, against the float64 reference.
import type { DType, Node, ParamsOf, PrimName } from "@weft/ir";
import {
  aval,
  elementwiseRow,
  evaluateGraph,
  isElementwise,
  isServed,
  literal,
  NO_PARAMS,
  placeholder,
  PRIM_NAMES,
  proj,
  record,
  scalar,
  SERVED_DTYPES,
} from "@weft/ir";
import { describe, expect, test } from "vitest";
import { createInterpreter } from "../interpreter/index.ts";
import { distance, lowered, randomArray } from "../testing/lowering.ts";

const f32 = (...shape: number[]) => aval("float32", shape);
const input = (dtype: DType, ...shape: number[]): Node => placeholder(aval(dtype, shape), "x", null);

function check(
  inputs: readonly Node[],
  outputs: readonly Node[],
  tolerance = 1e-5,
  backend = createInterpreter(),
): ReturnType<typeof lowered> {
  const low = lowered(inputs, outputs, backend);
  const operands = inputs.map(({ aval: { dtype, shape } }, i) => randomArray(dtype, shape, i));
  const got = low.run(operands);
  const want = evaluateGraph(low.graph, [...operands]);
  got.forEach((result, i) =>
    expect(
      distance(result, want[i]),
      `output ${i}: ${[...result.data].slice(0, 12).join(" ")} for ${[...want[i].data].slice(0, 12).join(" ")}`,
    ).toBeLessThanOrEqual(tolerance),
  );
  return low;
}

const PARAMS: { readonly [P in PrimName]?: readonly object[] } = {
  round: [{ mode: "away" }, { mode: "even" }, { mode: "zero" }],
  shiftRight: [{ arithmetic: true }, { arithmetic: false }],
  compare: ["eq", "ne", "lt", "le", "gt", "ge"].map((op) => ({ op })),
  convert: SERVED_DTYPES.map((dtype) => ({ dtype, weakness: "strong" })),
};

describe("elementwise", () => {
  for (const prim of PRIM_NAMES) {
    if (!isElementwise(prim)) continue;
    const row = elementwiseRow(prim);
    if (typeof row.lower !== "function") continue;
    for (const dtype of row.dtypes.filter(isServed)) {
      test(`${prim} ${dtype}`, () => {
        for (const params of PARAMS[prim] ?? [NO_PARAMS]) {
          const operands = Array.from({ length: row.arity }, (_, i) =>
            prim === "select" && i === 0 ? input("bool", 3, 11) : input(dtype, 3, 11),
          );
          const outputs = [record(prim, params as ParamsOf[typeof prim], operands)];
          // a scalar operand stands for all elements
          if (row.arity > 1)
            outputs.push(
              record(prim, params as ParamsOf[typeof prim], [...operands.slice(0, -1), literal(aval(dtype, []), 1)]),
            );
          check(operands, outputs);
        }
      });
    }
  }
});

describe("movement", () => {
  const x = input("float32", 4, 1, 6);
  const cases: Record<string, Node> = {
    reshape: record("reshape", { shape: [3, 8] }, [x]),
    "reshape of a transpose": record("reshape", { shape: [2, 12] }, [record("transpose", { perm: [2, 1, 0] }, [x])]),
    "a transpose of a reshape of a transpose": record("transpose", { perm: [1, 0] }, [
      record("reshape", { shape: [8, 3] }, [record("transpose", { perm: [2, 1, 0] }, [x])]),
    ]),
    "digits that join again": record("reshape", { shape: [4, 1, 6] }, [
      record("neg", NO_PARAMS, [record("reshape", { shape: [3, 8] }, [x])]),
    ]),
    transpose: record("transpose", { perm: [2, 0, 1] }, [x]),
    broadcastInDim: record("broadcastInDim", { shape: [4, 2, 1, 6], axes: [0, 2, 3] }, [x]),
    flip: record("flip", { axes: [0, 2] }, [x]),
    slice: record("slice", { sizes: [2, 1, 3], strides: [1, 1, 2] }, [x], [1, 0, 1]),
    pad: record("pad", { lo: [1, 0, -1], hi: [2, 1, 3], interior: [0, 0, 0] }, [x, literal(f32(), 7)]),
    "pad of a pad": record("pad", { lo: [1, 1, 1], hi: [0, 0, 1], interior: [0, 0, 0] }, [
      record("pad", { lo: [0, 2, 1], hi: [0, 0, 1], interior: [0, 0, 0] }, [x, literal(f32(), 7)]),
      literal(f32(), 3),
    ]),
    "pad of computed values": record("pad", { lo: [1, 0, -1], hi: [2, 1, 3], interior: [0, 0, 0] }, [
      record("exp", NO_PARAMS, [x]),
      literal(f32(), -0),
    ]),
    "interior padding": record("pad", { lo: [1, 0, -2], hi: [0, 1, 2], interior: [2, 1, 3] }, [x, literal(f32(), 7)]),
    "a reshape under a pad": record("pad", { lo: [2], hi: [3], interior: [0] }, [
      record("reshape", { shape: [24] }, [record("transpose", { perm: [2, 1, 0] }, [x])]),
      literal(f32(), 1),
    ]),
    concatenate: record("concatenate", { axis: 2 }, [
      x,
      record("exp", NO_PARAMS, [x]),
      record("slice", { sizes: [4, 1, 2], strides: [1, 1, 1] }, [x], [0, 0, 3]),
    ]),
    "a wide concatenate": record(
      "concatenate",
      { axis: 0 },
      Array.from({ length: 20 }, (_, i) => record("add", NO_PARAMS, [x, literal(f32(), i)])),
    ),
    "a wide concatenate in the middle": record("sin", NO_PARAMS, [
      record(
        "concatenate",
        { axis: 1 },
        Array.from({ length: 20 }, () => x),
      ),
    ]),
  };
  test.each(Object.entries(cases))("%s", (_name, node) => void check([x], [node]));

  test("bitcast", () => {
    const y = input("float32", 5);
    check(
      [y],
      [
        record("bitcast", { dtype: "int32" }, [y]),
        record("bitcast", { dtype: "uint32" }, [record("neg", NO_PARAMS, [y])]),
      ],
      0,
    );
  });
  test("iota and scalars come from slots", () => {
    const i = record("iota", { n: 9, dtype: "float32" }, [], [2, 0.5]);
    const j = record("iota", { n: 9, dtype: "int32" }, [], [-3, 2]);
    check([], [record("mul", NO_PARAMS, [i, scalar(f32(), 3)]), j, scalar(f32(), 4), literal(f32(), 0.1)]);
  });
});

describe("dynamicSlice", () => {
  for (const [i, j] of [
    [0, 0],
    [1, 2],
    [-5, 9],
  ]) {
    test(`from ${i}, ${j}`, () => {
      const x = input("float32", 4, 6);
      const starts = [
        literal(aval("int32", []), i),
        record("add", NO_PARAMS, [literal(aval("int32", []), j), literal(aval("int32", []), 0)]),
      ];
      const part = record("dynamicSlice", { sizes: [2, 3], batch: 0 }, [x, ...starts]);
      check([x], [part, record("reduceSum", { axes: [0] }, [record("exp", NO_PARAMS, [part])])]);
    });
  }
  test("with batched starts", () => {
    const x = input("float32", 5, 4, 6);
    const at = input("int32", 5);
    const later = record("add", NO_PARAMS, [at, literal(aval("int32", []), 2)]);
    check([x, at], [record("dynamicSlice", { sizes: [2, 3], batch: 1 }, [x, at, later])]);
  });
  test("of a computed array, from a reduction", () => {
    const x = input("float32", 4, 6);
    const at = record("argmax", { axis: 0 }, [record("reshape", { shape: [24] }, [x])]);
    check(
      [x],
      [
        record("dynamicSlice", { sizes: [1, 6], batch: 0 }, [
          record("exp", NO_PARAMS, [x]),
          at,
          literal(aval("int32", []), 0),
        ]),
      ],
    );
  });
});

describe("reductions", () => {
  const prims = ["reduceSum", "reduceProd", "reduceMax", "reduceMin", "reduceAnd", "reduceOr", "reduceXor"] as const;
  for (const prim of prims) {
    for (const dtype of SERVED_DTYPES) {
      const bits = prim === "reduceAnd" || prim === "reduceOr" || prim === "reduceXor";
      if (bits ? dtype.startsWith("float") : dtype === "bool" && (prim === "reduceSum" || prim === "reduceProd"))
        continue;
      test(`${prim} ${dtype}`, () => {
        const x = input(dtype, 3, 4, 5);
        check(
          [x],
          [[0], [1], [2], [0, 2], [2, 0], [0, 1, 2]].map((axes) => record(prim, { axes }, [x])),
        );
      });
    }
  }
  for (const prim of ["argmax", "argmin"] as const) {
    for (const dtype of SERVED_DTYPES) {
      test(`${prim} ${dtype}`, () => {
        const x = input(dtype, 3, 7, 5);
        check(
          [x],
          [0, 1, 2].map((axis) => record(prim, { axis }, [x])),
        );
      });
    }
    test(`${prim} of a long axis`, () => {
      const x = input("float32", 2, 20_011);
      const y = input("float32", 3, 32_768);
      check([x, y], [record(prim, { axis: 1 }, [x]), record(prim, { axis: 1 }, [y])]);
    });
  }
  test("of long axes", () => {
    const x = input("float64", 40_000);
    const y = input("float64", 16_411, 3);
    const z = input("int32", 200, 100, 2);
    check(
      [x, y, z],
      [
        record("reduceSum", { axes: [0] }, [x]),
        record("reduceSum", { axes: [0] }, [y]),
        record("reduceMax", { axes: [0, 1] }, [y]),
        record("reduceXor", { axes: [1, 0] }, [z]),
      ],
      1e-9,
    );
  });
  test("of nothing and of one element", () => {
    const x = input("float32", 0, 3);
    const y = input("float32", 1, 3);
    check(
      [x, y],
      [
        record("reduceSum", { axes: [0] }, [x]),
        record("reduceProd", { axes: [0] }, [x]),
        record("exp", NO_PARAMS, [x]),
        record("reduceMax", { axes: [0] }, [y]),
        record("argmax", { axis: 0 }, [y]),
        record("pad", { lo: [1, 0], hi: [1, 0], interior: [1, 0] }, [x, literal(f32(), 5)]),
        record("concatenate", { axis: 0 }, [x, y, x]),
        record("dotGeneral", { contract: [[0], [0]], batch: [[], []] }, [x, x]),
      ],
    );
  });
});

describe("dotGeneral", () => {
  const cases: [string, number[], number[], ParamsOf["dotGeneral"]][] = [
    ["matmul", [13, 17], [17, 19], { contract: [[1], [0]], batch: [[], []] }],
    ["both transposed", [17, 13], [19, 17], { contract: [[0], [1]], batch: [[], []] }],
    ["batched", [3, 13, 17], [3, 17, 5], { contract: [[2], [1]], batch: [[0], [0]] }],
    ["batch in the middle", [13, 3, 17], [17, 5, 3], { contract: [[2], [0]], batch: [[1], [2]] }],
    [
      "several contracted axes",
      [6, 4, 5, 7],
      [5, 4, 9],
      {
        contract: [
          [1, 2],
          [1, 0],
        ],
        batch: [[], []],
      },
    ],
    ["several free axes", [4, 6, 8], [8, 3, 5], { contract: [[2], [0]], batch: [[], []] }],
    ["vector", [40, 40], [40], { contract: [[1], [0]], batch: [[], []] }],
    ["outer", [40], [50], { contract: [[], []], batch: [[], []] }],
    ["dot", [5000], [5000], { contract: [[0], [0]], batch: [[], []] }],
    ["small", [2, 3], [3, 2], { contract: [[1], [0]], batch: [[], []] }],
  ];
  for (const [name, l, r, params] of cases) {
    for (const gemm of [true, false]) {
      test(`${name}, ${gemm ? "with" : "without"} a template`, () => {
        const lhs = input("float32", ...l);
        const rhs = input("float32", ...r);
        check([lhs, rhs], [record("dotGeneral", params, [lhs, rhs])], 1e-4, createInterpreter({ gemm }));
        const i = input("int32", ...l);
        const j = input("int32", ...r);
        check(
          [i, j],
          [record("dotGeneral", params, [record("neg", NO_PARAMS, [i]), j])],
          0,
          createInterpreter({ gemm }),
        );
      });
    }
  }
});

test("the block cipher", () => {
  const k = input("uint32");
  const c = input("uint32", 5, 3);
  const both = record("threefry2x32", NO_PARAMS, [k, k, c, record("not", NO_PARAMS, [c])]);
  check([k, c], [proj(both, 0), record("xor", NO_PARAMS, [proj(both, 0), proj(both, 1)])], 0);
});

test("a barrier's operands are stored", () => {
  const x = input("float32", 8);
  const y = record("exp", NO_PARAMS, [x]);
  const fused = check([x], [record("neg", NO_PARAMS, [y])]);
  const held = check([x], [record("neg", NO_PARAMS, [proj(record("optimizationBarrier", NO_PARAMS, [y, x]), 0)])]);
  expect([fused.kinds.length, held.kinds.length]).toEqual([1, 2]);
});

// Random elementwise kernels over all lanes, against the plain interpreter. Operands are small integers and quarters,
// so that sums and products are exact and comparisons cannot flip by rounding.
import type { Lane, ScalarFn, StorageType } from "@weft/ir";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { runEmitted } from "../../testing/harness.ts";
import type { Memory } from "../../testing/interpreter.ts";
import { interpret } from "../../testing/interpreter.ts";

const STORAGES = ["bool", "i32", "u32", "f16", "f32", "f64"] as const satisfies readonly StorageType[];
const LANE = { bool: "mask", i32: "i32", u32: "u32", f16: "f32", f32: "f32", f64: "f64" } as const;

const UNARY: Record<Lane, readonly ScalarFn[]> = {
  mask: ["not"],
  i32: ["neg", "abs", "sign", "not"],
  u32: ["not"],
  f32: ["neg", "abs", "sign", "floor", "ceil", "trunc", "isFinite", "roundHalf"],
  f64: ["neg", "abs", "sign", "floor", "ceil", "trunc", "isFinite"],
};
const BINARY: Record<Lane, readonly ScalarFn[]> = {
  mask: ["and", "or", "xor", "max", "min"],
  i32: [
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "max",
    "min",
    "and",
    "or",
    "xor",
    "shiftLeft",
    "shiftRightArithmetic",
    "shiftRightLogical",
  ],
  u32: ["add", "sub", "mul", "div", "rem", "max", "min", "and", "or", "xor", "shiftLeft", "shiftRightLogical"],
  f32: ["add", "sub", "mul", "max", "min"],
  f64: ["add", "sub", "mul", "max", "min"],
};
const COMPARE: readonly ScalarFn[] = ["eq", "ne", "lt", "le", "gt", "ge"];

interface Instruction {
  readonly kind: number;
  readonly lane: number;
  readonly pick: readonly number[];
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  kind: fc.nat(9),
  lane: fc.nat(5),
  pick: fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
});

function build(program: readonly Instruction[]): KernelBuilder {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const inputs = STORAGES.map((storage) => b.buffer(storage));
  const outputs = STORAGES.map((storage) => b.buffer(storage, "write"));
  const pools: Record<Lane, number[]> = { mask: [], i32: [], u32: [], f32: [], f64: [] };
  STORAGES.forEach((storage, i) => {
    const lane = LANE[storage];
    pools[lane].push(
      b.load(inputs[i], b.at(0, ["cols", r], [1, c])),
      b.load(inputs[i], b.at(0, [1, r])),
      b.load(inputs[i], b.at(0, [1, c])),
      b.param(lane),
      b.constant(lane, 1),
    );
  });
  const lanes = STORAGES.map((storage) => LANE[storage]);
  const clamp = (lane: Lane, node: number): number =>
    lane === "f32" || lane === "f64"
      ? b.apply(lane, "max", b.apply(lane, "min", node, b.constant(lane, 500)), b.constant(lane, -500))
      : node;
  for (const { kind, lane: laneIndex, pick } of program) {
    const lane = lanes[laneIndex];
    const from = (of: Lane, k: number): number => pools[of][pick[k] % pools[of].length];
    if (kind <= 1) {
      const fn = UNARY[lane][pick[3] % UNARY[lane].length];
      pools[fn === "isFinite" ? "mask" : lane].push(b.apply(fn === "isFinite" ? "mask" : lane, fn, from(lane, 0)));
    } else if (kind <= 5) {
      const fn = BINARY[lane][pick[3] % BINARY[lane].length];
      const node = b.apply(lane, fn, from(lane, 0), from(lane, 1));
      // Quarters times quarters are sixteenths; trunc keeps products representable.
      pools[lane].push(
        fn === "mul" && (lane === "f32" || lane === "f64")
          ? clamp(lane, b.apply(lane, "add", b.apply(lane, "trunc", node), from(lane, 2)))
          : clamp(lane, node),
      );
    } else if (kind === 6) pools.mask.push(b.apply("mask", COMPARE[pick[3] % 6], from(lane, 0), from(lane, 1)));
    else if (kind === 7) pools[lane].push(b.apply(lane, "select", from("mask", 0), from(lane, 1), from(lane, 2)));
    else if (kind === 8) pools[lane].push(clamp(lane, b.apply(lane, "convert", from(lanes[pick[3] % 6], 0))));
    else pools.i32.push(b.apply("i32", "add", b.index(b.at(pick[3] % 3, ["cols", r], [2, c])), from("i32", 1)));
  }
  const stores = STORAGES.map((storage, i) =>
    b.store(outputs[i], b.at(0, ["cols", r], [1, c]), pools[LANE[storage]][pools[LANE[storage]].length - 1]),
  );
  return b.over(r, c).map([], ...stores);
}

function fill(storage: StorageType, length: number, from: number): Memory {
  const value = (i: number): number => ((i * 7 + from) % 17) - 8;
  if (storage === "bool") return Uint8Array.from({ length }, (_, i) => value(i) & 1);
  if (storage === "i32") return Int32Array.from({ length }, (_, i) => value(i));
  if (storage === "u32") return Uint32Array.from({ length }, (_, i) => value(i) + 8);
  if (storage === "f16") return Float16Array.from({ length }, (_, i) => value(i) / 4);
  if (storage === "f32") return Float32Array.from({ length }, (_, i) => value(i) / 4);
  return Float64Array.from({ length }, (_, i) => value(i) / 4);
}

describe("random elementwise kernels", () => {
  for (const buildName of ["base", "relaxed"] as const) {
    it(`equal the interpreter (${buildName})`, () => {
      fc.assert(
        fc.property(
          fc.array(instruction, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 21 }),
          fc.constantFrom(undefined, 1, 2, 4),
          (program, rows, cols, unroll) => {
            const b = build(program);
            const kernel = b.build();
            const size = rows * cols;
            const length = Math.max(size, rows, cols);
            const make = (): Memory[] => [
              ...STORAGES.map((storage, i) => fill(storage, length, i)),
              ...STORAGES.map((storage) => fill(storage, size, 0)),
            ];
            const inputs = { dims: b.values({ rows, cols }), params: [1, -3, 3, 0.5, 0.75, -1.25] };
            const expected = make();
            interpret(kernel, { ...inputs, buffers: expected });
            const actual = runEmitted(
              kernel,
              { ...inputs, buffers: make() },
              { build: buildName, unroll, cuts: size > 3 ? [2, size] : [size] },
            );
            actual.forEach((memory, k) => {
              for (let i = 0; i < memory.length; i++) {
                if (memory[i] !== expected[k][i] && !(Number.isNaN(memory[i]) && Number.isNaN(expected[k][i])))
                  expect(Array.from(memory)).toEqual(Array.from(expected[k]));
              }
            });
          },
        ),
        { numRuns: 250 },
      );
    });
  }
});

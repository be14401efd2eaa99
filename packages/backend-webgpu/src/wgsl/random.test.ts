// Random kernels over all lanes, maps and folds, against the interpreter. Operands are small integers and quarters, so
// that sums and products are exact and comparisons cannot flip by rounding.
import type { Kernel, Lane, ScalarFn } from "@weft/ir";
import fc from "fast-check";
import { describe, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import type { GpuStorage } from "../../testing/check.ts";
import { expectClose, LANE } from "../../testing/check.ts";
import type { Memory } from "../../testing/dawn.ts";
import { memoryOf, openAdapter, runWgsl } from "../../testing/dawn.ts";
import { interpreted } from "../../testing/oracle.ts";
import { emitWgsl, wideBuffers } from "./index.ts";

const adapter = await openAdapter();
const onAdapter = adapter === null ? describe.skip : describe;
type GpuLane = Exclude<Lane, "f64">;
/** A storage a lane, floats in 32 bits or in 16: with both a kernel had more buffers than some adapters bind. */
const STORAGES: readonly (readonly GpuStorage[])[] = [
  ["bool", "i32", "u32", "f32"],
  ["bool", "i32", "u32", "f16"],
];

const UNARY: Record<GpuLane, readonly ScalarFn[]> = {
  mask: ["not"],
  i32: ["neg", "abs", "sign", "not"],
  u32: ["not"],
  f32: ["neg", "abs", "sign", "floor", "ceil", "trunc", "roundEven", "roundAway", "isFinite", "roundHalf"],
};
const BITS = ["and", "or", "xor"] as const satisfies readonly ScalarFn[];
const INTEGER = ["add", "sub", "mul", "div", "rem", "max", "min", ...BITS, "shiftLeft", "shiftRightLogical"] as const;
const BINARY: Record<GpuLane, readonly ScalarFn[]> = {
  mask: [...BITS, "max", "min"],
  i32: [...INTEGER, "shiftRightArithmetic"],
  u32: INTEGER,
  f32: ["add", "sub", "mul", "rem", "max", "min"],
};
const COMPARE: readonly ScalarFn[] = ["eq", "ne", "lt", "le", "gt", "ge"];

interface Instruction {
  readonly kind: number;
  readonly lane: number;
  readonly pick: readonly number[];
}
const instruction: fc.Arbitrary<Instruction> = fc.record({
  kind: fc.nat(9),
  lane: fc.nat(3),
  pick: fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
});

interface Built {
  readonly builder: KernelBuilder;
  readonly kernel: Kernel;
}

/** `folds`: rows are folded after they were mapped, and the results are stored as well. */
function build(program: readonly Instruction[], folds: boolean, storages: readonly GpuStorage[]): Built {
  const b = new KernelBuilder();
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const inputs = storages.map((storage) => b.buffer(storage));
  const outputs = storages.map((storage) => b.buffer(storage, "write"));
  const pools: Record<GpuLane, number[]> = { mask: [], i32: [], u32: [], f32: [] };
  const at = b.at(0, ["cols", r], [1, c]);
  storages.forEach((storage, i) => {
    const lane = LANE[storage];
    const guard = b.guard([b.at("back", [1, c]), 0, "cols"]);
    pools[lane].push(
      b.load(inputs[i], at),
      b.load(inputs[i], b.at(0, [1, r])),
      b.load(inputs[i], b.at("back", [1, c]), guard, b.constant(lane, 1)),
      b.param(lane),
    );
  });
  const lanes = storages.map((storage) => LANE[storage]);
  const clamp = (lane: GpuLane, node: number): number =>
    lane === "f32"
      ? b.apply(lane, "max", b.apply(lane, "min", node, b.constant(lane, 500)), b.constant(lane, -500))
      : node;
  for (const { kind, lane: number, pick } of program) {
    const lane = lanes[number];
    const from = (of: GpuLane, k: number): number => pools[of][pick[k] % pools[of].length];
    if (kind <= 1) {
      const fn = UNARY[lane][pick[3] % UNARY[lane].length];
      pools[fn === "isFinite" ? "mask" : lane].push(b.apply(fn === "isFinite" ? "mask" : lane, fn, from(lane, 0)));
    } else if (kind <= 5) {
      const fn = BINARY[lane][pick[3] % BINARY[lane].length];
      const node = b.apply(lane, fn, from(lane, 0), from(lane, 1));
      // quarters times quarters are sixteenths; trunc keeps products representable
      pools[lane].push(
        fn === "mul" && lane === "f32"
          ? clamp(lane, b.apply(lane, "add", b.apply(lane, "trunc", node), from(lane, 2)))
          : clamp(lane, node),
      );
    } else if (kind === 6) pools.mask.push(b.apply("mask", COMPARE[pick[3] % 6], from(lane, 0), from(lane, 1)));
    else if (kind === 7) pools[lane].push(b.apply(lane, "select", from("mask", 0), from(lane, 1), from(lane, 2)));
    else if (kind === 8) pools[lane].push(clamp(lane, b.apply(lane, "convert", from(lanes[pick[3] % 4], 0))));
    else pools.i32.push(b.apply("i32", "add", b.index(b.at(pick[3] % 3, ["cols", r], [2, c])), from("i32", 1)));
  }
  const last = storages.map((storage) => pools[LANE[storage]][pools[LANE[storage]].length - 1]);
  const stores = storages.map((_, i) => b.store(outputs[i], at, last[i]));
  if (!folds) return { builder: b.over(r, c).map([], ...stores), kernel: b.build() };
  // truth values are folded by "or", whole numbers by sums, floats by their largest and its place
  const whole = b.buffer("i32", "write");
  const [places, largest] = [b.buffer("i32", "write"), b.buffer("f32", "write")];
  b.over(r)
    .reduce(
      [c],
      [
        { monoid: "or", lane: "mask", inputs: [last[0]] },
        { monoid: "sum", lane: "i32", inputs: [last[1]] },
        { monoid: "argmax", lane: "f32", inputs: [last[3], b.index(b.at(0, [1, c]))] },
      ],
      ...stores.slice(1),
    )
    .map([c], b.store(outputs[0], at, b.apply("mask", "and", last[0], b.result("mask", 0, 0))))
    .map(
      [],
      b.store(whole, b.at(0, [1, r]), b.result("i32", 0, 1)),
      b.store(places, b.at(0, [1, r]), b.result("i32", 0, 2, 1)),
      b.store(largest, b.at(0, [1, r]), b.result("f32", 0, 2)),
    );
  return { builder: b, kernel: b.build() };
}

function fill(storage: GpuStorage, length: number, from: number): Memory {
  const value = (i: number): number => ((i * 7 + from) % 17) - 8;
  if (storage === "bool") return memoryOf("bool", length, (i) => value(i) & 1);
  if (storage === "i32") return memoryOf("i32", length, value);
  return memoryOf(storage, length, storage === "u32" ? (i) => value(i) + 8 : (i) => value(i) / 4);
}

onAdapter("random kernels", () => {
  for (const folds of [false, true]) {
    it(`${folds ? "folds" : "maps"} equal the interpreter`, async () => {
      if (adapter === null) return;
      await fc.assert(
        fc.asyncProperty(
          fc.array(instruction, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: folds ? 300 : 90 }),
          fc.constantFrom("point" as const, "group" as const),
          fc.constantFrom(...STORAGES),
          async (program, rows, cols, variant, storages) => {
            const { builder, kernel } = build(program, folds, storages);
            const size = rows * cols;
            const length = Math.max(size, rows, cols);
            const buffers = [
              ...storages.map((storage, i) => fill(storage, length, i)),
              ...kernel.buffers.slice(storages.length).map(({ storage }) => fill(storage as GpuStorage, size, 0)),
            ];
            const inputs = { dims: builder.values({ rows, cols, back: -2 }), params: [1, -3, 3, 0.75], buffers };
            const expected = interpreted(kernel, inputs);
            const bases = kernel.buffers.map(() => 0);
            const actual = await runWgsl(adapter, kernel, inputs, {
              variant,
              wide: wideBuffers(kernel, inputs.dims, bases),
              subgroups: adapter.subgroups && cols % 2 === 0,
            });
            const text = (): string =>
              emitWgsl(kernel, { f16: false, subgroups: false, maxStorageBuffers: 16, variant }).code;
            actual.forEach((memory, i) => expectClose(memory, expected[i], 0, text));
          },
        ),
        { numRuns: folds ? 25 : 60 },
      );
    });
  }
});

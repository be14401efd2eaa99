// Folds in WGSL: identities, how two states combine, and how the states of a workgroup's invocations are joined in
// workgroup memory. States of argmax and argmin are a value and an index.
import type { Fold, MonoidName, ScalarFn } from "@weft/ir";
import type { GpuLane, Use } from "./scalar.ts";
import { applied, gpuLane, literal, WGSL_TYPE } from "./scalar.ts";
import { GROUP } from "./variant.ts";

const FUNCTION = {
  sum: "add",
  prod: "mul",
  min: "min",
  max: "max",
  and: "and",
  or: "or",
  xor: "xor",
} as const satisfies Partial<Record<MonoidName, ScalarFn>>;

/** An index that every index displaces. */
const NO_INDEX = "0x7fffffff";

const LOWEST: Record<GpuLane, number> = { mask: 0, i32: -0x80000000, u32: 0, f32: -Infinity };
const HIGHEST: Record<GpuLane, number> = { mask: 1, i32: 0x7fffffff, u32: 0xffffffff, f32: Infinity };

function identity(monoid: MonoidName, lane: GpuLane): string {
  switch (monoid) {
    case "prod":
      return literal(lane, 1);
    case "max":
    case "argmax":
      return literal(lane, LOWEST[lane]);
    case "min":
    case "argmin":
      return literal(lane, HIGHEST[lane]);
    case "and":
      return literal(lane, -1);
    default:
      return literal(lane, 0);
  }
}

export const isPair = (monoid: MonoidName): monoid is "argmax" | "argmin" => monoid === "argmax" || monoid === "argmin";

/** Whether (b, j) displaces (a, i): a NaN beats every number, the lowest index wins a tie. */
function displaces(use: Use, monoid: "argmax" | "argmin", lane: GpuLane, a: string, i: string, b: string, j: string) {
  const compare = (fn: ScalarFn): string => applied(use, fn, "mask", lane, [b, a]);
  const better = compare(monoid === "argmax" ? "gt" : "lt");
  const usual = `(${better} | (${compare("eq")} & (${j} < ${i})))`;
  if (lane !== "f32") return usual;
  const nan = use("isNan");
  return `select(${nan}(${b}) | ${usual}, ${nan}(${b}) & (${j} < ${i}), ${nan}(${a}))`;
}

/** The accumulator of one fold, named after its phase and place. */
export class Accumulator {
  readonly monoid: MonoidName;
  readonly lane: GpuLane;
  readonly value: string;
  readonly index: string;

  constructor({ monoid, lane }: Fold, phase: number, fold: number) {
    this.monoid = monoid;
    this.lane = gpuLane(lane);
    this.value = `a${phase}_${fold}`;
    this.index = `${this.value}i`;
  }

  declare(): string[] {
    const { monoid, lane, value, index } = this;
    const lines = [`var ${value}: ${WGSL_TYPE[lane]} = ${identity(monoid, lane)};`];
    if (isPair(monoid)) lines.push(`var ${index}: i32 = ${NO_INDEX};`);
    return lines;
  }

  /** The accumulator of the loop at a depth: float sums have some of their own (see blocks.ts). */
  private at(depth: number): string {
    return depth === 0 || this.monoid !== "sum" || this.lane !== "f32" ? this.value : `${this.value}_${depth}`;
  }

  /** Before and after a loop that has an accumulator of its own, inside the loop with that of `around`. */
  open(depth: number): string[] {
    const own = this.at(depth);
    return own === this.value ? [] : [`var ${own} = 0.0f;`];
  }
  close(depth: number, around: number): string[] {
    const own = this.at(depth);
    const outer = this.at(around);
    return own === this.value ? [] : [`${outer} = ${outer} + ${own};`];
  }

  /** Takes in another state, into the accumulator at a depth. */
  combine(use: Use, value: string, index: string, depth = 0): string[] {
    const { monoid, lane } = this;
    if (!isPair(monoid)) {
      const into = this.at(depth);
      return [`${into} = ${applied(use, FUNCTION[monoid], lane, lane, [into, value])};`];
    }
    const test = displaces(use, monoid, lane, this.value, this.index, value, index);
    return [`if (${test}) { ${this.value} = ${value}; ${this.index} = ${index}; }`];
  }

  /** An empty fold's index is 0. `hidden`: kernels compute with the result, which compilers must not see through. */
  finish(use: Use, hidden: boolean): string[] {
    if (isPair(this.monoid)) return [`if (${this.index} == ${NO_INDEX}) { ${this.index} = 0; }`];
    return hidden ? [`${this.value} = ${use("opaque")}(${this.value});`] : [];
  }

  /** Where a state lies in workgroup memory while `place` states of other folds lie there too. */
  private memory(place: number, at: string): SharedState {
    const { monoid, lane } = this;
    const stored = lane === "mask" ? "u32" : lane;
    const value = `s${place}_${stored}`;
    const index = isPair(monoid) ? `s${place}_index` : null;
    return {
      declarations: [
        `var<workgroup> ${value}: array<${stored}, ${GROUP}>;`,
        ...(index === null ? [] : [`var<workgroup> ${index}: array<i32, ${GROUP}>;`]),
      ],
      put: [
        `${value}[${at}] = ${lane === "mask" ? `select(0u, 1u, ${this.value})` : this.value};`,
        ...(index === null ? [] : [`${index}[${at}] = ${this.index};`]),
      ],
      valueAt: (at) => (lane === "mask" ? `(${value}[${at}] != 0u)` : `${value}[${at}]`),
      indexAt: (at) => (index === null ? "" : `${index}[${at}]`),
    };
  }

  /** Starts from the state at `from`, then takes in those at `from + step`, `from + 2·step` … below `end`. */
  private gather(use: Use, { valueAt, indexAt }: SharedState, from: string, step: number, end: string): string[] {
    const pair = isPair(this.monoid);
    return [
      `${this.value} = ${valueAt(from)};`,
      ...(pair ? [`${this.index} = ${indexAt(from)};`] : []),
      `for (var k = ${from} + ${step}u; k < ${end}; k += ${step}u) {`,
      `  let next = ${valueAt("k")};`,
      ...(pair ? [`  let nextIndex = ${indexAt("k")};`] : []),
      ...this.combine(use, "next", "nextIndex").map((line) => `  ${line}`),
      `}`,
    ];
  }

  /** Joins the states that a subgroup's invocations hold, in each of them. */
  private joinSubgroup(use: Use): string[] {
    const { monoid, lane, value, index } = this;
    if (lane === "mask" && !isPair(monoid)) {
      const count = `subgroupAdd(select(0u, 1u, ${value}))`;
      if (monoid === "xor") return [`${value} = (${count} & 1u) == 1u;`];
      const any = monoid === "or" || monoid === "max" || monoid === "sum";
      return [`${value} = ${any ? "subgroupAny" : "subgroupAll"}(${value});`];
    }
    const number = lane === "mask" ? `select(0u, 1u, ${value})` : value;
    const best = SUBGROUP[monoid];
    if (!isPair(monoid)) {
      if (lane !== "f32" || (monoid !== "max" && monoid !== "min")) return [`${value} = ${best}(${number});`];
      return [`${value} = select(${best}(${value}), P.nan, subgroupAny(${use("isNan")}(${value})));`];
    }
    const nan = lane === "f32" ? `${use("isNan")}(${value})` : "false";
    return [
      `{`,
      `  let best = ${best}(${number});`,
      `  let nans = subgroupAny(${nan});`,
      `  ${index} = subgroupMin(select(${NO_INDEX}, ${index}, select(${number} == best, ${nan}, nans)));`,
      `  ${value} = ${lane === "mask" ? "best != 0u" : lane === "f32" ? "select(best, P.nan, nans)" : "best"};`,
      `}`,
    ];
  }

  /**
   * Joins the states that a workgroup's invocations hold and gives every one the results: a few places in memory take
   * in all states, then all invocations take in those few. Without subgroups three barriers for all folds of a batch.
   */
  static join(use: Use, shared: Set<string>, accumulators: readonly Accumulator[], subgroups: boolean): string[] {
    const lines: string[] = [];
    for (let first = 0; first < accumulators.length; first += BATCH) {
      const batch = accumulators.slice(first, first + BATCH).map((accumulator, place) => {
        const memory = accumulator.memory(place, subgroups ? "subgroup" : "lane");
        for (const declaration of memory.declarations) shared.add(declaration);
        return { accumulator, memory };
      });
      const put = batch.flatMap(({ memory }) => memory.put);
      const few = subgroups ? "subgroups" : `${FEW}u`;
      if (subgroups)
        lines.push(
          ...batch.flatMap(({ accumulator }) => accumulator.joinSubgroup(use)),
          `if (subgroupElect()) {`,
          ...put.map((line) => `  ${line}`),
          `}`,
        );
      else
        lines.push(
          ...put,
          `workgroupBarrier();`,
          `if (lane < ${FEW}u) {`,
          ...batch
            .flatMap(({ accumulator, memory }) => [
              ...accumulator.gather(use, memory, "lane", FEW, `${GROUP}u`),
              ...memory.put,
            ])
            .map((line) => `  ${line}`),
          `}`,
        );
      lines.push(
        `workgroupBarrier();`,
        ...batch.flatMap(({ accumulator, memory }) => accumulator.gather(use, memory, "0u", 1, few)),
        `workgroupBarrier();`,
      );
    }
    return lines;
  }
}

/** The operation inside a subgroup that finds the joined value. */
const SUBGROUP: Record<MonoidName, string> = {
  sum: "subgroupAdd",
  prod: "subgroupMul",
  max: "subgroupMax",
  argmax: "subgroupMax",
  min: "subgroupMin",
  argmin: "subgroupMin",
  and: "subgroupAnd",
  or: "subgroupOr",
  xor: "subgroupXor",
};

interface SharedState {
  readonly declarations: readonly string[];
  readonly put: readonly string[];
  valueAt(at: string): string;
  indexAt(at: string): string;
}

/** Invocations that take in the states of the others. */
const FEW = 16;
/** Folds joined together: their states fit the 16 KiB of workgroup memory that every device has. */
const BATCH = 6;

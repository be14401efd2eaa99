// Regions become kernels: one walk over what a region computes, with an explicit stack, into a KernelBuilder. Owns
// the meaning of each item in terms of scalars; bounds, storage and fusion were decided before.
import type {
  BuiltKernel,
  Fold,
  Lane,
  Node,
  NodeId,
  PlanAffine,
  PlanGuard,
  PlanPhase,
  PlanStore,
  PlanTerm,
} from "@weft/ir";
import { InternalError, KernelBuilder, roundHalf } from "@weft/ir";
import type { Region, Use } from "./region.ts";
import { startKey } from "./region.ts";
import type { AxisTerm, Form, FormTerm, GuardForm, IndexSpace, StartTerm } from "./index-map.ts";
import { POSITIONS } from "./index-map.ts";
import type { Item } from "./items.ts";
import type { Kept } from "./keep.ts";
import { keptOf } from "./keep.ts";
import { paramsAs, unitsOf } from "./items.ts";
import { tooFar } from "./views.ts";

export interface EmittedKernel {
  readonly built: BuiltKernel;
  /** One a kernel buffer: which item's memory. */
  readonly buffers: readonly Item[];
  readonly points: number;
  readonly work: number;
  /** What was fused, in order of evaluation, for explain. */
  readonly fused: readonly Node[];
}

/** Numbers that are structure rather than data. */
const isStructural = (lane: Lane, value: number): boolean =>
  lane === "mask" ||
  (value === 0 && !Object.is(value, -0)) ||
  value === 1 ||
  value === -1 ||
  value === Infinity ||
  value === -Infinity;

/** A constant of a lane: 0, ±1 and ±∞ by themselves, all else as a run-time scalar. */
const number = (builder: KernelBuilder, lane: Lane, value: number): NodeId =>
  isStructural(lane, value)
    ? builder.constant(lane, lane === "mask" ? Number(value !== 0) : value)
    : builder.param(lane, value);

/** Lowers one region. `wide`: whether the device counts in float64 where 32 bits are too few. */
export function emitRegion(region: Region, space: IndexSpace, wide: boolean): EmittedKernel {
  return new Emitter(region, space, wide).emit();
}

/** What a use needs comes before it: it is computed next, or its level counts. */
function need(use: Use, other: Use, stack: Use[]): void {
  if (other.value < 0) stack.push(other);
  else if (other.level > use.level) use.level = other.level;
}

/** The largest int32. */
const SIGNED = 2 ** 31 - 1;

class Emitter {
  private readonly builder = new KernelBuilder();
  private readonly region: Region;
  private readonly space: IndexSpace;
  private readonly axisIds = new Map<AxisTerm, number>();
  private readonly affines = new Map<Form, PlanAffine>();
  private readonly termLists = new Map<Form["terms"], PlanAffine["terms"]>();
  private readonly guards = new Map<GuardForm, PlanGuard>();
  private readonly bufferIds = new Map<Item, number>();
  private readonly bufferItems: Item[] = [];
  private readonly folds: Fold[][] = [];
  private readonly fused: Node[] = [];
  private readonly wide: boolean;
  /** Of the walk; empty between walks. */
  private readonly stack: Use[] = [];
  private work = 0;

  constructor(region: Region, space: IndexSpace, wide: boolean) {
    this.region = region;
    this.space = space;
    this.wide = wide;
  }

  emit(): EmittedKernel {
    const { builder, region } = this;
    const axes = (list: readonly AxisTerm[]): number[] => list.map((axis) => this.axisId(axis));
    const grid = axes(region.grid);
    const inner = axes(region.inner ?? []);
    const kept = keptOf(region);
    const keeping = kept === null ? [] : [this.keep(kept)];
    for (const { use } of region.outputs) this.walk(use);
    const stores = region.outputs.map(({ use, target, place }) => ({
      buffer: this.buffer(target, "write"),
      at: this.affine(place),
      value: this.stored(use.value, target),
      mask: place.mask,
    }));
    const phases: PlanPhase[] = this.folds.map((folds, phase) => ({
      kind: "reduce",
      axes: inner,
      folds,
      stores: keeping.filter((store) => store.phase === phase),
    }));
    // results a grid point come before those of its inner loop
    const { mapAxes } = region;
    const looped = mapAxes.reduce((mask, axis) => mask | axis.mask, 0);
    const once = stores.filter(({ mask }) => (mask & looped) === 0);
    const often = stores.filter(({ mask }) => (mask & looped) !== 0);
    if (once.length > 0) phases.push({ kind: "map", axes: [], folds: [], stores: once });
    if (often.length > 0) phases.push({ kind: "map", axes: axes(mapAxes), folds: [], stores: often });
    const built = builder.finish(grid, phases);
    return {
      built,
      buffers: built.buffers.map((id) => this.bufferItems[id]),
      points: region.points,
      work: Math.max(this.work, region.evaluations(~0)),
      fused: this.fused,
    };
  }

  /** Computes the folds that read the value; from then on the value is what one of their phases stored. */
  private keep({ use, folds }: Kept): PlanStore & { readonly phase: number } {
    for (const fold of folds) this.walk(fold);
    const [{ target, place }] = this.region.outputs;
    const buffer = this.buffer(target, "readwrite");
    const at = this.affine(place);
    const store = {
      buffer,
      at,
      value: this.stored(use.value, target),
      phase: Math.min(...folds.map((fold) => fold.level)) - 1,
    };
    use.value = this.builder.load(use.item.lane, buffer, at, null, null);
    use.level = store.phase + 1;
    return store;
  }

  private walk(root: Use): void {
    const { stack } = this;
    stack.push(root);
    while (stack.length > 0) {
      const use = stack[stack.length - 1];
      if (use.value >= 0) {
        stack.pop();
        continue;
      }
      const before = stack.length;
      const { kind } = use.item;
      if (!use.load && use.operands !== null) for (const operand of use.operands) need(use, operand, stack);
      if (this.region.starts.size > 0 && (use.load || kind === "pad" || kind === "concatenate" || kind === "iota"))
        this.needStarts(use);
      if (stack.length > before) continue;
      use.value = use.load ? this.load(use) : this.compute(use);
      stack.pop();
    }
  }

  /** Computed starts that the index or the guard of a use reads. */
  private needStarts(use: Use): void {
    const visit = (form: Form): void => {
      for (const { of } of form.terms) {
        if (of.kind === "digit") visit(of.of);
        else if (of.kind === "start") need(use, this.startUse(of), this.stack);
      }
    };
    for (const form of use.access.index) visit(form);
    for (const entry of use.access.guard?.all ?? []) visit(entry.of);
    if (use.item.kind === "concatenate" || use.item.kind === "pad")
      for (const operand of use.operands ?? []) for (const entry of operand.access.guard?.all ?? []) visit(entry.of);
  }
  private startUse({ start, at }: StartTerm): Use {
    const use = this.region.starts.get(startKey(start, at));
    if (use === undefined)
      throw new InternalError(`lower: the start ${start.toString()} is not computed where it is used`);
    return use;
  }

  private load(use: Use): NodeId {
    const { item, access } = use;
    const at = this.affine(this.space.flat(access.index, item.shape));
    const guard = access.guard === null ? null : this.guard(access.guard);
    const other = guard === null ? null : this.builder.constant(item.lane, 0);
    this.count(use, 1);
    return this.builder.load(item.lane, this.buffer(item, "read"), at, guard, other);
  }

  private compute(use: Use): NodeId {
    const { builder } = this;
    const { item } = use;
    const operands = use.operands ?? [];
    const args = operands.map((operand) => operand.value);
    if (item.node !== null) this.fused.push(item.node);
    switch (item.kind) {
      case "literal":
        return this.literal(item, paramsAs(item, "literal").value);
      case "scalar":
        return this.rounded(item, builder.param(item.lane, { slot: item.slotBase }));
      case "iota":
        return this.iota(item, use.access.index[0]);
      case "elementwise":
        this.count(use, item.cost);
        return this.apply(item, operands, args);
      case "bitcast":
        return item.lane === operands[0].item.lane ? args[0] : builder.apply(item.lane, "bitcast", args);
      case "part":
        this.count(use, item.cost);
        return builder.part(
          "u32",
          builder.apply("u32", "threefry2x32", args),
          (item.params as { readonly index: number }).index,
        );
      case "pad":
        return this.choose(item, operands[0], args[0], args[1], use.access.guard);
      case "concatenate": {
        let value = args[args.length - 1];
        for (let k = args.length - 2; k >= 0; k--)
          value = this.choose(item, operands[k], args[k], value, use.access.guard);
        return value;
      }
      case "fold":
        return this.fold(use, operands[0], args[0]);
      default:
        // views: the operand is read at their index map
        return args[0];
    }
  }

  private literal({ lane, storage }: Item, value: number): NodeId {
    return number(this.builder, lane, storage === "f16" ? roundHalf(value) : value);
  }
  /** A value that becomes float16 here: numbers and results of conversions are, what is computed keeps its digits. */
  private rounded({ lane, storage }: Item, value: NodeId): NodeId {
    return storage === "f16" ? this.builder.apply(lane, "roundHalf", [value]) : value;
  }
  /** What is written to `target`: memory of float16 rounds by itself. */
  private stored(value: NodeId, { storage }: Item): NodeId {
    const node = this.builder.node(value);
    return storage === "f16" && node.op === "apply" && node.fn === "roundHalf" ? node.args[0] : value;
  }

  /** `value` where the operand's own guard holds, else `outside`. */
  private choose(item: Item, operand: Use, value: NodeId, outside: NodeId, outer: GuardForm | null): NodeId {
    const { guard } = operand.access;
    return guard !== null && guard !== outer
      ? this.builder.guarded(item.lane, this.guard(guard), value, outside)
      : value;
  }

  private iota(item: Item, at: Form): NodeId {
    const { builder } = this;
    const lane = item.lane;
    const last = Math.min(at.hi, item.size - 1);
    if (last >= POSITIONS) return this.wideIota(item, at);
    let index = builder.index(this.affine(at));
    if (lane === "u32" || (last > SIGNED && lane !== "i32")) index = builder.apply("u32", "convert", [index]);
    const value = lane === "i32" || lane === "u32" ? index : builder.apply(lane, "convert", [index]);
    if (item.slotBase < 0) return value;
    if (lane === "mask") {
      const step = builder.apply("i32", "mul", [index, builder.param("i32", { slot: item.slotBase + 1 })]);
      return builder.apply("mask", "convert", [
        builder.apply("i32", "add", [step, builder.param("i32", { slot: item.slotBase })]),
      ]);
    }
    const scaled = builder.apply(lane, "mul", [value, builder.param(lane, { slot: item.slotBase + 1 })]);
    return builder.apply(lane, "add", [scaled, builder.param(lane, { slot: item.slotBase })]);
  }

  /** Places that 32 bits do not number, summed up in float64, which is exact there. */
  private wideIota(item: Item, at: Form): NodeId {
    const { builder } = this;
    const { lane } = item;
    if (!this.wide || (lane !== "f32" && lane !== "f64")) throw tooFar(item, item.size);
    const product = (value: NodeId, coef: NodeId): NodeId => builder.apply("f64", "mul", [value, coef]);
    let sum = number(builder, "f64", at.base);
    const add = (value: NodeId): void => void (sum = builder.apply("f64", "add", [sum, value]));
    for (const { slot, coef } of this.space.slotTerms(at))
      add(product(builder.param("f64", { slot }), number(builder, "f64", coef)));
    for (const { coef, of } of at.terms) {
      const place = builder.index({ base: 0, slots: [], terms: [{ coef: 1, of: this.term(of) }] });
      const value = builder.apply("f64", "convert", [builder.apply("u32", "convert", [place])]);
      add(product(value, number(builder, "f64", coef)));
    }
    const value = lane === "f64" ? sum : builder.apply(lane, "convert", [sum]);
    if (item.slotBase < 0) return value;
    const scaled = builder.apply(lane, "mul", [value, builder.param(lane, { slot: item.slotBase + 1 })]);
    return builder.apply(lane, "add", [scaled, builder.param(lane, { slot: item.slotBase })]);
  }

  private apply(item: Item, operands: readonly Use[], args: readonly NodeId[]): NodeId {
    const { builder } = this;
    const fn = item.fn;
    if (fn === null) throw new InternalError(`lower: ${item.toString()} has no scalar function`);
    const from = operands[0].item.lane;
    if (fn === "convert") {
      // a JS number that a jitted function was given: converted when it is written, so that devices without float64 take it
      const number = operands[0].item;
      if (number.kind === "scalar" && from === "f64" && item.lane !== "f64")
        return this.rounded(item, builder.param(item.lane, { slot: number.slotBase, saturates: true }));
      const value = from === item.lane ? args[0] : builder.apply(item.lane, "convert", args);
      // truth is 0 or 1 in every dtype
      return from === "mask" || operands[0].item.storage === "f16" ? value : this.rounded(item, value);
    }
    if (from === "mask" && operands.length === 2) {
      // truth values compare as bits
      const not = (x: NodeId): NodeId => builder.apply("mask", "not", [x]);
      const [a, b] = args;
      if (fn === "eq") return not(builder.apply("mask", "xor", [a, b]));
      if (fn === "lt") return builder.apply("mask", "and", [not(a), b]);
      if (fn === "le") return builder.apply("mask", "or", [not(a), b]);
      if (fn === "gt") return builder.apply("mask", "and", [a, not(b)]);
      if (fn === "ge") return builder.apply("mask", "or", [a, not(b)]);
    }
    return builder.apply(item.lane, fn, args);
  }

  private fold(use: Use, operand: Use, value: NodeId): NodeId {
    const { builder } = this;
    const { item } = use;
    const { monoid } = item;
    if (monoid === null) throw new InternalError(`lower: ${item.toString()} has no monoid`);
    const phase = operand.level;
    use.level = phase + 1;
    const argument = monoid === "argmax" || monoid === "argmin";
    let lane = operand.item.lane;
    const inputs = [value];
    if (argument) {
      if (lane === "mask") {
        lane = "i32";
        inputs[0] = builder.apply("i32", "convert", [value]);
      }
      const loop = this.region.inner?.[0];
      if (loop === undefined) throw new InternalError(`lower: ${item.toString()} has no loop`);
      inputs.push(builder.index(this.affine(this.space.of(loop))));
    }
    const folds = (this.folds[phase] ??= []);
    const slot = folds.push({ monoid, lane, inputs }) - 1;
    this.count(operand, unitsOf("add", lane));
    return builder.result(argument ? "i32" : lane, phase, slot, argument ? 1 : 0);
  }

  private count(use: Use, units: number): void {
    this.work += units * this.region.evaluations(use.access.mask);
  }
  private buffer(item: Item, access: "read" | "write" | "readwrite"): number {
    let id = this.bufferIds.get(item);
    if (id === undefined) {
      id = this.builder.buffer(item.storage, access);
      this.bufferIds.set(item, id);
      this.bufferItems[id] = item;
    }
    return id;
  }
  private axisId(axis: AxisTerm): number {
    let id = this.axisIds.get(axis);
    if (id === undefined) this.axisIds.set(axis, (id = this.builder.axis(axis.size)));
    return id;
  }
  private affine(form: Form): PlanAffine {
    let found = this.affines.get(form);
    if (found === undefined) {
      found = {
        base: form.base,
        slots: this.space.slotTerms(form),
        terms: this.terms(form),
      };
      this.affines.set(form, found);
    }
    return found;
  }
  private terms({ terms }: Form): PlanAffine["terms"] {
    let list = this.termLists.get(terms);
    if (list === undefined) {
      list = terms.map(({ coef, of }) => ({ coef, of: this.term(of) }));
      this.termLists.set(terms, list);
    }
    return list;
  }
  private term(of: FormTerm): PlanTerm {
    if (of.kind === "axis") return { axis: this.axisId(of) };
    if (of.kind === "digit") {
      if (of.most >= POSITIONS) throw tooFar(this.region.outputs[0].target, of.most + 1);
      return { digit: this.affine(of.of), div: of.div, mod: of.mod };
    }
    const { builder } = this;
    // dynamicSlice clamps; the bound is an index so that it stays a run-time dim
    const low = builder.apply("i32", "max", [this.startUse(of).value, builder.constant("i32", 0)]);
    if (of.hi >= SIGNED) return { value: low };
    const bound = builder.index({ base: of.hi, slots: [], terms: [] });
    return { value: builder.apply("i32", "min", [low, bound]) };
  }
  private guard(form: GuardForm): PlanGuard {
    let found = this.guards.get(form);
    if (found === undefined) {
      found = { all: form.all.map(({ of, lo, hi }) => ({ of: this.affine(of), lo, hi })) };
      this.guards.set(form, found);
    }
    return found;
  }
}

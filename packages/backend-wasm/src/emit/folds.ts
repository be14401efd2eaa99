// Reductions: accumulators (one vector an unrolled copy), their updates inside the loops, and the final combination,
// copies pairwise and then lanes, always in the same order. argmax and argmin carry a vector of indices beside.
import type { Fold, Lane, MonoidName } from "@weft/ir";
import { activeLanes } from "./address.ts";
import { narrowMasks } from "./convert.ts";
import type { Emitter } from "./emitter.ts";
import { OP, SIMD, V128 } from "./opcodes.ts";
import type { Copies, Scope, Value } from "./scope.ts";
import { copyOf } from "./scope.ts";
import { constantValue, valueOf } from "./values.ts";

const HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const NEIGHBOURS = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11];
const FIRST_WORD = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3];
const FIRST_HALF = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];

const STENCIL: Readonly<Record<Exclude<MonoidName, "argmax" | "argmin">, string>> = {
  sum: "add",
  prod: "mul",
  min: "min",
  max: "max",
  and: "and",
  or: "or",
  xor: "xor",
};

const LOWEST: Readonly<Record<Lane, number>> = { mask: 0, i32: -0x80000000, u32: 0, f32: -Infinity, f64: -Infinity };
const HIGHEST: Readonly<Record<Lane, number>> = {
  mask: 1,
  i32: 0x7fffffff,
  u32: 0xffffffff,
  f32: Infinity,
  f64: Infinity,
};

function identityOf(monoid: MonoidName, lane: Lane): number {
  switch (monoid) {
    case "sum":
    case "or":
    case "xor":
      return 0;
    case "prod":
      return 1;
    case "max":
    case "argmax":
      return LOWEST[lane];
    case "min":
    case "argmin":
      return HIGHEST[lane];
    default:
      return lane === "mask" ? 1 : -1;
  }
}

/** The running state of a fold in one copy: the value, and the index for argmax and argmin. */
interface State {
  readonly value: Value;
  readonly index: number | null;
  /** Sums of floats: what `value` held, emptied into this every so often (see `empty`). */
  readonly total?: Value;
}

/**
 * Elements between two emptyings of a sum's accumulators. A long chain of float additions loses digits as it grows,
 * the more so where its terms are alike: 64 vector steps an accumulator, then at most 16 totals a leaf.
 */
const BLOCK = { elements: 1024, rows: 128 } as const;

export interface Accumulator {
  readonly fold: Fold;
  readonly states: readonly State[];
}

/** Sets up the accumulators of a phase's folds in `scope`, each holding its identity. */
export function openFolds(e: Emitter, scope: Scope, folds: readonly Fold[], copies: number): Accumulator[] {
  const { code } = scope;
  return folds.map((fold) => {
    const identity = constantValue(e, fold.lane, identityOf(fold.monoid, fold.lane));
    const states = Array.from({ length: copies }, (): State => {
      const value = identity.map((from) => {
        const local = scope.alloc(V128);
        code.get(from);
        code.set(local);
        return local;
      });
      if (fold.inputs.length < 2) {
        if (fold.monoid !== "sum" || (fold.lane !== "f32" && fold.lane !== "f64") || e.phase.axes.length === 0)
          return { value, index: null };
        const total = identity.map((from) => {
          const local = scope.alloc(V128);
          code.get(from);
          code.set(local);
          return local;
        });
        return { value, index: null, total };
      }
      const index = scope.alloc(V128);
      code.get(constantValue(e, "i32", 0)[0]);
      code.set(index);
      return { value, index };
    });
    return { fold, states };
  });
}

/** Pushes a comparison of vectors of `lane` as 32-bit masks, both halves of f64 joined. */
function compare(e: Emitter, scope: Scope, name: "eq" | "ne" | "gt" | "lt", lane: Lane, a: Value, b: Value): number {
  const stencil = e.stencil(`${name}_${lane}`);
  const halves = a.map((left, i) => e.applyStencil(scope, stencil, [left, b[i]]));
  return lane === "f64" ? narrowMasks(scope, halves[0], halves[1]) : halves[0];
}

function select(e: Emitter, scope: Scope, mask: number, from: Value, into: Value): void {
  const { code } = scope;
  into.forEach((local, half) => {
    code.get(from[half]);
    code.get(local);
    code.get(mask);
    if (into.length === 2) code.simd(half === 0 ? SIMD.i64x2ExtendLowI32x4S : SIMD.i64x2ExtendHighI32x4S);
    code.simd(SIMD.bitselect);
    code.set(local);
  });
}

/** state = the better of state and (value, index): NaN first, then the larger (or smaller), then the lower index. */
function updateArg(
  e: Emitter,
  scope: Scope,
  fold: Fold,
  state: State,
  value: Value,
  index: number,
  active: number | null,
): void {
  const { code } = scope;
  const take = compare(e, scope, fold.monoid === "argmax" ? "gt" : "lt", fold.lane, value, state.value);
  const tie = compare(e, scope, "eq", fold.lane, value, state.value);
  const held = state.index as number;
  if (fold.lane === "f32" || fold.lane === "f64") {
    const challenger = compare(e, scope, "ne", fold.lane, value, value);
    const holder = compare(e, scope, "ne", fold.lane, state.value, state.value);
    // take |= challenger & ~holder; tie |= challenger & holder
    code.get(take);
    code.get(challenger);
    code.get(holder);
    code.simd(SIMD.andnot);
    code.simd(SIMD.or);
    code.set(take);
    code.get(tie);
    code.get(challenger);
    code.get(holder);
    code.simd(SIMD.and);
    code.simd(SIMD.or);
    code.set(tie);
    scope.release(challenger);
    scope.release(holder);
  }
  code.get(take);
  code.get(tie);
  code.get(index);
  code.get(held);
  code.simd(SIMD.i32x4LtS);
  code.simd(SIMD.and);
  code.simd(SIMD.or);
  if (active !== null) {
    code.get(active);
    code.simd(SIMD.and);
  }
  code.set(take);
  select(e, scope, take, value, state.value);
  select(e, scope, take, [index], [held]);
  scope.release(take);
  scope.release(tie);
}

/** state = monoid(state, args) with `stencil`; lanes that are not active keep what they hold. */
function update(
  e: Emitter,
  scope: Scope,
  name: string,
  state: Value,
  args: readonly Value[],
  active: number | null,
): void {
  const { code } = scope;
  const stencil = e.stencil(name);
  const result = state.map((local, half) => {
    e.copyStencil(
      scope,
      stencil,
      name.startsWith("muladd") ? [...args.map((arg) => arg[half]), local] : [local, args[0][half]],
    );
    if (active === null) {
      code.set(local);
      return local;
    }
    const fresh = scope.alloc(V128);
    code.set(fresh);
    return fresh;
  });
  if (active === null) return;
  select(e, scope, active, result, state);
  for (const local of result) scope.release(local);
}

/** Folds the current step's values in. Lanes past the end leave their accumulators alone. */
export function accumulate(
  e: Emitter,
  scope: Scope,
  accumulators: readonly Accumulator[],
  lanesAreGrid: boolean,
): void {
  // Lanes of the grid are points of their own: what those past the end hold is never stored.
  const active = e.step !== null && e.step.masked && !lanesAreGrid ? activeLanes(e) : null;
  accumulators.forEach(({ fold, states }, i) => {
    const product = e.phase.foldProducts[i];
    const copies = e.step?.copies ?? 1;
    if (fold.inputs.length === 2) {
      const [values, indices] = fold.inputs.map((input) => valueOf(e, input));
      for (let copy = 0; copy < copies; copy++)
        updateArg(e, scope, fold, states[copy], copyOf(values, copy), copyOf(indices, copy)[0], active);
      return;
    }
    const args = (product?.args ?? fold.inputs).map((input) => valueOf(e, input));
    const name =
      product !== null ? `muladd_${fold.lane}` : `${STENCIL[fold.monoid as keyof typeof STENCIL]}_${fold.lane}`;
    for (let copy = 0; copy < copies; copy++)
      update(
        e,
        scope,
        name,
        states[copy].value,
        args.map((arg) => copyOf(arg, copy)),
        active,
      );
  });
  empty(e, scope, accumulators, lanesAreGrid);
}

/** Adds sums to their totals and starts them again, where the innermost position is a multiple of the block. */
function empty(e: Emitter, scope: Scope, accumulators: readonly Accumulator[], lanesAreGrid: boolean): void {
  const blocked = accumulators.filter(({ states }) => states[0].total !== undefined);
  const innermost = e.phase.axes.at(-1);
  if (blocked.length === 0 || innermost === undefined) return;
  const { code } = scope;
  code.get(e.axisLocal[innermost]);
  code.i32((lanesAreGrid ? BLOCK.rows : BLOCK.elements) - 1);
  code.byte(OP.i32And);
  code.byte(OP.i32Eqz);
  code.open(OP.if);
  for (const { fold, states } of blocked) {
    const zero = constantValue(e, fold.lane, 0);
    for (const { value, total } of states.slice(0, e.step?.copies ?? 1)) {
      update(e, scope, `add_${fold.lane}`, total as Value, [value], null);
      value.forEach((local, half) => {
        code.get(zero[half]);
        code.set(local);
      });
    }
  }
  code.end();
}

/** Brings what the totals hold back into the values, once a fold has ended. */
function settle(e: Emitter, scope: Scope, { fold, states }: Accumulator): void {
  for (const { value, total } of states)
    if (total !== undefined) update(e, scope, `add_${fold.lane}`, value, [total], null);
}

function merge(e: Emitter, scope: Scope, fold: Fold, into: State, from: State): void {
  if (from.index !== null) updateArg(e, scope, fold, into, from.value, from.index, null);
  else update(e, scope, `${STENCIL[fold.monoid as keyof typeof STENCIL]}_${fold.lane}`, into.value, [from.value], null);
}

function permuted(scope: Scope, local: number, order: readonly number[]): number {
  const { code } = scope;
  const result = scope.alloc(V128);
  code.get(local);
  code.get(local);
  code.shuffle(order);
  code.set(result);
  return result;
}

/** Combines all copies and lanes into lane 0 and spreads it; the results for value and index. */
export function combineLanes(e: Emitter, scope: Scope, accumulator: Accumulator): readonly Copies[] {
  const { fold, states } = accumulator;
  settle(e, scope, accumulator);
  for (let distance = 1; distance < states.length; distance *= 2) {
    for (let copy = 0; copy + distance < states.length; copy += 2 * distance)
      merge(e, scope, fold, states[copy], states[copy + distance]);
  }
  let [state] = states;
  if (fold.lane === "f64") {
    // Lanes (0, 1) with (2, 3); the rest has two copies of the same pair.
    const [low, high] = state.value;
    const half: State = {
      value: [high, high],
      index: state.index === null ? null : permuted(scope, state.index, HALVES),
    };
    const joined: State = { value: [low, low], index: state.index };
    mergePair(e, scope, fold, joined, half);
    const swapped = permuted(scope, low, HALVES);
    const other: State = {
      value: [swapped, swapped],
      index: joined.index === null ? null : permuted(scope, joined.index, NEIGHBOURS),
    };
    mergePair(e, scope, fold, joined, other);
    state = joined;
  } else {
    for (const order of [HALVES, NEIGHBOURS]) {
      merge(e, scope, fold, state, {
        value: [permuted(scope, state.value[0], order)],
        index: state.index === null ? null : permuted(scope, state.index, order),
      });
    }
  }
  const value = permuted(scope, state.value[0], fold.lane === "f64" ? FIRST_HALF : FIRST_WORD);
  const index = state.index === null ? [] : [[permuted(scope, state.index, FIRST_WORD)]];
  return [[fold.lane === "f64" ? [value, value] : [value]], index];
}

/** `merge` of f64 states whose two halves are one local. */
function mergePair(e: Emitter, scope: Scope, fold: Fold, into: State, from: State): void {
  if (from.index === null) {
    update(
      e,
      scope,
      `${STENCIL[fold.monoid as keyof typeof STENCIL]}_${fold.lane}`,
      [into.value[0]],
      [from.value],
      null,
    );
    return;
  }
  // Both halves of the masks are needed for the indices: work on separate locals and keep the low half.
  const high = scope.alloc(V128);
  scope.code.get(into.value[0]);
  scope.code.set(high);
  updateArg(e, scope, fold, { value: [into.value[0], high], index: into.index }, from.value, from.index, null);
  scope.release(high);
}

/** The results where each lane is a grid point of its own. */
export function laneResults(e: Emitter, scope: Scope, accumulator: Accumulator): readonly Copies[] {
  const { fold, states } = accumulator;
  settle(e, scope, accumulator);
  return [
    states.map((state) => state.value),
    fold.inputs.length === 2 ? states.map((state) => [state.index as number]) : [],
  ];
}

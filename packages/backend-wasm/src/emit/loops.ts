// The loop nest: the rows of the grid's range, the vector loop with its unrolled and its partial form, the inner loops
// of each phase. Everything inside is asked for node by node and lands in the scope of the loop it depends on.
import type { AxisId, Dim, NodeId } from "@weft/ir";
import type { Emitter, Step } from "./emitter.ts";
import { PARAMETER } from "./emitter.ts";
import type { Accumulator } from "./folds.ts";
import { accumulate, combineLanes, laneResults, openFolds } from "./folds.ts";
import { I32, OP } from "./opcodes.ts";
import { forEachOperand, ownerOf } from "./order.ts";
import type { Scope } from "./scope.ts";
import { emitStore } from "./stores.ts";
import { valueOf } from "./values.ts";

/** Gives the locals of operands back after their last use. */
function releaseOperands(e: Emitter, scope: Scope, id: NodeId, left: Int32Array): void {
  const effective = e.phase.effective[id];
  const visit = (operand: NodeId): void => {
    const owner = ownerOf(e.kernel, e.plan.alias, operand);
    if (e.phase.depth[owner] !== e.phase.innermost || --left[owner] !== 0) return;
    const copies = scope.values.get(owner);
    if (copies !== undefined) for (const value of copies) scope.releaseValue(value);
  };
  if (effective !== null) effective.args.forEach(visit);
  else forEachOperand(e.kernel.nodes[id], visit);
}

/** One execution of a phase's innermost point, or of a vector of them. */
function emitPoint(e: Emitter, accumulators: readonly Accumulator[], lanesAreGrid: boolean): void {
  const { phase, scope } = e;
  const left = phase.uses.slice();
  for (const id of phase.order) {
    const node = e.kernel.nodes[id];
    if (node.op === "const" || node.op === "result") continue;
    if (scope.values.has(id) || phase.deferred[id] === 1) continue;
    valueOf(e, id);
    releaseOperands(e, scope, id, left);
  }
  accumulate(e, scope, accumulators, lanesAreGrid);
  for (const store of e.kernel.phases[phase.index].stores) emitStore(e, scope, store);
}

/** A loop over `axis` with a counter of its own around `body`. */
function emitAxisLoop(e: Emitter, axis: AxisId, body: () => void): void {
  const outer = e.scope;
  const size = e.dimLocal(sizeOf(e, axis));
  const counter = outer.alloc(I32);
  e.axisLocal[axis] = counter;
  e.openScope();
  body();
  const inner = e.closeScope();
  const { code } = outer;
  code.i32(0);
  code.set(counter);
  code.get(size);
  code.open(OP.if);
  code.open(OP.loop);
  code.append(inner.code);
  code.get(counter);
  code.i32(1);
  code.byte(OP.i32Add);
  code.tee(counter);
  code.get(size);
  code.byte(OP.i32LtU);
  code.branchIf(0);
  code.end();
  code.end();
}

function sizeOf(e: Emitter, axis: AxisId): Dim {
  return e.kernel.axes[axis].size;
}

function emitStepLoop(e: Emitter, step: Step, end: number, body: () => void): void {
  const outer = e.scope;
  e.openScope();
  e.step = step;
  body();
  e.step = null;
  const inner = e.closeScope();
  const { code } = outer;
  code.get(step.position);
  code.get(end);
  code.byte(OP.i32LtU);
  code.open(OP.if);
  code.open(OP.loop);
  code.append(inner.code);
  code.get(step.position);
  code.i32(4 * step.copies);
  code.byte(OP.i32Add);
  code.tee(step.position);
  code.get(end);
  code.byte(OP.i32LtU);
  code.branchIf(0);
  code.end();
  code.end();
}

/** Vectors from `position` to `limit`: `copies` at a time, then one at a time, the last of which may be partial. */
function emitVectorLoop(
  e: Emitter,
  axis: AxisId,
  position: number,
  limit: number,
  copies: number,
  body: () => void,
): void {
  const outer = e.scope;
  const depth = e.scopes.length;
  e.axisLocal[axis] = position;
  const whole = outer.alloc(I32);
  const { code } = outer;
  code.get(limit);
  code.get(position);
  code.byte(OP.i32Sub);
  code.i32(-4 * copies);
  code.byte(OP.i32And);
  code.get(position);
  code.byte(OP.i32Add);
  code.set(whole);
  emitStepLoop(e, { depth, copies, masked: false, position, limit }, whole, body);
  emitStepLoop(e, { depth, copies: 1, masked: true, position, limit }, limit, body);
}

/** The inner loops of a phase around its points; scalar ones, except a last one that is the vector axis. */
function emitInnerLoops(e: Emitter, accumulators: readonly Accumulator[], copies: number): void {
  const { phase } = e;
  const lanesAreGrid = e.plan.gridVector >= 0;
  const descend = (level: number): void => {
    if (level === phase.axes.length) {
      emitPoint(e, accumulators, lanesAreGrid);
      return;
    }
    const axis = phase.axes[level];
    if (lanesAreGrid || level < phase.axes.length - 1) {
      emitAxisLoop(e, axis, () => descend(level + 1));
      return;
    }
    const { scope } = e;
    const position = scope.alloc(I32);
    const limit = e.dimLocal(sizeOf(e, axis));
    scope.code.i32(0);
    scope.code.set(position);
    emitVectorLoop(e, axis, position, limit, copies, () => descend(level + 1));
  };
  descend(0);
}

/** All phases of one grid point, or of a vector of them. */
function emitPhases(e: Emitter): void {
  const { scope } = e;
  const lanesAreGrid = e.plan.gridVector >= 0;
  e.results = [];
  e.plan.phases.forEach((phase, index) => {
    e.phase = phase;
    // In the grid's vector loop the step decides; otherwise each phase has its own, and none without inner axes.
    const copies = e.step?.copies ?? (phase.vectorAxis >= 0 ? e.plan.unroll[index] : 1);
    const accumulators = openFolds(e, scope, e.kernel.phases[index].folds, copies);
    emitInnerLoops(e, accumulators, copies);
    const combine = !lanesAreGrid && phase.vectorAxis >= 0;
    e.results.push(
      accumulators.map((accumulator) =>
        combine ? combineLanes(e, scope, accumulator) : laneResults(e, scope, accumulator),
      ),
    );
  });
}

/** The digits of `begin` in the sizes of `axes`, into `locals`; the first digit is what is left. */
function emitDigits(e: Emitter, scope: Scope, axes: readonly AxisId[], locals: readonly number[]): void {
  const { code } = scope;
  const rest = scope.alloc(I32);
  code.get(PARAMETER.begin);
  code.set(rest);
  for (let i = axes.length - 1; i >= 0; i--) {
    code.get(rest);
    if (i > 0) {
      e.pushDim(code, sizeOf(e, axes[i]));
      code.byte(OP.i32RemU);
    }
    code.set(locals[i]);
    if (i === 0) break;
    code.get(rest);
    e.pushDim(code, sizeOf(e, axes[i]));
    code.byte(OP.i32DivU);
    code.set(rest);
  }
}

/** locals[last] + 1 with carry. */
function emitIncrement(
  e: Emitter,
  scope: Scope,
  axes: readonly AxisId[],
  locals: readonly number[],
  last: number,
): void {
  const { code } = scope;
  if (last < 0) return;
  code.get(locals[last]);
  code.i32(1);
  code.byte(OP.i32Add);
  code.tee(locals[last]);
  if (last > 0) {
    e.pushDim(code, sizeOf(e, axes[last]));
    code.byte(OP.i32GeU);
    code.open(OP.if);
    code.i32(0);
    code.set(locals[last]);
    emitIncrement(e, scope, axes, locals, last - 1);
    code.end();
  } else code.byte(OP.drop);
}

/** The body of `k`: every grid point of [begin, end). */
export function emitGrid(e: Emitter): void {
  const { grid, gridVector } = e.plan;
  const outer = e.scope;
  const vector = gridVector >= 0;
  const locals = grid.map(() => outer.alloc(I32));
  grid.forEach((axis, i) => (e.axisLocal[axis] = locals[i]));
  const position = locals[grid.length - 1];
  const limit = outer.alloc(I32);
  const width = vector ? e.dimLocal(sizeOf(e, gridVector)) : -1;
  for (const axis of grid) e.dimLocal(sizeOf(e, axis));
  const row = e.openScope();
  if (vector) {
    const { code } = row;
    // limit = min(width, position + end − begin); begin moves on by what this row covers
    const wanted = outer.alloc(I32);
    code.get(position);
    code.get(PARAMETER.end);
    code.get(PARAMETER.begin);
    code.byte(OP.i32Sub);
    code.byte(OP.i32Add);
    code.set(wanted);
    code.get(wanted);
    code.get(width);
    code.get(wanted);
    code.get(width);
    code.byte(OP.i32LtU);
    code.byte(OP.select);
    code.tee(limit);
    code.get(position);
    code.byte(OP.i32Sub);
    code.get(PARAMETER.begin);
    code.byte(OP.i32Add);
    code.set(PARAMETER.begin);
    emitVectorLoop(e, gridVector, position, limit, e.plan.unroll[0], () => emitPhases(e));
    code.i32(0);
    code.set(position);
    emitIncrement(e, row, grid, locals, grid.length - 2);
  } else {
    emitPhases(e);
    const { code } = row;
    code.get(PARAMETER.begin);
    code.i32(1);
    code.byte(OP.i32Add);
    code.set(PARAMETER.begin);
    emitIncrement(e, row, grid, locals, grid.length - 1);
  }
  const body = e.closeScope();
  const { code } = outer;
  // Hoisted code may divide by sizes and load: an empty range does nothing at all.
  const hoisted = code.done().slice();
  code.length = 0;
  code.get(PARAMETER.begin);
  code.get(PARAMETER.end);
  code.byte(OP.i32GeU);
  code.open(OP.if);
  code.byte(OP.return);
  code.end();
  code.raw(hoisted);
  emitDigits(e, outer, grid, locals);
  code.open(OP.loop);
  code.append(body.code);
  code.get(PARAMETER.begin);
  code.get(PARAMETER.end);
  code.byte(OP.i32LtU);
  code.branchIf(0);
  code.end();
}

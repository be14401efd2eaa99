// The value of a node: computed once in the scope of its depth, for all unrolled copies of the vector step, node by
// node, so that the copies form independent chains. Dispatches to loads, conversions, threefry and the stencils.
import type { Lane, NodeId, Scalar } from "@weft/ir";
import { InternalError } from "@weft/ir";
import { guardCode, indexVectors } from "./address.ts";
import { emitConvert, narrowMasks, widenMask } from "./convert.ts";
import type { Emitter } from "./emitter.ts";
import { PARAMETER } from "./emitter.ts";
import type { DeferredLoad } from "./loads.ts";
import { deferLoad, emitLoad } from "./loads.ts";
import { OP, SIMD, V128 } from "./opcodes.ts";
import type { Effective } from "./plan.ts";
import type { Copies, Scope, Value } from "./scope.ts";
import { copyOf } from "./scope.ts";
import { emitThreefry } from "./threefry.ts";

function constantBytes(lane: Lane, value: number): Uint8Array {
  if (lane === "f64") return new Uint8Array(new Float64Array(2).fill(value).buffer);
  if (lane === "f32") return new Uint8Array(new Float32Array(4).fill(value).buffer);
  if (lane === "mask") return new Uint8Array(16).fill(value === 0 ? 0 : 255);
  return new Uint8Array(new Int32Array(4).fill(value | 0).buffer);
}

const constantCache = new Map<string, Uint8Array>();

/** A constant in all lanes. */
export function constantValue(e: Emitter, lane: Lane, value: number): Value {
  const key = `${lane}${Object.is(value, -0) ? "-0" : value}`;
  let bytes = constantCache.get(key);
  if (bytes === undefined) {
    bytes = constantBytes(lane, value);
    // Structural constants are few; a kernel that makes up many must not grow the process.
    if (constantCache.size < 1024) constantCache.set(key, bytes);
  }
  const local = e.constant(bytes);
  return lane === "f64" ? [local, local] : [local];
}

/** The locals of a node's value, one entry a copy or one for all. */
export function valueOf(e: Emitter, id: NodeId): Copies {
  const owner = e.plan.alias[id];
  const node = e.kernel.nodes[owner];
  if (node.op === "const") return [constantValue(e, node.lane, node.value)];
  if (node.op === "result") return e.results[node.phase][node.fold][node.part];
  if (node.op === "part") return valueOf(e, node.of).map((parts) => [parts[node.index]]);
  const scope = e.scopes[e.phase.depth[owner]];
  let value = scope.values.get(owner);
  if (value === undefined) {
    value = compute(e, scope, owner, node);
    scope.values.set(owner, value);
  }
  return value;
}

function emitParam(e: Emitter, scope: Scope, node: Extract<Scalar, { op: "param" }>): Copies {
  const { code } = scope;
  const local = scope.alloc(V128);
  const wide = node.lane === "f64";
  code.get(PARAMETER.args);
  code.memory(wide ? SIMD.load64Splat : SIMD.load32Splat, e.layout.param(node.slot));
  code.set(local);
  return [wide ? [local, local] : [local]];
}

function emitInside(e: Emitter, scope: Scope, node: Extract<Scalar, { op: "inside" }>): Copies {
  const { code } = scope;
  const { scalar, masks } = guardCode(e, node.guard);
  if (scalar === null) return copied(scope, masks ?? [constantValue(e, "mask", 1)]);
  return (masks ?? [null]).map((mask): Value => {
    const local = scope.alloc(V128);
    code.i32(0);
    code.get(scalar);
    code.byte(OP.i32Sub);
    code.simd(SIMD.i32x4Splat);
    if (mask !== null) {
      code.get(mask[0]);
      code.simd(SIMD.and);
    }
    code.set(local);
    return [local];
  });
}

/** Vectors that a memo owns in locals of the node's own, which may be reused after its last use. */
function copied(scope: Scope, from: Copies): Copies {
  return from.map(([source]) => {
    const local = scope.alloc(V128);
    scope.code.get(source);
    scope.code.set(local);
    return [local];
  });
}

function compute(e: Emitter, scope: Scope, id: NodeId, node: Scalar): Copies {
  switch (node.op) {
    case "param":
      return emitParam(e, scope, node);
    case "index":
      return copied(scope, indexVectors(e, e.phase.affine(node.of)));
    case "load":
      return emitLoad(e, id, node);
    case "inside":
      return emitInside(e, scope, node);
    case "apply": {
      const effective = e.phase.effective[id];
      if (effective === null) throw new InternalError("emitKernel: an apply node without a plan");
      return emitApply(e, scope, node, effective, e.phase.varying[id] === 1);
    }
    default:
      throw new InternalError(`emitKernel: ${node.op} has no code of its own`);
  }
}

const COMPARES = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isFinite"]);

function emitApply(
  e: Emitter,
  scope: Scope,
  node: Extract<Scalar, { op: "apply" }>,
  effective: Effective,
  varies: boolean,
): Copies {
  const { fn } = effective;
  const count = effective.args.length;
  // Loads that only this node reads are made copy by copy, so that one register serves them all.
  const deferred = new Array<DeferredLoad | null>(count);
  for (let i = 0; i < count; i++) {
    const arg = effective.args[i];
    const load = e.kernel.nodes[arg];
    deferred[i] = e.phase.deferred[arg] === 1 && load.op === "load" ? deferLoad(e, arg, load) : null;
  }
  const args = new Array<Copies>(count);
  for (let i = 0; i < count; i++) args[i] = deferred[i] === null ? valueOf(e, effective.args[i]) : [];
  const copies = varies ? e.currentStep.copies : 1;
  if (fn === "threefry2x32") return emitThreefry(e, scope, node.args, args, copies);
  const source = e.kernel.nodes[node.args[0]].lane;
  const results = new Array<Value>(copies);
  if (fn === "convert" || fn === "bitcast") {
    for (let copy = 0; copy < copies; copy++)
      results[copy] = emitConvert(e, scope, source, node.lane, copyOf(args[0], copy));
    return results;
  }
  const compare = COMPARES.has(fn);
  const lane = compare ? source : node.lane;
  const stencil = e.stencil(`${fn}_${lane}`);
  const values = new Array<Value>(count);
  const locals = new Array<number>(count);
  for (let copy = 0; copy < copies; copy++) {
    for (let i = 0; i < count; i++) {
      const value = deferred[i]?.value(copy) ?? copyOf(args[i], copy);
      values[i] = value;
      locals[i] = value[0];
    }
    results[copy] =
      lane === "f64" ? applyWide(e, scope, fn, stencil, values, compare) : [e.applyStencil(scope, stencil, locals)];
    for (let i = 0; i < count; i++) if (deferred[i] !== null) scope.releaseValue(values[i]);
  }
  for (const load of deferred) load?.release();
  return results;
}

/** A stencil over f64x2, applied to both halves, or once where they are the same. */
function applyWide(
  e: Emitter,
  scope: Scope,
  fn: string,
  stencil: ReturnType<Emitter["stencil"]>,
  values: readonly Value[],
  compare: boolean,
): Value {
  const select = fn === "select";
  const same = !select && values.every((value) => value[0] === value[1]);
  const halves = same ? [0] : [0, 1];
  const results = halves.map((half) => {
    const mask = select ? widenMask(scope, values[0][0], half) : -1;
    const result = e.applyStencil(
      scope,
      stencil,
      values.map((value, i) => (select && i === 0 ? mask : value[half])),
    );
    if (select) scope.release(mask);
    return result;
  });
  const [low] = results;
  const high = same ? low : results[1];
  if (!compare) return [low, high];
  return [narrowMasks(scope, low, high)];
}

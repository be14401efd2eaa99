// Code for loads: contiguous, splat, reversed, strided and gathered, each plain, in a step that may be partial, or
// under a guard. Inactive and guarded-out lanes touch no memory, but a plain contiguous vector is read whole.
import type { NodeId, Scalar, StorageType } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import type { Address } from "./address.ts";
import {
  activeLanes,
  accessScope,
  addressOf,
  clampedLane,
  guardCode,
  indexVectors,
  pushAddress,
  pushStepAddress,
  stepAddress,
  strideBytes,
} from "./address.ts";
import type { AffineInfo } from "./affine.ts";
import { accessKind } from "./affine.ts";
import type { Emitter } from "./emitter.ts";
import { I32, OP, SIMD, V128 } from "./opcodes.ts";
import type { Copies, Scope, Value } from "./scope.ts";
import { copyOf } from "./scope.ts";
import { constantValue, valueOf } from "./values.ts";
import type { Writer } from "./writer.ts";

type Load = Extract<Scalar, { op: "load" }>;
/** Pushes the byte address of a lane of the copy being loaded. */
type PushLane = (code: Writer, lane: number) => void;

const REVERSED = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
const REVERSED_WIDE = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const REVERSED_BYTES = [3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** Turns the four bytes 0 or 1 on the stack's vector into a mask. */
function widenBool(code: Writer): void {
  code.simd(SIMD.i16x8ExtendLowI8x16U);
  code.simd(SIMD.i32x4ExtendLowI16x8U);
  code.simd(SIMD.i32x4Neg);
}

const ONES = new Uint8Array(16).fill(1);
const ZEROS = new Uint8Array(16);

/** Pushes a vector whose four low bytes are a mask's lanes as 0 or 1. */
export function narrowMask(e: Emitter, code: Writer, mask: number): void {
  const ones = e.constant(ONES);
  code.get(mask);
  code.get(ones);
  code.simd(SIMD.i16x8NarrowI32x4S);
  code.get(ones);
  code.simd(SIMD.i8x16NarrowI16x8S);
  code.get(ones);
  code.simd(SIMD.and);
}

/** Turns halves in the low words of a local's lanes into f32. */
function widenHalf(e: Emitter, scope: Scope, local: number): void {
  e.copyStencil(scope, e.stencil("widen_f16"), [local]);
  scope.code.set(local);
}

/** Pushes a vector whose four low halves are the nearest float16 of each lane. */
export function narrowHalf(e: Emitter, scope: Scope, value: number): void {
  e.copyStencil(scope, e.stencil("narrow_f16"), [value]);
}

function loadSplat(e: Emitter, scope: Scope, storage: StorageType, value: Value, push: () => void): void {
  const { code } = scope;
  push();
  if (storage === "bool" || storage === "f16") {
    code.load(storage === "bool" ? OP.i32Load8U : OP.i32Load16U, 0);
    code.simd(SIMD.i32x4Splat);
    if (storage === "bool") code.simd(SIMD.i32x4Neg);
  } else code.memory(storage === "f64" ? SIMD.load64Splat : SIMD.load32Splat, 0);
  code.set(value[0]);
  if (storage === "f16") widenHalf(e, scope, value[0]);
}

/** Four neighbours at the pushed address plus `offset`. */
function loadContiguous(
  e: Emitter,
  scope: Scope,
  storage: StorageType,
  value: Value,
  offset: number,
  push: () => void,
): void {
  const { code } = scope;
  push();
  if (storage === "bool") {
    code.memory(SIMD.load32Zero, offset);
    widenBool(code);
  } else code.memory(storage === "f16" ? SIMD.load16x4U : SIMD.load, offset);
  code.set(value[0]);
  if (storage === "f16") widenHalf(e, scope, value[0]);
  if (storage !== "f64") return;
  push();
  code.memory(SIMD.load, offset + 16);
  code.set(value[1]);
}

/** Four neighbours that end at the element before `after` bytes back from the pushed address, last first. */
function loadReversed(
  e: Emitter,
  scope: Scope,
  storage: StorageType,
  value: Value,
  back: number,
  push: () => void,
): void {
  const { code } = scope;
  push();
  code.i32(back);
  code.byte(OP.i32Sub);
  if (storage === "bool") {
    code.memory(SIMD.load32Zero, 0);
    code.set(value[0]);
    code.get(value[0]);
    code.get(value[0]);
    code.shuffle(REVERSED_BYTES);
    widenBool(code);
    code.set(value[0]);
    return;
  }
  const order = storage === "f64" ? REVERSED_WIDE : REVERSED;
  code.memory(storage === "f16" ? SIMD.load16x4U : SIMD.load, 0);
  const last = value[value.length - 1];
  code.set(last);
  code.get(last);
  code.get(last);
  code.shuffle(order);
  code.set(last);
  if (storage === "f16") widenHalf(e, scope, last);
  if (storage !== "f64") return;
  push();
  code.i32(back - 16);
  code.byte(OP.i32Sub);
  code.memory(SIMD.load, 0);
  code.set(value[0]);
  code.get(value[0]);
  code.get(value[0]);
  code.shuffle(order);
  code.set(value[0]);
}

/** Loads one element into a lane of `value`; bool bytes go to the vector's first bytes, halves to the lanes' low words. */
function loadLane(code: Writer, storage: StorageType, value: Value, lane: number, push: PushLane): void {
  const local = storage === "f64" ? value[lane >> 1] : value[0];
  push(code, lane);
  code.get(local);
  if (storage === "bool") code.memoryLane(SIMD.load8Lane, 0, lane);
  else if (storage === "f16") code.memoryLane(SIMD.load16Lane, 0, 2 * lane);
  else if (storage === "f64") code.memoryLane(SIMD.load64Lane, 0, lane & 1);
  else code.memoryLane(SIMD.load32Lane, 0, lane);
  code.set(local);
}

function loadLanes(e: Emitter, scope: Scope, storage: StorageType, value: Value, push: PushLane): void {
  const { code } = scope;
  const narrow = storage === "bool" || storage === "f16";
  for (let lane = 0; lane < 4; lane++) {
    const first = storage === "f64" ? (lane & 1) === 0 : lane === 0;
    if (first && !narrow) {
      push(code, lane);
      code.memory(storage === "f64" ? SIMD.load64Zero : SIMD.load32Zero, 0);
      code.set(storage === "f64" ? value[lane >> 1] : value[0]);
      continue;
    }
    if (first) {
      push(code, lane);
      code.load(storage === "bool" ? OP.i32Load8U : OP.i32Load16U, 0);
      code.simd(SIMD.i32x4Splat);
      code.set(value[0]);
      continue;
    }
    loadLane(code, storage, value, lane, push);
  }
  if (storage === "f16") widenHalf(e, scope, value[0]);
  if (storage !== "bool") return;
  code.get(value[0]);
  widenBool(code);
  code.set(value[0]);
}

/** How to reach the lanes of each copy; computed before any branch. */
interface Lanes {
  /** Loads a whole copy whose lanes all exist. */
  whole(copy: number, value: Value): void;
  pushLane(copy: number): PushLane;
  /** Gives back what only these lanes needed. */
  release(): void;
}

const nothing = (): void => {};

function gatherLanes(e: Emitter, scope: Scope, buffer: number, storage: StorageType, info: AffineInfo): Lanes {
  const { code } = scope;
  const step = e.currentStep;
  const pointer = e.pointer(buffer);
  const bytes = STORAGE_BYTES[storage];
  let indices = indexVectors(e, info);
  if (step.masked) {
    // Lanes beyond the end may hold any index: they repeat the first.
    const active = activeLanes(e);
    const safe = scope.alloc(V128);
    code.get(indices[0][0]);
    code.get(indices[0][0]);
    code.lane(SIMD.i32x4ExtractLane, 0);
    code.simd(SIMD.i32x4Splat);
    code.get(active);
    code.simd(SIMD.bitselect);
    code.set(safe);
    indices = [[safe]];
  }
  const pushLane =
    (copy: number): PushLane =>
    (writer, lane) => {
      writer.get(copyOf(indices, copy)[0]);
      writer.lane(SIMD.i32x4ExtractLane, lane);
      if (bytes > 1) {
        writer.i32(Math.log2(bytes));
        writer.byte(OP.i32Shl);
      }
      writer.get(pointer);
      writer.byte(OP.i32Add);
    };
  return { pushLane, whole: (copy, value) => loadLanes(e, scope, storage, value, pushLane(copy)), release: nothing };
}

/** Addresses of lanes that lie `coef` elements apart. */
function stridedLanes(e: Emitter, address: Address, info: AffineInfo): (copy: number) => PushLane {
  const coef = info.vector[0];
  const first = stepAddress(e, address, coef, true);
  const stride = strideBytes(e, coef, address.shift);
  const lanes = e.currentStep.masked ? [1, 2, 3].map((lane) => clampedLane(e, lane)) : null;
  return (copy) => (writer, lane) => {
    const offset = 4 * copy + lane;
    writer.get(first);
    if (offset === 0) return;
    writer.get(stride);
    if (lanes !== null || offset > 1) {
      if (lanes !== null) writer.get(lanes[lane - 1]);
      else writer.i32(offset);
      writer.byte(OP.i32Mul);
    }
    writer.byte(OP.i32Add);
  };
}

function linearLanes(
  e: Emitter,
  scope: Scope,
  buffer: number,
  storage: StorageType,
  info: AffineInfo,
  guarded: boolean,
): Lanes {
  const { code } = scope;
  const kind = accessKind(info);
  const address = addressOf(e, buffer, info);
  const bytes = STORAGE_BYTES[storage];
  const coef = info.vector[0];
  // A strided vector that is read whole is read lane by lane; the others only where a guard splits them.
  const strided = kind === "strided" || guarded ? stridedLanes(e, address, info) : null;
  const pushLane = (copy: number): PushLane => {
    if (strided === null) throw new RangeError("emitKernel: lanes of an unguarded vector");
    return strided(copy);
  };
  if (kind === "strided")
    return { pushLane, whole: (copy, value) => loadLanes(e, scope, storage, value, pushLane(copy)), release: nothing };
  let start = stepAddress(e, address, coef, false);
  if (address.late !== null) {
    // Read again in every step, but once for all copies.
    pushStepAddress(e, code, address, coef);
    start = scope.alloc(I32);
    code.set(start);
  }
  const release = (): void => {
    if (address.late !== null) scope.release(start);
  };
  const push = (): void => code.get(start);
  if (kind === "unit")
    return {
      pushLane,
      whole: (copy, value) => loadContiguous(e, scope, storage, value, 4 * copy * bytes, push),
      release,
    };
  return {
    pushLane,
    whole: (copy, value) => loadReversed(e, scope, storage, value, (4 * copy + 3) * bytes, push),
    release,
  };
}

function newValue(scope: Scope, storage: StorageType): Value {
  return storage === "f64" ? [scope.alloc(V128), scope.alloc(V128)] : [scope.alloc(V128)];
}

/** A uniform value's single local serves both halves of f64. */
function newUniform(scope: Scope, storage: StorageType): Value {
  const local = scope.alloc(V128);
  return storage === "f64" ? [local, local] : [local];
}

function copyInto(code: Writer, from: Value, to: Value): void {
  to.forEach((local, i) => {
    code.get(from[i]);
    code.set(local);
  });
}

function otherOf(e: Emitter, node: Load): Copies {
  return node.other === null ? [constantValue(e, node.lane, 0)] : valueOf(e, node.other);
}

function emitUniform(e: Emitter, scope: Scope, node: Load, storage: StorageType, info: AffineInfo): Copies {
  const { code } = scope;
  const address = addressOf(e, node.buffer, info);
  const value = newUniform(scope, storage);
  const load = (): void => loadSplat(e, scope, storage, value, () => pushAddress(e, code, address));
  if (node.guard === null) {
    load();
    return [value];
  }
  const { scalar } = guardCode(e, node.guard);
  const [other] = otherOf(e, node);
  code.get(other[0]);
  code.set(value[0]);
  if (scalar !== null) {
    code.get(scalar);
    code.open(OP.if);
  }
  load();
  if (scalar !== null) code.end();
  return [value];
}

function emitGuarded(
  e: Emitter,
  scope: Scope,
  node: Load,
  storage: StorageType,
  lanes: Lanes,
  guard: NonNullable<Load["guard"]>,
): Copies {
  const { code } = scope;
  const { scalar, masks } = guardCode(e, guard);
  const other = otherOf(e, node);
  const { copies, masked } = e.currentStep;
  const active = masked ? activeLanes(e) : null;
  return Array.from({ length: copies }, (_, copy): Value => {
    const value = newValue(scope, storage);
    const mask = masks === null ? null : copyOf(masks, copy)[0];
    copyInto(code, copyOf(other, copy), value);
    if (scalar !== null) {
      code.get(scalar);
      code.open(OP.if);
    }
    if (mask === null && active === null) lanes.whole(copy, value);
    else {
      const inside = mask ?? active;
      // A partial step reads whole only what the guard knows to be memory.
      if (mask !== null) {
        code.get(mask);
        code.simd(SIMD.i32x4AllTrue);
        code.open(OP.if);
        lanes.whole(copy, value);
        code.else();
      }
      const bits = storage === "bool" || storage === "f16" ? scope.alloc(V128) : null;
      if (bits !== null) {
        // Bytes are collected as they lie in memory, those of `other` first; halves of lanes outside are not used.
        if (storage === "bool") narrowMask(e, code, value[0]);
        else code.get(e.constant(ZEROS));
        code.set(bits);
      }
      const target: Value = bits === null ? value : [bits];
      for (let lane = 0; lane < 4; lane++) {
        code.get(inside as number);
        code.lane(SIMD.i32x4ExtractLane, lane);
        if (active !== null && mask !== null) {
          code.get(active);
          code.lane(SIMD.i32x4ExtractLane, lane);
          code.byte(OP.i32And);
        }
        code.open(OP.if);
        loadLane(code, storage, target, lane, lanes.pushLane(copy));
        code.end();
      }
      if (bits !== null) {
        if (storage === "f16") widenHalf(e, scope, bits);
        code.get(bits);
        if (storage === "bool") widenBool(code);
        else {
          code.get(value[0]);
          code.get(inside as number);
          code.simd(SIMD.bitselect);
        }
        code.set(value[0]);
        scope.release(bits);
      }
      if (mask !== null) code.end();
    }
    if (scalar !== null) code.end();
    return value;
  });
}

/** A plain contiguous load whose copies are loaded one by one, each where it is used. */
export interface DeferredLoad {
  value(copy: number): Value;
  release(): void;
}

export function deferLoad(e: Emitter, id: NodeId, node: Load): DeferredLoad {
  const { storage } = e.kernel.buffers[node.buffer];
  const scope = accessScope(e, e.phase.depth[id]);
  const lanes = linearLanes(e, scope, node.buffer, storage, e.phase.affine(node.at), false);
  return {
    value: (copy) => {
      const value = newValue(scope, storage);
      lanes.whole(copy, value);
      return value;
    },
    release: () => lanes.release(),
  };
}

/** The copies of a load in its scope. */
export function emitLoad(e: Emitter, id: NodeId, node: Load): Copies {
  const { storage } = e.kernel.buffers[node.buffer];
  const info = e.phase.affine(node.at);
  if (e.phase.varying[id] === 0) return emitUniform(e, e.scopes[e.phase.depth[id]], node, storage, info);
  const scope = accessScope(e, e.phase.depth[id]);
  const kind = accessKind(info);
  if (kind === "uniform") return emitSelected(e, scope, node, storage, info);
  const lanes =
    kind === "gather"
      ? gatherLanes(e, scope, node.buffer, storage, info)
      : linearLanes(e, scope, node.buffer, storage, info, node.guard !== null);
  if (node.guard !== null) return emitGuarded(e, scope, node, storage, lanes, node.guard);
  const copies = Array.from({ length: e.currentStep.copies }, (_, copy) => {
    const value = newValue(scope, storage);
    lanes.whole(copy, value);
    return value;
  });
  lanes.release();
  return copies;
}

/** One address for all lanes under a guard that differs, or with a varying `other`: load it where any lane wants it. */
function emitSelected(e: Emitter, scope: Scope, node: Load, storage: StorageType, info: AffineInfo): Copies {
  const { code } = scope;
  const address = addressOf(e, node.buffer, info);
  const other = otherOf(e, node);
  const guard = node.guard === null ? { scalar: null, masks: null } : guardCode(e, node.guard);
  const { copies, masked } = e.currentStep;
  const active = masked ? activeLanes(e) : null;
  return Array.from({ length: copies }, (_, copy): Value => {
    const value = newValue(scope, storage);
    const splat = scope.alloc(V128);
    const mask = guard.masks === null ? null : copyOf(guard.masks, copy)[0];
    copyInto(code, copyOf(other, copy), value);
    if (guard.scalar !== null) {
      code.get(guard.scalar);
      code.open(OP.if);
    }
    if (mask !== null) {
      code.get(mask);
      if (active !== null) {
        code.get(active);
        code.simd(SIMD.and);
      }
      code.simd(SIMD.anyTrue);
      code.open(OP.if);
    }
    loadSplat(e, scope, storage, [splat], () => pushAddress(e, code, address));
    value.forEach((local, half) => {
      code.get(splat);
      if (mask !== null) {
        code.get(local);
        code.get(mask);
        if (storage === "f64") code.simd(half === 0 ? SIMD.i64x2ExtendLowI32x4S : SIMD.i64x2ExtendHighI32x4S);
        code.simd(SIMD.bitselect);
      }
      code.set(local);
    });
    if (mask !== null) code.end();
    if (guard.scalar !== null) code.end();
    scope.release(splat);
    return value;
  });
}

// Code for stores: contiguous, lane by lane, or scattered. A step that may be partial writes exactly its elements.
import type { BufferId, StorageType, Store } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import type { Address } from "./address.ts";
import {
  addressOf,
  indexVectors,
  pushAddress,
  pushStepAddress,
  remaining,
  stepAddress,
  strideBytes,
} from "./address.ts";
import type { AffineInfo } from "./affine.ts";
import { accessKind } from "./affine.ts";
import type { Emitter } from "./emitter.ts";
import { narrowHalf, narrowMask } from "./loads.ts";
import { OP, SIMD, V128 } from "./opcodes.ts";
import type { Scope, Value } from "./scope.ts";
import { copyOf } from "./scope.ts";
import { valueOf } from "./values.ts";

type Push = () => void;

/** What stores one element, and two neighbours; f64 takes another way. */
const LANE_STORE = {
  bool: SIMD.store8Lane,
  f16: SIMD.store16Lane,
  i32: SIMD.store32Lane,
  u32: SIMD.store32Lane,
  f32: SIMD.store32Lane,
} as const satisfies Record<Exclude<StorageType, "f64">, number>;
const PAIR_STORE = {
  bool: SIMD.store16Lane,
  f16: SIMD.store32Lane,
  i32: SIMD.store64Lane,
  u32: SIMD.store64Lane,
  f32: SIMD.store64Lane,
} as const satisfies Record<Exclude<StorageType, "f64">, number>;
const isNarrow = (storage: StorageType): boolean => storage === "bool" || storage === "f16";

/** Writes one lane to the pushed address; values of bool and f16 are already narrowed to their bytes. */
function storeLane(scope: Scope, storage: StorageType, value: Value, lane: number, offset: number, push: Push): void {
  const { code } = scope;
  push();
  if (storage === "f64") {
    code.get(value[lane >> 1]);
    code.memoryLane(SIMD.store64Lane, offset, lane & 1);
  } else {
    code.get(value[0]);
    code.memoryLane(LANE_STORE[storage], offset, lane);
  }
}

function storeWhole(scope: Scope, storage: StorageType, value: Value, offset: number, push: Push): void {
  const { code } = scope;
  if (isNarrow(storage)) {
    push();
    code.get(value[0]);
    code.memoryLane(storage === "bool" ? SIMD.store32Lane : SIMD.store64Lane, offset, 0);
    return;
  }
  value.forEach((local, half) => {
    push();
    code.get(local);
    code.memory(SIMD.store, offset + 16 * half);
  });
}

/** The first `remaining` lanes, which are contiguous: all, or two and a third, or one. */
function storePartial(e: Emitter, scope: Scope, storage: StorageType, value: Value, push: Push): void {
  const { code } = scope;
  const left = remaining(e);
  const bytes = STORAGE_BYTES[storage];
  code.get(left);
  code.i32(4);
  code.byte(OP.i32GeU);
  code.open(OP.if);
  storeWhole(scope, storage, value, 0, push);
  code.else();
  code.get(left);
  code.i32(2);
  code.byte(OP.i32GeU);
  code.open(OP.if);
  push();
  code.get(value[0]);
  if (storage === "f64") code.memory(SIMD.store, 0);
  else code.memoryLane(PAIR_STORE[storage], 0, 0);
  code.get(left);
  code.i32(3);
  code.byte(OP.i32Eq);
  code.open(OP.if);
  storeLane(scope, storage, value, 2, 2 * bytes, push);
  code.end();
  code.else();
  storeLane(scope, storage, value, 0, 0, push);
  code.end();
  code.end();
}

/** All lanes one by one, in order, each only if it exists. */
function storeLanes(e: Emitter, scope: Scope, storage: StorageType, value: Value, push: (lane: number) => void): void {
  const { code } = scope;
  const left = e.currentStep.masked ? remaining(e) : null;
  for (let lane = 0; lane < 4; lane++) {
    const conditional = left !== null && lane > 0;
    if (conditional) {
      code.get(left);
      code.i32(lane);
      code.byte(OP.i32GtU);
      code.open(OP.if);
    }
    storeLane(scope, storage, value, lane, 0, () => push(lane));
    if (conditional) code.end();
  }
}

interface Target {
  /** Pushes the address of a lane, or of the step's first element for contiguous stores. */
  push(copy: number, lane: number): void;
  readonly contiguous: boolean;
}

function scattered(e: Emitter, scope: Scope, buffer: BufferId, info: AffineInfo, shift: number): Target {
  const { code } = scope;
  const pointer = e.pointer(buffer);
  const indices = indexVectors(e, info);
  return {
    contiguous: false,
    push: (copy, lane) => {
      code.get(copyOf(indices, copy)[0]);
      code.lane(SIMD.i32x4ExtractLane, lane);
      code.i32(shift);
      code.byte(OP.i32Shl);
      code.get(pointer);
      code.byte(OP.i32Add);
    },
  };
}

function strided(e: Emitter, scope: Scope, address: Address, info: AffineInfo): Target {
  const { code } = scope;
  const coef = info.vector[0];
  const first = stepAddress(e, address, coef, true);
  const stride = strideBytes(e, coef, address.shift);
  return {
    contiguous: false,
    push: (copy, lane) => {
      const offset = 4 * copy + lane;
      code.get(first);
      if (offset === 0) return;
      code.get(stride);
      if (offset > 1) {
        code.i32(offset);
        code.byte(OP.i32Mul);
      }
      code.byte(OP.i32Add);
    },
  };
}

function targetOf(e: Emitter, scope: Scope, store: Store, info: AffineInfo): Target {
  const { code } = scope;
  const address = addressOf(e, store.buffer, info);
  const kind = accessKind(info);
  if (kind === "gather") return scattered(e, scope, store.buffer, info, address.shift);
  if (kind === "uniform") return { contiguous: false, push: () => pushAddress(e, code, address) };
  if (kind === "unit") {
    stepAddress(e, address, info.vector[0], false);
    return { contiguous: true, push: () => pushStepAddress(e, code, address, info.vector[0]) };
  }
  return strided(e, scope, address, info);
}

/** Writes one store of the current phase into `scope`, the scope of its loops. */
export function emitStore(e: Emitter, scope: Scope, store: Store): void {
  const { storage } = e.kernel.buffers[store.buffer];
  const info = e.phase.affine(store.at);
  const values = valueOf(e, store.value);
  const { code } = scope;
  const narrowed = (value: Value): Value => {
    if (!isNarrow(storage)) return value;
    const local = scope.alloc(V128);
    if (storage === "bool") narrowMask(e, code, value[0]);
    else narrowHalf(e, scope, value[0]);
    code.set(local);
    return [local];
  };
  const done = (value: Value): void => {
    if (isNarrow(storage)) scope.releaseValue(value);
  };
  if (e.step === null) {
    const address = addressOf(e, store.buffer, info);
    const value = narrowed(values[0]);
    storeLane(scope, storage, value, 0, 0, () => pushAddress(e, code, address));
    done(value);
    return;
  }
  const target = targetOf(e, scope, store, info);
  const { copies, masked } = e.step;
  for (let copy = 0; copy < copies; copy++) {
    const value = narrowed(copyOf(values, copy));
    if (target.contiguous && masked) storePartial(e, scope, storage, value, () => target.push(copy, 0));
    else if (target.contiguous)
      storeWhole(scope, storage, value, 4 * copy * STORAGE_BYTES[storage], () => target.push(copy, 0));
    else storeLanes(e, scope, storage, value, (lane) => target.push(copy, lane));
    done(value);
  }
}

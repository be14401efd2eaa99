// Code for affine indices: scalars accumulated loop by loop (each term at the loop it changes in), index vectors
// where lanes differ, masks of guards. Digits are floored quotients, exact through float64 division.
import type { Dim, Guard, NodeId } from "@weft/ir";
import { STORAGE_BYTES } from "@weft/ir";
import type { AffineInfo, TermInfo } from "./affine.ts";
import { dimKey, isLiteral } from "./affine.ts";
import type { Emitter } from "./emitter.ts";
import { I32, OP, SIMD, V128 } from "./opcodes.ts";
import type { Copies, Scope } from "./scope.ts";
import { copyOf } from "./scope.ts";
import { valueOf } from "./values.ts";
import type { Writer } from "./writer.ts";

/** A scalar i32 in a local: the sum of the terms up to a loop depth. */
export interface Chain {
  readonly local: number;
  readonly depth: number;
  readonly key: string;
}

/** A byte address: a chain, and a base to add at each use where bases are many. */
export interface Address {
  readonly chain: Chain;
  readonly late: Dim | null;
  readonly shift: number;
}

const bytesOf = (lanes: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(lanes).buffer);
const rampBytes = new Map<number, Uint8Array>();

/** The constant (first, first + 1, first + 2, first + 3). */
export function ramp(e: Emitter, first: number): number {
  let bytes = rampBytes.get(first);
  if (bytes === undefined) rampBytes.set(first, (bytes = bytesOf([first, first + 1, first + 2, first + 3])));
  return e.constant(bytes);
}

/** A node that is the same in all lanes, as a scalar local. */
export function scalarOf(e: Emitter, node: NodeId): number {
  const scope = e.scopes[e.phase.depth[node]];
  return e.memo(scope, `scalar${node}`, I32, (code) => {
    const value = valueOf(e, node)[0];
    code.get(value[0]);
    code.lane(SIMD.i32x4ExtractLane, 0);
  });
}

function pushDivisor(e: Emitter, code: Writer, divisor: Dim): void {
  e.pushDim(code, divisor);
  if ("lit" in divisor) return;
  // An axis without elements may leave zero here, in code that is hoisted out of its loop.
  e.pushDim(code, divisor);
  code.byte(OP.i32Eqz);
  code.byte(OP.i32Add);
}

function digitScalar(e: Emitter, term: TermInfo): number {
  if (term.of.kind !== "digit") return -1;
  const { of, div, mod } = term.of;
  const key = `digit(${of.key}/${dimKey(div)}%${mod === null ? "" : dimKey(mod)})`;
  const scope = e.scopes[term.depth];
  const found = scope.memo.get(key);
  if (found !== undefined) return found;
  const source = scalarChain(e, of, null, 0, true);
  return e.memo(scope, key, I32, (code) => {
    code.get(source.local);
    if (!isLiteral(div, 1)) {
      pushDivisor(e, code, div);
      code.byte(OP.i32DivU);
    }
    if (mod !== null) {
      pushDivisor(e, code, mod);
      code.byte(OP.i32RemU);
    }
  });
}

/** Pushes coef·of of a term that is a scalar. */
function pushTerm(e: Emitter, code: Writer, term: TermInfo): void {
  const { of } = term;
  if (of.kind === "axis") code.get(e.axisLocal[of.axis]);
  else code.get(of.kind === "digit" ? digitScalar(e, term) : scalarOf(e, of.node));
  if (isLiteral(term.coef, 1)) return;
  e.pushDim(code, term.coef);
  code.byte(OP.i32Mul);
}

/** start + (base + the scalar terms) << shift, in locals of the loops where the terms change. */
function scalarChain(e: Emitter, info: AffineInfo, start: Chain | null, shift: number, withBase: boolean): Chain {
  let chain = start;
  if (withBase && (start === null || !isLiteral(info.base, 0))) {
    const key = `${start?.key ?? ""}@${dimKey(info.base)}<<${shift}`;
    const local = e.memo(e.prelude, key, I32, (code) => {
      if (start !== null) code.get(start.local);
      e.readDim(code, info.base);
      if (shift > 0) {
        code.i32(shift);
        code.byte(OP.i32Shl);
      }
      if (start !== null) code.byte(OP.i32Add);
    });
    chain = { local, depth: 0, key };
  }
  if (chain === null) throw new RangeError("emitKernel: a chain needs a start or a base");
  const { scalars } = info;
  for (let first = 0; first < scalars.length;) {
    let last = first;
    while (last + 1 < scalars.length && scalars[last + 1].depth === scalars[first].depth) last++;
    const previous: Chain = chain;
    const terms = scalars.slice(first, last + 1);
    const depth = Math.max(previous.depth, terms[0].depth);
    const key = `${previous.key}+${terms.map((term) => term.key).join("+")}<<${shift}`;
    const local = e.memo(e.scopes[depth], key, I32, (code) => {
      code.get(previous.local);
      terms.forEach((term, i) => {
        pushTerm(e, code, term);
        if (i > 0) code.byte(OP.i32Add);
      });
      if (shift > 0) {
        code.i32(shift);
        code.byte(OP.i32Shl);
      }
      code.byte(OP.i32Add);
    });
    chain = { local, depth, key };
    first = last + 1;
  }
  return chain;
}

/** The address of an access, without what moves along the vector axis. */
export function addressOf(e: Emitter, buffer: number, info: AffineInfo): Address {
  const shift = Math.log2(STORAGE_BYTES[e.kernel.buffers[buffer].storage]);
  const late = e.plan.lateBases && "dim" in info.base;
  const start: Chain = { local: e.pointer(buffer), depth: 0, key: `p${buffer}` };
  return { chain: scalarChain(e, info, start, shift, !late), late: late ? info.base : null, shift };
}

function addLate(e: Emitter, code: Writer, address: Address): void {
  if (address.late === null) return;
  e.readDim(code, address.late);
  if (address.shift > 0) {
    code.i32(address.shift);
    code.byte(OP.i32Shl);
  }
  code.byte(OP.i32Add);
}

/** Pushes the address of an access that does not move along the vector axis. */
export function pushAddress(e: Emitter, code: Writer, address: Address): void {
  code.get(address.chain.local);
  addLate(e, code, address);
}

/** The vector position times coef, in bytes. */
function positionOffset(e: Emitter, coef: Dim, shift: number): number {
  const { position } = e.currentStep;
  const one = isLiteral(coef, 1);
  if (one && shift === 0) return position;
  return e.memo(e.stepScope, `position*${dimKey(coef)}<<${shift}`, I32, (code) => {
    code.get(position);
    if (!one) {
      e.pushDim(code, coef);
      code.byte(OP.i32Mul);
    }
    if (shift > 0) {
      code.i32(shift);
      code.byte(OP.i32Shl);
    }
  });
}

/** The scope in which an access that moves along the vector axis is made. */
export function accessScope(e: Emitter, depth: number): Scope {
  return e.scopes[Math.max(depth, e.currentStep.depth)];
}

/** A local with the address of the step's first element, late base included only if `complete`. */
export function stepAddress(e: Emitter, address: Address, coef: Dim, complete: boolean): number {
  const offset = positionOffset(e, coef, address.shift);
  const scope = accessScope(e, address.chain.depth);
  const late = complete && address.late !== null ? dimKey(address.late) : "";
  return e.memo(scope, `${address.chain.key}*${dimKey(coef)}${late}`, I32, (code) => {
    code.get(address.chain.local);
    code.get(offset);
    code.byte(OP.i32Add);
    if (late !== "") addLate(e, code, address);
  });
}

/** Pushes the address of the step's first element. */
export function pushStepAddress(e: Emitter, code: Writer, address: Address, coef: Dim): void {
  code.get(stepAddress(e, address, coef, false));
  addLate(e, code, address);
}

/** The bytes between neighbours along the vector axis. */
export function strideBytes(e: Emitter, coef: Dim, shift: number): number {
  return e.memo(e.prelude, `stride${dimKey(coef)}<<${shift}`, I32, (code) => {
    e.pushDim(code, coef);
    code.i32(shift);
    code.byte(OP.i32Shl);
  });
}

/** Elements left in a step that may be partial. */
export function remaining(e: Emitter): number {
  const { position, limit } = e.currentStep;
  return e.memo(e.stepScope, "remaining", I32, (code) => {
    code.get(limit);
    code.get(position);
    code.byte(OP.i32Sub);
  });
}

/** The lane to read in place of `lane`: itself, or the last one that exists. */
export function clampedLane(e: Emitter, lane: number): number {
  const left = remaining(e);
  return e.memo(e.stepScope, `lane${lane}`, I32, (code) => {
    code.i32(lane);
    code.get(left);
    code.i32(1);
    code.byte(OP.i32Sub);
    code.get(left);
    code.i32(lane);
    code.byte(OP.i32GtU);
    code.byte(OP.select);
  });
}

/** The mask of the lanes that exist in a step that may be partial. */
export function activeLanes(e: Emitter): number {
  const left = remaining(e);
  const lanes = ramp(e, 0);
  return e.memo(e.stepScope, "active", V128, (code) => {
    code.get(left);
    code.simd(SIMD.i32x4Splat);
    code.get(lanes);
    code.simd(SIMD.i32x4GtS);
  });
}

/** The offsets of a copy's lanes along the vector axis, times coef. */
function rampTimes(e: Emitter, coef: Dim, copy: number): number {
  const lanes = ramp(e, 4 * copy);
  if (isLiteral(coef, 1)) return lanes;
  return e.memo(e.prelude, `ramp${4 * copy}*${dimKey(coef)}`, V128, (code) => {
    code.get(lanes);
    e.pushDim(code, coef);
    code.simd(SIMD.i32x4Splat);
    code.simd(SIMD.i32x4Mul);
  });
}

function dimVector(e: Emitter, dim: Dim, wide: boolean): number {
  return e.memo(e.prelude, `${wide ? "wide" : "vector"}${dimKey(dim)}`, V128, (code) => {
    e.pushDim(code, dim);
    code.simd(SIMD.i32x4Splat);
    if (wide) code.simd(SIMD.f64x2ConvertLowI32x4U);
  });
}

const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Pushes floor(vector / dim), unsigned: correctly rounded float64 quotients of 32-bit integers never reach the next integer. */
function pushQuotient(e: Emitter, code: Writer, vector: number, dim: Dim): void {
  const divisor = dimVector(e, dim, true);
  code.get(vector);
  code.simd(SIMD.f64x2ConvertLowI32x4U);
  code.get(divisor);
  code.simd(SIMD.f64x2Div);
  code.simd(SIMD.i32x4TruncSatF64x2UZero);
  code.get(vector);
  code.get(vector);
  code.shuffle(HIGH);
  code.simd(SIMD.f64x2ConvertLowI32x4U);
  code.get(divisor);
  code.simd(SIMD.f64x2Div);
  code.simd(SIMD.i32x4TruncSatF64x2UZero);
  code.shuffle(LOW_HALVES);
}

function digitVector(e: Emitter, scope: Scope, source: number, div: Dim, mod: Dim | null): number {
  const { code } = scope;
  const result = scope.alloc(V128);
  if (isLiteral(div, 1)) code.get(source);
  else pushQuotient(e, code, source, div);
  code.set(result);
  if (mod === null) return result;
  // x − m·floor(x / m)
  const modulus = dimVector(e, mod, false);
  code.get(result);
  pushQuotient(e, code, result, mod);
  code.get(modulus);
  code.simd(SIMD.i32x4Mul);
  code.simd(SIMD.i32x4Sub);
  code.set(result);
  return result;
}

/** The index of each lane as i32 vectors: one if all lanes of the step have the same. */
export function indexVectors(e: Emitter, info: AffineInfo): Copies {
  if (!info.varying) {
    const chain = scalarChain(e, info, null, 0, true);
    const local = e.memo(e.scopes[chain.depth], `vector${chain.key}`, V128, (code) => {
      code.get(chain.local);
      code.simd(SIMD.i32x4Splat);
    });
    return [[local]];
  }
  const scope = accessScope(e, info.depth);
  const key = `index${info.key}`;
  const found = scope.copies.get(key);
  if (found !== undefined) return found;
  const chain = scalarChain(e, info, null, 0, true);
  const { copies } = e.currentStep;
  const offsets = info.vector.map((coef) => positionOffset(e, coef, 0));
  const terms = info.varyingTerms.map((term): Copies => {
    if (term.of.kind === "value") return valueOf(e, term.of.node);
    if (term.of.kind !== "digit") return [];
    const { of, div, mod } = term.of;
    return indexVectors(e, of).map(([source]) => [digitVector(e, scope, source, div, mod)]);
  });
  const { code } = scope;
  const start = scope.alloc(V128);
  code.get(chain.local);
  for (const offset of offsets) {
    code.get(offset);
    code.byte(OP.i32Add);
  }
  code.simd(SIMD.i32x4Splat);
  code.set(start);
  const result: Copies = Array.from({ length: copies }, (_, copy) => {
    const local = scope.alloc(V128);
    const lanes = info.vector.map((coef) => rampTimes(e, coef, copy));
    code.get(start);
    for (const lane of lanes) {
      code.get(lane);
      code.simd(SIMD.i32x4Add);
    }
    terms.forEach((term, i) => {
      const { coef } = info.varyingTerms[i];
      code.get(copyOf(term, copy)[0]);
      if (!isLiteral(coef, 1)) {
        code.get(dimVector(e, coef, false));
        code.simd(SIMD.i32x4Mul);
      }
      code.simd(SIMD.i32x4Add);
    });
    code.set(local);
    return [local];
  });
  scope.copies.set(key, result);
  return result;
}

/** hi − lo, in a local. */
function spanLocal(e: Emitter, lo: Dim, hi: Dim): number {
  return e.memo(e.prelude, `span${dimKey(lo)},${dimKey(hi)}`, I32, (code) => {
    e.pushDim(code, hi);
    e.pushDim(code, lo);
    code.byte(OP.i32Sub);
  });
}
function spanVector(e: Emitter, lo: Dim, hi: Dim): number {
  if (isLiteral(lo, 0)) return dimVector(e, hi, false);
  const span = spanLocal(e, lo, hi);
  return e.memo(e.prelude, `spans${dimKey(lo)},${dimKey(hi)}`, V128, (code) => {
    code.get(span);
    code.simd(SIMD.i32x4Splat);
  });
}

/** A guard as code: a scalar (0 or 1) for what all lanes share, masks for what differs; null where there is neither. */
export interface GuardCode {
  readonly scalar: number | null;
  readonly masks: Copies | null;
}

export function guardCode(e: Emitter, guard: Guard): GuardCode {
  const entries = guard.all.map((entry) => ({ ...entry, info: e.phase.affine(entry.of) }));
  const uniform = entries.filter(({ info }) => !info.varying);
  const varying = entries.filter(({ info }) => info.varying);
  const keyOf = (list: typeof entries): string =>
    list.map(({ info, lo, hi }) => `${info.key}[${dimKey(lo)},${dimKey(hi)}`).join("&");
  let scalar: number | null = null;
  if (uniform.length > 0) {
    const depth = Math.max(...uniform.map(({ info }) => info.depth));
    const chains = uniform.map(({ info }) => scalarChain(e, info, null, 0, true));
    scalar = e.memo(e.scopes[depth], `guard${keyOf(uniform)}`, I32, (code) => {
      uniform.forEach(({ lo, hi }, i) => {
        code.get(chains[i].local);
        if (!isLiteral(lo, 0)) {
          e.pushDim(code, lo);
          code.byte(OP.i32Sub);
        }
        code.get(spanLocal(e, lo, hi));
        code.byte(OP.i32LtU);
        if (i > 0) code.byte(OP.i32And);
      });
    });
  }
  if (varying.length === 0) return { scalar, masks: null };
  const scope = accessScope(e, Math.max(...varying.map(({ info }) => info.depth)));
  const key = `guard${keyOf(varying)}`;
  let masks = scope.copies.get(key);
  if (masks === undefined) {
    const indices = varying.map(({ info }) => indexVectors(e, info));
    const bounds = varying.map(({ lo, hi }) => ({
      lo: isLiteral(lo, 0) ? null : dimVector(e, lo, false),
      span: spanVector(e, lo, hi),
    }));
    const { code } = scope;
    masks = Array.from({ length: e.currentStep.copies }, (_, copy) => {
      const local = scope.alloc(V128);
      bounds.forEach(({ lo, span }, i) => {
        const [index] = copyOf(indices[i], copy);
        code.get(index);
        if (lo !== null) {
          code.get(lo);
          code.simd(SIMD.i32x4Sub);
        }
        code.get(span);
        code.simd(SIMD.i32x4LtU);
        if (i > 0) code.simd(SIMD.and);
      });
      code.set(local);
      return [local];
    });
    scope.copies.set(key, masks);
  }
  return { scalar, masks };
}

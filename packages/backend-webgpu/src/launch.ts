// Turns the steps of a segment into launches: which shader over how many workgroups, which buffers, and what stands in
// its params. Knows no device: that is program.ts.
import { DTypeError, DeviceError, InternalError, paramValue, printKernel, STORAGE_BYTES } from "@weft/ir";
import type { DimValue, MatrixOperand, ParamValue, Place, Step, StorageType } from "@weft/ir";

import type { Shader } from "./pipelines.ts";
import { planSlots } from "./slots.ts";
import type { SlotPlan } from "./slots.ts";
import { GEMM_WORDS, gemmCode, gemmTile, gemmVariant } from "./templates/gemm.ts";
import type { GemmElement, GemmShape, Pieces } from "./templates/gemm.ts";
import { transposeCode, TRANSPOSE_TILE, TRANSPOSE_WORDS } from "./templates/transpose.ts";
import { pieceBytes, piecesOf, windowsOf } from "./windows.ts";
import type { KernelPart } from "./windows.ts";

/** A buffer as a dispatch sees it. */
export interface Binding {
  /** One of the run's buffers, or `buffers + slot`. */
  readonly ref: number;
  readonly writable: boolean;
  /** Where the binding begins and its bytes; null reaches as far as a binding may. */
  readonly offset: number;
  readonly bytes: number | null;
  /** Bytes of the buffer beyond which the binding cannot be made. */
  readonly most: number;
}

/** A shader over workgroups. */
export interface DispatchLaunch {
  readonly kind: "dispatch";
  readonly shader: Shader;
  readonly bindings: readonly Binding[];
  readonly groups: readonly [number, number, number];
  readonly paramWords: number;
  writeParams(view: DataView, slots: ArrayLike<number>): void;
  /** Whether the params depend on slots. */
  readonly slotted: boolean;
  readonly work: number;
  /** Whether the work is that of a matrix product, which devices do at another rate. */
  readonly product: boolean;
}

/** A copy from buffer to buffer. */
export interface CopyLaunch {
  readonly kind: "copy";
  readonly from: number;
  readonly to: number;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly bytes: number;
}

export type Launch = DispatchLaunch | CopyLaunch;

/** A kernel as WGSL; the part of wgsl/types.ts that the runtime uses. */
export interface KernelCode {
  readonly code: string;
  readonly paramWords: number;
  dispatch(points: number): readonly [number, number, number];
  writeParams(view: DataView, dims: ArrayLike<number>, params: readonly number[], baseOffsets: readonly number[]): void;
}

/** What launches are made for. */
export interface Target {
  /** The WGSL of a kernel; `key` is equal for equal kernels. */
  emit(part: KernelPart): KernelCode;
  readonly software: boolean;
  /** The shape of large products. */
  readonly gemm: GemmShape;
  /** Most bytes of one storage binding, bindings of a shader, workgroups along one axis. */
  readonly bindingBytes: number;
  readonly bindings: number;
  readonly workgroups: number;
  /** Alignment of the offsets of storage bindings. */
  readonly bindingAlign: number;
  /** Work from which a dispatch is cut into several: of a kernel, and of a product. */
  readonly dispatchWork: number;
  readonly productWork: number;
}

/** The launches of a segment and the slots they use. */
export interface LaunchPlan {
  readonly launches: readonly Launch[];
  readonly slots: SlotPlan;
}

type Slots = ArrayLike<number>;

const isSlotted = (value: DimValue | ParamValue): boolean =>
  typeof value !== "number" && (!("terms" in value) || value.terms.length > 0);

function dimValue(value: DimValue, slots: Slots): number {
  if (typeof value === "number") return value;
  let sum = value.base;
  for (const { slot, coef } of value.terms) sum += slots[slot] * coef;
  return sum;
}

function expectServed(storage: StorageType, what: string): void {
  if (storage !== "f64") return;
  throw new DTypeError(
    `webgpu: ${what} is float64, which GPUs do not have here; use astype("float32"), or evaluate it on device "wasm"`,
  );
}

/** The launches of a segment's steps, in order. */
export function planLaunches(steps: readonly Step[], buffers: number, target: Target): LaunchPlan {
  const slots = planSlots(steps);
  const launches: Launch[] = [];
  steps.forEach((step, index) => {
    const refOf = (place: Place, writes: boolean): number =>
      place.buffer === slots.arena ? buffers + slots.slotOf(index, place, writes) : place.buffer;
    switch (step.kind) {
      case "kernel":
        launches.push(...kernelLaunches(step, index, target, refOf));
        return;
      case "gemm":
        if (step.batch * step.m * step.n > 0) launches.push(...gemmLaunches(step, target, refOf));
        return;
      case "transpose":
        if (step.batch * step.rows * step.cols > 0) launches.push(transposeLaunch(step, target, refOf));
        return;
      case "copy": {
        const { from, to, bytes } = step;
        const whole = (place: Place): number => (place.buffer === slots.arena ? 0 : place.offset);
        if (bytes > 0)
          launches.push({
            kind: "copy",
            from: refOf(from, false),
            to: refOf(to, true),
            fromOffset: whole(from),
            toOffset: whole(to),
            bytes: Math.ceil(bytes / 4) * 4,
          });
      }
    }
  });
  return { launches, slots };
}

type RefOf = (place: Place, writes: boolean) => number;
type KernelStep = Extract<Step, { kind: "kernel" }>;

function kernelLaunches(step: KernelStep, index: number, target: Target, refOf: RefOf): DispatchLaunch[] {
  step.kernel.buffers.forEach(({ storage }, i) => expectServed(storage, `buffer ${i} of step ${index}`));
  if (step.points === 0) return [];
  return windowsOf(step, target).map((part): DispatchLaunch => {
    const { kernel, dims, windows } = part;
    const { params } = step;
    const code = target.emit(part);
    const baseOffsets = windows.map(({ base }) => base);
    const slotted = dims.some(isSlotted) || params.some(isSlotted);
    const bindings = kernel.buffers.flatMap(({ access }, i): Binding[] => {
      const writable = access !== "read";
      const ref = refOf(step.places[i], writable);
      const { offset, bytes, bounded, pieces } = windows[i];
      if (pieces > 1) return piecesAt(ref, writable, bytes ?? 0, pieces, target);
      return [{ ref, writable, offset, bytes, most: bounded ? Infinity : target.bindingBytes }];
    });
    return {
      kind: "dispatch",
      shader: {
        code: code.code,
        writable: bindings.map(({ writable }) => writable),
        describe: () => `kernel of step ${index}:\n${printKernel(kernel, { dims, params })}`,
      },
      bindings,
      groups: code.dispatch(part.points),
      paramWords: code.paramWords,
      writeParams: (view, slots) =>
        code.writeParams(
          view,
          dims.map((value) => dimValue(value, slots)),
          params.map((value, i) => paramValue(kernel.params[i], value, slots)),
          baseOffsets,
        ),
      slotted,
      work: part.work,
      product: false,
    };
  });
}

/** The bindings of a buffer that is bound in pieces. */
function piecesAt(ref: number, writable: boolean, bytes: number, pieces: number, target: Target): Binding[] {
  const size = pieceBytes(target);
  return Array.from({ length: pieces }, (_, i) => ({
    ref,
    writable,
    offset: i * size,
    bytes: Math.min(size, Math.ceil((bytes - i * size) / 4) * 4),
    most: Infinity,
  }));
}

/** Bytes of an operand from its buffer's start to the last element, or to the buffer's end; null where neither is known. */
function operandBytes(
  { place, base, batchStride, rowStride, colStride }: MatrixOperand,
  extents: readonly number[],
  size: number,
): number | null {
  if (isSlotted(base)) return place.bytes ?? null;
  const strides = [batchStride, rowStride, colStride];
  const last = strides.reduce((sum, stride, i) => sum + Math.max(0, stride * (extents[i] - 1)), dimValue(base, []));
  return (last + 1) * size;
}

/** What a template binds: each buffer as it is, or in pieces where it is larger than a binding may be. */
function templateBindings(
  what: string,
  buffers: readonly { readonly ref: number; readonly writable: boolean; readonly bytes: number | null }[],
  target: Target,
): { readonly bindings: Binding[]; readonly pieces: Pieces | null } {
  const { bindingBytes } = target;
  const counts = buffers.map(({ bytes }) => (bytes === null || bytes <= bindingBytes ? 1 : piecesOf(bytes, target)));
  const count = counts.reduce((sum, of) => sum + of, 0);
  if (count > target.bindings)
    throw new DeviceError(
      `webgpu: ${what} needs ${count} bindings of ${bindingBytes} bytes, and this adapter has ${target.bindings}; ` +
        'evaluate it on device "wasm", or in smaller parts: rows or columns by slices',
    );
  const bindings = buffers.flatMap(({ ref, writable, bytes }, i): Binding[] =>
    counts[i] > 1
      ? piecesAt(ref, writable, bytes ?? 0, counts[i], target)
      : [{ ref, writable, offset: 0, bytes: null, most: bytes === null ? bindingBytes : Infinity }],
  );
  return { bindings, pieces: count > buffers.length ? { counts, bytes: pieceBytes(target) } : null };
}

/** Whether a product's lines are whole vectors of four: the right operand's and the result's along n, the left one's along k or m. */
function inVectors({ m, n, k, lhs, rhs }: Extract<Step, { kind: "gemm" }>): boolean {
  const aligned = ({ base, batchStride }: MatrixOperand, lineStride: number): boolean =>
    !isSlotted(base) && [dimValue(base, []), batchStride, lineStride].every((x) => x >= 0 && x % 4 === 0);
  const left =
    lhs.colStride === 1
      ? k % 4 === 0 && aligned(lhs, lhs.rowStride)
      : lhs.rowStride === 1 && m % 4 === 0 && aligned(lhs, lhs.colStride);
  return left && rhs.colStride === 1 && n % 4 === 0 && aligned(rhs, rhs.rowStride);
}

function gemmLaunches(step: Extract<Step, { kind: "gemm" }>, target: Target, refOf: RefOf): DispatchLaunch[] {
  const { storage, batch, m, n, k, lhs, rhs } = step;
  expectServed(storage, "a matrix product");
  if (storage === "f64") throw new InternalError("webgpu: a float64 product");
  const element: GemmElement = storage;
  const title = `gemm ${batch}×[${m},${k}]×[${k},${n}]`;
  const buffers = [
    { ref: refOf(lhs.place, false), writable: false, bytes: operandBytes(lhs, [batch, m, k], 4) },
    { ref: refOf(rhs.place, false), writable: false, bytes: operandBytes(rhs, [batch, k, n], 4) },
    { ref: refOf(step.out, true), writable: true, bytes: batch * m * n * 4 },
  ];
  const { bindings, pieces } = templateBindings(title, buffers, target);
  const chosen = gemmVariant(
    element,
    {
      batch,
      m,
      n,
      k,
      lhsAlongK: lhs.colStride === 1,
      rhsAlongK: rhs.rowStride === 1 && rhs.colStride !== 1,
      vectors: pieces === null && inVectors(step),
    },
    target.software,
    target.gemm,
  );
  const variant = pieces === null ? chosen : { ...chosen, pieces };
  const [tileRows, tileCols] = gemmTile(variant);
  const tilesM = Math.ceil(m / tileRows);
  const tilesN = Math.ceil(n / tileCols);
  const tiles = batch * tilesM * tilesN;
  const writable = bindings.map(({ writable }) => writable);
  const shader: Shader = { code: gemmCode(variant), writable, describe: () => title };
  const work = 2 * batch * m * n * k;
  const count = Math.max(1, Math.min(tiles, Math.ceil(work / target.productWork)));
  const share = Math.ceil(tiles / count);
  return Array.from({ length: Math.ceil(tiles / share) }, (_, part): DispatchLaunch => {
    const first = part * share;
    const end = Math.min(tiles, first + share);
    return {
      kind: "dispatch",
      shader,
      bindings,
      groups: [Math.min(end - first, target.workgroups), 1, 1],
      paramWords: GEMM_WORDS,
      writeParams: (view, slots) => {
        const left = [dimValue(lhs.base, slots), lhs.batchStride, lhs.rowStride, lhs.colStride];
        const right = [dimValue(rhs.base, slots), rhs.batchStride, rhs.rowStride, rhs.colStride];
        // negative strides as 32-bit words: the shader's index arithmetic wraps
        [batch, m, n, k, ...left, ...right, tilesM, tilesN, first, end].forEach((word, i) =>
          view.setInt32(i * 4, word | 0, true),
        );
      },
      slotted: isSlotted(lhs.base) || isSlotted(rhs.base),
      work: (work / tiles) * (end - first),
      product: true,
    };
  });
}

function transposeLaunch(step: Extract<Step, { kind: "transpose" }>, target: Target, refOf: RefOf): DispatchLaunch {
  const { storage, batch, rows, cols, from } = step;
  expectServed(storage, "a transpose");
  if (STORAGE_BYTES[storage] !== 4) throw new InternalError(`webgpu: a transpose of ${storage} is no step here`);
  const title = `transpose ${batch}×[${rows},${cols}]`;
  const buffers = [
    { ref: refOf(from.place, false), writable: false, bytes: operandBytes(from, [batch, rows, cols], 4) },
    { ref: refOf(step.out, true), writable: true, bytes: batch * rows * cols * 4 },
  ];
  const { bindings, pieces } = templateBindings(title, buffers, target);
  const tilesR = Math.ceil(rows / TRANSPOSE_TILE);
  const tilesC = Math.ceil(cols / TRANSPOSE_TILE);
  const tiles = batch * tilesR * tilesC;
  return {
    kind: "dispatch",
    shader: {
      code: transposeCode(pieces),
      writable: bindings.map(({ writable }) => writable),
      describe: () => title,
    },
    bindings,
    groups: [Math.min(tiles, target.workgroups), 1, 1],
    paramWords: TRANSPOSE_WORDS,
    writeParams: (view, slots) => {
      const words = [batch, rows, cols, dimValue(from.base, slots), from.batchStride, from.rowStride, from.colStride];
      [...words, tilesR, tilesC, tiles, 0, 0].forEach((word, i) => view.setInt32(i * 4, word | 0, true));
    },
    slotted: isSlotted(from.base),
    work: batch * rows * cols,
    product: false,
  };
}

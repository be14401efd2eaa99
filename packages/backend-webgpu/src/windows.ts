// Buffers larger than a binding may be: a kernel over them binds the window that it touches, or is cut along one grid
// axis so that each part touches a window of every large buffer that can be bound. The cut is a rewrite of the kernel:
// indices that use the axis get a base of their own, so that one code serves all parts. A buffer of which it may touch
// anything is bound in pieces. Refuses what needs more bindings than the device has.
import { DeviceError, STORAGE_BYTES } from "@weft/ir";
import type { Affine, Dim, DimValue, Guard, Kernel, Scalar, Step } from "@weft/ir";

import { axisRanges, constantDims, dimOf, touchedRanges } from "./ranges.ts";
import type { Dims, Range } from "./ranges.ts";

type KernelStep = Extract<Step, { kind: "kernel" }>;

/** How one buffer of a part is bound. */
export interface Window {
  readonly offset: number;
  /** null: as far as a binding may reach. */
  readonly bytes: number | null;
  /** Elements from the binding's start to the buffer's element 0; not positive. */
  readonly base: number;
  /** Whether what the part touches is known to lie inside. */
  readonly bounded: boolean;
  /** Bindings of `pieceBytes` that follow one another, over the whole buffer; 1 for a window. */
  readonly pieces: number;
}

/** A kernel over a part of its grid. */
export interface KernelPart {
  readonly kernel: Kernel;
  /** Equal for equal kernels. */
  readonly key: string;
  readonly dims: readonly DimValue[];
  readonly points: number;
  readonly work: number;
  /** One a buffer. */
  readonly windows: readonly Window[];
}

/** The adapter's word on bindings. */
export interface BindingLimits {
  readonly bindingBytes: number;
  readonly bindingAlign: number;
  /** Most bindings of one dispatch. */
  readonly bindings: number;
  /** Work from which a dispatch is cut into several, so that none is taken for a hang. */
  readonly dispatchWork: number;
}

/** Bytes of a piece: the power of two that can be bound. */
export const pieceBytes = ({ bindingBytes }: Pick<BindingLimits, "bindingBytes">): number =>
  2 ** Math.floor(Math.log2(bindingBytes));

/** Pieces of a buffer, whose bytes are known. */
export const piecesOf = (bytes: number, limits: Pick<BindingLimits, "bindingBytes">): number =>
  Math.max(1, Math.ceil(bytes / pieceBytes(limits)));

const bindingsOf = (windows: readonly Window[]): number => windows.reduce((sum, { pieces }) => sum + pieces, 0);

/** The parts of a step: one, unless a buffer is larger than a binding may be, or the work than a dispatch should be. */
export function windowsOf(step: KernelStep, limits: BindingLimits): KernelPart[] {
  const { kernel, key, dims, points, work, places } = step;
  const known = constantDims(dims);
  const axes = axisRanges(kernel, known);
  const touched = touchedRanges(kernel, axes, known);
  const bytesOf = (range: Range | null, buffer: number): number =>
    range === null ? (places[buffer].bytes ?? 0) : (range.last + 1) * STORAGE_BYTES[kernel.buffers[buffer].storage];
  const sizeOf = (axis: number): number => (axes[axis]?.last ?? 0) + 1;
  const share = limits.dispatchWork / Math.max(1, work);
  if (!touched.some((range, buffer) => bytesOf(range, buffer) > limits.bindingBytes)) {
    const windows = touched.map((range, i): Window => ({
      offset: 0,
      bytes: null,
      base: 0,
      bounded: range !== null || places[i].bytes !== undefined,
      pieces: 1,
    }));
    const [axis] = kernel.grid;
    const cuts = share < 1 && kernel.grid.length > 0;
    const parts = cuts ? cut(step, axis, sizeOf(axis) * share, known, axes, limits, false) : null;
    return parts ?? [{ kernel, key, dims, points, work, windows }];
  }
  for (const inPieces of [false, true]) {
    const windows = windowsAt(step, touched, limits, inPieces);
    if (windows !== null && share >= 1) return [{ kernel, key, dims, points, work, windows }];
    for (const axis of kernel.grid) {
      const parts = cut(step, axis, sizeOf(axis) * Math.min(share, 1 / 2), known, axes, limits, inPieces);
      if (parts !== null) return parts;
    }
    if (windows !== null) return [{ kernel, key, dims, points, work, windows }];
  }
  const largest = Math.max(...touched.map(bytesOf));
  throw new DeviceError(
    `webgpu: a step uses an array of ${largest} bytes in a way that needs more than this adapter's ${limits.bindings} bindings ` +
      `of ${limits.bindingBytes} bytes; evaluate it on device "wasm", or in smaller parts: one array at a time, rows by slices`,
  );
}

/** The windows of what is touched; null where one is too large, or has too many pieces. */
function windowsAt(
  { kernel, places }: KernelStep,
  touched: readonly (Range | null)[],
  limits: BindingLimits,
  inPieces: boolean,
): Window[] | null {
  const windows: Window[] = [];
  for (const [buffer, range] of touched.entries()) {
    const unit = STORAGE_BYTES[kernel.buffers[buffer].storage];
    const whole = places[buffer].bytes;
    let window: Window | null = null;
    if (range !== null) {
      const offset = Math.floor((Math.max(0, range.first) * unit) / limits.bindingAlign) * limits.bindingAlign;
      // whole words, and one more vector for generators that load ahead
      const bytes = Math.max(16, Math.ceil((Math.max(0, range.last + 1) * unit - offset) / 16) * 16);
      if (bytes <= limits.bindingBytes) window = { offset, bytes, base: -offset / unit, bounded: true, pieces: 1 };
    } else if (whole === undefined || whole <= limits.bindingBytes)
      window = { offset: 0, bytes: null, base: 0, bounded: whole !== undefined, pieces: 1 };
    if (window === null && inPieces) {
      const bytes = whole ?? (range === null ? null : (range.last + 1) * unit);
      if (bytes !== null) window = { offset: 0, bytes, base: 0, bounded: true, pieces: piecesOf(bytes, limits) };
    }
    if (window === null) return null;
    windows.push(window);
  }
  return bindingsOf(windows) <= limits.bindings ? windows : null;
}

/** Parts of at most about `most` points along one axis, or null if some window stays too large. */
function cut(
  step: KernelStep,
  axis: number,
  most: number,
  known: Dims,
  axes: readonly (Range | null)[],
  limits: BindingLimits,
  inPieces: boolean,
): KernelPart[] | null {
  const { kernel, key, dims, points, work } = step;
  const all = axes[axis];
  if (all === null || all.last < 1) return null;
  const size = all.last + 1;
  const shifted = shiftAxis(kernel, axis);
  const partOf = (from: number, count: number): KernelPart | null => {
    const range = axes.with(axis, { first: from, last: from + count - 1 });
    const windows = windowsAt(step, touchedRanges(kernel, range, known), limits, inPieces);
    if (windows === null) return null;
    return {
      kernel: shifted.kernel,
      key: `${key}|cut${axis}`,
      dims: [...dims, count, ...shifted.bases.map(({ base, coefs }) => startOf(base, coefs, from, dims, known))],
      points: (points / size) * count,
      work: (work / size) * count,
      windows,
    };
  };
  const narrow = kernel.buffers.some(({ storage, access }) => access !== "read" && STORAGE_BYTES[storage] < 4);
  const least = narrow ? 64 : 1;
  for (let count = rounded(most, size); count >= least; count = count > 1 ? rounded(count / 2, count) : 0) {
    const parts: KernelPart[] = [];
    for (let from = 0; from < size; from += count) {
      const part = partOf(from, Math.min(count, size - from));
      if (part === null) break;
      parts.push(part);
    }
    if (parts.length === Math.ceil(size / count)) return parts;
  }
  return null;
}

/** A count near `wanted` and below `size`; multiples of 64 elements keep the words of narrow types whole. */
function rounded(wanted: number, size: number): number {
  const count = wanted > 64 ? Math.ceil(wanted / 64) * 64 : Math.ceil(wanted);
  return Math.max(1, Math.min(count, size - 1));
}

/** base + Σ coefs·from, where the base may depend on slots. */
function startOf(base: Dim, coefs: readonly Dim[], from: number, dims: readonly DimValue[], known: Dims): DimValue {
  const scale = coefs.reduce((sum, coef) => sum + (dimOf(coef, known) ?? 0), 0);
  const start: DimValue = "lit" in base ? base.lit : dims[base.dim];
  if (typeof start === "number") return start + scale * from;
  return { base: start.base + scale * from, terms: start.terms };
}

interface Shifted {
  readonly kernel: Kernel;
  /** What the new dims after the axis' size stand for. */
  readonly bases: readonly { readonly base: Dim; readonly coefs: readonly Dim[] }[];
}

/** The kernel with the axis' size, and the base of every index that uses the axis, as new dims at the end. */
function shiftAxis(kernel: Kernel, axis: number): Shifted {
  const bases: { base: Dim; coefs: Dim[] }[] = [];
  const size: Dim = { dim: kernel.dims };
  const shift = ({ base, terms }: Affine): Affine => {
    const used = terms.filter(({ of }) => "axis" in of && of.axis === axis);
    const inner = terms.map((term) =>
      "digit" in term.of ? { ...term, of: { ...term.of, digit: shift(term.of.digit) } } : term,
    );
    if (used.length === 0) return { base, terms: inner };
    bases.push({ base, coefs: used.map(({ coef }) => coef) });
    return { base: { dim: kernel.dims + bases.length }, terms: inner };
  };
  const guard = ({ all }: Guard): Guard => ({ all: all.map((entry) => ({ ...entry, of: shift(entry.of) })) });
  const nodes = kernel.nodes.map((node): Scalar => {
    switch (node.op) {
      case "index":
        return { ...node, of: shift(node.of) };
      case "load":
        return { ...node, at: shift(node.at), guard: node.guard === null ? null : guard(node.guard) };
      case "inside":
        return { ...node, guard: guard(node.guard) };
      default:
        return node;
    }
  });
  const phases = kernel.phases.map((phase) => ({
    ...phase,
    stores: phase.stores.map((store) => ({ ...store, at: shift(store.at) })),
  }));
  const axes = kernel.axes.map((old, id) => (id === axis ? { size } : old));
  return { kernel: { ...kernel, axes, nodes, phases, dims: kernel.dims + 1 + bases.length }, bases };
}

// Buffers larger than a binding may be: a kernel over them is cut along one grid axis, so that each part touches a
// window of every large buffer that can be bound. The cut is a rewrite of the kernel: indices that use the axis get a
// base of their own, so that one code serves all parts. Refuses what no cut of one axis makes small enough.
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
  /** Work from which a dispatch is cut into several, so that none is taken for a hang. */
  readonly dispatchWork: number;
}

/** The parts of a step: one, unless a buffer is larger than a binding may be. */
export function windowsOf(step: KernelStep, limits: BindingLimits): KernelPart[] {
  const { kernel, key, dims, points, work } = step;
  const known = constantDims(dims);
  const axes = axisRanges(kernel, known);
  const touched = touchedRanges(kernel, axes, known);
  const bytesOf = (buffer: number, elements: number): number =>
    elements * STORAGE_BYTES[kernel.buffers[buffer].storage];
  const isLarge = (range: Range | null, buffer: number): boolean =>
    range !== null && bytesOf(buffer, range.last + 1) > limits.bindingBytes;
  if (!touched.some(isLarge)) {
    const windows = touched.map((range): Window => ({ offset: 0, bytes: null, base: 0, bounded: range !== null }));
    const [axis] = kernel.grid;
    const size = axis === undefined ? 0 : (axes[axis]?.last ?? 0) + 1;
    const parts =
      work > limits.dispatchWork ? cut(step, axis, size / (work / limits.dispatchWork), known, axes, limits) : null;
    return parts ?? [{ kernel, key, dims, points, work, windows }];
  }
  for (const axis of kernel.grid) {
    const size = (axes[axis]?.last ?? 0) + 1;
    const parts = cut(step, axis, size / Math.max(2, work / limits.dispatchWork), known, axes, limits);
    if (parts !== null) return parts;
  }
  const largest = Math.max(...touched.map((range, i) => (range === null ? 0 : bytesOf(i, range.last + 1))));
  throw new DeviceError(
    `webgpu: a step uses an array of ${largest} bytes in a way that cannot be cut into windows of ${limits.bindingBytes} bytes, ` +
      'the most this adapter binds; evaluate it on device "wasm", or in smaller parts',
  );
}

/** Parts of at most about `most` points along one axis, or null if some window stays too large. */
function cut(
  { kernel, key, dims, points, work }: KernelStep,
  axis: number,
  most: number,
  known: Dims,
  axes: readonly (Range | null)[],
  limits: BindingLimits,
): KernelPart[] | null {
  const all = axes[axis];
  if (all === null || all.last < 1) return null;
  const size = all.last + 1;
  const shifted = shiftAxis(kernel, axis);
  const windowOf = (range: Range | null, buffer: number): Window | null => {
    if (range === null) return { offset: 0, bytes: null, base: 0, bounded: false };
    const unit = STORAGE_BYTES[kernel.buffers[buffer].storage];
    const offset = Math.floor((Math.max(0, range.first) * unit) / limits.bindingAlign) * limits.bindingAlign;
    // whole words, and one more vector for generators that load ahead
    const bytes = Math.ceil((Math.max(0, range.last + 1) * unit - offset) / 16) * 16;
    return bytes > limits.bindingBytes
      ? null
      : { offset, bytes: Math.max(16, bytes), base: -offset / unit, bounded: true };
  };
  const partOf = (from: number, count: number): KernelPart | null => {
    const range = axes.with(axis, { first: from, last: from + count - 1 });
    const windows: Window[] = [];
    for (const [buffer, touched] of touchedRanges(kernel, range, known).entries()) {
      const window = windowOf(touched, buffer);
      if (window === null) return null;
      windows.push(window);
    }
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

// What part of its buffers a kernel touches: intervals of its affine indices, for the sizes of temporary buffers and
// for windows of buffers that are larger than a binding may be.
import type { Affine, Dim, DimValue, Guard, Kernel } from "@weft/ir";

/** Both ends belong to it; empty where first > last. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Values of dims; null where one depends on slots. */
export type Dims = readonly (number | null)[];

/** The dims that are known at plan time. */
export const constantDims = (dims: readonly DimValue[]): Dims =>
  dims.map((value) => (typeof value === "number" ? value : value.terms.length === 0 ? value.base : null));

export const dimOf = (dim: Dim, dims: Dims): number | null => ("lit" in dim ? dim.lit : dims[dim.dim]);

/** The values of every axis; null where its size depends on slots. */
export function axisRanges({ axes }: Kernel, dims: Dims): (Range | null)[] {
  return axes.map(({ size }) => {
    const count = dimOf(size, dims);
    return count === null ? null : { first: 0, last: count - 1 };
  });
}

/** The values an index takes, or null where that is not known at plan time. */
export function rangeOf(affine: Affine, axes: readonly (Range | null)[], dims: Dims): Range | null {
  const base = dimOf(affine.base, dims);
  if (base === null) return null;
  let first = base;
  let last = base;
  for (const { coef, of } of affine.terms) {
    const scale = dimOf(coef, dims);
    if (scale === null || "value" in of) return null;
    const inner = "axis" in of ? axes[of.axis] : digitRange(of, axes, dims);
    if (inner === null) return null;
    first += scale * (scale >= 0 ? inner.first : inner.last);
    last += scale * (scale >= 0 ? inner.last : inner.first);
  }
  return { first, last };
}

function digitRange(
  { digit, div, mod }: { readonly digit: Affine; readonly div: Dim; readonly mod: Dim | null },
  axes: readonly (Range | null)[],
  dims: Dims,
): Range | null {
  const inner = rangeOf(digit, axes, dims);
  const divisor = dimOf(div, dims);
  const modulus = mod === null ? null : dimOf(mod, dims);
  if (inner === null || divisor === null || (mod !== null && modulus === null)) return null;
  const first = Math.floor(inner.first / divisor);
  const last = Math.floor(inner.last / divisor);
  if (modulus === null) return { first, last };
  if (Math.floor(first / modulus) === Math.floor(last / modulus))
    return { first: first % modulus, last: last % modulus };
  return { first: 0, last: modulus - 1 };
}

/** The axes where a guard holds, as far as its entries bound one axis each; null where it never does. */
function narrowed(axes: readonly (Range | null)[], { all }: Guard, dims: Dims): readonly (Range | null)[] | null {
  let found = axes;
  for (const { of, lo, hi } of all) {
    const [base, low, high] = [dimOf(of.base, dims), dimOf(lo, dims), dimOf(hi, dims)];
    const [term] = of.terms;
    if (base === null || low === null || high === null || of.terms.length !== 1 || !("axis" in term.of)) continue;
    const coef = dimOf(term.coef, dims);
    const range = found[term.of.axis];
    if (coef === null || coef === 0 || range === null) continue;
    // low ≤ base + coef·i ≤ high − 1
    const ends = [(low - base) / coef, (high - 1 - base) / coef];
    const first = Math.max(range.first, Math.ceil(Math.min(...ends)));
    const last = Math.min(range.last, Math.floor(Math.max(...ends)));
    if (first > last) return null;
    found = found.with(term.of.axis, { first, last });
  }
  return found;
}

/** The elements of each buffer that loads and stores may touch; null where unknown. */
export function touchedRanges(kernel: Kernel, axes: readonly (Range | null)[], dims: Dims): (Range | null)[] {
  const found: (Range | null | undefined)[] = kernel.buffers.map(() => undefined);
  const touch = (buffer: number, at: Affine, guard: Guard | null): void => {
    const where = guard === null ? axes : narrowed(axes, guard, dims);
    if (where === null) return;
    const before = found[buffer];
    const range = rangeOf(at, where, dims);
    if (before === null || range === null) found[buffer] = null;
    else if (before === undefined) found[buffer] = range;
    else found[buffer] = { first: Math.min(before.first, range.first), last: Math.max(before.last, range.last) };
  };
  for (const node of kernel.nodes) if (node.op === "load") touch(node.buffer, node.at, node.guard);
  for (const { stores } of kernel.phases) for (const { buffer, at } of stores) touch(buffer, at, null);
  return found.map((range) => (range === undefined ? NOTHING : range));
}
const NOTHING: Range = { first: 0, last: -1 };

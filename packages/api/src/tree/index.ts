// jax.tree in camelCase: functions over trees of arrays.
import { TreeError } from "@weft/ir";
import type { ArrayLike } from "../core/convert.ts";
import type { IsLeaf, Leaf, Path, Structure } from "./structure.ts";
import { build, pathText, walk } from "./structure.ts";

export { register, Structure } from "./structure.ts";
export type { IsLeaf, Leaf } from "./structure.ts";

/** T with every leaf replaced by R. An ArrayLike is one leaf, as it is to the functions that take it. */
export type MapLeaves<T, R> = unknown extends T ? T : [ArrayLike] extends [T] ? R : MapLeavesOf<T, R>;
type MapLeavesOf<T, R> = T extends Leaf
  ? R
  : T extends null | undefined
    ? T
    : T extends object
      ? { [K in keyof T]: MapLeaves<T[K], R> }
      : R;

export interface TreeOptions {
  /** Values that are leaves although they are containers. */
  isLeaf?: IsLeaf;
}

/** The leaves in order (object keys sorted) and the structure. Throws TreeError with the path of what is no tree. */
export function flatten(tree: unknown, { isLeaf }: TreeOptions = {}): [leaves: Leaf[], structure: Structure] {
  const leaves: Leaf[] = [];
  const structure = walk("tree", tree, (leaf) => leaves.push(leaf), isLeaf);
  return [leaves, structure];
}

/** The inverse of {@link flatten}; leaves may be anything. */
export const unflatten = (structure: Structure, leaves: readonly unknown[]): unknown => build(structure, leaves);

export const leaves = (tree: unknown, options: TreeOptions = {}): Leaf[] => flatten(tree, options)[0];
export const structure = (tree: unknown, options: TreeOptions = {}): Structure => flatten(tree, options)[1];

/** Each leaf with its path: `[["w", 0], leaf]`. */
export function flattenWithPath(
  tree: unknown,
  { isLeaf }: TreeOptions = {},
): [entries: [path: (string | number)[], leaf: Leaf][], structure: Structure] {
  const entries: [(string | number)[], Leaf][] = [];
  const found = walk("tree", tree, (leaf, path) => entries.push([[...path], leaf]), isLeaf);
  return [entries, found];
}
export const leavesWithPath = (tree: unknown, options: TreeOptions = {}): [path: (string | number)[], leaf: Leaf][] =>
  flattenWithPath(tree, options)[0];

/** The text of a path: `.w[0]`. */
export const keystr = (path: Path): string => pathText("", path);

type Mapper<R> = (leaf: never, ...rest: never[]) => R;

/**
 * Applies f to the leaves of one tree, or of several of equal structure together. Throws TreeError if they differ.
 * @example tree.map((p: NDArray, g: NDArray) => p.sub(g.mul(0.1)), params, grads)
 */
export function map<T, R>(f: Mapper<R>, tree: T, ...rest: readonly unknown[]): MapLeaves<T, R> {
  const [first, found] = flatten(tree);
  const others = rest.map((other, i) => {
    const [list, own] = flatten(other);
    if (!own.equals(found))
      throw new TreeError(`tree.map: tree ${i + 1} has structure ${own.toString()}, the first one ${found.toString()}`);
    return list;
  });
  const apply = f as unknown as (...args: readonly unknown[]) => R;
  return build(
    found,
    first.map((leaf, i) => apply(leaf, ...others.map((list) => list[i]))),
  ) as MapLeaves<T, R>;
}

/** As {@link map}, with the path as the first argument. */
export function mapWithPath<T, R>(f: (path: (string | number)[], leaf: Leaf) => R, tree: T): MapLeaves<T, R> {
  const [entries, found] = flattenWithPath(tree);
  return build(
    found,
    entries.map(([path, leaf]) => f(path, leaf)),
  ) as MapLeaves<T, R>;
}

/** Folds the leaves from the left, starting with `initial` or the first leaf. */
export function reduce<R>(f: (total: R, leaf: never) => R, tree: unknown, initial?: R): R {
  const list = leaves(tree) as unknown[];
  const apply = f as unknown as (total: R, leaf: unknown) => R;
  if (initial !== undefined) return list.reduce<R>(apply, initial);
  if (list.length === 0) throw new TreeError("tree.reduce: the tree has no leaf; give initial");
  return (list.slice(1) as unknown[]).reduce<R>(apply, list[0] as R);
}

/** Whether all leaves are true (arrays of one element count by their value, which is read). */
export const all = (tree: unknown): boolean =>
  leaves(tree).every((leaf) => (typeof leaf === "object" && "item" in leaf ? Boolean(leaf.item()) : Boolean(leaf)));

/** A tree of structure `outer` of trees of structure `inner`, turned inside out. */
export function transpose(outer: Structure, inner: Structure, tree: unknown): unknown {
  const list = leaves(tree);
  if (list.length !== outer.leaves * inner.leaves)
    throw new TreeError(
      `tree.transpose: ${outer.toString()} of ${inner.toString()} has ${outer.leaves * inner.leaves} leaves, the tree ${list.length}`,
    );
  return build(
    inner,
    Array.from({ length: inner.leaves }, (_, i) =>
      build(
        outer,
        Array.from({ length: outer.leaves }, (_unused, j) => list[j * inner.leaves + i]),
      ),
    ),
  );
}

// The types of functions over trees: what leaves a tree has, and callbacks that take them. Types only.
import type { Node } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import type { IsLeaf, Leaf } from "./structure.ts";

/** T with every leaf replaced by R. An ArrayLike is one leaf, as it is to the functions that take it. */
export type MapLeaves<T, R> = unknown extends T ? T : [ArrayLike] extends [T] ? R : MapLeavesOf<T, R>;
type MapLeavesOf<T, R> = T extends Leaf
  ? R
  : T extends null | undefined
    ? T
    : T extends object
      ? { [K in keyof T]: MapLeaves<T[K], R> }
      : R;

/** Whatever is no container. Nodes are among it so that the compiler does not look for leaves in a graph. */
type Atom = Leaf | string | bigint | symbol | Node | ((...args: never[]) => unknown);

/** The leaves of a tree, as one union: what a callback gets. Of a tree of unknown type they are arrays. */
export type LeafOf<T> = unknown extends T
  ? NDArray
  : [ArrayLike] extends [T]
    ? T
    : T extends Atom
      ? T
      : T extends null | undefined
        ? never
        : T extends object
          ? { [K in keyof T]-?: LeafOf<T[K]> }[T extends readonly unknown[] ? number & keyof T : keyof T]
          : T;
type LeavesOf<U extends readonly unknown[]> = { [K in keyof U]: LeafOf<U[K]> };
type ArraysFor<U extends readonly unknown[]> = { [K in keyof U]: NDArray };

/** Yes where the compiler knows T's leaves; of a type parameter it does not, and nothing is assignable to this. */
export type IfKnown<T, Yes> = [LeafOf<T>] extends [typeof UNKNOWN] ? ([LeafOf<T>] extends [never] ? Yes : never) : Yes;
declare const UNKNOWN: unique symbol;

/** Callbacks are typed by the leaves; of a type parameter the leaves are arrays; with `isLeaf` they are anyone's. */
export interface Map {
  <T, R, U extends unknown[]>(
    f: (leaf: LeafOf<T>, ...rest: LeavesOf<U>) => R,
    tree: T & IfKnown<T, unknown>,
    ...rest: U
  ): MapLeaves<T, R>;
  <T, U extends unknown[]>(f: (leaf: NDArray, ...rest: ArraysFor<U>) => NDArray, tree: T, ...rest: U): T;
  <T, R>(f: (leaf: never, ...rest: never[]) => R, tree: T, ...rest: readonly unknown[]): MapLeaves<T, R>;
}
type Path = (string | number)[];
export interface MapWithPath {
  <T, R, U extends unknown[]>(
    f: (path: Path, leaf: LeafOf<T>, ...rest: LeavesOf<U>) => R,
    tree: T & IfKnown<T, unknown>,
    ...rest: U
  ): MapLeaves<T, R>;
  <T, U extends unknown[]>(f: (path: Path, leaf: NDArray, ...rest: ArraysFor<U>) => NDArray, tree: T, ...rest: U): T;
  <T, R>(f: (path: Path, leaf: never, ...rest: never[]) => R, tree: T, ...rest: readonly unknown[]): MapLeaves<T, R>;
}
export interface Reduce {
  <T>(f: (total: LeafOf<T>, leaf: LeafOf<T>) => LeafOf<T>, tree: T & IfKnown<T, unknown>): LeafOf<T>;
  <T, R>(f: (total: R, leaf: LeafOf<T>) => R, tree: T & IfKnown<T, unknown>, initializer: R, isLeaf?: IsLeaf | null): R;
  <R>(f: (total: R, leaf: never) => R, tree: unknown, initializer?: R, isLeaf?: IsLeaf | null): R;
}

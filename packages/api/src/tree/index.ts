// jax.tree in camelCase: functions over trees of arrays.
import { ArgumentError, TreeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { define, defineAs } from "../core/define.ts";
import { anything, callback, list, named, refused, rest, treeOf } from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import type { AnyLeaf, IsLeaf } from "./structure.ts";
import type { Map, MapWithPath, Reduce } from "./types.ts";
import { build, pathText, register as registerClass, Structure, walkAny } from "./structure.ts";

export { Structure } from "./structure.ts";
export type { AnyLeaf, IsLeaf, Leaf } from "./structure.ts";
export type { LeafOf, Map, MapLeaves, MapWithPath, Reduce } from "./types.ts";

/** The type of {@link register}: children and what else there is are of one class. */
export type Register = typeof registerClass;
/**
 * Makes instances of a class containers: `flatten` gives its children and whatever else it takes to rebuild it.
 * @example tree.register(Layer, (l) => [[l.w, l.b], l.name], (name, [w, b]) => new Layer(w, b, name));
 */
export const register: Register = defineAs<Register>()(
  "tree.register",
  [anything<Parameters<Register>[0]>(true)("type"), callback<Flatten>()("flatten"), callback<Unflatten>()("unflatten")],
  registerClass,
);
type Flatten = Parameters<Register>[1];
type Unflatten = Parameters<Register>[2];

const TREE = treeOf("tree");
const IS_LEAF = callback<IsLeaf>()("isLeaf", null);
const TAKES_PATH = refused("isLeafTakesPath", false, "isLeaf is given the value alone");
type Entry = [path: (string | number)[], leaf: AnyLeaf];

function flattened(tree: unknown, isLeaf: IsLeaf | null): [leaves: AnyLeaf[], structure: Structure] {
  const leaves: AnyLeaf[] = [];
  const structure = walkAny("tree", tree, (leaf) => leaves.push(leaf), isLeaf);
  return [leaves, structure];
}
function entriesOf(tree: unknown, isLeaf: IsLeaf | null): [entries: Entry[], structure: Structure] {
  const entries: Entry[] = [];
  const structure = walkAny("tree", tree, (leaf, path) => entries.push([[...path], leaf]), isLeaf);
  return [entries, structure];
}
/** A structure that {@link structure} gave. */
function checkStructure(fn: string, name: string, value: unknown): Structure {
  if (value instanceof Structure) return value;
  throw new ArgumentError(`${fn}: ${name}: expected a structure, as tree.structure gives it, got ${inWords(value)}`);
}

/** The leaves in order (object keys sorted) and the structure. Whatever is no container is a leaf. */
export const flatten = define("tree.flatten", [TREE, IS_LEAF], (tree, isLeaf) => flattened(tree, isLeaf));

/** The inverse of {@link flatten}; leaves may be anything. */
export const unflatten = define(
  "tree.unflatten",
  [anything<Structure>()("treedef"), list<unknown>()("leaves")],
  (treedef, leaves) => build(checkStructure("tree.unflatten", "treedef", treedef), leaves),
);

export const leaves = define("tree.leaves", [TREE, IS_LEAF], (tree, isLeaf) => flattened(tree, isLeaf)[0]);
export const structure = define("tree.structure", [TREE, IS_LEAF], (tree, isLeaf) => flattened(tree, isLeaf)[1]);

/** Each leaf with its path: `[["w", 0], leaf]`. */
export const flattenWithPath = define("tree.flattenWithPath", [TREE, IS_LEAF, TAKES_PATH], (tree, isLeaf) =>
  entriesOf(tree, isLeaf),
);
export const leavesWithPath = define(
  "tree.leavesWithPath",
  [TREE, IS_LEAF, TAKES_PATH],
  (tree, isLeaf) => entriesOf(tree, isLeaf)[0],
);

/** The text of a path: `.w[0]`. */
export const keystr = define("tree.keystr", [list<string | number>()("keys")], (keys) => {
  for (const key of keys)
    if (typeof key !== "string" && typeof key !== "number")
      throw new ArgumentError(`tree.keystr: keys: expected names and indices, got ${inWords(key)} among them`);
  return pathText("", keys);
});

/**
 * Applies f to the leaves of one tree, or of several of equal structure together; a last object whose only key is
 * `isLeaf` is options. Throws TreeError if structures differ.
 * @example tree.map((p, g) => p.sub(g.mul(0.1)), params, grads)
 */
export const map: Map = defineAs<Map>()(
  "tree.map",
  [callback()("f"), TREE, rest(treeOf("rest")), named(IS_LEAF)],
  (f, tree, rest, isLeaf) => {
    const [first, found] = flattened(tree, isLeaf);
    const others = rest.map((other, i) => {
      const [list, own] = flattened(other, isLeaf);
      if (!own.equals(found))
        throw new TreeError(
          `tree.map: tree ${i + 1} has structure ${own.toString()}, the first one ${found.toString()}`,
        );
      return list;
    });
    return build(
      found,
      first.map((leaf, i) => f(leaf, ...others.map((list) => list[i]))),
    );
  },
);

/** As {@link map}, with the path as the first argument. */
export const mapWithPath: MapWithPath = defineAs<MapWithPath>()(
  "tree.mapWithPath",
  [callback()("f"), TREE, rest(treeOf("rest")), named(IS_LEAF), named(TAKES_PATH)],
  (f, tree, rest, isLeaf) => {
    const [entries, found] = entriesOf(tree, isLeaf);
    const others = rest.map((other, i) => {
      const [list, own] = flattened(other, isLeaf);
      if (!own.equals(found))
        throw new TreeError(
          `tree.mapWithPath: tree ${i + 1} has structure ${own.toString()}, the first one ${found.toString()}`,
        );
      return list;
    });
    return build(
      found,
      entries.map(([path, leaf], i) => f(path, leaf, ...others.map((list) => list[i]))),
    );
  },
);

/**
 * Folds the leaves from the left, starting with `initializer` or the first leaf.
 * @example tree.reduce((n, leaf) => n + leaf.size, params, 0) // how many numbers it has
 */
export const reduce: Reduce = defineAs<Reduce>()(
  "tree.reduce",
  [callback()("function"), TREE, treeOf("initializer", undefined), IS_LEAF],
  (f, tree, initializer, isLeaf) => {
    const [list] = flattened(tree, isLeaf);
    if (initializer !== undefined) return list.reduce<unknown>((total, leaf) => f(total, leaf), initializer);
    if (list.length === 0) throw new TreeError("tree.reduce: the tree has no leaf; give initializer");
    return list.slice(1).reduce<unknown>((total, leaf) => f(total, leaf), list[0]);
  },
);

/** Whether all leaves are true (arrays of one element count by their value, which is read). */
export const all = define("tree.all", [TREE, named(IS_LEAF)], (tree, isLeaf) =>
  flattened(tree, isLeaf)[0].every((leaf) => (leaf instanceof NDArray ? Boolean(leaf.item()) : Boolean(leaf))),
);

/** A tree of structure `outer` of trees of structure `inner`, turned inside out. */
export const transpose = define(
  "tree.transpose",
  [anything<Structure>()("outerTreedef"), anything<Structure>()("innerTreedef"), treeOf("pytreeToTranspose")],
  (outerTreedef, innerTreedef, pytreeToTranspose) => {
    const outer = checkStructure("tree.transpose", "outerTreedef", outerTreedef);
    const inner = checkStructure("tree.transpose", "innerTreedef", innerTreedef);
    const [list] = flattened(pytreeToTranspose, null);
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
  },
);

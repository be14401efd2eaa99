// Trees (SEMANTICS 6.1): JS arrays, plain objects and registered classes are containers; NDArray, numbers, booleans and
// typed arrays are leaves; null and undefined are empty. Everything else is refused with its path.
import { ArgumentError, TreeError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { TypedArray } from "../core/host.ts";
import { isTypedArray } from "../core/host.ts";
import { classNameOf, isObjectPrototype, isPlainObject, typedArrayName } from "../core/realms.ts";

/** What a tree holds. */
export type Leaf = NDArray | number | boolean | TypedArray;
/** What `tree.*` find in a tree: whatever is no container. Transformations take {@link Leaf}s alone. */
export type AnyLeaf = Leaf | string | bigint | symbol | object;

type Kind =
  | { readonly kind: "leaf" }
  | { readonly kind: "empty"; readonly value: null | undefined }
  | { readonly kind: "list" }
  | { readonly kind: "dict"; readonly names: readonly string[] }
  | { readonly kind: "class"; readonly entry: Registration; readonly aux: unknown };

/** The shape of a tree without its leaves. Two structures are equal when their keys are. */
export class Structure {
  readonly kind: Kind;
  readonly children: readonly Structure[];
  /** Number of leaves. */
  readonly leaves: number;
  /** Equal for equal structures: part of jit's cache key. */
  readonly key: string;

  constructor(kind: Kind, children: readonly Structure[], key: string) {
    this.kind = kind;
    this.children = children;
    this.key = key;
    this.leaves = kind.kind === "leaf" ? 1 : children.reduce((sum, child) => sum + child.leaves, 0);
  }
  equals(other: Structure): boolean {
    return this === other || this.key === other.key;
  }
  /** `{b: *, w: [*, *]}` */
  toString(): string {
    switch (this.kind.kind) {
      case "leaf":
        return "*";
      case "empty":
        return String(this.kind.value);
      case "list":
        return `[${this.children.map(String).join(", ")}]`;
      case "dict":
        return `{${this.kind.names.map((name, i) => `${name}: ${this.children[i].toString()}`).join(", ")}}`;
      case "class":
        return `${this.kind.entry.type.name}(${this.children.map(String).join(", ")})`;
    }
  }
}

// A class's constructor takes what it takes: `never` parameters let every class in.
type Constructor = abstract new (...args: never[]) => object;
interface Registration {
  readonly type: Constructor;
  readonly id: number;
  flatten(value: object): readonly [children: readonly unknown[], aux: unknown];
  unflatten(aux: unknown, children: readonly unknown[]): object;
}

/** By prototype. */
const registry = new Map<unknown, Registration>();

/** Makes instances of a class containers. */
export function register<T extends object, A>(
  type: abstract new (...args: never[]) => T,
  flattenOne: (value: T) => readonly [children: readonly unknown[], aux: A],
  unflattenOne: (aux: A, children: readonly unknown[]) => T,
): void {
  const prototype = typeof type === "function" ? (type as { readonly prototype?: object }).prototype : undefined;
  if (typeof prototype !== "object" || prototype === null)
    throw new ArgumentError(`tree.register: expected a class, got ${describe(type)}`);
  if (registry.has(prototype)) throw new TreeError(`tree.register: ${type.name} is registered already`);
  if (isObjectPrototype(prototype) || Array.isArray(prototype))
    throw new TreeError(`tree.register: ${type.name}: plain objects and arrays are containers already`);
  if (prototype === NDArray.prototype || prototype instanceof Object.getPrototypeOf(Uint8Array))
    throw new TreeError(`tree.register: ${type.name}: arrays are leaves, whatever is registered`);
  registry.set(prototype, {
    type,
    id: registry.size,
    flatten: flattenOne as unknown as Registration["flatten"],
    unflatten: unflattenOne as unknown as Registration["unflatten"],
  });
}

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

/** Levels that a tree may have. Walks are recursive, and a call stack that is full has no words for it. */
const DEEPEST = 1000;
const tooDeep = (what: string): TreeError =>
  new TreeError(`${what} is nested more than ${DEEPEST} levels deep; keep long chains in a list`);

/** A hole is no value: neither kept nor told from undefined by what is made of the array. */
function expectNoHole(what: string, list: readonly unknown[], i: number): void {
  if (!Object.hasOwn(list, i))
    throw new TreeError(`${what} is an array with a hole at ${i}; write null or undefined where nothing is to be`);
}

/** What is kept under a symbol would be lost without a word. The place becomes text only for the message. */
function expectNoSymbols(value: object, what: string, path: Path = []): void {
  const symbols = Object.getOwnPropertySymbols(value);
  const shown = symbols.find((symbol) => Object.getOwnPropertyDescriptor(value, symbol)?.enumerable === true);
  if (shown !== undefined)
    throw new TreeError(`${pathText(what, path)} has the key ${String(shown)}; keys are strings`);
}

/**
 * A text that is equal for equal plain values: primitives by Object.is, arrays, typed arrays and plain objects by value,
 * others by identity. Throws TreeError, naming `what`, for arrays with holes, keys that are no strings, what contains itself
 * and what is nested beyond reason.
 */
export const valueKey = (value: unknown, what: string): string => keyOf(value, what, []);

function keyOf(value: unknown, what: string, around: readonly object[]): string {
  switch (typeof value) {
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (around.includes(value)) throw new TreeError(`${what} contains itself`);
      if (around.length === DEEPEST) throw tooDeep(what);
      if (Array.isArray(value)) {
        let key = "";
        for (let i = 0; i < value.length; i++) {
          if (value[i] === undefined) expectNoHole(what, value, i);
          key += `${keyOf(value[i], what, [...around, value])},`;
        }
        return `[${key}]`;
      }
      if (isTypedArray(value)) return `${typedArrayName(value)}[${Array.from<number | bigint>(value).join(",")}]`;
      if (isPlainObject(value)) {
        expectNoSymbols(value, what);
        return `{${Object.keys(value)
          .sort()
          .map((name) => `${JSON.stringify(name)}:${keyOf(value[name], what, [...around, value])}`)
          .join(",")}}`;
      }
      break;
    default:
  }
  if (typeof value === "symbol") {
    const name = Symbol.keyFor(value);
    if (name !== undefined) return `@@${JSON.stringify(name)}`;
  }
  const held = value as object;
  let id = identities.get(held);
  if (id === undefined) identities.set(held, (id = nextIdentity++));
  return `#${id}`;
}

/** The structure of a lone leaf. */
export const LEAF = new Structure({ kind: "leaf" }, [], "*");
const EMPTY = {
  null: new Structure({ kind: "empty", value: null }, [], "0"),
  undefined: new Structure({ kind: "empty", value: undefined }, [], "u"),
};

export const isLeafValue = (x: unknown): x is Leaf =>
  x instanceof NDArray ||
  typeof x === "number" ||
  typeof x === "boolean" ||
  (isTypedArray(x) && !typedArrayName(x)?.startsWith("Big"));

/** A step of a path as text: `[0]` or `.name`. */
const step = (name: string | number): string =>
  typeof name === "number" ? `[${name}]` : /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
export const pathText = (root: string, path: readonly (string | number)[]): string => root + path.map(step).join("");

const instanceText = (name: string): string =>
  name.startsWith("an NDArray") ? name : `an instance of ${name === "an object" ? "a class" : name}`;
const describe = (x: unknown): string =>
  typeof x === "object" && x !== null
    ? instanceText(classNameOf(x))
    : typeof x === "string"
      ? `the string ${JSON.stringify(x)}`
      : `a ${typeof x}`;

/** Decides what counts as a leaf beyond the usual ones; see {@link flatten}. */
export type IsLeaf = (value: unknown) => boolean;
export type Path = readonly (string | number)[];

/**
 * Splits a tree into leaves and structure; `visit` gets every leaf with its path (reused: copy it to keep it).
 * Throws TreeError naming `root` and the path of what is no tree.
 */
export const walk = (
  root: string,
  tree: unknown,
  visit: (leaf: Leaf, path: Path) => void,
  isLeaf?: IsLeaf,
): Structure => walkTree(root, tree, visit as (leaf: AnyLeaf, path: Path) => void, isLeaf, true);

/** {@link walk} for trees of anything: what is no container is a leaf. */
export const walkAny = (
  root: string,
  tree: unknown,
  visit: (leaf: AnyLeaf, path: Path) => void,
  isLeaf: IsLeaf | null,
): Structure => walkTree(root, tree, visit, isLeaf ?? undefined, false);

function walkTree(
  root: string,
  tree: unknown,
  visit: (leaf: AnyLeaf, path: Path) => void,
  isLeaf: IsLeaf | undefined,
  strict: boolean,
): Structure {
  const path: (string | number)[] = [];
  const open = new Set<object>();
  const go = (value: unknown): Structure => {
    if (isLeaf?.(value) === true || isLeafValue(value)) {
      visit(value as Leaf, path);
      return LEAF;
    }
    if (value === null) return EMPTY.null;
    if (value === undefined) return EMPTY.undefined;
    // by its prototype: a key named constructor is data
    const entry = typeof value === "object" ? registry.get(Object.getPrototypeOf(value)) : undefined;
    if (!Array.isArray(value) && !isPlainObject(value) && entry === undefined) {
      if (!strict) {
        visit(value as AnyLeaf, path);
        return LEAF;
      }
      const hint = root.endsWith(": the result")
        ? "return arrays, numbers, or arrays and plain objects of them"
        : typeof value === "function" || typeof value === "string"
          ? "make the argument static (staticArgnums) or leave it to a closure"
          : "make it static (staticArgnums) or register its class with tree.register";
      throw new TreeError(`${pathText(root, path)} is ${describe(value)}, which is no array and no container; ${hint}`);
    }
    if (open.has(value)) throw new TreeError(`${pathText(root, path)} contains itself`);
    if (path.length === DEEPEST) throw tooDeep(pathText(root, path.slice(0, 1)));
    open.add(value);
    const children: Structure[] = [];
    const descend = (name: string | number, child: unknown): void => {
      path.push(name);
      children.push(go(child));
      path.pop();
    };
    let made: Structure;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        if (value[i] === undefined) expectNoHole(pathText(root, path), value, i);
        descend(i, value[i]);
      }
      made = new Structure({ kind: "list" }, children, `[${children.map((child) => child.key).join("")}]`);
    } else if (entry !== undefined) {
      const [parts, aux] = entry.flatten(value);
      parts.forEach((part, i) => descend(i, part));
      made = new Structure(
        { kind: "class", entry, aux },
        children,
        `<${entry.id};${valueKey(aux, `what ${entry.type.name} keeps beside its children`)};${children.map((child) => child.key).join("")}>`,
      );
    } else {
      expectNoSymbols(value, root, path);
      const names = Object.keys(value).sort();
      for (const name of names) descend(name, (value as Record<string, unknown>)[name]);
      made = new Structure(
        { kind: "dict", names },
        children,
        `{${names.map((name, i) => `${JSON.stringify(name)}:${children[i].key}`).join(",")}}`,
      );
    }
    open.delete(value);
    return made;
  };
  return go(tree);
}

/** The tree of this structure with these leaves. Throws TreeError if their number is wrong. */
export function build(structure: Structure, leaves: readonly unknown[]): unknown {
  if (leaves.length !== structure.leaves)
    throw new TreeError(`tree.unflatten: ${structure.toString()} has ${structure.leaves} leaves, got ${leaves.length}`);
  let next = 0;
  const go = ({ kind, children }: Structure): unknown => {
    switch (kind.kind) {
      case "leaf":
        return leaves[next++];
      case "empty":
        return kind.value;
      case "list":
        return children.map(go);
      case "dict": {
        const result: Record<string, unknown> = {};
        kind.names.forEach((name, i) => {
          // what Object.prototype has may be no key that an assignment makes: __proto__, and all of it where it is frozen
          if (name in result)
            Object.defineProperty(result, name, {
              value: go(children[i]),
              enumerable: true,
              configurable: true,
              writable: true,
            });
          else result[name] = go(children[i]);
        });
        return result;
      }
      case "class":
        return kind.entry.unflatten(kind.aux, children.map(go));
    }
  };
  return go(structure);
}

/**
 * Spreads a prefix tree (vmap's inAxes) over a structure: one entry a leaf. In it numbers and null are leaves.
 * Throws TreeError naming where it is no prefix.
 */
export function spreadPrefix(what: string, prefix: unknown, structure: Structure): (number | null)[] {
  const result: (number | null)[] = [];
  const path: (string | number)[] = [];
  const fail = (detail: string): never => {
    throw new TreeError(`${pathText(what, path)} does not fit the tree ${structure.toString()}: ${detail}`);
  };
  const go = (value: unknown, { kind, children, leaves }: Structure): void => {
    if (value === null || typeof value === "number") {
      for (let i = 0; i < leaves; i++) result.push(value);
      return;
    }
    const into = (name: string | number, child: unknown, structureOfChild: Structure): void => {
      path.push(name);
      go(child, structureOfChild);
      path.pop();
    };
    if (Array.isArray(value)) {
      if (kind.kind !== "list" && kind.kind !== "class")
        fail(`a list of axes stands where the tree has ${kind.kind === "leaf" ? "a leaf" : "no list"}`);
      else if (value.length !== children.length) fail(`it has ${value.length} entries for ${children.length}`);
      else value.forEach((child, i) => into(i, child, children[i]));
      return;
    }
    if (isPlainObject(value)) {
      if (kind.kind !== "dict") return fail("an object of axes stands where the tree has none");
      const names = Object.keys(value).sort();
      if (names.join("\n") !== kind.names.join("\n"))
        return fail(`its keys are ${names.join(", ")}, the tree's ${kind.names.join(", ")}`);
      names.forEach((name, i) => into(name, value[name], children[i]));
      return;
    }
    if (kind.kind === "empty" && value === undefined) return;
    fail(`an axis must be an integer or null, got ${describe(value)}`);
  };
  go(prefix, structure);
  return result;
}

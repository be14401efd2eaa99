// The kinds of parameters that public functions have (define.ts): what each takes, what it says of what it does not take,
// and its default. Checks look at one value alone; what depends on an operand (an axis within its rank, a shape that
// fits) is the function's own. Refuses nothing in silence: API.md, "Conventions".
import type { DType } from "@weft/ir";
import { ArgumentError, checkDType, DTypeError, IndexError, isNumberKind, ShapeError } from "@weft/ir";
import { NDArray } from "./array.ts";
import { asUser } from "./calls.ts";
import type { ArrayLike } from "./convert.ts";
import type { Integers } from "./methods.ts";
import { isDetached, isPlainObject, ownProperties } from "./realms.ts";
import { inWords } from "./words.ts";
import type { TypedArray } from "./host.ts";
import { isTypedArray } from "./host.ts";

/**
 * How a parameter is given: it must be; it may be, by position or by name; by name only; or it is all positionals that
 * are left.
 */
export type How = "required" | "optional" | "named" | "rest";

/** The value, as the body gets it. Throws for what the parameter does not take; `fn` and `name` are for the message. */
export type Check<T> = (value: unknown, fn: string, name: string) => T;

/** A parameter of a public function: `T` is what it takes, `G` what the body is given. */
export interface Param<N extends string = string, T = unknown, H extends How = How, G = T> {
  readonly name: N;
  readonly how: H;
  readonly kind: string;
  readonly check: Check<G>;
  /** What an absent one is. */
  readonly fallback: G | undefined;
  readonly takes?: T;
  /** Whether its values may be plain objects, so that one in its place need not be options. */
  readonly objects: boolean;
}
type Required<N extends string, T, G = T> = Param<N, T, "required", G>;
type Optional<N extends string, T, G = T> = Param<N, T, "optional", G>;

/** A kind of parameter by its name: required, or with a default; where that is null, null is a value too. */
export interface Kind<T, G = T> {
  <const N extends string>(name: N): Required<N, T, G>;
  <const N extends string>(name: N, fallback: G): Optional<N, T, G>;
  <const N extends string>(name: N, fallback: null): Optional<N, T | null, G | null>;
}

/** A kind by its name and its check; `objects`: whether its values may be plain objects. */
export function makeKind<T, G = T>(kind: string, check: Check<G>, objects = false): Kind<T, G> {
  return ((name: string, ...rest: [] | [fallback: G | null]): Param<string, T | null, How, G | null> => {
    if (rest.length === 0) return { name, how: "required", kind, check, fallback: undefined, objects };
    const [fallback] = rest;
    const own: Check<G | null> =
      fallback === null ? (value, fn, at) => (value === null ? null : check(value, fn, at)) : check;
    return { name, how: "optional", kind, check: own, fallback, objects };
  }) as unknown as Kind<T, G>;
}

/** A number that a transformed function was given as an array, or a list with such numbers, as JS numbers. */
function plain(value: unknown): unknown {
  if (value instanceof NDArray) return value.plainNumber ?? value;
  return Array.isArray(value) && value.some((item) => item instanceof NDArray) ? value.map(plain) : value;
}
/** {@link makeKind} for JS numbers. */
const numeric = <T, G = T>(kind: string, check: Check<G>): Kind<T, G> =>
  makeKind<T, G>(kind, (value, fn, name) => check(typeof value === "object" ? plain(value) : value, fn, name));

/** More elements than a shape has axes, and fewer than would take time to read. */
const LONGEST_LIST = 1024;
/**
 * {@link plain}, and the numbers of arrays that are not traced, which NumPy and JAX take for axes and sizes too. Left as
 * they are, to be refused: what has more than one axis, is no list that anybody means, or holds no numbers.
 */
function read(value: unknown): unknown {
  if (!(value instanceof NDArray))
    return Array.isArray(value) && value.some((item) => item instanceof NDArray) ? value.map(read) : value;
  if (value.plainNumber !== null) return value.plainNumber;
  const { node, dtype, ndim, size } = value;
  return node.scope !== null || ndim > 1 || size > LONGEST_LIST || NO_NUMBERS.has(dtype) ? value : value.tolist();
}
const NO_NUMBERS: ReadonlySet<DType> = new Set(["bool", "key", "float0"]);
/** {@link makeKind} for integers and lists of them, which arrays may hold. */
const integral = <T, G = T>(kind: string, check: Check<G>): Kind<T, G> =>
  makeKind<T, G>(kind, (value, fn, name) => check(typeof value === "object" ? read(value) : value, fn, name));

type ErrorClass = new (message: string) => Error;
/** The error for a value of the wrong kind. */
export const refusal = (
  fn: string,
  name: string,
  expected: string,
  value: unknown,
  Class: ErrorClass = ArgumentError,
): Error => new Class(`${fn}: ${name}: expected ${expected}, got ${inWords(value)}`);

/** What is to be a JS number is an array, or one of a list is: it is named by what traced it, or by how to read it. */
function refuseArray(value: unknown, fn: string, name: string, expected: string, Class: ErrorClass): void {
  const found: unknown = Array.isArray(value) ? value.find((item) => item instanceof NDArray) : value;
  if (!(found instanceof NDArray)) return;
  if (found.node.scope !== null) found.evaluable(`${fn}: ${name}`);
  const hint = Class === IndexError ? "" : `; read it with ${found.ndim === 0 ? "item()" : "tolist()"} first`;
  throw new Class(`${fn}: ${name}: expected ${expected}, got the array ${inWords(found)}${hint}`);
}

const isInt = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value);
/** The items of a JS array or a typed array, if all of them pass; null for everything else. */
const listOf = <T>(value: unknown, test: (item: unknown) => item is T): readonly T[] | null => {
  if (!Array.isArray(value) && !(isTypedArray(value) && !isDetached(value))) return null;
  const list = Array.from(value as readonly unknown[]);
  return list.every(test) ? list : null;
};

// Arrays ------------------------------------------------------------------------------------------------------------

/** An array; conversion, which needs to know the others, is the body's, and so are its errors. */
export const array: Kind<ArrayLike> = makeKind<ArrayLike>("array", (value) => value as ArrayLike);

/** More arrays than one call makes or takes: they would be work for minutes, and memory without end. */
export const MANY = 2 ** 20;
const refuseMany = (fn: string, name: string, count: number): void => {
  if (count > MANY) throw new ShapeError(`${fn}: ${name}: ${count} arrays are too many; at most ${MANY}`);
};

/** Arrays as one list (a JS array of them), or one array whose rows they are. */
export const arrays: Kind<NDArray | TypedArray | readonly ArrayLike[], readonly ArrayLike[]> = makeKind(
  "arrays",
  (value, fn, name) => {
    // holes are undefined, and refused as such
    if (Array.isArray(value)) return Array.from(value as readonly ArrayLike[]) as readonly ArrayLike[];
    if (value instanceof NDArray && value.ndim > 0) {
      refuseMany(fn, name, value.shape[0]);
      return [...value];
    }
    if (isTypedArray(value)) return Array.from(value as TypedArray as ArrayLike as readonly number[]);
    throw refusal(fn, name, "a JS array of arrays", value, DTypeError);
  },
);
/** {@link arrays}, at least one; rows of an array stay one array. */
export const rows: Kind<NDArray | TypedArray | readonly ArrayLike[], NDArray | readonly ArrayLike[]> = makeKind(
  "rows",
  (value, fn, name) => {
    const none = value instanceof NDArray ? value.shape[0] === 0 : (value as readonly unknown[] | null)?.length === 0;
    if (none) throw new ShapeError(`${fn}: ${name}: expected at least one array`);
    return value instanceof NDArray && value.ndim > 0 ? value : arrays("rows").check(value, fn, name);
  },
);

/** A random key: typed, or the older form of two words. */
export const randomKey: Kind<NDArray> = makeKind("key", (value, fn, name) => {
  if (value instanceof NDArray) return value;
  throw new DTypeError(`${fn}: ${name}: expected a random key, got ${inWords(value)}; make one with random.key(seed)`);
});

// Numbers -----------------------------------------------------------------------------------------------------------

/** Any JS number, NaN and infinities among them. */
export const number: Kind<number> = numeric("number", (value, fn, name) => {
  if (typeof value === "number") return value;
  refuseArray(value, fn, name, "a JS number", ArgumentError);
  throw refusal(fn, name, "a number", value);
});
export const integer: Kind<number | NDArray, number> = integral("integer", (value, fn, name) => {
  if (isInt(value)) return value;
  refuseArray(value, fn, name, "an integer", IndexError);
  throw refusal(fn, name, "an integer", value, IndexError);
});
/** A number of elements. */
export const size: Kind<number | NDArray, number> = integral("size", (value, fn, name) => {
  const n = isInt(value) ? value : null;
  if (n !== null && n >= 0) return n;
  refuseArray(value, fn, name, "an integer", IndexError);
  throw refusal(fn, name, "a size, an integer that is not negative", value, n === null ? IndexError : ShapeError);
});
export const flag: Kind<boolean> = makeKind("flag", (value, fn, name) => {
  if (typeof value === "boolean") return value;
  refuseArray(value, fn, name, "true or false", ArgumentError);
  throw refusal(fn, name, "true or false", value);
});
/** True or false, for all axes or for each. */
export const flags: Kind<boolean | readonly boolean[]> = makeKind("flags", (value, fn, name) => {
  if (typeof value === "boolean") return value;
  const list = listOf(value, (item): item is boolean => typeof item === "boolean");
  if (list !== null) return list;
  throw refusal(fn, name, "true or false, or a list of them", value);
});

// Axes and shapes -----------------------------------------------------------------------------------------------------

/** One axis; whether it is in range is the function's to say. */
export const axis: Kind<number | NDArray, number> = integral("axis", (value, fn, name) => {
  if (isInt(value)) return value;
  refuseArray(value, fn, name, "an integer", IndexError);
  throw refusal(fn, name, "an axis, an integer", value, IndexError);
});
/** One axis or several. */
export const axes: Kind<number | Integers, number | readonly number[]> = integral("axes", (value, fn, name) => {
  if (isInt(value)) return value;
  const list = listOf(value, isInt);
  if (list !== null) return list;
  refuseArray(value, fn, name, "integers along one axis", IndexError);
  throw refusal(fn, name, "an axis or a list of axes, integers", value, IndexError);
});
/** A list of integers, one an axis. */
export const integers: Kind<Integers, readonly number[]> = integral("integers", (value, fn, name) => {
  const list = listOf(value, isInt);
  if (list !== null) return list;
  refuseArray(value, fn, name, "integers along one axis", IndexError);
  throw refusal(fn, name, "a list of integers", value, IndexError);
});
/** A size or a list of sizes, −1 among them where the function resolves it. */
export const shape: Kind<number | Integers, number | readonly number[]> = integral("shape", (value, fn, name) => {
  if (isInt(value)) return value;
  const list = listOf(value, isInt);
  if (list !== null) return list;
  refuseArray(value, fn, name, "integers along one axis", IndexError);
  throw refusal(fn, name, "a shape, a size or a list of sizes", value, ShapeError);
});

// dtypes, words, functions, devices -------------------------------------------------------------------------------------

/** A dtype that arrays can have here. */
export const dtype: Kind<DType> = makeKind<DType>("dtype", (value, fn, name) => {
  if (typeof value === "string") return checkDType(fn, value);
  const hint =
    value instanceof NDArray
      ? `; write x.dtype`
      : `; a dtype is its name, as np.float32 or "float32"${typeof value === "number" ? ", and the sizes of a shape are one list" : ""}`;
  throw new DTypeError(`${fn}: ${name}: expected a dtype, got ${inWords(value)}${hint}`);
});

const quoted = (words: readonly unknown[]): string =>
  words.map((word) => (typeof word === "string" ? `"${word}"` : String(word))).join(", ");
type Word = string | number | boolean | null;
/** One of some words. */
export const choice = <const W extends Word>(...words: readonly W[]): Kind<W> =>
  makeKind<W>("choice", (value, fn, name) => {
    if ((words as readonly unknown[]).includes(value)) return value as W;
    throw refusal(fn, name, words.length === 1 ? quoted(words) : `one of ${quoted(words)}`, value);
  });
export const text: Kind<string> = makeKind("text", (value, fn, name) => {
  if (typeof value === "string") return value;
  throw refusal(fn, name, "a string", value);
});
/** A name of a device. */
export const device: Kind<string> = makeKind("device", (value, fn, name) => {
  if (typeof value === "string") return value;
  throw refusal(fn, name, 'the name of a device, as "wasm"', value);
});

type AnyFunction = (...args: never[]) => unknown;
/** Classes alone have a prototype that cannot be written. */
const isClass = (value: object): boolean => Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
/** A function of the user's; what it throws is its own. The body gets one of the same name and text. */
export const callback = <F extends AnyFunction = (...args: readonly unknown[]) => unknown>(): Kind<F> =>
  makeKind<F>("function", (value, fn, name) => {
    if (typeof value !== "function") throw refusal(fn, name, "a function", value);
    if (isClass(value)) throw refusal(fn, name, "a function that is called without new", value);
    const called = (...args: never[]): unknown => asUser(() => (value as F)(...args));
    const same = { name: { value: value.name }, toString: { value: () => String(value) } };
    return Object.defineProperties(called, same) as unknown as F;
  });

/** Any value, checked by the function itself; `objects`: plain objects too. */
export const anything = <T = unknown>(objects = false): Kind<T> =>
  makeKind<T>("anything", (value) => value as T, objects);

/** A JS array of anything. */
export const list = <T>(): Kind<readonly T[]> =>
  makeKind<readonly T[]>("list", (value, fn, name) => {
    if (Array.isArray(value)) return value as readonly T[];
    throw refusal(fn, name, "a JS array", value);
  });

/** A tree: given by position only, because any plain object may be one. */
export const treeOf: Kind<unknown> = makeKind<unknown>("tree", (value) => value, true);

/** An object of settings, each of a kind of its own, with defaults filled in. */
export const settings = <T extends object>(...members: readonly Param[]): Kind<T> =>
  makeKind<T>(
    "settings",
    (value, fn, name) => {
      const names = members.map((member) => member.name);
      if (!isPlainObject(value)) throw refusal(fn, name, `{ ${names.join(", ")} }`, value);
      const given: Record<string, unknown> = ownProperties(value);
      for (const key of Object.keys(given))
        if (!names.includes(key))
          throw new ArgumentError(`${fn}: ${name}: there is no option ${key}; expected ${names.join(", ")}`);
      const filled = members.map(({ name: key, check, fallback }) => [
        key,
        given[key] === undefined ? fallback : check(given[key], fn, `${name}.${key}`),
      ]);
      return Object.fromEntries(filled) as T;
    },
    true,
  );

// How they are given ------------------------------------------------------------------------------------------------------

/** A parameter that may be given by name only. */
export const named = <N extends string, T, G>(param: Optional<N, T, G>): Param<N, T, "named", G> => ({
  ...param,
  how: "named",
});
/** All positionals from here on. */
export const rest = <N extends string, T, G>(param: Required<N, T, G>): Param<N, T, "rest", G> => ({
  ...param,
  how: "rest",
});
/** A parameter whose default is not null, and that takes null too. */
export const nullable = <N extends string, T, H extends How, G>(
  param: Param<N, T, H, G>,
): Param<N, T | null, H, G | null> => ({
  ...param,
  check: (value, fn, name) => (value === null ? null : param.check(value, fn, name)),
});

/** NumPy's `out` keeps its place in the order: arrays are immutable. */
export const out: Optional<"out", null> = {
  name: "out",
  how: "optional",
  kind: "refused",
  fallback: null,
  objects: false,
  check: (value, fn) => {
    if (value === null) return null;
    throw new ArgumentError(
      `${fn}: out: arrays are immutable, there is nothing to write into (got ${inWords(value)}); take the result, and give what follows out by name`,
    );
  },
};

/** An option that JAX or NumPy has and Weft has not: only its default is taken, and why stands in the error. */
export const refused = <const N extends string, const D extends Word | readonly []>(
  name: N,
  fallback: D,
  why: string,
): Optional<N, D> => ({
  name,
  how: "optional",
  kind: "refused",
  fallback,
  objects: true,
  check: (value, fn) => {
    if (Object.is(value, fallback) || (Array.isArray(fallback) && Array.isArray(value) && value.length === 0))
      return fallback;
    throw new ArgumentError(`${fn}: ${name}: ${why} (got ${inWords(value)})`);
  },
});

/** A precision of products by JAX's names, or one for each operand. */
export type Precision = string | readonly [Precision, Precision] | null;
const PRECISIONS: readonly unknown[] = [
  null,
  "default",
  "high",
  "highest",
  "bfloat16",
  "tensorfloat32",
  "float32",
  "fastest",
  "bfloat16_3x",
  "tensorfloat32_3x",
];
const isPrecision = (value: unknown): value is Precision =>
  PRECISIONS.includes(value) || (Array.isArray(value) && value.length === 2 && value.every(isPrecision));
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
type Accuracy = "default" | "highest" | null;
const isAccuracy = (value: unknown): value is Accuracy => value === null || value === "default" || value === "highest";
/** How many steps of a loop are written out, or whether all are. */
const isUnroll = (value: unknown): value is number | boolean => isFlag(value) || (isInt(value) && value > 0);
const SORTS: readonly unknown[] = [null, "quicksort", "heapsort", "mergesort", "stable"];
const isSort = (value: unknown): value is "quicksort" | "heapsort" | "mergesort" | "stable" | null =>
  SORTS.includes(value);

/** Hints that change no value, and what JAX and NumPy take for them: checked and accepted (API.md, "Conventions"). */
const HINTS = {
  precision: isPrecision,
  accuracy: isAccuracy,
  indicesAreSorted: isFlag,
  uniqueIndices: isFlag,
  assumeUnique: isFlag,
  assumeUniqueIndices: isFlag,
  checkFinite: isFlag,
  overwriteA: isFlag,
  overwriteB: isFlag,
  subok: isFlag,
  unroll: isUnroll,
  kind: isSort,
} as const;
type Hinted<N extends keyof typeof HINTS> = (typeof HINTS)[N] extends ((value: unknown) => value is infer T)
  ? T
  : never;

/** A hint: checked and accepted, and of no effect on values. */
export const hint = <const N extends keyof typeof HINTS>(name: N, fallback: Hinted<N>): Optional<N, Hinted<N>> => ({
  name,
  how: "optional",
  kind: "hint",
  fallback,
  objects: false,
  check: (value, fn) => {
    if (HINTS[name](value)) return value as Hinted<N>;
    throw refusal(fn, name, "a value that JAX takes for it", value);
  },
});

/** `sharding` and its kin: arrays lie on one device each (API.md, "Refused on purpose"). */
export const sharding = <const N extends string>(name: N): Param<N, null, "named"> =>
  named(refused(name, null, "arrays are not sharded over devices here; use device, or pmap"));

/** Whether a value is a JS number or a traced one: for parameters that take either. */
export const isNumber = (x: unknown): x is number | NDArray =>
  typeof x === "number" || (x instanceof NDArray && isNumberKind(x.node.aval));

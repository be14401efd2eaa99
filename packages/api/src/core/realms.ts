// What a value is, whichever realm made it: a frame's typed arrays and objects, those of a vm context, and those of a test
// runner are no instances of this realm's classes. Tells by internal slots and by code of the host, which no user's
// object can have, and never by names alone. What an object's class is called is for messages only.

const tagOfTypedArrays = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** `Float32Array` for a typed array of any realm, subclasses too; undefined for everything else. */
export const typedArrayName = (x: unknown): string | undefined => tagOfTypedArrays.call(x);

/** Whether a typed array has lost its memory to somebody else: it was transferred, to a worker for example. */
export function isDetached({ buffer }: ArrayBufferView): boolean {
  const { detached } = buffer as { readonly detached?: boolean };
  if (detached !== undefined) return detached;
  try {
    void new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

const sourceOf = (f: object): string => Function.prototype.toString.call(f) as string;
const OBJECT_SOURCE = sourceOf(Object);

/** Whether it is the Object.prototype of a realm: the prototype of a constructor whose source is the host's own Object. */
export function isObjectPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof maker === "function" && maker.prototype === prototype && sourceOf(maker) === OBJECT_SOURCE;
}

/** Whether x is an options object or a container: plain, of any realm, and neither an array nor an instance of a class. */
export function isPlainObject(x: unknown): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null || Array.isArray(x)) return false;
  const prototype = Object.getPrototypeOf(x) as object | null;
  return prototype === null || isObjectPrototype(prototype);
}

/**
 * The own enumerable properties of a plain object and nothing else: what a page has put on Object.prototype is no option.
 * @example const { isLeaf } = ownProperties(options);
 */
export const ownProperties = <T extends object>(x: T): Partial<T> =>
  Object.assign(Object.create(null) as Partial<T>, x);

/** The members of a Map (its keys, then its values) or of a Set of any realm; null for everything else. */
export function membersOf(x: object): readonly unknown[] | null {
  const tag = Object.prototype.toString.call(x);
  const members: unknown[] = [];
  try {
    if (tag === "[object Map]")
      Map.prototype.forEach.call(x as Map<unknown, unknown>, (value, key) => members.push(key, value));
    else if (tag === "[object Set]") Set.prototype.forEach.call(x as Set<unknown>, (value) => members.push(value));
    else return null;
  } catch {
    return null; // it only says so
  }
  return members;
}

/** By this a copy of the library knows the arrays of another one, whatever a bundler has called their class. */
export const ARRAY_BRAND = Symbol.for("weft.NDArray");

/** Whether x is an array of another copy of the library: two versions, or two bundles, in one program. */
const isOfOtherCopy = (x: object): boolean =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(x) ?? {}, ARRAY_BRAND) !== undefined;

/**
 * What an object is, for messages: the name of its class. Of an array of another copy of the library, which has memory and
 * graphs of its own, also the way out; to copy it in silence would cut derivatives.
 */
export function classNameOf(x: object): string {
  if (isOfOtherCopy(x))
    return "an NDArray of another copy of this library (load it once, or pass np.array(await x.data()))";
  const name = typedArrayName(x);
  if (name !== undefined) return name;
  const maker: unknown = (x as { readonly constructor?: unknown }).constructor;
  const own: unknown = typeof maker === "function" ? maker.name : "";
  return typeof own === "string" && own !== "" ? own : "an object";
}

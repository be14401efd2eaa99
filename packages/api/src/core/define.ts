// Public functions: one way to declare them all (API.md, "Names and arguments" and "Conventions"). A declaration names the
// function as errors shall name it, its parameters in JAX's order (kinds.ts), and a body that is given one value a
// parameter. Here stands what holds for every function: options by name, nothing ignored, errors that name the function
// that the user called and whose stack begins at the user's line, and nothing left on a device by a call that throws.
import { ArgumentError, InternalError, userStack, WeftError } from "@weft/ir";
import { NDArray } from "./array.ts";
import type { Defined, Params, Values } from "./call-types.ts";
import { enter, isForeign, isOutermost, leave, releaseUploads } from "./calls.ts";
import type { Param } from "./kinds.ts";
import { isPlainObject } from "./realms.ts";
import { inWords } from "./words.ts";

type Body = (...given: readonly unknown[]) => unknown;
type AnyCall = (...args: readonly unknown[]) => unknown;
type Class = abstract new (...args: never[]) => object;

/** How a public function was declared. */
export interface Signature {
  /** As errors name it: `np.sum`. */
  readonly name: string;
  readonly params: Params;
  readonly body: Body;
}

const signatures = new WeakMap<AnyCall, Signature>();

/** The declaration of a public function; undefined for what is none. */
export const signatureOf = (f: unknown): Signature | undefined =>
  typeof f === "function" ? signatures.get(f as AnyCall) : undefined;

// Errors ------------------------------------------------------------------------------------------------------------

/** V8 and others that followed it. */
const captureStackTrace = (Error as { captureStackTrace?: (error: object, from: AnyCall) => void }).captureStackTrace;

/** `reduceSum: …`, `jit(f): …`: what an inner function, which is no device, calls itself at a message's beginning. */
const INNER = /^(?!wasm: |webgpu: )[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*(?:\([^()]*\))?: /u;

/** Errors whose stack begins where it shall. */
const settled = new WeakSet<Error>();
/** `call` is what the user called; null where it has returned a promise since, so that the stack is past it. */
function beginAt(error: Error, call: AnyCall | null): void {
  if (settled.has(error)) return;
  settled.add(error);
  if (call !== null) captureStackTrace?.call(Error, error, call);
  const { stack } = error;
  if (stack === undefined) return;
  // Chromium leaves the first line as it was when the error was made, and that holds the message
  const frames = stack.search(/^\s+at /mu);
  const own = frames < 0 ? stack : `${error.name}: ${error.message}\n${stack.slice(frames)}`;
  // the user may have called a method, which calls the function
  error.stack = userStack(own);
}

/** What the user is to see of an error from inside a public function: our own name it, and begin where it was called. */
function settle(error: unknown, name: string, call: AnyCall | null): unknown {
  if (!isOutermost() || isForeign(error)) return error;
  releaseUploads();
  const own = error instanceof WeftError ? error : unexpected(error);
  if (own === null) return error;
  if (!own.message.startsWith(`${name}: `)) own.message = `${name}: ${own.message.replace(INNER, "")}`;
  // writes the first line anew as well, which holds the message
  beginAt(own, call);
  return own;
}

/** Errors of the language from inside a public function are faults of ours, or the host's limits. */
function unexpected(error: unknown): WeftError | null {
  // a call stack that is full, in the words of V8 and JavaScriptCore; a pattern would need more of it
  if (error instanceof RangeError && error.message.includes("call stack"))
    return new WeftError("the call stack is full: a function calls itself, or lists are nested too deeply", {
      cause: error,
    });
  if (error instanceof RangeError || error instanceof TypeError || error instanceof ReferenceError)
    return new InternalError(`${error.message}; this is a fault of Weft, please report it with the call`, {
      cause: error,
    });
  return null;
}

// Arguments -----------------------------------------------------------------------------------------------------------

/** What a declaration says, made ready at the first call that needs it. */
interface Spec extends Signature {
  readonly index: ReadonlyMap<string, number>;
  /** Parameters that may be given by position, without a rest parameter. */
  readonly positional: number;
  /** Where the rest parameter stands; −1 if there is none. */
  readonly rest: number;
  /** Whether something may be given by name only. */
  readonly named: boolean;
  readonly fallbacks: readonly unknown[];
}

/** Whether an options object may hold it. */
const isNamed = ({ how, kind }: Param): boolean => how !== "rest" && kind !== "tree";

function specOf({ name, params, body }: Signature): Spec {
  const rest = params.findIndex(({ how }) => how === "rest");
  return {
    name,
    params,
    body,
    index: new Map(params.flatMap((param, i) => (isNamed(param) ? [[param.name, i] as const] : []))),
    positional: params.filter(({ how }) => how === "required" || how === "optional").length,
    rest,
    named: params.some(({ how }) => how === "named"),
    fallbacks: params.map(({ fallback, how }) => (how === "rest" ? [] : fallback)),
  };
}

/** Letters by which two names differ, roughly: for suggestions. */
function distance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = Math.min(
        above + 1,
        row[j - 1] + 1,
        diagonal + (a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0 : 1),
      );
      diagonal = above;
    }
  }
  return row[b.length];
}

const shown = (params: Params): Params => params.filter(({ kind, how }) => kind !== "refused" && how !== "rest");

function unknownOption({ name, params }: Spec, key: string): ArgumentError {
  const names = shown(params).map((param) => param.name);
  const snake = key.replace(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
  const [near] = names
    .filter((one) => distance(one, snake) <= Math.max(1, one.length / 3))
    .sort((a, b) => distance(a, snake) - distance(b, snake));
  return new ArgumentError(
    `${name}: there is no option ${key}${near === undefined ? "" : `; did you mean ${near}?`}${names.length === 0 ? "; it takes none" : ` (it takes ${names.join(", ")})`}`,
  );
}

function tooMany({ name, params, positional }: Spec, args: readonly unknown[], given: number): ArgumentError {
  const names = params.slice(0, positional).map((param) => param.name);
  const only = params.filter(({ how }) => how === "named").map((param) => param.name);
  if (positional === 0)
    return new ArgumentError(
      `${name}: expected ${only.length === 0 ? "no argument" : `{ ${only.join(", ")} }`}, got ${args.map(inWords).join(", ")}`,
    );
  return new ArgumentError(
    `${name}: expected at most ${positional} ${positional === 1 ? "argument" : "arguments"} (${names.join(", ")}), got ${given}` +
      `${only.length > 0 ? `; ${only.join(", ")} are given by name, in one object at the end` : ""}` +
      `${positional === 1 && given === 3 ? `; as a callback write (x) => ${name}(x)` : ""}`,
  );
}

/** Whether the argument at `at` is the options object, and not the value of a parameter that takes plain objects. */
function isOptions(spec: Spec, value: unknown, at: number): value is Record<string, unknown> {
  if (!isPlainObject(value)) return false;
  const param = at < spec.positional ? spec.params[at] : (spec.params[spec.rest] as Param | undefined);
  const keys = Object.keys(value);
  // with nothing left to name it is one argument too many
  if (keys.length === 0 && at >= spec.positional && !spec.named) return false;
  if (param === undefined || !param.objects) return true;
  if (param.kind === "tree" && param.how === "required") return false;
  // an empty object is a tree, and no value of an option that does not exist
  return keys.length === 0 ? param.kind === "refused" : keys.every((key) => spec.index.has(key));
}

function parse(spec: Spec, args: readonly unknown[]): unknown[] {
  const { name, params, index, positional, rest } = spec;
  const last = args.length - 1;
  const options = last >= 0 && isOptions(spec, args[last], last) ? (args[last] as Record<string, unknown>) : null;
  let count = options === null ? args.length : last;
  // options that a caller passes on may be undefined
  if (rest < 0) while (count > positional && args[count - 1] === undefined) count--;
  const values = spec.fallbacks.slice();
  if (count > positional) {
    if (rest < 0) throw tooMany(spec, args, count);
    const { check, name: of } = params[rest];
    values[rest] = args.slice(rest, count).map((value) => check(value, name, of));
  }
  for (let i = 0; i < count && i < positional; i++) {
    if (args[i] !== undefined) values[i] = params[i].check(args[i], name, params[i].name);
  }
  if (options !== null) {
    // own properties only: what stands on Object.prototype is nobody's option
    for (const key of Object.keys(options)) {
      const at = index.get(key);
      if (at === undefined) throw unknownOption(spec, key);
      const value = options[key];
      if (value === undefined) continue;
      if (at < count && at < positional && args[at] !== undefined)
        throw new ArgumentError(`${name}: ${key} was given twice, by position and by name`);
      values[at] = params[at].check(value, name, key);
    }
  }
  for (let i = 0; i < positional && params[i].how === "required"; i++) {
    // undefined is a tree, an empty one
    if (values[i] === undefined && (params[i].kind !== "tree" || i >= count))
      throw new ArgumentError(
        `${name}: ${params[i].name} is missing (${shown(params)
          .map((param) => param.name)
          .join(", ")})`,
      );
  }
  return values;
}

// Declarations --------------------------------------------------------------------------------------------------------

/** Arrays and what else can never be options: the common arguments, told without a closer look. */
const isPlainly = (x: unknown): boolean => typeof x !== "object" || x instanceof NDArray;

/** A function of one or two arrays: what most recorded operations call. What else it declares changes nothing. */
function fixed(signature: Signature, arity: number): AnyCall {
  let spec: Spec | null = null;
  const { name, body } = signature;
  const slow = (args: readonly unknown[]): unknown => body(...parse((spec ??= specOf(signature)), args));
  const call =
    arity === 1
      ? function (x: unknown): unknown {
          enter();
          try {
            return arguments.length === 1 && x !== undefined && isPlainly(x) ? body(x) : slow(Array.from(arguments));
          } catch (error) {
            throw settle(error, name, call);
          } finally {
            leave();
          }
        }
      : function (x: unknown, y: unknown): unknown {
          enter();
          try {
            return arguments.length === 2 && x !== undefined && y !== undefined && isPlainly(y)
              ? body(x, y)
              : slow(Array.from(arguments));
          } catch (error) {
            throw settle(error, name, call);
          } finally {
            leave();
          }
        };
  return call as AnyCall;
}

/** {@link fixed} for a method: the object is the first array. */
function fixedMethod(signature: Signature, of: Class, arity: number): AnyCall {
  let spec: Spec | null = null;
  const { name, body } = signature;
  const slow = (self: unknown, args: readonly unknown[]): unknown =>
    body(receiver(name, self, of), ...parse((spec ??= specOf(signature)), args));
  const call =
    arity === 0
      ? function (this: unknown): unknown {
          enter();
          try {
            return arguments.length === 0 && this instanceof of ? body(this) : slow(this, Array.from(arguments));
          } catch (error) {
            throw settle(error, name, call);
          } finally {
            leave();
          }
        }
      : function (this: unknown, y: unknown): unknown {
          enter();
          try {
            return arguments.length === 1 && y !== undefined && isPlainly(y) && this instanceof of
              ? body(this, y)
              : slow(this, Array.from(arguments));
          } catch (error) {
            throw settle(error, name, call);
          } finally {
            leave();
          }
        };
  return call as AnyCall;
}

function general(signature: Signature, of: Class | null): AnyCall {
  let spec: Spec | null = null;
  const { name, body } = signature;
  const call = function (this: unknown, ...args: readonly unknown[]): unknown {
    enter();
    try {
      const values = parse((spec ??= specOf(signature)), args);
      const result = of === null ? body(...values) : body(receiver(name, this, of), ...values);
      return result instanceof Promise ? result.catch((error: unknown) => fail(error, name)) : result;
    } catch (error) {
      const own = settle(error, name, call);
      if (isAsync(body)) return Promise.reject(own as Error);
      throw own;
    } finally {
      leave();
    }
  };
  return call;
}

/** Whether a body is an async function: then its promise tells what is wrong with its arguments, too. */
const isAsync = (body: Body): boolean =>
  (body as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] === "AsyncFunction";

/** A promise of a public function fails outside of it. */
function fail(error: unknown, name: string): never {
  enter();
  try {
    throw settle(error, name, null);
  } finally {
    leave();
  }
}

/** The object of a method; somebody may have taken the method off it. */
function receiver(name: string, self: unknown, of: Class): unknown {
  if (self instanceof of) return self;
  throw new ArgumentError(`${name}: it was called without the object that it is a method of; write (y) => ${name}(y)`);
}

/** How many arrays a function takes that takes nothing else of effect; 0 for all others. */
function arityOf({ params, body }: Signature): number {
  const arrays = params.findIndex(({ how, kind }) => how !== "required" || kind !== "array");
  const arity = arrays < 0 ? params.length : arrays;
  const plain = params
    .slice(arity)
    .every(({ how, kind }) => how !== "required" && (kind === "refused" || kind === "hint"));
  return plain && arity <= 2 && !isAsync(body) ? arity : 0;
}

function note(call: AnyCall, shown: string, signature: Signature): AnyCall {
  Object.defineProperty(call, "name", { value: shown });
  signatures.set(call, signature);
  return call;
}

function declare(name: string, params: Params, body: Body): AnyCall {
  const signature: Signature = { name, params, body };
  const arity = arityOf(signature);
  const call = arity > 0 ? fixed(signature, arity) : general(signature, null);
  return note(call, name.slice(name.lastIndexOf(".") + 1), signature);
}

/**
 * Declares a public function. `body` is given one value a parameter, checked and with defaults filled in; its own
 * parameters' names are what editors show.
 * @example
 * export const flip = define("np.flip", [array("m"), axes("axis", null)], (m, axis) => …);
 * flip(x); flip(x, 0); flip(x, { axis: [0, 1] }); flip({ m: x });
 */
// @__NO_SIDE_EFFECTS__
export function define<const P extends Params, F extends (...given: Values<P>) => unknown>(
  name: string,
  params: P,
  body: F,
): Defined<Parameters<F>, P, ReturnType<F>> {
  return declare(name, params, body as unknown as Body) as unknown as Defined<Parameters<F>, P, ReturnType<F>>;
}

/**
 * {@link define} for a function whose type says more than its parameters do: overloads, or results by the types of
 * arguments.
 * @example export const grad = defineAs<Grad>()("grad", [callback()("fun"), …], (fun, …) => …);
 */
// @__NO_SIDE_EFFECTS__
export function defineAs<C>(): <const P extends Params>(
  name: string,
  params: P,
  body: (...given: Values<P>) => unknown,
) => C {
  return (name, params, body) => declare(name, params, body as unknown as Body) as unknown as C;
}

/** A public function under a second name, which its errors give. @example export const amax = alias("np.amax", max); */
// @__NO_SIDE_EFFECTS__
export function alias<F>(name: string, of: F): F {
  const { params, body } = signatures.get(of as unknown as AnyCall) as Signature;
  return declare(name, params, body) as unknown as F;
}

/**
 * Makes declared functions methods of a class, or getters: their first parameter is the object, the others are the
 * method's own. Errors name them by what stands for the object, stacks and debuggers by the class, whatever a minifier
 * makes of that.
 * @example installMethods(NDArray, "NDArray", "x", { add }); // x.add("a") throws "x.add: …"
 */
export function installMethods(
  of: Class,
  className: string,
  object: string,
  functions: Readonly<Record<string, unknown>>,
  as: "value" | "get" = "value",
): void {
  for (const [key, declared] of Object.entries(functions)) {
    const { params, body } = signatures.get(declared as AnyCall) as Signature;
    const signature: Signature = { name: `${object}.${key}`, params: params.slice(1), body };
    const arity = arityOf({ ...signature, params });
    const call = arity > 0 ? fixedMethod(signature, of, arity - 1) : general(signature, of);
    const property = { [as]: note(call, `${className}.${key}`, signature), configurable: true };
    Object.defineProperty(of.prototype, key, as === "value" ? { ...property, writable: true } : property);
  }
}

/**
 * A function that a public one returns (`grad(f)`, a pullback): its arguments are its own to check, its errors begin at
 * the user's line. What it runs is the user's. `most`: how many arguments it takes, where that is known.
 */
// @__NO_SIDE_EFFECTS__
export function entry<A extends readonly unknown[], R>(
  name: string,
  body: (...args: A) => R,
  most = Infinity,
): (...args: A) => R {
  const call = (...args: A): R => {
    try {
      if (args.length > most)
        throw new ArgumentError(
          `${name}: expected at most ${most} argument${most === 1 ? "" : "s"}, got ${args.length}`,
        );
      return body(...args);
    } catch (error) {
      if (error instanceof WeftError) beginAt(error, call as AnyCall);
      throw error;
    }
  };
  Object.defineProperty(call, "name", { value: name });
  return call;
}

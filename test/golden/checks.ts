// What a case asks of our API: its value, derivatives and batch, each plain and in a jitted function, or its refusal.
// A check throws plain errors and needs no test runner, so that a worker can run it too.
import * as api from "@weft/api";
import type { TextArray } from "./arrays.ts";
import { parseArray } from "./arrays.ts";
import type { Argument, Case, Output } from "./cases.ts";
import { labelOf } from "./cases.ts";
import { expectWithinUlp } from "./load.ts";
import { ADAPTED, FUNCTIONS } from "./passed.ts";
import type { Anything } from "./surface.ts";
import { find, SPACES } from "./surface.ts";

/** What the checks use of an NDArray. */
interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly weakType: boolean;
  readonly device: string;
  data(): Promise<ArrayLike<number>>;
  reshape(shape: readonly number[]): Result;
}

const np = SPACES.np as { readonly array: (data: unknown, options: { dtype: string }) => Result };
const random = SPACES.random as { readonly [name in "key" | "keyData" | "wrapKeyData"]: (x: unknown) => Result };
const { jit, vmap, vjp, jvp } = SPACES.jax as {
  readonly jit: (f: Anything) => Anything;
  readonly vmap: (f: Anything, inAxes: readonly (number | null)[]) => Anything;
  readonly vjp: (f: Anything, primals: readonly unknown[]) => readonly [unknown, (ct: unknown) => readonly Result[]];
  readonly jvp: (
    f: Anything,
    primals: readonly unknown[],
    tangents: readonly unknown[],
  ) => readonly [unknown, readonly Result[]];
};
const isResult = (x: unknown): x is Result => x instanceof api.NDArray;

// Arguments ----------------------------------------------------------------------------------------------------------

/** What stands behind an @: an array to be traced, or a number that may be. */
type Operand =
  | { readonly kind: "array"; readonly of: TextArray }
  | { readonly kind: "key"; readonly seed: number }
  | { readonly kind: "number"; readonly value: number };

const NUMBER = /^-?(?:[\d.]|inf|nan)/u;

function operandOf(text: string): Operand {
  if (text.startsWith("key(")) return { kind: "key", seed: Number(text.slice(4, -1)) };
  if (NUMBER.test(text)) return { kind: "number", value: parseArray(`f64[]=${text}`).data[0] };
  return { kind: "array", of: parseArray(text) };
}

const toArray = ({ dtype, shape, data }: TextArray): Result => np.array(data, { dtype }).reshape(shape);

/** The array, key or number of an operand. */
function make(operand: Operand): unknown {
  if (operand.kind === "number") return operand.value;
  return operand.kind === "key" ? random.key(operand.seed) : toArray(operand.of);
}

/** An argument with each operand replaced by what `place` gives for it. */
function fill(argument: Argument, place: () => unknown): unknown {
  if (typeof argument === "string" && argument.startsWith("@"))
    return argument.startsWith("@fn.") ? FUNCTIONS[argument.slice(4)] : place();
  if (Array.isArray(argument)) return argument.map((item) => fill(item as Argument, place));
  if (typeof argument !== "object" || argument === null) return argument;
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, fill(value, place)]));
}

function operandsIn(argument: Argument | undefined): readonly Operand[] {
  if (typeof argument === "string" && argument.startsWith("@") && !argument.startsWith("@fn."))
    return [operandOf(argument.slice(1))];
  if (typeof argument !== "object" || argument === null) return [];
  return Object.values(argument).flatMap((item) => operandsIn(item as Argument));
}

/** A case as a function of its operands, and these. */
function prepare(one: Case): { readonly f: Anything; readonly operands: readonly Operand[] } {
  const found = find(one.fn);
  if (found === undefined) throw new Error(`golden: there is no public function ${one.fn}`);
  const fn = Object.hasOwn(ADAPTED, one.fn) ? ADAPTED[one.fn](found) : found;
  const { args, options, then } = one;
  const operands = [...operandsIn(args), ...operandsIn(options), ...operandsIn(then)];
  const f: Anything = (...values) => {
    let at = 0;
    const place = (): unknown => values[at++];
    const filled = fill(args, place) as readonly unknown[];
    const trailing = options === undefined ? [] : [fill(options, place)];
    const result = fn(...filled, ...trailing);
    if (then === undefined) return result;
    const last = fill(then, place) as readonly unknown[];
    // [value, pullback] and the like
    if (Array.isArray(result)) return [...result.slice(0, -1), (result.at(-1) as Anything)(...last)];
    return (result as Anything)(...last);
  };
  return { f, operands };
}

// Comparison ---------------------------------------------------------------------------------------------------------

interface Bounds {
  readonly ulp: number;
  readonly atol: number;
  readonly rel: number;
}

const EPSILON: Readonly<Record<string, number>> = { float16: 2 ** -10, float32: 2 ** -23, float64: 2 ** -52 };

const described = (dtype: string, weak: boolean, shape: readonly number[]): string =>
  `${dtype}${weak ? "*" : ""}[${shape.join(",")}]`;

async function expectArray(actual: unknown, text: string, bounds: Bounds, weakCounts: boolean): Promise<void> {
  const wanted = parseArray(text);
  if (!isResult(actual)) throw new Error(`got ${String(actual)} instead of an array`);
  const isKey = wanted.dtype === "key";
  const found = isKey ? random.keyData(actual) : actual;
  const dtype = isKey ? "uint32" : wanted.dtype;
  const [got, due] = [
    described(found.dtype, weakCounts && found.weakType, found.shape),
    described(dtype, weakCounts && wanted.weak, wanted.shape),
  ];
  if (got !== due) throw new Error(`got ${got} instead of ${due}`);
  const largest = Array.from(wanted.data, Math.abs).reduce((max, x) => (x > max && x < Infinity ? x : max), 0);
  const atol = Math.max(bounds.atol, bounds.rel * (EPSILON[dtype] ?? 0) * largest);
  expectWithinUlp(await found.data(), wanted.data, bounds.ulp, {
    flushed: true,
    atol,
    wgsl: found.device === "webgpu",
  });
}

const same = (a: unknown, b: unknown): boolean => {
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
    );
  }
  return Object.is(a, b);
};

/** JSON has no word for infinities and NaN. */
const plain = (x: unknown): unknown => {
  if (typeof x === "string" && NUMBER.test(x.slice(1)) && x.startsWith("@"))
    return parseArray(`f64[]=${x.slice(1)}`).data[0];
  if (Array.isArray(x)) return x.map(plain);
  if (typeof x !== "object" || x === null) return x;
  return Object.fromEntries(Object.entries(x).map(([name, value]) => [name, plain(value)]));
};

async function expectOutput(actual: unknown, wanted: Output, bounds: Bounds, weakCounts = true): Promise<void> {
  if (typeof wanted === "string") return expectArray(actual, wanted, bounds, weakCounts);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length)
      throw new Error(
        `got ${Array.isArray(actual) ? actual.length : String(actual)} instead of ${wanted.length} results`,
      );
    for (const [i, part] of wanted.entries()) await expectOutput(actual[i], part as Output, bounds, weakCounts);
    return;
  }
  if ("json" in wanted) {
    if (!same(actual, plain(wanted.json)))
      throw new Error(`got ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted.json)}`);
    return;
  }
  const names = Object.keys(wanted);
  const own = typeof actual === "object" && actual !== null ? Object.keys(actual) : [];
  if (own.toSorted().join() !== names.toSorted().join())
    throw new Error(`got the keys ${own.join()} instead of ${names.join()}`);
  for (const name of names)
    await expectOutput(
      (actual as Record<string, unknown>)[name],
      (wanted as Record<string, Output>)[name],
      bounds,
      weakCounts,
    );
}

const holdsJson = (wanted: Output): boolean =>
  typeof wanted === "object" && ("json" in wanted || Object.values(wanted).some((part) => holdsJson(part as Output)));

// Derivatives --------------------------------------------------------------------------------------------------------

const [COTANGENT, TANGENT] = [1000, 2000];
const SHORT: Readonly<Record<string, string>> = { float16: "f16", float32: "f32", float64: "f64" };
const isFloat = (x: { readonly dtype: string }): boolean => x.dtype in SHORT;

/** Eighths of the dtype and shape of an array. */
const recipe = (
  { dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] },
  seed: number,
): Result => toArray(parseArray(`${SHORT[dtype]}[${shape.join(",")}]e${seed}`));

function floats(result: unknown): Result[] {
  if (isResult(result)) return isFloat(result) ? [result] : [];
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(floats) : [];
}

/** A function of its arrays of floats alone, which gives its results of floats. */
function restricted(f: Anything, values: readonly unknown[], active: readonly number[]): Anything {
  return (...some) => {
    const full = [...values];
    for (const [i, at] of active.entries()) full[at] = some[i];
    return floats(f(...full));
  };
}

/** The array and its elements in reverse order as a batch along an axis; a key and the one after it. */
function batched(operand: Operand, axis: number): unknown {
  if (operand.kind === "key") {
    const words = [0, operand.seed >>> 0];
    return random.wrapKeyData(
      np.array(Uint32Array.from([...words, ...words.map((word) => word ^ 1)]), { dtype: "uint32" }).reshape([2, 2]),
    );
  }
  if (operand.kind === "number") throw new Error("golden: a number is not batched");
  const { dtype, shape, data } = operand.of;
  const count = data.length;
  const both = new (data.constructor as new (length: number) => typeof data)(2 * count);
  for (let i = 0; i < count; i++) {
    both[axis === 0 ? i : 2 * i] = data[i];
    both[axis === 0 ? count + i : 2 * i + 1] = data[count - 1 - i];
  }
  return np.array(both, { dtype }).reshape(axis === 0 ? [2, ...shape] : [...shape, 2]);
}

const row = (result: unknown, at: number): unknown => {
  if (isResult(result)) return (result as Result & { slice(i: number): Result }).slice(at);
  if (Array.isArray(result)) return result.map((part) => row(part, at));
  return typeof result === "object" && result !== null
    ? Object.fromEntries(Object.entries(result).map(([name, part]) => [name, row(part, at)]))
    : result;
};

// Checks -------------------------------------------------------------------------------------------------------------

/** One thing that a case asks, by its place in due.json or decided.json: "np.sum(f32[2]e1) | jit vjp". */
export interface Check {
  readonly id: string;
  readonly kind: string;
  run(): Promise<void>;
}

const message = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** The WeftError that ours throws. */
async function refusalOf(f: () => unknown, one: Case): Promise<Error> {
  let result: unknown;
  try {
    result = await f();
  } catch (error) {
    if (!(error instanceof api.WeftError) || error instanceof api.InternalError)
      throw new Error(`threw ${message(error)} where ${one.error} is due`);
    return error;
  }
  throw new Error(
    `was not refused (${one.error} is due): ${isResult(result) ? described(result.dtype, result.weakType, result.shape) : String(result)}`,
  );
}

function refusals(one: Case): readonly [string, () => Promise<void>][] {
  const { f, operands } = prepare(one);
  const refused = (): Promise<Error> => refusalOf(() => f(...operands.map(make)), one);
  // what a function returned (an initializer, a gradient) has no name of its own
  if (one.then !== undefined) return [["error", async () => void (await refused())]];
  const name = `${one.fn.replace(/^jax\./u, "")}: `;
  return [
    ["error", async () => void (await refused())],
    [
      "error name",
      async () => {
        const error = await refused();
        if (!error.message.startsWith(name))
          throw new Error(`the message does not begin with "${name}": ${message(error)}`);
      },
    ],
  ];
}

function values(one: Case): readonly [string, () => Promise<void>][] {
  const { f, operands } = prepare(one);
  const out = one.out as Output;
  const own: Bounds = { ulp: one.ulp ?? 0, atol: one.atol ?? 0, rel: one.rel ?? 0 };
  const derived: Bounds = {
    ulp: one.dulp ?? 4 + 4 * own.ulp,
    atol: one.datol ?? own.atol,
    rel: Math.max(4, 4 * own.rel),
  };
  const list: [string, () => Promise<void>][] = [];
  const both = (
    kind: string,
    operandsOf: () => readonly unknown[],
    make_: Anything,
    compare: (result: unknown) => Promise<void>,
    traced = true,
  ): void => {
    list.push([kind, async () => compare(await make_(...operandsOf()))]);
    if (traced && one.jit !== false && !holdsJson(out))
      list.push([kind === "value" ? "jit" : `jit ${kind}`, async () => compare(await jit(make_)(...operandsOf()))]);
  };
  const made = (): unknown[] => operands.map(make);
  both("value", made, f, (result) => expectOutput(result, out, own));
  // numbers stay what they are: JAX takes derivatives by arrays
  const active = operands.flatMap((operand, i) => (operand.kind === "array" && isFloat(operand.of) ? [i] : []));
  const primals = (): unknown[] => active.map((i) => make(operands[i]));
  if (one.vjp !== undefined) {
    const wanted = one.vjp;
    both(
      "vjp",
      primals,
      (...some) => {
        const [y, pullback] = vjp(restricted(f, made(), active), some);
        return pullback((y as Result[]).map((part, k) => recipe(part, COTANGENT + k)));
      },
      (result) => expectOutput(result, wanted, derived, false),
    );
  }
  if (one.jvp !== undefined) {
    const wanted = one.jvp;
    const arrays = operands.map((operand) => (operand.kind === "number" ? [] : [operand]));
    const places = active.map((i) => arrays.slice(0, i).flat().length);
    both(
      "jvp",
      primals,
      (...some) =>
        jvp(
          restricted(f, made(), active),
          some,
          some.map((x, k) => recipe(x as Result, TANGENT + places[k])),
        )[1],
      (result) => expectOutput(result, wanted, derived, false),
    );
  }
  if (one.vmap !== undefined) {
    const { in: axes, out: second } = one.vmap;
    const at = operands.flatMap((operand, i) => (operand.kind === "number" ? [] : [i]));
    both(
      "vmap",
      () => at.map((i, k) => (axes[k] === null ? make(operands[i]) : batched(operands[i], axes[k]))),
      vmap((...some) => {
        const full = made();
        for (const [k, i] of at.entries()) full[i] = some[k];
        return f(...full);
      }, axes),
      async (result) => {
        await expectOutput(row(result, 0), out, own);
        await expectOutput(row(result, 1), second, own);
      },
    );
  }
  return list;
}

/** The checks of a case. */
export function checksOf(one: Case): readonly Check[] {
  const label = labelOf(one);
  return (one.error === undefined ? values(one) : refusals(one)).map(([kind, run]) => ({
    id: `${label} | ${kind}`,
    kind,
    run,
  }));
}

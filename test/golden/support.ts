// Runs golden cases against our public API on the default device: makes the arguments, calls the function by its name,
// reads what it gives with await, compares. What is not due yet is listed in due.ts; this file refuses to pass over
// anything else. It throws plain errors and needs no test runner, so that a worker can run it too.
import * as api from "@weft/api";
import { NOT_YET_CASES, NOT_YET_DTYPES, NOT_YET_FUNCTIONS } from "./due.ts";
import type { GoldenArgument, GoldenArray, GoldenCase, IndexPart, Section } from "./load.ts";
import { expectWithinUlp, loadGolden } from "./load.ts";

/** What the tests use of an NDArray. */
export interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly weakType: boolean;
  readonly device: string;
  data(): Promise<ArrayLike<number>>;
  reshape(shape: readonly number[]): Result;
  slice(...index: readonly unknown[]): Result;
}

type Anything = (...args: readonly unknown[]) => unknown;
type Space = { readonly [name: string]: unknown };

// The data name functions by strings, so the API is looked at as a table of functions here and nowhere else.
const surface = api as unknown as Space;
const SPACES: { readonly [name: string]: Space } = {
  np: surface.numpy as Space,
  lax: surface.lax as Space,
  nn: surface.nn as Space,
  random: surface.random as Space,
};

const np = SPACES.np as { readonly [name: string]: Anything };
const compare = np as unknown as { greater(x: unknown, y: unknown): unknown };

/** Compositions that gradients.py and options.py define under the same names. */
const CUSTOM: { readonly [name: string]: Anything } = {
  whereSqrt: (x) => np.where(compare.greater(x, 0), np.sqrt(x), 0),
  doubleWhereSqrt: (x) => np.where(compare.greater(x, 0), np.sqrt(np.where(compare.greater(x, 0), x, 1)), 0),
  whereLog: (x) => np.where(compare.greater(x, 1), np.log(np.subtract(x, 1)), x),
  norm: (x) => np.sqrt(np.sum(np.multiply(x, x))),
  selfProduct: (x) => np.multiply(np.multiply(x, x), x),
  /** What an initializer draws that was made with `made`. */
  drawn: (name, made, key, shape) =>
    ((SPACES.nn.initializers as Space)[name as string] as (...made: readonly unknown[]) => Anything)(
      ...(made as readonly unknown[]),
    )(key, shape),
  standardised: (x) => np.divide(np.subtract(x, np.mean(x)), np.std(x)),
};

/** The public function of a dotted name, or undefined. */
export function find(fn: string): Anything | undefined {
  const [space, ...path] = fn.split(".");
  let found: unknown = space === "custom" ? CUSTOM : SPACES[space];
  for (const part of path) found = (found as Space | undefined)?.[part];
  return typeof found === "function" ? (found as Anything) : undefined;
}

/** An array of a case as an NDArray. */
export function toArray({ dtype, shape, data }: GoldenArray): Result {
  return (np.array(data, { dtype }) as Result).reshape(shape);
}

/** An argument of a case as the API takes it. */
export function toArgument(argument: GoldenArgument, inputs: readonly Result[]): unknown {
  if (Array.isArray(argument)) return argument.map((item) => toArgument(item, inputs));
  if (typeof argument !== "object" || argument === null) return argument;
  const tagged = argument as { readonly [tag: string]: GoldenArgument };
  if (typeof tagged.input === "number") return inputs[tagged.input];
  if (typeof tagged.key === "number")
    return SPACES.random.key === undefined ? undefined : (SPACES.random.key as Anything)(tagged.key);
  if (tagged.float === "nan") return Number.NaN;
  if (tagged.float === "inf") return Infinity;
  if (tagged.float === "-inf") return -Infinity;
  throw new Error(`golden: unknown argument ${JSON.stringify(argument)}`);
}

const described = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): string =>
  `${dtype}[${shape.join(",")}]`;

/** Holds one array against the expected one: dtype, shape, elements. */
export async function expectArray(
  actual: Result,
  expected: GoldenArray,
  ulp: number,
  flushed: boolean,
  atol = 0,
): Promise<void> {
  if (described(actual) !== described(expected))
    throw new Error(`got ${described(actual)} instead of ${described(expected)}`);
  expectWithinUlp(await actual.data(), expected.data, ulp, { flushed, atol, wgsl: actual.device === "webgpu" });
}

interface Call {
  readonly fn: Anything;
  readonly args: readonly unknown[];
  readonly trailing: readonly unknown[];
}

function prepare(golden: GoldenCase): Call {
  const fn = find(golden.fn);
  if (!fn)
    throw new Error(`golden: there is no public function ${golden.fn}; if it is not due yet, due.ts is to say so`);
  const inputs = golden.inputs.map(toArray);
  const args = golden.args.map((argument) => toArgument(argument, inputs));
  const options =
    golden.options &&
    Object.fromEntries(Object.entries(golden.options).map(([name, value]) => [name, toArgument(value, inputs)]));
  return { fn, args, trailing: options ? [options] : [] };
}

/** Calls the function of a case and compares every output. */
export async function expectCall(golden: GoldenCase, flushed: boolean): Promise<void> {
  const { fn, args, trailing } = prepare(golden);
  const result = fn(...args, ...trailing);
  if (golden.isList) return expectArrays(result as readonly Result[], golden.outputs, golden, flushed);
  const array = golden.keyData ? (SPACES.random.keyData as Anything)(result) : result;
  await expectArray(array as Result, golden.outputs[0], golden.ulp, flushed, golden.atol);
}

async function expectArrays(
  actual: readonly Result[],
  expected: readonly GoldenArray[],
  { ulp, atol }: GoldenCase,
  flushed: boolean,
): Promise<void> {
  if (actual.length !== expected.length) throw new Error(`got ${actual.length} arrays instead of ${expected.length}`);
  for (const [i, one] of actual.entries()) await expectArray(one, expected[i], ulp, flushed, atol);
}

/** Takes the vjp of a case's function and compares value and gradients. */
export async function expectGradients(golden: GoldenCase): Promise<void> {
  const { fn, args, trailing } = prepare(golden);
  const f = (...active: readonly unknown[]): unknown => {
    const full = [...args];
    for (const [i, at] of golden.wrt.entries()) full[at] = active[i];
    return fn(...full, ...trailing);
  };
  if (!golden.cotangent) throw new Error(`golden: ${golden.name} has no cotangent`);
  const vjp = surface.vjp as (
    f: Anything,
    primals: readonly unknown[],
  ) => readonly [Result, (ct: Result) => readonly Result[]];
  const [value, pullback] = vjp(
    f,
    golden.wrt.map((at) => args[at]),
  );
  await expectArray(value, golden.outputs[0], golden.ulp, true, golden.atol);
  await expectArrays(pullback(toArray(golden.cotangent)), golden.gradients, golden, true);
}

function toIndex(part: IndexPart, inputs: readonly Result[]): unknown {
  switch (part[0]) {
    case "slice":
      return [part[1], part[2], part[3]];
    case "int":
      return part[1];
    case "newaxis":
      return null;
    case "ellipsis":
      return "...";
    default:
      return inputs[part[1].input];
  }
}

/** Slices by a case's index. Exact. */
async function expectSlice(golden: GoldenCase): Promise<void> {
  const inputs = golden.inputs.map(toArray);
  await expectArray(inputs[0].slice(...golden.index.map((part) => toIndex(part, inputs))), golden.outputs[0], 0, false);
}

/** The sections whose cases are values of functions. */
export const VALUES = [
  "creation",
  "degenerate",
  "elementwise",
  "gradients",
  "halves",
  "indexing",
  "nn",
  "options",
  "random",
  "reductions",
  "structure",
] as const satisfies readonly Section[];

/** Holds a case of one of them, as its section asks. */
export async function expectValues(section: (typeof VALUES)[number], golden: GoldenCase): Promise<void> {
  if (golden.cotangent) return expectGradients(golden);
  if (golden.fn === "slice") return expectSlice(golden);
  // denormals of floats have elementwise cases of their own, so nothing is forgiven there but those of integers
  const flushed = section === "elementwise" ? golden.inputs[0].dtype.includes("int") : section !== "indexing";
  await expectCall(golden, flushed);
}

/** Every dtype that a case names. */
export function dtypesOf(golden: GoldenCase): readonly string[] {
  const named = Object.entries(golden.options ?? {}).flatMap(([name, value]) =>
    name === "dtype" && typeof value === "string" ? [value] : [],
  );
  const positional = golden.args.filter((argument) => typeof argument === "string");
  return [...golden.inputs, ...golden.outputs].map(({ dtype }) => dtype).concat(named, positional, golden.types);
}

const waits = (golden: GoldenCase): boolean =>
  NOT_YET_FUNCTIONS.has(golden.fn) ||
  NOT_YET_CASES.has(golden.name) ||
  dtypesOf(golden).some((dtype) => NOT_YET_DTYPES.has(dtype));

/** The cases of a section that must pass today. */
export const dueCases = (section: Section): readonly GoldenCase[] =>
  loadGolden(section).filter((golden) => !waits(golden));

/** Those of a section of values; the block cipher by itself is ir's (threefry.test.ts). */
export const valueCases = (section: (typeof VALUES)[number]): readonly GoldenCase[] =>
  dueCases(section).filter((golden) => golden.fn === "slice" || golden.fn.includes("."));

/** Names in due.ts that the API has by now: they are to be taken off. */
export const overdueFunctions = (): readonly string[] => [...NOT_YET_FUNCTIONS].filter((fn) => find(fn) !== undefined);

/** Public names that the data call and that neither exist nor are listed in due.ts. */
export function missingFunctions(section: Section): readonly string[] {
  const names = new Set(
    loadGolden(section)
      .filter((golden) => golden.fn.includes("."))
      .map((golden) => golden.fn),
  );
  return [...names].filter((fn) => find(fn) === undefined && !NOT_YET_FUNCTIONS.has(fn));
}

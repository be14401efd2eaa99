// Reads data/functions: a case a line, as functions/*.py have them written. Knows nothing of our API (checks.ts does).
import { readText } from "../support/files.ts";

/** The files of cases, one a module of functions/. */
export const FILES = [
  "np-arithmetic",
  "np-creation",
  "np-functions",
  "np-indexing",
  "np-joining",
  "np-movement",
  "np-products",
  "np-reductions",
  "np-types",
  "lax-elementwise",
  "lax-structure",
  "nn",
  "nn-initializers",
  "random",
  "transformations",
  "trees",
  "further",
] as const;

export type File = (typeof FILES)[number];

/** An argument as JSON has it; text that begins with @ is an array, a weak number, a key or a function. */
export type Argument = null | boolean | number | string | readonly Argument[] | { readonly [name: string]: Argument };

/** A result: an array as text, `{ json }` for what is no array, lists and objects of these. */
export type Output = string | readonly Output[] | { readonly [name: string]: Output } | { readonly json: unknown };

/** One line of a file; README.md says what each field means. */
export interface Case {
  readonly fn: string;
  readonly args: readonly Argument[];
  readonly options?: { readonly [name: string]: Argument };
  /** What the result, a function, is called with. */
  readonly then?: readonly Argument[];
  /** Absent where the call is refused. */
  readonly out?: Output;
  /** The class of the error that JAX or NumPy throws. */
  readonly error?: string;
  readonly ulp?: number;
  readonly atol?: number;
  readonly rel?: number;
  readonly dulp?: number;
  readonly datol?: number;
  readonly jit?: false;
  /** Cotangents of the arrays of floats. */
  readonly vjp?: readonly string[];
  /** Tangents of the results of floats. */
  readonly jvp?: readonly string[];
  /** How the arrays are batched, and the second example of the result. */
  readonly vmap?: { readonly in: readonly (number | null)[]; readonly out: Output };
}

const texts = new Map<File, string>(
  await Promise.all(
    FILES.map(
      async (file) => [file, await readText(new URL(`./data/functions/${file}.jsonl`, import.meta.url))] as const,
    ),
  ),
);

/** The cases of a file, in order. */
export const casesOf = (file: File): readonly Case[] =>
  (texts.get(file) as string)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Case);

/** All cases. */
export const allCases = (): readonly Case[] => FILES.flatMap(casesOf);

const shown = (argument: Argument): string => {
  if (typeof argument === "string") return argument.startsWith("@") ? argument.slice(1) : `"${argument}"`;
  if (Array.isArray(argument)) return `[${argument.map(shown).join(", ")}]`;
  if (typeof argument !== "object" || argument === null) return String(argument);
  return `{ ${Object.entries(argument)
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join(", ")} }`;
};

/**
 * A case as it reads in a test's message and in the lists.
 * @example labelOf({ fn: "np.sum", args: ["@f32[2,3]e1", 0] }) // "np.sum(f32[2,3]e1, 0)"
 */
export function labelOf({ fn, args, options, then }: Case): string {
  const list = args.map(shown);
  if (options) list.push(shown(options));
  return `${fn}(${list.join(", ")})${then ? `(${then.map(shown).join(", ")})` : ""}`;
}

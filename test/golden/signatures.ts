// The parameters of JAX's and NumPy's public functions, as signatures.py reads them, by the name that the function has
// (or would have) in our API. Knows nothing of what ours take.
import { readText } from "../support/files.ts";

/** A default as JSON has it: `{ number }` is one that JSON has no word for, `{ python }` has no meaning outside Python. */
export type Default =
  | null
  | boolean
  | number
  | string
  | readonly Default[]
  | { readonly number: "inf" | "-inf" | "nan" }
  | { readonly re: number; readonly im: number }
  | { readonly python: string };

/** A parameter, its name in camelCase. Without a `kind` it may be given by position or by name. */
export interface Parameter {
  readonly name: string;
  readonly kind?: "positional" | "named" | "rest" | "options";
  /** Absent where the parameter is required. */
  readonly default?: Default;
}

/** A function of JAX, or of NumPy where JAX has none. */
export interface Signature {
  readonly from: "jax" | "numpy";
  readonly parameters: readonly Parameter[];
  /** A function object with reduce, accumulate, outer and at. */
  readonly ufunc?: true;
  /** NumPy's parameters where they differ, and how in words. */
  readonly numpy?: readonly Parameter[];
  readonly notes?: readonly string[];
}

const text = await readText(new URL("./data/signatures.json", import.meta.url));
const { functions } = JSON.parse(text) as { readonly functions: Readonly<Record<string, Signature>> };

/**
 * Signatures by public name: `np.sum`, `lax.cumsum`, `nn.initializers.uniform`, `tree.map`, `jax.vmap` (a function of
 * `@weft/api` itself), `array.sum` (a method). They include what we do not have yet.
 * @example SIGNATURES["np.sum"].parameters.map(({ name }) => name)
 */
export const SIGNATURES: Readonly<Record<string, Signature>> = functions;

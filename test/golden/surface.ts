// The public functions of @weft/api by dotted name, looked at as tables here and nowhere else.
import * as api from "@weft/api";

/** Any public function: the data name them by strings. */
export type Anything = (...args: readonly unknown[]) => unknown;
export type Space = { readonly [name: string]: unknown };

const root = api as unknown as Space;
const { initializers, ...activations } = root.nn as Space;

/** The namespaces whose functions are JAX's or NumPy's, and the package itself (`jax`). */
export const SPACES: { readonly [name: string]: Space } = {
  np: root.numpy as Space,
  lax: root.lax as Space,
  nn: activations,
  "nn.initializers": initializers as Space,
  random: root.random as Space,
  tree: root.tree as Space,
  jax: root,
};

/** Classes of the package: what they do is tested where they are written. */
const isClass = (value: unknown): boolean => typeof value === "function" && /^class\b/.test(String(value));

/** Every public function, as `np.sum`. */
export const publicFunctions: readonly string[] = Object.entries(SPACES).flatMap(([space, members]) =>
  Object.keys(members)
    .filter((name) => typeof members[name] === "function" && !isClass(members[name]))
    .map((name) => `${space}.${name}`),
);

/** The public function of a dotted name, or undefined. */
export function find(fn: string): Anything | undefined {
  const at = fn.lastIndexOf(".");
  const space = SPACES[fn.slice(0, at)] as Space | undefined;
  const found = space !== undefined && Object.hasOwn(space, fn.slice(at + 1)) ? space[fn.slice(at + 1)] : undefined;
  return typeof found === "function" ? (found as Anything) : undefined;
}

/** The namespace of a dotted name. */
export const spaceOf = (fn: string): string => fn.slice(0, fn.lastIndexOf("."));

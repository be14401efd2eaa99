// Every public function is one that JAX or NumPy has, or stands here with what it is.
import { expect, it } from "vitest";
import { SIGNATURES } from "./signatures.ts";
import { publicFunctions } from "./surface.ts";

/** Functions that are ours alone. */
const OWN: Readonly<Record<string, string>> = {
  "jax.checkLeaks": "arrays that a function leaves alive",
  "jax.explain": "prints a plan",
  "jax.init": "opens devices and threads",
  "jax.memory": "counts arrays, bytes and caches",
  "jax.planOf": "a plan as data",
  "jax.scope": "frees what a function made",
  "jax.toCanvas": "paints an array",
  "jax.useBackend": "a device of the caller's own",
  "tree.keystr": "jax.tree_util's",
  "tree.register": "jax.tree_util's register_pytree_node, for classes",
};

it("names JAX's or NumPy's functions, or its own", () => {
  const unknown = publicFunctions.filter((fn) => SIGNATURES[fn] === undefined);
  expect(unknown.toSorted()).toEqual(Object.keys(OWN).toSorted());
});

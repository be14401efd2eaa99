// What parameters.test.ts passes over, by name: functions whose parameters are not JAX's, each with its reason. It only
// shrinks: a line without effect fails the test.

/** What a function takes, written as the test writes it (`~` by name only, `*` all that are left), and why it is not what JAX takes. */
export interface Difference {
  readonly takes: string;
  readonly why: string;
}

export const DIFFERENT: { readonly [fn: string]: Difference } = {
  "jax.defaultDevice": { takes: "name=null", why: "JAX's is a context and its argument no name" },
  "jax.jit": {
    takes:
      "fun, ~inShardings=null, ~outShardings=null, ~staticArgnums=null, ~staticArgnames=null, ~donateArgnums=null, ~donateArgnames=null, ~keepUnused=false, ~device=null, ~backend=null, ~inline=false, ~compilerOptions=null",
    why: "fun is required, and null stands for JAX's objects of unspecified shardings",
  },
  "jax.linearTranspose": {
    takes: "fun, primals, reduceAxes=[]",
    why: "primals is the array of arguments, so that options may follow it",
  },
  "jax.linearize": {
    takes: "fun, primals, hasAux=false",
    why: "primals is the array of arguments, so that options may follow it",
  },
  "jax.vjp": {
    takes: "fun, primals, hasAux=false, reduceAxes=[]",
    why: "primals is the array of arguments, so that options may follow it",
  },
  "tree.reduce": {
    takes: "function, tree, initializer=undefined, isLeaf=null",
    why: "undefined stands for JAX's object of an unspecified start",
  },
  "np.array": {
    takes: 'object, dtype=null, ~copy=true, ~order="K", ~ndmin=0, ~device=null, ~outSharding=null',
    why: "JAX's args are its old positionals, which warn there",
  },
  "np.unravelIndex": { takes: 'indices, shape, ~order="C"', why: "order is NumPy's" },
  "lax.argmax": {
    takes: 'operand, axis, indexDtype="int32"',
    why: "indices have a dtype of their own here, which JAX asks for each time",
  },
  "lax.argmin": {
    takes: 'operand, axis, indexDtype="int32"',
    why: "indices have a dtype of their own here, which JAX asks for each time",
  },
  "np.pad": {
    takes:
      'array, padWidth, mode="constant", ~statLength=null, ~constantValues=null, ~endValues=null, ~reflectType=null',
    why: "JAX's keywords of the modes have no names in its signature",
  },
  "np.einsum": {
    takes:
      'subscripts, *operands, ~out=null, ~optimize="auto", ~precision=null, ~preferredElementType=null, ~outSharding=null',
    why: "JAX's _dotGeneral is for its own tests",
  },
  "np.clip": {
    takes: "arr, min=null, max=null",
    why: "the array is required; JAX's null stands for names it has done away with",
  },
  "np.where": {
    takes: "condition, x, y, ~size=null, ~fillValue=null",
    why: "a condition alone asks for positions, which wait for sorting",
  },
};

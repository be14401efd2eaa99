// grad and valueAndGrad: the function runs on markers of the differentiated leaves (SEMANTICS 1.3), then its recorded
// nodes are linearized and transposed. Values inside are concrete and may be read.
import type { Node } from "@weft/ir";
import { aval, DTypeError, formatAval, isFloat, literal, ShapeError, withScope } from "@weft/ir";
import { instantiate, vjpNodes } from "@weft/autodiff";
import { NDArray } from "../core/array.ts";
import { toNode } from "../core/convert.ts";
import { defineAs, entry } from "../core/define.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build } from "../tree/structure.ts";
import type { TreeFunction } from "./leaves.ts";
import {
  asFirmAs,
  expectResult,
  float0,
  leavesOf,
  logicalShape,
  markLeaf,
  nameOf,
  received,
  splitAux,
  wrapTree,
} from "./leaves.ts";
import { ALLOW_INT, ARGNUMS, FUN, HAS_AUX, HOLOMORPHIC, REDUCE_AXES, derivativeArgnums } from "./parameters.ts";
import type { IfKnown } from "../tree/types.ts";
import type {
  Argnums,
  ArgnumsOrOptions,
  FlagsOf,
  GradFlags,
  GradOf,
  Loose,
  OptionsOf,
  Returned,
  ValueAndGradOf,
} from "./types.ts";

/** The value of a function that is differentiated: a float scalar. */
function scalarResult(name: string, result: unknown): Node {
  expectResult(name, result);
  const { leaves } = leavesOf(`${name}: the result`, result);
  if (leaves.length !== 1 || leaves[0] !== result)
    throw new ShapeError(
      `${name}: the function must return one scalar, got a tree of ${leaves.length} leaves; use hasAux for further results`,
    );
  const node = toNode(name, result as Leaf);
  if (node.aval.shape.length !== 0)
    throw new ShapeError(
      `${name}: the function must return a scalar, got ${formatAval(node.aval)}; sum it, or use jacrev or vjp`,
    );
  if (!isFloat(node.aval.dtype))
    throw new DTypeError(
      `${name}: the function must return a float, got ${formatAval(node.aval)}; convert it with astype("float32")`,
    );
  return node;
}

interface Marked {
  readonly structure: Structure;
  readonly markers: readonly (Node | null)[];
  readonly nodes: readonly Node[];
  readonly shapes: readonly (readonly number[])[];
}

/** Marks the differentiated arguments; returns the arguments to call with. */
function markArguments(
  name: string,
  args: readonly unknown[],
  argnums: readonly number[],
  allowInt: boolean,
): { args: unknown[]; marked: Marked[] } {
  const called = args.map((argument, at) => (argnums.includes(at) ? argument : received(name, argument)));
  const marked = argnums.map((at) => {
    const { leaves, paths, structure } = leavesOf(`${name}: argument ${at}`, args[at]);
    const found = leaves.map((leaf, i) => {
      const one = markLeaf(name, leaf);
      if (one.marker === null && !allowInt) {
        const what = one.isKey ? "a random key" : formatAval(one.node.aval);
        throw new DTypeError(
          `${paths[i]} is ${what}; only floats are differentiated. Convert it with astype("float32"), leave it out of argnums, or pass allowInt`,
        );
      }
      return one;
    });
    called[at] = build(
      structure,
      found.map(({ array }) => array),
    );
    return {
      structure,
      markers: found.map(({ marker }) => marker),
      nodes: found.map(({ node }) => node),
      shapes: found.map(({ node, isKey }) => logicalShape(node, isKey)),
    };
  });
  return { args: called, marked };
}

function differentiate(
  name: string,
  f: TreeFunction,
  args: readonly unknown[],
  { argnums, hasAux, allowInt }: { argnums: Argnums; hasAux: boolean; allowInt: boolean },
): { value: Node; aux: unknown; gradients: unknown } {
  const at = derivativeArgnums(name, argnums, args.length);
  const { value, aux, marked, cts } = withScope("diff", name, false, (scope) => {
    const { args: called, marked } = markArguments(name, args, at, allowInt);
    const [y, aux] = splitAux(name, f(...called), hasAux);
    const value = scalarResult(name, y);
    const markers = marked.flatMap((one) => one.markers.filter((marker) => marker !== null));
    const found = vjpNodes([value], markers, [literal(aval(value.aval.dtype, []), 1)], scope.startId);
    return { value, aux, marked, cts: found.map((ct, i) => asFirmAs(instantiate(ct, markers[i]), markers[i].aval)) };
  });
  let next = 0;
  const trees = marked.map(({ structure, markers, shapes }) =>
    wrapTree(
      structure,
      markers.map((marker, i) => (marker === null ? float0(shapes[i]) : cts[next++])),
    ),
  );
  return { value, aux, gradients: typeof argnums === "number" ? trees[0] : trees };
}

/** The parameters of grad and valueAndGrad. */
const GRAD = [FUN, ARGNUMS, HAS_AUX, HOLOMORPHIC, ALLOW_INT, REDUCE_AXES] as const;

/** What grad returns, or valueAndGrad. */
type DerivativeOf<K, A extends unknown[], R, O> = K extends "gradients" ? GradOf<A, R, O> : ValueAndGradOf<A, R, O>;
interface Derivative<K extends "gradients" | "both"> {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
    ...rest: IfKnown<A, []>
  ): (...args: Loose<A>) => DerivativeOf<K, A, R, unknown>;
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends ArgnumsOrOptions = Record<never, never>,
  >(
    fun: (...args: A) => R,
    argnums: (O & IfKnown<A, unknown>) | undefined,
  ): (...args: Loose<A>) => DerivativeOf<K, A, R, OptionsOf<O>>;
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const N extends Argnums = Argnums,
    const O extends boolean | GradFlags = boolean | GradFlags,
  >(
    fun: (...args: A) => R,
    argnums: N,
    options: O & IfKnown<A, unknown>,
  ): (...args: Loose<A>) => DerivativeOf<K, A, R, FlagsOf<O> & { readonly argnums: N }>;
  /** Of a type parameter the compiler knows no leaves: what it stands for stays what it is. */
  <A extends unknown[], R, const O extends ArgnumsOrOptions = Record<never, never>>(
    fun: (...args: A) => R,
    argnums?: O,
  ): (...args: A | Loose<A>) => DerivativeOf<K, A, R, OptionsOf<O>>;
}
export type Grad = Derivative<"gradients">;
/**
 * The gradient of a scalar function, as a function of the same arguments.
 * @param argnums which arguments (0), or all options: argnums; hasAux: the function returns [value, aux] and the result is
 *   [gradients, aux]; allowInt: integer leaves get gradients of dtype float0.
 * @throws ShapeError where the result is no scalar, DTypeError where a differentiated leaf is no float.
 * @example grad((x: NDArray) => np.sum(np.power(x, 3)))([1, 2, 3].map(Number)) // for an array: np.array([1, 2, 3])
 */
export const grad: Grad = defineAs<Grad>()("grad", GRAD, (fun, argnums, hasAux, _holomorphic, allowInt) => {
  const name = `grad(${nameOf(fun)})`;
  return entry(name, (...args: readonly unknown[]) => {
    const { aux, gradients } = differentiate(name, fun, args, { argnums, hasAux, allowInt });
    return hasAux ? [gradients, aux] : gradients;
  });
});

export type ValueAndGrad = Derivative<"both">;
/**
 * As {@link grad}, with the value: [value, gradients], or [[value, aux], gradients] with hasAux.
 * @example const [loss, grads] = valueAndGrad(lossOf)(params, batch);
 */
export const valueAndGrad: ValueAndGrad = defineAs<ValueAndGrad>()(
  "valueAndGrad",
  GRAD,
  (fun, argnums, hasAux, _holomorphic, allowInt) => {
    const name = `valueAndGrad(${nameOf(fun)})`;
    return entry(name, (...args: readonly unknown[]) => {
      const { value, aux, gradients } = differentiate(name, fun, args, { argnums, hasAux, allowInt });
      const y = new NDArray(value);
      return hasAux ? [[y, aux], gradients] : [y, gradients];
    });
  },
);

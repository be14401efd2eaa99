// grad and valueAndGrad: the function runs on markers of the differentiated leaves (SEMANTICS 1.3), then its recorded
// nodes are linearized and transposed. Values inside are concrete and may be read.
import type { Node } from "@weft/ir";
import { aval, DTypeError, formatAval, IndexError, isFloat, literal, ShapeError, withScope } from "@weft/ir";
import { instantiate, vjpNodes } from "@weft/autodiff";
import { NDArray } from "../core/array.ts";
import { toNode } from "../core/convert.ts";
import { isPlainObject } from "../core/options.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build } from "../tree/structure.ts";
import type { TreeFunction } from "./leaves.ts";
import { float0, functionName, leavesOf, logicalShape, markLeaf, splitAux, wrapTree } from "./leaves.ts";
import type { GradOf, GradOptions, Loose, OptionsOf, Returned, ValueAndGradOf } from "./types.ts";

/** Argument numbers as non-negative integers. Throws IndexError out of range. */
export function resolveArgnums(op: string, argnums: number | readonly number[], count: number): number[] {
  return (Array.isArray(argnums) ? (argnums as readonly number[]) : [argnums as number]).map((argnum) => {
    const at = argnum < 0 ? argnum + count : argnum;
    if (!Number.isInteger(argnum))
      throw new IndexError(
        `${op}: argnums are integers, one or a list of them; got ${typeof argnum === "string" ? `"${argnum as string}"` : String(argnum)}`,
      );
    if (at < 0 || at >= count)
      throw new IndexError(
        `${op}: argnums ${argnum} is out of range for a call with ${count} argument${count === 1 ? "" : "s"}`,
      );
    return at;
  });
}

/** {@link resolveArgnums} of what is differentiated: each argument has one derivative. Throws IndexError for one named twice. */
export function derivativeArgnums(op: string, argnums: number | readonly number[], count: number): number[] {
  const at = resolveArgnums(op, argnums, count);
  const twice = at.find((place, i) => at.indexOf(place) !== i);
  if (twice !== undefined)
    throw new IndexError(
      `${op}: argnums [${(argnums as readonly number[]).join(", ")}] name argument ${twice} twice; name each once`,
    );
  return at;
}

/** Checks the names of an options object. */
export function checkOptions(op: string, given: object | undefined, names: readonly string[]): void {
  if (given === undefined) return;
  if (!isPlainObject(given)) throw new TypeError(`${op}: expected an options object { ${names.join(", ")} }`);
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw new TypeError(`${op}: there is no option ${name}; expected ${names.join(", ")}`);
}

/** argnums may stand for the options object. */
export type ArgnumsOrOptions = GradOptions | number | readonly number[];
/** The options of grad and its kin, checked. */
export function gradOptions(op: string, given: ArgnumsOrOptions | undefined, names: readonly string[]): GradOptions {
  if (typeof given === "number" || Array.isArray(given)) return { argnums: given as number | readonly number[] };
  checkOptions(op, given as GradOptions | undefined, names);
  return (given as GradOptions | undefined) ?? {};
}

/** The value of a function that is differentiated: a float scalar. */
function scalarResult(name: string, result: unknown): Node {
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
  const called = [...args];
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
  options: GradOptions,
): { value: Node; aux: unknown; gradients: unknown } {
  const { argnums = 0, hasAux = false, allowInt = false } = options;
  const at = derivativeArgnums(name, argnums, args.length);
  const { value, aux, marked, cts } = withScope("diff", name, false, (scope) => {
    const { args: called, marked } = markArguments(name, args, at, allowInt);
    const [y, aux] = splitAux(name, f(...called), hasAux);
    const value = scalarResult(name, y);
    const markers = marked.flatMap((one) => one.markers.filter((marker) => marker !== null));
    const found = vjpNodes([value], markers, [literal(aval(value.aval.dtype, []), 1)], scope.startId);
    return { value, aux, marked, cts: found.map((ct, i) => instantiate(ct, markers[i])) };
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

/**
 * The gradient of a scalar function, as a function of the same arguments.
 * @param argnums which arguments (0), or all options: argnums; hasAux: the function returns [value, aux] and the result is
 *   [gradients, aux]; allowInt: integer leaves get gradients of dtype float0.
 * @throws ShapeError where the result is no scalar, DTypeError where a differentiated leaf is no float.
 * @example grad((x: NDArray) => np.sum(np.power(x, 3)))([1, 2, 3].map(Number)) // for an array: np.array([1, 2, 3])
 */
export function grad<A extends unknown[], R extends Returned, const O extends ArgnumsOrOptions = Record<never, never>>(
  f: (...args: A) => R,
  argnums?: O,
): (...args: Loose<A>) => GradOf<A, R, OptionsOf<O>> {
  const name = `grad(${functionName("grad", f)})`;
  const options = gradOptions("grad", argnums, ["argnums", "hasAux", "allowInt"]);
  return (...args) => {
    const { aux, gradients } = differentiate(name, f as unknown as TreeFunction, args, options);
    return (options.hasAux === true ? [gradients, aux] : gradients) as GradOf<A, R, OptionsOf<O>>;
  };
}

/**
 * As {@link grad}, with the value: [value, gradients], or [[value, aux], gradients] with hasAux.
 * @example const [loss, grads] = valueAndGrad(lossOf)(params, batch);
 */
export function valueAndGrad<
  A extends unknown[],
  R extends Returned,
  const O extends ArgnumsOrOptions = Record<never, never>,
>(f: (...args: A) => R, argnums?: O): (...args: Loose<A>) => ValueAndGradOf<A, R, OptionsOf<O>> {
  const name = `valueAndGrad(${functionName("valueAndGrad", f)})`;
  const options = gradOptions("valueAndGrad", argnums, ["argnums", "hasAux", "allowInt"]);
  return (...args) => {
    const { value, aux, gradients } = differentiate(name, f as unknown as TreeFunction, args, options);
    const y = new NDArray(value);
    return (options.hasAux === true ? [[y, aux], gradients] : [y, gradients]) as ValueAndGradOf<A, R, OptionsOf<O>>;
  };
}

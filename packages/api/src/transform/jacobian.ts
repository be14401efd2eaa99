// jacfwd, jacrev, hessian: a linear map applied to all basis vectors at once, by vmap.
import type { Node } from "@weft/ir";
import { DTypeError, isFloat, record, sizeOf } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build } from "../tree/structure.ts";
import { defineAs, entry } from "../core/define.ts";
import { refused } from "../core/kinds.ts";
import type { TreeFunction } from "./leaves.ts";
import { leafNode, leavesOf, nameOf, received } from "./leaves.ts";
import { pullbackAt, pushforwardAt } from "./linear.ts";
import { ARGNUMS, FUN, HAS_AUX, HOLOMORPHIC, derivativeArgnums } from "./parameters.ts";
import type { Argnums, ArgnumsOrOptions, FlagsOf, GradFlags, JacobianOf, Loose, OptionsOf, Returned } from "./types.ts";
import { vmapCall } from "./vmap.ts";

interface Basis {
  readonly arrays: readonly NDArray[];
  readonly size: number;
}

/** The standard basis of a list of arrays: for each, [total, ...shape] with the ones of its own coordinates. */
function basisOf(leaves: readonly NDArray[]): Basis {
  const sizes = leaves.map((one) => one.size);
  const size = sizes.reduce((sum, n) => sum + n, 0);
  let offset = 0;
  const arrays = leaves.map((one, i) => {
    const { shape, dtype } = one;
    const rows = record("broadcastInDim", { shape: [size, sizes[i]], axes: [0] }, [
      record("iota", { n: size, dtype: "int32" }, [], [0, 1]),
    ]);
    const columns = record("broadcastInDim", { shape: [size, sizes[i]], axes: [1] }, [
      record("iota", { n: sizes[i], dtype: "int32" }, [], [offset, 1]),
    ]);
    offset += sizes[i];
    const ones = record("convert", { dtype, weakness: "strong" }, [record("compare", { op: "eq" }, [rows, columns])]);
    return new NDArray(record("reshape", { shape: [size, ...shape] }, [ones]));
  });
  return { arrays, size };
}

/** The rows of `stacked` (along `axis`) that belong to each leaf, with that leaf's shape in the axis' place. */
function splitBasis(stacked: NDArray, leaves: readonly NDArray[], axis: "first" | "last"): NDArray[] {
  const { node } = stacked;
  const { shape } = node.aval;
  const at = axis === "first" ? 0 : shape.length - 1;
  const rest = axis === "first" ? shape.slice(1) : shape.slice(0, -1);
  let start = 0;
  return leaves.map((one) => {
    const size = sizeOf(one.shape);
    const starts = shape.map((_, i) => (i === at ? start : 0));
    const part: Node =
      size === shape[at]
        ? node
        : record(
            "slice",
            { sizes: shape.map((n, i) => (i === at ? size : n)), strides: shape.map(() => 1) },
            [node],
            starts,
          );
    start += size;
    const whole = axis === "first" ? [...one.shape, ...rest] : [...rest, ...one.shape];
    return new NDArray(record("reshape", { shape: whole }, [part]));
  });
}

interface Selected {
  readonly call: TreeFunction;
  readonly chosen: readonly unknown[];
}

/** f as a function of the differentiated arguments alone. */
function select(name: string, f: TreeFunction, args: readonly unknown[], at: readonly number[]): Selected {
  const fixed = args.map((argument, place) => (at.includes(place) ? argument : received(name, argument)));
  const call: TreeFunction = (...given) => {
    const all = [...fixed];
    at.forEach((place, i) => (all[place] = given[i]));
    return f(...all);
  };
  return { call, chosen: at.map((place) => args[place]) };
}

/** The leaves of a tree as arrays, numbers as float32. Throws DTypeError naming a leaf that is no float. */
function arraysOf(
  name: string,
  tree: unknown,
  argnums?: readonly number[],
): { arrays: NDArray[]; structure: Structure } {
  const { leaves, paths, structure } = leavesOf(name, tree);
  const arrays = leaves.map((leaf: Leaf, i) => {
    const one = leaf instanceof NDArray ? leaf : new NDArray(leafNode(name, leaf));
    const where =
      argnums === undefined ? paths[i] : paths[i].replace(/ \[(\d+)\]/, (_, k: string) => ` ${argnums[Number(k)]}`);
    if (!isFloat(one.dtype))
      throw new DTypeError(
        `${where} is ${one.dtype}[${one.shape.join(",")}]; only floats have a Jacobian. Convert it with astype("float32")`,
      );
    return one;
  });
  return { arrays, structure };
}

/** Turns [output leaf][input leaf] into the output's tree of argument trees. */
function nest(
  out: Structure,
  structure: Structure,
  single: boolean,
  entries: readonly (readonly NDArray[])[],
): unknown {
  return build(
    out,
    entries.map((row) => {
      const tree = build(structure, row) as unknown[];
      return single ? tree[0] : tree;
    }),
  );
}

function jacobian(
  op: "jacfwd" | "jacrev",
  name: string,
  f: TreeFunction,
  args: readonly unknown[],
  argnums: Argnums,
  hasAux: boolean,
): unknown {
  const at = derivativeArgnums(name, argnums, args.length);
  const { call, chosen } = select(name, f, args, at);
  const single = typeof argnums === "number";
  const inputs = arraysOf(`${name}: argument `, chosen, at);
  const derive = op === "jacfwd" ? pushforwardAt : pullbackAt;
  const [y, linear, aux] = derive(name, call, chosen, hasAux);
  const outputs = arraysOf(`${name}: the result`, y);
  let result: unknown;
  if (op === "jacfwd") {
    const basis = basisOf(inputs.arrays);
    const tangents = build(inputs.structure, basis.arrays) as unknown[];
    const pushed = vmapCall(name, linear, tangents, 0, -1, basis.size);
    const columns = arraysOf(name, pushed).arrays;
    result = nest(
      outputs.structure,
      inputs.structure,
      single,
      columns.map((column) => splitBasis(column, inputs.arrays, "last")),
    );
  } else {
    const basis = basisOf(outputs.arrays);
    const pulled = vmapCall(name, linear, [build(outputs.structure, basis.arrays)], 0, 0, basis.size);
    const rows = arraysOf(name, pulled).arrays.map((row) => splitBasis(row, outputs.arrays, "first"));
    result = nest(
      outputs.structure,
      inputs.structure,
      single,
      outputs.arrays.map((_, o) => rows.map((row) => row[o])),
    );
  }
  linear[Symbol.dispose]();
  return hasAux ? [result, aux] : result;
}

export interface Jacobian {
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends ArgnumsOrOptions = Record<never, never>,
  >(
    fun: (...args: A) => R,
    argnums?: O,
  ): (...args: Loose<A>) => JacobianOf<A, R, OptionsOf<O>>;
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const N extends Argnums = Argnums,
    const O extends boolean | GradFlags = boolean | GradFlags,
  >(
    fun: (...args: A) => R,
    argnums: N,
    options: O,
  ): (...args: Loose<A>) => JacobianOf<A, R, FlagsOf<O> & { readonly argnums: N }>;
}
/**
 * The Jacobian by forward mode: the result's tree of arrays of shape [...result, ...argument]. Best where the argument
 * is smaller than the result.
 * @example jacfwd((x: NDArray) => np.sin(x))(x) // [n, n]
 */
export const jacfwd: Jacobian = defineAs<Jacobian>()(
  "jacfwd",
  [FUN, ARGNUMS, HAS_AUX, HOLOMORPHIC],
  (fun, argnums, hasAux) => {
    const name = `jacfwd(${nameOf(fun)})`;
    return entry(name, (...args: readonly unknown[]) => jacobian("jacfwd", name, fun, args, argnums, hasAux));
  },
);

/**
 * The Jacobian by reverse mode; as {@link jacfwd}, best where the result is smaller than the argument.
 * @example jacrev((x: NDArray) => np.sum(np.power(x, 2)))(x) // [n]
 */
export const jacrev: Jacobian = defineAs<Jacobian>()(
  "jacrev",
  [
    FUN,
    ARGNUMS,
    HAS_AUX,
    HOLOMORPHIC,
    refused("allowInt", false, "integers have no Jacobian here; leave them out of argnums"),
  ],
  (fun, argnums, hasAux) => {
    const name = `jacrev(${nameOf(fun)})`;
    return entry(name, (...args: readonly unknown[]) => jacobian("jacrev", name, fun, args, argnums, hasAux));
  },
);

export interface Hessian {
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends ArgnumsOrOptions = Record<never, never>,
  >(
    fun: (...args: A) => R,
    argnums?: O,
  ): (...args: Loose<A>) => JacobianOf<A, JacobianOf<A, R, OptionsOf<O>>, OptionsOf<O>>;
}
/**
 * The Hessian: jacfwd of jacrev.
 * @example hessian((x: NDArray) => np.sum(np.power(x, 3)))(x) // diag(6x)
 */
export const hessian: Hessian = defineAs<Hessian>()(
  "hessian",
  [FUN, ARGNUMS, HAS_AUX, HOLOMORPHIC],
  (fun, argnums, hasAux) => {
    const name = `hessian(${nameOf(fun)})`;
    const inner = (...args: unknown[]): unknown => jacobian("jacrev", name, fun, args, argnums, hasAux);
    return entry(name, (...args: readonly unknown[]) => jacobian("jacfwd", name, inner, args, argnums, hasAux));
  },
);

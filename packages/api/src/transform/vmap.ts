// vmap: the function runs once on placeholders without the mapped axis; then the nodes that depend on them are
// recorded again in batched form (SEMANTICS 2).
import type { Node } from "@weft/ir";
import { formatAval, placeholder, record, ShapeError, TreeError, withScope, withShape } from "@weft/ir";
import type { Batched } from "@weft/autodiff";
import { batchNodes } from "@weft/autodiff";
import { NDArray } from "../core/array.ts";
import { abandoningTraced } from "../core/handles.ts";
import { checkAxis, toNode } from "../core/convert.ts";
import { defineAs, entry } from "../core/define.ts";
import { refused, size } from "../core/kinds.ts";
import { isPlainObject } from "../core/realms.ts";
import { inWords } from "../core/words.ts";
import type { Leaf } from "../tree/structure.ts";
import { build, spreadPrefix } from "../tree/structure.ts";
import type { Results, TreeFunction } from "./leaves.ts";
import { leavesOfArguments, logicalShape, nameOf, received, resultsOf, wrapTree } from "./leaves.ts";
import { axesOf, FUN } from "./parameters.ts";
import type { IfKnown } from "../tree/types.ts";
import type { Arrays, Loose, Returned } from "./types.ts";

/** Which axis of each leaf is mapped: a number or null for all, or a tree that is a prefix of the arguments. */
export type Axes = number | null | readonly Axes[] | { readonly [name: string]: Axes };

export interface VmapOptions {
  readonly inAxes?: Axes;
  readonly outAxes?: Axes;
  /** The size of the mapped axis; needed where no argument is mapped. */
  readonly axisSize?: number;
}

/** The leaf as a node whose axis can be mapped. */
function mappedNode(
  name: string,
  path: string,
  leaf: Leaf,
  axis: number,
): { node: Node; isKey: boolean; axis: number } {
  if (typeof leaf === "number" || typeof leaf === "boolean")
    throw new ShapeError(
      `${name}: ${path} is a ${typeof leaf} and has no axis ${axis} to map over; give null for it in inAxes${path.includes("[") ? ", or np.array(…) where a list is meant as one array" : ""}`,
    );
  const isKey = leaf instanceof NDArray && leaf.isKey;
  const node = isKey ? leaf.node : toNode(name, leaf);
  const shape = logicalShape(node, isKey);
  if (shape.length === 0)
    throw new ShapeError(
      `${name}: ${path} is ${isKey ? "key[]" : formatAval(node.aval)} and has no axis ${axis} to map over; give null for it in inAxes`,
    );
  return { node, isKey, axis: checkAxis(`${name}: ${path}`, axis, shape.length) };
}

/** The result with its batch axis at `axis` of the batched rank. */
function placeAxis(
  name: string,
  { node, axis: from }: Batched,
  axis: number | null,
  size: number,
  isKey: boolean,
): Node {
  if (axis === null) {
    if (from !== null)
      throw new ShapeError(
        `${name}: outAxes is null for a result that depends on a mapped argument, ${formatAval(node.aval)}; give the axis it is to have`,
      );
    return node;
  }
  const rank = node.aval.shape.length - (isKey ? 1 : 0) + (from === null ? 1 : 0);
  const to = checkAxis(`${name}: outAxes`, axis, rank);
  if (from === null) {
    const { shape } = node.aval;
    return record(
      "broadcastInDim",
      { shape: shape.toSpliced(to, 0, size), axes: shape.map((_, i) => (i < to ? i : i + 1)) },
      [node],
    );
  }
  if (from === to) return node;
  const perm = node.aval.shape.map((_, i) => i).filter((i) => i !== from);
  perm.splice(to, 0, from);
  return record("transpose", { perm }, [node]);
}

/** Runs `f` on placeholders for the leaves that have an axis in `axes`. */
export function vmapCall(
  name: string,
  f: TreeFunction,
  args: readonly unknown[],
  inAxes: Axes,
  outAxes: Axes,
  axisSize: number | undefined,
): unknown {
  if (Array.isArray(inAxes) && inAxes.length !== args.length)
    throw new TreeError(
      `${name}: inAxes has ${inAxes.length} entries for ${args.length} argument${args.length === 1 ? "" : "s"}`,
    );
  const { leaves, paths, structure } = leavesOfArguments(name, args);
  const axes = spreadPrefix(`${name}: inAxes`, inAxes, structure);
  const mapped = leaves.map((leaf, i) => {
    const axis = axes[i];
    return axis === null ? null : mappedNode(name, paths[i], leaf, axis);
  });
  let size = axisSize;
  let sizeFrom = "axisSize";
  mapped.forEach((one, i) => {
    if (one === null) return;
    const n = one.node.aval.shape[one.axis];
    if (size !== undefined && size !== n)
      throw new ShapeError(
        `${name}: mapped axes must have equal sizes: axis ${one.axis} of ${paths[i]}, ${formatAval(one.node.aval)}, has ${n}, ${sizeFrom} ${size}`,
      );
    if (size === undefined) sizeFrom = paths[i];
    size = n;
  });
  if (size === undefined)
    throw new ShapeError(
      `${name}: no argument is mapped (inAxes is null for all of them), so the size of the axis is unknown; give axisSize or map an argument`,
    );
  const lanes = size;
  const { results, placed } = abandoningTraced(() =>
    withScope("abstract", name, false, (scope): { results: Results; placed: Node[] } => {
      const inputs = new Map<Node, Batched>();
      const called = leaves.map((leaf, i) => {
        const one = mapped[i];
        if (one === null) return received(name, leaf);
        const inside = placeholder(
          withShape(one.node.aval, one.node.aval.shape.toSpliced(one.axis, 1)),
          paths[i].replace(/^argument /, ""),
          scope,
        );
        inputs.set(inside, { node: one.node, axis: one.axis });
        return new NDArray(inside, one.isKey);
      });
      const results = resultsOf(name, f(...(build(structure, called) as unknown[])));
      const places = spreadPrefix(`${name}: outAxes`, outAxes, results.structure);
      const batched = batchNodes(results.nodes, inputs, lanes, scope.startId);
      return { results, placed: batched.map((one, i) => placeAxis(name, one, places[i], lanes, results.keys[i])) };
    }),
  );
  return wrapTree(results.structure, placed, results.keys);
}

type VmapRest = [
  inAxes?: Axes | VmapOptions,
  outAxes?: Axes | Omit<VmapOptions, "inAxes">,
  options?: Omit<VmapOptions, "inAxes" | "outAxes">,
];
export interface Vmap {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
    ...rest: IfKnown<[A, R], VmapRest>
  ): (...args: Loose<A>) => Arrays<R>;
  /** Of a type parameter the compiler knows no leaves: what it stands for stays what it is. */
  <A extends unknown[], R>(fun: (...args: A) => R, ...rest: VmapRest): (...args: A | Loose<A>) => R;
}
const NO_NAMES = "there are no collectives over named axes yet";
/**
 * Maps a function over an axis of its arguments: one batched program, not a loop.
 * @param inAxes the axis of each argument, null for what is not mapped; an array is per positional argument, and each
 *   entry may be a tree that is a prefix of the argument
 * @param outAxes where the mapped axis goes in each result; null for results that do not depend on it
 * @param options axisSize; or all of it as { inAxes, outAxes, axisSize } in place of inAxes
 * @throws ShapeError for sizes that differ and leaves without the axis, TreeError where axes do not fit the trees
 * @example vmap((m: NDArray, v: NDArray) => np.dot(m, v), [null, 0])(matrix, vectors)
 */
export const vmap: Vmap = defineAs<Vmap>()(
  "vmap",
  [
    FUN,
    axesOf("inAxes", 0),
    axesOf("outAxes", 0),
    refused("axisName", null, NO_NAMES),
    size("axisSize", null),
    refused("spmdAxisName", null, NO_NAMES),
    refused("sumMatch", false, "it belongs to axes that are named"),
  ],
  (fun, inAxes, outAxes, _axisName, axisSize) => {
    const name = `vmap(${nameOf(fun)})`;
    // an object is no prefix of an argument list
    if (isPlainObject(inAxes))
      throw new TreeError(
        `vmap: inAxes: expected an axis, or an array of one entry an argument, got ${inWords(inAxes)}; the options are inAxes, outAxes and axisSize`,
      );
    const [ins, outs] = [inAxes, outAxes] as Axes[];
    return entry(name, (...args: readonly unknown[]) => vmapCall(name, fun, args, ins, outs, axisSize ?? undefined));
  },
);

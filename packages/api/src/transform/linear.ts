// jvp, vjp, linearize and linearTranspose: derivatives as linear maps on trees.
import type { NDArray } from "../core/array.ts";
import type { Node } from "@weft/ir";
import { applyGraph, disown, DisposedError, own, TreeError, withScope } from "@weft/ir";
import type { LinearMap } from "@weft/autodiff";
import {
  hasTangent,
  instantiate,
  jvpNodes,
  linearizeNodes,
  pullback,
  pushforward,
  transposeGraph,
} from "@weft/autodiff";
import { define, defineAs, entry } from "../core/define.ts";
import { treeOf } from "../core/kinds.ts";
import type { Leaf, Structure } from "../tree/structure.ts";
import { build } from "../tree/structure.ts";
import type { MarkedLeaf, Results, TreeFunction } from "./leaves.ts";
import {
  asFirmAs,
  float0,
  leavesOf,
  logicalShape,
  markLeaf,
  nameOf,
  resultsOf,
  splitAux,
  tangentNode,
  wrapTree,
  zerosNode,
} from "./leaves.ts";
import { FUN, HAS_AUX, REDUCE_AXES } from "./parameters.ts";
import { traceFunction } from "./trace.ts";
import type { Arrays, AuxOf, AuxOption, Loose, LooseTree, Returned, ValueOf, WithAux } from "./types.ts";

function primalList(op: string, primals: unknown): readonly unknown[] {
  if (!Array.isArray(primals)) throw new TreeError(`${op}: primals must be the array of arguments, as [x] for one`);
  return primals;
}

interface Marks {
  readonly structure: Structure;
  readonly paths: readonly string[];
  readonly leaves: readonly MarkedLeaf[];
  readonly markers: readonly Node[];
}

function markPrimals(name: string, primals: readonly unknown[]): Marks {
  const { leaves, paths, structure } = leavesOf(`${name}: primals`, primals);
  const marked = leaves.map((leaf) => markLeaf(name, leaf));
  return {
    structure,
    paths,
    leaves: marked,
    markers: marked.map(({ marker }) => marker).filter((marker) => marker !== null),
  };
}

const callWith = (f: TreeFunction, { structure, leaves }: Marks): unknown =>
  f(
    ...(build(
      structure,
      leaves.map(({ array }) => array),
    ) as unknown[]),
  );

/** Checks that a tree of tangents fits and returns its nodes; null for leaves without tangents. */
function tangentsFor(
  op: string,
  what: string,
  tree: unknown,
  structure: Structure,
  of: readonly { readonly node: Node; readonly isKey: boolean }[],
): (Node | null)[] {
  const given = leavesOf(`${op}: ${what}`, tree);
  if (!given.structure.equals(structure))
    throw new TreeError(
      `${op}: ${what} must have the structure ${structure.toString()}, got ${given.structure.toString()}`,
    );
  return given.leaves.map((leaf: Leaf, i) =>
    tangentNode(op, given.paths[i].slice(op.length + 2), leaf, of[i].node.aval, of[i].isKey),
  );
}

const resultLeaves = ({ nodes, keys }: Results): { node: Node; isKey: boolean }[] =>
  nodes.map((node, i) => ({ node, isKey: keys[i] }));
/** A tree of tangents: null becomes zeros, or float0 where there is no tangent. */
const tangentTree = (results: Results, tangents: readonly (Node | null)[]): unknown =>
  wrapTree(
    results.structure,
    results.nodes.map((node, i) =>
      results.keys[i] || !hasTangent(node.aval)
        ? float0(logicalShape(node, results.keys[i]))
        : asFirmAs(tangents[i] ?? zerosNode(node.aval), node.aval),
    ),
  );

export interface Jvp {
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends AuxOption | boolean = Record<never, never>,
  >(
    fun: (...args: A) => R,
    primals: Loose<A>,
    tangents: Loose<A>,
    options?: O,
  ): WithAux<R, AuxOf<O>, Arrays<ValueOf<R, AuxOf<O>>>>;
}
/**
 * The value and the directional derivative: [f(...primals), its tangent], with aux as a third entry with hasAux.
 * @throws TreeError, ShapeError, DTypeError where tangents do not fit primals.
 * @example const [y, dy] = jvp(np.sin, [x], [np.onesLike(x)]);
 */
export const jvp: Jvp = defineAs<Jvp>()(
  "jvp",
  [FUN, treeOf("primals"), treeOf("tangents"), HAS_AUX],
  (fun, primals, tangents, hasAux) => {
    const name = `jvp(${nameOf(fun)})`;
    const args = primalList(name, primals);
    const { results, pushed, aux } = withScope("diff", name, false, (scope) => {
      const marks = markPrimals(name, args);
      const given = tangentsFor(name, "tangents", primalList(name, tangents), marks.structure, marks.leaves);
      const seeds = new Map<Node, Node>();
      marks.leaves.forEach(({ marker }, i) => {
        const t = given[i];
        if (marker !== null && t !== null) seeds.set(marker, t);
      });
      const [y, aux] = splitAux(name, callWith(fun, marks), hasAux);
      const results = resultsOf(name, y);
      return { results, pushed: jvpNodes(results.nodes, seeds, scope.startId), aux };
    });
    const pair = [wrapTree(results.structure, results.nodes, results.keys), tangentTree(results, pushed)];
    return hasAux ? [...pair, aux] : pair;
  },
);

/** A linear function that holds the residuals of the point it belongs to, until it is disposed or collected. */
export interface Pullback<A extends unknown[], Y> extends Disposable {
  /** Cotangents of the arguments, one entry each, for a cotangent of the result. */
  (ct: LooseTree<Y>): { [K in keyof A]: Arrays<A[K]> };
  dispose(): void;
}
export interface Pushforward<A extends unknown[], Y> extends Disposable {
  /** The tangent of the result for tangents of the arguments. */
  (...tangents: Loose<A>): Arrays<Y>;
  dispose(): void;
}

/** What a linear function owns: its residuals, and its results, so that the nodes between end with them. */
const heldBy = ({ graph }: LinearMap): readonly Node[] => [...graph.captures, ...graph.outputs];

/** Adds dispose to a function that uses `residuals`. */
function holding<F extends (...args: never[]) => unknown>(
  name: string,
  residuals: readonly Node[],
  f: F,
  most = Infinity,
): F & Disposable & { dispose(): void } {
  let held: readonly Node[] | null = residuals;
  for (const node of residuals) own(node);
  const dispose = define(`${name}.dispose`, [], (): void => {
    if (held === null) return;
    const nodes = held;
    held = null;
    for (const node of nodes) disown(node);
  });
  const guarded = entry(
    name,
    (...args: readonly never[]): unknown => {
      if (held === null) throw new DisposedError(`${name}: it was disposed, and its residuals with it`);
      return f(...args);
    },
    most,
  );
  return Object.assign(guarded as unknown as F, { dispose, [Symbol.dispose]: dispose });
}

interface Linearization {
  readonly name: string;
  readonly marks: Marks;
  readonly results: Results;
  readonly linear: LinearMap;
  readonly aux: unknown;
}

function linearizationAt(name: string, f: TreeFunction, primals: unknown, hasAux: boolean): Linearization {
  const args = primalList(name, primals);
  return withScope("diff", name, false, (scope) => {
    const marks = markPrimals(name, args);
    const [y, aux] = splitAux(name, callWith(f, marks), hasAux);
    const results = resultsOf(name, y);
    return { name, marks, results, linear: linearizeNodes(name, results.nodes, marks.markers, scope.startId), aux };
  });
}

/** A value, a linear function at the point, and aux. */
type Derived = readonly [value: unknown, map: TreeFunction & Disposable, aux: unknown];

/** What {@link vjp} returns, whether aux is asked for or not. */
export function pullbackAt(called: string, f: TreeFunction, primals: unknown, hasAux: boolean): Derived {
  const { name, marks, results, linear, aux } = linearizationAt(called, f, primals, hasAux);
  const take = (ct: unknown): unknown => {
    const cts = tangentsFor(name, "the cotangent", ct, results.structure, resultLeaves(results));
    const found = pullback(linear, cts);
    let next = 0;
    const nodes = marks.leaves.map(({ marker, node, isKey }) =>
      marker === null ? float0(logicalShape(node, isKey)) : asFirmAs(instantiate(found[next++], marker), marker.aval),
    );
    return wrapTree(marks.structure, nodes);
  };
  const back = holding(`${name}: the pullback`, heldBy(linear), take, 1);
  return [wrapTree(results.structure, results.nodes, results.keys), back as TreeFunction & Disposable, aux];
}

/** What {@link linearize} returns, whether aux is asked for or not. */
export function pushforwardAt(called: string, f: TreeFunction, primals: unknown, hasAux: boolean): Derived {
  const { name, marks, results, linear, aux } = linearizationAt(called, f, primals, hasAux);
  const push = holding(`${name}: the pushforward`, heldBy(linear), (...tangents: unknown[]) => {
    const given = tangentsFor(name, "tangents", tangents, marks.structure, marks.leaves);
    return tangentTree(
      results,
      pushforward(
        linear,
        given.filter((t) => t !== null),
      ),
    );
  });
  return [wrapTree(results.structure, results.nodes, results.keys), push as TreeFunction & Disposable, aux];
}

export interface Vjp {
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends AuxOption | boolean = Record<never, never>,
  >(
    fun: (...args: A) => R,
    primals: Loose<A>,
    options?: O,
  ): WithAux<R, AuxOf<O>, Pullback<A, ValueOf<R, AuxOf<O>>>>;
}
/**
 * The value and the pullback, which maps a cotangent of the result to an array with one cotangent an argument. The
 * pullback may be called any number of times. Integer leaves get cotangents of dtype float0.
 * @param primals the array of arguments
 * @example const [y, back] = vjp(f, [x, w]); const [dx, dw] = back(np.onesLike(y));
 */
export const vjp: Vjp = defineAs<Vjp>()(
  "vjp",
  [FUN, treeOf("primals"), HAS_AUX, REDUCE_AXES],
  (fun, primals, hasAux) => {
    const [y, back, aux] = pullbackAt(`vjp(${nameOf(fun)})`, fun, primals, hasAux);
    return hasAux ? [y, back, aux] : [y, back];
  },
);

export interface Linearize {
  <
    A extends unknown[] = NDArray[],
    R extends Returned = Returned,
    const O extends AuxOption | boolean = Record<never, never>,
  >(
    fun: (...args: A) => R,
    primals: Loose<A>,
    options?: O,
  ): WithAux<R, AuxOf<O>, Pushforward<A, ValueOf<R, AuxOf<O>>>>;
}
/**
 * The value and the pushforward at the point, which maps tangents of the arguments to the tangent of the result
 * without running f again.
 * @example const [y, push] = linearize(f, [x]); const dy = push(t);
 */
export const linearize: Linearize = defineAs<Linearize>()(
  "linearize",
  [FUN, treeOf("primals"), HAS_AUX],
  (fun, primals, hasAux) => {
    const [y, push, aux] = pushforwardAt(`linearize(${nameOf(fun)})`, fun, primals, hasAux);
    return hasAux ? [y, push, aux] : [y, push];
  },
);

export interface LinearTranspose {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
    primals: Loose<A>,
  ): (ct: LooseTree<R>) => { [K in keyof A]: Arrays<A[K]> };
}
/**
 * The transpose of a function that is linear in all its arguments: maps a cotangent of its result to an array with one
 * cotangent an argument. `primals` give shapes and dtypes only.
 * @throws NotDifferentiableError where f is not linear.
 * @example const [ct] = linearTranspose((x: NDArray) => x.mul(2), [x])(y);
 */
export const linearTranspose: LinearTranspose = defineAs<LinearTranspose>()(
  "linearTranspose",
  [FUN, treeOf("primals"), REDUCE_AXES],
  (fun, primals) => {
    const name = `linearTranspose(${nameOf(fun)})`;
    const { graph, results, structure } = traceFunction(name, fun, primalList(name, primals));
    const transposedAt = (ct: unknown): unknown => {
      const cts = tangentsFor(name, "the cotangent", ct, results.structure, resultLeaves(results)).filter(
        (_, i) => results.nodes[i].aval.dtype !== "float0",
      );
      const mask = [...graph.inputs.map(() => true), ...graph.captures.map(() => false)];
      const transposed = transposeGraph(
        graph,
        mask,
        cts.map((one) => one !== null),
      );
      const found = applyGraph(transposed.graph, [
        ...graph.captures,
        ...cts.filter((one) => one !== null),
        ...transposed.graph.captures,
      ]);
      let next = 0;
      return wrapTree(
        structure,
        graph.inputs.map((input, i) =>
          asFirmAs(transposed.mask[i] ? found[next++] : zerosNode(input.aval), input.aval),
        ),
      );
    };
    return entry(name, transposedAt, 1);
  },
);

// jit: a function traced once for each signature into a closed graph (SEMANTICS 1.2, 1.5, 1.6). Outside transformations
// a call runs the compiled graph and builds no nodes; inside one it records `call`, and its captures are operands.
import type { Aval, Graph, Node, Scope, Value } from "@weft/ir";
import { currentScope, DisposedError, formatAval, leaf, nbytes, proj, record } from "@weft/ir";
import type { Place } from "@weft/scheduler";
import { NDArray } from "../core/array.ts";
import { numberNode, toNode } from "../core/convert.ts";
import { define, defineAs, entry } from "../core/define.ts";
import type { TypedArray } from "../core/host.ts";
import { isTypedArray } from "../core/host.ts";
import { axes, device, flag, named, refused } from "../core/kinds.ts";
import type { Compiled, NamedPlace } from "../device/devices.ts";
import { compile, evaluateNodes, placeNamed, placeOfValues, valuesOf } from "../device/devices.ts";
import type { Structure } from "../tree/structure.ts";
import { build, valueKey, walk } from "../tree/structure.ts";
import type { TreeFunction } from "./leaves.ts";
import { float0, nameOf, tracedAval } from "./leaves.ts";
import type { NumberLimit } from "./number-limits.ts";
import { expectNumbersFit, numberLimits } from "./number-limits.ts";
import { FUN, resolveArgnums } from "./parameters.ts";
import type { TraceLeaf } from "./trace.ts";
import { argumentsOf, releaseTraced, splitLeaves, traceArguments, TracedGraph, valuesOfLeaves } from "./trace.ts";
import type { Signature, Trace } from "./traces.ts";
import { noteFunction, TraceTable, TraceWarning } from "./traces.ts";
import type { IfKnown } from "../tree/types.ts";
import type { Argnums, Arrays, Loose, Returned } from "./types.ts";

export interface JitOptions {
  /** Arguments that are constants of the trace: compared by value (plain data) or identity; a new one retraces. */
  readonly staticArgnums?: number | readonly number[];
  /** Arguments whose arrays are disposed after the call, so that their memory can be used for results. */
  readonly donateArgnums?: number | readonly number[];
  /**
   * The device to run on, whatever has to be sent there; "auto" places the parts. Unless given, it runs where its arrays
   * are, or as the default device says.
   */
  readonly device?: string;
}

/** A jitted function. */
export interface Jitted<A extends unknown[], R, Given extends unknown[] = Loose<A>> extends Disposable {
  (...args: Given): R;
  /** The graph for these arguments (arrays or ShapeDtypeStructs); it prints itself. */
  lower(...args: unknown[]): TracedGraph;
  /**
   * Traces and compiles for these arguments (arrays or ShapeDtypeStructs) ahead of the first call. Resolves when the
   * device has compiled everything; rejects with DeviceError for what it cannot compile.
   */
  compile(...args: unknown[]): Promise<void>;
  /** Forgets all traces and lets go of the arrays they captured. */
  clearCache(): void;
  /** As clearCache; later calls throw DisposedError. */
  dispose(): void;
}

/** One trace. */
interface Entry extends Trace {
  readonly graph: Graph;
  readonly structure: Structure;
  readonly outAvals: readonly Aval[];
  readonly keys: readonly boolean[];
  /** Shapes of the results of dtype float0, which are no outputs of the graph (null for the others); null if there are none. */
  readonly float0: readonly (readonly number[] | null)[] | null;
  /** What numbers among the arguments must fit. */
  readonly limits: readonly NumberLimit[];
  /** For each place where it has run. */
  readonly compiled: Map<Place, Compiled>;
  /** The last of them: most calls run where the one before did. */
  latest: Compiled | null;
}

/** The result tree of a call, from the arrays that the graph gives. */
function resultTree({ structure, float0: shapes }: Entry, arrays: readonly NDArray[]): unknown {
  if (shapes !== null) {
    let next = 0;
    return build(
      structure,
      shapes.map((shape) => (shape === null ? arrays[next++] : new NDArray(float0(shape)))),
    );
  }
  return structure.kind.kind === "leaf" ? arrays[0] : build(structure, arrays);
}

/** The deepest open scope that a capture belongs to; null if the entry may outlive every transformation. */
function scopeOf(captures: readonly Node[]): Scope | null {
  for (let scope = currentScope(); scope !== null; scope = scope.parent) {
    for (const node of captures) {
      // arrays with data and no recipe depend on nothing, whenever they were made
      if (node.id >= scope.startId && !(node.isLeaf && node.value !== null)) return scope;
    }
  }
  return null;
}

function releaseEntry({ graph, compiled }: Entry): void {
  releaseTraced(graph);
  for (const one of compiled.values()) one.dispose();
}

const staticKeys = (name: string, statics: readonly number[], args: readonly unknown[]): string[] =>
  statics.map((i) => valueKey(args[i], `${name}: static argument ${i}`));

/** A part of a signature: a static argument. */
function staticPart(i: number, value: unknown): Signature["parts"][number] {
  const key = valueKey(value, "a static argument");
  const text = key.startsWith("#") ? `another ${typeof value} each time` : key;
  return [`static argument ${i}`, key, text.length > 40 ? `${text.slice(0, 39)}…` : text];
}

/** A leaf that is a JS number, or was one when a transformed function was given it. */
const numberOf = (leaf: TraceLeaf): number | null =>
  typeof leaf === "number" ? leaf : leaf instanceof NDArray ? leaf.plainNumber : null;

const stars = ["[]"];
/** The key of an argument list of n lone leaves. */
const flatKey = (n: number): string => (stars[n] ??= `[${"*".repeat(n)}]`);

class JitFunction {
  readonly name: string;
  readonly f: TreeFunction;
  readonly staticArgnums: number | readonly number[];
  readonly donateArgnums: number | readonly number[];
  private readonly device: string | null;
  private readonly plain: boolean;
  private readonly global = new TraceTable<Entry>(this, releaseEntry);
  private scoped = new WeakMap<Scope, Map<string, Entry>>();
  private warning: TraceWarning | null = null;
  private disposed = false;

  constructor(f: TreeFunction, name: string, staticArgnums: Argnums, donateArgnums: Argnums, where: string | null) {
    this.f = f;
    this.name = name;
    this.staticArgnums = staticArgnums;
    this.donateArgnums = donateArgnums;
    this.device = where;
    const none = (argnums: number | readonly number[]): boolean => typeof argnums !== "number" && argnums.length === 0;
    this.plain = none(this.staticArgnums) && none(this.donateArgnums);
  }

  call(args: readonly unknown[]): unknown {
    if (this.disposed) throw new DisposedError(`${this.name}: the jitted function was disposed`);
    const flat: TraceLeaf[] = [];
    let leaves: readonly TraceLeaf[] = flat;
    let key = this.plain ? this.quickKey(args, flat) : null;
    let dynamic = args;
    let statics: readonly number[] = [];
    let sends = false;
    if (key === null) {
      flat.length = 0;
      statics = this.plain ? [] : resolveArgnums(this.name, this.staticArgnums, args.length);
      dynamic = statics.length === 0 ? args : args.map((arg, i) => (statics.includes(i) ? undefined : arg));
      const structure = walk(`${this.name}: argument `, dynamic, (one) => flat.push(one));
      const { traced, flags } = splitLeaves(flat);
      leaves = traced;
      sends = leaves.some(isTypedArray);
      key = this.keyOf(structure.key + flags, leaves, staticKeys(this.name, statics, args));
    }
    const entry = this.find(key) ?? this.trace(key, args, dynamic, statics);
    if (entry.limits.length > 0) expectNumbersFit(this.name, entry.limits, (input) => numberOf(leaves[input]));
    const result = sends ? this.applySent(entry, leaves) : this.apply(entry, leaves);
    if (!this.plain) this.donate(args);
    return result;
  }

  private apply(entry: Entry, leaves: readonly TraceLeaf[]): unknown {
    return currentScope() === null ? this.run(entry, leaves) : this.record(entry, leaves);
  }

  /** With typed arrays among the leaves, whose copies on the device are nobody's when the call is over. */
  private applySent(entry: Entry, leaves: readonly TraceLeaf[]): unknown {
    const sent: NDArray[] = [];
    const send = (one: TypedArray): NDArray => {
      const array = new NDArray(toNode(this.name, one));
      sent.push(array);
      return array;
    };
    try {
      return this.apply(
        entry,
        leaves.map((one) => (isTypedArray(one) ? send(one as TypedArray) : one)),
      );
    } finally {
      for (const array of sent) array.dispose();
    }
  }

  /** The key of arguments that are all arrays and numbers; null for trees, booleans and typed arrays. */
  private quickKey(args: readonly unknown[], leaves: TraceLeaf[]): string | null {
    let key = flatKey(args.length);
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (arg instanceof NDArray) key += arg.isKey ? `,k${arg.node.aval.id}` : `,${arg.node.aval.id}`;
      else if (typeof arg === "number") key += `,${tracedAval(this.name, arg).id}`;
      else return null;
      leaves.push(arg);
    }
    return key;
  }

  private keyOf(structureKey: string, leaves: readonly TraceLeaf[], statics: readonly string[]): string {
    let key = structureKey;
    for (const one of leaves)
      key += `,${(one instanceof NDArray && one.isKey) || (typeof one === "object" && "isKey" in one && one.isKey) ? "k" : ""}${tracedAval(this.name, one).id}`;
    return statics.length === 0 ? key : `${key};${statics.join(";")}`;
  }

  private find(key: string): Entry | undefined {
    for (let scope = currentScope(); scope !== null; scope = scope.parent) {
      const found = this.scoped.get(scope)?.get(key);
      if (found !== undefined) return found;
    }
    return this.global.get(key);
  }

  private trace(key: string, args: readonly unknown[], dynamic: readonly unknown[], statics: readonly number[]): Entry {
    const { f } = this;
    const called: TreeFunction =
      statics.length === 0 ? f : (...given) => f(...given.map((arg, i) => (statics.includes(i) ? args[i] : arg)));
    const given = argumentsOf(this.name, dynamic);
    const { graph, results } = traceArguments(this.name, called, given);
    const shapes = results.nodes.map(({ aval }) => (aval.dtype === "float0" ? aval.shape : null));
    const entry: Entry = {
      graph,
      structure: results.structure,
      keys: results.keys.filter((_, i) => shapes[i] === null),
      outAvals: graph.outputs.map((node) => node.aval),
      float0: graph.outputs.length < shapes.length ? shapes : null,
      limits: numberLimits(graph),
      compiled: new Map(),
      latest: null,
      capturedBytes: graph.captures.reduce((sum, node) => sum + nbytes(node.aval), 0),
      lastUsed: 0,
    };
    const scope = scopeOf(graph.captures);
    this.noteTrace({
      parts: [
        ["the tree of the arguments", given.structure.key, given.structure.toString()],
        ["booleans, which are static", given.flags, given.flags],
        ...statics.map((i) => staticPart(i, args[i])),
        ...given.avals.map((of, i) => [`argument ${given.labels[i]}`, String(of.id), formatAval(of)] as const),
      ],
      scoped: scope !== null,
    });
    if (scope === null) {
      this.global.set(key, entry);
    } else {
      let table = this.scoped.get(scope);
      if (table === undefined) this.scoped.set(scope, (table = new Map()));
      table.set(key, entry);
    }
    return entry;
  }

  private noteTrace(signature: Signature): void {
    if (this.warning === null) {
      this.warning = new TraceWarning(this.name);
      noteFunction(this.name, this.f);
    }
    this.warning.made(signature);
  }

  /** Inside a transformation: one call node and its projections. */
  private record(entry: Entry, leaves: readonly TraceLeaf[]): unknown {
    const { graph, keys } = entry;
    if (graph.outputs.length === 0) return resultTree(entry, []);
    const operands = leaves.map((one, i) => {
      const of = graph.inputs[i].aval;
      const number = numberOf(one);
      return number === null ? (one as NDArray).node : numberNode(of, number);
    });
    const call = record("call", { graph, name: this.name }, [...operands, ...graph.captures]);
    return resultTree(
      entry,
      graph.outputs.map((_, i) => new NDArray(proj(call, i), keys[i])),
    );
  }

  /** Outside: evaluates what is pending with its own plan, then runs the compiled graph. */
  private run(entry: Entry, leaves: readonly TraceLeaf[]): unknown {
    const { graph, keys, outAvals } = entry;
    if (graph.outputs.length === 0) return resultTree(entry, []);
    const inputs = new Array<Value | number>(leaves.length);
    let nodes: Node[] | null = null;
    for (let i = 0; i < leaves.length; i++) {
      const one = leaves[i];
      const number = numberOf(one);
      if (number !== null) inputs[i] = number;
      else {
        const { node } = one as NDArray;
        const { value } = node;
        if (value !== null && !value.released) inputs[i] = value;
        else (nodes ??= new Array<Node>(leaves.length))[i] = node;
      }
    }
    if (nodes !== null) {
      evaluateNodes(nodes.filter((node) => node !== undefined));
      for (let i = 0; i < leaves.length; i++) if (nodes[i] !== undefined) inputs[i] = nodes[i].value as Value;
    }
    const captures = graph.captures.length === 0 ? [] : valuesOf(graph.captures);
    const values = this.compiled(entry, inputs).run(inputs, captures);
    return resultTree(
      entry,
      values.map((value, i) => new NDArray(leaf(outAvals[i], value), keys[i])),
    );
  }

  /** The compiled graph of an entry, for where it runs now. */
  private compiled(entry: Entry, inputs: readonly (Value | number | undefined)[]): Compiled {
    const { place, forced }: NamedPlace =
      this.device === null ? { place: placeOfValues(inputs), forced: null } : placeNamed(this.name, this.device);
    const { latest } = entry;
    // what is forced follows from the place: the device of a function never changes
    if (latest !== null && latest.place === place) return latest;
    let found = entry.compiled.get(place);
    if (found === undefined) entry.compiled.set(place, (found = compile(entry.graph, { place, forced })));
    return (entry.latest = found);
  }

  private donate(args: readonly unknown[]): void {
    if (currentScope() !== null) return;
    for (const at of resolveArgnums(this.name, this.donateArgnums, args.length)) {
      walk(this.name, args[at], (one) => {
        if (one instanceof NDArray) one.dispose();
      });
    }
  }

  /** The trace of these arguments; `method` is asked for it. */
  private entryFor(method: string, args: readonly unknown[]): { entry: Entry; leaves: readonly TraceLeaf[] } {
    const called = `${this.name}.${method}`;
    if (this.disposed) throw new DisposedError(`${called}: the jitted function was disposed`);
    const statics = resolveArgnums(called, this.staticArgnums, args.length);
    const dynamic = args.map((arg, i) => (statics.includes(i) ? undefined : arg));
    const { leaves, flags, structure } = argumentsOf(called, dynamic);
    const key = this.keyOf(structure.key + flags, leaves, staticKeys(called, statics, args));
    return { entry: this.find(key) ?? this.trace(key, args, dynamic, statics), leaves };
  }

  lower(args: readonly unknown[]): TracedGraph {
    return new TracedGraph(this.entryFor("lower", args).entry.graph);
  }

  async compile(args: readonly unknown[]): Promise<void> {
    const { entry, leaves } = this.entryFor("compile", args);
    const values = valuesOfLeaves(leaves);
    await this.compiled(
      entry,
      values.map((value) => value ?? undefined),
    ).ready([...values, ...entry.graph.captures.map(({ value }) => value)]);
  }

  clearCache(): void {
    this.global.clear();
    this.scoped = new WeakMap();
  }

  dispose(): void {
    this.clearCache();
    this.disposed = true;
  }
}

export interface Jit {
  <A extends unknown[] = NDArray[], R extends Returned = Returned>(
    fun: (...args: A) => R,
    ...rest: IfKnown<[A, R], [options?: JitOptions]>
  ): Jitted<A, Arrays<R>>;
  /** Of a type parameter the compiler knows no leaves: what it stands for stays what it is. */
  <A extends unknown[], R>(fun: (...args: A) => R, options?: JitOptions): Jitted<A, R, A | Loose<A>>;
}
const NOT_SHARDED = "arrays are not sharded over devices here; use device";
/**
 * Compiles a function: it is traced on its first call for each signature (tree structure, shapes, dtypes, static
 * values) and runs as one plan from then on. Arrays it closes over are read once and live as long as the jitted
 * function, until clearCache().
 * @throws TreeError for arguments that are no trees, ConcretizationError where the body reads a value
 * @example const step = jit((w: NDArray, x: NDArray) => np.tanh(x.matmul(w))); step(w, x);
 */
export const jit: Jit = defineAs<Jit>()(
  "jit",
  [
    FUN,
    named(refused("inShardings", null, NOT_SHARDED)),
    named(refused("outShardings", null, NOT_SHARDED)),
    named(axes("staticArgnums", null)),
    named(refused("staticArgnames", null, "arguments have no names at run time; use staticArgnums")),
    named(axes("donateArgnums", null)),
    named(refused("donateArgnames", null, "arguments have no names at run time; use donateArgnums")),
    named(flag("keepUnused", false)),
    named(device("device", null)),
    named(refused("backend", null, "use device")),
    named(flag("inline", false)),
    named(refused("compilerOptions", null, "there are none")),
  ],
  (fun, _in, _out, staticArgnums, _staticNames, donateArgnums, _donateNames, _keepUnused, where) => {
    if (where !== null) placeNamed("jit", where);
    const ownName = nameOf(fun);
    const name = `jit(${ownName})`;
    const held = new JitFunction(fun, name, staticArgnums ?? [], donateArgnums ?? [], where);
    const call = entry(ownName, (...args: readonly unknown[]): unknown => held.call(args));
    const dispose = define(`${name}.dispose`, [], () => held.dispose());
    return Object.assign(call, {
      lower: entry("lower", (...args: readonly unknown[]) => held.lower(args)),
      compile: entry("compile", (...args: readonly unknown[]) => held.compile(args)),
      clearCache: define(`${name}.clearCache`, [], () => held.clearCache()),
      dispose,
      [Symbol.dispose]: dispose,
    });
  },
);

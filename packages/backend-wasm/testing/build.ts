// A small hash-consing builder of Kernels for tests and benchmarks.
import type {
  Affine,
  Dim,
  Fold,
  Guard,
  Kernel,
  Lane,
  NodeId,
  Scalar,
  ScalarFn,
  StorageType,
  Store,
  Term,
} from "@weft/ir";
import { LANE_OF } from "@weft/ir";

export type DimLike = number | string;
type TermLike = readonly [coef: DimLike, of: number | Term];

export class KernelBuilder {
  readonly nodes: Scalar[] = [];
  readonly dimNames: string[] = [];
  readonly params: Lane[] = [];
  private readonly axes: { size: Dim }[] = [];
  private readonly buffers: { storage: StorageType; access: "read" | "write" | "readwrite" }[] = [];
  private readonly phases: Kernel["phases"][number][] = [];
  private readonly seen = new Map<string, NodeId>();
  private grid: readonly number[] = [];

  dim(of: DimLike): Dim {
    if (typeof of === "number") return { lit: of };
    let id = this.dimNames.indexOf(of);
    if (id < 0) id = this.dimNames.push(of) - 1;
    return { dim: id };
  }

  axis(size: DimLike): number {
    return this.axes.push({ size: this.dim(size) }) - 1;
  }

  over(...axes: number[]): this {
    this.grid = axes;
    return this;
  }

  buffer(storage: StorageType, access: "read" | "write" | "readwrite" = "read"): number {
    return this.buffers.push({ storage, access }) - 1;
  }

  /** base + Σ coef·of; a number as `of` is an axis. */
  at(base: DimLike, ...terms: TermLike[]): Affine {
    return {
      base: this.dim(base),
      terms: terms.map(([coef, of]) => ({ coef: this.dim(coef), of: typeof of === "number" ? { axis: of } : of })),
    };
  }

  digit(of: Affine, div: DimLike, mod: DimLike | null): Term {
    return { digit: of, div: this.dim(div), mod: mod === null ? null : this.dim(mod) };
  }

  guard(...all: [of: Affine, lo: DimLike, hi: DimLike][]): Guard {
    return { all: all.map(([of, lo, hi]) => ({ of, lo: this.dim(lo), hi: this.dim(hi) })) };
  }

  node(node: Scalar): NodeId {
    const key = JSON.stringify(node, (_, value: unknown) =>
      Object.is(value, -0) ? "-0" : typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    );
    let id = this.seen.get(key);
    if (id === undefined) this.seen.set(key, (id = this.nodes.push(node) - 1));
    return id;
  }

  constant(lane: Lane, value: number): NodeId {
    return this.node({ op: "const", lane, value });
  }

  param(lane: Lane): NodeId {
    return this.node({ op: "param", lane, slot: this.params.push(lane) - 1 });
  }

  index(of: Affine): NodeId {
    return this.node({ op: "index", lane: "i32", of });
  }

  load(buffer: number, at: Affine, guard: Guard | null = null, other: NodeId | null = null): NodeId {
    return this.node({ op: "load", lane: LANE_OF[this.buffers[buffer].storage], buffer, at, guard, other });
  }

  inside(guard: Guard): NodeId {
    return this.node({ op: "inside", lane: "mask", guard });
  }

  apply(lane: Lane, fn: ScalarFn, ...args: NodeId[]): NodeId {
    return this.node({ op: "apply", lane, fn, args });
  }

  part(lane: Lane, of: NodeId, index: number): NodeId {
    return this.node({ op: "part", lane, of, index });
  }

  result(lane: Lane, phase: number, fold: number, part: 0 | 1 = 0): NodeId {
    return this.node({ op: "result", lane, phase, fold, part });
  }

  store(buffer: number, at: Affine, value: NodeId): Store {
    return { buffer, at, value };
  }

  map(axes: readonly number[], ...stores: Store[]): this {
    this.phases.push({ kind: "map", axes, folds: [], stores });
    return this;
  }

  reduce(axes: readonly number[], folds: readonly Fold[], ...stores: Store[]): this {
    this.phases.push({ kind: "reduce", axes, folds, stores });
    return this;
  }

  build(): Kernel {
    const { buffers, params, axes, nodes, phases, grid } = this;
    return { buffers, dims: this.dimNames.length, params, axes, grid, nodes, phases };
  }

  /** The values of the dims by name, in order. */
  values(of: Readonly<Record<string, number>>): number[] {
    return this.dimNames.map((name) => {
      if (of[name] === undefined) throw new Error(`no value for dim ${name}`);
      return of[name];
    });
  }
}

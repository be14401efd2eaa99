// Runs one Kernel exactly as ir/kernel.ts defines it, element by element over typed arrays: the oracle of the code
// generators. Slow and plain on purpose; it throws where a kernel reads or writes out of range.
import type { Affine, Dim, Fold, Guard, Kernel, Lane, MonoidName, NodeId, Phase, Scalar, Store } from "@weft/ir";
import { halfBits, halfValue, InternalError } from "@weft/ir";
import { apply, cipher, round } from "./scalar.ts";

/** A buffer's elements; those of f16 by their bits. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

export interface KernelArgs {
  readonly dims: ArrayLike<number>;
  readonly params: readonly number[];
  readonly buffers: readonly Elements[];
}

const low = (lane: Lane): number => (lane === "i32" ? -2147483648 : lane === "f32" || lane === "f64" ? -Infinity : 0);
const high = (lane: Lane): number =>
  lane === "i32" ? 2147483647 : lane === "u32" ? 4294967295 : lane === "mask" ? 1 : Infinity;

export function identity(monoid: MonoidName, lane: Lane): number {
  switch (monoid) {
    case "sum":
    case "or":
    case "xor":
      return 0;
    case "prod":
      return 1;
    case "max":
    case "argmax":
      return low(lane);
    case "min":
    case "argmin":
      return high(lane);
    case "and":
      return lane === "mask" ? 1 : round(lane, -1);
  }
}

function combine(monoid: MonoidName, lane: Lane, a: number, b: number): number {
  switch (monoid) {
    case "sum":
      return round(lane, a + b);
    case "prod":
      return lane === "i32" || lane === "u32" ? round(lane, Math.imul(a, b)) : round(lane, a * b);
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    case "and":
      return round(lane, a & b);
    case "or":
      return round(lane, a | b);
    case "xor":
      return round(lane, a ^ b);
    default:
      throw new InternalError(`${monoid} folds pairs`);
  }
}

/** Whether (value b, index j) displaces (value a, index i): a NaN beats every number, the lowest index wins a tie. */
function displaces(monoid: "argmax" | "argmin", a: number, i: number, b: number, j: number): boolean {
  if (Number.isNaN(a)) return Number.isNaN(b) && j < i;
  if (Number.isNaN(b)) return true;
  return (monoid === "argmax" ? b > a : b < a) || (a === b && j < i);
}

/** Runs the whole grid. */
export function runKernel(kernel: Kernel, args: KernelArgs): void {
  new Run(kernel, args).run();
}

class Run {
  private readonly kernel: Kernel;
  private readonly args: KernelArgs;
  /** Extents and current places of the axes. */
  private readonly sizes: number[];
  private readonly at: number[];
  private readonly values: number[];
  /** Second results of several-valued functions. */
  private readonly pairs = new Map<NodeId, readonly number[]>();
  private readonly results: [number, number][][] = [];
  private readonly needed: NodeId[][];

  constructor(kernel: Kernel, args: KernelArgs) {
    this.kernel = kernel;
    this.args = args;
    this.sizes = kernel.axes.map(({ size }) => this.dim(size));
    this.at = kernel.axes.map(() => 0);
    this.values = kernel.nodes.map(() => NaN);
    this.needed = kernel.phases.map((phase) => neededNodes(kernel, phase));
  }

  run(): void {
    this.loop(this.kernel.grid, 0, () => {
      this.kernel.phases.forEach((phase, number) => this.phase(phase, number));
    });
  }

  private phase({ axes, folds, stores }: Phase, number: number): void {
    // the pair monoids start from an index that every index displaces
    const state = folds.map(({ monoid, lane }): [number, number] => [identity(monoid, lane), Infinity]);
    this.loop(axes, 0, () => {
      for (const id of this.needed[number]) this.values[id] = this.scalar(this.kernel.nodes[id], id);
      folds.forEach((fold, i) => this.accumulate(fold, state[i]));
      for (const store of stores) this.store(store);
    });
    this.results[number] = state.map(([value, index]) => [value, index === Infinity ? 0 : index]);
  }

  private loop(axes: readonly number[], depth: number, body: () => void): void {
    if (depth === axes.length) {
      body();
      return;
    }
    const axis = axes[depth];
    for (let i = 0; i < this.sizes[axis]; i++) {
      this.at[axis] = i;
      this.loop(axes, depth + 1, body);
    }
  }

  private accumulate({ monoid, lane, inputs }: Fold, state: [number, number]): void {
    const value = this.values[inputs[0]];
    if (monoid === "argmax" || monoid === "argmin") {
      const index = this.values[inputs[1]];
      if (displaces(monoid, state[0], state[1], value, index)) {
        state[0] = value;
        state[1] = index;
      }
    } else state[0] = combine(monoid, lane, state[0], value);
  }

  private store({ buffer, at, value }: Store): void {
    const place = this.affine(at);
    const elements = this.args.buffers[buffer];
    const { access, storage } = this.kernel.buffers[buffer];
    if (access === "read") throw new InternalError(`kernel: buffer ${buffer} is only read`);
    if (!(place >= 0 && place < elements.length))
      throw new InternalError(`kernel: store at ${place} of ${elements.length} elements of buffer ${buffer}`);
    elements[place] = storage === "f16" ? halfBits(this.values[value]) : this.values[value];
  }

  private scalar(node: Scalar, id: NodeId): number {
    switch (node.op) {
      case "const":
        return node.value;
      case "param":
        return round(node.lane, this.args.params[node.slot]);
      case "index":
        return this.affine(node.of) | 0;
      case "inside":
        return Number(this.inside(node.guard));
      case "load": {
        if (node.guard !== null && !this.inside(node.guard)) return node.other === null ? 0 : this.values[node.other];
        const place = this.affine(node.at);
        const elements = this.args.buffers[node.buffer];
        if (!(place >= 0 && place < elements.length))
          throw new InternalError(`kernel: load at ${place} of ${elements.length} elements of buffer ${node.buffer}`);
        return this.kernel.buffers[node.buffer].storage === "f16" ? halfValue(elements[place]) : elements[place];
      }
      case "apply": {
        const operands = node.args.map((argument) => this.values[argument]);
        if (node.fn === "threefry2x32") {
          const words = cipher(operands);
          this.pairs.set(id, words);
          return words[0];
        }
        const last = node.args[node.args.length - 1];
        return apply(node.fn, node.lane, this.kernel.nodes[last].lane, operands);
      }
      case "part":
        return this.pairs.get(node.of)?.[node.index] ?? NaN;
      case "result":
        return this.results[node.phase][node.fold][node.part];
    }
  }

  private inside({ all }: Guard): boolean {
    return all.every(({ of, lo, hi }) => {
      const value = this.affine(of);
      return this.dim(lo) <= value && value < this.dim(hi);
    });
  }

  private affine({ base, terms }: Affine): number {
    let sum = this.dim(base);
    for (const { coef, of } of terms)
      sum +=
        this.dim(coef) * ("axis" in of ? this.at[of.axis] : "value" in of ? this.values[of.value] : this.digit(of));
    return sum;
  }
  private digit({ digit, div, mod }: { digit: Affine; div: Dim; mod: Dim | null }): number {
    const quotient = Math.floor(this.affine(digit) / this.dim(div));
    return mod === null ? quotient : quotient % this.dim(mod);
  }
  private dim(dim: Dim): number {
    return "lit" in dim ? dim.lit : this.args.dims[dim.dim];
  }
}

/** The nodes a phase depends on, in order. */
function neededNodes({ nodes }: Kernel, { folds, stores }: Phase): NodeId[] {
  const live = new Uint8Array(nodes.length);
  const affine = ({ terms }: Affine): void => {
    for (const { of } of terms) {
      if ("value" in of) live[of.value] = 1;
      else if ("digit" in of) affine(of.digit);
    }
  };
  const guard = ({ all }: Guard): void => {
    for (const { of } of all) affine(of);
  };
  for (const { inputs } of folds) for (const input of inputs) live[input] = 1;
  for (const { at, value } of stores) {
    affine(at);
    live[value] = 1;
  }
  const needed: NodeId[] = [];
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (live[id] === 0) continue;
    needed.push(id);
    const node = nodes[id];
    if (node.op === "apply") for (const argument of node.args) live[argument] = 1;
    else if (node.op === "part") live[node.of] = 1;
    else if (node.op === "index") affine(node.of);
    else if (node.op === "inside") guard(node.guard);
    else if (node.op === "load") {
      affine(node.at);
      if (node.guard !== null) guard(node.guard);
      if (node.other !== null) live[node.other] = 1;
    }
  }
  return needed.reverse();
}

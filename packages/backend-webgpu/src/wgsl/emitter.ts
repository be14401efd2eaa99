// Writes the entry point of a kernel. Scope follows dependence as the Kernel IR defines it: a node stands outside all
// loops whose axes it does not use. Lines are pushed in order; nothing is looked at twice.
import type { Affine, Dim, Guard, Kernel, NodeId, Phase, Scalar } from "@weft/ir";
import type { HelperName } from "./library/index.ts";
import { barriersOf } from "./barriers.ts";
import type { Barriers } from "./barriers.ts";
import type { Walk } from "./blocks.ts";
import { Accumulator } from "./folds.ts";
import { elementType, loadedFrom, PackedStore, packingOf, stored, storedTo } from "./memory.ts";
import { applied, gpuLane, literal } from "./scalar.ts";
import type { Variant } from "./types.ts";
import { innerAxes, neededNodes } from "./uses.ts";
import { GROUP, invocationsOf } from "./variant.ts";
import { COMPONENTS, WIDE } from "./wide.ts";

/** Points an invocation computes where the whole kernel is one map that stores elements packed in words. */
const PACKED = 4;

export interface Body {
  readonly lines: readonly string[];
  readonly used: ReadonlySet<HelperName>;
  /** Declarations of workgroup memory. */
  readonly shared: ReadonlySet<string>;
  /** Grid points an invocation computes. */
  readonly points: number;
}

/** How a kernel is written down. */
export interface Form {
  readonly variant: Variant;
  readonly subgroups: boolean;
  readonly f16: boolean;
  readonly wide: readonly boolean[] | null;
  readonly vectors: number;
  readonly walks: readonly Walk[] | null;
  readonly pieces: readonly number[] | null;
}

export class Emitter {
  private readonly kernel: Kernel;
  private readonly variant: Variant;
  private readonly subgroups: boolean;
  private readonly f16: boolean;
  private readonly used = new Set<HelperName>();
  private readonly shared = new Set<string>();
  private readonly lines: string[] = [];
  private readonly inner: readonly ReadonlySet<number>[];
  private readonly barriers: Barriers;
  /** Nodes that no inner axis matters to and that are written already. */
  private readonly done = new Set<NodeId>();
  private readonly accumulators: Accumulator[][] = [];
  private readonly points: number;
  /** The stores of several points an invocation that are collected in words, by number. */
  private readonly packed: ReadonlyMap<number, PackedStore>;
  private readonly workgroup: number;
  /** Of a kernel that computes four points an invocation: the buffers that are bound as vectors. */
  private readonly wide: readonly boolean[] | null;
  /** How many vectors of four it computes one after the other. */
  private readonly vectors: number;
  /** How inner axes are walked; null for plain loops. */
  private readonly walks: readonly Walk[] | null;
  /** Bindings of each buffer; null for one each. */
  private readonly pieces: readonly number[] | null;
  /** The point of the four that is being written down. */
  private component = 0;
  private depth = 1;

  constructor(kernel: Kernel, { variant, subgroups, f16, wide, vectors, walks, pieces }: Form) {
    this.kernel = kernel;
    this.variant = variant;
    this.subgroups = subgroups;
    this.f16 = f16;
    this.wide = wide;
    this.vectors = vectors;
    this.walks = walks;
    this.pieces = pieces;
    this.inner = innerAxes(kernel);
    this.barriers = barriersOf(kernel);
    this.workgroup = invocationsOf(kernel, variant);
    const [first] = kernel.phases;
    const packs =
      variant === "point" &&
      pieces === null &&
      kernel.phases.length === 1 &&
      first.axes.length === 0 &&
      first.folds.length === 0;
    const packed = new Map<number, PackedStore>();
    if (packs)
      first.stores.forEach(({ buffer }, i) => {
        const packing = packingOf(kernel.buffers[buffer].storage, f16);
        if (packing !== null) packed.set(i, new PackedStore(i, buffer, packing, PACKED));
      });
    this.packed = packed;
    this.points = wide !== null ? WIDE * vectors : packed.size > 0 ? PACKED : 1;
  }

  run(): Body {
    const { kernel, variant, points, wide } = this;
    this.push(`let group = (at.z * count.y + at.y) * count.x + at.x;`);
    if (wide !== null) {
      this.widePoints(wide);
      return { lines: this.lines, used: this.used, shared: this.shared, points };
    }
    if (variant === "group") this.push(`let point = group;`, `if (point >= P.points) { return; }`);
    else if (points === 1)
      this.push(`let point = group * ${this.workgroup}u + lane;`, `if (point >= P.points) { return; }`);
    else this.openPacked();
    this.gridPlaces();
    kernel.phases.forEach((phase, number) => this.phase(phase, number));
    if (points > 1) this.closePacked();
    const { lines, used, shared } = this;
    return { lines, used, shared, points };
  }

  private push(...lines: readonly string[]): void {
    for (const line of lines) this.lines.push("  ".repeat(this.depth) + line);
  }
  private readonly use = (name: HelperName): HelperName => {
    this.used.add(name);
    return name;
  };

  /** Neighbours along the last axis, four at a time; written out, because loops cost a software adapter more than text. */
  private widePoints(wide: readonly boolean[]): void {
    this.push(`let first = (group * ${this.workgroup}u + lane) * ${this.points}u;`);
    for (let turn = 0; turn < this.vectors; turn++) {
      this.push(`{`);
      this.depth++;
      this.push(`let point = first + ${turn * WIDE}u;`, `if (point >= P.points) { return; }`);
      this.vectorPoints(wide);
      this.depth--;
      this.push(`}`);
    }
  }

  /** Four neighbours: vectors are read before and written after the four. */
  private vectorPoints(wide: readonly boolean[]): void {
    const { kernel } = this;
    const [phase] = kernel.phases;
    const last = kernel.grid[kernel.grid.length - 1];
    this.done.clear();
    this.gridPlaces();
    const vector = (buffer: number, at: Affine): string =>
      `b${buffer}[u32(P.o${buffer} + ${this.affine(at)}) / ${WIDE}u]`;
    for (const id of neededNodes(kernel, phase)) {
      const node = kernel.nodes[id];
      if (node.op === "load" && wide[node.buffer]) this.push(`let w${id} = ${vector(node.buffer, node.at)};`);
    }
    phase.stores.forEach(({ buffer }, i) => {
      if (wide[buffer]) this.push(`var r${i}: ${elementType(kernel.buffers[buffer], this.f16, true)};`);
    });
    this.push(`let start = i${last};`);
    for (this.component = 0; this.component < WIDE; this.component++) {
      this.push(`{`);
      this.depth++;
      this.push(`let i${last} = start + ${this.component};`);
      this.done.clear();
      this.phase(phase, 0);
      this.depth--;
      this.push(`}`);
    }
    phase.stores.forEach(({ buffer, at }, i) => {
      if (wide[buffer]) this.push(`${vector(buffer, at)} = r${i};`);
    });
  }

  // Four points an invocation: stores of narrow elements that turn out to be aligned words are written as words.

  private openPacked(): void {
    this.push(`let base = (group * ${this.workgroup}u + lane) * ${PACKED}u;`);
    for (const store of this.packed.values()) this.push(...store.declare());
    this.push(`for (var k = 0u; k < ${PACKED}u; k++) {`);
    this.depth++;
    this.push(`let point = base + k;`, `if (point >= P.points) { break; }`);
  }
  private closePacked(): void {
    this.depth--;
    this.push(`}`);
    for (const store of this.packed.values()) this.push(...store.finish());
  }

  /** Places along the grid axes, from the number of the point. */
  private gridPlaces(): void {
    const { grid, axes } = this.kernel;
    if (grid.length === 0) return;
    if (grid.length > 1) this.push(`var rest = point;`);
    for (let i = grid.length - 1; i > 0; i--) {
      const size = `u32(${this.dim(axes[grid[i]].size)})`;
      this.push(`let i${grid[i]} = i32(rest % ${size});`, `rest = rest / ${size};`);
    }
    this.push(`let i${grid[0]} = i32(${grid.length > 1 ? "rest" : "point"});`);
  }

  private phase(phase: Phase, number: number): void {
    const { kernel, variant } = this;
    const { axes, folds, stores } = phase;
    const shares = variant === "group";
    const last = shares && axes.length > 0 ? 1 : axes.length;
    const levels: NodeId[][] = Array.from({ length: last + 1 }, () => []);
    for (const id of neededNodes(kernel, phase)) {
      if (this.done.has(id)) continue;
      let level = 0;
      for (const axis of this.inner[id]) level = Math.max(level, shares ? 1 : axes.indexOf(axis) + 1);
      levels[level].push(id);
      if (level === 0) this.done.add(id);
    }
    // what an earlier phase stored is seen by this one
    if (shares && number > 0 && kernel.buffers.some(({ access }) => access === "readwrite"))
      this.push(`storageBarrier();`);
    levels[0].forEach((id) => this.node(id));
    const accumulators = folds.map((fold, i) => new Accumulator(fold, number, i));
    this.accumulators[number] = accumulators;
    for (const accumulator of accumulators) this.push(...accumulator.declare());
    /** What is written after the braces that are open. */
    const ends: (readonly string[])[] = [];
    let sums = 0;
    if (shares && axes.length > 0) {
      this.sharedLoop(axes);
      ends.push([]);
      levels[1].forEach((id) => this.node(id));
    } else if (!shares) {
      axes.forEach((axis, i) => {
        sums = this.loops(axis, accumulators, sums, ends);
        levels[i + 1].forEach((id) => this.node(id));
      });
    }
    folds.forEach(({ inputs }, i) => {
      const [value, index] = inputs.map((input) => this.ref(input));
      this.push(...accumulators[i].combine(this.use, value, index, sums));
    });
    if (shares && axes.length === 0 && stores.length > 0) {
      this.push(`if (lane == 0u) {`);
      this.depth++;
      ends.push([]);
    }
    stores.forEach(({ buffer, at, value }, i) => this.store(i, buffer, this.affine(at), this.ref(value)));
    for (const end of ends.reverse()) {
      this.depth--;
      this.push(`}`, ...end);
    }
    if (shares && axes.length > 0) this.push(...Accumulator.join(this.use, this.shared, accumulators, this.subgroups));
    accumulators.forEach((accumulator, i) =>
      this.push(...accumulator.finish(this.use, this.barriers.folds.has(`${number}:${i}`))),
    );
  }

  /**
   * Opens the loops of one inner axis: several where its sums are added up in blocks. `sums` is the depth of the
   * accumulators around it, and what is returned that of those inside.
   */
  private loops(axis: number, accumulators: readonly Accumulator[], sums: number, ends: (readonly string[])[]): number {
    const { steps, own } = this.walks?.[axis] ?? { steps: [1], own: false };
    let [from, end, inside] = ["0", this.dim(this.kernel.axes[axis].size), sums];
    steps.forEach((step, level) => {
      const around = inside;
      // the outermost loop of a phase has the folds' own
      if (own && ends.length > 0) inside = ends.length;
      if (inside !== around) for (const accumulator of accumulators) this.push(...accumulator.open(inside));
      const name = step === 1 ? `i${axis}` : `i${axis}_${level}`;
      this.push(`for (var ${name} = ${from}; ${name} < ${end}; ${name} += ${step}) {`);
      this.depth++;
      ends.push(inside === around ? [] : accumulators.flatMap((accumulator) => accumulator.close(inside, around)));
      if (step === 1) return;
      this.push(`let end${axis}_${level} = min(${name} + ${step}, ${end});`);
      [from, end] = [name, `end${axis}_${level}`];
    });
    return inside;
  }

  /** One loop over all inner axes, in which a workgroup's invocations take turns. */
  private sharedLoop(axes: readonly number[]): void {
    const sizes = axes.map((axis) => this.dim(this.kernel.axes[axis].size));
    this.push(`for (var j = i32(lane); j < ${sizes.join(" * ")}; j += ${GROUP}) {`);
    this.depth++;
    if (axes.length > 1) this.push(`var left = u32(j);`);
    for (let i = axes.length - 1; i > 0; i--)
      this.push(`let i${axes[i]} = i32(left % u32(${sizes[i]}));`, `left = left / u32(${sizes[i]});`);
    this.push(`let i${axes[0]} = ${axes.length > 1 ? "i32(left)" : "j"};`);
  }

  private store(number: number, buffer: number, at: string, value: string): void {
    const place = `P.o${buffer} + ${at}`;
    const target = this.kernel.buffers[buffer];
    const packed = this.packed.get(number);
    if (this.wide?.[buffer] === true) this.push(`r${number}.${COMPONENTS[this.component]} = ${value};`);
    else if (packed === undefined)
      this.push(storedTo(this.use, target, buffer, place, value, this.f16, this.pieces?.[buffer]));
    else this.push(...packed.store(place, stored(this.use, target.storage, value)));
  }

  private node(id: NodeId): void {
    const node = this.kernel.nodes[id];
    if (node.op === "param" || node.op === "result" || node.op === "part") return;
    const name = `v${id}`;
    if (node.op === "load" && node.guard !== null) {
      const other = node.other === null ? literal(gpuLane(node.lane), 0) : this.ref(node.other);
      this.push(`var ${name} = ${other};`, `if (${this.guard(node.guard)}) { ${name} = ${this.loaded(node, id)}; }`);
      return;
    }
    const value = this.expression(node, id);
    this.push(`let ${name} = ${this.barriers.values.has(id) ? this.hidden(value) : value};`);
  }

  private hidden(value: string): string {
    return `${this.use("opaque")}(${value})`;
  }

  private expression(node: Scalar, id: NodeId): string {
    switch (node.op) {
      case "const":
        return literal(gpuLane(node.lane), node.value);
      case "index":
        return this.affine(node.of);
      case "inside":
        return this.guard(node.guard);
      case "load":
        return this.loaded(node, id);
      case "apply": {
        const { nodes } = this.kernel;
        const from = gpuLane(nodes[node.args[node.args.length - 1]].lane);
        const args = node.args.map((argument) => this.ref(argument));
        if (this.barriers.seconds.has(id)) args[1] = this.hidden(args[1]);
        if (node.fn === "gt" && from === "f32") {
          const right = nodes[node.args[1]];
          if (right.op === "const" && right.value === 0) return `${this.use("positive_f32")}(${args[0]})`;
        }
        return applied(this.use, node.fn, gpuLane(node.lane), from, args);
      }
      case "param":
        return node.lane === "mask" ? `(P.p${node.slot} != 0u)` : `P.p${node.slot}`;
      case "result": {
        const accumulator = this.accumulators[node.phase][node.fold];
        return node.part === 1 ? accumulator.index : accumulator.value;
      }
      case "part":
        return `v${node.of}.${node.index === 0 ? "x" : "y"}`;
    }
  }

  private ref(id: NodeId): string {
    const node = this.kernel.nodes[id];
    if (node.op === "param" || node.op === "result" || node.op === "part") return this.expression(node, id);
    return node.op === "apply" && node.fn === "threefry2x32" ? `v${id}.x` : `v${id}`;
  }

  private loaded({ buffer, at }: Extract<Scalar, { op: "load" }>, id: NodeId): string {
    if (this.wide?.[buffer] === true) return `w${id}.${COMPONENTS[this.component]}`;
    const place = `P.o${buffer} + ${this.affine(at)}`;
    return loadedFrom(this.use, this.kernel.buffers[buffer], buffer, place, this.f16, this.pieces?.[buffer]);
  }

  /** Without && and ||, which are branches: SwiftShader never finishes compiling some kernels of many guards with them. */
  private guard({ all }: Guard): string {
    if (all.length === 0) return "true";
    return all
      .map(({ of, lo, hi }) => {
        const value = this.affine(of);
        // modulo 2³²: positions beyond 2³¹ are right
        if ("lit" in lo && lo.lit === 0) return `(u32(${value}) < u32(${this.dim(hi)}))`;
        return `(u32(${value} - ${this.dim(lo)}) < u32(${this.dim(hi)} - ${this.dim(lo)}))`;
      })
      .join(" & ");
  }

  private affine({ base, terms }: Affine): string {
    const parts = "lit" in base && base.lit === 0 && terms.length > 0 ? [] : [this.dim(base)];
    for (const { coef, of } of terms) {
      const part = "axis" in of ? `i${of.axis}` : "value" in of ? this.ref(of.value) : this.digit(of);
      parts.push("lit" in coef && coef.lit === 1 ? part : `${this.dim(coef)} * ${part}`);
    }
    return parts.length === 1 ? `(${parts[0]})` : `(${parts.join(" + ")})`;
  }
  private digit({ digit, div, mod }: { digit: Affine; div: Dim; mod: Dim | null }): string {
    const value = `u32(${this.affine(digit)})`;
    const quotient = "lit" in div && div.lit === 1 ? value : `(${value} / u32(${this.dim(div)}))`;
    return `i32(${mod === null ? quotient : `${quotient} % u32(${this.dim(mod)})`})`;
  }
  private dim(dim: Dim): string {
    return "dim" in dim ? `P.d${dim.dim}` : dim.lit < 0 ? `i32(${dim.lit})` : `${dim.lit}`;
  }
}

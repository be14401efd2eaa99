// Checks what the Kernel IR promises: order of scalars, lanes, numbering, and that every access is in range, guarded
// or clamped for given dims. For tests and debugging; code generators trust kernels.
import { InternalError } from "./errors.ts";
import type { Affine, Dim, Guard, Kernel, Lane, NodeId, Scalar, ScalarFn } from "./kernel.ts";
import { LANE_OF } from "./kernel.ts";

const COMPARES: ReadonlySet<ScalarFn> = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isFinite"]);
const ARITY: Partial<Record<ScalarFn, number>> = { select: 3, threefry2x32: 4 };
const BINARY: ReadonlySet<ScalarFn> = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "rem",
  "max",
  "min",
  "pow",
  "atan2",
  "and",
  "or",
  "xor",
  "shiftLeft",
  "shiftRightArithmetic",
  "shiftRightLogical",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
]);

interface Range {
  readonly lo: number;
  readonly hi: number;
}
const EVERYTHING: Range = { lo: -Infinity, hi: Infinity };

/** What accesses are checked against: values of the dims and elements of each buffer. */
export interface KernelBounds {
  readonly dims: ArrayLike<number>;
  readonly lengths: readonly number[];
}

/**
 * Throws InternalError where a kernel is malformed; with bounds also where an access may leave its buffer.
 * @example verifyKernel(step.kernel, { dims, lengths })
 */
export function verifyKernel(kernel: Kernel, bounds?: KernelBounds): void {
  new Verifier(kernel, bounds).run();
}

class Verifier {
  private readonly kernel: Kernel;
  private readonly bounds: KernelBounds | undefined;
  private readonly ranges: Range[] = [];

  constructor(kernel: Kernel, bounds: KernelBounds | undefined) {
    this.kernel = kernel;
    this.bounds = bounds;
  }

  run(): void {
    const { kernel } = this;
    const places = new Set([...kernel.grid, ...kernel.phases.flatMap(({ axes }) => axes)]);
    if (places.size !== kernel.axes.length) this.fail("an axis is in no loop, or a loop has no axis");
    if (new Set(kernel.grid).size !== kernel.grid.length) this.fail("a grid axis is named twice");
    kernel.nodes.forEach((node, id) => {
      this.node(node, id);
      this.ranges[id] = this.rangeOf(node);
    });
    kernel.phases.forEach(({ kind, axes, folds, stores }, number) => {
      if (axes.some((axis) => kernel.grid.includes(axis))) this.fail(`phase ${number} loops over a grid axis`);
      if (kind === "map" && folds.length > 0) this.fail(`phase ${number} is a map with folds`);
      for (const { monoid, lane, inputs } of folds) {
        const pair = monoid === "argmax" || monoid === "argmin";
        if (inputs.length !== (pair ? 2 : 1)) this.fail(`phase ${number}: ${monoid} has ${inputs.length} inputs`);
        this.expectLane(inputs[0], lane, `phase ${number}`);
        if (pair) this.expectLane(inputs[1], "i32", `phase ${number}`);
        for (const input of inputs) this.expectEarlier(input, number);
      }
      for (const { buffer, at, value } of stores) {
        const target = kernel.buffers[buffer];
        if (target === undefined || target.access === "read") this.fail(`phase ${number} stores into buffer ${buffer}`);
        this.expectLane(value, LANE_OF[target.storage], `phase ${number}`);
        this.affine(at, kernel.nodes.length);
        this.expectRange(at, buffer, `phase ${number}: store`);
        this.expectEarlier(value, number);
      }
    });
  }

  private fail(problem: string): never {
    throw new InternalError(`kernel: ${problem}`);
  }
  private expectLane(id: NodeId, lane: Lane, where: string): void {
    const node = this.kernel.nodes[id];
    if (node === undefined) this.fail(`${where}: %${id} does not exist`);
    if (node.lane !== lane) this.fail(`${where}: %${id} is ${node.lane}, expected ${lane}`);
  }
  /** The results that a node reads come from phases before `phase`. */
  private expectEarlier(root: NodeId, phase: number): void {
    const seen = new Set<NodeId>();
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.pop() as NodeId;
      if (seen.has(id)) continue;
      seen.add(id);
      const node = this.kernel.nodes[id];
      if (node.op === "result" && node.phase >= phase)
        this.fail(`phase ${phase} reads a result of phase ${node.phase}`);
      if (node.op === "apply") stack.push(...node.args);
      if (node.op === "part") stack.push(node.of);
    }
  }

  private node(node: Scalar, id: NodeId): void {
    const where = `%${id}`;
    switch (node.op) {
      case "const":
        return;
      case "param":
        if (this.kernel.params[node.slot] !== node.lane) this.fail(`${where}: param ${node.slot} is no ${node.lane}`);
        return;
      case "index":
        this.affine(node.of, id);
        return;
      case "inside":
        this.guard(node.guard, id);
        return;
      case "load": {
        const buffer = this.kernel.buffers[node.buffer];
        if (buffer === undefined || buffer.access === "write") this.fail(`${where}: loads from buffer ${node.buffer}`);
        if (LANE_OF[buffer.storage] !== node.lane)
          this.fail(`${where}: a ${node.lane} from a ${buffer.storage} buffer`);
        this.affine(node.at, id);
        if (node.guard === null) this.expectRange(node.at, node.buffer, where);
        else {
          this.guard(node.guard, id);
          if (node.other === null) this.fail(`${where}: a guarded load without an alternative`);
          this.before(node.other, id);
          this.expectLane(node.other, node.lane, where);
        }
        return;
      }
      case "apply":
        this.apply(node, id);
        return;
      case "part": {
        this.before(node.of, id);
        const of = this.kernel.nodes[node.of];
        if (of.op !== "apply" || of.fn !== "threefry2x32" || node.index < 0 || node.index > 1)
          this.fail(`${where}: no such part`);
        return;
      }
      case "result": {
        const fold = this.kernel.phases[node.phase]?.folds[node.fold];
        if (fold === undefined) this.fail(`${where}: no such result`);
        if (node.lane !== (node.part === 1 ? "i32" : fold.lane)) this.fail(`${where}: the result is ${fold.lane}`);
      }
    }
  }

  private apply(node: Extract<Scalar, { op: "apply" }>, id: NodeId): void {
    const where = `%${id} ${node.fn}`;
    const arity = ARITY[node.fn] ?? (BINARY.has(node.fn) ? 2 : 1);
    if (node.args.length !== arity) this.fail(`${where}: ${node.args.length} arguments, expected ${arity}`);
    for (const argument of node.args) this.before(argument, id);
    const lanes = node.args.map((argument) => this.kernel.nodes[argument].lane);
    if (node.fn === "select") {
      if (lanes[0] !== "mask" || lanes[1] !== node.lane || lanes[2] !== node.lane)
        this.fail(`${where}: lanes ${lanes.join(", ")}`);
    } else if (COMPARES.has(node.fn)) {
      if (node.lane !== "mask" || lanes.some((lane) => lane !== lanes[0]))
        this.fail(`${where}: lanes ${lanes.join(", ")}`);
    } else if (node.fn !== "convert" && node.fn !== "bitcast" && lanes.some((lane) => lane !== node.lane))
      this.fail(`${where}: lanes ${lanes.join(", ")} for ${node.lane}`);
  }

  private before(argument: NodeId, id: NodeId): void {
    if (!(argument >= 0 && argument < id)) this.fail(`%${id} reads %${argument}, which does not precede it`);
  }
  private guard({ all }: Guard, id: NodeId): void {
    for (const { of, lo, hi } of all) {
      this.affine(of, id);
      this.dim(lo);
      this.dim(hi);
    }
  }
  private affine({ base, terms }: Affine, id: NodeId): void {
    this.dim(base);
    for (const { coef, of } of terms) {
      this.dim(coef);
      if ("axis" in of) {
        if (this.kernel.axes[of.axis] === undefined) this.fail(`%${id}: axis ${of.axis} does not exist`);
      } else if ("value" in of) {
        this.before(of.value, id);
        this.expectLane(of.value, "i32", `%${id}`);
      } else this.affine(of.digit, id);
    }
  }
  private dim(dim: Dim): void {
    if ("dim" in dim && !(dim.dim >= 0 && dim.dim < this.kernel.dims))
      this.fail(`dim ${dim.dim} of ${this.kernel.dims}`);
  }

  private valueOf(dim: Dim): number {
    return "lit" in dim ? dim.lit : (this.bounds?.dims[dim.dim] ?? NaN);
  }
  /** Bounds of integers that clamp computed indices; everything else is unknown. */
  private rangeOf(node: Scalar): Range {
    if (this.bounds === undefined) return EVERYTHING;
    if (node.op === "const") return { lo: node.value, hi: node.value };
    if (node.op === "index") return this.affineRange(node.of);
    if (node.op === "apply" && (node.fn === "max" || node.fn === "min")) {
      const [a, b] = node.args.map((argument) => this.ranges[argument]);
      const pick = node.fn === "max" ? Math.max : Math.min;
      return { lo: pick(a.lo, b.lo), hi: pick(a.hi, b.hi) };
    }
    return EVERYTHING;
  }
  private affineRange({ base, terms }: Affine): Range {
    let lo = this.valueOf(base);
    let hi = lo;
    for (const { coef, of } of terms) {
      const scale = this.valueOf(coef);
      const range =
        "axis" in of
          ? { lo: 0, hi: this.valueOf(this.kernel.axes[of.axis].size) - 1 }
          : "value" in of
            ? this.ranges[of.value]
            : this.digitRange(of);
      lo += scale >= 0 ? scale * range.lo : scale * range.hi;
      hi += scale >= 0 ? scale * range.hi : scale * range.lo;
    }
    return { lo, hi };
  }
  private digitRange({ digit, div, mod }: { digit: Affine; div: Dim; mod: Dim | null }): Range {
    const top = Math.floor(this.affineRange(digit).hi / this.valueOf(div));
    return { lo: 0, hi: mod === null ? top : Math.min(top, this.valueOf(mod) - 1) };
  }
  private expectRange(at: Affine, buffer: number, where: string): void {
    if (this.bounds === undefined) return;
    const { lo, hi } = this.affineRange(at);
    const length = this.bounds.lengths[buffer];
    if (lo > hi || (lo >= 0 && hi < length)) return;
    // bounds of digits taken apart are wider than those of their sum: small ones are walked
    if (hasDigits(at) && this.walk(at, length)) return;
    this.fail(`${where}: elements ${lo} to ${hi} of the ${length} of buffer ${buffer}`);
  }

  /** Whether an affine of axes and digits stays in range at every point of its axes; true where those are too many. */
  private walk(at: Affine, length: number): boolean {
    const axes = [...axesOf(at)];
    const sizes = axes.map((axis) => this.valueOf(this.kernel.axes[axis].size));
    const points = sizes.reduce((product, n) => product * n, 1);
    if (points > WALKED) return true;
    for (let point = 0; point < points; point++) {
      const places = new Map<number, number>();
      let rest = point;
      axes.forEach((axis, i) => {
        places.set(axis, rest % sizes[i]);
        rest = Math.floor(rest / sizes[i]);
      });
      const place = this.evaluate(at, places);
      if (!(place >= 0 && place < length)) return false;
    }
    return true;
  }
  private evaluate({ base, terms }: Affine, places: ReadonlyMap<number, number>): number {
    let sum = this.valueOf(base);
    for (const { coef, of } of terms) {
      if ("value" in of) return 0;
      let part =
        "axis" in of ? (places.get(of.axis) ?? 0) : Math.floor(this.evaluate(of.digit, places) / this.valueOf(of.div));
      if ("digit" in of && of.mod !== null) part %= this.valueOf(of.mod);
      sum += this.valueOf(coef) * part;
    }
    return sum;
  }
}

const WALKED = 65_536;
const hasDigits = ({ terms }: Affine): boolean => terms.some(({ of }) => "digit" in of);
function axesOf({ terms }: Affine, found = new Set<number>()): Set<number> {
  for (const { of } of terms) {
    if ("axis" in of) found.add(of.axis);
    else if ("digit" in of) axesOf(of.digit, found);
  }
  return found;
}

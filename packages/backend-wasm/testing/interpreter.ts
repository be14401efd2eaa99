// A plain interpreter of Kernels for tests: loops over the grid and the inner axes, numbers in float64 (rounded to
// float32 where a lane is f32) and exact integers. Independent of the emitter: it shares only the Kernel types.
import type { Affine, Dim, Fold, Guard, Kernel, Lane, NodeId, Scalar } from "@weft/ir";

export type Memory = Uint8Array | Int32Array | Uint32Array | Float16Array | Float32Array | Float64Array;

export interface KernelInputs {
  readonly buffers: readonly Memory[];
  readonly dims: readonly number[];
  readonly params: readonly number[];
}

type Parts = readonly number[];

function toLane(lane: Lane, value: number): number {
  if (lane === "f32") return Math.fround(value);
  if (lane === "i32") return value | 0;
  if (lane === "u32") return value >>> 0;
  if (lane === "mask") return value === 0 ? 0 : 1;
  return value;
}

function convert(from: Lane, to: Lane, x: number): number {
  if (to === "mask") return x !== 0 ? 1 : 0;
  if (to === "f32" || to === "f64") return toLane(to, x);
  if (from === "f32" || from === "f64") {
    if (Number.isNaN(x)) return 0;
    const [low, high] = to === "i32" ? [-0x80000000, 0x7fffffff] : [0, 0xffffffff];
    return Math.min(Math.max(Math.trunc(x), low), high) + 0;
  }
  return toLane(to, x);
}

const words = new DataView(new ArrayBuffer(4));
function bitcast(from: Lane, to: Lane, x: number): number {
  if (from === "f32") words.setFloat32(0, x);
  else words.setInt32(0, x | 0);
  return to === "f32" ? words.getFloat32(0) : to === "i32" ? words.getInt32(0) : words.getUint32(0);
}

export function threefry(k0: number, k1: number, c0: number, c1: number): Parts {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  const rotations = [
    [13, 15, 26, 6],
    [17, 29, 16, 24],
  ];
  let x0 = (c0 + keys[0]) | 0;
  let x1 = (c1 + keys[1]) | 0;
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

const isInteger = (lane: Lane): boolean => lane === "i32" || lane === "u32";
const hasNaN = (...values: readonly number[]): boolean => values.some(Number.isNaN);

function apply(fn: string, lane: Lane, source: Lane, a: number, b: number, c: number): number {
  switch (fn) {
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "sign":
      return Math.sign(a);
    case "floor":
      return Math.floor(a);
    case "ceil":
      return Math.ceil(a);
    case "trunc":
      return Math.trunc(a);
    case "isFinite":
      return Number.isFinite(a) ? 1 : 0;
    case "not":
      return lane === "mask" ? 1 - a : ~a;
    case "exp":
      return Math.exp(a);
    case "log":
      return Math.log(a);
    case "sin":
      return Math.sin(a);
    case "cos":
      return Math.cos(a);
    case "tanh":
      return Math.tanh(a);
    case "sqrt":
      return Math.sqrt(a);
    case "rsqrt":
      return 1 / Math.sqrt(a);
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return isInteger(lane) ? Math.imul(a, b) : a * b;
    case "div":
      if (!isInteger(lane)) return a / b;
      return b === 0 ? -1 : Math.trunc(a / b);
    case "rem":
      return isInteger(lane) && b === 0 ? a : a % b;
    case "max":
      return hasNaN(a, b) ? NaN : Math.max(a, b);
    case "min":
      return hasNaN(a, b) ? NaN : Math.min(a, b);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shiftLeft":
      return b >>> 0 > 31 ? 0 : a << b;
    case "shiftRightLogical":
      return b >>> 0 > 31 ? 0 : a >>> b;
    case "shiftRightArithmetic":
      return (a | 0) >> Math.min(b >>> 0, 31);
    case "eq":
      return a === b ? 1 : 0;
    case "ne":
      return a !== b ? 1 : 0;
    case "lt":
      return a < b ? 1 : 0;
    case "le":
      return a <= b ? 1 : 0;
    case "gt":
      return a > b ? 1 : 0;
    case "ge":
      return a >= b ? 1 : 0;
    case "select":
      return a !== 0 ? b : c;
    case "convert":
      return convert(source, lane, a);
    case "roundHalf":
      return Math.f16round(a);
    case "bitcast":
      return bitcast(source, lane, a);
    default:
      throw new Error(`interpreter: ${fn}`);
  }
}

const LOWEST: Record<Lane, number> = { mask: 0, i32: -0x80000000, u32: 0, f32: -Infinity, f64: -Infinity };
const HIGHEST: Record<Lane, number> = { mask: 1, i32: 0x7fffffff, u32: 0xffffffff, f32: Infinity, f64: Infinity };

function identity({ monoid, lane }: Fold): number[] {
  if (monoid === "prod") return [1];
  if (monoid === "max" || monoid === "argmax") return [LOWEST[lane], 0];
  if (monoid === "min" || monoid === "argmin") return [HIGHEST[lane], 0];
  return [monoid === "and" ? toLane(lane, -1) : 0];
}

const FUNCTION = { sum: "add", prod: "mul", min: "min", max: "max", and: "and", or: "or", xor: "xor" } as const;

/** Float sums stay in float64: the emitter's order of additions is its own. */
function combine(fold: Fold, state: number[], inputs: readonly number[]): void {
  const { monoid, lane } = fold;
  if (monoid === "argmax" || monoid === "argmin") {
    const [held, at] = state;
    const [value, index] = inputs;
    const better = monoid === "argmax" ? value > held : value < held;
    const newNaN = Number.isNaN(value) && !Number.isNaN(held);
    const tie = value === held || (Number.isNaN(value) && Number.isNaN(held));
    if ((better && !Number.isNaN(held)) || newNaN || (tie && index < at)) [state[0], state[1]] = [value, index];
    return;
  }
  const result = apply(FUNCTION[monoid], lane, lane, state[0], inputs[0], 0);
  state[0] = lane === "f32" ? result : toLane(lane, result);
}

/** Runs a kernel over its whole grid, writing into its buffers. */
export function interpret(kernel: Kernel, inputs: KernelInputs): void {
  const { buffers, dims, params } = inputs;
  const index: number[] = [];
  let values: (Parts | undefined)[] = [];
  let results: number[][][] = [];
  const dim = (of: Dim): number => ("lit" in of ? of.lit : dims[of.dim]);
  const affine = (of: Affine): number =>
    of.terms.reduce((sum, term) => {
      const { of: source } = term;
      let value: number;
      if ("axis" in source) value = index[source.axis];
      else if ("value" in source) [value] = evaluate(source.value);
      else {
        value = Math.floor(affine(source.digit) / dim(source.div));
        if (source.mod !== null) value %= dim(source.mod);
      }
      return sum + dim(term.coef) * value;
    }, dim(of.base));
  const inside = (guard: Guard): boolean =>
    guard.all.every((entry) => affine(entry.of) >= dim(entry.lo) && affine(entry.of) < dim(entry.hi));
  const read = (node: Extract<Scalar, { op: "load" }>): number => {
    const value = buffers[node.buffer][affine(node.at)];
    if (value === undefined) throw new RangeError("interpreter: out of bounds");
    return value;
  };
  const compute = (node: Scalar): Parts => {
    switch (node.op) {
      case "const":
        return [toLane(node.lane, node.value)];
      case "param":
        return [toLane(node.lane, params[node.slot])];
      case "index":
        return [affine(node.of) | 0];
      case "load":
        if (node.guard !== null && !inside(node.guard)) return node.other === null ? [0] : evaluate(node.other);
        return [read(node)];
      case "inside":
        return [inside(node.guard) ? 1 : 0];
      case "part":
        return [evaluate(node.of)[node.index]];
      case "result":
        return [results[node.phase][node.fold][node.part]];
      case "apply": {
        const args = node.args.map((arg) => evaluate(arg)[0]);
        if (node.fn === "threefry2x32") return threefry(args[0], args[1], args[2], args[3]);
        const source = kernel.nodes[node.args[0]].lane;
        return [toLane(node.lane, apply(node.fn, node.lane, source, args[0], args[1], args[2]))];
      }
    }
  };
  const evaluate = (id: NodeId): Parts => (values[id] ??= compute(kernel.nodes[id]));
  const loop = (axes: readonly number[], body: () => void): void => {
    if (axes.length === 0) return body();
    for (let i = 0; i < dim(kernel.axes[axes[0]].size); i++) {
      index[axes[0]] = i;
      loop(axes.slice(1), body);
    }
  };
  loop(kernel.grid, () => {
    results = [];
    for (const phase of kernel.phases) {
      const states = phase.folds.map(identity);
      loop(phase.axes, () => {
        values = [];
        phase.folds.forEach((fold, i) =>
          combine(
            fold,
            states[i],
            fold.inputs.map((input) => evaluate(input)[0]),
          ),
        );
        for (const store of phase.stores) {
          const [value] = evaluate(store.value);
          buffers[store.buffer][affine(store.at)] = value;
        }
      });
      results.push(
        states.map((state, i) => state.map((value, part) => (part === 0 ? toLane(phase.folds[i].lane, value) : value))),
      );
    }
  });
}

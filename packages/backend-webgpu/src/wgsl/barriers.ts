// Which float values must be kept from a shader compiler. WGSL lets compilers reassociate, and assume that no NaN, no ∞
// and no overflow occurs; so they do: x·y/y is x, x − x is 0, x·y + x·z is x·(y + z). Whatever one operation of a kernel
// passes to the next goes through opaque(), bits against a uniform, so that compilers see one operation at a time. Not
// so a product that is added: one fused step is as good as two. What is only stored pays nothing.
import type { Kernel, NodeId, Scalar, ScalarFn } from "@weft/ir";

/** What each function makes of float arguments; complete, so that a new function is decided on. */
type Nature =
  /** A new number: arithmetic, and the functions of the library, whose last operation it is. */
  | "new"
  /** One of its arguments, or their bits: nothing about it can be cancelled, what it is made of can. */
  | "passes"
  /** Bits that the compiler cannot see through; it does not see what they are made of either. */
  | "hidden"
  /** Tested or rounded by bits. */
  | "bits";

const NATURE: Readonly<Record<ScalarFn, Nature>> = {
  add: "new",
  sub: "new",
  mul: "new",
  div: "new",
  exp: "new",
  expm1: "new",
  log: "new",
  log1p: "new",
  logistic: "new",
  sqrt: "new",
  rsqrt: "new",
  sin: "new",
  cos: "new",
  tanh: "new",
  erf: "new",
  erfInv: "new",
  pow: "new",
  atan2: "new",
  select: "passes",
  bitcast: "passes",
  max: "passes",
  min: "passes",
  neg: "hidden",
  abs: "hidden",
  sign: "bits",
  floor: "bits",
  ceil: "bits",
  roundEven: "bits",
  roundAway: "bits",
  trunc: "bits",
  isFinite: "bits",
  rem: "bits",
  convert: "bits",
  roundHalf: "bits",
  eq: "bits",
  ne: "bits",
  lt: "bits",
  le: "bits",
  gt: "bits",
  ge: "bits",
  not: "bits",
  and: "bits",
  or: "bits",
  xor: "bits",
  shiftLeft: "bits",
  shiftRightArithmetic: "bits",
  shiftRightLogical: "bits",
  threefry2x32: "bits",
};

/** The barriers of one kernel. */
export interface Barriers {
  /** Values that pass through opaque() where they are computed. */
  readonly values: ReadonlySet<NodeId>;
  /** Differences and quotients whose second operand does, because the compiler might find it equal to the first. */
  readonly seconds: ReadonlySet<NodeId>;
  /** Sums and products, as phase:fold, whose result passes through. */
  readonly folds: ReadonlySet<string>;
}

type Apply = Extract<Scalar, { op: "apply" }>;

export function barriersOf(kernel: Kernel): Barriers {
  const { nodes, phases, buffers } = kernel;
  const fnOf = (id: NodeId): ScalarFn | null => {
    const node = nodes[id];
    return node.op === "apply" && node.lane === "f32" ? node.fn : null;
  };
  const isSum = (id: NodeId): boolean => fnOf(id) === "add" || fnOf(id) === "sub";
  const isProduct = (id: NodeId): boolean => fnOf(id) === "mul";

  /** Float values that something looks at or computes with, and not only stores or passes on. */
  const exposed = new Uint8Array(nodes.length);
  /** Products that something else than a sum computes with. */
  const alone = new Uint8Array(nodes.length);
  const expose = (id: NodeId): void => {
    exposed[id] = alone[id] = 1;
  };
  for (const { folds, stores } of phases) {
    for (const { monoid, inputs } of folds)
      for (const id of inputs)
        if (monoid === "sum") exposed[id] = 1;
        else expose(id);
    // what becomes a half is tested by its bits
    for (const { buffer, value } of stores) if (buffers[buffer].storage === "f16") expose(value);
  }
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id];
    if (node.op === "load" && node.other !== null && exposed[id] === 1) expose(node.other);
    if (node.op !== "apply") continue;
    const nature = NATURE[node.fn];
    if (nature === "hidden") continue;
    const passed = node.fn === "select" || node.fn === "bitcast";
    if (passed && node.lane === "f32" && exposed[id] === 0) continue;
    for (const argument of node.args) {
      exposed[argument] = 1;
      if (!isSum(id) || !fuses(nodes, node, argument)) alone[argument] = 1;
    }
  }

  const values = new Set<NodeId>();
  const seconds = new Set<NodeId>();
  const folds = new Set<string>();
  const classes = classesOf(nodes);
  nodes.forEach((node, id) => {
    if (node.op === "result" && node.lane === "f32" && exposed[id] === 1) folds.add(`${node.phase}:${node.fold}`);
    const fn = fnOf(id);
    if (fn === null || node.op !== "apply") return;
    if (exposed[id] === 1 && NATURE[fn] === "new" && (!isProduct(id) || alone[id] === 1)) values.add(id);
    const [a, b] = node.args;
    if (fn !== "sub" && fn !== "div") return;
    const [x, y] = [sourceOf(nodes[a]), sourceOf(nodes[b])];
    if (classes[a] === classes[b] || (x === "picked" && y !== null) || (x !== null && y === "picked")) seconds.add(id);
  });
  return { values, seconds, folds };
}

/** Whether a product may be fused into a sum: not with a product beside it, nor with one of its own factors. */
function fuses(nodes: readonly Scalar[], { args }: Apply, product: NodeId): boolean {
  const [first, second] = args;
  const other = first === product ? second : first;
  const [it, beside] = [nodes[product], nodes[other]];
  if (other === product || it.op !== "apply") return false;
  return !it.args.includes(other) && !(beside.op === "apply" && beside.fn === "mul");
}

/** Of what may be equal to a value with another number: one that is picked from others, or one that is read. */
function sourceOf(node: Scalar): "picked" | "read" | null {
  if (node.op === "load") return node.other === null ? "read" : "picked";
  return node.op === "apply" && NATURE[node.fn] === "passes" ? "picked" : null;
}

/** One number a node, equal for those that a compiler could find to be one value: sums the other way round, loads of one buffer. */
function classesOf(nodes: readonly Scalar[]): readonly number[] {
  const known = new Map<string, number>();
  const found: number[] = [];
  nodes.forEach((node, id) => {
    let key = String(id);
    if (node.op === "load") key = `load ${node.buffer}`;
    else if (node.op === "apply") {
      const args = node.args.map((argument) => found[argument]);
      key = `${node.fn} ${(COMMUTES.has(node.fn) ? args.sort((a, b) => a - b) : args).join(" ")}`;
    }
    const first = known.get(key) ?? id;
    known.set(key, first);
    found.push(first);
  });
  return found;
}
const COMMUTES: ReadonlySet<ScalarFn> = new Set(["add", "mul", "max", "min"]);

// Random graphs from lists of numbers: every list gives a valid graph, so that fast-check can shrink it. Floats are
// float64, so that a device that rounds nothing more must agree with the reference to the last few bits.
import type { Aval, ElementwisePrim, Graph, Node } from "@weft/ir";
import { aval, isFloat, literal, NO_PARAMS, proj, record, scalar, traceGraph } from "@weft/ir";

const f64 = (shape: readonly number[]): Aval => aval("float64", shape);

/** The inputs of every random graph. */
export const INPUT_AVALS: readonly Aval[] = [f64([2, 3]), f64([3]), f64([]), aval("int32", [2, 3]), aval("bool", [3])];

type Plain = Extract<ElementwisePrim, "neg" | "abs" | "sin" | "tanh" | "floor" | "add" | "sub" | "mul" | "max" | "min">;
const plain = (prim: Plain, ...operands: Node[]): Node => record(prim, NO_PARAMS, operands);

const UNARY: readonly Plain[] = ["neg", "abs", "sin", "tanh", "floor", "neg", "tanh"];
const BINARY: readonly Plain[] = ["add", "sub", "mul", "max", "min", "add", "mul"];
const LITERALS = [0, 1, -0, 2, -1, 0.5];

// y ↦ (tanh(y)·3 − 1, −y), with slots and a call inside
const inner = traceGraph("inner", [f64([3])], ([y]) => [plain("mul", plain("tanh", y), scalar(f64([]), 3))]);
const outer = traceGraph("outer", [f64([3])], ([y]) => {
  const called = proj(record("call", { graph: inner, name: "inner" }, [y]), 0);
  return [plain("sub", called, literal(f64([]), 1)), plain("neg", y)];
});

/** Three numbers an operation: which one, and its two choices. */
export type Code = readonly (readonly [operation: number, first: number, second: number])[];

/** Records the operations of `code` on `inputs` and returns all nodes that have one result. */
export function buildNodes(code: Code, inputs: readonly Node[]): Node[] {
  const pool: Node[] = [...inputs];
  const choose = (at: number, accept: (node: Node) => boolean): Node | null => {
    // the latest nodes first, so that graphs grow deep
    const fitting = pool.filter(accept);
    return fitting.length === 0 ? null : fitting[fitting.length - 1 - (at % fitting.length)];
  };
  const float = (node: Node): boolean => isFloat(node.aval.dtype);
  const like =
    (x: Node) =>
    (node: Node): boolean =>
      node.aval.dtype === x.aval.dtype &&
      (node.aval.shape.length === 0 || x.aval.shape.length === 0 || node.aval.shape.join() === x.aval.shape.join());
  const add = (node: Node | null): void => {
    if (node !== null) pool.push(node);
  };

  for (const [operation, first, second] of code) {
    const any = choose(first, () => true);
    const x = choose(first, float);
    if (any === null || x === null) continue;
    const { shape } = any.aval;
    const rank = shape.length;
    const axis = rank === 0 ? 0 : second % rank;
    switch (operation % 20) {
      case 0:
      case 1:
        add(plain(UNARY[second % UNARY.length], x));
        break;
      case 2:
      case 3:
      case 4: {
        const y = choose(second, like(x));
        if (y !== null) add(plain(BINARY[(first + second) % BINARY.length], x, y));
        break;
      }
      case 5: {
        const y = choose(second, like(any));
        if (y !== null) add(record("compare", { op: second % 2 === 0 ? "lt" : "ge" }, [any, y]));
        break;
      }
      case 6: {
        const y = choose(second, like(x));
        const pred = choose(
          second,
          (node) =>
            node.aval.dtype === "bool" &&
            (node.aval.shape.length === 0 || node.aval.shape.join() === x.aval.shape.join()),
        );
        const constant = literal(aval("bool", []), second % 2);
        if (y !== null) add(record("select", NO_PARAMS, [second % 3 === 0 || pred === null ? constant : pred, x, y]));
        break;
      }
      case 7:
        add(literal(f64([]), LITERALS[second % LITERALS.length]));
        break;
      case 8:
        add(
          second % 2 === 0
            ? scalar(f64([]), (second % 7) - 3)
            : record("iota", { n: 3, dtype: "float64" }, [], [first % 5, 1 + (second % 2)]),
        );
        break;
      case 9:
        add(
          record("reshape", { shape: rank === 2 ? [shape[1], shape[0]] : rank === 0 ? [1] : [any.aval.size] }, [any]),
        );
        break;
      case 10:
        add(record("transpose", { perm: shape.map((_, i) => (i + 1 + second) % rank) }, [any]));
        break;
      case 11:
        if (rank < 3) add(record("broadcastInDim", { shape: [2, ...shape], axes: shape.map((_, i) => i + 1) }, [any]));
        break;
      case 12:
        add(record("flip", { axes: rank === 0 ? [] : [axis] }, [any]));
        break;
      case 13:
        if (rank > 0 && shape[axis] > 1) {
          const size = shape[axis] - 1;
          const start = second % 2;
          add(
            record(
              "slice",
              { sizes: shape.with(axis, size), strides: shape.map(() => 1) },
              [any],
              shape.map((_, i) => (i === axis ? start : 0)),
            ),
          );
        }
        break;
      case 14:
        if (rank > 0 && float(any)) {
          const lo = shape.map((_, i) => (i === axis ? 1 : 0));
          add(
            record(
              "pad",
              { lo, hi: shape.map(() => 0), interior: shape.map((_, i) => (i === axis ? second % 2 : 0)) },
              [any, literal(f64([]), 0.5)],
            ),
          );
        }
        break;
      case 15: {
        const y =
          rank === 0
            ? null
            : choose(second, (node) => node.aval.dtype === any.aval.dtype && node.aval.shape.join() === shape.join());
        if (y !== null && any.aval.size < 64) add(record("concatenate", { axis }, [any, y]));
        break;
      }
      case 16: {
        const axes =
          second % 3 === 0
            ? x.aval.shape.map((_, i) => i)
            : x.aval.shape.length === 0
              ? []
              : [second % x.aval.shape.length];
        add(record(second % 2 === 0 ? "reduceSum" : "reduceMax", { axes }, [x]));
        break;
      }
      case 17: {
        const lhs = choose(first, (node) => float(node) && node.aval.shape.join() === "2,3");
        const rhs = choose(second, (node) => float(node) && node.aval.shape[0] === 3);
        if (lhs !== null && rhs !== null)
          add(plain("tanh", record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [lhs, rhs])));
        break;
      }
      case 18:
        if (second % 4 === 0) {
          const y = choose(second, (node) => float(node) && node.aval.shape.join() === "3");
          if (y === null) break;
          const call = record("call", { graph: outer, name: "outer" }, [y]);
          add(proj(call, 0));
          add(proj(call, 1));
        } else if (second % 4 === 1) add(proj(record("optimizationBarrier", NO_PARAMS, [any, x]), 1));
        else add(record(second % 4 === 2 ? "marker" : "stopGradient", NO_PARAMS, [any]));
        break;
      default:
        if (any.aval.dtype === "float64")
          add(
            second % 3 === 0
              ? record("integerPow", { n: (second % 5) - 1 }, [any])
              : record("convert", { dtype: "int32", weakness: "strong" }, [any]),
          );
        else add(record("convert", { dtype: "float64", weakness: "strong" }, [any]));
    }
  }
  return pool;
}

/** Data of an input: small integers and halves, the same for the same seed. */
export function inputData(of: Aval, seed: number): number[] {
  return Array.from({ length: of.size }, (_, i) => {
    const bits = Math.imul(seed * 31 + i + 1, 0x9e3779b1) >>> 24;
    return of.dtype === "bool" ? bits % 2 : of.dtype === "int32" ? (bits % 9) - 4 : ((bits % 13) - 6) / 2;
  });
}

/** Gives every node with slots its place in a slot table, as planning does. */
export function placeSlots(graph: Graph): void {
  let base = 0;
  for (const node of graph.nodes) {
    if (node.slots === null) continue;
    node.slotBase = base;
    base += node.slots.length;
  }
}

/** Whether two results agree: equal, both NaN, or close for floats. */
export const agrees = (a: number, b: number): boolean =>
  Object.is(a, b) ||
  a === b ||
  Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)) ||
  (Number.isNaN(a) && Number.isNaN(b));

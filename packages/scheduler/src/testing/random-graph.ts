// Random graphs of views, elementwise operations and reductions, from a list of small integers: the generator of
// property tests. Values stay small. Comparisons make results jump where rounding differs, so exact
// tests take float64.
import type { DType, Node } from "@weft/ir";
import { aval, freeAxes, literal, NO_PARAMS, placeholder, record } from "@weft/ir";

/** One step of a recipe: which operation, and numbers it takes its choices from. */
export type Choice = readonly [operation: number, first: number, second: number, third: number];

const MAX_SIZE = 4096;
const dividers = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

const OPERATIONS: readonly ((x: Node, others: readonly Node[], choice: Choice) => Node)[] = [
  (x) => record("neg", NO_PARAMS, [x]),
  (x) => record("sin", NO_PARAMS, [x]),
  (x) => record("tanh", NO_PARAMS, [x]),
  (x, _others, [, a]) => record("mul", NO_PARAMS, [x, literal(aval(x.aval.dtype, []), 0.25 + (a % 3) / 4)]),
  (x, others, [, a]) => {
    const same = others.filter((other) => other.aval.shape.join() === x.aval.shape.join());
    return record(a % 2 === 0 ? "sub" : "max", NO_PARAMS, [x, same[a % same.length] ?? x]);
  },
  (x, others, [, a]) => {
    const same = others.filter((other) => other.aval.shape.join() === x.aval.shape.join());
    const other = same[a % same.length] ?? x;
    return record("select", NO_PARAMS, [
      record("compare", { op: "lt" }, [x, other]),
      x,
      record("sin", NO_PARAMS, [other]),
    ]);
  },
  (x, _others, [, a, b]) => {
    const rank = x.aval.shape.length;
    const perm = Array.from({ length: rank }, (_, i) => i);
    if (rank > 1) [perm[a % rank], perm[b % rank]] = [perm[b % rank], perm[a % rank]];
    return record("transpose", { perm }, [x]);
  },
  (x, _others, [, a, b]) => {
    const { size } = x.aval;
    if (size === 0) return x;
    const first = dividers(size)[a % dividers(size).length];
    const rest = size / first;
    const second = dividers(rest)[b % dividers(rest).length];
    return record("reshape", { shape: [first, second, rest / second] }, [x]);
  },
  (x, _others, [, a, b]) => {
    const n = 1 + (a % 4);
    if (x.aval.size * n > MAX_SIZE) return x;
    const at = b % (x.aval.shape.length + 1);
    const shape = [...x.aval.shape.slice(0, at), n, ...x.aval.shape.slice(at)];
    return record("broadcastInDim", { shape, axes: shape.map((_, i) => i).filter((i) => i !== at) }, [x]);
  },
  (x, _others, [, a]) => (x.aval.shape.length === 0 ? x : record("flip", { axes: [a % x.aval.shape.length] }, [x])),
  (x, _others, [, a, b, c]) => {
    const strides = x.aval.shape.map((_, i) => 1 + ((b + i) % 2));
    const sizes = x.aval.shape.map((n, i) => Math.max(1, Math.floor((n - ((a + i) % 3)) / strides[i])));
    const starts = x.aval.shape.map((n, i) => c % (n - (sizes[i] - 1) * strides[i]));
    return record("slice", { sizes, strides }, [x], starts);
  },
  (x, _others, [, a, b, c]) => {
    const lo = x.aval.shape.map((n, i) => Math.max(((a + i) % 4) - 1, -n + 1));
    const hi = x.aval.shape.map((n, i) => Math.max(((b + i) % 4) - 1, -n - lo[i] + 1));
    const interior = x.aval.shape.map((_, i) => ((c + i) % 5 === 0 ? 1 : 0));
    const size = x.aval.shape.reduce((product, n, i) => product * (n + lo[i] + hi[i] + interior[i] * (n - 1)), 1);
    return size > MAX_SIZE ? x : record("pad", { lo, hi, interior }, [x, literal(aval(x.aval.dtype, []), 0.5)]);
  },
  (x, others, [, a, b]) => {
    const rank = x.aval.shape.length;
    if (rank === 0) return x;
    const axis = a % rank;
    const fits = others.filter(
      ({ aval: { shape } }) => shape.length === rank && shape.every((n, i) => i === axis || n === x.aval.shape[i]),
    );
    const other = fits[b % fits.length] ?? x;
    return (x.aval.size + other.aval.size) * 2 > MAX_SIZE
      ? x
      : record("concatenate", { axis }, [x, record("sin", NO_PARAMS, [other]), x]);
  },
  (x, _others, [, a, b]) => {
    const axes = x.aval.shape.map((_, i) => i).filter((i) => ((a >> i) & 1) === 1);
    return record(b % 3 === 0 ? "reduceMax" : b % 3 === 1 ? "reduceMin" : "reduceSum", { axes }, [
      b % 3 === 2 ? record("tanh", NO_PARAMS, [x]) : x,
    ]);
  },
  (x, _others, [, a, b]) => {
    // a reduction, and its result given back to every element: the shape of softmax
    const axes = x.aval.shape.map((_, i) => i).filter((i) => ((a >> i) & 1) === 1);
    const folded = record(b % 2 === 0 ? "reduceMax" : "reduceSum", { axes }, [x]);
    const kept = x.aval.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const back = record("broadcastInDim", { shape: x.aval.shape, axes: kept }, [
      b % 3 === 0 ? record("tanh", NO_PARAMS, [folded]) : folded,
    ]);
    return record("tanh", NO_PARAMS, [record("sub", NO_PARAMS, [x, back])]);
  },
  (x, _others, [, a, b]) => {
    const rank = x.aval.shape.length;
    if (rank === 0) return x;
    const contract = [a % rank];
    const batch = rank > 1 && b % 2 === 0 ? [(a + 1) % rank] : [];
    const free = freeAxes(rank, contract, batch).reduce((product, axis) => product * x.aval.shape[axis], 1);
    if (free * x.aval.size > MAX_SIZE) return x;
    return record("tanh", NO_PARAMS, [
      record("dotGeneral", { contract: [contract, contract], batch: [batch, batch] }, [
        record("sin", NO_PARAMS, [x]),
        x,
      ]),
    ]);
  },
  (x, _others, [, a, b]) => {
    const rank = x.aval.shape.length;
    const starts = Array.from({ length: rank }, (_, i) => literal(aval("int32", []), ((a + i * b) % 7) - 2));
    return record("dynamicSlice", { sizes: x.aval.shape.map((n) => Math.max(1, n - (b % 3))), batch: 0 }, [
      x,
      ...starts,
    ]);
  },
];
export const OPERATION_COUNT = OPERATIONS.length;

/** A graph of the recipe's steps on two inputs, with some of the last values as outputs. */
export function randomGraph(
  shape: readonly number[],
  recipe: readonly Choice[],
  outputs: number,
  dtype: DType = "float32",
): { inputs: Node[]; outputs: Node[] } {
  const inputs = [placeholder(aval(dtype, shape), "x", null), placeholder(aval(dtype, shape), "y", null)];
  const values: Node[] = [...inputs];
  for (const choice of recipe) {
    // mostly the latest values, so that chains grow
    const from = Math.max(0, values.length - 1 - (choice[3] % 4));
    values.push(OPERATIONS[choice[0] % OPERATIONS.length](values[from], values, choice));
  }
  return { inputs, outputs: values.slice(-outputs) };
}

// Operands of elementwise functions on the path every operation takes: two arrays, or an array and a number, that
// need no conversion pass without a detour; everything else goes through core's promotion.
import type { Aval, DType, Node } from "@weft/ir";
import { aval, DTypeError, formatAval, isFloat, isInteger, sameShape } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import type { Defined } from "../core/call-types.ts";
import type { ArrayLike } from "../core/convert.ts";
import { convertNode, numberNode, promoteOperands, toNode, wrap } from "../core/convert.ts";
import { define } from "../core/define.ts";
import type { Param } from "../core/kinds.ts";
import { array, named, out, refused } from "../core/kinds.ts";
import { convert, firm } from "../lax/nodes.ts";

const FLOAT_SCALARS: Partial<Record<DType, Aval>> = {
  float16: aval("float16", []),
  float32: aval("float32", []),
  float64: aval("float64", []),
};

const matches = (p: Aval, q: Aval): boolean =>
  p === q ||
  (p.dtype === q.dtype &&
    q.weakness === "strong" &&
    (p.shape.length === 0 || q.shape.length === 0 || sameShape(p.shape, q.shape)));

/** Two operands of one dtype, of equal shape or rank 0. */
export function pair(op: string, x: ArrayLike, y: ArrayLike): readonly Node[] {
  if (x instanceof NDArray) {
    if (!x.isKey) {
      const a = x.node;
      if (a.aval.weakness === "strong") {
        if (y instanceof NDArray) {
          if (!y.isKey && matches(a.aval, y.node.aval)) return [a, y.node];
        } else if (typeof y === "number") {
          const scalar = FLOAT_SCALARS[a.aval.dtype];
          if (scalar !== undefined) return [a, numberNode(scalar, y)];
        }
      }
    }
  } else if (typeof x === "number" && y instanceof NDArray && !y.isKey) {
    const b = y.node;
    const scalar = b.aval.weakness === "strong" ? FLOAT_SCALARS[b.aval.dtype] : undefined;
    if (scalar !== undefined) return [numberNode(scalar, x), b];
  }
  return promoteOperands(op, [x, y]);
}

/** {@link pair}, with bool and integers made float32. */
export function floatPair(op: string, x: ArrayLike, y: ArrayLike): readonly Node[] {
  if (
    x instanceof NDArray &&
    isFloat(x.dtype) &&
    (typeof y === "number" || (y instanceof NDArray && y.dtype === x.dtype))
  )
    return pair(op, x, y);
  return promoteOperands(op, [x, y], "float");
}

/** One operand in its own dtype. */
export const one = (op: string, x: ArrayLike): Node => toNode(op, x);

const asFloats = (node: Node): Node => {
  const { dtype, weakness } = node.aval;
  return isFloat(dtype) ? node : convertNode(node, "float32", weakness !== "strong" && dtype !== "bool");
};
/** One operand as floats. */
export const float = (op: string, x: ArrayLike): Node => asFloats(toNode(op, x));
/** {@link float} of an operand that has to be one of floats, or at least of numbers. Throws DTypeError. */
export function floatOf(op: string, x: ArrayLike, kind: "floats" | "numbers"): Node {
  const node = toNode(op, x);
  if (isBool(node) || (kind === "floats" && !isFloat(node.aval.dtype)))
    throw new DTypeError(`${op}: ${formatAval(node.aval)}: expected ${kind}; convert with astype("float32") first`);
  return asFloats(node);
}

/** x as float32 where it is float16: what sums and constants of compositions are to be computed in, as JAX does. */
export const widened = (x: Node): Node => (x.aval.dtype === "float16" ? convert(x, "float32") : x);
/** A composition that computes float16 in float32 and rounds its result: its steps would lose digits, its constants overflow. */
export const composed =
  (f: (...xs: Node[]) => Node) =>
  (...xs: Node[]): Node =>
    xs[0].aval.dtype === "float16" ? convert(f(...xs.map(widened)), "float16") : f(...xs);

/** Whether x is bool, or an integer. */
export const isBool = (x: Node): boolean => x.aval.dtype === "bool";
export const isExact = (x: Node): boolean => isInteger(x.aval.dtype);

// Declarations ------------------------------------------------------------------------------------------------------

/** An elementwise function of one array. */
export interface Unary extends Defined<[x: ArrayLike], readonly [Param<"x", ArrayLike, "required">], NDArray> {}
/** An elementwise function of two arrays that broadcast. */
export interface Binary<A extends string = "x", B extends string = "y"> extends Defined<
  [x: ArrayLike, y: ArrayLike],
  readonly [Param<A, ArrayLike, "required">, Param<B, ArrayLike, "required">],
  NDArray
> {}

/** What NumPy's elementwise functions take beside their operands. */
const UFUNC = [
  named(out),
  named(refused("where", null, "elementwise functions take no mask; choose between results with np.where")),
] as const;
/** The parameter of a function of one array. */
export const X = [array("x"), ...UFUNC] as const;
/** The parameters of a function of two arrays, by JAX's names for them. */
export const XY = [array("x"), array("y"), ...UFUNC] as const;
export const X1X2 = [array("x1"), array("x2"), ...UFUNC] as const;
type Pair<A extends string, B extends string> = readonly [
  Param<A, ArrayLike, "required">,
  Param<B, ArrayLike, "required">,
  ...typeof UFUNC,
];

/** A function of one array from one on nodes, in the array's own dtype. */
// @__NO_SIDE_EFFECTS__
export const unary = (name: string, f: (x: Node) => Node): Unary =>
  define(name, X, (x) => wrap(f(toNode(name, x)))) as Unary;
/** {@link unary}; floats of the array are taken first. */
// @__NO_SIDE_EFFECTS__
export const floating = (name: string, f: (x: Node) => Node): Unary =>
  define(name, X, (x) => wrap(f(float(name, x)))) as Unary;

/** {@link floating} that JAX writes with constants of the array's dtype. */
// @__NO_SIDE_EFFECTS__
export const scaling = (name: string, f: (x: Node) => Node): Unary => floating(name, (x) => firm(f(x)));

/** A function of two arrays from one on nodes of one dtype. */
// @__NO_SIDE_EFFECTS__
export const binary = <A extends string, B extends string>(
  name: string,
  params: Pair<A, B>,
  f: (x: Node, y: Node) => Node,
): Binary<A, B> =>
  define(name, params as Pair<string, string>, (x, y) => {
    const [a, b] = pair(name, x, y);
    return wrap(f(a, b));
  }) as unknown as Binary<A, B>;
/** {@link binary}, with bool and integers made float32. */
// @__NO_SIDE_EFFECTS__
export const floatBinary = <A extends string, B extends string>(
  name: string,
  params: Pair<A, B>,
  f: (x: Node, y: Node) => Node,
): Binary<A, B> =>
  define(name, params as Pair<string, string>, (x, y) => {
    const [a, b] = floatPair(name, x, y);
    return wrap(f(a, b));
  }) as unknown as Binary<A, B>;

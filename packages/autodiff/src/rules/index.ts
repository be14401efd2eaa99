// Dispatch over the rule tables, completed by the compiler: the jvp of every primitive, and the transpose of every
// primitive that is linear somewhere.
import type { Aval, ElementwisePrim, MovementPrim, Node, ParamsOf, PrimName } from "@weft/ir";
import { isElementwise, isFloat, NO_PARAMS, NotDifferentiableError, record, rowOf } from "@weft/ir";
import { b, constant, spread, unspread, zeros } from "../builder.ts";
import { CONTRACTION_JVPS, CONTRACTION_TRANSPOSES } from "./contraction.ts";
import { CONTROL_JVPS, CONTROL_TRANSPOSES } from "./control.ts";
import type { ElementwiseRule } from "./elementwise.ts";
import { ELEMENTWISE_RULES } from "./elementwise.ts";
import { INDEXING_TRANSPOSES } from "./indexing.ts";
import { MOVEMENT_TRANSPOSES } from "./movement.ts";
import { REDUCTION_JVPS, REDUCTION_TRANSPOSES } from "./reduction.ts";
import type { JvpRule, TransposeRule } from "./table.ts";

/** linear: the primitive applied to the tangents. structural: handled where graphs are walked. none: refused. */
type Jvp<P extends PrimName> = JvpRule<P> | "elementwise" | "linear" | "zero" | "structural" | "none";
type Transpose<P extends PrimName> = TransposeRule<P> | "elementwise" | "structural" | "none";

const elementwiseJvps = Object.fromEntries(Object.keys(ELEMENTWISE_RULES).map((prim) => [prim, "elementwise"])) as {
  readonly [P in ElementwisePrim]: "elementwise";
};
const movementJvps = {
  bitcast: "zero",
  reshape: "linear",
  transpose: "linear",
  broadcastInDim: "linear",
  flip: "linear",
  slice: "linear",
  pad: "linear",
  concatenate: "linear",
} as const satisfies { readonly [P in MovementPrim]: Jvp<P> };

const JVPS = {
  ...elementwiseJvps,
  ...movementJvps,
  ...REDUCTION_JVPS,
  ...CONTRACTION_JVPS,
  ...CONTROL_JVPS,
  // linear in the array alone: starts are operands too, so the tangent takes the array's place
  dynamicSlice: (node, [t]) => [t && record("dynamicSlice", node.params, [t, ...node.operands.slice(1)])],
  input: "zero",
  literal: "zero",
  scalar: "zero",
  iota: "zero",
  threefry2x32: "zero",
} satisfies { readonly [P in PrimName]: Jvp<P> };

const nonlinear = Object.fromEntries((Object.keys(JVPS) as PrimName[]).map((prim) => [prim, "none"])) as {
  readonly [P in PrimName]: "none";
};

const TRANSPOSES: { readonly [P in PrimName]: Transpose<P> } = {
  ...nonlinear,
  ...MOVEMENT_TRANSPOSES,
  ...INDEXING_TRANSPOSES,
  ...REDUCTION_TRANSPOSES,
  ...CONTRACTION_TRANSPOSES,
  ...CONTROL_TRANSPOSES,
  neg: "elementwise",
  add: "elementwise",
  sub: "elementwise",
  mul: "elementwise",
  div: "elementwise",
  select: "elementwise",
  convert: "elementwise",
  proj: "structural",
  call: "structural",
};

/** Whether values of this aval have tangents at all. */
export const hasTangent = (of: Aval): boolean => isFloat(of.dtype);

const addTangents = (parts: readonly (Node | null)[]): Node | null =>
  parts.reduce<Node | null>((sum, part) => (part === null ? sum : sum === null ? part : b.add(sum, part)), null);

function elementwiseJvp<P extends ElementwisePrim>(
  node: Node,
  prim: P,
  tangents: readonly (Node | null)[],
): Node | null {
  const rule = ELEMENTWISE_RULES[prim] as ElementwiseRule<P>;
  if (rule === "zero" || !hasTangent(node.aval)) return null;
  const { operands } = node;
  const { shape } = node.aval;
  if (rule !== "linear") {
    const parts = tangents.map((t, i) => {
      const part = t === null ? null : rule[i];
      return part === null ? null : part(t as Node, operands, node, node.params as ParamsOf[P]);
    });
    const total = addTangents(parts);
    return total && spread(total, shape);
  }
  switch (prim) {
    case "add":
      return ((t) => t && spread(t, shape))(addTangents(tangents));
    case "sub": {
      const [t, u] = tangents;
      return spread(t !== null && u !== null ? b.sub(t, u) : t !== null ? t : b.neg(u as Node), shape);
    }
    case "select": {
      const [, t, u] = tangents;
      const zero = constant(node.aval, 0);
      return spread(record("select", NO_PARAMS, [operands[0], t ?? zero, u ?? zero]), shape);
    }
    default:
      // neg, convert (between floats)
      return record(prim, node.params as ParamsOf[P], [tangents[0] as Node]);
  }
}

/** The tangents of a node's results; null = zero. `call` and `proj` are not asked for here. */
export function jvpOf(node: Node, tangents: readonly (Node | null)[]): readonly (Node | null)[] {
  const { prim } = node;
  const rule = JVPS[prim] as Jvp<PrimName>;
  if (isElementwise(prim)) return [elementwiseJvp(node, prim, tangents)];
  if (rule === "zero") return node.outs.map(() => null);
  if (rule === "none")
    throw new NotDifferentiableError(`${prim} has no derivative; use lax.stopGradient on its operand if none is meant`);
  if (rule === "linear")
    return [
      record(
        prim,
        node.params as ParamsOf[typeof prim],
        tangents.map((t, i) => t ?? zeros(node.operands[i].aval)),
        node.slots,
      ),
    ];
  return (rule as JvpRule<PrimName>)(node as never, tangents);
}

/** ct of one operand of a linear elementwise node. */
function elementwiseTranspose(node: Node, ct: Node, i: number): Node {
  const { prim, operands } = node;
  const operand = operands[i];
  switch (prim) {
    case "neg":
      return b.neg(ct);
    case "sub":
      return unspread(i === 0 ? ct : b.neg(ct), operand.aval);
    case "mul":
      return unspread(b.mul(ct, operands[1 - i]), operand.aval);
    case "div":
      return unspread(b.div(ct, operands[1]), operand.aval);
    case "select": {
      const zero = constant(ct.aval, 0);
      return unspread(
        spread(
          record("select", NO_PARAMS, i === 1 ? [operands[0], ct, zero] : [operands[0], zero, ct]),
          node.aval.shape,
        ),
        operand.aval,
      );
    }
    case "convert":
      return b.convert(ct, operand.aval);
    default:
      return unspread(ct, operand.aval); // add
  }
}

/** Refuses operands in which the node is not linear: those of functions that claim to be linear (linearTranspose). */
function expectLinear(prim: PrimName, linear: readonly boolean[]): void {
  const where = rowOf(prim).linear;
  if (where === "all") return;
  const at = linear.flatMap((is, i) => (is ? [i] : []));
  if (where === "bilinear" ? at.length <= 1 : at.every((i) => where.includes(i))) return;
  const why =
    where === "bilinear"
      ? "it is linear in each operand alone, not in both"
      : where.length === 0
        ? "it is not linear"
        : "it is not linear in that operand";
  throw new NotDifferentiableError(`${prim} cannot be transposed: ${why}`);
}

/** The cotangents of a linear node's operands; null for those that are not linear here or get zero. */
export function transposeOf(
  node: Node,
  cts: readonly (Node | null)[],
  linear: readonly boolean[],
): readonly (Node | null)[] {
  const { prim } = node;
  expectLinear(prim, linear);
  const rule = TRANSPOSES[prim] as Transpose<PrimName>;
  if (rule === "elementwise")
    return node.operands.map((_, i) => (linear[i] && cts[0] !== null ? elementwiseTranspose(node, cts[0], i) : null));
  if (typeof rule === "string") throw new NotDifferentiableError(`${prim} cannot be transposed: it is not linear`);
  return rule(node as never, cts, linear);
}

// Reads affine indices for one phase: which terms vary along the vector axis, which are scalars and at which loop
// depth they change. Pure analysis; the code for indices is written by address.ts.
import type { Affine, AxisId, Dim, Guard, Kernel, NodeId } from "@weft/ir";

/** A term of an affine index, its index vector or scalar computed at loop depth `depth`. */
export interface TermInfo {
  readonly coef: Dim;
  readonly key: string;
  readonly depth: number;
  readonly varying: boolean;
  readonly of:
    | { readonly kind: "axis"; readonly axis: AxisId }
    | { readonly kind: "digit"; readonly of: AffineInfo; readonly div: Dim; readonly mod: Dim | null }
    | { readonly kind: "value"; readonly node: NodeId };
}

/** An affine index, its terms sorted by what they need. */
export interface AffineInfo {
  readonly base: Dim;
  /** Terms that do not vary along the vector axis, outermost first. */
  readonly scalars: readonly TermInfo[];
  /** Coefficients of the vector axis. */
  readonly vector: readonly Dim[];
  /** Digits and values that vary along the vector axis. */
  readonly varyingTerms: readonly TermInfo[];
  /** The deepest loop that changes it. */
  readonly depth: number;
  readonly varying: boolean;
  readonly key: string;
}

/** What an index depends on in one phase. */
export interface AffineContext {
  readonly kernel: Kernel;
  /** Loop depth of each axis; -1 for axes that are not loops of this phase. */
  readonly axisDepth: readonly number[];
  readonly vectorAxis: AxisId;
  nodeDepth(node: NodeId): number;
  nodeVaries(node: NodeId): boolean;
}

/** Whether a dim is this literal. */
export function isLiteral(dim: Dim, value: number): boolean {
  return "lit" in dim && dim.lit === value;
}

export function dimKey(dim: Dim): string {
  return "lit" in dim ? `${dim.lit}` : `d${dim.dim}`;
}

/** An axis of literal size 1 has one index, 0: its terms vanish. */
export function isUnitAxis(kernel: Kernel, axis: AxisId): boolean {
  return isLiteral(kernel.axes[axis].size, 1);
}

const EMPTY: readonly TermInfo[] = [];

export function analyseAffine(context: AffineContext, affine: Affine): AffineInfo {
  const { kernel } = context;
  const scalars: TermInfo[] = [];
  const vector: Dim[] = [];
  let varyingTerms: TermInfo[] | readonly TermInfo[] = EMPTY;
  let depth = 0;
  let key = dimKey(affine.base);
  for (const { coef, of } of affine.terms) {
    if (isLiteral(coef, 0)) continue;
    let term: TermInfo;
    if ("axis" in of) {
      if (isUnitAxis(kernel, of.axis)) continue;
      const axisDepth = context.axisDepth[of.axis];
      if (axisDepth < 0) throw new Error(`emitKernel: axis ${of.axis} is used outside of its loops`);
      const termKey = `${dimKey(coef)}*a${of.axis}`;
      const varying = of.axis === context.vectorAxis;
      if (varying) {
        vector.push(coef);
        if (axisDepth > depth) depth = axisDepth;
        key += `+${termKey}`;
        continue;
      }
      term = { coef, key: termKey, depth: axisDepth, varying, of: { kind: "axis", axis: of.axis } };
    } else if ("digit" in of) {
      const inner = analyseAffine(context, of.digit);
      const termKey = `${dimKey(coef)}*(${inner.key}/${dimKey(of.div)}%${of.mod === null ? "" : dimKey(of.mod)})`;
      term = {
        coef,
        key: termKey,
        depth: inner.depth,
        varying: inner.varying,
        of: { kind: "digit", of: inner, div: of.div, mod: of.mod },
      };
    } else {
      const node = of.value;
      term = {
        coef,
        key: `${dimKey(coef)}*v${node}`,
        depth: context.nodeDepth(node),
        varying: context.nodeVaries(node),
        of: { kind: "value", node },
      };
    }
    key += `+${term.key}`;
    if (term.depth > depth) depth = term.depth;
    if (term.varying) varyingTerms = [...varyingTerms, term];
    else scalars.push(term);
  }
  if (scalars.length > 1) scalars.sort((a, b) => a.depth - b.depth);
  return {
    base: affine.base,
    scalars,
    vector,
    varyingTerms,
    depth,
    varying: vector.length > 0 || varyingTerms.length > 0,
    key,
  };
}

/** How an access moves along the vector axis. */
export type AccessKind = "uniform" | "unit" | "reverse" | "strided" | "gather";

export function accessKind(info: AffineInfo): AccessKind {
  if (info.varyingTerms.length > 0 || info.vector.length > 1) return "gather";
  if (info.vector.length === 0) return "uniform";
  if (isLiteral(info.vector[0], 1)) return "unit";
  return isLiteral(info.vector[0], -1) ? "reverse" : "strided";
}

/** Calls `visit` for every node an index takes values from. */
export function forEachValue(affine: Affine, visit: (node: NodeId) => void): void {
  for (const { of } of affine.terms) {
    if ("value" in of) visit(of.value);
    else if ("digit" in of) forEachValue(of.digit, visit);
  }
}

/** Calls `visit` for every node the entries of a guard take values from. */
export function forEachGuardValue(guard: Guard, visit: (node: NodeId) => void): void {
  for (const entry of guard.all) forEachValue(entry.of, visit);
}

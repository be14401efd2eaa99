// Storms of plans: a program of the same operations that costs a plan every time, because something of it that is in the
// key differs: sizes, constants, parameters, or which results are asked for. Counts such programs, and says once of each
// what differs.
import type { Aval, Params, PrimName } from "@weft/ir";
import { formatAval } from "@weft/ir";
import { MAX_STORM_KEYS, STORM_PLANS } from "./limits.ts";
import type { Pending } from "./plan.ts";
import { differing, firstOf, warn } from "./warnings.ts";

/** What of a program may differ. */
interface Description {
  readonly prims: readonly PrimName[];
  readonly params: readonly Params[];
  readonly avals: readonly Aval[];
  readonly stored: readonly number[];
}

const describe = ({ nodes, leaves, stored }: Pending): Description => ({
  prims: nodes.map(({ prim }) => prim),
  params: nodes.map(({ params }) => params),
  avals: [...nodes, ...leaves].map(({ aval }) => aval),
  stored: [...stored],
});

/** The hash of a program without what may differ. */
function programHash(pending: Pending): number {
  let hash = 17;
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x9e3779b1);
    hash ^= hash >>> 15;
  };
  const text = (word: string): void => {
    for (let i = 0; i < word.length; i++) mix(word.charCodeAt(i));
  };
  for (const node of pending.nodes) {
    text(node.prim);
    mix(node.aval.shape.length);
    text(node.aval.dtype);
    for (const operand of node.operands) mix(pending.numberOf(operand));
  }
  for (const { aval } of pending.leaves) {
    mix(aval.shape.length);
    text(aval.dtype);
  }
  return hash;
}

const textOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(textOf).join(",")}]` : typeof value === "object" ? "another" : String(value);

/** Parameters that say what avals say. */
const SIZES: ReadonlySet<string> = new Set(["shape", "sizes", "n"]);

/** What differs between two programs of one hash, in words. */
function differences(before: Description, after: Description): string {
  const found = new Set<string>();
  const at = after.avals.findIndex((of, i) => formatAval(of) !== formatAval(before.avals[i]));
  if (at >= 0) found.add(differing("sizes", [formatAval(before.avals[at]), formatAval(after.avals[at])]));
  after.prims.forEach((prim, i) => {
    const [one, other] = [before.params[i], after.params[i]] as Readonly<Record<string, unknown>>[];
    if (one === other) return;
    for (const key of Object.keys(other)) {
      const [a, b] = [textOf(one[key]), textOf(other[key])];
      if (one[key] === other[key] || (SIZES.has(key) && at >= 0)) continue;
      if (prim === "call" && key === "graph") found.add("functions that were traced anew");
      else if (prim === "literal") found.add(differing("constants", [a, b]));
      else if (a !== b) found.add(differing(`the ${key} of ${prim}`, [a, b]));
    }
  });
  if (String(before.stored) !== String(after.stored)) found.add("which of its results are asked for");
  return found.size === 0 ? "where its arrays lie" : firstOf([...found]).join("; ");
}

/** Programs by their hash: the plans made for each, and the last of them described once the warning is near. */
export class Storms {
  private readonly made = new Map<number, { plans: number; last: Description | null }>();

  /** Counts a new plan; warns at the limit, once. */
  count(pending: Pending): void {
    const hash = programHash(pending);
    const known = this.made.get(hash);
    if (known === undefined) {
      if (this.made.size >= MAX_STORM_KEYS) this.made.clear();
      this.made.set(hash, { plans: 1, last: null });
      return;
    }
    known.plans++;
    if (known.plans === STORM_PLANS - 1) known.last = describe(pending);
    if (known.plans !== STORM_PLANS || known.last === null) return;
    const end = pending.nodes[pending.nodes.length - 1];
    warn(
      `weft: ${STORM_PLANS} plans were made for the program that ends in ${end.prim} of ${formatAval(end.aval)}. What differs: ${differences(known.last, describe(pending))}. ` +
        "Each costs planning; pad to a few fixed sizes, or pass what varies as an array, a number or a slice start.",
    );
    known.last = null;
  }

  clear(): void {
    this.made.clear();
  }
}

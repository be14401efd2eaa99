// Reads of the reference interpreter's environment.
import { InternalError } from "../errors.ts";
import type { Node } from "../node.ts";
import type { RefArray } from "./array.ts";

/** The results of a node, or InternalError naming it. */
export function lookupArray(env: ReadonlyMap<Node, readonly RefArray[]>, node: Node): readonly RefArray[] {
  const found = env.get(node);
  if (found === undefined) throw new InternalError(`reference: ${node.toString()} is neither computed nor bound`);
  return found;
}

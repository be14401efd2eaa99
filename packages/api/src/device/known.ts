// What the host knows of arrays without asking their device: read at once where a device cannot block. Loaded with such a
// device, because no other needs it.
import type { Node } from "@weft/ir";
import { isPrim } from "@weft/ir";
import type { StoredArray } from "../core/host.ts";
import { convertHost } from "../core/host.ts";
import { canReadNow } from "./devices.ts";
import { readNodeSync, target } from "./reads.ts";

/**
 * The elements of a node that the host knows without the device: there are none, it is a number, or it is a part or
 * another shape of what came from the host. Null for all others.
 */
export function knownElements(node: Node): StoredArray | null {
  const { size, dtype } = node.aval;
  if (size === 0) return target(node);
  if (node.value !== null) return canReadNow(node) ? readNodeSync(node) : null;
  if (isPrim(node, "literal")) return convertHost("read", dtype, [node.params.value], dtype);
  if (node.prim === "scalar" && node.slots !== null) return convertHost("read", dtype, [node.slots[0]], dtype);
  if (node.prim === "reshape") return knownElements(node.operands[0]);
  if (!isPrim(node, "slice")) return null;
  const from = knownElements(node.operands[0]);
  if (from === null) return null;
  const { shape } = node.operands[0].aval;
  const part = target(node);
  for (let i = 0; i < size; i++) {
    let place = 0;
    let left = i;
    for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) {
      const { sizes, strides } = node.params;
      place += ((node.slots?.[axis] ?? 0) + (left % sizes[axis]) * strides[axis]) * step;
      left = Math.floor(left / sizes[axis]);
    }
    part[i] = from[place];
  }
  return part;
}

// Diagonals without gathers: a square block [n, n] read flat and padded to rows of n + 1 has its diagonal in column 0.
import type { Node } from "@weft/ir";
import { formatAval, IndexError, ShapeError } from "@weft/ir";
import { checkAxis } from "../core/convert.ts";
import * as n from "../lax/nodes.ts";

/** The diagonal of two axes, as a new last axis. */
export function diagonalNode(op: string, given: Node, offset: number, axis1: number, axis2: number): Node {
  const x = given.aval.dtype === "bool" ? given : n.strong(given);
  const { shape } = x.aval;
  if (shape.length < 2) throw new ShapeError(`${op}: ${formatAval(x.aval)}: expected at least 2 axes`);
  if (!Number.isInteger(offset)) throw new IndexError(`${op}: an offset must be an integer, got ${offset}`);
  const [a, b] = [checkAxis(op, axis1, shape.length), checkAxis(op, axis2, shape.length)];
  if (a === b) throw new IndexError(`${op}: ${formatAval(x.aval)}: axis ${axis1} is named twice`);
  const rest = shape.map((_, axis) => axis).filter((axis) => axis !== a && axis !== b);
  const moved = n.transpose(x, [...rest, a, b]);
  const outer = rest.map((axis) => shape[axis]);
  const row = Math.max(-offset, 0);
  const column = Math.max(offset, 0);
  const size = Math.max(0, Math.min(shape[a] - row, shape[b] - column));
  const zeros = outer.map(() => 0);
  const block = n.slice(moved, [...zeros, row, column], [...outer, size, size]);
  if (size <= 1) return n.reshape(block, [...outer, size]);
  const flat = n.pad(n.reshape(block, [...outer, size * size]), 0, [...zeros, 0], [...zeros, size]);
  const rows = n.reshape(flat, [...outer, size, size + 1]);
  return n.reshape(n.slice(rows, [...zeros, 0, 0], [...outer, size, 1]), [...outer, size]);
}

// A canonical graph becomes a list of items: every node is rewritten until it is a primitive that kernels or a
// template express, identities vanish, and what must be stored whatever fusion says is marked.
import type { Backend, Graph, Node, Parts } from "@weft/ir";
import { InternalError, paramsOf, REDUCTION, sameShape } from "@weft/ir";
import {
  broadcasted,
  decomposeDot,
  decomposeFold,
  decomposeInterior,
  filled,
  transposed,
  widenDot,
} from "./decompose.ts";
import { sameBytes } from "./fuse.ts";
import type { GemmForm, MatrixView, OperandAxes } from "./gemm.ts";
import { isGemmStorage, operandAxes, product, stridedView } from "./gemm.ts";
import type { IndexSpace } from "./index-map.ts";
import type { Item } from "./items.ts";
import { ItemList, storageOf } from "./items.ts";

/** Products below which a contraction is an ordinary kernel. */
const SMALL_GEMM = 1024;

export interface Prepared {
  readonly items: readonly Item[];
  /** The item of a node of the graph. */
  readonly itemOf: (node: Node) => Item;
}

/** Nodes a part. */
const PREPARED_AT_ONCE = 64;

export function* prepare(graph: Graph, backend: Pick<Backend, "supports">, space: IndexSpace): Parts<Prepared> {
  const preparer = new Preparer(backend, space);
  for (const node of graph.inputs) preparer.input(node);
  for (const node of graph.captures) preparer.constant(node);
  let added = 0;
  for (const node of graph.nodes) {
    preparer.add(node);
    if (++added % PREPARED_AT_ONCE === 0) yield;
  }
  return { items: preparer.list.items, itemOf: (node) => preparer.itemOf(node) };
}

class Preparer {
  readonly list = new ItemList();
  private readonly found = new Map<Node, Item>();
  private readonly backend: Pick<Backend, "supports">;
  private readonly space: IndexSpace;

  constructor(backend: Pick<Backend, "supports">, space: IndexSpace) {
    this.backend = backend;
    this.space = space;
  }

  input(node: Node): void {
    this.found.set(node, this.list.input(node));
  }
  constant(node: Node): void {
    if (node.prim !== "literal" && node.prim !== "scalar" && node.prim !== "iota")
      throw new InternalError(`lower: the graph reads ${node.toString()}, which is not among its inputs`);
    this.add(node);
  }
  itemOf(node: Node): Item {
    const item = this.found.get(node);
    if (item === undefined) throw new InternalError(`lower: ${node.toString()} is read before it is computed`);
    return item;
  }

  /** Items for a node of the graph. */
  add(node: Node): void {
    if (this.found.has(node)) return;
    // results of several values are taken apart by their projections
    if (node.prim === "optimizationBarrier" || node.prim === "threefry2x32") return;
    this.found.set(node, this.convert(node));
  }

  /** The item of a node that a rewrite made; its operands may be such nodes too. Rewrites are a few nodes deep. */
  private rewritten(node: Node): Item {
    const known = this.found.get(node);
    if (known !== undefined) return known;
    for (const operand of node.operands) this.rewritten(operand);
    const item = this.convert(node);
    this.found.set(node, item);
    return item;
  }

  private convert(node: Node): Item {
    const { prim, aval } = node;
    if (aval.size === 0 && prim !== "proj") return this.empty(node);
    switch (prim) {
      case "marker":
      case "stopGradient":
        return this.itemOf(node.operands[0]);
      case "proj":
        return this.projection(node);
      case "pad":
        if (node.operands[0].aval.size === 0) return this.spread(node.operands[1], aval.shape);
        if (paramsOf(node, "pad").interior.some((n) => n > 0)) return this.rewritten(decomposeInterior(node));
        break;
      case "concatenate": {
        const parts = node.operands.filter((operand) => operand.aval.size > 0);
        if (parts.length === 1) return this.itemOf(parts[0]);
        return this.list.add(
          node,
          parts.map((operand) => this.itemOf(operand)),
        );
      }
      case "reshape":
      case "broadcastInDim":
        if (sameShape(aval.shape, node.operands[0].aval.shape)) return this.itemOf(node.operands[0]);
        break;
      case "dotGeneral":
        return this.contraction(node);
      case "call":
        throw new InternalError(`lower: ${node.toString()} was not inlined`);
      default:
        if (prim in REDUCTION) {
          const simpler = decomposeFold(node);
          if (simpler !== null) return this.rewritten(simpler);
        }
    }
    return this.list.add(
      node,
      node.operands.map((operand) => this.itemOf(operand)),
    );
  }

  /** A value without elements is never computed; its shape is all that readers ask for. */
  private empty(node: Node): Item {
    const blank = filled(node.aval, 0);
    return this.list.add(
      blank,
      blank.operands.map((operand) => this.list.add(operand, [])),
    );
  }
  private spread(value: Node, shape: readonly number[]): Item {
    return shape.length === 0 ? this.itemOf(value) : this.rewritten(broadcasted(value, shape, []));
  }

  private projection(node: Node): Item {
    const { index } = paramsOf(node, "proj");
    const [tuple] = node.operands;
    if (tuple.prim === "threefry2x32")
      return this.list.part(
        node,
        index,
        node.aval,
        tuple.operands.map((operand) => this.itemOf(operand)),
      );
    if (tuple.prim !== "optimizationBarrier")
      throw new InternalError(`lower: ${tuple.toString()} has no results to take`);
    const item = this.itemOf(tuple.operands[index]);
    if (item.kind !== "literal" && item.kind !== "scalar") {
      item.mustStore = true;
      item.opaque = true;
    }
    return item;
  }

  private contraction(node: Node): Item {
    const storage = storageOf(node.aval);
    if (storage === "f16") return this.rewritten(widenDot(node));
    const [lhs, rhs] = node.operands;
    const left = operandAxes(node, 0);
    const right = operandAxes(node, 1);
    const batch = product(lhs.aval.shape, left.batch);
    const m = product(lhs.aval.shape, left.free);
    const n = product(rhs.aval.shape, right.free);
    const k = product(lhs.aval.shape, left.contract);
    if (k === 0) return this.rewritten(filled(node.aval, 0));
    const template =
      isGemmStorage(storage) &&
      k > 1 &&
      m * n > 1 &&
      batch * m * n * k > SMALL_GEMM &&
      this.backend.supports("gemm", storage);
    if (!template || !isGemmStorage(storage)) return this.rewritten(decomposeDot(node));
    const gemm: GemmForm = {
      storage,
      batch,
      m,
      n,
      k,
      lhs: this.matrix(lhs, left, false),
      rhs: this.matrix(rhs, right, true),
    };
    return this.list.gemm(node, [gemm.lhs.item, gemm.rhs.item], gemm);
  }

  private matrix(operand: Node, axes: OperandAxes, transpose: boolean): MatrixView {
    const item = this.itemOf(operand);
    const view = stridedView(this.space, item, axes, transpose);
    if (view !== null) {
      view.item.mustStore = true;
      return view;
    }
    // stored in the order batch, free, contracted, it is one
    const perm = [...axes.batch, ...axes.free, ...axes.contract];
    const plain = perm.every((axis, i) => axis === i);
    const ordered: Item = plain ? item : this.rewritten(transposed(operand, perm));
    const stored = plain ? sameBytes(item) : ordered;
    stored.mustStore = true;
    const { shape } = operand.aval;
    const contract = product(shape, axes.contract);
    const free = product(shape, axes.free);
    return {
      item: stored,
      base: 0,
      batchStride: free * contract,
      rowStride: transpose ? 1 : contract,
      colStride: transpose ? contract : 1,
    };
  }
}

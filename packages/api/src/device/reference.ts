// The engine that evaluates through ir's float64 reference: slow and plain, the oracle that tests compare devices with.
import type { Aval, Backend, Node, RefArray, ServedDType, Value } from "@weft/ir";
import { evaluateNode, InternalError, mustKeepInputs, outermostScope, paramsOf, refArray } from "@weft/ir";
import type { HostArray } from "../core/host.ts";
import { hostArray } from "../core/host.ts";
import type { Engine } from "./engine.ts";

interface HostValue extends Value {
  readonly array: RefArray;
}

const hostValue = (of: Aval, array: RefArray): HostValue => {
  const bytes = array.data.byteLength;
  // no run of a backend ever names such a value: this engine reads `array` alone
  return { backend: undefined as unknown as Backend, buffer: { bytes }, bytes, ticket: null, released: false, aval: of, release: () => undefined, array };
};

function lookupArray(env: ReadonlyMap<Node, readonly RefArray[]>, node: Node): readonly RefArray[] {
  const found = env.get(node);
  if (found === undefined) throw new InternalError(`reference: ${node.toString()} was not computed`);
  return found;
}

function pendingOf(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const stack = [...roots];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.value === null) stack.push(...node.operands);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** An engine on host arrays. */
export function createReferenceEngine(): Engine {
  const read = (of: Aval, value: Value): HostArray => {
    const data = hostArray(of.dtype as ServedDType, of.size);
    data.set((value as HostValue).array.data);
    return data;
  };
  return {
    id: "reference",
    threads: 1,
    canBlock: true,
    upload: (of, data) => hostValue(of, refArray(of.dtype, of.shape, Float64Array.from(data))),
    evaluate: (roots) => {
      const env = new Map<Node, readonly RefArray[]>();
      for (const node of pendingOf(roots)) {
        if (node.value !== null) env.set(node, [(node.value as HostValue).array]);
        else if (node.prim === "proj") env.set(node, [lookupArray(env, node.operands[0])[paramsOf(node, "proj").index]]);
        else env.set(node, evaluateNode(node, node.operands.map((operand) => lookupArray(env, operand)[0])));
      }
      for (const root of roots) {
        if (root.value !== null) continue;
        root.value = hostValue(root.aval, lookupArray(env, root)[0]);
        if (mustKeepInputs(root)) outermostScope()?.retained.push(root);
        else root.dropInputs();
      }
    },
    read: (of, value) => Promise.resolve(read(of, value)),
    readSync: read,
  };
}

// devicePut: trees of host data and arrays onto a device. Owns what awaiting its result means.
import type { Node } from "@weft/ir";
import { currentScope, hasData } from "@weft/ir";
import { SLICED_BYTES } from "@weft/scheduler";
import { NDArray } from "../core/array.ts";
import { avalOfTypedArray, toNode } from "../core/convert.ts";
import { defineAs } from "../core/define.ts";
import { isTypedArray } from "../core/host.ts";
import { device, named, refused, treeOf } from "../core/kinds.ts";
import type { MapLeaves } from "../tree/types.ts";
import type { Leaf } from "../tree/structure.ts";
import { build, walk } from "../tree/structure.ts";
import type { Arrival } from "./arrivals.ts";
import { noteShipment } from "./arrivals.ts";
import { arrivalOn, backend, defaultDevice, deviceNamed, moveNode, settleNode } from "./devices.ts";
import { waitForNodes } from "./reads.ts";

/** What is on its way of a tree, as long as it is. */
interface Shipment {
  readonly arrivals: readonly Arrival[];
  /** Transfers from other devices. */
  readonly moved: readonly Node[];
}

/** Resolves when it is there. */
async function landed({ arrivals, moved }: Shipment): Promise<void> {
  await Promise.all(arrivals.map((arrival) => arrival.come()));
  await waitForNodes(moved);
}

/**
 * Makes a tree something that can be awaited until it has landed, or until the current run of code is over without
 * anybody having done so: then typed arrays are copied at once, and from then on it is a tree like any other.
 */
function awaitable<T extends object>(tree: T, shipment: Shipment): T {
  // it has a meaning of its own
  if ("then" in tree) return settled(tree, shipment);
  noteShipment(tree);
  let over: Promise<void> | null = null;
  const then = (resolve: (tree: T) => void, reject: (error: unknown) => void): void => {
    over ??= landed(shipment).finally(() => Reflect.deleteProperty(tree, "then"));
    over.then(() => resolve(tree), reject);
  };
  // oxlint-disable-next-line no-thenable -- for as long as it is on its way, and no longer
  Reflect.defineProperty(tree, "then", { value: then, configurable: true });
  // an await calls `then` in a microtask that is queued when it is met: after the first of these two, before the second
  void Promise.resolve()
    .then(() => undefined)
    .then(() => {
      if (over !== null) return;
      Reflect.deleteProperty(tree, "then");
      settled(tree, shipment);
    });
  return tree;
}

/** The tree, when what nobody awaits of it has been copied at once. */
function settled<T>(tree: T, { arrivals }: Shipment): T {
  for (const arrival of arrivals) if (!arrival.isAwaited) arrival.settle();
  return tree;
}

/** Bytes of the typed arrays in a tree. */
function hostBytesOf(tree: unknown): number {
  let bytes = 0;
  walk("devicePut: x", tree, (leaf) => {
    if (ArrayBuffer.isView(leaf)) bytes += leaf.byteLength;
  });
  return bytes;
}

export interface DevicePut {
  <T>(x: T, device?: string | null | { readonly device?: string | null }): MapLeaves<T, NDArray>;
}
/**
 * A tree of arrays on a device: numbers and typed arrays become arrays. Returns at once; what lies elsewhere is on its way.
 * `await devicePut(…)` resolves when all of it is there, and a page lives meanwhile: large typed arrays are copied in
 * slices. They are read until then, or without an await until the arrays are used or the current run of code ends, so
 * leave them alone as long; `np.array` copies at the call. On "auto" arrays stay where they are, and what is not computed
 * yet is computed where that costs least.
 * @throws DeviceError for a device that is not there and for a typed array that was changed too early, DTypeError for a
 * device that has no such arrays
 * @example const params = await devicePut({ w: new Float32Array(10_000_000) });
 */
export const devicePut: DevicePut = defineAs<DevicePut>()(
  "devicePut",
  [
    treeOf("x"),
    device("device", null),
    named(refused("src", null, "where arrays lie is known")),
    named(refused("donate", false, "dispose() the arrays instead")),
    named(refused("mayAlias", null, "arrays are immutable, so whether two share memory cannot be seen")),
  ],
  (tree, where) => {
    const to = where ?? defaultDevice();
    const place = to === "auto" ? null : deviceNamed("devicePut", to);
    const arrays: NDArray[] = [];
    const arrivals: Arrival[] = [];
    const moved: Node[] = [];
    // inside transformations everything is a part of what they trace
    const inSlices = currentScope() === null && hostBytesOf(tree) > SLICED_BYTES;
    const put = (leaf: Leaf): NDArray => {
      if (inSlices && isTypedArray(leaf)) {
        const arrival = arrivalOn(place ?? backend(), avalOfTypedArray("devicePut", leaf), leaf);
        arrivals.push(arrival);
        return NDArray.onItsWay(arrival);
      }
      const array = leaf instanceof NDArray ? leaf : new NDArray(toNode("devicePut", leaf));
      const { node } = array;
      // traced values have no place of their own, and what is computed there anyway need not be yet
      const stays = node.scope !== null || (!hasData(node) && to === defaultDevice());
      const there = stays ? node : place === null ? settleNode(node) : moveNode("devicePut", node, place);
      if (there === array.node) return array;
      moved.push(there);
      return new NDArray(there, array.isKey);
    };
    let structure;
    try {
      structure = walk("devicePut: x", tree, (leaf) => arrays.push(put(leaf)));
    } catch (error) {
      for (const arrival of arrivals) arrival.cancel();
      throw error;
    }
    const result = build(structure, arrays);
    return arrivals.length + moved.length === 0 ? result : awaitable(result as object, { arrivals, moved });
  },
);

// Reading: what a program asks of arrays that are computed, will be, or are on their way from the host. What was asked for
// by an await completes, whatever becomes of the handles meanwhile, and never holds the caller up; at every await the event
// loop gets its share.
import type { Node, ServedDType, Value } from "@weft/ir";
import { disown, DTypeError, formatAval, isServed, OutOfMemoryError, own, SyncReadError } from "@weft/ir";
import type { Request } from "@weft/scheduler";
import { readValue, readValueSync } from "@weft/scheduler";
import type { StoredArray } from "../core/host.ts";
import { storedArray, storedView } from "../core/host.ts";
import type { Arrival } from "./arrivals.ts";
import { arrivalOf } from "./arrivals.ts";
import {
  arrivalOn,
  backend,
  canReadNow,
  defaultDevice,
  deviceOf,
  evaluateNodesInSlices,
  openDevices,
  valuesOf,
  wasm,
} from "./devices.ts";
import { relieve, relieveNow } from "./pressure.ts";

/** What asks for data: a synchronous read, and awaits that read or do not. */
const READ: Request = { wanted: "host", awaited: false };
const AWAITED: Request = { wanted: null, awaited: true };
const AWAITED_READ: Request = { wanted: "host", awaited: true };

export function target({ aval: of }: Node): StoredArray {
  const { dtype } = of;
  if (!isServed(dtype)) throw new DTypeError(`read: ${formatAval(of)} holds no data`);
  try {
    return storedArray(dtype as ServedDType, of.size);
  } catch {
    throw new OutOfMemoryError(
      `read: ${formatAval(of)} does not fit into one array of JavaScript; slice or reduce it first`,
    );
  }
}
const bytesIn = (array: StoredArray): Uint8Array => new Uint8Array(array.buffer);

/** Arrays of at most so many bytes are read through one piece of memory: an array buffer of their own costs more. */
const SMALL_BYTES = 64;
const small = new ArrayBuffer(SMALL_BYTES);
const smallBytes: (Uint8Array | undefined)[] = [];
const smallArrays: Partial<Record<ServedDType, (StoredArray | undefined)[]>> = {};

function readSmall(value: Value, dtype: ServedDType, into: StoredArray): void {
  const { byteLength, length } = into;
  readValueSync(value, (smallBytes[byteLength] ??= new Uint8Array(small, 0, byteLength)));
  const arrays = (smallArrays[dtype] ??= []);
  into.set((arrays[length] ??= storedView(dtype, small).subarray(0, length)));
}

/** Plans that are waited for at an await, its own and those of others, before one is made without a pause. */
const MOST_PLANNED = 64;

/** The values of nodes at an await, where a full device may still be helped by the collector. */
async function awaitedValues(nodes: readonly Node[], request: Request): Promise<Value[]> {
  try {
    for (let tries = 0; tries < MOST_PLANNED; tries++) {
      const planned = evaluateNodesInSlices(nodes, request);
      if (planned === null || !(await planned)) break;
    }
    return valuesOf(nodes, request);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    for (const device of defaultDevice() === "auto" ? openDevices() : [backend()]) await relieveNow(device);
    return valuesOf(nodes, request);
  }
}

/** A handle on an array, as far as a read goes. */
interface Handle {
  evaluable(what: string): Node;
}

/**
 * Runs what was asked of some arrays to its end, with their nodes: those belong to it meanwhile, whatever becomes of the
 * handles. Begins at once unless some of the arrays are on their way from the host.
 */
export async function asked<T>(
  what: string,
  handles: readonly Handle[],
  use: (nodes: readonly Node[]) => Promise<T>,
): Promise<T> {
  const arrivals = handles.map(arrivalOf);
  const nodes = handles.map((handle, i) => (arrivals[i] === undefined ? handle.evaluable(what) : null));
  for (const node of nodes) if (node !== null) own(node);
  for (const arrival of arrivals) arrival?.keep();
  try {
    for (const arrival of arrivals) if (arrival !== undefined) await arrival.come();
    return await use(nodes.map((node, i) => node ?? (arrivals[i] as Arrival).node()));
  } finally {
    for (const node of nodes) if (node !== null) disown(node);
    for (const arrival of arrivals) arrival?.cancel();
  }
}

/** The data of a node as devices hold it; `hostArray` gives it to users. */
export async function readNode(node: Node): Promise<StoredArray> {
  const array = target(node);
  const [value] = await awaitedValues([node], AWAITED_READ);
  await readValue(value, bytesIn(array));
  await relieve(value.backend);
  return array;
}

/** Elements that the host knows without the device; null where it does not. Comes with a device that cannot block. */
let knownElements: (node: Node) => StoredArray | null = () => null;
export function readKnownBy(known: typeof knownElements): void {
  knownElements = known;
}

/** Whether a synchronous read of the node is possible. */
export const isReadableNow = (node: Node): boolean => canReadNow(node) || knownElements(node) !== null;

/** Throws SyncReadError where the device cannot block, of all but small arrays that came from the host. */
export function readNodeSync(node: Node): StoredArray {
  const array = target(node);
  if (!canReadNow(node)) {
    const known = knownElements(node);
    if (known !== null) return known;
    const where = deviceOf(node);
    throw new SyncReadError(
      `a synchronous read of ${formatAval(node.aval)} is not possible on ${where} here${where === "webgpu" ? "" : ", because it waits for another device"}; use await x.data() or await deviceGet(tree)`,
    );
  }
  const [value] = valuesOf([node], READ);
  if (array.byteLength <= SMALL_BYTES) readSmall(value, node.aval.dtype as ServedDType, array);
  else readValueSync(value, bytesIn(array));
  return array;
}

/** Evaluates nodes as one plan and waits for all of them. Rejects with the first error. */
export async function waitForNodes(nodes: readonly Node[]): Promise<void> {
  const values = await awaitedValues(nodes, AWAITED);
  for (const value of values) await value.ticket?.wait();
  if (values.length > 0) await relieve(values[0].backend);
}

/**
 * The nodes, evaluated as one plan, or copies of their data on the WASM device where their own cannot be read
 * synchronously.
 */
export async function hostNodes(nodes: readonly Node[]): Promise<Node[]> {
  const values = await awaitedValues(nodes, AWAITED_READ);
  const onHost = async ({ backend: place, ticket }: Value, node: Node): Promise<Node> => {
    if (!place.canBlock) {
      // the node's shape: a reshape shares the value of what it was made of
      const arrival = arrivalOn(wasm(), node.aval, await readNode(node));
      await arrival.come();
      return arrival.node();
    }
    await ticket?.wait();
    await relieve(place);
    return node;
  };
  return Promise.all(values.map((value, i) => onHost(value, nodes[i])));
}

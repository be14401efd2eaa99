// The default device and the triggers of evaluation: what asks for data (reads.ts), jitted calls and the flush rule
// (SEMANTICS 3.3). This folder alone opens devices and evaluates.
import type { Aval, Backend, Graph, Node, Value } from "@weft/ir";
import { currentScope, DeviceError, disown, hasData, InternalError, leaf, nbytes, own } from "@weft/ir";
import { createWasmBackend, hostRuntime } from "@weft/backend-wasm";
import type { CompiledGraph, Pair, Place, PlanView, Request } from "@weft/scheduler";
import {
  compileGraph,
  evaluate,
  evaluateInSlices,
  expectServed,
  explainGraph as explainOn,
  FlushWindow,
  hostTurns,
  isOnHost,
  moveValue,
  onShortage,
  onWarning,
  pairOf,
  roomOf,
  Upload,
  uploadValue,
  viewCompiled,
} from "@weft/scheduler";
import { noteUpload } from "../core/calls.ts";
import { Arrival } from "./arrivals.ts";

let current: Backend | null = null;
/** Whether the default is "auto": arrays of the host are put on the WASM device, and parts of graphs on either. */
let automatic = false;
/** Whether "auto" uses adapters that compute on the host's processor. */
let softwareAuto = false;
/** Devices that `init` opened, by name; the WASM device joins them when it is made. */
const opened = new Map<string, Backend>();
/** The GPU of a test. */
let standIn: Backend | null = null;
let made = false;
let settings: WasmSettings | null = null;

/** Settings of the WASM device, for when it is made. */
export interface WasmSettings {
  readonly threads?: number | undefined;
  readonly build?: "base" | "relaxed" | "auto" | undefined;
  readonly maximumBytes?: number | undefined;
}

/** The backend of the default device, under "auto" the host's own; made at its first use. */
export function backend(): Backend {
  return (current ??= wasm());
}

/** Whether the host has no such device, although there is an object for it: the default needs one. */
export const isMissing = ({ missing }: Backend): boolean => missing !== undefined && missing !== null;

/** The two devices that parts of one graph may be placed on; null while there is only one. */
export function pair(): Pair | null {
  const [cpu, gpu] = [opened.get("wasm"), opened.get("webgpu")];
  if (cpu === undefined || gpu === undefined || isMissing(cpu) || isMissing(gpu)) return null;
  const both = pairOf(cpu, gpu);
  both.software = softwareAuto;
  return both;
}

/** What computes under "auto": both devices, or the one there is. */
const autoPlace = (): Place => pair() ?? wasm();

/** The WASM device, made at its first use. */
export function wasm(): Backend {
  let device = opened.get("wasm");
  if (device === undefined) {
    onWarning((message) => hostRuntime.log(message));
    onShortage(hostRuntime.collect ?? null);
    hostTurns(hostRuntime);
    // all of them its own: what stands on Object.prototype is no setting
    device = createWasmBackend({
      threads: settings?.threads,
      build: settings?.build,
      maximumBytes: settings?.maximumBytes,
    });
    opened.set("wasm", device);
    made = true;
  }
  return device;
}

/** Makes the WASM device with these settings. Throws DeviceError where it is in use already, and what makes it refuses. */
export function makeWasm(chosen: WasmSettings): void {
  if (made) throw new DeviceError("init: the wasm device is in use already; call init before the first array is made");
  const before = settings;
  settings = chosen;
  try {
    backend();
  } catch (error) {
    settings = before;
    throw error;
  }
}

/** Takes in a GPU that was opened. */
export const admitGpu = (gpu: Backend): void => void opened.set("webgpu", gpu);

/** The GPU, if it is open; `standsIn`: a test's. */
export function openGpuDevice(): { readonly gpu: Backend; readonly standsIn: boolean } | null {
  const gpu = opened.get("webgpu");
  return gpu === undefined ? null : { gpu, standsIn: gpu === standIn };
}

/** Whether "auto" is to use adapters that compute on the host's processor. */
export const useSoftware = (use: boolean): void => {
  softwareAuto = use;
};

/** What has happened to the devices and stays so. */
export const deviceNotes = (): string[] => [...opened.values()].flatMap(({ notes }) => notes ?? []);

/** The names of the devices there are. */
export const devices = (): string[] => {
  const { id } = backend();
  const there = (name: string): boolean => {
    const device = name === id ? backend() : opened.get(name);
    return device !== undefined && !isMissing(device);
  };
  return [...new Set([id, "wasm", ...opened.keys()])].filter(there);
};

/** The devices there are. */
export const openDevices = (): Backend[] =>
  [...new Set([backend(), ...opened.values()])].filter((device) => !isMissing(device));

/** The device of a name. Throws DeviceError listing those that exist. */
export function deviceNamed(op: string, name: string): Backend {
  const device = name === backend().id ? backend() : opened.get(name);
  if (device !== undefined && isMissing(device)) throw new DeviceError(`${op}: ${device.id}: ${device.missing}`);
  if (device === undefined) {
    const hint = name === "webgpu" ? '; await init({ devices: ["webgpu"] }) opens it where there is an adapter' : "";
    throw new DeviceError(`${op}: there is no device ${name}; there is ${devices().join(", ")}${hint}`);
  }
  return device;
}

/** Where something runs that was asked for by name: `forced` is the one of two devices that has to compute it. */
export interface NamedPlace {
  readonly place: Place;
  readonly forced: Backend | null;
}

/** The place of a name, "auto" among them. Throws DeviceError listing the devices that exist. */
export function placeNamed(op: string, name: string): NamedPlace {
  if (name === "auto") return { place: autoPlace(), forced: null };
  const device = deviceNamed(op, name);
  const both = pair();
  return both !== null && both.has(device) ? { place: both, forced: device } : { place: device, forced: null };
}

/** The default device's name; with a name that device is the default from now on. */
export function defaultDevice(name?: string): string {
  if (name !== undefined) {
    const auto = name === "auto";
    const next = auto ? wasm() : deviceNamed("defaultDevice", name);
    if (next !== backend() || auto !== automatic) {
      flushNow();
      current = next;
      automatic = auto;
    }
  }
  return automatic ? "auto" : backend().id;
}

/** Makes another backend the default, with a GPU beside it, and returns the one before. */
export function useBackend(next: Backend | null, gpu: Backend | null = null): Backend | null {
  const before = current;
  flushNow();
  automatic = false;
  if (next === null) opened.delete("wasm");
  if (next !== null && gpu !== null) {
    opened.set("wasm", next);
    opened.set("webgpu", gpu);
  } else if (next === null && opened.get("webgpu") === standIn) opened.delete("webgpu");
  standIn = gpu;
  current = next;
  made = next !== null;
  return before;
}

// Data -----------------------------------------------------------------------------------------------------------

/** The node's data on another device, on its way there. Throws DTypeError where that has no such arrays. */
export function moveNode(op: string, node: Node, device: Backend): Node {
  const [value] = valuesOf([node]);
  return value.backend === device ? node : leaf(node.aval, moveValue(op, value, device));
}

/**
 * Makes an array on the device of a name, whatever the default is: what the host gives is put there, and what is computed
 * is computed there. Inside transformations it stays a part of what they trace.
 */
export function createOn(op: string, name: string, make: () => Node): Node {
  const auto = name === "auto";
  const device = auto ? wasm() : deviceNamed(op, name);
  const before = [backend(), automatic] as const;
  [current, automatic] = [device, auto];
  try {
    const node = make();
    if (node.scope !== null || currentScope() !== null) return node;
    return auto ? settleNode(node) : moveNode(op, node, device);
  } finally {
    [current, automatic] = before;
  }
}

/** The node with data, wherever that lies best: where it is, or where "auto" computes it; for what the host gave, there. */
export const settleNode = (node: Node): Node => {
  if (!hasData(node)) evaluateAt([node], autoPlace(), UNREAD);
  return node;
};

/** The beginning of an array whose data comes from the host in slices, or when it is used. Throws as an upload does. */
export function arrivalOn(device: Backend, of: Aval, data: ArrayBufferView): Arrival {
  expectServed("devicePut", of, device);
  return new Arrival(new Upload(device, of, data));
}

/** A leaf that holds a copy of host data. */
export function uploadLeaf(of: Aval, data: ArrayBufferView): Node {
  const node = leaf(of, uploadValue(backend(), of, data));
  noteUpload(node);
  return node;
}

/** The name of the device of a node: where its data is, or where it would be computed. */
export const deviceOf = (node: Node): string => {
  const { value } = node;
  return value !== null && !value.released ? value.backend.id : automatic ? "auto" : placeOf([node]).id;
};

/** Whether a synchronous read is possible where the node's data is, or will be. */
export const canReadNow = (node: Node): boolean =>
  opened.size < 2 ? backend().canBlock : isOnHost([node], placeOf([node]));

/** What asks for data: synchronous code that does not read it yet. */
const UNREAD: Request = { wanted: null, awaited: false };

/** Starts the evaluation of the nodes that have no data yet, as one plan. */
export function evaluateNodes(nodes: readonly Node[], request: Request = UNREAD): void {
  let pending = false;
  for (const node of nodes) pending ||= !hasData(node);
  if (pending) evaluateAt(nodes, placeOf(nodes), request);
}

/** The same for who awaits, as evaluateInSlices: what to wait for before it is asked again; null if it has begun. */
export function evaluateNodesInSlices(nodes: readonly Node[], request: Request): Promise<boolean> | null {
  let pending = false;
  for (const node of nodes) pending ||= !hasData(node);
  if (!pending) return null;
  const waitFor = evaluateInSlices(nodes, placeOf(nodes), request);
  if (waitFor === null) prune();
  return waitFor;
}

function evaluateAt(nodes: readonly Node[], place: Place, request: Request): void {
  evaluate(nodes, place, request);
  prune();
}

/** Where nodes are computed: under "auto" anywhere; else where their data is, and on the default device if they read none. */
function placeOf(nodes: readonly Node[]): Place {
  if (opened.size < 2) return backend();
  if (automatic) return autoPlace();
  const seen = new Set<Node>();
  const stack = [...nodes];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.value !== null && !node.value.released) return node.value.backend;
    stack.push(...node.operands);
  }
  return backend();
}

/** The values of nodes, evaluated if need be. */
export function valuesOf(nodes: readonly Node[], request: Request = UNREAD): Value[] {
  evaluateNodes(nodes, request);
  return nodes.map(({ value }, i) => {
    if (value === null) throw new InternalError(`${nodes[i].toString()} has no data after its evaluation`);
    return value;
  });
}

// Compiled graphs ------------------------------------------------------------------------------------------------

export type Compiled = CompiledGraph;
export const compile = (graph: Graph, { place, forced }: NamedPlace = defaultPlace()): Compiled =>
  compileGraph(graph, place, forced);

/** Where something runs that has no arrays and names no device. */
const defaultPlace = (): NamedPlace => ({ place: automatic ? autoPlace() : backend(), forced: null });

/** Where a compiled graph runs: under "auto" anywhere; else where its arrays are, and on the default device if it has none. */
export function placeOfValues(inputs: readonly (Value | number | undefined)[]): Place {
  if (automatic) return autoPlace();
  if (opened.size > 1) for (const input of inputs) if (typeof input === "object") return input.backend;
  return backend();
}
/** `values`: those of the graph's arrays, for where they lie. */
export const explainGraph = (graph: Graph, values: readonly (Value | null)[]): string =>
  explainOn(graph, defaultPlace().place, values);
export const viewGraph = (graph: Graph, values: readonly (Value | null)[]): PlanView =>
  viewCompiled(compile(graph), values);

// The flush rule -------------------------------------------------------------------------------------------------

// Handles recorded outside every scope and not evaluated yet. Its sinks become the roots of one evaluation, so that a
// loop that never reads keeps no history.
const phase = new FlushWindow();
let recorded: Node[] = [];
let pruneAt = 64;

/** Whether a node rests on others that are not computed: one operation on arrays that are there is no history. */
function hasHistory({ operands }: Node): boolean {
  for (let i = 0; i < operands.length; i++) if (!hasData(operands[i]) && operands[i].operands.length > 0) return true;
  return false;
}

/** Called for every new handle. */
export function noteHandleOf(node: Node): void {
  own(node);
  if (node.value !== null || currentScope() !== null || node.scope !== null || !hasHistory(node)) return;
  recorded.push(node);
  if (phase.add(node)) {
    flushNow();
    phase.closed();
  }
}

/** A handle ended. */
export const releaseHandle = (node: Node): void => disown(node);

/**
 * Whether no evaluation has met the node yet. What one has met and not stored was fused away: its history is bounded
 * by second touch, and evaluating it here would compute what nobody asked for.
 */
const isUnseen = (node: Node): boolean => node.value === null && node.seen === 0 && !node.idle;

/** Forgets recorded nodes that have data, so that this list keeps no array alive. Amortised: not at every read. */
function prune(): void {
  if (recorded.length > 64 && recorded.length < pruneAt) return;
  recorded = recorded.filter(isUnseen);
  pruneAt = Math.max(64, 2 * recorded.length);
  if (recorded.length === 0) phase.reset();
}

/** Evaluates what is recorded and not evaluated; returns at once. Nothing happens while a scope is open. */
function flushNow(): void {
  if (currentScope() !== null) return;
  const nodes = recorded.filter(isUnseen);
  recorded = [];
  pruneAt = 64;
  if (nodes.length === 0) return;
  const used = new Set<Node>();
  const stack = nodes.flatMap((node) => node.operands);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (used.has(node) || node.value !== null || node.id < nodes[0].id) continue;
    used.add(node);
    stack.push(...node.operands);
  }
  try {
    const sinks = nodes.filter((node) => !used.has(node));
    const place = placeOf(sinks);
    // what no memory holds is only ever read in parts
    evaluate(
      sinks.filter(({ aval }) => nbytes(aval) <= roomOf(place)),
      place,
    );
  } catch {
    // the operation that happened to fill the window is not to blame: what failed stays pending, and its reader throws
  }
}

// Test helper of lowering: graphs are lowered for the interpreter, every kernel is verified, and results come back
// as the reference's arrays. Slots are numbered here as the planner does.
import type { Backend, Buffer, Graph, Node, RefArray, RunArgs, Segment, Step } from "@weft/ir";
import { isFloat, makeGraph, roundHalf, sizeOf, verifyKernel } from "@weft/ir";
import { createInterpreter } from "../interpreter/index.ts";
import type { LoweredPlan } from "../lower/index.ts";
import { lowerGraph } from "../lower/index.ts";
import { withDerived } from "../lower/slot-sum.ts";

const VIEWS = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
const viewOf = (dtype: string) => VIEWS[dtype as keyof typeof VIEWS];

/** Closes a graph and gives its slotted nodes places in the slot table. */
export function graphOf(inputs: readonly Node[], outputs: readonly Node[]): { graph: Graph; slots: number[] } {
  const graph = makeGraph("test", inputs, outputs, 0);
  const slots: number[] = [];
  for (const node of [...graph.captures, ...graph.nodes]) {
    if (node.slots === null) continue;
    node.slotBase = slots.length;
    slots.push(...node.slots);
  }
  return { graph, slots };
}

const toBytes = (array: RefArray): Uint8Array => {
  const typed = viewOf(array.dtype).from(array.data);
  return new Uint8Array(typed.buffer, 0, typed.byteLength);
};

/** Runs a plan and returns its outputs. */
export function runPlan(
  backend: Backend,
  plan: LoweredPlan,
  operands: readonly RefArray[],
  slots: readonly number[],
): RefArray[] {
  const { segment, arenaBytes } = plan;
  const buffers: Buffer[] = operands.map((array) => {
    const bytes = toBytes(array);
    const buffer = backend.alloc(bytes.length);
    backend.upload(buffer, bytes);
    return buffer;
  });
  for (const { source } of plan.outputs)
    if (source.kind === "buffer") buffers[source.index] = backend.alloc(source.bytes);
  for (const { buffer, bytes } of plan.cached) buffers[buffer] = backend.alloc(bytes);
  if (arenaBytes > 0) buffers[segment.buffers - 1] = backend.alloc(arenaBytes);
  const all = withDerived(slots, plan.derived);
  verifySegment(
    segment,
    buffers.map(({ bytes }) => bytes),
    all,
  );
  backend.run(backend.compile(segment), { buffers, slots: all }).help();
  const bufferOf = (i: number): Buffer => {
    const { source } = plan.outputs[i];
    return source.kind === "output" ? bufferOf(source.index) : buffers[source.index];
  };
  const results = plan.outputs.map(({ node: { aval } }, i): RefArray => {
    const bytes = new Uint8Array(aval.size * viewOf(aval.dtype).BYTES_PER_ELEMENT);
    backend.readSync(bufferOf(i), bytes);
    return { dtype: aval.dtype, shape: aval.shape, data: Float64Array.from(new (viewOf(aval.dtype))(bytes.buffer)) };
  });
  for (const buffer of buffers) backend.free(buffer, 0);
  return results;
}

const ELEMENT = { bool: 1, i32: 4, u32: 4, f16: 2, f32: 4, f64: 8 } as const;

function verifySegment(segment: Segment, bytes: readonly number[], slots: RunArgs["slots"]): void {
  for (const step of segment.steps) {
    if (step.kind !== "kernel") continue;
    const dims = step.dims.map((value) =>
      typeof value === "number"
        ? value
        : value.terms.reduce((sum, { slot, coef }) => sum + coef * slots[slot], value.base),
    );
    const lengths = step.places.map(({ buffer, offset }, i) =>
      Math.floor((bytes[buffer] - offset) / ELEMENT[step.kernel.buffers[i].storage]),
    );
    verifyKernel(step.kernel, { dims, lengths });
  }
}

export interface Lowered {
  readonly plan: LoweredPlan;
  readonly slots: readonly number[];
  readonly kinds: readonly Step["kind"][];
  readonly keys: readonly string[];
  run(operands: readonly RefArray[], slots?: readonly number[]): RefArray[];
}

/** Lowers the outputs for an interpreter. */
export function lowered(
  inputs: readonly Node[],
  outputs: readonly Node[],
  backend: Backend = createInterpreter(),
): Lowered & { readonly graph: Graph } {
  const { graph, slots } = graphOf(inputs, outputs);
  const plan = lowerGraph(graph, backend);
  const { steps } = plan.segment;
  return {
    graph,
    plan,
    slots,
    kinds: steps.map(({ kind }) => kind),
    keys: steps.map((step) => (step.kind === "kernel" ? step.key : step.kind)),
    run: (operands, values = slots) => runPlan(backend, plan, operands, values),
  };
}

/** An array of pseudo-random elements that suit a dtype. */
export function randomArray(dtype: string, shape: readonly number[], seed: number): RefArray {
  const data = new Float64Array(sizeOf(shape));
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const unit = state / 4294967296;
    if (dtype === "bool") data[i] = unit < 0.5 ? 1 : 0;
    else if (dtype === "int32") data[i] = Math.floor(unit * 41) - 20;
    else if (dtype === "uint32") data[i] = Math.floor(unit * 40);
    else data[i] = dtype === "float16" ? roundHalf(unit * 4 - 2) : Math.fround(unit * 4 - 2);
  }
  return { dtype: dtype as RefArray["dtype"], shape, data };
}

/** How far results may lie from the reference: relative, scaled by the largest element; integers and bools exactly. */
export function distance(got: RefArray, want: RefArray): number {
  if (got.dtype !== want.dtype || got.data.length !== want.data.length) return Infinity;
  const exact = !isFloat(got.dtype);
  let scale = 1;
  for (const x of want.data) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
  let worst = 0;
  for (let i = 0; i < want.data.length; i++) {
    const a = got.data[i];
    const b =
      got.dtype === "float32"
        ? Math.fround(want.data[i])
        : got.dtype === "float16"
          ? roundHalf(want.data[i])
          : want.data[i];
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    worst = Math.max(worst, exact || !Number.isFinite(a) || !Number.isFinite(b) ? Infinity : Math.abs(a - b) / scale);
  }
  return worst;
}

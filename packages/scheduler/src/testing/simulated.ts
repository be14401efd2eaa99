// A device for tests of evaluation: it runs a whole plan graph with the float64 reference of ir, when it is told to,
// and fails when it is told to. Its lowering knows nothing of kernels. Memory is checked: a buffer that is freed
// twice, or read after it was freed, throws.
import type {
  Backend,
  Buffer,
  Graph,
  Node,
  Parts,
  Program,
  RefArray,
  RunArgs,
  Segment,
  Step,
  Ticket,
  WeftError,
} from "@weft/ir";
import {
  bytesOf,
  DeviceError,
  evaluateNode,
  InternalError,
  nbytes,
  OutOfMemoryError,
  paramsOf,
  refArray,
  rowOf,
} from "@weft/ir";
import type { Lower, LoweredPlan } from "../lowered.ts";

type Typed = Float16Array | Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

function typed(dtype: string, bytes: Uint8Array, size: number): Typed {
  const { buffer } = bytes;
  switch (dtype) {
    case "float16":
      return new Float16Array(buffer, 0, size);
    case "float32":
      return new Float32Array(buffer, 0, size);
    case "float64":
      return new Float64Array(buffer, 0, size);
    case "int32":
      return new Int32Array(buffer, 0, size);
    case "uint32":
      return new Uint32Array(buffer, 0, size);
    default:
      return new Uint8Array(buffer, 0, size);
  }
}

class SimulatedBuffer implements Buffer {
  readonly bytes: number;
  readonly data: Uint8Array;
  freed = false;
  constructor(bytes: number) {
    this.bytes = bytes;
    this.data = new Uint8Array(Math.ceil(bytes / 8) * 8);
  }
}

class SimulatedTicket implements Ticket {
  readonly seq: number;
  readonly program: Program;
  state: Ticket["state"] = "queued";
  error?: WeftError;
  private readonly work: () => void;
  constructor(seq: number, program: Program, work: () => void) {
    this.seq = seq;
    this.program = program;
    this.work = work;
  }
  finish(error?: WeftError): void {
    if (this.state === "done" || this.state === "failed") return;
    if (error !== undefined) {
      this.state = "failed";
      this.error = error;
      return;
    }
    this.work();
    this.state = "done";
  }
  async wait(): Promise<void> {
    this.help();
  }
  help(): void {
    this.finish();
    if (this.error !== undefined) throw this.error;
  }
}

const graphs = new WeakMap<Segment, { graph: Graph; stored: readonly Node[] }>();

/** Lowers a graph to one segment that the simulated device runs as a whole. */
export const lowerForSimulation: Lower = function* (graph, _backend, { cacheable }): Parts<LoweredPlan> {
  const stored: Node[] = [];
  const inputs = graph.inputs.length;
  const outputs: LoweredPlan["outputs"][number][] = [];
  graph.outputs.forEach((node, i) => {
    const first = graph.outputs.indexOf(node);
    const input = graph.inputs.indexOf(node);
    if (input >= 0) outputs.push({ node, source: { kind: "input", index: input } });
    else if (first < i) outputs.push({ node, source: { kind: "output", index: first } });
    else
      outputs.push({
        node,
        source: { kind: "buffer", index: inputs + stored.push(node) - 1, bytes: nbytes(node.aval) },
      });
  });
  const cached: LoweredPlan["cached"][number][] = [];
  for (const node of cacheable) {
    const { family } = rowOf(node.prim);
    if (family === "contraction" || family === "reduction")
      cached.push({ node, buffer: inputs + stored.push(node) - 1, bytes: nbytes(node.aval) });
  }
  const arenaBytes = stored.length > 1 ? 64 : 0;
  const place = { buffer: 0, offset: 0 };
  const steps: Step[] =
    graph.nodes.length === 0 && stored.length === 0
      ? []
      : graph.nodes.map(() => ({ kind: "copy", from: place, to: place, bytes: 0 }));
  const slots = graph.nodes.reduce(
    (most, node) => (node.slots === null ? most : Math.max(most, node.slotBase + node.slots.length)),
    0,
  );
  const segment: Segment = { steps, buffers: inputs + stored.length + (arenaBytes > 0 ? 1 : 0), slots };
  graphs.set(segment, { graph, stored });
  yield;
  return { segment, inputs, derived: { first: slots, sums: [] }, arenaBytes, outputs, cached, groups: [] };
};

/** What a simulated device can be told. */
export interface SimulatedBackend extends Backend {
  /** Runs stay queued until they are waited for, or until `settle`. */
  lazy: boolean;
  /** Finishes all queued runs, or fails them. */
  settle(error?: WeftError): void;
  /** Sequence numbers that buffers were freed after. */
  readonly frees: { readonly bytes: number; readonly afterSeq: number }[];
  /** A buffer with these elements. */
  make(dtype: string, data: readonly number[]): Buffer;
  /** The elements of a buffer. */
  elements(buffer: Buffer, dtype: string, size: number): number[];
}

/** A device that computes on the calling thread. `totalBytes` bounds its memory. */
export function createSimulatedBackend(totalBytes = 2 ** 30): SimulatedBackend {
  let seq = 0;
  let live = 0;
  let programs = 0;
  const disposed = new Set<Program>();
  const queued: SimulatedTicket[] = [];
  const frees: { bytes: number; afterSeq: number }[] = [];

  const check = (buffer: Buffer): SimulatedBuffer => {
    const own = buffer as SimulatedBuffer;
    if (own.freed) throw new InternalError("simulated device: a freed buffer is used");
    return own;
  };
  const runGraph = (segment: Segment, { buffers, slots }: RunArgs): void => {
    const found = graphs.get(segment);
    if (found === undefined) throw new InternalError("simulated device: unknown segment");
    const { graph, stored } = found;
    const env = new Map<Node, readonly RefArray[]>();
    graph.inputs.forEach((node, i) => {
      const { dtype, shape, size } = node.aval;
      env.set(node, [
        refArray(dtype, shape, Float64Array.from(typed(dtype, (buffers[i] as SimulatedBuffer).data, size))),
      ]);
    });
    const get = (node: Node): readonly RefArray[] => {
      const value = env.get(node);
      if (value === undefined) throw new InternalError(`simulated device: ${node.toString()} is not computed`);
      return value;
    };
    for (const node of graph.nodes) {
      if (node.prim === "proj") env.set(node, [get(node.operands[0])[paramsOf(node, "proj").index]]);
      else {
        if (node.slots !== null && node.slotBase < 0)
          throw new InternalError(`simulated device: ${node.toString()} has no place in the slot table`);
        const values = node.slots === null ? null : node.slots.map((_, i) => slots[node.slotBase + i]);
        // the reference reads a node's own slots; this one has those of the run
        const { prim, params, aval, outs } = node;
        const bound = { prim, params, aval, outs, slots: values } as unknown as Node;
        env.set(
          node,
          evaluateNode(
            bound,
            node.operands.map((operand) => get(operand)[0]),
          ),
        );
      }
    }
    stored.forEach((node, i) => {
      const { dtype, size } = node.aval;
      typed(dtype, (buffers[graph.inputs.length + i] as SimulatedBuffer).data, size).set(get(node)[0].data);
    });
  };

  const backend: SimulatedBackend = {
    id: "simulated",
    kind: "cpu",
    fingerprint: "simulated",
    threads: 1,
    canBlock: true,
    limits: { bufferBytes: totalBytes, totalBytes },
    lazy: false,
    frees,
    serves: () => true,
    supports: () => false,
    gemmBytes: () => 0,
    alloc(bytes) {
      if (live + bytes > totalBytes) throw new OutOfMemoryError(`simulated device: ${bytes} bytes`);
      live += bytes;
      return new SimulatedBuffer(bytes);
    },
    free(buffer, afterSeq) {
      check(buffer).freed = true;
      live -= buffer.bytes;
      frees.push({ bytes: buffer.bytes, afterSeq });
    },
    upload(buffer, data, at = 0) {
      check(buffer).data.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    },
    async read(buffer, into) {
      backend.readSync(buffer, into);
    },
    readSync(buffer, into) {
      into.set(check(buffer).data.subarray(0, into.length));
    },
    compile(segment): Program {
      programs++;
      const program: Program = {
        segment,
        dispose() {
          if (disposed.has(program)) throw new InternalError("simulated device: a program is disposed of twice");
          if (queued.some((ticket) => ticket.program === program && ticket.state === "queued"))
            throw new InternalError("simulated device: a program with a queued run is disposed of");
          disposed.add(program);
        },
      };
      return program;
    },
    run(program, args) {
      if (disposed.has(program)) throw new InternalError("simulated device: a program that is disposed of is run");
      args.buffers.forEach(check);
      if (args.buffers.length !== program.segment.buffers)
        throw new DeviceError(`simulated device: ${args.buffers.length} buffers for ${program.segment.buffers}`);
      if (args.slots.length !== program.segment.slots)
        throw new DeviceError(`simulated device: ${args.slots.length} slots for ${program.segment.slots}`);
      const ticket = new SimulatedTicket(++seq, program, () => runGraph(program.segment, args));
      if (backend.lazy) queued.push(ticket);
      else ticket.finish();
      return ticket;
    },
    memory: () => ({ live, cached: 0, reserved: live }),
    counters: () => ({ programs, disposed: disposed.size }),
    settle(error) {
      for (const ticket of queued.splice(0)) ticket.finish(error);
    },
    make(dtype, data) {
      const buffer = backend.alloc(data.length * bytesOf(dtype as Parameters<typeof bytesOf>[0])) as SimulatedBuffer;
      typed(dtype, buffer.data, data.length).set(data);
      return buffer;
    },
    elements: (buffer, dtype, size) => Array.from(typed(dtype, check(buffer).data, size)),
    trace: () => undefined,
    close: async () => undefined,
  };
  return backend;
}

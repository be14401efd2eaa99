// Plans of closed graphs: the fast path of jitted calls. The plan is made once, the graph's own slots are constants
// of it, and a call builds no nodes: it binds values, runs, and returns values.
import type { Backend, Graph, Value } from "@weft/ir";
import { InternalError, isNumberKind, makeGraph, Node, NO_PARAMS, placeholder, proj, record } from "@weft/ir";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import type { Executable } from "./execute.ts";
import { collectOutputs, execute } from "./execute.ts";
import { lowerPlan } from "./plan.ts";
import { Poisoned } from "./storage.ts";

/** A closed graph that is ready to run on a device. */
export interface CompiledGraph {
  readonly source: Graph;
  readonly backend: Backend;
  /** The simplified graph, for explain. */
  readonly graph: Graph;
  readonly executable: Executable;
  /**
   * One value an output. A number for every input of kind number, a value for every other. Throws OutOfMemoryError,
   * DeviceError and DisposedError; a failed input gives failed outputs.
   */
  run(inputs: readonly (Value | number)[], captures: readonly Value[]): Value[];
  /** Resolves when the device has compiled its code; rejects with DeviceError where that fails. */
  ready(): Promise<void>;
}

class Compiled implements CompiledGraph {
  readonly source: Graph;
  readonly backend: Backend;
  readonly graph: Graph;
  readonly executable: Executable;
  private readonly device: Device;
  /** The slot of each input of kind number, or −1. */
  private readonly slotOf: readonly number[];
  private readonly numbers: number;
  private readonly slots: number[];
  private readonly arity: number;

  constructor(source: Graph, device: Device) {
    this.source = source;
    this.backend = device.backend;
    this.device = device;
    let numbers = 0;
    const slotOf: number[] = [];
    const inputs: Node[] = [];
    const operands = [...source.inputs, ...source.captures].map((formal, i) => {
      if (!isNumberKind(formal.aval)) {
        slotOf.push(-1);
        const input = placeholder(formal.aval, String(i), null);
        inputs.push(input);
        return input;
      }
      if (i >= source.inputs.length) throw new InternalError(`${source.name}: capture ${i - source.inputs.length} is of kind number`);
      const scalar = new Node("scalar", NO_PARAMS, [], [0], [formal.aval], null);
      scalar.slotBase = numbers;
      slotOf.push(numbers++);
      return scalar;
    });
    const call = record("call", { graph: source, name: source.name }, operands);
    const cloned = makeGraph(source.name, inputs, source.outputs.map((_, i) => proj(call, i)), 0);
    const { executable, graph, fixed } = lowerPlan(device, cloned, 0, numbers);
    this.executable = executable;
    this.graph = graph;
    this.slotOf = slotOf;
    this.numbers = numbers;
    this.arity = inputs.length;
    // a plan may not need the last slots
    this.slots = [...new Array<number>(numbers).fill(0), ...fixed].slice(0, executable.lowered.segment.slots);
  }

  run(inputs: readonly (Value | number)[], captures: readonly Value[]): Value[] {
    const { slotOf, executable } = this;
    if (inputs.length + captures.length !== slotOf.length) {
      throw new InternalError(`${this.source.name}: takes ${this.source.inputs.length} inputs and ${this.source.captures.length} captures, got ${inputs.length} and ${captures.length}`);
    }
    // a run may still read the table of the call before: only one without numbers is shared
    const slots = this.numbers === 0 ? this.slots : this.slots.slice();
    const values = new Array<Value>(this.arity);
    let bound = 0;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (typeof input === "number" ? slotOf[i] < 0 : slotOf[i] >= 0) throw new InternalError(`${this.source.name}: input ${i} is ${typeof input === "number" ? "a number" : "an array"}, which it was not when it was traced`);
      if (typeof input === "number") {
        if (slotOf[i] < slots.length) slots[slotOf[i]] = input;
      } else values[bound++] = input;
    }
    for (let i = 0; i < captures.length; i++) values[bound++] = captures[i];
    const execution = execute(executable, values, slots);
    const { failed } = execution;
    if (failed !== null) return this.source.outputs.map(({ aval }) => new Poisoned(this.backend, aval, failed));
    return collectOutputs(executable, execution, values);
  }

  async ready(): Promise<void> {
    await this.executable.program?.ready?.();
  }
}

/**
 * Plans and compiles a closed graph.
 * @example const [y] = compileGraph(graph, backend).run([x], []);
 */
export function compileGraph(graph: Graph, backend: Backend): CompiledGraph {
  const device = deviceFor(backend);
  device.counters.compiledGraphs++;
  return new Compiled(graph, device);
}

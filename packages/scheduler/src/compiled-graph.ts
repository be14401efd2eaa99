// Plans of closed graphs: the fast path of jitted calls. The plan is made once, or again when it had to go, the graph's own
// slots are constants of it, and a call builds no nodes: it binds values, runs, and returns values. On two devices there
// is a plan for each way in which a call's arrays lie.
import type { Backend, Graph, Value } from "@weft/ir";
import { InternalError, isNumberKind, makeGraph, Node, NO_PARAMS, placeholder, proj, record } from "@weft/ir";
import type { CompiledPlans, GoingPlan } from "./compiled-plans.ts";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import type { Place } from "./evaluate.ts";
import { Pair } from "./hybrid/pair.ts";
import type { Decision } from "./hybrid/plan.ts";
import type { Side } from "./hybrid/problem.ts";
import { CPU } from "./hybrid/problem.ts";
import type { PlanTarget } from "./plan.ts";
import { lowerPlan } from "./plan.ts";
import type { Runnable } from "./results.ts";
import { readyOf, runPlan, scalarsOf } from "./results.ts";

/** A closed graph that is ready to run on a device, or on two. */
export interface CompiledGraph {
  readonly source: Graph;
  readonly place: Place;
  /** The device that is asked to compute everything, where two are at hand. */
  readonly forced: Backend | null;
  /**
   * One value an output. A number for every input of kind number, a value for every other. Throws OutOfMemoryError,
   * DeviceError and DisposedError; a failed input gives failed outputs.
   */
  run(inputs: readonly (Value | number)[], captures: readonly Value[]): readonly Value[];
  /** The plan for arrays (inputs, then captures) that lie like these; null: where they are wanted, or on the processor. */
  planFor(values: readonly (Value | null)[]): CompiledPlan;
  /** Resolves when the devices have compiled the code of that plan; rejects with DeviceError where that fails. */
  ready(values: readonly (Value | null)[]): Promise<void>;
  /** Gives back what devices hold for it; a later run plans anew. */
  dispose(): void;
}

/** One plan of a compiled graph. */
export interface CompiledPlan {
  readonly runnable: Runnable;
  readonly decision: Decision | null;
  /** The simplified graph, for explain. */
  readonly graph: Graph;
}

class Compiled implements CompiledPlan, GoingPlan {
  readonly graph: Graph;
  readonly runnable: Runnable;
  readonly decision: Decision | null;
  lastUsed = 0;
  gone = false;
  private readonly name: string;
  /** The slot of each input of kind number, or −1. */
  private readonly slotOf: readonly number[];
  private readonly numbers: number;
  private readonly slots: number[];
  private readonly arity: number;

  constructor(source: Graph, target: PlanTarget) {
    this.name = source.name;
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
      if (i >= source.inputs.length)
        throw new InternalError(`${source.name}: capture ${i - source.inputs.length} is of kind number`);
      const scalar = new Node("scalar", NO_PARAMS, [], [0], [formal.aval], null);
      scalar.slotBase = numbers;
      slotOf.push(numbers++);
      return scalar;
    });
    const call = record("call", { graph: source, name: source.name }, operands);
    const cloned = makeGraph(
      source.name,
      inputs,
      source.outputs.map((_, i) => proj(call, i)),
      0,
    );
    const { runnable, decision, graph, fixed } = lowerPlan(target, cloned, 0, numbers);
    this.runnable = runnable;
    this.decision = decision;
    this.graph = graph;
    this.slotOf = slotOf;
    this.numbers = numbers;
    this.arity = inputs.length;
    // a plan may not need the last slots
    this.slots = [...new Array<number>(numbers).fill(0), ...fixed].slice(0, scalarsOf(runnable));
  }

  run(inputs: readonly (Value | number)[], captures: readonly Value[]): readonly Value[] {
    const { slotOf } = this;
    if (inputs.length + captures.length !== slotOf.length) {
      throw new InternalError(
        `${this.name}: takes ${slotOf.length} inputs and captures, got ${inputs.length} and ${captures.length}`,
      );
    }
    // a run may still read the table of the call before: only one without numbers is shared
    const slots = this.numbers === 0 ? this.slots : this.slots.slice();
    const values = new Array<Value>(this.arity);
    let bound = 0;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (typeof input === "number" ? slotOf[i] < 0 : slotOf[i] >= 0)
        throw new InternalError(
          `${this.name}: input ${i} is ${typeof input === "number" ? "a number" : "an array"}, which it was not when it was traced`,
        );
      if (typeof input === "number") {
        if (slotOf[i] < slots.length) slots[slotOf[i]] = input;
      } else values[bound++] = input;
    }
    for (let i = 0; i < captures.length; i++) values[bound++] = captures[i];
    return runPlan(this.runnable, values, slots).outputs;
  }
}

/** On one device. */
class CompiledOnDevice implements CompiledGraph {
  readonly source: Graph;
  readonly place: Backend;
  readonly forced = null;
  private readonly device: Device;
  private plan: Compiled;

  constructor(source: Graph, device: Device) {
    this.source = source;
    this.place = device.backend;
    this.device = device;
    this.plan = this.make();
  }

  private make(): Compiled {
    const plan = new Compiled(this.source, this.device);
    this.device.compiled.add(plan, this);
    return plan;
  }

  run(inputs: readonly (Value | number)[], captures: readonly Value[]): readonly Value[] {
    return this.planFor().run(inputs, captures);
  }

  planFor(): Compiled {
    if (this.plan.gone) this.plan = this.make();
    else this.device.compiled.use(this.plan);
    return this.plan;
  }

  async ready(): Promise<void> {
    await readyOf(this.planFor().runnable);
  }

  dispose(): void {
    this.device.compiled.drop(this.plan);
  }
}

/** On two: a plan for each way in which arrays lie. */
class CompiledOnPair implements CompiledGraph {
  readonly source: Graph;
  readonly place: Pair;
  readonly forced: Backend | null;
  private readonly plans = new Map<string, Compiled>();
  /** Where the arrays of the last call lay, and its plan: most calls are like the one before. */
  private homes: readonly Side[] = [];
  private latest: Compiled | null = null;

  constructor(source: Graph, pair: Pair, forced: Backend | null) {
    this.source = source;
    this.place = pair;
    this.forced = forced;
  }

  private get all(): CompiledPlans {
    return this.place.compiled;
  }

  private compiled(homes: readonly Side[]): Compiled {
    const key = homes.join("");
    let plan = this.plans.get(key);
    if (plan === undefined || plan.gone) {
      const { place: pair, forced } = this;
      plan = new Compiled(this.source, {
        pair,
        request: { homes, wanted: null, forced: forced === null ? null : pair.sideOf(forced) },
      });
      this.plans.set(key, plan);
      this.all.add(plan, this);
    } else this.all.use(plan);
    return plan;
  }

  run(inputs: readonly (Value | number)[], captures: readonly Value[]): readonly Value[] {
    const { place: pair, latest } = this;
    const homes: Side[] = [];
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (typeof input !== "number") homes.push(pair.sideOf(input.backend));
    }
    for (let i = 0; i < captures.length; i++) homes.push(pair.sideOf(captures[i].backend));
    let same = latest !== null && !latest.gone && homes.length === this.homes.length;
    for (let i = 0; same && i < homes.length; i++) same = homes[i] === this.homes[i];
    if (same && latest !== null) {
      this.all.use(latest);
      return latest.run(inputs, captures);
    }
    this.homes = homes;
    this.latest = this.compiled(homes);
    return this.latest.run(inputs, captures);
  }

  planFor(values: readonly (Value | null)[]): CompiledPlan {
    const arrays = [...this.source.inputs, ...this.source.captures].filter(({ aval }) => !isNumberKind(aval));
    return this.compiled(arrays.map((_, i) => this.sideOf(values[i] ?? null)));
  }

  private sideOf(value: Value | null): Side {
    return value === null
      ? this.forced === null
        ? CPU
        : this.place.sideOf(this.forced)
      : this.place.sideOf(value.backend);
  }

  async ready(values: readonly (Value | null)[]): Promise<void> {
    await readyOf(this.planFor(values).runnable);
  }

  dispose(): void {
    for (const plan of this.plans.values()) this.all.drop(plan);
    this.plans.clear();
  }
}

/**
 * Plans and compiles a closed graph. On a pair of devices plans are made when a call shows where its arrays lie;
 * `forced` names the one of them that is to compute everything, whatever has to be sent there.
 * @example const [y] = compileGraph(graph, backend).run([x], []);
 */
export function compileGraph(graph: Graph, place: Place, forced: Backend | null = null): CompiledGraph {
  if (place instanceof Pair) {
    place.counters.compiledGraphs++;
    return new CompiledOnPair(graph, place, forced);
  }
  const device = deviceFor(place);
  device.counters.compiledGraphs++;
  return new CompiledOnDevice(graph, device);
}

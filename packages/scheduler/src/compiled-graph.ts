// Plans of closed graphs: the fast path of jitted calls. The plan is made once, or again when it had to go, the graph's own
// slots are constants of it, and a call builds no nodes: it binds values, runs, and returns values. On two devices there
// is a plan for each way in which a call's arrays lie.
import type { Backend, Graph, Parts, Value } from "@weft/ir";
import { InternalError, isNumberKind, makeGraph, Node, NO_PARAMS, placeholder, proj, record } from "@weft/ir";
import type { CompiledPlans, GoingPlan } from "./compiled-plans.ts";
import type { Device } from "./device.ts";
import { deviceFor } from "./device.ts";
import type { Place } from "./evaluate.ts";
import { Pair } from "./hybrid/pair.ts";
import type { Decision } from "./hybrid/plan.ts";
import type { Side } from "./hybrid/problem.ts";
import { CPU } from "./hybrid/problem.ts";
import type { PlannedGraph, PlanTarget } from "./plan.ts";
import { lowerPlan } from "./plan.ts";
import type { Runnable } from "./results.ts";
import { readyOf, runPlan, scalarsOf } from "./results.ts";
import { Undertaking } from "./undertaking.ts";

/** A closed graph that runs on a device, or on two. Planned when it is first run, or in slices by who awaits `ready`. */
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
  /**
   * Makes that plan in slices between which the event loop runs, and resolves when the devices have compiled its code;
   * rejects with DeviceError where that fails.
   */
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

  constructor(source: Graph, { runnable, decision, graph, fixed }: PlannedGraph, { slotOf, numbers, arity }: Formals) {
    this.name = source.name;
    this.runnable = runnable;
    this.decision = decision;
    this.graph = graph;
    this.slotOf = slotOf;
    this.numbers = numbers;
    this.arity = arity;
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

/** What a call binds: slots, and arrays. */
interface Formals {
  /** The slot of each input of kind number, or −1. */
  readonly slotOf: readonly number[];
  readonly numbers: number;
  readonly arity: number;
}

/** Plans and compiles a closed graph. */
function* compiledFor(source: Graph, target: PlanTarget): Parts<Compiled> {
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
  return new Compiled(source, yield* lowerPlan(target, cloned, 0, numbers), { slotOf, numbers, arity: inputs.length });
}

/** On one device. */
class CompiledOnDevice implements CompiledGraph {
  readonly source: Graph;
  readonly place: Backend;
  readonly forced = null;
  private readonly device: Device;
  private plan: Compiled | null = null;
  /** The plan while it is made for those who await it. */
  private making: Undertaking<Compiled> | null = null;

  constructor(source: Graph, device: Device) {
    this.source = source;
    this.place = device.backend;
    this.device = device;
  }

  private begin(): Undertaking<Compiled> {
    return (this.making ??= new Undertaking(compiledFor(this.source, this.device)));
  }

  run(inputs: readonly (Value | number)[], captures: readonly Value[]): readonly Value[] {
    return this.planFor().run(inputs, captures);
  }

  planFor(): Compiled {
    let { plan } = this;
    if (plan === null || plan.gone) {
      const making = this.begin();
      this.making = null;
      this.plan = plan = making.now();
      this.device.compiled.add(plan, this);
    } else this.device.compiled.use(plan);
    return plan;
  }

  async ready(): Promise<void> {
    // what fails is thrown by whoever asks for the plan
    if (this.plan === null || this.plan.gone)
      await this.begin()
        .later()
        .catch(() => undefined);
    await readyOf(this.planFor().runnable);
  }

  dispose(): void {
    if (this.plan !== null) this.device.compiled.drop(this.plan);
  }
}

/** On two: a plan for each way in which arrays lie. */
class CompiledOnPair implements CompiledGraph {
  readonly source: Graph;
  readonly place: Pair;
  readonly forced: Backend | null;
  private readonly plans = new Map<string, Compiled>();
  /** Plans while they are made for those who await them. */
  private readonly making = new Map<string, Undertaking<Compiled>>();
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
      const making = this.begin(key, homes);
      this.making.delete(key);
      plan = making.now();
      this.plans.set(key, plan);
      this.all.add(plan, this);
    } else this.all.use(plan);
    return plan;
  }

  private begin(key: string, homes: readonly Side[]): Undertaking<Compiled> {
    let making = this.making.get(key);
    if (making === undefined) {
      const { place: pair, forced } = this;
      const request = { homes, wanted: null, forced: forced === null ? null : pair.sideOf(forced) };
      making = new Undertaking(compiledFor(this.source, { pair, request }));
      this.making.set(key, making);
    }
    return making;
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
    return this.compiled(this.homesOf(values));
  }

  private homesOf(values: readonly (Value | null)[]): Side[] {
    const arrays = [...this.source.inputs, ...this.source.captures].filter(({ aval }) => !isNumberKind(aval));
    return arrays.map((_, i) => this.sideOf(values[i] ?? null));
  }

  private sideOf(value: Value | null): Side {
    return value === null
      ? this.forced === null
        ? CPU
        : this.place.sideOf(this.forced)
      : this.place.sideOf(value.backend);
  }

  async ready(values: readonly (Value | null)[]): Promise<void> {
    const homes = this.homesOf(values);
    const key = homes.join("");
    const plan = this.plans.get(key);
    // what fails is thrown by whoever asks for the plan
    if (plan === undefined || plan.gone)
      await this.begin(key, homes)
        .later()
        .catch(() => undefined);
    await readyOf(this.compiled(homes).runnable);
  }

  dispose(): void {
    for (const plan of this.plans.values()) this.all.drop(plan);
    this.plans.clear();
  }
}

/**
 * A closed graph that can be run. Its plan is made when it is needed; on a pair of devices there is one for each way in
 * which a call's arrays lie, and `forced` names the one of them that is to compute everything, whatever has to be sent there.
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

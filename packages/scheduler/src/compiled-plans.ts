// Plans of jitted functions, least recently used first out. Who called a function last is known without the collector, so
// functions that are made and dropped in a loop take no more than so many plans though no finalizer runs. A function
// whose plan went plans anew when it is called again. Knows no graphs: those live as long as their functions.
import { finalizer } from "@weft/ir";
import type { PlanCache } from "./plan-cache.ts";
import type { Runnable } from "./results.ts";

/** A plan that can go. It must not hold the function it is for. */
export interface GoingPlan {
  readonly runnable: Runnable;
  lastUsed: number;
  gone: boolean;
}

export class CompiledPlans {
  private readonly capacity: number;
  private readonly plans: PlanCache;
  private readonly kept = new Set<GoingPlan>();
  private clock = 0;
  private readonly collected = finalizer<GoingPlan>((plan) => this.drop(plan));

  /** `plans` disposes of what goes, once no run of it is in flight. */
  constructor(capacity: number, plans: PlanCache) {
    this.capacity = capacity;
    this.plans = plans;
  }

  get size(): number {
    return this.kept.size;
  }

  /** Takes in the plan of `owner`; it goes with it at the latest. */
  add(plan: GoingPlan, owner: object): void {
    this.kept.add(plan);
    this.collected.register(owner, plan, plan);
    this.use(plan);
    if (this.kept.size <= this.capacity) return;
    // a scan, because plans are used far more often than they are made
    let oldest = plan;
    for (const other of this.kept) if (other.lastUsed < oldest.lastUsed) oldest = other;
    this.drop(oldest);
  }

  use(plan: GoingPlan): void {
    plan.lastUsed = ++this.clock;
  }

  drop(plan: GoingPlan): void {
    if (plan.gone) return;
    plan.gone = true;
    this.kept.delete(plan);
    this.collected.unregister(plan);
    this.plans.retire(plan.runnable);
  }
}

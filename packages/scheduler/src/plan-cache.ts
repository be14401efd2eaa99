// Plans by their key (SEMANTICS 3.2): a 32-bit hash finds candidates, the whole key decides. Least recently used
// plans go first, and their programs are disposed of once no run of them is in flight.
import type { KeyWriter } from "@weft/ir";
import type { Plan } from "./plan.ts";
import type { Runnable } from "./results.ts";
import { disposePlan, isRunning } from "./results.ts";
import { Storms } from "./storms.ts";

export class PlanCache {
  size = 0;
  evictions = 0;
  private readonly capacity: number;
  private readonly byHash = new Map<number, Plan>();
  readonly storms = new Storms();
  private clock = 0;
  private latest: Plan | null = null;
  /** Plans that are out but have a run in flight. */
  private leaving: Runnable[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The plan found or made last, if it has this key: a loop needs no hash. */
  findLatest(key: KeyWriter): Plan | null {
    const { latest } = this;
    return latest !== null && key.equals(latest.key) ? this.use(latest) : null;
  }

  find(key: KeyWriter, hash: number): Plan | null {
    let plan = this.byHash.get(hash) ?? null;
    while (plan !== null && !key.equals(plan.key)) plan = plan.next;
    return plan === null ? null : this.use(plan);
  }

  private use(plan: Plan): Plan {
    plan.hits++;
    plan.lastUsed = ++this.clock;
    this.latest = plan;
    return plan;
  }

  insert(plan: Plan): void {
    plan.lastUsed = ++this.clock;
    this.latest = plan;
    plan.next = this.byHash.get(plan.hash) ?? null;
    this.byHash.set(plan.hash, plan);
    this.size++;
    if (this.size > this.capacity) this.evictOldest();
    else if (this.leaving.length > 0) this.disposeIdle();
  }

  /** Every plan, in no particular order. */
  *all(): Iterable<Plan> {
    for (const first of this.byHash.values())
      for (let plan: Plan | null = first; plan !== null; plan = plan.next) yield plan;
  }

  clear(): void {
    for (const { runnable } of this.all()) this.leaving.push(runnable);
    this.disposeIdle();
    this.latest = null;
    this.byHash.clear();
    this.storms.clear();
    this.size = 0;
  }

  // a scan, because plans are made far more often than they are evicted
  private evictOldest(): void {
    let oldest: Plan | null = null;
    for (const plan of this.all()) if (oldest === null || plan.lastUsed < oldest.lastUsed) oldest = plan;
    if (oldest === null) return;
    const first = this.byHash.get(oldest.hash) as Plan;
    if (first === oldest) {
      if (oldest.next === null) this.byHash.delete(oldest.hash);
      else this.byHash.set(oldest.hash, oldest.next);
    } else {
      let before = first;
      while (before.next !== oldest) before = before.next as Plan;
      before.next = oldest.next;
    }
    this.size--;
    this.evictions++;
    this.retire(oldest.runnable);
  }

  /** Disposes of a plan that nothing will run any more, once no run of it is in flight. */
  retire(runnable: Runnable): void {
    this.leaving.push(runnable);
    this.disposeIdle();
  }

  private disposeIdle(): void {
    this.leaving = this.leaving.filter((runnable) => {
      if (isRunning(runnable)) return true;
      disposePlan(runnable);
      return false;
    });
  }
}

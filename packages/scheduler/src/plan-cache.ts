// Plans by their key (SEMANTICS 3.2): a 32-bit hash finds candidates, the whole key decides. Least recently used
// plans go first, and their programs are disposed of once no run of them is in flight. Counts programs that differ in sizes alone and says so once, because each of them costs a plan.
import type { KeyWriter } from "@weft/ir";
import type { Plan } from "./plan.ts";
import { disposePlan, isRunning } from "./results.ts";
import { MAX_STORM_KEYS, STORM_PLANS } from "./limits.ts";

let warn: (message: string) => void = () => undefined;

/** Where warnings go: the host's log. */
export function onWarning(listener: (message: string) => void): void {
  warn = listener;
}

export class PlanCache {
  size = 0;
  evictions = 0;
  private readonly capacity: number;
  private readonly byHash = new Map<number, Plan>();
  /** Plans made for each size-erased program; −1 once its warning is out. */
  private readonly storms = new Map<number, number>();
  private clock = 0;
  private latest: Plan | null = null;
  /** Plans that are out but have a run in flight. */
  private leaving: Plan[] = [];

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
    this.leaving.push(...this.all());
    this.disposeIdle();
    this.latest = null;
    this.byHash.clear();
    this.storms.clear();
    this.size = 0;
  }

  /** Counts a new plan of the program whose hash without sizes is `erased`; warns at the limit, once. */
  countStorm(erased: number, name: string): void {
    const made = this.storms.get(erased) ?? 0;
    if (made < 0) return;
    if (made + 1 >= STORM_PLANS) {
      this.storms.set(erased, -1);
      warn(
        `weft: ${STORM_PLANS} plans were made for ${name} that differ only in sizes. Each new shape costs planning; pad to a few fixed sizes, ` +
          "or pass what varies as an array or a slice start.",
      );
      return;
    }
    if (this.storms.size >= MAX_STORM_KEYS) this.storms.clear();
    this.storms.set(erased, made + 1);
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
    this.leaving.push(oldest);
    this.disposeIdle();
  }

  private disposeIdle(): void {
    this.leaving = this.leaving.filter(({ runnable }) => {
      if (isRunning(runnable)) return true;
      disposePlan(runnable);
      return false;
    });
  }
}

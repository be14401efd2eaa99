// Runs the checks of cases and says how each went, and what of due.json and decided.json is out of date. Needs no test runner.
import type { Case } from "./cases.ts";
import { checksOf } from "./checks.ts";
import { DUE } from "./due-cases.ts";

/** How a check of a case went. */
export interface Outcome {
  readonly id: string;
  /** The check of all cases of the function that a list may have in one: "np.sum | error name". */
  readonly group: string;
  readonly failure: string | null;
}

/** Runs every check of a case. */
export async function outcomesOf(one: Case): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { id, kind, run } of checksOf(one)) {
    let failure: string | null = null;
    try {
      await run();
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    outcomes.push({ id, group: `${one.fn} | ${kind}`, failure });
  }
  return outcomes;
}

/** Names in the lists, of checks or groups, that have no failure behind them any more. */
export function overdue(outcomes: readonly Outcome[], listed: ReadonlyMap<string, string> = DUE): readonly string[] {
  const open = new Map<string, boolean>();
  for (const { id, group, failure } of outcomes)
    for (const name of [id, group]) if (listed.has(name)) open.set(name, (open.get(name) ?? false) || failure !== null);
  return [...open].filter(([, failing]) => !failing).map(([name]) => name);
}

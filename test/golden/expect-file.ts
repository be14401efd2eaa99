// Runs the cases of a file as tests, one a function: every check must pass but for those that due.json and decided.json
// list, and these must fail.
import { describe, it } from "vitest";
import type { Case, File } from "./cases.ts";
import { casesOf } from "./cases.ts";
import { DUE } from "./due-cases.ts";
import type { Outcome } from "./outcomes.ts";
import { outcomesOf, overdue } from "./outcomes.ts";

const LISTED = 12;

async function expectCases(cases: readonly Case[]): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const one of cases) outcomes.push(...(await outcomesOf(one)));
  const failing = outcomes.filter(({ id, group, failure }) => failure !== null && !DUE.has(id) && !DUE.has(group));
  const wrong = failing.map(({ id, failure }) => `${id}: ${failure}`);
  wrong.push(...overdue(outcomes).map((name) => `${name}: passes by now; test/golden/prune.ts takes it off its list`));
  if (wrong.length === 0) return;
  const listed = wrong.length > LISTED ? [...wrong.slice(0, LISTED), "…"] : wrong;
  throw new Error([`${wrong.length} checks fail:`, ...listed].join("\n"));
}

/** Tests of a file of cases. */
export function testFile(file: File): void {
  const functions = [...Map.groupBy(casesOf(file), ({ fn }) => fn)];
  describe(file, () => {
    it.each(functions)("%s", (_, cases) => expectCases(cases));
  });
}

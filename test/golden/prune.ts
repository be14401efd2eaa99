// Takes off due.json and decided.json what passes by now and what no case has any more, and says how many checks are
// left by cause.
// At the repository root: node --conditions=source test/golden/prune.ts
import { writeFile } from "node:fs/promises";
import { allCases } from "./cases.ts";
import { causesOf, DUE, LISTS } from "./due-cases.ts";
import type { Outcome } from "./outcomes.ts";
import { outcomesOf, overdue } from "./outcomes.ts";

const outcomes: Outcome[] = [];
const functions = new Set([...DUE.keys()].map((name) => name.slice(0, name.search(/[( ]/u))));
for (const one of allCases()) if (functions.has(one.fn)) outcomes.push(...(await outcomesOf(one)));

const known = new Set(outcomes.flatMap(({ id, group }) => [id, group]));
const gone = new Set([...overdue(outcomes), ...[...DUE.keys()].filter((name) => !known.has(name))]);
const write = (text: string): boolean => process.stdout.write(`${text}\n`);
write(`${gone.size} taken off, ${DUE.size - gone.size} left`);
for (const list of LISTS) {
  const left = Object.entries(causesOf(list)).map(
    ([cause, ids]) => [cause, ids.filter((id) => !gone.has(id))] as const,
  );
  const kept = Object.fromEntries(left.filter(([, ids]) => ids.length > 0));
  await writeFile(new URL(`./${list}.json`, import.meta.url), `${JSON.stringify(kept, null, 1)}\n`);
  write(`${list}.json`);
  for (const [cause, ids] of left) write(`${String(ids.length).padStart(6)}  ${cause}`);
}
process.exit(0);

// The checks of golden cases that our API does not pass, by cause, each by its id, or all of a kind of a function by
// "np.sum | error name": what waits for something (due.json) and what is not to be as in JAX (decided.json). What is
// listed must fail; what has come to pass fails its test until prune.ts has taken it off.
import { readText } from "../support/files.ts";

/** Checks by cause, as the files have them. */
export type Due = Readonly<Record<string, readonly string[]>>;

export const LISTS = ["due", "decided"] as const;
const lists = await Promise.all(
  LISTS.map(async (name) => JSON.parse(await readText(new URL(`./${name}.json`, import.meta.url))) as Due),
);
/** The causes of each list. */
export const causesOf = (list: (typeof LISTS)[number]): Due => lists[LISTS.indexOf(list)];

/** The cause of each listed check, by its id. */
export const DUE: ReadonlyMap<string, string> = new Map(
  lists.flatMap((causes) => Object.entries(causes).flatMap(([cause, ids]) => ids.map((id) => [id, cause] as const))),
);

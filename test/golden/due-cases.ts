// The checks of golden cases that our API does not pass yet (due.json): by cause, each by its id, or all of a kind of a
// function by "np.sum | error name". What is listed must fail; what has come to pass fails its test until prune.ts has
// taken it off.
import { readText } from "../support/files.ts";

/** Checks by cause, as the file has them. */
export type Due = Readonly<Record<string, readonly string[]>>;

export const causes = JSON.parse(await readText(new URL("./due.json", import.meta.url))) as Due;

/** The cause of each listed check, by its id. */
export const DUE: ReadonlyMap<string, string> = new Map(
  Object.entries(causes).flatMap(([cause, ids]) => ids.map((id) => [id, cause] as const)),
);

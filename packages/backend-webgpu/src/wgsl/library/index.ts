// All WGSL functions by name, and the text of those a module uses, in an order WGSL's readers expect.
import { BASIC } from "./basic.ts";
import { EXPONENTIAL } from "./exponential.ts";
import { LOGARITHM } from "./logarithm.ts";
import type { Helpers } from "./registry.ts";
import { CORRECTED, PLAIN, SPECIAL } from "./special.ts";
import { TRIGONOMETRIC } from "./trigonometric.ts";

const COMMON = { ...BASIC, ...EXPONENTIAL, ...LOGARITHM, ...TRIGONOMETRIC, ...SPECIAL };
const ALL = { plain: { ...COMMON, ...PLAIN }, corrected: { ...COMMON, ...CORRECTED } };

export type HelperName = keyof typeof COMMON | keyof typeof PLAIN;

/** The text of the named functions and of all they need. */
export function libraryText(names: Iterable<HelperName>, corrected: boolean): string {
  const helpers: Helpers = corrected ? ALL.corrected : ALL.plain;
  const texts = new Map<string, string>();
  const add = (name: string): void => {
    if (texts.has(name)) return;
    // kept first: helpers may name each other in any order
    texts.set(name, "");
    for (const need of helpers[name].needs) add(need);
    texts.delete(name);
    texts.set(name, helpers[name].code);
  };
  for (const name of names) add(name);
  return [...texts.values()].join("\n");
}

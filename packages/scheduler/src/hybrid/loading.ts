// Placement and runs over two devices are a sixth of the core, and a page with one device needs none of it. So they are
// loaded when a second device is opened; nothing else in the core imports them.
import { InternalError } from "@weft/ir";
import type * as Whole from "./whole.ts";

let whole: typeof Whole | null = null;

/**
 * Loads what plans over two devices need. Must be over before the first one is made.
 * @example await loadHybrid(); evaluate([y.node], pairOf(wasm, webgpu));
 */
export async function loadHybrid(): Promise<typeof Whole> {
  return (whole ??= await import("./whole.ts"));
}

/** What was loaded. */
export function hybrid(): typeof Whole {
  if (whole === null) throw new InternalError("plans over two devices need loadHybrid() first");
  return whole;
}

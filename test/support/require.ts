// The one decision on suites that need what a machine may lack, a WebGPU adapter or a browser: they skip with a line
// that says why, or fail where WEFT_REQUIRE names it. vitest.config.ts hands the variable to every project, because a
// page has no environment. Tests of every package may import this file, and of test/ no other but realm.ts.
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The names in WEFT_REQUIRE. */
    readonly required: readonly string[];
    /** Whether the project's pages are cross-origin isolated; false in Node. */
    readonly isolated: boolean;
  }
}

/** What WEFT_REQUIRE can name. */
export type Host = "webgpu" | "browser";

/**
 * Whether a suite is to be skipped: no where `missing` is null. Otherwise prints the reason, or throws it where
 * WEFT_REQUIRE names the host.
 * @example describe.skipIf(skipped("webgpu", missing, "the conformance matrix"))("values on webgpu", () => …);
 */
export function skipped(host: Host, missing: string | null, suite: string): boolean {
  if (missing === null) return false;
  if (inject("required").includes(host))
    throw new Error(`WEFT_REQUIRE names ${host}, and ${suite} finds none: ${missing}`);
  console.warn(`${host}: ${suite} is skipped (${missing})`);
  return true;
}

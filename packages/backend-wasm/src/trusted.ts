// Workers in pages that require Trusted Types: their addresses pass through a policy named `weft`, which lets pass nothing
// else. The policy is the only part of the library that a page's `trusted-types` has to name.

interface Policy {
  createScriptURL(url: string): unknown;
}
interface Host {
  trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy };
  Worker: new (url: unknown, options?: unknown) => Worker;
}
const host = globalThis as unknown as Host;

/** The name to allow: `trusted-types weft`. */
export const POLICY = "weft";

/** The address that is about to be opened; the policy refuses all others. */
let due: string | null = null;
let policy: Policy | null | undefined;

function ownPolicy(): Policy | null {
  if (policy !== undefined) return policy;
  policy = null;
  try {
    policy =
      host.trustedTypes?.createPolicy(POLICY, {
        createScriptURL: (url) => {
          if (url !== due) throw new TypeError(`${POLICY}: no worker of this library is at ${url}`);
          return url;
        },
      }) ?? null;
  } catch {
    // The page allows no policy of this name: where it requires one the worker says so.
  }
  return policy;
}

/**
 * Does what makes a worker, with its address trusted. Bundlers know a worker's file by the words in which it is made, so
 * what is made is not changed here but what makes it: while `open` runs, and no longer, the global Worker is one that
 * passes addresses through the policy.
 */
export function openTrusted(open: () => Worker): Worker {
  const trusting = ownPolicy();
  if (trusting === null) return open();
  const { Worker: Native } = host;
  const Trusting = new Proxy(Native, {
    construct: (target, [url, options]: unknown[]) => {
      due = String(url);
      try {
        return new target(trusting.createScriptURL(due), options);
      } finally {
        due = null;
      }
    },
  });
  try {
    host.Worker = Trusting;
  } catch {
    return open(); // a page whose globals are frozen
  }
  try {
    return open();
  } finally {
    host.Worker = Native;
  }
}

/** What a page can do about an error of opening a worker; empty where nothing is known to help. */
export function remedyFor(message: string): string {
  return /trusted/i.test(message)
    ? `; the page's Trusted Types must allow the policy ${POLICY} (trusted-types ${POLICY})`
    : "";
}

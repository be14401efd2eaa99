// The worker that suites run in: one task a worker, whose outcome is its last word. It imports nothing before it
// listens: a message that comes while modules await what they need at import would be lost.
import type { Outcome, Task } from "./realm.ts";

/** What the worker answers. */
export type Answer = { readonly outcome: Outcome } | { readonly error: string };

self.onmessage = async ({ data }: MessageEvent<Task>) => {
  const answer = (message: Answer): void => self.postMessage(message);
  try {
    const { runTask } = await import("./realm.ts");
    answer({ outcome: await runTask(data) });
  } catch (error) {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
};

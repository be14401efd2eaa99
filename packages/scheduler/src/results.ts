// Running a plan, on one device or several: what it takes to get values from inputs. The one place that knows both kinds.
import type { Node, RunArgs, Ticket, Value } from "@weft/ir";
import type { Executable } from "./execute.ts";
import { collectOutputs, execute, isInFlight } from "./execute.ts";
import { HybridExecutable, isLateInFlight, lateFormOf } from "./hybrid/executable.ts";
import { hybrid } from "./hybrid/loading.ts";
import { Poisoned, Storage } from "./storage.ts";

/** A plan that can be run. */
export type Runnable = Executable | HybridExecutable;

/** What a run gives: values whose tickets say when they are there. */
export interface Results {
  readonly outputs: readonly Value[];
  /** Of what may be kept, in the order of the plan; empty if the run failed at once. */
  readonly cached: readonly Storage[];
  /** null if nothing had to run. */
  readonly ticket: Ticket | null;
}

const NONE: readonly never[] = Object.freeze([]);

/** Runs a plan. Throws OutOfMemoryError, DeviceError (an input lies elsewhere) and DisposedError with nothing changed. */
export function runPlan(
  runnable: Runnable,
  inputs: readonly Value[],
  slots: RunArgs["slots"],
  awaited = false,
): Results {
  if (runnable instanceof HybridExecutable) return hybrid().runHybrid(runnable, inputs, slots, awaited);
  const execution = execute(runnable, inputs, slots, awaited);
  if (execution === null) return hybrid().runHybrid(lateFormOf(runnable), inputs, slots, awaited);
  const { lowered, device } = runnable;
  const { failed, ticket } = execution;
  if (failed !== null)
    return {
      outputs: lowered.outputs.map(({ node }) => new Poisoned(device.backend, node.aval, failed)),
      cached: NONE,
      ticket: failed,
    };
  const outputs = collectOutputs(runnable, execution, inputs);
  if (lowered.cached.length === 0) return { outputs, cached: NONE, ticket };
  const cached = lowered.cached.map(
    ({ node, buffer, bytes }) =>
      new Storage(device, execution.outputs[buffer - runnable.inputs], bytes, node.aval, ticket),
  );
  return { outputs, cached, ticket };
}

/** The nodes whose results a plan keeps, in the order of {@link Results.cached}. */
export const cachedOf = (runnable: Runnable): readonly { readonly node: Node }[] =>
  runnable instanceof HybridExecutable ? runnable.cached : runnable.lowered.cached;

/** How many scalars a run is given. */
export const scalarsOf = (runnable: Runnable): number =>
  runnable instanceof HybridExecutable ? runnable.scalars : runnable.lowered.derived.first;

/** Whether a device may still be running the plan, or will. */
export const isRunning = (runnable: Runnable): boolean =>
  runnable instanceof HybridExecutable ? runnable.isInFlight : isInFlight(runnable) || isLateInFlight(runnable);

/** Gives back what devices hold for a plan that is not run any more. */
export function disposePlan(runnable: Runnable): void {
  if (runnable instanceof HybridExecutable) runnable.dispose();
  else runnable.program?.dispose?.();
}

/** Resolves when all code of a plan is compiled. */
export async function readyOf(runnable: Runnable): Promise<void> {
  const executables =
    runnable instanceof HybridExecutable
      ? runnable.steps.flatMap((step) => (step.kind === "run" ? [step.executable] : []))
      : [runnable];
  await Promise.all(executables.map(({ program }) => program?.ready?.()));
}

// What is to be placed on two devices, as numbers: tasks with a cost on each, and the values that pass between them.
// Owns what a placement costs; how one is found is partition.ts's business. Knows no graphs and no kernels.
import { InternalError } from "@weft/ir";

/** 0 the host's processor, 1 the GPU. */
export type Side = 0 | 1;
export const CPU: Side = 0;
export const GPU: Side = 1;

/** Something that runs on one device as a whole. */
export interface Task {
  /** Nanoseconds on each device; Infinity where it cannot run. */
  readonly cost: readonly [cpu: number, gpu: number];
}

/** An array that tasks read. */
export interface Flow {
  /** The task that writes it, or −1 for an input. */
  readonly producer: number;
  /** Of an input: where it lies. */
  readonly home: Side | null;
  /** The tasks that read it, each once. */
  readonly readers: readonly number[];
  /** Where somebody waits for it; null for results that nobody has asked to read, and for what only tasks read. */
  readonly wanted: Side | null;
  /** Nanoseconds to send it to the GPU, and back from there. */
  readonly up: number;
  readonly down: number;
}

/** Tasks come after those whose results they read. */
export interface Problem {
  readonly tasks: readonly Task[];
  readonly flows: readonly Flow[];
}

/** A side for each task. */
export type Placement = readonly Side[];

/** Where a value comes into being. */
export const homeOf = ({ producer, home }: Flow, sides: Placement): Side => {
  if (producer >= 0) return sides[producer];
  if (home === null) throw new InternalError("partition: an input lies nowhere");
  return home;
};

/** Whether a value is sent to the other device; each at most once. */
export function isSent(flow: Flow, sides: Placement): boolean {
  const home = homeOf(flow, sides);
  return (flow.wanted !== null && flow.wanted !== home) || flow.readers.some((reader) => sides[reader] !== home);
}

/** Nanoseconds a value costs to send from a device. */
export const sendCost = (flow: Flow, from: Side): number => (from === CPU ? flow.up : flow.down);

/** What a placement costs in all, one thing after the other. */
export function costOf({ tasks, flows }: Problem, sides: Placement): { run: number; send: number } {
  let run = 0;
  let send = 0;
  tasks.forEach(({ cost }, i) => (run += cost[sides[i]]));
  for (const flow of flows) if (isSent(flow, sides)) send += sendCost(flow, homeOf(flow, sides));
  return { run, send };
}

/** The sum of {@link costOf}. */
export function totalCost(problem: Problem, sides: Placement): number {
  const { run, send } = costOf(problem, sides);
  return run + send;
}

/** `1.25 ms`. */
export const milliseconds = (ns: number): string =>
  Number.isFinite(ns) ? `${(ns / 1e6).toFixed(ns < 1e5 ? 3 : 2)} ms` : "impossible";

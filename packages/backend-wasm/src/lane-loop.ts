// What a worker thread does once it is a lane, in Node and in browsers alike: works while there are programs, sleeps
// where it wakes at once for a moment, and then parks: it goes back to its event loop, where control messages reach it,
// until a program is published. Imports only files of this package, and none that knows the host.
import {
  CALL,
  DONE,
  FAULT_NONE,
  HEAD,
  IDLE_SLEEPERS,
  LANE_ABSENT,
  LANE_DEAD,
  LANE_LEAVING,
  LANE_PARKED,
  LANE_READY,
  LINE_FAULT,
  LINE_STATE,
  lineOf,
} from "./control.ts";
import { Views } from "./memory.ts";
import { createLane, fallAsleep, runThread, wakeUp } from "./thread.ts";
import type { Lane } from "./thread.ts";

/** A lane without work sleeps in the loop for so long before it parks. */
const PARK_MS = 50;
/** A parked lane that cannot be notified looks by itself this often. */
const LOOK_MS = 250;

/** What a worker is given. */
export interface LaneStart {
  readonly memory: WebAssembly.Memory;
  readonly lane: number;
  readonly scratch: number;
  /** `performance.timeOrigin` of the calling thread, whose clock traces are in. */
  readonly origin: number;
  /** Whether the lane dies where its line says so; for tests. */
  readonly faults: boolean;
}

/** What a worker says of itself, when its event loop is free to. */
export interface LaneStats {
  readonly lane: number;
  /** Bytes of memory its views cover. */
  readonly bytes: number;
  /** Functions it has installed. */
  readonly functions: number;
  /** How often it has gone back to its event loop for want of work. */
  readonly parked: number;
}

/** The lane of this thread; a worker is one lane at most. */
let inhabited: Inhabited | null = null;

/** A lane and what its thread keeps about it. */
interface Inhabited {
  readonly lane: Lane;
  parked: number;
  /** Ends the pause of a parked lane that cannot be notified. */
  rouse: () => void;
}

/** Makes this thread a lane; `inhabit` must follow, in a task of its own. */
export function become({ memory, lane: index, scratch, origin, faults }: LaneStart): void {
  const views = new Views(memory);
  const shift = performance.timeOrigin - origin;
  const fault = (point: number): void => {
    const at = lineOf(index) + LINE_FAULT;
    if (Atomics.compareExchange(views.words, at, point, FAULT_NONE) === point) throw new Error(`fault ${point}`);
  };
  const lane = createLane({
    index,
    views,
    scratch,
    canSleep: true,
    clock: () => performance.now() + shift,
    fault: faults ? fault : null,
  });
  inhabited = { lane, parked: 0, rouse: () => undefined };
}

/** Works as this thread's lane until the lane is to leave. Rejects with what the loop throws, which ends the thread. */
export async function inhabit(): Promise<void> {
  if (inhabited === null) throw new Error("this thread is no lane");
  const { lane } = inhabited;
  const { words } = lane.views;
  const state = lineOf(lane.index) + LINE_STATE;
  const leaving = (): boolean => Atomics.load(words, state) === LANE_LEAVING;
  let before = LANE_ABSENT;
  try {
    // Each change of state is conditional: whoever wants the lane to leave is never overwritten.
    while (Atomics.compareExchange(words, state, before, LANE_READY) === before) {
      runThread(lane, leaving, PARK_MS);
      if (Atomics.compareExchange(words, state, LANE_READY, LANE_PARKED) !== LANE_READY) break;
      before = LANE_PARKED;
      inhabited.parked++;
      await pause(inhabited);
    }
  } finally {
    // Seen at once by those who cannot hear of it.
    Atomics.store(words, state, LANE_DEAD);
  }
}

/** Resolves when there is something to do, or somewhat earlier. */
async function pause(self: Inhabited): Promise<void> {
  const { index, views } = self.lane;
  const { words } = views;
  fallAsleep(words, IDLE_SLEEPERS, index);
  // Read first: whatever comes after it changes the word that is waited for.
  const call = Atomics.load(words, CALL);
  const idle = Atomics.load(words, HEAD) === Atomics.load(words, DONE);
  if (idle && Atomics.load(words, lineOf(index) + LINE_STATE) === LANE_PARKED) {
    if (typeof Atomics.waitAsync === "function") await Atomics.waitAsync(words, CALL, call).value;
    else {
      await new Promise<void>((resolve) => {
        self.rouse = resolve;
        setTimeout(resolve, LOOK_MS);
      });
    }
  }
  wakeUp(words, IDLE_SLEEPERS, index);
}

/** Ends the pause of a lane that cannot be notified. */
export function rouse(): void {
  inhabited?.rouse();
}

/** What this thread's lane has come to; null before it is one. */
export function stats(): LaneStats | null {
  if (inhabited === null) return null;
  const { lane, parked } = inhabited;
  return { lane: lane.index, bytes: lane.views.bytes, functions: lane.table.size, parked };
}

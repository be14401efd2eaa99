// The layout of the control region at the foot of the shared memory: how the calling thread and the workers agree on
// what is to be done. Word indices into an Int32Array of the whole memory. Nothing here reads or writes memory.
//
// Programs are numbered; the number's low 32 bits stand in shared memory and are compared by wrapping subtraction.

/** The first bytes stay empty so that a stray null pointer meets nothing of value. */
export const CONTROL_BYTE = 1024;

/** Number of the last program published, or run by the calling thread alone. */
export const HEAD = CONTROL_BYTE / 4;
/** Number of the last program finished. */
export const DONE = HEAD + 16;
/** Changes whenever there is something for idle lanes to do, which sleep on it. */
export const CALL = HEAD + 32;
/** Lanes asleep on CALL: one bit a lane, in two words, so that a dead lane's can be cleared whatever it was doing. */
export const IDLE_SLEEPERS = HEAD + 33;
/** Lanes asleep on the CURRENT of some slot, in the same form. */
export const STEP_SLEEPERS = HEAD + 35;
/** Never changes: something to sleep on for a fixed time. */
export const NEVER = HEAD + 37;
/** Byte address of the rings that lanes record into while a trace is taken (trace-ring.ts); 0 for no trace. */
export const TRACE = HEAD + 38;

/** Most lanes: one line each. */
export const MAX_LANES = 63;
/** The calling thread's event loop, among sleepers: lane 0 may sleep while a promise waits. */
export const EVENT_LOOP = 63;
/** Words of a line: one cache line. */
export const LINE_WORDS = 16;
export const LINES = 2048 / 4;
/** 1 while the lane is inside the program LINE_SEQ names: its slot and frame may not be reused. */
export const LINE_INSIDE = 0;
export const LINE_SEQ = 1;
export const LINE_STEP = 2;
/** NO_CHUNK, CLAIMING or the chunk the lane works on. */
export const LINE_CHUNK = 3;
/** One of the LANE_ values. */
export const LINE_STATE = 4;
/** One of the FAULT_ values: where the lane is to die. Read by lanes that tests have started so. */
export const LINE_FAULT = 5;

export const NO_CHUNK = -1;
export const CLAIMING = -2;

/** Not started, or not there yet. */
export const LANE_ABSENT = 0;
/** In the loop: works, or sleeps where it notices a program at once. */
export const LANE_READY = 1;
/** Back in its event loop for want of work; the next program wakes it. */
export const LANE_PARKED = 2;
/** To go: it returns to its event loop for good when it has finished the chunk it holds. */
export const LANE_LEAVING = 3;
/** Its thread runs no code of ours any more. */
export const LANE_DEAD = 4;

export const FAULT_NONE = 0;
/** A chunk is claimed and its number stands nowhere yet. */
export const FAULT_CLAIMED = 1;
/** The chunk's number is recorded, nothing of it is done. */
export const FAULT_HOLDING = 2;
/** The chunk is done and not counted. */
export const FAULT_DONE = 3;
/** The chunk is counted, and the step, if it was the last, is not passed. */
export const FAULT_COUNTED = 4;

/** Programs in flight at most; a power of two. */
export const RING = 8;
export const SLOT_WORDS = 96;
export const SLOTS = LINES + MAX_LANES * LINE_WORDS;
export const SLOT_STEPS = 0;
/** Byte address of the frame: step records, then argument structs. */
export const SLOT_FRAME = 1;
export const SLOT_FRAME_BYTES = 2;
/** One of the ERROR_ values; written once, by whoever fails first. */
export const SLOT_ERROR = 3;
export const SLOT_ERROR_STEP = 4;
export const SLOT_ERROR_CHUNK = 5;
export const SLOT_ERROR_LANE = 6;
export const SLOT_ERROR_LENGTH = 7;
/** The step being worked on. A line of its own, for waiting threads read it all the time. */
export const SLOT_CURRENT = 16;
/** UTF-16 units of the error's text, one a word. */
export const SLOT_TEXT = 32;
export const SLOT_TEXT_LENGTH = SLOT_WORDS - SLOT_TEXT;

export const NO_ERROR = 0;
/** A kernel trapped. */
export const ERROR_TRAP = 1;
/** A lane ended while it held a chunk that cannot be done again. */
export const ERROR_LANE = 2;
/** A module could not be installed. */
export const ERROR_INSTALL = 3;

/** Bytes from address 0 that the control region takes. */
export const CONTROL_END = (SLOTS + RING * SLOT_WORDS) * 4;

/** A step in a frame: one cache line. */
export const STEP_WORDS = 16;
/** Index of the function in every lane's table. */
export const STEP_FUNCTION = 0;
/** Which code the index stands for now: indices are reused when kernels are evicted. */
export const STEP_VERSION = 1;
/** Byte address of the code record. */
export const STEP_CODE = 2;
/** Byte address of the argument struct. */
export const STEP_ARGS = 3;
export const STEP_ITEMS = 4;
export const STEP_GRAIN = 5;
export const STEP_CHUNKS = 6;
/** Chunks handed out; runs past STEP_CHUNKS. */
export const STEP_CLAIM = 7;
export const STEP_FINISHED = 8;

/** A code record: which export of which module. */
export const CODE_MODULE = 0;
export const CODE_BYTES = 1;
export const CODE_LENGTH = 2;
export const CODE_NAME_LENGTH = 3;
/** UTF-16 units of the export's name, one a word. */
export const CODE_NAME = 4;

/** The slot of a program. */
export function slotOf(seq: number): number {
  return SLOTS + (seq & (RING - 1)) * SLOT_WORDS;
}

/** The line of a lane. */
export function lineOf(lane: number): number {
  return LINES + lane * LINE_WORDS;
}

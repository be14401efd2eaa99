// Every number of the runtime that is a proposal to be measured and adjusted, in one place.

/** Programs estimated to take less than this run on the calling thread if nothing is queued before them. */
export const INLINE_NANOSECONDS = 1e6;
/** A chunk holds at least this many elementary operations … */
export const CHUNK_OPERATIONS = 32_768;
/** … and no more than about this many, so that a helping thread comes back in time. */
export const CHUNK_OPERATIONS_MOST = 1_048_576;
/** Chunks a thread, where the work allows. */
export const CHUNKS_PER_THREAD = 8;
/** After so long a waiting thread begins nothing more before its event loop has run: with what it ends, 8 ms. */
export const SLICE_MS = 6;
/** What a chunk of a template may take, by estimate. */
export const CHUNK_NANOSECONDS = 1.5e6;
/** Bytes copied to the host between two looks at the clock. */
export const READ_BYTES = 1 << 20;
/** No progress for this long, with a chunk held, means that the lane that holds it is dead. */
export const STALL_MS = 10_000;
/** Every lane's scratch memory. */
export const SCRATCH_BYTES = 1 << 20;
/** Unused kernels whose code is kept. */
export const IDLE_KERNELS = 256;
/** Bytes of code and locals of a kernel: more would take V8 a tenth of a second, and it refuses 7.6 MB and 50,000. */
export const KERNEL_BYTES = 1 << 20;
export const KERNEL_LOCALS = 16_384;
/** Growth of the memory beyond what is needed, at least and at most. */
export const GROWTH_LEAST = 16 << 20;
export const GROWTH_MOST = 256 << 20;
/** Most bytes of one buffer: offsets are signed 32-bit numbers in compiled code. */
export const BUFFER_BYTES = 2 ** 31 - 65536;
/** Arrays up to so many bytes lie in the host's heap between runs: copying more costs as much as a finalizer does. */
export const SMALL_BYTES = 1024;
/** Nanoseconds of one elementary operation, one floating-point operation of a product, one byte moved. */
export const OPERATION_NANOSECONDS = 0.2;
export const FLOP_NANOSECONDS = 0.02;
export const BYTE_NANOSECONDS = 0.1;
/** Of the time between two looks at a program in progress no more counts as waited. */
export const LOOK_MS = 1000;
/** Somebody who waits looks for dead lanes after so long without progress. */
export const PROBE_MS = 10;
/** A lane that was given up should have ended after so long. */
export const ENDING_MS = 5000;
/** A lane is started again so often … */
export const RESTARTS = 3;
/** … within so long; after that it stays away. */
export const RESTART_MS = 60_000;
/** Lanes that are asked to leave have so long before their threads are ended. */
export const LEAVING_MS = 100;

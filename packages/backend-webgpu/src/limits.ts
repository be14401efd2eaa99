// Every limit of the WebGPU device that is no limit of the adapter, in one place. All are proposals to be measured.

/**
 * How long the host may take to give an adapter, then a device, then the result of a first shader: some never do, and
 * `init` would wait for ever. In Chromium on SwiftShader each took 5 to 48 ms, with six busy loops beside it on two
 * cores as well; a GPU whose driver has to be loaded takes seconds.
 */
export const ANSWER_MS = 10_000;
/** Dispatches of one submission; a longer run is cut into several. */
export const SUBMIT_DISPATCHES = 256;
/** Estimated milliseconds of one submission. */
export const SEGMENT_MS = 50;
/** Portions of about SEGMENT_MS that are under way at a time. */
export const SEGMENTS_IN_FLIGHT = 2;
/** Estimated milliseconds of one dispatch, so that no driver's watchdog takes it for a hang; more are several dispatches. */
export const DISPATCH_MS = 200;
/** Elementary operations a millisecond before any were timed: a small integrated GPU, and two cores that imitate one. */
export const KERNEL_RATE = { gpu: 8e7, software: 3e6 } as const;
export const PRODUCT_RATE = { gpu: 2e8, software: 4e6 } as const;
/** What such a rate may be taken for. */
export const RATE_RANGE = [1e5, 1e11] as const;
/** Grid points from which a fold is left to one invocation each: enough to keep the device busy. */
export const FILLING_POINTS = { gpu: 16_384, software: 64 } as const;
/** Vectors of four that an invocation of a wide kernel computes: where invocations are imitated, each costs something. */
export const VECTORS = { gpu: 1, software: 2 } as const;
/** Points from which a plain map computes four an invocation: fewer would leave a device without work. */
export const WIDE_POINTS = { gpu: 2 ** 18, software: 2 ** 10 } as const;
/** Operations that wait for their turn, from which those that can be done without waiting are: the caller awaits nothing. */
export const WAITING_OPERATIONS = 256;
/** Code of a kernel (`Backend.limits.kernelUnits`): 21 sines take SwiftShader three seconds. */
export const KERNEL_UNITS = 1024;
/** Pipelines being compiled at a time. */
export const COMPILES_IN_FLIGHT = 8;
/** Pipelines remembered by their text; programs keep their own besides. */
export const PIPELINES_KEPT = 2048;
/** New buffers of a run from which their creation is waited for, so that nothing is computed in memory that is not there. */
export const CHECKED_BYTES = 2 ** 20;
/** Bytes of one staging buffer, and of one piece of a longer read or upload. */
export const STAGING_BYTES = 16 * 2 ** 20;
/**
 * Bytes of an upload in parts that are under way at a time. Chromium holds the calling thread up where more are: single
 * calls of 256 KiB took up to 722 ms when nobody waited in 40 MiB, 15 ms with 4 MiB ahead and 0.4 ms with 1 MiB, at the
 * same 0.9 s in all (SwiftShader, a load of 17 on two cores).
 */
export const UPLOADS_AHEAD = 2 ** 20;
/** Bytes of an array from the host that a copy is kept of, and of all such copies: they survive the loss of the device. */
export const ORIGIN_BYTES = 16 * 2 ** 20;
export const ORIGINS_BYTES = 64 * 2 ** 20;
/** Bytes of an array from the host whose copy is always kept, so that it can be read at once: places, sizes, counts. */
export const KEPT_BYTES = 64 * 2 ** 10;
/** Staging buffers of one size that are kept. */
export const STAGING_KEPT = 4;
/** Pieces of reads that are under way at a time. */
export const PIECES_IN_FLIGHT = 2;
/** Runs of a program, with other memory each, whose bind groups are remembered. */
export const GROUPS_KEPT = 8;
/** Byte budget where the host does not say more: WebGPU has no question for the memory of a device. */
export const DEFAULT_BYTES = 4 * 2 ** 30;
export const MOST_BYTES = 16 * 2 ** 30;
/**
 * Share of the budget that freed buffers may hold on to; beyond CACHED_BYTES only as much as is in use, so that what a
 * program let go of goes back to the host.
 */
export const CACHED_SHARE = 0.5;
export const CACHED_BYTES = 256 * 2 ** 20;
/** Losses within a minute after which the device stays closed. */
export const LOSSES_A_MINUTE = 2;
/** Pause before a lost device is opened again. */
export const REOPEN_MS = 1000;
/** Side of the products that shapes are measured on. */
export const MEASURED_SIZE = { gpu: 1024, software: 128 } as const;

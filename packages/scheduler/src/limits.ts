// Every limit of the scheduler, in one place. All are proposals to be measured.

/** Plans kept a device, least recently used first out. */
export const MAX_PLANS = 512;
/** Share of a device's byte budget that cached results may take (SEMANTICS 3.1). */
export const CACHED_SHARE = 0.25;
/** Plans of one program that differ in sizes alone before a warning. */
export const STORM_PLANS = 8;
/** Size-erased programs that are counted at most. */
export const MAX_STORM_KEYS = 1024;
/** Pending nodes that ask for a flush; at twice as many it happens whatever the phase. */
export const FLUSH_NODES = 1024;
/** Pending bytes that ask for a flush. */
export const FLUSH_BYTES = 64 * 1024 * 1024;
/** How many operations make the signature of a flush window. */
export const SIGNATURE_LENGTH = 32;
/** Live arrays that an OutOfMemoryError names. */
export const NAMED_ARRAYS = 5;

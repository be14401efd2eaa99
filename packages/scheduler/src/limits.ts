// Every limit of the scheduler, in one place. All are proposals to be measured.

/** Plans kept a device, least recently used first out. */
export const MAX_PLANS = 512;
/** Plans of jitted functions kept a device, least recently used first out: some ten kilobytes of the host's heap each. */
export const MAX_COMPILED = 2048;
/** Share of a device's byte budget that cached results may take (SEMANTICS 3.1). */
export const CACHED_SHARE = 0.25;
/**
 * Cached results kept a device: those of a few hundred steps of a loop. Each costs about half a kilobyte of the host's heap
 * besides its data.
 */
export const MAX_CACHED = 4096;
/** Arrays with a finalizer from which the dead among them are looked for: some 16 MB of the host's heap. */
export const ENTRIES_AT_ONCE = 32_768;
/** Arrays with a finalizer that there may be where garbage cannot be collected at once: some 512 MB. */
export const MOST_ENTRIES = 2 ** 20;
/** Share of a device's byte budget that a value may take which is stored only because it would be computed again. */
export const STORED_SHARE = 0.25;
/** Operations from which who awaits a plan has it made in slices: some 10 ms of planning and compiling. */
export const SLICED_OPERATIONS = 128;
/** Plans of one program before a warning. */
export const STORM_PLANS = 8;
/** Programs that are counted at most. */
export const MAX_STORM_KEYS = 1024;
/** Pending nodes that ask for a flush; at twice as many it happens whatever the phase. */
export const FLUSH_NODES = 1024;
/**
 * Nominal bytes of pending results that ask for a flush. Far more than any memory: fusion keeps most of them from ever
 * existing, and a lower limit would cut expressions on large arrays into pieces that do.
 */
export const FLUSH_BYTES = 64 * 2 ** 30;
/** How many operations make the signature of a flush window. */
export const SIGNATURE_LENGTH = 32;
/** Live arrays that an OutOfMemoryError names. */
export const NAMED_ARRAYS = 5;

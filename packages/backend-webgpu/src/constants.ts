// The numbers of WebGPU's flag namespaces: Node has no such globals, and this package makes none.

export const USAGE = {
  mapRead: 1,
  copySource: 4,
  copyTarget: 8,
  uniform: 64,
  storage: 128,
  queryResolve: 512,
} as const;
export const MAP_READ = 1;
export const STAGE_COMPUTE = 4;
/** Alignment of dynamic offsets of uniform bindings and of storage windows; no adapter may ask for more. */
export const OFFSET_ALIGN = 256;

/** Rounds up to a multiple of `unit`. */
export const roundUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

// Small segments for tests of the runtime, written by hand: what is tested here is not how graphs are lowered.
import type { Backend, Kernel, Place, Step } from "@weft/ir";

/** Its place at the start of buffer `buffer`, or inside the arena. */
export const at = (buffer: number, offset = 0): Place => ({ buffer, offset });

const SCALE: Kernel = {
  buffers: [
    { storage: "f32", access: "read" },
    { storage: "f32", access: "write" },
  ],
  dims: 1,
  params: ["f32"],
  axes: [{ size: { dim: 0 } }],
  grid: [0],
  nodes: [
    {
      op: "load",
      lane: "f32",
      buffer: 0,
      at: { base: { lit: 0 }, terms: [{ coef: { lit: 1 }, of: { axis: 0 } }] },
      guard: null,
      other: null,
    },
    { op: "param", lane: "f32", slot: 0 },
    { op: "apply", lane: "f32", fn: "mul", args: [0, 1] },
  ],
  phases: [
    {
      kind: "map",
      axes: [],
      folds: [],
      stores: [{ buffer: 1, at: { base: { lit: 0 }, terms: [{ coef: { lit: 1 }, of: { axis: 0 } }] }, value: 2 }],
    },
  ],
};

/** to[i] = from[i] · factor, where the factor may be a slot. */
export function scale(n: number, from: Place, to: Place, factor: number | { readonly slot: number }): Step {
  return {
    kind: "kernel",
    kernel: SCALE,
    key: "scale",
    dims: [n],
    params: [factor],
    places: [from, to],
    points: n,
    work: n,
  };
}

/** The first `n` floats of a buffer. */
export async function floats(
  backend: Backend,
  buffer: Parameters<Backend["read"]>[0],
  n: number,
): Promise<Float32Array> {
  const values = new Float32Array(n);
  await backend.read(buffer, new Uint8Array(values.buffer));
  return values;
}

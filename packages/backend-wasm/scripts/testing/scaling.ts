// A real kernel for tests of the whole device: to[i] = exp(from[i] · p0), of float32. Used by tests only.
import type { Kernel, Step } from "@weft/ir";

const position = { base: { lit: 0 }, terms: [{ coef: { lit: 1 }, of: { axis: 0 } }] } as const;

export const expKernel: Kernel = {
  buffers: [
    { storage: "f32", access: "read" },
    { storage: "f32", access: "write" },
  ],
  dims: 1,
  params: ["f32"],
  axes: [{ size: { dim: 0 } }],
  grid: [0],
  nodes: [
    { op: "load", lane: "f32", buffer: 0, at: position, guard: null, other: null },
    { op: "param", lane: "f32", slot: 0 },
    { op: "apply", lane: "f32", fn: "mul", args: [0, 1] },
    { op: "apply", lane: "f32", fn: "exp", args: [2] },
  ],
  phases: [{ kind: "map", axes: [], folds: [], stores: [{ buffer: 1, at: position, value: 3 }] }],
};

/** The step over `n` elements from one buffer to another; the factor is slot 0. */
export function expStep(n: number, from: number, to: number): Step {
  return {
    kind: "kernel",
    kernel: expKernel,
    key: "exp",
    dims: [n],
    params: [{ slot: 0 }],
    places: [
      { buffer: from, offset: 0 },
      { buffer: to, offset: 0 },
    ],
    points: n,
    work: n * 10,
  };
}

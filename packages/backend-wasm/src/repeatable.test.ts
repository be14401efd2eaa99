import type { Affine, Kernel, Phase, Scalar } from "@weft/ir";
import { describe, expect, test } from "vitest";

import { rewritesBeforeReading } from "./repeatable.ts";

const at = (base: number): Affine => ({ base: { lit: base }, terms: [{ coef: { lit: 1 }, of: { axis: 0 } }] });
const load = (buffer: number, place: Affine): Scalar => ({
  op: "load",
  lane: "f32",
  buffer,
  at: place,
  guard: null,
  other: null,
});
const phase = (stores: Phase["stores"]): Phase => ({ kind: "map", axes: [], folds: [], stores });

/** Buffer 0 is read, buffer 1 read and written. */
function kernel(nodes: readonly Scalar[], phases: readonly Phase[]): Kernel {
  return {
    buffers: [
      { storage: "f32", access: "read" },
      { storage: "f32", access: "readwrite" },
    ],
    dims: 0,
    params: [],
    axes: [{ size: { lit: 8 } }],
    grid: [0],
    nodes,
    phases,
  };
}

describe("a kernel that reads a buffer it writes may run again", () => {
  const nodes = [load(0, at(0)), load(1, at(0)), load(1, at(1))];
  const first = phase([{ buffer: 1, at: at(0), value: 0 }]);

  test("if each point has stored there before it loads", () => {
    expect(rewritesBeforeReading(kernel(nodes, [first, phase([{ buffer: 1, at: at(0), value: 1 }])]))).toBe(true);
  });

  test("not if it loads what it finds", () => {
    expect(rewritesBeforeReading(kernel(nodes, [phase([{ buffer: 1, at: at(0), value: 1 }])]))).toBe(false);
  });

  test("not if it loads another element than it has stored", () => {
    expect(rewritesBeforeReading(kernel(nodes, [first, phase([{ buffer: 1, at: at(0), value: 2 }])]))).toBe(false);
  });

  test("not if a load hides in an index, a guard, or below another node", () => {
    const indexed: Affine = { base: { lit: 0 }, terms: [{ coef: { lit: 1 }, of: { value: 1 } }] };
    const hidden: readonly Scalar[] = [
      load(0, indexed),
      { op: "apply", lane: "f32", fn: "add", args: [0, 1] },
      {
        op: "load",
        lane: "f32",
        buffer: 0,
        at: at(0),
        guard: { all: [{ of: indexed, lo: { lit: 0 }, hi: { lit: 8 } }] },
        other: null,
      },
    ];
    for (const node of hidden) {
      const all = [...nodes, node];
      const once = phase([{ buffer: 1, at: at(0), value: 3 }]);
      expect(rewritesBeforeReading(kernel(all, [once]))).toBe(false);
      expect(rewritesBeforeReading(kernel(all, [first, once]))).toBe(true);
    }
  });
});

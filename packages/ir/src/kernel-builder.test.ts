// The kernel builder, the verifier and the printer: what is shared, merged and split, and what is refused.
import { describe, expect, test } from "vitest";
import type { PlanAffine } from "./kernel-builder.ts";
import { KernelBuilder } from "./kernel-builder.ts";
import { printKernel } from "./kernel-print.ts";
import { verifyKernel } from "./kernel-verify.ts";
import type { Kernel } from "./kernel.ts";

type Term = PlanAffine["terms"][number];
const affine = (base: number, ...terms: Term[]): PlanAffine => ({ base, slots: [], terms });
const along = (axis: number, coef = 1): Term => ({ coef, of: { axis } });
const digit = (of: PlanAffine, div: number, mod: number | null, coef = 1): Term => ({
  coef,
  of: { digit: of, div, mod },
});

/** out[i, j] = −in[at] on a grid of 4 × 6. */
function negated(at: (i: number, j: number) => PlanAffine) {
  const builder = new KernelBuilder();
  const from = builder.buffer("f32", "read");
  const to = builder.buffer("f32", "write");
  const i = builder.axis(4);
  const j = builder.axis(6);
  const value = builder.apply("f32", "neg", [builder.load("f32", from, at(i, j), null, null)]);
  return builder.finish(
    [i, j],
    [{ kind: "map", axes: [], folds: [], stores: [{ buffer: to, at: affine(0, along(i, 6), along(j)), value }] }],
  );
}

describe("the builder", () => {
  test("shares equal scalars and drops unused ones", () => {
    const builder = new KernelBuilder();
    const one = builder.constant("f32", 1);
    expect(builder.constant("f32", 1)).toBe(one);
    expect(builder.constant("f32", -0)).not.toBe(builder.constant("f32", 0));
    const x = builder.param("f32", 2);
    expect(builder.apply("f32", "add", [one, x])).toBe(builder.apply("f32", "add", [x, one]));
    expect(builder.apply("f32", "sub", [one, x])).not.toBe(builder.apply("f32", "sub", [x, one]));
    const out = builder.buffer("f32", "write");
    const { kernel } = builder.finish(
      [],
      [{ kind: "map", axes: [], folds: [], stores: [{ buffer: out, at: affine(0), value: x }] }],
    );
    expect(kernel.nodes.map(({ op }) => op)).toEqual(["param"]);
  });
  test("merges axes that every access walks as one", () => {
    expect(negated((i, j) => affine(0, along(i, 6), along(j))).grid).toEqual([24]);
    expect(negated((i, j) => affine(0, along(i), along(j, 4))).grid).toEqual([4, 6]);
  });
  test("splits an axis whose digits are taken", () => {
    const built = negated((i, j) =>
      affine(0, along(i, 6), digit(affine(0, along(j)), 2, null), digit(affine(0, along(j)), 1, 2, 3)),
    );
    expect(built.grid).toEqual([4, 3, 2]);
    verifyKernel(built.kernel, { dims: built.dims as number[], lengths: [24, 24] });
  });
  test("keeps sizes out of the key, and 0 and 1 in it", () => {
    const shifted = (base: number) => negated((i, j) => affine(base, along(i), along(j, 4))).key;
    expect(shifted(5)).toBe(shifted(9));
    expect(shifted(0)).not.toBe(shifted(5));
  });
});

describe("the verifier", () => {
  const { kernel, dims } = negated((i, j) => affine(0, along(i), along(j, 4)));
  test("accepts what is in range and refuses what is not", () => {
    verifyKernel(kernel, { dims: dims as number[], lengths: [24, 24] });
    expect(() => verifyKernel(kernel, { dims: dims as number[], lengths: [23, 24] })).toThrow("of the 23 of buffer 0");
  });
  test("refuses forward references, wrong lanes and stores into what is read", () => {
    const spoil =
      (change: Partial<Kernel>): (() => void) =>
      () =>
        verifyKernel({ ...kernel, ...change });
    expect(spoil({ nodes: [{ op: "apply", lane: "f32", fn: "neg", args: [1] }, kernel.nodes[0]] })).toThrow(
      "does not precede",
    );
    expect(spoil({ nodes: [kernel.nodes[0], { op: "apply", lane: "i32", fn: "neg", args: [0] }] })).toThrow(
      "lanes f32 for i32",
    );
    expect(spoil({ buffers: kernel.buffers.map(({ storage }) => ({ storage, access: "read" })) })).toThrow(
      "stores into buffer 1",
    );
  });
});

test("kernels print", () => {
  const { kernel, dims, params } = negated((i, j) => affine(0, along(i), along(j, 4)));
  expect(printKernel(kernel, { dims, params })).toBe(
    [
      "kernel(b0: read f32, b1: write f32)",
      "  grid i0 < 4, i1 < 6",
      "  %0: f32 = b0[i0 + 4·i1]",
      "  %1: f32 = neg(%0)",
      "  phase 0: map",
      "    b1[6·i0 + i1] = %1",
    ].join("\n"),
  );
});

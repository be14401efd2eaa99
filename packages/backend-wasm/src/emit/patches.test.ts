// Indices of one, two and three bytes behind the references of a copied stencil: kernels with more and more locals,
// each against the interpreter, and the bytes themselves.
import { describe, expect, test } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, noise } from "../../testing/check.ts";
import { loadStencils } from "../stencils.ts";
import { indexBytes, patchesOf } from "./patches.ts";
import { Writer } from "./writer.ts";

describe("locals beyond a byte", () => {
  // Each constant is a local of the prelude.
  for (const count of [100, 140, 400]) {
    test(`${count} constants`, () => {
      const b = new KernelBuilder();
      const i = b.axis("n");
      const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
      let value = b.load(x, b.at(0, [1, i]));
      for (let k = 1; k <= count; k++)
        value = b.apply("f32", k % 2 === 0 ? "max" : "sub", value, b.constant("f32", -k));
      b.over(i).map(
        [],
        b.store(out, b.at(0, [1, i]), b.apply("f32", "exp", b.apply("f32", "neg", b.apply("f32", "abs", value)))),
      );
      check(b.build(), { buffers: [noise("f32", 45), blank("f32", 45)], dims: b.values({ n: 45 }), params: [] });
    });
  }
});

test("an index is written in as many bytes as the widest needs", () => {
  expect([0, 127, 128, 16383, 16384].map(indexBytes)).toEqual([1, 1, 2, 2, 3]);
  const stencil = loadStencils("base").get("add_f32");
  if (stencil === undefined) throw new Error("no stencil");
  const written = [2, 3].map((width) => {
    const writer = new Writer(4);
    writer.patched(patchesOf(stencil, width), [5, 300], width);
    return [...writer.done()];
  });
  // local.get 5, local.get 300, f32x4.add
  const add = [0xfd, 0xe4, 0x01];
  expect(written[0]).toEqual([0x20, 0x85, 0x00, 0x20, 0xac, 0x02, ...add]);
  expect(written[1]).toEqual([0x20, 0x85, 0x80, 0x00, 0x20, 0xac, 0x82, 0x00, ...add]);
});

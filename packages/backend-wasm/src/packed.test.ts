// Bytes as text: every byte survives, in every neighbourhood, and the text needs no escape.
import fc from "fast-check";
import { expect, test } from "vitest";

import { pack, packChanges } from "../scripts/pack.ts";
import { unpack, unpackChanges } from "./packed.ts";

test("packed bytes come back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(unpack(pack(all))).toEqual(all);
  expect(unpack("")).toEqual(new Uint8Array());
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(unpack(pack(bytes))).toEqual(new Uint8Array(bytes));
    }),
  );
});

test("their text is printable and needs no escape in strings, templates and pages", () => {
  expect(pack(Uint8Array.from({ length: 256 }, (_, i) => i))).toMatch(/^[ !#%-;=-[\]-_a-~]+$/);
});

test("small bytes take one character", () => {
  expect(pack(new Uint8Array([0, 1, 0x41]))).toHaveLength(3);
  expect(pack(new Uint8Array([0xfd]))).toHaveLength(2);
});

test("bytes written as changes to others come back, and are short where they resemble them", () => {
  const base = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251);
  const likeness = base.slice(200, 2900);
  likeness.set([1, 2, 3], 1000);
  for (const bytes of [likeness, base, new Uint8Array(), new Uint8Array(500), base.slice(0, 5)]) {
    expect(unpackChanges(packChanges(bytes, base), base)).toEqual(bytes);
  }
  expect(packChanges(likeness, base).length).toBeLessThan(40);
  const few = fc.uint8Array({ max: 2, maxLength: 60 });
  fc.assert(
    fc.property(few, few, (bytes, other) => {
      expect(unpackChanges(packChanges(bytes, other), other)).toEqual(new Uint8Array(bytes));
    }),
  );
});

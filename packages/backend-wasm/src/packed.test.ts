// Bytes as text: every byte survives, in every neighbourhood, and the text needs no escape.
import fc from "fast-check";
import { expect, test } from "vitest";

import { pack } from "../scripts/pack.ts";
import { unpack } from "./packed.ts";

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

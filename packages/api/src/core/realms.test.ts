// What values are, of this realm and of another, and what only pretends.
import { expect, test } from "vitest";
import { array } from "../numpy/index.ts";
// oxlint-disable-next-line no-restricted-imports -- one second realm for the tests of this package and of the whole
import { otherRealm } from "../../../../test/support/realm.ts";
import { isPlainObject, ownProperties, typedArrayName } from "./realms.ts";

const foreign = otherRealm();

test.each([
  "{}",
  "{ axis: 0 }",
  "Object.create(null)",
  "JSON.parse('{}')",
  "Object.freeze({ a: 1 })",
  "Object.assign(Object.create(Object.prototype), { a: 1 })",
])("%s is plain in any realm", (code) => {
  // oxlint-disable-next-line no-eval -- the same text in both realms
  expect(isPlainObject((0, eval)(`(${code})`))).toBe(true);
  const other = foreign(code);
  expect(other instanceof Object && code !== "Object.create(null)").toBe(false);
  expect(isPlainObject(other)).toBe(true);
});

test.each([
  "[]",
  "null",
  "1",
  "'x'",
  "() => 1",
  "new Date()",
  "new Map()",
  "/x/",
  "new Float32Array(1)",
  "new ArrayBuffer(1)",
  "new Error()",
  "Promise.resolve()",
  "Object.create({ axis: 1 })",
  "Object.create(Object.create(null))",
  "new (class {})()",
  "new (class Object {})()",
  "new (class Object extends null { constructor() { return globalThis.Object.create(new.target.prototype); } })()",
  "Object.create({ __proto__: null, constructor: Object })",
  "Object.create(Object.create(null, { constructor: { value: function Object() { return '[native code]'; } } }))",
])("%s is plain in none", (code) => {
  expect(isPlainObject(foreign(code))).toBe(false);
});

test("arrays of this library are not plain", () => expect(isPlainObject(array([1]))).toBe(false));

test("typed arrays by their slots, whatever they say of themselves", () => {
  for (const name of [
    "Float32Array",
    "Float64Array",
    "Int32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "BigInt64Array",
  ]) {
    const view = foreign(`new ${name}(2)`);
    expect(typedArrayName(view)).toBe(name);
    expect(typedArrayName(foreign(`new (class Other extends ${name} {})(2)`))).toBe(name);
    expect(typedArrayName(foreign(`Object.assign(new ${name}(2), { constructor: Array })`))).toBe(name);
  }
  for (const code of [
    "[1]",
    "1",
    "null",
    "new DataView(new ArrayBuffer(8))",
    "{ [Symbol.toStringTag]: 'Float32Array', length: 2, buffer: new ArrayBuffer(8) }",
    "Object.create(Float32Array.prototype)",
    "Float32Array.prototype",
  ])
    expect(typedArrayName(foreign(code)), code).toBeUndefined();
});

test("own properties are all that is read of an object", () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>;
  prototype.axis = 1;
  try {
    expect(ownProperties({ ddof: 2 } as { ddof: number; axis?: number }).axis).toBeUndefined();
    expect(ownProperties(foreign("{ ddof: 2 }") as { ddof: number }).ddof).toBe(2);
  } finally {
    delete prototype.axis;
  }
});

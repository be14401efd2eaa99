// Places beyond 2³¹ of arrays that are never stored, on the WASM device: right, or an error that names the limit before
// anything is allocated. And what is read twice is stored only where memory has room for it.
import { IndexError, memory, numpy as np, OutOfMemoryError, scope } from "@weft/api";
import { describe, expect, test } from "vitest";
import { REFUSED, RIGHT, WIDE } from "./positions.ts";

describe("places beyond 2³¹", () => {
  for (const [name, program, expected] of RIGHT)
    test(name, () => expect(scope(() => program().tolist())).toEqual(expected));
});

describe("places beyond 2³²", () => {
  for (const [name, program, expected] of WIDE)
    test(name, () => expect(scope(() => program().tolist())).toEqual(expected));
});

describe("refused", () => {
  for (const [name, program, message] of REFUSED)
    test(name, () => {
      const before = memory().bytes;
      expect(() => scope(() => program().tolist())).toThrow(message);
      expect(memory().bytes).toBe(before);
    });
  test("as an IndexError", () => {
    expect(() => np.argmax(np.arange(3e9, { dtype: "float32" }))).toThrow(IndexError);
    expect(() =>
      np
        .pad(np.arange(5e9, { dtype: "float32" }), 1)
        .slice(-2)
        .item(),
    ).toThrow(IndexError);
  });
});

describe("what is read twice and has no room", () => {
  const y = () => np.sin(np.arange(1.5e9, { dtype: "float32" }));
  test("places one by one", () => {
    const x = y();
    for (const i of [5, 6, 7]) expect(x.slice(i).item()).toBeCloseTo(Math.sin(i), 6);
    expect(memory().bytes).toBeLessThan(1e6);
  });
  test("through other operations", () => {
    const x = y();
    const z = x.mul(2);
    expect(z.slice(1).item()).toBeCloseTo(2 * Math.sin(1), 6);
    expect(x.slice(2).item()).toBeCloseTo(Math.sin(2), 6);
    expect(z.add(x).slice([3, 5]).tolist()).toHaveLength(2);
    expect(x.slice([-1]).shape).toEqual([1]);
  });
  test("and all of it is still refused", () => {
    const x = y();
    expect(x.slice(1).item()).toBeCloseTo(Math.sin(1), 6);
    expect(() => x.dataSync()).toThrow(OutOfMemoryError);
    expect(x.slice(2).item()).toBeCloseTo(Math.sin(2), 6);
  });
  test("a long program beside it is flushed without it", () => {
    const x = y();
    let w = np.ones([3]);
    for (let i = 0; i < 5000; i++) w = w.add(1);
    expect([...w.dataSync()]).toEqual([5001, 5001, 5001]);
    expect(x.slice(1).item()).toBeCloseTo(Math.sin(1), 6);
  });
});

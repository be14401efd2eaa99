// float16 on a host that has no Float16Array: it comes and goes as float32.
import { halfValue } from "@weft/ir";
import { afterEach, describe, expect, test, vi } from "vitest";

describe("a host without Float16Array", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("gives Float32Arrays of the same numbers, and takes numbers as it does elsewhere", async () => {
    vi.stubGlobal("Float16Array", undefined);
    vi.resetModules();
    const { numpy } = await import("../index.ts");
    const x = numpy.array([1, 0.1, 70_000, -6e-8, NaN], "float16");
    const expected = Float32Array.of(1, halfValue(0x2e66), Infinity, -(2 ** -24), NaN);
    expect(x.dataSync()).toEqual(expected);
    expect(await x.data()).toEqual(expected);
    expect(await numpy.full([100], 0.1, "float16").data()).toEqual(new Float32Array(100).fill(halfValue(0x2e66)));
    expect(numpy.array(Float32Array.of(2049), "float16").add(0).item()).toBe(2048);
    expect(String(x.slice([0, 2]))).toBe("[1.  0.1]");
  });
});

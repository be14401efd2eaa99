// The loader by itself: decoding, distances, and that a comparison can fail.
import { describe, expect, it } from "vitest";
import { decodeBits, expectWithinUlp, loadGolden, SECTIONS, ulpDistance } from "./load.ts";

describe("decodeBits", () => {
  it("decodes each kind of word", () => {
    expect(decodeBits("float32", ["3f800000", "80000000", "7f800000"])).toEqual(Float32Array.of(1, -0, Infinity));
    expect(decodeBits("float64", ["3ff0000000000000", "c000000000000000"])).toEqual(Float64Array.of(1, -2));
    expect(decodeBits("int32", ["ffffffff", "7fffffff"])).toEqual(Int32Array.of(-1, 2147483647));
    expect(decodeBits("uint32", ["ffffffff"])).toEqual(Uint32Array.of(4294967295));
    expect(decodeBits("bool", ["01", "00"])).toEqual(Uint8Array.of(1, 0));
    expect(decodeBits("int8", ["ff", "80"])).toEqual(Int8Array.of(-1, -128));
    expect(decodeBits("float16", ["3c00", "c000", "0001", "7c00", "7e00"])).toEqual(
      Float16Array.of(1, -2, 2 ** -24, Infinity, NaN),
    );
    expect(decodeBits("bfloat16", ["3f80", "c040"])).toEqual(Float32Array.of(1, -3));
  });

  it("refuses a dtype it does not know", () => {
    expect(() => decodeBits("int4", ["1"])).toThrow(/int4/);
  });
});

describe("ulpDistance", () => {
  it("counts representable numbers, across zero too", () => {
    expect(ulpDistance(1, 1)).toBe(0);
    expect(ulpDistance(1, 1 + 2 ** -23)).toBe(1);
    expect(ulpDistance(1, 1 - 2 ** -24)).toBe(1);
    expect(ulpDistance(2 ** -149, -(2 ** -149))).toBe(2);
    expect(ulpDistance(0, -0)).toBe(0);
    expect(ulpDistance(3.4028234663852886e38, Infinity)).toBe(1);
    expect(ulpDistance(1, 1 + 2 ** -52, 64)).toBe(1);
    expect(ulpDistance(1, -1, 64)).toBeGreaterThan(2 ** 62);
  });

  it("keeps NaN apart from numbers", () => {
    expect(ulpDistance(NaN, NaN)).toBe(0);
    expect(ulpDistance(NaN, Infinity)).toBe(Infinity);
  });
});

describe("expectWithinUlp", () => {
  it("accepts up to the bound and no more", () => {
    const near = Float32Array.of(1 + 2 ** -23);
    expect(() => expectWithinUlp(near, Float32Array.of(1), 1)).not.toThrow();
    expect(() => expectWithinUlp(near, Float32Array.of(1), 0)).toThrow(/1 of 1 .*\[0\]/);
    expect(() => expectWithinUlp(Float32Array.of(NaN), Float32Array.of(1), 1e9)).toThrow(/NaN instead of 1/);
  });

  it("tells zeros apart at bound 0 only", () => {
    expect(() => expectWithinUlp(Float32Array.of(-0), Float32Array.of(0), 0)).toThrow(/-0/);
    expect(() => expectWithinUlp(Float32Array.of(-0), Float32Array.of(0), 1)).not.toThrow();
  });

  it("takes denormals and zeros for each other where the device is WGSL's, and nothing else", () => {
    const tiny = Float32Array.of(-1e-40, 0);
    expect(() => expectWithinUlp(tiny, Float32Array.of(0, -0), 0, { wgsl: true })).not.toThrow();
    expect(() => expectWithinUlp(Float32Array.of(0, 0), tiny, 0, { wgsl: true })).not.toThrow();
    expect(() => expectWithinUlp(Float32Array.of(2e-38), Float32Array.of(0), 0, { wgsl: true })).toThrow(/2e-38|1\.99/);
    expect(() => expectWithinUlp(Int32Array.of(0), Int32Array.of(1), 0, { wgsl: true })).toThrow(/0 instead of 1/);
  });

  it("takes a denormal for a zero where the reference flushes", () => {
    const denormal = Float32Array.of(1e-40);
    expect(() => expectWithinUlp(denormal, Float32Array.of(0), 4)).toThrow(/1 of 1/);
    expect(() => expectWithinUlp(denormal, Float32Array.of(0), 4, { flushed: true })).not.toThrow();
    expect(() => expectWithinUlp(Float32Array.of(2e-38), Float32Array.of(0), 4, { flushed: true })).toThrow(/1 of 1/);
  });

  it("compares kinds, lengths and integers exactly", () => {
    expect(() => expectWithinUlp(Float32Array.of(1), Int32Array.of(1), 0)).toThrow(/Int32Array/);
    expect(() => expectWithinUlp(Float32Array.of(1), Float32Array.of(1, 1), 0)).toThrow(/2 elements/);
    expect(() => expectWithinUlp(Int32Array.of(1), Int32Array.of(2), 8)).toThrow(/1 instead of 2/);
  });
});

describe("loadGolden", () => {
  it.each(SECTIONS)("reads %s: named uniquely, decoded to the size of the shape", (section) => {
    const cases = loadGolden(section);
    expect(cases.length).toBeGreaterThan(50);
    expect(new Set(cases.map((golden) => golden.name)).size).toBe(cases.length);
    const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);
    const elements = (dtype: string): number => (dtype.startsWith("complex") ? 2 : 1);
    const torn = cases.filter(({ inputs, outputs, gradients }) =>
      [...inputs, ...outputs, ...gradients].some(
        ({ dtype, shape, data }) => data.length !== elements(dtype) * sizeOf(shape),
      ),
    );
    expect(torn.map((golden) => golden.name)).toEqual([]);
  });

  it("has the value that the issue gives for uniform", () => {
    const uniform = loadGolden("random").find((golden) => golden.name === "random.uniform(key(0), [3])");
    expect(uniform?.outputs[0].data).toEqual(Float32Array.of(0.947667, 0.9785799, 0.33229148));
  });
});

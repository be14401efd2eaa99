// Pictures in and out, on objects shaped as a browser's are; test/playground does the same with a browser's own.
import { DeviceError, DTypeError, ShapeError } from "@weft/ir";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as random from "../random/index.ts";
import * as np from "../numpy/index.ts";
import type { ArrayLike } from "../core/convert.ts";
import { jit } from "../transform/jit.ts";
import { toCanvas } from "./canvas.ts";
import type { CanvasLike, ImageSource } from "./pixels.ts";

/** A canvas that remembers what was put on it, and gives these pixels back when read. */
class FakeCanvas implements CanvasLike {
  static readonly drawn: { source: unknown; size: readonly number[] }[] = [];
  width: number;
  height: number;
  resized = 0;
  put: { data: Uint8ClampedArray } | null = null;
  constructor(width = 300, height = 150) {
    this.width = width;
    this.height = height;
  }
  getContext(): unknown {
    return {
      drawImage: (source: unknown, x: number, y: number, width: number, height: number) =>
        FakeCanvas.drawn.push({ source, size: [x, y, width, height] }),
      getImageData: (_x: number, _y: number, width: number, height: number) => ({
        width,
        height,
        data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => i % 256),
      }),
      createImageData: (width: number, height: number) => ({
        width,
        height,
        data: new Uint8ClampedArray(width * height * 4),
      }),
      putImageData: (data: { data: Uint8ClampedArray }) => {
        this.put = data;
      },
    };
  }
}

/** An object whose tag is a host's class. */
const tagged = (tag: string, members: object): ImageSource =>
  Object.defineProperty({ ...members }, Symbol.toStringTag, { value: tag }) as unknown as ImageSource;
const imageData = (width: number, height: number, ...data: number[]) => ({
  width,
  height,
  data: Uint8ClampedArray.from(data),
});

const shown = async (x: ArrayLike): Promise<number[]> => {
  const canvas = new FakeCanvas();
  await toCanvas(x, canvas);
  return [...(canvas.put?.data ?? [])];
};

afterEach(() => {
  vi.unstubAllGlobals();
  FakeCanvas.drawn.length = 0;
});

describe("np.array of a picture", () => {
  it("has RGBA from 0 to 255 as int32 in the last axis", () => {
    const x = np.array(imageData(1, 2, 10, 20, 30, 255, 0, 128, 255, 0));
    expect(x.dtype).toBe("int32");
    expect(x.weakType).toBe(false);
    expect(x.tolist()).toEqual([[[10, 20, 30, 255]], [[0, 128, 255, 0]]]);
  });

  it("copies, takes a dtype, and divides into floats", () => {
    const source = imageData(1, 1, 255, 51, 0, 255);
    const x = np.array(source);
    const y = np.asarray(source, "float32");
    source.data.fill(7);
    expect(x.tolist()).toEqual([[[255, 51, 0, 255]]]);
    expect([y.dtype, y.tolist()]).toEqual(["float32", [[[255, 51, 0, 255]]]]);
    expect(x.div(255).dtype).toBe("float32");
  });

  it.each([
    ["HTMLImageElement", { naturalWidth: 3, naturalHeight: 2 }],
    ["HTMLVideoElement", { videoWidth: 3, videoHeight: 2 }],
    ["VideoFrame", { displayWidth: 3, displayHeight: 2 }],
    ["ImageBitmap", { width: 3, height: 2 }],
    ["OffscreenCanvas", { width: 3, height: 2 }],
    ["HTMLCanvasElement", { width: 3, height: 2 }],
  ])("draws a %s and reads it", (tag, members) => {
    vi.stubGlobal("OffscreenCanvas", FakeCanvas);
    const source = tagged(tag, members);
    const x = np.array(source);
    expect(FakeCanvas.drawn).toEqual([{ source, size: [0, 0, 3, 2] }]);
    expect(x.shape).toEqual([2, 3, 4]);
    expect(x.slice(1, 2).tolist()).toEqual([20, 21, 22, 23]);
  });

  it("draws on the document's canvas where there is no OffscreenCanvas", () => {
    vi.stubGlobal("document", { createElement: () => new FakeCanvas() });
    expect(np.array(tagged("ImageBitmap", { width: 1, height: 1 })).tolist()).toEqual([[[0, 1, 2, 3]]]);
  });

  it("says what is missing", () => {
    const image = tagged("HTMLImageElement", { naturalWidth: 0, naturalHeight: 0 });
    expect(() => np.array(image)).toThrow(
      new ShapeError("np.array: this HTMLImageElement is 0×0 and has no pixels; await image.decode() first"),
    );
    expect(() => np.asarray(tagged("VideoFrame", { displayWidth: 0, displayHeight: 0 }))).toThrow(
      new ShapeError("np.asarray: this VideoFrame is 0×0 and has no pixels; was it closed?"),
    );
    const bitmap = tagged("ImageBitmap", { width: 2, height: 2 });
    expect(() => np.array(bitmap)).toThrow(
      new DeviceError(
        "np.array: reading the pixels of this ImageBitmap takes a canvas, and this host has none; pass ImageData",
      ),
    );
    expect(() => np.array({ width: 2, height: 2, data: new Uint8ClampedArray(12) })).toThrow(
      new ShapeError("np.array: ImageData of 2×2 has 12 bytes: expected 16, four a pixel"),
    );
    expect(() => np.array({ width: 1, height: 1, data: new Float32Array(4) })).toThrow(
      new DTypeError('np.array: ImageData with a Float32Array: expected bytes (pixelFormat "rgba-unorm8")'),
    );
    expect(() => np.array({ width: 1, height: 1 } as never)).toThrow(/^np.array: expected an array/);
  });

  it("names the cross-origin rule where the host forbids reading", () => {
    class Tainted extends FakeCanvas {
      override getContext(): unknown {
        const forbid = (): never => {
          throw Object.assign(new Error("The canvas has been tainted"), { name: "SecurityError" });
        };
        return { ...(super.getContext() as object), getImageData: forbid };
      }
    }
    vi.stubGlobal("OffscreenCanvas", Tainted);
    const source = tagged("HTMLImageElement", { naturalWidth: 1, naturalHeight: 1 });
    expect(() => np.array(source)).toThrow(DeviceError);
    expect(() => np.array(source)).toThrow(
      /the host forbids reading the pixels of this HTMLImageElement .* crossOrigin = "anonymous"/,
    );
  });
});

describe("toCanvas", () => {
  it("gives back what np.array took", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        async (width, height, bytes) => {
          const source = imageData(width, height, ...bytes.take(width * height * 4));
          expect(await shown(np.array(source))).toEqual([...source.data]);
          expect(await shown(np.array(source).div(255))).toEqual([...source.data]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("makes the canvas as large as the array, and leaves one alone that is", async () => {
    const canvas = new FakeCanvas(5, 7);
    await toCanvas(np.zeros([2, 3]), canvas);
    expect([canvas.width, canvas.height, canvas.put?.data.length]).toEqual([3, 2, 24]);
    let writes = 0;
    Object.defineProperty(canvas, "width", {
      get: () => 3,
      set: () => {
        writes++;
      },
    });
    await toCanvas(np.ones([2, 3]), canvas);
    expect(writes).toBe(0);
  });

  it("draws grey, RGB and RGBA; floats from 0 to 1, integers from 0 to 255, booleans black and white", async () => {
    expect(await shown([[0, 0.5, 1]])).toEqual([0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
    expect(await shown(np.array([[[0.2]]]))).toEqual([51, 51, 51, 255]);
    expect(await shown(np.array([[[1, 0, 0.2]]]))).toEqual([255, 0, 51, 255]);
    expect(await shown(np.array([[[1, 0, 0.2, 0]]]))).toEqual([255, 0, 51, 0]);
    expect(await shown(np.array([[[1, 0, 200]]], "int32"))).toEqual([1, 0, 200, 255]);
    expect(await shown(np.array([[7]], "uint32"))).toEqual([7, 7, 7, 255]);
    expect(await shown(np.array([[0.4]], "float64"))).toEqual([102, 102, 102, 255]);
    expect(await shown(np.array([[true, false]]))).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
  });

  it("clips, and draws NaN black", async () => {
    expect(await shown([[-1, 2, NaN, Infinity, -Infinity]])).toEqual(
      [0, 255, 0, 255, 0].flatMap((v) => [v, v, v, 255]),
    );
    expect(await shown(np.array([[-5, 300]], "int32"))).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });

  it.each([
    [() => np.zeros([3]), ShapeError, "toCanvas: float32[3]: expected [height, width] or [height, width, channels]"],
    [
      () => np.zeros([1, 2, 2, 3]),
      ShapeError,
      "toCanvas: float32[1,2,2,3]: expected [height, width] or [height, width, channels]",
    ],
    [
      () => np.zeros([4, 4, 2]),
      ShapeError,
      "toCanvas: float32[4,4,2]: expected 1, 3 or 4 channels in the last axis, not 2",
    ],
    [() => np.zeros([0, 4]), ShapeError, "toCanvas: float32[0,4]: a picture has at least one pixel"],
    [() => random.key(1), DTypeError, /random keys take no part in arithmetic/],
  ])("refuses what is no picture (%#)", async (make, kind, message) => {
    await expect(toCanvas(make(), new FakeCanvas())).rejects.toThrow(kind);
    await expect(toCanvas(make(), new FakeCanvas())).rejects.toThrow(message);
  });

  it("names a canvas that has another context, and a traced array", async () => {
    await expect(toCanvas([[1]], { width: 1, height: 1, getContext: () => null })).rejects.toThrow(
      "toCanvas: this canvas gives no 2d context; one that is used with WebGL or WebGPU has no other",
    );
    let drawn: Promise<void> | null = null;
    jit((x: ArrayLike) => {
      drawn = toCanvas(x, new FakeCanvas());
      return np.add(x, 1);
    })(np.ones([2, 2]));
    await expect(drawn).rejects.toThrow(/^toCanvas: .*traced by/);
  });
});

// np.array and toCanvas on a page's own pictures: elements, bitmaps, frames and a playing video. What they refuse is in
// packages/api/src/interop/interop.test.ts, on objects of the same shape.
import {
  ArgumentError,
  DeviceError,
  devicePut,
  DisposedError,
  DTypeError,
  numpy as np,
  ShapeError,
  toCanvas,
} from "@weft/api";
import { describe, expect, test } from "vitest";

const PIXELS = [
  [
    [255, 0, 0, 255],
    [10, 20, 30, 255],
    [0, 0, 0, 0],
  ],
  [
    [0, 255, 0, 255],
    [200, 100, 50, 255],
    [255, 255, 255, 255],
  ],
];

async function drawn(): Promise<HTMLCanvasElement> {
  const canvas = document.createElement("canvas");
  await toCanvas(np.array(PIXELS, "int32"), canvas);
  return canvas;
}

async function loaded(canvas: HTMLCanvasElement): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = canvas.toDataURL("image/png");
  await image.decode();
  return image;
}

describe("a page's pictures", () => {
  test("toCanvas draws on a canvas element, which takes the array's size", async () => {
    const canvas = await drawn();
    expect([canvas.width, canvas.height]).toEqual([3, 2]);
    expect(Array.from(canvas.getContext("2d")!.getImageData(0, 0, 3, 2).data)).toEqual(PIXELS.flat(2));
  });

  test.each([
    ["a canvas element", (canvas: HTMLCanvasElement) => canvas],
    ["ImageData", (canvas: HTMLCanvasElement) => canvas.getContext("2d")!.getImageData(0, 0, 3, 2)],
    ["an image element", loaded],
    ["an ImageBitmap", (canvas: HTMLCanvasElement) => createImageBitmap(canvas)],
    [
      "an OffscreenCanvas",
      (canvas: HTMLCanvasElement) => {
        const other = new OffscreenCanvas(3, 2);
        other.getContext("2d")!.drawImage(canvas, 0, 0);
        return other;
      },
    ],
    ["a VideoFrame", (canvas: HTMLCanvasElement) => new VideoFrame(canvas, { timestamp: 0 })],
  ])("np.array takes %s", async (_, make) => {
    const source = await make(await drawn());
    const x = np.array(source);
    if ("close" in source) source.close();
    expect([x.dtype, x.shape]).toEqual(["int32", [2, 3, 4]]);
    expect(await x.data()).toEqual(Int32Array.from(PIXELS.flat(2)));
  });

  test("an image that has not loaded, and one that has", async () => {
    expect(() => np.array(new Image())).toThrow(
      new ShapeError("np.array: this HTMLImageElement is 0×0 and has no pixels; await image.decode() first"),
    );
    expect(np.asarray(await loaded(await drawn()), "float32").dtype).toBe("float32");
  });

  test("a video that plays", async () => {
    const canvas = document.createElement("canvas");
    await toCanvas(np.ones([16, 32]), canvas);
    const video = document.createElement("video");
    expect(() => np.array(video)).toThrow(
      "array: this HTMLVideoElement is 0×0 and has no pixels; wait for its loadeddata event",
    );
    video.muted = true;
    video.srcObject = canvas.captureStream(30);
    const repaint = setInterval(() => void toCanvas(np.ones([16, 32]), canvas), 20);
    await video.play();
    clearInterval(repaint);
    const frame = np.array(video);
    expect(frame.shape).toEqual([16, 32, 4]);
    // video codecs may lose a little
    expect(Number(np.min(frame).item())).toBeGreaterThan(250);
  });
});

describe("canvases that are none, or not any more", () => {
  const x = np.ones([2, 3]);

  test.each([
    ["an object", {}],
    ["null", null],
    ["a selector", "canvas"],
    ["an image element", new Image()],
    ["a context", document.createElement("canvas").getContext("2d")],
    ["the class", HTMLCanvasElement],
  ])("%s", async (_name, canvas) => {
    await expect(toCanvas(x, canvas as unknown as HTMLCanvasElement)).rejects.toThrow(ArgumentError);
    await expect(toCanvas(x, canvas as unknown as HTMLCanvasElement)).rejects.toThrow(
      "toCanvas: canvas: expected a canvas element or an OffscreenCanvas, got",
    );
  });

  test("one that was transferred, one whose OffscreenCanvas was, and one that WebGL has", async () => {
    const element = document.createElement("canvas");
    const offscreen = element.transferControlToOffscreen();
    await expect(toCanvas(x, element)).rejects.toThrow(DeviceError);
    await expect(toCanvas(x, element)).rejects.toThrow("this canvas cannot be drawn on");
    await toCanvas(x, offscreen);
    expect([offscreen.width, offscreen.height]).toEqual([3, 2]);
    const moved = new OffscreenCanvas(2, 2);
    structuredClone(moved, { transfer: [moved] });
    await expect(toCanvas(x, moved)).rejects.toThrow(/^toCanvas: this canvas/u);
    const other = document.createElement("canvas");
    other.getContext("bitmaprenderer");
    await expect(toCanvas(x, other)).rejects.toThrow("this canvas gives no 2d context");
  });

  test("one that is transferred while the picture is computed", async () => {
    const element = document.createElement("canvas");
    const drawing = toCanvas(x, element);
    const context = element.getContext("2d");
    expect(context).not.toBeNull();
    await drawing;
    expect([element.width, element.height]).toEqual([3, 2]);
  });

  test("a picture that no canvas can hold", async () => {
    for (const make of [() => document.createElement("canvas"), () => new OffscreenCanvas(1, 1)]) {
      await expect(toCanvas(np.zeros([1, 100_000]), make())).rejects.toThrow(DeviceError);
      await expect(toCanvas(np.zeros([100_000, 1]), make())).rejects.toThrow(
        "toCanvas: this canvas takes no picture of 1×100000",
      );
    }
  });
});

describe("arrays and pictures whose memory has gone elsewhere", () => {
  const detached = <T extends ArrayBufferView>(view: T): T => {
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
    return view;
  };

  test("typed arrays", async () => {
    for (const use of [
      () => np.array(detached(new Float32Array(4))),
      () => np.ones([4]).add(detached(new Int32Array(4))),
      () => np.array([detached(new Float32Array(4))]),
      () => np.array(detached(new Uint8Array(4)), "int32"),
      () => devicePut(detached(new Float32Array(4))),
    ]) {
      expect(use).toThrow(DisposedError);
      expect(use).toThrow("was detached: its buffer was transferred");
    }
    await expect(toCanvas(detached(new Float32Array(4)), document.createElement("canvas"))).rejects.toThrow("detached");
    expect(np.array(new Float32Array(0)).shape).toEqual([0]);
    expect(np.array(new Float32Array(new ArrayBuffer(8), 8)).shape).toEqual([0]);
  });

  test("ImageData, closed bitmaps and frames, canvases without pixels", async () => {
    const data = new ImageData(2, 2);
    detached(data.data);
    expect(() => np.array(data)).toThrow(DisposedError);
    const bitmap = await createImageBitmap(new ImageData(2, 2));
    bitmap.close();
    expect(() => np.array(bitmap)).toThrow("was it closed?");
    const canvas = document.createElement("canvas");
    canvas.width = 0;
    expect(() => np.array(canvas)).toThrow(ShapeError);
  });

  test("what only says that it is a picture", () => {
    for (const tag of ["ImageBitmap", "HTMLCanvasElement", "HTMLImageElement", "VideoFrame"]) {
      const fake = {
        [Symbol.toStringTag]: tag,
        width: 2,
        height: 2,
        naturalWidth: 2,
        naturalHeight: 2,
        displayWidth: 2,
        displayHeight: 2,
      };
      expect(() => np.array(fake as unknown as ImageBitmap)).toThrow(DTypeError);
      expect(() => np.array(fake as unknown as ImageBitmap)).toThrow(`this ${tag} cannot be drawn`);
    }
  });

  test("pictures and canvases of a frame count as this page's", async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const inner = frame.contentWindow as unknown as typeof globalThis;
    const canvas = frame.contentDocument!.createElement("canvas");
    expect(canvas instanceof HTMLCanvasElement).toBe(false);
    await toCanvas(np.array(PIXELS, "int32"), canvas);
    expect(await np.array(canvas).data()).toEqual(Int32Array.from(PIXELS.flat(2)));
    const data = new inner.ImageData(inner.Uint8ClampedArray.from(PIXELS.flat(2)), 3, 2);
    expect(data instanceof ImageData).toBe(false);
    expect(await np.array(data).data()).toEqual(Int32Array.from(PIXELS.flat(2)));
    const bitmap = await inner.createImageBitmap(data);
    expect(np.array(bitmap).shape).toEqual([2, 3, 4]);
    const offscreen = new inner.OffscreenCanvas(1, 1);
    await toCanvas(np.ones([2, 2]), offscreen);
    expect([offscreen.width, offscreen.height]).toEqual([2, 2]);
  });
});

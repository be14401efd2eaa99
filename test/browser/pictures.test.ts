// np.array and toCanvas on a page's own pictures: elements, bitmaps, frames and a playing video. What they refuse is in
// packages/api/src/interop/interop.test.ts, on objects of the same shape.
import { numpy as np, ShapeError, toCanvas } from "@weft/api";
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
      new ShapeError("array: this HTMLImageElement is 0×0 and has no pixels; await image.decode() first"),
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

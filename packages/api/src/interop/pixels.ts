// Pictures of the host as array data: what a browser calls ImageData, image, canvas, video or frame becomes RGBA bytes.
// Known by their shape and tag, so that this package names no type of a host. Refuses pictures that have not loaded.
import type { DType, Node } from "@weft/ir";
import { aval, checkDType, DeviceError, DisposedError, DTypeError, ShapeError } from "@weft/ir";
import { convertHost } from "../core/host.ts";
import { classNameOf, isDetached, typedArrayName } from "../core/realms.ts";
import { uploadLeaf } from "../device/devices.ts";

/** What the host's ImageData is, as far as it is read here. */
export interface PixelData {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayBufferView;
}

/** HTMLImageElement. */
export interface ImageElement {
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  decode(): Promise<void>;
}

/** HTMLVideoElement. */
export interface VideoElement {
  readonly videoWidth: number;
  readonly videoHeight: number;
}

/** VideoFrame, as WebCodecs and cameras give them. */
export interface VideoFrameLike {
  readonly displayWidth: number;
  readonly displayHeight: number;
  close(): void;
}

/** ImageBitmap. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

/** HTMLCanvasElement and OffscreenCanvas. */
export interface CanvasLike {
  width: number;
  height: number;
  getContext(kind: "2d"): unknown;
}

/** The pictures of the host that np.array takes: their pixels as int32[height, width, 4], RGBA from 0 to 255. */
export type ImageSource = PixelData | ImageElement | VideoElement | VideoFrameLike | Bitmap | CanvasLike;

/** A 2d context of a canvas, as far as it is used here and in canvas.ts. */
export interface Context2d {
  drawImage(source: unknown, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): PixelData;
  createImageData(width: number, height: number): { readonly data: Uint8ClampedArray };
  putImageData(data: unknown, x: number, y: number): void;
  isContextLost?(): boolean;
}

/** RGBA bytes, row by row. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** Pixels are integers: int32 until bytes are a dtype that devices serve. */
const PIXEL_DTYPE: DType = "int32";

/** Members that hold the size, by the name the host gives the object. */
const SIZES: Readonly<Record<string, readonly [width: string, height: string]>> = {
  HTMLImageElement: ["naturalWidth", "naturalHeight"],
  HTMLVideoElement: ["videoWidth", "videoHeight"],
  VideoFrame: ["displayWidth", "displayHeight"],
  HTMLCanvasElement: ["width", "height"],
  OffscreenCanvas: ["width", "height"],
  ImageBitmap: ["width", "height"],
};

/** How to wait for the pixels of what has none yet. */
const WAITS: Readonly<Record<string, string>> = {
  HTMLImageElement: "await image.decode() first",
  HTMLVideoElement: "wait for its loadeddata event",
  VideoFrame: "was it closed?",
  ImageBitmap: "was it closed?",
};

/** `HTMLImageElement` of an object of another window too. */
const tagOf = (x: object): string => Object.prototype.toString.call(x).slice("[object ".length, -1);

const isPixelData = (x: object): x is PixelData =>
  "data" in x &&
  ArrayBuffer.isView(x.data) &&
  "width" in x &&
  typeof x.width === "number" &&
  "height" in x &&
  typeof x.height === "number";

/** Whether x is a picture of the host. */
export const isImageSource = (x: unknown): x is ImageSource =>
  typeof x === "object" &&
  x !== null &&
  !Array.isArray(x) &&
  !ArrayBuffer.isView(x) &&
  (Object.hasOwn(SIZES, tagOf(x)) || isPixelData(x));

/**
 * The pixels of a picture as [height, width, 4], int32 unless `dtype` is given. Throws ShapeError for a picture without
 * pixels, DTypeError for pixels that are no bytes, and DeviceError where the host has no canvas or forbids reading.
 */
export function imageNode(op: string, source: ImageSource, dtype: DType = PIXEL_DTYPE): Node {
  const to = checkDType(op, dtype);
  const { width, height, rgba } = pixelsOf(op, source);
  return uploadLeaf(aval(to, [height, width, 4]), convertHost(op, "uint8", rgba, to));
}

/** A view of ImageData's own bytes, or a copy of what was drawn. */
function pixelsOf(op: string, source: ImageSource): Pixels {
  if (isPixelData(source)) return bytesOf(op, source);
  const tag = tagOf(source);
  const [width, height] = SIZES[tag].map((member) => Number((source as unknown as Record<string, unknown>)[member]));
  if (!(width > 0 && height > 0)) {
    const hint = WAITS[tag];
    throw new ShapeError(
      `${op}: this ${tag} is ${width}×${height} and has no pixels${hint === undefined ? "" : `; ${hint}`}`,
    );
  }
  const context = scratch(op, tag, width, height);
  try {
    context.drawImage(source, 0, 0, width, height);
  } catch (error) {
    throw new DTypeError(`${op}: this ${tag} cannot be drawn, and so not read (${(error as Error).message})`, {
      cause: error,
    });
  }
  return bytesOf(op, readBack(op, tag, context, width, height));
}

function bytesOf(op: string, { width, height, data }: PixelData): Pixels {
  const name = typedArrayName(data);
  if (name !== "Uint8ClampedArray" && name !== "Uint8Array") {
    throw new DTypeError(`${op}: ImageData with a ${classNameOf(data)}: expected bytes (pixelFormat "rgba-unorm8")`);
  }
  if (data.byteLength === 0 && isDetached(data))
    throw new DisposedError(`${op}: the pixels of this ImageData were detached: their buffer was transferred`);
  const rgba = new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength);
  if (rgba.length !== width * height * 4) {
    throw new ShapeError(
      `${op}: ImageData of ${width}×${height} has ${rgba.length} bytes: expected ${width * height * 4}, four a pixel`,
    );
  }
  return { width, height, rgba };
}

interface Host {
  readonly OffscreenCanvas?: new (width: number, height: number) => CanvasLike;
  readonly document?: { createElement(name: "canvas"): CanvasLike };
}

/** A canvas of this size to draw on and read from. */
function scratch(op: string, tag: string, width: number, height: number): Context2d {
  const { OffscreenCanvas, document } = globalThis as Host;
  const canvas = OffscreenCanvas === undefined ? document?.createElement("canvas") : new OffscreenCanvas(width, height);
  if (canvas === undefined)
    throw new DeviceError(
      `${op}: reading the pixels of this ${tag} takes a canvas, and this host has none; pass ImageData`,
    );
  canvas.width = width;
  canvas.height = height;
  // read once and dropped: kept in the processor's memory, not a GPU's
  const context = (canvas.getContext as (kind: "2d", settings: object) => unknown).call(canvas, "2d", {
    willReadFrequently: true,
  });
  if (context === null) throw new DeviceError(`${op}: the host gives no 2d context to read this ${tag} with`);
  return context as Context2d;
}

function readBack(op: string, tag: string, context: Context2d, width: number, height: number): PixelData {
  try {
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== "SecurityError") throw error;
    throw new DeviceError(
      `${op}: the host forbids reading the pixels of this ${tag} (${message}); load it from this origin, or with crossOrigin = "anonymous" from one that allows it`,
    );
  }
}

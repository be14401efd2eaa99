// Arrays as pictures: toCanvas packs an array's pixels into RGBA words on its own device and puts them on a canvas.
// Owns what a picture is (shapes, ranges); refuses what has no one meaning as colours.
import type { Node } from "@weft/ir";
import { ArgumentError, DeviceError, DTypeError, formatAval, isFloat, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import { toNode, wrap } from "../core/convert.ts";
import { inWords } from "../core/words.ts";
import { define } from "../core/define.ts";
import { anything, array } from "../core/kinds.ts";
import * as n from "../lax/nodes.ts";
import type { CanvasLike, Context2d } from "./pixels.ts";

/** Channels of RGBA that a picture of so many channels has. */
const CHANNELS: Readonly<Record<number, readonly number[]>> = { 1: [0, 0, 0], 3: [0, 1, 2], 4: [0, 1, 2, 3] };
const OPAQUE = 255;

/** Every element as a byte in a uint32. */
function toBytes(node: Node): Node {
  const { dtype } = node.aval;
  if (dtype === "bool") return n.mul(n.convert(node, "uint32"), OPAQUE);
  if (isFloat(dtype)) {
    const unit = n.min(n.max(node, 0), 1);
    // NaN is black, whatever a device makes of it as an integer
    return n.convert(n.floor(n.add(n.mul(n.select(n.isNan(unit), 0, unit), OPAQUE), 0.5)), "uint32");
  }
  return n.convert(n.min(n.max(node, 0), OPAQUE), "uint32");
}

/** A picture as one uint32 a pixel, red in the lowest byte: what a canvas has in memory. */
function packedNode(picture: Node): Node {
  const { shape, dtype } = picture.aval;
  const [height, width, channels = 1] = shape;
  const label = formatAval(picture.aval);
  if (dtype !== "bool" && dtype !== "int32" && dtype !== "uint32" && !isFloat(dtype))
    throw new DTypeError(`toCanvas: ${label}: expected floats from 0 to 1, integers from 0 to 255, or booleans`);
  if (shape.length < 2 || shape.length > 3)
    throw new ShapeError(`toCanvas: ${label}: expected [height, width] or [height, width, channels]`);
  if (!(channels in CHANNELS))
    throw new ShapeError(`toCanvas: ${label}: expected 1, 3 or 4 channels in the last axis, not ${channels}`);
  if (height === 0 || width === 0) throw new ShapeError(`toCanvas: ${label}: a picture has at least one pixel`);
  const bytes = toBytes(n.reshape(picture, [height, width, channels]));
  const planes = Array.from({ length: channels }, (_, k) => n.reshape(n.sliceAxis(bytes, 2, k, 1), [height, width]));
  let packed = n.fill(n.like(planes[0], 0), [height, width]);
  for (const [position, channel] of CHANNELS[channels].entries())
    packed = n.or(packed, n.shiftLeft(planes[channel], 8 * position));
  return channels === 4 ? packed : n.or(packed, OPAQUE * 2 ** 24);
}

/** The 2d context to draw with. */
function contextOf(canvas: CanvasLike): Context2d {
  // by its shape: canvases of hosts are many
  if (typeof canvas !== "object" || canvas === null || typeof (canvas as Partial<CanvasLike>).getContext !== "function")
    throw new ArgumentError(
      `toCanvas: canvas: expected a canvas element or an OffscreenCanvas, got ${inWords(canvas)}`,
    );
  let context: unknown;
  try {
    context = canvas.getContext("2d");
  } catch (error) {
    throw new DeviceError(
      `toCanvas: this canvas cannot be drawn on (${(error as Error).message}); one whose control was transferred is drawn on through its OffscreenCanvas, where that is`,
      { cause: error },
    );
  }
  if (typeof context !== "object" || context === null || !("putImageData" in context))
    throw new DTypeError(
      "toCanvas: this canvas gives no 2d context; one that is used with WebGL or WebGPU has no other",
    );
  return context as Context2d;
}

/**
 * Draws an array on a canvas, which takes the array's size: [height, width] or [height, width, 1] as grey,
 * [height, width, 3] as RGB, 4 channels as RGBA (not premultiplied). Floats count from 0 to 1, integers from 0 to 255;
 * what lies beyond is clipped. Resolves when it is drawn; no device blocks.
 * @throws ShapeError for other shapes, DTypeError for other dtypes and for canvases that have no 2d context, ArgumentError
 * for what is no canvas, DeviceError for one that was transferred
 * @example await toCanvas(np.array(image).div(255), document.querySelector("canvas")!);
 */
export const toCanvas = define(
  "toCanvas",
  [array("x"), anything<CanvasLike>(true)("canvas")],
  async (x, canvas): Promise<void> => {
    const context = contextOf(canvas);
    await draw(wrap(packedNode(toNode("toCanvas", x))), canvas, context);
  },
);
async function draw(picture: NDArray, canvas: CanvasLike, context: Context2d): Promise<void> {
  using packed = picture;
  const words = await packed.data();
  const [height, width] = packed.shape;
  try {
    // setting a size clears the canvas, which would flicker
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const target = context.createImageData(width, height);
    target.data.set(new Uint8Array(words.buffer));
    context.putImageData(target, 0, 0);
    // drawing tells, not the size
    if (context.isContextLost?.() === true) throw new Error("larger than this host's canvases, or lost");
  } catch (error) {
    // too large for the host, or transferred meanwhile
    throw new DeviceError(
      `toCanvas: this canvas takes no picture of ${width}×${height} (${(error as Error).message})`,
      {
        cause: error,
      },
    );
  }
}

// A Gaussian blur written as 81 shifted slices: all of them become one kernel.
// Drop a picture of your own on the page, paste one, or switch the camera on.
import { jit, lax, type NDArray, numpy as np, vmap } from "@weft/api";

const SIZE = 9;
const SIGMA = 2.5;

/** exp(−r² / 2σ²) on a size × size grid, normalised to sum 1. */
const gaussian = (size: number, sigma: number) => {
  const offsets = np.arange(size).sub((size - 1) / 2);
  const row = np.exp(np.square(offsets).div(-2 * sigma * sigma));
  const kernel = np.outer(row, row);
  return kernel.div(np.sum(kernel));
};

/** image: float32[height, width]. Edges are repeated. */
const blur = (image: NDArray, kernel: NDArray) => {
  const [height, width] = image.shape;
  const [size] = kernel.shape;
  const padded = np.pad(image, (size - 1) / 2, { mode: "edge" });
  let output = np.zeros([height, width]);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const shifted = lax.dynamicSlice(padded, [i, j], [height, width]);
      output = output.add(kernel.slice(i, j).mul(shifted));
    }
  }
  return output;
};

const kernel = gaussian(SIZE, SIGMA);
const blurColours = jit(vmap(blur, [0, null])); // once for red, green and blue

/** RGBA pixels from 0 to 255 as three planes from 0 to 1, and back. */
const toPlanes = (pixels: NDArray) => np.moveaxis(pixels.slice("...", [0, 3]), -1, 0).div(255);
const toPicture = (planes: NDArray) => np.moveaxis(planes, 0, -1);

const planes = toPlanes(np.array(picture));
const blurred = blurColours(planes, kernel);
await show(toPicture(planes), "before");
await show(toPicture(blurred), `after, σ = ${SIGMA}`);
console.log("contrast before", np.std(planes), "after", np.std(blurred));

await measure("no jit", () => vmap(blur, [0, null])(planes, kernel));
await measure("jit", () => blurColours(planes, kernel));
await trace(() => blurColours(planes, kernel));
await showPlan(blur, planes.slice(0), kernel);

live((frame) => toPicture(blurColours(toPlanes(frame), kernel)));

// Program 4: a Gaussian blur written as 81 shifted slices. What it shows: all of them become one kernel.
import type { NDArray } from "@weft/api";
import { lax, numpy as np } from "@weft/api";

/** exp(−r² / 2σ²) on a size × size grid, normalised to sum 1. */
export const gaussianKernel = (size: number, sigma: number): NDArray => {
  const offsets = np.arange(size).sub((size - 1) / 2);
  const row = np.exp(np.square(offsets).div(-2 * sigma * sigma));
  const kernel = np.outer(row, row);
  return kernel.div(np.sum(kernel));
};

/** image: float32[height, width]; kernel: float32[k, k] with k odd. Edges are repeated. */
export const blur = (image: NDArray, kernel: NDArray): NDArray => {
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

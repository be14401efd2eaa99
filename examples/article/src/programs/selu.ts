// Program 1: SELU over a hundred million numbers. What it shows: five operations become one kernel.
import type { NDArray } from "@weft/api";
import { numpy as np } from "@weft/api";

export const ALPHA = 1.6732632423543772;
export const SCALE = 1.0507009873554805;

/** selu(x) = scale · where(x > 0, x, alpha · exp(x) − alpha) */
export const selu = (x: NDArray, alpha = ALPHA, scale = SCALE): NDArray =>
  np.multiply(scale, np.where(np.greater(x, 0), x, np.subtract(np.multiply(alpha, np.exp(x)), alpha)));

// Program 3: a matrix times a vector, vmapped over many vectors. What it shows: the batch becomes one matrix product.
import type { NDArray } from "@weft/api";
import { numpy as np, vmap } from "@weft/api";

export const matVec = (matrix: NDArray, vector: NDArray): NDArray => np.dot(matrix, vector);

/** One vector after the other. */
export const naivelyBatched = (matrix: NDArray, vectors: NDArray): NDArray =>
  np.stack([...vectors].map((vector) => matVec(matrix, vector)));

/** All vectors at once. */
export const batched = vmap(matVec, [null, 0]);

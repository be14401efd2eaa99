// A matrix times a vector, written for one vector and mapped over many: it becomes
// one matrix product.
import { jit, type NDArray, numpy as np, random, vmap } from "@weft/api";

const matVec = (matrix: NDArray, vector: NDArray) => np.dot(matrix, vector);

/** One vector after the other. */
const oneByOne = (matrix: NDArray, vectors: NDArray) => np.stack([...vectors].map((vector) => matVec(matrix, vector)));

/** All vectors at once. */
const together = vmap(matVec, [null, 0]);

const [k1, k2] = random.split(random.key(1));
const matrix = random.normal(k1, [1000, 1000]);
const vectors = random.normal(k2, [64, 1000]);

const a = oneByOne(matrix, vectors);
const b = together(matrix, vectors);
console.log("together(matrix, vectors)[:2, :4] =\n", b.slice([0, 2], [0, 4]));
console.log("largest difference", np.max(np.abs(a.sub(b))));

const fast = jit(together);
await measure("one by one", () => oneByOne(matrix, vectors));
await measure("vmap", () => together(matrix, vectors));
await measure("vmap, jit", () => fast(matrix, vectors));
await trace(() => fast(matrix, vectors));
await showPlan(together, matrix, vectors);

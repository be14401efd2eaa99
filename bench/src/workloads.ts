// The workloads: what runs, how much work it is, and its peers. Inputs rotate where caching could remove work.
import type { NDArray } from "@weft/api";
import { grad, jit, lax, nn, numpy as np, random, vmap } from "@weft/api";

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

export const selu = (x: NDArray): NDArray =>
  np.multiply(SCALE, np.where(np.greater(x, 0), x, np.subtract(np.multiply(ALPHA, np.exp(x)), ALPHA)));

/** Thirty elementwise operations, cheap and dear ones mixed. */
export function thirty(x: NDArray, y: NDArray): NDArray {
  let a = x.mul(y).add(0.5);
  const s = np.sin(a).mul(1.25);
  a = np.abs(s.sub(x)).add(1.25);
  let h = np.tanh(np.log(a).mul(0.5));
  h = h.add(y);
  const q = x.div(np.sqrt(h.mul(h).add(1)));
  const t = np.where(np.greater(q, 0.5), np.exp(q.neg()), q);
  const u = np.minimum(np.maximum(t, a), s);
  const v = np.cos(u).mul(t).sub(h);
  const w = np.abs(v.mul(h).add(x)).add(1.25);
  return np.log(w).mul(v).add(x).sub(0.25).mul(0.5).add(y);
}

export const blur = (image: NDArray, kernel: NDArray): NDArray => {
  const [height, width] = image.shape;
  const padded = np.pad(image, 4, { mode: "edge" });
  let output = np.zeros([height, width]);
  for (let i = 0; i < 9; i++)
    for (let j = 0; j < 9; j++)
      output = output.add(kernel.slice(i, j).mul(lax.dynamicSlice(padded, [i, j], [height, width])));
  return output;
};

export const gaussianKernel = (): NDArray => {
  const row = np.exp(np.square(np.arange(9).sub(4)).div(-2 * 2.5 * 2.5));
  const kernel = np.outer(row, row);
  return kernel.div(np.sum(kernel));
};

/** Weights of a network of 784-512-512-10. */
export type Layer = { w: NDArray; b: NDArray };
export const makeNetwork = (): Layer[] => {
  const sizes = [784, 512, 512, 10];
  const keys = random.split(random.key(3), 3);
  return [0, 1, 2].map((i) => ({
    w: random.normal(keys.slice(i), [sizes[i], sizes[i + 1]]).mul(Math.sqrt(2 / sizes[i])),
    b: np.zeros([sizes[i + 1]]),
  }));
};
const loss = (net: Layer[], x: NDArray, y: NDArray): NDArray => {
  let h = x;
  net.forEach(({ w, b }, i) => {
    h = np.matmul(h, w).add(b);
    if (i < net.length - 1) h = nn.relu(h);
  });
  return np.mean(np.sum(nn.logSoftmax(h).mul(y).neg(), { axis: 1 }));
};
/** One step of gradient descent on a batch. */
export const trainingStep = jit((net: Layer[], x: NDArray, y: NDArray): Layer[] => {
  const gradients = grad(loss)(net, x, y);
  return net.map(({ w, b }, i) => ({ w: w.sub(gradients[i].w.mul(0.1)), b: b.sub(gradients[i].b.mul(0.1)) }));
});

export const cubes = (x: NDArray): NDArray => np.sum(np.power(x, 3));
export const softmax = (x: NDArray): NDArray => nn.softmax(x, { axis: -1 });
export const matVecs = vmap((matrix: NDArray, vector: NDArray) => np.dot(matrix, vector), [null, 0]);

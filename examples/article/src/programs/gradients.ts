// Program 2: derivatives of ordinary functions.
import type { NDArray } from "@weft/api";
import { numpy as np } from "@weft/api";

/** Σ x³, whose gradient is 3x². */
export const sumOfCubes = (x: NDArray): NDArray => np.sum(np.power(x, 3));

/** A small function of three numbers with a full Hessian. */
export const bowl = (x: NDArray): NDArray => {
  const a = x.slice(0);
  const b = x.slice(1);
  const c = x.slice(2);
  return np
    .sin(a)
    .mul(b)
    .add(np.exp(b.mul(c)))
    .add(np.power(a, 2).mul(c));
};

/** Weights and biases of a two-layer network. */
export interface Network {
  readonly w1: NDArray;
  readonly b1: NDArray;
  readonly w2: NDArray;
  readonly b2: NDArray;
}

/** Mean squared error of tanh(x·w1 + b1)·w2 + b2. */
export const loss = (net: Network, x: NDArray, y: NDArray): NDArray => {
  const hidden = np.tanh(np.matmul(x, net.w1).add(net.b1));
  const output = np.matmul(hidden, net.w2).add(net.b2);
  return np.mean(np.square(output.sub(y)));
};

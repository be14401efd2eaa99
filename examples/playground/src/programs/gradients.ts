// Derivatives of ordinary functions: a gradient, a Hessian, a network that learns.
import { grad, hessian, jit, type NDArray, numpy as np, random, tree, valueAndGrad } from "@weft/api";

/** Σ x³, whose gradient is 3x². */
const sumOfCubes = (x: NDArray) => np.sum(np.power(x, 3));
console.log("grad Σx³ =", grad(sumOfCubes)(np.array([1, 2, 3, 4])));

/** A small function of three numbers with a full Hessian. */
const bowl = (x: NDArray) => {
  const [a, b, c] = x;
  return np
    .sin(a)
    .mul(b)
    .add(np.exp(b.mul(c)))
    .add(np.power(a, 2).mul(c));
};
console.log("its Hessian\n", hessian(bowl)(np.array([0.5, -1, 0.25])));

interface Network {
  w1: NDArray;
  b1: NDArray;
  w2: NDArray;
  b2: NDArray;
}

/** tanh(x·w1 + b1)·w2 + b2 */
const network = ({ w1, b1, w2, b2 }: Network, x: NDArray) => np.tanh(x.matmul(w1).add(b1)).matmul(w2).add(b2);

/** Mean squared error. */
const loss = (net: Network, x: NDArray, y: NDArray) => np.mean(np.square(network(net, x).sub(y)));

const step = jit((net: Network, x: NDArray, y: NDArray) => {
  const [value, slope] = valueAndGrad(loss)(net, x, y);
  const down = (w: NDArray, dw: NDArray) => w.sub(dw.mul(0.03));
  return { value, net: tree.map(down, net, slope) };
});

const [k1, k2] = random.split(random.key(7));
const x = np.linspace(-3, 3, 256).reshape(-1, 1);
const y = np.sin(x.mul(2)).add(x.mul(0.3));
let net: Network = {
  w1: random.normal(k1, [1, 64]),
  b1: np.linspace(-3, 3, 64),
  w2: random.normal(k2, [64, 1]).mul(0.1),
  b2: np.zeros([1]),
};

const losses: NDArray[] = [];
for (let i = 0; i < 300; i++) {
  const next = step(net, x, y);
  net = next.net;
  losses.push(next.value);
}
console.log("loss", losses[0], "→", losses[299]);
await plot(x, { function: y, network: network(net, x) });

await measure("grad of the loss", () => grad(loss)(net, x, y));
await measure("a jitted step", () => step(net, x, y));
await trace(() => step(net, x, y));
await showPlan(loss, net, x, y);

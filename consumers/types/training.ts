// Training steps over trees of parameters, as users write them: nothing is annotated that inference can know.
import {
  grad,
  hessian,
  jit,
  jvp,
  type NDArray,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
  vjp,
  vmap,
} from "@weft/api";

interface Params {
  w: NDArray;
  b: NDArray;
  layers: { w: NDArray; scale: number }[];
}
const params: Params = { w: np.ones([3, 2]), b: np.zeros([2]), layers: [{ w: np.ones([2]), scale: 2 }] };
const batch = random.normal(random.key(0), [8, 3]);
const lossOf = (p: Params, x: NDArray): NDArray => np.mean(np.square(nn.relu(np.dot(x, p.w).add(p.b))));
const rate = 0.1;

// Trees of arrays and numbers -----------------------------------------------------------------------------------------

interface Net {
  w: NDArray;
  b: [NDArray, NDArray];
  bias?: NDArray;
  none: null;
}
const net: Net = { w: np.ones([3]), b: [np.ones([1]), np.ones([2])], none: null };
export const stepped: Net = tree.map((p, g) => p.sub(g.mul(rate)), net, net);
export const zeros: Net = tree.map(np.zerosLike, net);
export const three: Net = tree.map((a, b, c) => a.add(b).add(c), net, net, zeros);
export const sizes: { w: number; b: [number, number] } = tree.map((p) => p.size, net);
export const texts: { a: string; b: string[] } = tree.map((n) => n.toFixed(2), { a: 1, b: [2, 3] });
export const named: Net = tree.mapWithPath((path, p) => (path.includes("b") ? p : p.mul(2)), net);
export const squares: NDArray = tree.reduce((sum, p) => sum.add(np.sum(np.square(p))), net, np.array(0));
export const total: NDArray = tree.reduce((sum, p) => sum.add(p), net);
export const count: number = tree.reduce((n, p) => n + p.size, net, 0);
// annotated callbacks, and leaves that the caller chooses
export const halves: Net = tree.map((p: NDArray) => p.div(2), net);
export const layers: NDArray[] = tree.leaves(net).map((leaf) => np.asarray(leaf as NDArray));
// @ts-expect-error leaves are arrays, which have no such method
tree.map((p) => p.nothing(), net);

// Derivatives ---------------------------------------------------------------------------------------------------------

const grads = grad(lossOf)(params, batch);
export const first: NDArray | undefined = grads.layers[0]?.scale;
const [value, again] = valueAndGrad(lossOf)(params, batch);
export const loss: number = value.item();
export const all: boolean = np.all(again.w.greater(0)).item();
export const both: [NDArray, NDArray] = grad((a: NDArray, b: NDArray) => a.mul(b).sum(), [0, 1])(1, 2);
export const withAux: [NDArray, { n: number }] = grad((x: NDArray): [NDArray, { n: number }] => [x.sum(), { n: 1 }], {
  hasAux: true,
})(batch);
export const curvature: NDArray = hessian((x) => np.sum(np.power(x, 3)))(np.ones([3]));
export const [y, dy] = jvp((x: NDArray) => np.sin(x), [batch], [batch]);
export const back: [NDArray] = vjp((x: NDArray) => np.sin(x), [batch])[1](y);
export const perExample = vmap(grad(lossOf), [null, 0])(params, batch).w;

// Generic trainers ----------------------------------------------------------------------------------------------------

export function fit<P>(loss: (p: P, x: NDArray) => NDArray, p: P, x: NDArray): P {
  const step = jit((p: P, x: NDArray) => tree.map((w, g) => w.sub(g.mul(rate)), p, grad(loss)(p, x)));
  for (let i = 0; i < 3; i++) p = step(p, x);
  return p;
}
export function descend<P>(loss: (p: P, x: NDArray) => NDArray, p: P, x: NDArray): P {
  const values = jit(valueAndGrad(loss));
  for (let i = 0; i < 3; i++) {
    const [value, g] = values(p, x);
    p = tree.map((a, b) => a.sub(b.mul(rate)), p, g);
    if (value.item() < 1e-3) break;
  }
  return p;
}
export function momentum<P extends Record<string, NDArray>>(loss: (p: P, x: NDArray) => NDArray, p: P, x: NDArray): P {
  let v = tree.map(np.zerosLike, p);
  const step = jit((p: P, v: P, x: NDArray): [P, P] => {
    const next = tree.map((m: NDArray, g: NDArray) => m.mul(0.9).add(g), v, grad(loss)(p, x));
    return [tree.map((w, m) => w.sub(m.mul(rate)), p, next), next];
  });
  for (let i = 0; i < 3; i++) [p, v] = step(p, v, x);
  return p;
}
interface Linear {
  w: NDArray;
  b: NDArray;
}
const linear: Linear = { w: np.ones([3, 2]), b: np.zeros([2]) };
const linearLoss = (p: Linear, x: NDArray): NDArray => np.sum(np.square(np.dot(x, p.w).add(p.b)));
export const fitted: Linear = fit(linearLoss, linear, batch);
export const descended: Linear = descend(linearLoss, fitted, batch);
export const moved: { w: NDArray } = momentum((p: { w: NDArray }, x) => np.dot(x, p.w).sum(), { w: linear.w }, batch);

// Programs of a person's first hours, models that are trained: each gives the numbers that golden.py gives with JAX.
import type { NDArray } from "@weft/api";
import { grad, jit, nn, numpy as np, random, tree, valueAndGrad, vmap } from "@weft/api";

/** Arrays, numbers and words by name. Arrays are read by whoever compares them, so that every device can run this. */
export type Numbers = Record<string, unknown>;

interface Line {
  w: NDArray;
  b: NDArray;
}

export function linearRegression(): Numbers {
  const [dataKey, weightKey, noiseKey] = random.split(random.key(42), 3);
  const x = random.normal(dataKey, [256, 3]);
  const y = x
    .matmul([2, -1, 0.5])
    .add(0.1)
    .add(random.normal(noiseKey, [256]).mul(0.01));
  const loss = ({ w, b }: Line, xs: NDArray, ys: NDArray): NDArray => np.mean(np.square(xs.matmul(w).add(b).sub(ys)));
  const step = jit((params: Line, xs: NDArray, ys: NDArray): [NDArray, Line] => {
    const [value, g] = valueAndGrad(loss)(params, xs, ys);
    return [value, tree.map((p: NDArray, d: NDArray) => p.sub(d.mul(0.1)), params, g)];
  });
  let params: Line = { w: random.normal(weightKey, [3]), b: np.zeros([]) };
  const losses: NDArray[] = [];
  for (let i = 0; i < 100; i++) {
    const [value, next] = step(params, x, y);
    params = next;
    if (i % 25 === 0) losses.push(value);
  }
  return { losses, w: params.w, b: params.b };
}

export function logisticRegression(): Numbers {
  const key = random.key(7);
  const x = random.normal(key, [200, 4]);
  const labels = x.slice([], 0).add(x.slice([], 1).mul(2)).greater(0.3);
  const logLikelihood = (w: NDArray): NDArray => {
    const z = x.matmul(w);
    return np.mean(np.where(labels, nn.logSigmoid(z), nn.logSigmoid(z.neg())));
  };
  let w = np.zeros([4]);
  for (let i = 0; i < 50; i++) w = w.add(grad(logLikelihood)(w));
  const predicted = nn.sigmoid(x.matmul(w)).greater(0.5);
  const accuracy = predicted.equal(labels).mean();
  return { w: w, likelihood: logLikelihood(w), accuracy: accuracy, count: np.sum(predicted) };
}

interface Layer {
  weight: NDArray;
  bias: NDArray;
}
interface Moments {
  m: Layer[];
  v: Layer[];
  t: number;
}

export function adam(): Numbers {
  const keys = random.split(random.key(3), 4);
  const widths = [2, 16, 16, 1];
  let layers: Layer[] = [0, 1, 2].map((i) => ({
    weight: random.normal(keys.slice(i), [widths[i], widths[i + 1]]).div(Math.sqrt(widths[i])),
    bias: np.zeros([widths[i + 1]]),
  }));
  const x = random.uniform(keys.slice(3), [64, 2], { minval: -1, maxval: 1 });
  const y = np.sin(x.slice([], [0, 1]).mul(3)).mul(x.slice([], [1]));
  const predict = (net: Layer[], input: NDArray): NDArray => {
    let h = input;
    for (const [i, { weight, bias }] of net.entries()) {
      h = h.matmul(weight).add(bias);
      if (i < net.length - 1) h = np.tanh(h);
    }
    return h;
  };
  const loss = (net: Layer[]): NDArray => np.mean(predict(net, x).sub(y).pow(2));
  const zeros = (): Layer[] => tree.map((p: NDArray) => np.zerosLike(p), layers);
  let state: Moments = { m: zeros(), v: zeros(), t: 0 };
  const step = jit((net: Layer[], { m, v, t }: Moments, rate: number): [NDArray, Layer[], Omit<Moments, "t">] => {
    const [value, g] = valueAndGrad(loss)(net);
    const m1 = tree.map((a: NDArray, d: NDArray) => a.mul(0.9).add(d.mul(0.1)), m, g);
    const v1 = tree.map((a: NDArray, d: NDArray) => a.mul(0.999).add(d.mul(d).mul(0.001)), v, g);
    const one = np.array(1);
    const c1 = one.sub(np.power(0.9, t));
    const c2 = one.sub(np.power(0.999, t));
    const next = tree.map(
      (p: NDArray, a: NDArray, b: NDArray) => p.sub(np.multiply(rate, a.div(c1)).div(np.sqrt(b.div(c2)).add(1e-8))),
      net,
      m1,
      v1,
    );
    return [value, next, { m: m1, v: v1 }];
  });
  const losses: NDArray[] = [];
  for (let i = 1; i <= 150; i++) {
    const rate = 0.02 * 0.5 ** Math.floor(i / 50);
    const [value, next, moments] = step(layers, { ...state, t: i }, rate);
    layers = next;
    state = { ...moments, t: i };
    if (i % 30 === 0) losses.push(value);
  }
  return { losses, first: layers[0].bias.slice([0, 4]) };
}

export function kMeans(): Numbers {
  const k = 3;
  const points = np.concatenate([
    random.normal(random.key(0), [40, 2]).mul(0.3).add([0, 0]),
    random.normal(random.key(1), [40, 2]).mul(0.3).add([3, 0]),
    random.normal(random.key(2), [40, 2]).mul(0.3).add([0, 3]),
  ]);
  let centres = points.slice([0, null, 40]);
  const step = jit((c: NDArray): [NDArray, NDArray] => {
    const distance = np.sum(np.square(np.expandDims(points, 1).sub(c)), { axis: -1 });
    const nearest = np.argmin(distance, 1);
    const one = nn.oneHot(nearest, k);
    return [one.T.matmul(points).div(one.sum(0).slice([], null)), nearest];
  });
  let assigned = np.zeros([120], "int32");
  for (let i = 0; i < 8; i++) [centres, assigned] = step(centres);
  return { centres: centres, counts: nn.oneHot(assigned, k).sum(0), some: assigned.slice([null, null, 17]) };
}

interface Attention {
  wq: NDArray;
  wk: NDArray;
  wv: NDArray;
}

export function attention(): Numbers {
  const [kx, kq, kk, kv] = random.split(random.key(11), 4);
  const x = random.normal(kx, [2, 6, 8]);
  const params: Attention = {
    wq: random.normal(kq, [8, 2, 4]),
    wk: random.normal(kk, [8, 2, 4]),
    wv: random.normal(kv, [8, 2, 4]),
  };
  const layer = ({ wq, wk, wv }: Attention, input: NDArray): NDArray => {
    const q = np.einsum("bld,dhk->blhk", input, wq);
    const k = np.einsum("bld,dhk->blhk", input, wk);
    const v = np.einsum("bld,dhk->blhk", input, wv);
    const scores = np.einsum("bqhd,bkhd->bhqk", q, k).div(Math.sqrt(4));
    const mask = np.tril(np.ones([6, 6], "bool"));
    const weights = nn.softmax(np.where(mask, scores, -Infinity), { axis: -1 });
    return np.einsum("bhqk,bkhd->bqhd", weights, v).reshape(2, 6, 8);
  };
  const out = layer(params, x);
  const g = grad((p: Attention) => np.mean(np.square(layer(p, x))))(params);
  return {
    out: out.slice(1, [0, 3]),
    gq: g.wq.slice(0),
    gv: g.wv.slice(0),
    norms: np.sqrt(np.sum(np.square(out), { axis: [1, 2] })),
  };
}

export function flow(): Numbers {
  // a RealNVP layer: the log-density of data under an invertible map
  const [kx, k1, k2] = random.split(random.key(5), 3);
  const x = random.normal(kx, [50, 2]).mul([1, 0.5]).add([2, -1]);
  interface Coupling {
    scale: NDArray;
    shift: NDArray;
  }
  const params: Coupling = { scale: random.normal(k1, [2]).mul(0.1), shift: random.normal(k2, [2]).mul(0.1) };
  const logDensity = ({ scale, shift }: Coupling, point: NDArray): NDArray => {
    const [a, b] = point;
    const s = np.tanh(scale.slice(0).mul(a).add(scale.slice(1)));
    const t = shift.slice(0).mul(a).add(shift.slice(1));
    const z = np.stack([a, b.sub(t).mul(np.exp(s.neg()))]);
    const base = np.sum(z.pow(2).add(Math.log(2 * Math.PI))).mul(-0.5);
    return base.sub(s);
  };
  const loss = (p: Coupling): NDArray => vmap(logDensity, [null, 0])(p, x).mean().neg();
  const start = loss(params);
  let p = params;
  for (let i = 0; i < 30; i++) p = tree.map((w: NDArray, g: NDArray) => w.sub(g.mul(0.1)), p, grad(loss)(p));
  return { start, end: loss(p), scale: p.scale, shift: p.shift };
}

export function ensemble(): Numbers {
  const keys = random.split(random.key(9), 5);
  const init = (key: NDArray): { w1: NDArray; w2: NDArray } => {
    const [a, b] = random.split(key);
    return { w1: random.normal(a, [3, 8]), w2: random.normal(b, [8]) };
  };
  const nets = vmap(init)(keys);
  const x = np.linspace(-1, 1, 12).reshape([4, 3]);
  const predict = (net: { w1: NDArray; w2: NDArray }, input: NDArray): NDArray =>
    nn.relu(input.matmul(net.w1)).matmul(net.w2);
  const all = vmap(predict, [0, null])(nets, x);
  const perNet = vmap(grad((net: { w1: NDArray; w2: NDArray }) => np.sum(predict(net, x))))(nets);
  return { all: all, mean: all.mean(0), std: all.std(0), w2: perNet.w2, shape: perNet.w1.shape };
}

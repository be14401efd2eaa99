// Programs of a person's first hours, small numerics: each gives the numbers that golden.py gives with JAX.
import type { NDArray } from "@weft/api";
import { grad, hessian, jacfwd, jit, jvp, lax, numpy as np, random, vjp, vmap } from "@weft/api";
import type { Numbers } from "./models.ts";

export function principalComponent(): Numbers {
  const x = random.normal(random.key(1), [100, 5]).mul([3, 2, 1, 0.5, 0.1]);
  const centred = x.sub(x.mean(0, { keepdims: true }));
  const covariance = centred.T.matmul(centred).div(x.shape[0] - 1);
  let v = np.ones([5]);
  for (let i = 0; i < 60; i++) {
    v = covariance.matmul(v);
    v = v.div(np.sqrt(np.vdot(v, v)));
  }
  const value = np.dot(v, covariance.dot(v));
  return { v: np.abs(v), value: value, diagonal: np.diagonal(covariance), trace: np.trace(covariance) };
}

export function life(): Numbers {
  let board = np.zeros([8, 8], "int32");
  for (const [i, j] of [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 1],
    [2, 2],
  ])
    board = board.at(i, j).set(1);
  for (let generation = 0; generation < 10; generation++) {
    let neighbours = np.zerosLike(board);
    for (const di of [-1, 0, 1]) {
      for (const dj of [-1, 0, 1])
        if (di !== 0 || dj !== 0) neighbours = neighbours.add(np.roll(board, [di, dj], [0, 1]));
    }
    const born = neighbours.equal(3);
    const stays = np.logicalAnd(board.equal(1), neighbours.equal(2));
    board = np.logicalOr(born, stays).astype("int32");
  }
  return { board: board, alive: board.sum(), dtype: board.sum().dtype };
}

export function mandelbrot(): Numbers {
  const [re, im] = np.meshgrid(np.linspace(-2, 0.5, 24), np.linspace(-1.2, 1.2, 16));
  let x = np.zerosLike(re);
  let y = np.zerosLike(im);
  let count = np.zeros(re.shape, "int32");
  for (let i = 0; i < 30; i++) {
    const inside = x.mul(x).add(y.mul(y)).lessEqual(4);
    const nextX = x.mul(x).sub(y.mul(y)).add(re);
    const nextY = x.mul(y).mul(2).add(im);
    x = np.where(inside, nextX, x);
    y = np.where(inside, nextY, y);
    count = count.add(inside);
  }
  return { rows: count.sum(1), row: count.slice(8), max: count.max() };
}

export function imageGradients(): Numbers {
  const i = np.arange(12).reshape(12, 1);
  const j = np.arange(10).slice(null);
  const image = np.sin(i.mul(0.5)).add(np.cos(j.mul(0.7)));
  const padded = np.pad(image, 1, { mode: "edge" });
  const gx = padded
    .slice([1, -1], [2])
    .sub(padded.slice([1, -1], [null, -2]))
    .div(2);
  const gy = padded
    .slice([2], [1, -1])
    .sub(padded.slice([null, -2], [1, -1]))
    .div(2);
  const magnitude = np.hypot(gx, gy);
  const angle = np.arctan2(gy, gx);
  const at = np.argmax(magnitude);
  return {
    shape: magnitude.shape,
    row: magnitude.slice(5),
    angles: np.degrees(angle).slice("3:6", 4),
    at: at,
    edges: np.sum(magnitude.greater(0.4)),
  };
}

export function movingAverage(): Numbers {
  const x = np
    .arange(20)
    .astype("float32")
    .mul(0.3)
    .add(random.normal(random.key(4), [20]));
  const window = 5;
  let sum = np.zeros([20 - window + 1]);
  for (let k = 0; k < window; k++) sum = sum.add(x.slice([k, 20 - window + 1 + k]));
  const stacked = np.stack(Array.from({ length: window }, (_, k) => x.slice([k, 16 + k])));
  return {
    mean: sum.div(window),
    max: stacked.max(0),
    median: np.clip(stacked, 0, 4).std({ axis: 0, ddof: 1 }),
    diff: np.diff(x, 2),
    reversed: x.slice("::-3"),
  };
}

export function monteCarlo(): Numbers {
  const keys = random.split(random.key(2024), 10);
  const estimate = (key: NDArray): NDArray => {
    const [kx, ky] = random.split(key);
    const inside = np
      .square(random.uniform(kx, [2000]))
      .add(np.square(random.uniform(ky, [2000])))
      .less(1);
    return np.mean(inside).mul(4);
  };
  const all = vmap(estimate)(keys);
  return { all: all, mean: all.mean(), error: np.abs(all.mean().sub(np.pi)) };
}

/** Solves a 2×2 system by Cramer's rule, until there is linalg. */
const solve2 = (a: NDArray, b: NDArray): NDArray => {
  const determinant = a
    .slice(0, 0)
    .mul(a.slice(1, 1))
    .sub(a.slice(0, 1).mul(a.slice(1, 0)));
  const x = b
    .slice(0)
    .mul(a.slice(1, 1))
    .sub(a.slice(0, 1).mul(b.slice(1)));
  const y = a
    .slice(0, 0)
    .mul(b.slice(1))
    .sub(b.slice(0).mul(a.slice(1, 0)));
  return np.stack([x, y]).div(determinant);
};

export function newton(): Numbers {
  const rosenbrock = (p: NDArray): NDArray =>
    np.square(np.subtract(1, p.slice(0))).add(np.square(p.slice(1).sub(np.square(p.slice(0)))).mul(100));
  const step = jit((p: NDArray) => p.sub(solve2(hessian(rosenbrock)(p), grad(rosenbrock)(p))));
  let p = np.array([-1.2, 1]);
  const values: (number | boolean)[] = [];
  let steps = 0;
  while (Number(rosenbrock(p).item()) > 1e-8 && steps < 20) {
    p = step(p);
    values.push(rosenbrock(p).item());
    steps++;
  }
  return { p: p.tolist(), steps, hessian: hessian(rosenbrock)(np.array([-1.2, 1])).tolist(), first: values[0] };
}

export function matrixExponential(): Numbers {
  const a = np
    .array([
      [0, 1, 0],
      [-1, 0, 0.5],
      [0, -0.5, 0],
    ])
    .mul(2);
  const exponential = jit(
    (m: NDArray, squarings: number) => {
      const scaled = m.div(2 ** squarings);
      let term = np.eye(3);
      let total = np.eye(3);
      for (let k = 1; k <= 8; k++) {
        term = term.matmul(scaled).div(k);
        total = total.add(term);
      }
      for (let k = 0; k < squarings; k++) total = total.matmul(total);
      return total;
    },
    { staticArgnums: 1 },
  );
  const e = exponential(a, 6);
  const [, tangent] = jvp((m: NDArray) => exponential(m, 6), [a], [np.eye(3)]);
  return {
    e: e,
    orthogonal: np.allclose(e.matmul(e.T), np.eye(3), { atol: 1e-4 }),
    tangent: tangent,
    again: exponential(a, 3),
  };
}

export function power(): Numbers {
  // JS control flow on values inside grad, and a static exponent
  const integerPower = jit(
    (x: NDArray, n: number): NDArray =>
      n === 0 ? np.onesLike(x) : n % 2 === 0 ? integerPower(x.mul(x), n / 2) : x.mul(integerPower(x, n - 1)),
    { staticArgnums: [1] },
  );
  const piecewise = (x: NDArray): NDArray =>
    Number(x.item()) > 1 ? x.mul(x) : Number(x.item()) < 0 ? np.exp(x) : x.mul(3);
  return {
    powers: integerPower(np.array([1, 2, -3]), 10).tolist(),
    grads: [-1, 0.5, 2].map((x) => grad(piecewise)(x).item()),
    d: [1, 2, 3, 4].map((n) => grad((x: NDArray) => integerPower(x, n))(3).item()),
  };
}

export function jacobians(): Numbers {
  const f = (x: NDArray): NDArray => np.stack([x.slice(0).mul(x.slice(1)), np.sin(x.slice(2)), x.sum()]);
  const x = np.array([1, 2, 3]);
  const [y, pullback] = vjp(f, [x]);
  const [v] = pullback(np.array([1, 0, 2]));
  const trees = grad((p: { a: NDArray; list: [NDArray, { c: NDArray }] }) =>
    p.a.mul(p.list[0]).add(p.list[1].c.pow(2)).sum(),
  )({ a: np.array([1, 2]), list: [np.array([3, 4]), { c: np.array(5) }] });
  return {
    fwd: jacfwd(f)(x),
    y: y,
    v: v,
    third: grad(grad(grad((t: NDArray) => t.pow(5).mul(np.exp(t.neg())))))(1.5),
    a: trees.a,
    list: [trees.list[0], trees.list[1].c],
    lax: lax.dynamicSlice(np.arange(20).reshape(4, 5), [1, 2], [2, 3]),
  };
}

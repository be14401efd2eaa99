// First, second and third derivatives of compositions against JAX's, in float64: every way to get each of them.
// derivatives.py defines the same functions under the same names.
import type { NDArray } from "@weft/api";
import { grad, hessian, jacfwd, jacrev, jit, jvp, lax, linearize, nn, numpy as np, vjp, vmap } from "@weft/api";
import { describe, expect, test } from "vitest";
import { readText } from "../support/files.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly name: string;
  readonly y: Stored;
  readonly dy: Stored;
  readonly gradient: Stored;
  readonly hessian: Stored;
  readonly third: Stored;
}
type Vector = (x: NDArray) => NDArray;

const { cases } = JSON.parse(await readText(new URL("./data/derivatives.json", import.meta.url))) as {
  readonly cases: readonly Case[];
};

const f64 = (data: readonly number[]): NDArray => np.array(Float64Array.from(data));
const point = (): NDArray => f64([0.3, -0.7, 1.1, 0.2, -1.3]);
const tangent = (): NDArray => f64([0.5, 1, -0.25, 2, 0.75]);
const cotangent = (shape: readonly number[]): NDArray => np.resize(f64([1, -2, 0.5, 3, 0.25]), shape);

const row = (x: NDArray): NDArray => np.concatenate([x, x.slice([0, 1])]).reshape(2, 3);
const back = (x: NDArray): NDArray => np.flip(x);

const FUNCTIONS: { readonly [name: string]: Vector } = {
  softmax: (x) => nn.softmax(x),
  logSoftmax: (x) => nn.logSoftmax(x.mul(3)),
  logsumexp: (x) => nn.logsumexp(x.mul(x)),
  gelu: (x) => nn.gelu(x, { approximate: false }),
  geluApproximate: (x) => nn.gelu(x),
  silu: nn.silu,
  softplus: (x) => nn.softplus(x.mul(4)),
  logSigmoid: (x) => nn.logSigmoid(x.mul(4)),
  mish: nn.mish,
  elu: (x) => nn.elu(x),
  celu: (x) => nn.celu(x, 1.5),
  selu: nn.selu,
  squareplus: (x) => nn.squareplus(x),
  standardize: (x) => nn.standardize(x),
  prod: (x) => np.prod(x),
  prodWithZero: (x) => np.prod(x.sub(f64([0.3, 0, 0, 0, 0]))),
  prodWithTwoZeros: (x) => np.prod(x.sub(f64([0.3, -0.7, 0, 0, 0]))),
  max: (x) => np.max(x).mul(np.min(x)),
  var: (x) => np.var(x).div(np.std(x.add(x.mul(x)))),
  power: (x) => np.power(x.add(2), x.mul(0.5)),
  powers: (x) =>
    np
      .power(x, 3)
      .sub(np.power(x, -2))
      .add(np.power(x.add(2), 0.5))
      .add(np.power(2, x)),
  divide: (x) => x.div(np.add(1, x.mul(x))).sub(np.divide(1, x.add(3))),
  arctan2: (x) => np.arctan2(x, back(x).add(0.1)),
  hypot: (x) => np.hypot(x, back(x).add(0.1)),
  logaddexp: (x) => np.logaddexp(x, back(x).mul(-2)),
  sinc: (x) => np.sinc(x),
  sincAtZero: (x) => np.sinc(x.sub(point())),
  cbrt: (x) => np.cbrt(x),
  inverse: (x) => np.arcsin(x.div(2)).add(np.arccos(x.div(3)).mul(np.arctan(x))),
  hyperbolic: (x) => np.sinh(x).mul(np.tanh(x)).sub(np.cosh(x)),
  inverseHyperbolic: (x) => np.arcsinh(x).add(np.arctanh(x.div(2)).mul(np.arccosh(x.add(3)))),
  logarithms: (x) =>
    np
      .log1p(x.mul(x))
      .add(np.log2(x.add(2)).mul(np.expm1(x)))
      .add(np.log10(x.add(2)).mul(np.exp2(x))),
  erf: (x) => lax.erf(x).add(lax.erfInv(x.div(2)).mul(lax.erfc(x))),
  mod: (x) =>
    np
      .mod(x, 0.45)
      .mul(x)
      .add(lax.rem(x, x.mul(0.1).add(0.45))),
  abs: (x) =>
    np
      .abs(x)
      .mul(np.sign(back(x)))
      .add(np.floor(x).mul(x)),
  clip: (x) =>
    np
      .clip(x, -0.5, 0.9)
      .mul(np.maximum(x, back(x)))
      .mul(np.minimum(x.mul(2), 1)),
  ties: (x) =>
    np
      .maximum(x, x)
      .mul(np.max(np.concatenate([x, x])))
      .mul(x),
  where: (x) => np.where(x.greater(0), np.sqrt(np.where(x.greater(0), x, 1)), x.mul(x)),
  matmul: (x) => np.tanh(row(x).matmul(row(x).T)).matmul(row(x)),
  einsum: (x) => np.einsum("ij,kj,k->i", row(x), row(x), x.slice([0, 2])),
  outer: (x) => np.sum(np.power(np.outer(x, np.sin(x)), 2), 1),
  attention: (x) => nn.softmax(row(x).matmul(row(x).T).div(2), -1).matmul(row(x)),
  movement: (x) =>
    np
      .pad(np.flip(row(x), 1).slice("...", [0, null, 2]).T, 1)
      .reshape(-1)
      .slice([0, null, 3])
      .mul(np.roll(x, 2).slice([0, 1]))
      .add(np.repeat(x, 2).slice([0, 6])),
  triangles: (x) =>
    np.sum(np.tril(np.outer(x, x)), 0).add(np.trace(np.outer(x, x)).mul(np.diff(np.append(x, x.slice(0))))),
  gather: (x) => lax.dynamicSlice(x.mul(x), [np.argmax(x)], [3]).mul(np.take(x, np.argmin(x))),
  update: (x) => lax.dynamicUpdateSlice(x.mul(x), np.sin(x.slice([0, 2])), [np.argmax(x).sub(1)]),
  at: (x) =>
    x
      .at([1, 3])
      .set(np.power(x.slice([0, 2]), 2))
      .at(0)
      .add(x.slice(4))
      .at([0, null, 2])
      .mul(x.slice([0, 3])),
  glu: (x) => nn.glu(x.slice([0, 4])),
  stopGradient: (x) => x.mul(lax.stopGradient(x.mul(x))),
  nan: (x) => np.nansum(np.where(x.greater(1), NaN, x.mul(x))).mul(x),
};

function expectNear(what: string, got: NDArray, wanted: Stored): void {
  expect(got.shape, what).toEqual(wanted.shape);
  const scale = 1e-10 * (1 + Math.max(...wanted.data.map(Math.abs)));
  Array.from(got.dataSync()).forEach((value, i) => {
    expect(
      Math.abs(value - wanted.data[i]),
      `${what}: element ${i} is ${value}, JAX has ${wanted.data[i]}`,
    ).toBeLessThan(scale);
  });
}

test("every function is in the data, and every case has a function", () => {
  expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(FUNCTIONS).sort());
});

describe.each(cases)("$name", ({ name, y, dy, gradient, hessian: second, third }) => {
  const f = FUNCTIONS[name];
  const scalar: Vector = (x) => np.sum(f(x).mul(cotangent(y.shape)));
  test("value, jvp and gradient", () => {
    const [value, pushed] = jvp(f, [point()], [tangent()]);
    expectNear("value", value, y);
    expectNear("jvp", pushed, dy);
    expectNear("linearize", linearize(f, [point()])[1](tangent()), dy);
    expectNear("grad", grad(scalar)(point()), gradient);
    expectNear("vjp", vjp(f, [point()])[1](cotangent(y.shape))[0], gradient);
    expectNear("jit of grad", jit(grad(scalar))(point()), gradient);
    expectNear("vmap of grad", vmap(grad(scalar))(np.stack([tangent(), point()])).slice(1), gradient);
  });
  test("second and third derivatives", () => {
    expectNear("hessian", hessian(scalar)(point()), second);
    expectNear("jacrev of jacfwd", jacrev(jacfwd(scalar))(point()), second);
    expectNear("jit of jacrev of grad", jit(jacrev(grad(scalar)))(point()), second);
    expectNear(
      "third",
      jvp((x: NDArray) => np.matmul(hessian(scalar)(x), tangent()), [point()], [tangent()])[1],
      third,
    );
  });
});

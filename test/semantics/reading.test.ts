// SEMANTICS 1.1: a value may be read anywhere inside a function that is differentiated, and the derivative does not
// notice. Every position of one function with all kinds of steps, under every kind of derivative.
import type { NDArray } from "@weft/api";
import { grad, hessian, jacfwd, jacrev, jit, jvp, linearize, numpy as np, valueAndGrad, vjp, vmap } from "@weft/api";
import { describe, expect, test } from "vitest";

type Note = (value: NDArray) => void;
type Scalar = (x: NDArray) => NDArray;

/** A function of a scalar, which shows `note` every value it makes. */
function program(x: NDArray, note: Note): NDArray {
  const seen = (value: NDArray): NDArray => {
    note(value);
    return value;
  };
  seen(x);
  const a = seen(np.sin(x));
  const b = seen(a.mul(x));
  const c = seen(jit((z: NDArray) => np.tanh(z).mul(b))(a));
  const d = seen(vmap((z: NDArray) => z.mul(c).add(x))(seen(np.stack([a, b]))));
  const e = seen(grad((z: NDArray) => seen(np.sin(seen(z.mul(a)))))(b));
  const [f, df] = jvp((z: NDArray) => seen(seen(z.mul(z)).mul(e)), [c], [a]);
  seen(f);
  seen(df);
  const [g, back] = vjp((z: NDArray) => seen(z.mul(x).mul(d.sum())), [e]);
  const [h] = back(seen(g.mul(0.5)));
  const y = seen(seen(d.prod()).add(df).add(f).add(seen(h)));
  return seen(y.mul(y));
}

let places = 0;
program(np.array(0.7, "float64"), () => places++);

/** The program, reading the value at one place (or, with −1, all of them). */
const reading =
  (place: number): Scalar =>
  (x) => {
    let at = 0;
    return program(x, (value) => {
      if (place === -1 || at++ === place) value.dataSync();
    });
  };
const plain: Scalar = (x) => program(x, () => undefined);

const point = (): NDArray => np.array(0.7, "float64");
const one = (): NDArray => np.array(1, "float64");
const derivatives: readonly [string, (f: Scalar) => readonly NDArray[]][] = [
  ["grad", (f) => [grad(f)(point())]],
  ["valueAndGrad", (f) => valueAndGrad(f)(point())],
  ["jvp", (f) => jvp(f, [point()], [one()])],
  [
    "vjp",
    (f) => {
      const [y, back] = vjp(f, [point()]);
      y.item();
      return [y, back(one())[0], back(one().mul(3))[0]];
    },
  ],
  [
    "linearize",
    (f) => {
      const [y, push] = linearize(f, [point()]);
      y.item();
      return [y, push(one()), push(one().mul(3))];
    },
  ],
  ["grad of grad", (f) => [grad(grad(f))(point())]],
  [
    "grad of a gradient that is read",
    (f) => [
      grad((x: NDArray) => {
        const g = grad(f)(x);
        g.item();
        return g.mul(x);
      })(point()),
    ],
  ],
  ["jvp of grad", (f) => jvp(grad(f), [point()], [one()])],
  ["grad of jvp", (f) => [grad((x: NDArray) => jvp(f, [x], [one()])[1])(point())]],
  ["grad of vjp", (f) => [grad((x: NDArray) => vjp(f, [x])[1](x)[0])(point())]],
  ["grad of linearize", (f) => [grad((x: NDArray) => linearize(f, [x])[1](x))(point())]],
  [
    "grad of an aux",
    (f) => [
      grad((x: NDArray) => grad((y: NDArray): [NDArray, NDArray] => [y.mul(x), f(x)], { hasAux: true })(x)[1])(point()),
    ],
  ],
  ["jacobians", (f) => [jacfwd(f)(point()), jacrev(f)(point()), hessian(f)(point())]],
];

const values = (f: Scalar, derive: (f: Scalar) => readonly NDArray[]): number[] =>
  derive(f).map((x) => Number(x.item()));

describe.each(derivatives)("%s", (_name, derive) => {
  test("reading anywhere, and everywhere, changes nothing", () => {
    const wanted = values(plain, derive).map((value) => {
      expect(Number.isFinite(value)).toBe(true);
      return expect.closeTo(value, 8) as number;
    });
    for (let place = -1; place < places; place++)
      expect(values(reading(place), derive), `read at place ${place}`).toEqual(wanted);
  });
});

test("the derivatives themselves are right", () => {
  const h = 1e-5;
  const at = (by: number): number => Number(plain(point().add(by)).item());
  const g = Number(grad(plain)(point()).item());
  expect(g).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
  expect(Number(grad(grad(plain))(point()).item())).toBeCloseTo((at(h) - 2 * at(0) + at(-h)) / h ** 2, 3);
});

test("a value that is read decides, and the branch taken is differentiated", () => {
  const f = (x: NDArray): NDArray => {
    let y = x;
    for (let i = 0; Number(y.item()) < 100; i++) y = y.mul(x);
    return y;
  };
  // 3^5 = 243
  expect(grad(f)(3).item()).toBe(5 * 81);
  expect(grad(grad(f))(3).item()).toBe(20 * 27);
});

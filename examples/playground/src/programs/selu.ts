// SELU over a million numbers: five operations that become one kernel.
import { grad, jit, type NDArray, numpy as np, random, vmap } from "@weft/api";

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

/** scale · where(x > 0, x, alpha · exp(x) − alpha) */
const selu = (x: NDArray) => np.where(x.greater(0), x, np.exp(x).mul(ALPHA).sub(ALPHA)).mul(SCALE);

const x = random.normal(random.key(0), [1000, 1000]); // JAX's numbers
const y = selu(x); // recorded, not computed: reading does that
console.log("selu(x)[0, :5] =", y.slice(0, [0, 5]));
console.log("mean", np.mean(y), "std", np.std(y));

const line = np.linspace(-3, 3, 121);
await plot(line, { selu: selu(line), derivative: vmap(grad(selu))(line) });

const fast = jit(selu);
await measure("lazy", () => selu(x));
await measure("jit", () => fast(x));
await trace(() => fast(x));
await showPlan(selu, x);

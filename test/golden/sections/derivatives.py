"""First and second derivatives of compositions, in float64: value, gradient, jvp, and what a Hessian maps a tangent to.

The test file defines the same functions under the same names. Functions of a vector of five; those of a matrix say so.
"""
import jax
import jax.numpy as jnp
import numpy as np

POINT = [0.3, -0.7, 1.1, 0.2, -1.3]
TANGENT = [0.5, 1.0, -0.25, 2.0, 0.75]
COTANGENT = [1.0, -2.0, 0.5, 3.0, 0.25]


def row(x):
    return jnp.concatenate([x, x[:1]]).reshape(2, 3)


FUNCTIONS = {
    "softmax": lambda x: jax.nn.softmax(x),
    "logSoftmax": lambda x: jax.nn.log_softmax(x * 3),
    "logsumexp": lambda x: jax.nn.logsumexp(x * x),
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "geluApproximate": lambda x: jax.nn.gelu(x),
    "silu": lambda x: jax.nn.silu(x),
    "softplus": lambda x: jax.nn.softplus(x * 4),
    "logSigmoid": lambda x: jax.nn.log_sigmoid(x * 4),
    "mish": lambda x: jax.nn.mish(x),
    "elu": lambda x: jax.nn.elu(x),
    "celu": lambda x: jax.nn.celu(x, 1.5),
    "selu": lambda x: jax.nn.selu(x),
    "squareplus": lambda x: jax.nn.squareplus(x),
    "standardize": lambda x: jax.nn.standardize(x),
    "prod": lambda x: jnp.prod(x),
    "prodWithZero": lambda x: jnp.prod(x - jnp.array([0.3, 0, 0, 0, 0])),
    "prodWithTwoZeros": lambda x: jnp.prod(x - jnp.array([0.3, -0.7, 0, 0, 0])),
    "max": lambda x: jnp.max(x) * jnp.min(x),
    "var": lambda x: jnp.var(x) / jnp.std(x + x * x),
    "power": lambda x: jnp.power(x + 2, x * 0.5),
    "powers": lambda x: x**3 - x**-2 + (x + 2) ** 0.5 + 2**x,
    "divide": lambda x: x / (1 + x * x) - 1 / (x + 3),
    "arctan2": lambda x: jnp.arctan2(x, x[::-1] + 0.1),
    "hypot": lambda x: jnp.hypot(x, x[::-1] + 0.1),
    "logaddexp": lambda x: jnp.logaddexp(x, -2 * x[::-1]),
    "sinc": lambda x: jnp.sinc(x),
    "sincAtZero": lambda x: jnp.sinc(x - jnp.array([0.3, -0.7, 1.1, 0.2, -1.3])),
    "cbrt": lambda x: jnp.cbrt(x),
    "inverse": lambda x: jnp.arcsin(x / 2) + jnp.arccos(x / 3) * jnp.arctan(x),
    "hyperbolic": lambda x: jnp.sinh(x) * jnp.tanh(x) - jnp.cosh(x),
    "inverseHyperbolic": lambda x: jnp.arcsinh(x) + jnp.arctanh(x / 2) * jnp.arccosh(x + 3),
    "logarithms": lambda x: jnp.log1p(x * x) + jnp.log2(x + 2) * jnp.expm1(x) + jnp.log10(x + 2) * jnp.exp2(x),
    "erf": lambda x: jax.lax.erf(x) + jax.lax.erf_inv(x / 2) * jax.lax.erfc(x),
    "mod": lambda x: jnp.mod(x, 0.45) * x + jax.lax.rem(x, 0.45 + 0.1 * x),
    "abs": lambda x: jnp.abs(x) * jnp.sign(x[::-1]) + jnp.floor(x) * x,
    "clip": lambda x: jnp.clip(x, -0.5, 0.9) * jnp.maximum(x, x[::-1]) * jnp.minimum(x * 2, 1.0),
    "ties": lambda x: jnp.maximum(x, x) * jnp.max(jnp.concatenate([x, x])) * x,
    "where": lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1)), x * x),
    "matmul": lambda x: jnp.tanh(row(x) @ row(x).T) @ row(x),
    "einsum": lambda x: jnp.einsum("ij,kj,k->i", row(x), row(x), x[:2]),
    "outer": lambda x: jnp.sum(jnp.outer(x, jnp.sin(x)) ** 2, 1),
    "attention": lambda x: jax.nn.softmax(row(x) @ row(x).T / 2, axis=-1) @ row(x),
    "movement": lambda x: jnp.pad(jnp.flip(row(x), 1)[:, ::2].T, 1).reshape(-1)[::3] * jnp.roll(x, 2)[:1] + jnp.repeat(x, 2)[:6],
    "triangles": lambda x: jnp.sum(jnp.tril(jnp.outer(x, x)), 0) + jnp.trace(jnp.outer(x, x)) * jnp.diff(x, append=x[0]),
    "gather": lambda x: jax.lax.dynamic_slice(x * x, (jnp.argmax(x),), (3,)) * jnp.take(x, jnp.argmin(x)),
    "update": lambda x: jax.lax.dynamic_update_slice(x * x, jnp.sin(x[:2]), (jnp.argmax(x) - 1,)),
    "at": lambda x: x.at[1:3].set(x[:2] ** 2).at[0].add(x[4]).at[::2].multiply(x[:3]),
    "glu": lambda x: jax.nn.glu(x[:4]),
    "stopGradient": lambda x: x * jax.lax.stop_gradient(x * x),
    "nan": lambda x: jnp.nansum(jnp.where(x > 1, jnp.nan, x * x)) * x,
}


def array(x):
    x = np.asarray(x, np.float64)
    return {"shape": list(x.shape), "data": [float(v) for v in x.reshape(-1)]}


def section():
    cases = []
    with jax.enable_x64(True):
        x, t, c = (jnp.array(v, jnp.float64) for v in (POINT, TANGENT, COTANGENT))
        for name, f in FUNCTIONS.items():
            y, dy = jax.jvp(f, (x,), (t,))
            weights = jnp.resize(c, y.shape)
            scalar = lambda v: jnp.sum(f(v) * weights)  # noqa: E731
            cases.append({"name": name, "y": array(y), "dy": array(dy), "gradient": array(jax.grad(scalar)(x)), "hessian": array(jax.hessian(scalar)(x)),
                          "third": array(jax.jvp(lambda v: jax.hessian(scalar)(v) @ t, (x,), (t,))[1])})
    return cases

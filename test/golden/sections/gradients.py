"""Derivatives at the edges: ties, zeros, bounds, poles, untaken branches. Value and vjp of each.

Names with "custom." are compositions that the test file defines under the same name.
"""
import jax
import jax.numpy as jnp
import numpy as np

from golden import f32, gradient

NAN, INF = float("nan"), float("inf")


def ties():
    a, b = f32(1, 2, 3, 0, -0.0, NAN, INF), f32(1, 1, 4, -0.0, 0, 1, INF)
    cases = [gradient(name, a, b) for name in ["np.maximum", "np.minimum"]]
    cases += [gradient(name, f32(1, 2, 3), f32(1, 1, 4)) for name in ["np.fmax", "np.fmin"]]
    for x in [f32(1, 3, 3, 2), f32(2, 2, 2), f32(5), f32([[1, 1], [0, 1]]), f32(-INF, -INF)]:
        cases += [gradient("np.max", x), gradient("np.min", x)]
    grid = f32([[1, 5, 5], [2, 2, 2]])
    cases += [gradient("np.max", grid, axis=1, cotangent=f32(1, 6)), gradient("np.min", grid, axis=0, cotangent=f32(1, 2, 3)),
              gradient("np.max", grid, axis=1, keepdims=True)]
    cases += [gradient("np.sort", f32(3, 1, 1, 2), cotangent=f32(1, 2, 3, 4)), gradient("np.abs", f32(0, -0.0, 2, -2, INF, -INF)),
              gradient("np.sign", f32(0, 2, -3)), gradient("np.floor", f32(0.5, 1)), gradient("np.round", f32(0.5, 1.2))]
    x = f32(-2, -1, 0, 1, 2, NAN)
    cases += [gradient("np.clip", x, -1.0, 1.0), gradient("np.clip", x, f32(-1), f32(1), label="bounds as arrays"),
              gradient("lax.clamp", f32([-1] * 6), x, f32([1] * 6))]
    return cases


def powers():
    bases = f32(0, 0, 0, 0, 0, 1, 2, 4, -2, -2, -2, 0.5, -0.0, -0.0, INF, 0)
    exponents = f32(0, 1, 2, 0.5, -1, 5, 0, 0.5, 2, 3, 0.5, -2, 1, 3, 2, 1.5)
    cases = [gradient("np.power", bases, exponents, ulp=6)]
    for n in [-3, -2, -1, 0, 1, 2, 3, 4, 5, 7]:
        x = f32(0, -0.0, 1, -1, 2, -3, 0.5) if n >= 0 else f32(1, -1, 2, -3, 0.5, 0)
        cases += [gradient("lax.integer_pow", x, n, ulp=4), gradient("np.power", x, n, ulp=4)]
    for exponent in [0.5, 1.5, -0.5, 2.5]:
        cases += [gradient("np.power", f32(0, 1, 4, 2, 0.25), exponent, ulp=6)]
    cases += [gradient("np.sqrt", f32(0, -0.0, 1, 4, -1, INF)), gradient("lax.rsqrt", f32(1, 4, 0.25, 0)), gradient("np.cbrt", f32(8, -8, 1, 0), ulp=8),
              gradient("np.square", f32(0, 3, -3)), gradient("np.reciprocal", f32(1, -2, 0.25)), gradient("np.divide", f32(1, 0, 2), f32(2, 3, -4)),
              gradient("np.divide", f32(1, 0), f32(0, 0), label="by zero"), gradient("np.arctan2", f32(0, 1, -1, 1), f32(1, 0, -1, 1), ulp=4),
              gradient("np.hypot", f32(3, 0, 1), f32(4, 2, 1), ulp=4), gradient("np.mod", f32(5.5, -5.5, 3), f32(2, 2, -2)), gradient("lax.rem", f32(5.5, -5.5, 3), f32(2, 2, -2))]
    return cases


def products():
    cases = [gradient("np.prod", x) for x in [f32(2, 3, 4), f32(2, 0, 4), f32(0, 0, 4), f32(0, 5), f32(7)]]
    cases += [gradient("np.prod", f32([[1, 0, 2], [3, 4, 5]]), axis=1, cotangent=f32(2, 3)), gradient("np.prod", f32([[1, 0], [3, 4]]), axis=0)]
    cases += [gradient("np.cumsum", f32(1, 2, 3), cotangent=f32(1, 10, 100)), gradient("np.cumprod", f32(2, 3, 4), cotangent=f32(1, 10, 100)),
              gradient("np.cumprod", f32(2, 0, 4), cotangent=f32(1, 10, 100)), gradient("np.cumprod", f32(0, 0, 4, 1))]
    return cases


def functions():
    x = f32(-90, -20, -5, -1, -0.0, 0, 0.5, 1, 5, 20, 90)
    # 1 − y and 1 − y² cancel where the function saturates
    cases = [gradient("lax.logistic", x, ulp=8, atol=2**-23), gradient("np.tanh", x, ulp=8, atol=2**-21)]
    cases += [gradient(name, x, ulp=ulp) for name, ulp in [
        ("np.sin", 6), ("np.cos", 6), ("np.expm1", 6), ("np.arctan", 6), ("np.arcsinh", 8), ("lax.erf", 8)]]
    cases += [gradient(name, values, ulp=6) for name, values in [
        ("np.exp", f32(-80, -1, 0, 1, 80, 100, -INF)), ("np.log", f32(0, 1, 2, 1e-10, 1e10, INF, -1)), ("np.log1p", f32(-1, -0.5, 0, 1e-7, 1, 1e10)),
        ("np.exp2", f32(-3, 0, 2.5)), ("np.log2", f32(0.5, 3)), ("np.log10", f32(0.5, 30)), ("lax.erf_inv", f32(-0.9, -0.5, 0, 0.5, 0.9, 0.999)),
        ("lax.erfc", f32(-1, 0, 0.5, 3)), ("np.tan", f32(0, 0.5, 1, -1.2)), ("np.arcsin", f32(0, 0.5, -0.9)), ("np.arccos", f32(0, 0.5, -0.9)),
        ("np.sinh", f32(0, 0.5, -2)), ("np.cosh", f32(0, 0.5, -2)), ("np.arccosh", f32(1.5, 2, 30)), ("np.arctanh", f32(0, 0.5, -0.9)), ("np.sinc", f32(0, 0.5, 1, -1.25))]]
    cases += [gradient("lax.erf_inv", f32(1, -1), ulp=0, label="at ±1"), gradient("np.arcsin", f32(1, -1), ulp=0, label="at ±1"),
              # left out: −∞ with −∞, where JAX has NaN, and equal large numbers, where it has 0.49998 for ½
              gradient("np.logaddexp", f32(0, 1, 0.25, 2), f32(0, -INF, 0.25, -3), ulp=6), gradient("np.logaddexp2", f32(0, 1, 5), f32(0, 3, -4), ulp=8)]
    return cases


def where_sqrt(x):
    return jnp.where(x > 0, jnp.sqrt(x), 0.0)


def double_where_sqrt(x):
    return jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0)


def where_log(x):
    return jnp.where(x > 1, jnp.log(x - 1), x)


def norm(x):
    return jnp.sqrt(jnp.sum(x * x))


def self_product(x):
    return x * x * x


def standardised(x):
    return (x - jnp.mean(x)) / jnp.std(x)


def branches():
    cases = [gradient("custom.whereSqrt", f32(-1, 0, 4), function=where_sqrt), gradient("custom.doubleWhereSqrt", f32(-1, 0, 4), function=double_where_sqrt),
             gradient("custom.whereLog", f32(0, 1, 3), function=where_log), gradient("custom.norm", f32(3, 4), function=norm), gradient("custom.norm", f32(0, 0), function=norm),
             gradient("custom.selfProduct", f32(0, 1, -2), function=self_product), gradient("custom.standardised", f32(1, 2, 4), function=standardised, cotangent=f32(1, 0, 2), ulp=64)]
    cases += [gradient("np.linalg.norm", f32(3, 4)), gradient("np.linalg.norm", f32(0, 0)), gradient("np.linalg.norm", f32(3, -4, 0), 1), gradient("np.linalg.norm", f32([[1, 2], [3, 4]]), axis=1)]
    return cases


def reductions():
    x = f32([[1, -2, 3], [0, 5, -6]])
    cases = [gradient("np.sum", x), gradient("np.sum", x, axis=0, cotangent=f32(1, 2, 3)), gradient("np.mean", x, axis=1, cotangent=f32(1, 3)),
             gradient("np.var", x, axis=1, ulp=16), gradient("np.var", x, ddof=1, ulp=16), gradient("np.std", x, axis=0, ulp=16), gradient("np.std", f32(2, 2, 2)),
             gradient("nn.logsumexp", x, axis=1, ulp=8), gradient("nn.logsumexp", f32(-INF, -INF)), gradient("nn.logsumexp", f32(1000, 1000), ulp=8), gradient("nn.logsumexp", f32(-INF, 0)),
             gradient("nn.log_softmax", x, axis=1, cotangent=f32([[1, 0, 2], [0, 3, 1]]), ulp=64), gradient("nn.softmax", x, axis=0, cotangent=f32([[1, 0, 2], [0, 3, 1]]), ulp=64)]
    a, b = f32([[1, 2], [3, 4]]), f32([[5, -6, 7], [8, 9, -1]])
    cases += [gradient("np.matmul", a, b, cotangent=f32([[1, 2, 3], [4, 5, 6]])), gradient("np.dot", f32(1, 2, 3), f32(4, 5, 6)), gradient("np.outer", f32(1, 2), f32(4, 5, 6), cotangent=f32([[1, 2, 3], [4, 5, 6]])),
              gradient("np.matmul", a, f32(5, 6), cotangent=f32(1, 10)), gradient("np.add", a, f32(1, 2)), gradient("np.multiply", a, f32([[1], [2]]), label="broadcast")]
    return cases


def movement():
    x = f32([[1, 2, 3], [4, 5, 6]])
    ct = f32([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
    cases = [gradient("np.pad", x, ((1, 1), (0, 0)), mode=mode, cotangent=ct) for mode in ["edge", "reflect", "wrap", "symmetric", "constant"]]
    cases += [gradient("lax.dynamic_slice", x, (5, -1), (1, 2), cotangent=f32([[3, 4]])), gradient("lax.dynamic_update_slice", x, f32([[7, 8]]), (9, 1), cotangent=f32([[1, 2, 3], [4, 5, 6]])),
              gradient("np.tile", f32(1, 2), 2, cotangent=f32(1, 2, 3, 4)), gradient("np.repeat", f32(1, 2), 2, cotangent=f32(1, 2, 3, 4)), gradient("np.roll", f32(1, 2, 3), 1, cotangent=f32(1, 2, 3)),
              gradient("np.broadcast_to", f32(1, 2, 3), (2, 3), cotangent=f32([[1, 2, 3], [4, 5, 6]])), gradient("np.transpose", x, cotangent=f32([[1, 2], [3, 4], [5, 6]])),
              gradient("np.take", f32(1, 2, 3), np.array([0, 0, 2], np.int32), cotangent=f32(1, 10, 100)), gradient("np.where", np.array([True, False, True]), f32(1, 2, 3), f32(4, 5, 6), cotangent=f32(1, 2, 3))]
    return cases


def section():
    return ties() + powers() + products() + functions() + branches() + reductions() + movement()

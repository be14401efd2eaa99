"""float16: conversions and rounding, elementwise functions, sums, products, draws, gradients.

XLA's CPU code rounds after every operation, where our kernels keep float32 until a result is stored; so compositions
may lie a few units apart, and single operations not at all.
"""
import jax
import jax.numpy as jnp
import numpy as np

from golden import Key, call, f32, gradient, i32, u32

NAN, INF = float("nan"), float("inf")


def f16(*values):
    return np.array(values[0] if len(values) == 1 and isinstance(values[0], list) else values, np.float32).astype(np.float16)


EDGES = f16(0, -0.0, 1, -1, 0.5, 2, 3, 0.1, -0.1, 1e-3, 6.1e-5, 6e-8, -6e-8, 3e-5, 11, -11, 100, 1000, 2049, 65504, -65504, INF, -INF, NAN, 3.14, 0.333, 1.001, 0.9995)


def conversions():
    tie = 2.0**-11
    floats = f32(1 + tie, 1 + 3 * tie, 1 + tie + 2**-20, 65519, 65520, -65520, 1e30, 2**-25, 2**-25 * 1.01, 3 * 2**-25, 2**-14 - 2**-25, 1e-10, -1e-10, 0.1, 1 / 3, NAN, -INF)
    whole = i32(0, 1, -1, 2049, 2051, 65504, 65519, 65520, -70000, 2**31 - 1)
    cases = [call("lax.convert_element_type", x, "float16") for x in [floats, whole, u32(5, 2049, 2**32 - 1), np.array([True, False])]]
    cases += [call("lax.convert_element_type", EDGES, dtype) for dtype in ["float32", "int32", "uint32", "bool"]]
    # a conversion there and back rounds under jit as well
    cases += [call("lax.convert_element_type", jax.jit(lambda x: x.astype(jnp.float16))(floats), "float32", label="rounded under jit")]
    return cases


def elementwise():
    cases = [call(name, EDGES, ulp=ulp) for name, ulp in [
        ("np.negative", 0), ("np.abs", 0), ("np.sign", 0), ("np.floor", 0), ("np.ceil", 0), ("np.round", 0), ("np.sqrt", 0), ("np.square", 0), ("np.isnan", 0), ("np.isfinite", 0), ("np.signbit", 0),
        ("np.exp", 1), ("np.exp2", 1), ("np.expm1", 1), ("np.log", 1), ("np.log1p", 1), ("np.log2", 1), ("np.log10", 1), ("np.sin", 1), ("np.cos", 1), ("np.tan", 1), ("np.tanh", 1), ("np.sinh", 1), ("np.cosh", 1),
        ("np.arcsinh", 1), ("np.arctan", 1), ("np.arctanh", 1), ("np.cbrt", 1), ("lax.logistic", 1), ("lax.rsqrt", 1), ("lax.erf", 1), ("lax.erfc", 1), ("lax.erf_inv", 1), ("np.nan_to_num", 0), ("np.reciprocal", 0)]]
    x, y = [part.reshape(-1) for part in np.meshgrid(EDGES[:24], f16(0, 1, -2, 0.3, 65504, NAN, 1e-3))]
    cases += [call(name, x, y) for name in ["np.add", "np.subtract", "np.multiply", "np.divide", "np.less", "np.equal", "np.greater_equal"]]
    cases += [call("np.power", f16(2, 0.5, 3, 10), f16(0.5, 3, -1, 4.5), ulp=1), call("np.arctan2", f16(1, -1, 0.5), f16(2, 0.25, -3), ulp=1), call("np.hypot", f16(3, 300, 60000), f16(4, 400, 60000), ulp=1),
              call("np.logaddexp", f16(1, 2, -3), f16(0.5, 2, 10), ulp=1), call("np.where", np.array([True, False]), f16(1, 2), f16(0.1, 0.2)), call("np.clip", f16(-1, 0.3, 7), f16(0), f16(0.1))]
    # weak scalars take float16, rounded before the operation
    cases += [call("np.multiply", f16(1, 3, 7, 0.3), 0.1), call("np.add", f16(1, 3, 7, 0.3), 1e-3), call("np.add", f16(1, 3), 1), call("np.multiply", f16(1, 3), f32(0.1, 0.2)), call("np.add", f16(1, 3), i32(1, 2))]
    return cases


def reductions():
    noise = np.random.RandomState(16).randint(-32, 33, (3, 40)).astype(np.float32)
    x = (noise / 8).astype(np.float16)
    long = np.full((1000,), 0.1, np.float32).astype(np.float16)
    cases = [call(name, x, axis, ulp=ulp) for name, ulp in [("np.sum", 0), ("np.max", 0), ("np.min", 0), ("np.argmax", 0), ("np.mean", 1), ("np.var", 1), ("np.std", 1)] for axis in [None, 0, 1]]
    cases += [call("np.prod", f16(1.5, 2.5, -3, 0.1)), call("np.prod", f16(300, 300, 0.001)), call("np.sum", long, ulp=1, label="of 1000 tenths"), call("np.mean", np.full((1000,), 100, np.float16), label="of more than the largest half"),
              call("np.sum", np.full((1000,), 100, np.float16), label="beyond the largest half"), call("np.average", f16(1, 2, 4), weights=f16(3, 1, 0.5), ulp=1), call("np.sum", f16(1, NAN)), call("np.nanmean", f16(1, NAN, 4), ulp=1),
              call("np.trapezoid", f16(1, 2, 4, 3), ulp=1), call("nn.logsumexp", f16(1, 2, 300), ulp=1), call("nn.softmax", f16(1, 2, 3, -4), ulp=2), call("nn.log_softmax", f16(1, 2, 3, -4), ulp=2)]
    return cases


def contractions():
    random = np.random.RandomState(17)
    few = lambda *shape: (random.randint(-16, 17, shape) / 8).astype(np.float16)  # noqa: E731
    # few bits: every sum is exact in float32, so that only the last rounding counts
    a, b, v = few(7, 33), few(33, 5), few(33)
    p, q = few(2, 3, 20), few(2, 20, 4)
    cases = [call("np.matmul", x, y) for x, y in [(a, b), (a, v), (v, v), (p, q), (few(20, 64), few(64, 24))]]
    cases += [call("np.dot", v, v), call("np.einsum", "bij,bjk->bik", p, q), call("np.einsum", "ij->j", a), call("np.outer", few(3), few(4)), call("np.matmul", a, b.astype(np.float32))]
    return cases


def creation():
    return [call("np.zeros", (2, 3), dtype="float16"), call("np.full", (3,), 0.1, dtype="float16"), call("np.arange", 0, 1, 0.1, dtype="float16"), call("np.arange", 5, dtype="float16"),
            call("np.linspace", 0, 1, 7, dtype="float16", ulp=2), call("np.eye", 3, dtype="float16"), call("np.array", [1.1, 2.2, 70000.0], dtype="float16")]


def draws():
    return [call("random.uniform", Key(seed), shape, "float16") for seed, shape in [(0, (5,)), (1, (4, 33))]] + [
        call("random.uniform", Key(2), (50,), "float16", -3.0, 0.7), call("random.normal", Key(0), (8,), "float16"), call("random.normal", Key(3), (200,), "float16"), call("random.bernoulli", Key(4), f16(0.3), (30,))]


def gradients():
    x = f16([[1, -2, 3], [0.5, 5, -0.25]])
    cases = [gradient(name, x, ulp=2) for name in ["np.sin", "lax.logistic", "np.square", "np.abs", "np.sum", "np.mean"]]
    # 1 − tanh²: JAX rounds the square before the difference
    cases += [gradient("np.tanh", x, ulp=2, atol=5e-4), gradient("np.exp", x, ulp=1), gradient("np.var", x, axis=1, ulp=2), gradient("nn.softmax", x, axis=1, cotangent=f16([[1, 0, 2], [0, 3, 1]]), ulp=4, atol=1e-3), gradient("np.sqrt", f16(1, 4, 0.1), ulp=1),
              gradient("np.matmul", f16([[1, 2], [3, 4]]), f16([[5, -6, 7], [8, 9, -1]]), cotangent=f16([[1, 2, 3], [4, 5, 6]]), ulp=0), gradient("np.multiply", x, f16([[1], [2]]), label="broadcast", ulp=0),
              gradient("np.divide", f16(1, 2, 3), f16(3, 7, 0.3), ulp=2), gradient("lax.convert_element_type", f16(1, 2), "float32", cotangent=f32(0.1, 1 / 3), ulp=0)]
    return cases


def section():
    return conversions() + elementwise() + reductions() + contractions() + creation() + draws() + gradients()

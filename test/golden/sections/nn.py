"""jax.nn: values over the whole range and value with vjp at the edge points."""
import jax.numpy as jnp
import numpy as np

from golden import call, f32, gradient, i32

NAN, INF = float("nan"), float("inf")
RANGE = np.concatenate([np.linspace(-8, 8, 33).astype(np.float32), f32(-0.0, 1e-6, -1e-6, 20, -20, 88, -88, 100, -100, NAN, INF, -INF)])
EDGE = f32(-90, -20, -6, -3, -1, -1e-3, -0.0, 0, 1e-3, 1, 3, 6, 7, 20, 90)

# 1 − y, 1 + tanh and x·(a flushed denormal) leave few digits in JAX's results, which are held to an absolute distance:
# half a unit of 1 each, times what follows. name → [of the value, of the gradient]
ABSOLUTE = {"gelu": (2**-21, 2**-20), "silu": (2**-119, 2**-119), "mish": (2**-119, 2**-119), "sigmoid": (0, 2**-23), "tanh": (0, 2**-21)}

# name, options, tolerance of the value, of the gradient
ACTIVATIONS = [
    ("relu", {}, 0, 0), ("relu6", {}, 0, 0), ("selu", {}, 6, 6), ("elu", {}, 6, 6), ("elu", {"alpha": 0.3}, 6, 6), ("celu", {}, 6, 6), ("celu", {"alpha": 2.0}, 6, 6),
    ("gelu", {"approximate": True}, 16, 64), ("gelu", {"approximate": False}, 16, 64), ("silu", {}, 8, 32), ("softplus", {}, 6, 8), ("sigmoid", {}, 6, 8), ("log_sigmoid", {}, 6, 8),
    ("leaky_relu", {}, 1, 1), ("leaky_relu", {"negative_slope": 0.3}, 1, 1), ("hard_tanh", {}, 0, 0), ("hard_sigmoid", {}, 2, 2), ("hard_silu", {}, 2, 4), ("soft_sign", {}, 2, 4),
    ("mish", {}, 16, 64), ("squareplus", {}, 16, 32), ("tanh", {}, 6, 12), ("sparse_plus", {}, 2, 2), ("sparse_sigmoid", {}, 2, 2),
]


def activations():
    cases = []
    for name, options, ulp, gradient_ulp in ACTIVATIONS:
        value, slope = ABSOLUTE.get(name, (0, 0))
        cases += [call(f"nn.{name}", RANGE, ulp=ulp, atol=value, **options), gradient(f"nn.{name}", EDGE, ulp=gradient_ulp, atol=slope, label=f"{options or ''} gradient", **options)]
    return cases


def normalised():
    x = f32([[1, -2, 3, 0.5], [0, 5, -6, 5], [1000, 1001, 999, -1000]])
    edges = [f32(0, -INF), f32(-INF, -INF), f32(INF, 0), f32(NAN, 1), f32(5), f32(1e30, -1e30), np.float32([[1, 2], [3, 4]])]
    cases = []
    for name in ["softmax", "log_softmax", "logsumexp", "logmeanexp"]:
        cases += [call(f"nn.{name}", x, axis=axis, ulp=8) for axis in [0, 1, -1]]
        cases += [call(f"nn.{name}", e, ulp=8) for e in edges]
    mask = np.array([True, True, False, True])
    cases += [call("nn.logsumexp", x, ulp=8, axis=1, keepdims=True), call("nn.logsumexp", x, ulp=8, axis=(0, 1)), call("nn.logsumexp", f32(1, 2, 3), b=f32(1, 0.5, 2), ulp=8),
              call("nn.softmax", x, axis=1, where=np.broadcast_to(mask, (3, 4)).copy(), ulp=8),
              call("nn.standardize", x, ulp=64), call("nn.standardize", x, 0, ulp=64), call("nn.standardize", f32(2, 2, 2), ulp=64), call("nn.standardize", f32(1, 2, 4), mean=1.0, variance=4.0, ulp=16),
              call("nn.glu", x, ulp=8), call("nn.glu", f32([[1, 2], [3, -4]]), axis=0, ulp=8)]
    weights = f32([[1, 0, 2, -1], [0.5, 3, 1, 1], [1, 2, 0, 1]])
    cases += [gradient("nn.softmax", x, axis=1, cotangent=weights, ulp=128), gradient("nn.glu", x, cotangent=f32([[1, 2], [3, 4], [5, 6]]), ulp=16),
              gradient("nn.log_softmax", f32(0, -30, 30), cotangent=f32(1, 1, 1), ulp=64), gradient("nn.log_softmax", f32(0, 0), cotangent=f32(1, 0), ulp=8)]
    return cases


def others():
    cases = [call("nn.one_hot", i32(0, 2, 1), 3), call("nn.one_hot", i32(0, 3, -1), 3), call("nn.one_hot", i32([[0, 1], [1, 0]]), 2), call("nn.one_hot", i32(0, 2), 3, axis=0),
             call("nn.one_hot", i32(0, 2), 3, dtype="int32"), call("nn.one_hot", i32(1), 4, dtype="bool"), call("nn.one_hot", i32([]), 2), call("nn.log1mexp", f32(1e-3, 0.5, 0.7, 1, 5, 50), ulp=16)]
    x = jnp.asarray(RANGE)
    assert bool(jnp.all(jnp.isnan(x) | (jnp.maximum(x, 0) >= 0)))
    q = (np.arange(16, dtype=np.float32).reshape(1, 2, 2, 4) - 8) / 8
    cases += [call("nn.dot_product_attention", q, q * 0.5, q + 1, ulp=32), call("nn.dot_product_attention", q, q * 0.5, q + 1, is_causal=True, ulp=32)]
    return cases


def section():
    return activations() + normalised() + others()

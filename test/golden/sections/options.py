"""Options that are compositions: what each changes, beside the functions' own sections."""
import jax
import jax.numpy as jnp
import numpy as np

from golden import Key, call, f32, i32, u32


def draws():
    cases = []
    for p in [0.3, 1e-6, 0.999, 0.0, 1.0]:
        cases += [call("random.bernoulli", Key(3), p, [7], mode="high")]
    cases += [
        call("random.bernoulli", Key(3), p=f32(0.1, 0.9), mode="high"),
        call("random.bernoulli", Key(3), f32([[0.1], [0.9]]), [2, 3]),
        call("random.bernoulli", Key(3), p=np.float16([0.25, 0.75, 0.1, 0.5]), mode="high"),
        call("random.bernoulli", Key(3), p=np.float16([0.25, 0.75, 0.1, 0.5])),
    ]
    for mode, ulp in [("low", 8), ("high", 32), ("highest", 32)]:
        cases += [call("random.gumbel", Key(seed), [40], mode=mode, ulp=ulp) for seed in [0, 8]]
        cases += [call("random.categorical", Key(7), f32([[0.1, 2, -1, 0.5], [3, 0, 0, -2]]), mode=mode)]
    cases += [
        call("random.gumbel", Key(1), [], mode="highest", ulp=32),
        call("random.gumbel", Key(1), [0], mode="highest"),
        call("random.categorical", Key(7), f32([[0.1, 2, -1, 0.5]]), shape=(5,)),
        call("random.categorical", Key(7), f32([[0.1], [2.0]]), 0, (4, 1)),
    ]
    # shape=None: the parameters' own shape, by broadcasting
    row, column = f32(0.5, 1, 2), f32([[1.5], [3]])
    cases += [
        call("random.truncated_normal", Key(4), -row, column, ulp=8),
        call("random.triangular", Key(4), -row, 0.25, column, ulp=8),
        call("random.pareto", Key(4), column, ulp=8),
        call("random.pareto", Key(4), row, (2, 3), ulp=8),
        call("random.rayleigh", Key(4), row, ulp=4),
        call("random.lognormal", Key(4), row, ulp=8),
        call("random.lognormal", Key(4), shape=(3,), ulp=8),
        call("random.geometric", Key(4), f32([[0.2], [0.7]]), (2, 4)),
        # the shape of these draws is not their parameters'
        call("random.weibull_min", Key(4), row, 2.0, ulp=8),
        call("random.weibull_min", Key(4), 1.5, column, (3,), ulp=8),
        call("random.weibull_min", Key(4), 1.5, 2.0, (2, 3), ulp=8),
        call("random.double_sided_maxwell", Key(4), row, 2.0, ulp=32),
        call("random.double_sided_maxwell", Key(4), row, column, (2,), ulp=8),
        call("random.double_sided_maxwell", Key(4), 0.5, 2.0, ulp=8),
    ]
    cases += [
        call("random.randint", Key(11), [9], u32(5), u32(3_000_000_000), label="uint32 bounds of an int32 draw"),
        call("random.randint", Key(11), [9], i32(-5), i32(10), "uint32", label="int32 bounds of a uint32 draw"),
        call("random.randint", Key(11), [9], f32(-2.5), f32(4.5), label="float32 bounds"),
        call("random.rademacher", Key(2), (), ),
        call("random.rademacher", Key(2), (5,), dtype="float16"),
        call("random.key", 3, impl="threefry2x32"),
        call("random.key", 3, dtype="threefry2x32"),
        call("random.PRNGKey", 3, impl="threefry2x32"),
        call("random.wrap_key_data", u32(5, 6), impl="threefry2x32"),
    ]
    return cases


def drawn(name, made, key, shape):
    """What an initializer draws: support.ts calls ours in the same way."""
    return getattr(jax.nn.initializers, name)(*made)(key, shape)


def initializers():
    # name of ours, of JAX's, arguments of the initializer, shape
    table = [
        ("uniform", "uniform", [], [5]),
        ("uniform", "uniform", [0.5, "float32"], [2, 3]),
        ("normal", "normal", [2.0], [5]),
        ("truncatedNormal", "truncated_normal", [0.5, None, -1.0, 3.0], [9]),
        ("truncatedNormal", "truncated_normal", [], [2, 2]),
        ("constant", "constant", [2.5, "int32"], [3]),
        ("constant", "constant", [7], [2, 2]),
        ("varianceScaling", "variance_scaling", [2.0, "fan_in", "normal"], [4, 3]),
        ("varianceScaling", "variance_scaling", [0.5, "fan_out", "truncated_normal"], [4, 3]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_geo_avg", "uniform"], [2, 5]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_in", "uniform", 0, 1, 2], [2, 3, 4]),
        ("varianceScaling", "variance_scaling", [3.0, "fan_avg", "uniform", [0, 1], [2], []], [2, 3, 4]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_out", "normal", 0, 0], [3]),
    ]
    table += [(f"{name}{kind}", f"{name}_{kind.lower()}", made, shape)
              for name in ["glorot", "xavier", "lecun", "he", "kaiming"] for kind in ["Normal", "Uniform"]
              for made, shape in [([], [3, 4]), ([0, 2, 1], [2, 3, 4]), ([[0, 1], -1], [3, 3, 2])]]
    return [call("custom.drawn", ours, made, Key(3), shape, ulp=0 if ours == "constant" else 8,
                 function=lambda _, made, key, shape, name=name: drawn(name, made, key, shape)) for ours, name, made, shape in table]


def section():
    return draws() + initializers()

"""Creation: ranges and spacings, triangles, identity, full, meshgrid.

JAX takes Python integers as integers; our API has one number type. Where the default dtype would differ
for that reason alone (full, array), the dtype is written.
"""
import jax
import numpy as np

from golden import call, f32, i32


def ranges():
    cases = [call("np.arange", *args) for args in [(5,), (0,), (-3,), (2, 7), (2, 7, 2), (7, 2, -2), (7, 2), (0, 10, 3), (5, 0, -1), (-5, 5, 4)]]
    cases += [call("np.arange", *args, ulp=1) for args in [(0.5,), (2.5,), (0.0, 1.5, 0.1), (0.5, 3.0), (0.0, 1.0, 0.3), (1.0, 0.2, -0.2), (0.1, 5.5, 1.1)]]
    cases += [call("np.arange", 5, dtype="float32"), call("np.arange", 1, 4, dtype="uint32"), call("np.arange", 0, 2, 0.5, dtype="float32")]
    for args, options in [((0.0, 1.0), {}), ((0.0, 1.0, 5), {}), ((0.0, 1.0, 5), {"endpoint": False}), ((2.0, 3.0, 1), {}), ((2.0, 3.0, 0), {}), ((1.0, -1.0, 4), {}), ((-1.0, 1.0, 10), {}), ((0.0, 10.0, 11), {}), ((0.1, 0.7, 7), {}), ((1e-3, 1e3, 6), {}), ((0.0, 10.0, 5), {"dtype": "int32"}), ((3.0, 3.0, 3), {}), ((1.0, 2.0, 2), {"endpoint": False})]:
        # start·(1 − t) + stop·t cancels near 0: three units in the tenth of [−1, 1], which JAX's fused code rounds otherwise
        cases += [call("np.linspace", *args, ulp=4, **options)]
    cases += [call("np.linspace", f32(0, 1), f32(1, 3), 3, ulp=2), call("np.linspace", f32(0, 1), 2.0, 3, axis=1, ulp=2)]
    for args, options in [((0.0, 2.0, 5), {}), ((0.0, 3.0, 4), {"base": 2.0}), ((-3.0, 3.0, 7), {}), ((0.0, 1.0, 3), {"endpoint": False})]:
        cases += [call("np.logspace", *args, ulp=16, **options)]
    for args in [(1.0, 1000.0, 4), (1.0, 256.0, 9), (-1.0, -100.0, 3), (1e-3, 10.0, 5)]:
        cases += [call("np.geomspace", *args, ulp=16)]
    with jax.enable_x64(True):
        cases += [call("np.linspace", 0.0, 1.0, 7, dtype="float64", ulp=2), call("np.arange", 0.0, 1.0, 0.1, dtype="float64", ulp=1)]
    return cases


def matrices():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    cases = [call("np.eye", *args, **options) for args, options in [((3,), {}), ((2, 4), {}), ((3, 3), {"k": 1}), ((3, 4), {"k": -2}), ((3,), {"k": 5}), ((2,), {"dtype": "int32"}), ((0,), {})]]
    cases += [call("np.identity", 3), call("np.tri", 3), call("np.tri", 3, 4, 1), call("np.tri", 3, 2, -1), call("np.tri", 2, dtype="int32")]
    cases += [call(name, x, *k) for name in ["np.tril", "np.triu"] for k in [(), (1,), (-1,), (5,), (-5,)]]
    cases += [call("np.tril", np.ones((2, 2, 3), np.float32)), call("np.triu", i32([[1, 2], [3, 4]])), call("np.triu", np.ones((2, 2), bool))]
    cases += [call("np.meshgrid", f32(1, 2, 3), f32(4, 5)), call("np.meshgrid", f32(1, 2, 3), f32(4, 5), indexing="ij"), call("np.meshgrid", f32(1, 2), f32(3), f32(4, 5), indexing="ij"), call("np.meshgrid", f32(1, 2, 3), i32(4, 5), sparse=True)]
    cases += [call("np.vander", f32(1, 2, 3)), call("np.vander", f32(1, 2, 3), 2, increasing=True), call("np.indices", (2, 3)), call("np.diagflat", f32(1, 2), 1)]
    return cases


def filled():
    x = i32([[1, 2], [3, 4]])
    cases = [call("np.zeros", (2, 3)), call("np.zeros", ()), call("np.zeros", (0, 2)), call("np.ones", (2,)), call("np.ones", 3), call("np.full", (2, 2), 1.5), call("np.full", (2,), float("nan")), call("np.full", (2, 2), f32(1, 2))]
    cases += [call("np.zeros", (2,), dtype=d) for d in ["int32", "uint32", "bool"]] + [call("np.ones", (2,), dtype=d) for d in ["int32", "uint32", "bool"]]
    cases += [call("np.full", (2,), v, dtype=d) for v, d in [(7, "int32"), (7, "float32"), (1, "bool"), (2.9, "int32"), (7, "uint32")]]
    cases += [call("np.zeros_like", x), call("np.ones_like", x), call("np.full_like", x, 7), call("np.full_like", x, 2.5, dtype="float32"), call("np.zeros_like", f32(1, 2), dtype="int32"), call("np.ones_like", f32(1, 2), shape=(3, 1))]
    cases += [call("np.hanning", 5, ulp=16), call("np.hamming", 5, ulp=16), call("np.bartlett", 5, ulp=16), call("np.blackman", 5, ulp=64)]
    return cases


def section():
    return ranges() + matrices() + filled()

"""Options of creation, movement, joining, padding and products that a first reading of NumPy's manual passes over.

Each option of JAX's signature that our functions compose has cases here, alone and with others, beside the neighbours
of the faults that trials found (an option that was ignored in silence).
"""
import numpy as np

from golden import call, f32, i32

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
V = f32(1, 2, 3)


def creation():
    cases = [call("np.linspace", *args, ulp=4, **{"retstep": True, **options}) for args, options in [
        ((0.0, 1.0, 5), {}), ((0.0, 1.0, 5), {"endpoint": False}), ((2.0, 3.0, 1), {}), ((2.0, 3.0, 1), {"endpoint": False}),
        ((2.0, 3.0, 0), {}), ((f32(0, 1), f32(1, 3), 3), {}), ((f32(0, 1), 2.0, 3), {"axis": 1}), ((0.0, 10.0, 5), {"dtype": "int32"}),
    ]]
    cases += [call("np.linspace", f32(0, 1), f32(1, 3), 4, axis=axis, endpoint=False, ulp=2) for axis in [0, 1, -1]]
    cases += [call("np.logspace", 0.0, 2.0, 3, base=f32(2, 3, 4), ulp=16), call("np.logspace", f32(0, 1), 2.0, 3, axis=1, ulp=16), call("np.logspace", 0.0, 2.0, 3, dtype="int32", base=2.0)]
    cases += [call("np.geomspace", f32(1, 2), f32(8, 32), 3, axis=axis, ulp=16) for axis in [0, 1]] + [call("np.geomspace", 1.0, 256.0, 5, endpoint=False, ulp=16)]
    cases += [call("np.arange", 1, 10, dtype="float32", step=4), call("np.arange", 5, step=2), call("np.arange", 0.5, stop=2.0, step=0.5)]
    cases += [call("np.eye", 2, **options) for options in [{"M": 3}, {"M": 3, "k": 1}, {"k": -1, "dtype": "bool"}, {"k": 9}, {"M": 0}]]
    cases += [call("np.tri", 2, **options) for options in [{"M": 3}, {"M": 3, "k": -1, "dtype": "int32"}, {"k": 9}, {"k": -9}]]
    cases += [call("np.indices", (2, 3), sparse=True), call("np.indices", (2, 3), dtype="float32"), call("np.indices", (4,), sparse=True), call("np.indices", (), sparse=True), call("np.indices", ()), call("np.indices", (2, 1, 3), dtype="uint32", sparse=True)]
    cases += [call("np.meshgrid", V, f32(4, 5), **options) for options in [{"copy": True}, {"sparse": True}, {"sparse": True, "indexing": "ij"}, {"indexing": "xy"}]]
    cases += [call("np.meshgrid"), call("np.meshgrid", V), call("np.meshgrid", V, sparse=True), call("np.meshgrid", V, f32(4, 5), i32(6), sparse=True)]
    cases += [call("np.array", X, ndmin=ndmin) for ndmin in [0, 3, 5]] + [call("np.array", V, dtype="int32", ndmin=2), call("np.array", V, order="K"), call("np.asarray", V, copy=True), call("np.copy", V, order="K")]
    cases += [call("np.zeros_like", X, shape=(2,), dtype="bool"), call("np.full_like", V, f32(1, 2), shape=(3, 2)), call("np.empty_like", V, shape=4), call("np.ones_like", X, shape=())]
    cases += [call("np.vander", x, *rest, ulp=4, **options) for x, rest, options in [(V, (), {}), (V, (5,), {}), (V, (), {"increasing": True}), (V, (0,), {}), (i32(1, 2, -3), (4,), {}), (i32(0, 2), (3,), {"increasing": True}), (f32(0, -2, 0.5), (4,), {})]]
    return cases


def movement():
    cases = [call("np.reshape", X, shape, order=order) for shape in [(4, 6), (-1, 2), 24, (2, 2, 6), (4, -1, 1)] for order in ["C", "F"]]
    cases += [call("np.reshape", V, (3, 1), order="F"), call("np.reshape", V, (1, 3), order="F"), call("np.reshape", f32(7), (), order="F"), call("np.reshape", np.zeros((0, 3), np.float32), (3, 0), order="F"), call("np.reshape", X, (6, 4), copy=True)]
    cases += [call("np.ravel", x, order=order) for x in [X, V, f32(7)] for order in ["C", "F"]]
    cases += [call("np.resize", X, shape) for shape in [(2, 2), 30, (0, 3), (5, 1, 2)]] + [call("np.resize", np.zeros(0, np.float32), (2, 2)), call("np.resize", i32(1, 2), 5)]
    cases += [call("np.repeat", V, 2, total_repeat_length=n) for n in [0, 3, 6, 9]] + [call("np.repeat", X, 2, axis=axis, total_repeat_length=7) for axis in [1, -1]] + [call("np.repeat", X, 2), call("np.repeat", 5.0, 3), call("np.repeat", X, 0, axis=0)]
    cases += [call("np.roll", X, shift, axis=axis) for shift, axis in [(1, None), (-5, None), (1, 0), (2, -1), ([1, 2], [0, 2]), ([1, 2], 1), (1, [0, 1]), (7, ()), (0, 1)]]
    cases += [call("np.roll", V, i32(1)[0]), call("np.roll", V, i32(1, 4), axis=0), call("np.roll", X, i32(1, -1), axis=(0, 2)), call("np.roll", X, i32(2), axis=2)]
    cases += [call("np.rot90", X, k, axes=axes) for k, axes in [(1, (0, 1)), (1, (1, 0)), (2, (0, 2)), (3, (1, 2)), (-1, (1, 2)), (4, (0, 1)), (5, (2, 1)), (1, (-1, -2))]]
    cases += [call("np.moveaxis", X, source, to) for source, to in [(0, -1), ([0, 1], [-1, -2]), ([], []), (-1, 0)]] + [call("np.rollaxis", X, axis, start) for axis, start in [(2, 0), (0, 3), (1, 1), (0, 2), (-1, -2)]]
    cases += [call("np.squeeze", f32([[[1], [2]]]), axis=axis) for axis in [None, 0, (0, 2), -1, ()]] + [call("np.expand_dims", V, axis=axis) for axis in [0, -1, (0, 2), (-1, 0), ()]]
    cases += [call("np.transpose", X, axes=axes) for axes in [None, (1, 2, 0), (-1, 0, 1)]] + [call("np.permute_dims", X, (2, 1, 0)), call("np.matrix_transpose", X), call("np.swapaxes", X, 0, -1)]
    cases += [call("np.flip", X, axis=axis) for axis in [None, 1, (0, -1), ()]] + [call("np.fliplr", X), call("np.flipud", V), call("np.tile", V, (2, 2)), call("np.tile", X, (2, 1)), call("np.tile", X, (2, 1, 1, 1)), call("np.tile", V, 0), call("np.tile", X, ())]
    cases += [call(name, *args) for name in ["np.atleast_1d", "np.atleast_2d", "np.atleast_3d"] for args in [(2.5,), (V,), (X[0],), (V, X)]]
    return cases


def section():
    return creation() + movement()

"""Options of creation, movement, joining, padding and products that a first reading of NumPy's manual passes over.

Each option of JAX's signature that our functions compose has cases here, alone and with others, beside the neighbours
of the faults that trials found (an option that was ignored in silence).
"""
import jax
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


def joining():
    rows, line, wide = X[0], f32(7, 8, 9, 10), i32([[1, 2, 3, 4]])
    cases = [call("np.concatenate", [rows, wide], axis=axis, dtype=dtype) for axis in [0, -2, None] for dtype in [None, "int32", "bool"]]
    cases += [call("np.concatenate", X, axis=axis) for axis in [0, 1, -1, None]] + [call("np.concatenate", X, axis=1, dtype="int32"), call("np.concatenate", np.zeros((2, 0, 3), np.float32), axis=1)]
    cases += [call("np.concat", [rows, rows], axis=axis) for axis in [0, 1, None]] + [call("np.concat", X, axis=-1)]
    cases += [call("np.stack", [line, i32(1, 2, 3, 4)], axis=axis, dtype=dtype) for axis in [0, 1, -1] for dtype in [None, "int32"]]
    cases += [call("np.stack", X, axis=axis) for axis in [0, 1, 2, -1]] + [call("np.stack", [f32(1)[0], i32(2)[0]]), call("np.stack", X, dtype="bool")]
    for name in ["np.vstack", "np.hstack", "np.dstack"]:
        cases += [call(name, [line, i32(1, 2, 3, 4)]), call(name, [line, line], dtype="int32"), call(name, [rows, rows], dtype="bool"), call(name, X), call(name, rows), call(name, line), call(name, X, dtype="uint32"), call(name, [f32(1)[0], f32(2)[0]])]
    cases += [call("np.column_stack", x) for x in [[line, line], [line, X[0].T], X, rows, line, [f32(1)[0], i32(2)[0]]]]
    cases += [call("np.append", rows, line, axis=None), call("np.append", rows, wide, axis=0), call("np.append", line, i32(1, 2), axis=-1), call("np.append", line, 2.5)]
    cases += [call("np.block", x) for x in [line, [line, f32(1)], [[rows, f32([[1], [2], [3]])], [line, f32(0)]], [[X], [X]], [[[f32(1)[0]]]], [1.5, line]]]
    return cases


def splitting():
    x, line = np.arange(12, dtype=np.float32).reshape(2, 6), f32(0, 1, 2, 3, 4, 5, 6)
    cases = [call("np.split", x, *args) for args in [(2,), (3, 1), ([1, 4], 1), ([], 1), (i32(2, 5), -1)]]
    cases += [call("np.array_split", line, places) for places in [1, 3, 7, 9, [2, 2, 5]]] + [call("np.array_split", x, 4, axis=1)]
    cases += [call("np.vsplit", x, 2), call("np.hsplit", x, 3), call("np.hsplit", line, [3]), call("np.dsplit", X, 2)]
    cases += [call("np.unstack", X, axis=axis) for axis in [0, 1, -1]]
    cases += [call("np.delete", line, obj) for obj in [0, -1, i32(1, 3), i32(1, 1, -7), np.array([True, False, False, True, False, True, True]), np.zeros(0, np.int32)]]
    cases += [call("np.delete", x, obj, axis=axis) for obj, axis in [(1, 0), (-2, 1), (i32(0, 5, 2), 1), (3, None), (i32(0, 1), 0)]] + [call("np.delete", line, i32(2, 0), assume_unique_indices=True)]
    cases += [call("np.insert", line, obj, values) for obj, values in [(0, 5.0), (7, 5.0), (-1, f32(8, 9)), (i32(1, 3), f32(8, 9)), (i32(3, 1), f32(8, 9)), (i32(2, 2), f32(8, 9)), (i32(0, 7, 3), 5.0), (np.zeros(0, np.int32), np.zeros(0, np.float32)), (i32(4), f32(8, 9))]]
    cases += [call("np.insert", x, obj, values, axis=axis) for obj, values, axis in [(1, 5.0, None), (1, 5.0, 1), (1, f32(8, 9), 1), (i32(1), f32([[8], [9]]), 1), (i32(1), f32(8, 9), 1), (i32(0, 2), f32(8, 9), 1), (i32(1, 0, 2), 2.5, 0), (-1, np.arange(6, dtype=np.float32), 0)]] + [call("np.insert", i32(1, 2), 1, 2.7)]
    yes = np.array([True, False, True, True, False, False])
    cases += [call("np.compress", yes, x, axis=axis) for axis in [1, -1, None]] + [call("np.compress", c, x, axis=1) for c in [np.array([False, True]), np.zeros(6, bool), i32(0, 2, 0), np.array([True] * 2 + [False] * 9)]]
    cases += [call("np.compress", yes, x, axis=1, size=n, fill_value=-1) for n in [0, 2, 3, 5, 6]] + [call("np.compress", yes, x, axis=1, size=4), call("np.compress", np.array([True]), x, axis=1, size=1)]
    return cases


def differences():
    x, line = f32([[1, 4, 9, 16], [2, 3, 5, 8], [0, 1, 1, 0]]), i32(1, 4, 9, 16)
    cases = [call("np.diff", line, **options) for options in [{"prepend": 1}, {"prepend": 0.5}, {"append": i32(5, 6)}, {"prepend": 1, "append": 2, "n": 2}, {"n": 0, "prepend": 3}, {"n": 3}, {"n": 9}]]
    cases += [call("np.diff", x, axis=axis, **options) for axis in [0, -1] for options in [{}, {"n": 2}, {"append": 2.0}]] + [call("np.diff", x, prepend=f32([[1], [2], [3]])), call("np.diff", np.array([True, False, False]), n=2), call("np.diff", np.array([True, False]), prepend=False)]
    cases += [call("np.ediff1d", line, **options) for options in [{}, {"to_begin": 7}, {"to_end": i32(8, 9)}, {"to_end": 2.5, "to_begin": i32([[1, 2]])}]] + [call("np.ediff1d", x)]
    at = f32(0, 1, 3, 7)
    cases += [call("np.gradient", f32(1, 4, 9, 16), *v, ulp=2) for v in [(), (2,), (0.5,), (at,), (i32(0, 1, 3, 7),)]] + [call("np.gradient", line, ulp=2), call("np.gradient", line, 3, ulp=2), call("np.gradient", f32(1, 4), 0.5)]
    cases += [call("np.gradient", x, *v, ulp=4, **o) for v, o in [((), {}), ((2,), {}), ((2, 0.5), {}), ((), {"axis": 1}), ((at,), {"axis": 1}), ((at,), {"axis": (1,)}), ((at, 2), {"axis": (1, 0)}), ((0.5, at), {}), ((), {"axis": (-1, 0)}), ((f32(0, 1, 4), at), {"axis": (0, -1)}), ((f32(2)[0],), {"axis": 0})]]
    for order in [1, 2]:
        # NumPy's, in float64; JAX has no edge_order
        for f, *v in [(np.array([1.0, 4, 9, 16, 20]),), (np.array([1.0, 4, 9, 16, 20]), 0.5), (np.array([1.0, 4, 9, 16]), np.array([0.0, 1, 3, 7])), (np.array([1.0, 4, 9]), np.array([0.0, 1, 3])), (x.astype(np.float64), 2, np.array([0.0, 1, 3, 7]))]:
            with jax.enable_x64(True):
                cases += [call("np.gradient", f, *v, edge_order=order, ulp=4, function=lambda *a, **o: np.gradient(*map(np.asarray, a), **o))]
    for options in [{}, {"dx": 0.5}, {"x": f32(0, 1, 3, 7)}, {"dx": f32(2)}, {"axis": 0}, {"axis": 0, "x": f32(0, 1, 4)}, {"x": x}, {"axis": 0, "x": x}, {"dx": f32(1, 2, 3)}, {"dx": f32([[1], [2], [3]])}]:
        cases += [call("np.trapezoid", x, ulp=4, **options)]
    cases += [call("np.trapezoid", line, ulp=2), call("np.trapezoid", line, line, ulp=2), call("np.trapezoid", np.float16([1, 2, 4])), call("np.trapezoid", np.float16([1, 2, 4]), dx=0.5), call("np.trapezoid", line, dx=2), call("np.trapezoid", np.array([True, False, True]))]
    return cases


def tricks():
    cases = [call("np.unravel_index", i, shape) for i, shape in [(i32(0, 5, 11), (3, 4)), (i32(-1, -12, -13, 12, 99), (3, 4)), (7, (2, 2, 3)), (i32([[1, 2], [3, 4]]), 6), (np.array([5, 11], np.uint32), (3, 4)), (i32(3), (2, 2, 2, 1))]]
    cases += [call("np.unravel_index", i32(0, 5, 11), (3, 4), order=order, function=lambda *a, **o: [p.astype(np.int32) for p in np.unravel_index(*map(np.asarray, a), **o)]) for order in ["C", "F"]]
    index = [i32(0, 1, 2), i32(3, 0, 1)]
    cases += [call("np.ravel_multi_index", index, (3, 4), **options) for options in [{}, {"order": "F"}, {"mode": "clip"}, {"mode": "wrap", "order": "F"}, {"mode": "ignore"}, {"dtype": "uint32"}]]
    cases += [call("np.ravel_multi_index", [i32(0, -1, 5), i32(4, 0, -9)], (3, 4), mode=mode, order=order) for mode in ["clip", "wrap", "ignore"] for order in ["C", "F"]] + [call("np.ravel_multi_index", [i32(1, 0), 1], (2, 3)), call("np.ravel_multi_index", [np.array([1], np.uint32)], (2,)), call("np.ravel_multi_index", i32([[0, 1], [1, 2]]), (2, 3))]
    cases += [call("np.diag_indices", 3), call("np.diag_indices", 2, 3), call("np.diag_indices", 0), call("np.diag_indices", 2, ndim=0), call("np.diag_indices", 4, ndim=1)]
    table, a = f32([[1, 2, 3], [10, 20, 30]]), i32(0, 1, 0)
    cases += [call("np.choose", a, table), call("np.choose", a, [1.5, f32(7, 8, 9)]), call("np.choose", i32([[0], [1]]), table), call("np.choose", 1, table), call("np.choose", a, [i32(1, 2, 3), f32(0.5)]), call("np.choose", i32(0, 0), [3.5])]
    cases += [call("np.choose", i32(-1, 5, 1), table, mode=mode) for mode in ["clip", "wrap"]]
    c, d = np.array([True, False, True]), np.array([[True], [False]])
    cases += [call("np.select", *args) for args in [([c], [1.5]), ([c, ~c], [f32(1, 2, 3), 7.5]), ([d, c], [1, f32(2, 3, 4)]), ([c, d], [f32([[1], [2]]), i32(7)], ), ([c, d], [i32(1, 2, 3), i32([[4], [5]])], f32(0.5)), ([i32(0, 2, 0)], [i32(1, 2, 3)], 9), (np.array([[True, False], [True, True]]), f32([[1, 2], [3, 4]]), -1)]]
    cases += [call("np.select", [c], [i32(1, 2, 3)], default=-1)]
    return cases


def padding():
    x, line, ints = f32([[1, 4, 9], [2, 3, 5]]), f32(1, 2, 4, 8), i32([[1, 2, 7], [3, 5, 4]])
    cases = [call("np.pad", x, width) for width in [1, (1, 2), ((1, 2),), ((1, 0), (2, 1)), 0, (3,), i32([[0, 1], [1, 0]])]] + [call("np.pad", f32(7), 0), call("np.pad", np.zeros((0, 2), np.float32), 1)]
    cases += [call("np.pad", x, 1, constant_values=v) for v in [7, (7, 8), ((7, 8),), ((1, 2), (3, 4)), f32(9)[0], f32(7, 8), f32([[1, 2], [3, 4]]), f32([[1], [2]])]]
    cases += [call("np.pad", ints, ((1, 0), (0, 2)), constant_values=v) for v in [2.7, (1, -1)]] + [call("np.pad", np.array([True, False]), 1, constant_values=True), call("np.pad", x, ((1, 2), (0, 1)), "constant", constant_values=((5, 6), (7, 8)))]
    cases += [call("np.pad", x, 1, mode="empty")] + [call("np.pad", x, width, mode=mode) for mode in ["edge", "wrap", "reflect", "symmetric"] for width in [1, ((0, 2), (3, 1)), ((5, 5), (7, 7))]]
    cases += [call("np.pad", line, (40, 50), mode="wrap"), call("np.pad", f32(3), 2, mode="reflect"), call("np.pad", f32(3), 2, mode="wrap"), call("np.pad", line, (0, 70), mode="wrap")]
    cases += [call("np.pad", line, width, mode=mode, reflect_type=kind, ulp=2) for mode in ["reflect", "symmetric"] for kind in ["even", "odd"] for width in [2, (7, 9)]] + [call("np.pad", ints, 2, mode="reflect", reflect_type="odd")]
    cases += [call("np.pad", line, (3, 2), mode="linear_ramp", end_values=v, ulp=4) for v in [0, 5, (5, -4)]] + [call("np.pad", x, 2, mode="linear_ramp", end_values=((1, 2), (3, 4)), ulp=4), call("np.pad", x, 1, mode="linear_ramp", ulp=4)]
    for mode in ["maximum", "mean", "minimum"]:
        cases += [call("np.pad", a, ((1, 2), (2, 0)), mode=mode, stat_length=n, ulp=2) for a in [x, ints] for n in [None, 1, 2, (2, 1), ((1, 2), (3, 1)), 9]]
    cases += [call("np.pad", x, 1, mode="edge", **{}), call("np.pad", np.float16([1, 2, 4]), 1, mode="mean"), call("np.pad", np.array([1, 5], np.uint32), 1, mode="maximum")]
    return cases


def section():
    return creation() + movement() + joining() + splitting() + differences() + tricks() + padding()

"""Reductions, scans and contractions: axes, keepdims, empty axes, NaN, ties, integer widths."""
import numpy as np

from golden import call, f32, i32, u32

NAN, INF = float("nan"), float("inf")


def noise(*shape, seed=0):
    """Numbers with few bits, so that sums in any order are exact."""
    return np.random.RandomState(seed).randint(-32, 33, shape).astype(np.float32) / 8


def axes():
    x = noise(2, 3, 4)
    cases = []
    for name, ulp in [("np.sum", 0), ("np.max", 0), ("np.min", 0), ("np.mean", 2), ("np.prod", 16), ("np.var", 8), ("np.std", 8)]:
        for axis in [None, 0, 1, -1, (0, 2), (0, 1, 2), ()]:
            cases += [call(name, x, axis, ulp=ulp)]
        cases += [call(name, x, axis=1, keepdims=True, ulp=ulp), call(name, x, keepdims=True, ulp=ulp), call(name, x, axis=(0, -1), keepdims=True, ulp=ulp)]
        cases += [call(name, f32(1, NAN, 3)), call(name, f32(1, INF, 3)), call(name, f32(INF, -INF)), call(name, np.float32(3))]
    cases += [call("np.var", x, axis=0, ddof=1, ulp=8), call("np.std", x, ddof=1, ulp=8), call("np.var", f32(3), ddof=1), call("np.ptp", x, 1), call("np.median", x, 1, ulp=1), call("np.median", f32(3, NAN, 1))]
    cases += [call("np.average", f32(1, 2, 3), weights=f32(3, 1, 0), ulp=2), call("np.quantile", f32(1, 4, 2, 8), 0.3, ulp=2), call("np.count_nonzero", f32(0, 1, NAN, -0.0))]
    return cases


def edges():
    empty = np.zeros((0, 3), np.float32)
    cases = [call(name, empty, axis=0) for name in ["np.sum", "np.prod", "np.mean", "np.var"]]
    cases += [call(name, empty, axis=1) for name in ["np.sum", "np.prod", "np.max", "np.argmax"]]
    cases += [call("np.max", empty, axis=0, initial=-1.0), call("np.sum", f32(1, 2), initial=10.0), call("np.sum", f32(1, 2, 4), where=np.array([True, False, True])),
              call("np.mean", f32(1, 2, 4), where=np.array([True, False, True])), call("np.max", f32(1, 2, 4), where=np.array([True, True, False]), initial=0.0)]
    truth = np.array([[True, False], [True, True]])
    cases += [call(name, truth, axis) for name in ["np.any", "np.all", "np.sum", "np.prod", "np.mean"] for axis in [None, 0, 1]]
    cases += [call("np.any", np.zeros((0,), bool)), call("np.all", np.zeros((0,), bool)), call("np.any", f32(0, NAN)), call("np.all", f32(0, 1))]
    for x in [i32(2**31 - 1, 1, -5), u32(2**32 - 1, 1, 5), np.array([100, 100, 100], np.int8), np.array([200, 200], np.uint8)]:
        cases += [call(name, x) for name in ["np.sum", "np.prod", "np.max", "np.min", "np.mean"]]
    return cases


def arg():
    ties = f32([[1, 3, 3], [2, 2, 2], [NAN, 1, NAN], [-0.0, 0.0, -1], [-INF, -INF, -INF]])
    cases = [call(name, ties, axis) for name in ["np.argmax", "np.argmin"] for axis in [None, 0, 1]]
    cases += [call(name, ties, axis=1, keepdims=True) for name in ["np.argmax", "np.argmin"]]
    cases += [call("np.argmax", i32(1, 5, 5)), call("np.argmin", u32(3, 2**32 - 1, 0, 0)), call("np.argmax", np.array([False, True, True])), call("np.argmax", np.float32(3))]
    cases += [call(name, f32(NAN, 2, 1)) for name in ["np.nanmax", "np.nanmin", "np.nansum", "np.nanmean", "np.nanargmax", "np.nanprod"]]
    return cases


def scans():
    x = noise(3, 4, seed=1)
    cases = [call(name, x, axis, ulp=ulp) for name, ulp in [("np.cumsum", 0), ("np.cumprod", 4)] for axis in [None, 0, 1, -1]]
    cases += [call("lax.cumsum", x, 1, reverse=True), call("lax.cummax", x, 1), call("lax.cummin", x, 0), call("lax.cumprod", x, 0, ulp=4), call("lax.cumlogsumexp", x, 1, ulp=8)]
    cases += [call("np.cumsum", np.array([True, True, False])), call("np.cumsum", i32(2**31 - 1, 1)), call("np.cumsum", f32(1, NAN, 2))]
    return cases


def contractions():
    a, b, v, w = noise(3, 4, seed=2), noise(4, 5, seed=3), noise(4, seed=4), noise(3, seed=5)
    p, q = noise(2, 3, 4, seed=6), noise(2, 4, 5, seed=7)
    cases = [call("np.matmul", x, y) for x, y in [(a, b), (a, v), (w, a), (v, v), (p, q), (p, b), (a, q), (p, v), (v, q), (noise(0, 4), b), (noise(3, 0), noise(0, 2))]]
    cases += [call("np.dot", x, y) for x, y in [(a, b), (a, v), (v, v), (p, b), (p, q), (np.float32(2), a), (a, np.float32(3))]]
    cases += [call("np.tensordot", p, q, (((0, 2), (0, 1)))), call("np.tensordot", a, b, 1), call("np.tensordot", a, a, 2), call("np.tensordot", v, w, 0), call("np.tensordot", p, b, ((2,), (0,)))]
    cases += [call("np.einsum", spec, *operands) for spec, operands in [
        ("ij,jk->ik", (a, b)), ("ij,jk", (a, b)), ("ij->ji", (a,)), ("ij->j", (a,)), ("ij->", (a,)), ("ii", (noise(3, 3),)), ("ii->i", (noise(3, 3),)), ("i,j->ij", (w, v)), ("ij,ij->i", (a, a)),
        ("bij,bjk->bik", (p, q)), ("...ij,...jk->...ik", (p, q)), ("i,ij,j->", (w, a, v)), ("ij,j", (a, v)), ("bij->bi", (p,)), ("i,i", (v, v)), ("ba", (a,)), ("b...->...b", (p,)), ("ij,k->kji", (a, w))]]
    cases += [call("np.outer", w, v), call("np.inner", a, v), call("np.inner", a, a), call("np.vdot", a, a), call("np.vecdot", a, v), call("np.kron", f32(1, 2), f32([[1, 3]])), call("np.cross", f32(1, 2, 3), f32(-2, 0, 5)), call("np.trace", a)]
    m = i32([[2**30, 3], [-7, 65536]])
    cases += [call("np.matmul", m, m), call("np.matmul", u32([[2**31, 5], [7, 65536]]), u32([[3, 1], [2, 2**16]])), call("np.matmul", np.array([[True, False], [True, True]]), np.array([[True, True], [False, True]])),
              call("np.matmul", m, a[:2, :3]), call("np.dot", i32(1, -2, 3), i32(4, 5, 6)), call("np.matmul", np.array([[True, False]]), f32([[2.5], [1]]))]
    cases += [call("np.matmul", f32([[INF, 1], [0, 1]]), f32([[0, 1], [1, 1]])), call("np.matmul", f32([[NAN, 1], [0, 1]]), f32([[1, 0], [0, 1]])),
              call("lax.dot_general", p, q, (((2,), (1,)), ((0,), (0,)))), call("lax.dot_general", a, b, (((1,), (0,)), ((), ()))), call("lax.dot_general", p, a, (((1, 2), (0, 1)), ((), ())))]
    return cases


def lax_reductions():
    x = noise(2, 3, seed=8)
    return [call("lax.reduce_sum", x, (0,)), call("lax.reduce_max", x, (1,)), call("lax.reduce_min", x, (0, 1)), call("lax.reduce_prod", x, (1,), ulp=4),
            call("lax.reduce_and", np.array([[True, False], [True, True]]), (1,)), call("lax.reduce_or", i32([[1, 2], [4, 8]]), (1,)), call("lax.reduce_xor", i32([[1, 3], [4, 12]]), (0,)),
            call("lax.argmax", x, 1, "int32"), call("lax.argmin", x, 0, "int32")]


def section():
    return axes() + edges() + arg() + scans() + contractions() + lax_reductions()

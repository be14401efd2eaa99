"""Statistics that are masked, empty, constant, infinite, or far from 0: values and gradients."""
import jax
import jax.numpy as jnp
import numpy as np

from golden import call, encode, f32, gradient, i32

NAN, INF = float("nan"), float("inf")
r = np.random.default_rng(7)

ROWS = f32([[1, 2, 3, 4], [0.5, -2, 100, 7], [-1, 0, 1, 200], [5, 5, 5, 5]])
MASK = np.array([[True, True, False, True], [True, True, False, False], [False, False, False, False], [True, True, True, True]])
ABOVE = f32([[1, 2, 300, 4], [-1000, -1001, 90, 5], [INF, 1, 2, 3], [-INF, -INF, 1, -INF]])
HIDE = np.array([[True, True, False, True], [True, True, False, False], [False, True, True, True], [True, True, False, True]])
ONE = np.array([[False, True, False, False]] * 4)
FAR = (1e4 + r.random((3, 200))).astype(np.float32)
HALF = np.array([[100, 200, 300, 400], [60000, 60000, 1, 0]], np.float16)
EMPTY = np.zeros((3, 0), np.float32)
NANS = f32([[1, NAN, 3, 4], [NAN, NAN, NAN, NAN], [INF, 1, NAN, -2], [2, 2, 2, 2]])


def masked():
    cases = []
    for name in ("nn.softmax", "nn.log_softmax", "nn.logsumexp", "nn.logmeanexp"):
        axis = {} if name in ("nn.softmax", "nn.log_softmax") else {"axis": -1}
        for x, m in ((ROWS, MASK), (ABOVE, HIDE), (ROWS, ONE)):
            cases.append(call(name, x, where=m, ulp=8, atol=1e-6, **axis))
        cases.append(call(name, ROWS, where=MASK, axis=0, ulp=8, atol=1e-6))
        cases.append(call(name, ROWS, where=MASK, axis=None, ulp=8, atol=1e-6))
        cases.append(call(name, ROWS, where=np.array([True, False, True, True]), ulp=8, atol=1e-6, **axis))
        for x in (ABOVE, f32([[-INF, -INF]]), f32([[INF, INF]]), f32([[NAN, 1]]), f32([[88, 89, 1e30]])):
            cases.append(call(name, x, ulp=8, atol=1e-6, **axis))
        for shape, more in (((3, 0), {"axis": -1}), ((0, 3), {"axis": -1}), ((0,), {"axis": 0}), ((0, 3), {"axis": 0}), ((2, 0), {"axis": None})):
            cases.append(call(name, np.zeros(shape, np.float32), **more))
        cases.append(call(name, HALF, where=np.array([True, True, False, True]), ulp=2, atol=1e-3, **axis))
    return cases


def weighted():
    b = f32([[0, 1, 2, 3], [1, 0, 0.5, 0], [1, 1, -3, 0], [0, 0, 0, 0]])
    cases = [
        call("nn.logsumexp", ABOVE, b=b, axis=-1, ulp=8, atol=1e-6), call("nn.logsumexp", ROWS, b=b, axis=0, ulp=8, atol=1e-6), call("nn.logsumexp", f32([1, 1000]), b=f32([1, 0]), ulp=4), call("nn.logsumexp", f32([1, 2]), b=f32([1, -5]), ulp=4),
        call("nn.logsumexp", f32([1, 2, 3]), b=f32([[1, 0, 2], [0, 1, 1]]), axis=-1, ulp=4), call("nn.logsumexp", f32([1, 2, 3]), b=f32([[1, 0, 2], [0, 1, 1]]), ulp=4), call("nn.logsumexp", ROWS, b=np.float32(2), axis=1, ulp=4), call("nn.logsumexp", ROWS, b=b, where=MASK, axis=1, keepdims=True, ulp=8, atol=1e-6),
        call("nn.logsumexp", np.float32(3), b=f32([0, 1, 2]), axis=0, ulp=4), call("nn.logsumexp", i32([1, 2, 3]), b=i32([1, 0, 2]), ulp=4),
    ]
    cases += [gradient("nn.logsumexp", f32([1, 2, 3]), b=jnp.asarray([0.0, 1.0, 2.0]), ulp=8), ]
    return cases


def moments():
    cases = []
    for name in ("np.mean", "np.var", "np.std", "np.nanmean", "np.nanvar", "np.nanstd", "np.sum", "np.prod", "np.nansum", "np.nanprod"):
        moment = name.split(".")[1].lstrip("nan") in ("var", "std")
        tolerance = {"ulp": 8, "atol": 2e-6}
        for x, options in (
            (ROWS, {"axis": 1}), (ROWS, {"axis": 0, "where": MASK}), (ROWS, {"axis": 1, "where": MASK}), (ROWS, {"where": MASK}), (ROWS, {"axis": -1, "where": ONE, "keepdims": True}),
            (NANS, {"axis": 1}), (NANS, {"axis": 0, "where": HIDE}), (EMPTY, {"axis": 1}), (EMPTY, {"axis": 0}), (EMPTY, {}), (f32([5]), {}), (np.full((2, 7), 0.1, np.float32), {"axis": 1}), (f32([[1, INF], [-INF, INF]]), {"axis": 1}),
            (i32([[1, 2, 30], [2**30, 2**30, 5]]) if "prod" not in name and "sum" not in name else i32([[1, 2, 30]]), {"axis": 1}), (np.array([[True, False, True]]), {"axis": 1}), (np.float32(3), {}),
        ):
            cases.append(call(name, x, **options, **tolerance))
        # JAX rounds sums and variances to float16 before it divides or takes roots, and so overflows
        wide = (lambda x, axis, f=getattr(jnp, name.split(".")[1]): f(x.astype(np.float32), axis=axis).astype(np.float16))
        cases.append(call(name, HALF, axis=1, function=wide, ulp=1))
        if moment:
            for ddof in (1, 2, 4, 5, 0.5):
                cases.append(call(name, ROWS, axis=1, ddof=ddof, **tolerance))
                cases.append(call(name, ROWS, axis=1, ddof=ddof, where=MASK, **tolerance))
            cases += [call(name, FAR, axis=1, ulp=4000), call(name, FAR, ddof=1, ulp=4000), call(name, ROWS, axis=1, mean=f32([[1], [2], [3], [4]]), **tolerance), call(name, f32([[3e38, 3e38]]), axis=1, **tolerance)]
        if name in ("np.sum", "np.prod", "np.nansum", "np.nanprod"):
            cases += [call(name, ROWS, axis=1, initial=2, where=MASK, **tolerance), call(name, EMPTY, axis=1, initial=3, **tolerance), call(name, NANS, axis=0, initial=NAN, **tolerance)]
    for name in ("np.max", "np.min", "np.nanmax", "np.nanmin"):
        cases += [call(name, ROWS, axis=1, where=MASK, initial=i) for i in (0, -INF, INF, 3.5)] + [call(name, EMPTY, axis=1, initial=-1), call(name, EMPTY, axis=0), call(name, NANS, axis=1), call(name, NANS, axis=1, initial=2), call(name, i32([[1, 5], [7, 2]]), axis=1, initial=4), call(name, NANS, axis=0, where=HIDE, initial=0)]
    cases += [call("np.any", ROWS, axis=1, where=MASK), call("np.all", ROWS, axis=1, where=MASK), call("np.any", EMPTY, axis=1), call("np.all", EMPTY, axis=1), call("np.ptp", ROWS, 1), call("np.ptp", NANS, 1), call("np.ptp", np.zeros((0, 3), np.float32), 1), call("np.count_nonzero", NANS, 1), call("np.count_nonzero", EMPTY, 1)]
    for w in (f32([1, 2, 3, 4]), f32([0, 0, 0, 0]), f32([1, -1, 0, 0]), i32([1, 0, 0, 2])):
        cases.append(call("np.average", ROWS, axis=1, weights=w, returned=True, ulp=4))
    cases += [call("np.average", NANS, axis=1, ulp=4), call("np.average", EMPTY, axis=1), call("np.average", EMPTY, axis=0), call("np.average", ROWS, weights=ROWS, ulp=4), call("np.average", i32([1, 2]), weights=i32([3, 4]), ulp=4), call("np.average", ROWS, returned=True, ulp=4)]
    return cases


def covariances():
    few = f32([[1, 2, 3, 4], [2, 1, 0, -1], [1, 1, 1, 1]])
    cases = []
    for name in ("np.cov", "np.corrcoef"):
        for x, options in ((few, {}), (few, {"rowvar": False}), (FAR, {}), (f32([1, 2, 4]), {}), (f32([5]), {}), (np.zeros((0, 3), np.float32), {}), (f32([[1], [2]]), {}), (f32([[1, 2, 3]]), {"rowvar": False}), (i32([[1, 2, 3], [3, 2, 1]]), {}), (f32([1, NAN, 2]), {})):
            cases.append(call(name, x, **options, ulp=64 if x is not FAR else 40000, atol=2e-6))
        cases += [call(name, few[0], few[1], ulp=16, atol=1e-6), call(name, few, few[2], ulp=64, atol=1e-6), call(name, few[0], few[1], rowvar=False, ulp=16, atol=1e-6)]
    cases += [call("np.cov", few, ddof=0, ulp=16, atol=1e-6), call("np.cov", few, bias=True, ulp=16, atol=1e-6), call("np.cov", few, ddof=4, ulp=16), call("np.cov", few, ddof=5, ulp=16, atol=1e-6)]
    return cases


def normalised():
    constant = np.full((3, 5), 0.1, np.float32)
    cases = [
        call("nn.standardize", constant, ulp=8, atol=1e-3), call("nn.standardize", np.full((2, 3), 1e6, np.float32), ulp=8, atol=30), call("nn.standardize", ROWS, ulp=64), call("nn.standardize", ROWS, axis=0, ulp=64, atol=1e-6), call("nn.standardize", ROWS, axis=None, ulp=64, atol=1e-6), call("nn.standardize", ROWS, where=MASK, ulp=64, atol=1e-6), call("nn.standardize", ROWS, axis=0, where=MASK, ulp=64, atol=1e-6),
        call("nn.standardize", EMPTY), call("nn.standardize", np.zeros((0, 3), np.float32)), call("nn.standardize", f32([[7]]), ulp=8), call("nn.standardize", ROWS, mean=np.float32(2), ulp=64, atol=1e-6), call("nn.standardize", ROWS, mean=np.float32(1000), ulp=64, atol=1e-1), call("nn.standardize", ROWS, variance=f32([[1], [2], [3], [4]]), ulp=16, atol=1e-6), call("nn.standardize", ROWS, mean=np.float32(1), variance=np.float32(4), epsilon=0.5, ulp=8), call("nn.standardize", constant, epsilon=0, variance=np.float32(0)), call("nn.standardize", NANS, ulp=8), call("nn.standardize", i32([[1, 2, 6]]), ulp=16),
        call("nn.standardize", np.array([[1, 2, 3], [4, 4, 4]], np.float16), ulp=4),
    ]
    for x in (FAR, ROWS, constant):
        exact = ((x.astype(np.float64) - x.astype(np.float64).mean(1, keepdims=True)) / np.sqrt(x.astype(np.float64).var(1, keepdims=True) + 1e-5)).astype(np.float32)
        cases.append(call("nn.standardize", x, function=lambda _: jnp.asarray(exact), label="exact", ulp=16, atol=2e-6))
    q, k, v = (r.standard_normal((2, 3, 2, 4)).astype(np.float32) for _ in range(3))
    big = [(x * 100).astype(np.float16) for x in (q, k, v)]
    allowed = np.array([[[[True, False, True]] * 3] * 2] * 2)
    cases += [
        call("nn.dot_product_attention", *big, ulp=2, atol=0.06), call("nn.dot_product_attention", *[x.astype(np.float16) for x in (q, k, v)], ulp=4, atol=1e-3), call("nn.dot_product_attention", *[x.astype(np.float16) for x in (q, k, v)], is_causal=True, scale=3.0, ulp=4, atol=1e-3),
        call("nn.dot_product_attention", q, k, v, mask=np.zeros_like(allowed), ulp=16, atol=1e-6), call("nn.dot_product_attention", q, k, v, mask=allowed, is_causal=True, ulp=16, atol=1e-6), call("nn.dot_product_attention", q * 1e19, k * 1e19, v, ulp=16, atol=1e-6), call("nn.dot_product_attention", q, k[:, :, :1], v[:, :, :1], bias=np.full((1, 1, 3, 3), -INF, np.float32), ulp=16), call("nn.dot_product_attention", *[x.astype(np.float16) for x in (q, k, v)], bias=np.full((2, 2, 3, 3), 2.5, np.float16), ulp=4, atol=1e-3),
    ]
    return cases


def gradients():
    x, far = f32([[1, 2, 300, 4], [-1000, -1001, 90, 5]]), f32([[10001, 10003, 10004, 10002]])
    m = np.array([[True, True, False, True], [False, False, False, False]])
    ct = f32([[1, -2, 3, 0.5], [1, 2, 3, 4]])
    cases = []
    for name in ("nn.softmax", "nn.log_softmax", "nn.logsumexp", "nn.logmeanexp"):
        rows = name in ("nn.softmax", "nn.log_softmax")
        axis = {} if rows else {"axis": -1}
        cotangent = ct if rows else f32([1, 2])
        safe = f32([[1, 2, 3, 4], [5, 6, 7, 8]])  # JAX's own gradients: finite where no masked element is far above
        cases.append(gradient(name, safe, where=m, cotangent=cotangent, label="masked", ulp=32, atol=1e-6, **axis))
        clean = np.where(m, x, 0.0).astype(np.float32)  # what is masked does not count, whatever it is
        value, pull = jax.vjp(lambda a: getattr(jax.nn, {"nn.softmax": "softmax", "nn.log_softmax": "log_softmax", "nn.logsumexp": "logsumexp", "nn.logmeanexp": "logmeanexp"}[name])(a, where=jnp.asarray(m), **axis), jnp.asarray(clean))
        entry = gradient(name, safe, where=m, cotangent=cotangent, label="masked far above", ulp=32, atol=1e-6, **axis)
        entry["inputs"][0] = encode(x)
        entry["output"] = encode(value)
        entry["gradients"] = [encode(pull(jnp.asarray(cotangent))[0])]
        cases.append(entry)
    cases += [
        gradient("nn.logsumexp", f32([1, 1000]), b=f32([1, 0]), ulp=8), gradient("nn.logsumexp", f32([1, 2, -INF]), ulp=8), gradient("nn.logsumexp", f32([[-INF, 0], [3, 3]]), axis=1, ulp=8),
        gradient("np.var", far, axis=1, ulp=64), gradient("np.std", far, axis=1, ulp=64), gradient("np.var", ROWS, axis=1, ulp=64, atol=1e-5), gradient("np.var", ROWS, axis=1, where=MASK[[0, 1, 3, 3]], ddof=1, ulp=64, atol=1e-5), gradient("np.nanvar", NANS[[0, 3]], axis=1, ulp=64, atol=1e-6), gradient("np.var", f32([[3, 3, 3]]), axis=1, atol=1e-6), gradient("np.mean", NANS, axis=1), gradient("np.nanmean", NANS[[0, 3]], axis=1, ulp=4),
        gradient("np.var", far, axis=1, mean=f32([[10002]]), ulp=16), gradient("nn.standardize", f32([[1, 2, 4]]), ulp=64, atol=1e-6, cotangent=f32([[1, -1, 2]])), gradient("nn.standardize", f32([[1, 2, 4]]), mean=np.float32(2), ulp=64, atol=1e-6, cotangent=f32([[1, -1, 2]])),
        gradient("np.max", f32([[1, 3, 3], [NAN, 1, 2]]), axis=1), gradient("np.min", f32([[1, 1, 1]]), axis=1), gradient("np.max", f32([[1, 3, 3]]), axis=1, initial=3), gradient("np.prod", f32([[0, 2, 3], [0, 0, 3], [INF, 1, 2]]), axis=1), gradient("np.ptp", f32([[1, 1, 2], [5, 5, 5]]), axis=1), gradient("np.average", f32([[1, 2]]), 1, f32([3, 4]), ulp=8), gradient("np.cov", f32([[1, 2, 4], [1, 0, 2]]), ulp=64, atol=1e-6), gradient("np.sum", ROWS, axis=1, where=MASK), gradient("np.prod", ROWS[:1], axis=1, where=MASK[:1], ulp=4),
    ]
    return cases


def section():
    return masked() + weighted() + moments() + covariances() + normalised() + gradients()

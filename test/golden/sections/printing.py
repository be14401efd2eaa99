"""What NumPy prints, and what JAX's repr adds. No calls: an input, the two strings."""
import jax
import jax.numpy as jnp
import numpy as np

from golden import encode, f32, i32, u32

NAN, INF = float("nan"), float("inf")


def entry(name, x):
    x = np.asarray(x)
    result = {"name": name, "fn": "toString", "args": [], "inputs": [encode(x)], "ulp": 0, "str": str(x), "repr": repr(x)}
    if x.dtype != np.float64:
        result["jaxRepr"] = repr(jnp.asarray(x))
    return result


def arrays():
    whole = lambda *shape: np.arange(np.prod(shape), dtype=np.float32).reshape(shape)  # noqa: E731
    noise = np.random.RandomState(3).randn(40).astype(np.float32)
    third = np.float32(1) / np.float32(3)
    return {
        "empty": f32([]), "empty [0,3]": whole(0, 3), "empty [3,0]": whole(3, 0), "empty int32": i32([]), "empty bool": np.zeros(0, bool), "empty [2,0,3]": whole(2, 0, 3),
        "0-d whole": np.float32(3), "0-d third": third, "0-d nan": np.float32(NAN), "0-d inf": np.float32(-INF), "0-d big": np.float32(1e20), "0-d small": np.float32(1e-7), "0-d -0": np.float32(-0.0),
        "0-d 1e16": np.float32(1e16), "0-d 123456792": np.float32(123456789), "0-d 1e-4": np.float32(1e-4), "0-d 9e-5": np.float32(9e-5),
        "0-d int": np.int32(-7), "0-d uint": np.uint32(2**32 - 1), "0-d bool": np.bool_(True), "0-d double": np.float64(1) / 3,
        "one": f32(1), "whole": f32(1, 2, 3), "halves": f32(0.5, 1.5, -2), "tenths": f32(0.1, 0.2, 0.3), "thirds": f32(third, 2 * third, 1), "mixed widths": f32(1.5, -100.25, 3), "negative": f32(-1, 2, -3),
        "zeros": f32(0, -0.0, 0), "nan": f32(1, NAN, 3), "nan only": f32(NAN, NAN), "inf": f32(1, INF, -INF), "nan inf negative": f32(NAN, INF, -INF, -1.5), "inf with tenth": f32(0.1, -INF), "nan in rows": f32([[1, NAN], [INF, 100]]),
        "large whole": f32(1e6, 12345678), "large switch": f32(1e8, 1), "just below switch": f32(99999999, 1), "below 1e8": f32(9.9e7, 0.5), "large only": f32(1e20, 2e20), "small switch": f32(1e-4, 1), "below 1e-4": f32(0.00009, 1), "ratio 1000": f32(0.01, 10), "ratio over 1000": f32(0.01, 10.5), "ratio 1e4": f32(0.001, 10),
        "mixed scientific": f32(1e-10, 1, 1e10), "scientific negative": f32(-1e-10, 1e10), "scientific zero": f32(0, 1e-10), "scientific nan": f32(NAN, 1e20, -INF), "exponent width": f32(1e-38, 1e38), "maximum": f32(np.finfo(np.float32).max, np.finfo(np.float32).min), "denormal": f32(1e-45, 1), "scientific digits": f32(1.2345678e-9, 1),
        "precision 8": f32(0.123456789, 0.1), "repeating": f32(1 / 3, 100 / 3), "many digits": f32(123.45678, 0.001), "precision 8 large": f32(1234567.9, 0.1), "pi": f32(np.pi, -np.pi), "e": f32([[np.e]]),
        "wrapped": noise, "wrapped whole": whole(30), "wrapped ints": np.arange(40, dtype=np.int32) * 1000 - 20000, "wrapped bools": np.arange(30) % 3 == 0, "wrapped uints": u32([2**32 - 1 - i * 1000 for i in range(12)]),
        "matrix": whole(2, 3), "matrix decimals": noise[:12].reshape(3, 4), "matrix wide": noise.reshape(2, 20), "column": whole(3, 1), "matrix negative": f32([[-1, 10], [100, -1000]]), "3-d": whole(2, 2, 3), "4-d": whole(2, 1, 2, 2), "1x1x1": whole(1, 1, 1), "3-d decimals": noise[:24].reshape(2, 3, 4),
        "summary 1-d": whole(1001), "not yet summary": whole(40, 25)[:, :5], "exactly 1000": whole(1000)[:1000], "summary 2-d": whole(40, 40), "summary rows": whole(300, 4), "summary columns": whole(3, 500), "summary 3-d": whole(12, 12, 12), "summary ints": np.arange(2000, dtype=np.int32), "summary bools": np.arange(1500) % 2 == 0, "summary decimals": np.linspace(-1, 1, 1200).astype(np.float32), "summary hides wide": np.where(np.arange(1200) == 600, 1e10, 1).astype(np.float32), "summary 2-d one row": whole(1, 1200), "summary of few rows": whole(6, 300), "summary of seven rows": whole(7, 300),
        "ints": i32(1, -20, 300), "int edges": i32(-(2**31), 2**31 - 1), "int matrix": i32([[1, 2], [-3, 40]]), "uints": u32(0, 5, 2**32 - 1), "bools": np.array([True, False]), "bool matrix": np.array([[True, False], [False, False]]),
        "doubles": np.array([1 / 3, 2, -0.5]), "doubles large": np.array([1e16, 1.0]), "doubles whole": np.array([1.0, 100.0]), "doubles scientific": np.array([1e-300, 1e300]), "doubles digits": np.array([np.pi, 1e5 * np.e]), "doubles nan": np.array([np.nan, -np.inf, 0.1]), "double three digits": np.array([1e100, 1e-5, NAN]),
        **{f"half {name}": np.array(x, np.float32).astype(np.float16) for name, x in {
            "whole": [1, 2, 3], "tenths": [0.1, 0.2, 0.3], "switch": [1000, 1], "below the switch": [999, 1], "largest": [65504, -65504, 1], "small": [1e-4, 1], "below 1e-4": [9e-5, 1], "subnormal": [6e-8, 1e-6], "ratio over 1000": [0.01, 10.5],
            "special": [NAN, INF, -INF, -0.0], "pi": [[3.14159, 100], [-1 / 3, 2.718]], "0-d": 0.1, "0-d large": 1000, "0-d largest": 65504, "0-d 999": 999, "0-d small": 1e-4, "0-d tiny": 6e-8, "0-d odd": 2049, "0-d third": 1 / 3, "0-d nan": NAN, "noise": list(noise)}.items()},
        "tie 0.5 ulp": f32(0.30000001192092896, 16777216), "8388608.5": f32(8388607.5, 0.5), "trailing": f32(1.10, 2.25, 3.125),
    }


def section():
    return [entry(name, x) for name, x in arrays().items()]

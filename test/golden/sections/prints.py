"""What NumPy prints of 1,500 random arrays: every dtype, all magnitudes, special values, shapes that wrap and summarise.

A case a line: [dtype, shape, distinct elements as hexadecimal words, str, repr]. Element i of an array of more elements
than words is word i·i + 3·i (modulo their count), so that large arrays stay short here. The class is called NDArray, as ours.
"""
import numpy as np

from golden import encode

COUNT = 1500
DTYPES = ["float16", "float32", "float32", "float64", "int32", "uint32", "bool"]
LARGE = [(5, 201), (12, 10, 11), (40, 40), (2, 600), (3, 2, 200), (1001,), (1000,), (7, 1, 150), (1, 1300), (6, 167)]


class NDArray(np.ndarray):
    """Only its name matters."""


def shape_of(r):
    kind = r.integers(0, 14)
    if kind < 2:
        return ()
    if kind < 7:
        return (int(r.integers(0, 12)),)
    if kind < 11:
        return tuple(int(n) for n in r.integers(1, 5, 2))
    if kind == 11:
        return tuple(int(n) for n in r.integers(0, 4, 3))
    if kind == 12:
        return tuple(int(n) for n in r.integers(1, 3, 4))
    return LARGE[r.integers(0, len(LARGE))]


def floats(r, n, dtype):
    info = np.finfo(dtype)
    words = {16: np.uint16, 32: np.uint32, 64: np.uint64}[info.bits]
    kind = r.integers(0, 9)
    with np.errstate(all="ignore"):
        x = [
            lambda: r.integers(0, 2**info.bits - 1, n, dtype=words, endpoint=True).view(dtype),
            lambda: r.standard_normal(n),
            lambda: r.standard_normal(n) * 10.0 ** r.uniform(-8, 8, n),
            lambda: np.round(r.standard_normal(n) * 10.0 ** r.integers(0, 5), int(r.integers(0, 4))),
            lambda: r.integers(-1000, 1000, n),
            lambda: r.uniform(0, 1, n) * 10.0 ** r.integers(-6, 7),
            lambda: float(info.smallest_subnormal) * r.integers(0, 2000, n),
            lambda: 2.0 ** r.integers(-20, 15, n),
            lambda: r.integers(1, 99, n) * 10.0 ** r.integers(-5, 4),
        ][kind]()
        x = np.asarray(x).astype(dtype)
    if n and r.random() < 0.3:
        x[r.integers(0, n, max(1, n // 5))] = r.choice(np.array([np.nan, np.inf, -np.inf, 0.0, -0.0]), max(1, n // 5))
    return x


def elements(r, n, name):
    if name.startswith("float"):
        return floats(r, n, np.dtype(name).type)
    if name == "bool":
        return r.integers(0, 2, n).astype(bool)
    shift = np.uint32(r.integers(0, 31))
    x = (r.integers(0, 2**32, n, dtype=np.uint64).astype(np.uint32) >> shift).view(np.dtype(name))
    return x


def section():
    r = np.random.default_rng(20261130)
    cases = []
    for number in range(COUNT):
        name = DTYPES[number % len(DTYPES)]
        shape = shape_of(r)
        size = int(np.prod(shape))
        distinct = elements(r, min(size, 40), name)
        index = np.arange(size)
        flat = distinct[(index * index + 3 * index) % 40] if size > 40 else distinct
        x = flat.reshape(shape)
        cases.append({"name": str(number), "row": [name, list(shape), "".join(encode(distinct)["bits"]), str(x), repr(x.view(NDArray))]})
    return cases

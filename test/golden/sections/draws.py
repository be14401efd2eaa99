"""Draws in bulk: every distribution in every dtype, 20,000 numbers each.

A case a line: the call, a checksum of all its bits (zlib's crc32, little endian; NaN as in golden.py), and the first 64
of its numbers as hexadecimal words, for those that are not equal to the bit.
"""
import zlib

import jax
import jax.numpy as jnp
import numpy as np
from jax import random

from golden import camel, encode, write_argument

COUNT = 20000
FIRST = 64


def entry(name, dtype, *args, seed=0, **options):
    key = random.key(seed)
    typed = dict(options)
    if dtype is not None:
        typed["dtype"] = dtype
    draw = getattr(random, name)(key, *args, shape=(COUNT,), **typed)
    x = np.asarray(draw)
    inputs = []
    named = {camel(k): write_argument(v, inputs) for k, v in typed.items()}
    given = [write_argument(np.asarray(a) if isinstance(a, jax.Array) else a, inputs) for a in args]
    label = f"{camel(name)}({', '.join(map(str, [seed, *given, *named.items()]))})"
    return {"name": label, "fn": camel(name), "seed": seed, "args": given, "options": named, "inputs": inputs, "dtype": x.dtype.name, "crc": zlib.crc32(np.ascontiguousarray(x).tobytes()), "first": "".join(encode(x[:FIRST])["bits"])}


def section():
    cases = []
    for seed in (0, 7, 2**31):
        cases += [entry("bits", None, seed=seed)]
        for dtype in ("int32", "uint32"):
            cases += [random_int(dtype, low, high, seed) for low, high in ((0, 10), (0, 2**31 - 1), (3, 4), (5, 1000003))]
        for dtype in ("float32", "float16"):
            scalar = lambda v, dtype=dtype: jnp.asarray(v, dtype)  # noqa: E731
            cases += [entry("uniform", dtype, seed=seed)]
            cases += [entry("uniform", dtype, seed=seed, minval=low, maxval=high) for low, high in ((-1.0, 1.0), (0.1, 0.7), (-3.5, 100.25))]
            for name in ("normal", "exponential", "gumbel", "laplace", "logistic", "cauchy", "maxwell"):
                cases.append(entry(name, dtype, seed=seed))
            cases += [entry("gumbel", dtype, seed=seed, mode="high"), entry("truncated_normal", dtype, -1.5, 2.0, seed=seed), entry("truncated_normal", dtype, 0.0, 0.25, seed=seed), entry("rayleigh", dtype, scalar(2.0), seed=seed), entry("pareto", dtype, 3.0, seed=seed), entry("weibull_min", dtype, 2.0, 1.5, seed=seed), entry("lognormal", dtype, 0.5, seed=seed), entry("triangular", dtype, -1.0, 0.5, 2.0, seed=seed), entry("double_sided_maxwell", dtype, scalar(1.0), scalar(2.0), seed=seed)]
            cases += [entry("bernoulli", None, scalar(0.3), seed=seed), entry("bernoulli", None, scalar(0.001), seed=seed, mode="high"), entry("geometric", None, scalar(0.3), seed=seed), entry("rademacher", dtype, seed=seed), entry("categorical", None, jnp.asarray([0.1, 0.5, -1, 2], dtype), seed=seed)]
    return cases


def random_int(dtype, low, high, seed):
    key = random.key(seed)
    x = np.asarray(random.randint(key, (COUNT,), low, high, dtype))
    return {"name": f"randint({seed}, {low}, {high}, {dtype})", "fn": "randint", "seed": seed, "args": [], "options": {"minval": low, "maxval": high, "dtype": dtype}, "inputs": [], "dtype": dtype, "crc": zlib.crc32(x.tobytes()), "first": "".join(encode(x[:FIRST])["bits"])}

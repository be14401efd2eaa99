"""jax.random: keys, bits and every distribution that needs only threefry, arithmetic and sort."""
import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32

from golden import Key, call, encode, f32, i32, u32

SEEDS = [0, 1, 42, 2**31, -1, 2**32 - 1, 2**40 + 5]
SHAPES = [[], [0], [1], [5], [3, 4], [7], [2, 3, 5]]


def threefry_vectors():
    """The cipher by itself, on the vectors of the Random123 distribution and on a key of our own."""
    cases = []
    vectors = [
        ([0, 0], [0, 0]),
        ([0xFFFFFFFF, 0xFFFFFFFF], [0xFFFFFFFF, 0xFFFFFFFF]),
        ([0x13198A2E, 0x03707344], [0x243F6A88, 0x85A308D3]),
        ([0, 42], list(range(10))),
    ]
    published = [[0x6B200159, 0x99BA4EFE], [0x1CB996FC, 0xBB002BE7], [0xC4923A9C, 0x483DF7A0]]
    for i, (key, count) in enumerate(vectors):
        k, c = u32(key), u32(count)
        out = threefry_2x32(jnp.asarray(k), jnp.asarray(c))
        if i < len(published):
            assert [int(v) for v in out] == published[i], out
        cases.append({"name": f"threefry2x32 {i}", "fn": "threefry2x32", "args": [{"input": 0}, {"input": 1}],
                      "inputs": [encode(k), encode(c)], "ulp": 0, "output": encode(out)})
    return cases


def keys():
    cases = [call("random.key", seed) for seed in SEEDS]
    cases += [call("random.PRNGKey", seed) for seed in SEEDS]
    for seed in SEEDS:
        cases += [call("random.split", Key(seed))]
    for count in [1, 2, 3, 5, 10]:
        cases += [call("random.split", Key(42), count)]
    cases += [call("random.split", Key(7), shape) for shape in [(2, 3), (1,), (4, 1, 2)]]
    for data in [0, 1, 7, 2**31 - 1, 2**32 - 1]:
        cases += [call("random.fold_in", Key(42), data)]
    cases += [call("random.key_data", Key(3)), call("random.wrap_key_data", u32(5, 6))]
    cases += [call("random.split", u32(1, 2), label="of raw uint32[2]", function=jax.random.split)]
    return cases


def bits():
    cases = [call("random.bits", Key(seed), [5]) for seed in SEEDS]
    cases += [call("random.bits", Key(42), shape) for shape in SHAPES]
    cases += [call("random.bits", Key(42), [6], dtype=dtype) for dtype in ["uint8", "uint16"]]
    return cases


def uniform():
    cases = [call("random.uniform", Key(seed), [3]) for seed in SEEDS]
    cases += [call("random.uniform", Key(42), shape) for shape in SHAPES]
    for low, high in [(-1.0, 1.0), (2.0, 5.0), (0.0, 1e-3), (-3.5, -1.25), (0.0, 1e30), (1.0, 1.0000002)]:
        cases += [call("random.uniform", Key(9), [8], minval=low, maxval=high)]
    cases += [call("random.uniform", Key(9), [2, 3], minval=f32(0, 1, 2), maxval=f32(1, 3, 2.5))]
    return cases


def wide():
    """float64 draws, made under x64: 64-bit words are two 32-bit halves of one counter."""
    with jax.enable_x64(True):
        cases = [call("random.uniform", Key(seed), [4], dtype="float64") for seed in [0, 42]]
        cases += [call("random.uniform", Key(1), [2, 3], dtype="float64", minval=-2.0, maxval=3.0)]
        cases += [call("random.normal", Key(1), [9], dtype="float64", ulp=64)]
        cases += [call("random.exponential", Key(1), [5], dtype="float64", ulp=4)]
        raw = jax.random.bits(jax.random.key(42), (4,), dtype="uint64")
        cases.append({"name": "bits64 as pairs (high, low) key(42) [4]", "fn": "bits64", "args": [{"key": 42}, [4]],
                      "inputs": [], "ulp": 0,
                      "output": encode(np.stack([np.asarray(raw >> 32).astype(np.uint32), np.asarray(raw).astype(np.uint32)], 1))})
    return cases


def normal():
    cases = [call("random.normal", Key(seed), [6], ulp=4) for seed in SEEDS]
    cases += [call("random.normal", Key(42), shape, ulp=4) for shape in SHAPES]
    cases += [call("random.normal", Key(5), [257], ulp=4)]
    return cases


def integers():
    cases = []
    for low, high in [(0, 10), (-5, 5), (0, 1), (3, 3), (5, 2), (0, 1 << 16), (0, 65537), (-(1 << 31), (1 << 31) - 1), (0, 1000003), (7, 8)]:
        cases += [call("random.randint", Key(11), [9], low, high)]
    for low, high in [(0, 10), (0, (1 << 32) - 1), (1 << 31, (1 << 31) + 7)]:
        cases += [call("random.randint", Key(11), [9], np.uint32(low), np.uint32(high), "uint32", label=f"uint32 {low} to {high}")]
    cases += [call("random.randint", Key(11), shape, 0, 100) for shape in SHAPES]
    cases += [call("random.randint", Key(11), [2, 3], i32(0, 10, 20), i32(5, 12, 1000))]
    for probability in [0.5, 0.0, 1.0, 0.1]:
        cases += [call("random.bernoulli", Key(2), probability, [16])]
    cases += [call("random.bernoulli", Key(2), f32(0.2, 0.5, 0.9))]
    cases += [call("random.rademacher", Key(2), [16], dtype="int32"), call("random.rademacher", Key(2), [9], dtype="float32")]
    return cases


def shuffles():
    cases = [call("random.permutation", Key(4), n) for n in [0, 1, 2, 5, 10, 100, 257]]
    cases += [call("random.permutation", Key(4), np.arange(12, dtype=np.float32).reshape(4, 3))]
    cases += [call("random.permutation", Key(4), np.arange(12, dtype=np.int32).reshape(3, 4), axis=1)]
    cases += [call("random.permutation", Key(4), np.arange(12, dtype=np.int32).reshape(3, 4), axis=1, independent=True)]
    weights = f32(0.1, 0.2, 0.3, 0.4)
    cases += [
        call("random.choice", Key(6), 10, (7,)),
        call("random.choice", Key(6), 10, (7,), replace=False),
        call("random.choice", Key(6), 5, (5,), replace=False),
        call("random.choice", Key(6), 5),
        call("random.choice", Key(6), f32(1.5, 2.5, 3.5, 4.5), (3, 2)),
        call("random.choice", Key(6), 4, (8,), p=weights),
        call("random.choice", Key(6), 4, (3,), replace=False, p=weights),
        call("random.choice", Key(6), np.arange(6, dtype=np.float32).reshape(2, 3), (4,), axis=1),
    ]
    return cases


def continuous():
    key, shape = Key(8), [33]
    # XLA contracts u · span + low to one rounding; where 1 − |u| follows, that is up to 22 units of the result
    cases = [call(f"random.{name}", key, shape, ulp=ulp) for name, ulp in [
        ("exponential", 4), ("gumbel", 8), ("laplace", 32), ("logistic", 32), ("cauchy", 16), ("maxwell", 8)]]
    cases += [call("random.gumbel", key, shape, mode="high", ulp=32)]
    cases += [call("random.truncated_normal", key, low, high, shape, ulp=8)
              for low, high in [(-2.0, 2.0), (0.0, 1.0), (-1.0, 3.5)]]
    cases += [
        call("random.rayleigh", key, 1.5, shape, ulp=4),
        call("random.pareto", key, 2.0, shape, ulp=8),
        call("random.weibull_min", key, 1.5, 2.0, shape, ulp=8),
        call("random.lognormal", key, 0.5, shape, ulp=8),
        call("random.triangular", key, 0.0, 0.25, 1.0, shape, ulp=4),
        call("random.double_sided_maxwell", key, 0.5, 2.0, shape, ulp=8),
        call("random.geometric", key, 0.3, shape),
    ]
    logits = f32([[0.1, 2.0, -1.0, 0.5], [3.0, 0.0, 0.0, -float("inf")]])
    cases += [
        call("random.categorical", key, logits),
        call("random.categorical", key, f32(0.1, 2.0, -1.0, 0.5), shape=(20,)),
        call("random.categorical", key, logits, axis=0),
        call("random.categorical", key, logits, shape=(5, 2)),
    ]
    return cases


def section():
    assert jax.config.jax_threefry_partitionable
    assert not jax.config.jax_enable_x64
    known = np.array([0.947667, 0.9785799, 0.33229148], np.float32)
    assert np.array_equal(np.asarray(jax.random.uniform(jax.random.key(0), (3,))), known)
    return threefry_vectors() + keys() + bits() + uniform() + wide() + normal() + integers() + shuffles() + continuous()

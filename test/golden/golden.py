"""Encoding of golden cases: arrays as hex bit patterns, calls by their public name.

A case names a function as our API spells it ("np.floorDivide"), its arguments, and what JAX gave.
Python arguments are written into the case as they are passed to JAX, so the two cannot differ.
This file knows nothing of single functions; the sections do.
"""
import re

import jax
import jax.numpy as jnp
import numpy as np

NAMESPACES = {"np": jnp, "lax": jax.lax, "nn": jax.nn, "random": jax.random}


class Key:
    """A typed key made from a seed: jax.random.key(seed) here, random.key(seed) there."""

    def __init__(self, seed):
        self.seed = seed


def camel(name):
    """snake_case to camelCase, each dotted part by itself."""
    return re.sub(r"(?<=[A-Za-z0-9])_([a-z0-9])", lambda m: m.group(1).upper(), name)


def resolve(name):
    space, function = name.split(".", 1)
    target = NAMESPACES[space]
    for part in function.split("."):
        target = getattr(target, part)
    return target


def encode(value):
    """An array as dtype, shape and one big-endian hex word an element; every NaN is the quiet positive one."""
    array = np.asarray(value)
    name = array.dtype.name
    flat = np.ascontiguousarray(array).reshape(-1)
    if name == "complex64":
        flat = flat.view(np.float32)
    elif name == "complex128":
        flat = flat.view(np.float64)
    if np.issubdtype(flat.dtype, np.floating):
        flat = np.where(np.isnan(flat), np.array(np.nan, flat.dtype), flat)
        flat = np.where(np.isnan(flat), np.abs(flat), flat)
    size = flat.dtype.itemsize
    words = flat.view({1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[size])
    return {"dtype": name, "shape": list(array.shape), "bits": [f"{int(w):0{2 * size}x}" for w in words]}


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic, jax.Array))


def write_argument(value, inputs):
    """A Python argument in JSON form; arrays move to `inputs` and leave {"input": i}."""
    if isinstance(value, Key):
        return {"key": value.seed}
    if is_array(value):
        inputs.append(encode(value))
        return {"input": len(inputs) - 1}
    if isinstance(value, (list, tuple)):
        return [write_argument(item, inputs) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    raise TypeError(f"cannot write {value!r}")


def pass_argument(value):
    """The same argument as JAX gets it."""
    if isinstance(value, Key):
        return jax.random.key(value.seed)
    if isinstance(value, np.ndarray):
        return jnp.asarray(value)
    if isinstance(value, list):
        return [pass_argument(item) for item in value]
    if isinstance(value, tuple):
        return tuple(pass_argument(item) for item in value)
    return value


def label_of(name, args, options, label):
    if label is not None:
        return f"{name} {label}"
    text = []
    for value in args:
        if is_array(value):
            text.append(f"{np.asarray(value).dtype.name}{list(np.shape(value))}".replace(" ", ""))
        elif isinstance(value, Key):
            text.append(f"key({value.seed})")
        elif isinstance(value, list) and any(is_array(v) for v in value):
            text.append("[…]")
        else:
            text.append(str(value))
    text += [f"{key}={'array' if is_array(value) else value}" for key, value in options.items()]
    return f"{name}({', '.join(text)})"


def write_output(entry, result):
    if isinstance(result, (list, tuple)):
        entry["outputs"] = [encode(part) for part in result]
    else:
        if jnp.issubdtype(result.dtype, jax.dtypes.prng_key):
            result = jax.random.key_data(result)
            entry["keyData"] = True
        entry["output"] = encode(result)
    return entry


def call(name, *args, ulp=0, atol=0, label=None, function=None, **options):
    """One case: calls JAX's `name` (or `function`) and records arguments, options and result.

    ulp: how far another correct implementation may lie from JAX, in units in the last place.
    atol: the same as an absolute distance, for results that cancellation leaves few digits of.
    """
    target = function if function is not None else resolve(name)
    result = target(*[pass_argument(a) for a in args], **{k: pass_argument(v) for k, v in options.items()})
    inputs = []
    entry = {"name": label_of(camel(name), args, options, label), "fn": camel(name)}
    entry["args"] = [write_argument(a, inputs) for a in args]
    if options:
        entry["options"] = {camel(k): write_argument(v, inputs) for k, v in options.items()}
    entry["inputs"] = inputs
    entry["ulp"] = ulp
    if atol:
        entry["atol"] = atol
    return write_output(entry, result)


def gradient(name, *args, ulp=4, atol=0, label=None, function=None, cotangent=None, **options):
    """One case: value and vjp with respect to every float array argument, by the given cotangent (ones)."""
    target = function if function is not None else resolve(name)
    passed = [pass_argument(a) for a in args]
    wrt = [i for i, a in enumerate(args) if is_array(a) and np.issubdtype(np.asarray(a).dtype, np.floating)]

    def restricted(*active):
        full = list(passed)
        for i, value in zip(wrt, active):
            full[i] = value
        return target(*full, **options)

    value, pullback = jax.vjp(restricted, *[passed[i] for i in wrt])
    ct = jnp.ones_like(value) if cotangent is None else jnp.asarray(cotangent)
    gradients = pullback(ct)
    inputs = []
    entry = {"name": label_of(camel(name), args, options, label), "fn": camel(name)}
    entry["args"] = [write_argument(a, inputs) for a in args]
    if options:
        entry["options"] = {camel(k): write_argument(v, inputs) for k, v in options.items()}
    entry["inputs"] = inputs
    entry["ulp"] = ulp
    if atol:
        entry["atol"] = atol
    entry["wrt"] = wrt
    entry["cotangent"] = encode(ct)
    entry["output"] = encode(value)
    entry["gradients"] = [encode(g) for g in gradients]
    return entry


def f32(*values):
    return np.array(values[0] if len(values) == 1 and isinstance(values[0], list) else values, np.float32)


def i32(*values):
    return np.array(values[0] if len(values) == 1 and isinstance(values[0], list) else values, np.int64).astype(np.int32)


def u32(*values):
    return np.array(values[0] if len(values) == 1 and isinstance(values[0], list) else values, np.int64).astype(np.uint32)


def ordered(x):
    """float32 to integers of the same order, one a representable number; ±0 are both 0."""
    bits = np.asarray(x, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def ulp_distance(a, b):
    """Distance in float32 steps; NaN and NaN are 0 apart, NaN and a number 2**32."""
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    distance = np.abs(ordered(a) - ordered(b))
    both, either = np.isnan(a) & np.isnan(b), np.isnan(a) | np.isnan(b)
    return np.where(both, 0, np.where(either, 1 << 32, distance))

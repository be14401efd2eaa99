"""Type promotion: the result dtype of every pair, with weak types, as JAX gives it.

Pairs without a 64-bit type are taken with x64 off (so int32 with uint32 is int32), pairs with float64 or
complex128 with x64 on. Python scalars are written "bool*", "int*", "float*", "complex*".
"""
import jax
import jax.numpy as jnp

NARROW = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "float16", "bfloat16", "float32", "complex64"]
WIDE = ["float64", "complex128"]
WEAK = {"bool*": True, "int*": 1, "float*": 1.0, "complex*": 1j}


def operand(name):
    return WEAK[name] if name in WEAK else jnp.ones((2,), name)


def entry(names):
    result = jnp.result_type(*[operand(name) for name in names])
    values = [operand(name) for name in names]
    total = values[0]
    for value in values[1:]:
        total = jnp.where(True, total, value)
    assert names[0] in WEAK or total.dtype == result, (names, total.dtype, result)
    return {"name": " ".join(names), "fn": "np.resultType", "args": [], "types": names, "inputs": [], "ulp": 0,
            "dtype": str(result), "weak": bool(getattr(total, "weak_type", False))}


def section():
    names = NARROW + list(WEAK)
    cases = [entry([a, b]) for a in NARROW for b in names]
    cases += [entry([a, b]) for a in WEAK for b in names]
    with jax.enable_x64(True):
        cases += [entry([a, b]) for a in WIDE for b in NARROW + WIDE]
        cases += [entry([a, b]) for a in WIDE for b in ["bool*", "int*", "float*", "complex*"]]
        cases += [entry([b, a]) for a in WIDE for b in NARROW]
    cases += [entry(t) for t in [["bool", "int32", "float16"], ["uint8", "int8", "uint16"], ["int32", "int*", "float*"],
                                 ["bfloat16", "float16", "uint32"], ["bool", "float*", "int8"], ["uint32", "int32", "float32"]]]
    return cases

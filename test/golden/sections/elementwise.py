"""Elementwise functions at the edges of their domains.

XLA's CPU code flushes denormals to zero, IEEE arithmetic (and WASM) does not. So every float32 case keeps
only the elements where neither operands nor the exact result are denormal; the rest become cases named
"… (denormal)" whose expected values are float64 results rounded to float32. Where JAX itself errs by more
than MAX_JAX_ERROR units in the last place, the expected value is the float64 result too, and "replaced"
counts such elements.
"""
import jax
import jax.numpy as jnp
import numpy as np
import scipy.special as special

from golden import call, camel, encode, f32, i32, resolve, u32, ulp_distance

MAX_JAX_ERROR = 4
TINY = np.finfo(np.float32).tiny
HUGE = np.finfo(np.float32).max
DENORMALS = [1e-45, -1e-45, 1e-40, -1e-40, 1.1754942e-38, -5.877472e-39]

with np.errstate(over="ignore"):
    UNARY = f32(
        [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3.5, -3.5, 4.5, 0.49999997, -0.49999997]
        + [2.0, -2.0, 3.0, -3.0, 10.0, -10.0, 20.0, -20.0, 0.1, -0.1, 1e-3, -1e-3, 1e-7, -1e-7, 1e-20, -1e-20]
        + [TINY, -TINY, HUGE, -HUGE, np.inf, -np.inf, np.nan, 87.0, -87.0, 88.72283, 88.7229, -88.0, 89.0, -89.0]
        + [-103.0, -104.0, 127.0, 128.0, 0.99999994, 1.0000001, -0.99999994, -1.0000001, 0.70710677]
        + [8388607.5, 8388608.0, -8388607.5, 16777216.0, 1e5, -1e5, 1e10, -1e10, 1e20, 3.1415927, -3.1415927]
        + [1.5707964, 0.7853982, 2.3561945, 6.2831855, 2.7182817, 33.7, -33.7, 0.3, -0.3, 0.8, -0.8, 5.25, -5.25, 7.9, -7.9]
        + DENORMALS
    )

EXACT, ROUNDED, CLOSE, LOOSE = 0, 1, 6, 12


# our name → float64 reference, tolerance in ULP
UNARY_FUNCTIONS = {
    "np.negative": (np.negative, EXACT),
    "np.abs": (np.abs, EXACT),
    "np.sign": (np.sign, EXACT),
    "np.floor": (np.floor, EXACT),
    "np.ceil": (np.ceil, EXACT),
    "np.trunc": (np.trunc, EXACT),
    "np.round": (np.round, EXACT),
    "np.square": (np.square, EXACT),
    "np.reciprocal": (np.reciprocal, EXACT),
    "np.sqrt": (np.sqrt, EXACT),
    "lax.rsqrt": (lambda x: np.where(x == 0, np.copysign(np.inf, x), 1 / np.sqrt(x)), CLOSE),
    "np.cbrt": (np.cbrt, CLOSE),
    "np.exp": (np.exp, CLOSE),
    "np.exp2": (np.exp2, CLOSE),
    "np.expm1": (np.expm1, CLOSE),
    "np.log": (np.log, CLOSE),
    "np.log1p": (np.log1p, CLOSE),
    "np.log2": (np.log2, CLOSE),
    "np.log10": (np.log10, CLOSE),
    "lax.logistic": (special.expit, CLOSE),
    "np.sin": (np.sin, CLOSE),
    "np.cos": (np.cos, CLOSE),
    "np.tan": (np.tan, CLOSE),
    "np.arcsin": (np.arcsin, CLOSE),
    "np.arccos": (np.arccos, CLOSE),
    "np.arctan": (np.arctan, CLOSE),
    "np.sinh": (np.sinh, CLOSE),
    "np.cosh": (np.cosh, CLOSE),
    "np.tanh": (np.tanh, CLOSE),
    "np.arcsinh": (np.arcsinh, CLOSE),
    "np.arccosh": (np.arccosh, CLOSE),
    "np.arctanh": (np.arctanh, CLOSE),
    "lax.erf": (special.erf, CLOSE),
    "lax.erfc": (special.erfc, LOOSE),
    "lax.erf_inv": (special.erfinv, LOOSE),
    "np.isnan": (np.isnan, EXACT),
    "np.isinf": (np.isinf, EXACT),
    "np.isfinite": (np.isfinite, EXACT),
    "np.signbit": (np.signbit, EXACT),
    "np.logical_not": (np.logical_not, EXACT),
    "np.nan_to_num": (lambda x: np.nan_to_num(x, nan=0.0, posinf=HUGE, neginf=-HUGE), EXACT),
}

with np.errstate(over="ignore"):
    EDGES = f32(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 2.0, 3.0, -3.0, 7.5, -7.5, 1e-3, 1e18, 16777216.0, np.inf, -np.inf, np.nan)


BINARY_FUNCTIONS = {
    "np.add": (np.add, EXACT),
    "np.subtract": (np.subtract, EXACT),
    "np.multiply": (np.multiply, EXACT),
    "np.divide": (np.divide, EXACT),
    "lax.rem": (np.fmod, EXACT),
    "np.fmod": (np.fmod, EXACT),
    "np.mod": (None, EXACT),
    "np.floor_divide": (None, EXACT),
    "np.maximum": (None, EXACT),
    "np.minimum": (None, EXACT),
    "np.fmax": (None, EXACT),
    "np.fmin": (None, EXACT),
    "np.power": (np.power, CLOSE),
    "np.arctan2": (np.arctan2, CLOSE),
    "np.hypot": (np.hypot, CLOSE),
    "np.logaddexp": (np.logaddexp, CLOSE),
    "np.logaddexp2": (np.logaddexp2, CLOSE),
    "np.copysign": (np.copysign, EXACT),
    "np.heaviside": (np.heaviside, EXACT),
    "np.equal": (np.equal, EXACT),
    "np.not_equal": (np.not_equal, EXACT),
    "np.less": (np.less, EXACT),
    "np.less_equal": (np.less_equal, EXACT),
    "np.greater": (np.greater, EXACT),
    "np.greater_equal": (np.greater_equal, EXACT),
    "np.logical_and": (np.logical_and, EXACT),
    "np.logical_or": (np.logical_or, EXACT),
    "np.logical_xor": (np.logical_xor, EXACT),
}


def denormal(x):
    return (x != 0) & (np.abs(x) < TINY)


def round_to_float32(x):
    """float64 to float32; NaN and booleans kept."""
    x = np.asarray(x)
    return x if x.dtype == np.bool_ else x.astype(np.float32)


def entry_of(name, suffix, inputs, output, ulp):
    return {"name": f"{camel(name)}{suffix}", "fn": camel(name), "args": [{"input": i} for i in range(len(inputs))],
            "inputs": [encode(x) for x in inputs], "ulp": ulp, "output": encode(output)}


def float_cases(name, reference, ulp, inputs):
    """The case of what JAX computes, and the case of what it flushes to zero."""
    result = np.asarray(resolve(name)(*[jnp.asarray(x) for x in inputs]))
    if reference is None:
        return [entry_of(name, "", inputs, result, ulp)]
    with np.errstate(all="ignore"):
        exact = round_to_float32(reference(*[x.astype(np.float64) for x in inputs]))
        flushed = np.any([denormal(x) for x in inputs], axis=0)
        if exact.dtype == np.float32:
            flushed |= denormal(exact) | denormal(result)
    keep = ~flushed
    if result.dtype == np.float32:
        keep &= (exact != 0) | (result == 0) | np.isnan(exact)  # an exact zero by cancellation has no ULP to measure in
    cases = [entry_of(name, "", [x[keep] for x in inputs], result[keep], ulp)]
    if result.dtype == np.float32:
        wrong = keep & (ulp_distance(result, exact) > MAX_JAX_ERROR)
        if wrong.any():
            cases[0]["output"] = encode(np.where(wrong, exact, result)[keep])
            cases[0]["replaced"] = int(wrong.sum())
            at = np.nonzero(wrong)[0][:6]
            print(f"  {name}: float64 in place of JAX at", *[f"({', '.join(str(x[i]) for x in inputs)}) {result[i]} not {exact[i]};" for i in at])
    if flushed.any():
        cases.append(entry_of(name, " (denormal)", [x[flushed] for x in inputs], exact[flushed], max(ulp, 0)))
    return cases


def grid(values, other=None):
    other = values if other is None else other
    return [np.repeat(values, len(other)), np.tile(other, len(values))]


def floats():
    cases = []
    for name, (reference, ulp) in UNARY_FUNCTIONS.items():
        cases += float_cases(name, reference, ulp, [UNARY])
    for name, (reference, ulp) in BINARY_FUNCTIONS.items():
        cases += float_cases(name, reference, ulp, grid(EDGES))
    cases += float_cases("lax.nextafter", None, EXACT, [f32(1, 1, -1, HUGE, np.inf, np.nan, 3, -0.5), f32(2, 0, -2, np.inf, 0, 1, 3, 0)])
    cases += float_cases("np.add", np.add, EXACT, [f32(1e-40, 1e-40, TINY, -TINY), f32(1e-40, -1e-40, -1e-40, 1e-40)])
    cases += float_cases("np.multiply", np.multiply, EXACT, [f32(1e-20, 1e-30, -1e-25, 1e-40), f32(1e-20, 1e-10, 1e-18, 1e10)])
    for power in [-2, -1, 0, 1, 2, 3, 4, 7]:
        x = UNARY[~denormal(UNARY)]
        x = x[(np.abs(x) < 1e9) & ((np.abs(x) > 1e-4) | (x == 0)) | ~np.isfinite(x)]
        cases += [call("lax.integer_pow", x, power, ulp=CLOSE), call("np.power", x, power, ulp=CLOSE)]
    for exponent in [0.5, -0.5, 1.5, 2.5, 0.0]:
        cases += [call("np.power", f32(0, -0.0, 1, 4, 2, 0.25, -4, np.inf, -np.inf, np.nan), exponent, ulp=CLOSE)]
    for decimals in [1, 2, -1]:
        cases += [call("np.round", f32(0.25, 1.25, 1.35, -2.345, 15.0, 25.0, 1234.5678), decimals, ulp=1)]
    x = f32(-2, -1, -0.0, 0, 0.5, 1, 2, np.nan, np.inf, -np.inf)
    cases += [
        call("lax.clamp", -1.0, x, 1.0), call("np.clip", x, -1.0, 1.0), call("np.clip", x, 0.5, None, label="lower only"),
        call("np.clip", x, 1.0, -1.0, label="crossed bounds"),
        call("np.where", np.array([True, False, True, False]), f32(1, 2, np.nan, 4), f32(5, np.nan, 7, 8)),
        call("np.where", f32(0.0, -0.0, np.nan, 2.0), f32(1, 2, 3, 4), 9.0, label="float condition"),
    ]
    return cases


INTS = i32(0, 1, -1, 2, -2, 3, -3, 7, -7, 10, 100, -100, 2**31 - 1, -(2**31), -(2**31) + 1)
UINTS = u32(0, 1, 2, 3, 7, 10, 100, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
INT_FUNCTIONS = ["np.add", "np.subtract", "np.multiply", "lax.div", "lax.rem", "np.floor_divide", "np.mod", "np.fmod", "np.divide",
                 "np.maximum", "np.minimum", "np.bitwise_and", "np.bitwise_or", "np.bitwise_xor", "np.equal", "np.less", "np.greater_equal"]


def integers():
    cases = []
    for values in [INTS, UINTS]:
        for name in INT_FUNCTIONS:
            cases += [call(name, *grid(values), ulp=0)]
        for name in ["np.left_shift", "np.right_shift", "lax.shift_right_logical", "lax.shift_left", "lax.shift_right_arithmetic"]:
            shifts = np.array([0, 1, 5, 31, 32, 33], np.int64).astype(values.dtype)
            cases += [call(name, *grid(values, shifts))]
        cases += [call("np.power", *grid(values, np.array([0, 1, 2, 3, 5], np.int64).astype(values.dtype)))]
        for power in [0, 1, 2, 3]:
            cases += [call("lax.integer_pow", values, power)]
        for name in ["np.negative", "np.abs", "np.sign", "np.square", "np.bitwise_not", "lax.population_count", "lax.clz",
                     "np.floor", "np.round", "np.exp", "np.sqrt", "np.logical_not"]:
            cases += [call(name, values, ulp=CLOSE if name in ["np.exp"] else 0)]
    truth = grid(np.array([False, True]))
    for name in ["np.add", "np.multiply", "np.bitwise_and", "np.bitwise_or", "np.bitwise_xor", "np.equal", "np.less", "np.maximum",
                 "np.logical_and", "np.logical_or", "np.logical_xor", "np.divide"]:
        cases += [call(name, *truth)]
    cases += [call("np.logical_not", np.array([False, True])), call("np.bitwise_not", np.array([False, True]))]
    return cases


def conversions():
    floats = f32(0, -0.0, 0.5, 0.99, -0.99, 1.5, -1.5, 2.5, 1e9, -1e9, 2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0,
                 4294967040.0, 4294967296.0, 1e20, -1e20, np.inf, -np.inf, np.nan, 16777217.0, 255.5, 256.0, -128.5)
    sources = [floats, INTS, UINTS, i32(16777217, -16777217, 33554433, 2147483583), u32(4294967167, 4294967295, 16777219), np.array([True, False])]
    cases = [call("lax.convert_element_type", x, dtype) for x in sources for dtype in ["float32", "int32", "uint32", "bool"] if x.dtype.name != dtype]
    cases += [call("lax.convert_element_type", floats, dtype) for dtype in ["int8", "uint8", "int16", "uint16", "float16", "bfloat16"]]
    with jax.enable_x64(True):
        doubles = np.array([0.1, 1 / 3, 1e300, -1e300, 1e-300, 3.9999999, 2147483647.5, -2147483648.5, np.inf, np.nan, 16777217.0, 1 + 2**-24, 1 + 3 * 2**-24])
        cases += [call("lax.convert_element_type", doubles, dtype) for dtype in ["float32", "int32", "uint32", "bool"] ]
        cases += [call("lax.convert_element_type", x, "float64") for x in [floats, INTS, UINTS]]
    cases += [
        call("lax.bitcast_convert_type", f32(0, -0.0, 1, -1, np.inf, 3.14), "int32"),
        call("lax.bitcast_convert_type", f32(0, -0.0, 1, -1, np.inf, 3.14), "uint32"),
        call("lax.bitcast_convert_type", i32(0, -(2**31), 1065353216, 2139095040), "float32"),
        call("lax.bitcast_convert_type", i32(-1, 5), "uint32"),
    ]
    return cases


def doubles():
    """The main functions in float64, against which a double kernel is measured."""
    cases = []
    with jax.enable_x64(True):
        x = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1e-8, -1e-8, 1e-300, 1e300, 3.0, -3.0, 20.0, -20.0, 700.0, -700.0, 710.0, np.inf, -np.inf, np.nan, np.pi, 1e6])
        for name, ulp in [("np.exp", 4), ("np.expm1", 4), ("np.log", 4), ("np.log1p", 4), ("np.sqrt", 0), ("np.sin", 4), ("np.cos", 4),
                          ("np.tanh", 4), ("lax.logistic", 4), ("lax.erf", 4), ("np.floor", 0), ("np.round", 0), ("np.sign", 0)]:
            cases += [call(name, x, ulp=ulp)]
        y = np.array([0.0, 1.0, -2.0, 0.5, 3.0, -0.1, np.inf, np.nan])
        for name in ["np.add", "np.multiply", "np.divide", "lax.rem", "np.power", "np.maximum", "np.less"]:
            cases += [call(name, *grid(y), ulp=4 if name == "np.power" else 0)]
    return cases


def section():
    return floats() + integers() + conversions() + doubles()

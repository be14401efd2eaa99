"""Values and first derivatives of elementwise functions at special numbers: zeros, ones, bounds, ties, infinities, NaN.

A case a line: its name in our API, its arguments ("x", "y": operands in float32; "k": integers; or constants), and for
each point the value and the derivative in every operand, as hexadecimal words. Words of derivatives are what vjp gives;
`jvp` is there only where jvp differs from it by more than rounding. `y64`, `dx64`, `dy64` are the places where JAX's
float32 is no good measure, because its formulas overflow, underflow or cancel on the way, and what float64 gives there:
both are taken.
"""
import jax
import jax.numpy as jnp
import numpy as np

from golden import camel, encode, ulp_distance

INF, NAN, MAX, TINY = float("inf"), float("nan"), float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny)
# points of functions of one operand, and those whose pairs functions of two are given
ONE = [
    0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, -0.5, 1.5, -1.5, 2.0, -2.0, 2.5, 3.0, -3.0, 6.0, 1e-4, -1e-4, 1e-12, -1e-12, TINY, -TINY,
    0.99999994, 1.0000001, -0.99999994, -1.0000001, 10.0, -10.0, 20.0, 87.0, -87.0, 88.6, 88.75, -88.75, 89.2, -89.2, 90.0, -104.0, 200.0, -200.0,
    1e5, -1e5, 1e9, 1e18, -1e18, 1e20, -1e20, 3e38, -3e38, MAX, -MAX,
]
TWO = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -3.5, 1e-20, -1e-20, 1e20, -1e20, MAX, INF, -INF, NAN]
WHOLE = [0, 1, 2, 3, 4, 5, -1, -2, -3, 7]


def f32(values):
    return np.array(values, np.float32)


GRIDS = {"one": (f32(ONE),), "two": tuple(f32(g.ravel()) for g in np.meshgrid(TWO, TWO, indexing="ij"))}
_, _k = np.meshgrid(TWO, WHOLE, indexing="ij")
GRIDS["whole"] = (f32(np.repeat(TWO, len(WHOLE))), _k.ravel().astype(np.int32))
SPACES = {"np": jnp, "lax": jax.lax, "nn": jax.nn}

UNARY = {
    "np": """abs absolute fabs negative positive sign square reciprocal floor ceil trunc rint round around exp exp2 expm1 log log1p log2 log10
        sqrt cbrt sin cos tan arcsin asin arccos acos arctan atan sinh cosh tanh arcsinh asinh arccosh acosh arctanh atanh deg2rad radians rad2deg degrees
        sinc nan_to_num real conj conjugate imag angle""",
    "lax": """neg abs sign floor ceil round exp exp2 expm1 log log1p logistic sqrt rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
        erf erfc erf_inv square reciprocal""",
    "nn": """relu relu6 sigmoid silu swish softplus log_sigmoid tanh identity soft_sign hard_tanh hard_sigmoid hard_silu hard_swish mish sparse_plus
        sparse_sigmoid log1mexp elu celu selu leaky_relu gelu squareplus""",
}
BINARY = {
    "np": """add subtract multiply divide true_divide floor_divide mod remainder fmod power pow float_power maximum minimum fmax fmin hypot arctan2 atan2
        logaddexp logaddexp2 copysign heaviside""",
    "lax": "add sub mul div rem max min pow atan2",
}
EXTRA = [
    *[("np.power", "one", ["x", n]) for n in (-3, -2, -1, 0, 1, 2, 3, 4, 5, 0.5, 1.5, -0.5)],
    *[("np.power", "one", [c, "x"]) for c in (0.0, 1.0, 2.0, -2.0)],
    *[("lax.integer_pow", "one", ["x", n]) for n in (-2, -1, 0, 1, 2, 3, 5)],
    *[(f, "whole", ["x", "k"]) for f in ("np.power", "np.float_power", "np.multiply", "np.divide", "np.maximum", "np.ldexp", "np.add", "np.mod", "np.arctan2")],
    ("np.power", "whole", ["k", "x"]), ("lax.pow", "whole", ["x", "k"]),
    ("np.clip", "one", ["x", -1.0, 1.0]), ("np.clip", "one", ["x", 0.0, None]), ("np.clip", "two", ["x", "y", None]), ("np.clip", "two", ["x", None, "y"]), ("np.clip", "two", ["x", -1.0, "y"]),
    ("lax.clamp", "one", [-1.0, "x", 1.0]), ("lax.clamp", "two", ["x", "y", 2.0]), ("lax.clamp", "two", [-1.0, "x", "y"]),
    ("np.maximum", "one", ["x", 0.0]), ("np.minimum", "one", [1.0, "x"]), ("np.divide", "one", [1.0, "x"]), ("np.mod", "one", ["x", 1.5]), ("np.round", "one", ["x", 2]), ("np.round", "one", ["x", -1]),
    ("np.where", "two", [True, "x", "y"]), ("np.where", "two", [False, "x", "y"]), ("np.hypot", "one", ["x", 3.0]), ("np.nan_to_num", "one", ["x", True, 2.0, 3.0, -3.0]),
    ("nn.elu", "two", ["x", "y"]), ("nn.celu", "two", ["x", "y"]), ("nn.leaky_relu", "two", ["x", "y"]), ("nn.squareplus", "two", ["x", "y"]), ("nn.gelu", "one", ["x", False]),
]


def words(x):
    return "".join(encode(x)["bits"])


def resolve(name):
    space, function = name.split(".")
    return getattr(SPACES[space], function)


def entry(name, grid, args):
    points = GRIDS[grid]
    operands = dict(zip(["x", "k" if grid == "whole" else "y"], points))
    wrt = [a for a in args if isinstance(a, str) and operands[a].dtype == np.float32]

    def results(dtype):
        def f(*given):
            bound = {**{k: jnp.asarray(v) for k, v in operands.items()}, **dict(zip(wrt, given))}
            return resolve(name)(*[bound[a] if isinstance(a, str) else a for a in args])

        primals = [jnp.asarray(operands[a], dtype) for a in wrt]
        value, pullback = jax.vjp(f, *primals)
        # one operand at a time: a tangent of zeros is no absent one where it meets an infinite factor
        single = [jax.jvp(lambda p, i=i: f(*[p if i == j else q for j, q in enumerate(primals)]), [primals[i]], [jnp.ones_like(primals[i])])[1] for i in range(len(wrt))]
        return [np.asarray(value), *map(np.asarray, pullback(jnp.ones_like(value)))], [np.asarray(t) for t in single]

    (value, *grads), single = results(np.float32)
    with jax.enable_x64(True), np.errstate(all="ignore"):
        wide = [np.asarray(x).astype(np.float32) for x in results(np.float64)[0]]
    row = {"fn": camel(name), "grid": grid, "args": args, "y": words(value), "dy": [words(g) for g in grads]}
    row["name"] = f"{row['fn']}({', '.join(map(str, args))})"
    if any(np.any(ulp_distance(t, g) > 8) for t, g in zip(single, grads)):
        row["jvp"] = [words(t) for t in single]
    for key, w, x in zip(["y64", *[f"d{a}64" for a in wrt]], wide, [value, *grads]):
        at = np.flatnonzero(ulp_distance(w, x) > 8)
        if len(at):
            row[key] = [at.tolist(), words(w[at])]
    return row


def section():
    cases = [{"name": "grids", "grids": {name: [words(g) for g in grid] for name, grid in GRIDS.items()}}]
    for table, grid, args in ((UNARY, "one", ["x"]), (BINARY, "two", ["x", "y"])):
        for space, names in table.items():
            cases += [entry(f"{space}.{name}", grid, args) for name in names.split()]
    return cases + [entry(*extra) for extra in EXTRA]

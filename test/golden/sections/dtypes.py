"""The dtype, and whether it is weak, of the result of every function of one or two operands over all mixes of dtypes.

A line: the function, its arguments ("x" and "y" are operands, a last object is options), and for each mix in the order
of MIXES the result's dtype: b i u h f for bool, int32, uint32, float16, float32, with a * where it is weak; several
results joined; ! where JAX refuses. Nothing is computed: jax.eval_shape. Functions of elements have a line for operands of
rank 0 too, whose weak ones JAX takes for Python scalars here and there.
"""
import re

import jax
import jax.numpy as jnp
import numpy as np

from golden import camel

LETTERS = {"bool": "b", "int32": "i", "uint32": "u", "float16": "h", "float32": "f"}
ARRAYS = ["b", "i", "u", "h", "f", "b*", "i*", "f*"]
NUMBERS = {"1": 1, "2.5": 2.5, "true": True}
# integer-valued numbers alone are weak int32 in JAX and weak float32 here, so that the first has a fraction
ALONE = [("2.5", "2.5"), ("2.5", "1"), ("2.5", "true"), ("true", "2.5"), ("true", "true")]
ONE = [(a,) for a in [*ARRAYS, "2.5", "true"]]
TWO = [(a, b) for a in ARRAYS for b in ARRAYS] + [(a, n) for a in ARRAYS for n in NUMBERS] + [(n, a) for a in ARRAYS for n in NUMBERS] + ALONE
SPACES = {"np": jnp, "lax": jax.lax, "nn": jax.nn}
DTYPES = {letter: name for name, letter in LETTERS.items()}


def names(text, args):
    return [(name, args) for name in text.split()]


ELEMENTWISE1 = """abs absolute fabs negative positive sign square reciprocal floor ceil trunc rint round around exp exp2 expm1 log log1p log2 log10 sqrt cbrt
    sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg sinc nan_to_num real imag conj angle isnan isinf isposinf isneginf
    isfinite signbit logical_not bitwise_not invert isreal iscomplex modf"""
REDUCTIONS = "sum prod mean var std max min ptp any all count_nonzero argmax argmin nansum nanprod nanmean nanvar nanstd nanmax nanmin nanargmax nanargmin average cov corrcoef trace"
SHAPES = """ravel transpose matrix_transpose squeeze copy array asarray atleast_1d atleast_2d atleast_3d flip fliplr flipud rot90 diag diagonal tril triu zeros_like ones_like
    empty_like unstack diagflat vander trapezoid diff ediff1d gradient polyder polyint"""
ELEMENTWISE2 = """add subtract multiply divide true_divide floor_divide mod remainder fmod divmod power pow float_power maximum minimum fmax fmin hypot arctan2 logaddexp
    logaddexp2 copysign heaviside ldexp equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor
    left_shift right_shift isclose allclose array_equal array_equiv"""
PRODUCTS = "dot matmul inner outer vdot kron vecdot matvec vecmat tensordot cross polyadd polysub polyval"
NN1 = """relu relu6 sigmoid silu swish softplus log_sigmoid tanh identity soft_sign hard_tanh hard_sigmoid hard_silu hard_swish mish sparse_plus sparse_sigmoid log1mexp
    elu celu selu leaky_relu gelu squareplus softmax log_softmax logsumexp logmeanexp standardize glu"""
LAX1 = """neg abs sign floor ceil round is_finite exp exp2 expm1 log log1p logistic sqrt rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf erfc
    erf_inv square reciprocal bitwise_not population_count clz stop_gradient"""
LAX2 = """add sub mul div rem max min pow atan2 bitwise_and bitwise_or bitwise_xor shift_left shift_right_logical shift_right_arithmetic eq ne lt le gt ge"""

X, XY = ["x"], ["x", "y"]
V, VT = ["v"], ["v", "t"]
TEMPLATES = (
    [("np." + n, a) for n, a in names(ELEMENTWISE1 + " " + REDUCTIONS + " " + SHAPES, X)]
    + [("np." + n, a) for n, a in names(ELEMENTWISE2 + " " + PRODUCTS, XY)]
    + [("nn." + n, a) for n, a in names(NN1, X)] + [("lax." + n, a) for n, a in names(LAX1, X) + names(LAX2, XY)]
    + [("np." + n, a) for n, a in names(ELEMENTWISE1 + " " + REDUCTIONS, V) + names(ELEMENTWISE2, VT)] + [("nn." + n, a) for n, a in names(NN1, V)] + [("lax." + n, a) for n, a in names(LAX1, V) + names(LAX2, VT)]
    + [
        *[(f"np.{n}", ["x", {"axis": 0}]) for n in ("sum", "prod", "mean", "max", "argmax", "any")],
        *[(f"np.{n}", ["x", {"axis": 0, "dtype": d}]) for n in ("sum", "prod", "mean", "var", "std", "nansum", "nanmean") for d in ("float32", "int32", "float16", "bool")],
        *[(f"np.{n}", ["x", {"initial": "y"}]) for n in ("sum", "prod", "max", "min", "nansum", "nanmax")],
        *[(f"np.{n}", ["x", {"dtype": d}]) for n in ("zeros_like", "array", "asarray") for d in ("float32", "int32", "bool", "float16")],
        ("np.round", ["x", 1]), ("np.round", ["x", -1]), ("np.clip", ["x", "y", None]), ("np.clip", ["x", None, "y"]), ("np.clip", ["x", 0, "y"]), ("np.clip", ["x", 0, 1]), ("np.clip", ["x", 0.5, 1]), ("np.where", [True, "x", "y"]), ("np.where", ["x", "y", 1]), ("np.where", ["x", 1.5, "y"]),
        ("np.full", [[2, 2], "x"]), ("np.full", [[2, 2], "x", "float32"]), ("np.full_like", ["x", "y"]), ("np.reshape", ["x", [4]]), ("np.expand_dims", ["x", 0]), ("np.broadcast_to", ["x", [2, 2, 2]]), ("np.roll", ["x", 1]), ("np.tile", ["x", 2]), ("np.repeat", ["x", 2]), ("np.resize", ["x", [3]]), ("np.pad", ["x", 1]), ("np.pad", ["x", 1, "edge"]), ("np.pad", ["x", 1, "mean"]), ("np.pad", ["x", 1, "linear_ramp"]), ("np.swapaxes", ["x", 0, 1]), ("np.moveaxis", ["x", 0, 1]), ("np.astype", ["x", "float32"]), ("np.take", ["x", 0]), ("np.split", ["x", 2]), ("np.delete", ["x", 0]),
        *[(f"np.{n}", [["x", "y"]]) for n in ("stack", "concatenate", "vstack", "hstack", "dstack", "column_stack", "block")], ("np.append", XY), ("np.insert", ["x", 0, "y"]), ("np.select", [[True], ["x"], "y"]), ("np.meshgrid", ["r", "s"]),
        ("np.average", ["x", {"weights": "y"}]), ("np.cov", XY), ("np.corrcoef", XY), ("np.trapezoid", XY), ("np.trapezoid", ["x", {"dx": 2.0}]), ("np.diff", ["x", {"prepend": "y"}]), ("np.diff", ["x", {"append": "y"}]), ("np.diff", ["x", {"prepend": 1}]), ("np.ediff1d", ["x", {"to_end": "y"}]), ("np.vander", ["r"]), ("np.linspace", ["x", "y", 3]), ("np.logspace", ["x", "y", 3]), ("np.geomspace", ["x", "y", 3]), ("np.nan_to_num", ["x", True, "y"]), ("np.power", ["x", 2]), ("np.power", ["x", 2.5]), ("np.power", ["x", -1]), ("np.power", [2, "x"]), ("np.power", [2.5, "x"]), ("np.einsum", ["ij,jk->ik", "x", "y"]), ("np.tri", [2]), ("np.gradient", ["x", 2.5]), ("np.ldexp", ["x", 1]),
        ("lax.integer_pow", ["x", 2]), ("lax.clamp", ["x", "y", 1]), ("lax.clamp", [0, "x", "y"]), ("lax.select", [True, "x", "y"]), ("lax.convert_element_type", ["x", "float32"]), ("lax.full", [[2, 2], "v"]), ("lax.full_like", ["x", 1]), ("lax.reshape", ["x", [4]]), ("lax.rev", ["x", [0]]), ("lax.transpose", ["x", [1, 0]]), ("lax.broadcast", ["x", [2]]), ("lax.concatenate", [["x", "y"], 0]), ("lax.pad", ["x", "t", [[1, 1, 0], [0, 0, 0]]]), ("lax.dot", XY), ("lax.argmax", ["x", 0, "int32"]), ("lax.expand_dims", ["x", [0]]), ("lax.slice", ["x", [0, 0], [1, 1]]), ("lax.squeeze", ["q", [0]]), ("lax.dynamic_slice", ["x", [0, 0], [1, 1]]), ("lax.dynamic_update_slice", ["x", "y", [0, 0]]),
        ("nn.elu", XY), ("nn.celu", XY), ("nn.leaky_relu", XY), ("nn.squareplus", XY), ("nn.gelu", ["x", False]), ("nn.one_hot", ["r", 3]), ("nn.logsumexp", ["x", {"b": "y"}]), ("nn.standardize", ["x", {"mean": "y"}]), ("nn.standardize", ["x", {"variance": "y"}]),
        # an array and a scalar
        *[(f"np.{n}", ["x", "t"]) for n in ("hypot", "logaddexp2", "heaviside", "copysign", "power", "logical_and", "equal", "maximum", "divmod", "ldexp", "full_like", "isclose")],
        ("np.clip", ["x", "t", None]), ("np.angle", V + [True]), ("np.angle", ["x", True]), ("np.round", ["v", 1]),
    ]
)
# other shapes of the same operands: a row of x or y, a number of x's dtype, one with an axis of size 1
SHAPED = {"x": ("x", (2, 2)), "y": ("y", (2, 2)), "r": ("x", (3,)), "s": ("y", (3,)), "t": ("y", ()), "v": ("x", ()), "q": ("x", (1, 2))}


def letters(result):
    if isinstance(result, (list, tuple)):
        return ",".join(letters(part) for part in result)
    if not hasattr(result, "dtype"):
        return "?"
    return LETTERS.get(np.dtype(result.dtype).name, "?") + ("*" if getattr(result, "weak_type", False) else "")


def places(value):
    if isinstance(value, str):
        return {value} if value in SHAPED else set()
    if isinstance(value, (list, tuple)):
        return set().union(*map(places, value)) if value else set()
    return set().union(*map(places, value.values())) if isinstance(value, dict) else set()


def operand(code, shape):
    if code in NUMBERS:
        return NUMBERS[code]
    return jax.ShapeDtypeStruct(shape, DTYPES[code[0]], weak_type=code.endswith("*"))


def resolve(name):
    space, function = name.split(".")
    return getattr(SPACES[space], function)


def shapes_of(name):
    """Rows where the function wants no matrices."""
    rows = re.search(r"\.(vander|polyder|polyint|polyadd|polysub|polyval|diagflat|cross|ediff1d|vdot)$", name)
    return (3,) if rows else None


def entry(name, args):
    used = sorted(places(args))
    count = 2 if any(SHAPED[u][0] == "y" for u in used) else 1
    own = shapes_of(name)
    found = []
    for mix in ONE if count == 1 else TWO:
        codes = dict(zip("xy", mix))
        given = {u: operand(codes[SHAPED[u][0]], own if own and u in "xy" else SHAPED[u][1]) for u in used}
        if name.endswith("matvec") and not isinstance(given["y"], (int, float)):
            given["y"] = operand(codes["y"], (2,))
        if name.endswith("vecmat") and not isinstance(given["x"], (int, float)):
            given["x"] = operand(codes["x"], (2,))
        traced = {u: g for u, g in given.items() if isinstance(g, jax.ShapeDtypeStruct)}

        def put(value, bound):
            if isinstance(value, str) and value in SHAPED:
                return bound[value]
            if isinstance(value, list):
                parts = [put(v, bound) for v in value]
                if value and all(isinstance(v, bool) for v in value):
                    return np.array(value)
                return parts if places(value) else tuple(parts)
            return {k: put(v, bound) for k, v in value.items()} if isinstance(value, dict) else value

        def f(*arrays):
            bound = {**given, **dict(zip(traced, arrays))}
            filled = put(args, bound)
            options = filled.pop() if filled and isinstance(filled[-1], dict) else {}
            return resolve(name)(*filled, **options)

        try:
            found.append(letters(jax.eval_shape(f, *traced.values())))
        except Exception:  # noqa: BLE001 -- whatever JAX throws, it refuses
            found.append("!")
    spelled = [{camel(k): v for k, v in a.items()} if isinstance(a, dict) else a for a in args]
    return {"name": f"{camel(name)} {spelled}", "row": [camel(name), spelled, " ".join(found)]}


def section():
    mixes = {"name": "mixes", "row": [[list(mix) for mix in ONE], [list(mix) for mix in TWO]]}
    return [mixes, *[entry(name, args) for name, args in TEMPLATES if hasattr(SPACES[name.split(".")[0]], name.split(".")[1])]]

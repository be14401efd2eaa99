"""Elementwise functions of one array in jax.numpy: floats of every width, integers, truth values, the edges."""
from families import SPECIAL, unary

EXACT = ["abs", "absolute", "fabs", "negative", "positive", "sign", "square", "floor", "ceil", "trunc", "rint", "signbit",
         "isnan", "isinf", "isfinite", "isneginf", "isposinf", "isreal", "iscomplex", "real", "imag", "conj", "conjugate", "logical_not"]
EVERYWHERE = ["exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "atan", "arcsinh", "asinh", "cbrt",
              "deg2rad", "radians", "rad2deg", "degrees", "sinc"]
POSITIVE = ["sqrt", "log", "log2", "log10", "log1p", "reciprocal"]
UNIT = ["arcsin", "asin", "arccos", "acos", "arctanh", "atanh"]
ABOVE = ["arccosh", "acosh"]
BITS = ["bitwise_not", "bitwise_invert", "invert", "bitwise_count"]
HALVES_ALIKE = "@f16[9]=0,-0,1,-1,65504,inf,-inf,nan,0.1"


def exact(s):
    for name in EXACT:
        unary(s, f"np.{name}", bools=name not in ("negative", "sign"))
        s.call(f"np.{name}", HALVES_ALIKE)
    s.refuse("np.negative", "@bool[2]b20")
    for name in ["np.floor", "np.ceil", "np.trunc", "np.rint"]:
        s.call(name, "@f32[8]=0.5,-0.5,1.5,2.5,-2.5,8388607.5,0.49999997,-0.99999994")


def rounding(s):
    for name in ["np.round", "np.around"]:
        unary(s, name, bools=False)
        s.call(name, "@f32[6]=0.5,1.5,2.5,-0.5,-1.5,1e9")
        s.call(name, "@f32[4]=1.2345,-1.2355,12.35,0.05", 2)
        s.call(name, "@f32[4]=1.2345,-1.2355,12.35,0.05", decimals=1)
        s.call(name, "@f32[4]=1234.5,-15,25,5", -1)
        s.call(name, "@f16[3]=1.25,2.35,-3.45", 1)
        s.call(name, "@i32[3]=12,-15,25", 1)
        s.refuse(name, "@f32[2]e30", 1.5)
        s.refuse(name, "@f32[2]e31", decimals="abc")
    # JAX has no fix
    for x in ["@f32[2,3]e1", "@f32[]e2", "@f32[1]e3", "@f32[0,2]e4", "@f16[4]e5", "@f64[3]e6", "@i32[3]i7", "@u32[3]i8", SPECIAL, "@f32[19]e9",
              "@f32[4]=0.5,-0.5,8388607.5,-1.9999999", [0.5, -2.5, 3]]:
        s.call("np.fix", x, _by="numpy", **({"_cast": "float32"} if isinstance(x, list) else {}))
    s.refuse("np.fix")
    s.refuse("np.fix", "abc", _by="numpy")
    s.refuse("np.fix", "@f32[2]e10", bogusOption=1, _by="numpy")


def transcendental(s):
    for name in EVERYWHERE:
        unary(s, f"np.{name}")
    for name in POSITIVE:
        unary(s, f"np.{name}", "p")
    for name in UNIT:
        # JAX loses 76 units of float64 in arctanh
        unary(s, f"np.{name}", "u", wide=100 if name in ("arctanh", "atanh") else None)
    for name in ABOVE:
        unary(s, f"np.{name}", "g")
    for name in ["np.sin", "np.cos", "np.tan"]:
        s.call(name, "@f32[6]=3.1415927,1.5707964,-1.5707964,6.2831855,100000,-33.7")
    for name in ["np.exp", "np.expm1", "np.exp2"]:
        s.call(name, "@f32[8]=88.72283,88.7229,-87,-103.9,127.9,128,1e-7,-1e-7", _ulp=32 if name == "np.exp2" else None)
    for name in ["np.sinh", "np.cosh"]:
        s.call(name, "@f32[8]=88.6,88.75,89,89.4,-89,-90,1e-5,-1e-5")
    for name in ["np.log", "np.log1p", "np.log2", "np.log10"]:
        s.call(name, "@f32[6]=1e-30,1e30,0.99999994,1.0000001,1e-7,-0.99999994")


def others(s):
    unary(s, "np.nan_to_num", alone=False)
    s.call("np.nan_to_num", SPECIAL, nan=1.5)
    s.call("np.nan_to_num", SPECIAL, True, 2.0, 7.0, -7.0)
    s.call("np.nan_to_num", SPECIAL, nan="@f32[15]e40", posinf="@3", neginf="@-3.")
    s.call("np.nan_to_num", "@f16[4]=nan,inf,-inf,1")
    unary(s, "np.angle", bools=False)
    s.call("np.angle", "@f32[4]=-1,0,2,nan", True)
    s.call("np.angle", "@f32[4]=-1,-0,2,inf", deg=True)
    unary(s, "np.modf", ints=False, bools=False, weak=None)
    s.call("np.modf", "@f32[6]=1.5,-1.5,1e9,-0.25,3,-3")
    s.call("np.modf", "@i32[3]i50")
    for name in ["isrealobj", "iscomplexobj"]:
        for x in ["@f32[2]e1", "@f32[]e2", "@f16[3]e3", "@f64[2]e4", "@i32[2]i5", "@u32[2]i6", "@bool[2]b7", "@f32[0]e8", "@f32[1]e9", "@2.5", True]:
            s.call(f"np.{name}", x)
        s.refuse(f"np.{name}")
        s.refuse(f"np.{name}", "@f32[2]e1", bogusOption=1)


def bits(s):
    for name in BITS:
        for x in ["@i32[2,3]i1", "@i32[]i2", "@i32[1]i3", "@i32[0,2]i4", "@i32[6]=0,-1,1,2147483647,-2147483648,255", "@u32[2,3]i5",
                  "@u32[5]=0,1,4294967295,2147483648,65535", "@i32[19]i6", "@u32[1,1]i7", "@i32[2,2,2]i9", "@u32[]i10", "@u32[0]i11"]:
            s.call(f"np.{name}", x)
        if name != "bitwise_count":
            s.call(f"np.{name}", "@bool[4]b8")
            s.call(f"np.{name}", True)
        s.refuse(f"np.{name}", "@f32[2]e1")
        s.refuse(f"np.{name}", "@i32[2]i12", "@i32[2]i13")
        s.refuse(f"np.{name}")
        s.refuse(f"np.{name}", "@i32[2]i14", bogusOption=1)


def cases(s):
    s.bound(*[f"np.{name}" for name in EVERYWHERE + POSITIVE + UNIT + ABOVE + ["angle"]], ulp=6)
    # JAX errs by up to 20 units where these are large or small
    s.bound("np.exp2", "np.sinh", "np.cosh", ulp=24)
    # 1 − y² cancels where y is almost 1
    s.bound("np.tanh", ulp=6, datol=2**-20)
    s.bound("np.sqrt", "np.reciprocal", ulp=0, dulp=8)
    s.bound("np.deg2rad", "np.radians", "np.rad2deg", "np.degrees", "np.round", "np.around", ulp=1)
    exact(s)
    rounding(s)
    transcendental(s)
    others(s)
    bits(s)

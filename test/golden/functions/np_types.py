"""dtypes, introspection and comparisons of whole arrays in jax.numpy."""
import passed  # noqa: F401  fills suite.ADAPTED
from families import bogus

DTYPES = ["bool", "int32", "uint32", "float16", "float32"]


def closeness(s):
    for name in ["isclose", "allclose"]:
        n = f"np.{name}"
        s.call(n, "@f32[4]=1,2,nan,inf", "@f32[4]=1,2.00001,nan,inf")
        s.call(n, "@f32[4]=1,2,3,inf", "@f32[4]=1.00001,2,3,inf")
        s.call(n, "@f32[3]=1,-inf,0", "@f32[3]=1,inf,1e-9")
        s.call(n, "@f32[2]=nan,1", "@f32[2]=nan,1", equal_nan=True)
        s.call(n, "@f32[2]=1,2", "@f32[2]=1.1,2.1", 0.2)
        s.call(n, "@f32[2]=1,2", "@f32[2]=1.1,2.1", rtol=0.0, atol=0.15)
        s.call(n, "@f32[2]=1,2", "@f32[2]=1.1,2.1", 0.0, 0.05, True)
        s.call(n, "@f32[2,3]e1", "@f32[3]e2")
        s.call(n, "@f32[2]e3", "@f32[2]e3")
        s.call(n, "@i32[3]=1,2,3", "@i32[3]=1,2,4")
        s.call(n, "@i32[2]=1,2", "@f32[2]=1,2.000001")
        s.call(n, "@bool[2]=0,1", "@bool[2]=0,0")
        s.call(n, "@f16[2]=1,2", "@f16[2]=1,2.002")
        s.call(n, "@f64[2]=1,2", "@f64[2]=1.0000000001,3")
        s.call(n, "@f32[]e4", "@1.5")
        s.call(n, "@f32[0]e5", "@f32[0]e6")
        s.call(n, "@f32[1]e7", "@f32[1]e8")
        s.call(n, "@u32[2]=1,2", "@u32[2]=2,2")
        s.refuse(n, "@f32[2]e9", "@f32[3]e10")
        s.refuse(n, "@f32[2]e9")
        s.refuse(n, "@f32[2]e9", "@f32[2]e10", "abc")
        bogus(s, n, "@f32[2]e11", "@f32[2]e12")
    for name in ["array_equal", "array_equiv"]:
        n = f"np.{name}"
        for a, b in [("@f32[2]e1", "@f32[2]e1"), ("@f32[2]e1", "@f32[2]e2"), ("@f32[2,2]=1,2,1,2", "@f32[2]=1,2"), ("@f32[2]=nan,1", "@f32[2]=nan,1"), ("@i32[2]=1,2", "@f32[2]=1,2"), ("@bool[2]=0,1", "@i32[2]=0,1"), ("@f32[]=1", "@1"), ("@f32[0]e3", "@f32[0]e4"), ("@f16[2]e5", "@f16[2]e5"), ("@f64[2]e6", "@f64[2]e6"), ("@f32[1]e7", "@f32[1]e7"), ("@u32[2]i8", "@u32[2]i9")]:
            s.call(n, a, b)
        if name == "array_equal":
            s.call(n, "@f32[2]e1", "@f32[3]e1")
        s.refuse(n, "@f32[2]e10")
        bogus(s, n, "@f32[2]e11", "@f32[2]e12")
    s.call("np.array_equal", "@f32[2]=nan,1", "@f32[2]=nan,1", True)
    s.call("np.array_equal", "@f32[2]=nan,1", "@f32[2]=nan,2", equal_nan=True)
    s.call("np.array_equal", "@i32[2]=1,2", "@i32[2]=1,2", equal_nan=True)


def conversion(s):
    for x in ["@f32[9]=0,-0,1.5,-1.5,2.5,300,nan,inf,-inf", "@i32[5]=0,1,-1,2147483647,-2147483648", "@u32[3]=0,1,4294967295", "@bool[2]=0,1", "@f16[4]=0,1.5,-2.5,inf"]:
        for dtype in DTYPES:
            s.call("np.astype", x, dtype)
    s.call("np.astype", "@f64[3]=1.1,-2.9,1e300", "float32")
    s.call("np.astype", "@f32[2]e1", "float64")
    s.call("np.astype", "@f32[0]e2", "int32")
    s.call("np.astype", "@f32[]e3", "int32")
    s.call("np.astype", "@f32[2]e5", "float32", copy=True)
    s.refuse("np.astype", "@f32[2]e6", "bogus")
    bogus(s, "np.astype", "@f32[2]e7", "int32")
    for x in ["@f32[2,3]e1", "@f32[]e2", "@f32[1]e3", "@f32[0,2]e4", "@i32[2]i5", "@u32[2]i6", "@bool[3]b7", "@f16[2]e8", "@f64[2]e9", "@2.5", True, [[1, 2, 3], [4, 5, 6]], "@f32[2,1,3]e10"]:
        for name in ["np.shape", "np.ndim", "np.size"]:
            s.call(name, x, **({"_by": "numpy"} if isinstance(x, list) else {}))
        s.call("np.isscalar", x, **({"_by": "numpy"} if isinstance(x, list) else {}))
        s.call("np.iterable", x, **({"_by": "numpy"} if isinstance(x, list) else {}))
    s.call("np.size", "@f32[2,3]e11", 0)
    s.call("np.size", "@f32[2,3]e12", axis=-1)
    s.call("np.size", "@f32[2,3]e13", None)
    s.call("np.size", "@f32[2,3,4]e14", axis=(0, 2))
    s.refuse("np.size", "@f32[2,3]e15", 2)
    for name in ["np.shape", "np.ndim", "np.size", "np.isscalar", "np.iterable"]:
        s.refuse(name)
        s.refuse(name, "@f32[2]e16", bogusOption=1)


def kinds(s):
    for a in DTYPES:
        for b in DTYPES:
            s.call("np.promote_types", a, b)
    s.call("np.promote_types", "float64", "float32")
    s.refuse("np.promote_types", "float32")
    s.refuse("np.promote_types", "float32", "bogus")
    s.refuse("np.promote_types", "float32", "float32", "float32")
    for args in [("@f32[2]e1",), ("@i32[2]i2", "@f32[2]e3"), ("@i32[2]i4", "@2"), ("@i32[2]i5", "@2.5"), ("@bool[2]b6", "@2"), ("@f16[2]e7", "@2.5"), ("@u32[2]i8", "@i32[2]i9"), ("float32", "int32"), ("@i32[2]i10", "float16"), ("@1.5",), (True,), ("@f16[2]e11", "@f32[2]e12", "@i32[1]i13"), ("@bool[2]b14", "@bool[2]b15"), ("@f64[1]e16", "@f32[1]e17")]:
        s.call("np.result_type", *args)
    s.refuse("np.result_type")
    s.refuse("np.result_type", "bogus")
    bogus(s, "np.result_type", "float32")
    for dtype in DTYPES:
        for kind in ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]:
            s.call("np.isdtype", dtype, kind)
    s.call("np.isdtype", "float32", "float32")
    s.call("np.isdtype", "float32", ("integral", "float16"))
    s.call("np.isdtype", "int32", ("integral", "float16"))
    s.refuse("np.isdtype", "float32", "bogus")
    s.refuse("np.isdtype", "float32")
    bogus(s, "np.isdtype", "float32", "numeric")
    for a in DTYPES:
        for b in DTYPES:
            s.call("np.issubdtype", a, b)
            s.call("np.can_cast", a, b)
    for casting in ["no", "equiv", "safe", "same_kind", "unsafe"]:
        for a, b in [("float32", "float16"), ("int32", "float32"), ("float32", "int32"), ("uint32", "int32"), ("int32", "int32"), ("bool", "int32")]:
            s.call("np.can_cast", a, b, casting)
    s.call("np.can_cast", "int32", "float64", casting="safe")
    s.refuse("np.can_cast", "int32", "float32", "bogus")
    s.refuse("np.can_cast", "int32")
    s.refuse("np.can_cast", "int32", "bogus")
    bogus(s, "np.can_cast", "int32", "float32")
    s.refuse("np.issubdtype", "float32")
    s.refuse("np.issubdtype", "float32", "bogus")
    s.refuse("np.issubdtype", "float32", "float32", bogusOption=1)


def limits(s):
    for x in ["float16", "float32", "float64", "@f32[2]e1", "@f16[]e2", "@f64[1]e3", "@f32[0]e4"]:
        s.call("np.finfo", x)
    for x in ["int32", "uint32", "@i32[2]i1", "@u32[]i2", "@i32[0]i3", "int16", "uint8"]:
        s.call("np.iinfo", x)
    for name, bad in [("np.finfo", "int32"), ("np.iinfo", "float32")]:
        s.refuse(name)
        s.refuse(name, bad)
        s.refuse(name, "bogus")
        s.refuse(name, "bool")
        s.refuse(name, bad, bad)


def cases(s):
    limits(s)
    closeness(s)
    conversion(s)
    kinds(s)

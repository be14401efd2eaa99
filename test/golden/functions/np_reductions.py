"""Reductions and statistics of jax.numpy: every option, masks, empty axes, NaN."""
from families import bogus

NAN = "@f32[2,4]=1,nan,3,-2,nan,nan,0.5,-inf"
MASK = "@bool[2,3]=1,0,1,0,0,1"


def shapes(s, name, d="e", rank0=True, tuples=True):
    """The axes, on floats without NaN."""
    s.call(name, f"@f32[2,3]{d}1")
    s.call(name, f"@f32[2,3]{d}2", 0)
    s.call(name, f"@f32[2,3]{d}3", axis=-1, keepdims=True)
    s.call(name, f"@f32[2,3]{d}6", keepdims=True)
    s.call(name, f"@f32[1]{d}7")
    s.call(name, f"@f32[3,1]{d}8", 1)
    s.call(name, f"@f32[4]{d}10", 0)
    s.call(name, f"@f32[33]{d}11")
    s.call(name, f"@f32[2,1,2]{d}14", axis=1)
    s.call(name, f"@f32[1,1]{d}15", axis=0)
    s.call(name, f"@f32[2,2,3]{d}16", -2)
    if tuples:
        s.call(name, f"@f32[2,3,2]{d}4", (0, 2))
        s.call(name, f"@f32[2,2,2]{d}9", (2, -3))
        s.call(name, f"@f32[2,3]{d}5", axis=(1, 0), keepdims=True)
        s.call(name, f"@f32[2,3]{d}13", ())
    if rank0:
        s.call(name, f"@f32[]{d}12")


def types(s, name, d="e", ints=True, halves=True, bools=True):
    if ints:
        s.call(name, "@i32[2,3]i20")
        s.call(name, "@u32[4]i21", 0)
    if bools:
        s.call(name, "@bool[2,3]b22", axis=1)
    if halves:
        s.call(name, f"@f16[2,3]{d}23", 1)
    s.call(name, f"@f64[2,3]{d}24", 1)


def errors(s, name, axis=True):
    if axis:
        s.refuse(name, "@f32[2,3]e90", 2)
        s.refuse(name, "@f32[2,3]e92", axis=1.5)
        s.refuse(name, "@f32[2,3]e92", axis="abc")
    bogus(s, name, "@f32[2,3]e93")
    s.refuse(name)
    s.refuse(name, "abc")


def tuples_refused(s, name):
    s.refuse(name, "@f32[2,3]e91", axis=(0, 0))


def sums(s):
    for name in ["np.sum", "np.prod", "np.nansum", "np.nanprod"]:
        d = "e" if "sum" in name else "g"
        shapes(s, name, d)
        types(s, name, d)
        if "sum" in name:
            s.call(name, "@f32[2,3]e30", dtype="float16")
        s.call(name, "@i32[2,3]i31", None, "float32")
        s.call(name, "@f32[3]=1.5,-2.5,3.5", dtype="int32")
        if "nan" not in name:
            s.call(name, "@bool[3]=1,1,0", dtype="bool")
            s.call(name, "@i32[3]=1,2,3", promote_integers=False)
            s.call(name, "@bool[3]=1,0,1", promote_integers=False)
        s.call(name, f"@f32[2,3]{d}32", initial="@2.5")
        s.call(name, f"@f32[2,3]{d}33", 1, where=MASK)
        s.call(name, f"@f32[2,3]{d}34", 0, where="@bool[3]=1,0,1", initial="@10.")
        s.call(name, f"@f32[2,3]{d}35", 1, None, None, True)
        s.call(name, f"@f32[0,3]{d}36", 0)
        s.call(name, f"@f32[2,0]{d}37", axis=1, initial="@1.5")
        s.call(name, f"@f32[0]{d}38")
        s.call(name, "@f32[4]=1,nan,2,inf")
        s.call(name, NAN, axis=0)
        s.call(name, NAN, axis=1, where="@bool[2,4]=1,0,1,1,0,0,1,0")
        s.call(name, "@f32[3]=inf,-inf,1")
        s.call(name, "@i32[2]=2147483647,2")
        if "prod" in name:
            s.call(name, "@f32[2,3]=1,0,2,0,0,3", axis=1)
        errors(s, name)
        tuples_refused(s, name)
        s.refuse(name, "@f32[2]e94", 0, None, "@f32[]e1")
        s.refuse(name, "@f32[2]e95", where="@bool[3]b1")
        s.refuse(name, "@f32[2]e95", dtype="bogus")


def extremes(s):
    for name in ["np.max", "np.min", "np.amax", "np.amin", "np.nanmax", "np.nanmin"]:
        shapes(s, name, "d")
        types(s, name, "d")
        s.call(name, "@f32[2,3]d30", 1, None, True)
        s.call(name, "@f32[2,3]d31", initial="@0.25")
        s.call(name, "@f32[2,3]d32", 1, where=MASK, initial="@-9.")
        s.call(name, "@f32[2,3]d33", 0, where="@bool[3]=1,0,1", initial="@9.")
        s.call(name, "@f32[0,3]d34", 1)
        s.call(name, "@f32[0,3]d35", 0, initial="@1.")
        s.call(name, "@i32[0]i36", initial="@3")
        s.call(name, "@f32[4]=1,nan,2,inf")
        s.call(name, NAN, axis=0)
        s.call(name, "@f32[2,3]=nan,nan,nan,1,nan,2", axis=1)
        s.call(name, "@f32[2,3]=5,5,1,2,2,2", axis=1)
        s.call(name, "@f32[2]=-inf,-inf")
        errors(s, name)
        tuples_refused(s, name)
        s.refuse(name, "@f32[0]e94")
        s.refuse(name, "@f32[2,0]e95", axis=1)
        s.refuse(name, "@f32[2,3]e96", where=MASK)
        s.refuse(name, "@f32[2]e97", 0, "@f32[]e1")
    for name in ["np.ptp"]:
        shapes(s, name, "d")
        types(s, name, "d", bools=False)
        s.call(name, "@f32[4]=1,nan,2,inf")
        s.call(name, "@f32[0,3]d34", 1)
        s.call(name, "@f32[2,3]=5,5,1,2,2,2", axis=1)
        errors(s, name)
        s.refuse(name, "@f32[0]e94")


def places(s):
    for name in ["np.argmax", "np.argmin", "np.nanargmax", "np.nanargmin"]:
        shapes(s, name, "d", tuples=False)
        types(s, name, "d")
        s.call(name, "@f32[2,3]d30", 1, None, True)
        s.call(name, "@f32[4]=1,nan,2,inf")
        s.call(name, "@f32[2,3]=5,5,1,2,2,2", axis=1)
        s.call(name, "@f32[2,3]=nan,nan,nan,1,nan,2", axis=1)
        s.call(name, "@f32[4]=0,-0,0,-0")
        s.call(name, "@f32[0,3]d31", axis=1) if name in ("np.argmax", "np.argmin") else None
        errors(s, name)
        s.refuse(name, "@f32[0]e94")
        s.refuse(name, "@f32[2,3]e91", axis=(0, 1))


def truths(s):
    for name in ["np.any", "np.all"]:
        for x in ["@bool[2,3]b1", "@f32[2,3]=0,0,1,0,-0,0", "@i32[4]n2", "@u32[3]n3", "@f32[2]=nan,0", "@bool[]b4", "@bool[1]b5", "@f16[3]n6", "@bool[0]b7", "@f64[2]n8", True]:
            s.call(name, x)
        s.call(name, "@bool[2,3]b9", 0)
        s.call(name, "@bool[2,3]b10", axis=-1, keepdims=True)
        s.call(name, "@bool[2,3]b11", (0, 1))
        s.call(name, "@bool[2,3]b12", 1, None, True)
        s.call(name, "@bool[2,3]b13", 1, where=MASK)
        s.call(name, "@bool[2,0]b14", axis=1)
        s.call(name, "@bool[2,3]b15", ())
        errors(s, name)
        tuples_refused(s, name)
        s.refuse(name, "@bool[2]b16", where="@bool[3]b17")
    s.call("np.count_nonzero", "@f32[2,3]=0,0,1,0,-0,nan")
    for x in ["@bool[2,3]b1", "@i32[4]n2", "@u32[3]n3", "@bool[]b4", "@f32[1]n5", "@f16[3]n6", "@f32[0]e7", "@f64[3]n8"]:
        s.call("np.count_nonzero", x)
    s.call("np.count_nonzero", "@i32[2,3]n9", 0)
    s.call("np.count_nonzero", "@i32[2,3]n10", axis=-1, keepdims=True)
    s.call("np.count_nonzero", "@i32[2,3]n11", (0, 1))
    s.call("np.count_nonzero", "@i32[2,0]n12", 1)
    s.call("np.count_nonzero", "@i32[2,3]n13", 1, True)
    errors(s, "np.count_nonzero")


def means(s):
    for name in ["np.mean", "np.nanmean"]:
        shapes(s, name)
        types(s, name)
        s.call(name, "@f32[2,3]e30", 0, "float16")
        s.call(name, "@i32[2,3]i31", dtype="float32")
        s.call(name, "@f32[2,3]e35", 1, None, None, True)
        s.call(name, "@f32[2,3]e32", 1, where=MASK)
        s.call(name, "@f32[2,3]e33", where="@bool[3]=1,0,1")
        s.call(name, "@f32[2,3]e34", 1, where="@bool[2,1]=1,0")
        s.call(name, "@f32[0,3]e36", 0)
        s.call(name, "@f32[0]e37")
        s.call(name, NAN, axis=0)
        s.call(name, "@f32[3]=inf,1,2")
        s.call(name, "@f16[3]=60000,60000,60000")
        errors(s, name)
        tuples_refused(s, name)
        s.refuse(name, "@f32[2]e95", where="@bool[3]b1")
    for name in ["np.var", "np.std", "np.nanvar", "np.nanstd"]:
        shapes(s, name)
        types(s, name)
        s.call(name, "@f32[2,3]e30", ddof=1)
        s.call(name, "@f32[2,3]e31", 1, None, None, 1)
        s.call(name, "@f32[2,3]e32", 1, None, None, 0, True)
        s.call(name, "@f32[2,3]e33", 1, where=MASK)
        s.call(name, "@f32[2,3]e34", where="@bool[3]=1,0,1", ddof=1)
        s.call(name, "@f32[2,3]e35", 0, "float16", _datol=2**-9)
        s.call(name, "@f32[4]e36", ddof=0.5)
        s.call(name, "@f32[3,2]e37", 0, mean="@f32[1,2]e38")
        if "nan" not in name:
            s.call(name, "@f32[2,3]e39", correction=1)
        s.call(name, "@f32[0,3]e40", 0)
        s.call(name, "@f32[2]e41", ddof=2)
        s.call(name, NAN, axis=0)
        s.call(name, NAN, axis=1)
        s.call(name, "@f32[4]=1000000,1000001,1000002,1000003")
        s.call(name, "@f32[3]=2,2,2")
        errors(s, name)
        tuples_refused(s, name)
        s.refuse(name, "@f32[2]e95", where="@bool[3]b1")
        s.refuse(name, "@f32[2]e96", ddof="abc")


def averages(s):
    name = "np.average"
    s.call(name, "@f32[2,3]e1")
    s.call(name, "@f32[2,3]e2", 0)
    s.call(name, "@f32[2,3]e3", axis=-1, keepdims=True)
    s.call(name, "@f32[2,3]e4", 1, "@f32[3]p5")
    s.call(name, "@f32[2,3]e6", weights="@f32[2,3]p7")
    s.call(name, "@f32[2,3]e8", 0, "@f32[2]p9", True)
    s.call(name, "@f32[2,3]e10", axis=1, weights="@f32[2,3]p11", returned=True)
    s.call(name, "@f32[2,3]e12", returned=True)
    s.call(name, "@f32[2,3,2]e13", (0, 2))
    s.call(name, "@f32[1]e14")
    s.call(name, "@f32[]e15")
    s.call(name, "@i32[4]i16")
    s.call(name, "@i32[4]i17", weights="@i32[4]=1,2,3,4")
    s.call(name, "@bool[3]b18")
    s.call(name, "@f16[3]e19", weights="@f16[3]p20")
    s.call(name, "@f64[3]e21", weights="@f64[3]p22")
    s.call(name, "@f32[3]=nan,1,2")
    s.call(name, "@f32[0]e23")
    s.call(name, "@f32[2,3]e24", 1, "@f32[3]p25", False, True)
    s.call(name, "@f32[4]e26", weights="@f32[4]=0,0,0,0")
    s.call(name, "@f32[2,2,2]e27", 2)
    s.call(name, "@f32[33]e28")
    errors(s, name)
    s.refuse(name, "@f32[2,3]e94", weights="@f32[3]p95")
    s.refuse(name, "@f32[2,3]e96", 0, "@f32[3]p97")

    for name in ["np.cov", "np.corrcoef"]:
        cov = name == "np.cov"
        s.call(name, "@f32[2,4]r1")
        s.call(name, "@f32[5]r2")
        s.call(name, "@f32[5]r3", "@f32[5]r4")
        s.call(name, "@f32[2,4]r5", "@f32[1,4]r6")
        s.call(name, "@f32[4,2]r7", None, False)
        s.call(name, "@f32[4,2]r8", rowvar=False)
        if cov:
            s.call(name, "@f32[2,4]r9", None, True, True)
            s.call(name, "@f32[2,4]r10", bias=True)
            s.call(name, "@f32[2,4]r11", ddof=2)
            s.call(name, "@f32[2,4]r12", ddof=0)
            s.call(name, "@f32[2,4]r13", fweights="@i32[4]=1,2,1,3")
            s.call(name, "@f32[2,4]r14", aweights="@f32[4]p15")
        s.call(name, "@f32[2,4]r25", dtype="float32")
        s.call(name, "@f32[1,4]r16")
        s.call(name, "@f32[3,3]r17")
        s.call(name, "@i32[2,4]i18")
        s.call(name, "@f64[2,4]r19")
        s.call(name, "@f32[2,4]=1,2,3,4,2,4,6,8")
        s.call(name, "@f32[2,3]=1,nan,3,4,5,6")
        s.call(name, "@f32[2,1]r20")
        s.call(name, "@f32[2,5]r21", "@f32[2,5]r22")
        s.call(name, "@f32[3,7]r23")
        s.call(name, "@f32[4,4]r24", rowvar=False)
        s.refuse(name, "@f32[2,2,2]r95")
        s.refuse(name, "@f32[2,3]r97", "@f32[2,2]r98")
        bogus(s, name, "@f32[2,3]e93")
        s.refuse(name)
        s.refuse(name, "abc")


def cases(s):
    s.bound("np.prod", "np.nanprod", ulp=4)
    s.bound("np.mean", "np.nanmean", "np.average", ulp=2, rel=1)
    s.bound("np.var", "np.nanvar", "np.std", "np.nanstd", ulp=6, rel=2)
    s.bound("np.cov", "np.corrcoef", ulp=8, rel=4, datol=1e-6)
    sums(s)
    extremes(s)
    places(s)
    truths(s)
    means(s)
    averages(s)

"""Arrays from nothing or from data, in jax.numpy."""
from families import bogus, more


def constants(s):
    for name in ["zeros", "ones", "empty"]:
        for shape in [[2, 3], 4, [], [0], [2, 0, 3], [1], [1, 1, 1], [2, 2, 2]]:
            s.call(f"np.{name}", shape)
        s.call(f"np.{name}", [2], "int32")
        s.call(f"np.{name}", [2], "uint32")
        s.call(f"np.{name}", 3, dtype="bool")
        s.call(f"np.{name}", 3, dtype="float16")
        s.call(f"np.{name}", [2, 1], dtype="float64")
        s.call(f"np.{name}", 2, None)
        s.refuse(f"np.{name}", [-1])
        s.refuse(f"np.{name}", [1.5])
        s.refuse(f"np.{name}", [2], "bogus")
        bogus(s, f"np.{name}", [2])
        s.refuse(f"np.{name}")
    for name in ["zeros_like", "ones_like", "empty_like"]:
        for x in ["@f32[2,3]e1", "@i32[2]i2", "@u32[3]i3", "@bool[2]b4", "@f16[2]e5", "@f64[2]e6", "@f32[]e7", "@f32[0,2]e8", "@f32[1]e9", "@2.5", True]:
            s.call(f"np.{name}", x)
        more(s, f"np.{name}")
        s.call(f"np.{name}", "@f32[2]e10", "int32")
        s.call(f"np.{name}", "@f32[2]e11", dtype="bool")
        s.call(f"np.{name}", "@i32[2]i12", None, [3, 1])
        s.call(f"np.{name}", "@f32[2,3]e13", shape=4)
        s.refuse(f"np.{name}", "@f32[2]e14", shape=[-2])
        s.refuse(f"np.{name}", "@f32[2]e14", "bogus")
        bogus(s, f"np.{name}", "@f32[2]e15")
        s.refuse(f"np.{name}")
        s.refuse(f"np.{name}", "abc")
    for args in [([2, 3], "@1.5"), (4, "@2"), ([], "@0.5"), ([0, 2], "@1."), ([2, 3], "@f32[3]e1"), ([2, 3], "@f32[2,1]e2"), ([2], "@i32[]i3"), ([2], True), ([1], "@f16[]e4"),
                 ([2, 2], "@f32[1]e5"), ([3], "@nan"), ([3], "@-inf"), ([2], "@u32[2]i6"), ([2, 1, 2], "@f32[2,1,1]e7")]:
        if args[1] != "@2":
            s.call("np.full", *args)
    for i, shape in enumerate(["4", "2,2", "3,1", "1,2", "2,1,3", "17"]):
        s.call("np.full", [2, *map(int, shape.split(","))], f"@f32[{shape}]e{20 + i}")
    s.call("np.full", [2], "@1.5", "int32")
    s.call("np.full", [2], "@3", dtype="uint32")
    s.call("np.full", [2], "@3", dtype="bool")
    s.call("np.full", [2], "@f32[2]e8", dtype="float16")
    s.call("np.full", [2], "@0.5", dtype="float64")
    s.call("np.full", [1], "@2", dtype="int32")
    s.refuse("np.full", [2], "@f32[3]e9")
    s.refuse("np.full", [-1], "@1.")
    s.refuse("np.full", [2])
    bogus(s, "np.full", [2], "@1.")
    for x, value in [("@f32[2,3]e1", "@1.5"), ("@f32[2]e2", "@2"), ("@i32[3]i3", "@4"), ("@i32[2]i4", "@1.5"), ("@bool[2]b5", "@2"), ("@f32[2,3]e6", "@f32[3]e7"), ("@f16[2]e8", "@0.25"),
                     ("@u32[2]i9", "@7"), ("@f32[]e10", "@1.5"), ("@f32[0]e11", "@1.5"), ("@f32[1]e12", "@nan"), ("@f64[2]e13", "@0.1")]:
        s.call("np.full_like", x, value)
    more(s, "np.full_like", "@f32[]e30")
    s.call("np.full_like", "@f32[2]e14", "@1.5", "int32")
    s.call("np.full_like", "@f32[2]e15", "@1.5", dtype="float16")
    s.call("np.full_like", "@i32[2]i16", "@3", shape=[2, 2])
    s.call("np.full_like", "@i32[2]i17", "@3", "float32", [1])
    s.refuse("np.full_like", "@f32[2]e18", "@f32[3]e19")
    s.refuse("np.full_like", "@f32[2]e20")
    bogus(s, "np.full_like", "@f32[2]e21", "@1.")


def data(s):
    for name in ["array", "asarray"]:
        for x in ["@f32[2,3]e1", "@i32[2]i2", "@u32[2]i3", "@bool[2]b4", "@f16[2]e5", "@f64[2]e6", "@f32[]e7", "@f32[0,2]e8", "@f32[1]e9", "@2.5", True]:
            s.call(f"np.{name}", x)
        more(s, f"np.{name}")
        s.call(f"np.{name}", [[1.5, 2], [3, -4.25]])
        s.call(f"np.{name}", [True, False])
        s.call(f"np.{name}", [])
        s.call(f"np.{name}", [[0.5], [1.5]], "float16")
        s.call(f"np.{name}", [1, 2, 3], dtype="int32")
        s.call(f"np.{name}", [1, 2, 3], dtype="uint32")
        s.call(f"np.{name}", [0, 2, 1], "bool")
        s.call(f"np.{name}", ["@f32[2]e10", "@f32[2]e11"])
        s.call(f"np.{name}", ["@f32[]e12", "@1.5"])
        s.call(f"np.{name}", [["@i32[]i13", "@i32[]i14"]])
        s.call(f"np.{name}", "@f32[3]=1.5,-2.5,3", "int32")
        s.call(f"np.{name}", "@i32[3]i15", dtype="float32")
        s.call(f"np.{name}", "@f32[2]e16", copy=True)
        s.call(f"np.{name}", "@f32[2]e17", None, copy=True)
        s.call(f"np.{name}", "@f32[2]e22", order="K")
        s.refuse(f"np.{name}", [[1], [2, 3]])
        s.refuse(f"np.{name}", "@f32[2]e18", "bogus")
        s.refuse(f"np.{name}", "abc")
        bogus(s, f"np.{name}", "@f32[2]e19")
    s.call("np.array", "@f32[2]e20", ndmin=3)
    s.call("np.array", "@1.5", ndmin=2)
    s.call("np.array", "@f32[2,2]e21", ndmin=1)
    for x in ["@f32[2,3]e1", "@i32[2]i2", "@u32[2]i3", "@bool[2]b4", "@f16[2]e5", "@f64[2]e6", "@f32[]e7", "@f32[0,2]e8", "@f32[1]e9", "@2.5", True, "@f32[2,1,2]e10", "@f32[17]e11"]:
        s.call("np.copy", x)
    more(s, "np.copy")
    s.call("np.copy", "@f32[2]e12", order="K")
    bogus(s, "np.copy", "@f32[2]e13")
    s.refuse("np.copy", "abc")
    s.refuse("np.copy")


def ranges(s):
    for args in [(5,), (0,), (2, 6), (6, 2, -1), (0, 10, 3), (-3, 3), (1, 1), (5, 2)]:
        s.call("np.arange", *args)
    s.call("np.arange", 4, dtype="float32")
    s.call("np.arange", 1, 4, None, "float16")
    s.call("np.arange", 0.5, 3)
    s.call("np.arange", 0, 1, 0.25)
    s.call("np.arange", 3.5)
    s.call("np.arange", 0, -2, -0.5)
    s.call("np.arange", 3, dtype="uint32")
    s.call("np.arange", 0, stop=4, step=2)
    s.call("np.arange", 2.5, dtype="int32")
    s.call("np.arange", 0, 0.5, 0.1, "float64")
    s.call("np.arange", 0, 1, 0.1)
    s.refuse("np.arange")
    s.refuse("np.arange", 0, 1, 0)
    s.refuse("np.arange", "abc")
    s.refuse("np.arange", 3, dtype="bogus")
    bogus(s, "np.arange", 3)

    for name, low, high in [("linspace", "@0.", "@1."), ("logspace", "@0.", "@2."), ("geomspace", "@1.", "@8.")]:
        d = "p" if name == "geomspace" else "u"
        n = f"np.{name}"
        s.call(n, low, high, 5)
        s.call(n, low, high, num=4, endpoint=False)
        s.call(n, low, high, 1)
        s.call(n, low, high, 0)
        s.call(n, low, high, 3, False)
        s.call(n, high, low, 4)
        s.call(n, low, high, 4, dtype="int32")
        s.call(n, low, high, 4, dtype="float16")
        s.call(n, low, high, 3, dtype="float64")
        s.call(n, f"@f32[2]{d}1", f"@f32[2]{d}2", 3)
        s.call(n, f"@f32[2]{d}3", f"@f32[2]{d}4", num=3, axis=1)
        s.call(n, f"@f32[2,1]{d}5", f"@f32[3]{d}6", num=2, axis=-1)
        s.call(n, f"@f32[]{d}7", f"@f32[]{d}8", 2)
        s.call(n, "@i32[]=1", "@i32[]=4", 4)
        s.call(n, "@i32[2]=1,2", "@f32[2]=4,8", 3)
        s.call(n, f"@f16[2]{d}9", f"@f16[2]{d}10", 3)
        s.call(n, f"@f64[2]{d}11", f"@f64[2]{d}12", 3)
        s.call(n, f"@f32[2]{d}13", high, 2)
        s.call(n, f"@f32[1]{d}14", f"@f32[1]{d}15", 7)
        for i, shape in enumerate(["3", "2,2", "4,1"]):
            s.call(n, f"@f32[{shape}]{d}{30 + i}", f"@f32[{shape}]{d}{40 + i}", 4, endpoint=i != 1)
        s.refuse(n, low, high, -1)
        s.refuse(n, low, high, 2.5)
        s.refuse(n, low)
        s.refuse(n, low, high, axis=3)
        bogus(s, n, low, high)
    s.call("np.linspace", "@0.", "@1.")
    s.call("np.linspace", "@0.", "@3.", 4, True, True)
    s.call("np.linspace", "@f32[2]u20", "@f32[2]u21", 3, retstep=True)
    s.call("np.linspace", "@0.", "@0.", 3)
    s.call("np.linspace", "@f32[]=1", "@f32[]=inf", 3)
    s.call("np.logspace", "@0.", "@3.", 4, base="@2")
    s.call("np.logspace", "@0.", "@3.", 4, True, "@f32[]=3")
    s.call("np.logspace", "@0.", "@2.", 3, True, 10.0, "int32")
    s.call("np.geomspace", "@-1.", "@-8.", 4)
    s.call("np.geomspace", "@1000.", "@1.", 4)


def triangles(s):
    for name in ["eye", "tri"]:
        n = f"np.{name}"
        for args in [(3,), (2, 3), (3, 2), (3, None, 1), (3, 4, -1), (0,), (1,), (2, 0), (3, 3, 5), (3, 3, -5), (2, 2, 0, "int32")]:
            s.call(n, *args)
        s.call(n, 3, k=1)
        s.call(n, 3, dtype="bool")
        s.call(n, 2, 3, dtype="float16")
        s.call(n, 2, dtype="float64")
        s.refuse(n)
        s.refuse(n, -1)
        s.refuse(n, 2.5)
        s.refuse(n, 2, dtype="bogus")
        bogus(s, n, 2)
    for args in [(3,), (0,), (1,), (2, "int32"), (2, "bool"), (4, None), (5,), (2, "float16"), (2, "uint32"), (3, "float64")]:
        s.call("np.identity", *args)
    s.call("np.identity", 3, dtype="int32")
    s.call("np.identity", 6)
    s.refuse("np.identity")
    s.refuse("np.identity", -2)
    s.refuse("np.identity", 2.5)
    bogus(s, "np.identity", 2)
    for name in ["tril", "triu"]:
        n = f"np.{name}"
        for x in ["@f32[3,3]e1", "@f32[2,4]e2", "@f32[4,2]e3", "@f32[2,2,3]e4", "@f32[1,1]e5", "@f32[0,3]e6", "@i32[3,3]i7", "@bool[2,2]b8", "@f16[2,2]e9", "@f64[2,2]e10", "@u32[2,2]i11", "@f32[1,3]e17", "@f32[3,1]e18", "@f32[2,1,2]e19"]:
            s.call(n, x)
        s.call(n, "@f32[3,3]e12", 1)
        s.call(n, "@f32[3,3]e13", -1)
        s.call(n, "@f32[3,3]e14", k=2)
        s.call(n, "@f32[3,3]e15", k=-4)
        s.call(n, "@f32[2,2]=nan,inf,-inf,1")
        s.refuse(n, "@f32[3]e16")
        s.refuse(n, "@f32[2,2]e17", 1.5)
        s.refuse(n)
        bogus(s, n, "@f32[2,2]e18")
    for name in ["diag", "diagflat"]:
        n = f"np.{name}"
        for x in ["@f32[3]e1", "@f32[1]e2", "@f32[0]e3", "@i32[2]i4", "@bool[2]b5", "@f16[2]e6", "@f64[2]e7", "@u32[2]i8", "@f32[3,3]e9", "@f32[2,3]e10", "@f32[1,2]e11", "@f32[4]e19"]:
            s.call(n, x)
        s.call(n, "@f32[2]e12", 1)
        s.call(n, "@f32[2]e13", -1)
        s.call(n, "@f32[3]e14", k=2)
        s.call(n, "@f32[2,2]e15", k=1)
        s.call(n, "@f32[3,2]e16", -1)
        s.refuse(n, "@f32[2]e17", 1.5)
        s.refuse(n)
        bogus(s, n, "@f32[2]e18")
    s.refuse("np.diag", "@f32[2,2,2]e20")
    s.refuse("np.diag", "@f32[]e21")
    s.call("np.diagflat", "@f32[]e22")
    s.call("np.diagflat", "@f32[2,1,2]e23")
    for x in ["@f32[3]e1", "@f32[1]e2", "@f32[0]e3", "@i32[3]i4", "@f16[3]e6", "@f64[2]e7", "@f32[2]=nan,inf", "@f32[5]e14", "@f32[4]e15", "@f32[6]u16"]:
        s.call("np.vander", x)
    s.call("np.vander", "@f32[3]e8", 2)
    s.call("np.vander", "@f32[2]e9", 4, True)
    s.call("np.vander", "@f32[3]e10", increasing=True)
    s.call("np.vander", "@f32[3]e11", 0)
    s.refuse("np.vander", "@f32[2,2]e12")
    s.refuse("np.vander", "@f32[2]e13", -1)
    s.refuse("np.vander")
    bogus(s, "np.vander", "@f32[2]e14")


def grids(s):
    for xs in [("@f32[2]e1", "@f32[3]e2"), ("@f32[2]e3",), ("@f32[2]e4", "@f32[1]e5", "@f32[2]e6"), ("@i32[2]i7", "@f32[3]e8"), ("@f32[0]e9", "@f32[2]e10"), ("@f32[2]e11", "@f32[2]e12"),
               ("@bool[2]b13", "@i32[2]i14"), ("@f16[2]e15", "@f16[2]e16"), ("@f64[2]e17", "@f64[2]e18"), ("@f32[4]e29", "@f32[4]e30"), ("@f32[1]e31", "@f32[1]e32")]:
        s.call("np.meshgrid", *xs)
    s.call("np.meshgrid", "@f32[2]e19", "@f32[3]e20", indexing="ij")
    s.call("np.meshgrid", "@f32[2]e21", "@f32[3]e22", sparse=True)
    s.call("np.meshgrid", "@f32[2]e23", "@f32[3]e24", "@f32[2]e33", sparse=True, indexing="ij")
    s.call("np.meshgrid", "@f32[2]e34", "@f32[3]e35", "@f32[2]e36", indexing="xy")
    s.call("np.meshgrid", "@f32[2]e25", "@f32[3]e26", copy=True)
    s.refuse("np.meshgrid", "@f32[2]e27", "@f32[2]e28", indexing="bogus")
    s.refuse("np.meshgrid", "@f32[2,2]e27", "@f32[2]e28")
    bogus(s, "np.meshgrid", "@f32[2]e27", "@f32[2]e28")
    for args in [([2, 3],), ([3],), ([],), ([1, 1],), ([0, 2],), ([2, 2, 2],), ([2, 3], "float32"), ([2, 2], "uint32"), ([4, 1],)]:
        s.call("np.indices", *args)
    s.call("np.indices", [2, 3], dtype="float16")
    s.call("np.indices", [2, 3], sparse=True)
    s.call("np.indices", [2, 3, 1], "int32", True)
    s.call("np.indices", [2], sparse=True)
    s.refuse("np.indices", [-1])
    s.refuse("np.indices")
    bogus(s, "np.indices", [2])
    for name in ["bartlett", "blackman", "hamming", "hanning"]:
        for m in [0, 1, 2, 3, 4, 5, 7, 8, 12, 17]:
            s.call(f"np.{name}", m)
        s.refuse(f"np.{name}")
        s.refuse(f"np.{name}", "abc")
        bogus(s, f"np.{name}", 3)
        s.refuse(f"np.{name}", 3, 3)


def cases(s):
    s.bound("np.linspace", ulp=2, rel=1)
    s.bound("np.arange", ulp=1, rel=1)
    s.bound("np.logspace", "np.geomspace", ulp=16)
    s.bound("np.bartlett", "np.blackman", "np.hamming", "np.hanning", ulp=8, atol=2**-22)
    s.bound("np.vander", ulp=4)
    constants(s)
    data(s)
    ranges(s)
    triangles(s)
    grids(s)

"""jax.random: keys, bits and distributions. Bits, integers and uniform draws are exact; README.md says what the others may lose."""

KEY = "@key(42)"
SHAPES = [[5], [2, 3], [], [0], [1], [2, 1, 2], [17]]


def errors(s, name, *args, shape=True):
    s.refuse(name)
    s.refuse(name, *args, bogusOption=1)
    s.refuse(name, "abc", *args[1:])
    s.refuse(name, "@f32[2]e1", *args[1:])


def keys(s):
    seeds = [0, 1, 42, 2147483647, -1, 4294967295, "@i32[]=7", "@u32[]=4294967295", -2147483648, 123456789, "@i32[]=-5", 3]
    for seed in seeds:
        s.call("random.key", seed)
        s.call("random.PRNGKey", seed)
    for name in ["random.key", "random.PRNGKey"]:
        s.refuse(name)
        s.refuse(name, 1.5)
        s.refuse(name, "abc")
        s.refuse(name, "@i32[2]i1")
        s.refuse(name, 0, bogusOption=1)
    for seed in [0, 1, 42, 4294967295]:
        s.call("random.split", f"@key({seed})")
        s.call("random.key_data", f"@key({seed})")
        s.call("random.clone", f"@key({seed})")
        s.call("random.wrap_key_data", f"@u32[2]={seed},7")
    for num in [1, 2, 3, 5, [2, 3], [1], [4, 1, 2], 0]:
        s.call("random.split", KEY, num)
    s.call("random.split", "@u32[2]=1,2")
    s.call("random.split", KEY, num=4)
    for raw in ["@u32[2]=0,0", "@u32[2]=1,2", "@u32[2]=4294967295,4294967295", "@u32[2]i1", "@u32[2]i2", "@u32[2]i3", "@u32[2]i4", "@u32[2]i5"]:
        s.call("random.clone", raw)
    for shape in ["2,2", "3,2", "2,3,2", "1,2", "0,2"]:
        s.call("random.wrap_key_data", f"@u32[{shape}]i1")
    s.call("random.wrap_key_data", "@u32[2]=4294967295,4294967295")
    s.call("random.wrap_key_data", "@u32[2]=0,0")
    s.call("random.wrap_key_data", "@u32[4,2]i2")
    for seed in [2, 3, 5, 7, 11, 13, 17, 19]:
        s.call("random.key_data", f"@key({seed})")
    for data in [0, 1, 7, 2147483647, 4294967295, "@i32[]=3", "@u32[]=4294967295", "@i32[]=-1"]:
        s.call("random.fold_in", KEY, data)
    for seed in [0, 1, 2]:
        s.call("random.fold_in", f"@key({seed})", 5)
    s.call("random.fold_in", "@u32[2]=3,4", 9)
    s.refuse("random.split")
    s.refuse("random.split", KEY, -1)
    s.refuse("random.split", KEY, 1.5)
    s.refuse("random.split", "@f32[2]e1")
    s.refuse("random.split", KEY, bogusOption=1)
    s.refuse("random.fold_in", KEY)
    s.refuse("random.fold_in", KEY, "@i32[2]i1")
    s.refuse("random.fold_in", KEY, 1, bogusOption=1)
    s.refuse("random.key_data", 5)
    s.refuse("random.key_data")
    s.refuse("random.key_data", "@f32[2]e1")
    s.refuse("random.key_data", KEY, bogusOption=1)
    s.refuse("random.wrap_key_data", "@f32[2]e1")
    s.refuse("random.wrap_key_data", "@u32[3]i1")
    s.refuse("random.wrap_key_data")
    s.refuse("random.clone")
    s.refuse("random.clone", KEY, bogusOption=1)


def bits(s):
    for shape in SHAPES:
        s.call("random.bits", KEY, shape)
        s.call("random.uniform", KEY, shape)
        s.call("random.randint", KEY, shape, 0, 100)
        s.call("random.normal", KEY, shape)
    for seed in [0, 1, 2147483648, 4294967295]:
        s.call("random.bits", f"@key({seed})", [5])
        s.call("random.uniform", f"@key({seed})", [3])
        s.call("random.normal", f"@key({seed})", [6])
    s.call("random.bits", KEY)
    s.call("random.bits", KEY, [3], "uint32")
    s.call("random.bits", "@u32[2]=1,2", shape=[3], dtype="uint32")
    s.call("random.bits", KEY, [6], dtype="uint8") 
    s.refuse("random.bits", KEY, [2], "float32")
    s.refuse("random.bits", KEY, [-1])
    s.refuse("random.bits", KEY, [1.5])
    errors(s, "random.bits", KEY, [2])
    s.call("random.uniform", KEY)
    for low, high in [("@-1.", "@1."), ("@2.", "@5."), ("@0.", "@0.001"), ("@-3.5", "@-1.25"), ("@0.", "@1e30"), ("@1.", "@1.0000002"), ("@f32[2,3]e1", "@f32[3]=5,6,7"), ("@1.", "@0.")]:
        s.call("random.uniform", "@key(9)", [2, 3], "float32", low, high)
    s.call("random.uniform", KEY, [5], "float16")
    s.call("random.uniform", KEY, [4], dtype="float64")
    s.call("random.uniform", KEY, [3], minval="@-2", maxval="@2")
    s.call("random.uniform", "@u32[2]=1,2", [3])
    s.refuse("random.uniform", KEY, [2], "int32")
    s.refuse("random.uniform", KEY, [2], "float32", "@f32[3]e1")
    s.refuse("random.uniform", KEY, [-1])
    errors(s, "random.uniform", KEY, [2])
    s.call("random.normal", KEY)
    s.call("random.normal", "@key(5)", [40])
    s.call("random.normal", KEY, [5], "float16")
    s.call("random.normal", KEY, [5], dtype="float64", _ulp=64)
    s.refuse("random.normal", KEY, [2], "int32")
    s.refuse("random.normal", KEY, [-1])
    errors(s, "random.normal", KEY, [2])
    for low, high in [(0, 10), (-5, 5), (0, 1), (3, 3), (5, 2), (0, 65536), (0, 65537), (-2147483648, 2147483647), (0, 1000003), ("@i32[2,3]=0,10,20,0,1,2", "@i32[3]=5,12,1000"), ("@i32[]=3", "@i32[]=9")]:
        s.call("random.randint", "@key(11)", [2, 3], low, high)
    s.call("random.randint", "@key(11)", [4], "@u32[]=0", "@u32[]=4294967295", "uint32")
    s.call("random.randint", "@key(11)", [4], 0, 10, dtype="uint32")
    s.call("random.randint", KEY, shape=[3], minval=1, maxval=4)
    s.refuse("random.randint", KEY, [2], 0, 5, "float32")
    s.refuse("random.randint", KEY, [2], 0)
    errors(s, "random.randint", KEY, [2], 0, 5)


def discrete(s):
    n = "random.bernoulli"
    for p, shape in [("@0.5", [8]), ("@0.", [3]), ("@1.", [3]), ("@0.1", [2, 3]), ("@f32[3]=0.2,0.5,0.9", None), ("@f32[3]=0.2,0.5,0.9", [2, 3]), ("@f32[2,1]q1", [2, 3]), ("@0.25", []), ("@0.25", [0]), ("@f16[3]q2", None), ("@0.75", [17])]:
        s.call(n, KEY, p, shape)
    s.call(n, KEY)
    s.call(n, KEY, shape=[4])
    s.call(n, KEY, p="@0.3")
    s.call(n, KEY, "@0.5", [5], "high")
    s.refuse(n, KEY, "@f32[3]q3", [2])
    s.refuse(n, KEY, "@0.5", [-1])
    s.refuse(n, KEY, "@0.5", [2], "bogus")
    errors(s, n, KEY)
    n = "random.rademacher"
    for shape in SHAPES:
        s.call(n, KEY, shape)
    for seed in [0, 1, 2]:
        s.call(n, f"@key({seed})", [6])
    s.call(n, KEY, [4], "float32")
    s.call(n, KEY, [4], dtype="float16")
    s.call(n, KEY)
    s.refuse(n, KEY, [-1])
    errors(s, n, KEY)
    n = "random.categorical"
    logits = "@f32[2,4]e1"
    s.call(n, KEY, logits)
    s.call(n, KEY, "@f32[5]e2")
    s.call(n, KEY, "@f32[4]e3", shape=[9])
    s.call(n, KEY, logits, 0)
    s.call(n, KEY, logits, -1, [5, 2])
    s.call(n, KEY, logits, axis=0, shape=[3, 4])
    s.call(n, KEY, "@f32[4]=0,-inf,-inf,1")
    s.call(n, KEY, "@f32[1]e4")
    s.call(n, KEY, "@f16[4]e5")
    s.call(n, KEY, "@f64[4]e6")
    s.call(n, KEY, "@f32[2,3,2]e7", 1)
    s.call(n, KEY, "@f32[0,3]e8")
    s.call(n, "@key(1)", "@f32[3,3]e9")
    s.call(n, KEY, logits, mode="high")
    s.call(n, KEY, "@f32[5]e10", shape=[3], replace=False)
    s.refuse(n, KEY, logits, 2)
    s.refuse(n, KEY, logits, -1, [3])
    s.refuse(n, KEY, logits, mode="bogus")
    s.refuse(n, KEY)
    errors(s, n, KEY, logits)
    n = "random.geometric"
    for p, shape in [("@0.3", [9]), ("@0.9", [3]), ("@0.01", [4]), ("@1.", [3]), ("@f32[3]q1", None), ("@f32[3]q2", [2, 3]), ("@0.5", []), ("@0.5", [0]), ("@0.5", [2, 1])]:
        s.call(n, KEY, p, shape)
    s.call(n, KEY, "@0.3")
    s.call(n, KEY, "@0.3", shape=[4], dtype="int32")
    s.call(n, "@key(1)", "@0.2", [5])
    s.refuse(n, KEY, "@f32[3]q3", [2])
    s.refuse(n, KEY)
    errors(s, n, KEY, "@0.3")


def continuous(s):
    plain = {"exponential": 4, "gumbel": 8, "laplace": 32, "logistic": 32, "cauchy": 16, "maxwell": 8}
    for name, ulp in plain.items():
        n = f"random.{name}"
        # the logarithm of what is almost 1 has few digits
        s.bound(n, ulp=ulp, atol=2**-22 if name == "gumbel" else 0)
        for shape in SHAPES:
            s.call(n, KEY, shape)
        for seed in [0, 1, 8]:
            s.call(n, f"@key({seed})", [9])
        s.call(n, KEY)
        s.call(n, KEY, shape=[3], dtype="float32")
        s.call(n, KEY, [4], "float64", _ulp=64)
        s.call(n, KEY, [4], "float16")
        s.refuse(n, KEY, [2], "int32")
        s.refuse(n, KEY, [-1])
        s.refuse(n, KEY, [1.5])
        errors(s, n, KEY)
    s.call("random.gumbel", KEY, [9], mode="high", _ulp=32)
    s.call("random.gumbel", KEY, [3], "float32", "low")
    s.refuse("random.gumbel", KEY, [3], "float32", "bogus")
    one = {"rayleigh": ("@1.5", 4), "pareto": ("@2.", 8), "lognormal": ("@0.5", 8)}
    for name, (value, ulp) in one.items():
        n = f"random.{name}"
        s.bound(n, ulp=ulp, dulp=64)
        for shape in SHAPES:
            s.call(n, KEY, value, shape)
        s.call(n, KEY, value)
        s.call(n, KEY, "@f32[3]p1")
        s.call(n, KEY, "@f32[3]p2", [2, 3])
        s.call(n, KEY, "@f32[2,1]p3", [2, 3])
        s.call(n, "@key(8)", value, shape=[9])
        s.call(n, KEY, value, [3], dtype="float32")
        s.call(n, KEY, value, [3], "float64", _ulp=64)
        s.refuse(n, KEY, "@f32[3]p4", [2])
        s.refuse(n, KEY, value, [2], "int32")
        errors(s, n, KEY, value)
    s.call("random.lognormal", "@key(9)")
    n = "random.truncated_normal"
    s.bound(n, ulp=8, dulp=128)
    for low, high in [("@-2.", "@2."), ("@0.", "@1."), ("@-1.", "@3.5"), ("@-inf", "@0."), ("@f32[3]=-1,0,1", "@f32[3]=0,1,2"), ("@1.", "@1.5"), ("@f32[2,1]=-2,-1", "@f32[3]=1,2,3")]:
        s.call(n, "@key(8)", low, high, [2, 3])
    for shape in SHAPES[1:]:
        if shape != [2, 3]:
            s.call(n, KEY, "@-2.", "@2.", shape)
    s.call(n, KEY, "@f32[3]=-1,0,1", "@f32[3]=0,1,2")
    s.call(n, KEY, "@-1.", "@1.")
    s.call(n, KEY, "@-1.", "@1.", [3], dtype="float32")
    s.refuse(n, KEY, "@-1.")
    s.refuse(n, KEY, "@f32[3]e1", "@f32[3]e2", [2])
    errors(s, n, KEY, "@-1.", "@1.")
    two = {"weibull_min": ("@1.5", "@2.", 8), "double_sided_maxwell": ("@0.5", "@2.", 8)}
    for name, (a, b, ulp) in two.items():
        n = f"random.{name}"
        s.bound(n, ulp=ulp, dulp=64)
        for shape in SHAPES:
            s.call(n, KEY, a, b, shape)
        s.call(n, KEY, a, b)
        s.call(n, KEY, "@f32[3]p1", b, [3])
        s.call(n, KEY, a, "@f32[3]p2", [2, 3])
        s.call(n, KEY, "@f32[3]p3", "@f32[3]p4", [3])
        s.call(n, "@key(8)", a, b, shape=[9])
        s.call(n, KEY, a, b, [3], dtype="float32")
        s.refuse(n, KEY, a)
        s.refuse(n, KEY, a, b, [-1])
        errors(s, n, KEY, a, b)
    n = "random.triangular"
    s.bound(n, ulp=8, dulp=64)
    for shape in SHAPES:
        s.call(n, KEY, "@0.", "@0.25", "@1.", shape)
    s.call(n, KEY, "@0.", "@0.25", "@1.")
    s.call(n, KEY, "@f32[3]=0,-1,1", "@f32[3]=0.5,0,2", "@f32[3]=1,2,3")
    s.call(n, KEY, "@0.", "@f32[3]q1", "@1.", [2, 3])
    s.call(n, KEY, "@-1.", "@-1.", "@1.", [4])
    s.call(n, KEY, "@-1.", "@1.", "@1.", [4])
    s.call(n, "@key(8)", "@0.", "@0.25", "@1.", shape=[9], dtype="float32")
    s.refuse(n, KEY, "@0.", "@1.")
    s.refuse(n, KEY, "@f32[3]e1", "@0.", "@1.", [2])
    errors(s, n, KEY, "@0.", "@0.25", "@1.")


def cases(s):
    s.bound("random.normal", ulp=4)
    keys(s)
    bits(s)
    discrete(s)
    continuous(s)

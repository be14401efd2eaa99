"""Further arrays of floats and batches for functions whose own cases have fewer than twelve of a kind (suite/counts.test.ts)."""

KEY = "@key(42)"


def lax_functions(s):
    for x, *args in [("@f32[3,2]e300", [1, 0]), ("@f32[2,2,3]e301", [2, 1, 0])]:
        s.call("lax.transpose", x, *args)
    for name, x, *args in [
        ("rev", "@f32[3,2]e302", [0, 1]), ("broadcast", "@f32[3,2]e303", [2]), ("broadcast_in_dim", "@f32[2,1]e304", [2, 3], [0, 1]), ("broadcast_to_rank", "@f32[3,2]e305", 4),
        ("expand_dims", "@f32[3,2]e306", [1]), ("squeeze", "@f32[1,3,1]e307", [0]), ("tile", "@f32[3,2]e308", [2, 3]), ("concatenate", ["@f32[3]e309", "@f32[2]e310"], 0),
        ("stack", ["@f32[3]e311", "@f32[3]e312"], -1), ("unstack", "@f32[3,2]e313", 0), ("unstack", "@f32[3,2]e314", 1), ("unstack", "@f32[2,2,2]e315", 1), ("unstack", "@f16[3,2]e316", -1),
        ("clamp", "@f32[]=-2", "@f32[3,2]e317", "@f32[]=1"), ("clamp", "@f32[3]e318", "@f32[3]e319", "@f32[3]p320")]:
        s.call(f"lax.{name}", x, *args)
    for i, (x, dtype) in enumerate([("f32[3,2]", "float16"), ("f32[2]", "float32"), ("f16[4]", "float32"), ("f16[2,2]", "float16"), ("f32[1,2]", "float16"), ("f32[4]", "float32")]):
        s.call("lax.convert_element_type", f"@{x}e{330 + i}", dtype)
        s.call("np.astype", f"@{x}e{330 + i}", dtype)
    s.call("lax.population_count", "@u32[3,2]i340")
    s.call("lax.clz", "@u32[3,2]i341")


def np_functions(s):
    s.call("np.ldexp", "@f32[3,2]e350", "@i32[3,1]n351")
    s.call("np.ldexp", "@f32[5]e352", "@i32[5]n353")
    s.call("np.unravel_index", "@i32[3]n354", [2, 2])
    for seed, mode in [(355, "clip"), (357, "wrap")]:
        s.call("np.ravel_multi_index", [f"@i32[3]n{seed}", f"@i32[3]n{seed + 1}"], [4, 4], mode)
    for name in ["zeros", "ones"]:
        s.call(f"nn.initializers.{name}", "@key(2)", [3, 2])


def draws(s):
    """Derivatives by the parameters of distributions."""
    for i, (shape, rest) in enumerate([("3", ()), ("2,3", ()), ("1", ()), ("", ()), ("2,1", ([2, 3],)), ("3", ([2, 3],)), ("4", ([4],)), ("2,2", ()), ("5", ()), ("1,3", ([2, 3],))]):
        a, b, c = (f"@f32[{shape}]p{400 + 3 * i + k}" for k in range(3))
        for name in ["rayleigh", "pareto", "lognormal"]:
            s.call(f"random.{name}", KEY, a, *rest)
        for name in ["weibull_min", "double_sided_maxwell"]:
            s.call(f"random.{name}", KEY, a, b, *rest)
        low, middle, high = (f"@f32[{shape}]{d}{500 + i}" for d in ["u", "q", "g"])
        # the middle is not left of −1 nor right of 1
        s.call("random.triangular", KEY, "@-1.", low, high, *rest)
        s.call("random.triangular", KEY, low, "@1.", high, *rest)
        s.call("random.truncated_normal", KEY, low, high, *rest)


def cases(s):
    s.bound("random.rayleigh", ulp=4, dulp=64)
    s.bound("random.pareto", "random.lognormal", "random.weibull_min", "random.triangular", ulp=8, dulp=64)
    # these cancel where a draw is near 0
    s.bound("random.double_sided_maxwell", ulp=8, rel=2, dulp=64)
    s.bound("random.truncated_normal", ulp=8, atol=2**-22, dulp=128)
    lax_functions(s)
    np_functions(s)
    draws(s)

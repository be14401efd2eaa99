"""Indices, polynomials and differences along coordinates in jax.numpy."""
from families import bogus
from suite import floats_of, ints


def taking(s):
    for x, i in [("@f32[5]e1", "@i32[3]=0,4,2"), ("@f32[5]e2", 1), ("@f32[2,3]e3", "@i32[2]=5,0"), ("@f32[5]e4", ints(1, 3)), ("@f32[5]e5", "@i32[2,2]=0,1,4,3"), ("@f32[5]e6", -1), ("@f32[1]e7", 0), ("@i32[4]i8", "@i32[2]=3,1"), ("@u32[4]i9", 2), ("@bool[4]b10", "@i32[2]=0,3"),
                 ("@f16[4]e11", "@i32[2]=1,1"), ("@f64[4]e12", ints(0, 2)), ("@f32[3]e13", "@i32[0]n1"), ("@f32[4]e14", "@u32[2]=1,3")]:
        s.call("np.take", x, i)
    s.call("np.take", "@f32[2,3]e15", 1, 0)
    s.call("np.take", "@f32[2,3]e16", ints(0, 2), axis=1)
    s.call("np.take", "@f32[2,3]e17", "@i32[2]=1,-1", axis=-1)
    s.call("np.take", "@f32[2,3]e18", "@i32[]=1", 1)
    for mode in ["fill", "clip", "wrap"]:
        s.call("np.take", "@f32[3]e19", "@i32[4]=0,3,-4,7", mode=mode)
        s.call("np.take", "@f32[2,3]e20", "@i32[2]=2,5", 1, None, mode)
    s.call("np.take", "@f32[3]e21", "@i32[2]=0,9", mode="fill", fill_value="@-1.")
    s.call("np.take", "@i32[3]i22", "@i32[2]=0,9", mode="fill")
    s.call("np.take", "@f32[5]e28", "@i32[3]=0,2,4", unique_indices=True, indices_are_sorted=True)
    s.refuse("np.take", "@f32[3]e23", 0, 1)
    s.refuse("np.take", "@f32[3]e24", 1.5)
    s.refuse("np.take", "@f32[3]e25", 0, mode="bogus")
    s.refuse("np.take", "@f32[3]e26")
    bogus(s, "np.take", "@f32[3]e27", 0)


def positions(s):
    for args in [(3,), (2, 2), (2, 3), (0,), (1,), (4, 1), (1, 2), (5,), (3, 3), (2, 1), (6,)]:
        s.call("np.diag_indices", *args)
    s.call("np.diag_indices", 3, ndim=3)
    s.refuse("np.diag_indices")
    s.refuse("np.diag_indices", -1)
    s.refuse("np.diag_indices", 1.5)
    bogus(s, "np.diag_indices", 3)
    for i, shape in [("@i32[3]=0,5,3", [2, 3]), ("@i32[]=4", [2, 3]), ("@i32[2,2]=0,1,2,3", [4]), (3, [2, 2]), ("@i32[2]=22,41", [7, 6]), ("@i32[2]=-1,-6", [2, 3]), ("@i32[2]=7,100", [2, 3]), ("@u32[2]=1,4", [3, 2]), ("@i32[0]n1", [2, 3]), ("@i32[3]=1,10,23", [2, 3, 4]), ("@i32[1]=0", [1, 1]), ("@i32[2]=1,3", 5), (ints(1, 4), [2, 3])]:
        s.call("np.unravel_index", i, shape)
    s.refuse("np.unravel_index", "@i32[2]n2")
    bogus(s, "np.unravel_index", 1, [2, 3])
    for i, shape in [(["@i32[3]=0,1,1", "@i32[3]=0,2,1"], [2, 3]), (["@i32[]=1", "@i32[]=2"], [2, 3]), ([1, 2], [2, 3]), (["@i32[2]=1,0", "@i32[]=1"], [2, 3]), (["@i32[2]=1,2"], [3]), (["@u32[2]=1,0", "@u32[2]=0,2"], [2, 3]), (["@i32[1]=0", "@i32[1]=0"], [1, 1]), (["@i32[2]=1,0", "@i32[2]=2,1", "@i32[2]=3,0"], [2, 3, 4])]:
        s.call("np.ravel_multi_index", i, shape, **({} if isinstance(i[0], int) else {"mode": "clip"}))
    for mode in ["clip", "wrap"]:
        s.call("np.ravel_multi_index", ["@i32[3]=5,-1,1", "@i32[3]=0,7,-2"], [2, 3], mode)
    s.call("np.ravel_multi_index", ["@i32[2]=0,1", "@i32[2]=2,0"], [2, 3], mode="wrap", order="F")
    s.call("np.ravel_multi_index", ["@i32[2]=0,1", "@i32[2]=1,0"], [2, 3], "raise", "C", _without="vmap jit")
    s.call("np.ravel_multi_index", ["@i32[2]=0,1", "@i32[2]=2,2"], [2, 3], mode="wrap", dtype="uint32")
    s.call("np.ravel_multi_index", ["@i32[2]=0,1", "@i32[2]=2,2"], [2, 3], _without="vmap jit")
    s.refuse("np.ravel_multi_index", ["@i32[2]=0,1"], [2, 3])
    s.refuse("np.ravel_multi_index", ["@i32[2]=0,5", "@i32[2]=0,1"], [2, 3])
    s.refuse("np.ravel_multi_index", ["@f32[2]e1", "@f32[2]e2"], [2, 3])
    bogus(s, "np.ravel_multi_index", [1, 2], [2, 3])


def polynomials(s):
    for p, x in [("@f32[3]e1", "@f32[4]u2"), ("@f32[3]e3", "@f32[2,2]u4"), ("@f32[1]e5", "@f32[3]u6"), ("@f32[0]e7", "@f32[3]u8"), ("@f32[3]e9", "@f32[]u10"), ("@f32[4]e11", "@2"), ("@i32[3]i12", "@i32[2]i13"), ("@i32[3]i14", "@f32[2]u15"), ("@f16[3]e16", "@f16[3]u17"), ("@f64[3]e18", "@f64[2]u19"), ("@f32[2]e20", "@f32[1]u21"), ("@f32[3]e22", "@f32[3]=nan,inf,0"), ("@f32[17]u23", "@f32[5]u24"), ("@f32[3]e25", "@f32[0]e26")]:
        s.call("np.polyval", p, x)
    s.call("np.polyval", "@f32[3]e27", "@f32[2]u28", unroll=4)
    s.refuse("np.polyval", "@f32[3]e29")
    bogus(s, "np.polyval", "@f32[3]e30", "@f32[2]e31")
    s.refuse("np.polyval", "abc", "@f32[2]e32")
    for name in ["np.polyadd", "np.polysub"]:
        for a, b in [("@f32[3]e1", "@f32[3]e2"), ("@f32[2]e3", "@f32[4]e4"), ("@f32[3]e5", "@f32[1]e6"), ("@f32[1]e7", "@f32[1]e8"), ("@i32[2]i9", "@i32[3]i10"), ("@i32[2]i11", "@f32[2]e12"), ("@f16[2]e13", "@f16[3]e14"), ("@f64[2]e15", "@f64[2]e16"), ("@f32[2]e17", "@f32[2]e18"), ("@u32[2]i19", "@u32[2]i20"), ("@f32[2]=nan,1", "@f32[3]e21"), ("@f32[5]e22", "@f32[5]e23"), ("@f32[4]e26", "@f32[2]e27"), ("@f32[1]e28", "@f32[3]e29")]:
            s.call(name, a, b)
        s.refuse(name, "@f32[2]e24")
        bogus(s, name, "@f32[2]e24", "@f32[2]e25")
    for p in ["@f32[4]e1", "@f32[1]e2", "@f32[2]e3", "@i32[4]i4", "@f16[3]e5", "@f64[3]e6", "@f32[7]e7", "@f32[3]=nan,1,2", "@f32[5]e16", "@f32[6]e17"]:
        s.call("np.polyder", p)
        s.call("np.polyint", p)
    s.call("np.polyder", "@f32[4]e8", 2)
    s.call("np.polyder", "@f32[4]e9", m=0)
    s.call("np.polyder", "@f32[4]e10", m=3)
    s.call("np.polyder", "@f32[3]e11", 5)
    s.call("np.polyint", "@f32[4]e8", 2)
    s.call("np.polyint", "@f32[3]e9", m=0)
    s.call("np.polyint", "@f32[3]e10", 1, "@1.5")
    s.call("np.polyint", "@f32[3]e11", 2, k=floats_of(1.5, -2))
    s.call("np.polyint", "@f32[3]e12", 2, k="@f32[2]e13")
    s.call("np.polyint", "@f32[2]e14", k="@f32[]e15")
    for name in ["np.polyder", "np.polyint"]:
        s.refuse(name, "@f32[3]e20", -1)
        s.refuse(name, "@f32[3]e21", 1.5)
        s.refuse(name)
        bogus(s, name, "@f32[3]e22")
    s.refuse("np.polyint", "@f32[3]e23", 2, k=floats_of(1, 2, 3))


def gradients(s):
    for x in ["@f32[5]e1", "@f32[2]e2", "@f32[2,3]e3", "@i32[4]i4", "@f16[4]e5", "@f64[4]e6", "@f32[3,2,2]e7", "@f32[17]e8", "@f32[3,3]e9", "@f32[4]=1,nan,2,inf", "@f32[2,2]e21"]:
        s.call("np.gradient", x)
    s.call("np.gradient", "@f32[5]e10", "@2")
    s.call("np.gradient", "@f32[5]e11", "@f32[5]s12")
    s.call("np.gradient", "@f32[2,3]e13", "@0.5", "@2")
    s.call("np.gradient", "@f32[2,3]e14", axis=0)
    s.call("np.gradient", "@f32[2,3]e15", "@2", axis=1)
    s.call("np.gradient", "@f32[2,3]e16", axis=(1, 0))
    s.call("np.gradient", "@f32[2,3]e17", "@f32[2]s18", "@2")
    s.call("np.gradient", "@f32[2,3]e19", "@1.5", axis=(0, 1))
    s.call("np.gradient", "@f32[4]e20", "@f32[]=0.5")
    s.call("np.gradient", "@f32[3,4]e22", "@3", "@f32[4]s23", axis=(0, 1))
    s.call("np.gradient", "@f32[3,4]e24", "@f32[4]s25", "@3", axis=(1, 0))
    s.refuse("np.gradient", "@f32[1]e26")
    s.refuse("np.gradient", "@f32[3]e27", axis=1)
    s.refuse("np.gradient", "@f32[3,3]e28", "@1", "@2", "@3")
    s.refuse("np.gradient", "@f32[3]e30", edge_order=2)
    s.refuse("np.gradient")
    bogus(s, "np.gradient", "@f32[3]e31")


def cases(s):
    s.bound("np.polyval", ulp=4, rel=2)
    s.bound("np.polyint", "np.gradient", ulp=2, rel=1)
    taking(s)
    positions(s)
    polynomials(s)
    gradients(s)

"""Movement of elements in jax.numpy: nothing is computed, so everything is exact."""
from families import bogus, more
from suite import ints

X = ["@f32[2,3]e1", "@f32[1]e2", "@f32[]e3", "@i32[2,2]i4", "@u32[3]i5", "@bool[2,3]b6", "@f16[2,3]e7", "@f64[2,3]e8", "@f32[0,2]e9", "@f32[2,1,3]e10", "@f32[2,2,2]e11", "@f32[17]e12"]


def plain(s, name, xs=X, refused=()):
    for x in xs:
        s.call(name, x)
    more(s, name, shapes=["4,2", "3,2,2", "2,2,1", "3,3"])
    for x in refused:
        s.refuse(name, x)
    s.refuse(name)
    s.refuse(name, "abc")
    bogus(s, name, xs[0])


def shapes(s):
    for args in [([3, 2],), (6,), (-1,), ([-1, 2],), ([2, -1, 1],), ([1, 6, 1],), ([6, 1],)]:
        s.call("np.reshape", "@f32[2,3]e1", *args)
    for x, shape in [("@f32[]e2", [1, 1]), ("@f32[1]e3", []), ("@f32[0,2]e4", [0]), ("@f32[0,2]e5", [2, 0]), ("@i32[4]i6", [2, 2]), ("@bool[4]b7", [2, 2]), ("@f16[4]e8", [4, 1]), ("@f64[4]e9", [2, -1])]:
        s.call("np.reshape", x, shape)
    s.call("np.reshape", "@f32[2,3]e10", [3, 2], "F")
    s.call("np.reshape", "@f32[2,3]e11", [6], order="F")
    s.call("np.reshape", "@f32[2,3]e12", shape=[3, 2])
    s.call("np.reshape", "@f32[2,3]e13", [3, 2], order="C")
    s.call("np.reshape", "@f32[2,3]e20", [3, 2], copy=True)
    s.refuse("np.reshape", "@f32[2,3]e14", [4])
    s.refuse("np.reshape", "@f32[2,3]e15", [-1, -1])
    s.refuse("np.reshape", "@f32[2,3]e16", [-1, 4])
    s.refuse("np.reshape", "@f32[2,3]e17", [6], order="bogus")
    s.refuse("np.reshape", "@f32[2,3]e18")
    bogus(s, "np.reshape", "@f32[2,3]e19", [6])
    plain(s, "np.ravel")
    s.call("np.ravel", "@f32[2,3]e13", "F")
    s.call("np.ravel", "@f32[2,3]e14", order="C")
    s.refuse("np.ravel", "@f32[2,3]e15", "bogus")
    more(s, "np.resize", [3, 2], shapes=["4,2", "5", "3"])
    for x, shape in [("@f32[2,3]e1", [4]), ("@f32[2,3]e2", [2, 5]), ("@f32[3]e3", 7), ("@f32[2]e4", []), ("@f32[2,2]e5", [1, 1]), ("@i32[3]i6", [2, 2]), ("@bool[2]b7", [3]), ("@f16[2]e8", [3]),
                     ("@f32[]e9", [3]), ("@f32[0]e10", [0]), ("@f64[2]e11", [5]), ("@f32[1]e12", [2, 2]), ("@f32[4]e13", [2, 2])]:
        s.call("np.resize", x, shape)
    s.refuse("np.resize", "@f32[2]e14", [-1])
    s.refuse("np.resize", "@f32[2]e15")
    bogus(s, "np.resize", "@f32[2]e16", [3])


def axes(s):
    plain(s, "np.transpose")
    s.call("np.transpose", "@f32[2,3]e20", [1, 0])
    s.call("np.transpose", "@f32[2,3,4]e21", (2, 0, 1))
    s.call("np.transpose", "@f32[2,3,2]e22", axes=[0, -1, 1])
    s.refuse("np.transpose", "@f32[2,3]e23", [0, 0])
    s.refuse("np.transpose", "@f32[2,3]e24", [0])
    s.refuse("np.transpose", "@f32[2,3]e25", [0, 2])
    for x, perm in [("@f32[2,3]e1", [1, 0]), ("@f32[2,3,4]e2", [2, 0, 1]), ("@f32[2,3,2]e3", [0, 2, 1]), ("@f32[3]e4", [0]), ("@f32[]e5", []), ("@i32[2,2]i6", [1, 0]), ("@bool[2,3]b7", [1, 0]),
                    ("@f16[2,3]e8", [1, 0]), ("@f64[2,3]e9", [1, 0]), ("@f32[0,2]e10", [1, 0]), ("@f32[1,2,3]e11", [1, 2, 0]), ("@f32[2,2,2]e12", [1, 0, 2]), ("@f32[2,3]e13", [0, 1]), ("@f32[4,2]e14", [1, 0]), ("@f32[1,1]e15", [1, 0])]:
        s.call("np.permute_dims", x, perm)
    s.refuse("np.permute_dims", "@f32[2,3]e14", [0, 0])
    s.refuse("np.permute_dims", "@f32[2,3]e15")
    s.refuse("np.permute_dims", "@f32[2,3]e16", [0, 1.5])
    bogus(s, "np.permute_dims", "@f32[2,3]e17", [1, 0])
    plain(s, "np.matrix_transpose", ["@f32[2,3]e1", "@f32[2,2,3]e2", "@f32[1,1]e3", "@i32[2,2]i4", "@u32[1,3]i5", "@bool[2,3]b6", "@f16[2,3]e7", "@f64[2,3]e8", "@f32[0,2]e9", "@f32[2,1,3,2]e10", "@f32[3,3]e11", "@f32[4,1]e12"], ["@f32[3]e13", "@f32[]e14"])
    for x, a, b in [("@f32[2,3]e1", 0, 1), ("@f32[2,3,4]e2", 0, -1), ("@f32[2,3,4]e3", 1, 1), ("@f32[1,3]e4", -2, -1), ("@i32[2,3]i5", 1, 0), ("@bool[2,3]b6", 0, 1), ("@f16[2,3]e7", 0, 1), ("@f64[2,3]e8", 0, 1), ("@f32[0,2]e9", 0, 1), ("@u32[2,2]i10", 0, 1), ("@f32[2,1,3]e11", 2, 0), ("@f32[2]e12", 0, 0), ("@f32[2,2,2]e18", 1, 2), ("@f32[3,2]e19", 0, 1)]:
        s.call("np.swapaxes", x, a, b)
    s.call("np.swapaxes", "@f32[2,3]e13", axis1=0, axis2=1)
    s.refuse("np.swapaxes", "@f32[2,3]e14", 0, 2)
    s.refuse("np.swapaxes", "@f32[2,3]e15", 0)
    s.refuse("np.swapaxes", "@f32[2,3]e16", 0, 1.5)
    bogus(s, "np.swapaxes", "@f32[2,3]e17", 0, 1)
    for x, a, b in [("@f32[2,3,4]e1", 0, -1), ("@f32[2,3,4]e2", -1, 0), ("@f32[2,3,4]e3", [0, 1], [-1, -2]), ("@f32[2,3,2]e4", [2, 0], [0, 1]), ("@f32[2,3]e5", 0, 0), ("@f32[2]e6", 0, 0), ("@i32[2,3]i7", 0, 1), ("@bool[2,3]b8", 1, 0), ("@f16[2,3]e9", 0, 1), ("@f64[2,3]e10", 0, 1), ("@f32[0,2]e11", 0, 1), ("@f32[1,2,1]e12", 1, 0), ("@f32[2,2,2]e18", 0, 2), ("@f32[2,3]e19", [], [])]:
        s.call("np.moveaxis", x, a, b)
    s.refuse("np.moveaxis", "@f32[2,3]e13", 0, 2)
    s.refuse("np.moveaxis", "@f32[2,3]e14", [0, 1], 0)
    s.refuse("np.moveaxis", "@f32[2,3]e15", [0, 0], [0, 1])
    s.refuse("np.moveaxis", "@f32[2,3]e16", 0)
    bogus(s, "np.moveaxis", "@f32[2,3]e17", 0, 1)
    for x, a in [("@f32[2,3,4]e1", 2), ("@f32[2,3,4]e2", 1), ("@f32[2,3]e3", -1), ("@f32[2]e4", 0), ("@i32[2,3]i5", 1), ("@bool[2,3]b6", 1), ("@f16[2,3]e7", 1), ("@f64[2,3]e8", 1), ("@f32[0,2]e9", 1), ("@f32[2,2,2]e18", 1), ("@f32[1,3]e19", 1)]:
        s.call("np.rollaxis", x, a)
    s.call("np.rollaxis", "@f32[2,3,4]e10", 0, 3)
    s.call("np.rollaxis", "@f32[2,3,4]e11", 2, start=1)
    s.call("np.rollaxis", "@f32[2,3,4]e12", 0, 2)
    s.call("np.rollaxis", "@f32[2,3,4]e13", 1, -1)
    s.refuse("np.rollaxis", "@f32[2,3]e14", 2)
    s.refuse("np.rollaxis", "@f32[2,3]e15", 0, 4)
    s.refuse("np.rollaxis", "@f32[2,3]e16")
    bogus(s, "np.rollaxis", "@f32[2,3]e17", 0)
    plain(s, "np.squeeze")
    s.call("np.squeeze", "@f32[1,3,1]e20")
    s.call("np.squeeze", "@f32[1,3,1]e21", 0)
    s.call("np.squeeze", "@f32[1,3,1]e22", axis=(0, -1))
    s.call("np.squeeze", "@f32[1,3,1]e23", axis=())
    s.refuse("np.squeeze", "@f32[1,3]e24", 1)
    s.refuse("np.squeeze", "@f32[1,3]e25", 2)
    for x, a in [("@f32[2,3]e1", 0), ("@f32[2,3]e2", -1), ("@f32[2,3]e3", (0, 2)), ("@f32[2,3]e4", [1, -1]), ("@f32[]e5", 0), ("@f32[0]e6", 1), ("@i32[2]i7", 1), ("@bool[2]b8", 0), ("@f16[2]e9", 0), ("@f64[2]e10", 1), ("@u32[1]i11", 0), ("@f32[2]e12", ()), ("@f32[2,2]e18", 1), ("@f32[1]e19", -2)]:
        s.call("np.expand_dims", x, a)
    s.call("np.expand_dims", "@f32[2]e13", axis=1)
    s.refuse("np.expand_dims", "@f32[2]e14", 2)
    s.refuse("np.expand_dims", "@f32[2]e15", (0, 0))
    s.refuse("np.expand_dims", "@f32[2]e16")
    bogus(s, "np.expand_dims", "@f32[2]e17", 0)


def broadcasts(s):
    for x, shape in [("@f32[3]e1", [2, 3]), ("@f32[2,1]e2", [2, 3]), ("@f32[]e3", [2]), ("@f32[1]e4", 4), ("@f32[1,3]e5", [2, 2, 3]), ("@f32[2,3]e6", [2, 3]), ("@f32[1]e7", [0]), ("@i32[2]i8", [3, 2]), ("@bool[2]b9", [2, 2]), ("@f16[2]e10", [2, 2]), ("@f64[2]e11", [2, 2]), ("@u32[1]i12", [3]), ("@2.5", [2]), ("@f32[2,1,2]e17", [2, 3, 2]), ("@f32[2]e18", [3, 2]), ("@f32[4,1]e19", [4, 2]), ("@f32[1,1]e20", [2, 2])]:
        s.call("np.broadcast_to", x, shape)
    s.refuse("np.broadcast_to", "@f32[3]e13", [2])
    s.refuse("np.broadcast_to", "@f32[2,3]e14", [3])
    s.refuse("np.broadcast_to", "@f32[3]e15")
    s.refuse("np.broadcast_to", "@f32[3]e15", [-1])
    bogus(s, "np.broadcast_to", "@f32[3]e16", [2, 3])
    for xs in [("@f32[3]e1", "@f32[2,1]e2"), ("@f32[3]e3",), ("@f32[]e4", "@f32[2]e5", "@f32[3,1]e6"), ("@i32[2]i7", "@f32[2,1]e8"), ("@f32[1]e9", "@f32[0]e10"), ("@bool[2]b11", "@f16[1]e12"), ("@f64[2]e13", "@f64[1]e14"), ("@1.5", "@f32[2]e15"), (), ("@u32[2]i20", "@u32[1]i21"), ("@f32[2,2]e22", "@f32[2,2]e23"), ("@f32[1,1]e24", "@f32[1]e25"), ("@f32[2,1,1]e26", "@f32[3]e27"), ("@f32[4]e28", "@f32[4]e29"), ("@f32[3,1]e30", "@f32[1,3]e31")]:
        s.call("np.broadcast_arrays", *xs)
    s.refuse("np.broadcast_arrays", "@f32[3]e16", "@f32[2]e17")
    s.refuse("np.broadcast_arrays", "abc")
    bogus(s, "np.broadcast_arrays", "@f32[3]e18")
    for shapes in [([2, 3], [3]), ([2, 1], [1, 3]), ([],), ([2],), ([0], [1]), ([2, 3], []), ([1], [4], [3, 1]), ([5, 1, 2], [3, 1]), ([1, 1], [1]), (2, [3, 1]), (), ([1, 0], [4, 1])]:
        s.call("np.broadcast_shapes", *shapes)
    s.refuse("np.broadcast_shapes", [2], [3])
    s.refuse("np.broadcast_shapes", "abc")
    bogus(s, "np.broadcast_shapes", [2])
    for name in ["np.atleast_1d", "np.atleast_2d", "np.atleast_3d"]:
        for x in X + ["@2.5"]:
            s.call(name, x)
        more(s, name, shapes=["4,2", "3,2,2", "5"])
        s.call(name, "@f32[2]e20", "@f32[]e21")
        s.call(name, "@i32[1]i22", "@f32[2,2]e23", "@f32[2,1,2]e24")
        s.call(name)
        s.refuse(name, "abc")
        bogus(s, name, "@f32[2]e24")


def turns(s):
    plain(s, "np.flip")
    s.call("np.flip", "@f32[2,3]e20", 0)
    s.call("np.flip", "@f32[2,3]e21", axis=-1)
    s.call("np.flip", "@f32[2,3,2]e22", axis=(0, 2))
    s.call("np.flip", "@f32[2,3]e23", ())
    s.refuse("np.flip", "@f32[2,3]e24", 2)
    s.refuse("np.flip", "@f32[2,3]e25", axis=1.5)
    matrices = ["@f32[2,3]e1", "@f32[1,1]e2", "@i32[2,2]i4", "@u32[3,1]i5", "@bool[2,3]b6", "@f16[2,3]e7", "@f64[2,3]e8", "@f32[0,2]e9", "@f32[2,1,3]e10", "@f32[2,2,2]e11", "@f32[3,5]e12", "@f32[1,4]e13"]
    plain(s, "np.fliplr", matrices, ["@f32[3]e14", "@f32[]e15"])
    plain(s, "np.flipud", matrices + ["@f32[3]e14"], ["@f32[]e15"])
    plain(s, "np.rot90", matrices, ["@f32[3]e14"])
    for k in [0, 2, 3, 4, -1, 5]:
        s.call("np.rot90", "@f32[2,3]e20", k)
    s.call("np.rot90", "@f32[2,3,2]e21", 1, (1, 2))
    s.call("np.rot90", "@f32[2,3,2]e22", k=1, axes=(2, 0))
    s.refuse("np.rot90", "@f32[2,3]e23", 1, (0, 0))
    s.refuse("np.rot90", "@f32[2,3]e24", 1, (0, 2))
    for x, shift in [("@f32[5]e1", 2), ("@f32[2,3]e2", 1), ("@f32[2,3]e3", -1), ("@f32[2,3]e4", 7), ("@f32[]e5", 1), ("@f32[0,2]e6", 1), ("@f32[1]e7", 3), ("@i32[4]i8", 1), ("@bool[4]b9", 1), ("@f16[4]e10", 1), ("@f64[4]e11", -2), ("@u32[4]i12", 0)]:
        s.call("np.roll", x, shift)
    s.call("np.roll", "@f32[2,3]e13", 1, 0)
    s.call("np.roll", "@f32[2,3]e14", 1, axis=-1)
    s.call("np.roll", "@f32[2,3]e15", (1, -1), (0, 1))
    s.call("np.roll", "@f32[2,3]e16", 2, (0, 1))
    s.call("np.roll", "@f32[2,3]e17", [1, 2], axis=1)
    s.call("np.roll", "@f32[5]e18", "@i32[]=2")
    s.call("np.roll", "@f32[2,5]e19", "@i32[]=-3", 1)
    s.refuse("np.roll", "@f32[2,3]e20", 1, 2)
    s.refuse("np.roll", "@f32[2,3]e21", [1, 2, 3], (0, 1))
    s.refuse("np.roll", "@f32[2,3]e22")
    bogus(s, "np.roll", "@f32[2,3]e24", 1)


def repetition(s):
    for x, reps in [("@f32[2]e1", 3), ("@f32[2,3]e2", 2), ("@f32[2,3]e3", [2, 1]), ("@f32[2]e4", [2, 2]), ("@f32[2,2]e5", [2, 1, 2]), ("@f32[]e6", 3), ("@f32[1]e7", 1), ("@f32[0,2]e8", [2, 2]), ("@f32[2]e9", 0), ("@i32[2]i10", 2), ("@bool[2]b11", 2), ("@f16[2]e12", 2), ("@f64[2]e13", [2, 1]), ("@u32[2]i14", []), ("@f32[3,1]e19", [1, 3]), ("@f32[2,1,2]e20", 2)]:
        s.call("np.tile", x, reps)
    s.refuse("np.tile", "@f32[2]e15", -1)
    s.refuse("np.tile", "@f32[2]e16", 1.5)
    s.refuse("np.tile", "@f32[2]e17")
    bogus(s, "np.tile", "@f32[2]e18", 2)
    for x, n in [("@f32[2]e1", 3), ("@f32[2,3]e2", 2), ("@f32[]e3", 3), ("@f32[1]e4", 1), ("@f32[0,2]e5", 2), ("@f32[2]e6", 0), ("@i32[2]i7", 2), ("@bool[2]b8", 2), ("@f16[2]e9", 2), ("@f64[2]e10", 2), ("@u32[2]i11", 3)]:
        s.call("np.repeat", x, n)
    s.call("np.repeat", "@f32[2,3]e12", 2, 0)
    s.call("np.repeat", "@f32[2,3]e13", 2, axis=-1)
    s.call("np.repeat", "@f32[2,3]e14", 2, axis=1, total_repeat_length=6)
    s.call("np.repeat", "@f32[3]e15", ints(1, 0, 2))
    s.call("np.repeat", "@f32[3]e16", "@i32[3]=2,1,0")
    s.call("np.repeat", "@f32[2,3]e17", ints(2, 1), 0)
    s.call("np.repeat", "@f32[3]e18", "@i32[3]=2,1,1", total_repeat_length=5)
    s.refuse("np.repeat", "@f32[2]e19", -1)
    s.refuse("np.repeat", "@f32[2,3]e20", 2, 2)
    s.refuse("np.repeat", "@f32[2,3]e21", [1, 2, 3], 0)
    s.refuse("np.repeat", "@f32[2]e22")
    bogus(s, "np.repeat", "@f32[2]e23", 2)


def padding(s):
    x = "@f32[2,3]e1"
    for width in [1, [1, 2], [[1, 0], [0, 2]], [[1, 2]], 0, [1]]:
        s.call("np.pad", x, width)
    s.call("np.pad", "@f32[2,3]e2", 1, "constant", constant_values="@1.5")
    s.call("np.pad", "@f32[2,3]e3", 1, constant_values=[1, 2])
    s.call("np.pad", "@f32[2,3]e4", [[1, 1], [2, 0]], constant_values=[[1, 2], [3, 4]])
    s.call("np.pad", "@f32[2]e5", 1, constant_values="@f32[]e6")
    for mode in ["edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "mean", "linear_ramp", "empty"]:
        s.call("np.pad", "@f32[2,3]e7", [[1, 0], [1, 2]], mode)
        s.call("np.pad", "@i32[3]i8", 2, mode=mode)
        if mode not in ("reflect", "symmetric", "wrap"):
            s.call("np.pad", "@f32[1]e9", [2, 1], mode=mode)
    for mode in ["reflect", "symmetric", "wrap"]:
        s.call("np.pad", "@f32[3]e10", [4, 7], mode)
    s.call("np.pad", "@f32[3]e11", 2, "reflect", reflect_type="odd")
    s.call("np.pad", "@f32[3]e12", 2, "symmetric", reflect_type="odd")
    s.call("np.pad", "@f32[4]e13", 1, "maximum", stat_length=2)
    s.call("np.pad", "@f32[2,4]e14", 1, "mean", stat_length=[[1, 1], [2, 3]])
    s.call("np.pad", "@f32[4]e15", 1, "median")
    s.call("np.pad", "@f32[3]e16", 2, "linear_ramp", end_values=[5, -5])
    s.call("np.pad", "@f32[3]e17", 2, "linear_ramp", end_values="@1.")
    s.call("np.pad", "@f32[]e18", 0)
    s.call("np.pad", "@f32[0]e19", 2)
    s.call("np.pad", "@bool[2]b20", 1)
    s.call("np.pad", "@f16[2]e21", 1, constant_values="@1.5")
    s.call("np.pad", "@f64[2]e22", 1, "edge")
    s.call("np.pad", "@i32[2]i23", 1, constant_values="@7")
    s.refuse("np.pad", "@f32[2]e24", -1)
    s.refuse("np.pad", "@f32[2]e25", 1.5)
    s.refuse("np.pad", "@f32[2]e26", 1, "bogus")
    s.refuse("np.pad", "@f32[2]e27", [[1, 1], [2, 2]])
    s.refuse("np.pad", "@f32[0]e28", 1, "edge")
    s.refuse("np.pad", "@f32[2]e29")
    s.refuse("np.pad", "@f32[2]e31", 1, "edge", constant_values=1)
    bogus(s, "np.pad", "@f32[2]e30", 1)


def cases(s):
    s.bound("np.pad", ulp=2, rel=1)
    shapes(s)
    axes(s)
    broadcasts(s)
    turns(s)
    repetition(s)
    padding(s)

"""Creation, movement, slicing, reduction and contraction in jax.lax."""
from families import bogus


def creation(s):
    for args in [([2, 3], "@1.5"), ([], "@0.5"), ([0, 2], "@1."), ([2], "@i32[]i1"), ([2], True), ([1], "@f16[]e2"), ([3], "@nan"), ([2, 2], "@f32[]e3"), ([2], "@2", "float32"), ([2], "@1.5", "int32"), ([2], "@3", "uint32"), ([2], "@1", "bool")]:
        s.call("lax.full", *args)
    s.call("lax.full", [2], "@0.25", dtype="float16")
    s.call("lax.full", [2, 1], "@0.1", dtype="float64")
    s.refuse("lax.full", [2], "@f32[2]e4")
    s.refuse("lax.full", [-1], "@1.")
    s.refuse("lax.full", [2])
    s.refuse("lax.full", [2], "@1.", "bogus")
    bogus(s, "lax.full", [2], "@1.")
    for args in [("@f32[2,3]e1", "@1.5"), ("@i32[2]i2", "@3"), ("@bool[2]b3", "@1"), ("@f16[2]e4", "@0.5"), ("@f64[2]e5", "@0.1"), ("@u32[2]i6", "@7"), ("@f32[]e7", "@2"), ("@f32[0]e8", "@2"), ("@f32[1]e9", "@nan"), ("@f32[2]e10", "@f32[]e11"), ("@f32[2]e12", "@1.5", "int32"), ("@f32[2]e13", "@1.5", None, [3])]:
        s.call("lax.full_like", *args)
    s.call("lax.full_like", "@f32[2]e14", "@2", dtype="float16", shape=[1, 2])
    s.refuse("lax.full_like", "@f32[2]e15", "@f32[2]e16")
    s.refuse("lax.full_like", "@f32[2]e15")
    bogus(s, "lax.full_like", "@f32[2]e15", "@1.")
    for args in [([2, 3], "float32"), ([], "int32"), ([0, 2], "float32"), ([2], "bool"), ([1], "float16"), ([2, 1], "uint32"), ([3], "float64"), ([4], "float32"), ([1, 1], "int32"), ([2, 2, 2], "bool"), ([5], "int32"), ([2, 0], "float16")]:
        s.call("lax.empty", *args)
    s.refuse("lax.empty", [-2], "float32")
    s.refuse("lax.empty", [2], "bogus")
    bogus(s, "lax.empty", [2], "float32")
    for args in [("int32", 4), ("float32", 3), ("uint32", 5), ("float16", 3), ("int32", 0), ("int32", 1), ("float64", 2), ("float32", 17), ("uint32", 1), ("float16", 0), ("float32", 2), ("int32", 9)]:
        s.call("lax.iota", *args)
    s.refuse("lax.iota", "int32", -1)
    s.refuse("lax.iota", "int32", 1.5)
    s.refuse("lax.iota", "bogus", 3)
    s.refuse("lax.iota", "int32")
    bogus(s, "lax.iota", "int32", 3)
    for args in [("int32", [2, 3], 0), ("int32", [2, 3], 1), ("float32", [2, 1, 3], 2), ("uint32", [4], 0), ("float16", [2, 2], 1), ("int32", [0, 2], 1), ("float64", [2, 2], 0), ("float32", [1, 1], 0), ("int32", [2, 2, 2], 1), ("float32", [3, 1], 0), ("uint32", [1, 3], 1), ("float32", [17], 0)]:
        s.call("lax.broadcasted_iota", *args)
    s.refuse("lax.broadcasted_iota", "int32", [2, 3], 2)
    s.refuse("lax.broadcasted_iota", "int32", [2, 3])
    s.refuse("lax.broadcasted_iota", "bogus", [2, 3], 0)
    bogus(s, "lax.broadcasted_iota", "int32", [2, 3], 0)


def movement(s):
    X = ["f32", "e"]
    for x, shape in [("@f32[2,3]e1", [3, 2]), ("@f32[2,3]e2", [6]), ("@f32[]e3", [1, 1]), ("@f32[1]e4", []), ("@f32[0,2]e5", [2, 0]), ("@i32[4]i6", [2, 2]), ("@bool[4]b7", [4, 1]), ("@f16[4]e8", [2, 2]), ("@f64[4]e9", [1, 4]), ("@u32[2,2]i10", [4]), ("@f32[2,1,3]e11", [3, 2]), ("@f32[17]e12", [17, 1]), ("@f32[2,3]e20", [1, 6, 1])]:
        s.call("lax.reshape", x, shape)
    s.call("lax.reshape", "@f32[2,3]e13", [6], [1, 0])
    s.call("lax.reshape", "@f32[2,3]e14", new_sizes=[3, 2], dimensions=(0, 1))
    s.refuse("lax.reshape", "@f32[2,3]e15", [4])
    s.refuse("lax.reshape", "@f32[2,3]e16", [6], [0, 0])
    s.refuse("lax.reshape", "@f32[2,3]e17")
    bogus(s, "lax.reshape", "@f32[2,3]e18", [6])
    for x, perm in [("@f32[2,3]e1", [1, 0]), ("@f32[2,3,4]e2", (2, 0, 1)), ("@f32[3]e3", [0]), ("@f32[]e4", []), ("@i32[2,2]i5", [1, 0]), ("@bool[2,3]b6", [1, 0]), ("@f16[2,3]e7", [1, 0]), ("@f64[2,3]e8", [1, 0]), ("@f32[0,2]e9", [1, 0]), ("@f32[1,2,3]e10", [1, 2, 0]), ("@u32[2,3]i11", [0, 1]), ("@f32[2,2,2]e12", [1, 0, 2]), ("@f32[2,3]e20", [0, 1]), ("@f32[4,1]e21", [1, 0])]:
        s.call("lax.transpose", x, perm)
    s.refuse("lax.transpose", "@f32[2,3]e13", [0, 0])
    s.refuse("lax.transpose", "@f32[2,3]e14", [0])
    s.refuse("lax.transpose", "@f32[2,3]e15")
    bogus(s, "lax.transpose", "@f32[2,3]e16", [1, 0])
    for x, dims in [("@f32[2,3]e1", [0]), ("@f32[2,3]e2", [0, 1]), ("@f32[2,3]e3", []), ("@f32[4]e4", [0]), ("@i32[3]i5", [0]), ("@bool[2,2]b6", [1]), ("@f16[3]e7", [0]), ("@f64[3]e8", [0]), ("@f32[0,2]e9", [1]), ("@f32[1]e10", [0]), ("@f32[2,2,2]e11", (2, 0)), ("@u32[17]i12", [0]), ("@f32[2,3]e20", [1]), ("@f32[3,1]e21", [0])]:
        s.call("lax.rev", x, dims)
    s.refuse("lax.rev", "@f32[2,3]e13", [2])
    s.refuse("lax.rev", "@f32[2,3]e14", [0, 0])
    s.refuse("lax.rev", "@f32[2,3]e15")
    bogus(s, "lax.rev", "@f32[2,3]e16", [0])
    for x, sizes in [("@f32[2,3]e1", [2]), ("@f32[2]e2", [2, 1]), ("@f32[]e3", [3]), ("@f32[1]e4", []), ("@f32[0]e5", [2]), ("@i32[2]i6", [2]), ("@bool[2]b7", [2]), ("@f16[2]e8", [2]), ("@f64[2]e9", [2]), ("@u32[2]i10", [1]), ("@f32[2]e11", [0]), ("@1.5", [2]), ("@f32[2,2]e20", [3]), ("@f32[3]e21", [1]), ("@f32[1,2]e22", [2, 2])]:
        s.call("lax.broadcast", x, sizes)
    s.refuse("lax.broadcast", "@f32[2]e12", [-1])
    s.refuse("lax.broadcast", "@f32[2]e13")
    bogus(s, "lax.broadcast", "@f32[2]e14", [2])
    for x, shape, dims in [("@f32[3]e1", [2, 3], [1]), ("@f32[2]e2", [2, 3], [0]), ("@f32[]e3", [2], []), ("@f32[2,1]e4", [2, 3], [0, 1]), ("@f32[1,3]e5", [4, 2, 3], [1, 2]), ("@i32[2]i6", [2, 2], [1]), ("@bool[2]b7", [2, 2], [0]), ("@f16[2]e8", [3, 2], [1]), ("@f64[2]e9", [3, 2], [1]), ("@f32[0]e10", [2, 0], [1]), ("@u32[1]i11", [4], [0]), ("@f32[2,3]e12", [2, 3], [0, 1]), ("@f32[2,3]e20", [2, 1, 3], [0, 2]), ("@f32[4]e21", [4, 1], [0])]:
        s.call("lax.broadcast_in_dim", x, shape, dims)
    s.refuse("lax.broadcast_in_dim", "@f32[3]e13", [2, 3], [0])
    s.refuse("lax.broadcast_in_dim", "@f32[3]e14", [2, 3], [2])
    s.refuse("lax.broadcast_in_dim", "@f32[2,3]e15", [2, 3], [1, 0])
    s.refuse("lax.broadcast_in_dim", "@f32[3]e16", [2, 3])
    bogus(s, "lax.broadcast_in_dim", "@f32[3]e17", [2, 3], [1])
    for x, rank in [("@f32[2,3]e1", 3), ("@f32[2]e2", 1), ("@f32[]e3", 2), ("@f32[0]e4", 2), ("@i32[2]i5", 2), ("@bool[2]b6", 3), ("@f16[2]e7", 2), ("@f64[2]e8", 2), ("@u32[2,2]i9", 2), ("@f32[1]e10", 4), ("@f32[2,2,2]e11", 3), ("@f32[17]e12", 2), ("@f32[3,1]e20", 3), ("@f32[4]e21", 3)]:
        s.call("lax.broadcast_to_rank", x, rank)
    s.refuse("lax.broadcast_to_rank", "@f32[2,3]e14")
    bogus(s, "lax.broadcast_to_rank", "@f32[2]e15", 2)
    for shapes in [([2, 3], [3]), ([2, 1], [1, 3]), ([],), ([2],), ([0], [1]), ([2, 3], []), ([1], [4], [3, 1]), ([5, 1, 2], [3, 1]), ([1, 1], [1]), ([2, 2], [2, 2]), ([3, 1], [3, 1]), ([1, 0], [4, 1])]:
        s.call("lax.broadcast_shapes", *shapes)
    s.refuse("lax.broadcast_shapes", [2], [3])
    bogus(s, "lax.broadcast_shapes", [2])
    for x, a, b in [("@f32[2,3,4]e1", 0, 2), ("@f32[2,3,4]e2", 1, None), ("@f32[2,3]e3", 0, 1), ("@f32[2,3,2]e4", 0, 3), ("@i32[2,3]i5", 0, 2), ("@bool[2,2]b6", 0, 2), ("@f16[2,2]e7", 0, 2), ("@f64[2,2]e8", 0, 2), ("@f32[0,2]e9", 0, 2), ("@u32[1,1]i10", 0, 2), ("@f32[2,1,3]e11", 1, 3), ("@f32[2,3,4]e12", -2, None), ("@f32[4]e20", 0, 1), ("@f32[2,2,2]e21", 1, 2)]:
        s.call("lax.collapse", x, a, b)
    s.call("lax.collapse", "@f32[2,3]e13", 0)
    s.refuse("lax.collapse", "@f32[2,3]e15", 1, 0)
    s.refuse("lax.collapse", "@f32[2,3]e16")
    bogus(s, "lax.collapse", "@f32[2,3]e17", 0)
    for x, dims in [("@f32[2,3]e1", [0]), ("@f32[2,3]e2", [-1]), ("@f32[2,3]e3", [0, 2]), ("@f32[]e4", [0]), ("@f32[0]e5", [1]), ("@i32[2]i6", (1,)), ("@bool[2]b7", [0]), ("@f16[2]e8", [0]), ("@f64[2]e9", [1]), ("@u32[1]i10", [0]), ("@f32[2]e11", []), ("@f32[17]e12", [1]), ("@f32[2,2]e20", [1]), ("@f32[4]e21", [0, 1])]:
        s.call("lax.expand_dims", x, dims)
    s.refuse("lax.expand_dims", "@f32[2]e13", [2])
    s.refuse("lax.expand_dims", "@f32[2]e14", [0, 0])
    s.refuse("lax.expand_dims", "@f32[2]e15")
    bogus(s, "lax.expand_dims", "@f32[2]e16", [0])
    for x, dims in [("@f32[1,3]e1", [0]), ("@f32[1,3,1]e2", (0, 2)), ("@f32[1]e3", [0]), ("@f32[2,1]e4", [-1]), ("@f32[2,3]e5", []), ("@i32[1,2]i6", [0]), ("@bool[1,2]b7", [0]), ("@f16[1,2]e8", [0]), ("@f64[1,2]e9", [0]), ("@u32[1,1]i10", [0, 1]), ("@f32[1,0]e11", [0]), ("@f32[17,1]e12", [1]), ("@f32[1,2,2]e20", [0]), ("@f32[1,1,4]e21", [1])]:
        s.call("lax.squeeze", x, dims)
    s.refuse("lax.squeeze", "@f32[1,3]e13", [1])
    s.refuse("lax.squeeze", "@f32[1,3]e14", [2])
    s.refuse("lax.squeeze", "@f32[1,3]e15")
    bogus(s, "lax.squeeze", "@f32[1,3]e16", [0])
    for x, reps in [("@f32[2]e1", [3]), ("@f32[2,3]e2", [2, 1]), ("@f32[2,2]e3", [1, 2]), ("@f32[1]e5", [1]), ("@f32[0,2]e6", [2, 2]), ("@f32[2]e7", [0]), ("@i32[2]i8", [2]), ("@bool[2]b9", [2]), ("@f16[2]e10", [2]), ("@f64[2]e11", [2]), ("@u32[2,1]i12", [1, 3]), ("@f32[3]e20", [2]), ("@f32[4]e21", [1]), ("@f32[2,1,2]e22", [1, 2, 1])]:
        s.call("lax.tile", x, reps)
    s.refuse("lax.tile", "@f32[2]e13", [-1])
    s.refuse("lax.tile", "@f32[2]e14")
    bogus(s, "lax.tile", "@f32[2]e15", [2])
    for xs, axis in [(["@f32[2,3]e1", "@f32[1,3]e2"], 0), (["@f32[2,1]e3", "@f32[2,2]e4"], 1), (["@f32[2]e5"], 0), (["@i32[2]i6", "@i32[1]i7"], 0), (["@bool[1]b8", "@bool[2]b9"], 0), (["@f16[2]e10", "@f16[2]e11"], 0), (["@f64[2]e12", "@f64[1]e13"], 0), (["@f32[0,2]e14", "@f32[1,2]e15"], 0), (["@f32[1]e16", "@f32[1]e17", "@f32[2]e18"], 0), (["@u32[2]i19", "@u32[2]i20"], 0), (["@f32[2,2,1]e21", "@f32[2,2,2]e22"], 2), (["@f32[17]e23", "@f32[1]e24"], 0), (["@f32[2,2]e33", "@f32[2,2]e34"], 1), (["@f32[4]e35", "@f32[4]e36"], 0)]:
        s.call("lax.concatenate", xs, axis)
    s.refuse("lax.concatenate", ["@f32[2]e25", "@i32[2]i26"], 0)
    s.refuse("lax.concatenate", ["@f32[2,3]e27", "@f32[2,2]e28"], 0)
    s.refuse("lax.concatenate", ["@f32[2]e29", "@f32[2]e30"], 1)
    s.refuse("lax.concatenate", [], 0)
    s.refuse("lax.concatenate", ["@f32[2]e31"])
    bogus(s, "lax.concatenate", ["@f32[2]e32"], 0)
    for xs, axis in [(["@f32[2]e1", "@f32[2]e2"], 0), (["@f32[2,3]e3", "@f32[2,3]e4"], 1), (["@f32[2]e5"], 0), (["@i32[2]i6", "@i32[2]i7"], 1), (["@bool[2]b8", "@bool[2]b9"], 0), (["@f16[2]e10", "@f16[2]e11"], 0), (["@f64[2]e12", "@f64[2]e13"], 0), (["@f32[0]e14", "@f32[0]e15"], 0), (["@f32[]e16", "@f32[]e17"], 0), (["@u32[2]i18", "@u32[2]i19"], -1), (["@f32[1]e20", "@f32[1]e21", "@f32[1]e22"], 1), (["@f32[2,1]e23", "@f32[2,1]e24"], 2), (["@f32[2,2]e33", "@f32[2,2]e34"], 1), (["@f32[4]e35", "@f32[4]e36"], 0)]:
        s.call("lax.stack", xs, axis)
    s.refuse("lax.stack", ["@f32[2]e25", "@f32[3]e26"], 0)
    s.refuse("lax.stack", ["@f32[2]e25", "@f32[2]e26"], 3)
    s.refuse("lax.stack", [], 0)
    bogus(s, "lax.stack", ["@f32[2]e27"], 0)
    for x in ["@f32[2,3]e1", "@f32[1,2]e2", "@f32[3]e3", "@i32[2,2]i4", "@bool[2]b5", "@f16[2,2]e6", "@f64[2]e7", "@u32[2,1]i8", "@f32[2,2,2]e9", "@f32[4,1]e14"]:
        s.call("lax.unstack", x, 0)
    s.call("lax.unstack", "@f32[2,3]e10", axis=1)
    s.call("lax.unstack", "@f32[2,3,1]e11", axis=-2)
    s.refuse("lax.unstack", "@f32[]e12")
    s.refuse("lax.unstack", "@f32[2]e13", axis=1)
    bogus(s, "lax.unstack", "@f32[2]e14")
    for x, sizes, axis in [("@f32[4]e1", [1, 3], 0), ("@f32[2,4]e2", [2, 2], 1), ("@f32[3]e3", [3], 0), ("@f32[3]e4", [0, 3], 0), ("@i32[3]i5", [1, 2], 0), ("@bool[3]b6", [1, 2], 0), ("@f16[3]e7", [1, 1, 1], 0), ("@f64[3]e8", [2, 1], 0), ("@u32[2,3]i9", [1, 1], 0), ("@f32[2,2,3]e10", [1, 2], 2), ("@f32[1]e11", [1], 0), ("@f32[17]e12", [8, 9], 0), ("@f32[2,2]e20", [1, 1], 1), ("@f32[4]e21", [2, 2], 0)]:
        s.call("lax.split", x, sizes, axis)
    s.call("lax.split", "@f32[3]e13", [1, 2])
    s.refuse("lax.split", "@f32[3]e14", [1, 1])
    s.refuse("lax.split", "@f32[3]e15", [1, 2], 1)
    s.refuse("lax.split", "@f32[3]e16", [-1, 4])
    s.refuse("lax.split", "@f32[3]e17")
    bogus(s, "lax.split", "@f32[3]e18", [1, 2])
    for x, value, config in [("@f32[3]e1", "@0.", [[1, 2, 0]]), ("@f32[2,3]e2", "@1.5", [[1, 0, 0], [0, 1, 0]]), ("@f32[3]e3", "@2.", [[0, 0, 1]]), ("@f32[3]e4", "@2.", [[1, 1, 2]]), ("@f32[4]e5", "@0.", [[-1, -1, 0]]), ("@f32[4]e6", "@0.", [[-2, 1, 1]]), ("@i32[2]i7", "@i32[]=7", [[1, 1, 0]]), ("@bool[2]b8", "@bool[]=1", [[0, 1, 0]]), ("@f16[2]e9", "@f16[]=1.5", [[1, 0, 0]]), ("@f64[2]e10", "@f64[]=0.5", [[1, 0, 1]]), ("@f32[0]e11", "@3.", [[2, 0, 0]]), ("@f32[]e12", "@3.", []), ("@f32[1]e13", "@f32[]e14", [[0, 0, 3]]), ("@f32[2,2]e15", "@f32[]e16", [[0, -1, 0], [1, 1, 1]]), ("@f32[4]e24", "@f32[]e25", [[1, 1, 0]]), ("@f32[2,1,2]e26", "@0.", [[0, 0, 0], [1, 1, 0], [0, 0, 0]])]:
        s.call("lax.pad", x, value, config)
    s.refuse("lax.pad", "@f32[3]e17", "@0.", [[1, 2, -1]])
    s.refuse("lax.pad", "@f32[3]e18", "@0.", [[1, 2, 0], [0, 0, 0]])
    s.refuse("lax.pad", "@f32[3]e19", "@f32[2]e20", [[1, 2, 0]])
    s.refuse("lax.pad", "@f32[3]e21", "@i32[]i22", [[1, 2, 0]])
    s.refuse("lax.pad", "@f32[3]e21", "@0.", [[-4, 0, 0]])
    s.refuse("lax.pad", "@f32[3]e23", "@0.")
    bogus(s, "lax.pad", "@f32[3]e23", "@0.", [[0, 0, 0]])


def slices(s):
    for x, start, limit in [("@f32[5]e1", [1], [4]), ("@f32[2,3]e2", [0, 1], [2, 3]), ("@f32[5]e3", [0], [5]), ("@f32[5]e4", [2], [2]), ("@f32[1]e5", [0], [1]), ("@i32[4]i6", [1], [3]), ("@bool[4]b7", [1], [3]), ("@f16[4]e8", [1], [3]), ("@f64[4]e9", [0], [2]), ("@u32[4]i10", [3], [4]), ("@f32[]e11", [], []), ("@f32[2,2,3]e12", [0, 1, 0], [2, 2, 2]), ("@f32[2,2]e24", [0, 0], [1, 2]), ("@f32[17]e25", [1], [16])]:
        s.call("lax.slice", x, start, limit)
    s.call("lax.slice", "@f32[7]e13", [1], [6], [2])
    s.call("lax.slice", "@f32[3,5]e14", [0, 1], [3, 5], strides=[2, 3])
    s.call("lax.slice", "@f32[7]e15", [1], [6], None)
    s.refuse("lax.slice", "@f32[5]e17", [3], [1])
    s.refuse("lax.slice", "@f32[5]e19", [1], [3], [0])
    s.refuse("lax.slice", "@f32[5]e20", [1, 0], [3, 1])
    s.refuse("lax.slice", "@f32[5]e21", [1])
    bogus(s, "lax.slice", "@f32[5]e22", [1], [2])
    for args in [("@f32[5]e1", 1, 4), ("@f32[5]e2", None, 3), ("@f32[5]e3", 2, None), ("@f32[5]e4", -3, -1), ("@f32[2,5]e5", 1, 4, 2, 1), ("@i32[4]i6", 0, 2), ("@bool[4]b7", 1, 3), ("@f16[4]e8", 1, 3), ("@f64[4]e9", 0, 4), ("@u32[4]i10", 3, 4), ("@f32[1]e11", 0, 1), ("@f32[5]e12", 2, 2), ("@f32[2,2]e24", 0, 1), ("@f32[17]e25", 1, 16)]:
        s.call("lax.slice_in_dim", *args)
    s.call("lax.slice_in_dim", "@f32[2,5]e13", 0, 5, stride=3, axis=-1)
    s.refuse("lax.slice_in_dim", "@f32[5]e14", 1, 9)
    s.refuse("lax.slice_in_dim", "@f32[5]e15", 1, 2, axis=1)
    s.refuse("lax.slice_in_dim", "@f32[5]e16", 1)
    s.refuse("lax.slice_in_dim", "@f32[5]e16", 1, 4, 0)
    bogus(s, "lax.slice_in_dim", "@f32[5]e17", 1, 2)
    for name, dynamic in [("lax.index_in_dim", False), ("lax.dynamic_index_in_dim", True)]:
        for args in [("@f32[5]e1", 1), ("@f32[2,3]e2", 0), ("@f32[2,3]e3", -1), ("@f32[2,3]e4", 1, 1), ("@f32[2,3]e5", 1, -1, False), ("@i32[3]i6", 2), ("@bool[3]b7", 1), ("@f16[3]e8", 1), ("@f64[3]e9", 0), ("@u32[2,2]i10", 1), ("@f32[1]e11", 0), ("@f32[2,2,2]e12", 1, 2), ("@f32[4]e24", 3), ("@f32[3,1]e25", 2)]:
            s.call(name, *args)
        s.call(name, "@f32[2,3]e13", 1, axis=1, keepdims=False)
        if dynamic:
            s.call(name, "@f32[2,3]e14", "@i32[]=1", 1)
            s.call(name, "@f32[2,3]e15", "@i32[]=7", 0)
            s.call(name, "@f32[2,3]e16", "@i32[]=-1", 0, False)
            s.call(name, "@f32[2,3]e17", "@i32[]=1", allow_negative_indices=False)
        else:
            s.refuse(name, "@f32[5]e17", 5)
        s.refuse(name, "@f32[5]e18", 0, 1)
        s.refuse(name, "@f32[5]e19")
        bogus(s, name, "@f32[5]e20", 1)
    for args in [("@f32[5]e1", [1], [3]), ("@f32[2,3]e2", [0, 1], [2, 2]), ("@f32[5]e3", [4], [3]), ("@f32[5]e4", [-2], [2]), ("@f32[5]e5", ["@i32[]=2"], [2]), ("@f32[2,3]e6", ["@i32[]=5", "@i32[]=-1"], [1, 2]), ("@f32[2,3]e7", "@i32[2]=1,1", [1, 2]), ("@i32[4]i8", [1], [2]), ("@bool[4]b9", ["@i32[]=1"], [2]), ("@f16[4]e10", [1], [2]), ("@f64[4]e11", ["@i32[]=1"], [2]), ("@u32[4]i12", [3], [1]), ("@f32[]e13", [], []), ("@f32[1]e14", [0], [1]), ("@f32[3]e15", [1], [0]), ("@f32[5]e16", ["@u32[]=3"], [2]), ("@f32[5]e24", ["@i32[]=-9"], [2])]:
        s.call("lax.dynamic_slice", *args)
    s.call("lax.dynamic_slice", "@f32[5]e25", ["@i32[]=1"], [2], allow_negative_indices=False)
    s.refuse("lax.dynamic_slice", "@f32[5]e17", [1], [6])
    s.refuse("lax.dynamic_slice", "@f32[5]e18", [1, 2], [2])
    s.refuse("lax.dynamic_slice", "@f32[5]e19", [1])
    s.refuse("lax.dynamic_slice", "@f32[5]e20", ["@f32[]=1"], [2])
    bogus(s, "lax.dynamic_slice", "@f32[5]e21", [1], [2])
    for args in [("@f32[5]e1", 1, 3), ("@f32[2,3]e2", 1, 1), ("@f32[2,3]e3", 1, 2, 1), ("@f32[5]e4", "@i32[]=2", 2), ("@f32[5]e5", "@i32[]=9", 2), ("@f32[5]e6", "@i32[]=-2", 2), ("@i32[4]i7", 1, 2), ("@bool[4]b8", 1, 2), ("@f16[4]e9", 1, 2), ("@f64[4]e10", 0, 2), ("@u32[4]i11", 3, 1), ("@f32[1]e12", 0, 1), ("@f32[2,2]e24", 1, 1), ("@f32[17]e25", 2, 9)]:
        s.call("lax.dynamic_slice_in_dim", *args)
    s.call("lax.dynamic_slice_in_dim", "@f32[2,5]e13", "@i32[]=1", 3, axis=-1)
    s.call("lax.dynamic_slice_in_dim", "@f32[5]e26", "@i32[]=1", 3, allow_negative_indices=False)
    s.refuse("lax.dynamic_slice_in_dim", "@f32[5]e14", 1, 6)
    s.refuse("lax.dynamic_slice_in_dim", "@f32[5]e15", 1, 1, 1)
    s.refuse("lax.dynamic_slice_in_dim", "@f32[5]e16", 1)
    bogus(s, "lax.dynamic_slice_in_dim", "@f32[5]e17", 1, 2)
    for args in [("@f32[5]e1", "@f32[2]e2", [1]), ("@f32[2,3]e3", "@f32[1,2]e4", [0, 1]), ("@f32[5]e5", "@f32[2]e6", [9]), ("@f32[5]e7", "@f32[2]e8", [-1]), ("@f32[5]e9", "@f32[2]e10", ["@i32[]=2"]), ("@f32[2,3]e11", "@f32[2,1]e12", ["@i32[]=0", "@i32[]=2"]), ("@f32[2,3]e13", "@f32[1,1]e14", "@i32[2]=1,1"), ("@i32[4]i15", "@i32[2]i16", [1]), ("@bool[4]b17", "@bool[2]b18", [1]), ("@f16[4]e19", "@f16[2]e20", [1]), ("@f64[4]e21", "@f64[2]e22", [1]), ("@f32[]e23", "@f32[]e24", []), ("@f32[3]e25", "@f32[0]e26", [1]), ("@f32[3]e27", "@f32[3]e28", [1]), ("@f32[1]e29", "@f32[1]e30", [0])]:
        s.call("lax.dynamic_update_slice", *args)
    s.call("lax.dynamic_update_slice", "@f32[5]e41", "@f32[2]e42", ["@i32[]=1"], allow_negative_indices=False)
    s.refuse("lax.dynamic_update_slice", "@f32[5]e31", "@f32[6]e32", [0])
    s.refuse("lax.dynamic_update_slice", "@f32[5]e33", "@i32[2]i34", [0])
    s.refuse("lax.dynamic_update_slice", "@f32[5]e35", "@f32[1,2]e36", [0])
    s.refuse("lax.dynamic_update_slice", "@f32[5]e37", "@f32[2]e38")
    bogus(s, "lax.dynamic_update_slice", "@f32[5]e39", "@f32[2]e40", [0])
    for args in [("@f32[5]e1", "@f32[2]e2", 1, 0), ("@f32[2,3]e3", "@f32[1,3]e4", 1, 0), ("@f32[2,3]e5", "@f32[2,1]e6", 2, 1), ("@f32[2,3]e7", "@f32[2,2]e8", "@i32[]=1", -1), ("@f32[5]e9", "@f32[2]e10", "@i32[]=9", 0), ("@i32[4]i11", "@i32[2]i12", 0, 0), ("@bool[3]b13", "@bool[1]b14", 1, 0), ("@f16[3]e15", "@f16[1]e16", 1, 0), ("@f64[3]e17", "@f64[1]e18", 1, 0), ("@f32[1]e19", "@f32[1]e20", 0, 0), ("@u32[3]i21", "@u32[2]i22", -1, 0), ("@f32[2,2,2]e23", "@f32[2,1,2]e24", 1, 1), ("@f32[4]e35", "@f32[2]e36", "@i32[]=-1", 0), ("@f32[2,2]e37", "@f32[1,2]e38", "@i32[]=0", 0)]:
        s.call("lax.dynamic_update_slice_in_dim", *args)
    s.call("lax.dynamic_update_slice_in_dim", "@f32[5]e39", "@f32[2]e40", "@i32[]=1", 0, allow_negative_indices=False)
    s.refuse("lax.dynamic_update_slice_in_dim", "@f32[5]e25", "@f32[6]e26", 0, 0)
    s.refuse("lax.dynamic_update_slice_in_dim", "@f32[5]e27", "@f32[2]e28", 0, 1)
    s.refuse("lax.dynamic_update_slice_in_dim", "@f32[5]e29", "@f32[2]e30", 0)
    bogus(s, "lax.dynamic_update_slice_in_dim", "@f32[5]e31", "@f32[2]e32", 0, 0)
    for args in [("@f32[5]e1", "@f32[1]e2", 1, 0), ("@f32[5]e3", "@f32[]e4", 1, 0), ("@f32[2,3]e5", "@f32[3]e6", 1, 0), ("@f32[2,3]e7", "@f32[2]e8", "@i32[]=2", 1), ("@f32[2,3]e9", "@f32[2,1]e10", 0, -1), ("@i32[4]i11", "@i32[]i12", 0, 0), ("@bool[3]b13", "@bool[]b14", 1, 0), ("@f16[3]e15", "@f16[]e16", 1, 0), ("@f64[3]e17", "@f64[]e18", 1, 0), ("@f32[1]e19", "@f32[1]e20", 0, 0), ("@u32[3]i21", "@u32[]i22", -1, 0), ("@f32[5]e23", "@f32[]e24", "@i32[]=9", 0), ("@f32[4]e35", "@f32[]e36", "@i32[]=-1", 0), ("@f32[2,2]e37", "@f32[2]e38", "@i32[]=0", 0)]:
        s.call("lax.dynamic_update_index_in_dim", *args)
    s.call("lax.dynamic_update_index_in_dim", "@f32[5]e39", "@f32[]e40", "@i32[]=1", 0, allow_negative_indices=False)
    s.refuse("lax.dynamic_update_index_in_dim", "@f32[5]e27", "@f32[]e28", 0, 1)
    s.refuse("lax.dynamic_update_index_in_dim", "@f32[5]e29", "@f32[]e30", 0)
    bogus(s, "lax.dynamic_update_index_in_dim", "@f32[5]e31", "@f32[]e32", 0, 0)


def reductions(s):
    for name in ["reduce_sum", "reduce_prod", "reduce_max", "reduce_min"]:
        d = "g" if name == "reduce_prod" else "e" if name == "reduce_sum" else "d"
        for x, axes in [(f"@f32[2,3]{d}1", [0]), (f"@f32[2,3]{d}2", [1]), (f"@f32[2,3]{d}3", [0, 1]), (f"@f32[2,3]{d}4", []), (f"@f32[2,3,2]{d}5", (0, 2)), (f"@f32[1]{d}6", [0]), (f"@f32[3,1]{d}7", [1]), ("@i32[2,3]i8", [1]), ("@u32[4]i9", [0]), (f"@f16[2,3]{d}10", [1]), (f"@f64[2,3]{d}11", [0]), (f"@f32[0,3]{d}12", [0]), (f"@f32[33]{d}13", [0]), ("@f32[4]=1,nan,2,inf", [0]), (f"@f32[]{d}14", []), (f"@f32[2,2]{d}24", [0]), (f"@f32[2,1,2]{d}25", [1]), (f"@f32[4]{d}26", [0])]:
            s.call(f"lax.{name}", x, axes)
        if name in ("reduce_max", "reduce_min"):
            s.call(f"lax.{name}", "@bool[2,2]b15", [0])
            s.call(f"lax.{name}", "@f32[2,3]=5,5,1,2,2,2", [1])
        s.call(f"lax.{name}", f"@f32[2,3]{d}16", axes=[1])
        s.refuse(f"lax.{name}", "@f32[2,3]e17", [2])
        s.refuse(f"lax.{name}", "@f32[2,3]e18", [0, 0])
        s.refuse(f"lax.{name}", "@f32[2,3]e19")
        bogus(s, f"lax.{name}", "@f32[2,3]e20", [0])
    for name in ["reduce_and", "reduce_or", "reduce_xor"]:
        for x, axes in [("@bool[2,3]b1", [0]), ("@bool[2,3]b2", [1]), ("@bool[2,3]b3", [0, 1]), ("@bool[4]b4", []), ("@i32[2,3]i5", [1]), ("@u32[4]i6", [0]), ("@i32[3,1]i7", [1]), ("@bool[1]b8", [0]), ("@bool[0,2]b9", [0]), ("@i32[0]i10", [0]), ("@i32[2,2,2]i11", (0, 2)), ("@i32[33]i12", [0])]:
            s.call(f"lax.{name}", x, axes)
        s.refuse(f"lax.{name}", "@f32[2]e13", [0])
        s.refuse(f"lax.{name}", "@bool[2]b14", [1])
        s.refuse(f"lax.{name}", "@bool[2]b15")
        bogus(s, f"lax.{name}", "@bool[2]b16", [0])
    for name in ["argmax", "argmin"]:
        for x, axis in [("@f32[2,3]d1", 0), ("@f32[2,3]d2", 1), ("@f32[4]d3", 0), ("@f32[1]d4", 0), ("@i32[2,3]i5", 1), ("@u32[4]i6", 0), ("@bool[4]b7", 0), ("@f16[3]d8", 0), ("@f64[3]d9", 0), ("@f32[4]=1,nan,2,inf", 0), ("@f32[2,3]=5,5,1,2,2,2", 1), ("@f32[33]d10", 0), ("@f32[2,2,2]d11", 1)]:
            s.call(f"lax.{name}", x, axis, "int32")
        s.call(f"lax.{name}", "@f32[3]d12", 0, "uint32")
        s.call(f"lax.{name}", "@f32[3]d13", axis=0, index_dtype="int32")
        s.refuse(f"lax.{name}", "@f32[3]d14", 1, "int32")
        s.refuse(f"lax.{name}", "@f32[0]d15", 0, "int32")
        s.refuse(f"lax.{name}", "@f32[3]d16", 0, "float32")
        s.refuse(f"lax.{name}", "@f32[3]d16", 0)
        bogus(s, f"lax.{name}", "@f32[3]d17", 0, "int32")


def contractions(s):
    for a, b, numbers in [("2,3", "3,2", [[[1], [0]], [[], []]]), ("2,3", "2,3", [[[0, 1], [0, 1]], [[], []]]), ("2,2,3", "2,3,2", [[[2], [1]], [[0], [0]]]), ("3", "3", [[[0], [0]], [[], []]]), ("2", "3", [[[], []], [[], []]]), ("2,3", "2,3", [[[], []], [[0, 1], [0, 1]]]), ("2,3,2", "3,2,4", [[[1, 2], [0, 1]], [[], []]]), ("0,3", "3,2", [[[1], [0]], [[], []]]), ("2,0", "0,2", [[[1], [0]], [[], []]]), ("1,1", "1,1", [[[1], [0]], [[], []]]), ("3,2,2", "2,3,2", [[[2], [2]], [[0], [1]]]), ("4,2", "2,4", [[[0], [1]], [[], []]]), ("2,2", "2,2", [[[1], [1]], [[], []]])]:
        s.call("lax.dot_general", f"@f32[{a}]e1", f"@f32[{b}]e2", numbers)
    matrix = [[[1], [0]], [[], []]]
    s.call("lax.dot_general", "@i32[2,3]i3", "@i32[3,2]i4", matrix)
    s.call("lax.dot_general", "@f16[2,3]e5", "@f16[3,2]e6", matrix)
    s.call("lax.dot_general", "@f64[2,3]e7", "@f64[3,2]e8", matrix)
    s.call("lax.dot_general", "@f16[2,3]e9", "@f16[3,2]e10", matrix, preferred_element_type="float32")
    s.call("lax.dot_general", "@i32[2,3]i11", "@i32[3,2]i12", matrix, None, "float32")
    s.call("lax.dot_general", "@f32[2,3]e13", "@f32[3,2]e14", matrix, precision="highest")
    s.refuse("lax.dot_general", "@f32[2,3]e15", "@f32[2,3]e16", matrix)
    s.refuse("lax.dot_general", "@f32[2,3]e17", "@f32[3,2]e18", [[[2], [0]], [[], []]])
    s.refuse("lax.dot_general", "@f32[2,3]e19", "@f32[3,2]e20", [[[1], [0]], [[1], [0]]])
    s.refuse("lax.dot_general", "@f32[2,3]e21", "@f32[3,2]e22")
    bogus(s, "lax.dot_general", "@f32[2,3]e23", "@f32[3,2]e24", matrix)
    for a, b in [("2,3", "3,2"), ("3", "3"), ("2,3", "3"), ("3", "3,2"), ("0,3", "3,2"), ("2,0", "0,2"), ("1,1", "1,1"), ("1", "1"), ("17", "17"), ("3,3", "3,3"), ("4,2", "2,1")]:
        s.call("lax.dot", f"@f32[{a}]e1", f"@f32[{b}]e2")
    s.call("lax.dot", "@i32[2,3]i3", "@i32[3,2]i4")
    s.call("lax.dot", "@f16[2,3]e5", "@f16[3,2]e6", preferred_element_type="float32")
    s.call("lax.dot", "@f64[2,3]e7", "@f64[3,2]e8")
    s.call("lax.dot", "@f32[2,3]e9", "@f32[3,2]e10", precision="highest")
    s.call("lax.dot", "@f32[2,2,3]e11", "@f32[2,3,2]e12", dimension_numbers=[[[2], [1]], [[0], [0]]])
    s.refuse("lax.dot", "@f32[2,3]e13", "@f32[2,3]e14")
    s.refuse("lax.dot", "@f32[2,2,3]e15", "@f32[3]e16")
    s.refuse("lax.dot", "@f32[2]e17")
    bogus(s, "lax.dot", "@f32[2]e18", "@f32[2]e19")
    for a, b in [("2,2,3", "2,3,2"), ("2,3", "3,2"), ("1,2,3", "1,3,1"), ("2,1,2,2", "2,1,2,2"), ("0,2,3", "0,3,2"), ("2,2,0", "2,0,2"), ("1,1,1", "1,1,1"), ("3,2,2", "3,2,2"), ("2,1,3", "2,3,1"), ("1,4,2", "1,2,4")]:
        s.call("lax.batch_matmul", f"@f32[{a}]e1", f"@f32[{b}]e2")
    s.call("lax.batch_matmul", "@i32[2,2,3]i3", "@i32[2,3,2]i4")
    s.call("lax.batch_matmul", "@f16[2,2,3]e5", "@f16[2,3,2]e6")
    s.call("lax.batch_matmul", "@f64[2,2,3]e7", "@f64[2,3,2]e8")
    s.call("lax.batch_matmul", "@f32[2,2,3]e9", "@f32[2,3,2]e10", precision="highest")
    s.refuse("lax.batch_matmul", "@f32[2,2,3]e11", "@f32[2,2,3]e12")
    s.refuse("lax.batch_matmul", "@f32[2,2,3]e13", "@f32[3,2]e14")
    s.refuse("lax.batch_matmul", "@f32[3]e15", "@f32[3]e16")
    s.refuse("lax.batch_matmul", "@f32[2,2,3]e17")
    bogus(s, "lax.batch_matmul", "@f32[2,2]e18", "@f32[2,2]e19")


def cases(s):
    s.bound("lax.reduce_prod", ulp=4)
    s.bound("lax.dot_general", "lax.dot", "lax.batch_matmul", ulp=0, rel=1)
    creation(s)
    movement(s)
    slices(s)
    reductions(s)
    contractions(s)

"""jax.nn.initializers: factories of functions of a key and a shape."""


def draws(s, name, args=(), shapes=([3, 4], [2, 5], [2, 3, 4], [1, 1]), **options):
    for i, shape in enumerate(shapes):
        s.call(name, *args, _then=[f"@key({i})", shape], **options)


def cases(s):
    n = "nn.initializers"
    for name in ["zeros", "ones"]:
        for args in [("@key(0)", [2, 3]), ("@key(0)", []), ("@key(1)", [0]), ("@key(0)", [1]), ("@key(0)", [2], "int32"), ("@key(0)", [2], "float16"), ("@key(0)", [2], "bool"), ("@key(0)", [1, 2, 1], "uint32"), ("@key(2)", [2], "float64"), ("@key(3)", [4])]:
            s.call(f"{n}.{name}", *args)
        s.call(f"{n}.{name}", "@key(0)", shape=[3], dtype="float32")
        s.refuse(f"{n}.{name}", "@key(0)")
        s.refuse(f"{n}.{name}", "@key(0)", [-1])
        s.refuse(f"{n}.{name}", "@key(0)", [2], "bogus")
        s.refuse(f"{n}.{name}", "@key(0)", [2], bogusOption=1)
    for value in ["@1.5", "@f32[3]e1", "@0.25"]:
        s.call(f"{n}.constant", value, _then=["@key(0)", [2, 3]])
        s.call(f"{n}.constant", value, "float16", _then=["@key(0)", [2, 3]])
        s.call(f"{n}.constant", value, _then=["@key(0)", [1, 3], "float16"])
    s.call(f"{n}.constant", "@3", "int32", _then=["@key(0)", [2]])
    s.call(f"{n}.constant", "@nan", _then=["@key(0)", [2]])
    s.call(f"{n}.constant", "@1.5", dtype="float32", _then=["@key(0)", []])
    s.call(f"{n}.constant", "@1.5", _then=["@key(0)", [0]])
    s.refuse(f"{n}.constant", "@f32[2]e2", _then=["@key(0)", [3]])
    s.refuse(f"{n}.constant")
    s.refuse(f"{n}.constant", "@1.5", bogusOption=1)
    s.bound(f"{n}.normal", f"{n}.truncated_normal", ulp=8)
    s.bound(f"{n}.uniform", ulp=1)
    for name in ["normal", "uniform", "truncated_normal"]:
        draws(s, f"{n}.{name}")
        s.call(f"{n}.{name}", 0.5, _then=["@key(4)", [3]])
        s.call(f"{n}.{name}", 2.0, "float32", _then=["@key(5)", [3]])
        s.call(f"{n}.{name}", dtype="float32", _then=["@key(6)", [2]])
        s.call(f"{n}.{name}", _then=["@key(7)", [2], "float32"])
        s.call(f"{n}.{name}", _then=["@key(8)", []])
        s.call(f"{n}.{name}", _then=["@key(9)", [0]])
        s.call(f"{n}.{name}", 1.0, _then=["@key(10)", [17]])
        s.call(f"{n}.{name}", 1.0, "float16", _then=["@key(11)", [4]])
        s.refuse(f"{n}.{name}", _then=["@key(0)"])
        s.refuse(f"{n}.{name}", 1.0, bogusOption=1)
        s.refuse(f"{n}.{name}", _then=["@key(0)", [-1]])
    s.call(f"{n}.truncated_normal", 1.0, "float32", -1.0, 3.0, _then=["@key(12)", [6]])
    s.call(f"{n}.truncated_normal", 1.0, lower=0.0, upper=0.5, _then=["@key(13)", [6]])
    scaled = ["glorot_normal", "glorot_uniform", "xavier_normal", "xavier_uniform", "lecun_normal", "lecun_uniform", "he_normal", "he_uniform", "kaiming_normal", "kaiming_uniform"]
    s.bound(*[f"{n}.{name}" for name in scaled + ["variance_scaling"]], ulp=8)
    for name in scaled:
        draws(s, f"{n}.{name}", shapes=([3, 4], [2, 5], [2, 3, 4], [1, 1], [2, 2, 2, 3]))
        s.call(f"{n}.{name}", 0, 1, _then=["@key(5)", [4, 3]])
        s.call(f"{n}.{name}", in_axis=1, out_axis=0, _then=["@key(6)", [3, 5]])
        s.call(f"{n}.{name}", -2, -1, [0], _then=["@key(7)", [2, 3, 4]])
        s.call(f"{n}.{name}", in_axis=[0, 1], _then=["@key(8)", [2, 3, 4]])
        s.call(f"{n}.{name}", dtype="float32", _then=["@key(9)", [2, 2]])
        s.call(f"{n}.{name}", _then=["@key(10)", [2, 2], "float16"])
        s.call(f"{n}.{name}", _then=["@key(11)", [8, 2], "float32"])
        s.refuse(f"{n}.{name}", _then=["@key(0)", [3]])
        s.refuse(f"{n}.{name}", _then=["@key(0)"])
        s.refuse(f"{n}.{name}", bogusOption=1)
    name = f"{n}.variance_scaling"
    for mode in ["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]:
        for distribution in ["normal", "uniform", "truncated_normal"]:
            s.call(name, 2.0, mode, distribution, _then=["@key(3)", [3, 4]])
    s.call(name, 1.0, "fan_in", "normal", 0, 1, _then=["@key(4)", [4, 3]])
    s.call(name, 1.0, "fan_avg", "uniform", in_axis=[0, 1], out_axis=2, batch_axis=[], _then=["@key(5)", [2, 3, 4]])
    s.call(name, 1.0, "fan_in", "normal", dtype="float16", _then=["@key(6)", [2, 2]])
    s.call(name, 1.0, "fan_in", "normal", batch_axis=0, _then=["@key(7)", [2, 3, 2]])
    s.refuse(name, 1.0, "bogus", "normal", _then=["@key(0)", [2, 2]])
    s.refuse(name, 1.0, "fan_in", "bogus", _then=["@key(0)", [2, 2]])
    s.refuse(name, 1.0, "fan_in", "normal", _then=["@key(0)", [2]])
    s.refuse(name, 1.0, "fan_in")
    s.refuse(name, 1.0, "fan_in", "normal", bogusOption=1)

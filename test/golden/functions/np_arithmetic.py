"""Elementwise functions of two arrays or more in jax.numpy: promotion, broadcasting, the edges of both operands."""
from families import GRID, binary, bogus, surplus

ARITHMETIC = ["add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "remainder", "fmod", "divmod"]
EXTREMES = ["maximum", "minimum", "fmax", "fmin"]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
LOGIC = ["logical_and", "logical_or", "logical_xor"]
BITWISE = ["bitwise_and", "bitwise_or", "bitwise_xor"]
SHIFTS = ["left_shift", "bitwise_left_shift", "right_shift", "bitwise_right_shift"]
FLOATS = ["arctan2", "atan2", "hypot", "logaddexp", "logaddexp2", "copysign", "heaviside", "float_power"]


def arithmetic(s):
    for name in ARITHMETIC:
        binary(s, f"np.{name}", bools=name not in ("subtract", "divmod", "floor_divide", "mod", "remainder", "fmod"))
        if name in ("floor_divide", "mod", "remainder", "fmod", "divmod"):
            s.call(f"np.{name}", "@f32[6]=5.5,-5.5,5.5,-5.5,3,-3", "@f32[6]=2,2,-2,-2,1.5,1.5")
            s.call(f"np.{name}", "@i32[6]=7,-7,7,-7,0,6", "@i32[6]=3,3,-3,-3,5,3")
    s.refuse("np.subtract", "@bool[2]b1", "@bool[2]b2")
    for name in EXTREMES + COMPARISONS + LOGIC:
        binary(s, f"np.{name}")
    for name in EXTREMES:
        s.call(f"np.{name}", "@f32[4]=1,2,2,nan", "@f32[4]=1,1,3,1")
    for name in COMPARISONS:
        s.call(f"np.{name}", "@i32[2]=-1,1", "@u32[2]=4294967295,1")


def powers(s):
    for name in ["np.power", "np.pow"]:
        binary(s, name, "p", "e", grid=None, ints=False, bools=False, mixed=False)
        s.call(name, "@f32[16]=0,0,0,0,0,1,2,4,-2,-2,-2,0.5,-0,-0,inf,-inf", "@f32[16]=0,1,2,0.5,-1,5,0,0.5,2,3,0.5,-2,1,3,2,3")
        for n in ["@0", "@1", "@2", "@3", "@4", "@-1", "@-2", "@5", "@0.5", "@-0.5", "@2.5"]:
            s.call(name, "@f32[6]=1,2,-3,0.5,0,-0", n)
        s.call(name, "@f32[6]=0,1,-2,3,0.5,-0", "@i32[6]=0,1,2,3,-1,5")
        s.call(name, "@f32[4]=0,0,0,2", "@i32[4]=0,1,2,3")
        s.call(name, "@i32[6]=0,2,-3,7,-1,10", "@i32[6]=0,3,3,2,5,9")
        s.call(name, "@u32[3]=2,3,0", "@u32[3]=10,4,0")
        s.call(name, "@i32[4]=1,2,-3,4", "@2")
        s.call(name, "@i32[4]=1,2,-3,4", "@0")
        s.call(name, "@i32[3]=1,2,4", "@0.5")
        s.call(name, "@2", "@f32[3]=-1,0.5,3")
        s.call(name, "@2", "@i32[3]=0,3,5")
        s.call(name, "@bool[2]=0,1", "@i32[2]=2,3")
        s.call(name, "@bool[4]=0,0,1,1", "@bool[4]=0,1,0,1")
        s.call(name, "@f16[3]=1,2,3", "@f16[3]=2,0.5,-1")
    binary(s, "np.float_power", "p", "e", grid=None, ints=False, bools=False, halves=False)
    s.call("np.float_power", "@i32[3]=1,2,3", "@i32[3]=2,-1,0")
    s.call("np.float_power", "@bool[2]=0,1", "@bool[2]=1,1")
    s.call("np.float_power", "@u32[2]=2,3", "@i32[2]=2,3")


def floats(s):
    for name in FLOATS[:-1]:
        binary(s, f"np.{name}", ints=False, bools=False, grid=None if name == "hypot" else GRID)
        s.call(f"np.{name}", "@i32[3]=1,-5,0", "@i32[3]=2,0,-1")
        if name not in ("logaddexp", "logaddexp2"):
            s.call(f"np.{name}", "@bool[2]=0,1", "@bool[2]=1,1")
    s.call("np.hypot", "@f32[7]=3,0,1e30,1e-30,inf,nan,-3", "@f32[7]=4,0,1e30,1e-30,nan,1,-4")
    for name in ["np.logaddexp", "np.logaddexp2"]:
        s.call(name, "@f32[6]=0,100,-100,2,1000,-inf", "@f32[6]=0,-100,100,2,1000,3")
    s.call("np.heaviside", "@f32[5]=-1,0,1,nan,-0", "@0.5")
    s.call("np.arctan2", "@f32[8]=0,-0,0,-0,1,-1,inf,-inf", "@f32[8]=1,1,-1,-1,0,-0,inf,-inf")
    # the exponent is an array of integers
    for x, i in [("@f32[2,3]e1", "@i32[2,3]n2"), ("@f32[3]e3", "@i32[2,3]n4"), ("@f32[]e5", "@i32[]n6"), ("@f32[1]e7", "@i32[1]n8"), ("@f32[0,2]e9", "@i32[2]n10"),
                 ("@f16[3]e11", "@i32[3]n12"), ("@f64[3]e13", "@i32[3]n14"), ("@f32[2]e15", "@3"), ("@1.5", "@i32[3]=-1,0,4"), ("@i32[3]i16", "@i32[3]n17"),
                 ("@f32[6]=0,-0,1,inf,-inf,nan", "@i32[6]=5,5,127,1,2,3"), ("@f32[4]=1,1,3,-1.5", "@i32[4]=-10,10,-126,100"), ("@f32[2,1,2]e18", "@i32[3,1]n19")]:
        s.call("np.ldexp", x, i)
    s.refuse("np.ldexp", "@f32[2]e20", "@f32[2]e21")
    surplus(s, "np.ldexp", "@f32[2]e22", "@i32[2]n23")
    bogus(s, "np.ldexp", "@f32[2]e24", "@i32[2]n25")


def bits(s):
    for name in BITWISE + SHIFTS:
        shift = name in SHIFTS
        second = "n" if shift else "i"
        for x, y in [(f"@i32[2,3]i1", f"@i32[2,3]{second}2"), (f"@i32[3]i3", f"@i32[2,1]{second}4"), ("@i32[]i5", f"@i32[2]{second}6"), ("@i32[1]i7", f"@i32[1]{second}8"),
                     ("@i32[0,2]i9", f"@i32[2]{second}10"), ("@u32[2,3]i11", f"@u32[3]{second}12"), ("@i32[19]i13", f"@i32[19]{second}14"), ("@i32[3]i15", "@3"), ("@u32[3]i16", "@2"),
                     ("@i32[6]=0,-1,1,2147483647,-2147483648,255", "@i32[6]=1,5,31,1,31,0"), ("@bool[2]=0,1", "@i32[2]=1,2"), ("@i32[2]=-5,9", "@u32[2]=1,2")]:
            s.call(f"np.{name}", x, y)
        if shift:
            s.call(f"np.{name}", "@i32[4]=1,-1,5,-8", "@i32[4]=32,33,31,-1")
            s.call(f"np.{name}", "@u32[3]=1,4294967295,7", "@u32[3]=32,31,40")
        else:
            s.call(f"np.{name}", "@bool[2,1]=0,1", "@bool[2]=0,1")
            s.call(f"np.{name}", "@bool[2]=0,1", True)
        s.refuse(f"np.{name}", "@f32[2]e1", "@i32[2]i2")
        s.refuse(f"np.{name}", "@i32[2]i17", "@2.5")
        s.refuse(f"np.{name}", "@i32[2]i18", "@i32[3]i19")
        s.refuse(f"np.{name}", "@i32[2]i20")
        bogus(s, f"np.{name}", "@i32[2]i21", "@i32[2]i22")
        surplus(s, f"np.{name}", "@i32[2]i23", "@i32[2]i24")


def choices(s):
    for bounds in [("@-1", "@1"), ("@f32[3]=-1,0,1", "@2"), ("@f32[2,1]=-1,0", "@f32[3]=0,1,2"), (None, "@1"), ("@0.5", None)]:
        s.call("np.clip", "@f32[2,3]e1", *bounds)
    s.call("np.clip", "@f32[2,3]e2", min="@-2")
    s.call("np.clip", "@f32[2,3]e2", max="@1.5")
    s.call("np.clip", "@f32[2,3]e3", min="@0.", max="@2.")
    s.call("np.clip", "@f32[2]e4")
    s.call("np.clip", "@f32[]e5", "@-1", "@1")
    s.call("np.clip", "@f32[0,2]e6", "@-1", "@1")
    s.call("np.clip", "@f32[1]e7", "@f32[1]=-1", "@f32[1]=1")
    s.call("np.clip", "@f16[4]e8", "@-1", "@1")
    s.call("np.clip", "@f64[4]e9", "@-1.5", "@1")
    s.call("np.clip", "@f32[6]=-2,-1,0,1,2,nan", "@-1", "@1")
    s.call("np.clip", "@f32[3]e10", "@2", "@1")
    s.call("np.clip", "@i32[4]i11", "@-2", "@3")
    s.call("np.clip", "@i32[4]i12", "@-2.5", "@3.5")
    s.call("np.clip", "@u32[4]i13", "@2", "@9")
    s.call("np.clip", "@i32[3]i14", "@f32[3]=-1.5,0,1.5", "@3")
    s.refuse("np.clip", "@f32[2]e15", "@f32[3]e16", "@1")
    s.refuse("np.clip", "@f32[2]e17", "@0", "@1", "@2")
    bogus(s, "np.clip", "@f32[2]e18", "@0", "@1")
    s.refuse("np.clip", "@f32[2]e19", "abc", "@1")

    s.call("np.where", "@bool[2,3]b1", "@f32[2,3]e2", "@f32[2,3]e3")
    s.call("np.where", "@bool[3]b4", "@f32[2,3]e5", "@0.5")
    s.call("np.where", "@bool[2,1]b6", "@1.5", "@f32[3]e7")
    s.call("np.where", "@bool[]b8", "@f32[2]e9", "@f32[2]e10")
    s.call("np.where", "@bool[0,2]b11", "@f32[2]e12", "@f32[1,2]e13")
    s.call("np.where", "@bool[1]b14", "@f32[1]e15", "@f32[1]e16")
    s.call("np.where", "@f32[4]=0,-0,nan,2", "@f32[4]e17", "@f32[4]e18")
    s.call("np.where", "@i32[4]n19", "@f32[4]e20", "@f32[4]e21")
    s.call("np.where", "@bool[2]b22", "@i32[2]i23", "@f32[2]e24")
    s.call("np.where", "@bool[2]b25", "@i32[2]i26", "@2")
    s.call("np.where", "@bool[2]b27", "@i32[2]i28", "@2.5")
    s.call("np.where", "@bool[2]b29", "@bool[2]b30", "@bool[2]b31")
    s.call("np.where", "@bool[2]b32", "@f16[2]e33", "@f32[2]e34")
    s.call("np.where", "@bool[2]b35", "@f64[2]e36", "@f32[2]e37")
    s.call("np.where", "@bool[2]b38", "@1.5", "@2.5")
    s.call("np.where", "@bool[3]=1,0,1", "@f32[3]=1,nan,3", "@f32[3]=nan,2,inf")
    s.call("np.where", True, "@f32[2]e39", "@f32[2]e40")
    s.call("np.where", "@bool[19]b41", "@f32[19]e42", "@f32[19]e43")
    s.refuse("np.where", "@bool[2]b44", "@f32[3]e45", "@f32[2]e46")
    s.refuse("np.where", "@bool[2]b47", "@f32[2]e48")
    s.refuse("np.where", "@bool[2]b49", "@f32[2]e50", "@f32[2]e51", "@f32[2]e52")
    bogus(s, "np.where", "@bool[2]b53", "@f32[2]e54", "@f32[2]e55")
    s.call("np.where", "@bool[4]=1,0,1,1", _without="vmap jit")
    s.call("np.where", "@bool[4]=1,0,1,1", size=5, fill_value=-1, _without="vmap")
    s.refuse("np.where")


def cases(s):
    s.bound("np.power", "np.pow", "np.float_power", "np.arctan2", "np.atan2", "np.hypot", "np.logaddexp", "np.logaddexp2", ulp=6)
    arithmetic(s)
    powers(s)
    floats(s)
    bits(s)
    choices(s)

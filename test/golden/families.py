"""Cases that functions of one form share: so many operands, what dtypes they take, where their domain lies.

A module of functions/ names the functions and adds what is special about them.
"""


def bogus(s, name, *args, **options):
    """What every function refuses: an option that does not exist, an operand too many, a string, no operand at all."""
    s.refuse(name, *args, bogusOption=1, **options)


def surplus(s, name, *args):
    """An operand too many and none at all."""
    s.refuse(name, *args, "@f32[2]e99")
    s.refuse(name)


MORE = ["4,2", "3,2,2", "5", "2,2,1", "3,3", "1,2,3"]


def more(s, name, *args, d="e", shapes=MORE, **options):
    """Further shapes of a function whose other cases have few floats."""
    for i, shape in enumerate(shapes):
        s.call(name, f"@f32[{shape}]{d}{200 + i}", *args, **options)


SPECIAL = "@f32[15]=0,-0,1,-1,0.5,-0.5,2,-2,10,-10,88.5,-88.5,inf,-inf,nan"


def unary(s, name, d="e", special=SPECIAL, ints=True, bools=True, weak="@0.5", halves=True, alone=True, wide=None):
    """A function of one array, elementwise; `d` is the distribution of its domain."""
    s.call(name, f"@f32[2,3]{d}1")
    s.call(name, f"@f32[]{d}2")
    s.call(name, f"@f32[1]{d}3")
    s.call(name, f"@f32[0,3]{d}4")
    s.call(name, f"@f32[2,1,3]{d}5")
    s.call(name, f"@f32[19]{d}6")
    s.call(name, f"@f32[2,2,2]{d}15")
    s.call(name, f"@f32[1,1]{d}16")
    s.call(name, f"@f32[4]{d}17")
    if halves:
        s.call(name, f"@f16[5]{d}7")
    s.call(name, f"@f64[4]{d}8", _ulp=wide)
    if special:
        s.call(name, special)
    if weak:
        s.call(name, weak)
    if ints:
        s.call(name, "@i32[5]i9" if d == "e" else "@i32[4]=1,2,3,4" if d in "pg" else "@i32[3]=0,1,1")
        s.call(name, "@u32[4]i10" if d == "e" else "@u32[2]=1,2" if d in "pg" else "@u32[2]=0,1")
    if bools:
        s.call(name, "@bool[4]b11")
    if alone:
        surplus(s, name, f"@f32[2]{d}12")
    bogus(s, name, f"@f32[2]{d}13")
    s.refuse(name, "abc")


GRID = ["@f32[7,1]=0,-0,1,-2,inf,-inf,nan", "@f32[8]=0,-0,1,-1,0.5,inf,-inf,nan"]


def binary(s, name, d="e", d2=None, grid=GRID, floats=True, ints=True, bools=True, mixed=True, halves=True, integer=False):
    """A function of two arrays, elementwise; `integer` ones take no floats."""
    d2 = d2 or d
    if floats:
        s.call(name, f"@f32[2,3]{d}1", f"@f32[2,3]{d2}2")
        s.call(name, f"@f32[2,1,3]{d}3", f"@f32[4,1]{d2}4")
        s.call(name, f"@f32[3]{d}5", f"@f32[2,3]{d2}6")
        s.call(name, f"@f32[2]{d}7", "@2")
        s.call(name, "@1.5", f"@f32[2,2]{d2}8")
        s.call(name, f"@f32[]{d}9", f"@f32[1]{d2}10")
        s.call(name, f"@f32[0,2]{d}11", f"@f32[1,2]{d2}12")
        s.call(name, f"@f32[17]{d}13", f"@f32[17]{d2}14")
        s.call(name, f"@f32[1,3]{d}21", f"@f32[3,1]{d2}22")
        s.call(name, f"@f32[2,2]{d}23", f"@f32[]{d2}24")
        s.call(name, f"@f64[3]{d}15", f"@f64[3]{d2}16")
        s.call(name, f"@f64[2]{d}17", f"@f32[2]{d2}18")
        s.call(name, "@1.5", "@0.5")
        if halves:
            s.call(name, f"@f16[4]{d}19", f"@f16[4]{d2}20")
            s.call(name, f"@f16[3]{d}19", f"@f32[3]{d2}20")
            s.call(name, f"@f16[3]{d}25", "@2")
        if grid:
            s.call(name, *grid)
    if ints:
        s.call(name, "@i32[6]=0,1,-7,7,2147483647,-2147483648", "@i32[6]=0,-3,2,2,1,-1")
        s.call(name, "@u32[5]=0,1,7,4294967295,8", "@u32[5]=0,3,2,1,5")
        s.call(name, "@i32[3]=1,5,6", "@u32[3]=1,2,4")
        s.call(name, "@i32[3]=1,5,6", "@2")
        s.call(name, "@u32[2]=3,4", "@2")
        s.call(name, "@bool[2]=0,1", "@i32[2]=1,2")
    if mixed:
        s.call(name, "@i32[3]=1,5,6", "@f32[3]=0.5,2,1.5")
        s.call(name, "@i32[3]=1,5,6", "@2.5")
        s.call(name, "@u32[2]=1,5", "@f32[2]=0.5,2")
        s.call(name, "@bool[2]=0,1", "@f32[2]=0.5,2")
    if bools:
        s.call(name, "@bool[2,1]=0,1", "@bool[2]=0,1")
        s.call(name, "@bool[2]=0,1", "@2")
    one = ("@i32[2]i97", "@i32[2]i98") if integer else (f"@f32[2]{d}97", f"@f32[2]{d2}98")
    s.refuse(name, one[0])
    surplus(s, name, *one)
    bogus(s, name, *one)
    s.refuse(name, one[0], "abc")
    if integer:
        s.refuse(name, "@i32[2]i97", "@i32[3]i98")
    else:
        s.refuse(name, f"@f32[2]{d}97", f"@f32[3]{d2}98")

"""Products of arrays in jax.numpy. Factors are eighths, so sums of products are exact."""
from families import bogus, surplus

TYPES = [("i32", "i", "i32", "i"), ("u32", "n", "u32", "n"), ("bool", "b", "bool", "b"), ("i32", "i", "f32", "e"), ("f16", "e", "f16", "e"), ("f16", "e", "f32", "e"), ("f64", "e", "f64", "e"), ("bool", "b", "i32", "i")]


def products(s, name, shapes, bad, bools=True):
    """Pairs of shapes in float32, the first of them in other dtypes, shapes that do not fit."""
    for i, (a, b) in enumerate(shapes):
        s.call(name, f"@f32[{a}]e{2 * i}", f"@f32[{b}]e{2 * i + 1}")
    a, b = shapes[0]
    for i, (p, d, q, e) in enumerate(TYPES):
        if bools or p != "bool" or q != "bool":
            s.call(name, f"@{p}[{a}]{d}{40 + i}", f"@{q}[{b}]{e}{50 + i}")
    for i, (c, d) in enumerate(bad):
        s.refuse(name, f"@f32[{c}]e{70 + i}", f"@f32[{d}]e{80 + i}")
    s.refuse(name, f"@f32[{a}]e90")
    s.refuse(name, f"@f32[{a}]e91", "abc")
    surplus(s, name, f"@f32[{a}]e92", f"@f32[{b}]e93")
    bogus(s, name, f"@f32[{a}]e94", f"@f32[{b}]e95")


def preferred(s, name, a, b):
    s.call(name, f"@f16[{a}]e60", f"@f16[{b}]e61", preferred_element_type="float32")
    s.call(name, f"@i32[{a}]i62", f"@i32[{b}]i63", preferred_element_type="float32")
    s.call(name, f"@f32[{a}]e64", f"@f32[{b}]e65", precision="highest")


def matrices(s):
    products(s, "np.matmul", [("2,3", "3,4"), ("3", "3"), ("2,3", "3"), ("3", "3,2"), ("2,2,3", "2,3,2"), ("2,2,3", "3,2"), ("3,1,2,2", "2,2,1"), ("1,1", "1,1"), ("0,3", "3,2"), ("2,0", "0,3"), ("2,1,2", "1,2,2"), ("2", "3,2,2"), ("3,3", "3,3")],
             [("2,3", "2,3"), ("", "2"), ("2,2,2", "3,2,2")])
    preferred(s, "np.matmul", "2,3", "3,2")
    s.call("np.matmul", "@f32[2,2]=1,nan,inf,2", "@f32[2,2]e66")
    products(s, "np.dot", [("2,3", "3,4"), ("3", "3"), ("2,3", "3"), ("3", "3,2"), ("2,2,3", "2,3,2"), ("", "2,3"), ("2,3", ""), ("", ""), ("0", "0"), ("2,0", "0,3"), ("1", "1"), ("2,2", "2,2"), ("2,3", "2,3,2")],
             [("2,3", "2,3"), ("2", "3")])
    preferred(s, "np.dot", "2,3", "3,2")
    s.call("np.dot", "@2", "@f32[2]e66")
    s.call("np.dot", "@f32[2]e67", "@2.5")
    products(s, "np.vdot", [("3", "3"), ("2,3", "2,3"), ("2,3", "6"), ("", ""), ("0", "0"), ("1", "1"), ("2,2", "2,2"), ("2,1,2", "4"), ("5", "5"), ("17", "17"), ("1,3", "3,1"), ("4", "2,2")], [("2", "3")])
    preferred(s, "np.vdot", "3", "3")
    products(s, "np.inner", [("3", "3"), ("2,3", "3"), ("2,3", "4,3"), ("2,2,3", "3"), ("", "2"), ("2", ""), ("0", "0"), ("1", "1"), ("2,0", "3,0"), ("2,2", "2,2"), ("3", "2,3"), ("17", "17")], [("2", "3"), ("2,3", "3,2")])
    preferred(s, "np.inner", "2,3", "2,3")
    products(s, "np.outer", [("2", "3"), ("", "3"), ("2,2", "3"), ("2", "2,2"), ("0", "2"), ("1", "1"), ("3", ""), ("2", "2"), ("4", "1"), ("1", "5"), ("2,1", "1,2"), ("3", "4")], [])
    products(s, "np.vecdot", [("3", "3"), ("2,3", "2,3"), ("2,3", "3"), ("2,1,3", "4,3"), ("1", "1"), ("0", "0"), ("2,0", "2,0"), ("2,2", "2,2"), ("3,1", "1,1"), ("17", "17"), ("2,2,2", "2,2,2"), ("1,3", "2,3")], [("2", "3"), ("", "2"), ("2,3", "3,3")])
    preferred(s, "np.vecdot", "2,3", "2,3")
    s.call("np.vecdot", "@f32[3,2]e66", "@f32[3,2]e67", axis=0)
    products(s, "np.matvec", [("2,3", "3"), ("2,2,3", "3"), ("2,2,3", "2,3"), ("2,3", "4,3"), ("1,1", "1"), ("0,3", "3"), ("2,0", "0"), ("3,3", "3"), ("1,3", "3"), ("3,1", "1"), ("2,1,2,2", "3,2"), ("4,2", "2")], [("2,3", "2"), ("3", "3")])
    products(s, "np.vecmat", [("3", "3,2"), ("2,3", "3,2"), ("3", "2,3,2"), ("2,3", "2,3,2"), ("1", "1,1"), ("3", "3,0"), ("0", "0,2"), ("3", "3,3"), ("3", "3,1"), ("1", "1,3"), ("3,2", "2,1,2,2"), ("2", "2,4")], [("2", "3,2"), ("2,3", "3")])
    products(s, "np.kron", [("2", "3"), ("2,2", "2,1"), ("2", "2,2"), ("2,2", "2"), ("", "2"), ("", ""), ("0", "2"), ("1", "1"), ("1,2", "2,1"), ("2,1,2", "1,2"), ("3", "1"), ("2,2", "2,2")], [], bools=False)
    products(s, "np.cross", [("3", "3"), ("2,3", "2,3"), ("2,3", "3"), ("2", "2"), ("2,2", "2,2"), ("3", "2"), ("2", "3"), ("1,3", "4,3"), ("2,1,3", "2,3"), ("0,3", "0,3"), ("4,3", "3"), ("2,2", "2")], [("4", "4"), ("3", ""), ("2,3", "3,3")], bools=False)
    s.call("np.cross", "@f32[3,2]e66", "@f32[3,2]e67", 0, 0, 0)
    s.call("np.cross", "@f32[3,2]e68", "@f32[3,2]e69", axis=0)
    s.call("np.cross", "@f32[3,2]e60", "@f32[2,3]e61", axisa=0)
    s.call("np.cross", "@f32[2,3]e62", "@f32[2,3]e63", axisc=0)
    s.call("np.cross", "@f32[3,2]e64", "@f32[2,3]e65", 0, 1, 0)


def contractions(s):
    products(s, "np.tensordot", [("2,3", "2,3"), ("2,3,4", "3,4"), ("2,3", "2,3,2"), ("2,2", "2,2"), ("1,1", "1,1"), ("0,2", "0,2"), ("2,0", "2,0"), ("2,3,2", "3,2,2"), ("3,2", "3,2"), ("1,3", "1,3"), ("4,1", "4,1"), ("2,2,2", "2,2,3")], [("2,3", "3,2"), ("2", "2")])
    for axes in [1, 0, ((1,), (0,)), ([0, 1], [1, 0]), (0, 1), (-1, 0)]:
        s.call("np.tensordot", "@f32[2,2]e66", "@f32[2,2]e67", axes)
    s.call("np.tensordot", "@f32[2,3]e68", "@f32[3,2]e69", axes=1)
    preferred(s, "np.tensordot", "2,3", "2,3")
    s.refuse("np.tensordot", "@f32[2,3]e68", "@f32[3,2]e69", 3)
    s.refuse("np.tensordot", "@f32[2,3]e68", "@f32[3,2]e69", ((0,), (2,)))
    s.refuse("np.tensordot", "@f32[2,3]e68", "@f32[3,2]e69", ((0, 1), (0,)))
    for spec, shapes in [("ij,jk->ik", ["2,3", "3,2"]), ("ij,jk", ["2,3", "3,2"]), ("ij->ji", ["2,3"]), ("ii->i", ["3,3"]), ("ii", ["3,3"]), ("ij->", ["2,3"]), ("i,i->", ["3", "3"]), ("i,j->ij", ["2", "3"]), ("ij,ij->i", ["2,3", "2,3"]), ("bij,bjk->bik", ["2,2,3", "2,3,2"]),
                         ("...ij,...jk->...ik", ["2,1,2,3", "3,3,2"]), ("...i->...", ["2,3"]), ("ij,kl,jl->ik", ["2,3", "2,3", "3,3"]), ("ijk->kji", ["2,3,2"]), ("i->", ["4"]), ("ij,j", ["2,3", "3"]), ("a,b,c->abc", ["2", "1", "2"]), ("ij,jk,kl->il", ["2,2", "2,2", "2,2"]), ("i...,i...->...", ["3,2", "3,2"]),
                         (" i j , j k -> i k ", ["2,3", "3,2"]), ("ij,ij->ij", ["2,2", "2,2"]), ("iij->ij", ["2,2,3"]), ("i,i->i", ["0", "0"]), ("ij->j", ["1,1"])]:
        s.call("np.einsum", spec, *[f"@f32[{shape}]e{i}" for i, shape in enumerate(shapes)])
    for i, (p, d, q, e) in enumerate(TYPES):
        if p != "bool" or q != "bool":
            s.call("np.einsum", "ij,jk->ik", f"@{p}[2,3]{d}{40 + i}", f"@{q}[3,2]{e}{50 + i}")
    s.call("np.einsum", "@f32[2,3]e30", [0, 1], "@f32[3,2]e31", [1, 2], [0, 2])
    s.call("np.einsum", "@f32[2,3]e32", [0, 1], "@f32[3,2]e33", [1, 2])
    s.call("np.einsum", "ij,jk->ik", "@f16[2,3]e34", "@f16[3,2]e35", preferred_element_type="float32")
    s.call("np.einsum", "ij,jk,kl->il", "@f32[2,2]e36", "@f32[2,2]e37", "@f32[2,2]e38", optimize="greedy")
    s.call("np.einsum", "ij,jk,kl->il", "@f32[2,2]e36", "@f32[2,2]e37", "@f32[2,2]e38", optimize=False)
    s.refuse("np.einsum", "ij,jk->ik", "@f32[2,3]e39", "@f32[2,2]e39")
    s.refuse("np.einsum", "ij,jk->ik", "@f32[2,3]e39")
    s.refuse("np.einsum", "ij->iq", "@f32[2,3]e39")
    s.refuse("np.einsum", "i->i", "@f32[2,3]e39")
    s.refuse("np.einsum", "ij->ii", "@f32[2,3]e39")
    s.refuse("np.einsum")
    bogus(s, "np.einsum", "i->i", "@f32[2]e39")
    s.call("np.trace", "@f32[3,3]e1")
    for i, x in enumerate(["@f32[2,3]e2", "@f32[3,2]e3", "@f32[2,2,2]e4", "@f32[1,1]e5", "@f32[0,3]e6", "@i32[3,3]i7", "@u32[2,2]i8", "@bool[3,3]b9", "@f16[2,2]e10", "@f64[2,2]e11", "@f32[4,4]e18", "@f32[1,3]e19"]):
        s.call("np.trace", x)
        s.call("np.diagonal", x)
    for name in ["np.trace", "np.diagonal"]:
        s.call(name, "@f32[3,3]e12", 1)
        s.call(name, "@f32[3,3]e13", offset=-1)
        s.call(name, "@f32[3,3]e14", 5)
        s.call(name, "@f32[2,3,2]e15", 0, 1, 2)
        s.call(name, "@f32[2,3,2]e16", axis1=2, axis2=0, offset=1)
        s.call(name, "@f32[2,2,2]e17", 0, -1, -2)
        s.refuse(name, "@f32[3]e20")
        s.refuse(name, "@f32[2,2]e21", 0, 0, 0)
        s.refuse(name, "@f32[2,2]e22", 0, 0, 2)
        s.refuse(name, "@f32[2,2]e23", 1.5)
        s.refuse(name)
        bogus(s, name, "@f32[2,2]e24")
    s.call("np.trace", "@f32[2,2]e25", 0, 0, 1, "int32")
    s.call("np.trace", "@i32[2,2]i26", dtype="float32")


def cases(s):
    products_all = ["np.matmul", "np.dot", "np.vdot", "np.inner", "np.outer", "np.vecdot", "np.matvec", "np.vecmat", "np.kron", "np.cross", "np.tensordot", "np.einsum"]
    s.bound(*products_all, ulp=0, rel=1)
    matrices(s)
    contractions(s)

"""jax's transformations of functions that passed.py defines: what they give, alone and inside each other."""
import passed  # noqa: F401  fills suite.FUNCTIONS

X = ["@f32[3]e1", "@f32[2,3]e2", "@f32[]e3", "@f32[1]e4", "@f32[0]e5", "@f16[3]e6", "@f64[3]e7", "@f32[2,1,2]e8"]
P = {"w": "@f32[3]e10", "b": "@f32[3]e11"}


def gradients(s):
    for name in ["jax.grad", "jax.value_and_grad"]:
        for x in X:
            s.call(name, "@fn.squares", _then=[x])
        s.call(name, "@fn.product", _then=["@f32[3]e12", "@f32[3]e13"])
        s.call(name, "@fn.product", 1, _then=["@f32[3]e12", "@f32[3]e13"])
        s.call(name, "@fn.product", argnums=(0, 1), _then=["@f32[3]e12", "@f32[3]e13"])
        s.call(name, "@fn.product", argnums=(1, 0), _then=["@f32[2,3]e12", "@f32[3]e13"])
        s.call(name, "@fn.product", argnums=-1, _then=["@f32[3]e14", "@f32[3]e15"])
        s.call(name, "@fn.bundle", _then=[P])
        s.call(name, "@fn.withAux", has_aux=True, _then=["@f32[3]e16"])
        s.call(name, "@fn.withAux", 0, True, _then=["@f32[3]e17"])
        s.call(name, "@fn.mean", _then=["@f32[4]e18"])
        s.call(name, "@fn.squares", _then=["@2.5"])
        s.refuse(name, "@fn.waves", _then=["@f32[3]e19"])
        s.refuse(name, "@fn.squares", _then=["@i32[3]i20"])
        s.refuse(name, "@fn.squares", argnums=1, _then=["@f32[3]e21"])
        s.refuse(name, "@fn.squares", argnums=1.5, _then=["@f32[3]e21"])
        s.refuse(name, "@fn.squares", bogusOption=1)
        s.refuse(name)
        s.refuse(name, 5, _then=["@f32[3]e21"])


def jacobians(s):
    for name in ["jax.jacfwd", "jax.jacrev"]:
        for x in ["@f32[3]e1", "@f32[2,2]e2", "@f32[]e3", "@f32[1]e4", "@f16[2]e6", "@f64[3]e7"]:
            s.call(name, "@fn.waves", _then=[x])
        s.call(name, "@fn.ratio", _then=["@f32[2]e8", "@f32[2]e9"])
        s.call(name, "@fn.ratio", 1, _then=["@f32[2]e8", "@f32[2]e9"])
        s.call(name, "@fn.ratio", argnums=(0, 1), _then=["@f32[2]e10", "@f32[2]e11"])
        s.call(name, "@fn.both", argnums=(1, 0), _then=["@f32[2]e12", "@f32[2]e13"])
        s.call(name, "@fn.bundle", _then=[{"w": "@f32[2]e14", "b": "@f32[2]e15"}])
        s.call(name, "@fn.splitUp", _then=["@f32[2]e16"])
        s.call(name, "@fn.withAux", has_aux=True, _then=["@f32[3]e17"])
        s.call(name, "@fn.dense", argnums=1, _then=["@f32[2,3]u18", "@f32[3]e19"])
        s.call(name, "@fn.cubes", _then=["@1.5"])
        s.refuse(name, "@fn.waves", _then=["@i32[3]i20"])
        s.refuse(name, "@fn.waves", argnums=2, _then=["@f32[3]e21"])
        s.refuse(name, "@fn.waves", bogusOption=1)
        s.refuse(name)
    for x in ["@f32[3]e1", "@f32[2,2]e2", "@f32[]e3", "@f32[1]e4", "@f64[3]e7"]:
        s.call("jax.hessian", "@fn.waves", _then=[x])
        s.call("jax.hessian", "@fn.squares", _then=[x])
    s.call("jax.hessian", "@fn.product", _then=["@f32[2]e8", "@f32[2]e9"])
    s.call("jax.hessian", "@fn.product", argnums=(0, 1), _then=["@f32[2]e10", "@f32[2]e11"])
    s.call("jax.hessian", "@fn.ratio", argnums=1, _then=["@f32[2]e12", "@f32[2]e13"])
    s.call("jax.hessian", "@fn.bundle", _then=[{"w": "@f32[2]e14", "b": "@f32[2]e15"}])
    s.call("jax.hessian", "@fn.withAux", has_aux=True, _then=["@f32[2]e16"])
    s.refuse("jax.hessian", "@fn.squares", _then=["@i32[3]i17"])
    s.refuse("jax.hessian", "@fn.squares", bogusOption=1)
    s.refuse("jax.hessian")


def pushes(s):
    s.call("jax.jvp", "@fn.waves", ["@f32[3]e1"], ["@f32[3]e2"])
    for i, x in enumerate(["f32[2,3]", "f32[]", "f32[1]", "f16[3]", "f64[3]", "f32[2,1,2]"]):
        s.call("jax.jvp", "@fn.waves", [f"@{x}e{i}"], [f"@{x}e{i + 10}"])
    s.call("jax.jvp", "@fn.ratio", ["@f32[3]e3", "@f32[3]e4"], ["@f32[3]e5", "@f32[3]e6"])
    s.call("jax.jvp", "@fn.both", ["@f32[3]e7", "@f32[]e8"], ["@f32[3]e9", "@f32[]e10"])
    s.call("jax.jvp", "@fn.bundle", [P], [{"w": "@f32[3]e12", "b": "@f32[3]e13"}])
    s.call("jax.jvp", "@fn.splitUp", ["@f32[3]e14"], ["@f32[3]e15"])
    s.call("jax.jvp", "@fn.withAux", ["@f32[3]e16"], ["@f32[3]e17"], has_aux=True)
    s.call("jax.jvp", "@fn.softened", ["@f32[3]=-20,0,20"], ["@f32[3]=1,1,1"])
    s.refuse("jax.jvp", "@fn.waves", ["@f32[3]e18"], ["@f32[2]e19"])
    s.refuse("jax.jvp", "@fn.waves", ["@f32[3]e20"], [])
    s.refuse("jax.jvp", "@fn.waves", ["@f32[3]e20"], ["@i32[3]i21"])
    s.refuse("jax.jvp", "@fn.waves", ["@f32[3]e20"])
    s.refuse("jax.jvp", "@fn.waves", ["@f32[3]e20"], ["@f32[3]e21"], bogusOption=1)
    for i, x in enumerate(["f32[3]", "f32[2,3]", "f32[]", "f32[1]", "f16[3]", "f64[3]"]):
        s.call("jax.vjp", "@fn.waves", [f"@{x}e{i}"], _then=[f"@{x}e{i + 10}"])
        s.call("jax.linearize", "@fn.waves", [f"@{x}e{i}"], _then=[f"@{x}e{i + 10}"])
    s.call("jax.vjp", "@fn.ratio", ["@f32[3]e3", "@f32[3]e4"], _then=["@f32[3]e5"])
    s.call("jax.vjp", "@fn.both", ["@f32[3]e7", "@f32[]e8"], _then=[("@f32[3]e9", "@f32[3]e10")])
    s.call("jax.vjp", "@fn.bundle", [P], _then=["@f32[]e12"])
    s.call("jax.vjp", "@fn.splitUp", ["@f32[3]e14"], _then=[{"first": "@f32[3]e15", "second": ["@f32[3]e16", "@f32[]e17"]}])
    s.call("jax.vjp", "@fn.product", ["@f32[2,3]e18", "@f32[3]e19"], _then=["@f32[]e20"])
    s.call("jax.vjp", "@fn.dense", ["@f32[2,3]u21", "@f32[3]e22"], _then=["@f32[2]e23"])
    s.refuse("jax.vjp", "@fn.waves", ["@f32[3]e24"], _then=["@f32[2]e25"])
    s.refuse("jax.vjp", "@fn.waves", ["@f32[3]e24"], _then=[])
    s.refuse("jax.vjp", "@fn.waves", ["@f32[3]e24"], _then=["@i32[3]i25"])
    s.refuse("jax.vjp", "@fn.waves", ["@f32[3]e24"], bogusOption=1)
    s.call("jax.linearize", "@fn.ratio", ["@f32[3]e3", "@f32[3]e4"], _then=["@f32[3]e5", "@f32[3]e6"])
    s.call("jax.linearize", "@fn.both", ["@f32[3]e7", "@f32[]e8"], _then=["@f32[3]e9", "@f32[]e10"])
    s.call("jax.linearize", "@fn.bundle", [P], _then=[{"w": "@f32[3]e12", "b": "@f32[3]e13"}])
    s.call("jax.linearize", "@fn.splitUp", ["@f32[3]e14"], _then=["@f32[3]e15"])
    s.call("jax.linearize", "@fn.dense", ["@f32[2,3]u21", "@f32[3]e22"], _then=["@f32[2,3]e23", "@f32[3]e24"])
    s.call("jax.linearize", "@fn.softened", ["@f32[3]=-20,0,20"], _then=["@f32[3]=1,1,1"])
    s.refuse("jax.linearize", "@fn.waves", ["@f32[3]e25"], _then=["@f32[2]e26"])
    s.refuse("jax.linearize", "@fn.waves", ["@f32[3]e25"], _then=[])
    s.refuse("jax.linearize", "@fn.waves", ["@f32[3]e25"], bogusOption=1)
    for i, x in enumerate(["f32[3]", "f32[2,3]", "f32[1]", "f16[3]", "f64[3]", "f32[2,1,2]"]):
        s.call("jax.linear_transpose", "@fn.linear", [f"@{x}e{i}"], _then=[f"@{x}e{i + 10}"])
        s.call("jax.linear_transpose", "@fn.double", [f"@{x}e{i}"], _then=[f"@{x}e{i + 10}"])
    s.call("jax.linear_transpose", "@fn.total", ["@f32[2,3]e20"], _then=["@f32[2]e21"])
    s.call("jax.linear_transpose", "@fn.difference", ["@f32[3]e22", "@f32[3]e23"], _then=["@f32[3]e24"])
    s.call("jax.linear_transpose", "@fn.negated", ["@f32[]e25"], _then=["@f32[]e26"])
    s.refuse("jax.linear_transpose", "@fn.cubes", ["@f32[3]e27"], _then=["@f32[3]e28"])
    s.refuse("jax.linear_transpose", "@fn.linear", ["@f32[3]e27"], _then=["@f32[2]e28"])
    s.refuse("jax.linear_transpose", "@fn.linear")


def batches(s):
    s.call("jax.vmap", "@fn.waves", _then=["@f32[2,3]e1"])
    s.call("jax.vmap", "@fn.squares", _then=["@f32[2,3]e2"])
    s.call("jax.vmap", "@fn.squares", 1, _then=["@f32[2,3]e3"])
    s.call("jax.vmap", "@fn.squares", in_axes=-1, _then=["@f32[2,3]e4"])
    s.call("jax.vmap", "@fn.product", in_axes=(0, None), _then=["@f32[2,3]e5", "@f32[3]e6"])
    s.call("jax.vmap", "@fn.product", in_axes=(None, 1), _then=["@f32[3]e7", "@f32[3,2]e8"])
    s.call("jax.vmap", "@fn.both", 0, (0, 1), _then=["@f32[2,3]e9", "@f32[2]e10"])
    s.call("jax.vmap", "@fn.waves", out_axes=1, _then=["@f32[2,3]e11"])
    s.call("jax.vmap", "@fn.waves", out_axes=-1, _then=["@f32[2,3]e12"])
    s.call("jax.vmap", "@fn.bundle", _then=[{"w": "@f32[2,3]e13", "b": "@f32[2,3]e14"}])
    s.call("jax.vmap", "@fn.bundle", in_axes=({"w": 0, "b": None},), _then=[{"w": "@f32[2,3]e15", "b": "@f32[3]e16"}])
    s.call("jax.vmap", "@fn.splitUp", _then=["@f32[2,3]e17"])
    s.call("jax.vmap", "@fn.dense", in_axes=(None, 0), _then=["@f32[2,3]u18", "@f32[4,3]e19"])
    s.call("jax.vmap", "@fn.add", _then=["@i32[3]i20", "@i32[3]i21"])
    s.call("jax.vmap", "@fn.cubes", _then=["@f64[2]e22"])
    s.call("jax.vmap", "@fn.cubes", _then=["@f16[2,1]e23"])
    s.call("jax.vmap", "@fn.cubes", _then=["@f32[1]e24"])
    s.call("jax.vmap", "@fn.clipped", axis_size=2, _then=["@f32[2,3]e25"])
    s.refuse("jax.vmap", "@fn.product", _then=["@f32[2,3]e26", "@f32[3,3]e27"])
    s.refuse("jax.vmap", "@fn.squares", _then=["@f32[]e28"])
    s.refuse("jax.vmap", "@fn.squares", 2, _then=["@f32[2,3]e29"])
    s.refuse("jax.vmap", "@fn.squares", (0, 0), _then=["@f32[2,3]e30"])
    s.refuse("jax.vmap", "@fn.squares", in_axes=(None,), _then=["@f32[2,3]e31"])
    s.refuse("jax.vmap", "@fn.squares", bogusOption=1)
    s.refuse("jax.vmap")
    for x in X:
        s.call("jax.jit", "@fn.waves", _then=[x])
    s.call("jax.jit", "@fn.both", _then=["@f32[3]e9", "@f32[]e10"])
    s.call("jax.jit", "@fn.bundle", _then=[P])
    s.call("jax.jit", "@fn.splitUp", _then=["@f32[3]e12"])
    s.call("jax.jit", "@fn.add", _then=["@i32[3]i13", "@2"])
    s.call("jax.jit", "@fn.add", _then=["@i32[3]i13", "@2.5"])
    s.call("jax.jit", "@fn.add", _then=["@f16[3]e14", "@2"])
    s.call("jax.jit", "@fn.power", static_argnums=1, _then=["@f32[3]e15", 3])
    s.call("jax.jit", "@fn.power", static_argnums=(1,), _then=["@f32[3]e16", 2])
    s.call("jax.jit", "@fn.double", _then=["@i32[3]i17"])
    s.call("jax.jit", "@fn.double", _then=["@bool[2]b18"])
    s.refuse("jax.jit", "@fn.add", _then=["@f32[3]e19", "@f32[2]e20"])
    s.refuse("jax.jit", "@fn.add", _then=["@f32[3]e19", "abc"])
    s.refuse("jax.jit", "@fn.add", bogusOption=1)
    for fn, args in [("waves", ["@f32[3]e1"]), ("squares", ["@f32[2,3]e2"]), ("both", ["@f32[3]e3", "@f32[]e4"]), ("bundle", [P]), ("splitUp", ["@f32[3]e5"]), ("dense", ["@f32[2,3]u6", "@f32[3]e7"]), ("total", ["@f16[2,3]e8"]), ("add", ["@i32[3]i9", "@f32[1]e10"]), ("double", ["@bool[2]b11"]), ("mean", ["@i32[3]i12"]), ("cubes", ["@f64[2]e13"]), ("withAux", ["@f32[0]e14"])]:
        s.call("jax.eval_shape", f"@fn.{fn}", *args)
    s.refuse("jax.eval_shape")


def placement(s):
    whole = "jit vjp jvp vmap"
    for name in ["jax.device_put", "jax.device_get", "jax.block_until_ready"]:
        for x in ["@f32[2,3]e1", "@f32[]e2", "@i32[2]i3", "@u32[2]i4", "@bool[2]b5", "@f16[2]e6", "@f64[2]e7", "@f32[0]e8", "@f32[1]e9", P, ["@f32[2]e12", {"a": "@i32[1]i13"}], {"x": ["@f32[2]e14", "@f32[2]e15"]}]:
            s.call(name, x, _without=whole)
        s.refuse(name)


def cases(s):
    s.bound("jax.grad", "jax.value_and_grad", "jax.jacfwd", "jax.jacrev", "jax.hessian", "jax.jvp", "jax.vjp", "jax.linearize", "jax.vmap", "jax.jit", ulp=8, rel=4)
    gradients(s)
    jacobians(s)
    pushes(s)
    batches(s)
    placement(s)

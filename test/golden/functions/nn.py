"""jax.nn: activations, functions along axes, attention."""
from families import SPECIAL, bogus

ACTIVATIONS = ["relu", "relu6", "sigmoid", "silu", "swish", "softplus", "log_sigmoid", "tanh", "soft_sign", "hard_tanh", "hard_sigmoid", "hard_silu", "hard_swish", "mish", "sparse_plus", "sparse_sigmoid", "selu",
               "elu", "celu", "gelu", "leaky_relu", "squareplus", "identity"]
PARAMETERS = {"elu": ["@2", "@0.5", "@f32[3]p20"], "celu": ["@2", "@0.5", "@f32[3]p20"], "leaky_relu": ["@0.2", "@-1", "@f32[3]p20"], "squareplus": ["@1", "@0", "@f32[3]p20"], "gelu": [True, False]}
FLOATS_ALONE = ["sigmoid", "silu", "swish"]
MASK = "@bool[2,3]=1,0,1,0,1,1"
NONE = "@bool[2,3]=0,0,0,1,0,1"


def activations(s):
    for name in ACTIVATIONS:
        n = f"nn.{name}"
        for x in ["@f32[2,3]e1", "@f32[]e2", "@f32[1]e3", "@f32[0,3]e4", "@f32[2,1,3]e5", "@f32[19]e6", "@f64[4]e8", SPECIAL, "@0.5", "@f32[2,2,2]e15", "@f32[1,1]e16", "@f32[6]=1,-1,3,-3,6,0"]:
            s.call(n, x)
        s.call(n, "@f16[5]e7", **({"_atol": 2**-9} if name == "gelu" else {}))
        if name in FLOATS_ALONE:
            s.refuse(n, "@i32[3]i9")
        else:
            s.call(n, "@i32[5]i9")
            if name != "log_sigmoid":  # JAX negates unsigned integers
                s.call(n, "@u32[4]i10")
            if name != "log_sigmoid":
                s.call(n, "@bool[3]b11")
        parameters = PARAMETERS.get(name, [])
        for p in parameters:
            s.call(n, "@f32[2,3]e21", p)
        if parameters:
            s.call(n, "@f32[8]=0,-0,1,-1,inf,-inf,nan,-3", parameters[-1] if name == "gelu" else parameters[0])
        s.refuse(n)
        s.refuse(n, "abc")
        bogus(s, n, "@f32[2]e13")
        s.refuse(n, "@f32[2]e12", *(["@f32[2]e14"] * (2 if parameters else 1)))
    s.call("nn.gelu", "@f16[3]e22", False, _atol=2**-9)
    s.call("nn.gelu", "@f64[3]e23", approximate=False)
    s.call("nn.elu", "@f32[2]e24", alpha="@f32[]=0.3")
    s.call("nn.celu", "@f16[2]e25", alpha="@0.3")
    s.call("nn.leaky_relu", "@f32[2]e26", negative_slope="@f32[]=0.3")
    s.call("nn.squareplus", "@f32[2]e27", b="@f32[]=0.3")
    for x in ["@f32[2,3]p1", "@f32[]p2", "@f32[1]p3", "@f32[0,3]p4", "@f32[2,1,3]p5", "@f32[19]p6", "@f16[5]p7", "@f64[4]p8", "@f32[8]=0.6931472,0.69314724,0,1e-10,100,inf,nan,-1", "@0.5", "@i32[2]=1,3", "@f32[2,2]p9", "@f32[1,1]p10", "@f32[4]p11"]:
        s.call("nn.log1mexp", x)
    s.refuse("nn.log1mexp")
    s.refuse("nn.log1mexp", "abc")
    bogus(s, "nn.log1mexp", "@f32[2]p13")


def reductions(s):
    for name in ["softmax", "log_softmax"]:
        n = f"nn.{name}"
        s.call(n, "@f16[2,3]e6", _datol=2**-8)
        for x in ["@f32[2,3]e1", "@f32[4]e2", "@f32[1]e3", "@f32[2,1,3]e4", "@f32[0,3]e5", "@f64[2,3]e7", "@i32[3]i8", "@f32[19]e11", "@f32[3]=1000,1001,999", "@f32[3]=-inf,0,1", "@f32[2]=-inf,-inf", "@f32[3]=nan,0,1", "@f32[3]=inf,0,1", "@f32[2,2]e40", "@f32[3,1]e41"]:
            s.call(n, x)
        s.call(n, "@f32[2,3]e12", 0)
        s.call(n, "@f32[2,3]e13", axis=(0, 1))
        s.call(n, "@f32[2,3]e14", None)
        s.call(n, "@f32[2,3]e15", -1, MASK)
        s.call(n, "@f32[2,3]e16", where=NONE)
        s.call(n, "@f32[2,3]=1,200,0,3,-2,1", where=MASK)
        s.call(n, "@f32[2,3]e17", 0, where="@bool[2,1]=1,0")
        s.call(n, "@f32[2,3]e18", where="@bool[3]=1,0,1")
        s.refuse(n, "@f32[2,3]e19", 2)
        s.refuse(n, "@f32[2,3]e20", 1.5)
        s.refuse(n, "@f32[2,3]e20", where="@bool[2]b21")
        s.refuse(n)
        s.refuse(n, "abc")
        bogus(s, n, "@f32[2]e22")
    for name in ["logsumexp", "logmeanexp"]:
        n = f"nn.{name}"
        for x in ["@f32[2,3]e1", "@f32[4]e2", "@f32[1]e3", "@f32[]e4", "@f32[0]e5", "@f16[2,3]e6", "@f64[2,3]e7", "@i32[3]i8", "@bool[3]b9", "@u32[3]n10", "@f32[19]e11", "@f32[3]=1000,1001,999", "@f32[3]=-inf,0,1", "@f32[2]=-inf,-inf", "@f32[3]=nan,0,1", "@f32[3]=inf,0,1", "@f32[2,1,2]e40", "@f32[3,1]e41"]:
            s.call(n, x)
        s.call(n, "@f32[2,3]e12", 0)
        s.call(n, "@f32[2,3]e13", axis=(0, 1), keepdims=True)
        s.call(n, "@f32[2,3]e14", axis=-1, keepdims=True)
        s.call(n, "@f32[2,3]e15", 1, where=MASK)
        s.call(n, "@f32[2,3]e16", axis=1, where=NONE)
        s.call(n, "@f32[2,3]=1,200,0,3,-2,1", axis=1, where=MASK)
        s.call(n, "@f32[0,3]e17", 0)
        s.call(n, "@f32[2,0]e18", axis=1)
        s.refuse(n, "@f32[2,3]e19", 2)
        s.refuse(n, "@f32[2,3]e20", axis=1.5)
        s.refuse(n)
        s.refuse(n, "abc")
        bogus(s, n, "@f32[2]e22")
    s.call("nn.logsumexp", "@f32[2,3]e23", 1, "@f32[2,3]p24")
    s.call("nn.logsumexp", "@f32[2,3]e25", 1, "@f32[3]p26", True)
    s.call("nn.logsumexp", "@f32[2,3]e27", b="@f32[2,1]=1,0")
    s.call("nn.logsumexp", "@f32[3]=1,5,2", b="@f32[3]=1,0,2")
    s.call("nn.logsumexp", "@f32[3]e28", b="@f32[3]=1,-5,2", return_sign=True)
    s.call("nn.logsumexp", "@f32[2,3]e29", 1, None, False, True)
    s.call("nn.logsumexp", "@f32[3]e30", b="@f32[2,3]p31")
    s.call("nn.logsumexp", "@f32[3]e32", b="@2")
    s.call("nn.logmeanexp", "@f32[2,3]e23", 1, MASK, True)
    n = "nn.standardize"
    for x in ["@f32[2,3]e1", "@f32[4]e2", "@f32[1]e3", "@f32[2,1,3]e4", "@f32[0,3]e5", "@f16[2,4]e6", "@f64[2,3]e7", "@i32[4]i8", "@f32[19]e9", "@f32[3]=2,2,2", "@f32[3]=1,nan,2", "@f32[2,2]e40"]:
        s.call(n, x)
    s.call(n, "@f32[2,3]e10", 0)
    s.call(n, "@f32[2,3]e11", axis=(0, 1))
    s.call(n, "@f32[2,3]e12", -1, "@f32[2,1]e13", "@f32[2,1]p14")
    s.call(n, "@f32[2,3]e15", mean="@0.5")
    s.call(n, "@f32[2,3]e16", variance="@f32[3]p17")
    s.call(n, "@f32[2,3]e18", epsilon="@0.1")
    s.call(n, "@f32[2,3]e19", where=MASK)
    s.refuse(n, "@f32[2,3]e20", 2)
    s.refuse(n)
    s.refuse(n, "abc")
    bogus(s, n, "@f32[2]e22")


def others(s):
    n = "nn.one_hot"
    for x, k in [("@i32[3]=0,2,1", 3), ("@i32[2,2]n1", 4), ("@i32[]=1", 3), ("@i32[3]=-1,5,1", 3), ("@u32[2]=0,1", 2), ("@i32[1]=0", 1), ("@i32[0]n2", 3), ("@i32[3]=0,1,2", 0), ("@f32[3]=0,1.5,2", 3), ("@i32[2,1,2]n4", 2), ("@i32[17]n5", 4)]:
        s.call(n, x, k)
    s.call(n, "@i32[2]n6", 4, dtype="int32")
    s.call(n, "@i32[2]n7", 4, dtype="bool")
    s.call(n, "@i32[2]n8", 4, axis=0)
    s.call(n, "@i32[2,3]n9", 4, axis=1, dtype="float16")
    s.call(n, "@i32[2]n10", num_classes=3)
    s.refuse(n, "@i32[2]n11", -1)
    s.refuse(n, "@i32[2]n12", 2.5)
    s.refuse(n, "@i32[2]n13", 3, axis=2)
    s.refuse(n, "@i32[2]n14")
    bogus(s, n, "@i32[2]n15", 3)
    n = "nn.glu"
    for x in ["@f32[2,4]e1", "@f32[2]e2", "@f32[2,1,6]e3", "@f32[0,2]e4", "@f16[4]e5", "@f64[4]e6", "@f32[4]=inf,nan,0,1", "@f32[18]e8", "@f32[1,2]e12", "@f32[2,2]e13", "@f32[3,4]e14"]:
        s.call(n, x)
    s.call(n, "@f32[4,3]e9", 0)
    s.call(n, "@f32[2,4,3]e10", axis=1)
    s.refuse(n, "@f32[3]e11")
    s.refuse(n, "@f32[2]e11", 1)
    s.refuse(n)
    bogus(s, n, "@f32[2]e15")
    n = "nn.dot_product_attention"
    q, k, v = "@f32[1,2,2,3]r1", "@f32[1,4,2,3]r2", "@f32[1,4,2,3]r3"
    s.call(n, q, k, v)
    s.call(n, "@f32[2,2,3]r4", "@f32[4,2,3]r5", "@f32[4,2,3]r6")
    s.call(n, "@f32[2,2,4,3]r7", "@f32[2,2,2,3]r8", "@f32[2,2,2,3]r9")
    s.call(n, q, k, v, "@f32[1,2,2,4]r10")
    s.call(n, q, k, v, None, "@bool[1,2,2,4]b11")
    s.call(n, q, k, v, bias="@f32[1,1,2,4]r12", mask="@bool[1,1,2,4]=1,1,0,1,0,1,1,1")
    s.call(n, q, k, v, scale=0.5)
    s.call(n, "@f32[1,3,2,3]r13", "@f32[1,3,2,3]r14", "@f32[1,3,2,3]r15", is_causal=True)
    s.call(n, "@f32[1,3,2,3]r16", "@f32[1,3,2,3]r17", "@f32[1,3,2,3]r18", query_seq_lengths="@i32[1]=2")
    s.call(n, "@f32[1,3,2,3]r19", "@f32[1,3,2,3]r20", "@f32[1,3,2,3]r21", key_value_seq_lengths="@i32[1]=2")
    s.call(n, "@f32[1,4,1,2]r22", "@f32[1,4,1,2]r23", "@f32[1,4,1,2]r24", local_window_size=1)
    s.call(n, "@f32[1,4,1,2]r25", "@f32[1,4,1,2]r26", "@f32[1,4,1,2]r27", local_window_size=(1, 0))
    s.call(n, "@f32[1,1,1,1]r31", "@f32[1,1,1,1]r32", "@f32[1,1,1,1]r33")
    s.call(n, "@f32[1,2,1,2]r34", "@f32[1,2,1,2]r35", "@f32[1,2,1,2]r36", return_residual=True)
    s.call(n, "@f32[2,1,1,4]r37", "@f32[2,1,1,4]r38", "@f32[2,1,1,4]r39", implementation="xla")
    s.refuse(n, "@f32[1,2,3,3]r40", "@f32[1,2,2,3]r41", "@f32[1,2,2,3]r42")
    s.refuse(n, "@f32[1,2,2,3]r43", "@f32[1,2,2,4]r44", "@f32[1,2,2,3]r45")
    s.refuse(n, q, k)
    bogus(s, n, q, k, v)


def cases(s):
    s.bound(*[f"nn.{name}" for name in ACTIVATIONS if name not in ("relu", "relu6", "hard_tanh", "identity")], ulp=8, dulp=48)
    # JAX's logistic is 0 where e⁻ˣ overflows, ours a small number; its gelu cancels, ours does not; 1 − y² cancels in both
    s.bound("nn.silu", "nn.swish", "nn.mish", ulp=8, atol=1e-36, dulp=48)
    s.bound("nn.gelu", ulp=8, atol=2**-20, datol=2**-18)
    s.bound("nn.tanh", ulp=6, datol=2**-20)
    s.bound("nn.hard_sigmoid", "nn.hard_silu", "nn.hard_swish", "nn.sparse_plus", "nn.sparse_sigmoid", "nn.leaky_relu", ulp=2)
    s.bound("nn.log1mexp", ulp=12)
    s.bound("nn.softmax", "nn.log_softmax", "nn.logsumexp", "nn.logmeanexp", ulp=8, rel=2, datol=1e-6)
    s.bound("nn.standardize", ulp=12, rel=4, datol=1e-5)
    s.bound("nn.glu", ulp=8)
    s.bound("nn.dot_product_attention", ulp=12, rel=4)
    activations(s)
    reductions(s)
    others(s)

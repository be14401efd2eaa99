"""Options that are compositions: what each changes, beside the functions' own sections."""
import jax
import jax.numpy as jnp
import numpy as np

from golden import Key, call, f32, i32, u32


def draws():
    cases = []
    for p in [0.3, 1e-6, 0.999, 0.0, 1.0]:
        cases += [call("random.bernoulli", Key(3), p, [7], mode="high")]
    cases += [
        call("random.bernoulli", Key(3), p=f32(0.1, 0.9), mode="high"),
        call("random.bernoulli", Key(3), f32([[0.1], [0.9]]), [2, 3]),
        call("random.bernoulli", Key(3), p=np.float16([0.25, 0.75, 0.1, 0.5]), mode="high"),
        call("random.bernoulli", Key(3), p=np.float16([0.25, 0.75, 0.1, 0.5])),
    ]
    for mode, ulp in [("low", 8), ("high", 32), ("highest", 32)]:
        cases += [call("random.gumbel", Key(seed), [40], mode=mode, ulp=ulp) for seed in [0, 8]]
        cases += [call("random.categorical", Key(7), f32([[0.1, 2, -1, 0.5], [3, 0, 0, -2]]), mode=mode)]
    cases += [
        call("random.gumbel", Key(1), [], mode="highest", ulp=32),
        call("random.gumbel", Key(1), [0], mode="highest"),
        call("random.categorical", Key(7), f32([[0.1, 2, -1, 0.5]]), shape=(5,)),
        call("random.categorical", Key(7), f32([[0.1], [2.0]]), 0, (4, 1)),
    ]
    # shape=None: the parameters' own shape, by broadcasting
    row, column = f32(0.5, 1, 2), f32([[1.5], [3]])
    cases += [
        call("random.truncated_normal", Key(4), -row, column, ulp=8),
        call("random.triangular", Key(4), -row, 0.25, column, ulp=8),
        call("random.pareto", Key(4), column, ulp=8),
        call("random.pareto", Key(4), row, (2, 3), ulp=8),
        call("random.rayleigh", Key(4), row, ulp=4),
        call("random.lognormal", Key(4), row, ulp=8),
        call("random.lognormal", Key(4), shape=(3,), ulp=8),
        call("random.geometric", Key(4), f32([[0.2], [0.7]]), (2, 4)),
        # the shape of these draws is not their parameters'
        call("random.weibull_min", Key(4), row, 2.0, ulp=8),
        call("random.weibull_min", Key(4), 1.5, column, (3,), ulp=8),
        call("random.weibull_min", Key(4), 1.5, 2.0, (2, 3), ulp=8),
        call("random.double_sided_maxwell", Key(4), row, 2.0, ulp=32),
        call("random.double_sided_maxwell", Key(4), row, column, (2,), ulp=8),
        call("random.double_sided_maxwell", Key(4), 0.5, 2.0, ulp=8),
    ]
    cases += [
        call("random.randint", Key(11), [9], u32(5), u32(3_000_000_000), label="uint32 bounds of an int32 draw"),
        call("random.randint", Key(11), [9], i32(-5), i32(10), "uint32", label="int32 bounds of a uint32 draw"),
        call("random.randint", Key(11), [9], f32(-2.5), f32(4.5), label="float32 bounds"),
        call("random.rademacher", Key(2), (), ),
        call("random.rademacher", Key(2), (5,), dtype="float16"),
        call("random.key", 3, impl="threefry2x32"),
        call("random.key", 3, dtype="threefry2x32"),
        call("random.PRNGKey", 3, impl="threefry2x32"),
        call("random.wrap_key_data", u32(5, 6), impl="threefry2x32"),
    ]
    return cases


def drawn(name, made, key, shape):
    """What an initializer draws: support.ts calls ours in the same way."""
    return getattr(jax.nn.initializers, name)(*made)(key, shape)


def initializers():
    # name of ours, of JAX's, arguments of the initializer, shape
    table = [
        ("uniform", "uniform", [], [5]),
        ("uniform", "uniform", [0.5, "float32"], [2, 3]),
        ("normal", "normal", [2.0], [5]),
        ("truncatedNormal", "truncated_normal", [0.5, None, -1.0, 3.0], [9]),
        ("truncatedNormal", "truncated_normal", [], [2, 2]),
        ("constant", "constant", [2.5, "int32"], [3]),
        ("constant", "constant", [7], [2, 2]),
        ("varianceScaling", "variance_scaling", [2.0, "fan_in", "normal"], [4, 3]),
        ("varianceScaling", "variance_scaling", [0.5, "fan_out", "truncated_normal"], [4, 3]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_geo_avg", "uniform"], [2, 5]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_in", "uniform", 0, 1, 2], [2, 3, 4]),
        ("varianceScaling", "variance_scaling", [3.0, "fan_avg", "uniform", [0, 1], [2], []], [2, 3, 4]),
        ("varianceScaling", "variance_scaling", [1.0, "fan_out", "normal", 0, 0], [3]),
    ]
    table += [(f"{name}{kind}", f"{name}_{kind.lower()}", made, shape)
              for name in ["glorot", "xavier", "lecun", "he", "kaiming"] for kind in ["Normal", "Uniform"]
              for made, shape in [([], [3, 4]), ([0, 2, 1], [2, 3, 4]), ([[0, 1], -1], [3, 3, 2])]]
    return [call("custom.drawn", ours, made, Key(3), shape, ulp=0 if ours == "constant" else 8,
                 function=lambda _, made, key, shape, name=name: drawn(name, made, key, shape)) for ours, name, made, shape in table]


def lax_operators():
    halves = f32(0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997)
    x, y = f32(1.5, 2.5, -3.5), f32(1.5, 2.5, 2.0)
    cases = [call("lax.round", halves, 0), call("lax.round", halves, 1), call("lax.round", halves, rounding_method=1)]
    cases += [call("lax.mul", x, y, out_dtype=dtype) for dtype in ["float16", "int32", "float32"]]
    cases += [
        call("lax.mul", i32(100000, -7), i32(100000, 3), out_dtype="float32"),
        call("lax.mul", np.float16([300, 2]), np.float16([300, 0.5]), out_dtype="float32"),
        call("lax.mul", i32(3, 0, -2), i32(2, 1, -1), out_dtype="uint32"),
        call("lax.mul", f32(3, -2), i32(2, 5), out_dtype="float32"),
    ]
    return cases


def lax_structure():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    cases = [
        call("lax.reshape", x, [3, 2], [1, 0]), call("lax.reshape", x, [6], dimensions=[1, 0]), call("lax.reshape", x, [3, 2], dimensions=[0, 1]),
        call("lax.full_like", x, 2, "int32"), call("lax.full_like", x, 2, shape=[4]), call("lax.full_like", i32(1, 2), 1.7),
        call("lax.full_like", x, 3, "float16", [2, 1]), call("lax.full", [2], 3, "float32"), call("lax.full", [], 2.5, dtype="float16"),
        call("lax.iota", "uint32", 4), call("lax.iota", "float16", 3), call("lax.broadcasted_iota", "int32", [2, 3], 1),
        call("lax.stack", [x, x], 1), call("lax.stack", [x, x], axis=-1), call("lax.split", x, [1, 2], axis=1),
        call("lax.collapse", x, 0), call("lax.collapse", x, 0, 0), call("lax.collapse", x, 1, 9), call("lax.collapse", x, -1), call("lax.collapse", x, 5),
        call("lax.pad", x, 9.0, ((1, 0, 1), (0, -1, 0))), call("lax.argmax", x, 0, "uint32"), call("lax.argmin", x, 1, "int32"),
        call("lax.reduce_max", np.zeros((0, 2), np.float32), [0]), call("lax.reduce_min", np.zeros((0, 2), np.int32), [0]),
        call("lax.reduce_max", np.zeros((2, 0), np.bool_), [1]), call("lax.reduce_and", i32([[7, 3], [5, 6]]), [0]), call("lax.reduce_xor", i32([[7, 3], [5, 6]]), [1]),
    ]
    return cases


def lax_slices():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    piece = np.full((2, 2), 50, np.float32)
    cases = [
        call("lax.slice", x, [0, 1], [3, 4], [2, 2]), call("lax.slice", x, [0, 1], [3, 4], strides=None),
        call("lax.slice_in_dim", x, None, -1, axis=1), call("lax.slice_in_dim", x, -3, None, 2, 1), call("lax.slice_in_dim", x, 0, 3, stride=2),
        call("lax.index_in_dim", x, -1), call("lax.index_in_dim", x, 2, 1, False), call("lax.index_in_dim", x, 1, keepdims=False),
    ]
    for start in [-9, -2, 0, 1, 9]:
        at = np.array(start, np.int32)
        cases += [call("lax.dynamic_slice", x, i32(start, start), [2, 2], label=f"from {start}")]
        for allow in [True, False]:
            cases += [
                call("lax.dynamic_slice", x, i32(start, start), [2, 2], allow_negative_indices=allow, label=f"from {start}, negative {allow}"),
                call("lax.dynamic_slice", x, i32(start, start), [2, 2], allow_negative_indices=[allow, not allow], label=f"from {start}, negative {allow} or else"),
                call("lax.dynamic_slice_in_dim", x, at, 2, 1, allow_negative_indices=allow, label=f"from {start}, negative {allow}"),
                call("lax.dynamic_index_in_dim", x, at, 1, False, allow_negative_indices=allow, label=f"at {start}, negative {allow}"),
                call("lax.dynamic_update_slice", x, piece, i32(start, start), allow_negative_indices=allow, label=f"from {start}, negative {allow}"),
                call("lax.dynamic_update_slice_in_dim", x, np.full((3, 2), 50, np.float32), at, 1, allow_negative_indices=allow, label=f"from {start}, negative {allow}"),
                call("lax.dynamic_update_index_in_dim", x, f32(7, 8, 9), at, 1, allow_negative_indices=allow, label=f"at {start}, negative {allow}"),
            ]
    far = np.array(4294967295, np.uint32)
    cases += [call("lax.dynamic_slice_in_dim", x, far, 2, label="from the largest uint32"), call("lax.dynamic_index_in_dim", x, far, label="at the largest uint32")]
    return cases


def lax_products():
    x, y = f32([[1.5, -2, 3], [0.25, 5, -6]]), f32([[2, 1], [-1, 0.5], [4, -3]])
    i, u, b, h = x.astype(np.int32), np.abs(x).astype(np.uint32), x > 0, x.astype(np.float16)
    cases = [call("lax.dot", x, y, preferred_element_type=dtype) for dtype in ["float16", "int32"]]
    cases += [
        call("lax.dot", h, y.astype(np.float16), preferred_element_type="float32"),
        call("lax.dot", h * np.float16(200), (y * 200).astype(np.float16), preferred_element_type="float32"),
        call("lax.dot", i32([[100000]]), i32([[100000]]), preferred_element_type="float32"),
        call("lax.dot", i, i.T.copy(), preferred_element_type="uint32"),
        call("lax.dot", b, b.T.copy(), preferred_element_type="int32"), call("lax.dot", b, b.T.copy()),
        call("lax.dot", i, y), call("lax.dot", h, y), call("lax.dot", u, i.T.copy()), call("lax.dot", b, y),
        call("lax.dot", x, y, precision="highest"), call("lax.dot", x, y, precision=("high", "default")),
        call("lax.dot", x, x, dimension_numbers=(((0,), (0,)), ((), ()))), call("lax.dot", x, x, dimension_numbers=((1, 1), ((0,), 0))),
        call("lax.dot_general", x, x, (((1,), (1,)), ((0,), (0,)))), call("lax.dot_general", x, x, (((0, 1), (0, 1)), ((), ()))),
        call("lax.dot_general", i, i, (((1,), (1,)), ((), ())), None, "float32"), call("lax.dot_general", h, h, ((1, 1), ((), ())), preferred_element_type="float32"),
        call("lax.batch_matmul", x[None], y[None], "highest"), call("lax.batch_matmul", i[None], y[None]),
    ]
    return cases


def along_axes():
    x = f32([[1, -2, 3, 0.5], [0, 5, -6, 5], [10, 11, 9, -10]])
    mask = np.array([True, True, False, True])
    cases = []
    for name in ["softmax", "log_softmax", "logsumexp", "logmeanexp"]:
        cases += [call(f"nn.{name}", x, axis=None, ulp=8), call(f"nn.{name}", x, axis=(0, 1), ulp=8), call(f"nn.{name}", x, 1, where=mask, ulp=8)]
    cases += [call("nn.logsumexp", x, 1, return_sign=True, ulp=8), call("nn.logsumexp", x, 1, f32(1, -2, 0.5, -1), True, True, ulp=16),
              call("nn.logsumexp", f32(1, 2), b=f32(1, -1), ulp=16), call("nn.logsumexp", f32(1, 2), b=f32(0, 0), return_sign=True, ulp=16),
              call("nn.logsumexp", x, 0, keepdims=True, return_sign=True, where=mask, ulp=8), call("nn.logmeanexp", x, 1, mask, True, ulp=8)]
    for algorithm in ["fast", "stable"]:
        cases += [call("nn.standardize", x, algorithm=algorithm, ulp=64), call("nn.standardize", x, 0, mean=f32(1, 2, 3, 4), algorithm=algorithm, ulp=64),
                  call("nn.standardize", x, 1, 1.5, None, 0.1, mask, algorithm=algorithm, ulp=64), call("nn.standardize", x, mean=0.5, variance=4.0, algorithm=algorithm, ulp=16)]
    cases += [call("nn.standardize", x, (0, 1), ulp=64), call("nn.standardize", x, None, ulp=64),
              call("nn.one_hot", i32([[0, 2], [1, 3]]), 3, axis=0), call("nn.one_hot", i32([[0, 2], [1, 3]]), 3, axis=1, dtype="int32"),
              call("nn.one_hot", i32(0, 2), num_classes=3, dtype="bool"), call("nn.one_hot", u32(0, 2), 4), call("nn.one_hot", i32(0, 2), 0), call("nn.one_hot", f32(0, 1.5, 2), 3),
              call("nn.glu", x, axis=1, ulp=8), call("nn.glu", x, -1, ulp=8),
              call("nn.leaky_relu", x, 0.3), call("nn.gelu", x, approximate=False, ulp=16), call("nn.elu", x, 0.5, ulp=8), call("nn.celu", x, alpha=0.5, ulp=8), call("nn.squareplus", x, b=1.0, ulp=4)]
    return cases


def attention():
    def ramp(*shape, scale):
        size = int(np.prod(shape))
        return (np.float32(scale) * ((np.arange(size) * 7919 % 31) - 15) / 16).reshape(shape).astype(np.float32)

    q, k, v = ramp(2, 3, 4, 2, scale=1), ramp(2, 4, 2, 2, scale=1.5), ramp(2, 4, 2, 2, scale=2)
    bias, mask = ramp(1, 4, 3, 4, scale=0.5), (ramp(2, 1, 3, 4, scale=1) > -0.5)
    lengths, all_lengths = i32(2, 1), i32(3, 2)

    def case(label, *args, **options):
        return call("nn.dot_product_attention", *args, ulp=64, atol=2**-21, label=label, **options)

    cases = [
        case("groups of heads", q, k, v), case("scale", q, k, v, scale=0.25), case("bias", q, k, v, bias), case("mask", q, k, v, mask=mask), case("bias and mask", q, k, v, bias, mask),
        case("causal", q, k, v, is_causal=True), case("mask and causal", q, k, v, mask=mask, is_causal=True),
        case("window 1", q, k, v, local_window_size=1), case("window [1, 0]", q, k, v, local_window_size=(1, 0)), case("window [0, 2], causal", q, k, v, local_window_size=(0, 2), is_causal=True),
        case("query lengths", q, k, v, query_seq_lengths=lengths), case("key lengths", q, k, v, key_value_seq_lengths=all_lengths),
        case("both lengths", q, k, v, query_seq_lengths=lengths, key_value_seq_lengths=all_lengths), case("no length", q, k, v, query_seq_lengths=i32(0, 3), key_value_seq_lengths=i32(4, 0)),
        case("everything", q, k, v, bias, mask, scale=0.7, is_causal=True, query_seq_lengths=lengths, key_value_seq_lengths=all_lengths, local_window_size=2, implementation="xla"),
        case("without a batch", q[0], k[0], v[0]), case("without a batch, bias of heads", q[0], k[0], v[0], bias[0]), case("without a batch, lengths", q[0], k[0], v[0], query_seq_lengths=i32([2])),
        case("residual", q, k, v, return_residual=True), case("residual, mask, causal", q, k, v, None, mask, is_causal=True, return_residual=True),
        case("residual without a batch", q[0], k[0], v[0], query_seq_lengths=i32([2]), return_residual=True),
        case("a bias a batch", q, k, v, ramp(2, 1, 1, 4, scale=3)), case("a mask of keys", q, k, v, mask=np.array([True, False, True, True])),
    ]
    return cases


def section():
    return draws() + initializers() + lax_operators() + lax_structure() + lax_slices() + lax_products() + along_axes() + attention()

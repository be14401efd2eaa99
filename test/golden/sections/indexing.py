"""Indexing, slicing and the movement functions. Values are exact.

An index is a list of parts: ["slice", start, stop, step] with nulls, ["int", i], ["newaxis"], ["ellipsis"],
["array", {"input": i}], ["mask", {"input": i}]; its meaning is NumPy's, which JAX shares.
"""
import jax.numpy as jnp
import numpy as np

from golden import call, encode, f32, i32


def whole(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def s(start=None, stop=None, step=None):
    return slice(start, stop, step)


def written(parts, inputs):
    out = []
    for part in parts:
        if isinstance(part, slice):
            out.append(["slice", part.start, part.stop, part.step])
        elif part is None:
            out.append(["newaxis"])
        elif part is Ellipsis:
            out.append(["ellipsis"])
        elif isinstance(part, np.ndarray):
            inputs.append(encode(part))
            out.append(["mask" if part.dtype == np.bool_ else "array", {"input": len(inputs) - 1}])
        else:
            out.append(["int", part])
    return out


def index(x, *parts):
    result = jnp.asarray(x)[tuple(parts)]
    inside = all(not isinstance(p, np.ndarray) or p.dtype == np.bool_ or np.all((p < min(x.shape)) & (p >= -min(x.shape))) for p in parts)
    if inside:
        assert np.array_equal(np.asarray(result), x[tuple(parts)])
    inputs = [encode(x)]
    spec = written(parts, inputs)
    text = ", ".join("array" if p[0] in ("array", "mask") else str(p[1:] or p[0]) for p in spec)
    return {"name": f"{list(x.shape)}[{text}]", "fn": "slice", "args": [], "index": spec, "inputs": inputs, "ulp": 0, "output": encode(result)}


def basic():
    a, b, c = whole(10), whole(4, 5), whole(2, 3, 4)
    ends = [(1, 5), (None, None), (3, None), (None, 3), (-3, None), (None, -3), (-5, -2), (5, 2), (0, 100), (-100, 4), (20, 30), (0, 0), (9, 9)]
    cases = [index(a, s(*pair)) for pair in ends]
    cases += [index(a, s(*triple)) for triple in [
        (None, None, 2), (1, None, 3), (None, None, -1), (None, None, -3), (8, 2, -2), (-2, -9, -3), (2, 8, -1),
        (100, None, -4), (None, 5, -1), (5, None, -1), (3, -100, -1), (None, -100, -2), (1, 9, 100), (9, 1, -100), (-1, None, -1)]]
    cases += [index(a, i) for i in [0, 3, 9, -1, -10]]
    cases += [
        index(b, 1), index(b, -1), index(b, 1, 2), index(b, s(), 2), index(b, s(1, 3), s(None, None, 2)), index(b, s(None, None, -1), s(3, 0, -2)),
        index(b, ...), index(b, ..., 1), index(b, 1, ...), index(b, None), index(b, s(), None), index(b, ..., None), index(b, None, 1, None, s(1, 4)),
        index(b, s(2, 2)), index(b, s(0, 0), s(1, 2)), index(c, 1, ..., s(None, None, -1)), index(c, ..., 0), index(c, s(), -1), index(c, None, ..., None, 2),
        index(c, 0, 1, 2), index(c, s(1, None), s(None, 2), s(1, 3)), index(c, s(None, None, -1), s(None, None, -1), s(None, None, -1)),
        index(whole(0, 3), s(), 1), index(whole(3, 0), s(1, None)), index(np.float32(5), None), index(np.float32(5), ...),
    ]
    return cases


def advanced():
    a, b, c = whole(10), whole(4, 5), whole(2, 3, 4)
    return [
        index(a, i32(0, 3, -1)), index(a, i32([[0, 1], [2, -3]])), index(b, i32(2, 0)), index(b, s(), i32(4, 1)), index(b, i32(1, 3), i32(0, 2)),
        index(b, i32([[0], [3]]), i32([[1, 2]])), index(c, 0, s(), i32(1, 2)), index(c, i32(0, 1), s(), i32(1, 2)), index(c, s(), i32(0, 2), i32(3, 1)),
        index(c, i32(1), ..., i32(0)), index(b, None, i32(1, 1)), index(b, s(1, 3), i32(0, 0, 4)), index(a, i32(12, -15, 3)), index(b, i32(0, 9), i32(7, 1)),
        index(a, a > 5), index(b, b > 11), index(b, np.array([True, False, True, False])), index(b, s(), np.array([True, False, True, False, False])),
        index(a, np.zeros(10, bool)), index(a, np.array([], np.int32)),
    ]


def padding():
    a, b = f32(1, 2, 3), whole(2, 3)
    cases = []
    for mode in ["edge", "reflect", "symmetric", "wrap"]:
        for width in [(1, 2), (0, 1), (2, 0), (4, 5), (0, 0)]:
            cases += [call("np.pad", a, width, mode=mode)]
        cases += [call("np.pad", b, ((1, 1), (2, 2)), mode=mode)]
        cases += [call("np.pad", b, ((0, 0), (1, 2)), mode=mode), call("np.pad", b, 1, mode=mode)]
    cases += [
        call("np.pad", a, 2), call("np.pad", a, (1, 3), constant_values=7), call("np.pad", b, ((1, 0), (0, 2)), constant_values=-1.5),
        call("np.pad", b, ((1, 0), (0, 2)), constant_values=((1, 2), (3, 4))), call("np.pad", i32(1, 2), 1), call("np.pad", np.array([True]), 1),
        call("np.pad", b, 1, mode="maximum"), call("np.pad", b, 1, mode="minimum"), call("np.pad", b, 1, mode="mean"), call("np.pad", a, (2, 3), mode="linear_ramp"),
        call("np.pad", a, (2, 3), mode="reflect", reflect_type="odd"),
        call("lax.pad", a, np.float32(9), [(1, 2, 0)]), call("lax.pad", a, np.float32(9), [(0, 0, 2)]), call("lax.pad", a, np.float32(9), [(-1, 2, 1)]),
        call("lax.pad", a, np.float32(9), [(2, -1, 0)]), call("lax.pad", b, np.float32(0), [(1, 0, 1), (-1, 1, 0)]), call("lax.pad", whole(10), np.float32(0), [(-2, -3, 0)]),
    ]
    return cases


def movement():
    a, b, c = whole(5), whole(2, 3), whole(2, 3, 4)
    cases = [call("np.roll", a, shift) for shift in [0, 1, -1, 2, 5, 7, -12]]
    cases += [
        call("np.roll", b, 1), call("np.roll", b, 1, 0), call("np.roll", b, -1, 1), call("np.roll", b, (1, -1), (0, 1)), call("np.roll", b, (1, 2), (1, 1)),
        call("np.flip", a), call("np.flip", b), call("np.flip", b, 0), call("np.flip", c, (0, 2)), call("np.flipud", b), call("np.fliplr", b), call("np.rot90", b), call("np.rot90", b, 2), call("np.rot90", c, -1, (1, 2)),
        call("np.repeat", a, 2), call("np.repeat", b, 2), call("np.repeat", b, 2, 0), call("np.repeat", b, 3, 1), call("np.repeat", a, 0), call("np.repeat", b, i32(1, 0, 2), 1),
        call("np.repeat", a, i32(0, 1, 2, 0, 1), total_repeat_length=4), call("np.repeat", a, i32(2, 2, 2, 2, 2), total_repeat_length=13),
        call("np.tile", a, 2), call("np.tile", b, 2), call("np.tile", b, (2, 1)), call("np.tile", b, (2, 1, 3)), call("np.tile", np.float32(3), (2, 2)), call("np.tile", a, (0,)), call("np.tile", a, ()),
        call("np.transpose", b), call("np.transpose", c), call("np.transpose", c, (1, 2, 0)), call("np.transpose", c, (-1, 0, 1)), call("np.swapaxes", c, 0, -1), call("np.moveaxis", c, 0, -1), call("np.moveaxis", c, (0, 1), (2, 0)), call("np.rollaxis", c, 2),
        call("np.reshape", c, (4, 6)), call("np.reshape", c, (-1, 2)), call("np.reshape", c, -1), call("np.ravel", c), call("np.squeeze", whole(1, 3, 1)), call("np.squeeze", whole(1, 3, 1), 0), call("np.squeeze", whole(1, 3, 1), (-1,)),
        call("np.expand_dims", b, 0), call("np.expand_dims", b, -1), call("np.expand_dims", b, (0, 3)), call("np.broadcast_to", f32(1, 2, 3), (2, 3)), call("np.broadcast_to", f32([[1], [2]]), (3, 2, 2)), call("np.broadcast_to", np.float32(1), ()),
        call("np.concatenate", [a, a]), call("np.concatenate", [b, b], 0), call("np.concatenate", [b, b], 1), call("np.concatenate", [b, whole(2, 1)], -1), call("np.concatenate", [b, a], None, label="axis null"), call("np.concatenate", [i32(1, 2), f32(1.5)]), call("np.concatenate", [whole(0, 3), b]),
        call("np.stack", [a, a]), call("np.stack", [b, b], 1), call("np.stack", [b, b], -1), call("np.vstack", [a, a]), call("np.hstack", [b, b]), call("np.dstack", [b, b]), call("np.column_stack", [a, a]), call("np.append", b, a), call("np.append", b, b, 0),
        call("np.split", whole(6), 3), call("np.split", whole(6), (1, 4)), call("np.split", whole(4, 6), 2, 1), call("np.array_split", whole(7), 3),
        call("np.atleast_1d", np.float32(3)), call("np.atleast_2d", a), call("np.atleast_3d", b), call("np.diff", f32(1, 4, 9, 16)), call("np.diff", f32(1, 4, 9, 16), 2), call("np.diff", b, 1, 0),
        call("np.take", a, i32(0, -1, 3)), call("np.take", b, i32(1, 0), 1), call("np.take", a, i32(0, 7, -8)), call("np.take", a, i32(0, 7, -8), mode="clip"), call("np.take", a, i32(0, 7, -8), mode="wrap"), call("np.take_along_axis", b, i32([[2, 0, 1], [1, 1, 0]]), 1),
        call("np.diag", f32(1, 2)), call("np.diag", f32(1, 2), 1), call("np.diag", whole(3, 4)), call("np.diag", whole(3, 4), -1), call("np.diagonal", c, 1, 1, 2), call("np.trace", whole(3, 3)), call("np.trace", whole(3, 4), 1),
        call("np.delete", a, 1), call("np.insert", a, 1, 9.0), call("np.searchsorted", f32(1, 3, 5), f32(0, 1, 2, 5, 6)), call("np.searchsorted", f32(1, 3, 5), f32(0, 1, 2, 5, 6), side="right"),
        call("np.sort", f32(3, np.nan, -1, 2, -0.0, 0.0, np.inf)), call("np.argsort", f32(3, 1, 2, 1, 3)), call("np.sort", f32([[3, 1], [0, 2]]), 0), call("np.argsort", f32(3, 1, 2, 1), descending=True),
    ]
    return cases


def dynamic():
    a, b = whole(6), whole(4, 5)
    cases = [call("lax.dynamic_slice", a, (start,), (3,)) for start in [0, 2, 3, 5, 100, -1, -3, -100]]
    cases += [call("lax.dynamic_slice", b, start, (2, 3)) for start in [(0, 0), (1, 2), (3, 4), (-1, -1), (-2, 1), (10, -10)]]
    cases += [call("lax.dynamic_update_slice", a, f32(-1, -2), (start,)) for start in [0, 3, 5, 9, -1, -2, -9]]
    cases += [call("lax.dynamic_update_slice", b, f32([[-1, -2]]), start) for start in [(0, 0), (3, 4), (-1, -1)]]
    cases += [call("lax.dynamic_slice_in_dim", b, 3, 2, 1), call("lax.dynamic_index_in_dim", b, 2, 0), call("lax.dynamic_index_in_dim", b, 9, 0, False), call("lax.dynamic_update_index_in_dim", b, whole(5), 2, 0)]
    cases += [
        call("lax.slice", b, (1, 0), (3, 5), (1, 2)), call("lax.slice_in_dim", b, 1, 3), call("lax.slice_in_dim", b, 0, 5, 2, 1), call("lax.rev", b, (1,)),
        call("lax.broadcast_in_dim", a, (2, 6), (1,)), call("lax.broadcast", a, (2,)), call("lax.iota", "int32", 4), call("lax.broadcasted_iota", "float32", (2, 3), 1),
    ]
    return cases


def section():
    return basic() + advanced() + padding() + movement() + dynamic()

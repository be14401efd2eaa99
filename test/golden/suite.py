"""Cases of functions: `call` and `refuse` ask JAX (or NumPy) and write what came out, one line a case.

Arguments are written in a specification as they stand in the case: `"@f32[2,3]e1"` an array (arrays.py), `"@2"` a
number where an array may stand (weak), `"@key(7)"` a random key, `"@fn.square"` a function of passed.py, anything
else itself. README.md says what each field means. This file knows nothing of single functions.
"""
import json
import re

import jax
import jax.numpy as jnp
import numpy as np

import arrays
from golden import camel

NAMESPACES = {"np": jnp, "lax": jax.lax, "nn": jax.nn, "random": jax.random, "jax": jax, "tree": jax.tree}
COTANGENT, TANGENT = 1000, 2000  # seeds of what derivatives are taken with
FUNCTIONS = {}  # what "@fn.…" names; passed.py fills it
ADAPTED = {}  # functions whose convention is ours; passed.py fills it


class Listed:
    """Numbers that ours takes as a JS array, and JAX as an array alone."""

    def __init__(self, values, dtype):
        self.values, self.array = values, jnp.asarray(np.array(values, dtype))


def ints(*values):
    return Listed(list(values), np.int32)


def truths(*values):
    return Listed(list(values), np.bool_)


def floats_of(*values):
    return Listed(list(values), np.float32)


class Array:
    """An array argument: its text and where it stands."""

    def __init__(self, text, value):
        self.text, self.value = text, value


def resolve(name, by="jax"):
    if name in ADAPTED:
        return ADAPTED[name]
    space, *path = name.split(".")
    target = np if by == "numpy" else NAMESPACES[space]
    for part in path:
        target = getattr(target, part)
    return target


def materialise(value, found, by="jax"):
    """The argument as JAX takes it; arrays become places in `found`, filled by `place`."""
    if isinstance(value, str) and value.startswith("@"):
        text = value[1:]
        if text.startswith("fn."):
            return FUNCTIONS[text[3:]]
        if text.startswith("key("):
            array = Array(text, jax.random.key(int(text[4:-1])))
        elif re.match(r"^-?[\d.]|^-?inf|^nan", text):
            return float(text) if re.search(r"[.nie]", text) else int(text)
        else:
            data, weak = arrays.parse(text)
            array = Array(text, data if by == "numpy" else jnp.asarray(data))
            if weak:
                array.value = jax.lax.convert_element_type(array.value, {"f": float, "i": int}[text[0]])
        found.append(array)
        return array
    if isinstance(value, Listed):
        return value.array
    if isinstance(value, list) and not is_static(value):
        return [materialise(item, found, by) for item in value]
    if isinstance(value, (list, tuple)):
        return tuple(materialise(item, found, by) for item in value)
    if isinstance(value, dict):
        return {key: materialise(item, found, by) for key, item in value.items()}
    return value


def is_static(value):
    """A list of plain numbers, as axes and shapes are: JAX takes a tuple."""
    return all(is_static(item) if isinstance(item, (list, tuple)) else isinstance(item, (int, float)) for item in value)


def place(value, values):
    """The argument with each array replaced by the next of `values`."""
    if isinstance(value, Array):
        return next(values)
    if isinstance(value, (list, tuple)):
        return type(value)(place(item, values) for item in value)
    if isinstance(value, dict):
        return {key: place(item, values) for key, item in value.items()}
    return value


def as_json(value):
    """An argument as the case has it."""
    if isinstance(value, Listed):
        return value.values
    if isinstance(value, float) and not np.isfinite(value):
        return f"@{value}"
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return value


def write_output(value):
    """A result: text for an array, {"json": …} for what is none, lists and objects of these."""
    if isinstance(value, jax.Array):
        if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            words = arrays.write(jax.random.key_data(value))
            return "key" + words[words.index("["):]
        return arrays.write(value, value.weak_type)
    if isinstance(value, (np.ndarray, np.generic)):
        return arrays.write(value)
    if not any(isinstance(leaf, (jax.Array, np.ndarray, np.generic)) for leaf in jax.tree.leaves(value)):
        return {"json": value.name if isinstance(value, np.dtype) else as_json(value)}
    if isinstance(value, dict):
        return {key: write_output(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [write_output(item) for item in value]
    raise TypeError(f"cannot write {value!r}")


def called(result, args):
    """A result that is a function, or a list that ends in one, called with `then`."""
    if isinstance(result, (list, tuple)):
        return [*result[:-1], result[-1](*args)]
    return result(*args)


def is_wide(key):
    """64-bit types are on for cases that have them, and for these alone."""
    return "f64" in key or "float64" in key


def is_edge(key):
    """Listed floats and empty arrays: programs of many operations are simplified by XLA (0 · NaN to 0), single ones are not."""
    return re.search(r"f\d\d\[[\d,]*\]=|@-?(inf|nan)|\[(\d+,)*0[,\]]", key) is not None


def holds_edge(found):
    return any(is_float(leaf) and not bool(jnp.all(jnp.isfinite(leaf))) for leaf in jax.tree.leaves(found))


def is_float(array):
    return not jnp.issubdtype(array.dtype, jax.dtypes.prng_key) and jnp.issubdtype(array.dtype, jnp.inexact)


def floats(tree):
    return [leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, jax.Array) and is_float(leaf)]


def recipe(like, seed):
    """Eighths of the dtype and shape of an array."""
    return jnp.asarray(arrays.parse(f"{arrays.SHORT[like.dtype.name]}[{','.join(map(str, like.shape))}]e{seed}")[0])


def turned(value):
    """The second example of a batch: the elements in reverse order, or the key after."""
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        data = jax.random.key_data(value)
        return jax.random.wrap_key_data(data ^ 1)
    return jnp.flip(value.reshape(-1)).reshape(value.shape)


def in_axes(values, at):
    """Which arrays are batched, and along which axis: every case takes another of the ways."""
    n = len(values)
    if n == 1:
        return [0 if at % 2 == 0 or values[0].ndim == 0 else -1]
    way = at % 4
    if way == 1:
        return [0] + [None] * (n - 1)
    if way == 2:
        return [None] * (n - 1) + [0]
    return [-1 if way == 3 and v.ndim > 0 else 0 for v in values]


class Pending:
    """A case that waits to be computed with the others of its function."""

    def __init__(self, at, key, name, f, values, entry, skipped, cast, axes):
        self.at, self.key, self.name, self.f, self.values, self.entry = at, key, name, f, values, entry
        self.skipped, self.cast, self.axes = skipped, cast, axes
        self.alone = False  # it cannot be compiled with others

    def compute(self, values):
        """Value, derivatives and second example, by kind."""
        result = self.f(*values)
        found = {"out": result}
        leaves = jax.tree.leaves(result)
        active = [i for i, v in enumerate(values) if is_float(v)]
        outputs = floats(result)

        def restricted(*some):
            full = list(values)
            for i, value in zip(active, some):
                full[i] = value
            return floats(self.f(*full))

        primals = [values[i] for i in active]
        if active and outputs:
            cotangents = [recipe(y, COTANGENT + k) for k, y in enumerate(outputs)]
            tangents = [recipe(x, TANGENT + i) for i, x in zip(active, primals)]
            self.attempt("vjp", found, lambda: jax.vjp(restricted, *primals)[1](cotangents))
            self.attempt("jvp", found, lambda: jax.jvp(restricted, primals, tangents)[1])
        if self.axes and leaves and all(isinstance(leaf, jax.Array) for leaf in leaves) and "vmap" not in self.skipped:
            # what vmap is to give, without compiling a batch: the second example by itself
            found["vmap"] = self.f(*[v if axis is None else turned(v) for v, axis in zip(values, self.axes)])
        return found

    def attempt(self, kind, found, make):
        if kind in self.skipped:
            return
        try:
            found[kind] = list(make())
        except Exception as error:
            found.setdefault("failed", []).append(f"{kind} of {self.name}: {type(error).__name__}")

    def write(self, found):
        result = found["out"]
        if self.cast is not None:
            result = jax.tree.map(lambda x: np.asarray(x).astype(self.cast), result)
        entry = self.entry
        derivatives = {kind: [arrays.write(x) for x in found[kind]] for kind in ["vjp", "jvp"] if kind in found}
        bounds = {field: entry.pop(field) for field in ["ulp", "atol", "rel", "dulp", "datol"] if field in entry}
        entry |= {"out": write_output(result)} | bounds | derivatives
        if "vmap" in found:
            entry["vmap"] = {"in": self.axes, "out": write_output(found["vmap"])}
        if "jit" in self.skipped:
            entry["jit"] = False
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


class Suite:
    """The cases of a file, in order. Cases of one function are compiled as one program: a hundred times a second."""

    def __init__(self, only_check=False):
        self.only_check = only_check
        self.lines, self.seen, self.at = [], set(), {}
        self.pending = []
        self.left_out, self.wrong = [], []
        self.bounds = {}
        self.underived = {}

    def bound(self, *names, ulp=0, atol=0, rel=0, dulp=0, datol=0):
        """Bounds of functions: units in the last place, an absolute distance, units of the largest element; of derivatives."""
        for name in names:
            self.bounds[name] = {"ulp": ulp, "atol": atol, "rel": rel, "dulp": dulp, "datol": datol}

    def without(self, kind, *names):
        """Functions of which no `vjp`, `jvp`, `vmap` or `jit` is taken."""
        for name in names:
            self.underived.setdefault(name, set()).update(kind.split())

    def call(self, name, *args, _ulp=None, _atol=None, _rel=None, _dulp=None, _datol=None, _by="jax", _cast=None, _then=None, _without="", **options):
        """One case: the value, and what can be had of derivatives and batches."""
        entry = self.begin(name, args, options, _then)
        if entry is None:
            return
        key = json.dumps(entry)
        bounds = self.bounds.get(name, {})
        for field, value in [("ulp", _ulp), ("atol", _atol), ("rel", _rel), ("dulp", _dulp), ("datol", _datol)]:
            value = bounds.get(field) if value is None else value
            if value:
                entry[field] = value
        found = []
        with jax.enable_x64(is_wide(key)):
            made = materialise([list(args), dict(options), list(_then or [])], found, _by)
        target = resolve(name, _by)

        def f(*values):
            a, o, t = place(made, iter(values))
            result = target(*a, **o)
            return called(result, t) if _then is not None else result

        values = [array.value for array in found]
        skipped = self.underived.get(name, set()) | set(_without.split())
        axes = []
        if values and "vmap" not in skipped and _by == "jax":
            self.at[name] = self.at.get(name, -1) + 1
            axes = in_axes(values, self.at[name])
        one = Pending(len(self.lines), key, name, f, values, entry, skipped, _cast, axes)
        one.alone = _by != "jax" or is_edge(key)
        if self.only_check:
            self.check(one)
            return
        if self.pending and self.pending[0].name != name:
            self.flush()
        self.pending.append(one)
        self.lines.append("")

    def check(self, one):
        """Whether JAX takes the call, without computing it."""
        try:
            with jax.enable_x64(is_wide(one.key)):
                one.f(*one.values) if one.alone else jax.eval_shape(one.f, *one.values)
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
            pass
        except Exception as error:
            if "valid JAX type" not in str(error):  # what is no array is computed by itself
                self.wrong.append(f"{one.key}: {type(error).__name__}: {str(error)[:160]}")

    def begin(self, name, args, options, then):
        entry = {"fn": camel(name), "args": as_json(args)}
        if options:
            entry["options"] = {camel(k): as_json(v) for k, v in options.items()}
        if then is not None:
            entry["then"] = as_json(then)
        key = json.dumps(entry)
        if key in self.seen:
            self.wrong.append(f"twice: {key}")
            return None
        self.seen.add(key)
        return entry

    def flush(self):
        """Computes what waits."""
        for wide in [False, True]:
            with jax.enable_x64(wide):
                self.compute([one for one in self.pending if is_wide(one.key) == wide])
        self.pending = []

    def compute(self, cases):
        together = [one for one in cases if not one.alone]

        def program(values):
            results = []
            for one, own in zip(together, values):
                try:
                    found = one.compute(own)
                except Exception:  # it needs concrete values, or JAX refuses it
                    one.alone = True
                    found = {}
                self.left_out += found.pop("failed", [])
                if not all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(found)):
                    one.alone, found = True, {}
                results.append(found)
            return results

        if together:
            try:
                results = jax.jit(program)([one.values for one in together])
            except Exception:  # XLA refuses one of them: each by itself says which
                results = [{} for _ in together]
                for one in together:
                    one.alone = True
            for one, found in zip(together, results):
                one.alone |= holds_edge(found)
                if not one.alone:
                    self.lines[one.at] = one.write(found)
        for one in cases:
            if one.alone:
                try:
                    found = one.compute(one.values)
                except Exception as error:
                    self.wrong.append(f"{one.key}: {type(error).__name__}: {str(error)[:160]}")
                    continue
                self.left_out += found.pop("failed", [])
                self.lines[one.at] = one.write(found)

    def refuse(self, name, *args, _by="jax", _then=None, **options):
        """One case: what JAX (or NumPy) refuses with an error."""
        entry = self.begin(name, args, options, _then)
        if entry is None:
            return
        found = []
        made = materialise([list(args), dict(options), list(_then or [])], found, _by)
        a, o, t = place(made, iter([array.value for array in found]))
        try:
            result = resolve(name, _by)(*a, **o)
            result = called(result, t) if _then is not None else result
        except Exception as error:
            refused = type(error).__name__
        else:
            self.wrong.append(f"{json.dumps(entry)} is not refused: {str(result)[:80]}")
            return
        entry["error"] = refused
        self.lines.append(json.dumps(entry, separators=(",", ":"), ensure_ascii=False))

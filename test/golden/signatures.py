"""Writes signatures.json: the parameters of every public function of JAX, and of NumPy where JAX has none.

Our definitions of functions are compared with it. It knows modules and nothing of single functions: what they compute
is the sections' matter. Run it at the repository root: .venv/bin/python test/golden/signatures.py
"""
import importlib
import inspect
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

from golden import camel

# our namespace, JAX's module, NumPy's or SciPy's of the same functions
MODULES = [
    ("np", "jax.numpy", "numpy"),
    ("np.linalg", "jax.numpy.linalg", "numpy.linalg"),
    ("np.fft", "jax.numpy.fft", "numpy.fft"),
    ("lax", "jax.lax", None),
    ("lax.linalg", "jax.lax.linalg", None),
    ("nn", "jax.nn", None),
    ("nn.initializers", "jax.nn.initializers", None),
    ("random", "jax.random", None),
    ("tree", "jax.tree", None),
    ("treeUtil", "jax.tree_util", None),
    ("flattenUtil", "jax.flatten_util", None),
    ("jax", "jax", None),
    ("debug", "jax.debug", None),
    ("customBatching", "jax.custom_batching", None),
    ("dtypes", "jax.dtypes", None),
    ("testUtil", "jax.test_util", None),
    ("ops", "jax.ops", None),
    ("image", "jax.image", None),
    ("scipy.special", "jax.scipy.special", "scipy.special"),
    ("scipy.linalg", "jax.scipy.linalg", "scipy.linalg"),
    ("scipy.signal", "jax.scipy.signal", "scipy.signal"),
    ("scipy.fft", "jax.scipy.fft", "scipy.fft"),
    ("scipy.ndimage", "jax.scipy.ndimage", "scipy.ndimage"),
    ("scipy.integrate", "jax.scipy.integrate", "scipy.integrate"),
    ("scipy.interpolate", "jax.scipy.interpolate", "scipy.interpolate"),
    ("scipy.optimize", "jax.scipy.optimize", "scipy.optimize"),
    ("scipy.cluster.vq", "jax.scipy.cluster.vq", "scipy.cluster.vq"),
    ("scipy.sparse.linalg", "jax.scipy.sparse.linalg", "scipy.sparse.linalg"),
    ("scipy.spatial.transform", "jax.scipy.spatial.transform", "scipy.spatial.transform"),
    ("scipy.stats", "jax.scipy.stats", "scipy.stats"),
    ("experimental.ode", "jax.experimental.ode", None),
    ("experimental.checkify", "jax.experimental.checkify", None),
]
KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.KEYWORD_ONLY: "named",
    inspect.Parameter.VAR_POSITIONAL: "rest",
    inspect.Parameter.VAR_KEYWORD: "options",
}
# what exists nowhere else: NumPy's functions that JAX dropped and ours has
NUMPY_ALONE = ["fix"]


def write_default(value):
    """A default in JSON form; {"python": …} is one that has no meaning outside Python."""
    if isinstance(value, (np.generic, jax.Array)) and np.ndim(value) == 0:
        value = np.asarray(value).item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else {"number": str(value)}
    if isinstance(value, complex):
        return {"re": value.real, "im": value.imag}
    if isinstance(value, (list, tuple)):
        return [write_default(item) for item in value]
    try:
        return np.dtype(value).name  # jnp.float32 and float are dtypes
    except TypeError:
        name = getattr(value, "name", None) or getattr(value, "__name__", None) or str(value)
        return {"python": name.split(" at 0x")[0].strip("<>")}


def parameters(function):
    if isinstance(function, jnp.ufunc):  # its own __call__ takes *args
        listed = [p.replace(kind=p.POSITIONAL_ONLY) for p in inspect.signature(function._func).parameters.values()]
        listed += [p for p in inspect.signature(function).parameters.values() if p.kind == p.KEYWORD_ONLY]
    else:
        listed = list(inspect.signature(function).parameters.values())
    out = []
    for parameter in listed:
        entry = {"name": camel(parameter.name)}
        if parameter.kind in KINDS:
            entry["kind"] = KINDS[parameter.kind]
        if parameter.default is not inspect.Parameter.empty:
            entry["default"] = write_default(parameter.default)
        out.append(entry)
    return out


def functions(module):
    """Public callables of a module, abstract types and exceptions left out."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if name.startswith("_") or not callable(value) or inspect.ismodule(value):
            continue
        # jnp.float32 and the abstract dtypes
        if type(value).__name__ == "_ScalarMeta" or (inspect.isclass(value) and issubclass(value, (np.generic, BaseException))):
            continue
        yield name, value


def try_parameters(function):
    try:
        return parameters(function)
    except (ValueError, TypeError):
        return None  # written in C without a signature


def differences(ours, theirs):
    """How NumPy's parameters differ from JAX's, in words."""
    a, b = {p["name"]: p for p in ours}, {p["name"]: p for p in theirs}
    found = []
    only_a, only_b = [n for n in a if n not in b], [n for n in b if n not in a]
    if only_a:
        found.append("JAX alone: " + ", ".join(only_a))
    if only_b:
        found.append("NumPy alone: " + ", ".join(only_b))
    places = [[p["name"] for p in side if p.get("kind") not in ("named", "rest", "options") and p["name"] in a and p["name"] in b] for side in (ours, theirs)]
    if places[0] != places[1]:
        found.append(f"order: JAX {', '.join(places[0])}; NumPy {', '.join(places[1])}")
    unset = {"python": "no value"}
    for name in a:
        if name in b and a[name].get("default") != b[name].get("default") and b[name].get("default") != unset:
            found.append(f"default of {name}: JAX {json.dumps(a[name].get('default'))}; NumPy {json.dumps(b[name].get('default'))}")
    return found


def collect():
    table = {}
    for space, ours, theirs in MODULES:
        module = importlib.import_module(ours)
        other = importlib.import_module(theirs) if theirs else None
        for name, function in functions(module):
            found = try_parameters(function)
            if found is None:
                continue
            entry = {"from": "jax", "parameters": found}
            if isinstance(function, jnp.ufunc):
                entry["ufunc"] = True
            peer = getattr(other, name, None) if other else None
            if isinstance(peer, np.ufunc):
                peer = None  # all of them have the same machinery (casting, subok, …), which JAX's lack
            peer = try_parameters(peer) if callable(peer) else None
            notes = differences(found, peer) if peer is not None else []
            if notes:
                entry["numpy"], entry["notes"] = peer, notes
            table[f"{space}.{camel(name)}"] = entry
    for name in NUMPY_ALONE:
        table[f"np.{camel(name)}"] = {"from": "numpy", "parameters": parameters(getattr(np, name))}
    for module_name in sorted(n for n in dir(importlib.import_module("jax.scipy.stats")) if not n.startswith("_")):
        module = getattr(importlib.import_module("jax.scipy.stats"), module_name)
        if inspect.ismodule(module):
            for name, function in functions(module):
                table[f"scipy.stats.{camel(module_name)}.{camel(name)}"] = {"from": "jax", "parameters": parameters(function)}
    for name, method in inspect.getmembers(jax.Array):
        if not name.startswith("_") and callable(method):
            found = try_parameters(method)
            if found is not None:
                table[f"array.{camel(name)}"] = {"from": "jax", "parameters": [p for p in found if p["name"] != "self"]}
    return table


def main():
    table = collect()
    lines = [f"{json.dumps(name)}:{json.dumps(table[name], separators=(',', ':'))}" for name in sorted(table)]
    head = json.dumps({"jax": jax.__version__, "numpy": np.__version__})
    path = pathlib.Path(__file__).parent / "data" / "signatures.json"
    path.write_text('{"versions":' + head + ',"functions":{\n' + ",\n".join(lines) + "\n}}\n")
    print(f"{len(table)} signatures, {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()

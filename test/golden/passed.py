"""Functions that cases pass to transformations (`"@fn.square"`), and JAX's own behind our conventions.

passed.ts defines the same under the same names.
"""
import jax
import jax.numpy as jnp

import suite


def squares(x):
    return jnp.sum(x * x)


def cubes(x):
    return x * x * x


def waves(x):
    return jnp.sin(x) * jnp.exp(-x)


def product(a, b):
    return jnp.sum(a * b)


def ratio(a, b):
    return a / (1.0 + b * b)


def both(a, b):
    return (a + b, a * b)


def bundle(p):
    """A tree in, a number out."""
    return jnp.sum(jnp.sin(p["w"]) * p["b"])


def split_up(x):
    """An array in, a tree out."""
    return {"first": jnp.sin(x), "second": [x * 2.0, jnp.sum(x)]}


def with_aux(x):
    return [jnp.sum(x * x), {"double": x * 2.0}]


def softened(x):
    return jnp.log1p(jnp.exp(x))


def linear(x):
    return x * 3.0 - jnp.flip(x)


def dense(w, x):
    return jnp.sin(jnp.matmul(w, x))


def clipped(x):
    return jnp.where(x > 0, x * x, -x)


def power(x, n):
    return x**n


def total(x):
    return jnp.sum(x, axis=-1)


def add(a, b):
    return a + b


def double(x):
    return x * 2


def negated(x):
    return -x


def difference(a, b):
    return a - b


def mean(x):
    return jnp.mean(x)


suite.FUNCTIONS.update({suite.camel(name): function for name, function in list(globals().items()) if callable(function) and getattr(function, "__module__", "") == __name__})


def keys_of(path):
    """A path of JAX's as ours: names and numbers."""
    return [getattr(part, "key", getattr(part, "idx", None)) for part in path]


def fields(info, names):
    return {"dtype": info.dtype.name} | {suite.camel(name): getattr(info, name).item() if hasattr(getattr(info, name), "item") else getattr(info, name) for name in names}


# our conventions: primals are one array of arguments; structures stand as trees in arguments and as numbers of leaves in results
suite.ADAPTED.update({
    "jax.vjp": lambda f, primals, **options: jax.vjp(f, *primals, **options),
    "jax.linearize": lambda f, primals, **options: jax.linearize(f, *primals, **options),
    "jax.linear_transpose": lambda f, primals: jax.linear_transpose(f, *primals),
    "jax.eval_shape": lambda f, *args: jax.tree.map(lambda s: {"shape": list(s.shape), "dtype": s.dtype.name}, jax.eval_shape(f, *args)),
    # objects as far as their fields are ours
    "np.finfo": lambda *args: fields(jnp.finfo(*args), ["bits", "eps", "epsneg", "max", "min", "tiny", "smallest_normal", "smallest_subnormal", "precision", "nmant", "nexp", "maxexp", "minexp"]),
    "np.iinfo": lambda *args: fields(jnp.iinfo(*args), ["bits", "max", "min"]),
    "tree.map_with_path": lambda f, tree: jax.tree.map_with_path(lambda path, leaf: [keys_of(path), f(leaf)], tree),
    "tree.flatten": lambda tree, **options: jax.tree.flatten(tree, **options)[0],
    "tree.structure": lambda tree, **options: jax.tree.structure(tree, **options).num_leaves,
    "tree.unflatten": lambda like, leaves: jax.tree.unflatten(jax.tree.structure(like), leaves),
    "tree.transpose": lambda outer, inner, tree: jax.tree.transpose(jax.tree.structure(outer), jax.tree.structure(inner), tree),
    "tree.flatten_with_path": lambda tree, **options: [[keys_of(path), leaf] for path, leaf in jax.tree.flatten_with_path(tree, **options)[0]],
    "tree.leaves_with_path": lambda tree, **options: [[keys_of(path), leaf] for path, leaf in jax.tree.leaves_with_path(tree, **options)],
})

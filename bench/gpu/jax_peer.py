"""JAX beside Weft on the same card: prints one JSON object of milliseconds by workload, or why there is none."""
import json
import sys
import time

side, count, product, size, repeats = (int(word) for word in sys.argv[1:6])
try:
    import jax
    import jax.numpy as jnp
except ImportError as error:
    print(json.dumps({"missing": f"python3 has no jax ({error})"}))
    sys.exit()


def median_of(run):
    run().block_until_ready()
    run().block_until_ready()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run().block_until_ready()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[len(times) // 2]


@jax.jit
def selu(x):
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return scale * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


@jax.jit
def blur(image, kernel):
    padded = jnp.pad(image, 4, mode="edge")
    output = jnp.zeros(image.shape)
    for i in range(9):
        for j in range(9):
            output = output + kernel[i, j] * jax.lax.dynamic_slice(padded, (i, j), image.shape)
    return output


keys = jax.random.split(jax.random.key(0), 8)
normal = lambda key, *shape: jax.random.normal(keys[key], shape, jnp.float32)
times = {}
x = normal(0, side, side)
times["selu"] = median_of(lambda: selu(x))
copy = jax.jit(lambda a: a + 1)
flat = normal(1, size)
times["copy"] = median_of(lambda: copy(flat))
cubes = jax.jit(jax.grad(lambda a: jnp.sum(a**3)))
few = jnp.array([1.0, 2.0, 3.0, 4.0])
times["gradients"] = median_of(lambda: cubes(few))
vectors = normal(2, count, side)
exact = jax.lax.Precision.HIGHEST
matvec = jax.jit(jax.vmap(lambda m, v: jnp.dot(m, v, precision=exact), (None, 0)))
times["matvec"] = median_of(lambda: matvec(x, vectors))
image, kernel = jax.random.uniform(keys[3], (473, 716)), jax.random.uniform(keys[4], (9, 9))
times["blur"] = median_of(lambda: blur(image, kernel))
a, b = normal(5, product, product), normal(6, product, product)
matmul = jax.jit(lambda p, q: jnp.matmul(p, q, precision=exact))
times["gemm"] = median_of(lambda: matmul(a, b))
faster = jax.jit(jnp.matmul)
times["gemm, jax's default precision"] = median_of(lambda: faster(a, b))
print(json.dumps({"times": times, "device": str(jax.devices()[0]), "version": jax.__version__}))

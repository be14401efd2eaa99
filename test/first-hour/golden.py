"""The numbers of models.ts and numerics.ts by JAX. Run: python golden.py > golden.json"""
import json
import math
import jax
import jax.numpy as np
from jax import grad, hessian, jacfwd, jit, jvp, lax, nn, random, value_and_grad, vjp, vmap
import numpy as onp


def linear_regression():
    data, weight, noise = random.split(random.key(42), 3)
    x = random.normal(data, [256, 3])
    y = x @ np.array([2, -1, 0.5]) + 0.1 + random.normal(noise, [256]) * 0.01
    loss = lambda p, x, y: np.mean(np.square(x @ p["w"] + p["b"] - y))
    p = {"w": random.normal(weight, [3]), "b": np.zeros([])}
    step = jit(value_and_grad(loss))
    losses = []
    for i in range(100):
        value, g = step(p, x, y)
        p = jax.tree.map(lambda a, d: a - d * 0.1, p, g)
        if i % 25 == 0:
            losses.append(value)
    return dict(losses=losses, w=p["w"], b=p["b"])


def logistic_regression():
    x = random.normal(random.key(7), [200, 4])
    labels = x[:, 0] + x[:, 1] * 2 > 0.3

    def likelihood(w):
        z = x @ w
        return np.mean(np.where(labels, nn.log_sigmoid(z), nn.log_sigmoid(-z)))

    w = np.zeros([4])
    for _ in range(50):
        w = w + grad(likelihood)(w)
    predicted = nn.sigmoid(x @ w) > 0.5
    return dict(w=w, likelihood=likelihood(w), accuracy=(predicted == labels).mean(), count=np.sum(predicted))


def adam():
    keys = random.split(random.key(3), 4)
    widths = [2, 16, 16, 1]
    net = [dict(weight=random.normal(keys[i], [widths[i], widths[i + 1]]) / math.sqrt(widths[i]), bias=np.zeros([widths[i + 1]])) for i in range(3)]
    x = random.uniform(keys[3], [64, 2], minval=-1, maxval=1)
    y = np.sin(x[:, 0:1] * 3) * x[:, 1:]

    def loss(net):
        h = x
        for i, l in enumerate(net):
            h = h @ l["weight"] + l["bias"]
            if i < len(net) - 1:
                h = np.tanh(h)
        return np.mean((h - y) ** 2)

    m = jax.tree.map(np.zeros_like, net)
    v = m

    @jit
    def step(net, m, v, t, rate):
        value, g = value_and_grad(loss)(net)
        m = jax.tree.map(lambda a, d: a * 0.9 + d * 0.1, m, g)
        v = jax.tree.map(lambda a, d: a * 0.999 + d * d * 0.001, v, g)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        net = jax.tree.map(lambda p, a, b: p - rate * (a / c1) / (np.sqrt(b / c2) + 1e-8), net, m, v)
        return value, net, m, v

    losses = []
    for i in range(1, 151):
        value, net, m, v = step(net, m, v, float(i), 0.02 * 0.5 ** (i // 50))
        if i % 30 == 0:
            losses.append(value)
    return dict(losses=losses, first=net[0]["bias"][:4])


def k_means():
    points = np.concatenate([random.normal(random.key(i), [40, 2]) * 0.3 + np.array(c) for i, c in enumerate([[0, 0], [3, 0], [0, 3]])])
    centres = points[::40]
    for _ in range(8):
        nearest = np.argmin(np.sum(np.square(points[:, None] - centres), axis=-1), 1)
        one = nn.one_hot(nearest, 3)
        centres = one.T @ points / one.sum(0)[:, None]
    return dict(centres=centres, counts=nn.one_hot(nearest, 3).sum(0), some=nearest[::17])


def attention():
    kx, kq, kk, kv = random.split(random.key(11), 4)
    x = random.normal(kx, [2, 6, 8])
    params = dict(wq=random.normal(kq, [8, 2, 4]), wk=random.normal(kk, [8, 2, 4]), wv=random.normal(kv, [8, 2, 4]))

    def layer(p, x):
        q, k, v = (np.einsum("bld,dhk->blhk", x, p[n]) for n in ("wq", "wk", "wv"))
        scores = np.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(4)
        weights = nn.softmax(np.where(np.tril(np.ones([6, 6], bool)), scores, -np.inf), axis=-1)
        return np.einsum("bhqk,bkhd->bqhd", weights, v).reshape(2, 6, 8)

    out = layer(params, x)
    g = grad(lambda p: np.mean(np.square(layer(p, x))))(params)
    return dict(out=out[1, :3], gq=g["wq"][0], gv=g["wv"][0], norms=np.sqrt(np.sum(np.square(out), axis=(1, 2))))


def flow():
    kx, k1, k2 = random.split(random.key(5), 3)
    x = random.normal(kx, [50, 2]) * np.array([1, 0.5]) + np.array([2, -1])
    p = dict(scale=random.normal(k1, [2]) * 0.1, shift=random.normal(k2, [2]) * 0.1)

    def log_density(p, point):
        a, b = point
        s = np.tanh(p["scale"][0] * a + p["scale"][1])
        t = p["shift"][0] * a + p["shift"][1]
        z = np.stack([a, (b - t) * np.exp(-s)])
        return np.sum(z**2 + math.log(2 * math.pi)) * -0.5 - s

    loss = lambda p: -vmap(log_density, [None, 0])(p, x).mean()
    start = loss(p)
    for _ in range(30):
        p = jax.tree.map(lambda w, g: w - 0.1 * g, p, grad(loss)(p))
    return dict(start=start, end=loss(p), scale=p["scale"], shift=p["shift"])


def ensemble():
    def init(key):
        a, b = random.split(key)
        return dict(w1=random.normal(a, [3, 8]), w2=random.normal(b, [8]))

    nets = vmap(init)(random.split(random.key(9), 5))
    x = np.linspace(-1, 1, 12).reshape([4, 3])
    predict = lambda n, x: nn.relu(x @ n["w1"]) @ n["w2"]
    out = vmap(predict, [0, None])(nets, x)
    g = vmap(grad(lambda n: np.sum(predict(n, x))))(nets)
    return dict(all=out, mean=out.mean(0), std=out.std(0), w2=g["w2"], shape=list(g["w1"].shape))


def principal_component():
    x = random.normal(random.key(1), [100, 5]) * np.array([3, 2, 1, 0.5, 0.1])
    c = x - x.mean(0, keepdims=True)
    cov = c.T @ c / 99
    v = np.ones([5])
    for _ in range(60):
        v = cov @ v
        v = v / np.sqrt(np.vdot(v, v))
    return dict(v=np.abs(v), value=v @ (cov @ v), diagonal=np.diagonal(cov), trace=np.trace(cov))


def life():
    board = np.zeros([8, 8], "int32")
    for i, j in [[0, 1], [1, 2], [2, 0], [2, 1], [2, 2]]:
        board = board.at[i, j].set(1)
    for _ in range(10):
        n = sum(np.roll(board, (a, b), (0, 1)) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0))
        board = ((n == 3) | ((board == 1) & (n == 2))).astype("int32")
    return dict(board=board, alive=board.sum(), dtype=str(board.sum().dtype))


def mandelbrot():
    re, im = np.meshgrid(np.linspace(-2, 0.5, 24), np.linspace(-1.2, 1.2, 16))
    x, y, count = np.zeros_like(re), np.zeros_like(im), np.zeros(re.shape, "int32")
    for _ in range(30):
        inside = x * x + y * y <= 4
        x, y = np.where(inside, x * x - y * y + re, x), np.where(inside, x * y * 2 + im, y)
        count = count + inside
    return dict(rows=count.sum(1), row=count[8], max=count.max())


def image_gradients():
    image = np.sin(np.arange(12).reshape(12, 1) * 0.5) + np.cos(np.arange(10)[None] * 0.7)
    p = np.pad(image, 1, mode="edge")
    gx, gy = (p[1:-1, 2:] - p[1:-1, :-2]) / 2, (p[2:, 1:-1] - p[:-2, 1:-1]) / 2
    m, angle = np.hypot(gx, gy), np.arctan2(gy, gx)
    return dict(shape=list(m.shape), row=m[5], angles=np.degrees(angle)[3:6, 4], at=np.argmax(m), edges=np.sum(m > 0.4))


def moving_average():
    x = np.arange(20).astype("float32") * 0.3 + random.normal(random.key(4), [20])
    total = sum(x[k : 16 + k] for k in range(5))
    stacked = np.stack([x[k : 16 + k] for k in range(5)])
    return dict(mean=total / 5, max=stacked.max(0), median=np.clip(stacked, 0, 4).std(axis=0, ddof=1), diff=np.diff(x, 2), reversed=x[::-3])


def monte_carlo():
    def estimate(key):
        kx, ky = random.split(key)
        return np.mean(random.uniform(kx, [2000]) ** 2 + random.uniform(ky, [2000]) ** 2 < 1) * 4

    out = vmap(estimate)(random.split(random.key(2024), 10))
    return dict(all=out, mean=out.mean(), error=abs(out.mean() - np.pi))


def newton():
    def solve2(a, b):
        d = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
        return np.stack([b[0] * a[1, 1] - a[0, 1] * b[1], a[0, 0] * b[1] - b[0] * a[1, 0]]) / d

    f = lambda p: (1 - p[0]) ** 2 + (p[1] - p[0] ** 2) ** 2 * 100
    step = jit(lambda p: p - solve2(hessian(f)(p), grad(f)(p)))
    p = np.array([-1.2, 1])
    values, steps = [], 0
    while f(p) > 1e-8 and steps < 20:
        p = step(p)
        values.append(f(p))
        steps += 1
    return dict(p=p, steps=steps, hessian=hessian(f)(np.array([-1.2, 1])), first=values[0])


def matrix_exponential():
    a = np.array([[0, 1, 0], [-1, 0, 0.5], [0, -0.5, 0]]) * 2

    def expm(m, s):
        m = m / 2**s
        term = total = np.eye(3)
        for k in range(1, 9):
            term = term @ m / k
            total = total + term
        for _ in range(s):
            total = total @ total
        return total

    e = expm(a, 6)
    _, tangent = jvp(lambda m: expm(m, 6), [a], [np.eye(3)])
    return dict(e=e, orthogonal=bool(np.allclose(e @ e.T, np.eye(3), atol=1e-4)), tangent=tangent, again=expm(a, 3))


def power():
    f = lambda x: x * x if x > 1 else np.exp(x) if x < 0 else x * 3
    return dict(powers=np.array([1.0, 2, -3]) ** 10, grads=[grad(f)(x) for x in (-1.0, 0.5, 2.0)], d=[grad(lambda x: x**n)(3.0) for n in (1, 2, 3, 4)])


def jacobians():
    f = lambda x: np.stack([x[0] * x[1], np.sin(x[2]), x.sum()])
    x = np.array([1.0, 2, 3])
    y, pull = vjp(f, x)
    t = grad(lambda p: (p["a"] * p["list"][0] + p["list"][1]["c"] ** 2).sum())(dict(a=np.array([1.0, 2]), list=[np.array([3.0, 4]), dict(c=np.array(5.0))]))
    third = grad(grad(grad(lambda t: t**5 * np.exp(-t))))(1.5)
    return dict(fwd=jacfwd(f)(x), y=y, v=pull(np.array([1.0, 0, 2]))[0], third=third, a=t["a"], list=[t["list"][0], t["list"][1]["c"]], lax=lax.dynamic_slice(np.arange(20).reshape(4, 5), [1, 2], [2, 3]))


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return [plain(v) for v in x]
    if isinstance(x, (str, bool, int)):
        return x
    a = onp.asarray(x)
    return a.tolist() if a.dtype.kind in "iub" else json.loads(json.dumps(onp.vectorize(lambda v: float(f"{v:.8g}"), otypes=[float])(a).tolist()))


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(w.capitalize() for w in rest)


programs = [linear_regression, logistic_regression, adam, k_means, attention, flow, ensemble, principal_component, life, mandelbrot, image_gradients, moving_average, monte_carlo, newton, matrix_exponential, power, jacobians]
print("{\n" + ",\n".join(f"  {json.dumps(camel(p.__name__))}: {json.dumps(plain(p()))}" for p in programs) + "\n}")

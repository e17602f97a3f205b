"""Steps of descent: what the recursions come to."""

from cnnmat import loops
from cnnmat.derivations.layers.setting import lecture
from cnnmat.verify import Sides

STEPS = 3


def walked(step, p, grads, state):
    """p after each of the steps; step(p, g, *state, k) -> (p, *state)."""
    after = []
    for k, g in enumerate(grads, start=1):
        p, *state = step(p, g, *state, k)
        after.append(p)
    return after


@lecture.claim("step/momentum", "algorithm", "Momentum is a sum over all gradients, old ones fading",
               r"p_k=p_0-\eta\sum_{i\le k}\sum_{j\le i}\mu^{i-j}g_j")
def momentum(e):
    p, g, lr, mu = e.symbols("p"), e.symbols("g", STEPS), e.symbols("lr"), e.symbols("mu")

    def step(p, g, v, k, nesterov=False):
        return loops.sgd_step(p, g, v, lr, mu, nesterov)

    truth = [p - lr * sum(mu ** (i - j) * g[j] for i in range(k) for j in range(i + 1))
             for k in range(1, STEPS + 1)]
    return Sides(truth=truth, printed=walked(step, p, g.tolist(), [0]), wrong={
        "Nesterov's": walked(lambda *a: step(*a, nesterov=True), p, g.tolist(), [0])})


@lecture.claim("step/nesterov", "algorithm", "Nesterov's step is momentum whose position looks ahead",
               r"v'=\mu v-\eta g,\quad p'=p-\mu v+(1+\mu)v'")
def nesterov(e):
    p, g, lr, mu = e.symbols("p"), e.symbols("g", STEPS), e.symbols("lr"), e.symbols("mu")

    def by_position(p, g, v, k):
        new = mu * v - lr * g
        return p - mu * v + (1 + mu) * new, new

    def step(p, g, v, k, nesterov=True):
        return loops.sgd_step(p, g, v, lr, mu, nesterov)

    return Sides(truth=walked(by_position, p, g.tolist(), [0]),
                 printed=walked(step, p, g.tolist(), [0]),
                 wrong={"plain": walked(lambda *a: step(*a, nesterov=False), p, g.tolist(), [0])})


def average(beta, values):
    """Σ β^(k-i) v_i / Σ β^(k-i): old values count for less."""
    weights = [beta ** (len(values) - 1 - i) for i in range(len(values))]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


@lecture.claim("step/adam", "algorithm", "Adam's corrected moments are averages of all gradients and squares",
               r"\hat m_k=\frac{\sum_{i\le k}\beta_1^{k-i}g_i}{\sum_{i\le k}\beta_1^{k-i}},\quad"
               r"\hat s_k=\frac{\sum_{i\le k}\beta_2^{k-i}g_i^2}{\sum_{i\le k}\beta_2^{k-i}}",
               rational=True)
def adam(e):
    p, g, root = e.symbols("p"), e.symbols("g", STEPS), e.root()
    lr, one, two, eps = (e.symbols(name) for name in ("lr", "b1", "b2", "eps"))

    def step(p, g, m, s, k, epsilon="outside"):
        return loops.adam_step(p, g, m, s, k, lr, one, two, eps, root, epsilon)

    truth = p
    for k in range(1, STEPS + 1):
        seen = g[:k].tolist()
        truth = truth - lr * average(one, seen) / (root(average(two, [v * v for v in seen])) + eps)
    return Sides(truth=truth, printed=walked(step, p, g.tolist(), [0, 0])[-1], wrong={
        "epsilon under the root": walked(lambda *a: step(*a, epsilon="inside"), p, g.tolist(),
                                         [0, 0])[-1]})


@lecture.claim("step/rmsprop", "algorithm", "RMSProp divides by the root of a fading mean of squares",
               r"s_k=(1-\rho)\sum_{i\le k}\rho^{k-i}g_i^2", rational=True)
def rmsprop(e):
    p, g, root = e.symbols("p"), e.symbols("g", STEPS), e.root()
    lr, rho, eps = (e.symbols(name) for name in ("lr", "rho", "eps"))

    def step(p, g, s, k, epsilon="outside"):
        return loops.rmsprop_step(p, g, s, lr, rho, eps, root, epsilon)

    truth = p
    for k in range(1, STEPS + 1):
        s = (1 - rho) * sum(rho ** (k - 1 - i) * g[i] * g[i] for i in range(k))
        truth = truth - lr * g[k - 1] / (root(s) + eps)
    return Sides(truth=truth, printed=walked(step, p, g.tolist(), [0])[-1], wrong={
        "epsilon under the root": walked(lambda *a: step(*a, epsilon="inside"), p, g.tolist(),
                                         [0])[-1]})

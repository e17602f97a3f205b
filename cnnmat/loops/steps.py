"""Steps of descent of one number p along its derivative g."""


def sgd_step(p, g, v, lr, momentum, nesterov):
    """(p, v): v = μ v + g, p = p - η v, or p - η (g + μ v) in Nesterov's form."""
    v = momentum * v + g
    return p - lr * (g + momentum * v if nesterov else v), v


def rmsprop_step(p, g, s, lr, rho, eps, sqrt, epsilon):
    """(p, s): s = ρ s + (1 - ρ) g², p = p - η g / (√s + ε), or with ε under the root."""
    s = rho * s + (1 - rho) * g * g
    return p - lr * g / _divisor(s, eps, sqrt, epsilon), s


def adam_step(p, g, m, s, k, lr, beta1, beta2, eps, sqrt, epsilon):
    """(p, m, s) after step k = 1, 2, ...: p = p - η m' / (√s' + ε).

    m = β1 m + (1 - β1) g and s = β2 s + (1 - β2) g² begin at 0, which m' = m / (1 - β1^k) and
    s' = s / (1 - β2^k) make up for.  With epsilon "hat", ε is added to √s before that.
    """
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g * g
    first, second = m / (1 - beta1 ** k), s / (1 - beta2 ** k)
    if epsilon == "hat":
        eps = eps / sqrt(1 - beta2 ** k)
    return p - lr * first / _divisor(second, eps, sqrt, epsilon), m, s


def _divisor(s, eps, sqrt, epsilon):
    return sqrt(s + eps) if epsilon == "inside" else sqrt(s) + eps

"""Information: entropy, cross-entropy, softmax."""

from cnnmat.loops.pooling import mean


def softmax(z, exp):
    """e^(z_i) / Σ_j e^(z_j)."""
    powers = [exp(value) for value in z]
    return [one / sum(powers) for one in powers]


def softmax_backward(upstream, z, exp):
    """y_i (u_i - Σ_j u_j y_j): every z moves all of y, their sum being 1."""
    y = softmax(z, exp)
    total = sum(u * p for u, p in zip(upstream, y, strict=True))
    return [p * (u - total) for u, p in zip(upstream, y, strict=True)]


def log_softmax(z, exp, log):
    """z_i - ln Σ_j e^(z_j)."""
    total = log(sum(exp(value) for value in z))
    return [value - total for value in z]


def log_softmax_backward(upstream, z, exp):
    """u_i - y_i Σ_j u_j, y being the softmax."""
    total = sum(upstream)
    return [u - p * total for u, p in zip(upstream, softmax(z, exp), strict=True)]


def surprise(t, p, log):
    """-Σ t_i log p_i, where 0 log 0 = 0; for t = p the entropy."""
    return -sum(t[i] * log(p[i]) for i in range(len(t)) if t[i] != 0)


def binary_cross_entropy(t, p, log):
    """The mean over the samples j of -(t_j log p_j + (1 - t_j) log(1 - p_j))."""
    return mean([surprise([t[j], 1 - t[j]], [p[j], 1 - p[j]], log) for j in range(len(t))])


def binary_cross_entropy_slope(t, p):
    """The derivative of -(t log p + (1 - t) log(1 - p)) by p."""
    return (p - t) / (p * (1 - p))


def logistic_loss(t, z, softplus):
    """The same of p = 1 / (1 + e^-z): ln(1 + e^z) - t z."""
    return softplus(z) - t * z


def one_hot(label, classes):
    """1 at place `label`, 0 elsewhere."""
    return [1 if k == label else 0 for k in range(classes)]

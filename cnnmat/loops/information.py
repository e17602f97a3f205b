"""Information: entropy, cross-entropy, softmax."""

from cnnmat.loops.pooling import mean


def softmax(z, exp):
    """e^(z_i) / Σ_j e^(z_j)."""
    powers = [exp(value) for value in z]
    return [one / sum(powers) for one in powers]


def surprise(t, p, log):
    """-Σ t_i log p_i, where 0 log 0 = 0; for t = p the entropy."""
    return -sum(t[i] * log(p[i]) for i in range(len(t)) if t[i] != 0)


def binary_cross_entropy(t, p, log):
    """The mean over the samples j of -(t_j log p_j + (1 - t_j) log(1 - p_j))."""
    return mean([surprise([t[j], 1 - t[j]], [p[j], 1 - p[j]], log) for j in range(len(t))])


def one_hot(label, classes):
    """1 at place `label`, 0 elsewhere."""
    return [1 if k == label else 0 for k in range(classes)]

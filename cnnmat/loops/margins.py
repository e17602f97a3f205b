"""Hinge losses: what lies within a margin costs."""

from cnnmat.loops.pooling import largest


def hinge(y, label):
    """Σ_j max(0, y_j - y_label + 1), the right class left out."""
    return sum([largest([0, y[j] - y[label] + 1]) for j in range(len(y)) if j != label])


def hinge_slopes(y, label):
    """1 for each class within the margin; the right class has minus their number."""
    within = [1 if j != label and y[j] - y[label] + 1 > 0 else 0 for j in range(len(y))]
    return [-sum(within) if j == label else within[j] for j in range(len(y))]


def binary_hinge(t, y):
    """max(0, 1 - t y), t being 1 or -1."""
    return largest([0, 1 - t * y])


def binary_hinge_slope(t, y):
    """-t within the margin, else 0."""
    return -t if 1 - t * y > 0 else 0

"""Normalisation of sets of entries: by batch, by layer, by groups of channels, by neighbours.

`sets` partitions the cells of an array into lists; `parameter` gives for a cell the place of
its factor gamma and its term beta.
"""

from cnnmat.loops.batches import build, entry, shape_of
from cnnmat.loops.pooling import mean
from cnnmat.loops.windows import cells


def sets_of(shape, name):
    """The cells of an array, those with an equal name(cell) in one list."""
    found = {}
    for cell in cells(shape):
        found.setdefault(name(cell), []).append(cell)
    return list(found.values())


def variance(values):
    """The mean of the squared distances from the mean."""
    centre = mean(values)
    return mean([(v - centre) * (v - centre) for v in values])


def standardize(values, eps, sqrt):
    """(v - mean) / √(variance + ε)."""
    centre, root = mean(values), sqrt(variance(values) + eps)
    return [(v - centre) / root for v in values]


def standardize_backward(upstream, values, eps, sqrt):
    """(u - mean u - s mean(u s)) / √(variance + ε), s being the standardized values."""
    root, s = sqrt(variance(values) + eps), standardize(values, eps, sqrt)
    level = mean(upstream)
    slope = mean([u * v for u, v in zip(upstream, s, strict=True)])
    return [(u - level - v * slope) / root for u, v in zip(upstream, s, strict=True)]


def normalize(x, gamma, beta, sets, parameter, eps, sqrt):
    """y = γ s + β, s being the entries of each set, standardized."""
    return _scaled(_standardized(x, sets, eps, sqrt), x, gamma, beta, parameter)


def normalize_backward(dy, x, gamma, sets, parameter, eps, sqrt):
    """(dx, dγ, dβ): through the values, the mean and the variance of each set."""
    dx = {}
    for one in sets:
        upstream = [entry(dy, cell) * entry(gamma, parameter(cell)) for cell in one]
        back = standardize_backward(upstream, [entry(x, cell) for cell in one], eps, sqrt)
        dx.update(zip(one, back, strict=True))
    return (build(shape_of(x), lambda *cell: dx[cell]),
            *_parameters_back(dy, _standardized(x, sets, eps, sqrt), gamma, parameter))


def normalize_by(x, gamma, beta, centre, spread, parameter, eps, sqrt):
    """y = γ (x - μ) / √(σ² + ε) + β, with μ and σ² given: the layer when it is used."""
    return _scaled(_given(x, centre, spread, parameter, eps, sqrt), x, gamma, beta, parameter)


def normalize_by_backward(dy, x, gamma, centre, spread, parameter, eps, sqrt):
    """(dx, dγ, dβ) where the mean and the variance are constants."""
    dx = build(shape_of(x), lambda *cell: entry(dy, cell) * entry(gamma, parameter(cell)) / sqrt(
        entry(spread, parameter(cell)) + eps))
    return dx, *_parameters_back(dy, _given(x, centre, spread, parameter, eps, sqrt), gamma,
                                 parameter)


def running(old, new, share):
    """(1 - share) old + share new, entry by entry."""
    return [(1 - share) * a + share * b for a, b in zip(old, new, strict=True)]


def _standardized(x, sets, eps, sqrt):
    """{cell: standardized entry}."""
    found = {}
    for one in sets:
        values = standardize([entry(x, cell) for cell in one], eps, sqrt)
        found.update(zip(one, values, strict=True))
    return found


def _given(x, centre, spread, parameter, eps, sqrt):
    return {cell: (entry(x, cell) - entry(centre, parameter(cell))) / sqrt(
        entry(spread, parameter(cell)) + eps) for cell in cells(shape_of(x))}


def _scaled(s, x, gamma, beta, parameter):
    return build(shape_of(x), lambda *cell: entry(gamma, parameter(cell)) * s[cell] + entry(
        beta, parameter(cell)))


def _parameters_back(dy, s, gamma, parameter):
    """(dγ, dβ): sums of dy s and of dy over the cells that share a parameter."""
    dgamma, dbeta = {}, {}
    for cell, value in s.items():
        at, upstream = parameter(cell), entry(dy, cell)
        dgamma[at] = dgamma.get(at, 0) + upstream * value
        dbeta[at] = dbeta.get(at, 0) + upstream
    shape = shape_of(gamma)
    return build(shape, lambda *cell: dgamma[cell]), build(shape, lambda *cell: dbeta[cell])


def respond_locally(x, size, alpha, beta, k, power):
    """y_c = x_c / (k + α Σ x_c'²)^β, c' running over the `size` channels around c."""
    def at(n, c, *cell):
        return entry(x, (n, c, *cell)) / power(_brightness(x, size, alpha, k, n, c, cell), beta)

    return build(shape_of(x), at)


def respond_locally_backward(dy, x, size, alpha, beta, k, power):
    """dx: each y_c sends back to x_c, and to every channel in its sum."""
    dx = {}
    for n, c, *cell in cells(shape_of(x)):
        sum_here = _brightness(x, size, alpha, k, n, c, cell)
        upstream, own = entry(dy, (n, c, *cell)), entry(x, (n, c, *cell))
        at = (n, c, *cell)
        dx[at] = dx.get(at, 0) + upstream / power(sum_here, beta)
        slope = upstream * own * beta * 2 * alpha / (power(sum_here, beta) * sum_here)
        for other in neighbours(c, size, len(x[n])):
            at = (n, other, *cell)
            dx[at] = dx.get(at, 0) - slope * entry(x, at)
    return build(shape_of(x), lambda *cell: dx[cell])


def neighbours(c, size, channels):
    """The channels c - size // 2, ..., `size` of them, those that there are."""
    first = c - size // 2
    return [other for other in range(first, first + size) if 0 <= other < channels]


def _brightness(x, size, alpha, k, n, c, cell):
    return k + alpha * sum(entry(x, (n, other, *cell)) * entry(x, (n, other, *cell))
                           for other in neighbours(c, size, len(x[n])))

"""Subsampling, smoothing and normalisation of maps."""

from cnnmat.loops.images import convolve_at


def subsample(image, steps):
    """The entries of every steps[0]-th row and steps[1]-th column, the first ones included."""
    return [row[::steps[1]] for row in image[::steps[0]]]


def smooth_and_skip(x, h, step):
    """Σ_j h(j) x(i-j) for i = 0, step, 2 step, ..., the middle of h being h(0), 0 outside x."""
    return [sum(h[j] * x[i - j + len(h) // 2] for j in range(len(h))
                if 0 <= i - j + len(h) // 2 < len(x)) for i in range(0, len(x), step)]


def subtract_surround(maps, mask):
    """Y_i(r, c) - Σ_j (mask * Y_j)(r, c), with zeros around the maps."""
    return [[[one[r][c] - sum(convolve_at(other, mask, r, c) for other in maps)
              for c in range(len(one[0]))] for r in range(len(one))] for one in maps]


def divide_brightness(maps, kappa, lam, power):
    """Y_i(r, c) / power(κ + λ Σ_j Y_j(r, c)²)."""
    return [[[one[r][c] / power(kappa + lam * sum(m[r][c] * m[r][c] for m in maps))
              for c in range(len(one[0]))] for r in range(len(one))] for one in maps]


def amplify(maps, g, f):
    """g_i f(Y_i(r, c))."""
    return [[[g[i] * f(value) for value in row] for row in maps[i]] for i in range(len(maps))]

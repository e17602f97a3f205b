"""Activations of one number with parameters, and their derivatives."""


def leaky(x, leak):
    """x, below 0 leak x."""
    return x if x > 0 else leak * x


def leaky_slope(x, leak):
    """1, below 0 the leak."""
    return 1 if x > 0 else leak


def elu(x, alpha, exp):
    """x, below 0 α (e^x - 1)."""
    return x if x > 0 else alpha * (exp(x) - 1)


def elu_slope(x, alpha, exp):
    """1, below 0 α e^x."""
    return 1 if x > 0 else alpha * exp(x)


def gelu(x, cdf):
    """x Φ(x), Φ being the normal distribution."""
    return x * cdf(x)


def gelu_slope(x, cdf, density):
    """Φ(x) + x φ(x)."""
    return cdf(x) + x * density(x)


def gelu_by_tanh(x, rate, cube, tanh):
    """x (1 + tanh(a (x + c x³))) / 2."""
    return x * (1 + tanh(rate * (x + cube * x * x * x))) / 2


def gelu_by_tanh_slope(x, rate, cube, tanh):
    """(1 + t) / 2 + x (1 - t²) a (1 + 3 c x²) / 2, t being the tanh."""
    t = tanh(rate * (x + cube * x * x * x))
    return (1 + t) / 2 + x * (1 - t * t) * rate * (1 + 3 * cube * x * x) / 2


def scaled_tanh(x, amplitude, rate, tanh):
    """A tanh(S x)."""
    return amplitude * tanh(rate * x)


def scaled_tanh_slope(x, amplitude, rate, tanh):
    """A S (1 - tanh² S x)."""
    t = tanh(rate * x)
    return amplitude * rate * (1 - t * t)

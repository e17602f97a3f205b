"""A normalisation that can be spoiled: every choice in it is a field to be edited."""

from dataclasses import dataclass, replace

import numpy as np

__all__ = []


@dataclass(frozen=True)
class Norm:
    """Inputs, and the choices that people get wrong.

    Attributes
    ----------
    axes, own : tuple of int
        Those that a mean is taken over, and those that a parameter is shared over.
    fold, unfold : callable
        From x to the array that `axes` speaks of, and back.
    ddof : int
        What the number of entries is lessened by in the variance.
    place : str
        Where ε stands: "inside" the root, "outside" it, or "none".
    root, centred : bool
        Whether the root is taken; whether the mean is taken off.
    mean_path, var_path : callable
        Norm -> the factor of what goes back through the mean, and through the variance.
    gamma_back : bool
        Whether dy is multiplied by gamma on its way to x.
    """

    x: np.ndarray
    dy: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    eps: float
    axes: tuple
    own: tuple
    fold: object
    unfold: object
    given: tuple | None = None
    tracked: tuple | None = None
    share: float = 0.0
    tracked_ddof: int = 0
    ddof: int = 0
    place: str = "inside"
    root: bool = True
    centred: bool = True
    mean_path: object = staticmethod(lambda norm: 1.0)
    var_path: object = staticmethod(lambda norm: 1.0)
    gamma_back: bool = True
    form: str = "plain"

    def but(self, **changes):
        """The same with some fields changed."""
        return replace(self, **changes)

    @property
    def count(self):
        """How many entries a mean is taken over."""
        shape = self.fold(self.x).shape
        return int(np.prod([shape[a] for a in self.axes]))

    def mean(self, array):
        """Over the axes of a mean."""
        return array.mean(self.axes, keepdims=True)

    def moments(self):
        """(mean, variance), those given or those of x."""
        if self.given is not None:
            return self.given
        x = self.fold(self.x)
        return self.mean(x), self.variance(x, self.ddof)

    def variance(self, array, ddof=0):
        """Over the axes of a mean; NaN where there are no more than `ddof` entries."""
        squares = (array - self.mean(array)) ** 2
        return self.mean(squares) * np.divide(self.count, self.count - ddof)

    def divisor(self):
        """√(variance + ε)."""
        variance = self.moments()[1]
        if not self.root:
            return variance + self.eps
        if self.place == "inside":
            return np.sqrt(variance + self.eps)
        return np.sqrt(variance) + (self.eps if self.place == "outside" else 0)

    def standardized(self):
        """(x - mean) / √(variance + ε)."""
        x = self.fold(self.x)
        return (x - self.moments()[0] * self.centred) / self.divisor()

    def parameter(self, array):
        """A parameter in the shape that goes with the folded x."""
        return self.fold(np.broadcast_to(array, self.x.shape))


def norm_of(contract, case):
    """The normalisation of a case; its arrays as floats."""
    a = {k: v.astype(float) for k, v in case.arrays.items()}
    x, s = a["x"], case.settings
    space = tuple(range(2, x.ndim))
    # the axes that x has, with the channels of a group taken apart
    groups = s["groups"] if contract.over == "group" else 0
    fold, unfold = _identity, _identity
    axes = {"batch": (0, *space), "layer": (x.ndim - 1,) if x.ndim < 4 else (1, 2, 3),
            "group": tuple(range(2, x.ndim + 1))}[contract.over]
    own = (0, *space)
    if contract.over == "layer":
        own = tuple(range(x.ndim - 1)) if x.ndim < 4 else (0,)
    if groups:
        fold, unfold = blocks(groups, x.shape)
    shape = [1 if k in own else n for k, n in enumerate(x.shape)]
    fields = {k: a[k].reshape(shape) for k in ("gamma", "beta")}
    moments = tuple(a[k].reshape(shape) for k in ("running_mean", "running_var") if k in a)
    return Norm(x, a["dy"], **fields, eps=s["eps"], axes=axes, own=own, fold=fold, unfold=unfold,
                given=moments if contract.given else None,
                tracked=moments if contract.running != "none" else None,
                share=s["momentum"] if contract.running == "new" else 1 - s["momentum"],
                tracked_ddof=int(contract.running_var == "unbiased"), form=case.form)


def _identity(array):
    return array


def blocks(groups, shape):
    """(fold, unfold) that take the channels apart into blocks, one a group."""
    n, c, *space = shape
    return (lambda a: a.reshape(n, groups, c // groups, *space)), lambda a: a.reshape(shape)


def interleaved(groups, shape):
    """(fold, unfold) that put channel c into group c mod `groups`."""
    n, c, *space = shape
    return (lambda a: a.reshape(n, c // groups, groups, *space).swapaxes(1, 2),
            lambda a: a.swapaxes(1, 2).reshape(shape))


def compute(norm, output):
    """One output of the layer."""
    if output in ("running_mean", "running_var"):
        return _tracked(norm, output)
    if output == "y":
        scaled = norm.standardized() * norm.parameter(norm.gamma) + norm.parameter(norm.beta)
        return norm.unfold(scaled)
    if output == "dx":
        return norm.unfold(_back(norm))
    dy = norm.dy if output == "dbeta" else norm.dy * norm.unfold(norm.standardized())
    total = dy.sum(norm.own, keepdims=True)
    return total.reshape([n for n, k in zip(norm.gamma.shape, range(norm.x.ndim), strict=True)
                          if k not in norm.own])


def _tracked(norm, output):
    which = ("running_mean", "running_var").index(output)
    new = (norm.mean(norm.x), norm.variance(norm.x, norm.tracked_ddof))[which]
    return ((1 - norm.share) * norm.tracked[which] + norm.share * new).ravel()


def _back(norm):
    """Straight through, through the mean, through the variance."""
    upstream = norm.fold(norm.dy) * (norm.parameter(norm.gamma) if norm.gamma_back else 1)
    divisor = norm.divisor()
    if norm.given is not None:
        return upstream / divisor
    x = norm.fold(norm.x)
    centred = x - norm.mean(x)
    # of √(v + ε) the derivative is 1 / (2 √(v + ε)), of √v + ε it is 1 / (2 √v)
    inner = np.sqrt(norm.moments()[1]) if norm.place == "outside" else divisor
    slope = (upstream * centred).sum(norm.axes, keepdims=True) / (divisor**2 * inner)
    return (upstream / divisor - norm.mean_path(norm) * norm.mean(upstream) / divisor
            - norm.var_path(norm) * centred * slope / (norm.count - norm.ddof))

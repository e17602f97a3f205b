"""Unknown functions, of numbers, of regions, of whole arrays, on arrays of symbolic shape."""

from __future__ import annotations

from cnnmat.verify.sums.arrays import SymbolicArray, lift
from cnnmat.verify.sums.indices import fresh, image
from cnnmat.verify.sums.lists import Stretch, SymbolicList
from cnnmat.verify.sums.sizes import Outside
from cnnmat.verify.sums.terms import Closure, Function, applied, apply, number, variables

__all__ = ["Loss", "Pointwise", "RegionFunctional"]


def _applied(function, entries, binders, at):
    """function[at] of the array of `entries` for all `binders`."""
    free = sorted(variables(entries) - set(binders))
    return apply(function, Closure(free, binders, entries), at)


class Pointwise:
    """An unknown function of one number."""

    def __init__(self, function):
        self.function = function

    def __call__(self, z):
        if isinstance(z, SymbolicArray):
            return z.laid(z.axes, applied(self.function, z.entries))
        return applied(self.function, number(z))

    @property
    def derivative(self):
        return Pointwise(self.function._replace(primes=self.function.primes + 1))


class RegionFunctional:
    """An unknown function of the entries of a region, which may be another for each region."""

    def __init__(self, name):
        self.name = name

    def _of(self, regions, primes=0):
        return Function(self.name, primes, regions.sizes.region)

    def __call__(self, values):
        """Of the list of the entries of one region."""
        if not isinstance(values, (SymbolicList, Stretch)):
            raise Outside("a pooling of a list that is no region")
        [term] = values.guard.terms
        [(there, here)] = term.factors
        function = Function(self.name, 0, there.map)
        return _applied(function, values.element, values.indices, (here,))

    def values(self, y_o, regions):
        a = lift(y_o)
        p = fresh(regions.sizes.region.codomain)
        return a.laid([*a.axes[:-1], (p,)], _applied(
            self._of(regions), a.entries, a.axes[-1], (p,)))

    def slopes(self, y_o, regions):
        a = lift(y_o)
        o = fresh(regions.sizes.region.domain[0])
        place = image(regions.sizes.region, o)
        return a.laid([*a.axes[:-1], (o,)], _applied(
            self._of(regions, 1), a.entries, a.axes[-1], (place, o)))


class Loss:
    """An unknown function of all entries of an array, which may be another for each sample."""

    def __init__(self, name):
        self.function = Function(name)

    def __call__(self, values, n):
        """Of the array, or nested list, of sample n."""
        a = lift(values)
        return _applied(self.function, a.entries, a.digits, n.indices)

    def slopes(self, z):
        """The derivatives by the entries of z, whose first axis are the samples."""
        a = lift(z)
        samples, *inner = a.axes
        at = a.with_new_digits().axes[1:]
        raised = self.function._replace(primes=1)
        binders, places = ([v for axis in axes for v in axis] for axes in (inner, at))
        return a.laid([samples, *at],
                      _applied(raised, a.entries, binders, (*samples, *places)))
